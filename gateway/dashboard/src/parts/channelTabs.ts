import { computed } from 'vue';
import type { Alarm, Channel, Message } from '../api/channels';
import type { LiveEvent } from '../api/types';
import { channelHome } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export const aboutChannels = (e: LiveEvent) => e.kind.startsWith('channel.');

export function useChannelTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => {
    const w = words.value.channelTabs;
    const all = [{ to: 'channels', label: w.channels }, { to: 'outbox', label: w.outbox }, { to: 'exchanges', label: w.exchanges }, { to: 'wording', label: w.wording }];
    return channelHome(session.staff?.roles) === 'channels' ? all : all.slice(3);
  });
}

export type ChannelState = 'good' | 'off' | 'alarm' | 'pause' | 'unread' | 'only';
/* The one word for how a channel fares. */
export function channelState(c: Channel, now: number): ChannelState {
  if (!c.readable) return 'unread';
  if (c.alarms.length) return 'alarm';
  if (!c.active) return 'off';
  if (c.closed_until && Date.parse(c.closed_until) > now) return 'pause';
  return c.sends || !c.takes ? 'good' : 'only';
}
export const STATE_TAG: Record<ChannelState, string> = { good: 'tag-green', off: '', alarm: 'tag-red', pause: 'tag-amber', unread: 'tag-red', only: 'tag-state' };

/* What must be done comes before what only warns. */
const WEIGHT: Alarm['kind'][] = ['settings', 'money', 'gone', 'errors', 'decide', 'rate', 'balance'];
export const alarmsInOrder = (alarms: readonly Alarm[]) => [...alarms].sort((a, b) => WEIGHT.indexOf(a.kind) - WEIGHT.indexOf(b.kind));

/* The groups of the outbox' filter, as the gateway calls their states. */
export const OUTBOX_GROUPS = {
  attention: ['dead', 'unknown', 'failed'], waiting: ['due', 'claimed'], settled: ['sent', 'delivered', 'held', 'dropped'], all: [],
} as const satisfies Record<string, readonly string[]>;
export type OutboxGroup = keyof typeof OUTBOX_GROUPS;
export const MESSAGE_TAG: Record<string, string> = { dead: 'tag-red', failed: 'tag-red', unknown: 'tag-amber', due: 'tag-state', claimed: 'tag-state', sent: 'tag-green', delivered: 'tag-green' };
export const mayRedrive = (m: Message, evenUnknown: boolean) => m.kept && (m.state === 'dead' || m.state === 'failed' || (m.state === 'unknown' && evenUnknown));
export const mayDrop = (m: Message) => ['due', 'dead', 'failed', 'unknown'].includes(m.state);
/* Has its fate been told, as far as somebody waits for it at the screen? */
export const isSettled = (m: Message | undefined) => m !== undefined && m.state !== 'due' && m.state !== 'claimed';

/* When the page must ask whether somebody is still there. What counts, here and at the gateway, is the
 * person: a key, a pointer, in any window of this browser (attended.ts). For who works without asking anything (a long answer is
 * written) the page asks; who does not work is asked, and signed out at the end. Without browser globals, so that it
 * is tested with a clock of the test's own. */
import type { Told } from '../api/http';

export interface IdleTimes {
  /* ms without a person; the same figure as the gateway's session_idle */
  idle: number;
  /* The last moment, in any case. */
  endsAt: number;
}
export type IdleState = 'here' | 'asked' | 'ending' | 'over';

const WARN_MS = 120_000;
const END_WARN_MS = 300_000;
const KEEP_MS = 240_000;

/* A third of a short limit: nobody is asked all the time. */
export const warnOf = (idle: number): number => Math.min(WARN_MS, idle / 3);

/* asked: a question stands on the page until it is answered; over: the session ends now; ending: it ends soon whatever is done. */
export function idleState(now: number, touchedAt: number, t: IdleTimes): IdleState {
  if (now >= t.endsAt || now >= touchedAt + t.idle) return 'over';
  if (now >= touchedAt + t.idle - warnOf(t.idle)) return 'asked';
  return now >= t.endsAt - END_WARN_MS ? 'ending' : 'here';
}
/* Has the person worked since the gateway was told last, and is it time to say so? At once, when it would end the session soon. */
export function mustKeep(now: number, touchedAt: number, told: Told, t: IdleTimes): boolean {
  return touchedAt > told.at && (now - told.at >= Math.min(KEEP_MS, t.idle / 4) || now >= told.touchedAt + t.idle - warnOf(t.idle));
}
/* Whole seconds until it is over; never below nothing. */
export const secondsLeft = (now: number, touchedAt: number, t: IdleTimes): number => Math.max(0, Math.ceil((Math.min(t.endsAt, touchedAt + t.idle) - now) / 1000));

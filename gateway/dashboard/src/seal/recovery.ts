/* The escrow key for the minutes of a recovery: made of two shares, in plain variables, wiped when done, left or forgotten. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { sealApi, type GroupName, type Member } from '../api/seal';
import { fromBase64, joinShares, openWrap, sealFor, shareOf, wipe, type Pair, type Share } from './crypto';
import { useKeyring } from './keyring';
import { rewrapAll, rewrapHost, type Progress } from './rewrap';
import { watchedLock } from './watch';

export interface Needy { group: GroupName; title: string; member: Member }

export function useRecovery() {
  const ring = useKeyring();
  const isOpen = ref(false);
  const isTaken = ref(false);
  /* Why the escrow key is gone, to be said. */
  const end = ref<'' | 'wiped' | 'timed'>('');
  const unopened = ref(0);
  const progress = shallowRef<Progress | null>(null);
  let first: Share | null = null;
  let escrow: Pair | null = null;
  const groupPairs = new Map<number, { group: GroupName; pair: Pair }>();
  const idle = watchedLock(() => drop('timed'));

  function drop(why: '' | 'wiped' | 'timed'): void {
    idle.stop();
    wipe(first?.bytes, escrow?.secret, ...[...groupPairs.values()].map((g) => g.pair.secret));
    first = null;
    escrow = null;
    groupPairs.clear();
    isTaken.value = false;
    if (isOpen.value || why === 'timed') end.value = why;
    isOpen.value = false;
  }
  onScopeDispose(() => drop(''));

  function takeFirst(typed: string): void {
    first = shareOf(typed);
    isTaken.value = true;
    end.value = '';
    idle.start();
  }
  /* The second share; the recovery is written into the log before the gateway hands the wraps out. */
  async function join(typed: string, reason: string): Promise<void> {
    if (!first) return;
    if (!(await ring.refresh())) throw new Error(ring.error);
    const key = ring.desk?.escrow;
    if (!key) return;
    const second = shareOf(typed);
    /* joinShares wipes what it joins: a copy, so that a wrong second share does not cost the first one. */
    const pair = joinShares({ number: first.number, bytes: first.bytes.slice() }, second, key.public_key);
    escrow = pair;
    wipe(first.bytes);
    first = null;
    try {
      const got = await sealApi.recover(reason);
      let bad = 0;
      for (const w of got.wraps) {
        try {
          groupPairs.set(w.key_id, { group: w.group, pair: openWrap(w.wrapped, pair) });
        } catch {
          bad++;
        }
      }
      unopened.value = bad;
      isTaken.value = false;
      isOpen.value = true;
    } catch (e) {
      drop('');
      throw e;
    }
  }

  /* Enrolled, but without the key of the group. */
  const needy = computed<Needy[]>(() => ring.groups.flatMap((g) => (g.key ? g.members.filter((m) => m.enrolled && !m.has_key).map((member) => ({ group: g.name, title: g.title, member })) : [])));

  async function give(chosen: readonly Needy[]): Promise<void> {
    for (const [key_id, { group, pair }] of groupPairs) {
      const wraps = chosen.filter((n) => n.group === group && n.member.public_key).map((n) => ({ staff_id: n.member.staff_id, wrapped: sealFor(pair.secret, fromBase64(n.member.public_key!)) }));
      if (wraps.length) await sealApi.give(key_id, wraps);
    }
    await ring.refresh();
  }
  async function rewrap(): Promise<void> {
    const escrowId = ring.desk?.escrow?.id;
    progress.value = { done: 0, failed: 0 };
    progress.value = await rewrapAll(rewrapHost(true, (id) => (id === escrowId ? escrow : null), ring.publicKeyOf, () => !isOpen.value, (p) => { progress.value = p; }));
    await ring.refresh();
  }
  return { isOpen, isTaken, end, unopened, progress, needy, takeFirst, join, give, rewrap, drop };
}

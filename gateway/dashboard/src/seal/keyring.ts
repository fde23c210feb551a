/* The keys that are unlocked in this tab, and what the gateway says about keys. Secrets live in plain variables of this
 * module, never in what Vue watches, the storage or a URL; they are overwritten when the ring locks: asked for, signed
 * out, nobody at the page, page out of sight. Pages watch isOpen and drop what they decrypted when it turns false. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { sentenceOf } from '../api/http';
import { sealApi, type Group, type GroupKey, type GroupName, type SealDesk, type StaffWrap } from '../api/seal';
import { useLive } from '../stores/live';
import { useSession } from '../stores/session';
import { fromBase64, newPair, openOfficer, openText, openWrap, ready, sealFor, sealText, toBase64, wipe, wrapOfficer, type Bytes, type Pair } from './crypto';
import type { LockCause } from './idle';
import { paintFirst } from './paint';
import { watchedLock } from './watch';

export const useKeyring = defineStore('keyring', () => {
  const session = useSession();
  const desk = shallowRef<SealDesk | null>(null);
  const error = ref('');
  const isOpen = ref(false);
  /* Why it locked, to be said once the person is back. */
  const cause = ref<LockCause | null>(null);
  /* Which keys can be opened now; the secrets themselves stay out of sight. */
  const held = shallowRef<ReadonlySet<number>>(new Set());
  const groups = computed<Group[]>(() => desk.value?.groups ?? []);
  const mine = computed(() => groups.value.filter((g) => g.mine));
  /* Wraps that are there for me but do not open: made for another key, or damaged. */
  const spoilt = ref(0);

  let own: Pair | null = null;
  const pairs = new Map<number, Pair>();
  const idle = watchedLock((why) => lock(why));
  /* What somebody was writing when the ring locked, sealed to the own key. */
  const drafts = new Map<number, string>();

  function lock(why: LockCause): void {
    idle.stop();
    wipe(own?.secret, ...[...pairs.values()].map((p) => p.secret));
    own = null;
    pairs.clear();
    held.value = new Set();
    if (isOpen.value) cause.value = why;
    isOpen.value = false;
  }
  watch(() => session.staff?.id ?? 0, () => {
    lock('session');
    drafts.clear();
    desk.value = null;
  }, { flush: 'sync' });

  function take(pair: Pair): void {
    if (own && own !== pair) wipe(own.secret);
    own = pair;
    cause.value = null;
    isOpen.value = true;
    idle.start();
    openWraps();
  }

  /* Opens what the desk has for me and is not open yet. */
  function openWraps(): void {
    if (!own || !desk.value) return;
    let bad = 0;
    for (const wrap of desk.value.wraps) {
      if (pairs.has(wrap.key_id)) continue;
      try {
        const current = groups.value.find((g) => g.key?.id === wrap.key_id)?.key;
        pairs.set(wrap.key_id, openWrap(wrap.wrapped, own, current?.public_key));
      } catch {
        bad++;
      }
    }
    spoilt.value = bad;
    held.value = new Set(pairs.keys());
  }

  /* Fetches what the gateway knows of keys; true when it is on the screen. */
  async function refresh(): Promise<boolean> {
    try {
      const [got] = await Promise.all([sealApi.desk(), ready()]);
      desk.value = got;
      error.value = '';
      /* Somebody else signed in with a newer key of mine: what is unlocked belongs to the old one. */
      if (own && got.me && toBase64(own.publicKey) !== got.me.public_key) lock('left');
      openWraps();
      return true;
    } catch (e) {
      error.value = sentenceOf(e);
      return false;
    }
  }
  /* Pages of reports stay right while they are open: a colleague enrolled, gave me the key, made a new one. */
  function follow(): () => void {
    const live = useLive();
    const again = live.asks<boolean>({
      ask: async () => {
        if (!(await refresh())) throw new Error(error.value);
        return true;
      },
      take: () => undefined,
    });
    const stop = live.read({ event: (e) => { if (e.kind.startsWith('seal.')) again.soon(); }, reload: () => again.anew() });
    return () => {
      stop();
      again.stop();
    };
  }

  async function unlock(passphrase: string): Promise<void> {
    if (!desk.value?.me) return;
    const me = desk.value.me;
    await paintFirst();
    take(openOfficer(me, passphrase));
  }

  /* A new key of one's own; wraps made for the one before are of no use to it. */
  async function enrol(passphrase: string): Promise<void> {
    await ready();
    await paintFirst();
    const pair = newPair();
    await sealApi.me(wrapOfficer(pair, passphrase));
    for (const p of pairs.values()) wipe(p.secret);
    pairs.clear();
    if (desk.value) desk.value = { ...desk.value, wraps: [] };
    take(pair);
    await refresh();
  }
  async function changePassphrase(old: string, next: string): Promise<void> {
    if (!desk.value?.me) return;
    const me = desk.value.me;
    await paintFirst();
    const pair = openOfficer(me, old);
    await sealApi.me(wrapOfficer(pair, next));
    await refresh();
    take(pair);
  }

  function keepDraft(id: number, text: string): void {
    if (text.trim() && desk.value?.me) drafts.set(id, sealText(text, fromBase64(desk.value.me.public_key)));
  }
  function takeDraft(id: number): string {
    const kept = drafts.get(id);
    drafts.delete(id);
    return kept && own ? openText(kept, own) : '';
  }

  const pairOfKey = (id: number): Pair | null => pairs.get(id) ?? null;
  const currentKey = (name: GroupName): GroupKey | null => groups.value.find((g) => g.name === name)?.key ?? null;
  const publicKeyOf = (id: number): Bytes | null => {
    const key = groups.value.find((g) => g.key?.id === id)?.key ?? (desk.value?.escrow?.id === id ? desk.value.escrow : null);
    return key ? fromBase64(key.public_key) : null;
  };

  function wrapsFor(group: Group, secret: Bytes, who: (id: number) => boolean): StaffWrap[] {
    return group.members.filter((m) => m.enrolled && m.public_key && who(m.staff_id)).map((m) => ({ staff_id: m.staff_id, wrapped: sealFor(secret, fromBase64(m.public_key!)) }));
  }
  /* A new version of a group's key, for these members; whoever makes it is one of them. */
  async function makeGroupKey(name: GroupName, members: ReadonlySet<number>): Promise<void> {
    if (!(await refresh())) throw new Error(error.value);
    const group = groups.value.find((g) => g.name === name);
    if (!group || !own || !desk.value) return;
    const pair = newPair();
    try {
      const escrow = desk.value.escrow;
      await sealApi.group(name, {
        public_key: toBase64(pair.publicKey),
        wraps: wrapsFor(group, pair.secret, (id) => members.has(id)),
        escrow: escrow ? sealFor(pair.secret, fromBase64(escrow.public_key)) : null,
      });
    } finally {
      wipe(pair.secret);
    }
    await refresh();
  }
  /* All versions I have, so that the new member reads old reports too while their envelopes are of older versions. */
  async function giveKey(group: Group, member: number): Promise<void> {
    const known = desk.value?.wraps.filter((w) => w.group === group.name && pairs.has(w.key_id)) ?? [];
    for (const w of known) await sealApi.give(w.key_id, wrapsFor(group, pairs.get(w.key_id)!.secret, (id) => id === member));
    await refresh();
  }

  return { desk, error, isOpen, cause, held, spoilt, groups, mine, lock, refresh, follow, unlock, enrol, changePassphrase, pairOfKey, currentKey, publicKeyOf, makeGroupKey, giveKey, keepDraft, takeDraft };
});


import { beforeAll, describe, expect, it } from 'vitest';
import type { OwedEnvelope } from '../src/api/seal';
import { newPair, openEnvelope, ready, sealFor, sealMessage, type Pair } from '../src/seal/crypto';
import { HIDDEN_MS, IDLE_MS, IdleLock, type LockCause } from '../src/seal/idle';
import { rewrapAll, type Progress, type RewrapHost } from '../src/seal/rewrap';
import { openLine } from '../src/seal/talk';
import { sealEn } from '../src/words/seal.en';
import { sealZh } from '../src/words/seal.zh';

beforeAll(ready);

describe('the idle lock', () => {
  function stage() {
    const causes: LockCause[] = [];
    let now = 1000;
    let timer: { at: number; then: () => void } | null = null;
    const lock = new IdleLock({ now: () => now, after: (ms, then) => { const mine = { at: now + ms, then }; timer = mine; return () => { if (timer === mine) timer = null; }; } }, (c) => causes.push(c));
    lock.start(false);
    const pass = (ms: number): void => {
      const end = now + ms;
      while (timer && timer.at <= end) {
        const { at, then } = timer;
        now = at;
        timer = null;
        then();
      }
      now = end;
    };
    return { lock, causes, pass, sleep: (ms: number) => { now += ms; } };
  }
  it('locks when nobody has touched the page, not before', () => {
    const s = stage();
    s.pass(IDLE_MS - 1000);
    s.lock.touched();
    s.pass(IDLE_MS - 1000);
    expect(s.causes).toEqual([]);
    s.pass(1000);
    expect(s.causes).toEqual(['idle']);
    s.pass(IDLE_MS * 3);
    expect(s.causes).toEqual(['idle']);
  });
  it('locks sooner out of sight, unless the person comes back', () => {
    const s = stage();
    s.lock.seen(true);
    s.pass(HIDDEN_MS - 1);
    s.lock.seen(false);
    s.lock.touched();
    s.pass(HIDDEN_MS);
    expect(s.causes).toEqual([]);
    s.lock.seen(true);
    s.pass(HIDDEN_MS);
    expect(s.causes).toEqual(['hidden']);
  });
  it('does not take the touch that wakes a sleeping computer for presence', () => {
    const s = stage();
    s.sleep(IDLE_MS + 1);
    s.lock.touched();
    expect(s.causes).toEqual(['idle']);
  });
  it('is quiet once stopped', () => {
    const s = stage();
    s.lock.stop();
    s.lock.touched();
    s.pass(IDLE_MS * 2);
    expect(s.causes).toEqual([]);
  });
});

describe('sealing again', () => {
  /* A gateway of two envelopes a page; a message owes one envelope to each of its `to`. */
  function stage(n: number, spoilt: string[] = []) {
    const [old, fresh] = [newPair(), newPair()];
    const stranger = newPair();
    const key = sealMessage({ v: 1, words: 'x' }).key;
    const owed = new Map<string, OwedEnvelope>();
    for (let i = 1; i <= n; i++) {
      const message = String(9007199254740993n + BigInt(i));
      owed.set(message, { message, key_id: 1, to: 2, sealed: sealFor(key, spoilt.includes(String(i)) ? stranger.publicKey : old.publicKey) });
    }
    const stored: { message: string; sealed: string }[] = [];
    const told: Progress[] = [];
    let stopAfter = Infinity;
    let failAfter = Infinity;
    const host: RewrapHost = {
      owed: async (after) => [...owed.values()].filter((e) => BigInt(e.message) > BigInt(after)).slice(0, 2),
      put: async (envelopes) => {
        if (stored.length >= failAfter) throw new Error('offline');
        for (const e of envelopes) { owed.delete(e.message); stored.push(e); }
        return envelopes.length;
      },
      opener: (id) => (id === 1 ? old : null),
      publicKey: (id) => (id === 2 ? fresh.publicKey : null),
      isStopped: () => stored.length >= stopAfter,
      told: (p) => told.push(p),
    };
    return { host, stored, told, fresh, key, owed, stopAt: (k: number) => { stopAfter = k; }, failAt: (k: number) => { failAfter = k; } };
  }
  it('makes every envelope for the key in force', async () => {
    const s = stage(5);
    expect(await rewrapAll(s.host)).toEqual({ done: 5, failed: 0 });
    expect(s.told.map((p) => p.done)).toEqual([2, 4, 5]);
    for (const e of s.stored) expect(openEnvelope(e.sealed, s.fresh)).toEqual(s.key);
  });
  it('steps over what does not open, and says how many', async () => {
    const s = stage(6, ['1', '2', '4']);
    expect(await rewrapAll(s.host)).toEqual({ done: 3, failed: 3 });
    expect(s.owed.size).toBe(3);
  });
  it('can be paused, fail, and be taken up again', async () => {
    const s = stage(6);
    s.stopAt(2);
    expect(await rewrapAll(s.host)).toEqual({ done: 2, failed: 0 });
    s.stopAt(Infinity);
    s.failAt(4);
    await expect(rewrapAll(s.host)).rejects.toThrow('offline');
    s.failAt(Infinity);
    expect(await rewrapAll(s.host)).toEqual({ done: 2, failed: 0 });
    expect(s.owed.size).toBe(0);
  });
});

describe('a line of the dialogue', () => {
  const of = (pairs: Record<number, Pair>) => (id: number) => pairs[id] ?? null;
  it('opens with whichever key is held, and tells why it does not', () => {
    const [mine, theirs] = [newPair(), newPair()];
    const { body, key } = sealMessage({ v: 1, words: '他收了红包。' });
    const m = { id: '1', feedback: '2', at: '', author: 'reporter' as const, staff: null, body, envelopes: [{ key_id: 3, sealed: sealFor(key, mine.publicKey) }] };
    expect(openLine(m, of({ 3: mine })).line).toMatchObject({ message: { words: '他收了红包。' }, fault: '' });
    expect(openLine(m, of({ 4: mine })).line).toMatchObject({ message: null, fault: 'none' });
    expect(openLine(m, of({ 3: theirs })).line.fault).toBe('envelope');
    expect(openLine({ ...m, body: `Ag${body.slice(2)}` }, of({ 3: mine })).line.fault).toBe('message');
    const both = { ...m, envelopes: [{ key_id: 4, sealed: m.envelopes[0].sealed }, ...m.envelopes] };
    expect(openLine(both, of({ 3: mine, 4: theirs })).line.fault).toBe('');
  });
  it('has a sentence for every fault in both languages', () => {
    for (const fault of ['passphrase', 'format', 'wrap', 'envelope', 'message', 'file', 'share_letters', 'share_length', 'share_check', 'share_same', 'shares', 'library']) {
      expect(sealZh.sealFaults[fault], fault).toBeTruthy();
      expect(sealEn.sealFaults[fault], fault).toBeTruthy();
    }
  });
});

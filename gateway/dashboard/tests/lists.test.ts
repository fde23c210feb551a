/* The stores behind the desks, with a gateway that answers as told. */
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchEffect } from 'vue';
import { Refusal } from '../src/api/http';
import type { CaseList, CaseRow, Counts, LiveEvent } from '../src/api/types';
import { NO_FILTERS } from '../src/live/changes';

const row = (id: number, more: Partial<CaseRow> = {}): CaseRow => ({
  id, version: 1, state: 'discovered', nature: 'complain', level: 3, urgency: '一般', category: { code: '0501', name: '噪声扰民' },
  unit: null, about_unit: null, channel: 'plaque', triage: false, held: false, confidential: false, paused: false, supervised: false, rung: 0,
  return_asked: false, extension_asked: false, objected: false, round: 1, opened_at: new Date(Date.UTC(2026, 0, 1) + id * 60_000).toISOString(), due_at: null, colour: 'green',
  summary: '……', feedbacks: 1, ...more,
});
const counts = (seq: number): Counts => ({ by_state: { discovered: 0, assigned: 0, handling: 0, replied: 0, verifying: 0 }, triage: 0, held: 0, overdue: 0, today: 0, alarms: 0, accounts: 0, notices: 0, seq });

const gateway = vi.hoisted(() => ({ newest: 0, fails: null as unknown, lists: 0, units: 0, seq: 40, rowOf: (id: number): unknown => id }));
vi.mock('../src/api/cases', () => ({
  casesApi: {
    list: (q: Record<string, string>): Promise<CaseList> => {
      gateway.lists++;
      if (gateway.fails) return Promise.reject(gateway.fails as Error);
      const from = q.before ? Number(q.before) - 1 : gateway.newest;
      const n = Math.min(Number(q.limit), from);
      const cases = Array.from({ length: n }, (_, i) => gateway.rowOf(from - i) as CaseRow);
      return Promise.resolve({ cases, next: from - n > 0 ? String(from - n + 1) : null, seq: gateway.seq } as CaseList);
    },
    counts: () => Promise.resolve(counts(gateway.seq)),
  },
}));
vi.mock('../src/api/register', () => ({
  registerApi: {
    units: () => { gateway.units++; return gateway.fails ? Promise.reject(gateway.fails as Error) : Promise.resolve({ units: [{ id: gateway.units }] }); },
    categories: () => Promise.resolve({ categories: [] }),
    rulebook: () => Promise.resolve({}),
  },
}));

/* The line, so that a test can say what is heard on it. */
const wire = vi.hoisted(() => ({ listener: null as null | { event(e: unknown): void; reload(): void; mode(m: string): void }, since: [] as number[] }));
vi.mock('../src/live/socket', () => ({
  LiveLine: class {
    constructor(_host: unknown, listener: NonNullable<typeof wire.listener>) { wire.listener = listener; }
    start() { wire.listener!.mode('live'); }
    stop() { /* nothing is open */ }
    hurry() { /* nothing is open */ }
    tell() { /* nobody hears */ }
    resubscribe(seq: number) { wire.since.push(seq); }
  },
}));

const { useCases } = await import('../src/stores/cases');
const { useLive } = await import('../src/stores/live');
const { useRegister } = await import('../src/stores/register');

const away = new Refusal({ code: 'busy', status: 503, title: '', detail: '稍后再试' });
const event = (id: number): LiveEvent => ({ type: 'event', seq: ++gateway.seq, kind: 'case.opened', case: id, data: { id, version: 1 } });
const hear = (id: number) => wire.listener!.event(event(id));
const ids = () => useCases().rows.map((r) => r.id);
const run = (from: number, n: number) => Array.from({ length: n }, (_, i) => from - i);

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  Object.assign(gateway, { newest: 120, fails: null, lists: 0, units: 0, seq: 40, rowOf: row });
  wire.since = [];
});
afterEach(() => { vi.useRealTimers(); });

describe('the list', () => {
  it('has no hole after more came in than a page holds, and leads on from where it ends', async () => {
    const cases = useCases();
    await cases.show({ ...NO_FILTERS });
    expect(ids()).toEqual(run(120, 50));
    gateway.newest = 240;
    hear(240);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ids()).toEqual(run(240, 50));
    while (cases.next) await cases.more();
    expect(ids()).toEqual(run(240, 240));
  });

  it('keeps what somebody reads further down until they come up again', async () => {
    const cases = useCases();
    await cases.show({ ...NO_FILTERS });
    await cases.more();
    cases.reading(true);
    gateway.newest = 240;
    hear(240);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ids()).toEqual(run(120, 100));
    expect(cases.isHoldingBack).toBe(true);
    cases.reading(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ids()).toEqual(run(240, 50));
    expect(cases.isHoldingBack).toBe(false);
  });

  it('fetches all that is shown anew after a lost stretch, not the first page alone', async () => {
    const cases = useCases();
    await cases.show({ ...NO_FILTERS });
    await cases.more();
    gateway.rowOf = (id) => row(id, { version: 2, state: id === 30 ? 'closed' : 'discovered' });
    wire.listener!.reload();
    await vi.advanceTimersByTimeAsync(4000);
    expect(ids()).toEqual(run(120, 100));
    expect(cases.rows.find((r) => r.id === 30)?.state).toBe('closed');
  });

  it('is asked for again by itself when an answer fails, and is called late until it is there', async () => {
    const cases = useCases();
    const live = useLive();
    wire.listener!.mode('live');
    await cases.show({ ...NO_FILTERS });
    gateway.fails = away;
    gateway.newest = 121;
    const heard = Date.now();
    hear(121);
    await vi.advanceTimersByTimeAsync(6000);
    expect(live.lateSince).toBe(heard);
    expect(live.shown).toBe('late');
    gateway.fails = null;
    await vi.advanceTimersByTimeAsync(8000); /* no other event comes */
    expect(ids()[0]).toBe(121);
    expect(live.lateSince).toBe(null);
    expect(live.shown).toBe('live');
  });

  it('leaves no mark of each row that was ever on a screen that stays open', async () => {
    const cases = useCases();
    await cases.show({ ...NO_FILTERS });
    const marks: unknown[] = [];
    const picked: number[][] = [];
    const stop = watchEffect(() => {
      picked.push(ids().filter((id) => cases.selected.has(id) || cases.fresh.has(id)));
    }, { flush: 'sync', onTrack: (e) => marks.push(e.key) });
    expect(marks.filter((key) => typeof key === 'number')).toEqual([]);
    cases.select(118);
    expect(picked[picked.length - 1]).toEqual([118]);
    gateway.newest = 121;
    hear(121);
    await vi.advanceTimersByTimeAsync(2000);
    expect(picked[picked.length - 1]).toEqual([121, 118]);
    stop();
  });
});

describe('after a lost stretch', () => {
  it('one reader without an answer does not keep the line from going on', async () => {
    const live = useLive();
    let reloads = 0;
    live.read({ event: () => undefined, reload: () => { reloads++; } });
    const cases = useCases();
    await cases.show({ ...NO_FILTERS });
    gateway.fails = new Refusal({ code: 'query', status: 422, title: '', detail: 'x' });
    gateway.seq = 77;
    wire.listener!.reload();
    await vi.advanceTimersByTimeAsync(3000);
    expect(wire.since).toEqual([77]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([wire.since, reloads]).toEqual([[77], 1]);
    expect(cases.error).toBe('x');
  });

  it('the register is fetched anew', async () => {
    const register = useRegister();
    await register.load();
    await register.load();
    expect(gateway.units).toBe(1);
    wire.listener!.reload();
    await vi.advanceTimersByTimeAsync(8000);
    expect(gateway.units).toBe(2);
    expect(register.units[0].id).toBe(2);
  });
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { turnsIn } from '../src/live/turns';

const board = vi.hoisted(() => ({ asked: 0, answer: (): object => ({}) }));
vi.mock('../src/api/desks', () => ({ desksApi: { board: () => { board.asked++; return Promise.resolve(board.answer()); } } }));
vi.mock('../src/api/cases', () => ({ casesApi: {} }));
const { useSupervision } = await import('../src/stores/supervision');

const NOON = Date.UTC(2026, 10, 21, 12);
const iso = (ms: number) => new Date(NOON + ms).toISOString();

describe('a board whose columns are colours', () => {
  it('turns with the next warning or deadline of what it shows', () => {
    const rows = [
      { group: 'red', due_at: iso(-9e6), warn_at: iso(-9e7) },
      { group: 'yellow', due_at: iso(50_000), warn_at: iso(-1) },
      { group: 'green', due_at: iso(9e6), warn_at: iso(20_000) },
      { group: 'paused', due_at: iso(5), warn_at: iso(1) },
    ];
    expect(turnsIn(rows, NOON, false)).toBe(20_000);
    expect(turnsIn(rows.slice(0, 2), NOON, false)).toBe(50_000);
    expect(turnsIn([rows[0], rows[3]], NOON, false)).toBe(null);
    expect(turnsIn([{ group: 'green', due_at: null }], NOON, false)).toBe(null);
  });
  it('looks soon again at what the gateway’s clock has not turned yet, now and then at what it does not show, and hourly at what is far', () => {
    expect(turnsIn([{ group: 'green', due_at: iso(9e6), warn_at: iso(-1) }], NOON, false)).toBe(10_000);
    expect(turnsIn([{ group: 'green', due_at: iso(9e8), warn_at: iso(9e8) }], NOON, true)).toBe(60_000);
    expect(turnsIn([{ group: 'green', due_at: iso(9e8), warn_at: iso(9e8) }], NOON, false)).toBe(3_600_000);
  });
});

describe('the store behind it', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
    setActivePinia(createPinia());
    board.asked = 0;
  });
  afterEach(() => { vi.useRealTimers(); });

  it('moves a case to its next column without an event', async () => {
    board.answer = () => ({ rows: [{ id: 1, version: 1, group: Date.now() < NOON + 20_000 ? 'green' : 'yellow', due_at: iso(9e8), warn_at: iso(20_000) }], groups: { green: 1 }, seq: 1 });
    const store = useSupervision();
    await store.show('');
    await vi.advanceTimersByTimeAsync(19_000);
    expect(board.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(store.rows[0].group).toBe('yellow');
    store.close();
    await vi.advanceTimersByTimeAsync(9e6);
    expect(board.asked).toBe(2);
  });
});

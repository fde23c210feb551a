import { describe, expect, it } from 'vitest';
import type { CaseRow } from '../src/api/types';
import { changedFacts, filtersFromUrl, filtersToQuery, layOver, leavesFilters, mergeHead, NO_FILTERS, patchRow, ROWS_AT_TOP, toneOf } from '../src/live/changes';

function row(id: number, more: Partial<CaseRow> = {}): CaseRow {
  return {
    id, version: 1, state: 'discovered', nature: 'complain', level: 3, urgency: '一般', category: { code: '0501', name: '噪声扰民' },
    unit: { id: 7, short_name: '城管局' }, about_unit: null, channel: 'plaque', triage: false, held: false, confidential: false,
    paused: false, supervised: false, rung: 0, return_asked: false, extension_asked: false, objected: false, round: 1,
    opened_at: new Date(Date.UTC(2026, 10, 21, 0, id)).toISOString(), due_at: null, colour: 'green', summary: '……', feedbacks: 1, ...more,
  };
}
const ids = (rows: CaseRow[]) => rows.map((r) => r.id);

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const f = { ...NO_FILTERS, state: ['discovered' as const, 'assigned' as const], nature: 'ask' as const, unit: 12, q: '供水', triage: true, level: 1, category: '0501',
      channel: 'sms', colour: 'red' as const, rung: 2, plaque: '100018', handler: 7, from: '2026-03-01', to: '2026-03-31' };
    const due = { ...NO_FILTERS, sort: 'due' as const };
    expect(filtersFromUrl(filtersToQuery(due))).toEqual(due);
    expect(filtersFromUrl({ q: '供水', sort: 'due' }).sort).toBe('new'); /* words are found from the newest on */
    expect(filtersFromUrl(filtersToQuery(f))).toEqual(f);
    expect(filtersToQuery({ ...NO_FILTERS })).toEqual({});
  });
  it('leave out what is not known', () => {
    expect(filtersFromUrl({ state: 'discovered,burning', nature: 'x', unit: '-4', level: '9', category: "1' or", held: 'yes', from: '2026-3-1', to: 'x', plaque: '1a', rung: '9', colour: 'blue', handler: '0', sort: 'x' }))
      .toEqual({ ...NO_FILTERS, state: ['discovered'] });
  });
});

describe('a change on a list', () => {
  it('is put in place, an older one is not', () => {
    const rows = [row(2, { version: 4 }), row(1)];
    expect(patchRow(rows, { id: 2, version: 5, state: 'assigned' })).toBe(true);
    expect(patchRow(rows, { id: 2, version: 3, state: 'discovered' })).toBe(true);
    expect(rows[0]).toMatchObject({ version: 5, state: 'assigned', summary: '……' });
    expect(patchRow(rows, { id: 9, version: 1 })).toBe(false);
  });
  it('takes a row out of the filters only when that is certain', () => {
    const f = { ...NO_FILTERS, state: ['discovered' as const], q: '井盖' };
    expect(leavesFilters(row(1, { state: 'assigned' }), f)).toBe(true);
    expect(leavesFilters(row(1), f)).toBe(false);
    expect(leavesFilters(row(1, { triage: false }), { ...NO_FILTERS, triage: true })).toBe(true);
  });
  it('keeps the rows below the fetched page and drops what the gateway no longer lists within it', () => {
    const rows = [row(5), row(4), row(3), row(2), row(1)];
    const merged = mergeHead(rows, [row(6), row(5), row(3)], false);
    expect(ids(merged.rows)).toEqual([6, 5, 3, 2, 1]);
    expect(merged.fresh).toEqual([6]);
  });
  it('keeps the order of deadlines when that is the order', () => {
    const due = (id: number, minute: number) => row(id, { due_at: new Date(Date.UTC(2026, 10, 21, 0, minute)).toISOString() });
    const merged = mergeHead([due(3, 1), due(9, 5), due(1, 8)], [due(3, 1), due(4, 6)], false, 'due');
    expect(ids(merged.rows)).toEqual([3, 4, 1]);
  });
  it('replaces the list when the fetched page is all there is', () => {
    expect(ids(mergeHead([row(5), row(4)], [row(5)], true).rows)).toEqual([5]);
    expect(ids(mergeHead([row(5)], [], true).rows)).toEqual([]);
  });
  const down = (from: number, n: number) => Array.from({ length: n }, (_, i) => row(from - i));
  const look = { sort: 'new' as const, isReading: false };
  it('never shows two stretches of the list as one', () => {
    const was = { rows: down(100, 60), next: 'after 41' };
    const apart = layOver(was, { rows: down(200, 50), next: 'after 151' }, look);
    expect([ids(apart.rows), apart.next]).toEqual([ids(down(200, 50)), 'after 151']);
    const meets = layOver(was, { rows: down(149, 50), next: 'after 100' }, look);
    expect([ids(meets.rows), meets.next]).toEqual([ids(down(149, 109)), 'after 41']);
    /* A known row that moved to the top does not prove that nothing is missing below it. */
    const moved = layOver(was, { rows: [row(70), ...down(200, 49)], next: 'after 152' }, look);
    expect(moved.next).toBe('after 152');
    expect(moved.rows.length).toBe(50);
  });
  it('holds back what does not reach down to the rows somebody reads, and brings what is known of these', () => {
    const was = { rows: down(100, 60), next: 'after 41' };
    const laid = layOver(was, { rows: down(200, 50), next: 'after 151' }, { ...look, isReading: true });
    expect(laid).toEqual({ rows: was.rows, next: 'after 41', fresh: [], isHoldingBack: true });
  });
  it('takes the place of everything when everything was asked for, and is cut at the top when it has grown', () => {
    const was = { rows: down(100, 60), next: 'after 41' };
    expect(layOver(was, { rows: down(101, 60), next: 'after 42' }, { ...look, isWhole: true })).toMatchObject({ next: 'after 42', fresh: [101] });
    const long = { rows: down(1000, ROWS_AT_TOP), next: 'x' };
    expect(layOver(long, { rows: down(1001, 50), next: 'after 952' }, look).rows.length).toBe(50);
    expect(layOver(was, { rows: [], next: 'further' }, look)).toMatchObject(was); /* a search that was cut before it found anything */
    expect(layOver(was, { rows: [], next: null }, look).rows).toEqual([]);
  });
  it('turns yellow and red with the clock, also when the deadline has just been moved', () => {
    const at = Date.UTC(2026, 10, 21, 12);
    const iso = (ms: number) => new Date(at + ms).toISOString();
    const r = row(1, { due_at: iso(2000), warn_at: iso(1000) });
    expect([toneOf(r, at), toneOf(r, at + 1000), toneOf(r, at + 2000)]).toEqual(['green', 'yellow', 'red']);
    const rows = [r];
    patchRow(rows, { id: 1, version: 2, due_at: iso(9000), warn_at: iso(-1) }, at);
    expect(rows[0].colour).toBe('yellow');
  });
  it('does not let an older fetch undo a newer event', () => {
    const merged = mergeHead([row(5, { version: 3, state: 'handling' })], [row(5, { version: 2, state: 'assigned' })], true);
    expect(merged.rows[0].state).toBe('handling');
  });
});

describe('the colour of a deadline', () => {
  const now = Date.UTC(2026, 10, 21, 8);
  it('turns red on the screen when the instant passes', () => {
    const due = new Date(now + 60_000).toISOString();
    expect(toneOf({ due_at: due, colour: 'yellow', paused: false }, now)).toBe('yellow');
    expect(toneOf({ due_at: due, colour: 'yellow', paused: false }, now + 60_000)).toBe('red');
  });
  it('shows no colour without a deadline and none while time stands still', () => {
    expect(toneOf({ due_at: null, colour: 'green', paused: false }, now)).toBe('none');
    expect(toneOf({ due_at: new Date(now - 1).toISOString(), colour: 'red', paused: true }, now)).toBe('paused');
  });
});

describe('a conflict', () => {
  it('names exactly the facts that changed', () => {
    const before = row(1, { due_at: '2026-11-21T08:00:00Z' });
    expect(changedFacts(before, { ...before, version: 2, due_at: '2026-11-21T16:00:00+08:00' })).toEqual([]);
    expect(changedFacts(before, { ...before, state: 'assigned', unit: { id: 9, short_name: '水务局' } })).toEqual(['state', 'unit']);
  });
});

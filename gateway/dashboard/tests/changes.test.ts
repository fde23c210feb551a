import { describe, expect, it } from 'vitest';
import type { CaseRow } from '../src/api/types';
import { changedFacts, filtersFromUrl, filtersToQuery, leavesFilters, mergeHead, NO_FILTERS, patchRow, toneOf } from '../src/live/changes';

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
    const f = { ...NO_FILTERS, state: ['discovered' as const, 'assigned' as const], nature: 'ask' as const, unit: 12, q: '供水', triage: true, level: 1, category: '0501' };
    expect(filtersFromUrl(filtersToQuery(f))).toEqual(f);
    expect(filtersToQuery({ ...NO_FILTERS })).toEqual({});
  });
  it('leave out what is not known', () => {
    expect(filtersFromUrl({ state: 'discovered,burning', nature: 'x', unit: '-4', level: '9', category: "1' or", held: 'yes' }))
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
  it('replaces the list when the fetched page is all there is', () => {
    expect(ids(mergeHead([row(5), row(4)], [row(5)], true).rows)).toEqual([5]);
    expect(ids(mergeHead([row(5)], [], true).rows)).toEqual([]);
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

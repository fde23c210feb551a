import { describe, expect, it } from 'vitest';
import type { CalendarDay } from '../src/api/calendar';
import { daysOfCsv, nextKind, weeksOf, workingDays } from '../src/parts/calendar';

describe('a year of the calendar', () => {
  it('has whole weeks that begin on Monday', () => {
    const weeks = weeksOf(2026, 2); // 1 February 2026 is a Sunday
    expect(weeks[0].map((c) => c?.n ?? 0)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(weeks.flat().filter(Boolean)).toHaveLength(28);
    expect(weeks.every((w) => w.length === 7)).toBe(true);
  });
  it('counts working days by weekends, days off and make-up days', () => {
    expect(workingDays(2026, new Map(), 2)).toBe(20);
    const days: CalendarDay[] = [{ day: '2026-02-16', kind: 'holiday', name: '除夕' }, { day: '2026-02-14', kind: 'workday', name: '调休' }, { day: '2026-02-15', kind: 'holiday', name: '春节' }];
    expect(workingDays(2026, new Map(days.map((d) => [d.day, d])), 2)).toBe(20);
    expect(workingDays(2026, new Map())).toBe(261);
  });
  it('turns a day by pressing', () => {
    expect([nextKind('2026-02-16', undefined), nextKind('2026-02-16', 'holiday')]).toEqual(['holiday', undefined]);
    expect([nextKind('2026-02-14', 'holiday'), nextKind('2026-02-14', 'workday')]).toEqual(['workday', undefined]);
  });
  it('is read from a CSV, wrong lines named', () => {
    expect(daysOfCsv('\uFEFFdate,kind,name\r\n2027-01-01,holiday,元旦\r\n2026-12-31,holiday,元旦\r\n', 2027)).toEqual({ days: [{ day: '2027-01-01', kind: 'holiday', name: '元旦' }], wrong: [] });
    expect(daysOfCsv('date,kind,name\n2027-1-1,holiday,元旦\n2027-01-02,free,元旦\n2027-01-03,holiday,\n', 2027).wrong).toEqual([2, 3, 4]);
    expect(daysOfCsv('day;kind\n', 2027).wrong).toEqual([1]);
  });
});

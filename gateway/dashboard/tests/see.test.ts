import { describe, expect, it } from 'vitest';
import type { ActView } from '../src/api/types';
import type { Overview } from '../src/api/overview';
import { courseOf } from '../src/charts/course';
import { bars, cloud, columns, lines, type Palette } from '../src/charts/options';
import { addUp, columnLabel, columnsOf, lineOf, placesOf, stackOf, toneOf, topOf } from '../src/charts/shape';
import { entryOf } from '../src/api/screen';
import { ASK_MS, nextOf, shouldReload, Steady } from '../src/live/steady';

const palette: Palette = { inks: ['#1', '#2', '#3', '#4', '#5', '#6', '#7', '#8'], ink: '#000', soft: '#555', line: '#ccc', paper: '#fff', font: 'x', size: 13, isCalm: true };
const stand = (n: number, over = 0, near = 0) => ({ n, over, near, within: n - over - near, none: 0 });
const unit = (id: number, name: string) => ({ id, short_name: name });

describe('columns of a period', () => {
  it('are all there, whatever the computer\'s zone: hours, days, weeks from Monday, months', () => {
    expect(columnsOf('2026-03-01', '2026-03-01', 'hour')).toHaveLength(24);
    expect(columnsOf('2026-02-27', '2026-03-02', 'day')).toEqual(['2026-02-27T00:00', '2026-02-28T00:00', '2026-03-01T00:00', '2026-03-02T00:00']);
    expect(columnsOf('2026-03-04', '2026-03-10', 'week')).toEqual(['2026-03-02T00:00', '2026-03-09T00:00']);
    expect(columnsOf('2025-12-31', '2026-02-01', 'month')).toEqual(['2025-12-01T00:00', '2026-01-01T00:00', '2026-02-01T00:00']);
    expect([columnLabel('2026-03-01T09:00', 'hour'), columnLabel('2026-03-01T00:00', 'hour'), columnLabel('2026-03-01T00:00', 'day'), columnLabel('2026-03-01T00:00', 'month')]).toEqual(['09:00', '03-01', '03-01', '2026-03']);
  });
  it('are stacked by channel, the largest first, with zeros where nothing came', () => {
    const s = stackOf({ from: '2026-03-01', to: '2026-03-03', by: 'day', inflow: [{ at: '2026-03-01T00:00', channel: 'sms', n: 2, closed: 0 }, { at: '2026-03-03T00:00', channel: 'plaque', n: 5, closed: 1 }, { at: '2020-01-01T00:00', channel: 'sms', n: 9, closed: 0 }] });
    expect(s.series).toEqual([{ key: 'plaque', n: 5, data: [0, 0, 5] }, { key: 'sms', n: 2, data: [2, 0, 0] }]);
  });
});

describe('top and others', () => {
  it('lose nothing, and one other is shown as itself', () => {
    const { top, rest } = topOf([3, 1, 9, 4, 5], 3, (x) => x);
    expect([top, rest]).toEqual([[9, 5, 4], [3, 1]]);
    expect(topOf([1, 2, 3, 4], 3, (x) => x).rest).toEqual([]);
    expect(addUp([stand(5, 1, 2), stand(3, 0, 1)])).toEqual({ n: 8, over: 1, near: 3, within: 4, none: 0 });
  });
});

describe('the board of units', () => {
  const o = { units: [{ unit: unit(1, '甲'), n: 7, closed: 2 }, { unit: unit(2, '乙'), n: 3, closed: 3 }, { unit: null, n: 1, closed: 0 }], open: { ...stand(9, 1, 1), ages: [], levels: [], units: [{ unit: unit(2, '乙'), ...stand(4, 1) }, { unit: unit(3, '丙'), ...stand(5, 0, 1) }] } } as unknown as Overview;
  it('joins what came in with what is open, by kind of unit, what burns first', () => {
    const groups = placesOf(o, [{ id: 1, short_name: '甲', class: '乡镇街道' }, { id: 2, short_name: '乙', class: '乡镇街道' }, { id: 3, short_name: '丙', class: null }]);
    expect(groups.map((g) => [g.kind, g.places.map((p) => [p.name, p.received, p.n, toneOf(p)])])).toEqual([
      ['乡镇街道', [['乙', 3, 4, 'red'], ['甲', 7, 0, 'idle']]], ['', [['丙', 0, 5, 'yellow']]]]);
    expect(toneOf(stand(2))).toBe('green');
  });
});

describe('pictures', () => {
  const text = JSON.stringify([columns(palette, ['a'], [{ name: 'x', data: [1] }, { name: 'y', data: [2] }]), bars(palette, ['a'], [{ name: 'x', data: [1] }, { name: 'y', data: [2] }]), lines(palette, ['a'], [{ name: 'x', data: [null] }, { name: 'y', data: [1] }]), cloud(palette, [{ name: '路灯', value: 6 }])]);
  it('draw their tips themselves and never write HTML, which the content policy forbids', () => {
    expect(text.match(/"renderMode":"richText"/g)).toHaveLength(4);
    expect(text).not.toContain('"html"');
  });
  it('tell layers apart without colour, and leave gaps where too few stand behind a point', () => {
    expect(text).toContain('"decal":{"show":true}');
    const l = lines(palette, [], [{ name: 'x', data: [] }, { name: 'y', data: [] }]).series as { symbol: string; lineStyle: { type: unknown } }[];
    expect(new Set(l.map((s) => s.symbol)).size).toBe(2);
    expect(lineOf({ points: [{ day: '2026-03-01', rates: [{ numerator: 1, n: 2, percent: null }] }, { day: '2026-03-02', rates: [{ numerator: 9, n: 10, percent: 90 }] }] }, 0)).toEqual([null, 90]);
  });
});

describe('the way of a case', () => {
  const act = (version: number, name: string, from: string, to: string, hour: number, actor = 'staff') => ({ version, act: name, from_state: from, to_state: to, at: new Date(Date.UTC(2026, 2, 2, hour)).toISOString(), actor }) as unknown as ActView;
  const acts = [act(1, 'receive', 'new', 'discovered', 0), act(2, 'assign', 'discovered', 'assigned', 2), act(3, 'sign', 'assigned', 'handling', 4), act(4, 'pause_grant', 'handling', 'handling', 10), act(5, 'note', 'handling', 'handling', 12), act(6, 'resume', 'handling', 'handling', 20, 'clock'), act(7, 'reply', 'handling', 'replied', 30)];
  const row = { state: 'replied', opened_at: '2026-03-02T00:00:00.000Z', due_at: '2026-03-03T16:00:00.000Z' } as Parameters<typeof courseOf>[1];
  it('is spans of waiting, work, pause and review, with the limit and now on the same line', () => {
    const c = courseOf(acts, row, Date.UTC(2026, 2, 3, 12));
    expect(c.spans.map((s) => [s.kind, Math.round(s.from * 40), Math.round(s.to * 40)])).toEqual([['wait', 0, 4], ['work', 4, 10], ['pause', 10, 20], ['work', 20, 30], ['review', 30, 36]]);
    expect([Math.round(c.due! * 40), Math.round(c.now! * 40), c.isOver]).toEqual([40, 36, false]);
    expect(c.marks).toHaveLength(7);
    expect(c.marks.find((m) => m.act === 'resume')!.isClock).toBe(true);
  });
  it('of a closed case ends with its last act and has no limit; acts of one minute stand above each other', () => {
    const c = courseOf([act(1, 'receive', 'new', 'discovered', 0), act(2, 'assign', 'discovered', 'assigned', 0), act(3, 'decline', 'assigned', 'declined', 50)], { ...row, state: 'declined' }, Date.UTC(2027, 0, 1));
    expect([c.due, c.now, c.to]).toEqual([null, null, '2026-03-04T02:00:00.000Z']);
    expect(c.marks.map((m) => m.row)).toEqual([0, 1, 0]);
    expect(c.spans.at(-1)).toEqual({ kind: 'wait', from: 0, to: 1 });
  });
});

describe('a screen that nobody looks after', () => {
  it('asks every half minute, waits longer and longer while the gateway is away, and is back at once', async () => {
    const pauses: number[] = [];
    const good = [true, false, false, false, false, false, false, false, false, false, true];
    let next = null as (() => void) | null;
    const line = new Steady({ ask: () => Promise.resolve(good.shift() ?? true), after: (ms, then) => { pauses.push(ms); next = then; return () => { next = null; }; }, random: () => 0.5 });
    line.start();
    for (let i = 0; i < 11; i++) {
      await new Promise((done) => setTimeout(done));
      next?.();
    }
    await new Promise((done) => setTimeout(done));
    expect(pauses.slice(0, 11)).toEqual([ASK_MS, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, ASK_MS]);
    line.stop();
    expect(next).toBeNull();
  });
  it('turns in a circle, and loads a newer build at night alone', () => {
    expect([nextOf(0, 3), nextOf(2, 3), nextOf(5, 0), nextOf(0, 1)]).toEqual([1, 0, -1, 0]);
    const now = entryOf('<script type="module" src="/staff/assets/index-AbC-1_x.js">');
    expect(now).toBe('assets/index-AbC-1_x.js');
    expect([shouldReload(3, now, 'assets/index-new.js'), shouldReload(4, now, 'assets/index-new.js'), shouldReload(3, now, now), shouldReload(3, now, '')]).toEqual([true, false, false, false]);
  });
});

/* The figures of models: old beside new, a point for each time whatever models decided then, steps of certainty with gaps. */
import { describe, expect, it } from 'vitest';
import type { Drift, Model } from '../src/api/models';
import { driftPoints, rate, scoreRows, sureSteps } from '../src/live/models';

const none = { right: 0, all: 0 };
const score = (right: number, alone: number) => ({ category: { right, all: 100 }, category_top3: { right: 95, all: 100 }, unit: none, nature: { right: 80, all: 100 }, urgency: none, both: none, auto: { right: alone, all: alone }, hand: { right: 10, all: 100 - alone } });
const report = { cases: 100, fresh: true, auto_percent: 90, old: score(70, 0), new: score(85, 40), seconds: 1, features: 1, weights: 1, bytes: 1 } as Model['report'];

describe('old against new', () => {
  it('says the share, the change in points, and nothing where nothing is known', () => {
    const rows = Object.fromEntries(scoreRows(report).map((r) => [r.key, r]));
    expect([rows.category.old.percent, rows.category.fresh.percent, rows.category.change]).toEqual(['70.0', '85.0', 15]);
    expect([rows.unit.old.percent, rows.unit.change]).toEqual([null, null]);
    expect(rows.nature.change).toBe(0);
  });
  it('tells how many go out alone apart from how many of those are right', () => {
    const rows = Object.fromEntries(scoreRows(report).map((r) => [r.key, r]));
    expect([rows.coverage.old.percent, rows.coverage.fresh.percent]).toEqual(['0.0', '40.0']);
    expect([rows.auto.old.percent, rows.auto.fresh.percent, rows.auto.change]).toEqual([null, '100.0', null]);
  });
});

const point = (from: string, model: number, n: number): Drift['points'][number] => ({ from, model, decisions: n, triage: 2, judged: n - 1, unit: 1, category: 1, nature: 0, wrong: 1, auto: 3, auto_judged: 2, auto_wrong: 1, auto_returned: 1, confidence: 0.5 });
describe('drift', () => {
  it('adds up the models of one time and keeps the order of time', () => {
    const all = driftPoints({ points: [point('2026-03-09', 1, 5), point('2026-03-02', 0, 4), point('2026-03-09', 2, 7)] });
    expect(all.map((p) => [p.from, p.decisions, p.judged, p.models.join()])).toEqual([['2026-03-02', 4, 3, '0'], ['2026-03-09', 12, 10, '1,2']]);
  });
  it('has gaps where nothing or too little stands behind a figure', () => {
    expect([rate(0, 0), rate(1, 3)]).toEqual([null, 33.3]);
    const steps = sureSteps({ confidence: [{ step: 9, n: 20, said: 0.95, right: 19 }, { step: 4, n: 4, said: 0.45, right: 4 }] });
    expect(steps).toHaveLength(10);
    expect(steps[9]).toEqual({ step: 9, n: 20, said: 95, right: 95 });
    expect([steps[4].n, steps[4].right, steps[0].said]).toEqual([4, null, null]);
  });
});

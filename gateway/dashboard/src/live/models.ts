/* From the figures of models to what the desk shows. Pure. */
import type { Drift, Model, ModelScore } from '../api/models';

export interface Share { right: number; all: number; percent: string | null }
export interface ScoreRow { key: string; old: Share; fresh: Share; change: number | null }

const percentOf = (right: number, all: number): number | null => (all ? (100 * right) / all : null);
const shareOf = (s: { right: number; all: number }): Share => ({ ...s, percent: s.all ? ((100 * s.right) / s.all).toFixed(1) : null });

/* Old beside new, in the order in which somebody decides: the matter, the unit, what goes out alone, the rest. */
export function scoreRows(r: Model['report']): ScoreRow[] {
  const of = (s: ModelScore): Record<string, { right: number; all: number }> => ({ ...s, coverage: { right: s.auto.all, all: r.cases } });
  const old = of(r.old), fresh = of(r.new);
  return ['both', 'category', 'category_top3', 'unit', 'nature', 'urgency', 'auto', 'coverage', 'hand'].map((key) => {
    const was = percentOf(old[key].right, old[key].all), is = percentOf(fresh[key].right, fresh[key].all);
    return { key, old: shareOf(old[key]), fresh: shareOf(fresh[key]), change: was === null || is === null ? null : Math.round(10 * (is - was)) / 10 };
  });
}

export interface DriftPoint { from: string; decisions: number; judged: number; triage: number; unit: number; category: number; nature: number; wrong: number; auto: number; returned: number; models: number[] }
/* One point for each time, whatever models decided then. */
export function driftPoints(d: Pick<Drift, 'points'>): DriftPoint[] {
  const all = new Map<string, DriftPoint>();
  for (const p of d.points) {
    const at = all.get(p.from) ?? { from: p.from, decisions: 0, judged: 0, triage: 0, unit: 0, category: 0, nature: 0, wrong: 0, auto: 0, returned: 0, models: [] };
    at.decisions += p.decisions;
    at.judged += p.judged;
    at.triage += p.triage;
    at.unit += p.unit;
    at.category += p.category;
    at.nature += p.nature;
    at.wrong += p.wrong;
    at.auto += p.auto;
    at.returned += p.auto_returned;
    at.models.push(p.model);
    all.set(p.from, at);
  }
  return [...all.values()].sort((a, b) => a.from.localeCompare(b.from));
}
/* Per cent with one digit; a gap where nothing stands behind it. */
export const rate = (n: number, of: number): number | null => (of ? Math.round((1000 * n) / of) / 10 : null);

/* All ten steps of certainty; one with fewer than `least` behind it is a gap. */
export function sureSteps(d: Pick<Drift, 'confidence'>, least = 5): { step: number; n: number; said: number | null; right: number | null }[] {
  return Array.from({ length: 10 }, (_, step) => {
    const c = d.confidence.find((x) => x.step === step);
    return c && c.n >= least ? { step, n: c.n, said: Math.round(1000 * c.said) / 10, right: rate(c.right, c.n) } : { step, n: c?.n ?? 0, said: null, right: null };
  });
}

/* From answers of the gateway to what a picture shows. Pure; the options that draw it are in options.ts. */
import type { Overview, OverviewRates } from '../api/overview';

export type Step = Overview['by'];
const DAY_MS = 86_400_000;

/* Columns are instants of China's wall clock without a zone: counted as if they were UTC, so that no computer's zone moves them. */
const wall = (at: string) => Date.parse(`${at.length === 10 ? `${at}T00:00` : at}:00Z`);
const written = (ms: number) => new Date(ms).toISOString().slice(0, 16);

/* Every column of the period, also those in which nothing came. */
export function columnsOf(from: string, to: string, by: Step): string[] {
  const all: string[] = [];
  const end = wall(to) + DAY_MS;
  let at = wall(from);
  if (by === 'week') at -= ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS;
  if (by === 'month') at = Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth(), 1);
  while (at < end && all.length < 1000) {
    all.push(written(at));
    at = by === 'hour' ? at + DAY_MS / 24 : by === 'day' ? at + DAY_MS : by === 'week' ? at + 7 * DAY_MS : Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1);
  }
  return all;
}

/* Short enough to stand below a column; the first of each new day or year says more. */
export function columnLabel(at: string, by: Step): string {
  if (by === 'hour') return at.endsWith('T00:00') ? `${at.slice(5, 10)}` : at.slice(11, 16);
  return by === 'month' ? at.slice(0, 7) : at.slice(5, 10);
}

export interface Stack { columns: string[]; series: { key: string; n: number; data: number[] }[] }

/* One layer a channel, the largest at the bottom. */
export function stackOf(o: Pick<Overview, 'inflow' | 'from' | 'to' | 'by'>): Stack {
  const columns = columnsOf(o.from, o.to, o.by);
  const at = new Map(columns.map((c, i) => [c, i]));
  const layers = new Map<string, number[]>();
  for (const row of o.inflow) {
    const i = at.get(row.at);
    if (i === undefined) continue;
    const data = layers.get(row.channel) ?? columns.map(() => 0);
    data[i] += row.n;
    layers.set(row.channel, data);
  }
  const series = [...layers].map(([key, data]) => ({ key, data, n: data.reduce((a, b) => a + b, 0) }));
  return { columns, series: series.sort((a, b) => b.n - a.n || a.key.localeCompare(b.key)) };
}

/* The largest `n`, and what the others come to; no row is lost. */
export function topOf<T>(rows: readonly T[], n: number, weight: (row: T) => number): { top: T[]; rest: T[] } {
  const sorted = [...rows].sort((a, b) => weight(b) - weight(a));
  /* One "other" row in place of one row says less, not more. */
  return sorted.length <= n + 1 ? { top: sorted, rest: [] } : { top: sorted.slice(0, n), rest: sorted.slice(n) };
}

export interface Stand { n: number; over: number; near: number; within: number; none: number }
export const STANDS = ['over', 'near', 'within', 'none'] as const;
export const addUp = (rows: readonly Stand[]): Stand => rows.reduce<Stand>((a, r) => ({ n: a.n + r.n, over: a.over + r.over, near: a.near + r.near, within: a.within + r.within, none: a.none + r.none }), { n: 0, over: 0, near: 0, within: 0, none: 0 });

export type Tone = 'red' | 'yellow' | 'green' | 'idle';
/* The colour of a unit on the board: what is over outweighs what is near. */
export const toneOf = (s: Pick<Stand, 'n' | 'over' | 'near'> | undefined): Tone => (!s || s.n === 0 ? 'idle' : s.over > 0 ? 'red' : s.near > 0 ? 'yellow' : 'green');

/* The line of one rate: a gap where too few stand behind a point. */
export const lineOf = (r: Pick<OverviewRates, 'points'>, i: number): (number | null)[] => r.points.map((p) => p.rates[i]?.percent ?? null);

/* One row of the units' board. */
export interface Place extends Stand { id: number; name: string; kind: string; received: number }
export function placesOf(o: Overview, units: readonly { id: number; short_name: string; class: string | null }[]): { kind: string; places: Place[] }[] {
  const of = new Map(units.map((u) => [u.id, u]));
  const all = new Map<number, Place>();
  const place = (u: { id: number; short_name: string } | null) => {
    if (!u) return null;
    let p = all.get(u.id);
    if (!p) all.set(u.id, (p = { id: u.id, name: u.short_name, kind: of.get(u.id)?.class ?? '', received: 0, n: 0, over: 0, near: 0, within: 0, none: 0 }));
    return p;
  };
  for (const row of o.units) { const p = place(row.unit); if (p) p.received = row.n; }
  for (const row of o.open.units) { const p = place(row.unit); if (p) Object.assign(p, { n: row.n, over: row.over, near: row.near, within: row.within, none: row.none }); }
  const kinds = new Map<string, Place[]>();
  for (const p of all.values()) kinds.set(p.kind, [...(kinds.get(p.kind) ?? []), p]);
  const weight = (p: Place) => p.over * 1e6 + p.n * 1e3 + p.received;
  return [...kinds].map(([kind, places]) => ({ kind, places: places.sort((a, b) => weight(b) - weight(a) || a.name.localeCompare(b.name)) }))
    .sort((a, b) => b.places.length - a.places.length || a.kind.localeCompare(b.kind));
}

/* Minutes as hours with one digit, for an axis. */
export const hoursOf = (minutes: number | null): number | null => (minutes === null ? null : Math.round(minutes / 6) / 10);

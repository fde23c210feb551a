/* The way of one case as a picture: who had it when, what was done, what it had to keep. Pure: acts go in, spans and marks come out, on
 * a line from 0 to 1. */
import type { ActView, CaseRow } from '../api/types';

export type SpanKind = 'wait' | 'work' | 'pause' | 'review';
export interface CourseSpan { kind: SpanKind; from: number; to: number }
export interface CourseMark { at: number; act: string; time: string; version: number; isClock: boolean; row: number }
export interface Course { from: string; to: string; spans: CourseSpan[]; marks: CourseMark[]; due: number | null; dueTime: string | null; isOver: boolean; now: number | null; ticks: { at: number; day: string }[] }

/* Marks nearer than this to each other stand in rows above each other. */
const CLOSE = 0.022;
const ROWS = 4;
const KIND: Record<string, SpanKind> = { discovered: 'wait', assigned: 'wait', handling: 'work', replied: 'review', verifying: 'review' };
const ENDED = ['closed', 'declined', 'merged'];

export function courseOf(acts: readonly ActView[], row: Pick<CaseRow, 'state' | 'opened_at' | 'due_at'>, nowMs: number): Course {
  const all = [...acts].sort((a, b) => a.version - b.version);
  const begin = Date.parse(all[0]?.at ?? row.opened_at);
  const isOpen = !ENDED.includes(row.state);
  const last = Date.parse(all.at(-1)?.at ?? row.opened_at);
  const due = row.due_at && isOpen ? Date.parse(row.due_at) : null;
  const end = Math.max(begin + 60_000, last, isOpen ? nowMs : 0, due ?? 0);
  const place = (ms: number) => Math.min(1, Math.max(0, (ms - begin) / (end - begin)));

  const spans: CourseSpan[] = [];
  let since = begin;
  let kind = 'wait' as SpanKind | null;
  let before: SpanKind = 'work';
  const turn = (ms: number, next: SpanKind | null) => {
    if (next === kind) return;
    if (kind && ms > since) spans.push({ kind, from: place(since), to: place(ms) });
    since = ms;
    kind = next;
  };
  for (const a of all) {
    const at = Date.parse(a.at);
    if (a.act === 'pause_grant') {
      before = kind ?? 'work';
      turn(at, 'pause');
    } else if (a.act === 'resume') {
      turn(at, before);
    } else if (!(kind === 'pause' && a.from_state === a.to_state)) {
      turn(at, KIND[a.to_state] ?? null);
    }
  }
  if (isOpen) turn(Math.max(nowMs, since), null);

  const marks: CourseMark[] = [];
  for (const a of all) {
    const at = place(Date.parse(a.at));
    const near = marks.filter((m) => at - m.at < CLOSE).map((m) => m.row);
    let level = 0;
    while (near.includes(level) && level < ROWS - 1) level++;
    marks.push({ at, act: a.act, time: a.at, version: a.version, isClock: a.actor === 'clock', row: level });
  }
  return {
    from: new Date(begin).toISOString(), to: new Date(end).toISOString(), spans, marks, due: due === null ? null : place(due), dueTime: row.due_at ?? null, isOver: due !== null && due < nowMs,
    now: isOpen ? place(nowMs) : null, ticks: ticksOf(begin, end, place),
  };
}

/* At most eight midnights of China, evenly. */
function ticksOf(begin: number, end: number, place: (ms: number) => number): { at: number; day: string }[] {
  const DAY = 86_400_000;
  const first = Math.ceil((begin + 8 * 3_600_000) / DAY) * DAY - 8 * 3_600_000;
  const step = Math.max(1, Math.ceil((end - first) / DAY / 8));
  const all: { at: number; day: string }[] = [];
  for (let t = first; t <= end; t += step * DAY) all.push({ at: place(t), day: new Date(t + 8 * 3_600_000).toISOString().slice(5, 10) });
  return all;
}

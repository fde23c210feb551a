/* A range of days that ended today goes on with the days: a desk stays open over midnight, and its figures must not stand still at
 * yesterday. Whoever looks at the past is left there. */
import { onScopeDispose, type Ref } from 'vue';
import { localDay } from '../parts/field';

const LOOK_MS = 30_000;
const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`);

/* The range that stands for the same question when `was` has become `now`; null when it did not end today. A range from the first of
 * a month begins with the month; any other keeps its length. */
export function rolled(from: string, to: string, was: string, now: string): { from: string; to: string } | null {
  if (to !== was || now <= was) return null;
  if (from.endsWith('-01') && from.slice(0, 7) === was.slice(0, 7)) return { from: `${now.slice(0, 8)}01`, to: now };
  return { from: new Date(dayOf(from) + dayOf(now) - dayOf(was)).toISOString().slice(0, 10), to: now };
}

export function rolls(from: Ref<string>, to: Ref<string>): void {
  let was = localDay(Date.now());
  const timer = setInterval(() => {
    const now = localDay(Date.now());
    const next = rolled(from.value, to.value, was, now);
    was = now;
    if (!next) return;
    from.value = next.from;
    to.value = next.to;
  }, LOOK_MS);
  onScopeDispose(() => clearInterval(timer));
}

import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import type { Plaque } from '../api/plaques';
import type { LiveEvent } from '../api/types';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export const aboutPlaques = (e: LiveEvent) => e.kind === 'plaque.alarm' || e.kind === 'desk.plaques';

/* The sub-desks of 监督牌 that this person has: a unit sees its own plaques alone. */
export function usePlaqueTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => [
    { to: 'plaques', label: words.value.plaques.tabs.list, isHere: true },
    { to: 'plaque-coverage', label: words.value.plaques.tabs.coverage, isHere: hasRole(session.staff?.roles, MAY.readPlaques) },
  ].filter((t) => t.isHere));
}

/* What needs somebody, in words; the first is the most pressing. */
export function usePlaqueMarks() {
  const words = useWords();
  return (p: Plaque, now: number): string[] => {
    const w = words.value.plaques;
    const all: string[] = [];
    if (p.alarms) all.push(w.alarm(p.alarms));
    if (p.reported) all.push(w.reported(w.results[p.reported] ?? p.reported));
    if (p.result && p.result !== 'present') all.push(w.found(w.results[p.result] ?? p.result));
    if (p.reprint_since) all.push(w.reprint);
    if (p.inspect_due && Date.parse(p.inspect_due) <= now) all.push(w.isDue);
    return all;
  };
}

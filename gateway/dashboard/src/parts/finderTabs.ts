import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

/* The sub-desks of 会议与巡查 that this person has. */
export function useFinderTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => {
    const roles = session.staff?.roles;
    const w = words.value.finderTabs;
    return [
      { to: 'meetings', label: w.meetings, isHere: hasRole(roles, MAY.seeMeetings) },
      { to: 'board', label: w.board, isHere: hasRole(roles, MAY.seeMeetings) },
      { to: 'inspections', label: w.inspections, isHere: hasRole(roles, MAY.seeInspections) },
      { to: 'monitors', label: w.monitors, isHere: hasRole(roles, MAY.seeMonitors) },
      { to: 'imports', label: w.imports, isHere: hasRole(roles, MAY.import) },
    ].filter((t) => t.isHere);
  });
}
/* May this person do that? */
export function useMay(what: keyof typeof MAY) {
  const session = useSession();
  return computed(() => hasRole(session.staff?.roles, MAY[what]));
}

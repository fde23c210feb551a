import { computed } from 'vue';
import { hasRole } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

/* The sub-desks of reports; only 追责问责组 recovers. */
export function useSealTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => {
    const w = words.value.sealTabs;
    const all = [{ to: 'reports', label: w.reports }, { to: 'seal-keys', label: w.keys }];
    return hasRole(session.staff?.roles, ['accountability']) ? [...all, { to: 'seal-recovery', label: w.recovery }] : all;
  });
}

import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

/* The administrator reads settings, the auditor and 追责问责组 the log; who is both has both. */
export function useLogTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => [
    ...(hasRole(session.staff?.roles, MAY.readLog) ? [{ to: 'log', label: words.value.log.tabs.log }] : []),
    ...(hasRole(session.staff?.roles, MAY.readSettings) ? [{ to: 'settings', label: words.value.log.tabs.settings }] : []),
  ]);
}

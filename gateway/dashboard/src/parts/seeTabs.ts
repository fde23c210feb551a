import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export function useSeeTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => {
    const all = [{ to: 'overview', label: words.value.see.tabs.overview }, { to: 'screens', label: words.value.see.tabs.screens }];
    return hasRole(session.staff?.roles, MAY.keepScreens) ? (hasRole(session.staff?.roles, MAY.seeOverview) ? all : all.slice(1)) : all.slice(0, 1);
  });
}

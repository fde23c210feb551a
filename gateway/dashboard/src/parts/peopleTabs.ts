import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import { useCases } from '../stores/cases';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export function usePeopleTabs() {
  const session = useSession();
  const cases = useCases();
  const words = useWords();
  return computed(() => [
    ...(hasRole(session.staff?.roles, MAY.seePeople) ? [{ to: 'people', label: words.value.people.tabs.people }] : []),
    ...(hasRole(session.staff?.roles, MAY.seeAccounts) ? [{ to: 'accounts', label: words.value.people.tabs.accounts + (cases.counts?.accounts ? ` (${cases.counts.accounts})` : '') }] : []),
    { to: 'units', label: words.value.people.tabs.units },
    { to: 'unit-changes', label: words.value.people.tabs.changes },
  ]);
}

import { computed } from 'vue';
import { hasRole, MAY } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export function useLetterTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => (hasRole(session.staff?.roles, MAY.seeBook)
    ? [{ to: 'letters', label: words.value.letters.list }, { to: 'letter-book', label: words.value.letters.book }]
    : []));
}

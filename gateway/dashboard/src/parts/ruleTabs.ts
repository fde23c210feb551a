import { computed } from 'vue';
import { useWords } from '../words';

/* What decides about a matter: the rules, and the model beside them. */
export function useRuleTabs() {
  const words = useWords();
  return computed(() => [{ to: 'rules', label: words.value.desks.rules }, { to: 'models', label: words.value.models.tab }]);
}

/* Units and categories as a Picker wants them. Cases belong to whole units, so stations are not offered. */
import { computed } from 'vue';
import { useRegister } from '../stores/register';
import type { Choice } from './Picker.vue';

export function useUnitChoices() {
  const register = useRegister();
  return computed<Choice[]>(() => register.units.filter((u) => u.kind !== 'station').map((u) => ({
    key: String(u.id),
    label: u.name,
    hint: u.short_name && u.short_name !== u.name ? u.short_name : u.code,
    search: `${u.short_name} ${u.name} ${u.code}`.toLowerCase(),
  })));
}

/* Cases carry second-level categories; a list may also be narrowed to a whole first level. */
export function useCategoryChoices(withParents: boolean) {
  const register = useRegister();
  return computed<Choice[]>(() => {
    const names = new Map(register.categories.map((c) => [c.code, c.name]));
    return register.categories.filter((c) => withParents || c.parent).map((c) => ({
      key: c.code,
      label: c.name,
      hint: c.parent ? names.get(c.parent) ?? c.code : c.code,
      search: `${c.name} ${c.code} ${c.parent ? names.get(c.parent) ?? '' : ''}`.toLowerCase(),
    }));
  });
}

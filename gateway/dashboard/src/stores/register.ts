import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { registerApi } from '../api/register';
import type { Category, Rulebook, Unit } from '../api/types';
import { language, useWords } from '../words';

/* What changes rarely: units, categories, and the rules of the loop. Fetched once per session, on first use. */
export const useRegister = defineStore('register', () => {
  const words = useWords();
  const units = shallowRef<Unit[]>([]);
  const categories = shallowRef<Category[]>([]);
  const rulebook = shallowRef<Rulebook | null>(null);
  let loading: Promise<void> | null = null;

  const unitById = computed(() => new Map(units.value.map((u) => [u.id, u])));
  const actByName = computed(() => new Map((rulebook.value?.acts ?? []).map((a) => [a.act, a])));
  const stateLabels = computed(() => new Map((rulebook.value?.states ?? []).map((s) => [s.state, s.label])));
  const natureLabels = computed(() => new Map((rulebook.value?.natures ?? []).map((n) => [n.nature, n.label])));
  const roleLabels = computed(() => new Map((rulebook.value?.roles ?? []).map((r) => [r.role, r.label])));

  function load(): Promise<void> {
    loading ??= Promise.all([registerApi.units(), registerApi.categories(), registerApi.rulebook()])
      .then(([u, c, r]) => {
        units.value = u.units;
        categories.value = c.categories;
        rulebook.value = r;
      })
      .catch((e: unknown) => {
        loading = null; /* the next page that needs it tries again */
        throw e;
      });
    return loading;
  }

  function forget(): void {
    loading = null;
    units.value = [];
    categories.value = [];
    rulebook.value = null;
  }

  /* Chinese names come from the gateway; the catalogue stands in for English and before the rules are here. */
  function named(fromGateway: string | undefined, own: string | undefined, word: string): string {
    return (language.value === 'zh' ? fromGateway ?? own : own ?? fromGateway) ?? word;
  }
  const stateLabel = (s: string) => named(stateLabels.value.get(s), words.value.states[s], s);
  const natureLabel = (n: string) => named(natureLabels.value.get(n), words.value.natures[n], n);
  const roleLabel = (r: string) => named(roleLabels.value.get(r), words.value.roles[r], r);
  const levelLimit = (n: number) => named(rulebook.value?.levels.find((l) => l.level === n)?.limit, words.value.levels[String(n)], '');
  const actLabel = (act: string, fromGateway?: string) => named(fromGateway ?? actByName.value.get(act)?.label, words.value.acts[act], act);

  return { units, categories, rulebook, unitById, actByName, load, forget, stateLabel, natureLabel, roleLabel, levelLimit, actLabel };
});

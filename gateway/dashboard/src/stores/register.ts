import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { sentenceOf } from '../api/http';
import { registerApi } from '../api/register';
import type { Category, Rulebook, Unit } from '../api/types';
import { language, useWords } from '../words';
import { useLive } from './live';

/* The gateway compiles the register anew when it changes; a moment later it has it. */
const AGAIN_AFTER_MS = 2000;

/* What changes rarely: units, categories, and the rules of the loop. Fetched once per session, on first use. */
export const useRegister = defineStore('register', () => {
  const words = useWords();
  const units = shallowRef<Unit[]>([]);
  const categories = shallowRef<Category[]>([]);
  const rulebook = shallowRef<Rulebook | null>(null);
  /* Why the register is not here; empty when it is, or nobody asked yet. */
  const error = ref('');
  let loading: Promise<void> | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let stopReading: (() => void) | null = null;

  const unitById = computed(() => new Map(units.value.map((u) => [u.id, u])));
  const actByName = computed(() => new Map((rulebook.value?.acts ?? []).map((a) => [a.act, a])));
  const stateLabels = computed(() => new Map<string, string>((rulebook.value?.states ?? []).map((s) => [s.state, s.label])));
  const natureLabels = computed(() => new Map<string, string>((rulebook.value?.natures ?? []).map((n) => [n.nature, n.label])));
  const roleLabels = computed(() => new Map((rulebook.value?.roles ?? []).map((r) => [r.role, r.label])));

  const asked = useLive().asks<[Unit[], Category[], Rulebook]>({
    ask: async () => {
      const [u, c, r] = await Promise.all([registerApi.units(), registerApi.categories(), registerApi.rulebook()]);
      return [u.units, c.categories, r];
    },
    take: ([u, c, r]) => {
      units.value = u;
      categories.value = c;
      rulebook.value = r;
      error.value = '';
      loading = Promise.resolve();
    },
    failed: (e) => { error.value = sentenceOf(e); },
  }, { every: AGAIN_AFTER_MS, spread: AGAIN_AFTER_MS });

  function load(): Promise<void> {
    loading ??= asked.fresh().then(() => undefined).catch((e: unknown) => {
      loading = null; /* the next page that needs it tries again, and so does the line when it is back */
      throw e;
    });
    /* A change in a stretch that was missed is none that was told of. */
    stopReading ??= useLive().read({ event: (e) => { if (e.kind === 'desk.register') again(); }, reload: () => asked.anew() });
    return loading;
  }
  /* For pages: what went wrong stands in error. */
  function want(): void { void load().catch(() => undefined); }
  function again(): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => asked.soon(), AGAIN_AFTER_MS);
  }

  function forget(): void {
    clearTimeout(waiting);
    asked.stop();
    loading = null;
    stopReading?.();
    stopReading = null;
    units.value = [];
    categories.value = [];
    rulebook.value = null;
    error.value = '';
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

  return { units, categories, rulebook, error, unitById, actByName, load, want, forget, stateLabel, natureLabel, roleLabel, levelLimit, actLabel };
});

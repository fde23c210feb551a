/* What a page shows: fetched when it opens, again when an event concerns it, and after the line was lost. What was shown
 * stays on the screen until the newer answer is there. */
import { onScopeDispose, ref, shallowRef } from 'vue';
import { Refusal, sentenceOf } from '../api/http';
import type { LiveEvent } from '../api/types';
import { useLive } from '../stores/live';

/* What is added up over many cases costs the database more than a list. */
export const SUMS_EVERY_MS = 10_000;

export function useLoaded<T>(fetch: () => Promise<T>, wants: (e: LiveEvent) => boolean, everyMs?: number) {
  const data = shallowRef<T | null>(null);
  const error = ref('');
  const isLoading = ref(false);
  /* Something confidential is behind it: the person must say why it is looked at. */
  const needsReason = ref(false);
  const live = useLive();

  const again = live.asks<T>({
    ask: () => {
      isLoading.value = true;
      return fetch();
    },
    take: (got) => {
      isLoading.value = false;
      data.value = got;
      error.value = '';
      needsReason.value = false;
    },
    failed: (e) => {
      isLoading.value = false;
      needsReason.value = e instanceof Refusal && e.code === 'act_needs' && e.missing.includes('reason');
      error.value = needsReason.value ? '' : sentenceOf(e);
    },
  }, { every: everyMs });

  /* True when the newest answer is on the screen. */
  async function load(): Promise<boolean> {
    try {
      return await again.now();
    } catch {
      return needsReason.value;
    }
  }

  /* Another subject: nothing of the one before may stay. */
  function anew(): Promise<boolean> {
    data.value = null;
    needsReason.value = false;
    error.value = '';
    return load();
  }
  function put(fresh: T): void {
    again.drop();
    isLoading.value = false;
    data.value = fresh;
  }

  let isOver = false;
  const stop = live.read({
    event: (e) => { if (!isOver && !needsReason.value && wants(e)) again.soon(); },
    reload: () => { if (!needsReason.value) again.anew(); },
  });
  onScopeDispose(() => {
    isOver = true;
    again.stop();
    stop();
  });
  return { data, error, isLoading, needsReason, load, anew, put };
}

/* What is no case is told by events without content (kinds desk.…). */
export const aboutDesk = (...kinds: string[]) => (e: LiveEvent) => kinds.includes(e.kind);
/* Nearly every page lists cases: anything about a case may concern it. */
export const aboutCases = (e: LiveEvent) => e.case != null;
export const aboutCasesOr = (kind: string) => (e: LiveEvent) => e.case != null || e.kind === kind;
export const aboutLetters = (e: LiveEvent) => e.kind.startsWith('letter.');

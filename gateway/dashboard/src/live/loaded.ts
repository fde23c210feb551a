/* What a page shows: fetched when it opens, again when an event concerns it, and after the line was lost. What was shown
 * stays on the screen until the newer answer is there. */
import { onScopeDispose, ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import { Refusal, sentenceOf } from '../api/http';
import type { LiveEvent } from '../api/types';
import { useLive } from '../stores/live';
import { throttled } from './throttle';

const AGAIN_EVERY_MS = 1500;
/* What is added up over many cases costs the database more than a list. */
export const SUMS_EVERY_MS = 10_000;

/* What a meeting, an inspection or a monitor brought is linked to its source right behind the commit that the event tells
 * of: pages that show the link look once more. */
export const LINK_AFTER_MS = 3000;

export function useLoaded<T>(fetch: () => Promise<T>, wants: (e: LiveEvent) => boolean, everyMs = AGAIN_EVERY_MS, againAfterMs = 0) {
  const data = shallowRef<T | null>(null);
  const error = ref('');
  const isLoading = ref(false);
  /* Something confidential is behind it: the person must say why it is looked at. */
  const needsReason = ref(false);
  let generation = 0;

  /* True when the newest answer is on the screen. */
  async function load(): Promise<boolean> {
    const mine = ++generation;
    isLoading.value = true;
    try {
      const got = await fetch();
      if (mine !== generation) return false;
      data.value = got;
      error.value = '';
      needsReason.value = false;
      return true;
    } catch (e) {
      if (mine !== generation) return false;
      needsReason.value = e instanceof Refusal && e.code === 'act_needs' && e.missing.includes('reason');
      error.value = needsReason.value ? '' : sentenceOf(e);
      return needsReason.value;
    } finally {
      if (mine === generation) isLoading.value = false;
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
    generation++;
    isLoading.value = false;
    data.value = fresh;
  }

  const soon = throttled(everyMs, load);
  let isOver = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  function afterEvent(): void {
    soon();
    if (againAfterMs === 0) return;
    clearTimeout(again);
    again = setTimeout(soon, againAfterMs);
  }
  const stop = useLive().read({
    event: (e) => { if (!isOver && !needsReason.value && wants(e)) afterEvent(); },
    reload: async () => {
      const { seq } = await casesApi.counts();
      if (!needsReason.value && !(await load())) throw new Error(error.value);
      return seq;
    },
  });
  onScopeDispose(() => {
    isOver = true;
    clearTimeout(again);
    generation++;
    stop();
  });
  return { data, error, isLoading, needsReason, load, anew, put };
}

/* Nearly every page lists cases: anything about a case may concern it. */
export const aboutCases = (e: LiveEvent) => e.case != null;
export const aboutLetters = (e: LiveEvent) => e.kind.startsWith('letter.');

import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import { Refusal, sentenceOf } from '../api/http';
import type { ActInput, ActSent, CaseView, LiveEvent } from '../api/types';
import { isPassing } from '../live/again';
import { isOrdinary } from '../live/kept';
import { useLive } from './live';

/* Few look at one case at a time, and they may be about to act on it. */
const AGAIN_EVERY_MS = 300;
const SPREAD_MS = 60;

/* The case that is open. What somebody types lives here as a draft per case and act, so that neither a conflict, a
 * closed form, another page nor an ended session takes it away. */
export const useCase = defineStore('case', () => {
  const view = shallowRef<CaseView | null>(null);
  const isLoading = ref(false);
  const isGone = ref(false);
  const error = ref('');
  /* A confidential case is not shown before the person has said why; the reason holds while the page is open. */
  const needsReason = ref(false);
  const drafts = ref<Record<string, ActInput>>({});
  /* Cases whose drafts may outlive the page: looked at, and no report. */
  const ordinary = new Set<number>();
  let id = 0;
  let reason = '';
  let stopReading: (() => void) | null = null;

  function draft(act: string): ActInput {
    /* Read back: the store's own object is watched, the one just made is not. */
    if (!drafts.value[`${id}:${act}`]) drafts.value[`${id}:${act}`] = {};
    return drafts.value[`${id}:${act}`];
  }

  const again = useLive().asks<{ of: number; got: CaseView }>({
    ask: async () => {
      const of = id;
      return { of, got: await casesApi.one(of, reason) };
    },
    take: ({ of, got }) => {
      if (of !== id) return;
      isLoading.value = false;
      needsReason.value = false;
      isGone.value = false;
      if (!view.value || got.case.version >= view.value.case.version) view.value = got;
      if (isOrdinary(got)) ordinary.add(of);
      else ordinary.delete(of);
      error.value = '';
    },
    failed: (e) => {
      isLoading.value = false;
      if (e instanceof Refusal && e.code === 'act_needs' && e.missing.includes('reason')) {
        needsReason.value = true;
        view.value = null; /* it has become confidential under the eyes */
      }
      /* It was here, and is not this person's to see any more. */
      else if (view.value && e instanceof Refusal && (e.status === 404 || e.status === 403)) isGone.value = true;
      else if (!view.value || !isPassing(e)) error.value = sentenceOf(e);
    },
  }, { every: AGAIN_EVERY_MS, spread: SPREAD_MS });

  async function open(wanted: number, why = ''): Promise<void> {
    if (wanted !== id) needsReason.value = false;
    if (wanted !== id || why) reason = why;
    id = wanted;
    if (view.value?.case.id !== wanted) view.value = null;
    isGone.value = false;
    error.value = '';
    isLoading.value = true;
    stopReading ??= useLive().read({ event, reload: () => { if (id && !needsReason.value) again.anew(); } });
    await again.now().catch(() => undefined); /* what went wrong stands in error */
  }

  function event(e: LiveEvent): void {
    if (e.case !== id || needsReason.value) return;
    if (e.kind === 'case.left') {
      isGone.value = true;
      again.soon(); /* it may still be this person's by another way */
      return;
    }
    const isNews = e.kind.startsWith('feedback.') || (e.data.version ?? Infinity) > (view.value?.case.version ?? 0);
    if (isNews) again.soon();
  }

  /* Throws the Refusal; on a conflict the newest picture is fetched first, so that the form can show what changed. */
  async function act(name: string, version: number, input: ActSent): Promise<void> {
    const mine = id;
    try {
      const after = await casesApi.act(mine, { act: name, version, ...input });
      delete drafts.value[`${mine}:${name}`];
      if (mine === id && after.case.version >= (view.value?.case.version ?? 0)) view.value = after;
    } catch (e) {
      if (e instanceof Refusal && e.status === 409) await again.fresh().catch(() => undefined);
      throw e;
    }
  }

  function close(): void {
    again.stop();
    id = 0;
    reason = '';
    needsReason.value = false;
    view.value = null;
    stopReading?.();
    stopReading = null;
  }

  function forget(): void {
    close();
    drafts.value = {};
    ordinary.clear();
  }

  /* What a page that begins anew may take along, and its coming back. */
  function kept(): Record<string, ActInput> {
    return Object.fromEntries(Object.entries(drafts.value).filter(([key, input]) => ordinary.has(Number(key.split(':')[0])) && input.nature !== 'report' && Object.keys(input).length > 0));
  }
  function restore(from: Record<string, ActInput>): void {
    drafts.value = { ...from, ...drafts.value };
    for (const key of Object.keys(from)) ordinary.add(Number(key.split(':')[0]));
  }

  return { view, isLoading, isGone, error, needsReason, draft, open, act, close, forget, kept, restore };
});

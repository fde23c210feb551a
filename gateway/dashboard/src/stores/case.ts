import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import { Refusal, sentenceOf } from '../api/http';
import type { ActInput, ActSent, CaseView, LiveEvent } from '../api/types';
import { useLive } from './live';

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
  let id = 0;
  let reason = '';
  let stopReading: (() => void) | null = null;
  let fetching: Promise<void> | null = null;
  let isDirty = false;

  function draft(act: string): ActInput {
    /* Read back: the store's own object is watched, the one just made is not. */
    if (!drafts.value[`${id}:${act}`]) drafts.value[`${id}:${act}`] = {};
    return drafts.value[`${id}:${act}`];
  }

  async function fetchView(): Promise<void> {
    const mine = id;
    const got = await casesApi.one(mine, reason);
    if (mine !== id) return;
    needsReason.value = false;
    if (!view.value || got.case.version >= view.value.case.version) view.value = got;
    error.value = '';
  }

  /* One fetch at a time; what is asked for meanwhile leads to exactly one more. */
  function refresh(): Promise<void> {
    if (fetching) {
      isDirty = true;
      return fetching;
    }
    fetching = fetchView().finally(() => {
      fetching = null;
      if (isDirty) {
        isDirty = false;
        void refresh().catch(() => undefined);
      }
    });
    return fetching;
  }

  async function open(wanted: number, why = ''): Promise<void> {
    if (wanted !== id) needsReason.value = false;
    if (wanted !== id || why) reason = why;
    id = wanted;
    if (view.value?.case.id !== wanted) view.value = null;
    isGone.value = false;
    error.value = '';
    isLoading.value = true;
    stopReading ??= useLive().read({ event, reload });
    try {
      await fetchView();
    } catch (e) {
      if (id !== wanted) return;
      if (e instanceof Refusal && e.code === 'act_needs' && e.missing.includes('reason')) needsReason.value = true;
      else error.value = sentenceOf(e);
    } finally {
      if (id === wanted) isLoading.value = false;
    }
  }

  function event(e: LiveEvent): void {
    if (e.case !== id || needsReason.value) return;
    if (e.kind === 'case.left') {
      isGone.value = true;
      return;
    }
    const isNews = e.kind.startsWith('feedback.') || (e.data.version ?? Infinity) > (view.value?.case.version ?? 0);
    if (isNews) void refresh().catch(() => undefined);
  }

  async function reload(): Promise<number> {
    /* The sequence is taken before the case is fetched: what happens in between comes as an event again. */
    const { seq } = await casesApi.counts();
    if (id && !needsReason.value) await refresh();
    return seq;
  }

  /* Throws the Refusal; on a conflict the newest picture is fetched first, so that the form can show what changed. */
  async function act(name: string, version: number, input: ActSent): Promise<void> {
    const mine = id;
    try {
      const after = await casesApi.act(mine, { act: name, version, ...input });
      delete drafts.value[`${mine}:${name}`];
      if (mine === id && after.case.version >= (view.value?.case.version ?? 0)) view.value = after;
    } catch (e) {
      if (e instanceof Refusal && e.status === 409) await refresh().catch(() => undefined);
      throw e;
    }
  }

  function close(): void {
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
  }

  return { view, isLoading, isGone, error, needsReason, draft, open, act, close, forget };
});

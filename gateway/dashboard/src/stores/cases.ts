import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import { sentenceOf } from '../api/http';
import type { CaseChange, CaseRow, Counts, LiveEvent } from '../api/types';
import { filtersToQuery, leavesFilters, mergeHead, NO_FILTERS, patchRow, type Filters } from '../live/changes';
import { throttled } from '../live/throttle';
import { useLive } from './live';

const PAGE = 50;
/* A burst of events asks the gateway for the list once a second, not once an event. */
const HEAD_EVERY_MS = 1000;
const COUNTS_EVERY_MS = 2000;
const FRESH_MS = 8000;
/* A desk is open all day: what came in by itself is let go again, so that the page never grows without end. */
const ROWS_AT_TOP = 300;
const ROWS_WHILE_READING = 600;

/* The list desk: one set of filters, the rows under them, and the counters of the header. */
export const useCases = defineStore('cases', () => {
  const filters = ref<Filters>({ ...NO_FILTERS });
  const rows = shallowRef<CaseRow[]>([]);
  const next = ref<string | null>(null);
  const isLoading = ref(false);
  const isLoadingMore = ref(false);
  const hasLoaded = ref(false);
  const error = ref('');
  const counts = ref<Counts | null>(null);
  const fresh = ref(new Set<number>());
  /* How many rows have come in by themselves, ever; the page derives its announcements from the difference. */
  const arrived = ref(0);
  /* The row the keyboard stands on; kept while a case is open, so that j and k go on from there. */
  const cursor = ref(0);
  /* Somebody reads further down: nothing under the eyes may be let go. */
  const isReading = ref(false);
  const isHoldingBack = ref(false);
  let generation = 0; /* answers to filters that are no longer set are thrown away */
  let stopReading: (() => void) | null = null;

  function query(more?: string): Record<string, string> {
    return { ...filtersToQuery(filters.value), limit: String(PAGE), ...(more ? { before: more } : {}) };
  }

  async function show(wanted: Filters): Promise<void> {
    attach();
    const isSame = hasLoaded.value && JSON.stringify(wanted) === JSON.stringify(filters.value);
    filters.value = wanted;
    if (isSame) return void (await head().catch((e: unknown) => { error.value = sentenceOf(e); }));
    const mine = ++generation;
    isLoading.value = true;
    error.value = '';
    try {
      const list = await casesApi.list(query());
      if (mine !== generation) return;
      rows.value = list.cases;
      next.value = list.next;
      fresh.value = new Set();
      hasLoaded.value = true;
    } catch (e) {
      if (mine === generation) error.value = sentenceOf(e);
    } finally {
      if (mine === generation) isLoading.value = false;
    }
  }

  /* Fetches the first page again and lays it over what is loaded; answers the sequence it stands for. */
  async function head(): Promise<number> {
    const mine = generation;
    const list = await casesApi.list(query());
    if (mine !== generation) return list.seq;
    let merged = mergeHead(rows.value, list.cases, list.next === null);
    isHoldingBack.value = isReading.value && merged.rows.length > ROWS_WHILE_READING && merged.fresh.length > 0;
    if (isHoldingBack.value) {
      const newest = new Map(list.cases.map((r) => [r.id, r]));
      merged = { rows: rows.value.map((r) => { const n = newest.get(r.id); return n && n.version >= r.version ? n : r; }), fresh: [] };
    } else if (!isReading.value && merged.rows.length > ROWS_AT_TOP) {
      merged = { rows: list.cases, fresh: merged.fresh };
      next.value = list.next;
    } else if (merged.rows.length === list.cases.length) {
      next.value = list.next;
    }
    rows.value = merged.rows;
    error.value = '';
    if (merged.fresh.length) {
      arrived.value += merged.fresh.length;
      fresh.value = new Set([...fresh.value, ...merged.fresh]);
      setTimeout(() => {
        const left = new Set(fresh.value);
        for (const id of merged.fresh) left.delete(id);
        fresh.value = left;
      }, FRESH_MS);
    }
    return list.seq;
  }

  /* Tells where the eyes are. Back at the top, what was held back comes in. */
  function reading(is: boolean): void {
    isReading.value = is;
    if (!is && isHoldingBack.value) headSoon();
  }

  async function more(): Promise<void> {
    if (!next.value || isLoadingMore.value) return;
    const mine = generation;
    isLoadingMore.value = true;
    try {
      const list = await casesApi.list(query(next.value));
      if (mine !== generation) return;
      const have = new Set(rows.value.map((r) => r.id));
      rows.value = [...rows.value, ...list.cases.filter((r) => !have.has(r.id))];
      next.value = list.next;
    } catch (e) {
      if (mine === generation) error.value = sentenceOf(e);
    } finally {
      isLoadingMore.value = false;
    }
  }

  async function count(): Promise<number> {
    counts.value = await casesApi.counts();
    return counts.value.seq;
  }

  const headSoon = throttled(HEAD_EVERY_MS, head);
  const countSoon = throttled(COUNTS_EVERY_MS, count);

  function remove(id: number): void {
    if (rows.value.some((r) => r.id === id)) rows.value = rows.value.filter((r) => r.id !== id);
  }

  function event(e: LiveEvent): void {
    countSoon();
    if (e.kind === 'case.left') {
      if (e.case != null) remove(e.case);
      return;
    }
    if (e.kind === 'feedback.rated' && e.case == null) return; /* opened no case: only the counters move */
    const { id, version } = e.data;
    if (id != null && version != null) {
      const patched = [...rows.value];
      if (patchRow(patched, e.data as CaseChange)) {
        rows.value = patched.filter((r) => r.id !== id || !leavesFilters(r, filters.value));
      }
    }
    if (hasLoaded.value) headSoon();
  }

  function attach(): void {
    if (stopReading) return;
    stopReading = useLive().read({
      event,
      reload: async () => {
        const seqs = await Promise.all([hasLoaded.value ? head() : count(), count()]);
        return Math.min(...seqs);
      },
    });
    void count().catch(() => undefined);
  }

  function forget(): void {
    stopReading?.();
    stopReading = null;
    generation++;
    rows.value = [];
    next.value = null;
    counts.value = null;
    hasLoaded.value = false;
    filters.value = { ...NO_FILTERS };
  }

  return { filters, rows, next, isLoading, isLoadingMore, hasLoaded, error, counts, fresh, arrived, cursor, isHoldingBack, reading, show, more, attach, forget };
});

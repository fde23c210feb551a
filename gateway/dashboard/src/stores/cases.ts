import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { casesApi } from '../api/cases';
import { sentenceOf } from '../api/http';
import type { CaseChange, CaseRow, Counts, LiveEvent } from '../api/types';
import { EVERY_MS, isPassing } from '../live/again';
import { filtersToQuery, layOver, leavesFilters, NO_FILTERS, patchRow, ROWS_WHILE_READING, type Filters, type Listed } from '../live/changes';
import { useLive } from './live';

const PAGE = 50;
/* The most that the gateway lists in one answer. */
const PAGE_MAX = 100;
/* Of all counters of an office at once. */
const COUNTS_SPREAD_MS = 400;
/* A search reads more than a list does. */
const SEARCH_EVERY_MS = 6000;
const FRESH_MS = 8000;
export const SELECTED_MAX = 200;

interface Fetched extends Listed { isCut: boolean; isWhole: boolean; asked: number }

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
  const fresh = shallowRef<ReadonlySet<number>>(new Set());
  /* How many rows have come in by themselves, ever; the page derives its announcements from the difference. */
  const arrived = ref(0);
  /* The row the keyboard stands on; kept while a case is open, so that j and k go on from there. */
  const cursor = ref(0);
  /* Somebody reads further down: nothing under the eyes may be let go. */
  const isReading = ref(false);
  const isHoldingBack = ref(false);
  /* Ids that something is to be done with together; only of rows that are here. */
  const selected = shallowRef<ReadonlySet<number>>(new Set());
  let lastSelected = 0;
  /* A search was cut by its time: the next page goes on with it. */
  const isCut = ref(false);
  /* The rows are those of a telephone number, which stands nowhere: not in the address, not here after the answer. */
  const byPhone = ref(false);
  let generation = 0; /* answers to filters that are no longer set are thrown away */
  let isAnew = true; /* the next answer is to other filters: nothing of what is shown belongs to it */
  /* After a lost stretch every row may be old, not those of the first page alone: how often that was so, and was made good. */
  let wholeWanted = 0;
  let wholeDone = 0;
  let stopReading: (() => void) | null = null;

  function query(more?: string | null, limit = PAGE): Record<string, string> {
    return { ...filtersToQuery(filters.value), limit: String(limit), ...(more ? { before: more } : {}) };
  }

  async function show(wanted: Filters): Promise<void> {
    attach();
    const isSame = !byPhone.value && hasLoaded.value && JSON.stringify(wanted) === JSON.stringify(filters.value);
    if (!isSame) {
      selected.value = new Set();
      isAnew = true;
      isLoading.value = true;
      error.value = '';
    }
    filters.value = wanted;
    byPhone.value = false;
    generation++;
    await list.now().catch(() => undefined); /* what went wrong stands in error */
  }

  /* The first page, or as much as is shown. */
  async function fetchRows(): Promise<Fetched> {
    const asked = wholeWanted;
    const isSearch = filters.value.q !== '';
    const isWhole = asked !== wholeDone && !isAnew && rows.value.length > PAGE && !(isSearch && isReading.value);
    const reach = isWhole && !isSearch ? Math.min(ROWS_WHILE_READING, rows.value.length + (isReading.value ? PAGE : 0)) : PAGE;
    const got: CaseRow[] = [];
    for (let more: string | null = null; ;) {
      const page = await casesApi.list(query(more, Math.min(PAGE_MAX, reach - got.length)));
      got.push(...page.cases);
      more = page.next;
      if (!more || got.length >= reach || page.complete === false) return { rows: got, next: more, isCut: page.complete === false, isWhole, asked };
    }
  }

  function take(got: Fetched): void {
    isLoading.value = false;
    error.value = '';
    wholeDone = got.asked;
    if (isAnew) {
      isAnew = false;
      hasLoaded.value = true;
      rows.value = got.rows;
      next.value = got.next;
      isCut.value = got.isCut;
      fresh.value = new Set();
      isHoldingBack.value = false;
      return;
    }
    const laid = layOver({ rows: rows.value, next: next.value }, got, { sort: filters.value.sort, isReading: isReading.value, isWhole: got.isWhole });
    rows.value = laid.rows;
    next.value = laid.next;
    isHoldingBack.value = laid.isHoldingBack;
    keepSelected();
    if (!laid.fresh.length) return;
    arrived.value += laid.fresh.length;
    fresh.value = new Set([...fresh.value, ...laid.fresh]);
    setTimeout(() => {
      const left = new Set(fresh.value);
      for (const id of laid.fresh) left.delete(id);
      fresh.value = left;
    }, FRESH_MS);
  }

  const list = useLive().asks<Fetched>({
    ask: fetchRows,
    take,
    failed: (e) => {
      isLoading.value = false;
      /* What is on the screen stays there and is called late when it is; with nothing on it, or no right to it, the sentence says why. */
      if (isAnew || !isPassing(e)) error.value = sentenceOf(e);
    },
  }, { every: () => (filters.value.q ? SEARCH_EVERY_MS : EVERY_MS) });
  const counter = useLive().asks<Counts>({ ask: casesApi.counts, take: (got) => { counts.value = got; } }, { spread: COUNTS_SPREAD_MS });

  /* Tells where the eyes are. Back at the top, what was held back comes in. */
  function reading(is: boolean): void {
    isReading.value = is;
    if (!is && isHoldingBack.value) list.soon();
  }

  async function more(): Promise<void> {
    if (!next.value || isLoadingMore.value) return;
    const mine = generation;
    isLoadingMore.value = true;
    try {
      const from = next.value;
      const page = await casesApi.list(query(from));
      if (mine !== generation || next.value !== from) return; /* the list ends elsewhere by now */
      const have = new Set(rows.value.map((r) => r.id));
      rows.value = [...rows.value, ...page.cases.filter((r) => !have.has(r.id))];
      next.value = page.next;
      isCut.value = page.complete === false;
    } catch (e) {
      if (mine === generation) error.value = sentenceOf(e);
    } finally {
      isLoadingMore.value = false;
    }
  }

  function remove(id: number): void {
    if (rows.value.some((r) => r.id === id)) rows.value = rows.value.filter((r) => r.id !== id);
    keepSelected();
  }

  function event(e: LiveEvent): void {
    counter.soon();
    if (e.kind === 'case.left') {
      if (e.case != null) remove(e.case);
      if (hasLoaded.value && !byPhone.value) list.soon(); /* an answer on its way may still have it */
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
    if ((hasLoaded.value || error.value) && !byPhone.value) list.soon();
  }

  /* What is no longer on the list is no longer selected: nobody acts on what they do not see. */
  function keepSelected(): void {
    if (!selected.value.size) return;
    const here = new Set(rows.value.map((r) => r.id));
    const left = [...selected.value].filter((id) => here.has(id));
    if (left.length !== selected.value.size) selected.value = new Set(left);
  }
  /* With `range`: everything between the row selected before and this one. */
  function select(id: number, range = false): void {
    const now = new Set(selected.value);
    const [from, to] = [rows.value.findIndex((r) => r.id === lastSelected), rows.value.findIndex((r) => r.id === id)];
    if (range && from >= 0 && to >= 0) for (const r of rows.value.slice(Math.min(from, to), Math.max(from, to) + 1)) now.add(r.id);
    else if (!now.delete(id)) now.add(id);
    lastSelected = id;
    selected.value = new Set([...now].slice(0, SELECTED_MAX));
  }
  function selectAll(): void {
    const all = rows.value.slice(0, SELECTED_MAX).map((r) => r.id);
    selected.value = new Set(selected.value.size >= all.length ? [] : all);
  }

  async function phone(number: string): Promise<void> {
    const mine = ++generation;
    list.stop();
    isLoading.value = true;
    error.value = '';
    selected.value = new Set();
    try {
      const found = await casesApi.byPhone(number, '');
      if (mine !== generation) return;
      rows.value = found.cases;
      next.value = null;
      isCut.value = false;
      byPhone.value = true;
      hasLoaded.value = true;
    } catch (e) {
      if (mine === generation) error.value = sentenceOf(e);
    } finally {
      if (mine === generation) isLoading.value = false;
    }
  }

  function attach(): void {
    if (stopReading) return;
    stopReading = useLive().read({
      event,
      reload: () => {
        counter.anew();
        /* A first page that the gateway never answered is asked for again by itself, as soon as the line is back. */
        if ((!hasLoaded.value && !error.value) || byPhone.value) return;
        wholeWanted++;
        list.anew();
      },
    });
    void counter.now().catch(() => undefined);
  }

  function forget(): void {
    stopReading?.();
    stopReading = null;
    list.stop();
    counter.stop();
    generation++;
    isAnew = true;
    rows.value = [];
    next.value = null;
    counts.value = null;
    selected.value = new Set();
    byPhone.value = false;
    hasLoaded.value = false;
    filters.value = { ...NO_FILTERS };
  }

  /* After something that was done here alone, of which no event need come. */
  async function count(): Promise<void> {
    await counter.fresh();
  }

  return { filters, rows, next, isLoading, isLoadingMore, hasLoaded, error, counts, fresh, arrived, cursor, isHoldingBack, selected, isCut, byPhone, select, selectAll, phone, reading, show, more, attach, count, forget };
});

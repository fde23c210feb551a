/* A queue that somebody works down: what waits, which one is open, and which comes next when that one is done. Pure parts first;
 * the stores of the desks are made of it. */
import { computed, ref, shallowRef } from 'vue';
import { sentenceOf } from '../api/http';
import type { DeskAnswer, DeskGroup, DeskRow } from '../api/desks';
import type { LiveEvent } from '../api/types';
import { useLive } from '../stores/live';
import { isPassing } from './again';
import { patchRow } from './changes';

/* Who comes after `id`: the next row below, else the one above; 0 when nothing is left. */
export function nextOf(rows: readonly { id: number }[], id: number): number {
  const at = rows.findIndex((r) => r.id === id);
  if (at < 0) return rows[0]?.id ?? 0;
  return (rows[at + 1] ?? rows[at - 1])?.id ?? 0;
}

/* One step up or down, staying at the ends. */
export function stepOf(rows: readonly { id: number }[], id: number, by: number): number {
  if (!rows.length) return 0;
  const at = rows.findIndex((r) => r.id === id);
  return rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))].id;
}

export function useQueue(fetch: () => Promise<DeskAnswer>) {
  const answer = shallowRef<DeskAnswer | null>(null);
  const error = ref('');
  const isLoading = ref(false);
  const current = ref(0);
  const group = ref<DeskGroup | ''>('');
  /* On their way to the gateway, or about to be: no longer in the queue for this person. */
  const leaving = shallowRef<ReadonlySet<number>>(new Set());
  let isOpen = false;
  let stopReading: (() => void) | null = null;

  const rows = computed<DeskRow[]>(() => (answer.value?.rows ?? []).filter((r) => !leaving.value.has(r.id) && (!group.value || r.group === group.value)));
  const counts = computed<Partial<Record<DeskGroup, number>>>(() => answer.value?.groups ?? {});
  const row = computed(() => (answer.value?.rows ?? []).find((r) => r.id === current.value) ?? null);

  const again = useLive().asks<DeskAnswer>({
    ask: fetch,
    take: (got) => {
      isLoading.value = false;
      answer.value = got;
      error.value = '';
      if (!current.value) current.value = rows.value[0]?.id ?? 0;
    },
    failed: (e) => {
      isLoading.value = false;
      if (!answer.value || !isPassing(e)) error.value = sentenceOf(e);
    },
  });
  /* An answer from after what was just done; nobody needs one when the desk was left. */
  async function load(): Promise<void> {
    if (isOpen) await again.fresh();
  }

  function event(e: LiveEvent): void {
    if (e.case == null) return;
    const known = answer.value;
    /* What the event itself says is shown at once; groups and order come with the answer behind it. */
    if (known && e.data.id != null && e.data.version != null) {
      const patched = [...known.rows];
      if (patchRow(patched, { ...e.data, id: e.data.id, version: e.data.version })) answer.value = { ...known, rows: patched as DeskRow[] };
    }
    again.soon();
  }

  async function open(): Promise<void> {
    isOpen = true;
    isLoading.value = true;
    stopReading ??= useLive().read({ event, reload: () => again.anew() });
    await again.now().catch(() => undefined); /* what went wrong stands in error */
  }
  function close(): void {
    stopReading?.();
    stopReading = null;
    isOpen = false;
    again.stop();
    answer.value = null;
    current.value = 0;
    group.value = '';
    leaving.value = new Set();
  }

  function choose(id: number): void { current.value = id; }
  function move(by: number): void { current.value = stepOf(rows.value, current.value, by); }
  /* Done with this one, whether or not the gateway has said so: on to the next. */
  function advance(): void { current.value = nextOf(rows.value, current.value); }
  function leave(id: number): void {
    if (current.value === id) current.value = nextOf(rows.value, id);
    if (current.value === id) current.value = 0;
    leaving.value = new Set([...leaving.value, id]);
  }
  function back(id: number): void {
    const left = new Set(leaving.value);
    left.delete(id);
    leaving.value = left;
  }
  function narrow(to: DeskGroup | ''): void {
    group.value = group.value === to ? '' : to;
    if (!rows.value.some((r) => r.id === current.value)) current.value = rows.value[0]?.id ?? 0;
  }

  return { answer, error, isLoading, current, group, rows, counts, row, load, soon: () => again.soon(), open, close, choose, move, advance, leave, back, narrow };
}

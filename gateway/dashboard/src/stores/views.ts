import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { viewsApi } from '../api/views';
import type { View, ViewChange, ViewNew } from '../api/types';
import { useLive } from './live';

const COUNT_EVERY_MS = 15_000;
const SPREAD_MS = 2000;

/* Kept lists: own ones and shared ones. Their counts follow what happens, not faster than every few seconds. */
export const useViews = defineStore('views', () => {
  const views = shallowRef<View[]>([]);
  const hasLoaded = shallowRef(false);
  const first = computed(() => views.value.find((v) => v.first) ?? null);
  let stopReading: (() => void) | null = null;

  const again = useLive().asks<View[]>({
    ask: async () => (await viewsApi.list()).views,
    take: (got) => {
      views.value = got;
      hasLoaded.value = true;
    },
  }, { every: COUNT_EVERY_MS, spread: SPREAD_MS });
  async function load(): Promise<void> {
    await again.fresh();
  }

  function attach(): Promise<void> {
    stopReading ??= useLive().read({ event: () => again.soon(), reload: () => again.anew() });
    return hasLoaded.value ? Promise.resolve() : load();
  }
  async function add(view: ViewNew): Promise<void> {
    await viewsApi.add(view);
    await load();
  }
  async function change(id: number, what: ViewChange): Promise<void> {
    await viewsApi.change(id, what);
    await load();
  }
  /* Up or down among the own ones. */
  async function move(id: number, by: number): Promise<void> {
    const own = views.value.filter((v) => v.own);
    const at = own.findIndex((v) => v.id === id);
    const to = at + by;
    if (at < 0 || to < 0 || to >= own.length) return;
    own.splice(to, 0, ...own.splice(at, 1));
    await Promise.all(own.map((v, i) => (v.order === i ? undefined : viewsApi.change(v.id, { order: i }))));
    await load();
  }
  async function remove(id: number): Promise<void> {
    await viewsApi.remove(id);
    await load();
  }
  function forget(): void {
    stopReading?.();
    stopReading = null;
    again.stop();
    views.value = [];
    hasLoaded.value = false;
  }
  return { views, first, hasLoaded, attach, load, add, change, move, remove, forget };
});

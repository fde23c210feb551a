import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { localDay } from '../parts/field';
import { rolls } from '../live/days';

const DAY_MS = 86_400_000;
const isDay = (v: unknown): v is string => typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v);
export type Course = '' | 'day' | 'week' | 'month';

/* The question of the overview: kept while the desk is left for a list and come back to, and told by the address. */
export const useOverview = defineStore('overview', () => {
  const today = () => localDay(Date.now());
  const to = ref(today());
  const from = ref(localDay(Date.now() - 29 * DAY_MS));
  const unit = ref('');
  const by = ref<Course>('');
  const query = computed(() => ({ from: from.value, to: to.value, unit: unit.value }));

  /* The last `days` days, today included. */
  function last(days: number): void {
    to.value = today();
    from.value = localDay(Date.now() - (days - 1) * DAY_MS);
  }
  rolls(from, to);
  function fromUrl(q: Record<string, unknown>): void {
    if (isDay(q.from) && isDay(q.to) && q.from <= q.to) {
      from.value = q.from;
      to.value = q.to;
    }
    if (typeof q.unit === 'string' && /^\d{1,9}$/.test(q.unit)) unit.value = q.unit;
    if (q.by === 'day' || q.by === 'week' || q.by === 'month') by.value = q.by;
  }
  const toUrl = () => ({ from: from.value, to: to.value, ...(unit.value ? { unit: unit.value } : {}), ...(by.value ? { by: by.value } : {}) });
  return { from, to, unit, by, query, last, fromUrl, toUrl };
});

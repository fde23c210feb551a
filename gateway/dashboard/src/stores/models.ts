import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { modelsApi, type Example } from '../api/models';
import { Paged } from '../live/paged';

/* What is looked at on the desk of models: kept while somebody looks elsewhere, the citizens' words gone when they leave. */
export const useModels = defineStore('models', () => {
  const by = ref<'week' | 'day'>('week');
  const what = ref<'changed' | 'all'>('changed');
  const isRead = ref(false);
  const list = new Paged<Example>({
    ask: async (before) => {
      const got = await modelsApi.examples(what.value, before === null ? undefined : Number(before));
      return { rows: got.examples, next: got.next };
    },
    key: (e) => e.id,
    isBehind: (a, b) => a.id < b.id,
  });
  watch(what, () => list.anew(), { flush: 'sync' });

  /* From the newest one on. */
  async function read(): Promise<void> {
    list.take(await list.head());
    isRead.value = true;
  }
  function forget(): void {
    list.forget();
    isRead.value = false;
  }
  return { by, what, examples: list.rows, next: list.next, isMore: list.isMore, isRead, read, more: () => list.more(), forget };
});

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { desksApi } from '../api/desks';
import { useQueue } from '../live/queue';
import { turnsIn } from '../live/turns';

/* The board of supervision: all open cases by colour, of one unit or of all. Its columns follow the clock too, not events alone. */
export const useSupervision = defineStore('supervision', () => {
  const unit = ref('');
  const queue = useQueue(() => desksApi.board({ unit: unit.value }));
  let turning: ReturnType<typeof setTimeout> | undefined;
  watch(queue.answer, (answer) => {
    clearTimeout(turning);
    if (!answer) return;
    const all = Object.values(answer.groups).reduce((sum, n) => sum + (n ?? 0), 0);
    const ms = turnsIn(answer.rows, Date.now(), all > answer.rows.length);
    if (ms !== null) turning = setTimeout(queue.soon, ms);
  }, { flush: 'sync' });
  async function show(wanted: string): Promise<void> {
    unit.value = wanted;
    await queue.open();
  }
  return { ...queue, unit, show };
});

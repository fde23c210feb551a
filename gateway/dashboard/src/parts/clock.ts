/* One ticking minute for everything on the screen that depends on the time. */
import { onScopeDispose, shallowRef } from 'vue';

const TICK_MS = 15_000;
const now = shallowRef(Date.now());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow() {
  if (readers++ === 0) {
    now.value = Date.now();
    timer = setInterval(() => { now.value = Date.now(); }, TICK_MS);
  }
  onScopeDispose(() => { if (--readers === 0) clearInterval(timer); });
  return now;
}

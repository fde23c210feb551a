import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { useLive } from './live';

export interface Someone { staff: number; name: string; unit: string; doing: 'look' | 'write'; since: string }

/* A form that nobody has typed in for so long is no writing. */
const WRITES_MS = 120_000;
/* A page in the background for so long is looked at by nobody. */
const HIDDEN_MS = 120_000;

/* Who else has the case open that this page has open, and what this page says of itself. The gateway tells it only to those
 * who may see the case; nothing of it is kept. */
export const usePresence = defineStore('presence', () => {
  const others = shallowRef<Someone[]>([]);
  const here = ref(0);
  let said: 'look' | 'write' | 'away' = 'away';
  let resting: ReturnType<typeof setTimeout> | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let stopReading: (() => void) | null = null;
  const live = useLive();
  /* Over a line that is down nothing is known of anybody. */
  const known = computed(() => (live.mode === 'live' ? others.value : []));
  const writers = computed(() => known.value.filter((p) => p.doing === 'write'));

  function say(doing: 'look' | 'write' | 'away'): void {
    said = doing;
    live.tell(doing === 'away' ? { type: 'leave' } : { type: 'presence', case: here.value, doing });
  }
  function seen(): void {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') hiding = setTimeout(() => { if (said !== 'away') say('away'); }, HIDDEN_MS);
    else if (said === 'away' && here.value) say('look');
  }

  function open(id: number): void {
    if (here.value === id) return;
    clearTimeout(resting);
    here.value = id;
    others.value = [];
    if (!stopReading) {
      stopReading = live.read({
        event: () => undefined,
        hello: () => { if (said !== 'away') say(said); },
        presence: (of, who) => { if (of === here.value) others.value = who; },
      });
      document.addEventListener('visibilitychange', seen);
    }
    say('look');
  }
  /* Called with every keystroke in a form about the case. */
  function typing(): void {
    if (!here.value) return;
    clearTimeout(resting);
    resting = setTimeout(rest, WRITES_MS);
    if (said !== 'write') say('write');
  }
  function rest(): void {
    clearTimeout(resting);
    if (said === 'write') say('look');
  }
  function close(id: number): void {
    if (here.value !== id) return; /* the next case is open already */
    clearTimeout(resting);
    clearTimeout(hiding);
    document.removeEventListener('visibilitychange', seen);
    here.value = 0;
    others.value = [];
    stopReading?.();
    stopReading = null;
    if (said !== 'away') say('away');
  }

  return { others: known, writers, here, open, typing, rest, close };
});

/* The person before this browser, as its events tell. */
import { doorAttended } from '../api/http';
import { Attended } from './attended';

const KEPT = 'msd.touched';

/* Storage may be switched off; then every window counts for itself. */
function read(): number {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0;
  }
}
function write(at: number): void {
  try {
    localStorage.setItem(KEPT, String(at));
  } catch {
    /* as above */
  }
}
/* A page that loads itself anew, because rights or posts were changed, is opened by nobody; who presses F5 has touched a key before. */
function isOpened(): boolean {
  const [entry] = performance.getEntriesByType('navigation');
  return (entry as PerformanceNavigationTiming | undefined)?.type !== 'reload';
}

export const person = new Attended({ now: () => Date.now(), read, write }, isOpened());

export function watchPerson(): void {
  doorAttended(() => person.secondsAgo());
  for (const e of ['keydown', 'pointerdown', 'wheel', 'touchstart']) document.addEventListener(e, () => person.touch(), { capture: true, passive: true });
}

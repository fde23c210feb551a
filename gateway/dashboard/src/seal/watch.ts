/* The page's side of the idle lock: who touches it, whether it is in sight. */
import { IdleLock, type LockCause } from './idle';

const STIRRED = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

export function watchedLock(lock: (cause: LockCause) => void): { start(): void; stop(): void } {
  const idle = new IdleLock(
    { now: () => Date.now(), after: (ms, then) => { const t = setTimeout(then, ms); return () => clearTimeout(t); } },
    lock,
  );
  const touched = (): void => idle.touched();
  const seen = (): void => idle.seen(document.visibilityState === 'hidden');
  function stop(): void {
    idle.stop();
    for (const kind of STIRRED) window.removeEventListener(kind, touched, true);
    document.removeEventListener('visibilitychange', seen);
  }
  function start(): void {
    stop();
    idle.start(document.visibilityState === 'hidden');
    for (const kind of STIRRED) window.addEventListener(kind, touched, { capture: true, passive: true });
    document.addEventListener('visibilitychange', seen);
  }
  return { start, stop };
}

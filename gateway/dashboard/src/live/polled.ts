/* What no event tells of (counts of an outbox, a log) is asked for again while somebody looks at it. A page that nobody has
 * touched for a while asks no more: nobody reads the answers. */
import { onScopeDispose } from 'vue';

const LEFT_ALONE_MS = 600_000;

export function usePolled(load: () => Promise<unknown>, everyMs: number): void {
  let touched = Date.now();
  const touch = () => { touched = Date.now(); };
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return; /* a slow answer is waited for, not overtaken */
    if (document.visibilityState === 'visible' && Date.now() - touched < LEFT_ALONE_MS) {
      isAsking = true;
      void load().catch(() => undefined).finally(() => { isAsking = false; });
    }
  }, everyMs);
  for (const kind of ['pointerdown', 'keydown'] as const) document.addEventListener(kind, touch);
  onScopeDispose(() => {
    clearInterval(timer);
    for (const kind of ['pointerdown', 'keydown'] as const) document.removeEventListener(kind, touch);
  });
}

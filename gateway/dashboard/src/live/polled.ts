/* What no event tells of (counts of an outbox, a log) is asked for again while somebody looks at it. A page that nobody has
 * touched for a while asks no more, so that a desk left alone still ends its session. */
import { onScopeDispose } from 'vue';

const LEFT_ALONE_MS = 600_000;

export function usePolled(load: () => Promise<unknown>, everyMs: number): void {
  let touched = Date.now();
  const touch = () => { touched = Date.now(); };
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && Date.now() - touched < LEFT_ALONE_MS) void load();
  }, everyMs);
  for (const kind of ['pointerdown', 'keydown'] as const) document.addEventListener(kind, touch);
  onScopeDispose(() => {
    clearInterval(timer);
    for (const kind of ['pointerdown', 'keydown'] as const) document.removeEventListener(kind, touch);
  });
}

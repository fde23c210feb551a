/* Runs at once when it was quiet, else as soon as `every` has passed since the last run. */
export function throttled(every: number, run: () => Promise<unknown>): () => void {
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      last = Date.now();
      void run().catch(() => undefined); /* the next event, poll or reload asks again */
    }, Math.max(0, last + every - Date.now()));
  };
}

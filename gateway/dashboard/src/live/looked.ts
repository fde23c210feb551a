/* One of several that is opened to be looked at, and fetched when it is pressed. The newest press wins; until its answer is there, `coming` names it:
 * whatever takes along what is looked at waits so long. Without browser globals, so that it is tested as it is. */
import { ref, shallowRef } from 'vue';

export function useLooked<T extends { key: string }>(failed: (e: unknown) => void) {
  const seen = shallowRef<T | null>(null);
  const coming = ref('');
  let asked = 0;

  function close(): void {
    asked++;
    coming.value = '';
    seen.value = null;
  }
  /* Pressed once more, it is closed. */
  async function look(key: string, fetch: () => Promise<T>): Promise<void> {
    if (seen.value?.key === key) return close();
    const mine = ++asked;
    coming.value = key;
    try {
      const got = await fetch();
      if (mine === asked) seen.value = got;
    } catch (e) {
      failed(e);
    } finally {
      if (mine === asked) coming.value = '';
    }
  }
  return { seen, coming, look, close };
}

/* One registry of keys: a page says which it has while it is shown, and the table behind `?` is made from what is said, so that it is never out of
 * date. Each page's `run` does what the key says; nobody else listens for keys of a page. */
import { onBeforeUnmount, onMounted, shallowReactive } from 'vue';

/* Is this key press a command, not text going into a field or a browser shortcut? */
export function isPlainKey(e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return false;
  const at = e.target as HTMLElement | null;
  return !at?.closest?.('input, textarea, select, [contenteditable="true"], dialog[open]');
}

export interface PageKey {
  /* What `event.key` may be. */
  keys: readonly string[];
  /* As it stands in the table; the keys with a stroke between when it is not given. */
  shown?: string;
  does: () => string;
  /* Absent: the browser or a part of the page does it by itself. False: the key was not for us after all. */
  run?: (e: KeyboardEvent) => boolean | void;
  /* Pressed where text is typed or a radio is chosen, too: then `run` decides. */
  anywhere?: boolean;
  /* Goes on while the key is held down, like walking through a list. What acts on something happens once for each press. */
  repeats?: boolean;
}

const pages = shallowReactive(new Map<symbol, readonly PageKey[]>());

/* From now on, until what is returned is called. */
export function showKeys(keys: readonly PageKey[]): () => void {
  const page = Symbol('keys');
  pages.set(page, keys);
  return () => { pages.delete(page); };
}
export function usePageKeys(keys: readonly PageKey[]): void {
  let hide: (() => void) | undefined;
  onMounted(() => { hide = showKeys(keys); });
  onBeforeUnmount(() => hide?.());
}

/* For the table: of all that is shown, in the order in which it came. */
export function keysShown(): PageKey[] {
  return [...pages.values()].flat().filter((k) => k.shown !== '');
}
export const shownAs = (k: PageKey) => k.shown ?? k.keys.join(' / ');

/* App's one listener. The page that came last goes first. */
export function pressKey(e: KeyboardEvent): void {
  if (e.defaultPrevented) return;
  for (const keys of [...pages.values()].reverse()) {
    for (const k of keys) {
      if (!k.run || !k.keys.includes(e.key) || !(isPlainKey(e) || k.anywhere)) continue;
      if (!e.repeat || k.repeats) {
        if (k.run(e) === false) continue;
      }
      e.preventDefault();
      return;
    }
  }
}

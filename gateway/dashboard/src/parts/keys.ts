/* Is this key press a command, not text going into a field or a browser shortcut? */
export function isPlainKey(e: KeyboardEvent): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return false;
  const at = e.target as HTMLElement | null;
  return !at?.closest?.('input, textarea, select, [contenteditable="true"], dialog[open]');
}

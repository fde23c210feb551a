/* The explanation of a deadline ends with what the clock does next; the ladder shows that line by itself. */
const NEXT = /^下一步[：:]\s*/;

export function nextLine(lines: readonly string[]): string {
  const line = lines.find((l) => NEXT.test(l));
  return line ? line.replace(NEXT, '') : '';
}

/* Where searched words stand in a text that the gateway has brought into one shape. Pure. */
export function termsOf(q: string): string[] {
  return q.normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);
}

/* The text in pieces, in order; of hits that overlap the first one counts. */
export function hits(text: string, terms: readonly string[]): { text: string; isHit: boolean }[] {
  const out: { text: string; isHit: boolean }[] = [];
  let at = 0;
  while (at < text.length) {
    let from = text.length;
    let length = 0;
    for (const t of terms) {
      const found = t ? text.indexOf(t, at) : -1;
      if (found >= 0 && (found < from || (found === from && t.length > length))) {
        from = found;
        length = t.length;
      }
    }
    if (from > at) out.push({ text: text.slice(at, from), isHit: false });
    if (length) out.push({ text: text.slice(from, from + length), isHit: true });
    at = from + length;
  }
  return out;
}

/* What a form shows for each word of `needs`. A need without a line here is a one-line text under its own name, so a
 * new rule of the gateway never leaves somebody without a field. */
export type FieldKind = 'unit' | 'category' | 'rung' | 'text' | 'line';

const KINDS: Record<string, FieldKind> = {
  unit: 'unit', category: 'category', rung: 'rung', words: 'text', reason: 'text', evidence: 'text', legal_ground: 'line',
};

export function fieldKind(need: string): FieldKind {
  return KINDS[need] ?? 'line';
}

export function isFilled(value: string | number | undefined): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
}

/* Ids and rungs are numbers for the gateway; words are sent as typed, less the blank around them. */
export function sendable(need: string, value: string | number): string | number {
  const kind = fieldKind(need);
  return kind === 'unit' || kind === 'rung' ? Number(value) : String(value).trim();
}

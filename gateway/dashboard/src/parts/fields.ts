/* What a form shows for each word of `needs`. A need without a line here is a one-line text under its own name, so a
 * new rule of the gateway never leaves somebody without a field. */
export type FieldKind = 'unit' | 'category' | 'rung' | 'feedback' | 'pause_cause' | 'rating' | 'nature' | 'urgency' | 'text' | 'line' | 'number' | 'date';

const KINDS: Record<string, FieldKind> = {
  unit: 'unit', category: 'category', rung: 'rung', pause_cause: 'pause_cause', rating: 'rating', feedback: 'feedback', nature: 'nature', urgency: 'urgency',
  words: 'text', reason: 'text', evidence: 'text', way: 'text',
  legal_ground: 'line', receiver: 'line',
  target: 'number', person: 'number', amount: 'number', until: 'date',
};

/* Taken with an act although it is not needed: a dispatcher may correct category, nature and urgency or name the organ above, a callback
 * clerk may note the rating and which reporter was asked. */
const WELCOME: Record<string, string[]> = {
  assign: ['category', 'nature', 'urgency', 'higher'], callback_solved: ['rating', 'feedback'], callback_unsolved: ['rating', 'feedback'], callback_attempt: ['feedback'],
  callback_refused: ['feedback'],
};

export function fieldKind(need: string): FieldKind {
  return KINDS[need] ?? 'line';
}

export function fieldsOf(act: string, needs: string[]): string[] {
  return [...needs, ...(WELCOME[act] ?? []).filter((f) => !needs.includes(f))];
}

export function isFilled(value: string | number | undefined): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
}

const NUMBERS: ReadonlySet<FieldKind> = new Set<FieldKind>(['unit', 'rung', 'rating', 'number', 'feedback']);

/* Ids, rungs and amounts are numbers for the gateway; words are sent as typed, less the blank around them. */
export function sendable(need: string, value: string | number): string | number {
  const text = String(value).trim();
  return NUMBERS.has(fieldKind(need)) && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/* The fields of a letter's text, and what goes to the gateway from them. */
import { computed } from 'vue';
import type { LetterText } from '../api/letters';
import type { Values } from '../stores/drafts';
import { useWords } from '../words';
import { linesOf, numbersOf, type Field } from './field';

const TEXTS = ['title', 'body', 'basis', 'practice', 'due', 'receiver', 'copies_to', 'note'] as const;
const LINES = ['issuers', 'attachments'] as const;

/* isNew: nothing is needed but cases or words; the gateway composes what is left out. */
export function useLetterFields(isNew: boolean) {
  const words = useWords();
  return computed<Field[]>(() => {
    const w = words.value.letters;
    const all: Field[] = [
      { key: 'title', label: w.title, kind: 'text', max: 120, isWide: true, isNeeded: !isNew },
      { key: 'units', label: w.to, kind: 'units' },
      { key: 'receiver', label: w.receiver, kind: 'text', max: 100, hint: w.receiverHint },
      { key: 'cases', label: w.caseNumbers, kind: 'text', hint: w.caseNumbersHint },
      { key: 'basis', label: w.basis, kind: 'area', rows: 2, max: 500 },
      { key: 'body', label: w.body, kind: 'area', rows: 10, max: 5000, isNeeded: !isNew },
      { key: 'practice', label: w.practice, kind: 'area', rows: 3, max: 5000 },
      { key: 'due', label: w.due, kind: 'text', max: 60 },
      { key: 'copies_to', label: w.copiesTo, kind: 'text', max: 200 },
      { key: 'issuers', label: w.issuers, kind: 'area', rows: 2, hint: w.onePerLine },
      { key: 'attachments', label: w.attachments, kind: 'area', rows: 2, hint: w.onePerLine },
      { key: 'note', label: w.note, kind: 'text', max: 200, isWide: true },
    ];
    return isNew ? all.map((f) => ({ ...f, isMore: f.key !== 'cases' })) : all;
  });
}

export function valuesOf(t: LetterText): Values {
  const v: Values = { units: t.units.join(','), cases: t.cases.join(' ') };
  for (const k of TEXTS) v[k] = t[k] ?? '';
  for (const k of LINES) v[k] = t[k].join('\n');
  return v;
}

function bodyOf(v: Values, keep: (key: string) => boolean): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const k of TEXTS) if (keep(k)) out[k] = (v[k] ?? '').trim();
  for (const k of LINES) if (keep(k)) out[k] = linesOf(v[k]);
  for (const k of ['units', 'cases']) if (keep(k)) out[k] = numbersOf(v[k]);
  return out;
}
/* A new draft sends what was filled in; the rest is composed from the cases. */
export const draftBody = (v: Values) => bodyOf(v, (k) => (v[k] ?? '').trim() !== '');
/* An edit sends what differs, blank included: it was taken away. */
export const editBody = (v: Values, before: Values) => bodyOf(v, (k) => (v[k] ?? '').trim() !== (before[k] ?? '').trim());

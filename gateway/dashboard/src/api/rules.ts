import type { Shape } from './described';
import { http, type Query } from './http';

export type RulesDesk = Shape<'RulesDesk'>;
export type RuleDraft = Shape<'RuleDraft'>;
export type RuleVersion = RulesDesk['versions'][number];
export type RuleWord = Shape<'RuleWord'>;
export type Tried = Shape<'TriedDecision'>;
export type TriedShort = Shape<'TriedShort'>;
export type DraftStep = 'propose' | 'take_back' | 'withdraw' | 'refuse' | 'confirm';
/* One change as it is sent; what was in force comes back with it. */
export interface CategoryFacts { unit: string; level: number; nature: string; confidential: boolean }
export type RuleChange =
  | { of: 'word'; kind: string; word: string; value: string; weight: number | null; was?: number | null }
  | { of: 'alias'; unit: string; aliases: string[]; was?: string[] }
  | ({ of: 'category'; code: string; was?: CategoryFacts } & CategoryFacts);

/* Without what was: the gateway looks itself. */
export const bare = (changes: readonly RuleChange[]) => changes.map((c) => Object.fromEntries(Object.entries(c).filter(([k]) => k !== 'was')) as Shape<'RuleChangeIn'>);

export const rulesApi = {
  desk: () => http.get('/rules'),
  words: (query: Query) => http.get('/rules/words', query),
  aliases: (query: Query) => http.get('/rules/aliases', query),
  categories: (query: Query) => http.get('/rules/categories', query),
  draft: async (id: number) => { const d = await http.get(`/rules/drafts/${id}`); return { ...d, changes: d.changes as RuleChange[] }; },
  version: async (n: number) => { const v = await http.get(`/rules/versions/${n}`); return { ...v, changes: v.changes as RuleChange[] }; },
  add: (note: string, changes: readonly RuleChange[]) => http.post('/rules/drafts', { note, changes: bare(changes) }),
  back: (note: string, version: number) => http.post('/rules/drafts', { note, back_to: version }),
  write: (id: number, note: string, changes: readonly RuleChange[]) => http.post(`/rules/drafts/${id}`, { note, changes: bare(changes) }),
  step: (id: number, step: DraftStep, why?: string) => http.post(`/rules/drafts/${id}/steps`, why ? { step, why } : { step }),
  tryText: (text: string, nature: string, plaque: string, changes: readonly RuleChange[]) =>
    http.post('/rules/try', { text, ...(nature ? { nature } : {}), ...(plaque ? { plaque } : {}), changes: bare(changes) }),
  tryCases: (changes: readonly RuleChange[]) => http.post('/rules/try/cases', { changes: bare(changes) }),
};

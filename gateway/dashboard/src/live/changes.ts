/* What a live change means for a list that somebody is looking at. Pure; the stores call it. */
import type { CaseChange, CaseRow, CaseState, Nature } from '../api/types';

export interface Filters {
  state: CaseState[];
  nature: Nature | '';
  unit: number | null;
  category: string;
  level: number | null;
  q: string;
  mine: boolean;
  triage: boolean;
  held: boolean;
  overdue: boolean;
  objected: boolean;
}

export const NO_FILTERS: Readonly<Filters> = {
  state: [], nature: '', unit: null, category: '', level: null, q: '', mine: false, triage: false, held: false, overdue: false, objected: false,
};

export const STATES: readonly CaseState[] = [
  'discovered', 'assigned', 'handling', 'replied', 'verifying', 'closed', 'declined', 'merged',
];
export const NATURES: readonly Nature[] = ['rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest'];

type UrlQuery = Record<string, string | null | (string | null)[] | undefined>;

function one(value: UrlQuery[string]): string {
  const v = Array.isArray(value) ? value[0] : value;
  return v ?? '';
}

/* Unknown words in an address somebody kept or mistyped are left out, never sent on. */
export function filtersFromUrl(query: UrlQuery): Filters {
  const states = one(query.state).split(',');
  const nature = one(query.nature) as Nature;
  const unit = Number(one(query.unit));
  const level = one(query.level);
  return {
    state: STATES.filter((s) => states.includes(s)),
    nature: NATURES.includes(nature) ? nature : '',
    unit: Number.isSafeInteger(unit) && unit > 0 ? unit : null,
    category: /^\d{2,4}$/.test(one(query.category)) ? one(query.category) : '',
    level: /^[0-4]$/.test(level) ? Number(level) : null,
    q: one(query.q).slice(0, 100),
    mine: one(query.mine) === '1',
    triage: one(query.triage) === '1',
    held: one(query.held) === '1',
    overdue: one(query.overdue) === '1',
    objected: one(query.objected) === '1',
  };
}

/* Serves the address bar and the API alike: both use the same names. */
export function filtersToQuery(f: Filters): Record<string, string> {
  const q: Record<string, string> = {};
  if (f.state.length) q.state = f.state.join(',');
  if (f.nature) q.nature = f.nature;
  if (f.unit != null) q.unit = String(f.unit);
  if (f.category) q.category = f.category;
  if (f.level != null) q.level = String(f.level);
  if (f.q) q.q = f.q;
  for (const flag of ['mine', 'triage', 'held', 'overdue', 'objected'] as const) if (f[flag]) q[flag] = '1';
  return q;
}

/* Does the row certainly fall outside? Words, ownership and clocks are the gateway's to judge, so they never exclude here. */
export function leavesFilters(row: Partial<CaseRow>, f: Filters): boolean {
  if (f.state.length && row.state && !f.state.includes(row.state)) return true;
  if (f.nature && row.nature && row.nature !== f.nature) return true;
  if (f.unit != null && row.unit && row.unit.id !== f.unit) return true;
  if (f.category && row.category && !row.category.code.startsWith(f.category)) return true;
  if (f.level != null && row.level != null && row.level !== f.level) return true;
  if (f.triage && row.triage === false) return true;
  if (f.held && row.held === false) return true;
  return false;
}

/* Puts a change into the rows in place. True when the row was there (also when the change was old news). */
export function patchRow(rows: CaseRow[], change: CaseChange): boolean {
  const at = rows.findIndex((r) => r.id === change.id);
  if (at < 0) return false;
  if (change.version >= rows[at].version) {
    const due = change.due_at === undefined ? rows[at].due_at : change.due_at;
    rows[at] = { ...rows[at], ...change, colour: colourAfter(rows[at], due) };
  }
  return true;
}

/* Events carry no colour. Until the list is asked again, a moved deadline is judged by "over or not" alone. */
function colourAfter(row: CaseRow, due: string | null): CaseRow['colour'] {
  return due === row.due_at ? row.colour : 'green';
}

/* Lays a freshly fetched first page over what is loaded: rows further down stay (with the scroll position), rows
 * within the page's reach that the gateway no longer lists go. Answers which ids are new. */
export function mergeHead(rows: CaseRow[], head: CaseRow[], isWhole: boolean): { rows: CaseRow[]; fresh: number[] } {
  const known = new Map(rows.map((r) => [r.id, r]));
  const fresh = head.filter((r) => !known.has(r.id)).map((r) => r.id);
  const newer = head.map((r) => {
    const old = known.get(r.id);
    return old && old.version > r.version ? old : r;
  });
  if (isWhole || !head.length) return { rows: newer, fresh };
  const inHead = new Set(head.map((r) => r.id));
  const last = head[head.length - 1];
  const below = rows.filter((r) => !inHead.has(r.id) && comesAfter(r, last));
  return { rows: [...newer, ...below], fresh };
}

/* The list's order: newest first, id breaks ties. */
function comesAfter(row: CaseRow, last: CaseRow): boolean {
  const a = Date.parse(row.opened_at);
  const b = Date.parse(last.opened_at);
  return a < b || (a === b && row.id < last.id);
}

export type Tone = 'green' | 'yellow' | 'red' | 'none' | 'paused';

/* Colour shown for the deadline: the gateway's, except that a due instant which passes on the screen turns red at once. */
export function toneOf(row: Pick<CaseRow, 'due_at' | 'colour' | 'paused'>, now: number): Tone {
  if (row.paused) return 'paused';
  if (!row.due_at) return 'none';
  return Date.parse(row.due_at) <= now ? 'red' : row.colour;
}

export const COMPARED = ['state', 'unit', 'category', 'nature', 'level', 'due_at', 'paused', 'rung', 'return_asked',
  'extension_asked', 'round', 'triage', 'held', 'feedbacks'] as const;
export type ComparedField = (typeof COMPARED)[number];

/* Which facts differ between what somebody saw and what is true now. */
export function changedFacts(before: CaseRow, after: CaseRow): ComparedField[] {
  const plain = (row: CaseRow, f: ComparedField): unknown =>
    f === 'unit' ? row.unit.id : f === 'category' ? row.category.code : f === 'due_at' ? (row.due_at ? Date.parse(row.due_at) : null) : row[f];
  return COMPARED.filter((f) => plain(before, f) !== plain(after, f));
}

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
  channel: string;
  colour: CaseRow['colour'] | '';
  rung: number | null;
  plaque: string;
  handler: number | null;
  burst: number | null;
  from: string;
  to: string;
  sort: 'new' | 'due';
}

export const NO_FILTERS: Readonly<Filters> = {
  state: [], nature: '', unit: null, category: '', level: null, q: '', mine: false, triage: false, held: false, overdue: false, objected: false,
  channel: '', colour: '', rung: null, plaque: '', handler: null, burst: null, from: '', to: '', sort: 'new',
};

export const STATES: readonly CaseState[] = [
  'discovered', 'assigned', 'handling', 'replied', 'verifying', 'closed', 'declined', 'merged',
];
export const URGENCIES = ['特急', '紧急', '一般', '平缓'] as const;
export const NATURES: readonly Nature[] = ['rate', 'supervise', 'report', 'complain', 'appeal', 'ask', 'suggest'];

export const COLOURS: readonly CaseRow['colour'][] = ['red', 'yellow', 'green'];

type UrlQuery = Record<string, string | null | (string | null)[] | undefined>;

function one(value: UrlQuery[string]): string {
  const v = Array.isArray(value) ? value[0] : value;
  return v ?? '';
}

function dayOf(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
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
    channel: /^[a-z0-9]{2,20}$/.test(one(query.channel)) ? one(query.channel) : '',
    colour: COLOURS.find((c) => c === one(query.colour)) ?? '',
    rung: /^[0-7]$/.test(one(query.rung)) ? Number(one(query.rung)) : null,
    plaque: /^\d{1,18}$/.test(one(query.plaque)) ? one(query.plaque) : '',
    handler: /^[1-9]\d{0,8}$/.test(one(query.handler)) ? Number(one(query.handler)) : null,
    burst: /^[1-9]\d{0,14}$/.test(one(query.burst)) ? Number(one(query.burst)) : null,
    from: dayOf(one(query.from)),
    to: dayOf(one(query.to)),
    sort: one(query.sort) === 'due' && !one(query.q) ? 'due' : 'new', /* words are found from the newest on */
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
  for (const word of ['channel', 'colour', 'plaque', 'from', 'to'] as const) if (f[word]) q[word] = f[word];
  if (f.rung != null) q.rung = String(f.rung);
  if (f.handler != null) q.handler = String(f.handler);
  if (f.burst != null) q.burst = String(f.burst);
  if (f.sort === 'due' && !f.q) q.sort = 'due';
  return q;
}

/* Does the row certainly fall outside? Words, ownership, units with what is below them, and clocks are the gateway's to judge, so they never exclude here. */
export function leavesFilters(row: Partial<CaseRow>, f: Filters): boolean {
  if (f.state.length && row.state && !f.state.includes(row.state)) return true;
  if (f.nature && row.nature && row.nature !== f.nature) return true;
  if (f.category && row.category && !row.category.code.startsWith(f.category)) return true;
  if (f.level != null && row.level != null && row.level !== f.level) return true;
  if (f.triage && row.triage === false) return true;
  if (f.held && row.held === false) return true;
  if (f.rung != null && row.rung != null && row.rung !== f.rung) return true;
  return false;
}

/* Puts a change into the rows in place. True when the row was there (also when the change was old news). */
export function patchRow(rows: CaseRow[], change: CaseChange, now = Date.now()): boolean {
  const at = rows.findIndex((r) => r.id === change.id);
  if (at < 0) return false;
  if (change.version >= rows[at].version) {
    const due = change.due_at === undefined ? rows[at].due_at : change.due_at;
    const warn = change.warn_at === undefined ? rows[at].warn_at : change.warn_at;
    rows[at] = { ...rows[at], ...change, colour: colourAfter(rows[at], due, warn, now) };
  }
  return true;
}

/* Events carry no colour: until the list is asked again, a moved deadline is judged here as the gateway does it. */
function colourAfter(row: CaseRow, due: string | null, warn: string | null | undefined, now: number): CaseRow['colour'] {
  if (due === row.due_at && warn === row.warn_at) return row.colour;
  if (due && Date.parse(due) <= now) return 'red';
  return warn && Date.parse(warn) <= now ? 'yellow' : 'green';
}

/* Lays a freshly fetched first page over what is loaded: rows further down stay (with the scroll position), rows
 * within the page's reach that the gateway no longer lists go. Answers which ids are new. */
export function mergeHead(rows: CaseRow[], head: CaseRow[], isWhole: boolean, sort: Filters['sort'] = 'new'): { rows: CaseRow[]; fresh: number[] } {
  const known = new Map(rows.map((r) => [r.id, r]));
  const fresh = head.filter((r) => !known.has(r.id)).map((r) => r.id);
  const newer = head.map((r) => {
    const old = known.get(r.id);
    return old && old.version > r.version ? old : r;
  });
  if (isWhole || !head.length) return { rows: newer, fresh };
  const inHead = new Set(head.map((r) => r.id));
  const last = head[head.length - 1];
  const below = rows.filter((r) => !inHead.has(r.id) && comesAfter(r, last, sort));
  return { rows: [...newer, ...below], fresh };
}

export interface Listed { rows: CaseRow[]; next: string | null }
export interface Laid extends Listed { fresh: number[]; isHoldingBack: boolean }
/* isReading: somebody reads further down, so nothing under the eyes may go. isWhole: `got` is all that is to be shown, not the first page alone. */
export interface Look { sort: Filters['sort']; isReading: boolean; isWhole?: boolean }

/* A desk is open all day: what came in by itself is let go again, so that the page never grows without end. */
export const ROWS_AT_TOP = 300;
export const ROWS_WHILE_READING = 600;

/* What the list is after a newer answer. Rows are shown only when nothing is missing between them: where the answer does not reach down
 * to what is loaded, it takes its place (`next` leads on from it), or, under the eyes of somebody who reads, is held back. */
export function layOver(was: Listed, got: Listed, look: Look): Laid {
  const merged = mergeHead(was.rows, got.rows, look.isWhole === true || got.next === null, look.sort);
  const answer: Laid = { rows: merged.rows.slice(0, got.rows.length), next: got.next, fresh: merged.fresh, isHoldingBack: false };
  /* A search that was cut before it found anything says nothing of what is loaded. */
  if (!got.rows.length && got.next !== null) return { ...was, fresh: [], isHoldingBack: false };
  if (!was.rows.length || got.next === null) return answer;
  const known = new Set(was.rows.map((r) => r.id));
  const isApart = look.isReading ? !got.rows.some((r) => known.has(r.id)) : !known.has(got.rows[got.rows.length - 1].id);
  const isTooLong = look.isReading && merged.rows.length > ROWS_WHILE_READING && merged.fresh.length > 0;
  if (look.isReading && (isApart || isTooLong)) {
    const newest = new Map(got.rows.map((r) => [r.id, r]));
    return { rows: was.rows.map((r) => { const n = newest.get(r.id); return n && n.version >= r.version ? n : r; }), next: was.next, fresh: [], isHoldingBack: true };
  }
  if (look.isWhole || isApart || (!look.isReading && merged.rows.length > ROWS_AT_TOP)) return answer;
  return { rows: merged.rows, next: merged.rows.length === got.rows.length ? got.next : was.next, fresh: merged.fresh, isHoldingBack: false };
}

/* The list's order: newest first, or what runs out first; id breaks ties. */
function comesAfter(row: CaseRow, last: CaseRow, sort: Filters['sort']): boolean {
  if (sort === 'due') {
    const [x, y] = [Date.parse(row.due_at ?? ''), Date.parse(last.due_at ?? '')];
    return x > y || (x === y && row.id > last.id);
  }
  const a = Date.parse(row.opened_at);
  const b = Date.parse(last.opened_at);
  return a < b || (a === b && row.id < last.id);
}

export type Tone = 'green' | 'yellow' | 'red' | 'none' | 'paused';

/* Colour shown for the deadline: the gateway's, except that an instant which passes on the screen counts at once. */
export function toneOf(row: Pick<CaseRow, 'due_at' | 'colour' | 'paused'> & { warn_at?: string | null }, now: number): Tone {
  if (row.paused) return 'paused';
  if (!row.due_at) return 'none';
  if (Date.parse(row.due_at) <= now) return 'red';
  return row.colour === 'green' && row.warn_at && Date.parse(row.warn_at) <= now ? 'yellow' : row.colour;
}

export const COMPARED = ['state', 'unit', 'category', 'nature', 'level', 'due_at', 'paused', 'rung', 'return_asked',
  'extension_asked', 'round', 'triage', 'held', 'feedbacks'] as const;
export type ComparedField = (typeof COMPARED)[number];

/* Which facts differ between what somebody saw and what is true now. */
export function changedFacts(before: CaseRow, after: CaseRow): ComparedField[] {
  const plain = (row: CaseRow, f: ComparedField): unknown =>
    f === 'unit' ? row.unit?.id : f === 'category' ? row.category.code : f === 'due_at' ? (row.due_at ? Date.parse(row.due_at) : null) : row[f];
  return COMPARED.filter((f) => plain(before, f) !== plain(after, f));
}

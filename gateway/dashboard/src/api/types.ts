/* Shapes of the staff API, as the gateway sends them. Instants are ISO 8601 strings. */

export type CaseState =
  | 'discovered' | 'assigned' | 'handling' | 'replied' | 'verifying' | 'closed' | 'declined' | 'merged';
export type Nature = 'rate' | 'supervise' | 'report' | 'complain' | 'appeal' | 'ask' | 'suggest';
export type Colour = 'green' | 'yellow' | 'red';

export interface UnitRef { id: number; short_name?: string; name?: string }
export interface CategoryRef { code: string; name: string }

export interface Session {
  csrf: string;
  staff: {
    id: number;
    login: string;
    name: string;
    unit: { id: number; name: string; short_name: string };
    roles: string[];
    must_change: boolean;
    /* Belongs to one of the two groups that open sealed reports. */
    reports: boolean;
  };
  seq: number;
}

export interface CaseRow {
  id: number;
  version: number;
  state: CaseState;
  nature: Nature;
  level: number;
  urgency: string;
  category: CategoryRef;
  unit: UnitRef;
  about_unit: UnitRef | null;
  channel: string;
  triage: boolean;
  held: boolean;
  confidential: boolean;
  paused: boolean;
  supervised: boolean;
  rung: number;
  return_asked: boolean;
  extension_asked: boolean;
  objected: boolean;
  round: number;
  opened_at: string;
  due_at: string | null;
  /* Which clock due_at belongs to: accept, sign, handling, review, callback. */
  due_clock?: string;
  /* Three quarters of the time have gone: yellow from here on. */
  warn_at?: string | null;
  /* The organ above that handles it while the unit keeps track. */
  higher?: string;
  colour: Colour;
  summary: string;
  feedbacks: number;
}

export interface CaseList { cases: CaseRow[]; next: string | null; seq: number }

export interface CaseFacts extends CaseRow {
  assigned_at: string | null;
  signed_at: string | null;
  replied_at: string | null;
  closed_at: string | null;
  plaque_unit: UnitRef | null;
  deadline: { due_at: string | null; lines: string[] } | null;
}

export type Mark = 'burst' | 'number' | 'same_words' | 'device' | 'urgent';

export interface FeedbackView {
  id: number;
  received_at: string;
  channel: string;
  plaque: string | null;
  nature_said: Nature | null;
  rating: number | null;
  masked: string;
  /* where it is, as the citizen named it; lat and lon are WGS 84 */
  place?: { words: string; lat: number | null; lon: number | null; accuracy: number | null } | null;
  /* what the guards noticed when it came */
  marks?: Mark[];
  /* A report that only its readers can open; what stands in `masked` then only says so. */
  sealed?: boolean;
}

export interface Candidate { unit: UnitRef | null; category: CategoryRef; confidence: number }

export interface DecisionView {
  /* null: no unit could be named, the triage desk decides */
  unit: UnitRef | null;
  category: CategoryRef;
  nature: Nature;
  level: number;
  confidence: number;
  because: string[];
  candidates: Candidate[];
  triage?: boolean;
  /* for matters that belong on another way than this one */
  lawful_way?: string;
}

export interface ActView {
  version: number;
  at: string;
  act: string;
  label: string;
  actor: string;
  staff: { id: number; name: string } | null;
  role: string | null;
  /* 'new': before the case was received */
  from_state: CaseState | 'new' | null;
  to_state: CaseState;
  unit: UnitRef | null;
  reason: string | null;
  words: string | null;
  public: boolean;
  /* What else was given with the act, by the words of `needs`. */
  data?: Record<string, string | number | null>;
}

export interface AllowedAct { act: string; label: string; needs: string[]; danger: boolean }

export interface CaseView {
  case: CaseFacts;
  feedback: FeedbackView[];
  decision: DecisionView | null;
  acts: ActView[];
  allowed: AllowedAct[];
}

/* What a person sends with an act: keys are the words of `needs`, and what an act takes without needing it. */
export type ActInput = Record<string, string | number>;
/* As it is sent: evidence may be files by number, with names of pieces among them. */
export type ActSent = Record<string, string | number | (string | number)[]>;
export interface ActRequest extends Record<string, unknown> { act: string; version: number }

export interface Counts {
  by_state: Partial<Record<CaseState, number>>;
  triage: number;
  held: number;
  overdue: number;
  today: number;
  /* Of channels, for administrators. */
  alarms: number;
  seq: number;
}

export interface Unit {
  id: number;
  code: string;
  kind: string;
  name: string;
  short_name: string;
  class: string | null;
  parent: number | string | null;
}
export interface Category { code: string; parent: string | null; name: string; level: number | null; confidential: boolean }
export interface ActRule { act: string; label: string; from: CaseState[]; to: string; roles: string[]; needs: string[] }
export interface Rulebook {
  acts: ActRule[];
  states: { state: string; label: string }[];
  roles: { role: string; label: string }[];
  natures: { nature: string; label: string }[];
  levels: { level: number; label: string; limit: string }[];
}

/* The part of a row that travels with an event; words never do. */
export type CaseChange = Pick<CaseRow, 'id' | 'version'> & Partial<CaseRow>;

export interface LiveEvent {
  type: 'event';
  seq: number;
  kind: string;
  case: number | null;
  data: Partial<CaseChange>;
}

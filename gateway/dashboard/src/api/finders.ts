/* What the office finds itself: meetings, inspections, monitors, lists from elsewhere. */
import { http, type Query } from './http';
import type { CaseRow, UnitRef } from './types';

export interface Measure { words: string; unit: UnitRef | null; due_on: string; at: string }
export interface Matter { meeting: number; ordinal: number; raised_by: string | null; solved: boolean; measure: Measure | null; case: CaseRow }
export interface MeetingHead { id: number; kind: string; label: string; held_at: string; place: string; theme: string; host_unit: UnitRef | null }
export interface MeetingRow extends MeetingHead { matters: number; measures: number; solved: number }
export interface Meeting {
  meeting: MeetingHead & { participants: string[] };
  minutes: { version: number; words: string; at: string } | null;
  problems: Matter[];
}
export interface Board {
  sessions: number; matters: number; measures: number; solved: number; unsolved: number; without_measure: number;
  unsolved_matters: Matter[]; matters_without_measure: Matter[]; more: boolean;
}
/* What is told in the room: the case's number, the receipt, and the lines of the slip that is handed over. */
export interface Finding {
  number: number | null; receipt?: string; ordinal?: number; repeated: boolean; assigned?: boolean; why_not?: string | null; case?: CaseRow | null; slip?: string[];
}
export interface InspectionHead { id: number; kind: string; label: string; unit: UnitRef | null; place: string; held_at: string; joint_with: string | null }
export interface InspectionRow extends InspectionHead { problems: number; persons: number }
export interface Inspection {
  inspection: InspectionHead & { steps: string | null; basis: string | null };
  problems: { ordinal: number; case: CaseRow }[];
  outcomes: { kind: string; label: string; persons: number; decided_on: string; document: string | null; problem: number | null }[];
}
export interface InspectionTotals { inspections: number; problems: number; solved: number; outcomes: { announce: number; hand_over: number; talk: number }; persons: number }
export interface Monitor { id: number; track: string; label: string; login: string; enterprise: string; from: string; to: string; in_term: boolean }
export interface ReturnList {
  filed: { monitor: number; track: string; enterprise: string; login: string; filed_at: string; findings: number }[];
  missing: { monitor: number; track: string; enterprise: string; login: string }[];
  monitors: number; returns: number; more: boolean;
}
export interface ImportLine { line: number; number: string; result: 'ok' | 'refused' | 'stored' | 'repeated'; reason: string | null; case: number | null }
export interface ImportResult { dry_run: boolean; import: number | null; rows: number; good: number; stored: number; repeated: number; refused: number; lines: ImportLine[] }

type Body = Record<string, unknown>;
export const meetingsApi = {
  list: (query: Query) => http.get<{ meetings: MeetingRow[]; more: boolean }>('/meetings', query),
  one: (id: number) => http.get<Meeting>(`/meetings/${id}`),
  add: (body: Body) => http.post<Meeting>('/meetings', body),
  board: (query: Query) => http.get<Board>('/meetings/board', query),
  minutes: (id: number, words: string) => http.post<Meeting>(`/meetings/${id}/minutes`, { words }),
  problem: (id: number, body: Body, key: string) => http.post<Finding>(`/meetings/${id}/problems`, body, key),
  measure: (id: number, body: Body, key: string) => http.post<Meeting>(`/meetings/${id}/measures`, body, key),
};
export const inspectionsApi = {
  list: (query: Query) => http.get<{ inspections: InspectionRow[]; more: boolean }>('/inspections', query),
  totals: (query: Query) => http.get<InspectionTotals>('/inspections/totals', query),
  one: (id: number) => http.get<Inspection>(`/inspections/${id}`),
  add: (body: Body) => http.post<Inspection>('/inspections', body),
  finding: (id: number, body: Body, key: string) => http.post<Finding>(`/inspections/${id}/findings`, body, key),
  outcome: (id: number, body: Body, key: string) => http.post<Inspection>(`/inspections/${id}/outcomes`, body, key),
};
export const monitorsApi = {
  list: () => http.get<{ monitors: Monitor[]; in_term: { business: number; integrity: number }; more: boolean }>('/monitors'),
  add: (body: Body) => http.post<{ id: number }>('/monitors', body),
  returns: (query: Query) => http.get<ReturnList>('/monitors/returns', query),
  file: (body: Body, key: string) => http.post<Finding & { track: string; period: string }>('/monitors/returns', body, key),
};
export const importsApi = {
  send: (csv: string, isDry: boolean) => http.csv<ImportResult>('/imports', csv, { dry_run: isDry }),
};

import { http, paperAddress, type Query } from './http';
import type { CaseState, UnitRef } from './types';

export type LetterKind = 'assign' | 'urge' | 'supervise' | 'announce' | 'transfer';
export type LetterState = 'draft' | 'checked' | 'signed' | 'delivered' | 'received' | 'answered' | 'finished' | 'void';
export interface PersonRef { id: number; name: string }

export interface LetterRow {
  id: number;
  version: number;
  kind: LetterKind;
  rung: number;
  state: LetterState;
  text_version: number;
  confidential: boolean;
  serial: string | null;
  title: string;
  receiver: string | null;
  /* By when an answer is asked for, in the letter's own words. */
  due: string | null;
  units: UnitRef[];
  cases: number;
  drafter: PersonRef | null;
  checker: PersonRef | null;
  signer: PersonRef | null;
  drafted_at: string;
  checked_at: string | null;
  signed_at: string | null;
  delivered_at: string | null;
  received_at: string | null;
  answered_at: string | null;
  finished_at: string | null;
  voided_at: string | null;
}
export interface LetterList { letters: LetterRow[]; next: string | null; seq: number }

export interface LetterText {
  version: number;
  at: string;
  staff: PersonRef | null;
  title: string;
  body: string;
  basis: string | null;
  practice: string | null;
  due: string | null;
  receiver: string | null;
  copies_to: string | null;
  note: string | null;
  issuers: string[];
  attachments: string[];
  units: number[];
  cases: number[];
}
/* state null: a case that this person may not see. */
export interface ListedCase { id: number; subject: string; due_at: string | null; state: CaseState | null; category: string | null; unit: UnitRef | null; rung: number }
export interface Addressee { unit: UnitRef | null; received_at: string | null; answered_at: string | null }
export interface LetterStep {
  version: number;
  at: string;
  act: string;
  label: string;
  actor: string;
  staff: PersonRef | null;
  role: string | null;
  from_state: string | null;
  to_state: string;
  text_version: number;
  unit: UnitRef | null;
  reason: string | null;
  words: string | null;
}
export interface LetterAllowed { act: string; label: string; needs: string[]; danger: boolean }
export interface LetterPage {
  letter: LetterRow;
  versions: LetterText[];
  listed: ListedCase[];
  addressees: Addressee[];
  acts: LetterStep[];
  allowed: LetterAllowed[];
}

export interface OutRow {
  id: number; kind: LetterKind; serial: string | null; signed_at: string; to: string | null; title: string | null; signer: string | null;
  confidential: boolean; state: LetterState | null; cases: number | null;
}
export interface InRow {
  id: number; kind: string; kind_label: string; serial: string; at: string; from: string | null; their_serial: string | null; title: string | null;
  letter: number | null; letter_serial: string | null; note: string | null; entered_by: string | null;
}
export interface Book<T> { book: string; rows: T[]; next: string | null }

export const lettersApi = {
  list: (query: Query) => http.get<LetterList>('/letters', query),
  one: (id: number, reason: string) => http.get<LetterPage>(`/letters/${id}`, { reason }),
  draft: (body: Record<string, unknown>) => http.post<LetterPage>('/letters', body),
  act: (id: number, body: Record<string, unknown>) => http.post<LetterPage>(`/letters/${id}/acts`, body),
  out: (query: Query) => http.get<Book<OutRow>>('/letters/register', { ...query, book: 'out' }),
  in: (query: Query) => http.get<Book<InRow>>('/letters/register', { ...query, book: 'in' }),
  enter: (body: Record<string, unknown>) => http.post<{ serial: string }>('/letters/register', body),
  paper: (id: number, reason: string) => paperAddress(`/letters/${id}/pdf`, { reason }),
  bookPaper: (query: Query) => paperAddress('/letters/register.pdf', query),
};

import type { Body, Shape } from './described';
import { http, paperAddress, type Query } from './http';
export type { PersonRef } from './types';

export type LetterKind = LetterRow['kind'];
export type LetterState = LetterRow['state'];

export type LetterRow = Shape<'LetterRow'>;

/* state null: a case that this person may not see. */
export type LetterPage = Shape<'LetterPage'>;
export type LetterText = LetterPage['versions'][number];
export type ListedCase = LetterPage['listed'][number];
export type Addressee = LetterPage['addressees'][number];
export type LetterStep = LetterPage['acts'][number];
export type LetterAllowed = LetterPage['allowed'][number];

type BookRow = Shape<'LetterRegister'>['rows'][number];
export type OutRow = Extract<BookRow, { signed_at: string }>;
export type InRow = Extract<BookRow, { from: string | null }>;

export const lettersApi = {
  list: (query: Query) => http.get('/letters', query),
  one: (id: number, reason: string) => http.get(`/letters/${id}`, { reason }),
  draft: (body: Record<string, unknown>) => http.post('/letters', body as Body<'/letters', 'post'>),
  act: (id: number, body: Record<string, unknown>) => http.post(`/letters/${id}/acts`, body as Body<`/letters/${number}/acts`, 'post'>),
  out: (query: Query) => http.get('/letters/register', { ...query, book: 'out' }),
  in: (query: Query) => http.get('/letters/register', { ...query, book: 'in' }),
  enter: (body: Record<string, unknown>) => http.post('/letters/register', body as Body<'/letters/register', 'post'>),
  paper: (id: number, reason: string) => paperAddress(`/letters/${id}/pdf`, { reason }),
  bookPaper: (query: Query) => paperAddress('/letters/register.pdf', query),
};

import type { Shape } from './described';
import { http, type Query } from './http';

export type DeskRow = Shape<'DeskRow'>;
export type DeskGroup = DeskRow['group'];
export type DeskAnswer = Shape<'Desk'>;
export type Similar = Shape<'SimilarCases'>['similar'][number];

export const desksApi = {
  triage: () => http.get('/desks/triage'),
  inbox: () => http.get('/desks/inbox'),
  review: () => http.get('/desks/review'),
  board: (query: Query) => http.get('/desks/board', query),
  similar: (id: number) => http.get(`/cases/${id}/similar`),
  apart: (id: number, other: number, step: 'apart' | 'again') => http.post(`/cases/${id}/similar/steps`, { step, other }),
};

/* 共性问题: bursts, and proposals to put right what cases keep coming about. */
import type { Body, Shape } from './described';
import { http, type Query } from './http';

export type Burst = Shape<'Burst'>;
export type Cause = Shape<'Cause'>;
export type CauseView = Shape<'CauseView'>;
export type CauseStep = Body<`/causes/${number}/steps`, 'post'>;

export const causesApi = {
  bursts: () => http.get('/bursts'),
  seen: (id: number, note: string) => http.post(`/bursts/${id}/seen`, note ? { note } : {}),
  list: (query: Query) => http.get('/causes', query),
  one: (id: number) => http.get(`/causes/${id}`),
  step: (id: number, body: CauseStep) => http.post(`/causes/${id}/steps`, body),
};

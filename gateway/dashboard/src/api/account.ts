/* The own account: second factor and sessions. */
import type { Shape } from './described';
import { http } from './http';

export type OwnSession = Shape<'SessionList'>['sessions'][number];
export type Factor = Shape<'Factor'>;
export type FactorKey = Shape<'FactorKey'>;

export const accountApi = {
  sessions: () => http.get('/sessions'),
  endSession: (id: number) => http.post(`/sessions/${id}/revoke`, {}),
  endOthers: () => http.post('/sessions/revoke', {}),
  factor: () => http.get('/factor'),
  begin: (password?: string) => http.post('/factor', password === undefined ? {} : { password }),
  confirm: (code: string) => http.post('/factor/confirm', { code }),
  newCodes: (code: string, password?: string) => http.post('/factor/codes', password === undefined ? { code } : { code, password }),
  off: (code: string, password?: string) => http.post('/factor/off', password === undefined ? { code } : { code, password }),
};

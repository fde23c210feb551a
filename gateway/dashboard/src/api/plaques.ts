/* The register of plaques: what hangs where, every step, what is counted of scans, and what needs a look. */
import type { Body, Shape } from './described';
import { http, type Query } from './http';

export type Plaque = Shape<'Plaque'>;
export type PlaqueAlarm = Shape<'PlaqueAlarm'>;
export type PlaquePage = Shape<'PlaquePage'>;
export type PlaqueAct = PlaquePage['acts'][number];
export type PlaqueDay = PlaquePage['days'][number];
export type PlaqueWeek = PlaquePage['weeks'][number];
export type CoverageDesk = Shape<'PlaqueDesk'>;
export type Coverage = CoverageDesk['coverage'];

export const plaquesApi = {
  list: (query: Query) => http.get('/plaques', query),
  one: (number: number) => http.get(`/plaques/${number}`),
  issue: (body: Record<string, unknown>) => http.post('/plaques', body),
  step: (number: number, body: Record<string, unknown>) => http.post(`/plaques/${number}/acts`, body as Body<`/plaques/${number}/acts`, 'post'>),
  photo: (number: number, file: File) => {
    const form = new FormData();
    form.append('files', file);
    return http.form(`/plaques/${number}/photos`, form);
  },
  coverage: () => http.get('/plaques/coverage'),
  alarms: () => http.get('/plaques/alarms'),
  settle: (id: number, note: string) => http.post(`/plaques/alarms/${id}/settle`, { note }),
};

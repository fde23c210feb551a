/* What the office finds itself: meetings, inspections, monitors, lists from elsewhere. */
import type { Body, Shape } from './described';
import { http, type Query } from './http';

export type Matter = Shape<'Matter'>;
export type MeetingRow = Shape<'MeetingList'>['meetings'][number];
export type Meeting = Shape<'Meeting'>;
export type Board = Shape<'MeetingBoard'>;
/* What is told in the room: the case's number, the receipt, and the lines of the slip that is handed over. */
export type Finding = Partial<Shape<'Finding'>> & Pick<Shape<'Finding'>, 'number' | 'repeated'>;
export type InspectionRow = Shape<'InspectionList'>['inspections'][number];
export type Inspection = Shape<'Inspection'>;
export type InspectionTotals = Shape<'InspectionTotals'>;
export type Monitor = Shape<'MonitorList'>['monitors'][number];
export type ReturnList = Shape<'ReturnList'>;
export type ImportResult = Shape<'ImportResult'>;
export type ImportLine = ImportResult['lines'][number];

/* What a form of fields holds; which fields a form has stands in its page, and the gateway judges what they hold. */
type Fields = Record<string, unknown>;
export const meetingsApi = {
  list: (query: Query) => http.get('/meetings', query),
  one: (id: number) => http.get(`/meetings/${id}`),
  add: (body: Fields) => http.post('/meetings', body as Body<'/meetings', 'post'>),
  board: (query: Query) => http.get('/meetings/board', query),
  minutes: (id: number, words: string) => http.post(`/meetings/${id}/minutes`, { words }),
  problem: (id: number, body: Fields, key: string) => http.post(`/meetings/${id}/problems`, body as Body<`/meetings/${number}/problems`, 'post'>, key),
  measure: (id: number, body: Fields, key: string) => http.post(`/meetings/${id}/measures`, body as Body<`/meetings/${number}/measures`, 'post'>, key),
};
export const inspectionsApi = {
  list: (query: Query) => http.get('/inspections', query),
  totals: (query: Query) => http.get('/inspections/totals', query),
  one: (id: number) => http.get(`/inspections/${id}`),
  add: (body: Fields) => http.post('/inspections', body as Body<'/inspections', 'post'>),
  finding: (id: number, body: Fields, key: string) => http.post(`/inspections/${id}/findings`, body as Body<`/inspections/${number}/findings`, 'post'>, key),
  outcome: (id: number, body: Fields, key: string) => http.post(`/inspections/${id}/outcomes`, body as Body<`/inspections/${number}/outcomes`, 'post'>, key),
};
export const monitorsApi = {
  list: () => http.get('/monitors'),
  add: (body: Fields) => http.post('/monitors', body as Body<'/monitors', 'post'>),
  returns: (query: Query) => http.get('/monitors/returns', query),
  file: (body: Fields, key: string) => http.post('/monitors/returns', body as Body<'/monitors/returns', 'post'>, key),
};
export const importsApi = {
  send: (csv: string, isDry: boolean) => http.csv('/imports', csv, { dry_run: isDry }),
};

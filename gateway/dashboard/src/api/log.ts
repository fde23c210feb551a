import type { Shape } from './described';
import { http, type Query } from './http';

export type LogRow = Shape<'AuditRow'>;

export const logApi = {
  rows: (query: Query) => http.get('/audit', query),
  counts: (query: Query) => http.get('/audit/counts', query),
  chain: () => http.get('/audit/chain'),
  settings: () => http.get('/settings'),
};

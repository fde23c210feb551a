import { http, type Query } from './http';
import type { ActRequest, BulkAct } from './types';

export const casesApi = {
  list: (query: Query) => http.get('/cases', query),
  /* The number goes in the body: an address would keep it. */
  byPhone: (phone: string, query: string) => http.post('/cases/phone', { phone, query }),
  counts: () => http.get('/counts'),
  /* `reason`: why a confidential case is looked at; it goes into the audit log with each look. */
  one: (id: number, reason: string) => http.get(`/cases/${id}`, { reason }),
  act: (id: number, request: ActRequest) => http.post(`/cases/${id}/acts`, request),
  bulk: (request: BulkAct) => http.post('/cases/bulk', request),
};

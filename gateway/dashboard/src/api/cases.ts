import { http, type Query } from './http';
import type { ActRequest, CaseList, CaseView, Counts } from './types';

export const casesApi = {
  list: (query: Query) => http.get<CaseList>('/cases', query),
  counts: () => http.get<Counts>('/counts'),
  /* `reason`: why a confidential case is looked at; it goes into the audit log with each look. */
  one: (id: number, reason: string) => http.get<CaseView>(`/cases/${id}`, { reason }),
  act: (id: number, request: ActRequest) => http.post<CaseView>(`/cases/${id}/acts`, request),
};

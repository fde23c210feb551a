import { http, type Query } from './http';
import type { ActRequest, CaseList, CaseView, Counts } from './types';

export const casesApi = {
  list: (query: Query) => http.get<CaseList>('/cases', query),
  counts: () => http.get<Counts>('/counts'),
  one: (id: number) => http.get<CaseView>(`/cases/${id}`),
  act: (id: number, request: ActRequest) => http.post<CaseView>(`/cases/${id}/acts`, request),
};

import type { Shape } from './described';
import { http, type Query } from './http';

/* One reporter to be asked, in one round of one case. */
export type Callback = Shape<'Callback'>;

export const callbacksApi = {
  list: (query: Query) => http.get('/callbacks', query),
  /* What to say, as the office words it. */
  script: () => http.get('/callbacks/script'),
  /* Shown once, for calling now; the reason goes into the audit log. */
  contact: (feedback: number, reason: string) => http.post(`/callbacks/${feedback}/contact`, { reason }),
};

import { http } from './http';
import type { ViewChange, ViewNew } from './types';

export const viewsApi = {
  list: () => http.get('/views', { counts: '1' }),
  add: (view: ViewNew) => http.post('/views', view),
  change: (id: number, change: ViewChange) => http.post(`/views/${id}`, change),
  remove: (id: number) => http.del(`/views/${id}`),
};

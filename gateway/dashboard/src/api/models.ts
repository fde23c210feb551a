import type { Shape } from './described';
import { http } from './http';

export type ModelsDesk = Shape<'ModelsDesk'>;
export type Model = Shape<'Model'>;
export type ModelScore = Shape<'ModelScore'>;
export type Example = Shape<'Example'>;
export type Drift = Shape<'Drift'>;
export type Training = Shape<'Training'>;
export type ModelStep = 'confirm' | 'refuse' | 'withdraw' | 'back' | 'off';

export const modelsApi = {
  desk: () => http.get('/models'),
  drift: (by: 'week' | 'day') => http.get('/models/drift', { by }),
  examples: (what: 'changed' | 'all', before?: number) => http.get('/models/examples', before ? { what, before: String(before) } : { what }),
  train: (note: string) => http.post('/models/trainings', note ? { note } : {}),
  stop: (id: number) => http.post(`/models/trainings/${id}/steps`, { step: 'stop' }),
  step: (version: number, step: ModelStep, why?: string) => http.post(`/models/${version}/steps`, why ? { step, why } : { step }),
};

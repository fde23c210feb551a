import type { Body, Shape } from './described';
import { http } from './http';

export type VisitKind = Visit['kind'];
export type VisitState = Visit['state'];
export type VisitStep = Visit['steps'][number];
export type Enterprise = Shape<'Enterprise'>;
export type Visit = Shape<'Visit'>;
/* number and link: only in the answer to `done`, for the enterprise, and never again. */
export type VisitTaken = Shape<'VisitState'>;
export type StepTexts = Omit<Body<`/visits/${number}/steps`, 'post'>, 'step'>;

export const enterprisesApi = {
  list: (month: string) => http.get('/enterprises', { month: `${month}-01` }),
  visits: () => http.get('/visits'),
  enter: (v: Body<'/visits', 'post'>) => http.post('/visits', v),
  step: (id: number, step: VisitStep, texts: StepTexts) => http.post(`/visits/${id}/steps`, { step, ...texts }),
};

export type PolicyState = Policy['state'];
export type PolicyStep = Policy['steps'][number];
export type Policy = Shape<'Policy'>;
export type NewPolicy = Body<'/policies', 'post'>;

export const policiesApi = {
  list: () => http.get('/policies'),
  add: (p: NewPolicy) => http.post('/policies', p),
  step: (id: number, step: PolicyStep) => http.post(`/policies/${id}/steps`, { step }),
};

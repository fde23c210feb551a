import type { Body, Shape } from './described';
import { http } from './http';

export type PublicationKind = Publication['kind'];
export type PublicationState = Publication['state'];
export type PublicationStep = Publication['steps'][number];
export type Publication = Shape<'Publication'>;
/* null: under ten, so it is kept nowhere. */
export type PublishedFigures = Shape<'PublicationFigures'>['figures'][number];
export type NewPublication = Body<'/publications', 'post'>;

export const publicationsApi = {
  list: () => http.get('/publications'),
  add: (p: NewPublication) => http.post('/publications', p),
  step: (id: number, step: PublicationStep, texts: { title?: string; words?: string } = {}) => http.post(`/publications/${id}/steps`, { step, ...texts }),
  figures: (id: number) => http.get(`/publications/${id}/figures`),
};

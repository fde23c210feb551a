import type { Shape } from './described';
import { http, type Query } from './http';

type WindowList = Shape<'WindowList'>;
export type Window = WindowList['windows'][number];
export type Tablet = WindowList['tablets'][number];
export type Finished = Shape<'FinishedService'>;
export type PairCode = Shape<'KioskCode'>;

export type Rating = Shape<'Rating'>;
export type RatingStep = Rating['steps'][number];
export type RatingFigures = Shape<'RatingFigures'>;
export type RatingSums = RatingFigures['all'];

export const ratingsApi = {
  windows: () => http.get('/windows'),
  finish: (plaque: string, matter: string, key: string) => http.post('/services/finish', { plaque, ...(matter ? { matter } : {}), prompt: true }, key),
  pair: (plaque: string) => http.post('/kiosks', { plaque }),
  revoke: (id: number) => http.post(`/kiosks/${id}/revoke`, {}),
  list: (query: Query) => http.get('/ratings', query),
  figures: (query: Query) => http.get('/ratings/figures', query),
};

/* 态势: what came in, how the open cases stand, the course of the rates, words of matters; and the screens that hang in halls. */
import type { Shape } from './described';
import { http, type Query } from './http';

export type Overview = Shape<'Overview'>;
export type OverviewRates = Shape<'OverviewRates'>;
export type OverviewWords = Shape<'OverviewWords'>;
export type HallScreen = Shape<'ScreenList'>['screens'][number];
export type Slide = HallScreen['slides'][number];

export const overviewApi = {
  read: (query: Query) => http.get('/overview', query),
  rates: (query: Query) => http.get('/overview/rates', query),
  words: (query: Query) => http.get('/overview/words', query),
  screens: () => http.get('/screens'),
  pairScreen: (name: string) => http.post('/screens', { name }),
  setScreen: (id: number, settings: { name?: string; seconds?: number; slides?: Slide[] }) => http.post(`/screens/${id}/settings`, settings),
  revokeScreen: (id: number) => http.post(`/screens/${id}/revoke`, {}),
};

import { http, type Query } from './http';
import type { UnitRef } from './types';

export interface Window { plaque: string; window: string; unit: UnitRef | null; may_finish: boolean; may_pair: boolean; finished: number; rated: number }
export interface Tablet { id: number; plaque: string; unit: UnitRef | null; paired_at: string; seen_at: string; revoked_at: string | null }
export interface WindowList { windows: Window[]; tablets: Tablet[]; more: boolean }
export interface Finished { plaque: string; link: string; qr: { side: number; path: string } | null; finished_at: string; expires_at: string; fresh: boolean; rated: boolean; tablets: number }
export interface PairCode { code: string; expires_at: string }

export interface RatingStep { step: 'generated' | 'collected' | 'analysed' | 'returned'; how: string; at: string | null }
export interface Rating {
  id: string; at: string; unit: UnitRef | null; plaque: string | null; window: string | null; kind: string; kind_label: string; channel: string; level: number; label: string;
  reasons: string[]; consent: boolean; counted: boolean; marks: { mark: string; why: string }[]; words: string | null; case: number | null; state: string | null; steps: RatingStep[];
}
export interface RatingList { ratings: Rating[]; more: boolean }
export interface RatingSums { counted: number; levels: number[]; low: number; marked: number; finished: number; rated: number; rate: number | null }
export interface RatingFigures { windows: (RatingSums & { unit: UnitRef | null; plaque: string; window: string })[]; all: RatingSums; formula: string }

export const ratingsApi = {
  windows: () => http.get<WindowList>('/windows'),
  finish: (plaque: string, matter: string, key: string) => http.post<Finished>('/services/finish', { plaque, ...(matter ? { matter } : {}), prompt: true }, key),
  pair: (plaque: string) => http.post<PairCode>('/kiosks', { plaque }),
  revoke: (id: number) => http.post<{ revoked: boolean }>(`/kiosks/${id}/revoke`, {}),
  list: (query: Query) => http.get<RatingList>('/ratings', query),
  figures: (query: Query) => http.get<RatingFigures>('/ratings/figures', query),
};

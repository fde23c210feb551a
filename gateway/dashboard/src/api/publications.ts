import { http } from './http';
import type { UnitRef } from './types';

export type PublicationKind = 'party' | 'government' | 'affairs' | 'service' | 'answer' | 'figures';
export type PublicationState = 'proposed' | 'written' | 'published' | 'refused' | 'withdrawn';
export type PublicationStep = 'take' | 'publish' | 'refuse' | 'withdraw';
export interface Publication {
  id: number;
  kind: PublicationKind;
  unit: UnitRef | null;
  title: string;
  words: string;
  from: string | null;
  to: string | null;
  state: PublicationState;
  author_post: string;
  written_at: string;
  approver_post: string | null;
  published_at: string | null;
  ended_at: string | null;
  steps: PublicationStep[];
}
export interface PublicationList { may_write: boolean; may_propose: boolean; more: boolean; publications: Publication[] }
/* null: under ten, so it is kept nowhere. */
export interface PublishedFigures { unit: UnitRef; rated: number | null; satisfied: number | null; due: number | null; on_time: number | null; received: number | null; answered: number | null }
export interface NewPublication { kind: PublicationKind; unit?: number; title: string; words: string; from?: string; to?: string }

export const publicationsApi = {
  list: () => http.get<PublicationList>('/publications'),
  add: (p: NewPublication) => http.post<{ id: number; state: PublicationState }>('/publications', p),
  step: (id: number, step: PublicationStep, texts: { title?: string; words?: string } = {}) => http.post<{ id: number; state: PublicationState }>(`/publications/${id}/steps`, { step, ...texts }),
  figures: (id: number) => http.get<{ figures: PublishedFigures[] }>(`/publications/${id}/figures`),
};

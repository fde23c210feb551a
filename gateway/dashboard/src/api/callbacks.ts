import { http, type Query } from './http';
import type { UnitRef } from './types';

/* One reporter to be asked, in one round of one case. */
export interface Callback {
  case: number;
  feedback: number;
  version: number;
  round: number;
  state: 'due' | 'solved' | 'unsolved' | 'refused' | 'silence' | 'partly' | 'overtaken';
  label: string;
  level: number;
  unit: UnitRef | null;
  made_at: string;
  due_at: string | null;
  tries: number;
  tries_left: number;
  tried_today: boolean;
  rating: number | null;
  by: string | null;
  at: string | null;
  channel: string;
  received_at: string;
  confidential: boolean;
  masked: string | null;
  answer: string | null;
  contact: string;
}
export interface CallbackList { callbacks: Callback[]; next: string | null; seq: number }

export const callbacksApi = {
  list: (query: Query) => http.get<CallbackList>('/callbacks', query),
  /* Shown once, for calling now; the reason goes into the audit log. */
  contact: (feedback: number, reason: string) => http.post<{ case: number; feedback: number; contact: string | null }>(`/callbacks/${feedback}/contact`, { reason }),
};

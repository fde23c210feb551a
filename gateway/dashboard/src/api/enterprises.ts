import { http } from './http';
import type { UnitRef } from './types';

export type VisitKind = 'inspection' | 'service';
export type VisitState = 'asked' | 'planned' | 'arrived' | 'done' | 'cancelled';
export type VisitStep = 'planned' | 'arrived' | 'done' | 'cancelled';
export interface Enterprise { enterprise: UnitRef; class: string | null; uscc: string | null; plaque: string | null; inspections: number; services: number; units: number; planned: number }
export interface EnterpriseList { may_enter: boolean; more: boolean; enterprises: Enterprise[] }
export interface Visit {
  id: number;
  enterprise: UnitRef;
  /* null: asked for, and no unit has the case yet */
  unit: UnitRef | null;
  kind: VisitKind;
  subject: string;
  basis: string | null;
  planned_for: string | null;
  state: VisitState;
  case: number | null;
  entered_at: string;
  arrived_at: string | null;
  done_at: string | null;
  result: string | null;
  reason: string | null;
  ratable: boolean;
  level: number | null;
  steps: VisitStep[];
}
/* number and link: only in the answer to `done`, for the enterprise, and never again. */
export interface VisitTaken { id: number; state: VisitState; number?: string; link?: string }
export interface StepTexts { planned_for?: string; plaque?: string; result?: string; reason?: string }

export const enterprisesApi = {
  list: (month: string) => http.get<EnterpriseList>(`/enterprises?month=${month}-01`),
  visits: () => http.get<{ more: boolean; visits: Visit[] }>('/visits'),
  enter: (v: { enterprise: number; kind: VisitKind; subject: string; basis?: string; planned_for?: string }) => http.post<VisitTaken>('/visits', v),
  step: (id: number, step: VisitStep, texts: StepTexts) => http.post<VisitTaken>(`/visits/${id}/steps`, { step, ...texts }),
};

export type PolicyState = 'written' | 'published' | 'refused' | 'withdrawn';
export type PolicyStep = 'published' | 'refused' | 'withdrawn';
export interface Policy {
  id: number;
  unit: UnitRef;
  title: string;
  source: string;
  serial: string | null;
  words: string;
  targets: string;
  valid_from: string;
  valid_to: string | null;
  state: PolicyState;
  published_at: string | null;
  over: boolean;
  steps: PolicyStep[];
}
export interface NewPolicy { title: string; source: string; serial?: string; words: string; targets: string; valid_from: string; valid_to?: string; unit: number }

export const policiesApi = {
  list: () => http.get<{ may_write: boolean; more: boolean; policies: Policy[] }>('/policies'),
  add: (p: NewPolicy) => http.post<{ id: number; state: PolicyState }>('/policies', p),
  step: (id: number, step: PolicyStep) => http.post<{ id: number; state: PolicyState }>(`/policies/${id}/steps`, { step }),
};

import { http } from './http';
import type { components } from '../../types/openapi';

export type PersonCard = components['schemas']['PersonCard'];
export type PersonPost = components['schemas']['PersonPost'];
export type AccountRequest = components['schemas']['AccountRequest'];
export type AccountKind = AccountRequest['kind'];
export type AccountStep = AccountRequest['steps'][number];
export type UnitCard = components['schemas']['UnitCard'];
export type UnitPlan = components['schemas']['UnitPlan'];
export type UnitChange = components['schemas']['UnitChange'];
export type UnitChangeEffect = components['schemas']['UnitChangeEffect'];
export interface UnitChangeAsked { kind: UnitChange['kind']; on: string; plan: UnitPlan; change?: number }

export const peopleApi = {
  list: (query: { q?: string; state?: string; role?: string; after?: string }) => http.get('/people', query),
  add: (body: { login: string; name: string; unit: number; home?: number; title?: string; roles: string[]; reason: string }) => http.post('/people', body),
  step: (id: number, body: { step: 'change' | 'activate' | 'deactivate' | 'unlock' | 'oidc_off' | 'post_add' | 'post_end' | 'post_roles'; name?: string; unit?: number; title?: string; roles?: string[]; post?: number; version?: number; reason?: string; begins_at?: string; ends_at?: string }) => http.post(`/people/${id}/steps`, body),
  /* What lets somebody sign in: asked by one administrator, confirmed by another. */
  ask: (id: number, body: { kind: AccountKind; reason: string; subject?: string }) => http.post(`/people/${id}/requests`, body),
  requests: (query: { state?: 'open' | 'all'; before?: string }) => http.get('/people/requests', query),
  decide: (id: number, body: { step: AccountStep; why?: string }) => http.post(`/people/requests/${id}/steps`, body),
  notices: () => http.get('/session/notices'),
  answerNotice: (id: number, body: { step: 'seen' | 'object'; why?: string }) => http.post(`/session/notices/${id}`, body),
  units: () => http.get('/units/register'),
  changes: () => http.get('/units/changes'),
  changePreview: (body: UnitChangeAsked) => http.post('/units/changes/preview', body),
  changePlan: (body: UnitChangeAsked & { document: string; reason: string }) => http.post('/units/changes', body),
  changeStep: (id: number, body: { step: 'confirm' | 'refuse' | 'withdraw' | 'cancel'; why?: string }) => http.post(`/units/changes/${id}/steps`, body),
  unitStep: (id: number, body: { step: 'change' | 'retire'; version?: number; name?: string; short_name?: string; phone?: string; hours?: string; address?: string; successor?: number }) => http.post(`/units/${id}/steps`, body),
};

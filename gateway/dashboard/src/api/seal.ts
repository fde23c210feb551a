/* Keys and sealed messages, as docs/sealing.md has them. Binary is base64; ids of messages and feedback are text, they are
 * 64 bits wide. Nothing here is readable without a key that only an officer's browser holds. */
import type { Kdf, OfficerKey } from '../seal/crypto';
import { http } from './http';

export type GroupName = 'discipline' | 'accountability';
export interface Member { staff_id: number; name: string; enrolled: boolean; version: number | null; public_key: string | null; has_key: boolean }
export interface GroupKey { id: number; version: number; public_key: string }
export interface Group { name: GroupName; title: string; mine: boolean; key: GroupKey | null; members: Member[] }
export interface SealWrap { key_id: number; group: GroupName; version: number; wrapped: string }
export interface OwnKey { version: number; public_key: string; wrapped: string; kdf: Kdf }
export interface EscrowKey { id: number; public_key: string }
export interface SealDesk { ready: boolean; escrow: EscrowKey | null; groups: Group[]; me: OwnKey | null; wraps: SealWrap[]; owed: number }
export interface StaffWrap { staff_id: number; wrapped: string }

export interface OwedEnvelope { message: string; key_id: number; sealed: string; to: number }
export interface NewEnvelope { message: string; key_id: number; sealed: string }
export interface Recovery { escrow: EscrowKey | null; wraps: (SealWrap & { escrow_id?: number })[] }

export interface SealedMessage { id: string; feedback: string; at: string; author: 'reporter' | 'officer'; staff: string | null; body: string; envelopes: { key_id: number; sealed: string }[] }
export interface Reporter { feedback: string; public_key: string }
export interface SealedTalk { messages: SealedMessage[]; reporter: Reporter | null; reporters?: Reporter[] }
export interface Saying { feedback: string; key: string; body: string; envelopes: ({ key_id: number; sealed: string } | { reporter: true; sealed: string })[] }

export const sealApi = {
  desk: () => http.get<SealDesk>('/seal'),
  me: (own: OfficerKey) => http.put<void>('/seal/me', own),
  group: (name: GroupName, key: { public_key: string; wraps: StaffWrap[]; escrow: string | null }) => http.post<{ id: number; version: number }>(`/seal/groups/${name}`, key),
  give: (key_id: number, wraps: StaffWrap[]) => http.post<void>('/seal/wraps', { key_id, wraps }),
  owed: (after: string, escrow: boolean) => http.get<{ envelopes: OwedEnvelope[] }>('/seal/envelopes', { after, escrow }),
  putEnvelopes: (envelopes: NewEnvelope[]) => http.post<{ stored: number }>('/seal/envelopes', { envelopes }),
  recover: (reason: string) => http.post<Recovery>('/seal/recover', { reason }),
  open: (id: number, reason: string) => http.post<SealedTalk>(`/cases/${id}/sealed`, { reason }),
  say: (id: number, saying: Saying) => http.post<{ message?: string }>(`/cases/${id}/sealed/say`, saying),
  file: (id: number, hash: string) => http.bytes(`/cases/${id}/sealed/files/${hash}`),
};

/* Keys and sealed messages, as docs/sealing.md has them. Binary is base64; ids of messages and feedback are text, they are
 * 64 bits wide. Nothing here is readable without a key that only an officer's browser holds. */
import type { OfficerKey } from '../seal/crypto';
import type { Shape } from './described';
import { http } from './http';

export type GroupName = Group['name'];
export type Member = Group['members'][number];
export type GroupKey = NonNullable<Group['key']>;
export type Group = SealDesk['groups'][number];
export type SealWrap = SealDesk['wraps'][number];
export type OwnKey = NonNullable<SealDesk['me']>;
export type EscrowKey = NonNullable<SealDesk['escrow']>;
export type SealDesk = Shape<'SealDesk'>;
export interface StaffWrap { staff_id: number; wrapped: string }

export type OwedEnvelope = Shape<'SealEnvelopes'>['envelopes'][number];
export interface NewEnvelope { message: string; key_id: number; sealed: string }
export type Recovery = Shape<'SealRecovery'>;

export type SealedMessage = SealedTalk['messages'][number];
export type Reporter = NonNullable<SealedTalk['reporter']>;
export type SealedTalk = Shape<'SealedTalk'>;
export interface Saying { feedback: string; key: string; body: string; envelopes: ({ key_id: number; sealed: string } | { reporter: true; sealed: string })[] }

export const sealApi = {
  desk: () => http.get('/seal'),
  me: (own: OfficerKey) => http.put('/seal/me', own),
  group: (name: GroupName, key: { public_key: string; wraps: StaffWrap[]; escrow: string | null }) => http.post(`/seal/groups/${name}`, key),
  give: (key_id: number, wraps: StaffWrap[]) => http.post('/seal/wraps', { key_id, wraps }),
  owed: (after: string, escrow: boolean) => http.get('/seal/envelopes', { after, escrow }),
  putEnvelopes: (envelopes: NewEnvelope[]) => http.post('/seal/envelopes', { envelopes }),
  recover: (reason: string) => http.post('/seal/recover', { reason }),
  open: (id: number, reason: string) => http.post(`/cases/${id}/sealed`, { reason }),
  say: (id: number, saying: Saying) => http.post(`/cases/${id}/sealed/say`, saying),
  file: (id: number, hash: string) => http.bytes(`/cases/${id}/sealed/files/${hash}`),
};

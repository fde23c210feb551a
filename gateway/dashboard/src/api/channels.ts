import { http, type Query } from './http';

export type AlarmKind = 'settings' | 'money' | 'balance' | 'errors' | 'rate' | 'gone' | 'decide';
export interface Alarm { kind: AlarmKind; since: string; seen_at: string; event: string; why: string }
export interface Setting { name: string; secret: boolean; set: boolean; value: string | null }
export interface Channel {
  name: string;
  type: string;
  use: 'sms' | 'notice' | 'webhook' | 'mail' | null;
  active: boolean;
  readable: boolean;
  takes: boolean;
  sends: boolean;
  settings: Setting[];
  created_at: string;
  changed_at: string;
  old_key_until: string | null;
  sent_at: string | null;
  came_at: string | null;
  failures: number;
  closed_until: string | null;
  balance: number | null;
  balance_at: string | null;
  alarms: Alarm[];
  due: number;
  claimed: number;
  unknown: number;
  dead: number;
  failed: number;
  decide: number;
  oldest_due: string | null;
}
export interface ChannelList { channels: Channel[]; seq: number }

export interface Exchange {
  id: number;
  at: string;
  channel: string;
  what: 'mo' | 'dlr' | 'send' | 'balance';
  outcome: string;
  status: number;
  took_ms: number;
  items: number;
  message: number | null;
  reason: string | null;
  request: string;
  reply: string;
}
export interface ExchangeList { exchanges: Exchange[]; next: string | null; seq: number }

export interface Message {
  id: number;
  state: string;
  channel: string;
  first_channel: string | null;
  purpose: string;
  event: string;
  decide: boolean;
  kept: boolean;
  urgent: boolean;
  tries: number;
  redriven: number;
  created_at: string;
  due_at: string | null;
  changed_at: string;
  cause: string | null;
  error: string | null;
  code: string | null;
  provider_id: string | null;
  advice: string | null;
}
export interface Outbox {
  messages: Message[];
  next: string | null;
  counts: { channel: string; state: string; n: number; decide: number; oldest: string | null }[];
  seq: number;
}
export interface OutboxFilter { state: string; channel?: string; purpose?: string; event?: string; older_hours?: number }
/* By ids, or by a filter with the number that the preview found. */
export interface OutboxChange {
  ids?: number[];
  filter?: OutboxFilter;
  expected?: number;
  preview?: boolean;
  even_unknown?: boolean;
  through?: string;
  reason?: string;
}
export interface OutboxChanged { preview: boolean; matched: number; done: number; not: Record<'gone' | 'unknown' | 'empty' | 'state', number>; most: number }
export interface Replay { id: number; last: number; upto: number; owed: number; made_at: string; ended_at: string | null }

export const channelsApi = {
  list: () => http.get<ChannelList>('/channels'),
  log: (query: Query) => http.get<ExchangeList>('/channels/log', query),
  turn: (name: string, on: boolean) => http.post<{ channel: string; changed: boolean }>(`/channels/${name}/${on ? 'enable' : 'disable'}`, {}),
  test: (name: string, to: string) => http.post<{ message: number }>(`/channels/${name}/test`, to ? { to } : {}),
  replays: (name: string) => http.get<{ replays: Replay[] }>(`/channels/${name}/replays`),
  replay: (name: string, from: string, to: string) => http.post<{ id: number; first: number; last: number }>(`/channels/${name}/replays`, { from, to }),
  outbox: (query: Query) => http.get<Outbox>('/outbox', query),
  /* One message by its number; undefined when there is none. */
  message: async (id: number) => (await http.get<Outbox>('/outbox', { before: id + 1, limit: 1 })).messages.find((m) => m.id === id),
  redrive: (change: OutboxChange) => http.post<OutboxChanged>('/outbox/redrive', change),
  drop: (change: OutboxChange) => http.post<OutboxChanged>('/outbox/drop', change),
};

import type { Body, Shape } from './described';
import { http, type Query } from './http';

export type Channel = Shape<'Channel'>;
export type Alarm = Channel['alarms'][number];
export type AlarmKind = Alarm['kind'];
export type Setting = Channel['settings'][number];

export type Exchange = Shape<'ExchangeList'>['exchanges'][number];

export type Message = Shape<'Outbox'>['messages'][number];
/* By ids, or by a filter with the number that the preview found. */
export type OutboxChange = Body<'/outbox/redrive', 'post'> & Body<'/outbox/drop', 'post'>;
export type OutboxFilter = NonNullable<OutboxChange['filter']>;
export type OutboxChanged = Shape<'OutboxChanged'>;
export type Replay = Shape<'ReplayList'>['replays'][number];

export const channelsApi = {
  list: () => http.get('/channels'),
  log: (query: Query) => http.get('/channels/log', query),
  turn: (name: string, on: boolean) => (on ? http.post(`/channels/${name}/enable`, {}) : http.post(`/channels/${name}/disable`, {})),
  test: (name: string, to: string) => http.post(`/channels/${name}/test`, to ? { to } : {}),
  replays: (name: string) => http.get(`/channels/${name}/replays`),
  replay: (name: string, from: string, to: string) => http.post(`/channels/${name}/replays`, { from, to }),
  outbox: (query: Query) => http.get('/outbox', query),
  /* One message by its number; undefined when there is none. */
  message: async (id: number) => (await http.get('/outbox', { before: id + 1, limit: 1 })).messages.find((m) => m.id === id),
  redrive: (change: OutboxChange) => http.post('/outbox/redrive', change),
  drop: (change: OutboxChange) => http.post('/outbox/drop', change),
};

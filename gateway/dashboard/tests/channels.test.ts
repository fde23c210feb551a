import { describe, expect, it } from 'vitest';
import type { Alarm, Channel, Message } from '../src/api/channels';
import { alarmsInOrder, channelState, isSettled, mayDrop, mayRedrive, OUTBOX_GROUPS } from '../src/parts/channelTabs';
import { en } from '../src/words/en';
import { zh } from '../src/words/zh';

const NOW = Date.parse('2026-03-18T02:00:00Z');
const channel = (more: Partial<Channel>): Channel => ({
  name: 'sms', type: 'kannel', use: 'sms', active: true, readable: true, takes: true, sends: true, settings: [], created_at: '', changed_at: '', old_key_until: null, sent_at: null, came_at: null, failures: 0,
  closed_until: null, balance: null, balance_at: null, alarms: [], due: 0, claimed: 0, unknown: 0, dead: 0, failed: 0, decide: 0, oldest_due: null, ...more,
});
const alarm = (kind: Alarm['kind']): Alarm => ({ kind, since: '', seen_at: '', event: '', why: '' });
const message = (state: string, more: Partial<Message> = {}): Message => ({
  id: 1, state, channel: 'sms', first_channel: null, purpose: 'answer', event: 'received', decide: false, kept: true, urgent: false, tries: 1, redriven: 0, created_at: '', due_at: null, changed_at: '', cause: null, error: null, code: null,
  provider_id: null, advice: null, ...more,
});

describe('a channel', () => {
  it('has one word for how it fares: what a person must do stands before everything but what cannot be read', () => {
    expect(channelState(channel({}), NOW)).toBe('good');
    expect(channelState(channel({ active: false }), NOW)).toBe('off');
    expect(channelState(channel({ active: false, alarms: [alarm('gone')] }), NOW)).toBe('alarm');
    expect(channelState(channel({ readable: false, alarms: [alarm('gone')] }), NOW)).toBe('unread');
    expect(channelState(channel({ closed_until: '2026-03-18T02:00:30Z' }), NOW)).toBe('pause');
    expect(channelState(channel({ closed_until: '2026-03-18T01:59:30Z' }), NOW)).toBe('good');
    expect(channelState(channel({ sends: false }), NOW)).toBe('only');
  });
  it('tells what stops it before what only warns, and every alarm with what to do, in both languages', () => {
    expect(alarmsInOrder([alarm('balance'), alarm('decide'), alarm('settings')]).map((a) => a.kind)).toEqual(['settings', 'decide', 'balance']);
    for (const w of [zh, en]) for (const kind of ['settings', 'money', 'balance', 'errors', 'rate', 'gone', 'decide']) {
      expect(w.doors.alarms[kind]).toBeTruthy();
      expect(w.doors.todo[kind]).toBeTruthy();
    }
  });
});

describe('a message', () => {
  it('that may have arrived goes again only when somebody says that it did not', () => {
    expect(mayRedrive(message('unknown'), false)).toBe(false);
    expect(mayRedrive(message('unknown'), true)).toBe(true);
    expect(mayRedrive(message('dead'), false)).toBe(true);
    expect(mayRedrive(message('dead', { kept: false }), true)).toBe(false);
    for (const state of ['due', 'claimed', 'sent', 'delivered', 'held', 'dropped']) expect(mayRedrive(message(state), true)).toBe(false);
  });
  it('that is settled or on its way cannot be given up', () => {
    for (const state of ['claimed', 'sent', 'delivered', 'held', 'dropped']) expect(mayDrop(message(state))).toBe(false);
    for (const state of ['due', ...OUTBOX_GROUPS.attention]) expect(mayDrop(message(state))).toBe(true);
  });
  it('has a word for every state, and a test waits for no more than its fate', () => {
    for (const state of Object.values(OUTBOX_GROUPS).flat()) for (const w of [zh, en]) expect(w.outbox.states[state]).toBeTruthy();
    expect([undefined, message('due'), message('claimed')].map(isSettled)).toEqual([false, false, false]);
    expect(['sent', 'dead', 'unknown'].map((s) => isSettled(message(s)))).toEqual([true, true, true]);
  });
});

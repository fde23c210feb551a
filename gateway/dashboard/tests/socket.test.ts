import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '../src/api/types';
import { LiveLine, PROTOCOL, type LiveMode, type SocketLike } from '../src/live/socket';

class FakeSocket implements SocketLike {
  sent: Record<string, unknown>[] = [];
  closedWith: number | null = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  constructor(readonly protocol: string) {}
  send(text: string) { this.sent.push(JSON.parse(text)); }
  close(code?: number) { this.closedWith = code ?? 1000; }
  hear(frame: object) { this.onmessage?.({ data: JSON.stringify(frame) }); }
  drop(code = 1006) { this.onclose?.({ code }); }
}

/* A clock that moves only when told to. */
class World {
  at = 1_000_000;
  timers: { at: number; then: () => void }[] = [];
  sockets: FakeSocket[] = [];
  modes: LiveMode[] = [];
  events: LiveEvent[] = [];
  reloads = 0;
  hellos = 0;
  present: [number, unknown[]][] = [];
  polls = 0;
  isOver = false;
  isMoved = false;
  gatewaySeq: number | null = null;
  line = new LiveLine(
    {
      open: (p) => { const s = new FakeSocket(p); this.sockets.push(s); return s; },
      now: () => this.at,
      after: (ms, then) => {
        const timer = { at: this.at + ms, then };
        this.timers.push(timer);
        return () => { this.timers = this.timers.filter((t) => t !== timer); };
      },
      random: () => 1,
    },
    {
      mode: (m) => this.modes.push(m),
      event: (e) => this.events.push(e),
      hello: () => { this.hellos++; },
      presence: (of, who) => { this.present.push([of, who]); },
      reload: () => { this.reloads++; },
      poll: () => { this.polls++; return this.gatewaySeq == null ? Promise.reject(new Error('away')) : Promise.resolve(this.gatewaySeq); },
      over: () => { this.isOver = true; },
      moved: () => { this.isMoved = true; },
      heard: () => undefined,
    },
  );
  get socket() { return this.sockets[this.sockets.length - 1]; }
  async pass(ms: number) {
    const until = this.at + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.at = next.at;
      next.then();
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
    this.at = until;
  }
}

const event = (seq: number, id = seq) => ({ type: 'event', seq, kind: 'case.changed', case: id, data: { id, version: 2 } });

describe('the live line', () => {
  let w: World;
  beforeEach(() => { w = new World(); w.line.start(40); });

  it('subscribes from the sequence the page was loaded at and hands on events in order, once', () => {
    expect(w.socket.protocol).toBe(PROTOCOL);
    w.socket.hear({ type: 'hello', seq: 45, staff: { id: 1 }, retry_ms: 500 });
    expect(w.socket.sent).toEqual([{ type: 'subscribe', since: 40 }]);
    expect(w.modes).toEqual(['live']);
    w.socket.hear(event(41));
    w.socket.hear(event(43));
    w.socket.hear(event(43));
    w.socket.hear(event(42));
    expect(w.events.map((e) => e.seq)).toEqual([41, 43]);
  });

  it('answers pings and survives frames that are not JSON', () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    w.socket.onmessage?.({ data: '{broken' });
    w.socket.onmessage?.({ data: 'null' });
    w.socket.hear({ type: 'ping' });
    expect(w.socket.sent.at(-1)).toEqual({ type: 'pong' });
  });

  it('resumes after a lost line from the last event it saw', async () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    w.socket.hear(event(41));
    w.socket.drop();
    expect(w.modes.at(-1)).toBe('stale');
    await w.pass(600);
    expect(w.sockets).toHaveLength(2);
    w.socket.hear({ type: 'hello', seq: 44 });
    expect(w.socket.sent).toEqual([{ type: 'subscribe', since: 41 }]);
    expect(w.modes.at(-1)).toBe('live');
  });

  it('waits longer after each failure, never over half a minute', async () => {
    const pauses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const n = w.sockets.length;
      w.socket.drop();
      const from = w.at;
      while (w.sockets.length === n) await w.pass(100);
      pauses.push(w.at - from);
    }
    expect(pauses.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...pauses)).toBe(30_000);
  });

  it('polls every ten seconds when the socket cannot be opened, and stops when it can', async () => {
    w.gatewaySeq = 40;
    for (let i = 0; i < 3; i++) { w.socket.drop(); await w.pass(i < 2 ? 2100 : 0); }
    await Promise.resolve();
    expect(w.polls).toBe(1);
    expect(w.modes.at(-1)).toBe('polling');
    expect(w.reloads).toBe(0);
    w.gatewaySeq = 47;
    await w.pass(10_000);
    expect(w.polls).toBe(2);
    expect(w.reloads).toBe(1);
    w.line.resubscribe(47);
    w.socket.hear({ type: 'hello', seq: 47 });
    expect(w.modes.at(-1)).toBe('live');
    await w.pass(19_000);
    expect(w.polls).toBe(2);
  });

  it('says stale, not polling, while the gateway is away altogether', async () => {
    for (let i = 0; i < 3; i++) { w.socket.drop(); await w.pass(2100); }
    expect(w.polls).toBeGreaterThan(0);
    expect(w.modes.at(-1)).toBe('stale');
  });

  it('asks for a fetch when told to reload and then continues from the fetched sequence', () => {
    w.socket.hear({ type: 'hello', seq: 900 });
    w.socket.hear({ type: 'reload' });
    expect(w.reloads).toBe(1);
    w.line.resubscribe(900);
    expect(w.socket.sent.at(-1)).toEqual({ type: 'subscribe', since: 900 });
    w.socket.hear(event(899));
    w.socket.hear(event(901));
    expect(w.events.map((e) => e.seq)).toEqual([901]);
  });

  it('treats a silent line as lost', async () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    await w.pass(45_000);
    expect(w.sockets[0].closedWith).toBe(4000);
    expect(w.modes.at(-1)).toBe('stale');
    await w.pass(500);
    expect(w.sockets).toHaveLength(2);
  });

  it('ends when post or rights have changed: the page is loaded anew', async () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    w.socket.drop(4402);
    expect([w.isMoved, w.isOver]).toEqual([true, false]);
    await w.pass(120_000);
    expect(w.sockets).toHaveLength(1);
  });

  it('ends with the session and does not knock again', async () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    w.socket.drop(4401);
    expect(w.isOver).toBe(true);
    await w.pass(120_000);
    expect(w.sockets).toHaveLength(1);
  });

  it('asks whether the session still holds when closed for idleness, and comes back if it does', async () => {
    w.gatewaySeq = 40;
    w.socket.hear({ type: 'hello', seq: 40 });
    w.socket.drop(4408);
    expect(w.polls).toBe(1);
    await w.pass(500);
    expect(w.sockets).toHaveLength(2);
  });

  it('says at each hello that the line is up, and hands on who else is there', () => {
    w.line.tell({ type: 'presence', case: 7, doing: 'look' });
    expect(w.socket.sent).toEqual([]);
    w.socket.hear({ type: 'hello', seq: 40 });
    expect(w.hellos).toBe(1);
    w.line.tell({ type: 'presence', case: 7, doing: 'look' });
    expect(w.socket.sent.at(-1)).toEqual({ type: 'presence', case: 7, doing: 'look' });
    w.socket.hear({ type: 'presence', case: 7, who: [{ staff: 3 }] });
    w.socket.hear({ type: 'presence', case: '7', who: [] });
    w.socket.hear({ type: 'presence', case: 7, who: null });
    expect(w.present).toEqual([[7, [{ staff: 3 }]]]);
  });

  it('does not trust a line after the computer slept: another one at once, stale until it greets', () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    w.at += 20_000;
    w.line.hurry();
    expect(w.sockets).toHaveLength(1);
    w.at += 3_600_000;
    w.line.hurry();
    expect(w.sockets).toHaveLength(2);
    expect(w.sockets[0].closedWith).toBe(4000);
    expect(w.modes.at(-1)).toBe('stale');
    w.socket.hear({ type: 'hello', seq: 44 });
    expect(w.socket.sent).toEqual([{ type: 'subscribe', since: 40 }]);
    expect(w.modes.at(-1)).toBe('live');
  });

  it('knocks at once when the gateway was away and answers again', async () => {
    for (let i = 0; i < 8; i++) { w.socket.drop(); await w.pass(i < 7 ? 30_000 : 0); }
    expect(w.modes.at(-1)).toBe('stale');
    const n = w.sockets.length;
    w.gatewaySeq = 40;
    await w.pass(10_000);
    expect(w.modes.at(-1)).toBe('polling');
    expect(w.sockets).toHaveLength(n + 1);
  });

  it('keeps quiet after stop', async () => {
    w.socket.hear({ type: 'hello', seq: 40 });
    const socket = w.socket;
    w.line.stop();
    expect(socket.closedWith).toBe(1000);
    await w.pass(120_000);
    expect(w.sockets).toHaveLength(1);
  });
});

/* The live line: subprotocol mashangdu.dashboard.v1 spoken as a small machine without browser globals, so that
 * every path (lost line, resume, fall-behind, fallback) is tested with a fake clock and a fake socket.
 *
 *   idle ─start→ opening ─hello→ live ─close→ stale ─pause→ opening …
 *                        three failures in a row: also ask `poll` every 10 s (mode polling) until a hello comes.
 *
 * It never drops a change silently: whoever listens gets every event after `since` exactly once, or is told
 * `reload` and must fetch anew and call resubscribe() with the sequence of what it fetched. */
import type { LiveEvent } from '../api/types';

export const PROTOCOL = 'mashangdu.dashboard.v1';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/* The gateway pings every 20 s; two missed pings and a little mean the line is dead although it looks open. */
const SILENCE_MS = 45_000;
/* A ping is overdue: enough to open another line at once when there is a reason to doubt this one. */
const OVERDUE_MS = 25_000;
const POLL_MS = 10_000;
const FAILURES_BEFORE_POLLING = 3;
const CLOSE_SESSION_OVER = 4401;
/* Another post acts, or the rights of this one were changed: what the page shows belongs to a world that is gone. */
const CLOSE_POST_CHANGED = 4402;
const CLOSE_IDLE = 4408;

export type LiveMode = 'live' | 'stale' | 'polling';

export interface SocketLike {
  send(text: string): void;
  close(code?: number): void;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
}

export interface LiveHost {
  open(protocol: string): SocketLike;
  now(): number;
  /* Runs `then` once after ms; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
  random(): number;
}

export interface LiveListener {
  mode(mode: LiveMode): void;
  event(event: LiveEvent): void;
  /* The line is up, for the first time or again. */
  hello(): void;
  /* Who else has a case open: whole each time. */
  presence(of: number, who: unknown[]): void;
  /* The stream cannot be continued from where it stood: fetch anew, then resubscribe(seq). */
  reload(): void;
  /* The socket cannot be opened: ask the gateway once for its newest sequence number. Rejects when it is away too. */
  poll(): Promise<number>;
  /* The gateway says that the session is over. */
  over(): void;
  /* Post or rights have changed. */
  moved(): void;
  /* Something was heard from the gateway; what is shown is as of now. */
  heard(at: number): void;
}

export class LiveLine {
  private socket: SocketLike | null = null;
  private since = 0;
  private failures = 0;
  private base = FIRST_PAUSE_MS;
  private ended = true;
  private current: LiveMode = 'stale';
  private heardAt = 0;
  private isAway = false; /* the last poll found nobody */
  private cancelRetry: (() => void) | null = null;
  private cancelSilence: (() => void) | null = null;
  private cancelPoll: (() => void) | null = null;

  constructor(private readonly host: LiveHost, private readonly listener: LiveListener) {}

  get seq(): number { return this.since; }

  start(seq: number): void {
    this.stop();
    this.ended = false;
    this.since = seq;
    this.failures = 0;
    this.open();
  }

  stop(): void {
    this.ended = true;
    this.cancelRetry = cancelled(this.cancelRetry);
    this.cancelSilence = cancelled(this.cancelSilence);
    this.cancelPoll = cancelled(this.cancelPoll);
    this.letGo(1000);
  }

  /* After `reload`: what is on the screen now is the state at `seq`. */
  resubscribe(seq: number): void {
    this.since = seq;
    this.say({ type: 'subscribe', since: seq });
  }

  /* The network came back, the page is looked at again, or the computer woke: do not wait out a long pause, and do not trust
   * a line on which even the gateway's ping is overdue. */
  hurry(): void {
    if (this.ended) return;
    if (this.socket) {
      const silent = this.host.now() - this.heardAt;
      if (silent <= OVERDUE_MS) return;
      this.letGo(4000);
      if (silent > SILENCE_MS && this.current === 'live') this.become('stale');
    }
    this.cancelRetry = cancelled(this.cancelRetry);
    this.open();
  }

  private open(): void {
    const socket = this.host.open(PROTOCOL);
    this.socket = socket;
    this.heardAt = this.host.now();
    socket.onmessage = (e) => { if (this.socket === socket) this.take(e.data); };
    socket.onclose = (e) => { if (this.socket === socket) this.lost(e.code); };
    this.watchSilence();
  }

  private take(data: unknown): void {
    const frame = parsed(data);
    if (!frame) return;
    this.watchSilence();
    this.heardAt = this.host.now();
    this.listener.heard(this.heardAt);
    switch (frame.type) {
      case 'hello':
        this.failures = 0;
        if (typeof frame.retry_ms === 'number' && frame.retry_ms >= 0) this.base = Math.max(FIRST_PAUSE_MS, Math.min(frame.retry_ms, LONGEST_PAUSE_MS));
        this.cancelPoll = cancelled(this.cancelPoll);
        this.say({ type: 'subscribe', since: this.since });
        this.become('live');
        this.listener.hello();
        break;
      case 'event': {
        const event = frame as unknown as LiveEvent;
        if (typeof event.seq !== 'number' || event.seq <= this.since) break; /* a repeat after a resume */
        this.since = event.seq;
        this.listener.event({ ...event, data: event.data ?? {} });
        break;
      }
      case 'presence':
        if (typeof frame.case === 'number' && Array.isArray(frame.who)) this.listener.presence(frame.case, frame.who);
        break;
      case 'reload':
        this.listener.reload();
        break;
      case 'ping':
        this.say({ type: 'pong' });
        break;
    }
  }

  private lost(code: number): void {
    this.socket = null;
    this.cancelSilence = cancelled(this.cancelSilence);
    if (this.ended) return;
    if (code === CLOSE_SESSION_OVER) {
      this.stop();
      this.listener.over();
      return;
    }
    if (code === CLOSE_POST_CHANGED) {
      this.stop();
      this.listener.moved();
      return;
    }
    this.failures++;
    if (this.current === 'live') this.become('stale');
    /* 4408 may mean that the session idled out: ask once, the answer's 401 tells. */
    if (code === CLOSE_IDLE) void this.listener.poll().catch(() => undefined);
    const pause = Math.min(LONGEST_PAUSE_MS, this.base * 2 ** Math.min(this.failures - 1, 10));
    this.cancelRetry = this.host.after(pause * (0.5 + this.host.random() / 2), () => this.open());
    if (this.failures >= FAILURES_BEFORE_POLLING && !this.cancelPoll) void this.poll();
  }

  private async poll(): Promise<void> {
    this.cancelPoll = () => undefined;
    const mark = this.cancelPoll;
    try {
      const seq = await this.listener.poll();
      if (this.cancelPoll !== mark) return; /* the line came back meanwhile */
      this.listener.heard(this.host.now());
      this.become('polling');
      /* since moves only with what was really fetched: reload() ends in resubscribe(). */
      if (seq !== this.since) this.listener.reload();
      /* It was away and is back: its socket will very likely be, too. */
      if (this.isAway) this.hurry();
      this.isAway = false;
    } catch {
      if (this.cancelPoll !== mark) return;
      this.isAway = true;
      this.become('stale');
    }
    if (!this.ended) this.cancelPoll = this.host.after(POLL_MS, () => void this.poll());
  }

  private watchSilence(): void {
    this.cancelSilence = cancelled(this.cancelSilence);
    this.cancelSilence = this.host.after(SILENCE_MS, () => {
      this.letGo(4000);
      this.lost(1006);
    });
  }

  private letGo(code: number): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  /* Said once, on the line as it is: what must be known after a break is said again at the next hello. */
  tell(frame: object): void {
    if (this.current === 'live') this.say(frame);
  }

  private say(frame: object): void {
    if (this.socket && !this.ended) this.socket.send(JSON.stringify(frame));
  }

  private become(mode: LiveMode): void {
    this.current = mode;
    this.listener.mode(mode);
  }
}

function cancelled(cancel: (() => void) | null): null {
  cancel?.();
  return null;
}

function parsed(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    return frame && typeof frame === 'object' ? (frame as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

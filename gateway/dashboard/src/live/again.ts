/* Asking again for what is known to have changed. One answer at a time and one more behind it, whatever comes meanwhile: no answer is
 * thrown away for a newer question that somebody's work, not somebody's press, has caused, so a page moves on however busy the office is.
 * An event reaches all pages of an office in the same moment; each waits a part of `spread` before it asks, and rests as long as the
 * last answer took. What fails in passing is asked for again with growing pauses; what has not come is told as late. Without browser globals,
 * so that it is tested with a clock of the test's own. */
import { Refusal } from '../api/http';

export const SPREAD_MS = 250;
/* With the spread and the answer well short of a second, which is promised. */
export const EVERY_MS = 500;
/* What is not on the screen so long after it is due there is called late. */
export const LATE_MS = 3000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_REST_MS = 5000;
/* A gateway that answers slowly is asked over a longer stretch. */
const WIDEST_SPREAD_MS = 2000;

export interface AgainHost {
  now(): number;
  /* Runs `then` once after ms; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
  random(): number;
}
export interface AgainWork<T> {
  ask(): Promise<T>;
  take(got: T): void;
  failed?(error: unknown): void;
  /* Since when something that has changed is not on the screen; null: it is again. */
  late?(since: number | null): void;
}
export interface AgainPace {
  /* ms from one question to the next while events come */
  every?: number | (() => number);
  /* ms over which the pages of an office spread their questions about one event */
  spread?: number;
}

/* Will the same question be answered later? Nobody may look, or nothing is there: that stays so until something changes. */
export function isPassing(e: unknown): boolean {
  return !(e instanceof Refusal) || e.status === 0 || e.status === 408 || e.status === 429 || e.status >= 500;
}

interface Waiter { flight: number; done(isTaken: boolean): void; failed(error: unknown): void }

export class Again<T> {
  private flight = 0;
  private isFlying = false;
  private began = 0;
  private took = 0;
  private failures = 0;
  /* What the answer on its way, or the next one, is to bring; and what came after that question was asked. */
  private owedAt: number | null = null;
  private laterAt: number | null = null;
  private isPressed = false;
  private isLate = false;
  private waiters: Waiter[] = [];
  private cancelNext: (() => void) | null = null;
  private cancelLate: (() => void) | null = null;

  constructor(private readonly host: AgainHost, private readonly work: AgainWork<T>, private readonly pace: AgainPace = {}) {}

  /* Something has changed. */
  soon(): void {
    const now = this.host.now();
    if (this.isFlying) {
      this.laterAt ??= now;
      return;
    }
    this.owe(now);
    if (!this.cancelNext) this.plan(this.wait());
  }

  /* Everything may have changed, and the gateway is there again: no long pause is waited out. */
  anew(): void {
    this.failures = 0;
    this.cancelNext = cancelled(this.cancelNext);
    this.soon();
  }

  /* Somebody wants it now, perhaps something else than before: an answer on its way is not waited for. Resolves with false when
   * this one was overtaken in its turn; rejects as the question did. */
  now(): Promise<boolean> {
    this.fly();
    return this.answered(this.flight);
  }

  /* An answer to a question asked from here on, without throwing away the one on its way. */
  fresh(): Promise<boolean> {
    if (!this.isFlying) return this.now();
    this.laterAt ??= this.host.now();
    this.isPressed = true;
    return this.answered(this.flight + 1);
  }

  /* What is on the screen is newer than the answer on its way. */
  drop(): void {
    if (!this.isFlying) return;
    this.flight++;
    this.isFlying = false;
    this.settle(this.laterAt);
    for (const w of this.leave(this.flight)) w.done(false);
  }

  /* Nobody looks any more. It may be begun again. */
  stop(): void {
    this.flight++;
    this.isFlying = false;
    this.failures = 0;
    this.cancelNext = cancelled(this.cancelNext);
    this.settle(null);
    for (const w of this.leave(Infinity)) w.done(false);
  }

  private every(): number {
    const every = this.pace.every ?? EVERY_MS;
    return typeof every === 'number' ? every : every();
  }

  private wait(): number {
    const rest = Math.min(this.took, LONGEST_REST_MS);
    const next = this.began ? this.began + Math.max(this.every(), this.took + rest) : 0;
    const spread = Math.max(this.pace.spread ?? SPREAD_MS, Math.min(this.took, WIDEST_SPREAD_MS));
    return Math.max(0, next - this.host.now()) + spread * this.host.random();
  }

  private plan(ms: number): void {
    this.cancelNext = cancelled(this.cancelNext);
    this.cancelNext = this.host.after(ms, () => {
      this.cancelNext = null;
      this.fly();
    });
  }

  private fly(): void {
    this.cancelNext = cancelled(this.cancelNext);
    const mine = ++this.flight;
    this.isFlying = true;
    this.isPressed = false;
    this.began = this.host.now();
    this.owedAt ??= this.laterAt;
    this.laterAt = null;
    for (const w of this.leave(mine - 1)) w.done(false);
    this.work.ask().then((got) => {
      if (mine !== this.flight) return;
      this.work.take(got);
      this.land(mine);
    }).catch((e: unknown) => { if (mine === this.flight && this.isFlying) this.fail(mine, e); });
  }

  private land(mine: number): void {
    this.isFlying = false;
    this.took = this.host.now() - this.began;
    this.failures = 0;
    this.settle(this.laterAt);
    for (const w of this.leave(mine)) w.done(true);
  }

  private fail(mine: number, error: unknown): void {
    this.isFlying = false;
    this.took = this.host.now() - this.began;
    this.work.failed?.(error);
    if (isPassing(error)) {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 8));
      const least = error instanceof Refusal ? Math.min(error.retryAfter * 1000, LONGEST_PAUSE_MS) : 0;
      this.isPressed = false;
      this.owe(this.owedAt ?? this.began);
      this.laterAt = null;
      this.plan(least + pause * (0.5 + this.host.random() / 2));
    } else {
      this.failures = 0;
      this.settle(this.laterAt);
    }
    for (const w of this.leave(mine)) w.failed(error);
  }

  /* What was owed has come, or never will; `rest` is owed still. */
  private settle(rest: number | null): void {
    this.owedAt = null;
    this.laterAt = null;
    this.cancelLate = cancelled(this.cancelLate);
    if (rest !== null) {
      this.owe(rest);
      this.plan(this.isPressed ? 0 : this.wait());
    } else if (this.isLate) {
      this.isLate = false;
      this.work.late?.(null);
    }
    this.isPressed = false;
  }

  private owe(since: number): void {
    this.owedAt ??= since;
    if (this.cancelLate) return;
    const left = this.owedAt + this.every() + LATE_MS - this.host.now();
    if (this.isLate && left > 0) {
      this.isLate = false;
      this.work.late?.(null);
    }
    this.cancelLate = this.host.after(Math.max(0, left), () => {
      if (this.owedAt === null) return;
      this.isLate = true;
      this.work.late?.(this.owedAt);
    });
  }

  private answered(flight: number): Promise<boolean> {
    return new Promise((done, failed) => { this.waiters.push({ flight, done, failed }); });
  }
  private leave(upTo: number): Waiter[] {
    const gone = this.waiters.filter((w) => w.flight <= upTo);
    this.waiters = this.waiters.filter((w) => w.flight > upTo);
    return gone;
  }
}

function cancelled(cancel: (() => void) | null): null {
  cancel?.();
  return null;
}

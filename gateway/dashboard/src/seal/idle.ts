/* When unlocked keys must go by themselves: nobody has touched the page for a while, or it has been out of sight.
 * Without browser globals, so that every way to the lock is tested with a clock of the test's own. */
export const IDLE_MS = 15 * 60_000;
export const HIDDEN_MS = 5 * 60_000;
export type LockCause = 'asked' | 'idle' | 'hidden' | 'session' | 'left';

export interface IdleHost {
  now(): number;
  /* Runs `then` once after ms; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
}

export class IdleLock {
  private touchedAt = 0;
  private hiddenAt: number | null = null;
  private cancel: (() => void) | null = null;

  constructor(private readonly host: IdleHost, private readonly lock: (cause: LockCause) => void) {}

  start(isHidden: boolean): void {
    this.touchedAt = this.host.now();
    this.hiddenAt = isHidden ? this.touchedAt : null;
    this.plan();
  }
  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }
  /* A sleeping computer runs no timers: what woke it must not count as a touch before the time is judged. */
  touched(): void {
    if (!this.cancel || this.judged()) return;
    this.touchedAt = this.host.now();
  }
  seen(isHidden: boolean): void {
    if (!this.cancel || this.judged()) return;
    this.hiddenAt = isHidden ? this.host.now() : null;
    this.plan();
  }

  private due(): { at: number; cause: LockCause } {
    const idle = this.touchedAt + IDLE_MS;
    const hidden = this.hiddenAt === null ? Infinity : this.hiddenAt + HIDDEN_MS;
    return hidden < idle ? { at: hidden, cause: 'hidden' } : { at: idle, cause: 'idle' };
  }
  private judged(): boolean {
    const { at, cause } = this.due();
    if (this.host.now() < at) return false;
    this.stop();
    this.lock(cause);
    return true;
  }
  private plan(): void {
    this.cancel?.();
    this.cancel = this.host.after(Math.max(this.due().at - this.host.now(), 0), () => { if (!this.judged()) this.plan(); });
  }
}

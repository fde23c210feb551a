/* When a person last touched the application, in any window of this browser: they share one session. A session lives on where somebody
 * is, so every request says how long ago that was (Msd-Attended), those too that a page makes by itself. Without browser globals, so
 * that it is tested with a clock of the test's own. */
export interface AttendedHost {
  now(): number;
  /* What the other windows know; 0: nothing. */
  read(): number;
  write(at: number): void;
}
/* The most that the gateway takes. */
const LONGEST_S = 86_400;
/* A key that is held, a wheel that is turned. */
const APART_MS = 1000;

export class Attended {
  private at: number;
  private isHeld = false;

  /* isOpened: somebody has just opened this page; else it has loaded itself anew, and knows no more than was known before. */
  constructor(private readonly host: AttendedHost, isOpened: boolean) {
    const now = host.now();
    this.at = isOpened ? now : Math.min(host.read() || now, now);
    if (isOpened) host.write(now);
  }

  touch(): void {
    if (this.isHeld) return;
    const now = this.host.now();
    if (now - this.at < APART_MS && now >= this.at) return;
    this.at = now;
    this.host.write(now);
  }

  /* A question stands on the page: what is touched here counts for nothing until it is answered, and the answer counts. */
  hold(): void { this.isHeld = true; }
  answer(): void {
    this.isHeld = false;
    this.at = 0;
    this.touch();
  }
  release(): void { this.isHeld = false; }

  /* ms since 1970 */
  touchedAt(): number {
    this.at = Math.max(this.at, Math.min(this.host.read(), this.host.now()));
    return this.at;
  }
  /* As the gateway is told. */
  secondsAgo(): number {
    return Math.max(0, Math.min(LONGEST_S, Math.floor((this.host.now() - this.touchedAt()) / 1000)));
  }
}

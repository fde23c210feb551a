/* What a screen in a hall does for weeks: asks now and then, waits longer while nobody answers, says since when its numbers are old, and
 * turns to the next picture. A machine without browser globals, so that days pass in a test. */
export const ASK_MS = 30_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

export interface SteadyHost {
  /* True: answered. False: away; it is asked again by itself. */
  ask(): Promise<boolean>;
  after(ms: number, then: () => void): () => void;
  random(): number;
}

export class Steady {
  private failures = 0;
  private cancel: (() => void) | null = null;
  private run = 0;

  constructor(private readonly host: SteadyHost) {}

  start(): void {
    this.stop();
    void this.turn(++this.run);
  }

  stop(): void {
    this.run++;
    this.cancel?.();
    this.cancel = null;
  }

  private async turn(mine: number): Promise<void> {
    const good = await this.host.ask().catch(() => false);
    if (mine !== this.run) return;
    this.failures = good ? 0 : this.failures + 1;
    const pause = good ? ASK_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures - 1, 8)) * (0.75 + this.host.random() / 2);
    this.cancel = this.host.after(pause, () => void this.turn(mine));
  }
}

/* The next picture; -1 when there is none to show. */
export const nextOf = (at: number, n: number): number => (n > 0 ? (at + 1) % n : -1);

/* At night, when nobody looks, a newer build is loaded: once the entry's name differs from the one this page runs. */
export function shouldReload(hourInChina: number, running: string, served: string): boolean {
  return hourInChina === 3 && served !== '' && running !== '' && served !== running;
}

import { beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '../src/api/http';
import { Again, EVERY_MS, LATE_MS, SPREAD_MS, type AgainPace } from '../src/live/again';

/* A clock that moves only when told to, and a gateway that answers when told to. */
class World {
  at = 1_000_000;
  luck = 0.5;
  timers: { at: number; then: () => void }[] = [];
  asked: { at: number; answer(n: number): void; refuse(e: unknown): void }[] = [];
  taken: number[] = [];
  errors: unknown[] = [];
  lates: (number | null)[] = [];
  again: Again<number>;
  constructor(pace?: AgainPace, private readonly answersAfter?: number) {
    this.again = new Again<number>({
      now: () => this.at,
      after: (ms, then) => {
        const timer = { at: this.at + ms, then };
        this.timers.push(timer);
        return () => { this.timers = this.timers.filter((t) => t !== timer); };
      },
      random: () => this.luck,
    }, {
      ask: () => new Promise<number>((answer, refuse) => {
        this.asked.push({ at: this.at, answer, refuse });
        const n = this.asked.length;
        if (this.answersAfter !== undefined) this.timers.push({ at: this.at + this.answersAfter, then: () => answer(n) });
      }),
      take: (n) => this.taken.push(n),
      failed: (e) => this.errors.push(e),
      late: (since) => this.lates.push(since),
    }, pace);
  }
  async settle() { for (let i = 0; i < 6; i++) await Promise.resolve(); }
  async pass(ms: number) {
    const until = this.at + ms;
    for (;;) {
      await this.settle();
      const next = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.at = next.at;
      next.then();
    }
    this.at = until;
    await this.settle();
  }
}
const refusal = (status: number, retryAfter = 0) => new Refusal({ code: 'x', status, title: '', detail: 'x', retryAfter });

describe('asking again for what has changed', () => {
  let w: World;
  beforeEach(() => { w = new World(); });

  it('spreads what the pages of an office ask about one event', async () => {
    const pages = Array.from({ length: 200 }, (_, i) => { const page = new World(); page.luck = i / 200; return page; });
    for (const p of pages) { p.again.soon(); await p.pass(1000); }
    const asked = pages.map((p) => p.asked[0].at - 1_000_000);
    expect(Math.max(...asked)).toBeLessThanOrEqual(SPREAD_MS);
    const inTenth = asked.filter((ms) => ms < SPREAD_MS / 10).length;
    expect(inTenth).toBeLessThanOrEqual(21);
  });

  it('asks once for a burst, at most once a pace, and answers the last event within a second', async () => {
    w = new World({}, 50);
    for (let i = 0; i < 100; i++) { w.again.soon(); await w.pass(40); }
    const last = w.at;
    await w.pass(2000);
    expect(w.asked.length).toBeLessThanOrEqual(Math.ceil(4000 / EVERY_MS) + 2);
    const gaps = w.asked.slice(1).map((a, i) => a.at - w.asked[i].at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(EVERY_MS);
    expect(w.asked[w.asked.length - 1].at).toBeGreaterThanOrEqual(last - 40);
    expect(w.asked[w.asked.length - 1].at + 50 - last).toBeLessThanOrEqual(1000);
  });

  it('never starves: answers slower than the pace still come on the screen while events flow', async () => {
    w = new World({}, 3000);
    for (let i = 0; i < 300; i++) { w.again.soon(); await w.pass(100); }
    expect(w.taken.length).toBeGreaterThanOrEqual(4);
    expect(w.taken.length).toBe(w.asked.length - 1); /* no answer was thrown away; one is on its way */
    /* A gateway that needs long is given as long to rest. */
    expect(w.asked[1].at - w.asked[0].at).toBeGreaterThanOrEqual(6000);
  });

  it('asks once more for what came while it was asking', async () => {
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.again.soon();
    w.again.soon();
    w.asked[0].answer(1);
    await w.pass(5000);
    expect(w.asked.length).toBe(2);
    w.asked[1].answer(2);
    await w.pass(5000);
    expect(w.asked.length).toBe(2);
    expect(w.taken).toEqual([1, 2]);
  });

  it('tries again by itself, with growing pauses, and no faster because of events', async () => {
    w.luck = 1;
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.asked[0].refuse(refusal(503));
    await w.pass(999);
    expect(w.asked.length).toBe(1);
    await w.pass(1);
    w.asked[1].refuse(refusal(0));
    for (let i = 0; i < 19; i++) { w.again.soon(); await w.pass(100); }
    expect(w.asked.length).toBe(2);
    await w.pass(100);
    w.asked[2].answer(7);
    await w.pass(0);
    expect(w.taken).toEqual([7]);
    await w.pass(60_000);
    expect(w.asked.length).toBe(3);
  });

  it('waits as long as the gateway asks for, and not when the line has come back', async () => {
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.asked[0].refuse(refusal(429, 20));
    await w.pass(19_000);
    expect(w.asked.length).toBe(1);
    w.again.anew();
    await w.pass(EVERY_MS + SPREAD_MS);
    expect(w.asked.length).toBe(2);
  });

  it('does not ask again for what stays refused until something changes', async () => {
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.asked[0].refuse(refusal(404));
    await w.pass(60_000);
    expect(w.asked.length).toBe(1);
    expect(w.lates).toEqual([]);
    w.again.soon();
    await w.pass(1000);
    expect(w.asked.length).toBe(2);
  });

  it('says since when the screen is behind, and when it is no longer', async () => {
    const event = w.at;
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.asked[0].refuse(refusal(503));
    await w.pass(EVERY_MS + LATE_MS);
    expect(w.lates).toEqual([event]);
    w.asked[w.asked.length - 1].answer(1);
    await w.pass(0);
    expect(w.lates).toEqual([event, null]);
  });

  it('is behind also when the answer only takes long, from the first event that it does not hold', async () => {
    w.again.soon();
    await w.pass(2000);
    const second = w.at;
    w.again.soon();
    await w.pass(EVERY_MS + LATE_MS - 2000);
    expect(w.lates).toEqual([1_000_000]);
    w.asked[0].answer(1);
    await w.pass(0);
    expect(w.lates).toEqual([1_000_000, null]);
    await w.pass(EVERY_MS + LATE_MS);
    expect(w.lates[2]).toBe(second);
  });

  it('gives a person what was asked for last, and a wish for something newer its own answer', async () => {
    const first = w.again.now();
    const second = w.again.now();
    w.asked[1].answer(2);
    w.asked[0].answer(1);
    expect(await Promise.all([first, second])).toEqual([false, true]);
    expect(w.taken).toEqual([2]);

    const on = w.again.now();
    let isThere = false;
    void w.again.fresh().then(() => { isThere = true; });
    w.asked[2].answer(3);
    await on;
    await w.pass(0);
    expect(isThere).toBe(false);
    expect(w.asked.length).toBe(4);
    w.asked[3].answer(4);
    await w.pass(0);
    expect(isThere).toBe(true);
    expect(w.taken).toEqual([2, 3, 4]);
  });

  it('tells whoever asked that it went wrong, and goes on trying behind them', async () => {
    const asked = w.again.now();
    w.asked[0].refuse(refusal(500));
    await expect(asked).rejects.toMatchObject({ status: 500 });
    await w.pass(1000);
    expect(w.asked.length).toBe(2);
  });

  it('stops: nothing is asked, taken or called late behind it', async () => {
    w.again.soon();
    await w.pass(SPREAD_MS);
    w.again.soon();
    w.again.stop();
    w.asked[0].answer(1);
    await w.pass(60_000);
    expect([w.taken, w.asked.length, w.lates, w.timers.length]).toEqual([[], 1, [], 0]);
  });
});

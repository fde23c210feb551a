import { describe, expect, it } from 'vitest';
import { standsAt } from '../src/live/stands';

/* As the pages use it: an action that ends late, and what was opened meanwhile. */
function stage() {
  const page = { open: '', error: '' };
  async function run(what: Promise<void>): Promise<void> {
    const still = standsAt(() => page.open);
    try {
      await what;
      if (still()) page.open = '';
    } catch (e) {
      if (still()) page.error = String(e);
    }
  }
  let end: (fault?: string) => void = () => undefined;
  const waiting = () => new Promise<void>((done, no) => { end = (fault) => { if (fault) no(new Error(fault)); else done(); }; });
  return { page, run, waiting, end: (fault?: string) => end(fault) };
}

describe('an action that ends', () => {
  it('closes its own form', async () => {
    const s = stage();
    s.page.open = 'promise-1';
    const over = s.run(s.waiting());
    s.end();
    await over;
    expect(s.page.open).toBe('');
  });
  it('leaves the form that was opened meanwhile, and writes no error there', async () => {
    for (const fault of ['', 'late']) {
      const s = stage();
      s.page.open = 'promise-1';
      const over = s.run(s.waiting());
      s.page.open = 'promise-2';
      s.end(fault);
      await over;
      expect(s.page).toEqual({ open: 'promise-2', error: '' });
    }
  });
});

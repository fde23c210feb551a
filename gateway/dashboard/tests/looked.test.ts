import { describe, expect, it } from 'vitest';
import { useLooked } from '../src/live/looked';

/* As the desk of rules has it: drafts that are looked at, whose answers come when they come. */
function stage() {
  const faults: unknown[] = [];
  const page = useLooked<{ key: string; changes: number }>((e) => { faults.push(e); });
  function press(key: string, changes = 1) {
    let end: (fault?: string) => void = () => undefined;
    const answer = new Promise<{ key: string; changes: number }>((done, no) => { end = (fault) => { if (fault) no(new Error(fault)); else done({ key, changes }); }; });
    const over = page.look(key, () => answer);
    return async (fault?: string): Promise<void> => { end(fault); await over; };
  }
  return { page, faults, press };
}

describe('what is looked at', () => {
  it('is on its way until its answer is there', async () => {
    const { page, press } = stage();
    const answer = press('draft-1');
    expect([page.coming.value, page.seen.value]).toEqual(['draft-1', null]);
    await answer();
    expect([page.coming.value, page.seen.value?.key]).toEqual(['', 'draft-1']);
  });
  it('is the one that was pressed last, in whatever order the answers come', async () => {
    const { page, press } = stage();
    const first = press('draft-1');
    const second = press('draft-2');
    await first();
    expect([page.coming.value, page.seen.value]).toEqual(['draft-2', null]);
    await second();
    expect([page.coming.value, page.seen.value?.key]).toEqual(['', 'draft-2']);

    const third = press('draft-3');
    const fourth = press('draft-4');
    await fourth();
    await third();
    expect([page.coming.value, page.seen.value?.key]).toEqual(['', 'draft-4']);
  });
  it('is closed by a second press, and stays closed', async () => {
    const { page, press } = stage();
    await press('draft-1')();
    const other = press('draft-2');
    await press('draft-1')();
    expect([page.coming.value, page.seen.value]).toEqual(['', null]);
    await other();
    expect(page.seen.value).toBe(null);
  });
  it('is waited for no longer when it cannot be had', async () => {
    const { page, faults, press } = stage();
    await press('draft-1')('away');
    expect([page.coming.value, page.seen.value, faults.length]).toEqual(['', null, 1]);

    const first = press('draft-1');
    const second = press('draft-2');
    await first('away');
    expect(page.coming.value).toBe('draft-2');
    await second();
    expect(page.seen.value?.key).toBe('draft-2');
  });
});

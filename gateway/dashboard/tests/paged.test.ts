import { describe, expect, it } from 'vitest';
import { Paged, PAGES_AGAIN, ROWS_GROWN, type Cursor } from '../src/live/paged';

interface Row { id: number; state: string }
const PAGE = 3;

/* A gateway that pages by the key: newest first. */
function gateway(n: number, isLiving = false) {
  const table = new Map<number, string>(Array.from({ length: n }, (_, i) => [i + 1, 'new']));
  const asked: Cursor[] = [];
  let wait: Promise<void> | null = null;
  let filter = '';
  const paged = new Paged<Row>({
    ask: async (from) => {
      const state = filter;
      asked.push(from);
      if (from !== null && wait) await wait;
      const all = [...table].map(([id, s]) => ({ id, state: s })).filter((r) => !state || r.state === state).sort((a, b) => b.id - a.id).filter((r) => from === null || r.id < Number(from));
      return { rows: all.slice(0, PAGE), next: all.length > PAGE ? all[PAGE - 1].id : null };
    },
    key: (r) => r.id,
    isBehind: (a, b) => a.id < b.id,
    isLiving,
  });
  const load = async (): Promise<void> => { paged.take(await paged.head()); };
  const add = (count: number): void => { for (let i = 0; i < count; i++) table.set(table.size + 1, 'new'); };
  const ids = (): number[] => paged.rows.value.map((r) => r.id);
  return { table, asked, paged, load, add, ids, hold: (until: Promise<void> | null) => { wait = until; }, narrow: (state: string) => { filter = state; } };
}
const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i);

describe('a list that is read page by page', () => {
  it('ends where it ends, each row once', async () => {
    const g = gateway(8);
    await g.load();
    await g.paged.more();
    await g.paged.more();
    expect(g.ids()).toEqual(down(8, 1));
    expect(g.paged.next.value).toBeNull();
    await g.paged.more();
    expect(g.asked).toEqual([null, 6, 3]);
  });
  it('skips and doubles none when new ones come in above', async () => {
    const g = gateway(20);
    await g.load();
    await g.paged.more();
    g.add(2);
    await g.load();
    expect(g.ids()).toEqual(down(22, 15));
    await g.paged.more();
    expect(g.ids()).toEqual(down(22, 12));
  });
  it('reads on until it joins when more came in than a page holds', async () => {
    const g = gateway(20);
    await g.load();
    await g.paged.more();
    g.add(3 * PAGE);
    await g.load();
    expect(g.ids()).toEqual(down(29, 15));
    g.add(PAGES_AGAIN * PAGE + 1);
    await g.load();
    expect(g.ids()).toEqual(down(48, 31)); /* it did not get there: shorter, and whole */
    await g.paged.more();
    expect(g.ids()).toEqual(down(48, 28));
  });
  it('keeps what was asked for while the head is read again', async () => {
    const g = gateway(20);
    await g.load();
    let answer = (): void => undefined;
    g.hold(new Promise((done) => { answer = done; }));
    const more = g.paged.more();
    g.add(1);
    await g.load();
    expect(g.ids()).toEqual(down(21, 18));
    answer();
    await more;
    expect(g.ids()).toEqual(down(21, 15));
    expect(g.paged.isMore.value).toBe(false);
  });
  it('shows no more than a page while nobody asks for more, and grows no further than it may', async () => {
    const g = gateway(20);
    await g.load();
    g.add(2);
    await g.load();
    expect(g.ids()).toEqual(down(22, 20));
    await g.paged.more();
    for (let i = 0; i < ROWS_GROWN / 2; i++) {
      g.add(2);
      await g.load();
    }
    expect(g.ids()).toHaveLength(6 + ROWS_GROWN);
    g.add(1);
    await g.load();
    expect(g.ids()).toHaveLength(PAGE);
    await g.paged.more();
    expect(g.ids()).toEqual(down(g.table.size, g.table.size - 5));
  });
  it('reads rows that change again as far down as they are shown', async () => {
    const g = gateway(20, true);
    await g.load();
    await g.paged.more();
    g.table.set(16, 'done');
    g.table.delete(17);
    await g.load();
    expect(g.paged.rows.value.map((r) => `${r.id} ${r.state}`)).toEqual(['20 new', '19 new', '18 new', '16 done', '15 new', '14 new']);
    expect(g.paged.next.value).toBe(14);
  });
  it('throws away what was asked under another filter, and what it did not ask for', async () => {
    const g = gateway(20);
    await g.load();
    let answer = (): void => undefined;
    g.hold(new Promise((done) => { answer = done; }));
    const [more, old] = [g.paged.more(), g.paged.head()];
    for (const id of [2, 4, 6, 8]) g.table.set(id, 'done');
    g.narrow('done');
    g.paged.anew();
    await g.paged.more(); /* of what? The rows are still those of the other question. */
    g.paged.take(await old);
    expect(g.ids()).toEqual(down(20, 18));
    await g.load();
    answer();
    await more;
    expect(g.ids()).toEqual([8, 6, 4]);
    g.hold(null);
    await g.paged.more();
    expect(g.ids()).toEqual([8, 6, 4, 2]);
  });
});

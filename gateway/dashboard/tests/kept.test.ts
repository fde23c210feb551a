/* Typed work and decisions when the page begins anew or somebody leaves. */
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '../src/api/http';
import type { CaseView, Session } from '../src/api/types';
import { beforeLeaving, leave } from '../src/live/leaving';

const said = vi.hoisted(() => ({ acts: [] as number[], refuses: false, order: [] as string[], views: {} as Record<number, unknown> }));
vi.mock('../src/api/cases', () => ({
  casesApi: {
    one: (id: number) => Promise.resolve(said.views[id]),
    act: (id: number) => {
      said.acts.push(id);
      said.order.push(`act ${id}`);
      return said.refuses ? Promise.reject(new Refusal({ code: 'post_changed', status: 409, title: '', detail: '您已换了岗位。' })) : Promise.resolve({});
    },
  },
}));
vi.mock('../src/api/desks', () => ({ desksApi: { triage: () => Promise.resolve({ rows: [], groups: {}, seq: 1 }) } }));
vi.mock('../src/api/session', () => ({ sessionApi: { logout: () => { said.order.push('logout'); return Promise.resolve(); } } }));

const { useCase } = await import('../src/stores/case');
const { useDrafts } = await import('../src/stores/drafts');
const { useKept } = await import('../src/stores/kept');
const { useNotices } = await import('../src/stores/notices');
const { useRules } = await import('../src/stores/rules');
const { useSession } = await import('../src/stores/session');
const { useTriage } = await import('../src/stores/triage');

class Store {
  all = new Map<string, string>();
  getItem(k: string) { return this.all.get(k) ?? null; }
  setItem(k: string, v: string) { this.all.set(k, v); }
  removeItem(k: string) { this.all.delete(k); }
  get text() { return [...this.all.values()].join(); }
}
let storage: Store;
const signIn = (id: number, reports = false) => { useSession().session = { staff: { id, reports, must_change: false, must_enrol: false, roles: [], post: { id: 1 } } } as unknown as Session; };
const view = (id: number, more: object = {}, feedback: object[] = []): CaseView => ({ case: { id, version: 1, nature: 'complain', confidential: false, ...more }, feedback, acts: [], allowed: [] }) as unknown as CaseView;
/* The page goes and comes back: the storage stays, the memory does not. */
function anew(id: number): void {
  useKept().keep();
  setActivePinia(createPinia());
  signIn(id);
  useKept().restore(id);
}

beforeEach(() => {
  storage = new Store();
  vi.stubGlobal('window', { sessionStorage: storage });
  setActivePinia(createPinia());
  Object.assign(said, { acts: [], refuses: false, order: [], views: {} });
});
afterEach(() => { vi.unstubAllGlobals(); vi.useRealTimers(); });

describe('typed work when the page begins anew', () => {
  it('comes back to the same person, form by form, and leaves nothing behind', async () => {
    signIn(7);
    const form = useDrafts().of('meeting');
    form.values.title = '周例会';
    said.views[31] = view(31);
    await useCase().open(31);
    useCase().draft('reply').words = '已经修好';
    useRules().put({ of: 'word', kind: 'k', word: 'w', value: 'v' } as never);
    anew(7);
    expect(useDrafts().of('meeting')).toEqual({ values: { title: '周例会' }, key: form.key }); /* a second sending stays harmless */
    await useCase().open(31);
    expect(useCase().draft('reply')).toEqual({ words: '已经修好' });
    expect([useRules().isOpen, useRules().isDirty, useRules().changes.length]).toEqual([true, true, 1]);
    expect(storage.all.size).toBe(0);
    anew(7); /* and once more, without being looked at */
    expect(useDrafts().of('meeting').values.title).toBe('周例会');
  });

  it('is nobody else’s, and gone with the signing out', () => {
    signIn(7);
    useDrafts().of('meeting').values.title = '周例会';
    anew(8);
    expect(useDrafts().of('meeting').values).toEqual({});
    expect(storage.all.size).toBe(0);
    signIn(7);
    useDrafts().of('meeting').values.title = '周例会';
    useKept().keep();
    useKept().forget();
    expect(storage.all.size).toBe(0);
    useSession().session = null;
    useKept().keep();
    expect(storage.all.size).toBe(0);
  });

  it('is never written down about a report, nor about what may be one', async () => {
    signIn(7);
    const secret = '红包三千';
    Object.assign(useDrafts().of('entry').values, { nature: 'report', text: secret });
    useKept().keep();
    expect(storage.text).not.toContain(secret);
    useDrafts().of('entry').values.nature = ''; /* nobody has said yet what it is */
    useKept().keep();
    expect(storage.text).not.toContain(secret);
    useDrafts().of('callback-9-1-1').values.words = secret;
    useDrafts().secret('callback-9-1-1');
    for (const [id, v] of Object.entries({ 1: view(1, { nature: 'report' }), 2: view(2, { confidential: true }), 3: view(3, {}, [{ sealed: true }]), 4: { ...view(4), decision: { proposal: {} } } })) {
      said.views[Number(id)] = v;
      await useCase().open(Number(id));
      useCase().draft('note').words = secret;
    }
    said.views[5] = view(5);
    await useCase().open(5);
    Object.assign(useCase().draft('split'), { nature: 'report', words: secret });
    useKept().keep();
    expect(storage.text).not.toContain(secret);
    signIn(7, true); /* whoever reads reports may write about one anywhere */
    useDrafts().of('letter-new-9').values.body = secret;
    useKept().keep();
    expect(storage.text).not.toContain(secret);
    /* What was an ordinary case and has become confidential. */
    useCase().draft('note').words = secret;
    said.views[5] = view(5, { confidential: true, version: 2 });
    await useCase().open(5);
    useKept().keep();
    expect(storage.text).not.toContain(secret);
  });
});

describe('decisions that could still be taken back', () => {
  it('are sent before the session ends', async () => {
    vi.useFakeTimers();
    signIn(7);
    const triage = useTriage();
    await triage.open();
    triage.later(11, 'assign', 1, { unit: 3 }, '城管局');
    triage.later(12, 'assign', 1, { unit: 3 }, '城管局');
    await useSession().logout();
    expect(said.order).toEqual(['act 11', 'act 12', 'logout']);
  });

  it('that are refused are told wherever the person is by then, also behind a page that begins anew', async () => {
    signIn(7);
    said.refuses = true;
    const triage = useTriage();
    await triage.open();
    triage.later(11, 'assign', 1, { unit: 3 }, '城管局');
    triage.close(); /* another desk is open */
    await vi.waitFor(() => expect(useNotices().last?.sentence).toContain('11'));
    expect(useNotices().last?.sentence).toContain('您已换了岗位。');
    anew(7);
    expect(useNotices().last?.sentence).toContain('11');
  });

  it('hold nobody up who wants to go', async () => {
    vi.useFakeTimers();
    const end = beforeLeaving(() => new Promise(() => undefined));
    let isGone = false;
    void leave(5000).then(() => { isGone = true; });
    await vi.advanceTimersByTimeAsync(4999);
    expect(isGone).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isGone).toBe(true);
    end();
  });
});

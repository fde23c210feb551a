/* A list that is read page by page while it goes on growing at its head. Rows are shown only when nothing is missing between them: a newer
 * head is read down to where it joins what is shown already, and takes its place when it does not get there in a few pages. The cursor
 * belongs to the end of what is shown, so it moves with the rows behind which it stands and with nothing else. An answer to
 * another question than the one that stands now is thrown away. Without browser globals, so that it is tested as it is. */
import { computed, shallowRef, watch } from 'vue';
import type { LiveEvent } from '../api/types';
import { useLoaded } from './loaded';

export type Cursor = string | number | null;
export interface PageOf<R> { rows: readonly R[]; next: Cursor }
export interface PagedWork<R, P extends PageOf<R>> {
  /* null: from the beginning; else what stands behind the last row of the page that gave this cursor. */
  ask(from: Cursor): Promise<P>;
  key(row: R): string | number;
  /* Does a stand behind b? In the gateway's order, which is by what never changes of a row. */
  isBehind(a: R, b: R): boolean;
  /* Rows change: what is shown is read again as far down as it goes, not only where new ones come in. */
  isLiving?: boolean;
}
export interface Head<R, P> { of: number; first: P; rows: R[]; next: Cursor }

/* So many pages are read again, or for one that has rows, before it is enough. */
export const PAGES_AGAIN = 6;
/* A desk is open all day: what came in above what somebody asked for is let go again, so that the page never grows without end. */
export const ROWS_GROWN = 300;

export class Paged<R, P extends PageOf<R> = PageOf<R>> {
  readonly rows = shallowRef<readonly R[]>([]);
  readonly next = shallowRef<Cursor>(null);
  readonly isMore = shallowRef(false);
  private asked = 0;
  private shown = -1;
  /* What somebody asked for: so many pages, of so many rows. */
  private pages = 1;
  private wanted = 0;

  constructor(private readonly work: PagedWork<R, P>) {}

  /* The question is another one from here on; what is shown stays until its first answer is there. */
  anew(): void { this.asked++; }
  forget(): void {
    this.asked++;
    this.rows.value = [];
    this.next.value = null;
  }

  async head(): Promise<Head<R, P>> {
    const of = this.asked;
    const first = await this.work.ask(null);
    const rows = [...first.rows];
    let next = first.next;
    for (let pages = 1; next !== null && pages < PAGES_AGAIN && of === this.asked && !this.reaches(rows, pages); pages++) {
      const page = await this.work.ask(next);
      rows.push(...this.others(page.rows, rows));
      next = page.next;
    }
    return { of, first, rows, next };
  }

  take(got: Head<R, P>): void {
    if (got.of !== this.asked) return;
    if (this.shown !== got.of) {
      this.shown = got.of;
      this.pages = 1;
      this.wanted = got.rows.length;
      this.rows.value = got.rows;
      this.next.value = got.next;
      return;
    }
    const was = this.rows.value;
    const last = got.rows[got.rows.length - 1];
    const joins = got.next !== null && last !== undefined && was.length > 0 && (this.pages > 1 || this.isMore.value) && !this.work.isBehind(was[0], last);
    const rest = joins ? this.others(was, got.rows).filter((r) => this.work.isBehind(r, last)) : [];
    const isTooLong = got.rows.length + rest.length > this.wanted + ROWS_GROWN && !this.isMore.value;
    this.rows.value = isTooLong ? got.rows : [...got.rows, ...rest];
    if (!rest.length || isTooLong) this.next.value = got.next;
  }

  /* One press, one more page. */
  async more(): Promise<void> {
    const of = this.asked;
    if (this.isMore.value || this.shown !== of) return;
    this.isMore.value = true;
    try {
      for (let pages = 0; pages < PAGES_AGAIN && this.next.value !== null; pages++) {
        const from: Cursor = this.next.value;
        const page = await this.work.ask(from);
        if (of !== this.asked) return;
        if (this.next.value !== from) continue; /* the list ends elsewhere by now: what comes behind that end? */
        const others = this.others(page.rows, this.rows.value);
        this.rows.value = [...this.rows.value, ...others];
        this.next.value = page.next;
        this.wanted = Math.max(this.wanted, this.rows.value.length);
        if (!others.length) continue;
        this.pages++;
        return;
      }
    } finally {
      this.isMore.value = false;
    }
  }

  private others(rows: readonly R[], than: readonly R[]): R[] {
    const have = new Set(than.map((r) => this.work.key(r)));
    return rows.filter((r) => !have.has(this.work.key(r)));
  }
  private reaches(rows: readonly R[], pages: number): boolean {
    if (!rows.length) return false;
    const was = this.shown === this.asked ? this.rows.value : [];
    if (!was.length || this.pages === 1) return true;
    return this.work.isLiving ? pages >= this.pages : !this.work.isBehind(was[0], rows[rows.length - 1]);
  }
}

/* A page's list: as useLoaded, with what lies further down. `data` is the first answer as it came. */
export function usePaged<R, P extends PageOf<R>>(work: PagedWork<R, P>, wants: (e: LiveEvent) => boolean) {
  const paged = new Paged<R, P>(work);
  const list = useLoaded(() => paged.head(), wants);
  watch(list.data, (got) => { if (got) paged.take(got); }, { flush: 'sync' });
  return {
    error: list.error, isLoading: list.isLoading, load: list.load,
    data: computed(() => list.data.value?.first ?? null),
    rows: paged.rows, next: paged.next, isMore: paged.isMore,
    more: () => paged.more(),
    /* Another question; its rows come with the next load(). */
    turn: () => paged.anew(),
    /* The same, and nothing of the one before stays on the screen. */
    anew: () => {
      paged.forget();
      return list.anew();
    },
  };
}
/* The order of rows that are listed by when they came to be, the newest first. */
export const isOlder = (at: string, id: number, thanAt: string, thanId: number): boolean => {
  const [a, b] = [Date.parse(at), Date.parse(thanAt)];
  return a < b || (a === b && id < thanId);
};

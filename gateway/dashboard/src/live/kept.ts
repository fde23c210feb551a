/* What somebody was writing when the page began anew: the post was changed in another window, the rights were, or F5 was pressed. Written
 * when the page goes, read and taken away when the same person is there again; it belongs to this window of the browser alone and ends
 * with it. Nothing about a report is ever written down here, nor what may yet become one. Pure but for the storage it is given. */
import type { CaseView } from '../api/types';

const KEY = 'msd.drafts';
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
export type Parts = Record<string, unknown>;

export function keepParts(storage: StorageLike, person: number, parts: Parts): void {
  const full = Object.entries(parts).filter(([, v]) => v != null && Object.keys(v as object).length > 0);
  try {
    if (full.length) storage.setItem(KEY, JSON.stringify({ person, parts: Object.fromEntries(full) }));
    else storage.removeItem(KEY);
  } catch {
    /* storage is full or switched off: then it is as it was before */
  }
}

/* Only for whom it was kept; for anybody else it is gone as well. */
export function takeParts(storage: StorageLike, person: number): Parts {
  try {
    const text = storage.getItem(KEY);
    storage.removeItem(KEY);
    const kept: unknown = text ? JSON.parse(text) : null;
    if (!kept || typeof kept !== 'object') return {};
    const { person: of, parts } = kept as { person?: unknown; parts?: unknown };
    return of === person && parts && typeof parts === 'object' ? (parts as Parts) : {};
  } catch {
    return {};
  }
}

export function dropParts(storage: StorageLike): void {
  try {
    storage.removeItem(KEY);
  } catch {
    /* nothing could be kept either */
  }
}

/* A form that is no act. Whoever reads reports may be writing about one in any of them; and before a kind is chosen for what is
 * written down at the window, nobody knows that it is not one. */
export function mayKeepForm(name: string, values: Record<string, string>, readsReports: boolean): boolean {
  if (readsReports || values.nature === 'report') return false;
  return name !== 'entry' || (values.nature ?? '') !== '';
}

/* Acts on a case whose words lie open, and of which no part may be a report. */
export function isOrdinary(view: Pick<CaseView, 'case' | 'feedback' | 'decision'>): boolean {
  return view.case.nature !== 'report' && !view.case.confidential && !view.feedback.some((f) => f.sealed) && !view.decision?.proposal;
}

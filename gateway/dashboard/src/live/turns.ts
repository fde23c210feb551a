/* When the clock alone changes what a board shows: no event tells that a deadline has come near or has passed. Pure. */

/* The gateway's clock may go behind this one: a row that should have turned by now is looked at again a little later. */
const BEHIND_MS = 10_000;
/* What is not shown (a column is cut) may turn before what is. */
const CUT_MS = 60_000;
const LONGEST_MS = 3_600_000;

interface Turning { group: string; due_at: string | null; warn_at?: string | null }

/* ms until the board is asked for again; null: nothing on it turns by itself. */
export function turnsIn(rows: readonly Turning[], now: number, isCut: boolean): number | null {
  let next = isCut ? now + CUT_MS : Infinity;
  for (const r of rows) {
    const at = Date.parse((r.group === 'green' ? r.warn_at ?? r.due_at : r.group === 'yellow' ? r.due_at : null) ?? '');
    if (!Number.isNaN(at)) next = Math.min(next, at > now ? at : now + BEHIND_MS);
  }
  return next === Infinity ? null : Math.min(next - now, LONGEST_MS);
}

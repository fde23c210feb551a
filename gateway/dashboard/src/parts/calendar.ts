/* Days of a year as the grid shows them. Pure. */
import type { CalendarDay } from '../api/calendar';

export interface Cell { day: string; n: number; weekend: boolean }

const iso = (year: number, month: number, day: number) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
export const isWeekend = (day: string) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

/* The weeks of a month, Monday first; null where the month has no day. */
export function weeksOf(year: number, month: number): (Cell | null)[][] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const lead = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
  const cells: (Cell | null)[] = Array.from({ length: lead }, () => null);
  for (let n = 1; n <= length; n++) {
    const day = iso(year, month, n);
    cells.push({ day, n, weekend: isWeekend(day) });
  }
  while (cells.length % 7) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, i) => cells.slice(i * 7, i * 7 + 7));
}

/* Working days of a month, or of the year without one. */
export function workingDays(year: number, days: ReadonlyMap<string, CalendarDay>, month?: number): number {
  let n = 0;
  for (let m = month ?? 1; m <= (month ?? 12); m++) {
    for (const cell of weeksOf(year, m).flat()) if (cell && (cell.weekend ? days.get(cell.day)?.kind === 'workday' : days.get(cell.day)?.kind !== 'holiday')) n++;
  }
  return n;
}

/* Pressing a day again and again: as the week has it, a day off, at a weekend also worked. */
export function nextKind(day: string, kind: CalendarDay['kind'] | undefined): CalendarDay['kind'] | undefined {
  if (!kind) return 'holiday';
  return kind === 'holiday' && isWeekend(day) ? 'workday' : undefined;
}

export interface CsvDays { days: CalendarDay[]; wrong: number[] }
/* date,kind,name with a header, as `mashangdu import calendar` takes it; rows of other years are left out, wrong ones named by line. */
export function daysOfCsv(text: string, year: number): CsvDays {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const head = (lines[0] ?? '').split(',').map((h) => h.trim().replace(/^"|"$/g, ''));
  const [date, kind, name] = ['date', 'kind', 'name'].map((h) => head.indexOf(h));
  const out: CsvDays = { days: [], wrong: date < 0 || kind < 0 || name < 0 ? [1] : [] };
  if (out.wrong.length) return out;
  lines.slice(1).forEach((line, i) => {
    if (!line.trim()) return;
    const cells = line.split(',').map((c) => c.trim().replace(/^"|"$/g, ''));
    const k = cells[kind];
    if (!/^\d{4}-\d\d-\d\d$/.test(cells[date] ?? '') || (k !== 'holiday' && k !== 'workday') || !cells[name]) out.wrong.push(i + 2);
    else if (cells[date].startsWith(`${year}-`)) out.days.push({ day: cells[date], kind: k, name: cells[name] });
  });
  return out;
}

/* Time as staff read it: always China time, whatever the computer is set to. */
const ZONE = 'Asia/Shanghai';
const DAY = 86_400_000;

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});

function split(at: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(at).map((p) => [p.type, p.value]));
}

export function clockTime(at: number): string {
  const p = split(at);
  return `${p.hour}:${p.minute}:${p.second}`;
}

/* Full form, for titles, time lines and print. */
export function fullTime(iso: string | null): string {
  if (!iso) return '';
  const p = split(Date.parse(iso));
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/* A limit that ends with a day: 24:00 of that day, not 00:00 of the next, which people read as a day more. */
export function dueTime(iso: string | null): string {
  if (!iso) return '';
  const text = fullTime(iso);
  return text.endsWith(' 00:00') ? `${fullTime(new Date(Date.parse(iso) - 1).toISOString()).slice(0, 10)} 24:00` : text;
}

/* Short form for lists: today's hour, else the date; the year only when it is another one. */
export function shortTime(iso: string, now: number): string {
  const p = split(Date.parse(iso));
  const n = split(now);
  if (p.year !== n.year) return `${p.year}-${p.month}-${p.day}`;
  if (p.month === n.month && p.day === n.day) return `${p.hour}:${p.minute}`;
  return `${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

export interface Span { over: boolean; days: number; hours: number; minutes: number }

/* Calendar distance to a deadline; the working-day arithmetic behind it is the gateway's. */
export function distance(dueIso: string, now: number): Span {
  const ms = Date.parse(dueIso) - now;
  const abs = Math.abs(ms);
  return {
    over: ms <= 0,
    days: Math.floor(abs / DAY),
    hours: Math.floor((abs % DAY) / 3_600_000),
    minutes: Math.floor((abs % 3_600_000) / 60_000),
  };
}

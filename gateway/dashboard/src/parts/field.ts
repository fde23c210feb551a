/* A field of a form that is not an act on a case: what it is called, what it takes, whether it must be there. */
export type BoxKind = 'text' | 'area' | 'number' | 'date' | 'datetime' | 'month' | 'select' | 'unit' | 'units' | 'category';
export interface Field {
  key: string;
  label: string;
  kind: BoxKind;
  isNeeded?: boolean;
  hint?: string;
  /* select: value and name. */
  options?: readonly (readonly [string, string])[];
  rows?: number;
  max?: number;
  /* Rarely filled in: behind “more”, open when something stands in it. */
  isMore?: boolean;
  /* Takes the whole width of the form. */
  isWide?: boolean;
}

/* What was given; blank is not. */
export function given(values: Record<string, string>, keys: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (const key of keys) {
    const text = (values[key] ?? '').trim();
    if (text) out[key] = text;
  }
  return out;
}
export function numberOf(text: string | undefined): number | undefined {
  const t = (text ?? '').trim();
  return t !== '' && Number.isFinite(Number(t)) ? Number(t) : undefined;
}
/* One piece a line. */
export function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').map((l) => l.trim()).filter(Boolean);
}
/* Numbers with anything between them. */
export function numbersOf(text: string | undefined): number[] {
  return [...new Set((text ?? '').match(/\d+/g) ?? [])].map(Number);
}
/* The browser's date and time field knows no zone: what stands there is China time. */
export function instantOf(local: string | undefined): string | undefined {
  return local ? `${local.length === 16 ? `${local}:00` : local}+08:00` : undefined;
}

const china = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/* 2026-03-18T09:30, as the field wants it. */
export function localNow(at: number): string {
  const p = Object.fromEntries(china.formatToParts(at).map((x) => [x.type, x.value]));
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}
export const localDay = (at: number) => localNow(at).slice(0, 10);

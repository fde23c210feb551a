/* The register of plaques: what hangs where, every step, what is counted of scans, and what needs a look. */
import { http, type Query } from './http';
import type { UnitRef } from './types';

export interface Plaque {
  number: string; unit: UnitRef | null; window: string | null; state: string; key_version: number; successor: string | null; issued_at: string; state_at: string;
  place: string | null; lat: number | null; lon: number | null; photo: number | null; hung_at: string | null;
  result: string | null; inspected_at: string | null; reported: string | null; reported_at: string | null; reprint_since: string | null;
  inspect_due: string | null; last_scan: string | null; alarms: number;
}
export interface PlaqueAct { act: string; at: string; state: string; by: string | null; why: string | null; result: string | null; place: string | null; photo: number | null; successor: string | null; console: boolean }
export interface PlaqueDay { day: string; scans: number; typed: number; entries: number; rates: number; supervises: number; asks: number; forged: number; revoked: number; void: number; retired: number; far: number }
export interface PlaqueWeek { week: string; scans: number; entries: number | null; sent: number | null }
export interface PlaqueAlarm { id: number; number: string | null; unit: UnitRef | null; kind: string; since: string; seen_at: string; count: number; settled_at: string | null; settled_by: string | null; note: string | null }
export interface PlaquePage { plaque: Plaque; acts: PlaqueAct[]; days: PlaqueDay[]; weeks: PlaqueWeek[]; alarms: PlaqueAlarm[] }
export interface Coverage {
  needed: number; with: number; plaques: number; classes: { class: string; needed: number; with: number; plaques: number }[];
  townships: { code: string; name: string; plaques: number }[]; missing: { code: string; name: string; plaques: number }[];
}
export interface CoverageDesk {
  coverage: Coverage; funnel: { scans: number; entries: number; rates: number; supervises: number; asks: number };
  keys: { version: number; plaques: number; since: string; withdrawn_at: string | null; why: string | null }[];
}

export const plaquesApi = {
  list: (query: Query) => http.get<{ plaques: Plaque[]; more: boolean }>('/plaques', query),
  one: (number: number) => http.get<PlaquePage>(`/plaques/${number}`),
  issue: (body: Record<string, unknown>) => http.post<{ issued: { number: string; unit: UnitRef | null }[] }>('/plaques', body),
  step: (number: number, body: Record<string, unknown>) => http.post<PlaquePage>(`/plaques/${number}/acts`, body),
  photo: (number: number, file: File) => {
    const form = new FormData();
    form.append('files', file);
    return http.form<{ photo: number }>(`/plaques/${number}/photos`, form);
  },
  coverage: () => http.get<CoverageDesk>('/plaques/coverage'),
  alarms: () => http.get<{ alarms: PlaqueAlarm[] }>('/plaques/alarms'),
  settle: (id: number, note: string) => http.post<{ settled: boolean }>(`/plaques/alarms/${id}/settle`, { note }),
};

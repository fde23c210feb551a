import type { Shape } from './described';
import { http } from './http';

export type CalendarDay = Shape<'CalendarDay'>;
export type CalendarDraft = Shape<'CalendarDraft'>;
export type CalendarVersion = Shape<'CalendarVersion'>;
export type CalendarStep = 'confirm' | 'refuse' | 'withdraw';

export const calendarApi = {
  desk: () => http.get('/calendar'),
  year: (year: number, version?: number) => http.get(`/calendar/years/${year}`, { version }),
  preview: (year: number, days: CalendarDay[]) => http.post('/calendar/preview', { year, days }),
  add: (year: number, days: CalendarDay[], source: string, note: string) => http.post('/calendar/drafts', { year, days, source, ...(note ? { note } : {}) }),
  step: (id: number, step: CalendarStep, why?: string) => http.post(`/calendar/drafts/${id}/steps`, why ? { step, why } : { step }),
};

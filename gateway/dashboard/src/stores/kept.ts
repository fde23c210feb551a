import { defineStore } from 'pinia';
import { dropParts, keepParts, takeParts, type StorageLike } from '../live/kept';
import { useCalendar } from './calendar';
import { useCase } from './case';
import { useDrafts } from './drafts';
import { useNotices } from './notices';
import { useRules } from './rules';
import { useSession } from './session';

/* Carries typed work over a page that begins anew; what may be written down is said in live/kept.ts. */
export const useKept = defineStore('kept', () => {
  function storage(): StorageLike | null {
    try {
      return window.sessionStorage;
    } catch {
      return null; /* switched off */
    }
  }

  function keep(): void {
    const { staff, isInside } = useSession();
    const where = storage();
    if (!where || !staff || !isInside) return;
    const rules = useRules();
    const calendar = useCalendar();
    keepParts(where, staff.id, {
      forms: useDrafts().kept(staff.reports),
      acts: useCase().kept(),
      rules: rules.isDirty ? { isOpen: rules.isOpen, id: rules.id, note: rules.note, changes: rules.changes, isDirty: true } : null,
      calendar: calendar.isEditing ? { isEditing: true, year: calendar.year, days: calendar.days, name: calendar.name } : null,
      notices: useNotices().unread(),
    });
  }

  function restore(person: number): void {
    const where = storage();
    if (!where) return;
    const { forms, acts, rules, calendar, notices } = takeParts(where, person) as {
      forms?: Parameters<ReturnType<typeof useDrafts>['restore']>[0]; acts?: Parameters<ReturnType<typeof useCase>['restore']>[0];
      rules?: object; calendar?: object; notices?: string[];
    };
    if (forms) useDrafts().restore(forms);
    if (acts) useCase().restore(acts);
    if (rules) useRules().$patch(rules);
    if (calendar) useCalendar().$patch(calendar);
    for (const n of notices ?? []) useNotices().say(n);
  }

  function forget(): void {
    const where = storage();
    if (where) dropParts(where);
  }
  return { keep, restore, forget };
});

import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { CalendarDay } from '../api/calendar';
import { nextKind } from '../parts/calendar';

/* The year somebody is entering. */
export const useCalendar = defineStore('calendar', () => {
  const year = ref(0);
  const days = ref<CalendarDay[]>([]);
  const name = ref('');
  const isEditing = ref(false);
  const byDay = computed(() => new Map(days.value.map((d) => [d.day, d])));

  function begin(of: number, from: readonly CalendarDay[]): void {
    year.value = of;
    days.value = [...from];
    isEditing.value = true;
  }
  function turn(day: string): void {
    const kind = nextKind(day, byDay.value.get(day)?.kind);
    const rest = days.value.filter((d) => d.day !== day);
    days.value = kind ? [...rest, { day, kind, name: byDay.value.get(day)?.name ?? (name.value.trim() || (kind === 'holiday' ? '放假' : '调休上班')) }].sort((a, b) => (a.day < b.day ? -1 : 1)) : rest;
  }
  function forget(): void {
    isEditing.value = false;
    days.value = [];
    year.value = 0;
  }
  return { year, days, name, isEditing, byDay, begin, turn, forget };
});

/* What is counted and told: the weekly sheet, the figures of a period, the story of one case. */
import { http, paperAddress, type Query } from './http';
import type { CaseState, UnitRef } from './types';

export interface WeeklySum { open_before: number; new: number; reopened: number; closed: number; left: number; open: number; due_this_week: number; overdue: number; higher: number }
export interface WeeklyItem {
  case: number; state: CaseState; state_before: CaseState | null; change: string; change_label: string; round: number; due_at: string | null; overdue: boolean;
  due_this_week: boolean; summary: string; source: string; measure: string | null; measure_due_on: string | null; higher: string | null;
}
export interface WeeklySheet {
  date: string; as_of: string; before: string; week_ends: string; scope: string; total: WeeklySum;
  units: { unit: UnitRef | null; sum: WeeklySum; items: WeeklyItem[] }[];
}
export interface Rate { rate: string; label: string; numerator: number; n: number; text: string; percent: number | null; formula: string }
interface Asked { asked: number; granted: number; refused: number }
export interface Figures {
  from: string; to: string; unit: UnitRef | null;
  cases: { received: number; closed: number; declined: number; merged: number; open: number; overdue: number };
  returns: { granted: number; refused: number; charged: { unit: UnitRef | null; rulings: number; minutes: number }[] };
  extensions: Asked; pauses: Asked; reworked: number;
  callbacks: {
    due: number; reached: number; solved: number; partly: number; unsolved: number; refused: number; silence: number; overtaken: number; satisfied: number; rated: number; ratings: number[];
  };
  rates: Rate[]; sample_min: number;
}
export interface Story {
  number: number; title: string; summary: string;
  facts: { name: string; value: string }[];
  chapters: { heading: string; text: string; events: { when: string; who: string; what: string; text: string }[] }[];
  chain: { unbroken: boolean; broken_at: number | null; hashes: string[] };
}

export const reportsApi = {
  weekly: (query: Query) => http.get<WeeklySheet>('/sheets/weekly', query),
  weeklyPaper: (query: Query) => paperAddress('/sheets/weekly.pdf', query),
  figures: (query: Query) => http.get<Figures>('/figures', query),
  story: (id: number, reason: string) => http.get<Story>(`/cases/${id}/story`, { reason }),
  storyPaper: (id: number, reason: string) => paperAddress(`/cases/${id}/story.pdf`, { reason }),
};

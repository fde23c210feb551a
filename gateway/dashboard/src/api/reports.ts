/* What is counted and told: the weekly sheet, the figures of a period, the story of one case. */
import type { Shape } from './described';
import { http, paperAddress, type Query } from './http';

export type WeeklySum = Shape<'WeeklySum'>;
export type WeeklySheet = Shape<'WeeklySheet'>;
export type WeeklyItem = WeeklySheet['units'][number]['items'][number];
export type Rate = Shape<'Rate'>;
export type Figures = Shape<'Figures'>;
export type Story = Shape<'Story'>;

export const reportsApi = {
  weekly: (query: Query) => http.get('/sheets/weekly', query),
  weeklyPaper: (query: Query) => paperAddress('/sheets/weekly.pdf', query),
  figures: (query: Query) => http.get('/figures', query),
  story: (id: number, reason: string) => http.get(`/cases/${id}/story`, { reason }),
  storyPaper: (id: number, reason: string) => paperAddress(`/cases/${id}/story.pdf`, { reason }),
};

import { http } from './http';

export type Lang = 'zh' | 'en';
export interface Wording { version: number; text: string; changed_at: string; changed_by: string | null; fault: string | null }
export interface Template {
  event: string;
  title: string;
  purpose: 'answer' | 'notice' | 'survey';
  params: { name: string; title: string; example: string; example_en: string }[];
  /* Channels that send what their provider has approved instead; null: it has nothing for this event. */
  channels: { channel: string; template: string | null }[];
  zh: Wording;
  en: Wording;
}
export interface TemplateList { may_change: boolean; most: number; sign: string; templates: Template[] }
export interface Segments { parts: number; units: number; per_part: number; alphabet: 'GSM-7' | 'UCS-2' }
export interface Preview { rendered: string | null; fault: string | null; gsm: Segments; domestic: Segments }

export const wordingApi = {
  list: () => http.get<TemplateList>('/templates'),
  preview: (event: string, lang: Lang, text: string) => http.post<Preview>('/templates/preview', { event, lang, text }),
  /* version: the newest that this person saw. */
  save: (event: string, lang: Lang, text: string, version: number) => http.post<{ version: number }>('/templates', { event, lang, text, version }),
  history: (event: string, lang: Lang) => http.get<{ versions: Omit<Wording, 'fault'>[] }>('/templates/history', { event, lang }),
};

import type { Shape } from './described';
import { http } from './http';

export type Lang = 'zh' | 'en';
export type Wording = Shape<'TemplateWording'>;
export type Template = Shape<'TemplateList'>['templates'][number];
export type Segments = Shape<'Segments'>;
export type Preview = Shape<'TemplatePreview'>;

export const wordingApi = {
  list: () => http.get('/templates'),
  preview: (event: string, lang: Lang, text: string) => http.post('/templates/preview', { event, lang, text }),
  /* version: the newest that this person saw. */
  save: (event: string, lang: Lang, text: string, version: number) => http.post('/templates', { event, lang, text, version }),
  history: (event: string, lang: Lang) => http.get('/templates/history', { event, lang }),
};

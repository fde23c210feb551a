import type { Body, Shape } from './described';
import { http } from './http';

export type Entered = Shape<'Entered'>;
export type Alike = Shape<'AlikeList'>['alike'][number];
export type NewEntry = Body<'/entries', 'post'>;

export const entriesApi = {
  /* With files as a form, which has the same object in a field of its own. */
  add: (entry: NewEntry, key: string, files: readonly File[] = []) => {
    if (!files.length) return http.post('/entries', entry, key);
    const form = new FormData();
    form.append('entry', JSON.stringify(entry));
    for (const f of files) form.append('file', f);
    return http.form('/entries', form, key);
  },
  alike: (words: Body<'/entries/alike', 'post'>) => http.post('/entries/alike', words),
};

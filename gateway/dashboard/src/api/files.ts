/* Pictures and videos of a case: the clean ones as addresses for the browser, the original with a reason, evidence to be sent. */
import type { Shape } from './described';
import { http, paperAddress } from './http';

export type CaseFile = Shape<'Files'>['files'][number];

export const filesApi = {
  list: (id: number) => http.get(`/cases/${id}/files`),
  thumb: (id: number) => paperAddress(`/files/${id}/thumb`),
  clean: (id: number) => paperAddress(`/files/${id}/clean`),
  original: (id: number, reason: string) => http.postBytes(`/files/${id}/original`, { reason }),
  offer: (id: number, files: File[]) => {
    const form = new FormData();
    for (const f of files) form.append('file', f);
    return http.form(`/cases/${id}/files`, form);
  },
};

/* Pictures and videos of a case: the clean ones as addresses for the browser, the original with a reason, evidence to be sent. */
import { http, paperAddress } from './http';

export interface CaseFile {
  id: number; type: string; clean_type: string; video: boolean; size: number; width: number; height: number; at: string; thumb: boolean;
  feedback: number | null; act: number | null;
}

export const filesApi = {
  list: (id: number) => http.get<{ files: CaseFile[] }>(`/cases/${id}/files`),
  thumb: (id: number) => paperAddress(`/files/${id}/thumb`),
  clean: (id: number) => paperAddress(`/files/${id}/clean`),
  original: (id: number, reason: string) => http.postBytes(`/files/${id}/original`, { reason }),
  offer: (id: number, files: File[]) => {
    const form = new FormData();
    for (const f of files) form.append('file', f);
    return http.form<{ files: number[] }>(`/cases/${id}/files`, form);
  },
};

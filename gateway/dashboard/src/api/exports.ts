import { http, type Query } from './http';
import type { operations } from '../../types/openapi';

export type ExportList = operations['exportList']['parameters']['path']['list'];
export type ExportFormat = 'csv' | 'xlsx';
/* filters: the query of the list as the page asks it, without its cursor and limit. */
export interface Exported { list: ExportList; filters?: Query; id?: number }

export const exportsApi = {
  take: ({ list, filters, id }: Exported, format: ExportFormat) => {
    const set = Object.fromEntries(Object.entries(filters ?? {}).filter(([, v]) => v != null && v !== '' && v !== false)) as Record<string, string | number | boolean>;
    return http.file(`/exports/${list}` as `/exports/${string}`, { format, filters: set, ...(id ? { id } : {}) });
  },
};

import { http } from './http';
import type { Category, Rulebook, Unit } from './types';

export const registerApi = {
  units: () => http.get<{ units: Unit[] }>('/units'),
  categories: () => http.get<{ categories: Category[] }>('/categories'),
  rulebook: () => http.get<Rulebook>('/acts'),
};

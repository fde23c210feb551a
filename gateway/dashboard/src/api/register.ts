import { http } from './http';

export const registerApi = {
  units: () => http.get('/units'),
  categories: () => http.get('/categories'),
  rulebook: () => http.get('/acts'),
};

import { http } from './http';
import type { Session } from './types';

export const sessionApi = {
  login: (login: string, password: string) => http.post<Session>('/session', { login, password }),
  current: () => http.get<Session>('/session'),
  logout: () => http.del('/session'),
  changePassword: (old: string, next: string) => http.post<Session>('/session/password', { old, new: next }),
};

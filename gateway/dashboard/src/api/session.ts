import { http } from './http';

/* Where the browser itself goes to sign in at the identity provider. */
export const OIDC_START = '/staff/api/v1/oidc/start';

export const sessionApi = {
  login: (login: string, password: string) => http.post('/session', { login, password }),
  /* Which ways in there are, and whether a code is owed in this browser. */
  ways: () => http.get('/session/ways'),
  code: (code: string) => http.post('/session/code', { code }),
  current: () => http.get('/session'),
  switchPost: (post: number) => http.post('/session/post', { post }),
  logout: () => http.del('/session'),
  changePassword: (old: string, next: string) => http.post('/session/password', { old, new: next }),
};

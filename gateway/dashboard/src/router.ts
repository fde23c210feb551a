import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';
import { useSession } from './stores/session';

/* Fragment routes: what somebody searches for never reaches a server's address log, and every address works on a
 * plain file server. One line per desk; each desk is a chunk of its own. */
const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/cases' },
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { isOpen: true } },
  { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue') },
  { path: '/cases', name: 'cases', component: () => import('./pages/CasesPage.vue') },
  { path: '/cases/:id(\\d+)', name: 'case', component: () => import('./pages/CasePage.vue'), props: (to) => ({ id: Number(to.params.id) }) },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue'), meta: { isOpen: true } },
];

export const router = createRouter({
  history: createWebHashHistory('/staff/'),
  routes,
  scrollBehavior: (_to, from, saved) => saved ?? (from.name === _to.name ? false : { top: 0 }),
});

router.beforeEach(async (to) => {
  const session = useSession();
  if (!session.isChecked) {
    try {
      await session.restore();
    } catch {
      session.isChecked = true; /* the sign-in itself will say what is wrong */
    }
  }
  if (!session.staff) return to.meta.isOpen ? true : { name: 'login', query: { next: to.fullPath } };
  if (session.staff.must_change && to.name !== 'password') return { name: 'password', query: { next: to.name === 'login' ? to.query.next : to.fullPath } };
  if (to.name === 'login') return nextOf(to.query.next);
  return true;
});

/* Where to go after sign-in: only an own path, never an outside address. */
export function nextOf(next: unknown): string {
  return typeof next === 'string' && /^\/(?!\/)/.test(next) && !next.startsWith('/login') ? next : '/cases';
}

import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';
import { channelHome, DESKS, desksOf, finderHome, hasRole, MAY, homeOf, type Desk } from './desks';
import { useSession } from './stores/session';

const withId = (to: { params: Record<string, string | string[]> }) => ({ id: Number(to.params.id) });

/* Fragment routes: what somebody searches for never reaches a server's address log, and every address works on a
 * plain file server. One line per desk; each desk is a chunk of its own. */
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./pages/LostPage.vue') },
  { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { isOpen: true } },
  { path: '/account', name: 'account', component: () => import('./pages/AccountPage.vue') },
  { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue') },
  { path: '/triage', name: 'triage', component: () => import('./pages/TriagePage.vue'), meta: { desk: 'triage' } },
  { path: '/inbox', name: 'inbox', component: () => import('./pages/InboxPage.vue'), meta: { desk: 'inbox' } },
  { path: '/review', name: 'review', component: () => import('./pages/ReviewPage.vue'), meta: { desk: 'review' } },
  { path: '/supervision', name: 'supervision', component: () => import('./pages/SupervisionPage.vue'), meta: { desk: 'supervision' } },
  { path: '/cases', name: 'cases', component: () => import('./pages/CasesPage.vue'), meta: { desk: 'cases' } },
  { path: '/cases/:id(\\d+)', name: 'case', component: () => import('./pages/CasePage.vue'), props: withId, meta: { desk: 'cases' } },
  { path: '/entry', name: 'entry', component: () => import('./pages/EntryPage.vue'), meta: { desk: 'entry' } },
  { path: '/callbacks', name: 'callbacks', component: () => import('./pages/CallbacksPage.vue'), meta: { desk: 'callbacks' } },
  { path: '/letters', name: 'letters', component: () => import('./pages/LettersPage.vue'), meta: { desk: 'letters' } },
  { path: '/letters/new', name: 'letter-new', component: () => import('./pages/LetterNewPage.vue'), meta: { desk: 'letters' } },
  { path: '/letters/book', name: 'letter-book', component: () => import('./pages/LetterBookPage.vue'), meta: { desk: 'letters' } },
  { path: '/letters/:id(\\d+)', name: 'letter', component: () => import('./pages/LetterPage.vue'), props: withId, meta: { desk: 'letters' } },
  { path: '/meetings', name: 'meetings', component: () => import('./pages/MeetingsPage.vue'), meta: { desk: 'finders' } },
  { path: '/meetings/board', name: 'board', component: () => import('./pages/BoardPage.vue'), meta: { desk: 'finders' } },
  { path: '/meetings/:id(\\d+)', name: 'meeting', component: () => import('./pages/MeetingPage.vue'), props: withId, meta: { desk: 'finders' } },
  { path: '/inspections', name: 'inspections', component: () => import('./pages/InspectionsPage.vue'), meta: { desk: 'finders' } },
  { path: '/inspections/:id(\\d+)', name: 'inspection', component: () => import('./pages/InspectionPage.vue'), props: withId, meta: { desk: 'finders' } },
  { path: '/monitors', name: 'monitors', component: () => import('./pages/MonitorsPage.vue'), meta: { desk: 'finders' } },
  { path: '/imports', name: 'imports', component: () => import('./pages/ImportPage.vue'), meta: { desk: 'finders' } },
  { path: '/weekly', name: 'weekly', component: () => import('./pages/WeeklyPage.vue'), meta: { desk: 'weekly' } },
  { path: '/causes', name: 'causes', component: () => import('./pages/CausesPage.vue'), meta: { desk: 'causes' } },
  { path: '/causes/:id(\\d+)', name: 'cause', component: () => import('./pages/CausePage.vue'), props: withId, meta: { desk: 'causes' } },
  { path: '/overview', name: 'overview', component: () => import('./pages/OverviewPage.vue'), meta: { desk: 'overview' } },
  { path: '/overview/screens', name: 'screens', component: () => import('./pages/ScreensPage.vue'), meta: { desk: 'overview' } },
  { path: '/screen', name: 'screen', component: () => import('./pages/ScreenPage.vue'), meta: { isOpen: true, isBare: true } },
  { path: '/figures', name: 'figures', component: () => import('./pages/FiguresPage.vue'), meta: { desk: 'figures' } },
  { path: '/story/:id(\\d+)?', name: 'story', component: () => import('./pages/StoryPage.vue'), props: (to) => ({ id: Number(to.params.id || 0) }), meta: { desk: 'story' } },
  { path: '/reports', name: 'reports', component: () => import('./pages/ReportsPage.vue'), meta: { desk: 'reports' } },
  { path: '/reports/:id(\\d+)', name: 'report', component: () => import('./pages/ReportPage.vue'), props: withId, meta: { desk: 'reports' } },
  { path: '/reports/keys', name: 'seal-keys', component: () => import('./pages/KeysPage.vue'), meta: { desk: 'reports' } },
  { path: '/reports/recovery', name: 'seal-recovery', component: () => import('./pages/RecoverPage.vue'), meta: { desk: 'reports', isForEscrow: true } },
  { path: '/publish', name: 'publish', component: () => import('./pages/PublishPage.vue'), meta: { desk: 'publish' } },
  { path: '/enterprises', name: 'enterprises', component: () => import('./pages/EnterprisesPage.vue'), meta: { desk: 'enterprises' } },
  { path: '/policies', name: 'policies', component: () => import('./pages/PoliciesPage.vue'), meta: { desk: 'enterprises' } },
  { path: '/plaques', name: 'plaques', component: () => import('./pages/PlaquesPage.vue'), meta: { desk: 'plaques' } },
  { path: '/plaques/coverage', name: 'plaque-coverage', component: () => import('./pages/CoveragePage.vue'), meta: { desk: 'plaques' } },
  { path: '/plaques/:id(\\d+)', name: 'plaque', component: () => import('./pages/PlaquePage.vue'), props: withId, meta: { desk: 'plaques' } },
  { path: '/windows', name: 'windows', component: () => import('./pages/WindowsPage.vue'), meta: { desk: 'ratings' } },
  { path: '/ratings', name: 'ratings', component: () => import('./pages/RatingsPage.vue'), meta: { desk: 'ratings' } },
  { path: '/rules', name: 'rules', component: () => import('./pages/RulesPage.vue'), meta: { desk: 'rules' } },
  { path: '/models', name: 'models', component: () => import('./pages/ModelsPage.vue'), meta: { desk: 'rules' } },
  { path: '/calendar', name: 'calendar', component: () => import('./pages/CalendarPage.vue'), meta: { desk: 'calendar' } },
  { path: '/log', name: 'log', component: () => import('./pages/LogPage.vue'), meta: { desk: 'log' } },
  { path: '/settings', name: 'settings', component: () => import('./pages/SettingsPage.vue'), meta: { desk: 'log' } },
  { path: '/people', name: 'people', component: () => import('./pages/PeoplePage.vue'), meta: { desk: 'people' } },
  { path: '/people/accounts', name: 'accounts', component: () => import('./pages/AccountsPage.vue'), meta: { desk: 'people' } },
  { path: '/units/changes', name: 'unit-changes', component: () => import('./pages/UnitChangesPage.vue'), meta: { desk: 'people' } },
  { path: '/units', name: 'units', component: () => import('./pages/UnitsPage.vue'), meta: { desk: 'people' } },
  { path: '/channels', name: 'channels', component: () => import('./pages/ChannelsPage.vue'), meta: { desk: 'channels', isForAdmin: true } },
  { path: '/outbox', name: 'outbox', component: () => import('./pages/OutboxPage.vue'), meta: { desk: 'channels', isForAdmin: true } },
  { path: '/exchanges', name: 'exchanges', component: () => import('./pages/ExchangesPage.vue'), meta: { desk: 'channels', isForAdmin: true } },
  { path: '/wording', name: 'wording', component: () => import('./pages/WordingPage.vue'), meta: { desk: 'channels' } },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue'), meta: { isOpen: true } },
];

export const router = createRouter({
  history: createWebHashHistory('/staff/'),
  routes,
  scrollBehavior: (_to, from, saved) => saved ?? (from.name === _to.name ? false : { top: 0 }),
});

router.beforeEach(async (to) => {
  if (to.meta.isBare) return true; /* a screen in a hall is nobody's session */
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
  if (session.staff.must_enrol && !session.staff.must_change && to.name !== 'account') return { name: 'account' };
  if (to.name === 'login') return nextOf(to.query.next ?? takeNext());
  if (to.name === 'home') return { name: homeOf(session.staff) };
  const desk = DESKS.find((d) => d.desk === (to.meta.desk as Desk | undefined));
  if (desk && !desksOf(session.staff).includes(desk)) return { name: homeOf(session.staff) };
  if (to.name === 'people' && !hasRole(session.staff.roles, MAY.seePeople)) return { name: 'units' };
  if (to.name === 'accounts' && !hasRole(session.staff.roles, MAY.seeAccounts)) return { name: 'units' };
  if (to.name === 'meetings' && finderHome(session.staff.roles) !== 'meetings') return { name: 'monitors' };
  if (to.name === 'overview' && !hasRole(session.staff.roles, MAY.seeOverview)) return { name: 'screens' };
  if (to.name === 'screens' && !hasRole(session.staff.roles, MAY.keepScreens)) return { name: 'overview' };
  if (to.name === 'log' && !hasRole(session.staff.roles, MAY.readLog)) return { name: 'settings' };
  if (to.name === 'settings' && !hasRole(session.staff.roles, MAY.readSettings)) return { name: 'log' };
  if (to.meta.isForAdmin && channelHome(session.staff.roles) !== 'channels') return { name: 'wording' };
  if (to.meta.isForEscrow && !hasRole(session.staff.roles, ['accountability'])) return { name: 'seal-keys' };
  return true;
});

/* Where to go after sign-in: only an own path, never an outside address. */
export function nextOf(next: unknown): string {
  return typeof next === 'string' && /^\/(?!\/)/.test(next) && !next.startsWith('/login') ? next : '/';
}

/* What was wanted before the way to the identity provider and back, which begins this page anew. */
const NEXT = 'msd.next';
export function keepNext(next: unknown): void {
  if (typeof next !== 'string') return; /* a second try, after the way back */
  try {
    sessionStorage.setItem(NEXT, nextOf(next));
  } catch {
    /* storage may be switched off; then the first desk is shown */
  }
}
function takeNext(): string | null {
  try {
    const next = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
    return next;
  } catch {
    return null;
  }
}

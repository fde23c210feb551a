import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { doorCsrf, doorPost, Refusal } from '../api/http';
import { sessionApi } from '../api/session';
import { leave } from '../live/leaving';
import type { Session } from '../api/types';

/* Who is at the screen. The session itself lives in a cookie the page cannot read. */
export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null);
  const isChecked = ref(false);
  /* True after a session ended by itself, so that the sign-in page can say why it is shown. */
  const isOver = ref(false);
  const staff = computed(() => session.value?.staff ?? null);
  /* Signed in, and nothing is owed before the desks: no one-time password, no second factor. */
  const isInside = computed(() => staff.value !== null && !staff.value.must_change && !staff.value.must_enrol);

  function take(next: Session): void {
    session.value = next;
    isChecked.value = true;
    isOver.value = false;
    doorCsrf(next.csrf);
    doorPost(next.staff.post.id);
  }

  /* Several questions may be on their way when it ends: each is told so. */
  function drop(byItself: boolean): void {
    if (!byItself || session.value !== null) isOver.value = byItself;
    session.value = null;
    isChecked.value = true;
    doorCsrf('');
    doorPost(0);
  }

  /* Once per visit: is there a session already? A refusal other than 401 is thrown on, so that the page can say it. */
  async function restore(): Promise<void> {
    try {
      take(await sessionApi.current());
    } catch (e) {
      if (!(e instanceof Refusal) || e.status !== 401) throw e;
      drop(false);
    }
  }

  /* The seconds that are left for the code, when one is owed; 0: signed in. */
  async function login(name: string, password: string): Promise<number> {
    const answer = await sessionApi.login(name, password);
    if ('step' in answer) return answer.expires_in;
    take(answer);
    return 0;
  }
  async function enterCode(code: string): Promise<void> {
    take(await sessionApi.code(code));
  }
  /* Asks again who is here; the gateway hears of it. */
  async function refresh(): Promise<void> {
    take(await sessionApi.current());
  }
  /* Nobody was there for too long: ended at the gateway as well, and the sign-in page says why it is shown. */
  async function end(): Promise<void> {
    if (session.value === null) return;
    const leaving = sessionApi.logout();
    drop(true);
    await leaving.catch(() => undefined);
  }

  async function logout(): Promise<void> {
    await leave();
    try {
      await sessionApi.logout();
    } catch (e) {
      if (!(e instanceof Refusal) || e.status !== 401) throw e;
    }
    drop(false);
  }

  async function changePassword(old: string, next: string): Promise<void> {
    take(await sessionApi.changePassword(old, next));
  }

  return { session, staff, isInside, isChecked, isOver, restore, login, enterCode, refresh, end, logout, changePassword, drop };
});

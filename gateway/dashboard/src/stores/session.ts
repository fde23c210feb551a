import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { doorCsrf, Refusal } from '../api/http';
import { sessionApi } from '../api/session';
import type { Session } from '../api/types';

/* Who is at the screen. The session itself lives in a cookie the page cannot read. */
export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null);
  const isChecked = ref(false);
  /* True after a session ended by itself, so that the sign-in page can say why it is shown. */
  const isOver = ref(false);
  const staff = computed(() => session.value?.staff ?? null);

  function take(next: Session): void {
    session.value = next;
    isChecked.value = true;
    isOver.value = false;
    doorCsrf(next.csrf);
  }

  function drop(byItself: boolean): void {
    isOver.value = byItself && session.value !== null;
    session.value = null;
    isChecked.value = true;
    doorCsrf('');
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

  async function login(name: string, password: string): Promise<void> {
    take(await sessionApi.login(name, password));
  }

  async function logout(): Promise<void> {
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

  return { session, staff, isChecked, isOver, restore, login, logout, changePassword, drop };
});

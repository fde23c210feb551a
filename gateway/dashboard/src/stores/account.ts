import { defineStore } from 'pinia';
import { ref } from 'vue';
import { accountApi, type Factor, type FactorKey, type OwnSession } from '../api/account';
import { useSession } from './session';

/* The account page: what is on file, and the two things that are shown once — the key, the recovery codes — while they are on the
 * screen and no longer. */
export const useAccount = defineStore('account', () => {
  const sessions = ref<OwnSession[]>([]);
  const factor = ref<Factor | null>(null);
  const key = ref<FactorKey | null>(null);
  const codes = ref<string[]>([]);

  async function load(): Promise<void> {
    const [s, f] = await Promise.all([accountApi.sessions(), accountApi.factor()]);
    sessions.value = s.sessions;
    factor.value = f;
  }
  async function endSession(id: number): Promise<void> {
    await accountApi.endSession(id);
    sessions.value = (await accountApi.sessions()).sessions;
  }
  async function endOthers(): Promise<number> {
    const { ended } = await accountApi.endOthers();
    sessions.value = (await accountApi.sessions()).sessions;
    return ended;
  }
  async function begin(password?: string): Promise<void> {
    key.value = await accountApi.begin(password);
  }
  async function confirm(code: string): Promise<void> {
    codes.value = (await accountApi.confirm(code)).codes;
    key.value = null;
    await after();
  }
  async function newCodes(code: string, password?: string): Promise<void> {
    codes.value = (await accountApi.newCodes(code, password)).codes;
    await after();
  }
  async function off(code: string, password?: string): Promise<void> {
    await accountApi.off(code, password);
    codes.value = [];
    await after();
  }
  /* What the desks may show depends on it (must_enrol). */
  async function after(): Promise<void> {
    factor.value = await accountApi.factor();
    await useSession().refresh();
  }
  function forget(): void {
    sessions.value = [];
    factor.value = null;
    key.value = null;
    codes.value = [];
  }

  return { sessions, factor, key, codes, load, endSession, endOthers, begin, confirm, newCodes, off, forget };
});

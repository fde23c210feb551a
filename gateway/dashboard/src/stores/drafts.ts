import { defineStore } from 'pinia';
import { ref } from 'vue';
import { mayKeepForm } from '../live/kept';

export type Values = Record<string, string>;
export interface Draft { values: Values; key: string }

function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/* What somebody has typed into a form that is not yet stored. It outlives the page and an ended session of the same
 * person; its key makes a second sending after a lost answer harmless. */
export const useDrafts = defineStore('drafts', () => {
  const all = ref<Record<string, Draft>>({});
  const secrets = new Set<string>();
  /* Forms whose words are on their way: closed and opened again, they are still on their way and not sent twice. */
  const sending = ref<readonly string[]>([]);

  function of(name: string): Draft {
    /* Read back: the store's own object is watched, the one just made is not. */
    if (!all.value[name]) all.value[name] = { values: {}, key: freshKey() };
    return all.value[name];
  }
  /* The gateway has answered for good: the next sending is another one. */
  function renew(name: string): void {
    of(name).key = freshKey();
  }
  function isSending(name: string): boolean {
    return sending.value.includes(name);
  }
  function setSending(name: string, is: boolean): void {
    sending.value = is ? [...sending.value, name] : sending.value.filter((n) => n !== name);
  }
  function drop(name: string): void {
    delete all.value[name];
  }
  function forget(): void {
    all.value = {};
    secrets.clear();
  }
  /* What this form holds is never written down outside the page. */
  function secret(name: string): void {
    secrets.add(name);
  }
  /* What a page that begins anew may take along, and its coming back. */
  function kept(readsReports: boolean): Record<string, Draft> {
    return Object.fromEntries(Object.entries(all.value).filter(([name, d]) => !secrets.has(name) && Object.values(d.values).some((v) => v !== '') && mayKeepForm(name, d.values, readsReports)));
  }
  function restore(from: Record<string, Draft>): void {
    all.value = { ...from, ...all.value };
  }
  return { of, renew, isSending, setSending, drop, forget, secret, kept, restore };
});

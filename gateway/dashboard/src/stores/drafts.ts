import { defineStore } from 'pinia';
import { ref } from 'vue';

export type Values = Record<string, string>;
interface Draft { values: Values; key: string }

function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/* What somebody has typed into a form that is not yet stored. It outlives the page and an ended session of the same
 * person; its key makes a second sending after a lost answer harmless. */
export const useDrafts = defineStore('drafts', () => {
  const all = ref<Record<string, Draft>>({});

  function of(name: string): Draft {
    /* Read back: the store's own object is watched, the one just made is not. */
    if (!all.value[name]) all.value[name] = { values: {}, key: freshKey() };
    return all.value[name];
  }
  /* The gateway has answered for good: the next sending is another one. */
  function renew(name: string): void {
    of(name).key = freshKey();
  }
  function drop(name: string): void {
    delete all.value[name];
  }
  function forget(): void {
    all.value = {};
  }
  return { of, renew, drop, forget };
});

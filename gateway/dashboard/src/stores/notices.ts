import { defineStore } from 'pinia';
import { ref } from 'vue';

/* How long a sentence stands on the screen, and so how long it must outlive a page that begins anew. */
export const NOTICE_MS = 15_000;

/* What somebody must be told wherever they are by now: the page it belongs to has been left. App.vue shows it. */
export const useNotices = defineStore('notices', () => {
  const last = ref<{ sentence: string; at: number } | null>(null);
  function say(sentence: string): void {
    const before = last.value && Date.now() - last.value.at < NOTICE_MS ? `${last.value.sentence} ` : '';
    last.value = { sentence: before + sentence, at: Date.now() };
  }
  const unread = (): string[] => (last.value && Date.now() - last.value.at < NOTICE_MS ? [last.value.sentence] : []);
  return { last, say, unread };
});

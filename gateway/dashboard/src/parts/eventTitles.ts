import { computed } from 'vue';
import { wordingApi } from '../api/wording';
import { aboutDesk, useLoaded } from '../live/loaded';
import { language, useWords } from '../words';

/* What a message says, by the name of its wording; a told event is known by its kind alone. The gateway has the names in Chinese, the words those in English. */
export function useEventTitles() {
  const words = useWords();
  const wordings = useLoaded(wordingApi.list, aboutDesk('desk.wording'));
  void wordings.load();
  const titles = computed(() => new Map((wordings.data.value?.templates ?? []).filter((t) => t.purpose !== 'call').map((t) => [t.event, t.title])));
  function titleOf(event: string): string {
    if (event === 'test') return words.value.outbox.test;
    return (language.value === 'zh' ? titles.value.get(event) : words.value.wording.titles[event]) ?? event;
  }
  return { titles, titleOf };
}

import { computed } from 'vue';
import { wordingApi } from '../api/wording';
import { useLoaded } from '../live/loaded';
import { language, useWords } from '../words';

/* What a message says, by the name of its wording; a told event is known by its kind alone. The gateway has the names in Chinese. */
export function useEventTitles() {
  const words = useWords();
  const wordings = useLoaded(wordingApi.list, () => false);
  void wordings.load();
  const titles = computed(() => new Map((wordings.data.value?.templates ?? []).map((t) => [t.event, t.title])));
  function titleOf(event: string): string {
    if (event === 'test') return words.value.outbox.test;
    return (language.value === 'zh' && titles.value.get(event)) || event;
  }
  return { titles, titleOf };
}

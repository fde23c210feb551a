import { computed } from 'vue';
import type { LiveEvent } from '../api/types';
import { hasRole, MAY } from '../desks';
import { useSession } from '../stores/session';
import { useWords } from '../words';

export const aboutRatings = (e: LiveEvent) => e.kind === 'feedback.rated' || e.kind === 'case.opened' || e.kind === 'desk.ratings';

export function useRatingTabs() {
  const session = useSession();
  const words = useWords();
  return computed(() => [
    { to: 'windows', label: words.value.ratings.tabs.windows, isHere: hasRole(session.staff?.roles, MAY.seeWindows) },
    { to: 'ratings', label: words.value.ratings.tabs.ratings, isHere: true },
  ].filter((t) => t.isHere));
}

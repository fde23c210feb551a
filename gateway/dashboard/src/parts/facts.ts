/* Facts of a case in words: for the fact list and for "what changed". */
import type { CaseRow } from '../api/types';
import type { ComparedField } from '../live/changes';
import { dueTime } from '../live/time';
import { useRegister } from '../stores/register';
import { useWords } from '../words';

export function useCaseWords() {
  const words = useWords();
  const register = useRegister();
  const level = (n: number) => `L${n} ${register.levelLimit(n)}`.trim();
  const yesNo = (v: boolean) => (v ? words.value.common.yes : words.value.common.none);

  function value(row: CaseRow, field: ComparedField): string {
    switch (field) {
      case 'state': return register.stateLabel(row.state);
      case 'unit': return row.unit?.short_name ?? words.value.common.none;
      case 'category': return row.category.name;
      case 'nature': return register.natureLabel(row.nature);
      case 'level': return level(row.level);
      case 'due_at': return dueTime(row.due_at) || words.value.common.none;
      case 'round': return String(row.round);
      case 'feedbacks': return String(row.feedbacks);
      case 'rung': return words.value.rungs[String(row.rung)] ?? words.value.common.none;
      default: return yesNo(row[field]);
    }
  }
  return { level, value };
}

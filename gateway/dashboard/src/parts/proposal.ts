import type { CaseView } from '../api/types';

type Span = readonly number[];

/* The citizen's own sentences of one part, cut out of the masked words by code points. */
export function extractOf(masked: string, spans: readonly Span[]): string {
  const points = [...masked];
  return spans.map(([from, to]) => points.slice(from, to).join('')).join('').trim();
}

/* What the split form begins with when the router proposed two parts; null when it did not, or when they are two already. */
export function proposalInput(view: CaseView | null): Record<string, string | number> | null {
  const proposal = view?.decision?.proposal;
  const masked = view?.feedback[0]?.masked;
  if (!proposal || !masked || view?.part) return null;
  const input: Record<string, string | number> = {
    nature: proposal.report.nature, words: extractOf(masked, proposal.report.spans), rest: extractOf(masked, proposal.rest.spans),
    category: proposal.report.category.code, reason: '来件既有反映廉洁问题的内容，又有其他事项，分开办理',
  };
  if (proposal.report.about_unit) input.about = proposal.report.about_unit.id;
  return input.words && input.rest ? input : null;
}

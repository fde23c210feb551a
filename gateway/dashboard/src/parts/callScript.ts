/* The script of a call: sentences filled for one task, and what the clerk's presses make of the record: its words, the outcome that they speak for, and
 * which outcomes they leave open. The gateway judges once more (core/callscript). Pure. */
import type { Shape } from '../api/described';

export type CallScript = Shape<'CallScript'>;
export type Step = CallScript['steps'][number];
export type Question = NonNullable<Step['question']>;
export type Answers = NonNullable<Shape<'ActRequest'>['answers']>;
export type Outcome = 'solved' | 'unsolved' | 'attempt' | 'refused';

/* Below this somebody is dissatisfied, and the matter is not solved. */
const SATISFIED_MIN = 3;
const QUESTIONS: readonly Question[] = ['reached', 'contacted', 'done', 'solved', 'demand', 'danger', 'misconduct'];

/* {name} becomes its value, {{ and }} single braces; a name without a value leaves nothing. */
export function filled(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{\{|\}\}|\{([a-z_]+)\}/g, (all, name: string | undefined) => (name ? values[name] ?? '' : all[0]));
}

/* What stands in the record. It is Chinese whatever language the desk is in: those who go on with the case read it. */
const SAID: Record<Question, Record<string, string>> = {
  reached: { spoken: '已接通本人。', later: '群众不便接听，另约时间。', refuses: '群众不愿接受回访。', nobody: '无人接听。', wrong: '号码不对，接听的不是反映人。' },
  contacted: { yes: '承办单位联系过。', no: '承办单位没有联系过。', unsure: '群众记不清单位是否联系过。' },
  done: { yes: '答复所说已经做到。', partly: '答复所说只做到一部分。', no: '答复所说没有做到。', unsure: '群众不清楚是否做到。' },
  solved: { solved: '群众表示问题已经解决。', partly: '群众表示问题部分解决。', not: '群众表示问题没有解决。' },
  demand: { none: '没有其他要求。', more: '群众另有要求：', beyond: '群众的要求超出职责或政策，已告知可以依法复议、诉讼或者申请信访复查。' },
  danger: { told: '群众讲到眼前的危险：' },
  misconduct: { told: '群众讲到工作人员的问题：' },
};
const LEVELS = ['非常不满意', '不满意', '基本满意', '满意', '非常满意'];

export function recordOf(answers: Answers, rating: number): string {
  const said = (q: Question) => SAID[q][answers[q] ?? ''] ?? '';
  return QUESTIONS.map((q) => (q === 'demand' && rating ? `群众评价：${LEVELS[rating - 1]}。` : '') + said(q)).join('');
}

/* The words after another press: what the presses made stands first and is made anew, what was typed stays. Where somebody wrote into the made part, it is
 * theirs: only what is new comes behind it. */
export function rewritten(text: string, before: string, after: string): string {
  if (text.startsWith(before)) return after + text.slice(before.length);
  const sentences = after.match(/[^。：]*[。：]/g) ?? [];
  return text.trimEnd() + sentences.filter((x) => !before.includes(x)).join('');
}

const wasMissed = (a: Answers) => a.reached === 'nobody' || a.reached === 'wrong';
const wasAsked = (a: Answers) => !!(a.contacted || a.done || a.solved || a.demand || a.reached === 'spoken');
/* May this outcome stand beside these answers? */
export function fits(outcome: Outcome, a: Answers, rating: number): boolean {
  const wasNoTalk = wasMissed(a) || a.reached === 'refuses' || a.reached === 'later';
  switch (outcome) {
    case 'solved': return !wasNoTalk && (!a.solved || a.solved === 'solved') && !(rating > 0 && rating < SATISFIED_MIN);
    case 'unsolved': return !wasNoTalk && a.solved !== 'solved';
    case 'attempt': return a.reached !== 'refuses' && !wasAsked(a);
    case 'refused': return !a.solved && !wasMissed(a) && a.reached !== 'later';
  }
}

/* What the answers speak for; nothing while they do not say. Somebody who calls it solved and is dissatisfied is asked again: no outcome takes both. */
export function suggested(a: Answers, rating: number): Outcome | null {
  if (a.reached === 'refuses') return 'refused';
  if (wasMissed(a) || a.reached === 'later') return 'attempt';
  const wished: Outcome | null = a.solved ? (a.solved === 'solved' ? 'solved' : 'unsolved') : rating > 0 && rating < SATISFIED_MIN ? 'unsolved' : null;
  return wished && fits(wished, a, rating) ? wished : null;
}

/* The question that is next; none once it is clear that nobody talks, or when all is answered. */
export function nextStep(steps: readonly Step[], a: Answers, rating: number): Step | null {
  if (a.reached && a.reached !== 'spoken') return null;
  return steps.find((s) => (s.kind === 'ask' && s.question && !a[s.question]) || (s.kind === 'rate' && !rating)) ?? null;
}

/* What is said when an answer is given that asks for it, and the branches that no question leads to. */
export const branchOf = (steps: readonly Step[], question: string | null, answer: string | undefined) => steps.find((s) => s.kind === 'branch' && s.question === question && s.answers[0] === answer) ?? null;
export function openBranches(steps: readonly Step[]): Step[] {
  return steps.filter((s) => s.kind === 'branch' && !steps.some((x) => x.kind === 'ask' && x.question === s.question));
}

/* As a draft keeps them, beside the words. */
export function answersOf(kept: string | undefined): Answers {
  try {
    return JSON.parse(kept || '{}') as Answers;
  } catch {
    return {};
  }
}

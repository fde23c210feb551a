import { describe, expect, it } from 'vitest';
import { branchOf, filled, fits, nextStep, openBranches, recordOf, rewritten, suggested, type Answers, type Outcome, type Step } from '../src/parts/callScript';
import { en } from '../src/words/en';
import { zh } from '../src/words/zh';

const step = (name: string, kind: Step['kind'], question: Step['question'] = null, answers: string[] = []): Step => ({ step: name, kind, question, answers, zh: '', en: '' });
const STEPS = [
  step('call_greeting', 'say'), step('call_suits', 'ask', 'reached', ['spoken', 'later', 'refuses', 'nobody', 'wrong']), step('call_solved', 'ask', 'solved', ['solved', 'partly', 'not']), step('call_rating', 'rate'),
  step('call_farewell', 'say'), step('call_nobody', 'branch', 'reached', ['nobody']), step('call_angry', 'branch'), step('call_danger', 'branch', 'danger', ['told']),
];

describe('a sentence', () => {
  it('is filled with what stands with the task', () => {
    expect(filled('{unit}的事，编号 {case}，{{原样}}，{nothing}。', { unit: '城管局', case: '12' })).toBe('城管局的事，编号 12，{原样}，。');
  });
});

describe('the record', () => {
  it('is made from the presses, in the order of the call', () => {
    expect(recordOf({ solved: 'partly', reached: 'spoken', demand: 'more' }, 2)).toBe('已接通本人。群众表示问题部分解决。群众评价：不满意。群众另有要求：');
    expect(recordOf({}, 0)).toBe('');
  });
  it('keeps what was typed, and leaves alone what was changed by hand', () => {
    const first = recordOf({ reached: 'spoken' }, 0);
    const second = recordOf({ reached: 'spoken', solved: 'not' }, 0);
    expect(rewritten('', '', first)).toBe(first);
    expect(rewritten(`${first}巷口还堵。`, first, second)).toBe(`${second}巷口还堵。`);
    expect(rewritten('先写的话。', '', first)).toBe(`${first}先写的话。`);
    expect(rewritten('本人接的电话。', first, second)).toBe('本人接的电话。群众表示问题没有解决。');
    expect(rewritten(second, second, first)).toBe(first);
  });
});

describe('the outcome', () => {
  const rows: [Answers, number, Outcome | null, Outcome[]][] = [
    [{}, 0, null, ['solved', 'unsolved', 'attempt', 'refused']],
    [{ reached: 'spoken', solved: 'solved' }, 5, 'solved', ['solved']],
    [{ solved: 'solved' }, 1, null, []],
    [{ solved: 'partly' }, 4, 'unsolved', ['unsolved']],
    [{ reached: 'spoken' }, 2, 'unsolved', ['unsolved', 'refused']],
    [{ reached: 'nobody' }, 0, 'attempt', ['attempt']],
    [{ reached: 'later' }, 0, 'attempt', ['attempt']],
    [{ reached: 'refuses' }, 0, 'refused', ['refused']],
  ];
  it('is what the answers say, and never what they deny', () => {
    for (const [answers, rating, wished, may] of rows) {
      expect(suggested(answers, rating), JSON.stringify(answers)).toBe(wished);
      expect((['solved', 'unsolved', 'attempt', 'refused'] as const).filter((o) => fits(o, answers, rating)), JSON.stringify(answers)).toEqual(may);
    }
  });
});

describe('the next question', () => {
  it('is the first without an answer, and none once nobody talks', () => {
    expect(nextStep(STEPS, {}, 0)?.step).toBe('call_suits');
    expect(nextStep(STEPS, { reached: 'spoken', solved: 'solved' }, 0)?.step).toBe('call_rating');
    expect(nextStep(STEPS, { reached: 'spoken', solved: 'solved' }, 4)).toBeNull();
    expect(nextStep(STEPS, { reached: 'nobody' }, 0)).toBeNull();
  });
  it('leads to what is said when the answer asks for it; the rest may happen at any time', () => {
    expect(branchOf(STEPS, 'reached', 'nobody')?.step).toBe('call_nobody');
    expect(branchOf(STEPS, 'reached', 'spoken')).toBeNull();
    expect(openBranches(STEPS).map((s) => s.step)).toEqual(['call_angry', 'call_danger']);
  });
  it('and its answers have names in both languages', () => {
    for (const words of [zh, en]) for (const s of STEPS) for (const a of s.answers) if (s.question) expect(words.script.answers[s.question][a], `${s.question} ${a}`).toBeTruthy();
  });
});

import type { ScriptWords } from './script.zh';

export const scriptEn: ScriptWords = {
  title: 'What to say', steps: 'Read in this order', other: 'In Chinese', none: 'The script could not be loaded; ask as usual.', happens: 'If this happens', back: 'Back one', anew: 'Ask anew', next: 'now', made: 'Made from the answers; change what you like', fit: 'Does not fit the answers', suggests: 'The answers say',
  questions: { reached: 'Reached', contacted: 'Unit got in touch', done: 'Done as answered', solved: 'Solved', demand: 'Anything else', danger: 'Danger told', misconduct: 'Misconduct told' },
  answers: {
    reached: { spoken: 'yes, it suits', later: 'not now', refuses: 'refuses', nobody: 'no answer', wrong: 'wrong number' }, contacted: { yes: 'yes', no: 'no', unsure: 'not sure' }, done: { yes: 'done', partly: 'partly', no: 'not done', unsure: 'not sure' },
    solved: { solved: 'solved', partly: 'partly', not: 'not solved' }, demand: { none: 'nothing', more: 'yes, written down', beyond: 'beyond the rules' }, danger: { told: 'danger told' }, misconduct: { told: 'misconduct told' },
  },
  branches: { call_angry: 'angry', call_danger: 'tells of danger', call_misconduct: 'tells of misconduct' },
  does: {
    later: 'Write the agreed time into the words and record “not reached” with D.', call_refuses: 'Record “refused” with F.', call_nobody: 'Record “not reached” with D.', call_wrong: 'Record “not reached” with D.', call_beyond: 'Write the request down; promise nothing.', call_angry: 'Write what is said, not what you think of the person.',
    call_danger: 'Write where and what. Once recorded the case is level 1 and the duty group is told at once.', call_misconduct: 'Write when, where and what. Once recorded the case is held: the unit does not see it until the accountability group has looked.',
  },
};

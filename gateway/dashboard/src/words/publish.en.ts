import type { PublishWords } from './publish.zh';

export const publishEn: PublishWords = {
  publish: {
    desk: 'Publishing', lead: 'What the pages behind the plaques tell. Who writes and who approves are two persons; nothing published holds a personal telephone, an identity number or anything about a reporter.',
    kinds: { party: 'Party affairs', government: 'Government affairs', affairs: 'Local affairs', service: 'Services', answer: 'Published answer', figures: 'Figures' },
    states: { proposed: 'Proposed by the unit', written: 'Waits for approval', published: 'Published', refused: 'Not used', withdrawn: 'Withdrawn' },
    steps: { take: 'Take over for approval', publish: 'Approve and publish', refuse: 'Do not use', withdraw: 'Withdraw' },
    done: { take: 'Waits for approval', publish: 'Published', refuse: 'Marked as not used', withdraw: 'Withdrawn' },
    waiting: 'To be done', published: 'Published', ended: 'Not used and withdrawn', none: 'Nothing has been published yet.', noneWrite: 'Press “Write one” above; the supervision group or a leader approves it, then it is published.', nonePropose: 'Press “Propose one” above; the registry takes it over for approval.', noneApprove: 'What the registry hands over for approval appears here by itself.', allUnits: 'All units',
    write: 'Write one', propose: 'Propose one', figuresNew: 'Count a period', kind: 'Kind', unit: 'Unit', title: 'Title', words: 'Words', answerHint: 'A published answer: the question and the answer, without names, telephones, addresses and anything that shows who asked.', from: 'From', to: 'To',
    period: (from, to) => `${from} to ${to}`, figuresTitle: (from, to) => `Figures of ${from} to ${to}`, figuresWords: 'Counted by the system from the records; numbers under 10 are not kept; reports and confidential cases are not counted.', figuresHint: 'The period is over, at least 28 days long, and overlaps no other.',
    by: (post, when) => `${post} · ${when}`, approved: (post, when) => `Approved by ${post}, published ${when}`, added: 'Waits for approval', proposed: 'Proposed to the registry',
    seeFigures: 'Figures of the units', figures: 'Figures of the units', satisfied: 'Satisfied', onTime: 'In time', answered: 'Answered', few: 'under 10', of: (n, of) => `${n} / ${of}`,
  },
};

import type { DesksWords } from './desks.zh';
import { count } from './plural.en';

export const desksEn: DesksWords = {
  queue: {
    groups: 'Show by kind', whole: 'Open the whole page',
    names: {
      waiting: 'To be given out', urgent: 'Urgent, with a unit', held: 'Held', returns: 'Return asked', extensions: 'Extension asked', pauses: 'Pause asked', objections: 'Objections', sign: 'To sign', hand: 'In hand', back: 'Sent back',
      endorse: 'To endorse', asked: 'Asked', sent: 'Handed in', paused: 'Paused', review: 'To review', red: 'Overdue', yellow: 'Due soon', green: 'In time',
    },
  },
  triage: {
    hint: 'Most urgent first; an acceptance can be taken back for five seconds', queue: 'To be sorted', empty: 'Nothing waits to be sorted', emptyHint: 'New feedback, requests of units and objections appear here by themselves.',
    accept: 'Accept', similar: 'Perhaps the same matter', noSimilar: 'No case of the same matter was found.', alike: (n) => `${n}% alike`, merge: 'Merge into this', mergeReason: '与该件反映同一事项，并案办理',
    given: (unit) => `to ${unit}`, merged: (id) => `merged into case ${id}`, pending: (id, what) => `Case ${id}: ${what}`, left: (n) => `sent in ${n} s`, undo: 'Take back',
    failed: (id) => `Case ${id} was not stored and is back in the queue.`, look: 'Look', keys: 'Keys: J / K up and down, 1 2 3 accept a candidate, Z take back, M merge into the likest, N not the same, S split as proposed, X split.',
  },
  proposal: {
    title: 'Two matters: split?', hint: 'until the split for the coordinators and the accountability group alone; the words are kept as they are', rest: 'What stays', report: 'The report (for the accountability group alone)', accept: 'Split like this', change: 'Change first', given: 'split as proposed',
  },
  split: {
    title: 'Split into two', hint: 'The words are kept as they are; each case has its own extract, unit and clock', source: 'The words (masked)', mark: 'Mark what belongs to the second matter, with the mouse or Shift and the arrows, then press the button. Both extracts can be edited.',
    take: 'Move the marked words', markFirst: 'Mark the words to be moved first.', byRouter: 'left empty: by the extract', submit: 'Split',
    fields: { nature: 'Nature of the second matter', words: 'Extract of the second matter', rest: 'Extract of what stays', reason: 'Why it is split' },
    report: 'Only the accountability group can see the report; not even you, once it is split off. The unit that handles the rest sees no word of it. Make sure that the extract of what stays says nothing of the report.',
    extract: 'What this case is about (extract)', extractHint: 'by the clerk who split the words, masked', extractWhole: "the citizen's words are below, unchanged", other: 'The other case of the same words:', why: 'Why it was split: ',
  },
  inbox: {
    hint: 'Sign first, then work; what is due soon comes first', queue: 'In-tray of the unit', empty: 'Nothing to do at the moment', emptyHint: 'What is given to your unit appears here by itself.', sign: 'Sign', signHint: 'Work begins; the time limit runs since it was given to you.',
    told: 'Latest requests and answers', keys: 'Keys: J / K up and down, S sign, R reply, C ask the citizen, Y ask for an extension, B for a return, P for a pause, E endorse, N note.',
  },
  review: {
    hint: 'Check point by point, then approve or send back with the reason', queue: 'To review', empty: 'No answer waits for review', emptyHint: 'Answers that their leader has endorsed appear here by themselves.', answer: "The unit's answer", before: 'Earlier answers', evidence: (n) => count(n, 'piece of evidence', 'pieces of evidence'),
    checklist: 'What to check', checks: ['Every point of the citizen is answered', 'Evidence shows that it was done', 'Nothing about others or internal matters', 'Plain words that people understand', 'What is promised has a date'], tickFirst: 'Check point by point first; if one does not hold, send it back.',
    keys: 'Keys: J / K up and down, 1–5 check, A approve, B send back.',
  },
  supervision: {
    unit: 'All units', byColour: 'By colour', byRung: 'By rung', none: 'None', more: (n) => `${n} more ${n === 1 ? 'is' : 'are'} not listed`, letters: (n) => `${count(n, 'letter')} to draft, check or sign`, owed: (rung) => `${rung} is owed`,
    next: { overdue: 'reminder', resume: 'clock runs on' }, keys: 'Keys: J / K next and previous, H / L column, Enter opens.',
  },
  ready: {
    title: 'Usual reasons',
    reasons: {
      return_ask: ['不属于本单位职责。', '属于其他单位职责，建议改派。', '与本单位正在办理的事项重复。'],
      extend_ask: ['情况复杂，需现场核实。', '需与其他单位会商。', '需采购材料或安排施工。'],
      pause_ask: ['等待群众补正材料。', '等待鉴定、检测结果。', '需依法组织听证。'],
      extend_grant: ['情况属实，同意延期。'], extend_refuse: ['理由不充分，请按期办结。'],
      return_grant: ['不属该单位职责，同意退回。'], return_refuse: ['属该单位职责，请继续办理。'],
      pause_grant: ['情况属实，同意挂起。'], pause_refuse: ['不符合挂起条件。'],
      send_back: ['没有逐条回应群众反映的问题。', '缺少佐证材料。', '只有计划，没有办理结果。', '语言生硬，群众难以看懂。', '含有不宜公开的信息。'],
      decline: ['不属于受理范围。'],
    },
  },
};

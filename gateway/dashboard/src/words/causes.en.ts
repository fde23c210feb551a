import type { CausesWords } from './causes.zh';
import { count } from './plural.en';

export const causesEn: CausesWords = {
  twins: {
    found: 'One matter', likely: 'Likely one matter', likelyHint: 'In other words, but of one place and kind: look at both', place: (s) => `one place “${s}”`, matter: (s) => `one kind of matter “${s}”`, repeat: 'Repeat', repeatHint: 'The same person said it again', alikeOnly: 'Alike in words', shared: (s) => `both say “${s}”`, apart: 'Not the same', apartDone: (id) => `Noted: not the matter of case ${id}; it is not offered again`, again: 'Take back',
  },
  bursts: {
    title: 'Bursts', none: 'There is no burst at the moment.', about: (n) => (n < 1 ? 'fewer than 1' : `about ${Math.round(n)}`), says: (hours, n, usual) => `${count(n, 'case')} in ${count(hours, 'hour')}, ${usual} usual`, urgent: (n) => `${n} of them urgent`, most: (n) => `${n} at its height`, mostPeople: (n) => `${n} at its height`, urgentPeople: (n) => `${n} of them urgent`, began: (t) => `since ${t}`, ended: (t) => `over at ${t}`,
    window: (name) => `window “${name}”`, plaque: (n) => `plaque ${n}`, saysPeople: (hours, n, usual) => `${n === 1 ? '1 person' : `${n} people`} in ${count(hours, 'hour')}, ${usual} usual`, concerned: (units, categories) => `Units: ${units}; matters: ${categories}`, take: 'I take it', note: 'What was done (may be empty)', noteHint: 'For example: the head on duty was called', taken: (who, t) => `taken up by ${who}, ${t}`, all: 'All', look: 'Show the cases', goingOn: 'Going on', earlier: 'Last 30 days',
  },
  causes: {
    title: 'From cases to causes: proposals', hint: 'What keeps coming about one unit, category or window is put right at its root', none: 'No proposal fits.', noneHint: 'When enough cases of one kind have come, a proposal is made by itself; the coordinators decide about it.',
    state: 'State', open: 'Open', what: 'Problem', unit: 'Responsible unit', cases: 'Cases', due: 'To be put right by', check: 'Check', found: 'Proposed', noDue: 'waits for the calendar', late: 'overdue', round: (n) => `round ${n}`, checkFrom: (t) => `to be checked from ${t}`, matter: 'One matter', window: 'One window',
    states: { proposed: 'To be decided', refused: 'Refused', accepted: 'Accepted', rectifying: 'Being put right', rectified: 'To be checked', closed: 'Closed' },
    acts: { propose: 'Proposed', accept: 'Accept', refuse: 'Refuse', begin: 'Begin', finish: 'It is put right', close: 'Checked: close', reopen: 'Send back' },
    ask: {
      accept: 'Why it is accepted, and what is asked for', refuse: 'Why it is refused', begin: 'What will be done, and which post answers for it', finish: 'What was done, and what keeps it from coming back', close: 'What the check found', reopen: 'What is not put right',
    },
    evidence: 'Evidence', evidenceHint: 'Names and numbers of documents, photographs, records of acceptance, and where they are', by: (who) => who || 'the gateway', evidenceIs: (e) => `Evidence: ${e}`,
    group: (n) => `One matter, ${n} cases`, alone: 'Others of the kind', casesTitle: 'Cases', casesSay: 'Those that you may see; confidential ones are not among them and not counted.', history: 'What was done', since: (n) => (n ? `${n} more of the kind since it was put right` : 'none of the kind since it was put right'), back: 'Common problems', done: 'Stored', steps: 'What may be done', name: (u, c) => `${u}: ${c}`, from: (t) => `counted since ${t}`, noCases: 'There is no case here that you may see.',
  },
};

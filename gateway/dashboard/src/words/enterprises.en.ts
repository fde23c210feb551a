import type { EnterpriseWords } from './enterprises.zh';

export const enterprisesEn: EnterpriseWords = {
  enterprises: {
    desk: 'Enterprises', tabs: { enterprises: 'Visits', policies: 'Policies' },
    lead: 'Who goes to an enterprise enters it first, scans its code on the spot and enters the result; the number of the visit stays with the enterprise, which rates it once. What each had of all units in a month is added up here.',
    month: 'Month', name: 'Enterprise', class: 'Kind', plaque: 'Code', inspections: 'Inspections', services: 'Services', units: 'Units', planned: 'Planned', none: 'No enterprise is in the register.',
    enter: 'Enter a visit', kind: 'Kind', kinds: { inspection: 'Inspection', service: 'Service' }, subject: 'Matter', basis: 'Legal basis', basisHint: 'An inspection names the law it rests on.', day: 'Day',
    visits: 'Visits', noVisits: 'No visits yet.', states: { asked: 'Asked for', planned: 'Planned', arrived: 'On the spot', done: 'Done', cancelled: 'Cancelled' },
    steps: { planned: 'Agree on a day', arrived: 'Scan on the spot', done: 'Enter the result', cancelled: 'Call it off' },
    code: 'Number on the code', codeHint: 'Scan the code on the spot, or type its number.', result: 'Result', reason: 'Reason', unit: 'Unit', unknown: 'not assigned yet', booking: 'the case of the booking', times: (a, b) => `arrived ${a}${b ? `, done ${b}` : ''}`,
    rated: (n) => `rated ${n} of 5`, unrated: 'not rated yet', entered: 'Entered', taken: 'Entered',
    number: 'Leave this number with the enterprise; it is shown once', link: 'or let them open this link', noWindow: 'Your unit has no plaque in use, so this visit cannot be rated.', close: 'Handed over', understood: 'Understood',
  },
  policies: {
    lead: 'For whom, what, until when, whom to ask. Who writes does not publish; what is out of date no longer shows.', write: 'Write a policy', title: 'Title', source: 'Issued by', serial: 'Serial', words: 'What it gives and how to get it', target: 'For', targetHint: 'Which enterprises',
    from: 'In force from', to: 'until', toHint: 'Empty: until it is withdrawn.', unit: 'Ask', none: 'No policies yet.', noneWrite: 'Press “Write a policy” above; a colleague publishes it.', over: 'Out of date',
    targets: { all: 'All', large: 'Larger enterprises', small: 'Small enterprises', individual: 'Self-employed', start_up: 'Start-ups', farm: 'Farms' },
    states: { written: 'Waits for publishing', published: 'Published', refused: 'Not published', withdrawn: 'Withdrawn' }, steps: { published: 'Publish', refused: 'Do not publish', withdrawn: 'Withdraw' },
    added: 'Saved; a colleague publishes it', done: 'Done', valid: (a, b) => (b ? `${a} to ${b}` : `from ${a}`),
  },
};

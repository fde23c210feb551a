import type { PlaqueWords } from './plaques.zh';

export const plaquesEn: PlaqueWords = {
  plaques: {
    title: (n) => `Plaque ${n}`, tabs: { list: 'Register', coverage: 'Coverage and alarms' }, number: 'Number', unit: 'Unit', window: 'Window', state: 'State', place: 'Place', due: 'Next look', lastScan: 'Last scan', never: 'never', marks: 'Marks',
    states: { issued: 'Issued', active: 'In use', retired: 'Out of use', void: 'Void' },
    shows: { never: 'never scanned', due: 'due for a look', trouble: 'with a problem', alarm: 'with an alarm' }, show: 'Only',
    results: { present: 'fine', damaged: 'damaged', missing: 'missing', covered: 'covered by another code', wrong_place: 'wrong place' },
    acts: { issue: 'Issue', activate: 'Activate', place: 'Put up', inspect: 'Inspect', report: 'Reported by the unit', replace: 'Replace', retire: 'Retire', void: 'Void', revoke: 'Revoke the printed code' },
    kinds: { forged: 'Forged code', revoked: 'Revoked code', void: 'Void plaque scanned', retired: 'Retired plaque still scanned', far: 'Sent from far away' },
    isDue: 'due for a look', reported: (what) => `reported: ${what}`, reprint: 'to be reprinted', alarm: (n) => `alarms ${n}`, found: (what) => `found ${what}`,
    none: 'No plaque fits.', issueNew: 'Issue', issueAll: 'Complete all units', issueHint: 'Completing makes one for every unit that has none.', windows: 'Windows', windowsHint: 'One a line, one plaque each; empty: one for the unit itself.', why: 'Reason', whyHint: 'Goes into the record of the plaque.', issuedN: (n) => `${n} issued`,
    print: 'Print', layout: 'Layout', layouts: { 'a4-1': 'A4, one', 'a4-2': 'A4, two', 'a4-4': 'A4, four', 'a4-6': 'A4, six', 'a4-9': 'A4, nine', a5: 'A5, one' }, printAll: 'Print this list', plate: 'Metal plate (SVG)',
    placeHint: 'Floor, wall, beside which counter: so that others find it.', lat: 'Latitude', lon: 'Longitude', pointWrong: 'Latitude and longitude go together, as decimal degrees such as 31.2304 and 121.4737; leave both empty if you do not know.', pointHint: 'Optional, WGS 84 degrees; tells what is sent from far away.', result: 'Result', successor: 'New number', successorHint: 'Empty: a new one is issued.', whyNeeded: 'Reason',
    history: 'Record', console: 'command line', by: 'By', when: 'When', step: 'Step', photo: 'Photo', point: 'Point', key: 'Key version', hung: 'Put up', inspected: 'Last look',
    chart: 'Scans, entries and what was sent, by day', scans: 'Scans', typed: 'Typed', entries: 'Forms opened', sent: 'Sent', day: 'Day', week: 'Week from', few: 'under 5', weeksHint: 'Only weeks that are over and have at least 5, so that nobody can be recognised. Reports are not counted.', noDays: 'No scans yet.', daysHint: 'Numbers alone, no persons: no address, no mark. Reports are not counted.',
    coverage: 'Coverage', covered: 'Units with a plaque', class: 'Class', active: 'In use', missing: 'Units without a plaque', allCovered: 'Every unit that must have one has a plaque.', funnel: 'Last 30 days', alarms: 'Alarms', noAlarms: 'No alarm is open.', count: 'Times', since: 'First', seen: 'Last', settle: 'Settle', note: 'What was found', unknown: 'no such number', keys: 'Keys of the codes', withdrawn: 'withdrawn', version: 'Version', publicPage: 'Public page',
  },
};

import type { Words } from './zh';

import { accountEn } from './account.en';
import { channelsEn } from './channels.en';
import { findEn } from './find.en';
import { ratingsEn } from './ratings.en';
import { plaquesEn } from './plaques.en';
import { scriptEn } from './script.en';
import { loopEn } from './loop.en';
import { enterprisesEn } from './enterprises.en';
import { filesEn } from './files.en';
import { publishEn } from './publish.en';
import { modelsEn } from './models.en';
import { rulesEn } from './rules.en';
import { sealEn } from './seal.en';
import { exportsEn } from './exports.en';
import { entryEn } from './entry.en';
import { seeEn } from './see.en';
import { desksEn } from './desks.en';
import { peopleEn } from './people.en';
import { causesEn } from './causes.en';
import { becauseLine } from './because.en';
import { deadlineLine } from './deadline.en';
import { count } from './plural.en';

export const en: Words = {
  ...loopEn,
  script: scriptEn,
  ...accountEn,
  ...findEn,
  ...channelsEn,
  ...ratingsEn,
  ...plaquesEn,
  ...enterprisesEn,
  ...filesEn,
  ...publishEn,
  ...modelsEn,
  ...rulesEn,
  ...sealEn,
  ...exportsEn,
  ...entryEn,
  ...seeEn,
  ...desksEn,
  ...peopleEn,
  ...causesEn,
  product: 'Mashangdu',
  desk: 'Feedback desk',
  tagline: 'Found, followed up, answered',
  skip: 'Skip to content',
  nav: { cases: 'Cases', back: 'Back to the list', keys: 'Keys', print: 'Print', printedBy: (who, unit, at) => `Printed by ${who}${unit ? ` (${unit})` : ''}, ${at} · internal`, logout: 'Sign out', post: 'Act in another post', password: 'Change password', language: '中文' },
  common: { cancel: 'Cancel', close: 'Close', retry: 'Try again', clear: 'Clear filters', more: 'Show more', loading: 'Loading…', yes: 'yes', none: 'none', all: 'All', choose: 'Please choose', save: 'Save', kind: 'Kind', from: 'From', to: 'To', parts: 'Parts', paper: 'Print (PDF)', newWindow: ' (opens a new window)', tooMany: (n) => `The first ${n} are shown; narrow the range.` },
  door: {
    offline: 'The gateway cannot be reached. Check the network; what you typed is still on the page.',
    timeout: 'The gateway did not answer in time. Try again shortly; what you typed is still on the page.',
    unreadable: (status) => `The gateway's answer could not be read (${status}). Try again shortly.`,
  },
  login: {
    title: 'Sign in', name: 'Account', password: 'Password', submit: 'Sign in', busy: 'Signing in…',
    caps: 'Caps Lock is on',
    over: 'Your session is over, please sign in again. Text not yet submitted is kept.',
    lockedUntil: (time) => `You can try again after ${time}.`,
    help: "Forgot the password? Your unit's administrator can reset it.",
    missing: 'Enter account and password.',
  },
  password: {
    title: 'Change password', forced: 'This is a one-time password. Set your own before you start.',
    old: 'Present password', next: 'New password', repeat: 'New password again', submit: 'Save', hint: 'A few unrelated words in a row are easy to remember and hard to guess.',
    differ: 'The two new passwords differ.', same: 'The new password must not be the present one.', done: 'Password changed.', missing: 'Fill in all three fields.',
  },
  live: {
    live: 'Live', stale: 'Disconnected', polling: 'Polling', late: 'Behind',
    lateBanner: (time) => `Changes could not be fetched yet; this is the picture of ${time}. Trying again…`,
    staleBanner: (time) => `Connection lost; this is the picture of ${time}. Reconnecting…`,
    pollingBanner: (time) => `No live line; refreshed every 10 seconds, last at ${time}.`,
    connecting: 'Connecting…',
    arrived: (n) => (n === 1 ? '1 new case' : `${n} new cases`),
    up: (n) => `${n} new above`,
    upMany: 'New cases above',
  },
  presence: {
    person: (name, unit) => `${name} (${unit})`,
    list: (names) => names.join(', '),
    write: (names, n) => (n > 3 ? `${names} and others (${n}) are answering this case` : n > 1 ? `${names} are answering this case` : `${names} is answering this case`),
    look: (names, n) => (n > 3 ? `${names} and others (${n}) have this case open` : n > 1 ? `${names} have this case open` : `${names} has this case open`),
    alsoWriting: (names) => `Also being filled in by ${names}. Talk first, so that it is not done twice; should the case change before you submit, you will be shown how.`,
  },
  counts: { today: 'Today', triage: 'To triage', held: 'Held', overdue: 'Overdue', alarms: (n) => count(n, 'alarm of a channel', 'alarms of channels'), accounts: (n) => count(n, 'account request', 'account requests') },
  list: {
    title: 'Cases', filters: 'Filters', search: 'Search words or number', nature: 'Nature', unit: 'Unit', category: 'Category', level: 'Level',
    mine: 'Mine', triage: 'To triage only', held: 'Held only', overdue: 'Overdue only', objected: 'Objections only',
    number: 'No.', deadline: 'Deadline', unitShort: 'Unit', urgency: 'Urgency', summary: "Citizen's words (masked)", channel: 'Channel', opened: 'Opened', state: 'State',
    emptyTitle: 'No cases yet', emptyHint: 'What citizens scan, text or say appears here by itself; no need to refresh.',
    outsideTitle: 'Your post sees no cases', outsideHint: 'Administrators run the system and auditors read its log; neither reads what citizens said.',
    emptyFilterTitle: 'No case matches', emptyFilterHint: 'Loosen or clear the filters.',
    end: 'That is all', shown: (n) => `${n} shown`,
    noSummary: '(no words, a rating only)', feedbacks: (n) => count(n, 'feedback'),
    left: 'No longer matches the filters; gone after a refresh',
    new: 'new',
  },
  flags: {
    triage: 'triage', held: 'held', confidential: 'confidential', paused: 'paused', supervised: 'supervised', return_asked: 'return asked', extension_asked: 'extension asked', objected: 'objection',
    round: (n) => `round ${n}`,
  },
  tone: { green: 'on time', yellow: 'due soon', red: 'overdue', none: 'no deadline', paused: 'paused' },
  span: {
    left: (d, h, m) => `${d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : `${m} min`} left`,
    plain: (d, h, m) => (d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : `${m} min`),
    over: (d, h, m) => `${d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : `${m} min`} over`,
  },
  channels: {
    plaque: 'plaque', live: 'live', sms: 'SMS', web: 'web', phone: 'phone', window: 'window', meeting: 'meeting', monitor: 'monitor', open311: 'Open311',
    email: 'e-mail', import: 'import', wechat: 'WeChat',
  },
  natures: {
    rate: 'rating', supervise: 'supervision', report: 'report', complain: 'complaint', appeal: 'appeal', ask: 'question', suggest: 'suggestion',
  },
  states: {
    discovered: 'Found', assigned: 'Assigned', handling: 'In hand', replied: 'Replied', verifying: 'Verifying', closed: 'Closed', declined: 'Declined', merged: 'Merged',
  },
  levels: { '0': '2 working days', '1': '2 hours', '2': '24 hours', '3': '5 working days', '4': '15 working days' },
  urgencies: { 特急: 'emergency', 紧急: 'urgent', 一般: 'normal', 平缓: 'calm' },
  acts: {
    split: 'Split', follow: 'Followed its unit', receive: 'Receive', assign: 'Accept and assign', decline: 'Decline', merge: 'Merge', unmerge: 'Undo merge', sign: 'Sign for', return_ask: 'Ask to return',
    return_grant: 'Grant return', return_refuse: 'Refuse return', co_assign: 'Co-assign', extend_ask: 'Ask for extension', extend_grant: 'Grant extension',
    extend_refuse: 'Refuse extension', pause_ask: 'Ask to pause', pause_grant: 'Grant pause', pause_refuse: 'Refuse pause', resume: 'Resume', reply: 'Reply',
    endorse: 'Endorse', approve: 'Approve', send_back: 'Send back', callback_solved: 'Called back: solved', callback_unsolved: 'Called back: not solved',
    callback_attempt: 'Called back: not reached', confirm_solved: 'Citizen: solved', confirm_unsolved: 'Citizen: not solved', confirm_partly: 'Citizen: partly solved, to be finished', accept_partly: 'Citizen: partly solved, agreed to close', object: 'Citizen: objection', object_reject: 'Objection reviewed: stands', withdraw: 'Citizen: withdrawn', ask: 'Ask the citizen', say: 'Citizen added', note: 'Note',
    callback_refused: 'Called back: refused', propose: 'Rung prepared', overdue: 'Overdue reminder', supervise: 'Supervise', transfer_out: 'Transfer out', reopen: 'Reopen', share: 'Share by name',
  },
  roles: {
    coordinator: 'Coordination', supervisor: 'Supervision', accountability: 'Accountability', registry: 'General office', handler: 'Handler',
    unit_leader: 'Unit leader', callback: 'Callback centre', leader: 'Leader', monitor: 'Monitor', admin: 'System administrator', security: 'Security administrator', auditor: 'Auditor',
  },
  actors: { gateway: 'gateway', router: 'router', clock: 'clock', staff: 'staff', citizen: 'citizen' },
  case: {
    title: (id) => `Case ${id}`,
    words: "The citizen's words", wordsHint: 'Telephone and identity numbers are hidden; nothing else was changed',
    marks: { burst: 'burst at this plaque', number: 'same number, often', same_words: 'same words, often', device: 'one device, often', urgent: 'urgent, let in over a limit' },
    marksHint: 'What the guards noticed when it came; it never stands in the way.',
    noWords: 'No words were left.', place: 'Where:', point: (at, m) => `at ${at}${m ? ` (within about ${m} m)` : ''}`, rating: (n) => `rated ${n} of 5`, plaque: (n) => `plaque ${n}`,
    said: (nature) => `Entry chosen by the citizen: ${nature}`,
    facts: 'Facts', firstUnit: 'First assigned to', story: 'Story', aboutUnit: 'Unit concerned', plaqueUnit: 'Plaque of', opened: 'Opened', assigned: 'Assigned', signed: 'Signed for', replied: 'Replied',
    closed: 'Closed', due: 'Due', dueLines: 'How the deadline came about', round: 'Round', version: 'Version',
    because: (unit) => `Why ${unit}`, wayDraft: 'draft, for a person to confirm', wayUse: 'Tell the citizen so', becauseNobody: 'Why somebody has to decide', rulesVersion: (n) => `Decided by version ${n} of the rules`, modelVersion: (n) => `with version ${n} of the model`, becauseNone: 'No reasons were recorded.', confidence: (percent) => `${percent}% sure`,
    candidates: 'Other candidates', choose: 'Choose', chosen: 'handles it now',
    timeline: 'What was done', public: 'citizen sees this', from: (a, b) => `${a} → ${b}`,
    acts: 'You can', noActs: 'There is nothing for you to do here now.', noActsHint: 'This changes by itself when it is your turn.',
    changedTitle: 'Just changed by somebody else', changedHint: 'What you typed is still here. Look at the change before you submit.',
    changedSubmit: 'Seen it, submit anyway', changedNothing: 'No fact changed, only the version.', changedNotAllowed: 'This act is no longer possible. You can copy what you typed.',
    changedFact: 'What', changedBefore: 'When you opened it', changedNow: 'Now', changedMine: 'you changed it too',
    changedImpossible: (field) => `What was chosen for "${field}" can no longer be used. Choose again.`,
    done: (label) => `Done: ${label}`,
    gone: 'You can no longer see this case.',
    shortcut: 'Back in the list, j / k go on from here.',
  },
  fact: {
    state: 'State', unit: 'Unit', category: 'Category', nature: 'Nature', level: 'Level', due_at: 'Due', paused: 'Paused', rung: 'Supervision', return_asked: 'Return asked',
    extension_asked: 'Extension asked', round: 'Round', triage: 'To triage', held: 'Held', feedbacks: 'Feedbacks',
  },
  gate: {
    title: 'This case is confidential', hint: 'Looking at it is written into the audit log. Say why, for example “checking a lead”.', reason: 'Reason', submit: 'Show', short: 'At least two characters.',
  },
  form: {
    submit: 'Confirm', busy: 'Submitting…', required: 'required', optional: 'optional', missing: (names) => `Still missing: ${names}`,
    nothing: 'Nothing to fill in; just confirm.', danger: 'This cannot be undone. Please read it once more.',
    becomes: (state) => `State afterwards: ${state}`,
    search: 'Type part of a name or short name', noMatch: 'Nothing matches', more: 'Fill in title, text, addressees yourself (else they are proposed)', wipe: 'Empty', takeAway: (name) => `Take away ${name}`,
  },
  fields: {
    unit: 'Unit', category: 'Category', nature: 'Nature should be', urgency: 'Urgency should be', reason: 'Reason', words: 'Words', legal_ground: 'Legal ground', evidence: 'Evidence', rung: 'Rung', rating: 'Rating', way: 'Lawful way', receiver: 'Receiving authority',
    charged_minutes: 'Time in dispute charged to', clock: 'Limit that ran out', letter: 'Letter no.', higher: 'Handled by an organ above', feedback: 'Which reporter was asked', target: 'Main case number', person: 'Staff number', amount: 'Longer by', pause_cause: 'Cause of the pause', until: 'Until',
  },
  fieldHints: {
    reason: 'For those who work on the case; kept in its history.', words: 'The citizen may read this. Plain words; no names or telephone numbers of others.',
    nature: 'Only when the router was wrong; kept for learning, the case keeps the nature it came with.', urgency: 'Only when the router was wrong; an emergency gets the limits of level 1.', way: 'Whom the citizen should turn to, and how, in plain words.', amount: 'Minutes for L1 and L2, else working days; at most the original length.',
    higher: 'Name of the organ above; the unit keeps track', legal_ground: 'Name and article of the regulation.', evidence: 'Name, number or place of each piece, one a line.',
  },
  pauseCauses: { supplement: 'papers to be supplied', appraisal: 'appraisal', hearing: 'hearing' },
  deadlineLine,
  becauseLine,
  clocks: { accept: 'to accept', sign: 'to sign for', handling: 'to handle', review: 'to review', callback: 'to call back' },
  rungs: { '1': 'remind', '2': 'urge', '3': 'letter (yellow)', '4': 'letter (red)', '5': 'announce', '6': 'talk', '7': 'hand over' },
  keys: {
    title: 'Keys', help: 'show this table', back: 'back to the list', fold: 'close the form, leave the field', next: 'next / previous case', open: 'open', search: 'search', select: 'select or deselect', all: 'select all on the page, or none', bulk: 'act on the selected',
    accept: 'accept a candidate', undo: 'take back', merge: 'merge into the likest', apart: 'not the same matter', splitProposed: 'split as proposed', check: 'check one point', column: 'column to the left / right',
    rate: 'how satisfied', answer: 'answer the next question', askBack: 'take the last answer back', phone: 'see the number', solved: 'solved', unsolved: 'not solved', attempt: 'nobody answered', refused: 'refuses to answer',
  },
  notFound: { title: 'No such page', hint: 'The address may be mistyped.' },
};

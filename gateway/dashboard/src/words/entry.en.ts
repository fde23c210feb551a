import type { EntryWords } from './entry.zh';

export const entryEn: EntryWords = {
  entry: {
    title: 'Write down what a citizen says', lead: 'What is said at the window, on the telephone or by letter goes the same way as everything else: stored once, routed, timed; the receipt is for the citizen.',
    way: 'How it came', ways: { visit: 'In person', call: 'By telephone', letter: 'By letter', email: 'By e-mail', meeting: 'At a meeting' }, nature: 'Nature', text: 'What the citizen says', textHint: 'In the citizen’s own words. Numbers may stand there; units see them masked.',
    unit: 'About which unit', unitHint: 'Leave it open when it is not clear.', category: 'Category', categoryHint: 'Leave it open when it is not clear.', place: 'Place', saidOn: 'Said on', saidOnHint: 'Leave it open when it was today.', contact: 'Telephone', contactHint: 'Kept sealed; only callback clerks see it, with a reason. Without it the citizen stays anonymous.',
    name: 'Name of who reports', nameHint: 'Only for a report under the own name; sealed with the words.', send: 'Also send the receipt to this number by SMS', sendNeeds: 'For an SMS a telephone number is needed.', submit: 'Store',
    report: 'This is a report: it is sealed at once. Only the accountability group and the discipline unit can read it; you will not find it again. Do not note it anywhere else and tell nobody.', reportOwn: 'A report about your own unit is not written down here: show the citizen the plaque, or the way to the accountability group.',
    alike: 'May be the same matter', alikeHint: 'Open cases. Whoever says the same again can go on using the first receipt.', alikeOffice: 'Merging is for the coordinating group.', alikeNone: 'No open case is like it.', alikeWait: 'After ten characters, open cases that may be the same stand here.', shared: (words) => `In common: “${words}”`,
    join: 'The same matter: merge', joinOff: 'Do not merge', joinChosen: (id) => `It is merged into case ${id} when it is stored; the citizen still gets the own receipt, and both are told the outcome.`, joinAsk: 'Ask the citizen first, and merge only what is the same matter.',
    joined: 'Merged into case', unjoin: 'Undo merge', unjoinReason: 'Checked after it was written down: not the same matter', unjoined: 'The merge is undone; this one goes its own way.', unjoinOther: 'Is it not the same matter after all, ask the coordinating group to undo the merge.',
    files: 'Pictures, videos', filesHint: 'What the citizen brings or sends, at most 6; what the camera wrote is taken out, the original is kept sealed. With a report they are sealed with the words.', filesMost: 'At most 6 files; the others were not added.', filesOut: 'Leave out', filesLeave: (name) => `Leave out ${name}`, filesBad: 'This file was not taken: leave it out or choose another', filesSize: (mb) => `${mb} MB`,
    slipPdf: 'Slip with a code (PDF)', sent: 'The receipt goes by SMS', by: (way, who, unit, day) => `${way}${day ? ` (${day})` : ''}, written down by ${who}, ${unit}`,
  },
};

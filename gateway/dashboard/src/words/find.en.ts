import type { FindWords } from './find.zh';
import { count } from './plural.en';

export const findEn: FindWords = {
  find: {
    more: 'More filters', fewer: 'Fewer filters', active: 'Filters in force', drop: (what) => `Remove the filter ${what}`,
    channel: 'Channel', colour: 'Colour of the deadline', rung: 'Rung', plaque: 'Number of the plaque', from: 'Taken in from', to: 'to', level: 'Level', sort: 'Order', newest: 'Newest first', due: 'Due soonest first', handler: 'Number of who answered', burst: 'Burst about one place',
    plaqueBad: 'The number of a plaque has only digits.', sortWords: 'Found words stand in the order in which they came.',
    cut: 'There is much of this; it has not been searched to the end.', goOn: 'Search on',
    emptyWords: (q) => `No case holds “${q}”`, emptyWordsHint: 'Try other or fewer words; those of confidential cases are not searched. With blanks between, every word must occur.',
    phone: 'By telephone', phoneLabel: 'Number of the caller (last four digits, or all)', phoneFind: 'Find', phoneHint: 'The number goes into no address; each look-up is written into the log.', phoneLead: (n) => `${n} found by telephone number`, phoneNone: 'No case that you may see has this number', phoneNoneHint: 'Reports, and cases without a number, are not found; numbers from before the upgrade are found whole only.', phoneOver: 'Back to the list', looksLikePhone: 'This looks like a telephone number: use “By telephone”, so that it stays out of the address.',
    selected: (n) => `${n} selected`, selectRow: (id) => `Select case ${id}`, selectAll: 'Select all on the page', unselect: 'Select none', act: 'Act on them', tooMany: 'At most 200 at once.',
  },
  views: {
    title: 'Views', everything: 'All cases', keep: 'Keep as a view', edit: 'Manage views', name: 'Name', nameHint: 'For example: due this week', shared: 'For whom', mine: 'Myself', unit: 'My unit', save: 'Save', saved: 'View kept', changed: 'View changed', gone: 'View removed', none: 'No view yet. Choose filters, then “Keep as a view”.',
    first: 'First', isFirst: 'The list begins with it', notFirst: 'Not first any more', up: 'Up', down: 'Down', rename: 'Rename', remove: 'Remove', update: 'Take the filters in force', by: (who) => `shared by ${who}`, open: (n) => `${n >= 100 ? '100 or more' : n} open`, sure: 'Press again to remove',
  },
  bulk: {
    title: (n) => `Act on ${count(n, 'case')}`, act: 'Act', choose: 'Choose an act', none: 'There is no act that the selected cases could take together.', preview: 'Preview', busy: 'Looking…', run: (n) => `Act on these ${n}`, running: 'Acting, one by one…',
    may: 'Will be done', mayNot: 'Cannot be done', becomes: (state) => `Then: ${state}`, final: 'This act is final; look twice.', canUndo: (act) => `It can be taken back (${act}).`,
    done: (n, of) => `${n} of ${of} done`, failed: (n) => `${n} not done, for these reasons`, undo: 'Take it back', undone: (n) => `${n} taken back`, undoReason: 'Taking back a merge of several', changed: 'Something was changed; preview again.', target: 'Number of the main case', person: 'Number of the person', rung: 'How to remind', rungs: { '1': 'Remind', '2': 'Urge' },
  },
};

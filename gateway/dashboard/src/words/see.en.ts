/* What the overview and the screens of halls say, in English. */
import type { SeeWords } from './see.zh';
import { count } from './plural.en';

export const seeEn: SeeWords = {
  see: {
    tabs: { overview: 'Overview', screens: 'Screens' }, table: 'Table', nothing: 'Nothing in this period.', sum: 'Sum', yours: 'Counts only the cases you may see; a number opens its list',
    period: (a, b, unit) => `${a === b ? a : `${a} to ${b}`}${unit ? ` · ${unit}` : ''}`, now: (unit) => `Open now${unit ? ` · ${unit}` : ''}`,
    last: (n) => (n === 1 ? 'Today' : n === 365 ? 'Last year' : `Last ${n} days`), steps: { hour: 'Hour', day: 'Day', week: 'Week from Monday', month: 'Month' }, by: { day: 'By day', week: 'By week', month: 'By month' }, course: 'Step of the course',
    received: 'Received', closed: 'Closed', closedOf: 'Of these closed', notClosed: 'Not closed', openNow: 'Open now', median: 'Median handling time', p90: 'Nine of ten within', medianFormula: 'Handling time = last answer − first assignment, counted when answered; plain time, with nights, holidays and pauses.',
    inflow: 'Received, by channel', inflowSays: 'Channels in layers; the table has the numbers.', natures: 'By nature', units: 'By handling unit', categories: 'By category', rowSays: 'Bars show closed and not closed; a bar opens its list.', others: (n) => count(n, 'other'),
    words: 'Words of matters', word: 'Word', category: 'Category', people: 'People', times: 'Times', wordSays: 'The larger, the more people; the table lists them.', peopleN: (n) => `${n} people`, wordHint: (n) => `Words of the routing tables, never of citizens; at least ${n} different people behind each, nothing confidential or reported.`, noWords: (n) => `No word has been brought by ${n} people yet.`,
    rates: 'Course of the rates', rateSays: (n) => `A line a rate; points with n under ${n} are left out.`, few: (a, n) => `too few (${a}/${n})`,
    clocks: 'Limits', byAge: 'Open cases by age', byLevel: 'Open cases by level', byUnit: 'Open cases by unit', standSays: 'Bars show over, near, within and without a running limit.', stands: { over: 'Over', near: 'Near (¾ gone)', within: 'Within', none: 'No limit runs' },
    ages: ['under 1 day', '1 to 3 days', '3 to 7 days', '7 to 15 days', '15 to 30 days', 'over 30 days'], handling: 'Handling time',
    places: 'Units and townships', placesHint: 'Colours tell the limits of open cases; a tile opens them', otherUnits: 'Others', unitsN: (n) => `${n}`, tile: (a, n) => `in ${a} · open ${n}`, overN: (n) => `${n} over`, nearN: (n) => `${n} near`, allWithin: 'all within', idleN: (n) => `${n} more without open cases (numbers: received in the period)`,
    picture: 'Time line', pictureSays: (a, b) => `From ${a} to ${b}, a dot for each act; bars are handling, hatching a pause, upright lines limits.`, due: 'Limit', nowMark: 'Now', pausedSpan: 'Paused', waitSpan: 'Waiting for the unit', workSpan: 'Handling', reviewSpan: 'Review and callback',
    screenName: 'Name', screenNameHint: 'Where it hangs, such as “Service hall, ground floor”', pair: 'Make a pairing code', code: 'Pairing code', codeHint: (at, until) => `Open ${at} in the screen's browser and enter these 8 digits; good until ${until}, once.`, slides: 'Slides', seconds: 'Seconds a slide', seen: 'Last seen', pairedAt: 'Paired', away: 'away', revoke: 'Revoke', revoked: 'Revoked', openScreen: 'Open the screen page', noScreens: 'No screen yet. Give a name, make a code, enter it at the screen.',
    slideNames: { today: 'Today and inflow', rates: 'Rates', units: 'Units', words: 'Words', open: 'Published', speak: 'How to speak up' },
    hall: {
      pairTitle: 'Pair this screen', pairHint: 'The leader, the registry or an administrator makes an 8-digit code at “Overview → Screens”.', pairLabel: 'Pairing code', pairButton: 'Pair', connecting: 'Connecting…', stale: (t) => `as of ${t}`, offline: 'The gateway cannot be reached; trying again.',
      days30: 'Last 30 days', todayTitle: 'Today', received_today: 'Received today', closed_today: 'Closed today', open_all: 'Open', late_all: 'Over the limit', daily: 'Received by day', channels: 'Channels', categories: 'What it is about', rates: 'How well it is done', unitsTitle: 'Units', received: 'In', open: 'Open', few: 'under 5', hidden: 'Numbers under 5, or that follow from others, are not shown', noRate: 'too few', tones: { red: 'many over', yellow: 'some near', green: 'fine' },
      words: 'What people talk about', wordHint: 'At least 5 people behind each word', noWords: 'No common matter in the last 30 days', open_: 'Published answers', ranking: 'Satisfied (published)', nothingOpen: 'Nothing published yet', speak: 'Scan and speak up', steps: ['Scan the plaque, or the code here', 'Write what happened; anonymous if you like, with pictures', 'Keep the 16-digit receipt to follow it', 'You judge: not solved means it is done again'], phone: 'Telephone', noApp: 'No app, no account', today: 'today', to: 'to', satisfied: 'satisfied', rated: 'ratings',
    },
  },
};

/* What the desk of ratings says, in English. */
import type { ratingsZh } from './ratings.zh';
export const ratingsEn: typeof ratingsZh = {
  ratings: {
    tabs: { windows: 'Windows', ratings: 'Ratings' }, window: 'Window', unit: 'Unit', plaque: 'Plaque', finished: 'Finished today', rated: 'Rated', none: 'Your unit has no window. Once a plaque is issued and in use its window is here; ask the registry.',
    finish: 'Finished: ask for a rating', matter: 'Number of the matter', matterHint: 'May be left out; the same number counts once', done: 'Finished', again: 'This matter was finished before; nothing was added', alreadyRated: 'It has been rated', toTablet: 'The tablet asks', noTablet: 'No tablet is paired; the citizen may scan this code', link: 'Link for the rating (good for 7 days, once)',
    tablets: 'Tablets', pair: 'Pair a tablet', code: 'Pairing code', codeHint: (t: string) => `Open /kiosk on the tablet and enter the plaque's number and this code. Good until ${t}, once.`, paired: 'The tablet is paired', pairedAt: 'Paired', seenAt: 'Last connected', revoke: 'Let go', revoked: 'Let go', noTablets: 'No tablet is paired.',
    kinds: { once: 'At the window, once each', matter: 'Online, once a matter', open: 'Scanned, of own accord' }, kind: 'Way', level: 'Level', at: 'Time', words: 'Words', reasons: 'Reasons', consent: 'To be followed up', toCase: (id: number) => `Case ${id}`,
    low: 'Only low ones', marked: 'Only those not counted', counted: 'Counted', notCounted: 'Not counted', noRatings: 'No ratings in this time.',
    steps: { generated: 'Made', collected: 'Collected', analysed: 'Analysed', returned: 'Returned' },
    hows: { tablet: 'tablet asked', link: 'link', form: 'form', stored: 'stored', counted: 'counted', marked: 'marked, not counted', unit: 'seen by the unit', case: 'with the case' }, waits: 'waits',
    figures: 'By window', formula: 'Rated of finished = finished matters with a counted rating ÷ finished matters; marked ratings are kept and can be looked at, but do not count', levels: 'Levels (lowest to highest)', rate: 'Rated of finished', of: (a: number, n: number) => `${a} / ${n}`, noRate: 'none finished', markedN: 'Not counted', lowN: 'Low',
  },
};

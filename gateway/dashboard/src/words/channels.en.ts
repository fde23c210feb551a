import type { ChannelWords } from './channels.zh';
import { count } from './plural.en';

export const channelsEn: ChannelWords = {
  channelTabs: { channels: 'Channels', outbox: 'Outbox', exchanges: 'Exchanges', wording: 'Wording' },
  doors: {
    none: 'No channel is configured.', use: { sms: 'SMS', notice: 'Group', webhook: 'Subscriber', mail: 'Mail' },
    state: { good: 'Good', off: 'Switched off', alarm: 'Needs you', pause: 'Paused', unread: 'Unreadable', only: 'Takes in only' },
    unread: 'Its settings were sealed with another master key, or this program does not know its type. Check key_file, or add the channel anew.',
    since: (t) => `since ${t}`, seen: (t) => `last at ${t}`, about: (e) => `about “${e}”`, said: 'Recorded: ',
    alarms: { settings: 'Account, signature, template or address is wrong', money: 'The account is empty', balance: 'Balance below its mark', errors: 'Sendings fail in a row', rate: 'Too fast for the provider', gone: 'The receiver wants nothing more; switched off', decide: 'Outcomes that nobody reported wait for you' },
    todo: {
      settings: 'Read the answer in the exchanges, correct the settings with channel set on the command line, send a test, then send again from the outbox.',
      money: 'Top up the account, send a test, then send again from the outbox. What has a spare channel goes through that already.',
      balance: 'Top up soon: when it is used up nothing goes out.',
      errors: 'Read the last answers in the exchanges; check the network and the provider’s notices. One message is tried from time to time; it goes on by itself when well again.',
      rate: 'It has slowed down by itself. If it happens often, lower the setting rate on the command line.',
      gone: 'Agree with the receiver, then switch it on again.',
      decide: 'See the unknown ones in the outbox: ask the provider, then send again or drop.',
    },
    sent: 'Last sent', came: 'Last came in', never: 'not in the log', failures: 'Failed in a row', paused: 'Paused until', balance: 'Balance', balanceAt: (t) => `asked ${t}`, keys: 'Two keys until', times: (n) => `${n}×`,
    counts: { due: 'due', claimed: 'sending', unknown: 'unknown', dead: 'not sent', failed: 'not delivered' }, waiting: 'Outbox', oldest: (t) => `oldest ${t}`,
    settings: 'Settings', setting: 'Name', value: 'Value', isSet: 'set (secret)', notSet: 'not set', more: 'Show the settings',
    enable: 'Switch on', disable: 'Switch off', sure: 'Pushes of the provider are then refused; what is owed goes through the spare channel or stays in the outbox.', sureYes: 'Switch it off', switched: (name, on) => `${on ? 'Switched on' : 'Switched off'}: ${name}`,
    test: 'Test', testTitle: (name) => `Send a test through ${name}`, testTo: 'To telephone number', testMail: 'To mail address', testMailHint: 'Empty: the receiver in the settings', testGroup: 'It goes to the receiver that this channel is set up for: one sentence that says it is a test.', testSend: 'Send a test',
    testWait: 'In the outbox; waiting for what becomes of it…', testEnd: (state) => `Outcome: ${state}`, then: '; ', testLate: 'No outcome yet; look into the outbox or the exchanges later.',
    log: 'Exchanges', replay: 'Replay', replayTitle: (name) => `Tell ${name} again what happened`, replayHint: 'The receiver knows repeats by the id of the event.', from: 'From', to: 'To (not with)', replaySend: 'Begin', replayBegun: (a, b) => `Replaying events ${a} to ${b}`,
    replays: 'Latest replays', replayLine: (upto, owed) => `up to event ${upto}, ${owed} owed`, running: 'running', ended: (t) => `ended ${t}`,
    console: 'On the server', consoleHint: 'Channels are made, and secrets entered and changed, on the command line alone: no secret passes a browser.', commands: [
      ['mashangdu channel list', 'lists channels, types and the settings of each type'], ['mashangdu channel add NAME --type TYPE --set-file KEY=FILE', 'adds a channel and prints its addresses once; the secret stays in a file, out of the history'],
      ['mashangdu channel set NAME --set KEY=VALUE', 'changes a setting; an empty value takes it away'], ['mashangdu channel rotate-key NAME --keep 24', 'a new address or secret; the one before stays good for 24 hours'],
    ],
  },
  outbox: {
    groups: { attention: 'Needs you', waiting: 'Waiting', settled: 'Settled', all: 'All' }, group: 'State', channel: 'Channel', purpose: 'Purpose', event: 'Wording or event', age: 'Unchanged for', ages: { '1': 'over 1 hour', '24': 'over 1 day', '72': 'over 3 days', '720': 'over 30 days' }, all: 'All',
    states: { due: 'due', claimed: 'sending', sent: 'sent', delivered: 'delivered', failed: 'not delivered', unknown: 'unknown', dead: 'not sent', held: 'held back', dropped: 'dropped' },
    purposes: { answer: 'answer', notice: 'notice', survey: 'survey', staff: 'staff', event: 'event' }, decide: 'decide', urgent: 'urgent', test: 'test message',
    state: 'State', what: 'What', way: 'Channel', tries: 'Tries', times: (n) => `${n}×`, again: (n) => `sent again ${n}×`, why: 'Why, and what to do', at: 'When', number: 'No.', created: 'made', changed: 'changed', due: 'next', insteadOf: (name) => `instead of ${name}`, code: 'provider’s code', theirs: 'provider’s id', emptied: 'emptied',
    explain: 'Where messages went: neither numbers nor words.', unknownHint: 'What is unknown may have arrived: sending it again would nag. Ask the provider first; send again only what did not arrive.',
    none: 'No such messages.', noneBad: 'Nothing needs you.', pick: 'Pick', select: (id) => `Select message ${id}`, selectAll: 'All of this page', selected: (n) => `${n} selected`, redrive: 'Send again', drop: 'Drop', redriveAll: 'Send again by filter', dropAll: 'Drop by filter', log: 'Exchanges',
    redriveTitle: (n) => `Send ${n} again`, dropTitle: (n) => `Drop ${n}`, counting: 'Counting…', matched: (n, most) => `${n} found${n >= most ? ` (at most ${most} at once)` : ''}`, would: (n) => `${n} will be done`,
    not: { gone: (n) => `${n} ${n === 1 ? 'is' : 'are'} gone`, unknown: (n) => `${n} unknown, left out`, empty: (n) => `${n} emptied, cannot go again`, state: (n) => `${n} not in a state for it` },
    evenUnknown: 'Also unknown ones: I asked the provider, they did not arrive', reason: 'Reason', reasonHint: 'Goes into the audit log; no telephone numbers, no words of citizens.', through: 'Through', sameWay: 'the same channel', dropHint: 'It cannot be undone; the words are emptied at once.', confirmRedrive: 'Send again', confirmDrop: 'Drop',
    redriven: (n) => `${n} will go again`, dropped: (n) => `${n} dropped`, nothing: 'There is nothing that can be done.',
  },
  exchanges: {
    channel: 'Channel', what: 'Direction', outcome: 'Outcome', whats: { mo: 'message in', dlr: 'receipt in', send: 'sent', balance: 'balance' },
    outcomes: { ok: 'ok', refused: 'refused', malformed: 'unreadable', too_big: 'too big', unavailable: 'unavailable', retry: 'try later', unknown: 'unknown' },
    none: 'No such exchanges.', hint: 'Secrets, numbers and words are taken out before anything is kept; structure and lengths stay.', request: 'Request', reply: 'Answer', noReply: 'No answer', took: (ms) => `${ms} ms`, items: (n) => count(n, 'item'), message: (id) => `message ${id}`, ofMessage: (id) => `Only message ${id}`, failures: 'Only what failed', number: (id) => `No. ${id}`,
  },
  wording: {
    titles: {
      received: 'Received', received_nowhere: 'Received, no plaque number', received_report: 'A report came: SMS is not confidential', rated: 'Rating received', added: 'Added to the case', status: 'Where it stands', status_answered: 'Where it stands: answered', receipt_wrong: 'Receipt code wrong',
      receipt_missing: 'No receipt code', confirmed_solved: 'Confirmed as solved', confirmed_unsolved: 'Confirmed as not solved', confirm_not: 'Cannot be confirmed now', plaque_only: 'Only a plaque number', nothing_open: 'Nothing to rate', help: 'Help', opted_out: 'Opted out', opted_in: 'Opted in again',
      receipt_copy: 'Receipt code to a number that is not kept', receipts_lost: 'Receipt codes found again', survey_thanks: 'Thanks for the rating', asked: 'The unit asks', answered: 'Answered', extended: 'Extended', paused: 'Paused', resumed: 'Resumed', survey: 'Survey',
      call_greeting: 'Greeting', call_suits: 'Does it suit?', call_matter: 'Which case it is', call_contacted: 'Did the unit get in touch?', call_done: 'Was it done?', call_solved: 'Is it solved?', call_rating: 'How satisfied?', call_demand: 'Anything else?', call_thanks: 'Thanks, how to object', call_farewell: 'Farewell',
      call_nobody: 'If nobody answers', call_wrong: 'If the number is wrong', call_refuses: 'If it is refused', call_beyond: 'If too much is asked', call_angry: 'If somebody is angry', call_danger: 'If a danger is told', call_misconduct: 'If misconduct is told',
    },
    events: 'Wording', purposes: { answer: 'Answers', notice: 'Notices', survey: 'Surveys', call: 'Callback script (read aloud)' }, lang: 'Language', langs: { zh: 'Chinese', en: 'English' }, text: 'Words', params: 'To insert', noParams: 'Nothing can be inserted here.', spoken: 'Read aloud by the clerk, never sent', insert: (title) => `Insert ${title}`, preview: 'Preview', sign: 'The channel puts its signature in front',
    fault: 'Cannot be taken: ', parts: (n) => `${n} SMS`, units: (n, per) => `${n} characters / ${per} each`, septets: (n, per) => `${n} septets / ${per} each`, domestic: 'Domestic rule', gsm: 'GSM rule', version: (n) => `Version ${n}`, delivered: 'as delivered', by: (who, when) => `${who} · ${when}`,
    save: 'Save as a new version', saved: (n) => `Version ${n} is used from the next message on`, same: 'Nothing has changed', changed: 'Somebody changed this wording meanwhile. Below is how it stands now; yours is still in the box and can be saved after a look.', now: 'As it stands now', useNow: 'Give up my change', history: 'Versions', restore: 'Put it into the box', readOnly: 'Your post may read, not change.', badNow: 'The newest version cannot be taken; the one before is in force: ',
    approved: 'These channels send what their provider has approved, not these words:', code: (c) => `template ${c}`, noCode: 'no template: cannot be sent',
  },
};

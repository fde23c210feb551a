import type { SealWords } from './seal.zh';
import { count } from './plural.en';

export const sealEn: SealWords = {
  sealTabs: { reports: 'Reports', keys: 'My key and group keys', recovery: 'Recovery' },
  reports: {
    none: 'No reports.', caption: 'Reports', opened: 'Received', open: (id) => `Open report ${id}`,
    hint: 'Reports are opened in the browser; the gateway and the database hold ciphertext alone. Each opening needs a reason and is logged.',
    noKeys: 'There is no group key and no escrow key yet, so citizens cannot send sealed reports. Make one under “My key and group keys”.',
    owed: (n) => `${count(n, 'message of a report is', 'messages of reports are')} not yet sealed to the group key in force: seal again under “My key and group keys”.`,
    title: (id) => `Report ${id}`, toCase: 'Case page', plain: 'This report was not sent sealed (by SMS, for example); its words are on the case page.', more: 'There is something new.', again: 'Open again',
    panelTitle: 'This report is sealed', panel: 'Only people of the discipline unit and of the accountability group can open it, with keys of their own, on the page of reports. Its words are not shown here.', panelOpen: 'Open it on the page of reports',
    panelOther: 'Its words are nowhere in the system in the clear, and your post cannot open them.',
  },
  talk: {
    title: 'Report and dialogue', from: { reporter: 'Reporter', officer: 'Officer' }, contact: 'Contact', sender: 'Calls themselves', place: 'Place', position: (lat, lon, m) => `${lat} N, ${lon} E${m ? `, within about ${m} m` : ''}`,
    files: 'Files', clean: 'Clean copy (without data of the camera)', original: 'Open the original', originalHint: 'Originals may tell place and device. Open one only when the inquiry needs it.', save: 'Save the original', saveHint: 'Once saved, the system protects it no more: keep it as your rules for secrets say.',
    picture: (n) => `Picture ${n}`, film: (n) => `Video ${n}`, size: (kb) => `${kb} KB`, opening: 'Opening…', noWords: 'No words.', gone: 'Erased by rule.',
    noEnvelope: 'This one is not sealed to a key that you hold. Somebody of your group who can open it seals it again under “My key and group keys”, or the accountability group recovers it.',
  },
  answer: {
    title: 'Answer or ask the reporter', hint: 'The reporter sees it on the status page with the receipt; no message is sent, and your name is not shown.', field: 'To the reporter', who: 'Which reporter', reporter: (n) => `Reporter ${n}`, reads: 'Who can read this:',
    readers: { reporter: 'the reporter (with the receipt)', escrow: 'the two escrow holders together (for recovery alone)' }, group: (title, n) => `${title} (${n} with the key)`,
    send: 'Seal and send', busy: 'Sealing and sending…', done: 'Sent', empty: 'Write something first.',
  },
  lock: {
    open: (n) => `Unlocked, ${n} group ${n === 1 ? 'key' : 'keys'}`, shut: 'Locked', none: 'No key enrolled', now: 'Lock now', title: 'Unlock with your passphrase', field: 'My passphrase', submit: 'Unlock', busy: 'Checking the passphrase…',
    hint: 'The passphrase is used in this browser alone and never sent. After 15 minutes without a touch, or 5 minutes out of sight, the page locks by itself.',
    causes: { idle: 'Locked after 15 minutes without a touch.', hidden: 'Locked after 5 minutes out of sight.', asked: 'Locked.', session: '', left: 'You enrolled a new key elsewhere: unlock with its passphrase.' },
    enrolFirst: 'You have not enrolled a key yet.', enrol: 'Enrol', noGroup: 'You are unlocked, but nobody has given you a group key yet. Somebody of your group who has it presses “Give” under “My key and group keys”.', forgot: 'What if I forgot it',
    spoilt: (n) => `${count(n, 'group key')} ${n === 1 ? 'does' : 'do'} not open: perhaps wrapped for a former key of yours. Ask your group to give it to you again.`,
  },
  sealKeys: {
    title: 'Keys of reports', mine: 'My key', enrolTitle: 'Enrol a key', enrolHint: 'The key is made in this browser and kept only after your passphrase has encrypted it. Nobody can look the passphrase up for you: remember it.',
    passphrase: 'Passphrase', repeat: 'Passphrase once more', rule: 'At least 12 characters; a few unrelated words make a good one. Not the password you sign in with.', submit: 'Make and enrol', busy: 'Making the key…', differ: 'The two passphrases differ.',
    strength: { short: 'Not yet 12 characters', plain: 'Too plain: few different characters, or digits alone', fair: 'Fair; longer is better', good: 'Good' }, strengthLabel: 'Strength', enrolled: (v) => `Enrolled, version ${v}`, enrolDone: 'The key is enrolled.',
    change: 'Change the passphrase', old: 'Present passphrase', next: 'New passphrase', changeSubmit: 'Save the new passphrase', changed: 'The passphrase is changed; the key stays.', sameOne: 'The new passphrase must differ from the present one.',
    lost: 'Forgotten passphrase', lostSteps: ['Nobody can bring the passphrase back, not even an administrator. Enrol a new key below, with a new passphrase.', 'Then somebody of your group who has the group key gives it to you again on this page; earlier reports open at once.', 'If nobody else of the group has it: the accountability group asks the two escrow holders to come, who type their shares on the page “Recovery”, and the group key is wrapped for you.'],
    renew: 'Enrol a new key', renewWarn: 'After that the old passphrase, and group keys wrapped for the old key, are of no use.',
    noKey: 'No group key yet', version: (v) => `Group key, version ${v}`, member: 'Member', enrolledAt: 'Own key', has: 'Group key', yes: 'enrolled', no: 'not enrolled', hasKey: 'has it', hasNot: 'has not', act: 'Action', give: (name) => `Give to ${name}`, given: (name) => `${name} has the group key now`,
    noMembers: 'Nobody is in this group yet.', self: ' (me)', first: 'Make the first group key', rotate: 'Replace the group key', rotateHint: 'When somebody leaves, or a key may be known to others. New reports are sealed to the new key alone; earlier ones are sealed again afterwards. Who gets the new key:', firstHint: 'From then on reports are sealed to this group. Who gets the key:', make: 'Make it', made: (v) => `Group key version ${v} is made`,
    needUnlock: 'Unlock your own key first.', needEnrol: 'Enrol a key of your own first.', owedTitle: 'Sealing again', owed: (n) => `${count(n, 'message is', 'messages are')} sealed to a former group key alone.`, owedNone: 'No report is sealed to a former group key.', rewrap: 'Seal them again', resume: 'Go on', stop: 'Pause', progress: (n, of) => `${n} of ${of} sealed again`, failed: (n) => `${n} could not be opened and were left: no former key, or a damaged envelope.`, rewrapDone: (n) => `Sealed again: ${n}`,
    escrow: 'Escrow key', escrowYes: 'There is one. Two holders have a share each; only both together can recover.', escrowNo: 'There is none. Without it, nobody can open anything once the whole group has forgotten its passphrases. An administrator runs mashangdu seal escrow on the server.',
  },
  recovery: {
    hint: 'For a lost passphrase when nobody else of the group has the key, and for reports that came before there was a group key. Both holders must be here and type their own share; the field is cleared at once, the escrow key lives in the memory of this page alone and is wiped after use.',
    none: 'There is no escrow key, so nothing can be recovered.', reason: 'Reason', reasonShort: 'Say why, in at least two characters.', share: (n) => `Share of holder ${n}`, shareHint: '14 groups of 4 characters; case, blanks and dashes do not matter.', take: 'Take it', taken: (n) => `Share ${n} taken and cleared`, join: 'Make the escrow key', busy: 'Opening…',
    open: 'The escrow key is made', wipe: 'Wipe the escrow key', wiped: 'The escrow key is wiped from memory.', timed: 'Nothing was touched for a while: the escrow key is wiped, please start again.', give: 'Give group keys to', giveHint: 'People who enrolled a key of their own but have no group key.', nobody: 'There is nobody. Who forgot a passphrase enrols a new key first.', giveSubmit: 'Wrap for those chosen', gave: (n) => `Given to ${n}`,
    early: 'Early reports', earlyHint: 'Reports that came before there was a group key are sealed to the escrow key alone; this seals them to the group keys in force.', earlySubmit: 'Seal early reports again', earlyNoGroup: 'There is no group key yet: make one under “My key and group keys”.', unopened: (n) => `${count(n, 'group key does', 'group keys do')} not open: sealed to another escrow key, or damaged.`, done: (n) => `Sealed again: ${n}`,
  },
  sealFaults: {
    passphrase: 'That is not the passphrase. Please try again.', format: 'The stored key is incomplete and cannot be used. Load the page again; if it stays so, enrol a new key.', wrap: 'This group key does not open: it was not wrapped for your present key, or is damaged. Ask your group to give it to you again.', envelope: 'The envelope of this one does not open: it is damaged, or not sealed to this key.', message: 'The ciphertext of this one is damaged or was changed; it cannot be shown.', file: 'The ciphertext of this file is damaged or was changed; it cannot be opened.',
    share_letters: 'The share has a character that never stands in one. Compare it with the paper.', share_length: 'The share is too short or too long: 14 groups of 4 characters.', share_check: 'The check group does not fit: one character is wrong. Compare group by group.', share_same: 'Both are the same share; the other holder’s is needed.', shares: 'The two shares do not make the present escrow key; perhaps one is an old one.', library: 'The cipher library did not load. Check the network and load the page again.',
  },
};

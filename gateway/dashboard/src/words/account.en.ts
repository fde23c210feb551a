import type { accountZh } from './account.zh';

export const accountEn: typeof accountZh = {
  signIn: {
    codeTitle: 'Second step: the code', codeHint: 'Open the authenticator on your telephone and enter the six digits under 码上督.', code: 'Code', recovery: 'Recovery code',
    recoveryHint: 'Enter one of the recovery codes you printed that was not used yet; each counts once.', useRecovery: 'No telephone at hand: use a recovery code', useCode: 'Use the code of the telephone',
    back: 'Sign in as somebody else', submit: 'Verify and sign in', missing: 'Enter the code.', missingRecovery: 'Enter a recovery code.',
    lost: 'Neither telephone nor recovery codes? An administrator can set it back.', or: 'or', byOidc: (name) => `Sign in with ${name}`,
    why: {
      oidc_unknown: 'Your identity has no account here yet. Sign in with name and password, or ask the administrator to connect it.',
      oidc_failed: 'The identity provider did not complete the sign-in. Try once more, or use name and password.',
      login_locked: 'Too many wrong tries; the account is locked for a while. Try again later.',
    },
  },
  account: {
    title: 'My account', forced: 'A second factor is due first (your post asks for one, or yours was set back): set it up below, then you can work.', go: 'All set: go to the desk →',
    factor: 'Second factor', on: 'on', off: 'off', needed: 'needed by your post',
    factorHint: 'Beside the password, signing in asks for six digits from your telephone; who learns your password alone cannot sign in. Any authenticator that knows TOTP will do; it needs no network.',
    onSince: (time) => `On since ${time}; every sign-in asks for a code.`, codesLeft: (n) => (n === 1 ? '1 recovery code is left.' : `${n} recovery codes are left.`),
    begin: 'Set it up', confirm: 'Turn it on', newCodes: 'New recovery codes', turnOff: 'Turn it off', begun2: 'Scan the code with your telephone, then enter the digits',
    go2: { begin: 'Next', codes: 'Make new recovery codes', off: 'Turn the second factor off' },
    password: 'Your password', code: 'Code', codeHint: 'Six digits, new every 30 seconds; none counts twice.', codeOrRecovery: 'Six digits of the telephone, or a recovery code that was not used.',
    needPassword: 'Enter your password.', needCode: 'Enter the code.', isOn: 'The second factor is on', isOff: 'The second factor is off', codesNew: 'The old recovery codes count no more',
    offText: 'After that the password alone is enough.', offNeeded: 'Your post needs one: set it up again at once (on a new telephone, say) to go on working.',
    picture: 'QR code for the authenticator of a telephone', steps: ['Open the authenticator on your telephone and choose to add an account.', 'Scan the code on the left.', 'Enter the six digits it shows below.'], typed: 'If it cannot scan, type this key (shown once; send it to nobody):',
    codesTitle: 'Recovery codes: shown once', codesText: 'Without the telephone, one of these stands in for the code; each counts once. Print them and lock them away; do not keep them on the telephone and send them to nobody.', codesDone: 'I have kept them',
    sessions: 'Where you are signed in', sessionsHint: 'End what you do not know or forgot to leave, and change the password. No address is kept.',
    endsHint: (minutes, time) => `This session ends after ${minutes} minutes without work, and at ${time} at the latest.`,
    device: 'Browser and system', begun: 'Signed in', seen: 'Last used', ends: 'Ends by', end: 'End', endHere: 'ends with Sign out', here: 'this one', byOidc: 'identity provider', unknownDevice: 'Another program',
    endOthers: (n) => (n === 1 ? 'End the other one' : `End the other ${n}`), ended: (n) => (n === 1 ? '1 session ended' : `${n} sessions ended`),
    idleTitle: 'Are you still there?', idleText: (s) => `Nothing was done for long. You will be signed out in ${s} s, so that nobody else reads the cases. Words that were not sent stay.`, idleStay: 'Go on working',
    ending: (time) => `This session ends at ${time}: send what you are writing; you can sign in again right after.`,
  },
};

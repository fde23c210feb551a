import type { FilesWords } from './files.zh';

export const filesEn: FilesWords = {
  files: {
    title: 'Pictures and videos', hint: 'clean copies, without what the camera wrote', photo: (n) => `Picture ${n}`, video: (n) => `Video ${n}`, fromAct: 'evidence of an act', fromCitizen: 'from the reporter', open: 'open large', play: 'play',
    original: 'Read the original', reason: 'Why it is needed', reasonHint: '2 to 500 characters; every look is logged.', get: 'Read', short: 'Please say why.',
    evidence: 'Upload pictures or videos', evidenceHint: 'At most 6; pieces on paper may be named above.', sending: 'Sending…', ready: (n) => n === 1 ? '1 file is there; it goes with this act when you submit.' : `${n} files are there; they go with this act when you submit.`, remove: 'Leave out',
  },
};

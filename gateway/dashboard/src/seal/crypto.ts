/* Every format of sealed reports, in pure functions over libsodium: keys of officers and groups, envelopes, messages,
 * files, escrow shares. Formats and vectors: docs/sealing.md. Called by the key ring and the pages of reports; it never
 * asks the gateway anything and keeps nothing. Callers wipe what they were given; ready() must have been awaited. */
import type sodiumType from 'libsodium-wrappers-sumo';

export type Bytes = Uint8Array;
/* What can be wrong with what was given; the catalogue has a sentence for each. */
export type Fault = 'passphrase' | 'format' | 'wrap' | 'envelope' | 'message' | 'file' | 'share_letters' | 'share_length' | 'share_check' | 'share_same' | 'shares';
export class SealFault extends Error {
  constructor(readonly fault: Fault) { super(fault); }
}

export interface Pair { publicKey: Bytes; secret: Bytes }
/* How an officer's secret was wrapped; binary as base64. */
export interface Kdf { alg: 'argon2id13'; ops: number; mem: number; salt: string }
export interface OfficerKey { public_key: string; wrapped: string; kdf: Kdf }

const KDF = { alg: 'argon2id13', ops: 3, mem: 64 << 20 } as const;
/* More than this a browser does not manage; whoever asks for more wants the page to hang. */
const OPS_MAX = 16;
const MEM_MAX = 1 << 30;
const MESSAGE_VERSION = 1;
const PAD_TO = 1024;
const MESSAGE_AD = 'mashangdu sealed v1';
const FILE_AD = 'mashangdu sealed file v1';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 24;

/* The cipher is half a megabyte: fetched when somebody is about to open or seal, not before the page shows. */
let sodium: typeof sodiumType;
export async function ready(): Promise<void> {
  sodium = (await import('libsodium-wrappers-sumo')).default;
  await sodium.ready;
}
export const wipe = (...all: (Bytes | null | undefined)[]): void => { for (const b of all) b?.fill(0); };

export const toBase64 = (b: Bytes): string => sodium.to_base64(b, sodium.base64_variants.ORIGINAL);
export function fromBase64(text: string): Bytes {
  try {
    return sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
  } catch {
    throw new SealFault('format');
  }
}
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

function joined(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}
const same = (a: Bytes, b: Bytes): boolean => a.length === b.length && sodium.memcmp(a, b);
/* libsodium throws for a wrong key as for wrong bytes. */
function opened(fault: Fault, open: () => Bytes): Bytes {
  try {
    return open();
  } catch (e) {
    if (e instanceof SealFault) throw e;
    throw new SealFault(fault);
  }
}

/* --- keys --- */

export function newPair(): Pair {
  const pair = sodium.crypto_box_keypair();
  return { publicKey: pair.publicKey, secret: pair.privateKey };
}
export function pairOf(secret: Bytes): Pair {
  if (secret.length !== KEY_BYTES) throw new SealFault('format');
  return { publicKey: sodium.crypto_scalarmult_base(secret), secret };
}

function passphraseKey(passphrase: string, kdf: Kdf): Bytes {
  const salt = fromBase64(kdf.salt);
  if (kdf.alg !== KDF.alg || salt.length !== SALT_BYTES || !(kdf.ops >= 1 && kdf.ops <= OPS_MAX) || !(kdf.mem >= 8192 && kdf.mem <= MEM_MAX)) throw new SealFault('format');
  const typed = utf8(passphrase.normalize('NFC'));
  try {
    return sodium.crypto_pwhash(KEY_BYTES, typed, salt, kdf.ops, kdf.mem, sodium.crypto_pwhash_ALG_ARGON2ID13);
  } finally {
    wipe(typed);
  }
}
/* The officer's secret under a passphrase, as the gateway keeps it. Takes about half a second, on purpose. */
export function wrapOfficer(pair: Pair, passphrase: string, salt: Bytes = sodium.randombytes_buf(SALT_BYTES), nonce: Bytes = sodium.randombytes_buf(NONCE_BYTES)): OfficerKey {
  const kdf: Kdf = { ...KDF, salt: toBase64(salt) };
  const key = passphraseKey(passphrase, kdf);
  const box = sodium.crypto_secretbox_easy(pair.secret, nonce, key);
  wipe(key);
  return { public_key: toBase64(pair.publicKey), wrapped: toBase64(joined(nonce, box)), kdf };
}
/* Throws `passphrase` when it is the wrong one. */
export function openOfficer(own: OfficerKey, passphrase: string): Pair {
  const wrapped = fromBase64(own.wrapped);
  const publicKey = fromBase64(own.public_key);
  if (wrapped.length !== NONCE_BYTES + KEY_BYTES + sodium.crypto_secretbox_MACBYTES) throw new SealFault('format');
  const key = passphraseKey(passphrase, own.kdf);
  try {
    const pair = pairOf(opened('passphrase', () => sodium.crypto_secretbox_open_easy(wrapped.subarray(NONCE_BYTES), wrapped.subarray(0, NONCE_BYTES), key)));
    /* The gateway must not be able to show another public key to whom one's own group key is wrapped. */
    if (!same(pair.publicKey, publicKey)) throw new SealFault('format');
    return pair;
  } finally {
    wipe(key);
  }
}

export const SHORTEST_PASSPHRASE = 12;
const FEWEST_DIFFERENT = 5;
export type Strength = 'short' | 'plain' | 'fair' | 'good';
/* A hint while typing, not a proof: length counts most, repeating and rows of digits count little. `short` and `plain`
 * are not taken. */
export function strengthOf(passphrase: string): Strength {
  const letters = [...passphrase.normalize('NFC').trim()];
  if (letters.length < SHORTEST_PASSPHRASE) return 'short';
  if (new Set(letters).size < FEWEST_DIFFERENT || /^[0-9]+$/.test(letters.join(''))) return 'plain';
  const worth = letters.reduce((sum, c, i) => sum + (i > 0 && Math.abs(c.codePointAt(0)! - letters[i - 1].codePointAt(0)!) <= 1 ? 0.3 : c.codePointAt(0)! > 0x2e80 ? 2 : 1), 0);
  return worth >= 18 ? 'good' : 'fair';
}

/* A secret (of a group, or the key of a message) for whoever has the secret of `reader`. */
export function sealFor(secret: Bytes, reader: Bytes): string {
  return toBase64(sodium.crypto_box_seal(secret, reader));
}
/* The group's secret from a wrap made for `own`; `expected`: the public key it must belong to, when it is known. */
export function openWrap(wrapped: string, own: Pair, expected?: string): Pair {
  const bytes = fromBase64(wrapped);
  const pair = pairOf(opened('wrap', () => sodium.crypto_box_seal_open(bytes, own.publicKey, own.secret)));
  if (expected !== undefined && !same(pair.publicKey, fromBase64(expected))) throw new SealFault('wrap');
  return pair;
}
/* The key of a message from its envelope. */
export function openEnvelope(sealed: string, reader: Pair): Bytes {
  const bytes = fromBase64(sealed);
  const key = opened('envelope', () => sodium.crypto_box_seal_open(bytes, reader.publicKey, reader.secret));
  if (key.length !== KEY_BYTES) throw new SealFault('envelope');
  return key;
}
/* The same envelope for another reader. */
export function resealed(sealed: string, from: Pair, to: Bytes): string {
  const key = openEnvelope(sealed, from);
  try {
    return sealFor(key, to);
  } finally {
    wipe(key);
  }
}

/* A text kept for oneself while the keys are locked; '' when it does not open. */
export function sealText(text: string, reader: Bytes): string {
  const bytes = utf8(text);
  const sealed = sealFor(bytes, reader);
  wipe(bytes);
  return sealed;
}
export function openText(sealed: string, reader: Pair): string {
  try {
    return new TextDecoder().decode(sodium.crypto_box_seal_open(fromBase64(sealed), reader.publicKey, reader.secret));
  } catch {
    return '';
  }
}

/* --- messages and files --- */

export type FilePart = 'original' | 'clean' | 'thumb';
export interface SealedFile { hash: string; part: FilePart; of: number; type: string; name?: string; size: number }
export interface Position { lat?: number; lon?: number; accuracy?: number; words?: string }
export interface Message { v: 1; words: string; contact?: string; sender?: string; position?: Position; files?: SealedFile[] }

const isText = (v: unknown): v is string => typeof v === 'string';
function fileOf(v: unknown): SealedFile | null {
  const f = (v ?? {}) as Record<string, unknown>;
  const isGood = isText(f.hash) && /^[0-9a-f]{64}$/.test(f.hash) && (f.part === 'original' || f.part === 'clean' || f.part === 'thumb') && Number.isInteger(f.of) && isText(f.type);
  return isGood ? { hash: f.hash as string, part: f.part as FilePart, of: f.of as number, type: f.type as string, name: isText(f.name) ? f.name : undefined, size: Number(f.size) || 0 } : null;
}
/* What the sealed JSON says, as far as it is of the shape agreed on: it was written by strangers. */
export function messageOf(value: unknown): Message {
  const m = (value ?? {}) as Record<string, unknown>;
  if (typeof value !== 'object' || m.v !== MESSAGE_VERSION || !isText(m.words)) throw new SealFault('message');
  const p = (m.position ?? {}) as Record<string, unknown>;
  const number = (v: unknown) => (typeof v === 'number' ? v : undefined);
  const place: Position = { lat: number(p.lat), lon: number(p.lon), accuracy: number(p.accuracy), words: isText(p.words) ? p.words : undefined };
  const at = (place.lat !== undefined && place.lon !== undefined) || place.words ? place : undefined;
  return {
    v: 1, words: m.words, contact: isText(m.contact) ? m.contact : undefined, sender: isText(m.sender) ? m.sender : undefined, position: at,
    files: Array.isArray(m.files) ? m.files.map(fileOf).filter((f): f is SealedFile => f !== null) : [],
  };
}

/* The body as it is stored, and the key for its envelopes. */
export function sealMessage(message: Message, key: Bytes = sodium.randombytes_buf(KEY_BYTES), nonce: Bytes = sodium.randombytes_buf(NONCE_BYTES)): { body: string; key: Bytes } {
  const padded = sodium.pad(utf8(JSON.stringify(message)), PAD_TO);
  const cipher = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, MESSAGE_AD, null, nonce, key);
  wipe(padded);
  return { body: toBase64(joined(Uint8Array.of(MESSAGE_VERSION), nonce, cipher)), key };
}
export function openMessage(body: string, key: Bytes): Message {
  const bytes = fromBase64(body);
  if (bytes.length < 1 + NONCE_BYTES || bytes[0] !== MESSAGE_VERSION) throw new SealFault('message');
  const padded = opened('message', () => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes.subarray(1 + NONCE_BYTES), MESSAGE_AD, bytes.subarray(1, 1 + NONCE_BYTES), key));
  try {
    return messageOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(sodium.unpad(padded, PAD_TO))));
  } catch {
    throw new SealFault('message');
  } finally {
    wipe(padded);
  }
}
/* `hash`: what the message says the stored bytes are; another file of the same message must not pass for it. */
export function openFile(stored: Bytes, key: Bytes, hash: string): Bytes {
  if (stored.length < NONCE_BYTES || sodium.to_hex(sodium.crypto_hash_sha256(stored)) !== hash) throw new SealFault('file');
  return opened('file', () => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, stored.subarray(NONCE_BYTES), FILE_AD, stored.subarray(0, NONCE_BYTES), key));
}

/* --- escrow shares --- */

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const SHARE_LETTERS = 52; /* 256 bits, five a letter; the last four are zero */
const CHECK_LETTERS = 4;
export type ShareNumber = 1 | 2;
export interface Share { number: ShareNumber; bytes: Bytes }

/* What a holder's paper shows: groups of four, the last one the check. */
export function lettersOf(bytes: Bytes, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let bit = i * 5; bit < i * 5 + 5; bit++) value = value << 1 | (bit >> 3 < bytes.length ? bytes[bit >> 3] >> (7 - (bit & 7)) & 1 : 0);
    text += LETTERS[value];
  }
  return text;
}
function checkOf(share: Bytes, number: ShareNumber): string {
  return lettersOf(sodium.crypto_generichash(32, joined(utf8(`mashangdu escrow share ${number}`), share), null), CHECK_LETTERS);
}
export function shareText(share: Share): string {
  return (lettersOf(share.bytes, SHARE_LETTERS) + checkOf(share.bytes, share.number)).replace(/(.{4})(?=.)/g, '$1-');
}
/* A share as a holder types it: case, blanks and dashes do not matter, and letters that look like digits are taken for them. */
export function shareOf(typed: string): Share {
  const text = typed.normalize('NFKC').toLowerCase().replace(/[\s\-–—]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  if ([...text].some((c) => !LETTERS.includes(c))) throw new SealFault('share_letters');
  if (text.length !== SHARE_LETTERS + CHECK_LETTERS) throw new SealFault('share_length');
  const bytes = new Uint8Array(KEY_BYTES);
  let bits = 0;
  let have = 0;
  let at = 0;
  for (const c of text.slice(0, SHARE_LETTERS)) {
    bits = (bits << 5 | LETTERS.indexOf(c)) & 0xfff;
    have += 5;
    if (have >= 8) {
      have -= 8;
      if (at < KEY_BYTES) bytes[at++] = bits >> have & 0xff;
    }
  }
  const check = text.slice(SHARE_LETTERS);
  const number = ([1, 2] as const).find((n) => checkOf(bytes, n) === check);
  if (number === undefined || (bits & (1 << have) - 1) !== 0) {
    wipe(bytes);
    throw new SealFault('share_check');
  }
  return { number, bytes };
}
/* Both shares make the escrow secret; it must belong to the public key that the gateway names. Wipes the shares. */
export function joinShares(a: Share, b: Share, publicKey: string): Pair {
  if (a.number === b.number) throw new SealFault('share_same');
  const secret = a.bytes.map((byte, i) => byte ^ b.bytes[i]);
  wipe(a.bytes, b.bytes);
  const pair = pairOf(secret);
  if (same(pair.publicKey, fromBase64(publicKey))) return pair;
  wipe(secret);
  throw new SealFault('shares');
}

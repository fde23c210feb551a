import sodium from 'libsodium-wrappers-sumo';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fromBase64, joinShares, messageOf, newPair, openEnvelope, openFile, openMessage, openOfficer, openWrap, pairOf, ready, resealed, sealFor, sealMessage, SealFault, shareOf, shareText,
  strengthOf, toBase64, wrapOfficer, type Share,
} from '../src/seal/crypto';

beforeAll(ready);
const faultOf = (f: () => unknown): string => {
  try {
    f();
  } catch (e) {
    return e instanceof SealFault ? e.fault : String(e);
  }
  return 'none';
};
const spoilt = (text: string, at = -1): string => {
  const b = fromBase64(text);
  b[at < 0 ? b.length + at : at] ^= 1;
  return toBase64(b);
};
const counting = (n: number, from = 0) => Uint8Array.from({ length: n }, (_, i) => from + i);

describe('the officer’s key', () => {
  const pair = { publicKey: new Uint8Array(), secret: new Uint8Array() };
  beforeAll(() => Object.assign(pair, pairOf(counting(32, 1))));
  it('opens with its passphrase alone', () => {
    const own = wrapOfficer(pair, '四月的雨下在屋顶上 42');
    expect(own.kdf).toMatchObject({ alg: 'argon2id13', ops: 3, mem: 67108864 });
    expect(openOfficer(own, '四月的雨下在屋顶上 42').secret).toEqual(pair.secret);
    expect(faultOf(() => openOfficer(own, '四月的雨下在屋顶上 43'))).toBe('passphrase');
    expect(faultOf(() => openOfficer({ ...own, wrapped: spoilt(own.wrapped) }, '四月的雨下在屋顶上 42'))).toBe('passphrase');
    expect(faultOf(() => openOfficer({ ...own, public_key: toBase64(newPair().publicKey) }, '四月的雨下在屋顶上 42'))).toBe('format');
    expect(faultOf(() => openOfficer({ ...own, kdf: { ...own.kdf, mem: 2 ** 33 } }, 'x'))).toBe('format');
  });
  it('does not care how an accent is composed', () => {
    const own = wrapOfficer(pair, 'caf\u00e9 au lait noir');
    expect(openOfficer(own, 'cafe\u0301 au lait noir').secret).toEqual(pair.secret);
  });
  it('is wrapped again under another passphrase, the key staying', () => {
    const first = wrapOfficer(pair, 'first passphrase 1');
    const second = wrapOfficer(openOfficer(first, 'first passphrase 1'), 'second passphrase 2');
    expect(second.public_key).toBe(first.public_key);
    expect(faultOf(() => openOfficer(second, 'first passphrase 1'))).toBe('passphrase');
    expect(openOfficer(second, 'second passphrase 2').secret).toEqual(pair.secret);
  });
  it('takes no passphrase that is easily guessed', () => {
    expect([strengthOf('四月的雨'), strengthOf('aaaaaaaaaaaaaaaa'), strengthOf('201812251990'), strengthOf('abcdefghijklmn'), strengthOf('correct horse battery'), strengthOf('四月的雨下在旧瓦屋顶上')]).toEqual(['short', 'plain', 'plain', 'fair', 'good', 'short']);
    expect(strengthOf('四月的雨下在旧瓦的屋顶上呀')).toBe('good');
  });
});

describe('a group’s key', () => {
  it('reaches who it was wrapped for, and nobody else', () => {
    const [group, anna, boris] = [newPair(), newPair(), newPair()];
    const wrap = sealFor(group.secret, anna.publicKey);
    expect(fromBase64(wrap).length).toBe(80);
    expect(openWrap(wrap, anna, toBase64(group.publicKey)).secret).toEqual(group.secret);
    expect(faultOf(() => openWrap(wrap, boris))).toBe('wrap');
    expect(faultOf(() => openWrap(wrap, anna, toBase64(boris.publicKey)))).toBe('wrap');
    expect(faultOf(() => openWrap('%%%', anna))).toBe('format');
  });
});

describe('a message', () => {
  it('is padded, opens by its envelope, and again after the group’s key was changed', () => {
    const [old, fresh] = [newPair(), newPair()];
    const { body, key } = sealMessage({ v: 1, words: '他收了红包。' });
    expect((fromBase64(body).length - 1 - 24 - 16) % 1024).toBe(0);
    expect(fromBase64(sealMessage({ v: 1, words: '' }).body).length).toBe(fromBase64(body).length);
    const envelope = sealFor(key, old.publicKey);
    const again = resealed(envelope, old, fresh.publicKey);
    expect(openMessage(body, openEnvelope(again, fresh)).words).toBe('他收了红包。');
    expect(faultOf(() => openEnvelope(again, old))).toBe('envelope');
    expect(faultOf(() => openEnvelope(spoilt(envelope), old))).toBe('envelope');
    expect(faultOf(() => openMessage(spoilt(body), key))).toBe('message');
    expect(faultOf(() => openMessage(spoilt(body, 0), key))).toBe('message');
    expect(faultOf(() => openMessage('AQ==', key))).toBe('message');
  });
  it('is read no further than its shape goes', () => {
    const hash = 'a'.repeat(64);
    expect(messageOf({ v: 1, words: 'x', contact: 7, position: { lat: '1' }, files: [{ hash, part: 'clean', of: 0, type: 'image/jpeg', size: 3 }, { hash: '../x', part: 'clean', of: 0, type: 'image/jpeg' }] })).toEqual(
      { v: 1, words: 'x', contact: undefined, sender: undefined, position: undefined, files: [{ hash, part: 'clean', of: 0, type: 'image/jpeg', name: undefined, size: 3 }] });
    expect(faultOf(() => messageOf({ v: 2, words: 'x' }))).toBe('message');
    expect(faultOf(() => messageOf(null))).toBe('message');
  });
  it('has files that cannot be taken for each other', () => {
    const key = counting(32, 7);
    const nonce = counting(24, 3);
    const stored = new Uint8Array([...nonce, ...sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(counting(50), 'mashangdu sealed file v1', null, nonce, key)]);
    const hash = sodium.to_hex(sodium.crypto_hash_sha256(stored));
    expect(openFile(stored, key, hash)).toEqual(counting(50));
    expect(faultOf(() => openFile(stored, key, hash.replace(/^./, (c) => (c === '0' ? '1' : '0'))))).toBe('file');
    expect(faultOf(() => openFile(stored, counting(32), hash))).toBe('file');
    expect(faultOf(() => openFile(stored.subarray(0, 10), key, hash))).toBe('file');
  });
});

describe('escrow shares', () => {
  it('make the secret together, however they are typed', () => {
    const escrow = newPair();
    const one: Share = { number: 1, bytes: sodium.randombytes_buf(32) };
    const two: Share = { number: 2, bytes: escrow.secret.map((b, i) => b ^ one.bytes[i]) };
    const [a, b] = [shareText(one), shareText(two)];
    expect(a).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){13}[0-9a-hjkmnp-tv-z]{4}$/);
    const typed = shareOf(` ${a.toUpperCase().replace(/-/g, ' ').replace(/0/g, 'O').replace(/1/g, 'l')} `);
    expect(typed).toEqual(one);
    const publicKey = toBase64(escrow.publicKey);
    expect(joinShares(shareOf(b), typed, publicKey).secret).toEqual(escrow.secret);
    expect([...typed.bytes].every((x) => x === 0)).toBe(true);
    expect(faultOf(() => joinShares(shareOf(a), shareOf(a), publicKey))).toBe('share_same');
    expect(faultOf(() => joinShares(shareOf(a), shareOf(b), toBase64(newPair().publicKey)))).toBe('shares');
    expect(faultOf(() => shareOf(a.slice(0, -1)))).toBe('share_length');
    expect(faultOf(() => shareOf(a.replace(/^./, (c) => (c === '7' ? '8' : '7'))))).toBe('share_check');
    expect(faultOf(() => shareOf(a.replace(/^./, 'u')))).toBe('share_letters');
  });
});

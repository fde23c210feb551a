import sodium from 'libsodium-wrappers-sumo';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  fromBase64, joinShares, messageOf, newPair, openEnvelope, openFile, openMessage, openOfficer, openWrap, pairOf, ready, resealed, sealFor, sealMessage, SealFault, shareOf, shareText,
  strengthOf, toBase64, wrapOfficer, type Share,
} from '../src/seal/crypto';

/* Argon2id costs what it costs, more on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });
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

/* Fixed numbers: the first three are those of tests/unit/test_seal.c, so that browser and gateway cannot drift apart. */
describe('the formats', () => {
  const hex = (text: string) => sodium.from_hex(text);
  it('of shares are those that the gateway prints', () => {
    for (const [number, bytes, written] of [
      [1, '0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186', '1cr5-aymz-rkmg-wctr-fphc-fv0h-6sdr-19ea-xwa3-jqm3-n36z-45sw-c630-r2vs'],
      [2, '163b6085aacff4193e6388add2f71c41668bb0d5fa1f44698eb3d8fd22476c91', '2rxp-11da-szt1-jfk3-h2px-5xrw-85k8-qc6n-z8fm-8tce-pfcf-t8j7-dj8g-aqt7'],
    ] as const) {
      expect(shareText({ number, bytes: hex(bytes) })).toBe(written);
      expect(shareOf(written)).toEqual({ number, bytes: hex(bytes) });
    }
    expect(shareOf('ICR5 AYMZ RKMG WCTR FPHC FVOH 6SDR L9EA XWA3 JQM3 N36Z 45SW C63O R2VS').number).toBe(1);
  });
  it('of envelopes and files are those that the gateway makes', () => {
    const seed = sodium.crypto_pwhash(32, '0517509392872859', counting(16, 200), 2, 64 << 20, sodium.crypto_pwhash_ALG_ARGON2ID13);
    const pair = sodium.crypto_box_seed_keypair(seed);
    expect(sodium.to_hex(pair.publicKey)).toBe('98fdea89679589c8f614e7b23df1127a0e514c9113cb6cedd3bd440f0204183b');
    const envelope = toBase64(hex('26539825cab816cbd5434a63a17581fb0ae99f2959e3aaf8831178698ac0653e8bfbf367a4866e81d73cdf071f206147ff41c1e566594d56a86ba399d51ca01b0d5a1eb0c01c281264a31a2b592981f1'));
    const key = openEnvelope(envelope, { publicKey: pair.publicKey, secret: pair.privateKey });
    expect(key).toEqual(counting(32));
    const stored = hex('6465666768696a6b6c6d6e6f707172737475767778797a7b99fd66544498fb536d6c5404af45ee0ca68fff3ecac2');
    expect(new TextDecoder().decode(openFile(stored, key, sodium.to_hex(sodium.crypto_hash_sha256(stored))))).toBe('原件');
  });
  it('of officers’ keys and of bodies stay what they were', () => {
    const own = wrapOfficer(pairOf(counting(32, 1)), '四月的雨下在屋顶上 42', counting(16, 40), counting(24, 60));
    expect(own.wrapped).toBe('PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVBWtH8hT6901oA/jm7oQUu/Bs26+JwfsuJ8jwJrRNp4DOloAsNfgFf7k6F4TzdlB');
    const { body } = sealMessage({ v: 1, words: '他收了红包。' }, counting(32), counting(24, 90));
    expect([fromBase64(body).length, sodium.to_hex(sodium.crypto_hash_sha256(fromBase64(body)))]).toEqual([1065, 'f6e7fdd0867883df616ed183b8f8d84eaa5f996151f12cc2aa0bc3cd7fd8677c']);
  });
});

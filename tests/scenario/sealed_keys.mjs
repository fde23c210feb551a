// An officer's browser in node: keys, wraps and envelopes as docs/sealing.md says, with libsodium alone and none of the product's code.
import assert from 'node:assert/strict'
import sodium from 'libsodium-wrappers-sumo'

await sodium.ready
export { sodium }
const STANDARD = sodium.base64_variants.ORIGINAL
export const b64 = (bytes) => sodium.to_base64(bytes, STANDARD)
export const bytes = (text) => sodium.from_base64(text, STANDARD)
const AD = 'mashangdu sealed v1', FILE_AD = 'mashangdu sealed file v1'

export function openBody(body, key) {
  assert.equal(body[0], 1)
  const plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, body.subarray(25), AD, body.subarray(1, 25), key)
  assert.equal(plain.length % 1024, 0)
  return JSON.parse(sodium.to_string(sodium.unpad(plain, 1024)))
}
export const openFile = (stored, key) =>
  sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, stored.subarray(24), FILE_AD, stored.subarray(0, 24), key)
export function sealBody(said, key) {
  const nonce = sodium.randombytes_buf(24)
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sodium.pad(sodium.from_string(JSON.stringify(said)), 1024), AD, null, nonce, key)
  return Uint8Array.from([1, ...nonce, ...box])
}
export function reporterOf(receipt, salt) {
  const seed = sodium.crypto_pwhash(32, receipt, salt, 2, 64 << 20, sodium.crypto_pwhash_ALG_ARGON2ID13)
  return sodium.crypto_box_seed_keypair(seed)
}

/** A share as printed -> 32 bytes; wants the check group to be right. */
export function share(which, typed) {
  const letters = '0123456789abcdefghjkmnpqrstvwxyz'
  const all = typed.replace(/[- \n]/g, '')
  assert.equal(all.length, 56)
  const bits = [...all.slice(0, 52)].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('')
  assert.match(bits.slice(256), /^0*$/)
  const out = Uint8Array.from({ length: 32 }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2))
  const hash = sodium.crypto_generichash(32, Uint8Array.from([...sodium.from_string(`mashangdu escrow share ${which}`), ...out]))
  const first = [...hash.subarray(0, 3)].map((b) => b.toString(2).padStart(8, '0')).join('').slice(0, 20)
  assert.equal(all.slice(52), first.match(/.{5}/g).map((b) => letters[parseInt(b, 2)]).join(''))
  return out
}
export const shareIn = (file) => file.match(/(?:[0-9a-z]{4}-){13}[0-9a-z]{4}/)[0]
export function escrowOf(one, two) {
  const secret = one.map((b, i) => b ^ two[i])
  return { secret, publicKey: sodium.crypto_scalarmult_base(secret) }
}

/** An officer at the desk: signed in as `person` (harness), with a passphrase of the own. */
export class Officer {
  constructor(person) { this.person = person }

  async desk() { return this.person.get('/seal') }
  async call(method, path, body, status) {
    const a = await this.person.call(method, path, body)
    assert.equal(a.status, status, `${method} ${path}: ${a.status} ${a.text}`)
    return a.json
  }

  async enrol(passphrase) {
    this.key = sodium.crypto_box_keypair()
    await this.wrapOwn(passphrase)
  }
  async wrapOwn(passphrase) {
    const salt = sodium.randombytes_buf(16), ops = 3, mem = 64 << 20, nonce = sodium.randombytes_buf(24)
    const under = sodium.crypto_pwhash(32, passphrase.normalize('NFC'), salt, ops, mem, sodium.crypto_pwhash_ALG_ARGON2ID13)
    const wrapped = Uint8Array.from([...nonce, ...sodium.crypto_secretbox_easy(this.key.privateKey, nonce, under)])
    await this.call('PUT', '/seal/me', { public_key: b64(this.key.publicKey), wrapped: b64(wrapped), kdf: { alg: 'argon2id13', ops, mem, salt: b64(salt) } }, 204)
  }
  /** Forgets everything and comes back with the passphrase alone. */
  async unlock(passphrase) {
    const { me } = await this.desk()
    const under = sodium.crypto_pwhash(32, passphrase.normalize('NFC'), bytes(me.kdf.salt), me.kdf.ops, me.kdf.mem, sodium.crypto_pwhash_ALG_ARGON2ID13)
    const wrapped = bytes(me.wrapped)
    const privateKey = sodium.crypto_secretbox_open_easy(wrapped.subarray(24), wrapped.subarray(0, 24), under)
    this.key = { publicKey: bytes(me.public_key), privateKey }
  }

  /** A new version of the group's key, wrapped to everybody who is enrolled. */
  async makeGroup(name) {
    const desk = await this.desk(), group = desk.groups.find((g) => g.name === name)
    const key = sodium.crypto_box_keypair()
    const to = group.members.filter((m) => m.enrolled)
    return this.call('POST', `/seal/groups/${name}`, {
      public_key: b64(key.publicKey),
      wraps: to.map((m) => ({ staff_id: m.staff_id, wrapped: b64(sodium.crypto_box_seal(key.privateKey, bytes(m.public_key))) })),
      escrow: desk.escrow ? b64(sodium.crypto_box_seal(key.privateKey, bytes(desk.escrow.public_key))) : null }, 201)
  }

  /** key_id -> secret of a group key that is wrapped to me. */
  async secrets() {
    const desk = await this.desk()
    return new Map(desk.wraps.map((w) => {
      const privateKey = sodium.crypto_box_seal_open(bytes(w.wrapped), this.key.publicKey, this.key.privateKey)
      return [w.key_id, { privateKey, publicKey: sodium.crypto_scalarmult_base(privateKey) }]
    }))
  }

  /** The messages of a case as plain objects, with K of each. */
  async open(id, reason, secrets) {
    secrets ??= await this.secrets()
    const talk = await this.call('POST', `/cases/${id}/sealed`, { reason }, 200)
    const messages = talk.messages.map((m) => {
      const e = m.envelopes.find((x) => secrets.has(x.key_id))
      assert.ok(e, `no envelope of message ${m.id} for my keys`)
      const mine = secrets.get(e.key_id)
      const key = sodium.crypto_box_seal_open(bytes(e.sealed), mine.publicKey, mine.privateKey)
      return { ...m, key, said: openBody(bytes(m.body), key) }
    })
    return { ...talk, messages }
  }

  async say(id, reporter, words, key = `say-${Math.random().toString(36).slice(2)}`, status = 201) {
    const desk = await this.desk(), k = sodium.randombytes_buf(32)
    const readers = [...desk.groups.map((g) => g.key).filter(Boolean), ...(desk.escrow ? [desk.escrow] : [])]
    return this.call('POST', `/cases/${id}/sealed/say`, {
      feedback: reporter.feedback, key, body: b64(sealBody({ v: 1, words }, k)),
      envelopes: [...readers.map((r) => ({ key_id: r.id, sealed: b64(sodium.crypto_box_seal(k, bytes(r.public_key))) })),
        { reporter: true, sealed: b64(sodium.crypto_box_seal(k, bytes(reporter.public_key))) }] }, status)
  }

  /** Makes all envelopes again that are owed; returns how many. held: the escrow key, opened by two shares. */
  async rewrap(held) {
    let stored = 0, next = 0
    const secrets = held ? undefined : await this.secrets(), desk = await this.desk()
    const current = new Map(desk.groups.filter((g) => g.key).map((g) => [g.key.id, bytes(g.key.public_key)]))
    do {
      const page = await this.person.get(`/seal/envelopes?after=${next}${held ? '&escrow=1' : ''}`)
      const again = page.envelopes.map((e) => {
        const from = held ? { publicKey: held.publicKey, privateKey: held.secret } : secrets.get(e.key_id)
        const k = sodium.crypto_box_seal_open(bytes(e.sealed), from.publicKey, from.privateKey)
        return { message: e.message, key_id: e.to, sealed: b64(sodium.crypto_box_seal(k, current.get(e.to))) }
      })
      if (again.length) stored += (await this.call('POST', '/seal/envelopes', { envelopes: again }, 200)).stored
      next = page.next
    } while (next)
    return stored
  }
}

// The public log as somebody outside checks it: RFC 6962 and RFC 8032 from their texts, with nothing of the program. Used by
// the scenarios of the ledger.
import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'

export const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
export const unhex = (s) => {
  assert.match(s, /^([0-9a-f]{2})*$/)
  return Buffer.from(s, 'hex')
}
export const i64 = (v) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(v)); return b }
export const text = (t) => {
  if (t === null) return Buffer.from('ffffffff', 'hex')
  const bytes = Buffer.from(t), n = Buffer.alloc(4)
  n.writeUInt32BE(bytes.length)
  return Buffer.concat([n, bytes])
}

// --- the tree, RFC 6962 §2.1 ---

export const leafOf = (data) => sha(Buffer.from([0]), data)
export const parentOf = (left, right) => sha(Buffer.from([1]), left, right)
/** The largest power of two below n. */
const cut = (n) => { let k = 1; while (k * 2 < n) k *= 2; return k }

/** MTH over leaf hashes; `made` collects the roots of complete subtrees as "level/index". */
export function rootOf(leaves, made, start = 0) {
  if (leaves.length === 0) return sha()
  const k = cut(leaves.length)
  const root = leaves.length === 1 ? leaves[0]
    : parentOf(rootOf(leaves.slice(0, k), made, start), rootOf(leaves.slice(k), made, start + k))
  const level = Math.log2(leaves.length)
  if (made && level > 0 && Number.isInteger(level)) made.set(`${level}/${start / leaves.length}`, root)
  return root
}

/** The root that an audit path leads to (§2.1.1, read backwards). */
export function rootByPath(leaf, index, size, path) {
  assert.ok(index < size, 'the leaf is in the tree')
  if (size === 1) {
    assert.equal(path.length, 0, 'the path ends at the leaf')
    return leaf
  }
  assert.ok(path.length > 0, 'the path is long enough')
  const k = cut(size), last = path.at(-1), rest = path.slice(0, -1)
  return index < k ? parentOf(rootByPath(leaf, index, k, rest), last) : parentOf(last, rootByPath(leaf, index - k, size - k, rest))
}

/** Both roots that a consistency proof leads to (§2.1.2, read backwards): [old, new]. */
export function rootsByConsistency(first, second, path, oldRoot) {
  const sub = (m, n, whole, p) => {
    if (m === n) {
      if (whole) { assert.equal(p.length, 0); return [oldRoot, oldRoot] }
      assert.equal(p.length, 1)
      return [p[0], p[0]]
    }
    const k = cut(n), last = p.at(-1), rest = p.slice(0, -1)
    assert.ok(last, 'the proof is long enough')
    if (m <= k) {
      const [o, w] = sub(m, k, whole, rest)
      return [o, parentOf(w, last)]
    }
    const [o, w] = sub(m - k, n - k, false, rest)
    return [parentOf(last, o), parentOf(last, w)]
  }
  return sub(first, second, true, path)
}

// --- heads ---

const ed25519 = (raw) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' })
export const headBytes = (head) => Buffer.concat([Buffer.from('msd tree head v1\n'), i64(head.size), i64(head.at_us), unhex(head.root)])
export function assertSigned(head, publicKey) {
  assert.equal(unhex(head.signature).length, 64)
  assert.ok(verify(null, headBytes(head), ed25519(unhex(publicKey)), unhex(head.signature)), 'the head is signed by the key')
}

// --- the proof that a citizen takes home ---

const keysOf = (object, names) => assert.deepEqual(Object.keys(object), names)

/** Throws unless every part of the file fits every other, the citizen's words and the published key. */
export function assertProof(bytes, { words, publicKey }) {
  const f = JSON.parse(bytes)
  keysOf(f, ['mashangdu_proof', 'case', 'acts', 'feedback', 'leaves', 'head', 'public_key'])
  assert.equal(f.mashangdu_proof, 1)
  assert.equal(f.public_key, publicKey)
  assertSigned(f.head, f.public_key)
  assert.ok(f.acts.length > 0)
  f.acts.forEach((a, i) => {
    assert.equal(a.version, i + 1)
    assert.equal(unhex(a.hash).length, 32)
    if (!('act' in a)) { keysOf(a, ['version', 'hash']); return }
    keysOf(a, ['version', 'hash', 'previous', 'at_us', 'act', 'actor', 'from', 'to', 'who', 'words', ...('text' in a ? ['text'] : [])])
    assert.equal(a.previous, i ? f.acts[i - 1].hash : null)
    const own = sha(Buffer.from('msd act v1\n'), i ? unhex(a.previous) : Buffer.alloc(32), i64(f.case), i64(a.version), i64(a.at_us),
      text(a.act), text(a.actor), text(a.from), text(a.to), unhex(a.who), unhex(a.words))
    assert.equal(own.toString('hex'), a.hash, 'the act is what was recorded')
    if (!a.text) return
    keysOf(a.text, ['salt', 'reason', 'words', 'data'])
    assert.equal(sha(Buffer.from('msd words v1\n'), unhex(a.text.salt), text(a.text.reason), text(a.text.words), text(a.text.data)).toString('hex'),
      a.words, 'the text is what was recorded')
  })
  const said = f.feedback
  keysOf(said, ['id', 'received_us', 'channel', 'plaque', 'nature_said', 'rating', 'salt'])
  const commitment = sha(Buffer.from('msd feedback v1\n'), unhex(said.salt), i64(said.id), i64(said.received_us), text(said.channel), text(said.plaque),
    text(said.nature_said), i64(said.rating), text(words)).toString('hex')
  assert.equal(f.acts[0].text.data, `{"feedback": ${said.id}, "commitment": "${commitment}"}`, 'what was said is what was received')
  assert.equal(f.leaves.length, f.acts.length, 'every step of it stands in the log')
  f.leaves.forEach((l, i) => {
    keysOf(l, ['version', 'index', 'path'])
    assert.equal(l.version, i + 1)
    const root = rootByPath(leafOf(unhex(f.acts[i].hash)), l.index, f.head.size, l.path.map(unhex))
    assert.equal(root.toString('hex'), f.head.root, 'the step stands in the log')
  })
  return f
}

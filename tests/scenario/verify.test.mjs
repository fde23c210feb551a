// P6: whoever changes, removes or reorders what happened, even as the owner with the guards switched off, is found by
// `mashangdu verify`, which names the first broken row. Erasing by rule breaks nothing. What the program hashes, the
// functions in the schema hash, and this file hashes once more by itself.
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, hidden, scenario, until } from './harness.mjs'

const WORDS = '窗口办事大厅空调坏了，\n等候的人都很热，联系电话15400001234'
const ANSWER = '已更换空调压缩机，大厅温度恢复正常'
const SECOND = '停车场道闸坏了，车出不去，姓名王小明'

const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const number = (v) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(v ?? 0)); return b }
const text = (t) => {
  const b = Buffer.alloc(4)
  if (t === null) return Buffer.from('ffffffff', 'hex')
  const bytes = Buffer.from(t)
  b.writeUInt32BE(bytes.length)
  return Buffer.concat([b, bytes])
}
const ascii = (s) => Buffer.from(s, 'latin1')

// --- a log of our own, so that nothing here leans on the program's ---

const leafOf = (hash) => sha(Buffer.from([0]), hash)
const parent = (a, b) => sha(Buffer.from([1]), a, b)
/** RFC 6962 §2.1, word by word. */
function rootOf(leaves) {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return leaves[0]
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return parent(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}
function pathOf(m, leaves) {
  if (leaves.length === 1) return []
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return m < k ? [...pathOf(m, leaves.slice(0, k)), rootOf(leaves.slice(k))] : [...pathOf(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))]
}
const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
const headOf = (size, micros, root, key = keys.privateKey) => sign(null, Buffer.concat([ascii('msd tree head v1\n'), number(size), number(micros), root]), key)

const micros = (column) => `(extract(epoch from ${column}) * 1000000)::bigint`

async function makeLog(query) {
  await query('delete from log_leaves; delete from log_nodes; delete from log_heads; delete from log_keys')
  const acts = await query('select id, hash from acts order by id')
  const leaves = acts.map((a) => leafOf(a.hash))
  for (const [i, a] of acts.entries()) await query('insert into log_leaves values ($1, $2, $3)', [i, a.id, a.hash])
  for (let level = 1; 1 << level <= leaves.length; level++)
    for (let i = 0; (i + 1) << level <= leaves.length; i++)
      await query('insert into log_nodes values ($1, $2, $3)', [level, i, rootOf(leaves.slice(i << level, (i + 1) << level))])
  await query('insert into log_keys values ($1, now())', [publicKey])
  for (const size of new Set([0, 1, leaves.length >> 1, leaves.length])) {
    const root = rootOf(leaves.slice(0, size))
    const at = BigInt(Date.now()) * 1000n + BigInt(size)
    await query(`insert into log_heads values ($1, $2, timestamptz 'epoch' + $3::bigint * interval '1 microsecond', null, $4, $5)`,
      [size, root, at.toString(), publicKey, headOf(size, at, root)])
  }
  await query('update log_mark set event_seq = (select last from event_head)')
}

// --- the site: some cases with several acts, and a database for every trial ---

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const g = await s.site.gateway({ auto_assign_percent: 101 }) // a person assigns
  const router = await s.site.gateway({ auto_assign_percent: 0 })
  const u003 = Number(await s.site.unitId('U003'))
  const p = {}
  for (const [login, unit, role] of [['coordinator', 'U000-02', 'coordinator'], ['supervisor', 'U000-03', 'supervisor'], ['h003', 'U003', 'handler'], ['l003', 'U003', 'unit_leader']])
    p[login] = await s.site.person(g, login, { unit, roles: [role] })
  const send = async (words) => { const a = await g.api({ text: words }); assert.equal(a.status, 201, a.text); return { id: a.json.case, feedback: a.json.feedback, receipt: a.json.receipt } }
  s.answered = await send(WORDS)
  s.declined = await send('法院判决不公，要求重新审理')
  s.merged = await send(SECOND)
  for (let i = 0; i < 5; i++) assert.equal((await router.api({ text: `小区门口垃圾堆成山没人清运，环卫工人好几天没来，第${i}次反映` })).status, 201)
  const rated = await router.form(`${await s.site.plaquePath('U003')}/rate`, { rating: '5' })
  assert.equal(rated.status, 201, rated.text)
  await p.coordinator.does(s.answered.id, 'assign', { unit: u003 })
  await p.h003.does(s.answered.id, 'sign')
  await p.h003.does(s.answered.id, 'reply', { words: ANSWER, evidence: 1 })
  const page = await g.post('/status', { receipt: s.answered.receipt })
  const said = await g.post('/status/say', { receipt: s.answered.receipt, token: hidden(page.text, 'token', '/status/say'), text: '还有一台\t没修 "东侧"' })
  assert.equal(said.status, 200, said.text)
  await p.l003.does(s.answered.id, 'endorse')
  await p.supervisor.does(s.answered.id, 'approve')
  await p.coordinator.does(s.merged.id, 'merge', { target: s.declined.id, reason: '同一诉求' })
  await p.coordinator.does(s.declined.id, 'decline', { reason: '属诉讼事项', way: '请依法“上诉”，\\见\"判决书\"\n第2页😀' })
  await g.stop()
  await router.stop()

  const base = (sql, params) => s.site.sql(sql, params)
  await base('alter table log_leaves disable trigger user; alter table log_nodes disable trigger user; alter table log_heads disable trigger user; alter table log_keys disable trigger user')
  await makeLog(base)
  await base('alter table log_leaves enable trigger user; alter table log_nodes enable trigger user; alter table log_heads enable trigger user; alter table log_keys enable trigger user')
  let n = 0
  /** A copy of the database as it is now; owner(): with the guards off, as somebody with the owner's password would. */
  s.copy = async () => {
    const name = `copy${++n}`
    await s.site.db.leave()
    await s.site.db.query(`create database ${name} template mashangdu owner mashangdu_owner`, [], 'postgres', 'postgres')
    const env = { MASHANGDU_OWNER_DATABASE: s.site.db.conninfo('mashangdu_owner', name) }
    const db = { name, sql: (sql, params, user = 'postgres') => s.site.db.query(sql, params, user, name) }
    db.owner = async (table, sql, params) => {
      await db.sql(`alter table ${table} disable trigger user`, [], 'mashangdu_owner')
      const rows = await db.sql(sql, params, 'mashangdu_owner')
      await db.sql(`alter table ${table} enable trigger user`, [], 'mashangdu_owner')
      return rows
    }
    /** Past foreign keys too, as a superuser can. */
    db.force = async (...statements) => {
      const c = s.site.db.client('postgres', name)
      await c.connect()
      await c.query('set session_replication_role = replica')
      for (const [sql, params] of statements) await c.query(sql, params)
      await c.end()
    }
    db.tool = (...words) => s.site.toolWith({ env }, ...words)
    db.verify = () => db.tool('verify').then((out) => ({ code: 0, out }), (e) => ({ code: e.code, out: e.stdout, err: e.stderr }))
    return db
  }
})

async function unbroken(db) {
  const { code, out, err } = await db.verify()
  assert.equal(code, 0, out + err)
  const m = out.match(/^unbroken cases=(\d+) acts=(\d+) erased=(\d+) leaves=(\d+) heads=(\d+) seconds=[\d.]+\n$/)
  assert.ok(m, out)
  return { cases: +m[1], acts: +m[2], erased: +m[3], leaves: +m[4], heads: +m[5] }
}
async function brokenAt(db, keysOfRow) {
  const { code, out, err } = await db.verify()
  assert.equal(code, 1, out + err)
  assert.equal(out.split('\n')[0], `broken ${keysOfRow}`, out + err)
  assert.ok(out.split('\n')[1].length > 20, 'and a sentence')
}

it('what the gateway wrote is unbroken', async (s) => {
  const db = await s.copy()
  const seen = await unbroken(db)
  const [want] = await db.sql('select (select count(*)::int from cases) as cases, (select count(*)::int from acts) as acts')
  assert.deepEqual(seen, { ...want, erased: 0, leaves: want.acts, heads: 4 })
  assert.ok(want.acts > want.cases + 5, 'cases with several acts')
})

it('the gateway, the schema and this test hash the same', async (s) => {
  const db = await s.copy()
  const acts = await db.sql(`select a.*, a.data::text as data_text, ${micros('a.at')} as micros, p.hash as previous,
    act_hash(p.hash, a.case_id, a.version, a.at, a.act, a.actor, a.from_state, a.to_state,
             act_who(a.salt, a.id, a.staff_id, a.role, a.unit_id, a.public), act_words(a.salt, a.reason, a.words, a.data)) as sql_hash
    from acts a left join acts p on p.case_id = a.case_id and p.version = a.version - 1 order by a.case_id, a.version`)
  for (const a of acts) {
    const words = sha(ascii('msd words v1\n'), a.salt.subarray(16), text(a.reason), text(a.words), text(a.data_text))
    const who = sha(ascii('msd who v1\n'), a.salt.subarray(0, 16), number(a.id), number(a.staff_id), text(a.role), number(a.unit_id), Buffer.from([a.public ? 1 : 0]))
    const hash = sha(ascii('msd act v1\n'), a.previous ?? Buffer.alloc(32), number(a.case_id), number(a.version), number(a.micros), text(a.act), text(a.actor), text(a.from_state), text(a.to_state), who, words)
    assert.equal(hash.toString('hex'), a.hash.toString('hex'), `act ${a.id} ${a.act}`)
    assert.equal(a.sql_hash.toString('hex'), a.hash.toString('hex'), `act ${a.id} ${a.act} in SQL`)
    assert.equal(a.words_commitment.toString('hex'), words.toString('hex'))
  }
  for (const actor of ['gateway', 'router', 'staff', 'citizen']) assert.ok(acts.some((a) => a.actor === actor), actor)
  const feedback = await db.sql(`select f.*, ${micros('f.received_at')} as micros, a.data,
    feedback_commitment(f.salt, f.id, f.received_at, f.channel, f.plaque, f.nature_said, f.rating::integer, f.words) as sql_hash
    from feedback f join acts a on a.case_id = f.case_id and a.version = 1`)
  assert.ok(feedback.length >= 8)
  for (const f of feedback) {
    const hash = sha(ascii('msd feedback v1\n'), f.salt, number(f.id), number(f.micros), text(f.channel), text(f.plaque), text(f.nature_said), number(f.rating), text(f.words))
    assert.equal(f.data.commitment, hash.toString('hex'))
    assert.equal(f.data.commitment, f.sql_hash.toString('hex'))
  }
})

it('each change is found, and its row named', async (s) => {
  const picture = await s.copy()
  const act = async (c, name) => (await picture.sql('select * from acts where case_id = $1 and act = $2', [c.id, name]))[0]
  const first = await act(s.answered, 'receive')
  const decline = await act(s.declined, 'decline')
  const assign = await act(s.answered, 'assign')
  const leaf = async (id) => (await picture.sql('select index from log_leaves where act_id = $1', [id]))[0].index
  const size = (await picture.sql('select max(size) as size from log_heads'))[0].size
  const row = (a, what) => `table=acts id=${a.id} case=${a.case_id} version=${a.version} what=${what}`
  const one = (id) => [id]
  const trials = [
    ['the words of an act', 'acts', `update acts set reason = '不属实' where id = $1`, one(decline.id), row(decline, 'hash')],
    ['who acted', 'acts', `update acts set role = 'admin' where id = $1`, one(decline.id), row(decline, 'hash')],
    ['when', 'acts', `update acts set at = at - interval '1 microsecond' where id = $1`, one(assign.id), row(assign, 'hash')],
    ['what an act says in its data', 'acts', `update acts set data = data || '{"way": "不予答复"}' where id = $1`, one(decline.id), row(decline, 'hash')],
    ['the stored hash of its texts', 'acts', `update acts set words_commitment = sha256('x') where id = $1`, one(decline.id), row(decline, 'words_commitment')],
    ['a first act removed', 'acts', 'with taught as (delete from route_examples where act_id = $1) delete from acts where id = $1', one(first.id), `table=cases id=${s.answered.id} version=1 what=act_missing`],
    ['an act in the middle removed', 'acts', 'with taught as (delete from route_examples where act_id = $1) delete from acts where id = $1', one(assign.id), `table=cases id=${s.answered.id} version=2 what=act_missing`],
    ['a last act removed', 'acts', 'with taught as (delete from route_examples where act_id = $1) delete from acts where id = $1', one(decline.id), `table=cases id=${s.declined.id} what=version`],
    ['all acts of a case removed', 'acts', 'with taught as (delete from route_examples where case_id = $1) delete from acts where case_id = $1', one(s.answered.id), `table=cases id=${s.answered.id} what=acts_missing`],
    ['two acts swapped', 'acts', `update acts set version = 1000 + version where case_id = $1`, one(s.answered.id), `table=cases id=${s.answered.id} version=1 what=act_missing`],
    ['words of a feedback', 'feedback', `update feedback set words = words || '！' where id = $1`, one(s.answered.feedback), `table=feedback id=${s.answered.feedback} what=commitment`],
    ['rating of a feedback', 'feedback', `update feedback set rating = 5 where id = $1`, one(s.answered.feedback), `table=feedback id=${s.answered.feedback} what=commitment`],
    ['a feedback removed', null, 'delete from feedback where id = $1', one(s.answered.feedback), row(first, 'feedback_missing')],
    ['words emptied without a ground', 'feedback', `update feedback set words = '', clean = '', masked = '', contact = null, salt = '' where id = $1`, one(s.answered.feedback),
      `table=feedback id=${s.answered.feedback} what=erased_without_ground`],
    ['an act emptied without a ground', 'acts', `update acts set reason = null, words = null, data = '{}', salt = substr(salt, 1, 16) where id = $1`, one(decline.id), row(decline, 'erased_without_ground')],
    ['the state of a case', 'cases', `update cases set state = 'handling' where id = $1`, one(s.answered.id), `table=cases id=${s.answered.id} what=state`],
    ['the version of a case', 'cases', 'update cases set version = version + 1 where id = $1', one(s.answered.id), `table=cases id=${s.answered.id} what=version`],
    ['the chain of a case', 'cases', `update cases set chain = sha256('x') where id = $1`, one(s.answered.id), `table=cases id=${s.answered.id} what=chain`],
    ['a leaf', 'log_leaves', `update log_leaves set hash = sha256('x') where index = 3`, [], /^table=log_leaves index=3 act=\d+ what=hash$/],
    ['a leaf removed', 'log_leaves', `delete from log_leaves where index = 3`, [], /^table=acts id=\d+ what=not_in_log$/],
    ['two leaves swapped', 'log_leaves', `update log_leaves set index = case index when 2 then 1000003 else 1000002 end where index in (2, 3)`, [], /^table=log_leaves index=2 what=leaf_missing$/],
    ['a node', 'log_nodes', `update log_nodes set hash = sha256('x') where level = 2 and index = 1`, [], 'table=log_nodes level=2 index=1 what=hash'],
    ['a root', 'log_heads', `update log_heads set root = sha256('x') where size = $1`, one(size), `table=log_heads size=${size} what=root`],
    ['the time of a head', 'log_heads', `update log_heads set at = at + interval '1 microsecond' where size = $1`, one(size), `table=log_heads size=${size} what=signature`],
    ['a key taken back', 'log_keys', `delete from log_keys`, [], 'table=log_heads size=0 what=key'],
  ]
  for (const [title, table, sql, params, want] of trials) {
    const db = await s.copy()
    if (table) await db.owner(table, sql, params)
    else await db.force([sql, params]) // foreign keys would stop the owner
    if (want instanceof RegExp) {
      const { code, out } = await db.verify()
      assert.equal(code, 1, title)
      assert.match(out.split('\n')[0].replace(/^broken /, ''), want, title)
    } else await brokenAt(db, want).catch((e) => { e.message = `${title}: ${e.message}`; throw e })
  }

  // Two acts in each other's place, with versions that have no gap.
  let db = await s.copy()
  await db.sql('alter table acts drop constraint acts_version', [], 'mashangdu_owner')
  await db.owner('acts', 'update acts set version = 3 - version where case_id = $1 and version in (1, 2)', [s.answered.id])
  await brokenAt(db, row({ ...assign, version: 1 }, 'hash'))

  // A whole case gone without a trace in the other tables: the log still names it.
  db = await s.copy()
  await db.force(['delete from acts where case_id = $1', [s.answered.id]], ['delete from feedback where case_id = $1', [s.answered.id]], ['delete from cases where id = $1', [s.answered.id]])
  await brokenAt(db, `table=log_leaves index=${await leaf(first.id)} act=${first.id} what=act_missing`)

  // A case gone, its acts left.
  db = await s.copy()
  await db.force(['delete from cases where id = $1', [s.answered.id]])
  await brokenAt(db, row(first, 'case_missing'))

  // The end of the log cut off, with its nodes: the head remembers.
  db = await s.copy()
  await db.force(['delete from log_leaves where index >= $1', [size - 1]], ['delete from log_nodes where (index + 1) << level >= $1', [size]], ['update log_mark set event_seq = 0'])
  await brokenAt(db, `table=log_heads size=${size} what=leaves_missing`)

  // A history written anew, chain and case and log, by somebody who has no signing key: the head does not fit.
  db = await s.copy()
  await db.force([`update acts a set reason = '另有原因', words_commitment = act_words(a.salt, '另有原因', a.words, a.data) where id = $1`, [decline.id]],
    [`update acts a set hash = act_hash((select p.hash from acts p where p.case_id = a.case_id and p.version = a.version - 1), a.case_id, a.version, a.at, a.act, a.actor,
      a.from_state, a.to_state, act_who(a.salt, a.id, a.staff_id, a.role, a.unit_id, a.public), a.words_commitment) where id = $1`, [decline.id]],
    ['update cases c set chain = (select hash from acts where id = $2) where id = $1', [s.declined.id, decline.id]],
    ['update log_leaves set hash = (select hash from acts where id = act_id) where act_id = $1', [decline.id]])
  const forged = await db.verify()
  assert.equal(forged.code, 1)
  assert.match(forged.out, /^broken table=log_(nodes level=\d+ index=\d+ what=hash|heads size=\d+ what=root)\n/)
}, { ms: 480000 })

it('history lets an erasure through, and nothing else', async (s) => {
  const db = await s.copy()
  const refuses = (promise, code) => assert.rejects(promise, (e) => { assert.equal(e.code, code, e.message); return true })
  const empty = `update feedback set words = '', clean = '', masked = '', contact = null, salt = '', decision = decision - 'proposal' || '{"because": [], "words": [], "candidates": []}' where id = $1`
  await refuses(db.sql(empty, [s.declined.feedback], 'mashangdu_gateway'), '42501')
  await refuses(db.sql(empty, [s.declined.feedback], 'mashangdu_owner'), 'MSD20') // no ground
  await refuses(db.sql(`insert into erasures (feedback_id, basis, by) values ($1, '依申请', 'x')`, [s.declined.feedback], 'mashangdu_gateway'), '42501')
  await db.sql(`insert into erasures (feedback_id, basis, by) values ($1, '依申请', 'x')`, [s.declined.feedback], 'mashangdu_owner')
  await refuses(db.sql(empty.replace("words = ''", "words = 'x'"), [s.declined.feedback], 'mashangdu_owner'), 'MSD20')
  await refuses(db.sql(empty.replace('contact = null', `contact = null, channel = 'sms'`), [s.declined.feedback], 'mashangdu_owner'), 'MSD20')
  await refuses(db.sql('delete from erasures', [], 'mashangdu_owner'), 'MSD20')
  await refuses(db.sql('delete from feedback where id = $1', [s.declined.feedback], 'mashangdu_owner'), 'MSD20')
  await brokenAt(db, 'table=erasures id=1 what=not_erased') // the ground is there, the words are too
  await db.sql(empty, [s.declined.feedback], 'mashangdu_owner')
  assert.equal((await unbroken(db)).erased, 0)
  // Reasons quote words: the decision over them keeps whom it chose, and nothing of what it went by.
  const [{ decision }] = await db.sql('select decision from feedback where id = $1', [s.declined.feedback])
  assert.deepEqual([decision.because, decision.words, decision.candidates, decision.proposal, typeof decision.category.code], [[], [], [], undefined, 'string'])
  await refuses(db.sql(`update feedback set words = '新的' where id = $1`, [s.declined.feedback], 'mashangdu_owner'), 'MSD20') // and never again
  // The first act is the commitment: there is nothing to erase in it.
  const [receive] = await db.sql(`select id from acts where case_id = $1 and act = 'receive'`, [s.declined.id])
  await db.sql(`insert into erasures (act_id, basis, by) values ($1, '依申请', 'x')`, [receive.id], 'mashangdu_owner')
  await refuses(db.sql(`update acts set reason = null, words = null, data = '{}', salt = substr(salt, 1, 16) where id = $1`, [receive.id], 'mashangdu_owner'), 'MSD20')
})

it('erase: one feedback, with its ground, and the record stays unbroken', async (s) => {
  const db = await s.copy()
  const fails = (promise, code, pattern) => assert.rejects(promise, (e) => { assert.equal(e.code, code, e.message); assert.match(e.stderr, pattern); return true })
  await fails(db.tool('erase', '--feedback', '12', '--basis', '依申请'), 1, /no feedback 12/)
  await fails(db.tool('erase', '--feedback', s.answered.feedback, '--basis', '依申请'), 1, /has not ended/)
  await fails(db.tool('erase', '--feedback', s.declined.feedback), 2, /--basis/)
  await fails(db.tool('erase', '--feedback', 'x', '--basis', '依申请'), 2, /no number/)
  await fails(db.tool('erase', '--closed-before', '2999-01-01', '--basis', '依规定'), 1, /up to today/)
  await fails(db.tool('erase', '--closed-before', 'soon', '--basis', '依规定'), 1, /up to today/)

  const before = await db.sql('select * from acts order by id')
  const dry = await db.tool('erase', '--feedback', s.merged.feedback, '--basis', '依申请', '--dry-run')
  assert.match(dry, /^would_erase feedback=1 acts=1 messages=0\n$/)
  assert.deepEqual(await db.sql('select * from acts order by id'), before)
  assert.equal((await db.sql('select count(*)::int as n from erasures'))[0].n, 0)

  assert.match(await db.tool('erase', '--feedback', s.merged.feedback, '--basis', '依申请'), /^erased feedback=1 acts=1 messages=0\n$/)
  assert.equal((await unbroken(db)).erased, 1)
  const [f] = await db.sql('select words, clean, masked, contact, salt from feedback where id = $1', [s.merged.feedback])
  assert.deepEqual(f, { words: '', clean: '', masked: '', contact: null, salt: Buffer.alloc(0) })
  const grounds = await db.sql('select feedback_id, act_id, basis from erasures order by id')
  assert.equal(grounds.length, 2)
  assert.ok(grounds.every((x) => x.basis === '依申请'))
  const [a] = await db.sql(`select reason, words, data, length(salt) as salt, role, to_state from acts where id = $1`, [grounds.find((x) => x.act_id).act_id])
  assert.deepEqual(a, { reason: null, words: null, data: {}, salt: 16, role: 'coordinator', to_state: 'merged' })
  await fails(db.tool('erase', '--feedback', s.merged.feedback, '--basis', '依申请'), 1, /erased already/)

  // Whoever puts other words there afterwards is found, and so is whoever moves the ground to another row.
  await db.owner('feedback', `update feedback set words = '没有意见' where id = $1`, [s.merged.feedback])
  await brokenAt(db, `table=feedback id=${s.merged.feedback} what=erased_without_ground`)
})

it('erase: everything that ended before a day, merged cases with their main case', async (s) => {
  const db = await s.copy()
  assert.match(await db.tool('erase', '--closed-before', '2020-01-01', '--basis', '档案管理规定'), /^erased feedback=0 acts=0 messages=0\n$/)
  // The same history forty days earlier, hashed again, without a log.
  await db.force([`update acts set at = at - interval '40 days'`], [`update feedback set received_at = received_at - interval '40 days'`],
    [`update acts a set data = jsonb_build_object('feedback', f.id, 'commitment', encode(feedback_commitment(f.salt, f.id, f.received_at, f.channel, f.plaque, f.nature_said, f.rating, f.words), 'hex'))
      from feedback f where f.case_id = a.case_id and a.version = 1`],
    ['update acts set words_commitment = act_words(salt, reason, words, data)'],
    [`do $$ declare a record; begin for a in select * from acts order by case_id, version loop
      update acts set hash = act_hash((select hash from acts p where p.case_id = a.case_id and p.version = a.version - 1), a.case_id, a.version, a.at, a.act, a.actor, a.from_state, a.to_state,
        act_who(a.salt, a.id, a.staff_id, a.role, a.unit_id, a.public), a.words_commitment) where id = a.id; end loop; end $$`],
    ['update cases c set chain = (select hash from acts a where a.case_id = c.id and a.version = c.version)'],
    ['delete from log_leaves'], ['delete from log_nodes'], ['delete from log_heads'], ['update log_mark set event_seq = 0'])
  const note = await db.verify()
  assert.equal(note.code, 0, note.out)
  assert.match(note.out, /\nNo tree head is signed yet/)
  const day = new Date(Date.now() - 5 * 86400e3).toISOString().slice(0, 10)
  const [{ ratings }] = await db.sql('select count(*)::int as ratings from feedback where case_id is null')
  const out = await db.tool('erase', '--closed-before', day, '--basis', '档案管理规定第九条')
  const m = out.match(/^erased feedback=(\d+) acts=(\d+) messages=0\n$/)
  assert.ok(m, out)
  assert.equal(Number(m[1]), 2 + ratings) // the declined case, the one merged into it, plain ratings
  assert.equal(Number(m[2]), 2) // decline and merge; who received what stays
  const left = await db.sql(`select words from feedback where case_id in ($1, $2)`, [s.declined.id, s.merged.id])
  assert.ok(left.length === 2 && left.every((f) => f.words === ''))
  assert.equal((await db.sql('select words from feedback where id = $1', [s.answered.feedback]))[0].words, WORDS, 'a case that is open keeps everything')
  const again = await db.verify()
  assert.equal(again.code, 0, again.out)
  assert.match(again.out, /erased=2 /)
})

it('a record that grows while it is read is unbroken at every moment', async (s) => {
  const db = await s.copy()
  await db.force(['delete from log_leaves'], ['delete from log_nodes'], ['delete from log_heads'], ['delete from log_keys'], ['update log_mark set event_seq = 0'])
  const g = await s.site.gateway({ database: s.site.db.conninfo('mashangdu_gateway', db.name), log_every: '1s', log_key_file: join(s.site.dir, 'growing.key') })
  let going = true
  const senders = [1, 2, 3].map(async (k) => { for (let i = 0; going; i++) assert.equal((await g.api({ text: `路灯${k}-${i}不亮` })).status, 201) })
  const first = (await db.sql('select count(*)::int as n from acts'))[0].n
  let last = first
  try {
    for (let round = 0; round < 5; round++) {
      const { code, out, err } = await db.verify()
      assert.equal(code, 0, out + err)
      const acts = Number(out.match(/acts=(\d+)/)[1])
      assert.ok(acts >= last)
      last = acts
    }
    await until('heads are signed over what came', async () => (await db.sql('select count(*)::int as n from log_heads where size > $1', [first]))[0].n > 1)
  } finally {
    going = false
    await Promise.all(senders)
  }
  assert.ok((await unbroken(db)).heads > 1)
  await g.stop()
})

// --- proof files ---

async function proofOf(db, c) {
  const acts = await db.sql(`select *, data::text as data_text, ${micros('at')} as micros from acts where case_id = $1 order by version`, [c.id])
  const [f] = await db.sql(`select *, ${micros('received_at')} as micros from feedback where id = $1`, [c.feedback])
  const leaves = await db.sql('select index, act_id, hash from log_leaves order by index')
  const [head] = await db.sql(`select *, ${micros('at')} as micros from log_heads order by size desc limit 1`)
  const hex = (b) => b.toString('hex')
  const tree = leaves.map((l) => leafOf(l.hash))
  const shown = (a) => a.version === 1 || a.public
  return {
    mashangdu_proof: 1, case: c.id,
    acts: acts.map((a, i) => !shown(a) ? { version: a.version, hash: hex(a.hash) } : {
      version: a.version, hash: hex(a.hash), previous: i ? hex(acts[i - 1].hash) : null, at_us: Number(a.micros), act: a.act, actor: a.actor, from: a.from_state, to: a.to_state,
      who: hex(sha(ascii('msd who v1\n'), a.salt.subarray(0, 16), number(a.id), number(a.staff_id), text(a.role), number(a.unit_id), Buffer.from([a.public ? 1 : 0]))),
      words: hex(a.words_commitment), text: { salt: hex(a.salt.subarray(16)), reason: a.reason, words: a.words, data: a.data_text } }),
    feedback: { id: f.id, received_us: f.micros, channel: f.channel, plaque: f.plaque, nature_said: f.nature_said, rating: f.rating ?? 0, salt: hex(f.salt) },
    leaves: acts.map((a) => { const i = leaves.findIndex((l) => l.act_id === a.id); return { version: a.version, index: i, path: pathOf(i, tree).map(hex) } }),
    head: { size: Number(head.size), at_us: Number(head.micros), root: hex(head.root), signature: hex(head.signature) },
    public_key: hex(publicKey),
  }
}

it('a proof file is checked without a database', async (s) => {
  const db = await s.copy()
  const proof = await proofOf(db, s.answered)
  const file = join(s.site.dir, 'proof.json')
  const words = join(s.site.dir, 'words.txt')
  const keyFile = join(s.site.dir, 'public.key')
  writeFileSync(words, WORDS + '\n')
  writeFileSync(keyFile, publicKey.toString('hex') + '\n')
  const nowhere = { MASHANGDU_OWNER_DATABASE: 'host=/nowhere dbname=none' }
  const check = (p, ...more) => {
    writeFileSync(file, typeof p === 'string' ? p : JSON.stringify(p))
    return s.site.toolWith({ env: nowhere }, 'verify', '--proof', file, ...more).then((out) => ({ code: 0, out }), (e) => ({ code: e.code, out: e.stdout, err: e.stderr }))
  }
  const good = await check(proof, '--key', publicKey.toString('hex'), '--words', words)
  assert.equal(good.code, 0, good.out + good.err)
  assert.match(good.out, new RegExp(`^proved case=${s.answered.id} steps=${proof.acts.length} shown=\\d+ in_log=${proof.acts.length} size=\\d+ words=right key=${publicKey.toString('hex')} key_from=you\\n`))
  assert.match(good.out, /核验通过.*您写的内容与当时收到的一致/)
  assert.equal((await check(proof, '--key', keyFile)).code, 0)
  const unpinned = await check(proof)
  assert.equal(unpinned.code, 0)
  assert.match(unpinned.out, /words=unchecked .*key_from=file\n[^]*公钥取自文件本身/)
  // Ids and times as decimal strings, as JavaScript needs them.
  assert.equal((await check({ ...proof, acts: proof.acts.map((a) => ('at_us' in a ? { ...a, at_us: String(a.at_us) } : a)), head: { ...proof.head, size: String(proof.head.size) } })).code, 0)
  // A file written on Windows, and one without its last line end.
  for (const form of [WORDS, WORDS.replaceAll('\n', '\r\n') + '\r\n']) {
    writeFileSync(words, form)
    const said = await check(proof, '--words', words)
    assert.equal(said.code, 0, said.out)
  }
  writeFileSync(words, WORDS + '，请尽快')
  const other = await check(proof, '--words', words)
  assert.deepEqual([other.code, other.out.split('\n')[0]], [1, 'broken part=feedback what=words'])

  const change = (fn) => { const p = structuredClone(proof); fn(p); return p }
  const last = proof.acts.length
  const reply = proof.acts.findIndex((a) => a.act && a.version > 1)
  const bad = [
    [change((p) => { p.acts[reply].to = 'closed' }), `part=acts version=${reply + 1} what=hash`],
    [change((p) => { p.acts[reply].at_us += 1 }), `part=acts version=${reply + 1} what=hash`],
    [change((p) => { p.acts[reply].text.reason = '别的理由' }), `part=acts version=${reply + 1} what=text`],
    [change((p) => { p.acts[reply].previous = proof.acts[last - 1].hash }), `part=acts version=${reply + 1} what=chain`],
    [change((p) => { p.acts[reply].previous = null }), `part=acts version=${reply + 1} what=chain`],
    [change((p) => { p.acts.splice(1, 1) }), 'part=acts version=2 what=missing'],
    [change((p) => { p.case = '7' }), 'part=acts version=1 what=hash'],
    [change((p) => { p.head.size += 1 }), 'part=head what=signature'],
    [change((p) => { p.head.at_us += 1 }), 'part=head what=signature'],
    [change((p) => { p.head.signature = '0'.repeat(128) }), 'part=head what=signature'],
    [change((p) => { p.head.at_us = '9223372036854775807'; p.head.signature = headOf(p.head.size, p.head.at_us, Buffer.from(p.head.root, 'hex')).toString('hex') }), 'part=head what=form'],
    [change((p) => { p.leaves[0].index += 1 }), 'part=leaves version=1 what=path'],
    [change((p) => { p.leaves[1].path[0] = randomBytes(32).toString('hex') }), 'part=leaves version=2 what=path'],
    [change((p) => { p.leaves = [] }), 'part=leaves what=form'],
    [change((p) => { p.leaves[0].path = Array(200).fill(p.head.root) }), 'part=leaves what=form'],
    [change((p) => { p.leaves[0].version = 99 }), 'part=leaves what=form'],
    [change((p) => { delete p.acts[reply].who }), `part=acts version=${reply + 1} what=form`],
    [change((p) => { p.acts[0].hash = 'xyz' }), 'part=acts version=1 what=form'],
    [change((p) => { p.public_key = 'ff' }), 'part=public_key what=form'],
    [change((p) => { p.mashangdu_proof = 2 }), 'part=file what=form'],
    [[], 'part=public_key what=form'],
  ]
  for (const [p, want] of bad) {
    const got = await check(p)
    assert.deepEqual([got.code, got.out.split('\n')[0]], [1, `broken ${want}`], `${want}: ${got.out}${got.err}`)
  }
  // Signed by somebody else's key, consistently: right by itself, wrong against the key that was published.
  const stranger = generateKeyPairSync('ed25519')
  const forged = change((p) => {
    p.public_key = stranger.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')
    p.head.signature = headOf(p.head.size, p.head.at_us, Buffer.from(p.head.root, 'hex'), stranger.privateKey).toString('hex')
  })
  assert.equal((await check(forged)).code, 0)
  assert.equal((await check(forged, '--key', keyFile)).out.split('\n')[0], 'broken part=head what=signature')
  const garbage = await check('{"mashangdu_proof":')
  assert.equal(garbage.code, 1)
  assert.match(garbage.err, /the proof file is no JSON/)
  for (const [words2, code] of [[['verify', '--key', 'x'], 2], [['verify', '--proof', '/nowhere/at-all'], 1], [['verify', 'x'], 2]])
    await assert.rejects(s.site.toolWith({ env: nowhere }, ...words2), (e) => { assert.equal(e.code, code); return true })
  await assert.rejects(s.site.toolWith({ env: nowhere }, 'verify'), (e) => { assert.equal(e.code, 1); assert.equal(e.stdout, ''); return true })
})

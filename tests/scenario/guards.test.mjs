// The two-person rule, recusal and "no change without an act" in the database: tried as the running gateway's login and as
// a person of the staff inside it, past core/caseflow. What is forbidden is refused with its own code, what is allowed
// passes, and a case that went on by SQL goes on through the API. The rules there are the rules of the table in core.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, freshKey, scenario, tree } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway()
  const people = {
    coordinator: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']], accountability: ['U000-04', ['accountability']],
    callback: ['U000-01', ['callback']], handler: ['U026', ['handler']], chief: ['U026', ['unit_leader']],
    both: ['U026', ['handler', 'unit_leader']],                     // writes and would sign
    inside: ['U026', ['callback', 'coordinator']],                  // an office post held in the handling unit
    borrowed: ['U000-03', ['supervisor', 'coordinator', 'callback'], 'U026'], // came from the handling unit
    other: ['U010', ['handler']] }
  s.who = {}
  for (const [login, [unit, roles, home]] of Object.entries(people)) s.who[login] = await site.person(g, login, { unit, roles, home, name: `岗位 ${login}` })
  s.unit = {}
  for (const code of ['U003', 'U010', 'U026', 'U032']) s.unit[code] = await site.unitId(code)
})

// --- a case as far as it is needed ---

const WAY = [['assigned'], ['handling', 'handler', 'sign'], ['replied', 'both', 'reply', { words: '已整改。', evidence: '照片 1 张' }], ['endorsed', 'chief', 'endorse'],
  ['verifying', 'supervisor', 'approve']]

async function caseAt(s, where) {
  const a = await s.gateway.api({ text: `滨河路下水道堵了，污水横流，城管局请处理，编号${freshKey()}。`, nature: 'complain' })
  assert.equal(a.status, 201, a.text)
  const id = Number(a.json.case)
  const { state, unit } = (await s.who.coordinator.case(id)).case
  if (state === 'discovered') await s.who.coordinator.does(id, 'assign', { unit: s.unit.U026 })
  else assert.equal(unit.id, s.unit.U026, 'the router chose the unit that the words name')
  for (const [name, who, act, more] of WAY) {
    if (act) await s.who[who].does(id, act, more)
    if (name === where) return id
  }
  throw new Error(where)
}

async function report(s) {
  const a = await s.gateway.api({ text: '区市场监督管理局的科长收了商户两千元红包', nature: 'report', plaque: await s.site.plaqueNumber('U003') })
  assert.equal(a.status, 201, a.text)
  return Number(a.json.case)
}

// --- acts and rows by SQL ---

/** Runs fn in one transaction: as the gateway's login, or as that person in the restricted role. The error's code, or 'ok'. */
async function as(s, { staff, restricted, writing }, fn) {
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  try {
    await c.query('begin')
    if (staff) await c.query(`select set_config('msd.staff', $1, true), set_config('msd.writing', $2, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true)`, [String(staff), String(writing ?? 0)])
    if (restricted) await c.query('set local role mashangdu_staff')
    await fn(c)
    await c.query('commit')
    return 'ok'
  } catch (e) {
    return e.code ?? String(e)
  } finally {
    await c.end()
  }
}

/** One act and the row that goes with it, as casework writes them; `act` and `row` override what would be right. */
async function write(s, c, id, act, row = {}) {
  const [now] = await s.site.sql('select version, state from cases where id = $1', [id])
  const a = { version: now.version + 1, actor: 'staff', from_state: now.state, to_state: row.state ?? now.state, data: '{}', ...act }
  const hash = randomBytes(32)
  if (a.actor === 'staff' && a.staff_id && a.data === '{}') // the post that acts is part of what is hashed
    a.data = (await s.site.one(`select jsonb_build_object('post', id)::text from posts where staff_id = $1 order by id limit 1`, [a.staff_id])) ?? '{}'
  await c.query(`insert into acts (id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, data, salt, words_commitment, hash)
    values ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9, $10, '理由', $11, $12, $13, $14)`,
  [(BigInt(Date.now()) << 20n) + BigInt(randomBytes(2).readUInt16BE()), id, a.version, a.act, a.actor, a.staff_id ?? null, a.role ?? null, a.from_state, a.to_state, a.unit_id ?? null,
    a.data, randomBytes(32), randomBytes(32), hash])
  const set = { version: a.version, chain: hash, ...row }
  const names = Object.keys(set)
  await c.query(`update cases set ${names.map((n, i) => `${n} = $${i + 2}`).join(', ')} where id = $1`, [id, ...Object.values(set)])
}

/** The same try as the gateway's own login and as the person: both must end alike, and a refusal must leave nothing. */
async function tryAct(s, id, who, act, row, want) {
  const before = (await s.site.sql('select * from cases where id = $1', [id]))[0]
  const staff = who ? s.who[who].staff.id : undefined
  for (const restricted of want === 'ok' ? [true] : [false, true]) {
    const got = await as(s, { staff, restricted, writing: id }, (c) => write(s, c, id, { staff_id: staff, ...act }, row))
    assert.equal(got, want, `${who} ${JSON.stringify(act)} ${restricted ? 'restricted' : 'gateway'}`)
  }
  const after = (await s.site.sql('select * from cases where id = $1', [id]))[0]
  if (want !== 'ok') assert.deepEqual(after, before)
  else assert.equal(after.version, before.version + 1)
}

it('the rules of the database are the rules of the table', async ({ site }) => {
  const doc = readFileSync(join(tree, 'docs/caseflow.md'), 'utf8')
  const said = [...doc.matchAll(/^\| `(\w+)` \| `(\w+)` \| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|$/gm)]
    .map(([, act, post, ...yes]) => [act, post, ...yes.map((y) => y === 'yes')].join(' '))
  assert.ok(said.length > 60)
  const held = (await site.sql('select * from act_rules')).map((r) => [r.act, r.post, r.confidential, r.not_author, r.not_asker, r.outside].join(' '))
  assert.deepEqual(held.sort(), said.sort())
  for (const sql of ['delete from act_rules', `update act_rules set outside = false`, `insert into act_rules values ('approve', 'handler', false, false, false, false)`, 'alter table acts disable trigger act_is_lawful'])
    for (const user of ['mashangdu_gateway']) assert.equal(await site.sql(sql, [], user).then(() => 'ok', (e) => e.code), '42501')
})

it('an act is put on record by who does it, in a post that may', async (s) => {
  const id = await caseAt(s, 'assigned')
  const sign = { act: 'sign', role: 'handler' }
  const row = { state: 'handling', signed_at: new Date() }
  await tryAct(s, id, undefined, { ...sign, staff_id: s.who.handler.staff.id }, row, 'MSD30')   // nobody is signed in
  await tryAct(s, id, 'chief', { ...sign, staff_id: s.who.handler.staff.id }, row, 'MSD30')     // in another's name
  await tryAct(s, id, 'chief', sign, row, 'MSD30')                                              // in a post not held
  await tryAct(s, id, 'handler', { ...sign, role: null }, row, 'MSD30')                         // in no post
  await tryAct(s, id, 'coordinator', { act: 'sign', role: 'coordinator' }, row, 'MSD30')        // in a post that may not
  await tryAct(s, id, 'other', sign, row, 'MSD30')                                              // for a unit that does not have it
  await tryAct(s, id, 'handler', { act: 'close', role: 'handler' }, { state: 'closed', closed_at: new Date(), flags: ['answered'] }, 'MSD30')
  for (const actor of ['router', 'clock', 'gateway', 'citizen'])                                // nobody's name either
    assert.equal(await as(s, {}, (c) => write(s, c, id, { act: 'sign', actor }, row)), 'MSD30', actor)
  await tryAct(s, id, 'handler', sign, row, 'ok')
  // The owner's tools cannot write an act for somebody either.
  await assert.rejects(s.site.sql(`insert into acts select (acts).* from (select acts from acts where case_id = $1 order by version desc limit 1) x`, [id], 'mashangdu_owner'), (e) => e.code.startsWith('MSD3') || e.code === '23505')
  // And what the allowed one wrote is a case like any other.
  const v = await s.who.both.does(id, 'reply', { words: '已整改。', evidence: '照片 1 张' })
  assert.equal(v.case.state, 'replied')
})

it('a second person signs and rules', async (s) => {
  const id = await caseAt(s, 'replied')
  await tryAct(s, id, 'both', { act: 'endorse', role: 'unit_leader' }, { flags: ['endorsed'] }, 'MSD31')
  await tryAct(s, id, 'both', { act: 'send_back', role: 'unit_leader' }, { state: 'handling' }, 'MSD31')
  // Forgetting who wrote it does not help: the acts are asked, not the row.
  await tryAct(s, id, 'both', { act: 'endorse', role: 'unit_leader' }, { flags: ['endorsed'], handler_id: null }, 'MSD31')
  // Nor does writing it oneself in the same breath.
  const two = await caseAt(s, 'handling')
  assert.equal(await as(s, { staff: s.who.both.staff.id, writing: two }, async (c) => {
    const [{ version }] = (await c.query('select version from cases where id = $1', [two])).rows
    const at = (n) => [(BigInt(Date.now()) << 20n) + BigInt(n), two, version + n, randomBytes(32), randomBytes(32), randomBytes(32)]
    const [a, b] = [at(1), at(2)]
    await c.query(`insert into acts (id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, salt, words_commitment, hash, data) values
      ($1, $2, $3, now(), 'reply', 'staff', $13, 'handler', 'handling', 'replied', $4, $5, $6, jsonb_build_object('post', post_now())),
      ($7, $8, $9, now(), 'endorse', 'staff', $13, 'unit_leader', 'replied', 'replied', $10, $11, $12, jsonb_build_object('post', post_now()))`,
    [...a, ...b, s.who.both.staff.id])
  }), 'MSD31')
  await tryAct(s, id, 'chief', { act: 'endorse', role: 'unit_leader' }, { flags: ['endorsed'] }, 'ok')

  const asked = await caseAt(s, 'handling')
  await s.who.both.does(asked, 'pause_ask', { reason: '等鉴定', pause_cause: '鉴定检测', until: new Date(Date.now() + 5 * 864e5).toISOString() })
  for (const act of ['pause_grant', 'pause_refuse']) {
    await tryAct(s, asked, 'both', { act, role: 'unit_leader' }, { flags: [], asker_id: null }, 'MSD31')
    const a = await s.who.both.act(asked, act, { reason: '同意' })
    assert.deepEqual([a.status, a.json.code], [403, 'second_person'], a.text)
  }
  await tryAct(s, asked, 'chief', { act: 'pause_refuse', role: 'unit_leader' }, { flags: [], asker_id: null, pause_cause: 'none', pause_until: null }, 'ok')
})

it('who comes from the handling unit judges nothing of it', async (s) => {
  const id = await caseAt(s, 'endorsed')
  await tryAct(s, id, 'borrowed', { act: 'approve', role: 'supervisor' }, { state: 'verifying', flags: ['answered'] }, 'MSD32')
  await tryAct(s, id, 'borrowed', { act: 'send_back', role: 'supervisor' }, { state: 'handling', flags: [] }, 'MSD32')
  await tryAct(s, id, 'borrowed', { act: 'supervise', role: 'supervisor' }, { rung: 3, flags: ['endorsed', 'supervised'] }, 'MSD32')
  // Giving the row another unit first does not help.
  await tryAct(s, id, 'borrowed', { act: 'approve', role: 'supervisor' }, { state: 'verifying', flags: ['answered'], unit_id: s.unit.U010 }, 'MSD32')
  assert.equal(await as(s, { staff: s.who.borrowed.staff.id }, async (c) => {
    await c.query('update cases set unit_id = $2, handler_id = null where id = $1', [id, s.unit.U010])
    await write(s, c, id, { act: 'approve', role: 'supervisor', staff_id: s.who.borrowed.staff.id }, { state: 'verifying', flags: ['answered'] })
  }), 'MSD32')
  await s.who.supervisor.does(id, 'approve')
  for (const [act, row] of [['callback_solved', { state: 'closed', closed_at: new Date(), ending: 'solved' }], ['callback_attempt', { callback_tries: 1 }],
    ['callback_unsolved', { state: 'handling', round: 2, flags: [] }], ['callback_refused', { state: 'closed', closed_at: new Date(), ending: 'refused' }]])
    for (const who of ['inside', 'borrowed']) await tryAct(s, id, who, { act, role: 'callback' }, row, 'MSD32')
  await tryAct(s, id, 'callback', { act: 'callback_attempt', role: 'callback' }, { callback_tries: 1 }, 'ok')
})

it('nobody acts on a case about the unit they come from, and a report stays away from it', async (s) => {
  const a = await s.gateway.api({ text: '对区城市管理局窗口态度不满，希望改进。', nature: 'complain', plaque: await s.site.plaqueNumber('U026') })
  const about = Number(a.json.case)
  assert.equal(await s.site.one('select about_unit_id from cases where id = $1', [about]), s.unit.U026)
  await tryAct(s, about, 'borrowed', { act: 'note', role: 'coordinator' }, {}, 'MSD32')
  await tryAct(s, about, 'coordinator', { act: 'note', role: 'coordinator' }, {}, 'ok')

  const id = await report(s)
  const acc = s.who.accountability.staff.id
  const row = { state: 'assigned', assigned_at: new Date() }
  await tryAct(s, id, 'accountability', { act: 'assign', role: 'accountability', unit_id: s.unit.U003 }, row, 'MSD32')
  await tryAct(s, id, 'coordinator', { act: 'assign', role: 'coordinator', unit_id: s.unit.U032 }, row, 'MSD30')
  await tryAct(s, id, 'accountability', { act: 'assign', role: 'accountability', unit_id: s.unit.U032 }, { ...row, unit_id: s.unit.U032 }, 'ok')
  await tryAct(s, id, 'accountability', { act: 'co_assign', role: 'accountability', unit_id: s.unit.U003 }, {}, 'MSD32')
  for (const restricted of [false, true]) {
    assert.equal(await as(s, { staff: acc, restricted }, (c) => c.query('insert into case_units values ($1, $2)', [id, s.unit.U003])), 'MSD32')
    const station = await s.site.one(`select id from units where kind = 'station' and parent_id = $1 limit 1`, [s.unit.U003])
    assert.equal(await as(s, { staff: acc, restricted }, (c) => c.query('insert into case_units values ($1, $2)', [id, station])), 'MSD32')
  }
  await s.site.account('of-u003', { unit: 'U000-02', roles: ['coordinator'], home: 'U003' })
  const named = await s.site.one(`select id from staff where login = 'of-u003'`)
  assert.equal(await as(s, { staff: acc, restricted: true }, (c) => c.query('insert into case_shares values ($1, $2)', [id, named])), 'MSD32')
  assert.equal(await as(s, { staff: acc, restricted: true }, (c) => c.query('insert into case_units values ($1, $2)', [id, s.unit.U010])), 'ok')
})

it('no case changes without the act that says so', async (s) => {
  const id = await caseAt(s, 'handling')
  const before = (await s.site.sql('select * from cases where id = $1', [id]))[0]
  const change = (set, who = {}) => as(s, who, (c) => c.query(`update cases set ${set} where id = ${id}`))
  for (const set of [`state = 'replied'`, `unit_id = ${s.unit.U010}`, `flags = '{endorsed}'`, 'level = 1', `category = (select code from categories where length(code) = 4 and code <> category limit 1)`,
    'round = 2', 'rung = 3', 'handler_id = (select min(id) from staff)', 'asker_id = (select min(id) from staff)', 'limit_amount = limit_amount + 1', 'version = version + 1', 'version = version + 2', `signed_at = now()`,
    `first_unit_id = ${s.unit.U010}`, `higher = '上级机关'`, `urgency = '特急'`, 'held = true', `callback_tries = 3`, `extended = 1`, `chain = sha256('x')`, `opened_at = now()`, `nature = 'ask'`,
    `about_unit_id = ${s.unit.U010}`, `channel = 'import'`]) {
    assert.equal(await change(set), 'MSD33', set)
    const restricted = await change(set, { staff: s.who.coordinator.staff.id, restricted: true })
    assert.ok(['MSD33', '42501'].includes(restricted), `${set}: ${restricted}`)
  }
  assert.deepEqual((await s.site.sql('select * from cases where id = $1', [id]))[0], before)
  // Two acts and one row, an act that says another state, a state that no act reached.
  await tryAct(s, id, 'handler', { act: 'note', role: 'handler', version: before.version + 2 }, {}, 'MSD33')
  await tryAct(s, id, 'handler', { act: 'note', role: 'handler', from_state: 'assigned' }, {}, 'MSD33')
  await tryAct(s, id, 'handler', { act: 'note', role: 'handler', to_state: 'handling' }, { state: 'replied' }, 'MSD33')
  await tryAct(s, id, 'handler', { act: 'note', role: 'handler' }, { chain: randomBytes(32) }, 'MSD33')
  // Clocks are derived: a gateway computes them anew, and claims what is due.
  assert.equal(await change(`due_at = now() + interval '1 day', warn_at = now(), next_at = now() + interval '1 hour', next_act = 'supervise', next_rung = 1, claimed_until = now()`), 'ok')
  // A case does not begin finished.
  assert.equal(await as(s, {}, (c) => c.query(`insert into cases (id, state, nature, category, level, urgency, unit_id, channel, limit_amount, flags, opened_at, closed_at, chain)
    select 1, 'closed', nature, category, level, urgency, unit_id, channel, limit_amount, '{answered}', now(), now(), chain from cases where id = ${id}`)), 'MSD33')
  assert.equal((await s.who.handler.act(id, 'note', { words: '照常办理' })).status, 200)
})

it('no case ends without an answer and the finder’s word, his silence or a transfer', async (s) => {
  const id = await caseAt(s, 'handling')
  const closed = { state: 'closed', closed_at: new Date(), ending: 'solved', flags: ['answered'] }
  const end = (act, row = closed) => as(s, {}, (c) => write(s, c, id, { actor: 'citizen', act, to_state: 'closed' }, row))
  assert.equal(await end('confirm_solved'), 'MSD34')               // nobody has answered
  assert.equal(await end('say'), 'MSD34')                          // no word on the matter
  await s.who.both.does(id, 'reply', { words: '已整改。', evidence: '照片 1 张' })
  assert.equal(await end('confirm_solved'), 'MSD34')               // nobody has approved
  await s.who.chief.does(id, 'endorse')
  await s.who.supervisor.does(id, 'approve')
  assert.equal(await end('say'), 'MSD34')
  await tryAct(s, id, 'callback', { act: 'callback_attempt', role: 'callback' }, { ...closed, ending: 'silence', callback_tries: 3 }, 'MSD34') // one try is no silence
  const v = await s.who.callback.does(id, 'callback_unsolved', { words: '没有解决' })
  assert.equal(v.case.state, 'handling')
  assert.equal(await end('confirm_solved'), 'MSD34')               // the old approval is not this round's
  await s.who.both.does(id, 'reply', { words: '再次整改。', evidence: '照片 2 张' })
  await s.who.chief.does(id, 'endorse')
  await s.who.supervisor.does(id, 'approve')
  const done = await s.who.callback.does(id, 'callback_solved', { words: '群众表示满意', rating: 5 })
  assert.equal(done.case.state, 'closed')
})

it('a matter is withdrawn by its only finder, before there is an answer, and never when it is confidential', async (s) => {
  const gone = { state: 'closed', closed_at: new Date(), ending: 'withdrawn', flags: ['withdrawn'] }
  const end = (id, act = {}, row = gone) => as(s, {}, (c) => write(s, c, id, { actor: 'citizen', act: 'withdraw', to_state: 'closed', ...act }, row))
  const id = await caseAt(s, 'handling')
  for (const who of ['handler', 'coordinator']) await tryAct(s, id, who, { act: 'withdraw', role: who, to_state: 'closed' }, gone, 'MSD30') // by nobody else
  assert.equal(await end(id, { actor: 'clock' }), 'MSD30')
  assert.equal(await end(id, {}, { ...gone, ending: 'solved', flags: ['answered'] }), 'MSD34')    // and never as solved
  assert.equal(await end(id, { act: 'say' }), 'MSD34')                                           // nor by another act
  const answered = await caseAt(s, 'endorsed')
  await s.who.supervisor.does(answered, 'approve')
  assert.equal(await end(answered), 'MSD34')                                                     // there is an answer to speak about
  const second = await caseAt(s, 'handling')
  await s.who.coordinator.does(second, 'merge', { target: id, reason: '同一事项' })
  assert.equal(await end(id), 'MSD34')                                                           // somebody else reported it too
  await s.who.coordinator.does(second, 'unmerge', { reason: '不是同一处' })
  const told = await report(s)                                                                   // what a report brought to light
  for (const flags of [['withdrawn'], ['withdrawn', 'confidential']]) assert.equal(await end(told, {}, { ...gone, flags }), 'MSD34')
  assert.equal(await end(id), 'ok')
})

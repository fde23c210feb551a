// Letters (M10, M16, M40): the way from draft to end with a second person at each seal, numbers without gaps under many hands, the rung
// that rises with the signature, who may see what (P4, P5), the page, the register, and the source's own ledger.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileName, Person, scenario, tree, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const doc = JSON.parse(readFileSync(join(tree, 'gateway/staff_openapi.json'), 'utf8'))

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  // Many sign at once, and some behind a lock: each waits for its turn, however long the others take.
  const patient = { answer_deadline: '2m', db_statement_deadline: '2m' }
  const g = s.gateway = await site.gateway(patient)
  s.second = await site.gateway(patient)
  const people = {
    coordinator: ['U000-02', ['coordinator']], coordinator2: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']],
    supervisor2: ['U000-03', ['supervisor']], accountability: ['U000-04', ['accountability']], accountability2: ['U000-04', ['accountability']],
    registry: ['U000-01', ['registry']], handler: ['U003', ['handler']], chief: ['U003', ['unit_leader']], other: ['U010', ['handler']],
    discipline: ['U032', ['handler']], leader: ['U000', ['leader']], admin: ['U000', ['admin']],
    borrowed: ['U000-03', ['supervisor'], 'U003'], seconded: ['U000-04', ['accountability'], 'U003'],
  }
  for (const [login, [unit, roles, home]] of Object.entries(people)) s[login] = await site.person(g, login, { unit, roles, home })
  s.number = await site.plaqueNumber('U003')
  s.number10 = await site.plaqueNumber('U010')
  for (const code of ['U003', 'U010', 'U032']) s[code] = await site.unitId(code)
  let n = 0
  s.open = async (text = '营业执照办理太慢，希望加快', plaque = s.number, nature = 'complain', unit = s.U003) => {
    const a = await g.api({ text: `${text}，第${++n}件`, plaque, nature })
    assert.equal(a.status, 201, a.text)
    const id = a.json.case
    if (nature !== 'report' && (await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit })
    return id
  }
})

/** A letter as the person sees it now, checked against the description of the API. */
async function letter(who, id, reason) {
  const a = await who.get(`/letters/${id}${reason ? `?reason=${encodeURIComponent(reason)}` : ''}`)
  assert.equal(fault(doc, { $ref: '#/components/schemas/LetterPage' }, a), null)
  return a
}
const look = '核对函件'
async function step(who, id, act, more = {}) {
  const now = await letter(who, id, look)
  return who.call('POST', `/letters/${id}/acts`, { act, version: now.letter.version, ...more })
}
async function does(who, id, act, more) {
  const a = await step(who, id, act, more)
  assert.equal(a.status, 200, `${who.login} ${act}: ${a.status} ${a.text}`)
  return a.json
}
async function drafts(who, body) {
  const a = await who.call('POST', '/letters', body)
  assert.equal(a.status, 200, `${who.login}: ${a.status} ${a.text}`)
  return a.json
}
const refused = (a, status, code) => assert.deepEqual([a.status, a.json?.code], [status, code], a.text)
/** Draft, check, sign; the letter then. */
async function signs(s, body, { drafter = s.supervisor, signer = s.supervisor2 } = {}) {
  const d = await drafts(drafter, body)
  await does(s.registry, d.letter.id, 'check')
  return (await does(signer, d.letter.id, 'sign')).letter
}
const year = new Date(Date.now() + 8 * 3600e3).getUTCFullYear()
/** Numbers of a kind this year run from 1 without a gap, and the counter says the same. */
async function gapless(site, kind) {
  const rows = (await site.sql('select number::int as n from letters where kind = $1 and year = $2 order by number', [kind, year])).map((r) => r.n)
  assert.deepEqual(rows, rows.map((_, i) => i + 1))
  assert.equal(await site.one('select count(*)::int from letters a join letters b on b.kind = a.kind and b.year = a.year and b.number = a.number + 1 where a.kind = $1 and b.signed_at <= a.signed_at', [kind]), 0, 'in the order of their signatures')
  assert.equal(await site.one('select coalesce((select last from letter_numbers where series = $1 and year = $2), 0)', [kind, year]), rows.length)
  return rows.length
}
/** A PDF's bytes. */
function pdf(person, path) {
  return new Promise((done, no) => {
    http.get(`${person.gateway.url}/staff/api/v1${path}`, { headers: person.headers(), agent: false }, (res) => {
      const parts = []
      res.on('data', (p) => parts.push(p))
      res.on('end', () => done({ status: res.statusCode, headers: res.headers, bytes: Buffer.concat(parts) }))
    }).on('error', no)
  })
}
async function printed(s, person, path, name) {
  const a = await pdf(person, path)
  assert.equal(a.status, 200, a.bytes.toString('utf8').slice(0, 500))
  assert.equal(a.headers['content-type'], 'application/pdf')
  assert.match(a.headers['content-disposition'], /^inline; filename="[a-z]+-(\d+|in|out)\.pdf"$/)
  const file = join(s.site.dir, `${name}.pdf`)
  writeFileSync(file, a.bytes)
  if (process.env.LETTERS_KEEP) writeFileSync(join(process.env.LETTERS_KEEP, `${name}.pdf`), a.bytes)
  const fonts = execFileSync('pdffonts', [file], { encoding: 'utf8' }).trim().split('\n').slice(2)
  assert.ok(fonts.length > 0)
  for (const f of fonts) assert.match(f, / yes +(yes|no) +(yes|no) +\d+ +\d+$/, f)
  return execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
}
const flat = (text) => text.replace(/\s+/g, '')

it('a 交办函 goes its whole way, and every seal needs another person', async (s) => {
  const one = await s.open(), two = await s.open('派出所户籍窗口周末不开门', s.number10, 'complain', s.U010)
  const d = await drafts(s.coordinator, { kind: 'assign', cases: [one, two].map(Number) })
  const id = d.letter.id
  assert.deepEqual([d.letter.state, d.letter.serial, d.letter.version], ['draft', null, 1])
  assert.deepEqual(d.letter.units.map((u) => u.id).sort(), [s.U003, s.U010].sort())
  assert.deepEqual(d.listed.map((c) => String(c.id)), [one, two].map(String))
  const text = d.versions[0]
  assert.match(text.title, /^关于交办.+的函$/)
  for (const c of [one, two]) assert.ok(text.body.includes(String(c)), text.body)
  assert.match(text.basis, /授权/)

  // Not before it is delivered, and the drafter neither checks nor signs.
  refused(await s.handler.call('GET', `/letters/${id}`), 404, 'letter_unknown')
  refused(await step(s.coordinator, id, 'check'), 403, 'second_person')
  refused(await step(s.coordinator2, id, 'sign'), 409, 'letter_step')
  refused(await step(s.supervisor, id, 'check'), 403, 'forbidden')
  refused(await s.coordinator.call('POST', `/letters/${id}/acts`, { act: 'edit', version: 7, title: '改' }), 409, 'letter_changed')

  // An edit is a new version; the one who wrote it is the drafter now.
  const edited = await does(s.coordinator2, id, 'edit', { title: '关于交办两件营商环境问题的函', note: '联系人：值班室' })
  assert.equal(edited.letter.text_version, 2)
  assert.equal(edited.versions[1].title, text.title)
  assert.equal(edited.versions[0].body, text.body)
  refused(await step(s.coordinator2, id, 'check'), 403, 'second_person')
  await does(s.coordinator, id, 'check')
  refused(await step(s.coordinator, id, 'edit', { title: '再改' }), 409, 'letter_step')
  refused(await step(s.registry, id, 'send_back'), 422, 'act_needs')
  await does(s.registry, id, 'send_back', { reason: '主送次序有误' })
  await does(s.registry, id, 'check')
  refused(await step(s.coordinator2, id, 'sign'), 403, 'second_person')
  refused(await step(s.supervisor, id, 'sign'), 403, 'forbidden')
  refused(await step(s.registry, id, 'sign'), 403, 'forbidden')
  const signed = (await does(s.coordinator, id, 'sign')).letter
  assert.equal(signed.serial, `示优化办交函〔${year}〕1号`)
  refused(await s.handler.call('GET', `/letters/${id}`), 404, 'letter_unknown')
  const live = await s.handler.watch()
  await does(s.registry, id, 'deliver')
  const told = await live.next((f) => f.kind === 'letter.changed')
  assert.deepEqual([told.data.id, told.data.state], [id, 'delivered'], 'the unit hears of it when it is delivered')
  await live.close()

  // Each addressee for itself; the letter is where the slowest is.
  const seen = await letter(s.handler, id)
  assert.deepEqual(seen.allowed.map((x) => x.act), ['receive'])
  assert.deepEqual(seen.versions.map((v) => v.version), [2], 'units see the signed text alone')
  assert.deepEqual(seen.acts.map((a) => a.act), ['sign', 'deliver'])
  refused(await step(s.handler, id, 'answer', { words: '已办' }), 409, 'letter_step')
  refused(await step(s.coordinator, id, 'receive', { words: '代收' }), 403, 'forbidden')
  assert.equal((await does(s.handler, id, 'receive')).letter.state, 'delivered')
  refused(await step(s.chief, id, 'receive'), 409, 'letter_step')
  refused(await step(s.chief, id, 'answer'), 422, 'act_needs')
  await does(s.chief, id, 'answer', { words: '已按要求办理，材料附后。' })
  assert.equal((await letter(s.coordinator, id)).letter.state, 'delivered')
  assert.equal((await does(s.other, id, 'receive')).letter.state, 'received')
  assert.equal((await letter(s.other, id)).acts.some((a) => a.words), false, 'an answer is not for the other addressees')
  assert.equal((await does(s.other, id, 'answer', { words: '周末已安排值班。' })).letter.state, 'answered')
  refused(await step(s.supervisor, id, 'finish'), 403, 'forbidden')
  assert.equal((await does(s.coordinator2, id, 'finish')).letter.state, 'finished')
  for (const act of ['void', 'finish', 'deliver', 'edit']) assert.equal((await step(s.coordinator2, id, act, { reason: '误', ...(act === 'edit' ? { title: '改' } : {}) })).status, 409)

  const all = await letter(s.coordinator, id)
  assert.deepEqual(all.acts.map((a) => a.act), ['draft', 'edit', 'check', 'send_back', 'check', 'sign', 'deliver', 'receive', 'answer', 'receive', 'answer', 'finish'])
  assert.deepEqual(all.acts.map((a) => a.version), all.acts.map((_, i) => i + 1))
  for (const a of all.acts) assert.ok(a.staff.id && a.role && a.at)
  const book = (await s.registry.get(`/letters/register?book=in&q=${encodeURIComponent(signed.serial)}`)).rows
  assert.equal(book.length, 2, 'an answer is found by the number of what it answers')
  const incoming = (await s.registry.get('/letters/register?book=in')).rows
  assert.deepEqual(incoming.map((r) => r.serial).sort(), [`示优化办反馈〔${year}〕1号`, `示优化办反馈〔${year}〕2号`])
  for (const r of incoming) assert.equal(r.letter_serial, signed.serial)
  const page = flat(await printed(s, s.handler, `/letters/${id}/pdf`, 'assign'))
  for (const word of [signed.serial, '关于交办两件营商环境问题的函', '（印章）', String(one)]) assert.ok(page.includes(word), `${word} is on the page`)
})

it('a 督办函 raises the rung of every case with its signature, or of none; the case shows its letters', async (s) => {
  const [one, two] = [await s.open(), await s.open()]
  refused(await s.supervisor.act(one, 'supervise', { rung: 3, reason: '逾期' }), 422, 'act_needs')
  const d = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: [one, two].map(Number) })
  const id = d.letter.id
  assert.match(d.versions[0].title, /^关于.+的督办函$/)
  await does(s.registry, id, 'check')
  refused(await step(s.supervisor, id, 'sign'), 403, 'second_person')
  // The page of a draft says so.
  assert.ok(flat(await printed(s, s.supervisor, `/letters/${id}/pdf`, 'draft')).includes('未签发'))

  // One of its cases cannot be raised: nothing happens, and the refusal names it.
  const higher = await signs(s, { kind: 'supervise', rung: 4, cases: [Number(two)] })
  const no = await step(s.supervisor2, id, 'sign')
  refused(no, 409, 'act_illegal')
  assert.ok(no.json.detail.includes(`办件${two}`), no.text)
  assert.equal((await s.supervisor.case(one)).case.rung, 0)
  assert.equal((await letter(s.supervisor, id)).letter.state, 'checked')

  await does(s.supervisor2, id, 'send_back', { reason: '其中一件已升级' })
  await does(s.supervisor, id, 'edit', { cases: [] })
  await does(s.registry, id, 'check')
  refused(await step(s.supervisor2, id, 'sign'), 422, 'act_needs') // a rung of nothing
  await does(s.supervisor2, id, 'send_back', { reason: '未列办件' })
  await does(s.supervisor, id, 'edit', { cases: [Number(one)] })
  await does(s.registry, id, 'check')
  // Who comes from the unit that handles the case steps aside.
  refused(await step(s.borrowed, id, 'sign'), 403, 'recused')
  const signed = (await does(s.supervisor2, id, 'sign')).letter
  assert.equal(signed.serial, higher.serial.replace(/(\d+)号/, (_, n) => `${Number(n) + 1}号`))
  const page = await s.supervisor.case(one)
  assert.equal(page.case.rung, 3)
  const act = page.acts.at(-1)
  assert.deepEqual([act.act, act.data.letter, act.data.rung, act.staff.id], ['supervise', id, 3, s.supervisor2.staff.id])
  const its = (await s.supervisor.get(`/letters?case=${one}`)).letters
  assert.deepEqual(its.map((l) => [l.id, l.serial]), [[id, signed.serial]])
  assert.deepEqual((await s.supervisor.get(`/letters?case=${two}`)).letters.map((l) => l.id), [higher.id])
  assert.ok(flat(await printed(s, s.supervisor, `/letters/${id}/pdf`, 'yellow')).includes('黄色督办'))
  assert.ok(flat(await printed(s, s.supervisor, `/letters/${higher.id}/pdf`, 'red')).includes('红色督办'))
})

it('a case that changes between reading and signing is judged again, not lost', async (s) => {
  const cases = await Promise.all(Array.from({ length: 6 }, () => s.open()))
  const d = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: cases.map(Number) })
  await does(s.registry, d.letter.id, 'check')
  const notes = cases.map((c) => s.coordinator.act(c, 'note', { words: '同时写一笔' }))
  const signed = await step(s.supervisor2, d.letter.id, 'sign')
  await Promise.all(notes)
  assert.ok([200, 409].includes(signed.status), signed.text)
  if (signed.status === 409) await does(s.supervisor2, d.letter.id, 'sign')
  for (const c of cases) assert.equal((await s.supervisor.case(c)).case.rung, 3)
})

it('many hands on two gateways: numbers run from 1 to n, and a void number stays void', async (s) => {
  const N = 24
  const before = await gapless(s.site, 'urge')
  const ids = []
  for (let i = 0; i < N; i++) {
    const d = await drafts(s.supervisor, { kind: 'urge', units: [s.U003], title: `关于第${i + 1}件的催办通知书`, body: '请立即办理。' })
    await does(s.registry, d.letter.id, 'check')
    ids.push(d.letter.id)
  }
  const there = new Person(s.second, 'supervisor2')
  await there.signIn(s.supervisor2.password)
  // Everything twice, once at each gateway: one of the two is told that the letter has changed.
  const all = await Promise.all(ids.flatMap((id) => [s.supervisor2, there].map((p) => p.call('POST', `/letters/${id}/acts`, { act: 'sign', version: 2 }))))
  const won = all.filter((a) => a.status === 200)
  assert.equal(won.length, N)
  for (const a of all.filter((x) => x.status !== 200)) refused(a, 409, 'letter_changed')
  assert.equal(new Set(won.map((a) => a.json.letter.serial)).size, N)
  assert.equal(await gapless(s.site, 'urge'), before + N)

  const last = won.find((a) => a.json.letter.serial === `示优化办催函〔${year}〕${before + N}号`).json.letter
  refused(await step(s.supervisor2, last.id, 'void'), 422, 'act_needs')
  refused(await step(s.registry, last.id, 'void', { reason: '误发' }), 403, 'forbidden')
  const gone = (await does(s.supervisor2, last.id, 'void', { reason: '误发' })).letter
  assert.deepEqual([gone.state, gone.serial], ['void', last.serial])
  assert.ok(flat(await printed(s, s.supervisor, `/letters/${last.id}/pdf`, 'void')).match(/作.*废|废.*作/))
  const next = await signs(s, { kind: 'urge', units: [s.U003], title: '关于限期办理的催办通知书', body: '请立即办理。' })
  assert.equal(next.serial, `示优化办催函〔${year}〕${before + N + 1}号`)
  const row = (await s.registry.get(`/letters/register?q=${encodeURIComponent(last.serial)}`)).rows
  assert.deepEqual(row.map((r) => [r.serial, r.state]), [[last.serial, 'void']])
  // A draft that is voided never had one.
  const d = await drafts(s.supervisor, { kind: 'urge', units: [s.U003], title: '关于误拟的催办通知书', body: '误拟。' })
  assert.deepEqual((await does(s.supervisor, d.letter.id, 'void', { reason: '误拟' })).letter.serial, null)
  assert.equal(await gapless(s.site, 'urge'), before + N + 1)
})

it('a repeat that is read while the first signature commits is told of the letter, not of the rung', async (s) => {
  const c = await s.open()
  const d = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: [Number(c)] })
  const id = d.letter.id
  await does(s.registry, id, 'check')
  const there = new Person(s.second, 'supervisor2')
  await there.signIn(s.supervisor2.password)
  const sign = (who) => who.call('POST', `/letters/${id}/acts`, { act: 'sign', version: 2 })
  const waits = (what) => until(`${what} waits`, () => s.site.one(`select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like $1)`, [what]))
  const [head, table] = [0, 1].map(() => s.site.db.client())
  for (const h of [head, table]) {
    await h.connect()
    await h.query('begin')
  }
  try {
    // The first has its number and holds its case, but cannot commit.
    await head.query('select * from event_head for update')
    const first = sign(s.supervisor2)
    await waits('%letter_do(%')
    // Queued behind the first and before the repeat: the repeat reads the cases only when the first has committed.
    const locked = table.query('lock table cases in access exclusive mode')
    await waits('lock table cases %')
    const repeat = sign(there)
    await waits('select % from cases c where c.id = any ($1) %')
    await head.query('rollback')
    await locked
    assert.equal(await s.site.one('select state from letters where id = $1', [id]), 'signed')
    await table.query('rollback')
    assert.equal((await first).status, 200)
    refused(await repeat, 409, 'letter_changed')
  } finally {
    for (const h of [head, table]) await h.end()
  }
})

/** As the running gateway does it for a person, without any of its rules. */
async function asPerson(s, person, statements) {
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  try {
    await c.query('begin')
    await c.query(`select set_config('msd.staff', $1, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true), set_config('role', 'mashangdu_staff', true)`, [String(person.staff.id)])
    let rows
    for (const [sql, params] of statements) rows = (await c.query(sql, params)).rows
    await c.query('rollback')
    return rows
  } finally {
    await c.end()
  }
}
const denied = (promise, code) => assert.rejects(promise, (e) => { assert.equal(e.code, code, `${e.code} ${e.message}`); return true })

it('the database holds the same: second person, states, frozen texts, numbers, by SQL as the runtime role', async (s) => {
  const c = await s.open()
  const d = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: [Number(c)] })
  const id = d.letter.id
  const go = (who, act, seen, role, more = {}) => asPerson(s, who, [['select * from letter_do($1, $2, $3, now(), $4, $5, $6, $7)',
    [id, seen, act, role, more.reason ?? null, more.words ?? null, '示优化办督函']]])
  await denied(go(s.supervisor, 'check', 1, 'supervisor'), 'MSD53')
  await denied(go(s.supervisor2, 'sign', 1, 'supervisor'), 'MSD52')
  await denied(go(s.supervisor2, 'check', 9, 'supervisor'), 'MSD51')
  await denied(go(s.supervisor2, 'check', 1, 'registry'), '42501')   // a post that the person does not hold
  await denied(go(s.coordinator, 'check', 1, 'coordinator'), '42501')
  await denied(go(s.handler, 'check', 1, 'handler'), 'MSD50')
  await denied(go(s.admin, 'check', 1, 'admin'), 'MSD50')
  await denied(asPerson(s, s.supervisor, [['select letter_new(\'urge\', 0, now(), null, null, \'{}\')']]), '42501')
  await denied(asPerson(s, s.supervisor, [['select letter_take(\'urge\', 2026)']]), '42501')
  for (const sql of ['update letters set state = \'signed\'', 'delete from letters', 'insert into letter_acts values (1, 99, now(), \'sign\')', 'update letter_texts set body = \'x\'',
    'update letter_numbers set last = 0', 'select * from letter_numbers', 'insert into letter_cases values (1, 1, 1, \'x\', null)', 'update incoming set title = \'x\'', 'delete from letter_units'])
    for (const who of [s.supervisor2, s.accountability]) await denied(asPerson(s, who, [[sql]]), '42501')
  for (const table of ['letters', 'letter_texts', 'letter_acts', 'letter_cases', 'letter_units', 'letter_numbers', 'incoming'])
    for (const verb of [`delete from ${table}`, `truncate ${table} cascade`]) await denied(s.site.sql(verb, [], 'mashangdu_gateway'), '42501')

  await does(s.registry, id, 'check')
  await denied(go(s.supervisor, 'sign', 2, 'supervisor'), 'MSD53')
  // A signature that forgets the cases does not get past the end of its transaction.
  await denied(asPerson(s, s.supervisor2, [['select * from letter_do($1, 2, \'sign\', now(), \'supervisor\', null, null, \'示优化办督函\')', [id]], ['set constraints all immediate']]), 'MSD58')
  await does(s.supervisor2, id, 'sign')
  // Not even the owner unmakes it.
  for (const [sql, code] of [['update letters set number = number + 1000 where id = $1', 'MSD20'], [`update letters set state = 'draft', number = null, year = null, serial = null, signer_id = null, signed_at = null where id = $1`, 'MSD20'],
    ['delete from letters where id = $1', 'MSD20'], ['update letters set text_version = 9 where id = $1', 'MSD20'], ['update letter_texts set body = \'x\' where letter_id = $1', 'MSD20'],
    ['insert into letter_texts select letter_id, version + 1, at, staff_id, title, basis, \'x\', practice, due, issuers, receiver, copies_to, note, attachments, unit_ids, case_ids from letter_texts where letter_id = $1', 'MSD20'],
    ['delete from letter_cases where letter_id = $1', 'MSD20'], ['delete from letter_acts where letter_id = $1', 'MSD20'], ['update letters set confidential = false, signer_id = drafter_id where id = $1', 'MSD20']])
    await denied(s.site.sql(sql, [id], 'mashangdu_owner'), code)
  await denied(s.site.sql(`update letter_numbers set last = last - 1 where series = 'supervise'`, [], 'mashangdu_owner'), 'MSD20')

  // The year is China's: the number begins anew at midnight there.
  const turn = []
  for (const title of ['关于年末事项的函', '关于年初事项的函']) {
    const n = await drafts(s.coordinator, { kind: 'assign', units: [s.U003], title, body: '请办理。' })
    await does(s.registry, n.letter.id, 'check')
    turn.push(n.letter.id)
  }
  const signAt = (letterId, at) => [`select (letter_do($1, 2, 'sign', $2, 'coordinator', null, null, '示优化办交函')).o_serial as serial`, [letterId, at]]
  assert.equal((await asPerson(s, s.coordinator2, [signAt(turn[0], '2031-12-31T15:59:59Z')]))[0].serial, '示优化办交函〔2031〕1号')
  assert.equal((await asPerson(s, s.coordinator2, [signAt(turn[0], '2031-12-31T15:59:59Z'), signAt(turn[1], '2031-12-31T16:00:00Z')]))[0].serial, '示优化办交函〔2032〕1号')

  // A counter that disagrees with the letters stops signing.
  const e = await drafts(s.accountability, { kind: 'assign', units: [s.U003], title: '关于核对编号的函', body: '请核对。' })
  await does(s.registry, e.letter.id, 'check')
  
  await s.site.sql(`insert into letter_numbers values ('assign', ${year}, 0) on conflict do nothing`)
  await s.site.sql(`update letter_numbers set last = last + 1 where series = 'assign' and year = ${year}`, [], 'mashangdu_owner')
  const a = await step(s.coordinator, e.letter.id, 'sign')
  assert.equal(a.status, 500, a.text)
  assert.equal((await letter(s.coordinator, e.letter.id)).letter.state, 'checked')
  await s.site.sql(`alter table letter_numbers disable trigger all; update letter_numbers set last = last - 1 where series = 'assign' and year = ${year}; alter table letter_numbers enable trigger all`)
  await does(s.coordinator, e.letter.id, 'sign')
  await gapless(s.site, 'assign')
})

it('P4: a letter about a report is for 追责问责组 and the discipline unit; the reported unit, whatever its people do here, learns nothing', async (s) => {
  const secret = '科长收了商户两千元红包暗号寅'
  const watch = await s.handler.watch(), watchBorrowed = await s.seconded.watch(), watchOffice = await s.coordinator.watch(), watchRight = await s.accountability.watch()
  const id = await s.open(`区市场监督管理局的${secret}`, s.number, 'report')
  await s.accountability.does(id, 'assign', { unit: s.U032 }, { reason: look })
  await s.accountability.does(id, 'transfer_out', { reason: '属纪检监察机关管辖', receiver: '区纪委监委', words: '已移送有权机关处理。' }, { reason: look })
  const found = (await s.accountability.get(`/letters?case=${id}`)).letters
  assert.deepEqual(found.map((l) => [l.kind, l.state, l.confidential, l.units.map((u) => u.id)]), [['transfer', 'draft', true, [s.U032]]], 'the act has put its letter on the desk')
  const one = found[0].id
  refused(await s.accountability.call('GET', `/letters/${one}`), 422, 'act_needs')
  const page = await letter(s.accountability, one, '移送核对')
  assert.equal(await s.site.one(`select count(*)::int from audit_log where action = 'look_letter' and staff_id = $1 and detail->>'reason' = '移送核对'`, [s.accountability.staff.id]), 1)
  // Who reads the log reads that it was looked at and why; who comes from the unit does not.
  for (const [login, home, n] of [['auditor', 'U000', 1], ['auditor003', 'U003', 0]]) {
    const auditor = await s.site.person(s.gateway, login, { unit: 'U000', roles: ['auditor'], home })
    assert.equal((await auditor.get('/audit?action=look_letter')).rows.length, n, login)
  }
  assert.equal(JSON.stringify(page).includes('红包'), false, 'no words of the citizen')
  assert.equal(JSON.stringify(page).includes('市场监督'), false)
  // Nobody else, in lists, pages, searches, books, pages to print.
  const title = page.letter.title
  const blind = [s.handler, s.chief, s.other, s.coordinator, s.supervisor, s.registry, s.leader, s.borrowed, s.seconded, s.admin]
  const knows = async (who) => {
    if (who === s.admin) { // no door leads there
      for (const path of ['/letters', `/letters?case=${id}`, `/letters/${one}?reason=${encodeURIComponent(look)}`, `/letters/${one}/pdf`]) refused(await who.call('GET', path), 403, 'forbidden')
    } else {
      assert.equal((await who.get('/letters')).letters.some((l) => l.id === one), false, who.login)
      assert.equal((await who.get(`/letters?case=${id}`)).letters.length, 0, who.login)
      assert.equal((await who.get(`/letters?q=${encodeURIComponent(title)}`)).letters.some((l) => l.id === one), false, who.login)
      for (const path of [`/letters/${one}?reason=${encodeURIComponent(look)}`, `/letters/${one}/pdf?reason=${encodeURIComponent(look)}`]) refused(await who.call('GET', path), 404, 'letter_unknown')
    }
    const step = await who.call('POST', `/letters/${one}/acts`, { act: 'check', version: 1 })
    if (who === s.admin || who === s.leader) refused(step, 403, 'forbidden')
    else refused(step, 404, 'letter_unknown')
    await denied(asPerson(s, who, [['select * from letter_do($1, 1, \'check\', now(), \'accountability\', null, null, null)', [one]]]), 'MSD50')
    assert.deepEqual(await asPerson(s, who, [['select id from letters where id = $1', [one]]]), [])
    assert.deepEqual(await asPerson(s, who, [['select letter_id from letter_texts where letter_id = $1 union all select letter_id from letter_acts where letter_id = $1 union all select letter_id from letter_cases where letter_id = $1', [one]]]), [])
  }
  for (const who of [...blind, s.discipline]) await knows(who)
  // It is addressed to the unit that is reported by nobody.
  refused(await step(s.accountability, one, 'edit', { units: [s.U003] }), 403, 'recused')
  refused(await step(s.accountability, one, 'edit', { units: [s.U010] }), 403, 'recused')
  const other = await s.open()
  refused(await step(s.accountability, one, 'edit', { cases: [Number(id), Number(other)] }), 409, 'act_illegal')
  refused(await s.accountability.call('POST', '/letters', { kind: 'transfer', cases: [Number(id)], units: [s.U003] }), 403, 'recused')
  refused(await s.supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [Number(id)] }), 404, 'case_unknown')

  refused(await step(s.accountability, one, 'check'), 403, 'second_person')
  await does(s.accountability2, one, 'check')
  await does(s.accountability2, one, 'sign')
  for (const who of [...blind, s.discipline]) await knows(who)
  await does(s.accountability2, one, 'deliver')
  for (const who of blind) await knows(who)
  await does(s.discipline, one, 'receive')
  const text = flat(await printed(s, s.discipline, `/letters/${one}/pdf?reason=${encodeURIComponent(look)}`, 'transfer'))
  assert.ok(text.includes(`示优化办移函〔${year}〕1号`))
  assert.equal(text.includes('红包'), false)
  // The book has number, date and receiver, for those who may know of it.
  const row = (await s.accountability.get('/letters/register?kind=transfer')).rows[0]
  assert.deepEqual([row.serial, row.to, row.title, row.signer, row.cases, row.state], [`示优化办移函〔${year}〕1号`, '区纪委监委', null, null, null, null])
  assert.deepEqual((await s.registry.get('/letters/register?kind=transfer')).rows, [])
  refused(await s.handler.call('GET', '/letters/register'), 403, 'forbidden')

  // The live stream tells those who may know, and no word.
  const told = await watchRight.next((f) => f.kind === 'letter.changed' && f.data.state === 'received')
  assert.deepEqual(Object.keys(told.data).sort(), ['id', 'kind', 'state', 'version'])
  await s.supervisor.does(other, 'note', { words: '随后的一件' })
  await watchOffice.next((f) => f.kind === 'case.changed' && String(f.data.id) === String(other))
  for (const w of [watch, watchBorrowed, watchOffice]) assert.equal(w.frames.some((f) => f.kind === 'letter.changed' && f.data.id === one), false)
  for (const w of [watch, watchBorrowed, watchOffice, watchRight]) await w.close()
  assert.equal(s.gateway.text().includes('红包'), false)
})

it('a case that turns out to be confidential takes its letters with it', async (s) => {
  const id = await s.open('办事大厅排队两小时')
  const d = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: [Number(id)] })
  await does(s.registry, d.letter.id, 'check')
  await s.site.sql(`update cases set unit_id = $2, about_unit_id = $3, flags = flags || '{confidential}' where id = $1`, [id, s.U032, s.U003])
  for (const who of [s.supervisor, s.registry, s.coordinator, s.seconded]) refused(await who.call('GET', `/letters/${d.letter.id}`), 404, 'letter_unknown')
  const now = await letter(s.accountability, d.letter.id, look)
  assert.deepEqual([now.letter.state, now.letter.units, now.listed[0].subject], ['draft', [], ''], 'it lost the addressee and has to be checked again')
})

it('the clock puts a draft on the desk, once; two people see it before it leaves, and acts of people do the same', async (s) => {
  const id = await s.open()
  const strike = (rung) => s.site.sql(`update cases set next_at = now() - interval '1 minute', next_act = 'propose', next_rung = $2, claimed_until = null where id = $1`, [id, rung])
  const drafts3 = async () => (await s.supervisor.get(`/letters?case=${id}`)).letters
  await strike(3)
  const [one] = await until('the draft is there', async () => { const l = await drafts3(); return l.length > 0 && l })
  assert.deepEqual([one.kind, one.rung, one.state, one.drafter, one.units.map((u) => u.id)], ['supervise', 3, 'draft', null, [s.U003]])
  const page = await letter(s.supervisor, one.id)
  assert.deepEqual(page.acts.map((a) => [a.act, a.actor]), [['draft', 'clock']])
  assert.ok(page.versions[0].body.includes(String(id)))
  await does(s.supervisor, one.id, 'check')
  refused(await step(s.supervisor, one.id, 'sign'), 403, 'second_person')
  await denied(asPerson(s, s.supervisor, [['select * from letter_do($1, 2, \'sign\', now(), \'supervisor\', null, null, \'x\')', [one.id]]]), 'MSD53')
  await does(s.supervisor2, one.id, 'sign')
  assert.equal((await s.supervisor.case(id)).case.rung, 3)
  // 催办 by a person climbs its rung itself; the paper follows and raises nothing.
  const two = await s.open()
  await s.supervisor.does(two, 'supervise', { rung: 2, reason: '时限将至' })
  const [urge] = (await s.supervisor.get(`/letters?case=${two}`)).letters
  assert.deepEqual([urge.kind, urge.rung, urge.drafter.id], ['urge', 0, s.supervisor.staff.id])
  await does(s.registry, urge.id, 'check')
  assert.match((await does(s.supervisor2, urge.id, 'sign')).letter.serial, /^示优化办催函/)
  assert.equal((await s.supervisor.case(two)).case.rung, 2)
  // A draft of that kind and rung that lies there already stays alone.
  const three = await s.open()
  const mine = await drafts(s.supervisor, { kind: 'supervise', rung: 3, cases: [Number(three)] })
  await s.site.sql(`update cases set next_at = now() - interval '1 minute', next_act = 'propose', next_rung = 3, claimed_until = null where id = $1`, [three])
  await until('the clock has proposed', async () => (await s.supervisor.case(three)).acts.some((a) => a.act === 'propose'))
  assert.deepEqual((await s.supervisor.get(`/letters?case=${three}`)).letters.map((l) => l.id), [mine.letter.id])
})

it('what waits for whom, and what the register finds', async (s) => {
  const d = await drafts(s.supervisor, { kind: 'announce', units: [s.U003, s.U010], title: '关于一季度督查情况的通报', body: '现将有关情况通报如下。', practice: '区市场监督管理局推行“一窗通办”，值得推广。' })
  const id = d.letter.id
  const todo = async (who) => (await who.get('/letters?todo=1')).letters.some((l) => l.id === id)
  assert.deepEqual([await todo(s.supervisor), await todo(s.registry), await todo(s.supervisor2), await todo(s.coordinator), await todo(s.handler)], [false, true, true, false, false])
  await does(s.registry, id, 'check')
  assert.deepEqual([await todo(s.supervisor), await todo(s.registry), await todo(s.supervisor2)], [false, false, true])
  const signed = (await does(s.supervisor2, id, 'sign')).letter
  await does(s.registry, id, 'deliver')
  assert.deepEqual([await todo(s.handler), await todo(s.other), await todo(s.registry), await todo(s.discipline)], [true, true, false, false])
  for (const who of [s.handler, s.other]) await does(who, id, 'receive')
  await does(s.handler, id, 'answer', { words: '已对照整改。' })
  // Nobody waits for an answer of everybody to a 通报: somebody says so.
  refused(await step(s.supervisor2, id, 'finish'), 422, 'act_needs')
  await does(s.supervisor2, id, 'finish', { reason: '已传达，无需全部反馈' })

  const rows = async (query) => (await s.registry.get(`/letters/register?${query}`)).rows
  assert.deepEqual((await rows(`q=${encodeURIComponent('一季度督查')}`)).map((r) => r.serial), [signed.serial])
  assert.ok((await rows(`kind=announce&year=${year}`)).some((r) => r.serial === signed.serial))
  assert.deepEqual(await rows(`q=${encodeURIComponent('%')}`), [], 'a sign of the search is a sign')
  const found = (await rows('limit=2')).length
  assert.equal(found, 2)
  const first = await s.registry.get('/letters/register?limit=2')
  const second = await s.registry.get(`/letters/register?limit=2&cursor=${first.next}`)
  assert.equal(second.rows.some((r) => first.rows.some((x) => x.id === r.id)), false)
  // Page by page it is the same list, each letter once, though one more was drafted after the first page; also of what waits for somebody.
  for (const query of ['state=draft,finished', 'todo=1']) {
    const whole = (await s.registry.get(`/letters?${query}&limit=100`)).letters.map((l) => l.id)
    const walked = []
    let page = await s.registry.get(`/letters?${query}&limit=1`)
    if (query === 'todo=1') assert.ok(page.next, 'more than one waits')
    else await drafts(s.supervisor, { kind: 'announce', units: [s.U003], title: '关于翻页期间新拟文件的通报', body: '现将有关情况通报如下。', practice: '略。' })
    for (;;) {
      walked.push(...page.letters.map((l) => l.id))
      if (!page.next) break
      page = await s.registry.get(`/letters?${query}&limit=3&cursor=${page.next}`)
    }
    assert.deepEqual(walked, whole)
  }
  for (const bad of ['kind=x', 'year=1', 'limit=0', 'cursor=x', 'book=x']) refused(await s.registry.call('GET', `/letters/register?${bad}`), 422, 'unknown_field')
  for (const bad of ['kind=none', 'state=new', 'todo=2', 'case=x']) refused(await s.registry.call('GET', `/letters?${bad}`), 422, 'unknown_field')

  // Documents from outside have numbers of their own.
  refused(await s.supervisor.call('POST', '/letters/register', { from: '市优化办', title: '关于报送情况的通知' }), 403, 'forbidden')
  const a = await s.registry.call('POST', '/letters/register', { from: '市优化办', their_serial: '市优化办〔2026〕3号', title: '关于报送情况的通知', letter: id })
  assert.equal(a.status, 200, a.text)
  const b = await s.registry.call('POST', '/letters/register', { from_unit: s.U010, title: '关于整改情况的报告' })
  assert.deepEqual([a.json.serial, b.json.serial], [`示优化办收〔${year}〕1号`, `示优化办收〔${year}〕2号`])
  refused(await s.registry.call('POST', '/letters/register', { title: '无来文单位' }), 422, 'unknown_field')
  assert.deepEqual((await rows(`book=in&q=${encodeURIComponent('市优化办〔2026〕3号')}`)).map((r) => [r.serial, r.letter]), [[a.json.serial, id]])
  const page = flat(await printed(s, s.registry, `/letters/register.pdf?year=${year}`, 'register'))
  for (const word of ['发文登记簿', signed.serial]) assert.ok(page.includes(word))
  assert.ok(flat(await printed(s, s.registry, '/letters/register.pdf?book=in', 'register-in')).includes('关于报送情况的通知'))
  const text = flat(await printed(s, s.supervisor, `/letters/${id}/pdf`, 'announce'))
  for (const word of ['经验推广', '一窗通办', signed.serial]) assert.ok(text.includes(word), word)
})

it('bad requests get a sentence and change nothing', async (s) => {
  const before = await s.site.one('select count(*)::int from letters')
  for (const [body, status, code] of [
    [{}, 422, 'unknown_field'], [{ kind: 'memo' }, 422, 'unknown_field'], [{ kind: 'supervise', cases: [1] }, 404, 'case_unknown'],
    [{ kind: 'supervise', rung: 2, units: [s.U003], title: '题', body: '文' }, 422, 'unknown_field'], [{ kind: 'urge', rung: 4, units: [s.U003], title: '题', body: '文' }, 422, 'unknown_field'],
    [{ kind: 'urge', units: [s.U003], title: 'x'.repeat(121), body: '文' }, 422, 'unknown_field'], [{ kind: 'urge', units: ['a'], title: '题', body: '文' }, 422, 'unknown_field'],
    [{ kind: 'urge', units: [999999], title: '题', body: '文' }, 403, 'recused'], [{ kind: 'urge', units: [s.U003], title: '题', body: '文', colour: 'red' }, 422, 'unknown_field'],
    [{ kind: 'supervise', rung: 3, units: [s.U003], title: '题', body: '文' }, 422, 'unknown_field'], [{ kind: 'urge', issuers: ['一', '二', '三', '四'], title: '题', body: '文' }, 422, 'unknown_field'], [{ kind: 'urge', units: [s.U003], title: ' ', body: '文' }, 422, 'unknown_field']])
    refused(await s.supervisor.call('POST', '/letters', body), status, code)
  for (const who of [s.handler, s.registry, s.leader, s.admin]) refused(await who.call('POST', '/letters', { kind: 'urge', units: [s.U003], title: '题', body: '文' }), 403, 'forbidden')
  assert.equal(await s.site.one('select count(*)::int from letters'), before)
  const d = await drafts(s.supervisor, { kind: 'urge', title: '关于某事的催办通知书', body: '请办理。' })
  refused(await step(s.registry, d.letter.id, 'check'), 422, 'act_needs') // no addressee
  refused(await step(s.supervisor, d.letter.id, 'fly'), 422, 'unknown_field')
  refused(await step(s.supervisor, d.letter.id, 'edit'), 422, 'unknown_field')
  refused(await step(s.supervisor, d.letter.id, 'check', { title: '夹带' }), 422, 'unknown_field')
  refused(await s.supervisor.call('POST', '/letters/999999/acts', { act: 'check', version: 1 }), 404, 'letter_unknown')
  // An addressee that is no unit here: somebody keeps the book for it.
  await does(s.supervisor, d.letter.id, 'edit', { receiver: '市优化办' })
  await does(s.registry, d.letter.id, 'check')
  await does(s.supervisor2, d.letter.id, 'sign')
  await does(s.registry, d.letter.id, 'deliver')
  refused(await step(s.registry, d.letter.id, 'receive'), 422, 'act_needs')
  await does(s.registry, d.letter.id, 'receive', { words: '收发室签收' })
  await does(s.registry, d.letter.id, 'answer', { words: '来函已复' })
  assert.equal((await letter(s.supervisor, d.letter.id)).letter.state, 'answered')
  // A receiver that is a unit here is addressed as that unit, once.
  const over = await letter(s.accountability, (await drafts(s.accountability, { kind: 'transfer', cases: [Number(await s.open())], receiver: '区纪委监委' })).letter.id)
  assert.deepEqual([over.letter.units.map((u) => u.id), over.versions[0].receiver ?? ''], [[s.U032], ''])
})

it('M10, M16: the source\'s own ledger: 5 通报, 8 交(督)办函, 23 problems, 9 rectified, 14 open; each letter lists its problems, each problem its letters', async (s) => {
  const problems = []
  for (let i = 0; i < 23; i++) problems.push(Number(await s.open('督查发现的问题')))
  const evidence = '整改照片'
  for (const id of problems.slice(0, 9)) { // rectified, answered, and the finder agreed
    await s.handler.does(id, 'sign')
    await s.handler.does(id, 'reply', { words: '已整改到位。', evidence })
    await s.chief.does(id, 'endorse')
    await s.supervisor.does(id, 'approve')
  }
  const eight = []
  for (let i = 0; i < 8; i++) {
    const kind = i < 4 ? 'assign' : 'supervise'
    const of = problems.filter((_, n) => n % 8 === i)
    const people = kind === 'assign' ? { drafter: s.coordinator, signer: s.coordinator2 } : {}
    eight.push({ letter: await signs(s, { kind, cases: of, ...(kind === 'supervise' ? { units: [s.U003] } : {}) }, people), of })
  }
  const five = []
  for (let i = 0; i < 5; i++) {
    const of = problems.filter((_, n) => n % 5 === i)
    five.push({ letter: await signs(s, { kind: 'announce', cases: of, title: `营商环境监督第${i + 1}期通报` }), of })
  }
  const listed = new Map(problems.map((p) => [p, []]))
  for (const { letter: l, of } of [...eight, ...five]) {
    const page = await letter(s.leader, l.id)
    assert.deepEqual(page.listed.map((c) => c.id), of)
    for (const p of of) listed.get(p).push(l.id)
  }
  for (const [p, letters] of listed) {
    const its = (await s.leader.get(`/letters?case=${p}`)).letters.map((l) => l.id)
    assert.deepEqual(its.sort((a, b) => a - b), letters.sort((a, b) => a - b))
    assert.equal(its.length, 2)
  }
  const states = await s.site.sql(`select count(*) filter (where answered)::int as done, count(*) filter (where not answered)::int as open, count(*)::int as found from
    (select 'answered' = any (c.flags) as answered from cases c where c.id = any ($1) and exists (select from letter_cases lc where lc.case_id = c.id)) t`, [problems])
  assert.deepEqual(states[0], { done: 9, open: 14, found: 23 })
  assert.equal(await s.site.one(`select count(distinct l.id)::int from letters l join letter_cases lc on lc.letter_id = l.id where lc.case_id = any ($1) and l.kind in ('assign', 'supervise')`, [problems]), 8)
  assert.equal(await s.site.one(`select count(distinct l.id)::int from letters l join letter_cases lc on lc.letter_id = l.id where lc.case_id = any ($1) and l.kind = 'announce'`, [problems]), 5)
  for (const kind of ['assign', 'supervise', 'announce']) await gapless(s.site, kind)
  const text = flat(await printed(s, s.leader, `/letters/${five[0].letter.id}/pdf`, 'ledger'))
  for (const p of five[0].of) assert.ok(text.includes(String(p)), `problem ${p} is in the 通报`)
  assert.ok(text.includes('问题交办'))
})

it('what is erased by rule leaves the list of a letter, and nothing else of the letter changes', async (s) => {
  const [one] = await s.site.sql(`select lc.letter_id, lc.case_id, f.id as feedback from letter_cases lc join feedback f on f.case_id = lc.case_id
    join letters l on l.id = lc.letter_id where l.state = 'signed' and lc.subject <> '' order by lc.letter_id limit 1`)
  const texts = await s.site.sql('select * from letter_texts where letter_id = $1', [one.letter_id])
  const other = await s.site.sql(`select letter_id, case_id, subject from letter_cases where case_id <> $1 order by 1, 2`, [one.case_id])
  await s.site.sql(`insert into erasures (feedback_id, basis, by) values ($1, '依申请', 'test')`, [one.feedback])
  assert.equal(await s.site.one(`select count(*)::int from letter_cases where case_id = $1 and subject <> ''`, [one.case_id]), 0)
  assert.deepEqual(await s.site.sql('select * from letter_texts where letter_id = $1', [one.letter_id]), texts)
  assert.deepEqual(await s.site.sql(`select letter_id, case_id, subject from letter_cases where case_id <> $1 order by 1, 2`, [one.case_id]), other)
})

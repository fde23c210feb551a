// P4, P5 and P11 over the whole loop: a report against a unit is lived from the first words to the 移送函, with monitors, inspections,
// imports, merges, letters and callbacks around it, while everybody who must not know looks at everything they can ask for. What they see
// before and after is the same, byte for byte; a number that is hidden answers like one that never was; no phone number leaves its place.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { clearOfMidnight, fileName, freshKey, hidden, raw, receiptOn, request, scenario, tree, until } from './harness.mjs'

const PHONE = '15412349876', ID_CARD = '11010119900307001X'
const WORD = '暗语枇杷'                 // stands in every hidden text and nowhere else
const why = { reason: '线索核查' }
const reasoned = `reason=${encodeURIComponent(why.reason)}`
const U = 'U003'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ trace: 'all', log_every: '1s', answer_deadline: '1m', db_statement_deadline: '1m' })
  const posts = {
    coordinator: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']], supervisor2: ['U000-03', ['supervisor']],
    accountability: ['U000-04', ['accountability']], accountability2: ['U000-04', ['accountability']], registry: ['U000-01', ['registry']],
    callback: ['U000-01', ['callback']], leader: ['U000', ['leader']], admin: ['U000', ['admin']], auditor: ['U000', ['auditor']],
    discipline: ['U032', ['handler']], chief32: ['U032', ['unit_leader']], both: ['U000-04', ['accountability', 'coordinator']],
    integrity: ['U000', ['monitor']],
    // of the unit that is reported, whatever their post
    handler: [U, ['handler']], chief: [U, ['unit_leader']], allin: [U, ['handler', 'unit_leader', 'monitor']], monitor: [U, ['monitor']],
    clerk: ['U000-02', ['coordinator', 'supervisor', 'registry', 'callback'], U], seconded: ['U000-04', ['accountability'], U], lent: ['U010', ['handler', 'unit_leader'], U],
    // of another unit that lends a hand
    other: ['U010', ['handler']] }
  s.p = {}
  for (const [login, [unit, roles, home]] of Object.entries(posts)) s.p[login] = await site.person(s.gateway, login, { unit, roles, home, name: `岗位${login}` })
  s.blind = ['coordinator', 'supervisor', 'registry', 'callback', 'leader', 'admin', 'auditor', 'handler', 'chief', 'allin', 'monitor', 'clerk', 'seconded', 'lent']
  for (const code of [U, 'U010', 'U026', 'U032']) s[code] = await site.unitId(code)
  s.number = await site.plaqueNumber(U)
  s.secret = { cases: [], feedback: [], letters: [], receipts: [] } // numbers that nobody of s.blind may meet
})

/** An answer with its bytes; a PDF as the text on it. */
function fetch(p, path) {
  return new Promise((done, no) => http.get(`${p.gateway.url}/staff/api/v1${path}`, { headers: p.headers(), agent: false }, (r) => {
    const parts = []
    r.on('data', (d) => parts.push(d)).on('end', () => done({ status: r.statusCode, headers: r.headers, bytes: Buffer.concat(parts) }))
  }).on('error', no))
}
async function read(s, p, path) {
  const a = await fetch(p, path)
  if (a.headers['content-type'] !== 'application/pdf') return { status: a.status, headers: a.headers, text: a.bytes.toString('utf8') }
  const file = join(s.site.dir, 'page.pdf')
  writeFileSync(file, a.bytes)
  return { status: a.status, headers: a.headers, text: execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/打印[^\n]*/g, '').replace(/\s+/g, '') }
}

const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
/** Every page with more than one matter on it, under every filter that could cut out a single one. */
const overviews = (s) => ['/cases?limit=100', `/cases?unit=${s[U]}`, `/cases?unit=${s.U032}`, '/cases?nature=report', '/cases?held=1', '/cases?triage=1', '/cases?overdue=1', '/cases?mine=1',
  `/cases?q=${encodeURIComponent(WORD)}`, '/cases?state=merged', '/cases?state=closed', '/counts', '/figures', `/figures?unit=${s[U]}`, `/figures?unit=${s.U032}`, `/figures?from=${today()}&to=${today()}`,
  '/callbacks?limit=100', `/callbacks?unit=${s.U032}`, '/letters?limit=100', '/letters?kind=transfer', `/letters?q=${encodeURIComponent('移送')}`, '/letters?todo=1', '/letters/register', '/letters/register?book=in',
  `/letters/register?q=${encodeURIComponent('纪')}`, '/letters/register.pdf', '/letters/register.pdf?book=in', '/meetings', '/meetings/board', '/inspections', '/inspections/totals',
  '/monitors', '/monitors/returns', '/sheets/weekly?scope=all', `/sheets/weekly?scope=all&unit=${s.U032}`, '/sheets/weekly.pdf?scope=all', '/sheets/weekly']
/** What differs by the hour of asking alone. */
const still = (text) => text.replace(/"seq":\d+/g, '"seq":0').replace(/"as_of":"[^"]*"/g, '').replace(/"(before|week_ends)":"[^"]*"/g, '')
async function survey(s) {
  const seen = {}
  for (const who of s.blind)
    for (const path of overviews(s)) {
      if (path.includes('.pdf') && !['coordinator', 'handler', 'clerk', 'seconded'].includes(who)) continue // made from what the JSON is made from
      const a = await read(s, s.p[who], path)
      assert.ok([200, 403].includes(a.status), `${who} ${path} ${a.status} ${a.text}`)
      seen[`${who} ${path}`] = `${a.status} ${still(a.text)}`
    }
  return seen
}
function nothingIn(s, text, where) {
  assert.equal(text.includes(WORD), false, `${where}: the words: ${text.slice(0, 2000)}`)
  for (const n of [...s.secret.cases, ...s.secret.feedback, ...s.secret.receipts])
    assert.equal(new RegExp(`(?<!\\d)${n}(?!\\d)`).test(text), false, `${where}: ${n} in ${text.slice(0, 3000)}`)
}

async function report(s, text = `${U === 'U003' ? '区市场监督管理局' : ''}科长收了商户两千元红包，${WORD}，我的电话${PHONE}`) {
  const a = await s.gateway.form(`/p/${s.number}/report`, { text, contact: PHONE })
  assert.equal(a.status, 201, a.text.slice(0, 1000))
  const [row] = await s.site.sql('select f.id, f.case_id, c.about_unit_id, c.confidential, c.nature, f.words from feedback f join cases c on c.id = f.case_id order by f.received_at desc, f.id desc limit 1')
  assert.match(row.words, /^sealed:/)
  assert.deepEqual([row.about_unit_id, row.confidential, row.nature], [s[U], true, 'report'])
  const one = { id: Number(row.case_id), feedback: Number(row.id), receipt: receiptOn(a.text) }
  s.secret.cases.push(one.id)
  s.secret.feedback.push(one.feedback)
  s.secret.receipts.push(one.receipt)
  return one
}
let ordinal = 0
/** An ordinary matter about the unit, in its hands. */
async function ordinary(s, { sign = true, text = '营业执照办理太慢，希望加快' } = {}) {
  const words = `${text}，第${++ordinal}件，电话${PHONE}`
  const a = await s.gateway.form(`/p/${s.number}/supervise`, { text: words, contact: PHONE })
  assert.equal(a.status, 201)
  const [row] = await s.site.sql('select id, case_id from feedback where words = $1', [words])
  const one = { id: Number(row.case_id), feedback: Number(row.id), receipt: receiptOn(a.text) }
  if ((await s.p.coordinator.case(one.id)).case.state === 'discovered') await s.p.coordinator.does(one.id, 'assign', { unit: s[U] })
  if (sign) await s.p.handler.does(one.id, 'sign')
  return one
}
async function letterOf(s, who, id) { return (await s.p[who].get(`/letters/${id}?${reasoned}`)).letter }
async function letterDoes(s, who, id, act, more = {}) {
  const a = await s.p[who].call('POST', `/letters/${id}/acts`, { act, version: (await letterOf(s, who, id)).version, ...more })
  assert.equal(a.status, 200, `${who} ${act} ${a.text}`)
  return a.json
}
const code = (a) => [a.status, a.json?.code, a.json?.detail, a.json?.missing]

it('a report lives its whole life and nobody else\'s view changes by a byte', async (s) => {
  await clearOfMidnight(120000)
  await ordinary(s)
  const asked = await ordinary(s)
  await s.p.handler.does(asked.id, 'reply', { words: '已经办好', evidence: 1 })
  await s.p.chief.does(asked.id, 'endorse')
  await s.p.supervisor.does(asked.id, 'approve')
  // Who is outside a unit files and inspects; both rosters are filled before anybody looks.
  const term = { from: '2026-01-01', to: '2028-12-31', enterprise: '示例电子有限公司' }
  for (const [who, track, login] of [['accountability', 'integrity', 'integrity'], ['registry', 'business', 'monitor'], ['registry', 'business', 'allin']])
    assert.equal((await s.p[who].call('POST', '/monitors', { track, login, ...term })).status, 200)
  const inspection = await s.p.supervisor.call('POST', '/inspections', { kind: 'covert', unit: s[U], place: '政务大厅三号窗口', held_at: '2026-03-20T09:00:00+08:00', steps: '以办事人身份排队', basis: '年度督查计划' },
    { 'idempotency-key': freshKey() })
  assert.ok([200, 201].includes(inspection.status), inspection.text)
  const inspected = inspection.json.inspection.id
  // Everybody files a return, also who found nothing: that one was filed tells nothing.
  const nothing = await s.p.integrity.call('POST', '/monitors/returns', { track: 'integrity', period: today().slice(0, 7), text: '无' }, { 'idempotency-key': freshKey() })
  assert.equal(nothing.status, 201, nothing.text)
  const sockets = {}
  for (const who of s.blind) sockets[who] = await s.p[who].watch()
  const before = await survey(s)

  // The report: filed, given to the discipline unit with another lending a hand, urged, answered, asked about, reopened, handed over.
  const one = await report(s), two = await report(s, `区市场监督管理局科长收受烟酒，${WORD}，${PHONE}`)
  const { accountability: acc, accountability2: acc2, discipline, chief32 } = s.p
  await acc.does(one.id, 'assign', { unit: s.U032 }, why)
  await acc.does(two.id, 'merge', { target: one.id, reason: '同一线索' }, why)
  await acc.does(one.id, 'co_assign', { unit: s.U010, reason: '协助核查' }, why)
  await discipline.does(one.id, 'sign', {}, why)
  const urged = await acc.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [one.id] })
  assert.equal(urged.status, 200, urged.text)
  s.secret.letters.push(urged.json.letter.id)
  await letterDoes(s, 'accountability2', urged.json.letter.id, 'check')
  await letterDoes(s, 'accountability2', urged.json.letter.id, 'sign')
  await letterDoes(s, 'accountability', urged.json.letter.id, 'deliver')
  await letterDoes(s, 'discipline', urged.json.letter.id, 'receive')
  await letterDoes(s, 'discipline', urged.json.letter.id, 'answer', { words: `正在核查，${WORD}` })
  await discipline.does(one.id, 'reply', { words: `查实，${WORD}`, evidence: 1 }, why)
  await chief32.does(one.id, 'endorse', {}, why)
  await acc.does(one.id, 'approve', {}, why)
  const number = await acc.call('POST', `/callbacks/${one.feedback}/contact`, why)
  assert.equal(number.json.contact, null, 'the number is under the seal')
  await acc.does(one.id, 'callback_unsolved', { words: `不认可，${WORD}`, rating: 1, feedback: one.feedback }, why)
  await acc2.does(one.id, 'transfer_out', { reason: '属纪检监察机关管辖', receiver: '区纪委监委', words: '已移送有权机关处理。' }, why)
  const drafts = (await acc.get(`/letters?case=${one.id}`)).letters
  assert.ok(drafts.some((l) => l.kind === 'transfer'))
  s.secret.letters.push(...drafts.map((l) => l.id))

  // The office's own finders bring the same kind of thing.
  const filed = await s.p.integrity.call('POST', '/monitors/returns', { track: 'integrity', period: today().slice(0, 7), text: `区市场监督管理局验收人员到企业吃请收受烟酒，${WORD}` }, { 'idempotency-key': freshKey() })
  assert.equal(filed.status, 201, filed.text)
  s.secret.cases.push(filed.json.number)
  s.secret.receipts.push(filed.json.receipt)
  const found = await acc.call('POST', `/inspections/${inspected}/findings`, { text: `区市场监督管理局窗口负责人收受红包两千元，${WORD}` }, { 'idempotency-key': freshKey() })
  assert.ok([200, 201].includes(found.status), found.text)
  s.secret.cases.push(found.json.number)
  s.found = { inspected, ordinal: found.json.ordinal }
  assert.equal(await s.site.one('select confidential from cases where id = $1', [found.json.number]), true)
  const outcome = await acc.call('POST', `/inspections/${inspected}/outcomes`, { kind: 'hand_over', persons: 3, decided_on: today(), problem: found.json.ordinal }, { 'idempotency-key': freshKey() })
  assert.ok([200, 201].includes(outcome.status), outcome.text)
  for (const n of [filed.json.number, found.json.number]) s.secret.feedback.push(Number(await s.site.one('select id from feedback where case_id = $1', [n])))

  const after = await survey(s)
  for (const key of Object.keys(before)) {
    assert.equal(after[key], before[key], key)
    nothingIn(s, after[key], key)
  }
  // Who lends a hand sees it and is no gap in the test: the same unit's person who comes from the reported one is among the blind.
  assert.equal((await s.p.other.call('GET', `/cases/${one.id}?${reasoned}`)).status, 200)
  s.one = one
  s.two = two
  s.asked = asked

  // Nothing of it was pushed. A last ordinary event is the end of what is looked at.
  const last = await ordinary(s, { sign: false })
  for (const who of s.blind.filter((w) => !['admin', 'auditor', 'monitor', 'lent'].includes(w))) {
    const seen = []
    await sockets[who].next((f) => { seen.push(f); return f.type === 'event' && f.case === last.id })
    for (const f of [...seen, ...sockets[who].frames]) nothingIn(s, JSON.stringify(f), `pushed to ${who}`)
    for (const f of seen.filter((f) => f.kind === 'letter.changed')) assert.equal(s.secret.letters.includes(f.data.id), false, who)
  }
  for (const who of ['admin', 'auditor', 'monitor', 'lent']) assert.deepEqual(sockets[who].frames.filter((f) => f.type === 'event'), [], who)
  for (const w of Object.values(sockets)) await w.close()
}, { ms: 400000 })

/** The same question about a hidden number and about one that never was. */
async function alike(s, who, method, path, body, numbers, { key = false } = {}) {
  const put = (v, n) => (v === undefined ? undefined : JSON.parse(JSON.stringify(v).replaceAll('"@"', String(n))))
  const ask = async (n) => {
    const a = await s.p[who].call(method, path.replaceAll('@', n), put(body, n), key ? { 'idempotency-key': freshKey() } : {})
    return [a.status, a.headers['content-type'], a.text.replaceAll(String(n), '@').replace(/"seq":\d+/g, '')]
  }
  const absent = await ask(numbers.absent)
  assert.ok(absent[0] !== 500, `${who} ${method} ${path}: ${absent}`)
  for (const n of numbers.hidden) assert.deepEqual(await ask(n), absent, `${who} ${method} ${path} ${JSON.stringify(body)} with ${n}`)
  return absent
}

it('a hidden number answers like one that never was, wherever a number may be put', async (s) => {
  const cases = { hidden: s.secret.cases, absent: 987654321012 }
  const tasks = { hidden: s.secret.feedback, absent: 987654321012 }
  const letters = { hidden: [...new Set(s.secret.letters)], absent: 700000 }
  const open = await ordinary(s)
  const mine = {}
  for (const who of ['coordinator', 'supervisor', 'clerk']) {
    const d = await s.p[who].call('POST', '/letters', { kind: who === 'coordinator' ? 'assign' : 'supervise', cases: [s.asked.id], units: [s.U010] })
    assert.equal(d.status, 200, d.text)
    mine[who] = d.json.letter
  }
  for (const who of s.blind) {
    for (const path of ['/cases/@', `/cases/@?${reasoned}`, `/cases/@/story?${reasoned}`, `/cases/@/story.pdf?${reasoned}`, '/cases?q=@', '/letters?case=@', '/callbacks?case=@']) await alike(s, who, 'GET', path, undefined, cases)
    for (const path of ['/letters/@', `/letters/@?${reasoned}`, `/letters/@/pdf?${reasoned}`]) await alike(s, who, 'GET', path, undefined, letters)
    await alike(s, who, 'POST', '/callbacks/@/contact', why, tasks)
    for (const act of ['note', 'assign', 'sign', 'merge', 'co_assign', 'share', 'supervise', 'transfer_out', 'approve', 'callback_solved', 'reopen', 'decline'])
      for (const version of [1, 9]) await alike(s, who, 'POST', '/cases/@/acts', { act, version, reason: '试一试', words: '试一试', unit: s.U010, target: open.id, person: s.p.other.staff.id, rung: 4, receiver: '市局', way: '信访', rating: 5 }, cases)
    for (const act of ['check', 'sign', 'void', 'edit', 'deliver', 'receive', 'answer', 'finish', 'send_back'])
      await alike(s, who, 'POST', '/letters/@/acts', { act, version: 1, ...(act === 'edit' ? { title: '改' } : { reason: '试', words: '试' }) }, letters)
    await alike(s, who, 'POST', '/letters/register', { from: '某机关', title: '来函', letter: '@' }, letters)
    // As target, as one of a letter's cases (alone, beside another, to any unit), as the one who was asked.
    const version = (await s.p.coordinator.case(open.id)).case.version
    await alike(s, who, 'POST', `/cases/${open.id}/acts`, { act: 'merge', version, target: '@', reason: '同一事项' }, cases)
    for (const units of [[], [s.U010], [s[U]], [s.U032]])
      for (const list of [['@'], [open.id, '@']]) await alike(s, who, 'POST', '/letters', { kind: 'supervise', cases: list, units, title: '函', body: '正文' }, cases)
    await alike(s, who, 'POST', `/cases/${s.asked.id}/acts`, { act: 'callback_solved', version: (await s.p.coordinator.case(s.asked.id)).case.version, words: '满意', feedback: '@' }, tasks)
    await alike(s, who, 'POST', `/inspections/${s.found.inspected}/outcomes`, { kind: 'announce', persons: 1, decided_on: today(), problem: '@' }, { hidden: [s.found.ordinal], absent: 77 }, { key: true })
  }
  for (const [who, l] of Object.entries(mine))
    for (const units of [undefined, [s.U010], [s[U]], [s.U032]])
      for (const list of [['@'], [s.asked.id, '@']]) {
        const version = (await letterOf(s, 'coordinator', l.id)).version
        await alike(s, who, 'POST', `/letters/${l.id}/acts`, { act: 'edit', version, cases: list, ...(units ? { units } : {}) }, cases)
      }
  assert.equal(Number(await s.site.one(`select count(*) from callbacks where feedback_id = $1 and state <> 'due'`, [s.asked.feedback])), 0)
}, { ms: 400000 })

const absentFor = { cases: 987654321012, letters: 700000 }

it('what turns out to be confidential leaves its unit together with its letters, and takes no word of it along', async (s) => {
  const { supervisor, handler, coordinator, accountability } = s.p
  const one = await ordinary(s, { sign: false })
  const d = await supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [one.id] })
  assert.equal(d.status, 200, d.text)
  const id = d.json.letter.id
  await letterDoes(s, 'registry', id, 'check')
  await letterDoes(s, 'supervisor2', id, 'sign')
  await letterDoes(s, 'registry', id, 'deliver')
  assert.equal((await handler.call('GET', `/letters/${id}`)).status, 200)
  await letterDoes(s, 'handler', id, 'receive')
  await handler.does(one.id, 'return_ask', { reason: '涉及工作人员廉洁问题，不归本单位', legal_ground: '《行政许可法》第九条' })
  await coordinator.does(one.id, 'return_grant', { reason: '情况属实' })
  const sockets = {}
  for (const who of ['handler', 'chief', 'seconded', 'clerk', 'coordinator', 'accountability']) sockets[who] = await s.p[who].watch()
  const secret = await s.site.one('select code from categories where confidential and length(code) = 4 order by code limit 1')
  await accountability.does(one.id, 'assign', { unit: s.U032, category: secret }, why)
  assert.deepEqual((await s.site.sql('select confidential, about_unit_id, nature from cases where id = $1', [one.id]))[0], { confidential: true, about_unit_id: s[U], nature: 'complain' })
  // Who comes from the unit finds neither, in whatever post, 追责问责组 included; the office's other groups neither.
  for (const who of ['handler', 'chief', 'allin', 'clerk', 'seconded', 'coordinator', 'supervisor', 'registry', 'leader']) {
    for (const path of [`/cases/@?${reasoned}`, `/cases/@/story?${reasoned}`, '/letters?case=@', '/callbacks?case=@']) await alike(s, who, 'GET', path, undefined, { hidden: [one.id], absent: absentFor.cases })
    for (const path of ['/letters/@', `/letters/@?${reasoned}`, '/letters/@/pdf']) await alike(s, who, 'GET', path, undefined, { hidden: [id], absent: absentFor.letters })
    await alike(s, who, 'POST', '/letters/@/acts', { act: 'answer', version: 6, words: '已办' }, { hidden: [id], absent: absentFor.letters })
    const books = [await read(s, s.p[who], '/letters?limit=100'), await read(s, s.p[who], '/letters/register')].map((a) => a.text)
    for (const text of books) assert.equal(text.includes(`"id":${id},`), false, `${who}: ${text.slice(0, 2000)}`)
  }
  assert.equal((await accountability.get(`/letters/${id}?${reasoned}`)).letter.confidential, true)
  const last = await ordinary(s, { sign: false })
  for (const who of ['handler', 'chief', 'seconded', 'clerk', 'coordinator']) {
    const seen = []
    await sockets[who].next((f) => { seen.push(f); return f.type === 'event' && f.case === last.id })
    // It went; what became of it is nobody's who may not see it.
    assert.deepEqual(seen.filter((f) => f.case === one.id && f.kind !== 'case.left'), [], who)
    // Whoever had it on the screen is told that it went.
    if (['coordinator', 'clerk'].includes(who)) assert.deepEqual(seen.filter((f) => f.case === one.id).map((f) => [f.kind, f.data]), [['case.left', { id: one.id }]], who)
    assert.deepEqual(seen.filter((f) => f.kind === 'letter.changed' && f.data.id === id), [], who)
  }
  const told = []
  await sockets.accountability.next((f) => { told.push(f); return f.type === 'event' && f.case === last.id })
  assert.ok(told.some((f) => f.case === one.id && f.data.confidential))
  for (const w of Object.values(sockets)) await w.close()
}, { ms: 200000 })

it('a list that brings a report tells its number to nobody who may not see it', async (s) => {
  const csv = (who, text, query = '') => request(`${s.gateway.url}/staff/api/v1/imports${query}`, { method: 'POST', body: text, headers: { ...s.p[who].headers(), 'content-type': 'text/csv' } })
  const file = `外部编号,来源,内容,联系电话\nS-1,信访件,区市场监督管理局科长收受商户红包两千元，${WORD}丙,${PHONE}\nS-2,信访件,路灯不亮三天了，电话${PHONE},${PHONE}\n`
  const first = await csv('coordinator', file)
  assert.deepEqual([first.status, first.json.stored], [200, 2], first.text)
  const hiddenOne = Number(await s.site.one(`select f.case_id from feedback f join cases c on c.id = f.case_id where f.channel = 'import' and c.confidential`))
  assert.equal(await s.site.one('select confidential from cases where id = $1', [hiddenOne]), true)
  s.secret.cases.push(hiddenOne)
  for (const a of [first, await csv('coordinator', file), await csv('clerk', file), await csv('clerk', file, '?dry_run=1')]) {
    assert.equal(a.status, 200, a.text)
    assert.equal(a.json.lines[0].case, null)
    nothingIn(s, a.text, 'the answer')
    assert.equal(a.text.includes(PHONE), false)
  }
  assert.match(first.json.lines[0].reason, /保密/)
  assert.ok(first.json.lines[1].case)
})

// --- by SQL, as a bug in a handler would do it ---

async function as(s, who, fn) {
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  try {
    await c.query('begin')
    await c.query(`select set_config('msd.staff', $1, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true)`, [String(s.p[who].staff.id)])
    await c.query('set local role mashangdu_staff')
    return await fn(c)
  } finally {
    await c.query('rollback').catch(() => {})
    await c.end()
  }
}

it('every row of every table that a person can read, read by everybody who must not know', async (s) => {
  const tables = await s.site.sql(`select c.oid::regclass::text as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm') and a.attnum > 0 and not a.attisdropped and has_column_privilege('mashangdu_staff', c.oid, a.attnum, 'select') group by 1`)
  for (const name of ['cases', 'feedback', 'acts', 'callbacks', 'letters', 'letter_texts', 'incoming', 'findings', 'case_units', 'case_shares', 'audit_log']) assert.ok(tables.some((t) => t.name === name), name)
  for (const name of ['events', 'outbox', 'staff_sessions', 'erasures', 'log_leaves', 'letter_numbers', 'channels']) assert.equal(tables.some((t) => t.name === name), false, name)
  for (const { columns } of tables.filter((t) => t.name === 'feedback')) assert.doesNotMatch(columns, /\b(words|clean|contact|receipt_hash|salt|dedupe_key|external_id)\b/)
  for (const who of s.blind)
    await as(s, who, async (c) => {
      for (const { name, columns } of tables) {
        const rows = (await c.query(`select ${columns} from ${name}`)).rows
        // The auditor reads who looked at which number, and never a word of it.
        for (const r of rows) who === 'auditor' && name === 'audit_log' ? assert.equal(JSON.stringify(r).includes(WORD), false) : nothingIn(s, JSON.stringify(r), `${name} for ${who}`)
        if (/^letter/.test(name)) for (const r of rows) assert.equal(s.secret.letters.map(String).includes(String(name === 'letters' ? r.id : r.letter_id)), false, `${name} for ${who}`)
      }
      const [n] = (await c.query('select count(*)::int as n from case_reporters($1)', [s.one.id])).rows
      assert.equal(n.n, 0, who)
      assert.equal((await c.query('select callback_reachable($1) as yes', [s.one.feedback])).rows[0].yes, false)
    })
})

it('nobody lets himself in, and no function of the database says more than the API', async (s) => {
  const attempt = (who, sql, params) => as(s, who, (c) => c.query(sql, params)).then((r) => JSON.stringify(r.rows), (e) => `${e.code} ${e.message}`)
  const draft = (n, units) => JSON.stringify({ title: '函', body: '文', units, cases: [n], issuers: ['优化办'] })
  const mine = {}
  for (const who of ['coordinator', 'clerk']) mine[who] = (await s.p[who].call('POST', '/letters', { kind: 'assign', cases: [s.asked.id], units: [s.U010] })).json.letter
  for (const who of s.blind) {
    const me = s.p[who].staff.id
    for (const n of s.secret.cases) {
      const same = async (sql, params) => {
        const put = (v) => params.map((p) => (p === '@' ? v : typeof p === 'function' ? p(v) : p))
        const [got, absent] = [await attempt(who, sql, put(n)), await attempt(who, sql, put(absentFor.cases))]
        assert.equal(got.replaceAll(String(n), '@'), absent.replaceAll(String(absentFor.cases), '@'), `${who} ${sql}`)
        return got
      }
      for (const unit of [s[U], s.U010]) assert.match(await same('insert into case_units values ($1, $2)', ['@', unit]), /^42501/)
      assert.match(await same('insert into case_shares values ($1, $2)', ['@', me]), /^42501/)
      await same('update cases set held = false where id = $1 returning id', ['@'])
      for (const units of [[], [s[U]], [s.U010], [s.U032]]) {
        await same(`select letter_draft('supervise', 0, now(), (select min(r) from unnest(array['coordinator', 'supervisor', 'accountability']) r where i_am(array[r])), $1::jsonb)`, [(v) => draft(v, units)])
        if (mine[who]) assert.match(await same('select letter_edit($1, 1, now(), $2, $3::jsonb)', [mine[who].id, 'coordinator', (v) => draft(v, units)]), /^MSD59/)
      }
    }
    for (const f of s.secret.feedback) {
      const ask = async (n) => (await attempt(who, 'select * from callback_contact($1, $2)', [n, '试']))
      assert.equal(await ask(f), await ask(absentFor.cases), who)
    }
    // A case that is in sight opens to others by those whose post it is alone.
    if (!['coordinator', 'clerk'].includes(who)) assert.match(await attempt(who, 'insert into case_units values ($1, $2)', [s.asked.id, s.U026]), who === 'seconded' ? /^\[\]|^42501/ : /^42501/, who)
    if (who !== 'seconded') assert.match(await attempt(who, 'insert into case_shares values ($1, $2)', [s.asked.id, me]), /^42501/, who)
    assert.match(await attempt(who, `insert into audit_log (staff_id, action) values ($1, 'look')`, [s.p.accountability.staff.id]), /^42501/, 'in another\'s name')
    // A draft in another's name: the act is not one's own.
    const act = await s.site.one(`select max(id) from acts where case_id = $1 and actor = 'staff' and staff_id <> $2`, [s.asked.id, me])
    assert.equal(await attempt(who, `select letter_draft_for_act($1, 'urge', 2, $2::jsonb) as d`, [act, draft(s.asked.id, [s.U010])]), '[{"d":null}]', who)
  }
}, { ms: 300000 })

// --- personal data (P11) ---

it('a phone number stays where it was left: in no event, log, letter, figure, page, file name, proof or message to others', async (s) => {
  const g = s.gateway
  // In the first words, in the sealed contact, and in everything that is said later.
  const one = await ordinary(s, { text: `身份证${ID_CARD}，办照被拖了半年` })
  const say = async (what, fields) => {
    const page = await g.post('/status', { receipt: one.receipt })
    const a = await g.post(`/status/${what}`, { receipt: one.receipt, token: hidden(page.text, 'token', `/status/${what}`), ...fields })
    assert.equal(a.status, 200, a.text.slice(0, 500))
    return a
  }
  await say('say', { text: `补充：请打${PHONE}，身份证${ID_CARD}` })
  await s.p.handler.does(one.id, 'reply', { words: '已办', evidence: 1 })
  await s.p.chief.does(one.id, 'endorse')
  await s.p.supervisor.does(one.id, 'approve')
  await say('confirm', { solved: 'no', rating: '1', text: `没有解决，回电${PHONE}` })
  const letter = (await s.p.supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [one.id] })).json.letter.id
  // The proof to take home, once a head stands over it.
  const proof = await until('the proof is given', async () => {
    const page = await g.post('/status', { receipt: one.receipt })
    const a = await g.post('/status/proof', { receipt: one.receipt, token: hidden(page.text, 'token', '/status/proof') })
    return a.status === 200 && a
  }, 60000, 500)
  // What people type into searches and paths by mistake does not end in a log either.
  for (const path of [`/cases?q=${PHONE}`, `/letters?q=${PHONE}`, `/letters/register?q=${PHONE}`, `/cases/${PHONE}`, `/callbacks?case=${PHONE}`, `/nowhere/${PHONE}?x=${one.receipt}`]) await s.p.coordinator.call('GET', path)
  await g.get(`/p/${s.number}?tel=${PHONE}`)
  await g.get(`/status?receipt=${one.receipt}`)
  await g.api({ text: '', contact: PHONE })
  await g.api(`{"text": "${PHONE}", "contact": `)
  await s.p.coordinator.call('POST', `/cases/${one.id}/acts`, { act: PHONE, version: PHONE })
  await s.p.coordinator.call('POST', `/cases/${one.id}/acts`, { act: 'note', version: 1, [PHONE]: PHONE })
  await s.p.registry.call('POST', '/letters/register', { from: '某机关', title: '来函', [PHONE]: 1 })

  const pages = {}
  for (const who of ['handler', 'chief', 'coordinator', 'supervisor', 'callback', 'accountability'])
    for (const path of [...overviews(s).filter((p) => !p.includes('.pdf')), `/cases/${one.id}`, `/cases/${one.id}/story`, `/callbacks?case=${one.id}`, ...(who === 'handler' || who === 'chief' ? [] : [`/letters/${letter}`])]) {
      const a = await read(s, s.p[who], path)
      pages[`${who} ${path}`] = a.text + JSON.stringify(a.headers)
    }
  for (const path of [`/cases/${one.id}/story.pdf`, `/letters/${letter}/pdf`, '/sheets/weekly.pdf?scope=all']) {
    const a = await read(s, s.p.supervisor, path)
    assert.equal(a.status, 200, path)
    pages[path] = a.text
    assert.match(a.headers['content-disposition'], /filename="[a-z]+-[\d-]+\.pdf"/)
  }
  pages.proof = proof.text + JSON.stringify(proof.headers)
  assert.match(proof.headers['content-disposition'], /^attachment; filename="[\w.-]+"$/)
  pages.metrics = (await request(`${g.ops}/metrics`)).text
  for (const path of ['/open/log/head', '/open/log/heads', '/open/log/key']) pages[path] = (await g.get(path)).text
  pages.events = JSON.stringify(await s.site.events())
  pages.audit = JSON.stringify(await s.site.sql('select * from audit_log'))
  for (const table of ['acts', 'letters', 'letter_texts', 'letter_cases', 'letter_acts', 'incoming', 'callbacks', 'findings', 'meetings', 'imports', 'log_leaves', 'log_heads'])
    pages[table] = JSON.stringify(await s.site.sql(`select * from ${table}`)).replace(/"(index|size)":"\d+"/g, '')
  pages.outbox = JSON.stringify(await s.site.sql(`select id, channel, dedupe_key, provider_id, last_error from outbox`))
  await until('the log has the last request', () => g.text().includes('level=trace'))
  pages.log = g.text()
  for (const [where, text] of Object.entries(pages)) {
    for (const secret of [PHONE, ID_CARD, `+86${PHONE}`]) assert.equal(text.includes(secret), false, `${where}: ${secret} … ${text.slice(Math.max(0, text.indexOf(secret) - 300), text.indexOf(secret) + 200)}`)
    for (const r of [one.receipt, ...s.secret.receipts]) assert.equal(text.includes(r), false, `${where}: a receipt`)
  }
  assert.match(pages[`handler /cases/${one.id}`], /154\*\*\*\*9876/)
  assert.ok(pages[`handler /cases/${one.id}`].match(/请打154\*\*\*\*9876/), 'what was added is read, masked')
  // The one place: the callback centre, once, for a reason.
  const asked = await s.p.callback.call('POST', `/callbacks/${s.asked.feedback}/contact`, { reason: '电话回访' })
  assert.equal(asked.json.contact, `+86${PHONE}`, asked.text)
  for (const who of ['handler', 'chief', 'coordinator', 'supervisor', 'registry', 'leader', 'admin', 'clerk', 'lent', 'monitor']) {
    const a = await s.p[who].call('POST', `/callbacks/${s.asked.feedback}/contact`, { reason: '电话回访' })
    assert.ok([403, 404].includes(a.status) && !a.text.includes(PHONE), `${who} ${a.text}`)
  }
  const kept = []
  const walk = (dir) => { for (const f of readdirSync(dir)) { const path = join(dir, f); if (f === 'pg') continue; kept.push(path); if (statSync(path).isDirectory()) walk(path) } }
  walk(s.site.dir)
  for (const path of kept) assert.equal(path.includes(PHONE) || s.secret.receipts.some((r) => path.includes(r)), false, path)
}, { ms: 200000 })

// --- what is typed, forged or made too big (P12) ---

it('every door for changes wants its token, its type, its members and their bounds, and stores nothing otherwise', async (s) => {
  const doc = JSON.parse(readFileSync(join(tree, 'gateway/staff_openapi.json'), 'utf8'))
  const routes = Object.entries(doc.paths).flatMap(([path, of]) => Object.keys(of).filter((m) => ['get', 'post', 'delete', 'put', 'patch'].includes(m)).map((m) => [m.toUpperCase(), path.replace(/^\/staff\/api\/v1/, '').replace(/\{\w+\}/g, String(s.asked.id))]))
  const posts = routes.filter(([m, p]) => m === 'POST' && !p.startsWith('/session'))
  assert.ok(posts.length >= 14 && routes.length >= 40, `${posts.length} of ${routes.length}`)
  const count = async () => JSON.stringify((await s.site.sql(`select (select count(*) from feedback) f, (select count(*) from acts where actor <> 'clock') a, (select count(*) from letters) l, (select count(*) from letter_acts) la, (select count(*) from incoming) i,
    (select count(*) from meetings) m, (select count(*) from meeting_minutes) mm, (select count(*) from meeting_measures) me, (select count(*) from inspections) n, (select count(*) from inspection_outcomes) o, (select count(*) from monitors) mo,
    (select count(*) from monitor_returns) r, (select count(*) from imports) im, (select count(*) from audit_log where action not in ('look', 'look_letter')) au`))[0])
  const before = await count()
  const { both, coordinator } = s.p
  const key = () => ({ 'idempotency-key': freshKey() })
  for (const [, path] of posts) {
    const type = path === '/imports' ? 'text/csv' : /\/(files|photos)$/.test(path) ? 'multipart/form-data; boundary=x' : 'application/json'
    const sendRaw = (headers, body) => request(`${s.gateway.url}/staff/api/v1${path}`, { method: 'POST', headers: { 'content-type': type, ...key(), ...headers }, body }).catch((e) => { throw new Error(`${path} ${JSON.stringify(headers).slice(0, 80)} ${body.slice(0, 40)}: ${e.message}`) })
    const is = (a, status, what) => assert.ok([status].flat().includes(a.status) && /problem\+json/.test(a.headers['content-type']) && a.json?.code, `${path} ${what}: ${a.status} ${a.text.slice(0, 300)}`)
    is(await sendRaw({}, '{}'), 401, 'nobody')
    is(await sendRaw({ cookie: both.cookie, origin: s.gateway.url }, '{}'), 403, 'no token')
    is(await sendRaw({ cookie: both.cookie, origin: s.gateway.url, 'x-csrf-token': coordinator.csrf }, '{}'), 403, 'another\'s token')
    is(await sendRaw({ ...both.headers(), 'content-type': 'text/plain' }, '{}'), [403, 415], 'type')
    for (const body of ['', '[]', '"x"', '{', '{"a":1}', '{"version":-1,"act":"note"}', '{"act":["note"],"version":{}}', '\u0000', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`])
      is(await sendRaw(both.headers(), body), [400, 403, 404, 413, 422], JSON.stringify(body.slice(0, 60)))
    const big = await sendRaw(both.headers(), `{"words":"${'长'.repeat(120000)}"}`).catch((e) => ({ cut: e }))
    if (!big.cut) is(big, type.startsWith('multipart') ? [400, 403, 404, 413] : [403, 413, 422], 'too big')
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((m) => !routes.some(([n, p]) => n === m && p === path))) is(await request(`${s.gateway.url}/staff/api/v1${path}`, { method, headers: { ...both.headers(), 'content-type': type } }), 405, method)
    for (const n of ['-1', '0', '9223372036854775807', '9223372036854775808', '99999999999999999999999', '1e3', '%31x', '١'])
      if (path.includes(`/${s.asked.id}`)) {
        const a = await request(`${s.gateway.url}/staff/api/v1${path.replace(`/${s.asked.id}`, `/${n}`)}`, { method: 'POST', headers: { ...both.headers(), 'content-type': type, ...key() }, body: '{"act":"note","version":1,"reason":"试一试","text":"字","words":"字"}' })
        is(a, [400, 403, 404, 409, 422], n)
      }
  }
  // Wrong kinds in every member that a door knows.
  const bad = [null, true, -1, 1.5, 9007199254740993, '', ' ', '\u0007', '字'.repeat(30000), [], [null], [-1], [[1]], Array.from({ length: 200 }, (_, i) => i + 1), {}, { a: 1 }, '2026-02-30', '9999-12-31T23:59:59Z', "'; drop table cases; --"]
  const bodies = { '/cases/#/acts': { act: 'note', version: 1, words: '字', reason: '字', unit: 1, person: 1, target: 1, feedback: 1, amount: 1, rung: 3, rating: 3, evidence: 1, until: '2027-01-01', pause_cause: '补正', ground: '字', way: '字', receiver: '字', category: '0101', higher: '字' },
    '/letters': { kind: 'supervise', rung: 3, cases: [s.asked.id], units: [s.U010], title: '字', body: '字', basis: '字', due: '字', receiver: '字', copies_to: '字', note: '字', practice: '字', issuers: ['字'], attachments: ['字'] },
    '/letters/register': { from: '字', from_unit: 1, title: '字', their_serial: '字', letter: 1, note: '字' }, '/callbacks/#/contact': { reason: '试一试' },
    '/meetings': { kind: '主题日', held_at: '2026-03-23T20:00:00+08:00', place: '字', theme: '字', host_unit: s[U], participants: ['字'] }, '/inspections': { kind: '督查', unit: s.U010, place: '字', held_at: '2026-03-23T20:00:00+08:00', steps: '字', basis: '字', joint_with: '字' },
    '/monitors': { track: 'business', login: 'monitor', enterprise: '字', from: '2026-01-01', to: '2026-12-31' }, '/monitors/returns': { track: 'business', period: '2026-01', text: '字' } }
  for (const [path, whole] of Object.entries(bodies))
    for (const name of Object.keys(whole))
      for (const value of bad) {
        const a = await both.call('POST', path.replace('#', s.asked.id), { ...whole, version: whole.version === undefined ? undefined : 99, [name]: value }, key()).catch((e) => { throw new Error(`${path} ${name} ${JSON.stringify(value).slice(0, 60)}: ${e.message}`) })
        assert.ok(a.status < 500, `${path} ${name}=${JSON.stringify(value).slice(0, 60)}: ${a.status} ${a.text.slice(0, 300)}`)
      }
  // Every filter of every page: nonsense is refused or finds nothing, and never an error of ours.
  const nonsense = ['-1', '0', 'x', '99999999999999999999', '%ff', '%27%20or%201=1--', encodeURIComponent('字'.repeat(400)), '2026-13-45', '1-1', '9223372036854775807-9223372036854775807', '1,2,,,', ',']
  const asked = []
  for (const [path, of] of Object.entries(doc.paths).filter(([p, of]) => of.get && !p.endsWith('/pdf') && !p.endsWith('.pdf') && !p.endsWith('/openapi.json'))) {
    const filters = [...(of.parameters ?? []), ...(of.get.parameters ?? [])].map((x) => x.$ref ? x.$ref.split('/').slice(1).reduce((at, k) => at[k], doc) : x).filter((x) => x.in === 'query').map((x) => x.name)
    for (const filter of [...filters, 'cursor', 'nobody_knows'])
      for (const v of filter === 'q' ? nonsense.slice(4, 6) : nonsense)
        asked.push(`${path.replace(/^\/staff\/api\/v1/, '').replace(/\{\w+\}/g, String(s.asked.id))}?${filter}=${v}`)
  }
  assert.ok(asked.length >= 1500 && asked.some((a) => a.startsWith('/cases?before=')), `${asked.length} addresses`)
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let path; (path = asked.pop());) {
      const a = await both.call('GET', path)
      assert.ok(a.status < 500 && a.status !== 0, `${path}: ${a.status} ${a.text.slice(0, 300)}`)
    }
  }))
  const after = JSON.parse(await count()), was = JSON.parse(before)
  // Only what was whole and allowed may have been stored by the doors with loose texts; nothing of cases, acts, signatures, lists.
  for (const table of ['a', 'la', 'im', 'f'].filter((t) => !['f', 'la'].includes(t))) assert.equal(after[table], was[table], table)
  s.gateway.clean()
}, { ms: 400000 })

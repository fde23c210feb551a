// P4, P5 and P11 over the whole loop: a report against a unit is lived from the first words to the 移送函, with monitors, inspections,
// imports, merges, letters and callbacks around it, while everybody who must not know looks at everything they can ask for. What they see
// before and after is the same, byte for byte; a number that is hidden answers like one that never was; no phone number leaves its place.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileName, freshKey, hidden, raw, receiptOn, request, scenario, tree, until } from './harness.mjs'

const PHONE = '15412349876', ID_CARD = '11010119900307001X'
const WORD = '暗语枇杷'                 // stands in every hidden text and nowhere else
const why = { reason: '线索核查' }
const reasoned = `reason=${encodeURIComponent(why.reason)}`
const U = 'U003'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ trace: 'all' })
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
  const [row] = await s.site.sql('select f.id, f.case_id, c.about_unit_id, c.confidential, c.nature from feedback f join cases c on c.id = f.case_id where f.words = $1', [text])
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
  assert.equal(number.json.contact, `+86${PHONE}`, number.text)
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

// The desk of rules: what is in force, a text tried, a draft that one person writes and another puts into force, a set that cannot be
// compiled, the newest cases tried, and an older version put back. Calendars entered by two persons, and who reads the log.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, tree, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.day = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
  const g = s.gateway = await site.gateway({ log_every: '1s' })
  s.doc = JSON.parse(readFileSync(join(tree, 'gateway/staff_openapi.json'), 'utf8'))
  s.who = {}
  for (const [login, unit, role] of [['coordinator', 'U000-02', 'coordinator'], ['registry', 'U000-01', 'registry'], ['registry2', 'U000-01', 'registry'],
    ['leader', 'U000', 'leader'], ['admin', 'U000', 'admin'], ['auditor', 'U000', 'auditor'], ['accountability', 'U000-04', 'accountability'], ['u026', 'U026', 'handler']])
    s.who[login] = await site.person(g, login, { unit, roles: [role], name: `岗位 ${login}` })
})

/** The answer as described for that path. */
async function asked(s, who, method, path, body, status = 200) {
  const a = await s.who[who].call(method, path, body)
  assert.equal(a.status, status, `${who} ${method} ${path}: ${a.text}`)
  const described = path.split('?')[0].replace(/\/years\/\d+/, '/years/{year}').replace(/\/\d+/g, '/{record}')
  const r = s.doc.paths[described]?.[method.toLowerCase()]?.responses[String(status)]
  assert.ok(r, `${method} ${described} ${status} is not described`)
  const { schema } = Object.values(r.content)[0]
  assert.equal(fault(s.doc, schema, a.json), null, `${method} ${described}`)
  return a.json
}
const desk = (s, who = 'coordinator') => asked(s, who, 'GET', '/rules')
const word = (kind, w, value, weight) => ({ of: 'word', kind, word: w, value, weight })
const TEXT = '小区门口的哐当桥又塌了一块，车子过不去。'

it('what is in force is told row by row', async (s) => {
  const d = await desk(s)
  assert.ok(d.version >= 1)
  assert.ok(d.counts.words > 5000)
  assert.equal(d.may_write, true)
  assert.equal(d.versions[0].version, d.version)
  assert.ok(d.versions[0].tool.length > 0) // an import made it
  const words = await asked(s, 'coordinator', 'GET', `/rules/words?kind=category&q=${encodeURIComponent('路灯')}`)
  assert.ok(words.words.length > 0 && words.words.every((w) => w.kind === 'category' && (w.word + w.value).includes('路灯')))
  const first = await asked(s, 'coordinator', 'GET', '/rules/words')
  assert.equal(first.next, 60)
  const second = await asked(s, 'coordinator', 'GET', `/rules/words?after=${first.next}`)
  assert.notDeepEqual(second.words[0], first.words[0])
  assert.ok((await asked(s, 'coordinator', 'GET', '/rules/aliases?q=U026')).units.some((u) => u.code === 'U026'))
  const cats = await asked(s, 'coordinator', 'GET', '/rules/categories')
  assert.ok(cats.categories.some((c) => c.level !== null && c.unit && c.nature))
  await asked(s, 'u026', 'GET', '/rules', undefined, 403) // a unit's people do not look behind it
  await asked(s, 'coordinator', 'GET', '/rules/words?after=x', undefined, 422)
})

it('a text is tried without a trace', async (s) => {
  const before = await s.site.one('select count(*)::int from feedback')
  const plain = await asked(s, 'coordinator', 'POST', '/rules/try', { text: '路灯坏了，请联系我 13812345678。' })
  assert.equal(plain.with, null)
  assert.ok(plain.now.because.length > 0)
  assert.ok(plain.masked.includes('138****5678'))
  const changes = [word('category', '哐当桥', plain.now.category.code, 60)]
  const both = await asked(s, 'coordinator', 'POST', '/rules/try', { text: TEXT, changes })
  assert.equal(both.differs, true)
  assert.equal(both.with.category.code, plain.now.category.code)
  assert.notEqual(both.now.category.code, both.with.category.code)
  assert.ok(both.with.because.some((b) => b.includes('哐当桥')))
  assert.equal(await s.site.one('select count(*)::int from feedback'), before)
  assert.ok(!s.gateway.text().includes('13812345678') && !s.gateway.text().includes('哐当桥'))
  s.category = plain.now.category.code
})

it('a set that cannot be taken is refused with its sentence', async (s) => {
  for (const [changes, sentence] of [
    [[word('category', '哐当桥', '9999', 1)], /取值不存在/], [[word('category', '哐当桥', s.category, 101)], /权重/], [[word('nonsense', '哐当桥', '', 1)], /这种词/],
    [[word('category', '哐当&', s.category, 1)], /每一边/], [[word('category', '字'.repeat(41), s.category, 1)], /40/],
    [[word('category', '没有的词', s.category, null)], /不用再删/], [[word('nature', '哐当', '投诉', 1), word('nature', '哐当', '投诉', 2)], /改了两次/],
    [[{ of: 'alias', unit: 'U999', aliases: [] }], /U999/], [[{ of: 'alias', unit: 'U026', aliases: ['a|b'] }], /别名/],
    [[{ of: 'category', code: s.category, unit: 'U026', nature: 'complain', level: 7, confidential: false }], /等级/], [[{ of: 'all' }], /of/]]) {
    const a = await asked(s, 'coordinator', 'POST', '/rules/drafts', { note: '试一试', changes }, 422)
    assert.equal(a.code, 'rules_fault')
    assert.match(a.detail, sentence)
  }
  // Each change alone is right, the whole cannot be compiled: the triage desk would be nobody's.
  const desks = (await asked(s, 'coordinator', 'GET', '/rules/words?kind=desk')).words.filter((w) => w.word === 'triage')
  const a = await asked(s, 'coordinator', 'POST', '/rules/try', { text: TEXT, changes: desks.map((w) => word('desk', 'triage', w.value, null)) }, 422)
  assert.match(a.detail, /无法编译/)
})

it('one writes, another puts into force; the gateway routes by it at once', async (s) => {
  const { version } = await desk(s)
  const seen = await s.who.registry.watch()
  const changes = [word('category', '哐当桥', s.category, 60), { of: 'alias', unit: 'U026', aliases: ['哐当局'] }]
  const { id } = await asked(s, 'coordinator', 'POST', '/rules/drafts', { note: '居民把它叫哐当桥', changes })
  const one = await asked(s, 'registry', 'GET', `/rules/drafts/${id}`)
  assert.equal(one.changes.length, 2)
  assert.equal(one.changes.find((c) => c.of === 'word').was, null)
  assert.deepEqual(one.steps, [])
  assert.equal((await asked(s, 'registry', 'POST', `/rules/drafts/${id}`, { note: '别人改', changes }, 409)).code, 'draft_step')
  await asked(s, 'coordinator', 'POST', `/rules/drafts/${id}/steps`, { step: 'propose' })
  await seen.next((f) => f.kind === 'rules.proposed' && f.data.draft === id)
  assert.equal((await asked(s, 'coordinator', 'POST', `/rules/drafts/${id}/steps`, { step: 'confirm' }, 403)).code, 'second_person')
  await asked(s, 'admin', 'POST', `/rules/drafts/${id}/steps`, { step: 'confirm' }, 403)
  await asked(s, 'registry', 'POST', `/rules/drafts/${id}/steps`, { step: 'confirm' })
  await seen.next((f) => f.kind === 'rules.in_force')
  await seen.close()
  const now = await desk(s, 'registry')
  assert.equal(now.versions[0].version, version + 1)
  assert.equal(now.versions[0].author, '岗位 coordinator')
  assert.equal(now.versions[0].confirmer, '岗位 registry')
  await until('the new rules are loaded', async () => (await desk(s)).version === version + 1)
  const a = await s.gateway.api({ text: TEXT })
  const decision = await s.site.one('select decision from feedback where case_id = $1', [a.json.case])
  assert.equal(decision.category.code, s.category)
  assert.equal(decision.rules, version + 1)
  assert.equal(await s.site.one(`select array_to_string(aliases, ',') from units where code = 'U026'`), '哐当局')
  s.version = version
  s.told = Number(a.json.case)
})

it('a draft over older rules is looked at again', async (s) => {
  const first = await asked(s, 'registry', 'POST', '/rules/drafts', { note: '甲案', changes: [word('category', '哐当车', s.category, 9)] })
  const second = await asked(s, 'coordinator', 'POST', '/rules/drafts', { note: '乙案', changes: [word('category', '哐当路', s.category, 9)] })
  for (const [who, { id }] of [['registry', first], ['coordinator', second]]) await asked(s, who, 'POST', `/rules/drafts/${id}/steps`, { step: 'propose' })
  await asked(s, 'leader', 'POST', `/rules/drafts/${first.id}/steps`, { step: 'confirm' })
  await until('loaded', async () => (await desk(s)).version === s.version + 2)
  assert.equal((await asked(s, 'leader', 'POST', `/rules/drafts/${second.id}/steps`, { step: 'confirm' }, 409)).code, 'draft_changed')
  assert.equal((await asked(s, 'leader', 'POST', `/rules/drafts/${second.id}/steps`, { step: 'refuse' }, 422)).code, 'unknown_field')
  await asked(s, 'leader', 'POST', `/rules/drafts/${second.id}/steps`, { step: 'refuse', why: '不需要' })
  assert.equal((await asked(s, 'leader', 'GET', `/rules/drafts/${second.id}`)).why, '不需要')
})

it('the newest cases are tried; what is confidential is not among them', async (s) => {
  const changes = [word('category', '哐当桥', s.category, null)]
  const all = await asked(s, 'coordinator', 'POST', '/rules/try/cases', { changes })
  assert.ok(all.cases >= 1 && all.looked === all.cases)
  const mine = all.changed.find((c) => c.case === s.told)
  assert.equal(mine.now.category.code, s.category)
  assert.notEqual(mine.with.category.code, s.category)
  await asked(s, 'auditor', 'POST', '/rules/try/cases', { changes }, 403)
})

it('a version is put back by the same two persons; an import makes one too', async (s) => {
  const { id } = await asked(s, 'registry', 'POST', '/rules/drafts', { note: '恢复', back_to: s.version })
  const back = await asked(s, 'registry', 'GET', `/rules/drafts/${id}`)
  assert.deepEqual(back.changes.map((c) => c.of).sort(), ['alias', 'word', 'word'])
  await asked(s, 'registry', 'POST', `/rules/drafts/${id}/steps`, { step: 'propose' })
  await asked(s, 'coordinator', 'POST', `/rules/drafts/${id}/steps`, { step: 'confirm' })
  assert.deepEqual((await asked(s, 'coordinator', 'GET', `/rules/versions/${s.version + 3}`)).changes.length, 3)
  const rows = await s.site.sql('select content from rule_versions where version in ($1, $2)', [s.version, s.version + 3])
  assert.deepEqual(rows[0].content, rows[1].content)
  await until('loaded', async () => (await desk(s)).version === s.version + 3)
  assert.match((await asked(s, 'registry', 'POST', '/rules/drafts', { note: '恢复', back_to: s.version }, 422)).detail, /相同/)
  await s.site.sql(`insert into routing_words (kind, word, value, weight) values ('category', '哐当哐当', $1, 3)`, [s.category])
  await until('a change past the desk is a version too', async () => (await desk(s)).versions[0].version === s.version + 4)
  await asked(s, 'coordinator', 'GET', '/rules/versions/9999', undefined, 404)
  await asked(s, 'coordinator', 'GET', '/rules/drafts/9999', undefined, 404)
})

// --- calendars ---

const DAYS_2027 = [['01-01', '元旦'], ['02-05', '除夕'], ['02-06', '春节'], ['02-07', '春节'], ['02-08', '春节'], ['02-09', '春节'], ['02-10', '春节'], ['04-05', '清明节'],
  ['05-01', '劳动节'], ['05-02', '劳动节'], ['06-09', '端午节'], ['09-15', '中秋节'], ['10-01', '国庆节'], ['10-02', '国庆节'], ['10-03', '国庆节']]
const days = (year, more = []) => [...DAYS_2027.map(([d, name]) => ({ day: `${year}-${d}`, kind: 'holiday', name })), ...more]

it('a year is proposed by the registry and confirmed by a second person', async (s) => {
  const c = await asked(s, 'coordinator', 'GET', '/calendar')
  assert.match(c.close, /^\d\d:\d\d$/)
  const newest = c.years[0].year, year = newest + 1
  assert.ok(c.years.every((y) => y.working_days > 200))
  assert.equal((await asked(s, 'coordinator', 'GET', `/calendar/years/${newest}`)).versions[0].version, c.years[0].version)
  for (const [wrong, sentence] of [[days(year).slice(0, 9), /11/], [[...days(year), { day: `${newest}-12-31`, kind: 'holiday', name: '元旦' }], /不在这一年/],
    [days(year, [{ day: `${year}-06-30`, kind: 'workday', name: '调休' }]), /周一至周五|06-30/], [[...days(year), days(year)[0]], /两次/], [days(year, [{ day: `${year}-02-30`, kind: 'holiday', name: '没有' }]), /没有这一天/]])
    assert.match((await asked(s, 'registry', 'POST', '/calendar/preview', { year, days: wrong }, 422)).detail, sentence)
  await asked(s, 'coordinator', 'POST', '/calendar/drafts', { year, days: days(year), source: '国办发明电' }, 403)
  const { id } = await asked(s, 'registry', 'POST', '/calendar/drafts', { year, days: days(year), source: '国办发明电〔2027〕1号' })
  assert.equal((await asked(s, 'registry2', 'POST', '/calendar/drafts', { year, days: days(year), source: '又一份' }, 409)).code, 'draft_step')
  assert.equal((await asked(s, 'registry', 'POST', `/calendar/drafts/${id}/steps`, { step: 'confirm' }, 403)).code, 'second_person')
  await asked(s, 'registry2', 'POST', `/calendar/drafts/${id}/steps`, { step: 'confirm' })
  await until('the year is loaded', async () => (await asked(s, 'auditor', 'GET', '/calendar')).years[0].year === year)
  const [v] = (await asked(s, 'auditor', 'GET', `/calendar/years/${year}`)).versions
  assert.deepEqual([v.source, v.author, v.confirmer, v.days_off], ['国办发明电〔2027〕1号', '岗位 registry', '岗位 registry2', 15])
  await asked(s, 'u026', 'GET', '/calendar', undefined, 403)
})

it('what a changed year concerns is told before; running deadlines stay', async (s) => {
  await s.gateway.api({ text: '建议把公交站牌换成大字的。' }) // 15 working days
  const running = await s.site.sql(`select id, due_at, due_clock from cases where due_at is not null and level in (3, 4, 0) order by id`)
  assert.ok(running.length > 0)
  const last = running.at(-1)
  const year = Number(new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', year: 'numeric' }).format(new Date()))
  const now = await asked(s, 'registry', 'GET', `/calendar/years/${year}`)
  assert.ok(now.days.length > 11, `the district has ${year}`)
  // Every day from today on for two weeks is a day off: whatever runs in working days would be due later, at whatever hour this is run.
  const off = Array.from({ length: 14 }, (_, i) => new Date(Date.now() + 8 * 3600e3 + i * 86400e3).toISOString().slice(0, 10)).filter((d) => d.startsWith(String(year)) && !now.days.some((x) => x.day === d))
  const wanted = [...now.days, ...off.map((day) => ({ day, kind: 'holiday', name: '假' }))]
  const p = await asked(s, 'registry', 'POST', '/calendar/preview', { year, days: wanted })
  assert.equal(p.whole, true)
  const told = p.cases.find((c) => c.case === Number(last.id))
  if (off.length >= 5) {
    assert.ok(told, JSON.stringify(p))
    assert.equal(told.moves, false)
    assert.ok(Date.parse(told.would_be) > Date.parse(told.due_at))
    assert.ok(p.stays >= 1)
  }
  const { id } = await asked(s, 'registry', 'POST', '/calendar/drafts', { year, days: wanted, source: '试验文号', note: '第二版' })
  await asked(s, 'leader', 'POST', `/calendar/drafts/${id}/steps`, { step: 'confirm' })
  await until('the second version counts', async () => (await asked(s, 'registry', 'GET', '/calendar')).years.find((y) => y.year === year).source === '试验文号')
  assert.deepEqual(await s.site.one('select due_at from cases where id = $1', [last.id]), last.due_at)
})

// --- the log ---

it('the auditor reads the log, 追责问责组 the looks, the administrator the settings', async (s) => {
  const all = await asked(s, 'auditor', 'GET', '/audit?limit=5')
  assert.equal(all.rows.length, 5)
  assert.ok(all.rows.every((r) => r.title && r.title !== r.action))
  const next = await asked(s, 'auditor', 'GET', `/audit?limit=5&before=${all.next}`)
  assert.ok(next.rows[0].id < all.rows[4].id)
  const put = await asked(s, 'auditor', 'GET', '/audit?action=rules_in_force&who=registry')
  assert.ok(put.rows.length >= 1 && put.rows.every((r) => r.who.login === 'registry' || r.who.name.includes('registry')))
  assert.equal((await asked(s, 'auditor', 'GET', '/audit?to=2020-01-01')).rows.length, 0)
  assert.ok((await asked(s, 'auditor', 'GET', `/audit/counts?from=${s.day}`)).counts.some((c) => c.action === 'sign_in' && c.n >= 8))
  await asked(s, 'auditor', 'GET', '/audit?case=x', undefined, 422)
  for (const who of ['coordinator', 'registry', 'leader', 'admin', 'u026']) await asked(s, who, 'GET', '/audit', undefined, 403)
  for (const who of ['coordinator', 'auditor']) await asked(s, who, 'GET', '/settings', undefined, 403)
  const { settings } = await asked(s, 'admin', 'GET', '/settings')
  const secret = settings.find((x) => x.name === 'database')
  assert.deepEqual([secret.value, secret.secret, secret.set], [null, true, true])
  assert.ok(settings.find((x) => x.name === 'auto_assign_percent').value)
})

it('a look at a confidential case is seen with its reason, never by whom the report names', async (s) => {
  const plaque = await s.site.plaqueNumber('U026')
  const a = await s.gateway.api({ text: '这个单位的人收了红包才办事，我要举报。', nature: 'report', plaque })
  const id = Number(a.json.case)
  assert.equal((await s.who.accountability.call('GET', `/cases/${id}?reason=${encodeURIComponent('核查线索，电话 13812345678')}`)).status, 200)
  for (const who of ['auditor', 'accountability']) {
    const { rows } = await asked(s, who, 'GET', `/audit?case=${id}&looks=1`)
    assert.equal(rows.length, 1, who)
    assert.match(rows[0].detail.reason, /^核查线索，电话 138\*{4}5678$/)
  }
  assert.deepEqual((await asked(s, 'accountability', 'GET', '/audit?action=sign_in')).rows, [])
  const own = await s.site.person(s.gateway, 'auditor026', { unit: 'U026', roles: ['auditor'], name: '岗位 auditor026' })
  s.who.auditor026 = own
  assert.deepEqual((await asked(s, 'auditor026', 'GET', `/audit?case=${id}`)).rows, [])
})

it('the state of the record is told: signed head and last verification', async (s) => {
  await until('a head is signed', async () => (await asked(s, 'auditor', 'GET', '/audit/chain')).head !== null)
  assert.equal((await asked(s, 'auditor', 'GET', '/audit/chain')).verified, null)
  await s.site.tool('verify')
  const { verified, head } = await asked(s, 'auditor', 'GET', '/audit/chain')
  assert.equal(verified.unbroken, true)
  assert.match(head.root, /^[0-9a-f]{64}$/)
  await asked(s, 'coordinator', 'GET', '/audit/chain', undefined, 403)
})

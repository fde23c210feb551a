// 态势 and 大屏: every count is what the person's own list would hold and nothing else; words of fewer than five people are not told; rates over
// time are the figures of their days; a screen shows counts without small or confidential ones until it is revoked.
import assert from 'node:assert/strict'
import { clearOfMidnight, fileName, request, scenario } from './harness.mjs'
import { fault } from './openapi.mjs'
import { answered, at, file, people, step } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  await clearOfMidnight()
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, office_phone: '0700-2100000' })
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  await people(s)
  s.registry = at(s.gateway, await s.site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] }))
})

const sum = (rows, key = 'n') => rows.reduce((a, r) => a + r[key], 0)
const code = (a) => [a.status, a.json?.code]
async function asked(s, who, path, schema) {
  const v = await s[who].get(path)
  assert.equal(fault(s.doc, s.doc.components.schemas[schema], v), null, path)
  return v
}
const overview = (s, who, query = '') => asked(s, who, `/overview${query}`, 'Overview')
const words = (s, who, query = '') => asked(s, who, `/overview/words${query}`, 'OverviewWords')
const listed = async (s, who, query = '') => (await s[who].get(`/cases?limit=100${query}`)).cases
const number = (i) => `154${String(12340000 + i)}`

/** Five ways to add up the same cases come to the same. */
function whole(v) {
  for (const way of ['inflow', 'natures', 'categories', 'units']) assert.deepEqual([sum(v[way]), sum(v[way], 'closed')], [v.received, v.closed], way)
  for (const way of ['ages', 'levels', 'units']) assert.equal(sum(v.open[way]), v.open.n ?? 0, way)
  for (const one of [v.open, ...v.open.units, ...v.open.levels, ...v.open.ages]) assert.equal(one.over + one.near + one.within + one.none, one.n)
  assert.equal(sum(v.handling.levels), v.handling.n)
}

it('nothing there: whole zeros, no median; a bad question is refused', async (s) => {
  const v = await overview(s, 'head')
  whole(v)
  assert.deepEqual([v.received, v.open.n, v.by, v.handling.median_minutes], [0, 0, 'day', null])
  for (const q of ['?from=2020-13-01', '?from=2020-02-01&to=2020-01-01', '?unit=x', '?from=1990-01-01']) assert.deepEqual(code(await s.head.call('GET', `/overview${q}`)), [422, 'unknown_field'], q)
  for (const q of ['?by=hour', '?by=day&from=2024-01-01&to=2026-01-01']) assert.deepEqual(code(await s.head.call('GET', `/overview/rates${q}`)), [422, 'unknown_field'], q)
})

it('each person\'s counts are those of the own list; a report counts for nobody of the unit it is about', async (s) => {
  s.ids = []
  for (let i = 0; i < 12; i++) {
    const one = await file(s, `窗口态度恶劣，第${i}次反映排队没人管`, { contact: number(i) })
    s.ids.push(one)
    if (i < 10) await answered(s, one.id)
    if (i < 4) await step(s, one.receipt, 'confirm', { solved: 'yes', rating: '5' })
    if (i === 10) await s.coordinator.does(one.id, 'assign', { unit: s.u010 })
  }
  await file(s, '窗口人员收红包，请查', { what: 'report' })
  for (const who of ['head', 'coordinator', 'accountability', 'handler', 'chief', 'other', 'registry']) {
    const v = await overview(s, who), mine = await listed(s, who)
    whole(v)
    assert.equal(v.received, mine.length, who)
    assert.equal(v.closed, mine.filter((c) => c.state === 'closed').length, who)
    for (const u of v.units) assert.equal(u.n, mine.filter((c) => c.unit?.id === u.unit.id).length, `${who} ${u.unit.short_name}`)
    for (const c of v.categories) assert.equal(c.n, mine.filter((x) => x.category.code === c.category.code).length, who)
    const open = mine.filter((c) => !['closed', 'declined', 'merged'].includes(c.state))
    assert.equal(v.open.n, open.length, who)
    assert.equal(v.open.over, (await listed(s, who, '&overdue=1')).length, who)
  }
  const [all, without, unit, other] = await Promise.all(['accountability', 'head', 'handler', 'other'].map((who) => overview(s, who)))
  assert.deepEqual([all.received, without.received, unit.received, other.received], [13, 12, 10, 1])
  assert.equal(sum(all.natures.filter((n) => n.nature === 'report')), 1)
  assert.equal((await overview(s, 'head', `?unit=${s.u010}`)).received, 1)
  assert.equal((await overview(s, 'other', `?unit=${s.u003}`)).received, 0, 'another unit\'s are not there to be chosen')
  const today = await overview(s, 'head', `?from=${without.to}`)
  assert.deepEqual([today.by, today.received], ['hour', 12])
  const stored = await s.site.sql('select extract(epoch from percentile_cont(0.5) within group (order by replied_at - assigned_at)) / 60 as m, count(*)::int as n from cases where replied_at is not null')
  assert.deepEqual([without.handling.n, without.handling.median_minutes], [stored[0].n, Math.round(stored[0].m)])
})

/** Rows of SQL under a person's own sight. */
async function sight(s, who, sql) {
  const c = s.site.db.client()
  await c.connect()
  try {
    await c.query('begin')
    await c.query(`select set_config('msd.staff', $1, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true), set_config('role', 'mashangdu_staff', true)`, [String(s[who].staff.id)])
    return (await c.query(sql)).rows
  } finally {
    await c.end()
  }
}

/** The rates over time are counted from rows of their own (schema/0050), the figures of a period from the acts: both say the same of each
 *  person's cases, and no row is seen whose case is not. */
async function agree(s, what, people) {
  const kept = await s.site.sql('(table rate_marks except table rate_marks_told) union all (table rate_marks_told except table rate_marks)')
  assert.deepEqual(kept, [], what)
  for (const who of people) {
    const r = await asked(s, who, '/overview/rates?by=week', 'OverviewRates')
    const f = await s[who].get(`/figures?from=${r.from}&to=${r.to}`)
    assert.deepEqual(r.rates, f.rates, `${what}: ${who}`)
    for (const [i, one] of r.rates.entries()) assert.deepEqual([sum(r.points.map((p) => p.rates[i]), 'numerator'), sum(r.points.map((p) => p.rates[i]))], [one.numerator, one.n], one.rate)
    assert.equal(new Date(`${r.points[0].day}T00:00Z`).getUTCDay(), 1, 'a week begins on Monday')
  }
}
const beyond = (s, who) => sight(s, who, 'select case_id from rate_marks m where not exists (select from cases c where c.id = m.case_id)')

it('the course of the rates adds up to the figures of the same days, and follows a case behind every wall', async (s) => {
  await agree(s, 'as they are', ['head', 'accountability', 'chief', 'handler', 'other'])
  const signed = async () => (await asked(s, 'chief', '/overview/rates', 'OverviewRates')).rates.find((r) => r.rate === 'response').n
  const before = await signed(), [one] = s.ids
  assert.ok(before >= 10)
  for (const [wall, back] of [['held = true', 'held = false'], ['mixed = true', 'mixed = false'], [`mixed_unit_id = ${s.u003}`, 'mixed_unit_id = null'], ["flags = flags || '{confidential}'", "flags = array_remove(flags, 'confidential')"], [`unit_id = ${s.u010}`, `unit_id = ${s.u003}`]]) {
    await s.site.sql(`update cases set ${wall} where id = $1`, [one.id])
    await agree(s, wall, ['head', 'chief'])
    for (const who of ['head', 'clerk', 'chief', 'other']) assert.deepEqual(await beyond(s, who), [], `${wall}: ${who}`)
    assert.equal(await signed(), before - 1, wall)
    await s.site.sql(`update cases set ${back} where id = $1`, [one.id])
    assert.equal(await signed(), before, back)
  }
  assert.deepEqual(code(await s.chief.call('GET', `/overview/rates?unit=${s.u010}`)), [403, 'forbidden'])
})

it('a word is told when five people brought it: one who writes five times is one, a report none', async (s) => {
  const v = await words(s, 'head')
  const rude = v.words.find((w) => w.word === '窗口')
  assert.deepEqual([rude.said, rude.people, v.least], [12, 12, 5])
  assert.equal((await words(s, 'other')).words.length, 0, 'of one case no word')
  for (let i = 0; i < 6; i++) await file(s, `小区噪音扰民第${i}回`, { contact: number(99) })
  for (let i = 0; i < 6; i++) await file(s, `夜间垃圾焚烧第${i}回`)
  assert.deepEqual((await words(s, 'head')).words.map((w) => w.word).filter((w) => /噪音|扰民|垃圾|焚烧/.test(w)), [])
  const all = (await s.site.sql('select array_agg(id) as ids from cases'))[0].ids
  assert.equal((await s.site.sql('select * from matter_words($1, 1, 100)', [all])).some((w) => /红包/.test(w.word)), false)
})

it('a screen: paired by a code that is good once, shows no small number, and is told nothing once it is revoked', async (s) => {
  const pair = (body, headers = {}) => request(`${s.gateway.url}/screen/pair`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', origin: s.gateway.url, ...headers } })
  const shown = (cookie) => s.gateway.get('/screen/figures', { headers: cookie ? { cookie } : {} })
  assert.deepEqual(code(await s.coordinator.call('POST', '/screens', { name: '一楼大厅' })), [403, 'forbidden'])
  const made = await s.head.call('POST', '/screens', { name: '一楼大厅' })
  assert.equal(fault(s.doc, s.doc.components.schemas.KioskCode, made.json), null)
  const wrong = made.json.code === '00000000' ? '00000001' : '00000000'
  assert.deepEqual(code(await pair({ code: wrong })), [403, 'screen_code_wrong'])
  assert.deepEqual(code(await pair({ code: made.json.code }, { origin: 'http://evil.example' })), [403, 'csrf'])
  assert.deepEqual(code(await pair('12345678')), [403, 'screen_code_wrong'])
  const good = await pair({ code: made.json.code })
  assert.deepEqual([good.status, good.json.name], [200, '一楼大厅'])
  assert.match(good.headers['set-cookie'][0], /^msd_screen=[\w-]{43}; Path=\/screen; HttpOnly; SameSite=Strict; Max-Age=\d+/)
  const cookie = good.headers['set-cookie'][0].split(';')[0]
  assert.deepEqual(code(await pair({ code: made.json.code })), [403, 'screen_code_wrong'], 'good once')
  assert.deepEqual(code(await shown()), [401, 'screen_unpaired'])
  assert.deepEqual(code(await shown(`msd_screen=${'A'.repeat(43)}`)), [401, 'screen_unpaired'])

  const v = (await shown(cookie)).json
  // 24 that are not confidential came today; 4 of them are closed, and a report is in no number.
  assert.deepEqual(v.today, { received_today: 24, closed_today: null, open_all: 20, late_all: 0 })
  assert.equal(v.days.length, 30)
  assert.equal(v.days.at(-1).n, 24)
  const told = [...v.days, ...v.channels, ...v.categories].map((x) => x.n).concat(v.units.flatMap((u) => [u.received, u.open]))
  assert.deepEqual(told.filter((n) => n !== null && n > 0 && n < 5), [])
  assert.equal(v.units.some((u) => u.received === 1 || u.open === 1), false)
  assert.deepEqual(v.words.map((w) => w.word).filter((w) => /红包|噪音|焚烧/.test(w)), [])
  assert.ok(v.words.some((w) => w.word === '窗口'))
  assert.deepEqual(v.rates.map((r) => [r.rate, r.n]), [['on_time', 10], ['response', 10], ['solved', 0], ['satisfied', 0]])
  assert.equal(v.phone, '0700-2100000')
  assert.ok(v.qr.side > 20)
  const text = JSON.stringify(v)
  for (const word of ['154', '第1次反映', '收红包']) assert.equal(text.includes(word), false, word)

  const { screens: [one] } = await asked(s, 'registry', '/screens', 'ScreenList')
  assert.deepEqual([one.name, one.seconds, one.slides.length, one.revoked_at], ['一楼大厅', 15, 6, null])
  assert.deepEqual((await s.coordinator.get('/screens')).screens, [], 'others are told nothing of them')
  for (const body of [{ seconds: 2 }, { slides: [] }, { slides: ['today', 'today'] }, { slides: ['cases'] }]) assert.deepEqual(code(await s.registry.call('POST', `/screens/${one.id}/settings`, body)), [422, 'unknown_field'])
  assert.equal((await s.registry.call('POST', `/screens/${one.id}/settings`, { seconds: 8, slides: ['speak', 'rates'] })).json.done, true)
  const set = (await shown(cookie)).json
  assert.deepEqual([set.seconds, set.slides], [8, ['speak', 'rates']])
  assert.deepEqual(code(await s.coordinator.call('POST', `/screens/${one.id}/revoke`, {})), [403, 'forbidden'])
  assert.equal((await s.head.call('POST', `/screens/${one.id}/revoke`, {})).json.done, true)
  assert.deepEqual(code(await shown(cookie)), [401, 'screen_unpaired'])
  assert.equal((await s.head.call('POST', `/screens/${one.id}/revoke`, {})).json.done, false)
  assert.deepEqual(code(await s.registry.call('POST', `/screens/${one.id}/settings`, { seconds: 8 })), [404, 'not_found'])

  // Five wrong tries end a code, also for the right one behind them.
  const burnt = (await s.head.call('POST', '/screens', { name: '二楼' })).json.code
  for (let i = 0; i < 5; i++) await pair({ code: burnt === '00000000' ? '00000001' : '00000000' })
  assert.deepEqual(code(await pair({ code: burnt })), [403, 'screen_code_wrong'])
})

// Finding: words in Chinese in the index and behind it, filters, telephone numbers, kept views, several cases at once; and nothing of it
// tells anybody of what they may not see (P4).
import assert from 'node:assert/strict'
import { fileName, freshKey, request, scenario, until } from './harness.mjs'

const SEGMENT = 8192

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.unit = {}
  for (const code of ['U003', 'U026', 'U000-02']) s.unit[code] = await site.unitId(code)
  // Old cases enough for one segment of the index, of one unit, all closed; a few of them say something of their own.
  const c = await site.db.client()
  await c.connect()
  await c.query('begin')
  await c.query('set local session_replication_role = replica')
  await c.query(`with m as (select i, now() - interval '400 days' + i * interval '1 minute' as at, 4000000000::bigint + i * 4 as id,
      case i % 1000 when 7 then '第' || i || '號樓的電梯壞了，ＡＢＣ公司不管' when 11 then '菜市场污水横流' || i else '路灯不亮，编号' || i end as w from generate_series(1, $1::int) i),
    f as (insert into feedback (id, received_at, channel, dedupe_key, dedupe_body, receipt_hash, words, clean, masked, salt, case_id, decision)
      select id, at, 'web', 'old' || i, sha256('x'), sha256(int8send(i)), w, w, w, substr(sha256('x'), 1, 16), id + 1, '{"because":[],"candidates":[]}' from m),
    e as (insert into events (seq, at, kind, case_id, unit_id, confidential, data)
      select (select last from event_head) + i, at, 'case.opened', id + 1, $2::int, i % 1000 = 11 and i > 4000, '{}' from m)
    insert into cases (id, version, state, nature, category, level, urgency, unit_id, channel, limit_amount, opened_at, closed_at, flags, chain, first_unit_id)
      select id + 1, 3, 'closed', 'appeal', '0503', 3, '一般', $2, 'web', 5, at, at, case when i % 1000 = 11 and i > 4000 then array['answered', 'confidential'] else array['answered'] end,
        sha256('x'), $2 from m`, [SEGMENT + 30, s.unit.U026])
  await c.query('update event_head set last = last + $1', [SEGMENT + 30])
  await c.query("select setval('id_blocks', 70000)")
  await c.query('commit')
  await c.end()
  const g = s.gateway = await site.gateway()
  s.who = {}
  for (const [login, unit, roles] of [['coordinator', 'U000-02', ['coordinator']], ['coordinator2', 'U000-02', ['coordinator']], ['callback', 'U000-01', ['callback']],
    ['accountability', 'U000-04', ['accountability']], ['leader', 'U000', ['leader']], ['u003', 'U003', ['handler']], ['u003b', 'U003', ['handler']], ['u026', 'U026', ['handler']]])
    s.who[login] = await site.person(g, login, { unit, roles, name: `岗位 ${login}` })
})

const enc = encodeURIComponent
/** One page; a search that its time has cut goes on where it stopped until it is full or at its end. */
async function list(s, who, query) {
  const page = await s.who[who].get(`/cases?${query}`)
  while (page.complete === false && page.next && page.cases.length < Number(query.match(/limit=(\d+)/)?.[1] ?? 50)) {
    const more = await s.who[who].get(`/cases?${query.replace(/&before=[^&]*/, '')}&before=${page.next}`)
    page.cases.push(...more.cases)
    page.next = more.next
    page.complete = more.complete
  }
  return page
}
const ids = async (s, who, query) => (await list(s, who, query)).cases.map((c) => c.id)
const refused = (a, status, code) => { assert.equal(a.status, status, a.text); assert.equal(a.json.code, code) }
async function told(s, fields) {
  const a = await s.gateway.api(fields)
  assert.equal(a.status, 201, a.text)
  return Number(a.json.case)
}
async function given(s, unit, fields) {
  const id = await told(s, fields)
  if ((await s.who.coordinator.case(id)).case.state === 'discovered') await s.who.coordinator.does(id, 'assign', { unit: s.unit[unit] })
  return id
}
async function all(s, who, query) {
  const found = []
  for (let page = await list(s, who, query); ; page = await list(s, who, `${query}&before=${page.next}`)) {
    found.push(...page.cases.map((c) => c.id))
    if (!page.next) return found
  }
}

it('words are found behind the index and in it, in any width and script, each once', async (s) => {
  const inAll = await all(s, 'coordinator', `q=${enc('电梯坏了')}&limit=3`)
  assert.equal(inAll.length, 9) // 7, 1007 … 8007, written in traditional characters
  assert.deepEqual(inAll, [...inAll].sort((a, b) => b - a))
  await until('the first segment is in the index', async () => (await s.site.one('select segs from word_mark')) === 1, 120000)
  assert.equal(Number(await s.site.one('select count(*) from word_segments')), 1)
  for (const q of ['电梯坏了', '電梯壞了', '电梯 abc公司', 'ＡＢＣ公司'])
    assert.deepEqual(await all(s, 'coordinator', `q=${enc(q)}&limit=2`), inAll, q)
  const one = await list(s, 'coordinator', `q=${enc('号楼的电梯')}&limit=1`)
  assert.match(one.cases[0].match, /号楼的电梯/)
  assert.equal(one.complete, true)
  // Every page of what nearly all say, none twice, also while something new comes in between.
  const first = await list(s, 'coordinator', `q=${enc('路灯不亮')}&limit=100`)
  const fresh = await told(s, { text: '学校门口的路灯不亮已经三天' })
  const second = await list(s, 'coordinator', `q=${enc('路灯不亮')}&limit=100&before=${first.next}`)
  assert.equal(new Set([...first.cases, ...second.cases].map((c) => c.id)).size, 200)
  assert.equal((await ids(s, 'coordinator', `q=${enc('路灯不亮')}&limit=1`))[0], fresh)
  assert.deepEqual(await ids(s, 'coordinator', `q=${enc('没有人说过的话')}`), [])
  // A number is a case and words.
  const numbered = await ids(s, 'coordinator', `q=${fresh}`)
  assert.equal(numbered[0], fresh)
  refused(await s.who.coordinator.call('GET', '/cases?q=x'), 422, 'unknown_field')
  refused(await s.who.coordinator.call('GET', `/cases?q=${enc('路灯')}&sort=due`), 422, 'unknown_field')
  refused(await s.who.coordinator.call('GET', `/cases?q=${enc('路灯')}&before=x`), 422, 'unknown_field')
}, { ms: 200000 })

it('what is erased leaves the index', async (s) => {
  const id = (await ids(s, 'coordinator', `q=${enc('第3007号楼')}`))[0]
  assert.ok(id)
  const before = Number(await s.site.one('select count(*) from word_postings'))
  const c = await s.site.db.client()
  await c.connect()
  await c.query('begin')
  await c.query('alter table feedback disable trigger user')
  await c.query('alter table feedback enable trigger words_erased')
  await c.query("update feedback set masked = '' where case_id = $1", [id])
  await c.query('alter table feedback enable trigger user')
  await c.query('commit')
  await c.end()
  await until('the segment is made anew', async () => Number(await s.site.one('select count(*) from word_stale')) === 0 && Number(await s.site.one('select count(*) from word_postings')) < before)
  assert.deepEqual(await ids(s, 'coordinator', `q=${enc('第3007号楼')}`), [])
  assert.equal((await ids(s, 'coordinator', `q=${enc('第2007号楼')}`)).length, 1)
})

it('nobody finds what they may not see: words, numbers, telephone, views, bulk', async (s) => {
  const report = await told(s, { text: '举报区政务服务中心窗口工作人员索要红包，金额不小', nature: 'report', contact: '15400007788' })
  assert.equal((await s.site.sql('select confidential from cases where id = $1', [report]))[0].confidential, true)
  const other = await given(s, 'U026', { text: '河道边堆满了建筑垃圾无人清理', contact: '15400007788' })
  for (const who of ['u003', 'coordinator', 'leader', 'callback', 'accountability'])
    for (const q of ['索要红包', '工作人员索要', String(report)])
      assert.ok(who === 'accountability' && q === String(report) || !(await ids(s, who, `q=${enc(q)}`)).includes(report), `${who} ${q}`)
  assert.deepEqual(await ids(s, 'u003', `q=${enc('建筑垃圾')}`), [])
  assert.deepEqual(await ids(s, 'u003', `q=${other}`), [])
  assert.deepEqual(await ids(s, 'u026', `q=${enc('建筑垃圾')}`), [other])
  // Old cases of the index that are confidential: not for whoever asks.
  for (const who of ['coordinator', 'accountability', 'u026'])
    assert.equal((await all(s, who, `q=${enc('菜市场污水')}`)).length, 4, who)
  assert.equal((await all(s, 'u003', `q=${enc('菜市场污水')}`)).length, 0)
  // The telephone finds the ordinary case, never the report, and no unit may ask.
  for (const who of ['coordinator', 'callback', 'accountability'])
    for (const phone of ['7788', '15400007788', '+86 154 0000 7788'])
      assert.deepEqual((await s.who[who].call('POST', '/cases/phone', { phone })).json.cases.map((c) => c.id), [other], `${who} ${phone}`)
  refused(await s.who.u026.call('POST', '/cases/phone', { phone: '7788' }), 403, 'forbidden')
  // A shared view counts what its reader sees.
  const made = await s.who.u003.call('POST', '/views', { name: '未结', query: `from=2026-01-01`, shared: 'unit' })
  assert.equal(made.status, 200, made.text)
  const seen = async (who) => (await s.who[who].get('/views?counts=1')).views.find((v) => v.id === made.json.id)
  assert.equal((await seen('u003b')).open, (await ids(s, 'u003b', 'state=assigned,handling,replied,verifying')).length)
  assert.equal(await seen('u026'), undefined)
  refused(await s.who.u026.call('POST', `/views/${made.json.id}`, { first: true }), 404, 'not_found')
  refused(await s.who.u026.call('DELETE', `/views/${made.json.id}`), 404, 'not_found')
  refused(await s.who.u003b.call('POST', `/views/${made.json.id}`, { name: '别人的' }), 404, 'not_found')
  // The preview knows no case that the person does not.
  const asked = [other, report, 999].map((id) => ({ id, version: 2 }))
  for (const more of [{ preview: true }, { key: freshKey('bulk') }]) {
    const a = await s.who.u003.call('POST', '/cases/bulk', { act: 'sign', cases: asked, ...more })
    assert.deepEqual(a.json.cases.map((c) => c.code), ['case_unknown', 'case_unknown', 'case_unknown'])
  }
  const secret = await s.who.accountability.call('POST', '/cases/bulk', { act: 'assign', unit: s.unit.U026, preview: true, cases: [{ id: report, version: 1 }] })
  assert.equal(secret.json.cases[0].code, 'bulk_single')
})

it('a telephone number is in no address and no log, and asking is', async (s) => {
  const before = Number(await s.site.one("select count(*) from audit_log where action = 'find_phone'"))
  await told(s, { text: '公交车站牌倒了没人扶', contact: '15400001234' })
  const a = await s.who.callback.call('POST', '/cases/phone', { phone: '1234', query: 'state=discovered,assigned' })
  assert.equal(a.json.cases.length, 1)
  for (const phone of ['123', '12345', '', 'abcd']) refused(await s.who.callback.call('POST', '/cases/phone', { phone }), 422, 'contact_bad')
  refused(await s.who.callback.call('POST', '/cases/phone', { phone: '1234', query: 'state=x' }), 422, 'unknown_field')
  assert.equal(Number(await s.site.one("select count(*) from audit_log where action = 'find_phone'")), before + 1)
  assert.equal(Number(await s.site.one("select count(*) from audit_log where detail::text like '%1234%'")), 0)
  await s.site.sql("insert into audit_log (staff_id, action) select id, 'find_phone' from staff, generate_series(1, 60) where login = 'callback'")
  refused(await s.who.callback.call('POST', '/cases/phone', { phone: '1234' }), 429, 'too_many')
  assert.equal((await s.who.coordinator.call('POST', '/cases/phone', { phone: '1234' })).json.cases.length, 1)
})

it('filters: units with those below them, days, channel, plaque, colour, deadline first', async (s) => {
  const number = await s.site.plaqueNumber('U003')
  const a = await s.gateway.api({ text: '窗口午休时间没有人值班', plaque: number })
  assert.equal(a.status, 201, a.text)
  const here = Number(a.json.case)
  assert.deepEqual(await ids(s, 'coordinator', `plaque=${number}`), [here])
  assert.deepEqual(await ids(s, 'u026', `plaque=${number}`), [])
  const office = await s.site.unitId('U000')
  const fewer = 'state=discovered,assigned&limit=100'
  const below = await all(s, 'coordinator', `unit=${office}&${fewer}`)
  const own = await all(s, 'coordinator', `unit=${office}&unit_only=1&${fewer}`)
  const desk = await all(s, 'coordinator', `unit=${s.unit['U000-02']}&${fewer}`)
  assert.ok(desk.every((id) => below.includes(id)) && own.every((id) => below.includes(id)))
  assert.equal(below.length, (await s.site.sql(`with recursive t as (select id from units where id = $1 union select u.id from units u join t on u.parent_id = t.id)
    select id from cases where not confidential and state in ('discovered', 'assigned') and unit_id in (select id from t)`, [office])).length)
  const today = await s.site.one(`select to_char(opened_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') from cases where id = $1`, [here])
  assert.ok((await ids(s, 'coordinator', `from=${today}&to=${today}`)).includes(here))
  assert.equal((await all(s, 'coordinator', 'to=2000-01-01')).length, 0)
  const due = (await list(s, 'coordinator', 'sort=due&limit=100')).cases.map((c) => c.due_at)
  assert.ok(due.length > 2 && due.every(Boolean))
  assert.deepEqual(due, [...due].sort())
  assert.deepEqual(await all(s, 'coordinator', 'sort=due&limit=2'), await ids(s, 'coordinator', 'sort=due&limit=100'))
  for (const colour of ['green', 'yellow', 'red'])
    assert.ok((await list(s, 'coordinator', `colour=${colour}&limit=20`)).cases.every((c) => c.colour === colour), colour)
  assert.ok((await list(s, 'coordinator', 'channel=web&rung=0')).cases.every((c) => c.channel === 'web' && c.rung === 0))
  for (const bad of ['channel=x', 'rung=8', 'colour=blue', 'from=1', 'to=2026-13-01', 'plaque=x', 'handler=0', 'sort=x', 'unit_only=2'])
    refused(await s.who.coordinator.call('GET', `/cases?${bad}`), 422, 'unknown_field')
})

it('views: own and shared ones, in their order, one to begin with', async (s) => {
  const make = async (name, more) => (await s.who.coordinator.call('POST', '/views', { name, query: 'state=discovered', ...more })).json.id
  const one = await make('待受理'), two = await make('给同组', { shared: 'coordinator' })
  refused(await s.who.coordinator.call('POST', '/views', { name: '越权', query: '', shared: 'leader' }), 403, 'forbidden')
  refused(await s.who.coordinator.call('POST', '/views', { name: '', query: '' }), 422, 'unknown_field')
  refused(await s.who.coordinator.call('POST', '/views', { name: '坏的', query: 'state=x' }), 422, 'unknown_field')
  assert.equal((await s.who.coordinator.call('POST', `/views/${two}`, { order: 0, name: '给本组' })).status, 200)
  assert.equal((await s.who.coordinator2.call('POST', `/views/${two}`, { first: true })).status, 200)
  const mine = (await s.who.coordinator.get('/views')).views
  assert.deepEqual(mine.map((v) => v.id), [two, one])
  assert.deepEqual(mine.map((v) => v.first), [false, false])
  const theirs = (await s.who.coordinator2.get('/views')).views
  assert.deepEqual(theirs.map((v) => [v.name, v.own, v.first, v.shared]), [['给本组', false, true, 'coordinator']])
  for (let i = 0; i < 38; i++) assert.equal((await s.who.coordinator.call('POST', '/views', { name: `第${i}个`, query: '' })).status, 200)
  refused(await s.who.coordinator.call('POST', '/views', { name: '太多', query: '' }), 409, 'views_too_many')
  assert.equal((await s.who.coordinator.call('DELETE', `/views/${two}`)).status, 200)
  assert.deepEqual((await s.who.coordinator2.get('/views')).views, [])
})

it('several at once: the preview is the decision, conflicts are named, a second press does nothing', async (s) => {
  const cases = []
  for (const text of ['小区垃圾桶满了没人收', '小区健身器材坏了', '小区门口乱停车']) cases.push(await told(s, { text }))
  const version = async (id) => (await s.who.coordinator.case(id)).case.version
  for (const id of cases) {
    const now = (await s.who.coordinator.case(id)).case
    if (now.state !== 'discovered') { // the router was sure: take it as it is
      cases[cases.indexOf(id)] = await told(s, { text: `反映一件说不清楚的事情${id}` })
    }
  }
  const asked = async () => Promise.all(cases.map(async (id) => ({ id, version: await version(id) })))
  const seen = await asked()
  const act = { act: 'assign', unit: s.unit.U026, reason: '职责范围' }
  const preview = (await s.who.coordinator.call('POST', '/cases/bulk', { ...act, preview: true, cases: seen })).json
  assert.deepEqual(preview.cases.map((c) => [c.may, c.state]), [[true, 'assigned'], [true, 'assigned'], [true, 'assigned']])
  assert.equal(preview.undo, null)
  assert.deepEqual(await asked(), seen) // nothing was stored
  await s.who.coordinator2.does(cases[1], 'assign', { unit: s.unit.U003 })
  const key = freshKey('bulk')
  const [done, again] = [await s.who.coordinator.call('POST', '/cases/bulk', { ...act, key, cases: seen }), await s.who.coordinator.call('POST', '/cases/bulk', { ...act, key, cases: seen })]
  assert.deepEqual(done.json.cases.map((c) => c.code), [null, 'case_changed', null])
  assert.deepEqual(again.json, done.json)
  assert.equal(done.json.done, 2)
  assert.equal(Number(await s.site.one("select count(*) from acts where case_id = any ($1) and act = 'assign'", [cases])), 3)
  refused(await s.who.coordinator.call('POST', '/cases/bulk', { ...act, reason: '另一个', key, cases: seen }), 422, 'idempotency_key_reused')
  // Merge and take it back.
  const [main, ...rest] = cases
  const merging = (await Promise.all(rest.map(async (id) => ({ id, version: await version(id) })))).concat([{ id: main, version: await version(main) }])
  const merged = (await s.who.coordinator.call('POST', '/cases/bulk', { act: 'merge', target: main, reason: '同一件事', key: freshKey('bulk'), cases: merging })).json
  assert.equal(merged.undo, 'unmerge')
  assert.deepEqual(merged.cases.filter((c) => c.may).map((c) => c.case).sort(), [...rest].sort())
  assert.equal(merged.cases.find((c) => c.case === main).code, 'act_illegal')
  const back = (await s.who.coordinator.call('POST', '/cases/bulk', {
    act: 'unmerge', reason: '撤销', key: freshKey('bulk'), cases: merged.cases.filter((c) => c.may).map((c) => ({ id: c.case, version: c.version })) })).json
  assert.equal(back.done, 2)
  for (const bad of [{ act: 'reply', cases: seen }, { ...act, cases: [] }, { ...act, cases: [seen[0], seen[0]] }, { ...act, cases: Array.from({ length: 201 }, (_, i) => ({ id: i + 1, version: 1 })) },
    { act: 'supervise', rung: 3, cases: seen }, { ...act, cases: seen, more: 1 }])
    refused(await s.who.coordinator.call('POST', '/cases/bulk', { ...bad, preview: true }), 422, 'unknown_field')
  refused(await s.who.coordinator.call('POST', '/cases/bulk', { ...act, cases: seen }), 422, 'unknown_field') // no key
  const a = await request(`${s.gateway.url}/staff/api/v1/cases/bulk`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  refused(a, 401, 'session_needed')
})

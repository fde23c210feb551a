// The staff's door as its description says: every path, every key, every refusal; who sees what and who may do what
// (P4, P5); passwords and sessions; the files of the application. Runs with analysed tables, for a plan of the database
// must never decide who somebody is.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Person, fileName, freshKey, raw, request, scenario, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const UNITS = ['U003', 'U026', 'U032']

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway({ db_statement_deadline: '2m', answer_deadline: '2m' }) // one test holds a table
  s.doc = (await g.get('/staff/api/v1/openapi.json')).json
  const posts = [
    ['coordinator', 'U000-02', ['coordinator']], ['supervisor', 'U000-03', ['supervisor']], ['accountability', 'U000-04', ['accountability']],
    ['registry', 'U000-01', ['registry']], ['callback', 'U000-01', ['callback']], ['leader', 'U000', ['leader']], ['admin', 'U000', ['admin']], ['monitor', 'U000', ['monitor']], ['security', 'U000', ['security']],
    ['auditor', 'U000', ['auditor']], ['u003', 'U003', ['handler']], ['u003-leader', 'U003', ['unit_leader']], ['u026', 'U026', ['handler']],
    ['u026-leader', 'U026', ['unit_leader']], ['u032', 'U032', ['handler']]]
  s.who = {}
  for (const [login, unit, roles] of posts) s.who[login] = await site.person(g, login, { unit, roles, name: `岗位 ${login}` })
  s.unit = {}
  for (const code of UNITS) s.unit[code] = await site.unitId(code)
  await site.sql('analyze')
})

// --- small words of these tests ---

/** The JSON fits the schema of that name. */
const fits = (s, name, value) => assert.equal(fault(s.doc, s.doc.components.schemas[name], value), null)

/** The answer is described for that path, and fits. */
function described(s, method, path, a) {
  const r = s.doc.paths[path][method.toLowerCase()].responses[String(a.status)]
  assert.ok(r, `${method} ${path} ${a.status} is not described: ${a.text}`)
  const [type, { schema } = {}] = Object.entries(r.content ?? {})[0] ?? []
  if (schema && /json$/.test(type)) assert.equal(fault(s.doc, schema, a.json), null, `${method} ${path}`)
}

function refused(s, a, status, code) {
  assert.equal(a.status, status, a.text)
  assert.equal(a.json.code, code)
  assert.equal(a.json.type, `urn:mashangdu:refusal:${code}`)
  assert.match(a.headers['content-type'], /^application\/problem\+json/)
  fits(s, 'Problem', a.json)
}

async function told(s, fields) {
  const a = await s.gateway.api(fields)
  assert.equal(a.status, 201, a.text)
  return Number(a.json.case)
}

/** A case that unit's handler has on the desk. */
async function given(s, unit, fields) {
  const id = await told(s, fields)
  const now = (await s.who.coordinator.case(id)).case
  if (now.state === 'discovered') await s.who.coordinator.does(id, 'assign', { unit: s.unit[unit] })
  assert.equal((await s.who.coordinator.case(id)).case.unit.id, s.unit[unit])
  return id
}

async function does(s, who, id, act, more) {
  const v = await s.who[who].does(id, act, more)
  fits(s, 'CaseView', v)
  return v
}

const listed = async (s, who, query) => (await s.who[who].found(`/cases?${query}`)).cases.map((c) => c.id)
const total = async (s, who) => Object.values((await s.who[who].get('/counts')).by_state).reduce((a, b) => a + b)
const enc = encodeURIComponent

// --- the description ---

it('every path answers as described, to strangers too', async (s) => {
  const id = await told(s, { text: '建设路路灯坏了半个月没人修，晚上很黑。' })
  const stranger = new Person(s.gateway, 'stranger')
  const number = await s.site.plaqueNumber('U003')
  const records = { plaques: number, 'plaque-photos': await s.site.one(`insert into plaque_photos (number, staff_id, type, width, height, bytes)
    values ($1, (select min(id) from staff), 'png', 1, 1, '\\x89') returning id`, [number]) }
  for (const [kind, body] of [
    ['meetings', { kind: 'joint', held_at: '2026-03-02T15:00:00+08:00', place: '会议室', theme: '联席', host_unit: s.unit.U026 }],
    ['inspections', { kind: 'inspect', unit: s.unit.U026, place: '窗口', held_at: '2026-03-03T09:00:00+08:00', steps: '随机抽查', basis: '督查方案' }],
    ['letters', { kind: 'assign', units: [s.unit.U026], title: '关于核对情况的函', body: '请核对。' }]])
    records[kind] = Object.values((await s.who.coordinator.call('POST', `/${kind}`, body)).json)[0].id
  // Drafts of rules and calendars are numbered alike, and version 1 of the rules is there.
  records.rules = (await s.who.coordinator.call('POST', '/rules/drafts', { note: '描述用', changes: [{ of: 'word', kind: 'gripe', word: '哐当', value: '', weight: 1 }] })).json.id
  records.calendar = await s.site.one(`insert into calendar_drafts (year, base, days, source, author_id)
    values (2099, 0, '[{"day":"2099-01-01","kind":"holiday","name":"元旦"}]', '文号', (select min(id) from staff)) returning id`)
  records.models = 1
  records.views = (await s.who.coordinator.call('POST', '/views', { name: '未结', query: 'state=assigned' })).json.id
  records.causes = await s.site.one(`insert into causes (kind, unit_id, category, from_at) values ('matter', $1, '0503', now()) returning id`, [s.unit.U026])
  records.bursts = await s.site.one(`insert into bursts (kind, unit_id, category, last_at, n, most, usual, hours, told) values ('matter', $1, '0503', now(), 9, 9, 1, 24, 9) returning id`, [s.unit.U026])
  // The coordinator where the table of rights lets them in, else somebody whom it does.
  const able = (operation) => [s.who.coordinator, ...Object.values(s.who)].find((p) => operation['x-roles'].some((r) => p.staff.roles.includes(r)))
  for (const [path, methods] of Object.entries(s.doc.paths)) {
    if (/\/seal(ed)?(\/|$)/.test(path)) continue // for two groups alone: sealed.test.mjs
    if (/^\/files\/\{id\}\//.test(path)) continue // bytes: files.test.mjs
    const needed = (methods.get?.parameters ?? []).filter((p) => p.in === 'query' && p.required).map((p) => `${p.name}=${enc(p.example)}`)
    const real = path.replace('{id}', id).replace('{record}', records[path.split('/')[1]]).replace('{channel}', 'nobody').replace('{year}', 2026).replace('{list}', 'cases') + (needed.length ? `?${needed.join('&')}` : '')
    for (const method of Object.keys(methods).map((m) => m.toUpperCase())) {
      const reader = able(methods[method.toLowerCase()]) ?? s.who.coordinator
      if (path === '/session' && method !== 'GET' || /^\/(session\/(ways|code)|oidc\/)/.test(path)) continue // signing in and out have tests of their own
      if (method === 'POST') {
        const a = await request(`${s.gateway.url}/staff/api/v1${real}`, {
          method, body: '{', headers: { ...reader.headers(), 'content-type': 'application/json' } })
        if ('application/json' in methods.post.requestBody.content) refused(s, a, 400, 'bad_json')
        else refused(s, a, 415, 'unsupported_type')
        described(s, method, path, a)
      } else {
        const a = await reader.call(method, real)
        assert.equal(a.status, 200, `${path}: ${a.text}`)
        assert.match(a.headers['cache-control'], /no-store/)
        described(s, method, path, a)
      }
      if (path === '/openapi.json') continue
      const a = await stranger.call(method, real, method === 'POST' ? {} : undefined)
      refused(s, a, 401, 'session_needed')
      described(s, method, path, a)
    }
    refused(s, await s.who.coordinator.call('PUT', real, {}), 405, 'method_not_allowed')
  }
  for (const p of ['/nothing', '/cases/', '/cases/x', '/cases/1/2', '/cases/1/acts/', '/sessionx', '/cases/99999999999999999999'])
    refused(s, await s.who.coordinator.call('GET', p), 404, 'not_found')
  refused(s, await s.who.coordinator.call('GET', '/cases/9223372036854775807'), 404, 'case_unknown')
})

it('everybody is who signed in', async (s) => {
  for (const [login, person] of Object.entries(s.who)) {
    const now = await person.get('/session')
    assert.equal(now.staff.login, login)
    assert.equal(now.csrf, person.csrf)
    assert.equal(now.staff.id, await s.site.one('select id from staff where login = $1', [login]))
  }
})

// --- acting ---

it('a case goes from the desk to its end, each step by another person', async (s) => {
  const id = await told(s, { text: '城管局在解放路占道收费，找了几次都不管，电话15412345678。', nature: 'complain' })
  let v = await s.who.coordinator.case(id)
  if (v.case.state === 'discovered') {
    assert.deepEqual(v.allowed.find((a) => a.act === 'assign'), { act: 'assign', label: '受理交办', needs: ['unit'], danger: false })
    assert.equal(v.allowed.find((a) => a.act === 'decline').danger, true)
    const lacking = await s.who.coordinator.act(id, 'decline', { reason: '不属于受理范围' })
    refused(s, lacking, 422, 'act_needs')
    assert.deepEqual(lacking.json.missing, ['way'])
    v = await does(s, 'coordinator', id, 'assign', { unit: s.unit.U026, category: v.case.category.code })
  }
  assert.equal(v.case.unit.id, s.unit.U026)
  assert.ok(v.case.deadline.lines.some((l) => l.includes('时限')), JSON.stringify(v.case.deadline))
  assert.ok(v.feedback[0].masked.includes('154****5678'))
  assert.equal(JSON.stringify(v).includes('15412345678'), false)
  v = await does(s, 'u026', id, 'sign')
  assert.ok(v.case.deadline.lines.some((l) => l.startsWith('到期')), JSON.stringify(v.case.deadline))
  assert.match(v.case.deadline.lines.at(-1), /^下一步：\d{4}-\d\d-\d\d \d\d:\d\d 提醒，由时钟发出$/)
  const short = await s.who.u026.act(id, 'reply', { words: '已清理。' })
  refused(s, short, 422, 'act_needs')
  assert.deepEqual(short.json.missing, ['evidence'])
  v = await does(s, 'u026', id, 'reply', { words: '已撤销违规停车收费点，并退还收费。', evidence: '现场照片 3 张\n退费登记表\n' })
  assert.equal(v.acts.at(-1).data.evidence, 2)
  assert.match(v.acts.at(-1).reason, /退费登记表/)
  refused(s, await s.who.supervisor.act(id, 'approve'), 409, 'act_illegal')
  await does(s, 'u026-leader', id, 'endorse')
  v = await does(s, 'supervisor', id, 'approve')
  assert.equal(v.case.state, 'verifying')
  v = await does(s, 'callback', id, 'callback_solved', { words: '群众表示满意。', rating: '5' })
  assert.equal(v.case.state, 'closed')
  assert.ok(v.case.closed_at)
  assert.equal(v.case.deadline, null)
  assert.deepEqual(v.acts.map((a) => a.version), v.acts.map((_, i) => i + 1))
  assert.ok(v.acts.filter((a) => a.actor === 'staff').every((a) => a.staff.name && a.role && a.label))
  assert.equal(v.acts.at(-1).staff.id, s.who.callback.staff.id)
})

it('of two at once one wins, and the other is told what the case is now', async (s) => {
  const id = await given(s, 'U026', { text: '滨河路下水道堵了，污水横流，城管局请处理。' })
  const { version } = (await s.who.u026.case(id)).case
  const both = await Promise.all([
    s.who.u026.call('POST', `/cases/${id}/acts`, { act: 'sign', version }),
    s.who.coordinator.call('POST', `/cases/${id}/acts`, { act: 'note', version, words: '请尽快' })])
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409])
  const lost = both.find((a) => a.status === 409)
  refused(s, lost, 409, 'case_changed')
  assert.equal(lost.json.case.version, version + 1)
  assert.equal(await s.site.one('select count(*) from acts where case_id = $1 and version > $2', [id, version]), '1')
  const stale = await s.who.coordinator.call('POST', `/cases/${id}/acts`, { act: 'note', version, words: '再说一遍' })
  refused(s, stale, 409, 'case_changed')
  assert.match(stale.json.detail, /第\d+版/)
})

it('extension, pause and return are asked by one and ruled by another, and the deadline explains itself', async (s) => {
  const id = await given(s, 'U026', { text: '城北菜市场地面湿滑，城管局请整改。' })
  let v = await does(s, 'u026', id, 'return_ask', { reason: '不属于本单位职责', legal_ground: '《条例》第三条' })
  assert.equal(v.case.return_asked, true)
  assert.equal(v.acts.at(-1).data.ground, '《条例》第三条')
  refused(s, await s.who.u026.act(id, 'return_refuse', { reason: '不同意' }), 403, 'forbidden')
  await does(s, 'coordinator', id, 'return_refuse', { reason: '属于职责' })
  v = await does(s, 'u026', id, 'sign')
  const due = v.case.due_at
  await does(s, 'u026', id, 'extend_ask', { reason: '材料未到', amount: '2' })
  v = await does(s, 'coordinator', id, 'extend_grant', { reason: '同意' })
  assert.ok(v.case.due_at > due)
  assert.ok(v.case.deadline.lines.some((l) => l.startsWith('延期')), JSON.stringify(v.case.deadline))
  const until = new Date(Date.now() + 5 * 864e5).toISOString()
  await does(s, 'u026', id, 'pause_ask', { reason: '等鉴定', pause_cause: '鉴定检测', until })
  v = await does(s, 'u026-leader', id, 'pause_grant', { reason: '同意' })
  assert.equal(v.case.paused, true)
  assert.equal(v.case.deadline.due_at, null)
  assert.match(v.case.deadline.lines.at(-1), /^下一步：.*挂起期满，由时钟恢复办理$/)
  v = await does(s, 'u026', id, 'resume')
  assert.ok(v.case.deadline.lines.some((l) => l.startsWith('停计')), JSON.stringify(v.case.deadline))
  assert.ok(!v.case.deadline.lines.some((l) => l.includes('登记在案')), `the replay ends where the clock stands: ${JSON.stringify(v.case.deadline)}`)
})

it('an act that names a case or a unit which is not there changes nothing and harms nobody after it', async (s) => {
  const report = await told(s, { text: '举报市场监管局科长吃拿卡要，收红包。', nature: 'report' })
  const id = await told(s, { text: '长安街公园的灯坏了，请修。' })
  const before = (await s.who.coordinator.case(id)).case
  for (const target of [99999999, report]) refused(s, await s.who.coordinator.act(id, 'merge', { reason: '同一事项', target }), 422, 'unknown_field')
  refused(s, await s.who.coordinator.act(id, 'merge', { reason: '同一事项', target: id }), 422, 'act_needs')
  assert.notEqual((await s.who.coordinator.act(id, 'assign', { unit: 99999999 })).status, 200)
  assert.deepEqual((await s.who.coordinator.case(id)).case.version, before.version)
  // A statement that the database refuses leaves its connection usable: all of them are asked.
  await s.site.sql(`alter table acts add constraint for_this_test check (act <> 'note' or words <> 'fails')`)
  for (let i = 0; i < 8; i++) assert.notEqual((await s.who.coordinator.act(id, 'note', { words: 'fails' })).status, 200)
  await s.site.sql('alter table acts drop constraint for_this_test')
  await Promise.all(Array.from({ length: 16 }, () => s.who.coordinator.get('/counts')))
  const other = await told(s, { text: '长安街公园的灯还是没修。' })
  const merged = await does(s, 'coordinator', other, 'merge', { reason: '同一事项', target: id })
  assert.equal(merged.case.state, 'merged')
})

it('a granted return goes back to the desk, out of the unit\'s sight', async (s) => {
  const id = await given(s, 'U026', { text: '南门广场噪声，城管局请管一管。' })
  await does(s, 'u026', id, 'return_ask', { reason: '不属于本单位职责', legal_ground: '《条例》第三条' })
  assert.equal((await does(s, 'coordinator', id, 'return_grant', { reason: '重新分派' })).case.state, 'discovered')
  refused(s, await s.who.u026.call('GET', `/cases/${id}`), 404, 'case_unknown')
})

it('changes need the CSRF token, JSON, and fields that are known', async (s) => {
  const id = await told(s, { text: '体育馆灯坏了。' })
  const good = { act: 'note', version: 1, words: '记一笔' }
  const post = (fields, headers) => s.who.coordinator.call('POST', `/cases/${id}/acts`, { ...good, ...fields }, headers)
  const before = await s.gateway.refusals('csrf')
  refused(s, await post({}, { 'x-csrf-token': '' }), 403, 'csrf')
  refused(s, await post({}, { 'x-csrf-token': s.who.supervisor.csrf }), 403, 'csrf')
  refused(s, await s.who.coordinator.call('DELETE', '/session', undefined, { 'x-csrf-token': 'A'.repeat(43) }), 403, 'csrf')
  assert.equal(await s.gateway.refusals('csrf'), before + 3)
  refused(s, await post({}, { 'content-type': 'text/plain' }), 415, 'unsupported_type')
  for (const bad of [{ colour: 'red' }, { act: 'fly' }, { version: '1' }, { unit: -1 }, { unit: 'x' }, { until: '2026-02-31' }, { pause_cause: '累了' }, { reason: 5 }])
    refused(s, await post(bad), 422, 'unknown_field')
  refused(s, await post({ words: '长'.repeat(5001) }), 413, 'text_too_long')
  refused(s, await post({ words: '长'.repeat(60000) }), 413, 'too_big')
  assert.equal(await s.site.one(`select count(*) from acts where case_id = $1 and act = 'note'`, [id]), '0')
  const english = await s.who.coordinator.call('GET', '/cases/1', undefined, { 'accept-language': 'en' })
  assert.match(english.json.detail, /no such case/)
})

// --- seeing ---

it('a unit sees nothing of another unit: not in lists, searches or counts, not by number, not by acting', async (s) => {
  const word = `紫藤巷${freshKey('')}`
  const id = await given(s, 'U026', { text: `${word}的路灯不亮，请城管局修一修。` })
  assert.deepEqual(await listed(s, 'u026', `q=${enc(word)}`), [id])
  assert.deepEqual(await listed(s, 'coordinator', `q=${enc(word)}`), [id])
  for (const who of ['admin', 'auditor']) {
    refused(s, await s.who[who].call('GET', `/cases?q=${enc(word)}`), 403, 'forbidden')
    refused(s, await s.who[who].call('GET', `/cases/${id}`), 403, 'forbidden')
    refused(s, await s.who[who].call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: '看看' }), 403, 'forbidden')
  }
  for (const who of ['u003', 'u003-leader']) {
    assert.deepEqual(await listed(s, who, `q=${enc(word)}`), [], who)
    assert.deepEqual(await listed(s, who, `q=${id}`), [], who)
    assert.ok(!(await listed(s, who, 'limit=100')).includes(id), who)
    refused(s, await s.who[who].call('GET', `/cases/${id}`), 404, 'case_unknown')
    refused(s, await s.who[who].call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: '看看' }), 404, 'case_unknown')
  }
  const before = [await total(s, 'u003'), await total(s, 'u026')]
  await given(s, 'U026', { text: `${word}的路灯还是不亮，城管局。` })
  assert.deepEqual([await total(s, 'u003'), await total(s, 'u026')], [before[0], before[1] + 1])
  assert.equal(await total(s, 'admin'), 0)
  assert.deepEqual(await listed(s, 'coordinator', `q=${enc('%_%')}`), [], 'wild cards are searched as they stand')
})

it('a report is known to 追责问责组 and the discipline unit alone, and each look leaves a reason', async (s) => {
  const word = `红包${freshKey('')}`
  const id = await told(s, { text: `举报市场监管局科长收受商户${word}，吃拿卡要。`, nature: 'report' })
  assert.deepEqual(await s.site.sql('select confidential, about_unit_id from cases where id = $1', [id]), [{ confidential: true, about_unit_id: s.unit.U003 }])
  for (const who of Object.keys(s.who).filter((w) => !['accountability', 'u032'].includes(w))) {
    if (['admin', 'auditor', 'security'].includes(who)) {
      refused(s, await s.who[who].call('GET', `/cases/${id}?reason=${enc('想看看')}`), 403, 'forbidden')
      continue
    }
    refused(s, await s.who[who].call('GET', `/cases/${id}?reason=${enc('想看看')}`), 404, 'case_unknown')
    const act = await s.who[who].call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: '看看' })
    if (who === 'monitor') refused(s, act, 403, 'forbidden')
    else refused(s, act, 404, 'case_unknown')
    assert.ok(!(await s.who[who].get('/cases?limit=100')).cases.some((c) => c.confidential), who)
    assert.deepEqual(await listed(s, who, `q=${id}`), [], who)
  }
  const open = "state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')"
  const all = Number(await s.site.one(`select count(*) from cases where ${open}`)), hidden = Number(await s.site.one(`select count(*) from cases where confidential and ${open}`))
  assert.equal(await total(s, 'coordinator'), all - hidden)
  assert.equal(await total(s, 'accountability'), all)

  const looks = async () => s.site.sql(`select staff_id, detail->>'reason' as reason from audit_log where action = 'look' and case_id = $1 order by id`, [id])
  const bare = await s.who.accountability.call('GET', `/cases/${id}`)
  refused(s, bare, 422, 'act_needs')
  assert.deepEqual(bare.json.missing, ['reason'])
  assert.equal(bare.text.includes(word), false)
  assert.deepEqual(await looks(), [])
  const row = (await s.who.accountability.get(`/cases?q=${id}`)).cases[0]
  assert.equal(row.summary, '')
  assert.deepEqual(await listed(s, 'accountability', `q=${enc(word)}`), [], 'no words without a logged look')

  const v = await s.who.accountability.case(id, '核查线索')
  fits(s, 'CaseView', v)
  assert.deepEqual([v.feedback[0].sealed, v.feedback[0].masked.includes('市场监管局')], [true, false])
  assert.deepEqual(await looks(), [{ staff_id: s.who.accountability.staff.id, reason: '核查线索' }])
  const send = (fields) => s.who.accountability.call('POST', `/cases/${id}/acts`, { version: v.case.version, ...fields })
  refused(s, await send({ act: 'assign', unit: s.unit.U003 }), 403, 'recused')
  const sent = await send({ act: 'assign', unit: s.unit.U032 })
  assert.equal(sent.status, 200, sent.text)
  assert.equal((await looks()).length, 2)
  refused(s, await s.who.u003.call('GET', `/cases/${id}?reason=${enc('想看看')}`), 404, 'case_unknown')
  assert.equal((await s.who.u032.case(id, '承办')).case.id, id)
  assert.equal((await looks()).length, 3)

  const share = (person) => send({ act: 'share', version: sent.json.case.version, reason: '需要知悉', person })
  refused(s, await share(s.who.u003.staff.id), 403, 'recused')
  refused(s, await share(999999), 422, 'unknown_field')
  assert.equal((await share(s.who.leader.staff.id)).status, 200)
  assert.equal((await s.who.leader.case(id, '批示')).case.id, id)
  // Whom it was shared with hears of it live, a colleague of theirs does not.
  const watches = { leader: await s.who.leader.watch(), coordinator: await s.who.coordinator.watch() }
  await s.who.accountability.act(id, 'note', { words: '知悉' }, { reason: '核查线索' })
  const next = await told(s, { text: '小区路灯不亮，请派人来修。' })
  for (const [who, w] of Object.entries(watches)) {
    const heard = []
    await w.next((f) => { heard.push(f); return f.type === 'event' && f.case === next })
    assert.equal(heard.some((f) => f.case === id), who === 'leader', who)
    await w.close()
  }
})

it('filters and pages: no row twice, none lost, nothing guessed', async (s) => {
  for (let i = 0; i < 5; i++) await told(s, { text: `分页测试 ${i}：公园长椅坏了。` })
  const ids = []
  let next = ''
  do {
    const page = await s.who.coordinator.get(`/cases?limit=3${next ? `&before=${next}` : ''}`)
    assert.ok(page.cases.length <= 3)
    ids.push(...page.cases.map((c) => c.id))
    next = page.next
    if (ids.length === 3) await told(s, { text: '翻页时新来的一件，井盖松动。' })
  } while (next)
  const all = (await s.site.sql('select id from cases where not confidential order by opened_at desc, id desc')).map((r) => Number(r.id))
  assert.deepEqual(ids, all.slice(1))
  const rows = async (query) => (await s.who.coordinator.get(`/cases?limit=100&${query}`)).cases
  for (const [query, is] of [
    ['state=closed,verifying', (c) => ['closed', 'verifying'].includes(c.state)], [`unit=${s.unit.U026}`, (c) => c.unit.id === s.unit.U026],
    ['nature=complain,appeal', (c) => ['complain', 'appeal'].includes(c.nature)], ['level=0,3', (c) => [0, 3].includes(c.level)],
    ['triage=1', (c) => c.triage && c.state === 'discovered']]) {
    const got = await rows(query)
    const want = (await rows('')).filter(is)
    assert.ok(want.length > 0, query)
    assert.deepEqual(got.map((c) => c.id), want.map((c) => c.id), query)
  }
  const some = (await rows(''))[0].category.code
  assert.ok((await rows(`category=${some.slice(0, 2)}`)).every((c) => c.category.code.startsWith(some.slice(0, 2))))
  assert.equal((await rows('triage=1')).length, (await s.who.coordinator.get('/counts')).triage)
  assert.deepEqual(await rows('overdue=1&state=closed'), [])
  assert.ok((await s.who.u026.get('/cases?mine=1')).cases.length > 0)
  for (const bad of ['state=new', 'state=open', 'state=,', 'nature=x', 'unit=0', 'unit=x', 'unit=99999999999', 'category=abc', 'level=5', 'mine=yes', 'before=xx',
    'limit=0', 'limit=101', 'q=%ff', `q=${enc('灯')}`, `q=${enc('长'.repeat(200))}`, `before=${Buffer.alloc(16, 0xff).toString('base64url')}`])
    refused(s, await s.who.coordinator.call('GET', `/cases?${bad}`), 422, 'unknown_field')
})

it('searches never take the last connection: signing in goes on', async (s) => {
  const other = s.site.db.client()
  await other.connect()
  await other.query('begin; lock table feedback in access exclusive mode')
  const search = () => s.who.coordinator.call('GET', `/cases?q=${enc('没有这个词')}`)
  const slow = Array.from({ length: 3 }, search) // of four connections
  await until('three searches wait', async () => Number(await s.site.one(
    `select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid where not l.granted and l.relation = 'feedback'::regclass and a.query like 'select c.id, c.version%case_extract%'`)) === 3)
  const more = await search()
  refused(s, more, 429, 'too_many')
  assert.ok(Number(more.headers['retry-after']) > 0)
  await s.who.auditor.get('/session')
  await other.query('commit')
  await other.end()
  for (const a of await Promise.all(slow)) assert.equal(a.status, 200, a.text)
  assert.equal((await search()).status, 200)
})

// --- passwords and sessions ---

const tries = (s, login) => (password, headers) => new Person(s.gateway, login).call('POST', '/session', { login, password }, headers)

it('wrong passwords cost growing time; unknown names take as long as known ones', async (s) => {
  const { site } = s
  const first = await site.account('forgetful', { roles: ['registry'] })
  const enter = tries(s, 'forgetful')
  const set = (sql) => site.sql(`update staff set ${sql} where login = 'forgetful'`)
  /** Seconds from the last failure to the end of the lock; the answer says what is left of them. */
  const waits = async () => {
    const a = await enter(first)
    refused(s, a, 429, 'login_locked')
    const w = Number(a.headers['retry-after'])
    const [{ whole, left }] = await site.sql(`select extract(epoch from s.locked_until - (select max(l.at) from audit_log l where l.staff_id = s.id and l.action = 'sign_in_failed'))::float8 as whole,
      extract(epoch from s.locked_until - now())::float8 as left from staff s where s.login = 'forgetful'`)
    assert.ok(w >= left && w <= whole, `${w} of ${whole}, ${left} left`)
    return whole
  }
  refused(s, await enter(first, { origin: 'https://elsewhere.example' }), 403, 'csrf')
  refused(s, await enter(''), 400, 'malformed')
  refused(s, await enter('x'.repeat(5000)), 413, 'too_big')
  for (let i = 0; i < 5; i++) refused(s, await enter('wrong password'), 401, 'login_wrong')
  assert.equal(await waits(), 30)
  await set(`locked_until = now() - interval '1 second'`)
  refused(s, await enter('wrong password'), 401, 'login_wrong')
  assert.equal(await waits(), 60)
  await set(`failures = 900, locked_until = now() - interval '1 second'`)
  refused(s, await enter('wrong password'), 401, 'login_wrong')
  assert.equal(await waits(), 3600)
  await set(`locked_until = now() - interval '1 second'`)
  assert.equal((await enter(first)).status, 200)
  assert.deepEqual(await site.sql(`select failures, locked_until from staff where login = 'forgetful'`), [{ failures: 0, locked_until: null }])
  // Guesses side by side do not outrun the lock: the right password is refused after them.
  const burst = await Promise.all(Array.from({ length: 12 }, (_, i) => enter(`guess ${i}`)))
  assert.ok(burst.every((a) => [401, 429].includes(a.status)))
  refused(s, await enter(first), 429, 'login_locked')
  await set('failures = 0, locked_until = null')
  // Who is unknown costs the same work: without the hash the answer would come some fifty times faster. The fastest of several,
  // taken in turn, so that a busy machine is busy for both.
  const fastest = { known: Infinity, unknown: Infinity }
  const one = { known: enter, unknown: tries(s, 'nobody-here') }
  for (let i = 0; i < 7; i++)
    for (const who of ['known', 'unknown']) {
      const begun = performance.now()
      refused(s, await one[who]('wrong password'), 401, 'login_wrong')
      fastest[who] = Math.min(fastest[who], performance.now() - begun)
      await set('failures = 0, locked_until = null')
    }
  assert.ok(fastest.unknown > fastest.known / 5 && fastest.unknown < fastest.known * 5, JSON.stringify(fastest))
  // The log has persons by number and nothing else of them.
  const log = await site.sql(`select action, count(*) filter (where staff_id is null) as nobody, bool_and(detail - 'way' - 'step' = '{}') as bare from audit_log
    where action like 'sign%' group by 1 order by 1`)
  assert.deepEqual(log.map((r) => [r.action, r.bare]), [['sign_in', true], ['sign_in_failed', true]])
  assert.equal(log[1].nobody, '7')
  await set('active = false')
  refused(s, await enter(first), 401, 'login_wrong')
})

it('a first password must be changed before anything else; the change ends all other sessions', async (s) => {
  const first = await s.site.account('newcomer', { roles: ['coordinator'] })
  const p = new Person(s.gateway, 'newcomer'), other = new Person(s.gateway, 'newcomer')
  assert.equal((await p.signIn(first)).staff.must_change, true)
  await other.signIn(first)
  for (const path of ['/cases', '/counts', '/units', '/categories', '/acts', '/cases/1']) {
    const a = await p.call('GET', path)
    refused(s, a, 403, 'forbidden')
    assert.match(a.json.detail, /初始密码/)
  }
  refused(s, await p.call('POST', '/cases/1/acts', { act: 'note', version: 1, words: '记' }), 403, 'forbidden')
  const change = (old, fresh, headers) => p.call('POST', '/session/password', { old, new: fresh }, headers)
  for (const weak of ['短密码', 'x'.repeat(1025), first, 'NewComer'.padEnd(9)]) refused(s, await change(first, weak), 422, 'unknown_field')
  refused(s, await change('not the old one', '一个足够长的新密码啊'), 401, 'login_wrong')
  refused(s, await change(first, '一个足够长的新密码啊', { 'x-csrf-token': '' }), 403, 'csrf')
  const a = await change(first, '一个足够长的新密码啊')
  assert.equal(a.status, 200, a.text)
  described(s, 'POST', '/session/password', a)
  assert.equal(a.json.staff.must_change, false)
  await p.get('/cases')
  refused(s, await other.call('GET', '/session'), 401, 'session_needed')
  refused(s, await tries(s, 'newcomer')(first), 401, 'login_wrong')
  assert.equal((await tries(s, 'newcomer')('一个足够长的新密码啊')).status, 200)
  await s.site.sql(`update staff set active = false where login = 'newcomer'`)
  refused(s, await p.call('GET', '/session'), 401, 'session_needed')
})

it('a session ends by signing out, by idleness and by age', async (s) => {
  const { site } = s
  const p = s.who.registry
  const enter = () => p.call('POST', '/session', { login: 'registry', password: p.password })
  let a = await enter()
  described(s, 'POST', '/session', a)
  assert.match(a.headers['set-cookie'][0], /^msd_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  await p.signIn(p.password)
  const cookie = p.cookie
  a = await p.call('DELETE', '/session')
  assert.equal(a.status, 204)
  assert.match(a.headers['set-cookie'][0], /^msd_session=; .*Max-Age=0/)
  p.cookie = cookie
  refused(s, await p.call('GET', '/cases'), 401, 'session_needed')
  refused(s, await p.call('POST', '/cases/1/acts', { act: 'note', version: 1, words: '记' }), 401, 'session_needed')
  const of = `ended_at is null and staff_id = (select id from staff where login = 'registry')`
  for (const end of [`seen_at = now() - interval '31 minutes'`, 'expires_at = now()']) {
    await p.signIn(p.password)
    await p.get('/session')
    await site.sql(`update staff_sessions set ${end} where ${of}`)
    refused(s, await p.call('GET', '/session'), 401, 'session_needed')
  }
  await p.signIn(p.password)
})

it('tries of one address are limited', async (s) => {
  const strict = await s.site.gateway({ login_per_minute: 3 })
  // At once: one after the other, on a slow machine, they might be tries of two minutes.
  const codes = await Promise.all(Array.from({ length: 6 }, async () => (await new Person(strict, 'x').call('POST', '/session', { login: 'nobody', password: 'wrong' })).status))
  assert.deepEqual(codes.sort(), [401, 401, 401, 429, 429, 429])
  await strict.stop()
})

// --- the application ---

it('the application comes from memory; nothing else of the machine can be read', async (s) => {
  const g = s.gateway
  const page = await g.get('/staff/')
  assert.equal(page.status, 200, 'the staff application is built before the scenarios run')
  assert.match(page.headers['content-type'], /^text\/html/)
  assert.equal(page.headers['cache-control'], 'no-cache')
  assert.match(page.headers['content-security-policy'], /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; .*frame-ancestors 'none'/)
  assert.match((await g.get('/')).headers['content-security-policy'], /default-src 'none'; script-src 'self'; /)
  const asset = page.text.match(/\/staff\/assets\/[\w.-]+\.js/)[0]
  const script = await g.get(asset)
  assert.match(script.headers['content-type'], /^text\/javascript/)
  assert.match(script.headers['cache-control'], /immutable/)
  const again = await g.get(asset, { headers: { 'if-none-match': script.headers.etag } })
  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal((await g.get('/staff/cases/12')).text, page.text)
  assert.equal((await g.get('/staff')).headers.location, '/staff/')
  assert.equal((await g.get('/staff/', { method: 'POST' })).status, 405)
  for (const p of ['../master.key', '%2e%2e/master.key', '..%2fmaster.key', 'assets/../../package.json', 'assets/none.js', '.env', '/etc/passwd.txt', `${'a'.repeat(400)}.js`]) {
    const answer = await raw(g.port, `GET /staff/${p} HTTP/1.1\r\nHost: 127.0.0.1:${g.port}\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1.1 404 /, p)
  }
})

it('ready-made smaller variants go to those who take them; a link that leads out of the folder is not followed', async (s) => {
  const dir = join(s.site.dir, 'dist')
  mkdirSync(join(dir, 'assets'), { recursive: true })
  writeFileSync(join(dir, 'index.html'), '<!doctype html><title>x</title>')
  writeFileSync(join(dir, 'assets/a-1.js'), 'plain')
  writeFileSync(join(dir, 'assets/a-1.js.gz'), 'gzipped')
  writeFileSync(join(dir, 'assets/a-1.js.br'), 'brotli')
  symlinkSync(join(s.site.dir, 'master.key'), join(dir, 'key.txt'))
  // Behind TLS the cookie is for TLS alone.
  const g = await s.site.gateway({ dashboard_dir: dir, public_url: 'https://127.0.0.1' })
  for (const [accept, coding, body] of [['gzip, br', 'br', 'brotli'], ['gzip', 'gzip', 'gzipped'], ['br;q=0, gzip;q=0', undefined, 'plain'], ['', undefined, 'plain']]) {
    const a = await g.get('/staff/assets/a-1.js', { headers: { 'accept-encoding': accept } })
    assert.deepEqual([a.headers['content-encoding'], a.text, a.headers['content-type'], a.headers.vary], [coding, body, 'text/javascript; charset=utf-8', 'accept-encoding'])
  }
  assert.equal((await g.get('/staff/key.txt')).status, 404)
  const a = await new Person(g, 'leader').call('POST', '/session', { login: 'leader', password: s.who.leader.password })
  assert.match(a.headers['set-cookie'][0], /; SameSite=Strict; Secure$/)
  await g.stop()
})

it('without a build the page says how to make one', async (s) => {
  const bare = await s.site.gateway({ dashboard_dir: '/nonexistent' })
  const a = await bare.get('/staff/')
  assert.equal(a.status, 503)
  assert.match(a.text, /npm run build/)
  assert.match(a.text, /dashboard_dir/)
  await bare.stop()
})

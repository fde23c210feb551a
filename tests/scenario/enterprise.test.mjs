// 企业码: one code to book, rate, ask, read answers and find policies; visits entered before, scanned on the spot and rated once; what
// each enterprise had of all units in a month; and the page of all ways, each of which reaches the same register.
import assert from 'node:assert/strict'
import { clearOfMidnight, fileName, freshKey, hidden, receiptOn, request, scenario, until } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  await clearOfMidnight()
  const { site } = s
  s.gateway = await site.gateway({ sms_number: '10690000', office_phone: '0700-2100000' })
  s.code = (await site.tool('plaque', 'issue', '--unit', 'U901')).match(/\b\d{6,9}\b/)[0]
  s.other = (await site.tool('plaque', 'issue', '--unit', 'U902')).match(/\b\d{6,9}\b/)[0]
  s.enterprise = await site.unitId('U901')
  s.u003 = await site.unitId('U003')
  s.handler = await site.person(s.gateway, 'u003', { unit: 'U003', roles: ['handler'] })
  s.tax = await site.person(s.gateway, 'u006', { unit: 'U006', roles: ['handler'] })
  s.coordinator = await site.person(s.gateway, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.registry = await site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry', 'coordinator'] })
  await until('the gateway knows the codes', async () => (await s.gateway.get(`/p/${s.code}`)).status === 200)
})

const step = (person, id, body) => person.call('POST', `/visits/${id}/steps`, body)
const month = async (s, person) => (await person.get('/enterprises')).enterprises.find((e) => e.enterprise.id === s.enterprise)

it('one code, five functions, no secret; revoked like any plaque', async (s) => {
  const page = await s.gateway.get(`/p/${s.code}`)
  assert.equal(page.status, 200)
  for (const at of [`/p/${s.code}/book`, `/p/${s.code}/ask`, '/policies', '/status', `/p/${s.code}/supervise`]) assert.ok(page.text.includes(`href="${at}"`), at)
  assert.ok(Buffer.byteLength(page.text) < 14 * 1024)
  assert.equal((await s.gateway.get(`/p/${s.code}/rate`)).text.includes('name="visit"'), true, 'there is no window to rate here')
  const asked = await s.gateway.form(`/p/${s.code}/ask`, { text: '请问小微企业社保缓缴怎么申请' })
  assert.equal(asked.status, 201)
  const about = await s.site.sql(`select c.unit_id, u.kind from cases c join feedback f on f.case_id = c.id join units u on u.id = c.unit_id where f.plaque = $1`, [s.code])
  assert.ok(about.length && about.every((r) => r.kind !== 'enterprise'), 'no matter goes to an enterprise')
  await s.site.tool('plaque', 'void', s.other)
  await until('the void code is gone', async () => (await s.gateway.get(`/p/${s.other}`)).status === 410)
})

it('a booking is a case with a receipt, and a visit that its unit confirms', async (s) => {
  const page = await s.gateway.get(`/p/${s.code}/book`)
  const token = hidden(page.text, 'token')
  const wrong = await s.gateway.post(`/p/${s.code}/book`, { token, text: '想了解消防验收，请派人上门指导', day: '2020-01-01' })
  assert.equal(wrong.status, 422)
  assert.ok(wrong.text.includes('想了解消防验收'))
  const day = new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10)
  const a = await s.gateway.post(`/p/${s.code}/book`, { token, text: '想了解消防验收，请派人上门指导', day })
  assert.equal(a.status, 201, a.text)
  receiptOn(a.text)
  const [visit] = (await s.coordinator.get('/visits?state=asked')).visits
  assert.deepEqual([visit.enterprise.id, visit.planned_for, visit.steps], [s.enterprise, day, ['cancelled']])
  assert.deepEqual((await s.tax.get('/visits')).visits, [], 'another unit does not see it')
  await s.coordinator.does(visit.case, 'assign', { unit: s.u003 })
  const [mine] = (await s.handler.get('/visits')).visits
  assert.deepEqual(mine.steps, ['planned', 'cancelled'])
  assert.equal((await step(s.tax, visit.id, { step: 'planned', planned_for: day })).status, 404)
  assert.equal((await step(s.handler, visit.id, { step: 'planned', planned_for: day })).status, 200)
  assert.equal((await s.gateway.get(`/p/${await s.site.plaqueNumber('U003')}/book`)).status, 404, 'only an enterprise books')
})

it('a booking that is called off is told to the unit that has its case', async (s) => {
  const day = new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10)
  const token = hidden((await s.gateway.get(`/p/${s.code}/book`)).text, 'token')
  assert.equal((await s.gateway.post(`/p/${s.code}/book`, { token, text: '想了解食品经营许可，请派人上门指导', day })).status, 201)
  const [visit] = (await s.coordinator.get('/visits?state=asked')).visits
  await s.coordinator.does(visit.case, 'assign', { unit: s.u003 })
  const [mine, far] = await Promise.all([s.handler.watch(), s.tax.watch()])
  assert.equal((await step(s.coordinator, visit.id, { step: 'cancelled', reason: '企业已自行办理' })).status, 200)
  assert.deepEqual((await mine.next((e) => e.kind === 'desk.visits')).data, {})
  await s.site.sql(`update units set name = name where code = 'U006'`) // everybody hears of that: what came before it has come
  await far.next((e) => e.kind === 'desk.register')
  assert.equal(far.frames.filter((e) => e.kind === 'desk.visits').length, 0, 'another unit')
  for (const w of [mine, far]) await w.close()
})

it('an inspection is entered with its law, scanned on the spot, and rated once with its number', async (s) => {
  const body = { enterprise: s.enterprise, kind: 'inspection', subject: '食品安全日常检查' }
  assert.equal((await s.handler.call('POST', '/visits', body)).status, 422, 'no inspection without its law')
  assert.equal((await s.coordinator.call('POST', '/visits', { ...body, basis: '《食品安全法》第一百一十条' })).status, 403)
  const added = await s.handler.call('POST', '/visits', { ...body, basis: '《食品安全法》第一百一十条' })
  assert.equal(added.status, 201, added.text)
  const { id } = added.json
  assert.equal((await step(s.handler, id, { step: 'done', result: '合格' })).status, 409, 'nobody is done who has not come')
  assert.equal((await step(s.handler, id, { step: 'arrived', plaque: await s.site.plaqueNumber('U003') })).status, 422, 'another code is not this enterprise')
  assert.equal((await step(s.handler, id, { step: 'arrived', plaque: s.code })).status, 200)
  assert.equal((await month(s, s.coordinator)).inspections, 1)
  const done = await step(s.handler, id, { step: 'done', result: '当场检查，未发现问题' })
  assert.equal(done.status, 200, done.text)
  assert.match(done.json.number, /^RQ\d+$/)
  assert.equal(await s.site.one(`select count(*)::int from visits v where v::text like '%' || $1 || '%'`, [done.json.number]), 0, 'only a hash of the number is kept')
  const lost = await s.gateway.post(`/p/${s.code}/visit`, { visit: 'RQ10000000001' })
  assert.equal(lost.status, 404)
  const found = await s.gateway.post(`/p/${s.code}/visit`, { visit: done.json.number.toLowerCase() })
  assert.equal(found.status, 303)
  const path = found.headers.location
  const rate = await s.gateway.get(path)
  assert.equal(rate.status, 200)
  const sent = await s.gateway.post(path.split('?')[0], { token: hidden(rate.text, 'token'), rating: 4, s: path.split('s=')[1], service: path.split('s=')[1] })
  assert.equal(sent.status, 201, sent.text)
  const [visit] = (await s.handler.get('/visits')).visits.filter((v) => v.id === id)
  assert.equal(visit.level, 4)
  assert.equal((await s.gateway.get(path)).text.includes('满意'), true, 'rated once: the first rating is shown')
  const second = await s.tax.call('POST', '/visits', { enterprise: s.enterprise, kind: 'service', subject: '税收辅导' })
  await step(s.tax, second.json.id, { step: 'arrived', plaque: s.code })
  const e = await month(s, s.coordinator)
  assert.deepEqual([e.inspections, e.services, e.units], [1, 1, 2], 'what no single unit sees')
  assert.deepEqual((await s.tax.get('/visits')).visits.map((v) => v.id), [second.json.id], 'a unit sees its own visits')
  await assert.rejects(s.site.sql(`delete from visit_steps`))
})

it('policies: two persons, a validity and a target', async (s) => {
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
  const body = { title: '小微企业稳岗补贴', source: '区人力资源和社会保障局', words: '每稳定一个岗位补贴，凭社保缴费记录申请。', targets: 'small,individual', valid_from: today, unit: s.u003 }
  const added = await s.registry.call('POST', '/policies', body)
  assert.equal(added.status, 200, added.text)
  assert.equal((await s.registry.call('POST', `/policies/${added.json.id}/steps`, { step: 'published' })).status, 403, 'not by who wrote it')
  assert.doesNotMatch((await s.gateway.get('/policies')).text, /稳岗补贴/)
  assert.equal((await s.coordinator.call('POST', `/policies/${added.json.id}/steps`, { step: 'published' })).status, 200)
  assert.match((await s.gateway.get('/policies?for=small')).text, /稳岗补贴/)
  assert.doesNotMatch((await s.gateway.get('/policies?for=large')).text, /稳岗补贴/)
  assert.equal((await s.registry.call('POST', '/policies', { ...body, targets: 'everybody' })).status, 422)
  const old = await s.registry.call('POST', '/policies', { ...body, title: '去年的政策', valid_from: '2020-01-01', valid_to: '2020-12-31' })
  await s.coordinator.call('POST', `/policies/${old.json.id}/steps`, { step: 'published' })
  assert.doesNotMatch((await s.gateway.get('/policies')).text, /去年的政策/)
})

it('every way on the page reaches the same register', async (s) => {
  const page = await s.gateway.get('/ways')
  const doors = [...page.text.matchAll(/data-door="(\w+)"/g)].map((m) => m[1])
  assert.deepEqual(doors, ['plaque', 'web', 'sms', 'phone', 'window', 'live', 'meeting', 'monitor'])
  const monitor = await s.site.person(s.gateway, 'monitor', { unit: 'U000-02', roles: ['monitor'] })
  const year = new Date(Date.now() + 8 * 3600e3).getUTCFullYear()
  const put = await s.registry.call('POST', '/monitors', { track: 'business', login: 'monitor', enterprise: '示例智造', from: `${year}-01-01`, to: `${year + 1}-12-31` })
  assert.ok(put.status < 300, put.text)
  const meeting = await s.coordinator.call('POST', '/meetings', { kind: 'morning_tea', held_at: new Date().toISOString(), place: '会议室', theme: '早茶会', host_unit: s.u003 })
  assert.equal(meeting.status, 201, meeting.text)
  const sms = await s.site.smsDoor(s.gateway, 'kannel-1', 'http://127.0.0.1:9/')
  const word = (door) => `从${door}反映：路灯不亮已经三天`
  const live = await s.gateway.live()
  const json = (door) => request(`${s.gateway.url}/api/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': freshKey() },
    body: JSON.stringify({ channel: door, text: word(door) }) })
  const number = await s.site.plaqueNumber('U003')
  const go = {
    plaque: () => s.gateway.form(`/p/${number}/supervise`, { text: word('plaque') }),
    web: () => s.gateway.form('/write', { text: word('web'), nature: 'complain' }),
    sms: () => s.gateway.smsGet(sms, { text: word('sms') }),
    phone: () => json('phone'),
    window: () => json('window'),
    live: async () => { live.send({ type: 'submit', id: '1', key: freshKey(), text: word('live') }); return live.next((f) => f.type === 'accepted') },
    meeting: () => s.coordinator.call('POST', `/meetings/${meeting.json.meeting.id}/problems`, { text: word('meeting'), raised_by: '示例智造' }, { 'idempotency-key': freshKey() }),
    monitor: () => monitor.call('POST', '/monitors/returns', { track: 'business', period: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 7), text: word('monitor') }, { 'idempotency-key': freshKey() }),
  }
  for (const door of doors) {
    const a = await go[door]()
    await until(`${door} has arrived`, async () => (await s.site.one('select count(*)::int from feedback where words = $1', [word(door)])) === 1).catch((e) => assert.fail(`${e.message}: ${a?.status} ${a?.text}`))
    const [row] = await s.site.sql('select channel, length(receipt_hash) as receipt, case_id is not null as has_case from feedback where words = $1', [word(door)])
    assert.deepEqual(row, { channel: door, receipt: 32, has_case: true })
  }
  live.close()
})

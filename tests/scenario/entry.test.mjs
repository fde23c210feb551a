// What somebody of the office writes down for a citizen: the same intake as every other door, stored once, the receipt good for the citizen; who
// wrote it down stands beside it; a report is sealed, and the unit it is about neither writes it down nor sees it; duplicates under own sight alone.
import assert from 'node:assert/strict'
import { fileName, freshKey, request, scenario, until } from './harness.mjs'
import { multipart, png } from './file_samples.mjs'
import { fault } from './openapi.mjs'
import { look, people } from './callback_parts.mjs'
import { Provider } from './provider.mjs'

const PHONE = '15412345678'
const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.provider = await Provider.open()
  s.gateway = await s.site.gateway({ auto_assign_percent: 70, receipt_channel: 'sms-line' })
  await people(s)
  s.registry = await s.site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] })
  s.monitor = await s.site.person(s.gateway, 'monitor', { unit: 'U000', roles: ['monitor'] })
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  await s.site.smsDoor(s.gateway, 'sms-line', s.provider.url)
})

const enter = (who, body, key = freshKey('entry')) => who.call('POST', '/entries', { way: 'visit', nature: 'complain', ...body }, { 'idempotency-key': key })
async function entered(s, who, body, key) {
  const a = await enter(who, body, key)
  assert.equal(a.status, 201, a.text)
  assert.equal(fault(s.doc, s.doc.components.schemas.Entered, a.json), null)
  return a.json
}
async function brings(s, who, body, files, key = freshKey('files')) {
  const form = multipart({ entry: JSON.stringify({ way: 'visit', nature: 'complain', ...body }) }, files.map((bytes) => ({ bytes })))
  return request(`${s.gateway.url}/staff/api/v1/entries`, { method: 'POST', body: form.body, headers: { ...who.headers(), ...form.headers, 'idempotency-key': key }, ms: 60000 })
}
const code = (a) => [a.status, a.json?.code]
const rows = (s) => s.site.one('select count(*)::int from feedback')

it('each way has its channel; the words, the place and who wrote it down stand on the case; the receipt opens it', async (s) => {
  for (const [way, channel, who] of [['visit', 'window', 'registry'], ['call', 'phone', 'clerk'], ['letter', 'window', 'registry'], ['email', 'email', 'coordinator'], ['meeting', 'meeting', 'handler']]) {
    const text = `建设路 ${way} 路灯坏了半个月没人修，联系电话${PHONE}`
    const got = await entered(s, s[who], { way, nature: 'appeal', text, place: '建设路12号', said_on: new Date(Date.now() - 2 * 86400e3).toISOString().slice(0, 10), contact: PHONE })
    assert.deepEqual([got.repeated, got.sealed, got.sent], [false, false, false])
    assert.match(got.receipt, /^\d{16}$/)
    assert.ok(got.slip.some((l) => l.includes(got.receipt.replace(/(.{4})(?=.)/g, '$1 '))), got.slip.join('/'))
    const v = await s.coordinator.case(got.number)
    assert.equal(fault(s.doc, s.doc.components.schemas.CaseView, v), null)
    const f = v.feedback[0]
    assert.deepEqual([v.case.channel, f.channel, f.nature_said, f.place.words], [channel, channel, 'appeal', '建设路12号'])
    assert.deepEqual([f.entered.way, f.entered.by], [way, '测试岗位'])
    assert.ok(f.entered.unit && f.entered.said_on)
    assert.ok(f.masked.includes('154****5678'))
    assert.equal((await look(s, got.receipt)).status, 200)
    const slip = await s.gateway.post('/slip', { receipt: got.receipt, token: got.slip_token, as: 'pdf' })
    assert.equal(slip.status, 200, slip.text.slice(0, 300))
    assert.equal(slip.headers['content-type'], 'application/pdf')
    assert.ok(!(await s.coordinator.call('GET', `/cases/${got.number}`)).text.includes(PHONE), 'units read it masked')
  }
  assert.equal(await s.site.one(`select count(*)::int from feedback where contact is not null`), 5)
})

it('pressed twice it is stored once, with the same receipt; the same key with other words is refused', async (s) => {
  const key = freshKey('twice'), before = await rows(s)
  const first = await entered(s, s.registry, { text: '窗口排队两小时' }, key)
  const again = await enter(s.registry, { text: '窗口排队两小时' }, key)
  assert.deepEqual([again.status, again.json.repeated, again.json.receipt, again.json.number], [200, true, first.receipt, first.number])
  assert.equal(await rows(s), before + 1)
  assert.deepEqual(code(await enter(s.registry, { text: '另一件事' }, key)), [422, 'idempotency_key_reused'])
  // Another person's key is another key.
  assert.notEqual((await entered(s, s.clerk, { text: '窗口排队两小时' }, key)).receipt, first.receipt)
})

it('a unit that was named counts like a plaque, a category that was chosen counts; without them the words decide', async (s) => {
  const named = await entered(s, s.registry, { text: '办事态度很差，来回跑了三趟', unit: s.u010, category: undefined })
  const v = await s.coordinator.case(named.number)
  assert.equal(v.decision.about_unit?.id ?? v.case.about_unit?.id, s.u010)
  assert.ok(v.decision.because.some((b) => b.startsWith('登记时指明的单位是')), v.decision.because.join('/'))
  const category = (await s.coordinator.get('/categories')).categories.find((c) => c.parent && !c.confidential && c.code !== v.case.category.code)
  const chosen = await s.coordinator.case((await entered(s, s.registry, { text: '来反映一件事情，请帮忙看看', category: category.code })).number)
  assert.equal(chosen.case.category.code, category.code)
  assert.equal(chosen.case.triage, true, 'a guess under another category is a person\'s to give out')
})

it('the receipt goes by SMS when the citizen left a number and wants it; the number stands nowhere in the open', async (s) => {
  const got = await entered(s, s.clerk, { way: 'call', text: '小区门口垃圾没人清', contact: PHONE, send_receipt: true })
  assert.equal(got.sent, true)
  const sent = await until('the SMS is there', () => s.provider.requests.find((r) => r.text.includes(got.receipt.slice(0, 4))))
  assert.ok(sent.to.endsWith(PHONE))
  assert.deepEqual(code(await enter(s.clerk, { text: '没有号码', send_receipt: true })), [422, 'unknown_field'])
})

it('a report is sealed: whoever wrote it down finds it nowhere, and is told so; its unit does not write it down', async (s) => {
  const secret = '住建局王某某收受开发商红包两万元'
  for (const who of ['registry', 'coordinator', 'clerk']) {
    const before = await s[who].get('/counts')
    const got = await entered(s, s[who], { nature: 'report', text: secret, name: '李群众', contact: PHONE })
    assert.deepEqual([got.sealed, got.number], [true, null])
    assert.ok(got.told[0].includes('举报') && got.told[1].includes('看不到'))
    assert.ok(!JSON.stringify(got.slip).includes('办件编号'))
    assert.deepEqual((await s[who].get('/counts')).by_state, before.by_state)
    assert.equal((await look(s, got.receipt)).status, 200)
  }
  const stored = await s.site.sql(`select f.words, f.masked, f.contact, e.staff_id from feedback f join feedback_entries e on e.feedback_id = f.id where f.nature_said = 'report'`)
  assert.equal(stored.length, 3)
  for (const r of stored) assert.ok(r.words.startsWith('sealed:') && !r.masked.includes('红包') && r.contact === null)
  for (const table of ['feedback', 'cases', 'events', 'acts', 'audit_log', 'outbox'])
    assert.equal(await s.site.one(`select count(*)::int from ${table} t where t::text like '%红包%' or t::text like '%李群众%'`), 0, table)
  // Another unit's window may; the own unit's may not, and not without saying whom it is about.
  const before = await rows(s)
  assert.deepEqual(code(await enter(s.handler, { nature: 'report', text: secret, unit: s.u003 })), [403, 'forbidden'])
  assert.deepEqual(code(await enter(s.handler, { nature: 'report', text: secret })), [403, 'forbidden'])
  // Nor whoever comes from there, or works there in another post.
  assert.deepEqual(code(await enter(s.borrowed, { nature: 'report', text: secret, unit: s.u003 })), [403, 'forbidden'])
  const two = await s.site.person(s.gateway, 'twoposts', { unit: 'U010', roles: ['handler'] })
  await s.site.sql(`with p as (insert into posts (staff_id, unit_id, title) values ($1, $2, '承办人') returning id) insert into post_roles select id, 'handler' from p`, [two.staff.id, s.u003])
  assert.deepEqual(code(await enter(two, { nature: 'report', text: secret, unit: s.u003 })), [403, 'forbidden'])
  assert.equal(await rows(s), before)
  const other = await entered(s, s.other, { nature: 'report', text: secret, unit: s.u003 })
  assert.equal(other.sealed, true)
  for (const who of ['handler', 'chief', 'other', 'registry']) assert.deepEqual((await s[who].get('/cases?nature=report')).cases, [], who)
})

it('a handler at a window sees of it what a citizen sees, unless it comes to the own unit', async (s) => {
  const got = await entered(s, s.handler, { text: '别的单位的事，菜场地面总是积水', unit: s.u010 })
  assert.equal((await s.handler.call('GET', `/cases/${got.number}`)).status, 404)
  assert.ok(got.told.some((l) => l.includes('统筹协调组')))
})

it('open cases that may be the same, under the own sight alone; nothing is stored by looking', async (s) => {
  const text = '幸福小区三号楼电梯坏了一个月没有人来维修'
  const one = await entered(s, s.registry, { nature: 'appeal', text })
  const now = (await s.coordinator.case(one.number)).case
  const before = await rows(s)
  const alike = async (who, body) => {
    const a = await who.call('POST', '/entries/alike', body)
    assert.equal(a.status, 200, a.text)
    assert.equal(fault(s.doc, s.doc.components.schemas.AlikeList, a.json), null)
    return a.json.alike.map((x) => x.case)
  }
  const like = { text: '幸福小区三号楼电梯坏了，一个月没有人来修', ...(now.unit ? { unit: now.unit.id } : {}), category: now.category.code }
  assert.ok((await alike(s.coordinator, like)).includes(one.number))
  assert.ok(!(await alike(s.other, like)).includes(one.number) || now.unit?.id === s.u010, 'not what another unit has')
  assert.deepEqual(code(await s.monitor.call('POST', '/entries/alike', like)), [403, 'forbidden'])
  assert.deepEqual(await alike(s.coordinator, { text: '完全不同的另一件小事情呀' }), [])
  assert.equal(await rows(s), before)
})

it('pictures that a citizen brings go the way of a citizen\'s own: made anew, seen with the case, with a report sealed', async (s) => {
  const picture = png(300, 200, { text: 'taken-by-somebody' }), key = freshKey('picture')
  const a = await brings(s, s.registry, { nature: 'appeal', text: '人行道地砖松动，照片两张', place: '青年路' }, [picture, png(40, 30)], key)
  assert.equal(a.status, 201, a.text)
  assert.equal(fault(s.doc, s.doc.components.schemas.Entered, a.json), null)
  const { files } = await s.coordinator.get(`/cases/${a.json.number}/files`)
  assert.deepEqual(files.map((f) => [f.type, f.feedback !== null, f.act]), [['png', true, null], ['png', true, null]])
  const clean = await s.coordinator.call('GET', `/files/${files[0].id}/clean`)
  assert.deepEqual([clean.status, clean.headers['content-type'], clean.text.includes('taken-by-somebody')], [200, 'image/png', false])
  assert.equal((await look(s, a.json.receipt)).status, 200)
  const again = await brings(s, s.registry, { nature: 'appeal', text: '人行道地砖松动，照片两张', place: '青年路' }, [picture], key)
  assert.deepEqual([again.status, again.json.repeated, (await s.coordinator.get(`/cases/${a.json.number}/files`)).files.length], [200, true, 2])
  const report = await brings(s, s.registry, { nature: 'report', text: '某所所长收受礼金，有照片' }, [picture])
  assert.deepEqual([report.status, report.json.sealed], [201, true], report.text)
  const id = await s.site.one(`select id from feedback where words like 'sealed:%' order by received_at desc limit 1`)
  assert.equal(await s.site.one('select count(*)::int from file_uses where feedback_id = $1', [id]), 0, 'sealed with the words, not beside them')
  assert.ok(await s.site.one('select count(*)::int from sealed_files join sealed_messages m on m.id = message_id where m.feedback_id = $1', [id]) >= 2)
  // What cannot be taken is told by its place, and nothing is stored.
  const before = await rows(s)
  const bad = await brings(s, s.registry, { text: '第二个不是图片' }, [picture, Buffer.from('<html>')])
  assert.deepEqual([...code(bad), bad.json.file], [415, 'file_type', 2])
  assert.deepEqual(code(await brings(s, s.registry, { text: '太多' }, Array(7).fill(png(10, 10)))), [422, 'files_too_many'])
  assert.deepEqual(code(await brings(s, s.registry, { text: '好', way: 'pigeon' }, [picture])), [422, 'unknown_field'])
  assert.deepEqual(code(await brings(s, s.monitor, { text: '不归我' }, [picture])), [403, 'forbidden'])
  assert.equal(await rows(s), before)
})

it('joined to the open case that is the same: the coordinator by an own act that can be undone, another post as the citizen\'s wish', async (s) => {
  const main = await entered(s, s.coordinator, { nature: 'appeal', text: '学府路公交站牌倒了没人扶' })
  const own = await entered(s, s.coordinator, { nature: 'appeal', text: '学府路的公交站牌倒了一个星期', joins: main.number })
  assert.equal(own.joined, main.number)
  const merged = await s.coordinator.case(own.number)
  const act = merged.acts.find((a) => a.act === 'merge')
  assert.deepEqual([merged.case.state, act.actor, act.staff?.id], ['merged', 'staff', s.coordinator.staff.id])
  assert.equal(await s.site.one('select state from feedback_joins j join feedback f on f.id = j.feedback_id where f.case_id = $1', [own.number]), 'joined')
  assert.equal((await look(s, own.receipt)).status, 200)
  const before = (await s.coordinator.case(main.number)).case.feedbacks
  assert.equal(before, 2)
  const back = await s.coordinator.does(own.number, 'unmerge', { reason: '不是同一个站牌' })
  assert.notEqual(back.case.state, 'merged')
  assert.equal((await s.coordinator.case(main.number)).case.feedbacks, 1)

  const key = freshKey('wish'), said = { nature: 'appeal', text: '学府路站牌倒了，过路的人容易绊倒', joins: main.number }
  const wish = await entered(s, s.registry, said, key)
  assert.equal(wish.joined, main.number)
  const by = (await s.coordinator.case(wish.number)).acts.find((a) => a.act === 'merge')
  assert.equal(by.actor, 'citizen')
  assert.match(by.words ?? by.reason, /登记时反映人同意/)
  const again = await enter(s.registry, said, key)
  assert.deepEqual([again.status, again.json.joined], [200, main.number], 'the first answer once more')

  // Nothing that is urgent goes along; a case that is over, hidden or no case at all takes nobody in; a report never, a unit's window neither.
  const urgent = await entered(s, s.registry, { nature: 'appeal', text: '学府路站牌旁边燃气泄漏，味道很大，有人头晕', joins: main.number })
  assert.equal(urgent.joined, null)
  assert.ok(urgent.told.some((l) => l.includes('没有并案')), urgent.told.join('/'))
  assert.notEqual((await s.coordinator.case(urgent.number)).case.state, 'merged')
  const total = await rows(s)
  assert.deepEqual(code(await enter(s.registry, { text: '一样的', joins: wish.number })), [409, 'act_illegal'])
  assert.deepEqual(code(await enter(s.registry, { text: '一样的', joins: 99 })), [422, 'unknown_field'])
  const hidden = await s.site.one('select id::text from cases where confidential limit 1')
  assert.deepEqual(code(await enter(s.registry, { text: '一样的', joins: Number(hidden) })), [422, 'unknown_field'], 'as if it were not there')
  assert.deepEqual(code(await enter(s.registry, { nature: 'report', text: '举报', joins: main.number })), [422, 'unknown_field'])
  assert.deepEqual(code(await enter(s.handler, { text: '一样的', joins: main.number })), [403, 'forbidden'])
  assert.equal(await rows(s), total)
})

it('posts that write nothing down, and what is wrong, get a sentence', async (s) => {
  const before = await rows(s)
  for (const who of ['head', 'supervisor', 'chief', 'monitor']) assert.deepEqual(code(await enter(s[who], { text: '一件事' })), [403, 'forbidden'], who)
  for (const [body, want] of [
    [{ text: '' }, [422, 'unknown_field']], [{ text: '好', nature: 'rate' }, [422, 'unknown_field']], [{ text: '好', way: 'pigeon' }, [422, 'unknown_field']], [{ text: '好', unit: 99999999 }, [422, 'unknown_field']],
    [{ text: '好', category: '99999' }, [422, 'unknown_field']], [{ text: '好', contact: 'abc' }, [422, 'unknown_field']], [{ text: '好', name: '李四' }, [422, 'unknown_field']], [{ text: '好', said_on: '2999-01-01' }, [422, 'unknown_field']],
    [{ text: '长'.repeat(5001) }, [413, 'text_too_long']], [{ text: '好', more: 1 }, [422, 'unknown_field']]])
    assert.deepEqual(code(await enter(s.registry, body)), want, JSON.stringify(body).slice(0, 80))
  assert.deepEqual(code(await s.registry.call('POST', '/entries', { way: 'visit', nature: 'ask', text: '没有钥匙' })), [400, 'idempotency_key_bad'])
  assert.equal(await rows(s), before)
  assert.ok((await s.gateway.metrics()).get('mashangdu_entries_total') >= 10)
})

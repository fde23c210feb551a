// The same matter told twice: found across channels and units behind the events, offered and never merged by itself; what is confidential takes no part
// (P4). Bursts are told once. Clusters become proposals with a deadline, a responsible unit and a check by somebody else.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until } from './harness.mjs'
import { at, file, people } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, burst_every: '100ms', burst_cases: 8, cause_every: '100ms', cause_cases: 6, burst_times: 1 })
  await people(s)
  await s.site.gateway({ auto_assign_percent: 101, burst_every: '100ms', burst_cases: 8, cause_every: '100ms', cause_cases: 6, burst_times: 1 }) // whatever is found, two are looking
  s.head26 = at(s.gateway, await s.site.person(s.gateway, 'head26', { unit: 'U026', roles: ['unit_leader', 'handler'] }))
  s.coordinator2 = at(s.gateway, await s.site.person(s.gateway, 'coordinator2', { unit: 'U000-02', roles: ['coordinator'] }))
  s.u026 = await s.site.unitId('U026')
})
const code = (a) => [a.status, a.json?.code]
const pairs = (s, id) => s.site.sql('select case_id::int as a, other_id::int as b, kind, percent, apart_at is not null as apart from twin_pairs where case_id = $1 or other_id = $1 order by 1, 2', [id])
const seen = (s) => until('the finder has seen every case', async () => s.site.one(`select m.seq >= (select max(seq) from events where kind = 'case.opened') and not exists (select from twin_late) from twin_mark m`))
const similar = async (person, id) => (await person.get(`/cases/${id}/similar`)).similar
const MATTER = '桂花巷的路灯全黑三十天了，老人晚上摔了一跤，没人来修。'
const AGAIN = '桂花巷路灯全黑，30天没有人来修，有老人晚上摔跤'

it('two channels, other people: one offer, with its words; the same sender: a repeat; nothing is merged by itself', async (s) => {
  const one = await file(s, MATTER, { contact: '15412345678' })
  const call = await s.coordinator.call('POST', '/entries', { way: 'call', nature: 'complain', text: AGAIN }, { 'idempotency-key': freshKey('twin') })
  assert.equal(call.status, 201, call.text)
  const two = call.json.number
  const three = await file(s, '我上次说的桂花巷路灯还是全黑，三十天没人来修，老人摔了一跤', { contact: '15412345678' })
  const else_ = await file(s, '政务大厅三楼的打印机没有纸，办证要跑两趟。')
  await seen(s)
  assert.deepEqual((await pairs(s, else_.id)), [])
  const [first] = await similar(s.coordinator, two)
  assert.deepEqual([first.found, first.repeat], [true, false])
  const ofThree = await similar(s.coordinator, three.id)
  assert.deepEqual(ofThree.filter((x) => x.found).map((x) => [x.case.id, x.repeat]).sort(), [[one.id, true], [two, false]].sort())
  assert.ok(ofThree.every((x) => x.shared.length >= 3 && x.case.channel && x.case.opened_at), 'what both say, by which way, how old')
  assert.equal(await s.site.one(`select count(*) from cases where state = 'merged'`), '0')
  // Nobody else learns of it: a unit that sees neither, and no number anywhere.
  assert.equal((await s.other.call('GET', `/cases/${two}/similar`)).status, 404)
  // One key: the act that there is.
  await s.coordinator.does(two, 'merge', { target: one.id, reason: '同一事项' })
  assert.deepEqual((await similar(s.coordinator, one.id)).map((x) => x.case.id), [three.id], 'a merged one is offered no more')
  s.one = one
  s.three = three
})

it('not the same is kept; only who may merge may say so, of what they see', async (s) => {
  const { one, three } = s
  const step = (who, body) => who.call('POST', `/cases/${one.id}/similar/steps`, body)
  assert.deepEqual(code(await step(s.supervisor, { step: 'apart', other: three.id })), [403, 'forbidden'])
  assert.deepEqual(code(await step(s.coordinator, { step: 'apart', other: 1 })), [404, 'case_unknown'])
  assert.deepEqual(code(await step(s.coordinator, { step: 'maybe', other: three.id })), [422, 'unknown_field'])
  assert.deepEqual(code(await step(s.coordinator, { step: 'apart', other: one.id })), [404, 'case_unknown'])
  assert.equal((await step(s.coordinator, { step: 'apart', other: three.id })).status, 200)
  assert.deepEqual(await similar(s.coordinator, one.id), [])
  await s.site.sql('insert into twin_late values ($1)', [three.id]) // looked at again: not offered again
  await seen(s)
  assert.deepEqual((await similar(s.coordinator, three.id)).filter((x) => x.case.id === one.id), [])
  assert.equal((await step(s.coordinator, { step: 'again', other: three.id })).status, 200)
  assert.deepEqual((await similar(s.coordinator, one.id)).map((x) => x.case.id), [three.id])
  assert.deepEqual((await s.site.sql(`select action, case_id::int as c from audit_log where action like 'twins%' order by id`)).map((r) => [r.action, r.c]), [['twins_apart', one.id], ['twins_again', one.id]])
})

it('a confidential twin takes no part: no pair, no text, no number (P4)', async (s) => {
  const hidden = await file(s, `${AGAIN}，天天如此`)
  const report = await file(s, MATTER, { what: 'report' })
  await seen(s)
  assert.ok((await pairs(s, hidden.id)).length >= 1)
  assert.deepEqual(await pairs(s, report.id), [])
  await s.accountability.does(hidden.id, 'assign', { unit: await s.site.unitId('U032'), category: '0301' }, { reason: '核查线索' })
  assert.equal(await s.site.one('select confidential from cases where id = $1', [hidden.id]), true)
  for (const table of ['twin_texts', 'twin_bands', 'twin_late', 'cause_cases']) assert.equal(await s.site.one(`select count(*) from ${table} where case_id in ($1, $2)`, [hidden.id, report.id]), '0', table)
  assert.deepEqual(await pairs(s, hidden.id), [])
  for (const person of [s.coordinator, s.supervisor, s.head, s.accountability])
    for (const id of [s.one.id, s.three.id]) assert.equal((await person.call('GET', `/cases/${id}/similar`)).text.includes(String(hidden.id)), false, `${person.login} ${id}`)
  // Words of the same again find the others, never that one.
  const late = await file(s, `${AGAIN}，拜托了`)
  await seen(s)
  assert.ok((await pairs(s, late.id)).every((p) => ![p.a, p.b].includes(hidden.id) && ![p.a, p.b].includes(report.id)))
  // Whoever says "two matters" of it learns nothing either, and the tables themselves are nobody's.
  assert.deepEqual(code(await s.coordinator.call('POST', `/cases/${s.one.id}/similar/steps`, { step: 'apart', other: hidden.id })), [404, 'case_unknown'])
  assert.deepEqual(code(await s.accountability.call('POST', `/cases/${s.one.id}/similar/steps`, { step: 'apart', other: hidden.id })), [404, 'case_unknown'])
})

it('cases from before: bands and pairs are made in the background, the same ones; an erased text leaves', async (s) => {
  const picture = () => s.site.sql('select case_id::int as a, other_id::int as b, kind, percent from twin_pairs where apart_at is null order by 1, 2')
  const before = await picture()
  assert.ok(before.length >= 2)
  // As the migration leaves a database that is full.
  await s.site.sql(`with a as (delete from twin_pairs), b as (delete from twin_bands), c as (delete from twin_texts) update twin_mark set seq = notices_seq_at(now() - interval '90 days') - 1`)
  await seen(s)
  assert.deepEqual(await picture(), before)
  // Bands of another make mean something else: they go, and all is read anew.
  await s.site.sql('update twin_mark set make = 0')
  await until('made anew', async () => s.site.one('select make = 2 and (select bool_and(t.make = 2) and count(*) > 3 from twin_texts t) from twin_mark'))
  await seen(s)
  assert.deepEqual(await picture(), before)
})

it('a burst is told once, grows, is taken up, ends; of confidential cases nothing counts', async (s) => {
  const watch = await s.coordinator.watch()
  const unit = await s.head26.watch()
  const cases = []
  for (let i = 0; i < 8; i++) cases.push(await file(s, `望江路${i + 1}号门前下水道堵了，污水漫出来第${i + 2}天`))
  const told = await watch.next((f) => f.type === 'event' && f.kind === 'burst.began' && f.data.kind === 'window')
  assert.equal(told.case, null)
  assert.ok(told.data.n >= 8 && told.data.category === null)
  const list = await s.coordinator.get('/bursts')
  const burst = list.bursts.find((b) => b.id === told.data.id)
  assert.deepEqual([list.may_take, burst.kind, burst.unit.id, burst.ended_at, burst.seen_at], [true, 'window', s.u003, null, null])
  assert.equal(watch.frames.filter((f) => f.kind === 'burst.began' && f.data.id === burst.id).length, 0, 'once')
  // The window's own unit sees it, another does not; nor is the number of a confidential case in it.
  assert.ok((await s.handler.get('/bursts')).bursts.some((b) => b.id === burst.id))
  assert.ok((await s.head26.get('/bursts')).bursts.every((b) => b.unit.id === s.u026))
  const open = Number(await s.site.one('select count(*) from cases c join feedback f on f.case_id = c.id where f.plaque = $1 and not c.confidential and not c.held', [s.number]))
  await until('it has counted all', async () => (await s.coordinator.get('/bursts')).bursts.find((b) => b.id === burst.id).n === open)
  const taken = await s.coordinator.call('POST', `/bursts/${burst.id}/seen`, { note: '已通知值班' })
  assert.deepEqual([taken.status, taken.json.seen_by, taken.json.note], [200, s.coordinator.staff.name, '已通知值班'])
  const again = await s.supervisor.call('POST', `/bursts/${burst.id}/seen`, { note: '晚了' })
  assert.equal(again.json.note, '已通知值班', 'the first one counts')
  assert.deepEqual(code(await s.handler.call('POST', `/bursts/${burst.id}/seen`, {})), [403, 'forbidden'])
  assert.deepEqual(code(await s.coordinator.call('POST', '/bursts/999/seen', {})), [404, 'not_found'])
  // Over: the cases are older than its hours.
  await s.site.db.query(`set session_replication_role = replica; update cases set opened_at = opened_at - interval '2 days'; set session_replication_role = default`, undefined)
  const over = await watch.next((f) => f.type === 'event' && f.kind === 'burst.ended' && f.data.id === burst.id)
  assert.equal(over.data.n, 0)
  assert.ok((await s.coordinator.get('/bursts')).bursts.find((b) => b.id === burst.id).ended_at)
  watch.close()
  unit.close()
  s.cases = cases
})

it('many people about one place, whatever the matter and the unit: one burst, with people counted once; nobody hears of what they may not see', async (s) => {
  const watch = await s.coordinator.watch()
  const unit = await s.head26.watch()
  const told = ['示例小区停水第二天了，什么时候来水', '示例花园水压低得洗不了澡', '示例小区3号楼2单元501室门口的窨井盖坏了', '晚上示例小区路灯全黑', '示例小区垃圾堆了一个星期没人运', '示例小区外面占道摆摊堵了路']
  const cases = []
  for (const [i, words] of told.entries()) cases.push(await file(s, words, { contact: `1541234560${i}` }))
  cases.push(await file(s, '还是示例小区，水压又低了', { contact: '15412345601' })) // the same person
  const report = await file(s, '示例小区物业经理给社区主任送红包，举报他们', { what: 'report' })
  for (const words of ['示例小区还停着水', '示例小区的水管爆了']) {
    const call = await s.coordinator.call('POST', '/entries', { way: 'call', nature: 'complain', text: words }, { 'idempotency-key': freshKey('place') })
    assert.equal(call.status, 201, call.text)
    cases.push({ id: call.json.number })
  }
  const began = await watch.next((f) => f.type === 'event' && f.kind === 'burst.began' && f.data.place === '示例小区')
  assert.deepEqual([began.case, began.data.kind, began.data.category, began.data.window], [null, 'place', null, null])
  const one = async (person = s.coordinator) => (await person.get('/bursts')).bursts.find((b) => b.id === began.data.id)
  const burst = await until('all eight people', async () => { const b = await one(); return b.n === 8 ? b : null })
  assert.deepEqual([burst.place, burst.unit, burst.category, burst.window, burst.ended_at], [{ name: '示例小区', town: null }, null, null, null, null])
  assert.ok(burst.units.length >= 2 && burst.categories.length >= 2 && burst.units.every((u) => u.short_name) && burst.categories.every((c) => c.name), JSON.stringify(burst))
  assert.equal((await s.coordinator.get('/bursts')).bursts.filter((b) => b.place?.name.startsWith('示例')).length, 1, 'nor one of its buildings')
  assert.equal(await s.site.one(`select count(*) from twin_places where place ~ '单元|501' or label ~ '单元|501'`), '0', 'no household')
  // Its list: the cases, also that of the same person; for a unit neither the burst nor its cases.
  const listed = async (person) => (await person.get(`/cases?burst=${burst.id}`)).cases.map((c) => c.id).sort()
  assert.deepEqual(await listed(s.coordinator), cases.map((c) => c.id).sort())
  assert.equal((await s.coordinator.call('GET', '/cases?burst=x')).status, 422)
  for (const person of [s.head26, s.handler]) assert.deepEqual([await one(person), await listed(person)], [undefined, []])
  // What becomes confidential leaves it, at the next look; a report was never in it.
  assert.equal(await s.site.one('select count(*) from twin_places where case_id = $1', [report.id]), '0')
  await s.accountability.does(cases[5].id, 'assign', { unit: await s.site.unitId('U032'), category: '0301' }, { reason: '核查线索' })
  assert.equal(await s.site.one('select count(*) from twin_places where case_id = $1', [cases[5].id]), '0')
  await until('one person less', async () => (await one()).n === 7)
  assert.equal((await listed(s.coordinator)).includes(cases[5].id), false)
  const taken = await s.supervisor.call('POST', `/bursts/${burst.id}/seen`, { note: '已请水务到场' })
  assert.deepEqual([taken.status, taken.json.seen_by, taken.json.place.name], [200, s.supervisor.staff.name, '示例小区'])
  assert.equal(await s.site.one(`select notice_tellable(e) from events e where kind = 'burst.began' and data->>'place' = '示例小区'`, [], 'mashangdu_owner'), true)
  // As an older database comes: the places of its texts are read in the background.
  const before = await s.site.sql('select case_id, place, label, town, narrow, at from twin_places order by 1, 2')
  await s.site.sql('delete from twin_places')
  await until('over, nobody tells of it', async () => (await one()).ended_at)
  await s.gateway.stop()
  await s.site.sql('update twin_mark set places_below = (select max(case_id) + 1 from twin_texts)')
  await s.gateway.start()
  await until('they are read', async () => s.site.one('select places_below = 0 from twin_mark'))
  assert.deepEqual(await s.site.sql('select case_id, place, label, town, narrow, at from twin_places order by 1, 2'), before)
  assert.equal(unit.frames.filter((f) => f.data?.place).length, 0)
  watch.close()
  unit.close()
})

it('cases that keep coming become a proposal: accepted, put right by the unit, checked by somebody else after three months', async (s) => {
  for (const c of s.cases.slice(0, 6)) await s.coordinator.does(c.id, 'assign', { unit: s.u026, category: '0503' })
  const list = await until('the cluster is found', async () => {
    const l = (await s.coordinator.get(`/causes?state=proposed&unit=${s.u026}`)).causes
    return l.length ? l : null
  })
  assert.equal(list.length, 1)
  const [c] = list
  assert.deepEqual([c.kind, c.unit.id, c.category.code, c.state, c.steps], ['matter', s.u026, '0503', 'proposed', ['accept', 'refuse']])
  assert.ok(c.due_at > new Date(Date.now() + 35 * 864e5).toISOString(), 'thirty working days')
  assert.ok(c.cases >= 6)
  // The unit does not see what is only thought of it; others never.
  assert.deepEqual((await s.head26.get('/causes')).causes, [])
  assert.equal((await s.head26.call('GET', `/causes/${c.id}`)).status, 404)
  const step = (who, name, body = {}, version) => who.call('POST', `/causes/${c.id}/steps`, { version, step: name, words: '写明理由', ...body })
  assert.deepEqual(code(await step(s.head26, 'accept', {}, 1)), [404, 'not_found'])
  assert.deepEqual(code(await step(s.coordinator, 'accept', {}, 9)), [409, 'cause_changed'])
  assert.deepEqual(code(await step(s.supervisor, 'accept', {}, 1)), [409, 'cause_step'])
  assert.deepEqual(code(await step(s.coordinator, 'accept', { words: '好' }, 1)), [422, 'unknown_field'])
  const accepted = await step(s.coordinator, 'accept', {}, 1)
  assert.deepEqual([accepted.status, accepted.json.cause.state, accepted.json.cause.steps], [200, 'accepted', []])
  const mine = await s.head26.get(`/causes/${c.id}`)
  assert.deepEqual([mine.cause.steps, mine.rows.length, mine.acts.map((a) => a.act)], [['begin'], mine.cause.cases, ['propose', 'accept']])
  assert.deepEqual((await s.handler.get('/causes')).causes, [], 'another unit sees nothing of it')
  assert.ok(mine.rows.some((r) => r.of_group > 1), 'near-duplicates stand in one group')
  assert.equal((await step(s.head26, 'begin', { words: '排查管网，分段清淤' }, 2)).status, 200)
  // Its deadline passes: told once, to the unit and to the office.
  const dashes = await Promise.all([s.head26, s.supervisor].map((p) => p.watch()))
  await s.site.sql(`update causes set due_at = now() - interval '1 minute' where id = $1`, [c.id])
  for (const d of dashes) {
    const e = await d.next((f) => f.kind === 'cause.late')
    assert.deepEqual([e.case, e.data.id, e.data.category.code], [null, c.id, '0503'])
    d.close()
  }
  assert.equal(await s.site.one('select causes_late()', [], 'mashangdu_gateway'), 0)
  assert.equal(await s.site.one(`select notice_tellable(e) from events e where kind = 'cause.late'`, [], 'mashangdu_owner'), true)
  assert.deepEqual(code(await step(s.head26, 'finish', { words: '已清淤' }, 3)), [422, 'unknown_field'], 'what shows it is missing')
  const done = await step(s.head26, 'finish', { words: '已清淤', evidence: '验收单三份' }, 3)
  assert.deepEqual([done.status, done.json.cause.state, done.json.since], [200, 'rectified', 0])
  assert.ok(done.json.cause.check_at > new Date(Date.now() + 85 * 864e5).toISOString())
  assert.deepEqual(code(await step(s.coordinator, 'close', {}, 4)), [403, 'second_person'], 'who accepted it')
  assert.deepEqual(code(await step(s.supervisor, 'close', {}, 4)), [409, 'cause_early'])
  assert.deepEqual((await s.supervisor.get(`/causes/${c.id}`)).cause.steps, ['reopen'])
  const back = await step(s.supervisor, 'reopen', { words: '仍有堵点' }, 4)
  assert.deepEqual([back.json.cause.state, back.json.cause.round, back.json.cause.check_at], ['rectifying', 2, null])
  assert.equal((await step(s.head26, 'finish', { words: '再次清淤', evidence: '照片' }, 5)).status, 200)
  await s.site.sql(`update causes set check_at = now() - interval '1 minute' where id = $1`, [c.id])
  const closed = await step(s.coordinator2, 'close', { words: '三个月未再反映' }, 6)
  assert.deepEqual([closed.status, closed.json.cause.state, closed.json.acts.at(-1).by], [200, 'closed', s.coordinator2.staff.name])
  assert.deepEqual((await s.coordinator.get('/causes?state=open')).causes.filter((x) => x.unit.id === s.u026), [])
  assert.equal(Number(await s.site.one(`select count(*) from audit_log where action = 'cause_step'`)), 6)
  await assert.rejects(s.site.sql(`update cause_acts set words = '改'`), /append-only/)
})

it('told in other words: found, with why; a copy that names another house is not; what is only likely says so', async (s) => {
  const one = await file(s, '我们竹影花园五幢底下那个车库又淹了，好几辆车泡在水里，物业的水泵早坏了没人管')
  const two = await file(s, '竹影花园5栋地下车库一下雨就进水，车子泡了三辆，水泵是坏的')
  const copy = await file(s, '竹影花园9栋地下车库一下雨就进水，车子泡了三辆，水泵是坏的')
  await seen(s)
  const found = await similar(s.coordinator, two.id)
  const first = found.find((x) => x.case.id === one.id)
  assert.ok(first.found !== first.likely, 'one strength')
  assert.deepEqual([first.place, first.number], ['竹影花园', '5栋'])
  assert.ok(found.every((x) => x.case.id !== copy.id || (!x.found && !x.likely)))
  await s.site.sql('update twin_pairs set sure = false where least($1::bigint, $2) = case_id and greatest($1::bigint, $2) = other_id', [one.id, two.id])
  const again = (await similar(s.coordinator, two.id)).find((x) => x.case.id === one.id)
  assert.deepEqual([again.found, again.likely], [false, true])
})

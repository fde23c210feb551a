// M32: who is asked whether it is really solved, by whom, how often, and what may never be changed afterwards.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { HOUR, clearOfMidnight, fakeProvider, fileName, request, scenario, until, withClock } from './harness.mjs'
import { fault } from './openapi.mjs'
import { alert, answered, at, file, handled, look, notice, offers, people, queued, replied, step, tasks } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  await people(s)
  s.provider = await fakeProvider()
  s.door = await s.site.smsDoor(s.gateway, 'kannel-one', s.provider.url)
})

const code = (a) => [a.status, a.json?.code]
const denied = (promise, sqlstate) => assert.rejects(promise, (e) => { assert.equal(e.code, sqlstate, `${e.code} ${e.message}`); return true })
const PHONE = '15400001234'

it('an approved answer makes a task; the queue shows what the clerk needs and no number', async (s) => {
  await clearOfMidnight()
  const one = await file(s, '窗口让人跑了三趟，我叫王小明，电话15400001234', { contact: `+86${PHONE}` })
  const early = await s.clerk.get('/callbacks')
  assert.equal(early.callbacks.some((t) => t.case === one.id), false)
  await answered(s, one.id, '窗口已经整改')
  const [task, ...rest] = await queued(s.clerk, one.id)
  assert.equal(rest.length, 0)
  const list = await s.clerk.get(`/callbacks?unit=${s.u003}&level=${task.level}`)
  assert.equal(fault(s.doc, s.doc.components.schemas.CallbackList, list), null)
  assert.deepEqual([task.feedback, task.round, task.state, task.tries, task.tries_left, task.tried_today, task.contact], [one.feedback, 1, 'due', 0, 3, false, '可联系'])
  assert.equal(task.answer, '窗口已经整改')
  assert.match(task.masked, /跑了三趟/)
  assert.equal(JSON.stringify(list).includes(PHONE), false)
  for (const q of ['unit=x', 'level=9', 'mine=2', 'limit=0', 'limit=101', 'after=1', 'case=x']) assert.deepEqual(code(await s.clerk.call('GET', `/callbacks?${q}`)), [422, 'unknown_field'], q)
  assert.equal((await s.clerk.get(`/callbacks?unit=${s.u010}`)).callbacks.length, 0)
  assert.equal((await s.clerk.get('/callbacks?mine=1')).callbacks.length, 0)
  // Nobody of the unit that handled it is offered the task: neither its own people nor who comes from there.
  for (const who of [s.handler, s.chief, s.borrowed]) assert.deepEqual(await queued(who, one.id), [], who.login)
  await s.clerk.does(one.id, 'callback_attempt', { feedback: one.feedback })
  assert.deepEqual((await s.clerk.get('/callbacks?mine=1')).callbacks.map((t) => [t.feedback, t.tries, t.tried_today]), [[one.feedback, 1, true]])
  s.one = one
})

it('the number is shown to the clerk who calls, with a reason that is kept, and to nobody else', async (s) => {
  const { feedback, id } = s.one
  const path = `/callbacks/${feedback}/contact`
  assert.deepEqual(code(await s.clerk.call('POST', path, {})), [422, 'act_needs'])
  const shown = await s.clerk.call('POST', path, { reason: '电话回访' })
  assert.equal(shown.status, 200, shown.text)
  assert.deepEqual(shown.json, { case: id, feedback, contact: `+86${PHONE}` })
  assert.equal(await s.site.one(`select count(*)::int from audit_log where action = 'contact' and case_id = $1 and staff_id = $2 and detail->>'reason' = '电话回访'`, [id, s.clerk.staff.id]), 1)
  for (const who of [s.handler, s.supervisor, s.coordinator, s.head, s.accountability]) assert.deepEqual(code(await who.call('POST', path, { reason: '看看' })), [403, 'forbidden'], who.login)
  assert.deepEqual(code(await s.borrowed.call('POST', path, { reason: '电话回访' })), [403, 'recused'])
  assert.deepEqual(code(await s.clerk.call('POST', '/callbacks/12345/contact', { reason: '电话回访' })), [404, 'case_unknown'])
  assert.equal(await s.site.one(`select count(*)::int from audit_log where action = 'contact'`), 1)
  const none = await file(s, '没有留电话的一件')
  await answered(s, none.id)
  assert.equal((await queued(s.clerk, none.id))[0].contact, '未留联系方式')
  assert.equal((await s.clerk.call('POST', `/callbacks/${none.feedback}/contact`, { reason: '电话回访' })).json.contact, null)
  const told = s.gateway.text() + (await request(`${s.gateway.ops}/metrics`)).text
  assert.equal(told.includes(PHONE), false)
})

it('the script: the office\'s sentences in order; what was answered is kept with the act, and must fit the outcome', async (s) => {
  const script = await s.clerk.get('/callbacks/script')
  assert.equal(fault(s.doc, s.doc.components.schemas.CallScript, script), null)
  assert.deepEqual(script.steps.filter((x) => x.kind !== 'branch').map((x) => x.question ?? x.kind), ['say', 'reached', 'say', 'contacted', 'done', 'solved', 'rate', 'demand', 'say', 'say'])
  assert.deepEqual(script.steps.find((x) => x.question === 'solved').answers, ['solved', 'partly', 'not'])
  assert.ok(script.steps.every((x) => x.zh && x.en) && script.office)
  // 综合办公室 words it where all wordings are worded; the clerk has the new sentence with the next look.
  const registry = at(s.gateway, await s.site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] }))
  const worded = (text, version = 1) => registry.call('POST', '/templates', { event: 'call_farewell', lang: 'zh', version, text })
  assert.deepEqual(code(await worded('再见，{receipt}')), [422, 'template_fault'])
  assert.deepEqual(code(await worded('再会'.repeat(260))), [422, 'template_fault'])
  assert.equal((await worded('好，{case} 的回访就到这里，再见。')).status, 200)
  assert.ok((await s.clerk.get('/callbacks/script')).steps.find((x) => x.step === 'call_farewell').zh.startsWith('好，{case}'))

  const one = await file(s, '下水道堵了一直没疏通')
  await answered(s, one.id)
  assert.ok((await queued(s.clerk, one.id))[0].matter, 'the category, to name the matter by')
  const says = { reached: 'spoken', contacted: 'yes', done: 'partly', solved: 'partly', demand: 'more' }
  for (const answers of [{ solved: 'maybe' }, { mood: 'bad' }, ['solved'], 'solved']) assert.deepEqual(code(await s.clerk.act(one.id, 'callback_unsolved', { words: '问过', answers, feedback: one.feedback })), [422, 'unknown_field'], JSON.stringify(answers))
  const denied = await s.clerk.act(one.id, 'callback_solved', { words: '问过', answers: says, feedback: one.feedback })
  assert.deepEqual(code(denied), [422, 'act_needs'])
  assert.match(denied.json.detail, /部分解决.*重办/)
  assert.deepEqual(code(await s.clerk.act(one.id, 'note', { reason: '记一笔', answers: says })), [422, 'act_needs'], 'answers come with a call alone')
  const view = await s.clerk.does(one.id, 'callback_unsolved', { words: '已接通本人。单位联系过。只做到一部分。部分解决，还剩巷口一段，请打15400007788。', rating: 2, answers: says, feedback: one.feedback })
  const act = view.acts.at(-1)
  assert.deepEqual(Object.fromEntries(Object.entries(act.data).filter(([k]) => k.startsWith('call_'))), Object.fromEntries(Object.entries(says).map(([k, v]) => [`call_${k}`, v])))
  assert.match(act.words, /巷口一段/)
  assert.equal(act.words.includes('15400007788'), false, 'a number that is told on the telephone is masked as one that is written')
  assert.deepEqual([view.case.level === 1, view.case.held], [false, false], 'the sentences of the script themselves alarm nobody')
  const paper = JSON.stringify(await s.clerk.get(`/cases/${one.id}/story`))
  assert.match(paper, /回访问是否解决：部分解决/)
})

for (const [told, more] of [['by the clerk\'s words', { words: '群众说还是没修，井盖敞着，刚才有小孩掉进去了，正在救人。' }], ['by one press', { words: '群众说还没有修好。', answers: { solved: 'not', danger: 'told' } }]])
  it(`a danger that is told in a call is level 1, ${told}`, async (s) => {
    const one = await file(s, `路边井盖松动，${told}`)
    const before = (await answered(s, one.id)).case
    assert.notEqual(before.level, 1)
    const { case: after, acts } = await s.clerk.does(one.id, 'callback_unsolved', { ...more, feedback: one.feedback })
    assert.deepEqual([after.level, after.held, acts.at(-1).data.urgency], [1, false, '特急'])
    assert.equal(await s.site.one(`select notice_urgent(e) from events e where e.case_id = $1 and e.kind = 'case.changed' order by seq desc limit 1`, [one.id]), true, 'the duty group is told')
  })

for (const [told, more] of [['by the clerk\'s words', { words: '群众说没解决，科长暗示要给他送两千块好处费才给办。' }], ['by one press', { words: '群众说还没有办好。', answers: { misconduct: 'told' } }]])
  it(`misconduct that is told in a call holds the case until 追责问责组 has looked, ${told}`, async (s) => {
    const one = await file(s, `证照一直不给办，${told}`)
    await answered(s, one.id)
    assert.equal((await s.clerk.does(one.id, 'callback_unsolved', { ...more, feedback: one.feedback })).case.held, true)
    assert.equal((await s.handler.call('GET', `/cases/${one.id}`)).status, 404, 'the unit sees no word of it')
    await s.accountability.does(one.id, 'note', { words: '已核，可以转办' })
    assert.equal((await s.handler.call('GET', `/cases/${one.id}`)).status, 200)
  })

it('a confidential report: its task is 追责问责组\'s alone', async (s) => {
  const report = await file(s, '窗口人员索要红包两千元', { contact: PHONE, what: 'report' })
  const reason = { reason: '线索核查' }
  await s.accountability.does(report.id, 'assign', { unit: await s.site.unitId('U032') }, reason)
  const discipline = at(s.gateway, await s.site.person(s.gateway, 'discipline', { unit: 'U032', roles: ['handler'] }))
  const head = at(s.gateway, await s.site.person(s.gateway, 'discipline-head', { unit: 'U032', roles: ['unit_leader'] }))
  await discipline.does(report.id, 'sign', {}, reason)
  await discipline.does(report.id, 'reply', { words: '已查处', evidence: 1 }, reason)
  await head.does(report.id, 'endorse', {}, reason)
  await s.accountability.does(report.id, 'approve', {}, reason)
  assert.deepEqual(await queued(s.clerk, report.id), [])
  assert.deepEqual(code(await s.clerk.call('POST', `/callbacks/${report.feedback}/contact`, { reason: '电话回访' })), [404, 'case_unknown'])
  const [task] = await queued(s.accountability, report.id)
  assert.deepEqual([task.masked, task.answer, task.confidential], [null, null, true], 'words are on the case page alone, where the look is logged')
  const asked = await s.accountability.call('POST', `/callbacks/${report.feedback}/contact`, { reason: '电话回访' })
  assert.equal(asked.text.includes(PHONE), false, 'the number is sealed with the words: who opened the report has it')
  await s.accountability.does(report.id, 'callback_solved', { words: '反映人认可', feedback: report.feedback }, reason)
  assert.deepEqual(await tasks(s, report.id, 1), { [report.feedback]: 'solved' })
})

it('the caller never comes from the handling unit; only the callback centre asks', async (s) => {
  const one = await file(s, '回访由谁来做')
  await answered(s, one.id)
  assert.deepEqual(code(await s.borrowed.act(one.id, 'callback_solved', { words: '满意' })), [403, 'recused'])
  for (const who of [s.handler, s.chief, s.supervisor, s.coordinator]) assert.deepEqual(code(await who.act(one.id, 'callback_solved', { words: '满意' })), [403, 'forbidden'], who.login)
  assert.deepEqual(await tasks(s, one.id, 1), { [one.feedback]: 'due' })
})

it('two clerks at once on one task: one is first, the other is told', async (s) => {
  const one = await file(s, '两个人同时打电话')
  await answered(s, one.id)
  const version = (await s.clerk.case(one.id)).case.version
  const both = await Promise.all([s.clerk, s.clerk2].map((p, i) => p.call('POST', `/cases/${one.id}/acts`, {
    act: i ? 'callback_unsolved' : 'callback_solved', version, words: '问过了', feedback: one.feedback })))
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409])
  const lost = both.find((a) => a.status === 409)
  assert.equal(lost.json.code, 'case_changed')
  assert.ok(lost.json.case)
  assert.equal(await s.site.one(`select count(*)::int from acts where case_id = $1 and act like 'callback%'`, [one.id]), 1)
  assert.ok(['solved', 'unsolved'].includes((await tasks(s, one.id, 1))[one.feedback]))
})

it('a dissatisfied answer is not "solved", reopens with half the time, and is never overwritten', async (s) => {
  const one = await file(s, '路灯修了还是不亮')
  await answered(s, one.id)
  for (const rating of [1, 2]) {
    const a = await s.clerk.act(one.id, 'callback_solved', { words: '他说不满意', rating, feedback: one.feedback })
    assert.deepEqual(code(a), [422, 'act_needs'])
    assert.match(a.json.detail, /不满意/)
  }
  const again = await s.clerk.does(one.id, 'callback_unsolved', { words: '还是没修', rating: 1, feedback: one.feedback })
  assert.deepEqual([again.case.state, again.case.round], ['handling', 2])
  const row = async () => (await s.site.sql('select state, rating, by, staff_id from callbacks where case_id = $1 and round = 1', [one.id]))[0]
  const kept = await row()
  assert.deepEqual(kept, { state: 'unsolved', rating: 1, by: 'staff', staff_id: s.clerk.staff.id })
  // Through the API: not now, and not in the next round about the last one.
  assert.deepEqual(code(await s.clerk.act(one.id, 'callback_solved', { words: '其实好了', rating: 5, feedback: one.feedback })), [409, 'act_illegal'])
  await replied(s, one.id)
  await s.clerk.does(one.id, 'callback_solved', { words: '这次好了', rating: 4, feedback: one.feedback })
  assert.deepEqual(await row(), kept)
  assert.deepEqual(await tasks(s, one.id, 2), { [one.feedback]: 'solved' })
  // By SQL, as the roles of the running gateway and as the owner.
  for (const set of [`state = 'solved', rating = 5`, 'rating = 5', `state = 'due', at = null, rating = null`, 'tries = tries + 1', 'at = now()'])
    for (const user of ['mashangdu_gateway', 'mashangdu_owner']) await denied(s.site.sql(`update callbacks set ${set} where case_id = $1 and round = 1`, [one.id], user), 'MSD42')
  await denied(s.site.sql('delete from callbacks', [], 'mashangdu_gateway'), '42501')
  await denied(s.site.sql('truncate callbacks', [], 'mashangdu_gateway'), '42501')
  await denied(s.site.sql('delete from callbacks where case_id = $1', [one.id], 'mashangdu_owner'), 'MSD42')
  await denied(s.site.sql('update callbacks set feedback_id = 1 where case_id = $1', [one.id], 'mashangdu_gateway'), '42501')
  assert.deepEqual(await row(), kept)
})

it('a refusal is a refusal', async (s) => {
  const one = await file(s, '不想被打扰的一件')
  await answered(s, one.id)
  await s.clerk.does(one.id, 'callback_refused', { words: '请不要再打', feedback: one.feedback })
  assert.equal(await s.site.one('select ending from cases where id = $1', [one.id]), 'refused')
  assert.deepEqual(await tasks(s, one.id, 1), { [one.feedback]: 'refused' })
  const page = await look(s, one.receipt)
  assert.match(page.text, /已办结（您不愿接受回访）/)
  assert.ok(offers(page, 'reopen'))
})

it('three tries on three days, and silence stays silence', async (s) => {
  await clearOfMidnight()
  const one = await file(s, '打不通的一件')
  await answered(s, one.id)
  await s.clerk.does(one.id, 'callback_attempt', { feedback: one.feedback })
  const same = await s.clerk2.act(one.id, 'callback_attempt', { feedback: one.feedback })
  assert.deepEqual(code(same), [409, 'act_illegal'])
  assert.match(same.json.detail, /同一天/)
  for (const [i, hours] of [24, 48].entries()) {
    const g = await s.site.gateway({ auto_assign_percent: 101 }, { env: withClock(hours * HOUR) })
    const clerk = at(g, s.clerk)
    const [task] = await queued(clerk, one.id)
    assert.deepEqual([task.tries, task.tried_today], [i + 1, false])
    const v = await clerk.does(one.id, 'callback_attempt', { feedback: one.feedback })
    assert.equal(v.case.state, i ? 'closed' : 'verifying')
    await g.stop()
  }
  assert.deepEqual((await s.site.sql('select ending from cases where id = $1', [one.id]))[0], { ending: 'silence' })
  assert.deepEqual((await s.site.sql('select state, tries, rating from callbacks where case_id = $1', [one.id]))[0], { state: 'silence', tries: 3, rating: null })
  await denied(s.site.sql(`update callbacks set state = 'solved', rating = 5 where case_id = $1`, [one.id], 'mashangdu_gateway'), 'MSD42')
  assert.match((await look(s, one.receipt)).text, /三次回访未能联系到您/)
}, { ms: 400000 })

it('the citizen\'s own answer by receipt is the callback', async (s) => {
  const one = await file(s, '自己确认的一件')
  await answered(s, one.id)
  const page = await look(s, one.receipt)
  assert.match(page.text, /等您答复/)
  for (const level of [1, 2, 3, 4, 5]) assert.ok(page.text.includes(`<input type="radio" name="rating" value="${level}">`))
  const wrong = await step(s, one.receipt, 'confirm', { solved: 'yes', rating: '2' })
  assert.equal(wrong.status, 422)
  assert.match(alert(wrong), /不满意/)
  assert.match(notice(await step(s, one.receipt, 'confirm', { solved: 'yes', rating: '5' })), /确认问题已解决/)
  assert.deepEqual((await s.site.sql('select state, rating, by, staff_id from callbacks where case_id = $1', [one.id]))[0], { state: 'solved', rating: 5, by: 'citizen', staff_id: null })
  assert.deepEqual(await queued(s.clerk, one.id), [])
  assert.match((await look(s, one.receipt)).text, /您已答复：已解决/)
  assert.equal((await s.clerk.get(`/callbacks?case=${one.id}`)).callbacks[0].label, '已解决')
})

it('an extension and a pause are asked, granted by another, and told to the citizen', async (s) => {
  const from = '+8615400000077'
  const a = await s.gateway.smsPost(s.door, { from, text: `${s.number} 路灯坏了半个月没人修` })
  assert.equal(a.status, 200)
  const row = (await s.site.sql(`select id, case_id from feedback where words like '%路灯坏了半个月没人修'`))[0]
  const id = Number(row.case_id)
  const receipt = (await until('the acknowledgement', () => s.provider.sent.find((q) => q.to.endsWith(from.slice(1))))).text.match(/回执码 ([0-9 ]{19})/)[1].replace(/ /g, '')
  await handled(s, id)
  const before = await s.site.one('select handling_due from cases where id = $1', [id])
  const limit = await s.site.one('select limit_amount from cases where id = $1', [id])
  assert.deepEqual(code(await s.handler.act(id, 'extend_ask', { amount: limit + 1, reason: '要定制灯具' })), [422, 'act_needs'])
  await s.handler.does(id, 'extend_ask', { amount: limit, reason: '要定制灯具' })
  assert.equal((await s.handler.act(id, 'extend_grant', { reason: '可以' })).status, 403)
  await s.coordinator.does(id, 'extend_grant', { reason: '情况属实' })
  const after = await s.site.one('select handling_due from cases where id = $1', [id])
  assert.ok(after > before)
  assert.equal((await s.handler.act(id, 'extend_ask', { amount: 1, reason: '再延' })).status, 409, 'once')
  // The day of the new deadline, told on the page and by SMS. A limit in hours ends at a minute, one in days at 24:00.
  const china = (t) => new Date(t.getTime() - 1000 + 8 * 3600e3).toISOString().slice(0, 10)
  const page = await look(s, receipt)
  assert.match(page.text, /经批准延长办理时限/)
  assert.match(page.text, new RegExp(`新的最迟答复时间： ${china(after)}`))
  const sms = await until('the notice', () => s.provider.sent.find((q) => q.to.endsWith(from.slice(1)) && /延长办理时限/.test(q.text)))
  assert.ok(sms.text.includes(`最迟${china(after)}答复`), sms.text)
  assert.doesNotMatch(sms.text, /路灯|15400000077|\d{16}/)
  assert.equal(await s.site.one(`select count(*)::int from outbox where case_id = $1 and dedupe_key like 'act:%'`, [id]), 1)
  const untilDay = china(new Date(Date.now() + 10 * 86400e3))
  await s.handler.does(id, 'pause_ask', { pause_cause: 'appraisal', until: untilDay, reason: '等鉴定' })
  await s.chief.does(id, 'pause_grant', { reason: '同意' })
  const waits = await look(s, receipt)
  assert.match(waits.text, /办理时间暂停计算/)
  assert.ok(waits.text.includes(`最晚恢复</dt><dd>${untilDay} 24:00`), 'until when')
  await until('the second notice', () => s.provider.sent.find((q) => q.to.endsWith(from.slice(1)) && /暂停计时/.test(q.text)))
  // Who wrote on a page gets no SMS, even with a number.
  const web = await file(s, '网页上反映的路灯', { contact: `+86${PHONE}` })
  await handled(s, web.id)
  await s.handler.does(web.id, 'extend_ask', { amount: 1, reason: '等材料' })
  await s.coordinator.does(web.id, 'extend_grant', { reason: '情况属实' })
  assert.equal(await s.site.one('select count(*)::int from outbox where feedback_id = $1', [web.feedback]), 0)
})

it('a case that leaves by transfer asks nobody any more; one from before the tasks is closed as before', async (s) => {
  const gone = await file(s, '回访前移送的一件')
  await answered(s, gone.id)
  await s.site.sql(`update cases set flags = flags || '{confidential}' where id = $1`, [gone.id])
  await s.accountability.does(gone.id, 'transfer_out', { reason: '属他机关管辖', receiver: '市有关机关', words: '已依法移送，请留意通知' }, { reason: '线索核查' })
  assert.deepEqual(await tasks(s, gone.id, 1), { [gone.feedback]: 'overtaken' })
  const moved = (await look(s, gone.receipt)).text
  assert.match(moved, /已依法移送有权机关/)
  assert.doesNotMatch(moved, /<dt>回访/)
  const old = await file(s, '没有回访任务的旧件')
  await answered(s, old.id)
  const forget = async (id) => {
    const c = s.site.db.client()
    await c.connect()
    await c.query('begin')
    await c.query('set local session_replication_role = replica')
    await c.query('delete from callbacks where case_id = $1', [id])
    await c.query('commit')
    await c.end()
  }
  await forget(old.id)
  await s.clerk.does(old.id, 'callback_attempt')
  await s.clerk.does(old.id, 'callback_solved', { words: '满意' })
  assert.equal((await s.clerk.case(old.id)).case.state, 'closed')
  // What the schema step makes of a case that was waiting when it came: its task, with the try that was made.
  await clearOfMidnight()
  const waiting = await file(s, '升级前待回访的一件')
  await answered(s, waiting.id)
  await s.clerk.does(waiting.id, 'callback_attempt')
  await forget(waiting.id)
  const step = readFileSync(new URL('../../schema/0010_callbacks.sql', import.meta.url), 'utf8').match(/insert into callbacks \(case_id[^;]*where c\.state = 'verifying'/)[0]
  await s.site.sql(`${step} on conflict do nothing`)
  assert.deepEqual((await queued(s.clerk, waiting.id)).map((t) => [t.feedback, t.tries, t.tried_today]), [[waiting.feedback, 1, true]])
})

for (const solved of [true, false])
  it(`by SMS the citizen is told of the answer and ${solved ? 'confirms' : 'denies'} it with the receipt`, async (s) => {
    const from = solved ? '+8615400000088' : '+8615400000099', to = (q) => q.to.endsWith(from.slice(1))
    await s.gateway.smsPost(s.door, { from, text: `${s.number} 公交站牌倒了，${solved}` })
    const row = (await s.site.sql(`select id, case_id from feedback where words like '%公交站牌倒了，' || $1`, [String(solved)]))[0]
    const id = Number(row.case_id)
    const receipt = (await until('the acknowledgement', () => s.provider.sent.find(to))).text.match(/回执码 ([0-9 ]{19})/)[1].replace(/ /g, '')
    const early = { from, id: `early-${solved}`, text: `已解决 ${receipt}` }
    assert.equal((await s.gateway.smsPost(s.door, early)).status, 200)
    await until('it is too early', () => s.provider.sent.find((q) => to(q) && /现在不能确认/.test(q.text)))
    await answered(s, id, '站牌已扶正，张三负责')
    const told = await until('the answer is announced', () => s.provider.sent.find((q) => to(q) && /已有答复/.test(q.text)))
    assert.doesNotMatch(told.text, /站牌|张三|\d{16}/)
    const words = { from, id: `confirm-${solved}`, text: `${solved ? '已解决' : '未解决'} ${receipt}` }
    assert.equal((await s.gateway.smsPost(s.door, words)).status, 200)
    await until('it is taken', () => s.provider.sent.find((q) => to(q) && (solved ? /您确认问题已解决/ : /已发回重新办理/).test(q.text)))
    assert.deepEqual((await s.site.sql('select state, by from callbacks where case_id = $1 and round = 1', [id]))[0], { state: solved ? 'solved' : 'unsolved', by: 'citizen' })
    assert.equal((await s.clerk.case(id)).case.state, solved ? 'closed' : 'handling')
    const owed = await s.site.one(`select count(*)::int from outbox where dedupe_key like 'talk:%'`)
    assert.equal((await s.gateway.smsPost(s.door, words)).status, 200, 'the provider repeats itself')
    assert.equal(await s.site.one(`select count(*)::int from outbox where dedupe_key like 'talk:%'`), owed, 'and is not answered twice')
    assert.equal(await s.site.one(`select count(*)::int from acts where case_id = $1 and act like 'confirm%'`, [id]), 1)
    assert.equal(await s.site.one(`select count(*)::int from feedback where words like '%' || $1`, [receipt]), 0, 'an answer is no feedback')
  })

// Two hours are not waited for: the survey's turn is moved here.
const AFTER = { sms_survey_after: '2h' }
const survey = async (s, id) => (await s.site.sql(`select state, body is null as empty, due_at - created_at >= interval '119 minutes' as later, due_at > now() as waits
  from outbox where case_id = $1 and purpose = 'survey' order by created_at`, [id]))
const itsTurn = (s, id) => s.site.sql(`update outbox set due_at = now() where case_id = $1 and purpose = 'survey' and state = 'due'`, [id])
let telephones = 0

/** A case by SMS whose answer was approved where surveys come later: {id, from, receipt, heard, hears}. */
async function announced(s) {
  const gateway = s.later ??= await s.site.gateway({ auto_assign_percent: 101, ...AFTER })
  const from = `+8615400002${String(++telephones).padStart(3, '0')}`, text = `${s.number} 候车亭的顶棚破了，第${telephones}座`
  const heard = () => s.provider.sent.filter((q) => q.to.endsWith(from.slice(1))).map((q) => q.text)
  const hears = (words) => until(`${from} hears ${words}`, () => heard().find((t) => words.test(t)))
  assert.equal((await gateway.smsPost(s.door, { from, text })).status, 200)
  const receipt = (await hears(/回执码 [0-9 ]{19}/)).match(/回执码 ([0-9 ]{19})/)[1].replace(/ /g, '')
  const id = Number(await s.site.one('select case_id from feedback where words = $1', [text]))
  await answered(Object.fromEntries(['coordinator', 'handler', 'chief', 'supervisor'].map((p) => [p, at(gateway, s[p])]).concat([['u003', s.u003]])), id, '顶棚已更换')
  const told = await hears(/已有答复/)
  assert.doesNotMatch(told, /解决|评价|满意/, 'it tells that there is an answer, and asks nothing')
  assert.deepEqual(await survey(s, id), [{ state: 'due', empty: false, later: true, waits: true }], 'asked once, and not now')
  return { id, from, receipt, heard, hears, says: async (words) => assert.equal((await gateway.smsPost(s.door, { from, text: words })).status, 200) }
}
const held = (s, id) => until('the survey is held', async () => { const [x] = await survey(s, id); return x.state === 'held' && x.empty })

for (const [how, does, told] of [
  ['with the receipt', (s, c) => c.says(`已解决 ${c.receipt}`), /您确认问题已解决/],
  ['with a score of its own accord', (s, c) => c.says('2'), /不满意，将重新办理/],
  ['on the page', (s, c) => step(s, c.receipt, 'confirm', { solved: 'yes', rating: '4' })],
  ['on the telephone', (s, c) => s.clerk.does(c.id, 'callback_refused', { words: '不愿评价' })]])
  it(`a survey is not sent to who has answered before its turn, ${how}`, async (s) => {
    const c = await announced(s)
    await does(s, c)
    if (told) await c.hears(told)
    assert.notEqual(await s.site.one('select state from callbacks where case_id = $1 and round = 1', [c.id]), 'due')
    await itsTurn(s, c.id)
    await held(s, c.id)
    assert.equal(c.heard().some((t) => /请回复数字/.test(t)), false)
  })

it('a survey is sent, once, to who has answered nothing; in a new round the old one is not', async (s) => {
  const c = await announced(s)
  await itsTurn(s, c.id)
  await c.hears(/请回复数字/)
  assert.equal(c.heard().filter((t) => /请回复数字/.test(t)).length, 1)
  await c.says('5')
  await c.hears(/非常满意，确认已解决/)
  assert.equal((await s.clerk.case(c.id)).case.state, 'closed')
  const again = await announced(s)
  await again.says(`未解决 ${again.receipt}`)
  await again.hears(/已发回重新办理/)
  await replied(s, again.id, '顶棚又换了')
  await again.hears(/请回复数字/) // of the second answer, approved where nothing waits
  await itsTurn(s, again.id)
  await until('the first is held', async () => (await survey(s, again.id))[0].state === 'held')
  assert.equal(again.heard().filter((t) => /请回复数字/.test(t)).length, 1)
})

it('before a survey is asked a plaque named after the answer goes first', async (s) => {
  const c = await announced(s)
  await c.says(s.number)
  await c.hears(/的监督牌。/)
  await c.says('5')
  await c.hears(/已记录您的评价.*回执码/)
  assert.deepEqual(await tasks(s, c.id, 1), Object.fromEntries([[await s.site.one('select id from feedback where case_id = $1', [c.id]), 'due']]))
})

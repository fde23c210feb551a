// 退回、裁定、首接负责、会办 and two persons at once: disputes over who has to do it. Through the API of two gateways on one
// database; and a clerk borrowed from a unit steps aside in every act of every post.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until, hidden } from './harness.mjs'

const it = scenario(fileName(import.meta.url), { settings: { auto_assign_percent: 101 } }, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway()
  s.second = await site.gateway()
  const people = { coordinator: ['U000-02', ['coordinator']], deputy: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']],
    accountability: ['U000-04', ['accountability']], callback: ['U000-01', ['callback']],
    handler: ['U026', ['handler']], chief: ['U026', ['unit_leader']], other: ['U010', ['handler']], otherchief: ['U010', ['unit_leader']],
    borrowed: ['U000-02', ['coordinator', 'supervisor', 'accountability', 'registry', 'callback', 'leader'], 'U026'] }
  for (const [login, [unit, roles, home]] of Object.entries(people)) s[login] = await site.person(g, login, { unit, roles, home, name: `岗位 ${login}` })
  for (const code of ['U000', 'U003', 'U010', 'U026']) s[code] = await site.unitId(code)
})

const GROUND = { reason: '不属于本单位职责', legal_ground: '《城市管理执法办法》第八条' }

async function assigned(s, more = {}) {
  const a = await s.gateway.api({ text: `滨河路下水道堵了，污水横流，城管局请处理，编号${freshKey()}。`, nature: 'complain', ...more })
  assert.equal(a.status, 201, a.text)
  const id = Number(a.json.case)
  const { state, unit } = (await s.coordinator.case(id)).case
  if (state === 'discovered') await s.coordinator.does(id, 'assign', { unit: s.U026 })
  else assert.equal(unit.id, s.U026)
  return id
}
const refused = (a, status, code) => assert.deepEqual([a.status, a.json.code], [status, code], a.text)

it('a return needs its legal ground, is ruled by an outsider, and a ruling is final', async (s) => {
  const id = await assigned(s)
  const bare = await s.handler.act(id, 'return_ask', { reason: '不归我们管' })
  refused(bare, 422, 'act_needs')
  assert.deepEqual(bare.json.missing, ['legal_ground'])
  refused(await s.other.act(await assigned(s), 'return_ask', GROUND).catch(() => ({ status: 404, json: { code: 'case_unknown' } })), 404, 'case_unknown')
  let v = await s.handler.does(id, 'return_ask', GROUND)
  assert.equal(v.acts.at(-1).data.ground, GROUND.legal_ground)
  // While it is asked the unit neither signs nor asks for more time; the clock runs on.
  refused(await s.handler.act(id, 'sign'), 409, 'act_illegal')
  refused(await s.handler.act(id, 'extend_ask', { reason: '等裁定', amount: 1 }), 409, 'act_illegal')
  assert.ok(v.case.due_at)
  // Nobody of the unit rules, not its leader, not who was borrowed from there.
  refused(await s.chief.act(id, 'return_refuse', { reason: '不同意' }), 403, 'forbidden')
  for (const act of ['return_refuse', 'return_grant']) refused(await s.borrowed.act(id, act, { reason: '不同意' }), 403, 'recused')
  v = await s.coordinator.does(id, 'return_refuse', { reason: '属于本单位法定职责' })
  assert.equal(v.case.state, 'assigned')
  refused(await s.handler.act(id, 'return_ask', GROUND), 409, 'act_illegal')
  refused(await s.handler.act(id, 'return_ask', { ...GROUND, legal_ground: '另一条' }), 409, 'act_illegal')
  await s.handler.does(id, 'sign')
})

it('the time of a dispute is charged to whoever was wrong', async (s) => {
  // Refused: from the request on it was the unit's own delay. The request is put back by two hours as the clock would have it.
  const id = await assigned(s)
  await s.handler.does(id, 'return_ask', GROUND)
  await s.site.sql(`update cases set asked_at = asked_at - interval '2 hours' where id = $1`, [id])
  let v = await s.coordinator.does(id, 'return_refuse', { reason: '属于职责' })
  assert.equal(v.acts.at(-1).data.charged_unit, s.U026)
  assert.ok(v.acts.at(-1).data.charged_minutes >= 120 && v.acts.at(-1).data.charged_minutes < 130, JSON.stringify(v.acts.at(-1).data))
  assert.deepEqual(v.acts.at(-1).charged.unit, { id: s.U026, short_name: '城管局' })
  assert.equal(v.acts.at(-1).charged.minutes, v.acts.at(-1).data.charged_minutes)
  // Granted: all of it since the assignment was lost by those who gave it to the wrong unit.
  const wrong = await assigned(s)
  await s.handler.does(wrong, 'return_ask', GROUND)
  await s.site.sql(`update cases set assigned_at = assigned_at - interval '3 hours' where id = $1`, [wrong])
  v = await s.coordinator.does(wrong, 'return_grant', { reason: '应由住建局办理' })
  assert.equal(v.case.state, 'discovered')
  assert.equal(v.acts.at(-1).data.charged_unit, s.U000)
  assert.ok(v.acts.at(-1).data.charged_minutes >= 180 && v.acts.at(-1).data.charged_minutes < 190)
  const story = await s.coordinator.get(`/cases/${wrong}/story`)
  const told = story.chapters.find((c) => c.heading.includes('办理经过')).events.at(-1).text
  assert.match(told, /争议用时计入：/)
  assert.match(told, /争议用时（分钟）：18\d/)
})

it('首接负责: what comes back to the first unit stays there', async (s) => {
  const id = await assigned(s)
  await s.handler.does(id, 'return_ask', GROUND)
  await s.coordinator.does(id, 'return_grant', { reason: '先交另一单位' })
  assert.equal((await s.handler.call('GET', `/cases/${id}`)).status, 404, 'the unit has it no more')
  let v = await s.coordinator.does(id, 'assign', { unit: s.U010 })
  // The next unit may dispute as well: it has had no ruling.
  await s.other.does(id, 'return_ask', GROUND)
  await s.coordinator.does(id, 'return_grant', { reason: '确属首接单位' })
  v = await s.coordinator.does(id, 'assign', { unit: s.U026 })
  assert.equal(v.case.unit.id, s.U026)
  refused(await s.handler.act(id, 'return_ask', GROUND), 409, 'act_illegal')
  assert.equal(v.allowed.some((a) => a.act === 'return_ask'), false)
  assert.ok(v.acts.filter((a) => a.act === 'return_grant').every((a) => a.data.charged_unit === s.U000))
  await s.handler.does(id, 'sign')
})

it('a co-unit puts its part on record; the lead answers and keeps the clock', async (s) => {
  const id = await assigned(s)
  await s.handler.does(id, 'sign')
  const due = (await s.coordinator.case(id)).case.due_at
  refused(await s.coordinator.act(id, 'co_assign', { unit: s.U026, reason: '自己' }), 422, 'act_needs')
  const watch = await s.other.watch()
  const v = await s.coordinator.does(id, 'co_assign', { unit: s.U010, reason: '涉及治安' })
  await watch.next((f) => f.case === id && f.data.act === 'co_assign')
  assert.deepEqual([v.case.unit.id, v.case.due_at], [s.U026, due])
  await s.other.does(id, 'note', { words: '已到场维持秩序' })
  for (const [who, act, more] of [['other', 'reply', { words: '我们答', evidence: '照片' }], ['other', 'extend_ask', { reason: '慢', amount: 1 }],
    ['other', 'pause_ask', { reason: '等', pause_cause: '听证', until: new Date(Date.now() + 864e5).toISOString() }], ['otherchief', 'note', { words: '同意' }]]) {
    const a = await s[who].act(id, act, more)
    if (act === 'note') assert.equal(a.status, 200, a.text)
    else refused(a, 403, 'forbidden')
  }
  await s.handler.does(id, 'reply', { words: '会同公安已处理。', evidence: '照片 2 张' })
  await watch.next((f) => f.case === id && f.data.act === 'reply') // what the lead does is on the helper's screen too
  await watch.close()
  refused(await s.otherchief.act(id, 'endorse'), 403, 'forbidden')
  await s.chief.does(id, 'endorse')
})

it('an extension is at most the limit of its round', async (s) => {
  const id = await assigned(s)
  const limit = await s.site.one('select limit_amount from cases where id = $1', [id])
  await s.handler.does(id, 'sign')
  refused(await s.handler.act(id, 'extend_ask', { reason: '慢', amount: limit + 1 }), 422, 'act_needs')
  await s.handler.does(id, 'reply', { words: '已处理。', evidence: '照片' })
  await s.chief.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
  await s.callback.does(id, 'callback_unsolved', { words: '没有解决', reason: '未解决' })
  refused(await s.handler.act(id, 'extend_ask', { reason: '慢', amount: limit }), 422, 'act_needs') // 重办: half the time
  await s.handler.does(id, 'extend_ask', { reason: '慢', amount: Math.ceil(limit / 2) })
})

it('of two who act at once on two gateways exactly one wins; the other is told what the case is now', async (s) => {
  const elsewhere = await login(s, s.second, s.deputy)
  for (let round = 0; round < 8; round++) {
    const id = await assigned(s)
    await s.handler.does(id, 'return_ask', GROUND)
    const { version } = (await s.coordinator.case(id)).case
    const both = await Promise.all([
      s.coordinator.call('POST', `/cases/${id}/acts`, { act: 'return_grant', version, reason: '同意退回' }),
      elsewhere.call('POST', `/cases/${id}/acts`, { act: 'return_refuse', version, reason: '不同意退回' })])
    assert.deepEqual(both.map((a) => a.status).sort(), [200, 409], both.map((a) => a.text).join('\n'))
    const lost = both.find((a) => a.status === 409), won = both.find((a) => a.status === 200)
    assert.equal(lost.json.code, 'case_changed')
    assert.deepEqual([lost.json.case.version, lost.json.case.state], [version + 1, won.json.case.state])
    assert.equal(await s.site.one('select count(*)::int from acts where case_id = $1 and version > $2', [id, version]), 1)
  }
  const metrics = await Promise.all([s.gateway.metrics(), s.second.metrics()])
  assert.equal(metrics.reduce((n, m) => n + m.get('mashangdu_act_conflicts_total'), 0), 8)
})

/** The same person, signed in at another gateway. */
async function login(s, gateway, person) {
  const p = new person.constructor(gateway, person.login)
  await p.signIn(person.password)
  return p
}

it('a clerk borrowed from the named unit steps aside in every act of every post', async (s) => {
  const plaque = await s.site.plaqueNumber('U026')
  const until10 = new Date(Date.now() + 10 * 864e5).toISOString()
  const full = { reason: '理由', words: '内容', evidence: '照片', unit: s.U010, legal_ground: '依据', way: '行政复议', receiver: '接收机关', amount: 1, pause_cause: '听证', until: until10, rung: 1, nature: 'complain', rest: '希望改进' }
  const steps = [ // who brings it there, and what those of the office do there
    [null, ['assign', 'decline', 'merge', 'split', 'note', 'supervise', 'transfer_out']],
    [['coordinator', 'assign', { unit: s.U026 }], ['merge', 'co_assign', 'note', 'supervise', 'transfer_out']],
    [['handler', 'return_ask', GROUND], ['return_grant', 'return_refuse']],
    [['coordinator', 'return_refuse', { reason: '属于职责' }], []],
    [['handler', 'sign', {}], []],
    [['handler', 'extend_ask', { reason: '材料未到', amount: 1 }], ['extend_grant', 'extend_refuse']],
    [['coordinator', 'extend_refuse', { reason: '时间够' }], []],
    [['handler', 'pause_ask', { reason: '等听证', pause_cause: '听证', until: until10 }], ['pause_grant', 'pause_refuse']],
    [['chief', 'pause_grant', { reason: '同意' }], ['resume']],
    [['coordinator', 'resume', {}], []],
    [['handler', 'reply', { words: '已整改。', evidence: '照片' }], ['note', 'co_assign']],
    [['chief', 'endorse', {}], ['approve', 'send_back']],
    [['supervisor', 'approve', {}], ['callback_solved', 'callback_unsolved', 'callback_attempt', 'callback_refused']],
    [['callback', 'callback_solved', { words: '满意' }], ['reopen', 'note']],
  ]
  const a = await s.gateway.api({ text: '区城市管理局办事窗口排队太久，希望改进。', nature: 'complain', plaque })
  const id = Number(a.json.case)
  const target = await assigned(s)
  assert.equal(await s.site.one('select about_unit_id from cases where id = $1', [id]), s.U026)
  const tried = new Set()
  for (const [step, acts] of steps) {
    const state = (await s.coordinator.case(id)).case.state
    if (step && !(step[1] === 'assign' && state !== 'discovered')) await s[step[0]].does(id, step[1], step[2])
    const now = await s.borrowed.case(id)
    assert.deepEqual(now.allowed, [], 'no button is offered')
    for (const act of acts) {
      if (!step && now.case.state !== 'discovered') continue
      refused(await s.borrowed.call('POST', `/cases/${id}/acts`, { act, version: now.case.version, ...full, target }), 403, 'recused')
      tried.add(act)
    }
    assert.equal((await s.coordinator.case(id)).case.version, now.case.version)
  }
  // Declined and merged cases: what brings them back is closed to the clerk as well.
  const refusal = (await s.gateway.api({ text: '区城市管理局窗口收费不合理，希望退还。', nature: 'complain', plaque })).json
  const declined = Number(refusal.case)
  await s.coordinator.does(declined, 'decline', { reason: '已经判决', way: '申请再审' })
  const { receipt } = refusal
  const page = await s.gateway.post('/status', { receipt })
  const objected = await s.gateway.post('/status/object', { receipt, token: hidden(page.text, 'token', '/status/object'), text: '不服，请再看' })
  assert.equal(objected.status, 200, objected.text)
  for (const act of ['reopen', 'object_reject']) {
    refused(await s.borrowed.act(declined, act, { reason: '再看', words: '维持' }), 403, 'recused')
    tried.add(act)
  }
  const merged = Number((await s.gateway.api({ text: '区城市管理局窗口排队太久了，请增加人手。', nature: 'complain', plaque })).json.case)
  await s.coordinator.does(merged, 'merge', { reason: '同一事项', target })
  refused(await s.borrowed.act(merged, 'unmerge', { reason: '不同事项' }), 403, 'recused')
  tried.add('unmerge')
  const due = (await s.site.sql(`select distinct act from act_rules where post in ('coordinator', 'supervisor', 'accountability', 'registry', 'callback', 'leader')
    and act <> 'share'`)).map((r) => r.act) // share: of a confidential case, which is not even known
  assert.ok(due.length > 15)
  assert.deepEqual(due.filter((x) => !tried.has(x)), [], 'every act of the office was tried')
  await until('nothing was written', async () => (await s.site.one('select count(*)::int from acts where staff_id = $1', [s.borrowed.staff.id])) === 0)
})

it('a borrowed clerk does not even learn of a confidential case about the home unit', async (s) => {
  const a = await s.gateway.api({ text: '举报城管局队长收了商户红包', nature: 'report', plaque: await s.site.plaqueNumber('U026') })
  const id = Number(a.json.case)
  for (const act of ['assign', 'share', 'note', 'supervise', 'transfer_out'])
    refused(await s.borrowed.call('POST', `/cases/${id}/acts`, { act, version: 1, reason: '理由', words: '内容', unit: s.U010, receiver: '机关', rung: 6, person: s.coordinator.staff.id }), 404, 'case_unknown')
  assert.equal((await s.borrowed.call('GET', `/cases/${id}/story?reason=${encodeURIComponent('看看')}`)).status, 404)
})

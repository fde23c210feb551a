// The office's own finders (M16, M30, M31, M39, M46, M53, M55): meetings with numbers told in the room, the board of a series,
// inspections with outcomes in 人次, two rosters of monitors on two tracks, lists from elsewhere, and the weekly sheet.
// Cases come in by intake alone; what is counted here was made through the doors.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR, Person, fileName, freshKey, request, scenario, tree, until, withClock } from './harness.mjs'
import { fault } from './openapi.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway({ answer_deadline: '4m' }) // half of it is what a list may take
  s.doc = (await g.get('/staff/api/v1/openapi.json')).json
  s.who = {}
  for (const [login, unit, roles] of [
    ['coordinator', 'U000-02', ['coordinator']], ['supervisor', 'U000-03', ['supervisor']], ['accountability', 'U000-04', ['accountability']],
    ['registry', 'U000-01', ['registry']], ['callback', 'U000-01', ['callback']], ['leader', 'U000', ['leader']],
    ['u026', 'U026', ['handler']], ['u026-leader', 'U026', ['unit_leader']], ['u032', 'U032', ['handler']], ['m1', 'U000', ['monitor']],
    ['m2', 'U000', ['monitor']]])
    s.who[login] = await site.person(g, login, { unit, roles, name: `岗位 ${login}` })
  s.unit = {}
  for (const code of ['U000', 'U003', 'U026', 'U032']) s.unit[code] = await site.unitId(code)
  await site.sql('analyze')
})

const fits = (s, name, value) => assert.equal(fault(s.doc, s.doc.components.schemas[name], value), null)
function refused(s, a, status, code) {
  assert.equal(a.status, status, a.text)
  assert.equal(a.json.code, code)
  fits(s, 'Problem', a.json)
}

async function posts(s, who, path, body, want = [200, 201], key = freshKey()) {
  const a = await s.who[who].call('POST', path, body, { 'idempotency-key': key })
  assert.ok(want.includes(a.status), `${who} ${path}: ${a.status} ${a.text}`)
  return a.json
}

async function meeting(s, more = {}) {
  const v = await posts(s, 'registry', '/meetings', {
    kind: '主题日', held_at: '2026-03-23T20:00:00+08:00', place: '园区会议中心', theme: '用工保障', host_unit: s.unit.U026,
    participants: ['示例电子有限公司', '区人社局负责人'], ...more })
  fits(s, 'Meeting', v)
  return v.meeting.id
}

const problem = (s, id, body, key, who = 'coordinator') =>
  posts(s, who, `/meetings/${id}/problems`, { text: '园区三号路路灯坏了多日，夜班工人出行不便。', raised_by: '示例电子有限公司', ...body }, [200, 201], key)

/** From assigned to closed, solved, each step by its post. */
async function solve(s, id, version, reporters = [undefined]) {
  for (const [who, act, more] of [
    ['u026', 'sign', {}], ['u026', 'reply', { words: '已现场处理并更换设备。', evidence: 1 }], ['u026-leader', 'endorse', {}],
    ['supervisor', 'approve', {}], ...reporters.map((feedback) => ['callback', 'callback_solved', { words: '企业表示已解决。', rating: 5, feedback }])]) {
    const a = await s.who[who].call('POST', `/cases/${id}/acts`, { act, version: version++, ...more })
    assert.equal(a.status, 200, `${act}: ${a.text}`)
    version = a.json.case.version
  }
}

// --- meetings ---

it('a problem made in the room has its number, receipt and unit at once', async (s) => {
  const id = await meeting(s)
  assert.equal(await meeting(s), id) // the same meeting, entered once
  const key = freshKey()
  const body = { assign_to: s.unit.U026, measure: '更换三号路灯具并建立巡查', due_on: '2026-04-10' }
  const told = await problem(s, id, body, key)
  fits(s, 'Finding', told)
  assert.equal(told.repeated, false)
  assert.equal(told.ordinal, 1)
  assert.match(told.receipt, /^\d{16}$/)
  assert.equal(told.assigned, true)
  assert.equal(told.why_not, null)
  assert.equal(told.case.unit.id, s.unit.U026)
  assert.equal(told.case.state, 'assigned')
  assert.ok(told.case.due_at)
  assert.ok(told.slip.some((l) => l.includes(String(told.number))) && told.slip.some((l) => l.startsWith('办理时限')))
  assert.ok(told.slip.some((l) => l.replaceAll(' ', '').includes(told.receipt)))
  // Sent again on a bad line: the first answer, nothing twice.
  const again = await problem(s, id, body, key)
  assert.equal(again.repeated, true)
  for (const k of ['number', 'receipt', 'ordinal']) assert.equal(again[k], told[k])
  assert.equal(Number(await s.site.one('select count(*) from meeting_measures')), 1)
  refused(s, await s.who.coordinator.call('POST', `/meetings/${id}/problems`, { text: '别的话', raised_by: '别的单位', assign_to: s.unit.U026 },
    { 'idempotency-key': key }), 422, 'idempotency_key_reused')
  // Who raised it follows it with the receipt like any citizen.
  const page = await s.gateway.post('/status', { receipt: told.receipt })
  assert.equal(page.status, 200)
  assert.match(page.text, /交承办单位办理/)
  // The router's opinion does not take the room's decision away; the case is an ordinary one with its source.
  const v = await s.who.coordinator.case(told.number)
  assert.equal(v.case.channel, 'meeting')
  assert.deepEqual(v.acts.map((a) => [a.act, a.actor]), [['receive', 'gateway'], ['assign', 'staff']])
  const shown = await s.who.leader.get(`/meetings/${id}`)
  fits(s, 'Meeting', shown)
  assert.deepEqual(shown.meeting.participants, ['示例电子有限公司', '区人社局负责人'])
  const [p] = shown.problems
  assert.equal(p.case.id, told.number)
  assert.equal(p.raised_by, '示例电子有限公司')
  assert.equal(p.measure.words, '更换三号路灯具并建立巡查')
  assert.equal(p.measure.due_on, '2026-04-10')
  assert.equal(p.measure.unit.id, s.unit.U026)
  assert.equal(p.case.colour, 'green')
  // Minutes are written after it, each version kept.
  await posts(s, 'registry', `/meetings/${id}/minutes`, { words: '会议记录第一稿' })
  const m = await posts(s, 'registry', `/meetings/${id}/minutes`, { words: '会议记录定稿' })
  assert.deepEqual([m.minutes.version, m.minutes.words], [2, '会议记录定稿'])
})

it('without a unit it waits at the desk; the measure comes later and the latest counts', async (s) => {
  const id = await meeting(s, { kind: 'morning_tea', theme: '水电气' })
  const told = await problem(s, id, { text: '希望帮助协调一件园区企业之间的事情。' }, undefined, 'registry')
  assert.equal((await s.who.leader.get(`/meetings/${id}`)).problems[0].measure, null)
  for (const words of ['先行摸底', '一企一策解决'])
    await posts(s, 'registry', `/meetings/${id}/measures`, { problem: told.ordinal, measure: words, unit: s.unit.U003, due_on: '2026-05-01' })
  const [p] = (await s.who.leader.get(`/meetings/${id}`)).problems
  assert.equal(p.measure.words, '一企一策解决')
  assert.equal(p.measure.unit.id, s.unit.U003)
  refused(s, await s.who.registry.call('POST', `/meetings/${id}/problems`, { text: '路灯不亮', raised_by: '某企业', assign_to: s.unit.U026 },
    { 'idempotency-key': freshKey() }), 403, 'forbidden')
})

it('what a higher organ handles keeps a tracker here and a clock', async (s) => {
  const id = await meeting(s, { kind: 'joint', theme: '市级事项' })
  const told = await problem(s, id, { assign_to: s.unit.U026, higher: '市交通运输局', measure: '跟踪协调市局排期', due_on: '2026-06-30' })
  assert.equal(told.case.unit.id, s.unit.U026)
  assert.equal(told.case.higher, '市交通运输局')
  assert.ok(told.case.due_at)
  assert.ok(told.slip.some((l) => l.includes('市交通运输局') && l.includes('跟踪协调')))
  const row = (await s.site.sql('select higher, unit_id, handling_due from cases where id = $1', [told.number]))[0]
  assert.deepEqual([row.higher, row.unit_id], ['市交通运输局', s.unit.U026])
  assert.ok(row.handling_due)
  const sheet = await s.who.leader.get('/sheets/weekly')
  fits(s, 'WeeklySheet', sheet)
  const mine = sheet.units.find((u) => u.unit.id === s.unit.U026)
  assert.equal(mine.items.find((i) => i.case === told.number).higher, '市交通运输局')
  assert.ok(mine.sum.higher >= 1)
})

it('bad input gets a sentence and stores nothing', async (s) => {
  const id = await meeting(s, { theme: '拒绝' , place: '二号会议室' })
  const before = await s.site.one('select count(*) from feedback')
  const tries = [
    [{ text: '有问题' }, 422, 'unknown_field'], [{ text: '有问题', raised_by: '某企业', nothing: 1 }, 422, 'unknown_field'],
    [{ text: '有问题', raised_by: '某企业', assign_to: 999999 }, 422, 'unknown_field'],
    [{ text: '有问题', raised_by: '某企业', higher: '市局' }, 422, 'unknown_field'],
    [{ text: '有问题', raised_by: '某企业', measure: '整改', due_on: '2026-02-30', assign_to: s.unit.U026 }, 422, 'unknown_field'],
    [{ text: '长'.repeat(5001), raised_by: '某企业' }, 413, 'text_too_long'], [{ text: '有问题', raised_by: '企'.repeat(101) }, 413, 'text_too_long']]
  for (const [body, status, code] of tries)
    refused(s, await s.who.coordinator.call('POST', `/meetings/${id}/problems`, body, { 'idempotency-key': freshKey() }), status, code)
  refused(s, await s.who.coordinator.call('POST', `/meetings/${id}/problems`, { text: '有问题', raised_by: '某企业' }), 400, 'idempotency_key_bad')
  refused(s, await s.who.coordinator.call('POST', '/meetings/999999/problems', { text: '有问题', raised_by: '某企业' }, { 'idempotency-key': freshKey() }), 404, 'not_found')
  refused(s, await s.who.u026.call('POST', `/meetings/${id}/problems`, { text: '有问题', raised_by: '某企业' }, { 'idempotency-key': freshKey() }), 403, 'forbidden')
  refused(s, await s.who.u026.call('POST', '/meetings', { kind: '其他', held_at: '2026-01-01T09:00:00+08:00', place: '这里', theme: '无', host_unit: s.unit.U026 }), 403, 'forbidden')
  refused(s, await s.who.coordinator.call('POST', '/meetings', { kind: '没有这种', held_at: '2026-01-01T09:00:00+08:00', place: '这里', theme: '无', host_unit: s.unit.U026 }), 422, 'unknown_field')
  refused(s, await s.who.coordinator.call('POST', '/meetings', { kind: 'other', held_at: '2026-01-01', place: '这里', theme: '无', host_unit: s.unit.U026 }), 422, 'unknown_field')
  assert.equal(await s.site.one('select count(*) from feedback'), before)
})

it('units see the meetings and problems that are theirs, and nobody an 举报 from the room', async (s) => {
  const id = await meeting(s, { theme: '权限', place: '三号会议室' })
  await problem(s, id, { assign_to: s.unit.U026 })
  await problem(s, id, { assign_to: s.unit.U032, text: '园区公交班次太少，员工下班等车时间长。' })
  const report = await problem(s, id, { text: '区住建局工作人员收红包才给盖章。', nature: '举报', assign_to: s.unit.U003 })
  assert.equal(report.case, null)
  assert.equal(report.assigned, false)
  assert.match(report.why_not, /保密/)
  assert.match(report.receipt, /^\d{16}$/)
  const units = async (who) => (await s.who[who].get(`/meetings/${id}`)).problems.map((p) => p.ordinal)
  assert.deepEqual(await units('u026'), [1])
  assert.deepEqual(await units('u032'), [2])
  assert.deepEqual(await units('coordinator'), [1, 2])
  assert.deepEqual(await units('accountability'), [1, 2, 3])
  const row = (await s.who.coordinator.get('/meetings')).meetings.find((m) => m.id === id)
  assert.equal(row.matters, 2)
  const hidden = await meeting(s, { theme: '别的单位', place: '四号会议室' })
  refused(s, await s.who.u032.call('GET', `/meetings/${hidden}`), 404, 'not_found')
  // By hand, as the runtime role and that person: rows are not widened, nothing is linked that did not come that way.
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  try {
    const as = async (login, sql, params = []) => {
      await c.query('begin')
      try {
        await c.query(`select set_config('msd.staff', s.id::text, true), set_config('msd.post', p.id::text, true) from staff s join posts p on p.staff_id = s.id where login = $1`, [login])
        await c.query('set local role mashangdu_staff')
        return (await c.query(sql, params)).rows
      } finally { await c.query('rollback') }
    }
    assert.deepEqual(await as('u026', 'select ordinal from findings where meeting_id = $1', [id]), [{ ordinal: 1 }])
    assert.equal((await as('u026', 'select * from meetings where id = $1', [hidden])).length, 0)
    await assert.rejects(as('u026', `insert into meetings (kind, held_at, place, theme, host_unit_id, staff_id) values ('other', now(), 'x', 'x', 1, staff_now())`), { code: '42501' })
    await assert.rejects(as('coordinator', `select finding_link('meeting', $1, null, f.id, f.case_id, null) from feedback f where f.case_id = $2`, [hidden, (await problem(s, id, {})).number]), { code: 'MSD41' })
    await assert.rejects(as('u026', 'select finding_link($1, $2, null, 1, 1, null)', ['meeting', id]), { code: '42501' })
    await assert.rejects(as('coordinator', 'update findings set raised_by = null'), { code: '42501' })
  } finally { await c.end() }
  await assert.rejects(s.site.sql('update findings set raised_by = null'), { code: 'MSD20' })
  await assert.rejects(s.site.sql('delete from meeting_measures'), { code: 'MSD20' })
})

it('16 sessions, 95 ≥ 92 ≥ 82, 13 unsolved and 3 without a measure by name', async (s) => {
  const made = []
  for (let n = 0; n < 16; n++) {
    const day = new Date(Date.UTC(2024, 0, 1 + 7 * n)).toISOString().slice(0, 10) // Mondays
    const id = await meeting(s, { kind: 'theme_day', held_at: `${day}T20:00:00+08:00`, theme: `第 ${n + 1} 期`, place: '固定地点' })
    for (let k = 0; k < (n < 15 ? 6 : 5); k++) {
      const i = made.length
      made.push({ id, ...await problem(s, id, {
        text: `第 ${n + 1} 期第 ${k + 1} 项：园区道路坑洼不平，大车通行困难，请安排修补。`, assign_to: s.unit.U026,
        ...([31, 63, 94].includes(i) ? {} : { measure: '列入养护计划限期修补', due_on: '2024-12-31' }) }) })
    }
  }
  const bare = made.filter((_, i) => [31, 63, 94].includes(i))
  const lanes = [[], [], [], []]
  const last = await meeting(s, { kind: 'theme_day', held_at: '2024-04-15T20:00:00+08:00', theme: '第 16 期', place: '固定地点' })
  assert.equal(last, made.at(-1).id)
  made.slice(0, 82).forEach((m, i) => lanes[i % 4].push(m))
  await Promise.all(lanes.map(async (lane) => { for (const m of lane) await solve(s, m.number, m.case.version) }))
  const range = 'kind=theme_day&from=2024-01-01&to=2024-04-30'
  const b = await s.who.leader.get(`/meetings/board?${range}`)
  fits(s, 'MeetingBoard', b)
  assert.equal(made.length, 95)
  assert.deepEqual([b.sessions, b.matters, b.measures, b.solved, b.unsolved, b.without_measure], [16, 95, 92, 82, 13, 3])
  assert.deepEqual(b.unsolved_matters.map((m) => m.case.id), made.slice(82).map((m) => m.number))
  assert.deepEqual(b.matters_without_measure.map((m) => m.case.id), bare.map((m) => m.number))
  s.range = range
}, { ms: 400000 })

it('a matter that was merged is solved with the case it went into, however far that is', async (s) => {
  const id = await meeting(s, { kind: 'other', theme: '合并', place: '五号会议室', held_at: '2023-05-08T09:00:00+08:00' })
  const told = []
  for (const text of ['园区班车停得太远。', '班车站点离宿舍远。', '希望班车增设宿舍区站点。']) told.push(await problem(s, id, { text, assign_to: s.unit.U026 }))
  for (const [from, to] of [[0, 1], [1, 2]])
    await s.who.coordinator.does(told[from].number, 'merge', { target: told[to].number, reason: '同一事项' })
  const board = () => s.who.leader.get('/meetings/board?kind=other&from=2023-05-01&to=2023-05-31')
  assert.deepEqual([(await board()).matters, (await board()).solved], [3, 0])
  const last = await s.who.u026.case(told[2].number)
  const reporters = await s.site.sql('select feedback_id from findings where case_id = any ($1) order by feedback_id', [told.map((t) => t.number)])
  await solve(s, told[2].number, last.case.version, reporters.map((r) => Number(r.feedback_id)))
  const now = await board()
  assert.deepEqual([now.matters, now.solved, now.unsolved], [3, 3, 0])
})

it('thirty at once and a crash between: each has one number, one place in the meeting and its unit', async (s) => {
  const g = s.gateway
  const id = await meeting(s, { theme: '断电', place: '六号会议室' })
  const made = Array.from({ length: 30 }, (_, i) => ({
    key: freshKey('room'), body: { text: `第 ${i} 个问题：路面破损需要修补。`, raised_by: '示例电子有限公司', assign_to: s.unit.U026, measure: '修补', due_on: '2026-12-31' } }))
  const send = ({ key, body }) => s.who.coordinator.call('POST', `/meetings/${id}/problems`, body, { 'idempotency-key': key })
  let answered = 0
  const first = await Promise.all(made.map((m) => send(m).then((a) => {
    if (a.status === 201 && ++answered === 3) g.child.kill('SIGKILL')
    return a
  }, () => null)))
  await g.ended
  await g.start()
  const again = await Promise.all(made.map(send))
  for (const [i, a] of again.entries()) {
    assert.ok([200, 201].includes(a.status), a.text)
    assert.equal(a.json.case.unit.id, s.unit.U026)
    assert.equal(a.json.assigned, true)
    if (first[i]?.status !== 201) continue
    for (const k of ['number', 'receipt', 'ordinal']) assert.equal(a.json[k], first[i].json[k])
  }
  assert.ok(answered >= 3)
  assert.deepEqual(again.map((a) => a.json.ordinal).sort((x, y) => x - y), made.map((_, i) => i + 1))
  assert.equal(new Set(again.map((a) => a.json.number)).size, 30)
  assert.equal(Number(await s.site.one(`select count(*) from feedback where external_id = $1`, [`meeting:${id}`])), 30)
  const shown = await s.who.leader.get(`/meetings/${id}`)
  assert.ok(shown.problems.every((p) => p.measure && p.case.state === 'assigned'))
})

// --- inspections ---

it('75 inspections, 32 problems, outcomes 41 / 2 / 2 = 45 人次', async (s) => {
  const kinds = ['督查', '驻点', '暗访', '联合']
  const ids = []
  for (let n = 0; n < 75; n++) {
    const v = await posts(s, n % 2 ? 'supervisor' : 'accountability', '/inspections', {
      kind: kinds[n % 4], unit: n % 2 ? s.unit.U026 : s.unit.U032, place: `第 ${n} 处窗口`, held_at: `2025-0${1 + n % 9}-1${n % 10}T09:00:00+08:00`,
      steps: '排队取号、咨询、提交材料、记录用时', basis: '作风建设督查方案', ...(n % 4 === 3 ? { joint_with: '区纪委监委' } : {}) })
    if (n === 0) fits(s, 'Inspection', v)
    ids.push(v.inspection.id)
  }
  assert.equal(new Set(ids).size, 75)
  const found = []
  for (let n = 0; n < 32; n++) {
    const a = await posts(s, 'supervisor', `/inspections/${ids[n]}/findings`, { text: `第 ${n + 1} 个问题：窗口人员脱岗，群众等待超过半小时。` })
    if (n === 0) fits(s, 'Finding', a)
    // Whatever unit the words point at: where it was found it is for a person to give it to.
    assert.deepEqual([a.assigned, a.case.state], [false, 'discovered'])
    found.push(a)
  }
  // 41 人次 over 30 problems, one of them with several outcomes; two handed over, two talked to.
  const key = freshKey()
  const outcome = (n, body, who = 'accountability', k = freshKey()) =>
    posts(s, who, `/inspections/${ids[n]}/outcomes`, { problem: 1, decided_on: '2025-10-20', ...body }, [200], k)
  for (let n = 0; n < 30; n++) await outcome(n, { kind: '通报批评', persons: n < 11 ? 2 : 1 }, 'supervisor')
  await outcome(0, { kind: 'talk', persons: 1 })
  await outcome(30, { kind: '约谈', persons: 1, document: '约〔2025〕1号' })
  for (const k of [key, key]) await outcome(31, { kind: '移送', persons: 1 }, 'accountability', k) // the second is the same one
  const v = await outcome(31, { kind: '移送', persons: 1 })
  fits(s, 'Inspection', v)
  assert.equal(v.outcomes.length, 2)
  const t = await s.who.leader.get('/inspections/totals?from=2025-01-01&to=2025-12-31')
  fits(s, 'InspectionTotals', t)
  assert.deepEqual([t.inspections, t.problems, t.outcomes, t.persons], [75, 32, { announce: 41, hand_over: 2, talk: 2 }, 45])
  refused(s, await s.who.supervisor.call('POST', `/inspections/${ids[0]}/outcomes`, { kind: '移送', persons: 1, decided_on: '2025-10-20' },
    { 'idempotency-key': freshKey() }), 403, 'forbidden')
  refused(s, await s.who.accountability.call('POST', `/inspections/${ids[0]}/outcomes`, { problem: 9, kind: '移送', persons: 1, decided_on: '2025-10-20' },
    { 'idempotency-key': freshKey() }), 404, 'not_found')
  refused(s, await s.who.supervisor.call('POST', '/inspections', {
    kind: '联合', unit: s.unit.U026, place: '窗口', held_at: '2025-05-05T09:00:00+08:00', steps: '看', basis: '方案' }), 422, 'unknown_field')
  // The finding is an ordinary case whose source is known; the inspected unit sees it once it is theirs to mend, and not before.
  const row = (await s.site.sql('select channel, provider, external_id from feedback where case_id = $1', [found[0].number]))[0]
  assert.deepEqual(row, { channel: 'monitor', provider: 'inspection', external_id: `inspection:${ids[0]}` })
  refused(s, await s.who.u032.call('GET', `/inspections/${ids[2]}`), 404, 'not_found')
  await s.who.coordinator.does(found[2].number, 'assign', { unit: s.unit.U032 })
  const shown = await s.who.u032.get(`/inspections/${ids[2]}`)
  fits(s, 'Inspection', shown)
  assert.equal(shown.inspection.steps, null)
  assert.deepEqual(shown.outcomes, [])
}, { ms: 240000 })

// --- monitors ---

it('two rosters, two tracks: 42 + 28 = 70, who has not filed, and integrity for the discipline track alone', async (s) => {
  // 70 people of the staff, as `user add` makes them but in one go: only rosters and returns are looked at here.
  await s.site.sql(`insert into staff (login, name, unit_id, home_unit_id, password_hash) select 'mon' || n, '监测员', $1, $1, '!' from generate_series(1, 68) n`, [s.unit.U000])
  await s.site.sql(`with p as (insert into posts (staff_id, unit_id, title) select id, home_unit_id, '监测员' from staff where login like 'mon%' and password_hash = '!' returning id)
    insert into post_roles select id, 'monitor' from p`)
  const term = { from: '2026-01-01', to: '2027-12-31' }
  const logins = ['m1', ...Array.from({ length: 68 }, (_, i) => `mon${i + 1}`), 'm2']
  for (const [i, login] of logins.entries()) {
    const track = i < 42 ? 'business' : 'integrity'
    await posts(s, track === 'business' ? 'registry' : 'accountability', '/monitors', { track, login, enterprise: `示例企业${i + 1}号`, ...term })
  }
  refused(s, await s.who.registry.call('POST', '/monitors', { track: 'integrity', login: 'm1', enterprise: '某企业', ...term }), 403, 'forbidden')
  refused(s, await s.who.registry.call('POST', '/monitors', { track: 'business', login: 'u026', enterprise: '某企业', ...term }), 404, 'not_found')
  refused(s, await s.who.registry.call('POST', '/monitors', { track: 'business', login: 'm1', enterprise: '改名企业', ...term }), 422, 'unknown_field')
  refused(s, await s.who.registry.call('POST', '/monitors', { track: 'business', login: 'm1', enterprise: '示例企业1号', from: '2027-01-01', to: '2028-12-31' }), 422, 'unknown_field')
  await posts(s, 'registry', '/monitors', { track: 'business', login: 'm1', enterprise: '示例企业1号', from: '2028-01-01', to: '2028-12-31' })
  const roster = await s.who.accountability.get('/monitors')
  fits(s, 'MonitorList', roster)
  assert.deepEqual(roster.in_term, { business: 42, integrity: 28 })
  assert.equal(roster.monitors.length, 71) // one has a second term to come
  assert.deepEqual((await s.who.leader.get('/monitors')).in_term, { business: 42, integrity: 0 })
  refused(s, await s.who.u026.call('GET', '/monitors'), 403, 'forbidden')

  const period = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 7)
  const nothing = await posts(s, 'm1', '/monitors/returns', { track: 'business', period, text: '无' })
  fits(s, 'ReturnFiled', nothing)
  assert.equal(nothing.number, null)
  const words = { track: 'integrity', period, text: '区住建局验收人员到企业吃请并收受烟酒。' }
  const key = freshKey()
  const told = await posts(s, 'm2', '/monitors/returns', words, [201], key)
  fits(s, 'ReturnFiled', told)
  assert.match(told.receipt, /^\d{16}$/)
  assert.equal((await posts(s, 'm2', '/monitors/returns', words, [200], key)).number, told.number)
  refused(s, await s.who.m2.call('POST', '/monitors/returns', { track: 'business', period, text: '无' }, { 'idempotency-key': freshKey() }), 403, 'forbidden')
  refused(s, await s.who.m1.call('POST', '/monitors/returns', { track: 'business', period: '2199-01', text: '无' }, { 'idempotency-key': freshKey() }), 422, 'unknown_field')

  const all = await s.who.accountability.get(`/monitors/returns?period=${period}`)
  fits(s, 'ReturnList', all)
  assert.deepEqual([all.monitors, all.returns, all.missing.length], [70, 2, 68])
  assert.deepEqual(all.filed.map((f) => [f.login, f.findings]), [['m1', 0], ['m2', 1]])
  const office = await s.who.coordinator.get(`/monitors/returns?period=${period}`)
  assert.deepEqual([office.monitors, office.returns], [42, 1])
  assert.ok(office.missing.every((m) => m.track === 'business'))
  const own = await s.who.m2.get(`/monitors/returns?period=${period}`)
  assert.deepEqual([own.monitors, own.returns], [1, 1])

  // Whatever the words are: what is filed on that track is confidential.
  const plain = await posts(s, 'm2', '/monitors/returns', { track: 'integrity', period, text: '窗口排队时间比较长。' }, [201])
  assert.equal(await s.site.one('select confidential from cases where id = $1', [plain.number]), true)
  assert.equal(plain.case, null)

  // P4: from the first moment nobody but 追责问责组, in lists, searches, counts, the sheet and the events alike.
  const [row] = await s.site.sql('select confidential, state, channel from cases where id = $1', [told.number])
  assert.deepEqual(row, { confidential: true, state: 'discovered', channel: 'monitor' })
  for (const who of ['coordinator', 'supervisor', 'registry', 'leader', 'u026', 'u032', 'm1', 'm2']) {
    refused(s, await s.who[who].call('GET', `/cases/${told.number}`), 404, 'case_unknown')
    assert.equal((await s.who[who].get('/cases?q=' + told.number)).cases.length, 0)
  }
  assert.equal((await s.who.accountability.case(told.number, '核查清廉监测线索')).case.id, told.number)
  const events = await s.site.sql('select confidential from events where case_id = $1', [told.number])
  assert.ok(events.length > 0 && events.every((e) => e.confidential))
  const sheet = JSON.stringify(await s.who.accountability.get('/sheets/weekly?scope=all'))
  assert.equal(sheet.includes(`"case":${told.number}`), false)
  // A track that an open case came by is refused by the database, whatever a handler does.
  await assert.rejects(s.site.sql(`do $$ begin
    perform set_config('msd.staff', s.id::text, true), set_config('msd.post', p.id::text, true) from staff s join posts p on p.staff_id = s.id where login = 'm2';
    perform finding_link('monitor', (select id from monitors where staff_id = staff_now()), '2026-02', f.id, f.case_id, null)
      from feedback f where f.channel = 'meeting' limit 1; end $$`), { code: 'MSD41' })
}, { ms: 240000 })

// --- lists from elsewhere ---

const csv = (s, who, text, query = '') => request(`${s.gateway.url}/staff/api/v1/imports${query}`, {
  method: 'POST', body: text, headers: { ...s.who[who].headers(), origin: s.gateway.url, 'content-type': 'text/csv; charset=utf-8' }, ms: 240000 })

it('a list is judged row by row, dry first, and stored once', async (s) => {
  const file = ['外部编号,来源,内容,单位代码,事项分类,反映主体,日期,联系电话',
    'R-1,12345热线,"人民路下水道堵了,污水外溢",,,居民,2026-03-01,15412345678', 'R-2,12345热线,园区门口路灯不亮三天了,U026,,示例电子有限公司,2026-03-02,',
    'R-3,12345热线,,,,,,', 'R-4,12345热线,路面塌陷,U999,,,,', 'R-5,12345热线,路面塌陷,,0101,,,', 'R-6,12345热线,路面塌陷,,,,2026-13-01,',
    'R-1,12345热线,同号再来,,,,,', 'R-1,信访件,不同来源同号,,,,,', 'R-7,12345热线,路面塌陷,,,,,不是电话', '编号,12345热线,路面塌陷,,,,,'].join('\n')
  const before = await s.site.one('select count(*) from feedback')
  const dry = await csv(s, 'coordinator', file, '?dry_run=1')
  assert.equal(dry.status, 200, dry.text)
  fits(s, 'ImportResult', dry.json)
  assert.equal(await s.site.one('select count(*) from feedback'), before)
  assert.deepEqual(dry.json.lines.map((l) => [l.line, l.result]), [[2, 'ok'], [3, 'ok'], [4, 'refused'], [5, 'refused'], [6, 'refused'],
    [7, 'refused'], [8, 'refused'], [9, 'ok'], [10, 'refused'], [11, 'refused']])
  assert.ok(dry.json.lines.every((l) => (l.reason !== null) === (l.result === 'refused')))
  assert.match(dry.json.lines[3].reason, /单位代码/)
  assert.match(dry.json.lines[6].reason, /重复/)
  const real = await csv(s, 'coordinator', file)
  fits(s, 'ImportResult', real.json)
  assert.deepEqual([real.json.rows, real.json.stored, real.json.repeated, real.json.refused], [10, 3, 0, 7])
  assert.equal(Number(await s.site.one('select count(*) from feedback')), Number(before) + 3)
  const [first, second] = real.json.lines
  const v = await s.who.coordinator.case(second.case)
  assert.deepEqual([v.case.unit.id, v.case.state, v.case.channel], [s.unit.U026, 'assigned', 'import'])
  assert.equal(v.feedback[0].masked.includes('路灯'), true)
  const kept = (await s.site.sql(`select f.raised_by, f.ordinal, f.import_id, fb.sent_at from findings f join feedback fb on fb.id = f.feedback_id where f.case_id = $1`, [second.case]))[0]
  assert.deepEqual([kept.raised_by, kept.ordinal, Number(kept.import_id)], ['示例电子有限公司', 3, real.json.import])
  assert.equal(kept.sent_at.toISOString(), '2026-03-01T16:00:00.000Z')
  // The same file again adds nothing; a changed row under an old number is told, not swallowed.
  const again = await csv(s, 'coordinator', file)
  assert.deepEqual([again.json.stored, again.json.repeated, again.json.refused], [0, 3, 7])
  assert.equal(again.json.lines[0].case, first.case)
  assert.equal(Number(await s.site.one('select count(*) from feedback')), Number(before) + 3)
  const dryAgain = await csv(s, 'coordinator', file, '?dry_run=1')
  assert.equal(dryAgain.json.lines[0].result, 'repeated')
  const changed = await csv(s, 'coordinator', file.replace('路灯不亮三天了', '路灯不亮五天了'))
  assert.match(changed.json.lines[1].reason, /外部编号/)
  // Erased by rule: who raised it goes with the words, its place in the list stays.
  await s.site.sql(`insert into erasures (feedback_id, basis, by) select feedback_id, '个人信息保护法第四十七条', '测试' from findings where case_id = $1`, [second.case])
  assert.deepEqual(await s.site.sql('select raised_by, ordinal from findings where case_id = $1', [second.case]), [{ raised_by: null, ordinal: 3 }])
  // Who imports, and what cannot be read at all.
  refused(s, await csv(s, 'registry', file), 403, 'forbidden')
  assert.equal((await csv(s, 'registry', '外部编号,来源,内容\nQ-1,信访件,希望增加公交班次\n')).json.stored, 1)
  refused(s, await csv(s, 'u026', '外部编号,来源,内容\nQ-2,信访件,希望增加公交班次\n'), 403, 'forbidden')
  for (const [text, told] of [['外部编号,来源\nQ,信访\n', /内容/], ['外部编号,来源,内容,别的\n', /列/], ['外部编号,来源,内容\na,b\n', /第 2 行/],
    ['外部编号,来源,内容\n', /没有数据行/], ['', /表头/], ['外部编号,来源,内容\n' + 'x,来源,字\n'.repeat(2001), /2000 行/]]) {
    const a = await csv(s, 'coordinator', text)
    refused(s, a, 422, 'import_unreadable')
    assert.match(a.json.detail, told)
  }
  refused(s, await csv(s, 'coordinator', file, '?dry_run=maybe'), 422, 'unknown_field')
  const sample = await csv(s, 'coordinator', readFileSync(join(tree, 'deploy/sample-district/list.csv')), '?dry_run=1')
  assert.deepEqual([sample.json.rows, sample.json.good], [4, 4], sample.text)
})

it('2000 rows go in once, beside citizens', async (s) => {
  const rows = Array.from({ length: 2000 }, (_, i) => `B-${i},批量件,第${i}条：街边垃圾没有人清运`)
  const file = ['外部编号,来源,内容', ...rows].join('\n')
  const [a, b] = await Promise.all([csv(s, 'coordinator', file), s.gateway.api({ text: '小区门口井盖松动，请来看看。' })])
  assert.equal(a.status, 200, a.text)
  assert.deepEqual([a.json.stored, a.json.repeated, a.json.refused], [2000, 0, 0])
  assert.equal(b.status, 201)
  assert.equal(Number(await s.site.one(`select count(*) from findings where import_id = $1`, [a.json.import])), 2000)
  assert.equal((await csv(s, 'coordinator', file)).json.repeated, 2000)
}, { ms: 240000 })

it('a list too long for one answer is told so, and goes on where it stopped', async (s) => {
  const g = s.gateway
  let seconds = 2
  const hurried = await s.site.gateway({ answer_deadline: `${seconds}s` })
  const file = ['外部编号,来源,内容,单位代码', ...Array.from({ length: 600 }, (_, i) => `L-${i},长清单,第${i}条：路灯不亮需要维修,U026`)].join('\n')
  s.gateway = s.who.coordinator.gateway = hurried // its page, its origin
  let last
  await until('all rows are in', async () => {
    last = await csv(s, 'coordinator', file)
    if (last.status !== 503) {
      assert.equal(last.status, 200, last.text)
      assert.ok(last.json.lines.every((l) => l.result !== 'refused' || l.reason.includes('再次导入')))
      if (last.json.refused === 0) return true
    }
    // The rows that are in are looked at again each time: on a slow machine that alone may take the whole time.
    await hurried.stop()
    await hurried.start({ settings: { answer_deadline: `${seconds *= 2}s` } })
    return false
  }, 180000)
  s.gateway = s.who.coordinator.gateway = g
  await hurried.stop()
  const [n] = await s.site.sql(`select count(*)::integer as all, count(*) filter (where c.unit_id = $1 and c.state = 'assigned')::integer as assigned,
    count(fi.feedback_id)::integer as linked from feedback f join cases c on c.id = f.case_id left join findings fi on fi.feedback_id = f.id
    where f.channel = 'import' and f.external_id like 'L-%'`, [s.unit.U026])
  assert.deepEqual(n, { all: 600, assigned: 600, linked: 600 })
}, { ms: 240000 })

// --- the weekly sheet ---

/** The clock may act on an overdue case between a look and the act. */
const insists = (who, id, act, more) => until(`${act} on ${id}`, async () => {
  const a = await who.act(id, act, more)
  if (a.status !== 409) assert.equal(a.status, 200, a.text)
  return a.status === 200
})

it('what changed since a week before comes from the acts', async (s) => {
  const earlier = await s.site.gateway({}, { env: withClock(-8 * 24 * HOUR) })
  const then = (login) => Object.assign(new Person(earlier, login), { cookie: s.who[login].cookie, csrf: s.who[login].csrf })
  const id = await meeting(s, { kind: 'evening_talk', theme: '夜话', place: '园区广场' })
  const told = []
  for (const text of ['园区食堂周末不开门，职工没有地方吃饭。', '园区北门红绿灯时间太短，行人来不及过。', '园区充电桩坏了四个没有人修。', '园区厕所没有水。']) {
    const a = await then('coordinator').call('POST', `/meetings/${id}/problems`, { text, raised_by: '示例电子有限公司', assign_to: s.unit.U032 },
      { 'idempotency-key': freshKey() })
    assert.equal(a.status, 201, a.text)
    told.push(a.json)
  }
  const [same, moved, gone, back] = told.map((t) => t.number)
  await insists(then('u032'), back, 'sign')
  // Today: one is signed, one leaves the list, and one is new.
  await insists(s.who.u032, moved, 'sign')
  await insists(s.who.coordinator, gone, 'merge', { target: same, reason: '同一企业同一事项' })
  const fresh = (await problem(s, id, { assign_to: s.unit.U032, text: '园区停车位不够。' })).number
  const sheet = await s.who.leader.get(`/sheets/weekly?unit=${s.unit.U032}`)
  fits(s, 'WeeklySheet', sheet)
  const of = (n) => sheet.units[0].items.find((i) => i.case === n)
  assert.deepEqual([of(same).change, of(same).state_before, of(same).state], ['same', 'assigned', 'assigned'])
  assert.deepEqual([of(moved).change, of(moved).state_before, of(moved).state], ['moved', 'assigned', 'handling'])
  assert.deepEqual([of(gone).change, of(gone).state], ['left', 'merged'])
  assert.deepEqual([of(back).change, of(back).state], ['same', 'handling'])
  assert.deepEqual([of(fresh).change, of(fresh).state_before], ['new', null])
  assert.match(of(fresh).source, /园区夜话/)
  // The sheet of seven days ago, drawn up today, is the one that was.
  const day = new Date(Date.now() + 8 * 3600e3 - 7 * 864e5).toISOString().slice(0, 10)
  const old = await s.who.leader.get(`/sheets/weekly?unit=${s.unit.U032}&date=${day}`)
  const olds = Object.fromEntries(old.units[0].items.map((i) => [i.case, i]))
  assert.deepEqual([same, moved, gone, back].map((n) => [olds[n]?.change, olds[n]?.state]),
    [['new', 'assigned'], ['new', 'assigned'], ['new', 'assigned'], ['new', 'handling']])
  assert.equal(olds[fresh], undefined)
  assert.equal(olds[moved].due_at, null)
  await earlier.stop()
})

it('the sheet says what is open and what has changed since a week before, and prints', async (s) => {
  const { site, who } = s
  const now = await who.leader.get('/sheets/weekly?scope=all')
  fits(s, 'WeeklySheet', now)
  for (const { sum: t } of [...now.units, { sum: now.total }])
    assert.equal(t.open_before + t.new + t.reopened - t.closed - t.left, t.open)
  assert.equal(now.total.open, Number(await site.one(`select count(*) from cases where not confidential and state in ('discovered', 'assigned', 'handling', 'replied', 'verifying')`)))
  // Of the meetings alone: the 13 of the board are open, the 82 closed since.
  const sheet = await who.coordinator.get('/sheets/weekly')
  const items = sheet.units.flatMap((u) => u.items)
  const left = (await who.leader.get(`/meetings/board?${s.range}`)).unsolved_matters
  for (const m of left) assert.ok(items.some((i) => i.case === m.case.id && i.change === 'new' && i.state_before === null))
  assert.ok(items.filter((i) => i.change === 'closed').length >= 82)
  assert.ok(items.every((i) => i.change !== 'none'))
  // A week before, nothing of it was there.
  const past = await who.leader.get('/sheets/weekly?date=2026-01-05')
  assert.deepEqual([past.total.open, past.units.length], [0, 0])
  assert.equal((await who.leader.get(`/sheets/weekly?unit=${s.unit.U003}`)).units.length, 0)
  const units = (await who.u026.get('/sheets/weekly?scope=all')).units.map((u) => u.unit.id)
  assert.deepEqual(units, [s.unit.U026])
  refused(s, await who.leader.call('GET', '/sheets/weekly?date=2199-01-01'), 422, 'unknown_field')
  refused(s, await who.leader.call('GET', '/sheets/weekly?date=gestern'), 422, 'unknown_field')
  const pdf = await new Promise((done, no) => import('node:http').then(({ default: http }) => http.get(
    `${s.gateway.url}/staff/api/v1/sheets/weekly.pdf`, { headers: who.leader.headers() }, (res) => {
      const parts = []
      res.on('data', (p) => parts.push(p)).on('error', no).on('end', () => done({ res, body: Buffer.concat(parts) }))
    })))
  assert.equal(pdf.res.statusCode, 200)
  assert.equal(pdf.res.headers['content-type'], 'application/pdf')
  assert.match(pdf.res.headers['content-disposition'], /weekly-\d{4}-\d\d-\d\d\.pdf/)
  assert.equal(pdf.body.subarray(0, 5).toString(), '%PDF-')
  const dir = join(tree, 'tests/artefacts')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'weekly.pdf'), pdf.body)
})

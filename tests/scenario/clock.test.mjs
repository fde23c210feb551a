// The clock of the gateway over holidays (promise P7): what is due is done once, at its instant and in order, by whichever
// gateway is there; a pause ends by itself; a missing year is said, refused where a person can wait, and made up for.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, until } from './harness.mjs'
import { acts, awake, china, named, told, travel, Travel } from './clock_parts.mjs'

const time = new Travel('2026-02-10 09:30')
time.adopt()

const it = scenario(fileName(import.meta.url), { years: false }, async (s) => {
  s.time = time
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, clock_batch: 4 }, { env: time.env() })
  s.unit = Number(await s.site.unitId('U026'))
  s.desk = await s.site.person(s.gateway, 'desk', { roles: ['coordinator'] })
  s.handler = await s.site.person(s.gateway, 'u026', { unit: 'U026', roles: ['handler'] })
  s.leader = await s.site.person(s.gateway, 'u026-leader', { unit: 'U026', roles: ['unit_leader'] })
  s.category = {}
  for (const level of [1, 3, 4])
    s.category[level] = await s.site.one('select code from categories where level = $1 and not confidential order by code limit 1', [level])
})

const row = async (s, id) => (await s.site.sql('select * from cases where id = $1', [id]))[0]

/** A case of that level in the unit's hands. */
async function given(s, text, level) {
  const id = await told(s, s.gateway, text)
  await (await awake(s.desk)).does(id, 'assign', { unit: s.unit, category: s.category[level] })
  return id
}
const signed = async (s, id) => (await awake(s.handler)).does(id, 'sign')

/** What the clock did, each with the instant to which it was due: never before it, and once time came there at once. */
function assertDone(done, want) {
  assert.deepEqual(named(done), want.map((w) => w[0]))
  done.forEach((a, i) => {
    const late = a.at.getTime() - china(want[i][1])
    assert.ok(late >= 0 && late < 60000, `${named(done)[i]} at ${a.at.toISOString()}, due ${want[i][1]} China`)
  })
}

it('over 春节: reminded, urged, a yellow and a red letter drafted, each once and in its time', async (s) => {
  const id = await given(s, '文昌路的路灯坏了三天没人修，晚上走路很黑。', 3)
  await signed(s, id)
  const colour = async () => (await (await awake(s.desk)).case(id)).case.colour
  assert.equal(await colour(), 'green')
  await travel(s, '2026-02-14 17:59', s.gateway)
  assert.deepEqual(await acts(s, id, 'clock'), [])
  const seen = await s.site.one('select max(seq) from events')
  await travel(s, '2026-02-14 18:00', s.gateway)
  assert.equal(await colour(), 'yellow')
  await travel(s, '2026-02-24 23:59', s.gateway)
  assert.equal(await colour(), 'yellow')
  await travel(s, '2026-02-24 24:00', s.gateway)
  assert.equal(await colour(), 'red')
  for (const t of ['2026-02-25 23:59', '2026-02-25 24:00', '2026-03-02 23:59', '2026-03-02 24:00', '2026-03-04 12:00']) await travel(s, t, s.gateway)
  assertDone(await acts(s, id, 'clock'), [['supervise 1', '2026-02-14 18:00'], ['supervise 2', '2026-02-24 24:00'],
    ['propose 3', '2026-02-25 24:00'], ['propose 4', '2026-03-02 24:00']])

  // The row, the events and the desk are as if a person had done it.
  const c = await row(s, id)
  assert.equal(c.rung, 2)
  assert.equal(c.proposed, 4)
  assert.ok(c.flags.includes('supervised'))
  assert.equal(c.version, (await acts(s, id)).length)
  assert.equal(c.claimed_until, null)
  const told = await s.site.sql(`select kind, data from events where case_id = $1 and seq > $2 order by seq`, [id, seen])
  assert.deepEqual(told.map((e) => e.kind), Array(4).fill('case.changed'))
  assert.deepEqual(told.map((e) => e.data.rung), [1, 2, 2, 2])
  const drafts = await s.site.sql(`select l.kind, l.rung, l.state from letters l join letter_cases lc on lc.letter_id = l.id where lc.case_id = $1 order by l.id`, [id])
  assert.deepEqual(drafts.map((l) => `${l.kind} ${l.rung} ${l.state}`), ['urge 0 draft', 'supervise 3 draft', 'supervise 4 draft'])
  const lines = (await (await awake(s.desk)).case(id)).case.deadline.lines
  assert.ok(lines.includes('按2026年工作日历第1版'), lines.join('\n'))
  assert.equal(lines.at(-1), '下一步：2026-03-09 24:00 通报，由时钟拟办，由督查督办组签发')
})

it('a sign-in that is overdue is told once', async (s) => {
  time.to('2026-03-05 09:00')
  const id = await given(s, '公园健身器材损坏，孩子容易受伤。', 3)
  for (const t of ['2026-03-05 17:29', '2026-03-05 17:30', '2026-03-06 12:00']) await travel(s, t, s.gateway)
  assertDone(await acts(s, id, 'clock'), [['overdue sign', '2026-03-05 17:30']])
  assert.ok((await row(s, id)).flags.includes('late'))
  await signed(s, id)
  assert.ok(!(await row(s, id)).flags.includes('late'))
})

it('a pause ends by itself, and the deadline has moved by the working days it took', async (s) => {
  time.to('2026-03-18 09:00')
  const id = await given(s, '小区门口违章搭建影响通行。', 3)
  await signed(s, id)
  assert.equal((await row(s, id)).handling_due.getTime(), china('2026-03-25 24:00'))
  time.to('2026-03-19 09:00')
  await (await awake(s.handler)).does(id, 'pause_ask', { reason: '等鉴定', pause_cause: 'appraisal', until: '2026-04-07' })
  await (await awake(s.leader)).does(id, 'pause_grant', { reason: '同意' })
  await travel(s, '2026-03-27 09:00', s.gateway) // the ladder stands still
  assert.deepEqual(await acts(s, id, 'clock'), [])
  await travel(s, '2026-04-07 24:00', s.gateway)
  assertDone(await acts(s, id, 'clock'), [['resume', '2026-04-07 24:00']])
  const c = await row(s, id)
  assert.ok(!c.flags.includes('paused'))
  assert.equal(c.handling_due.getTime(), china('2026-04-14 24:00')) // 13 days worked, 清明 left out
  assert.equal(c.next_at.getTime(), china('2026-04-13 18:00'))
  const lines = (await (await awake(s.handler)).case(id)).case.deadline.lines
  assert.ok(lines.includes('停计：2026-03-19 09:00 至 2026-04-08 00:00，此期间不计入时限'), lines.join('\n'))
  assert.ok(!lines.some((l) => l.includes('登记在案')), lines.join('\n'))
})

it('after days of outage over 国庆 the missed steps are taken one by one, earliest first', async (s) => {
  time.to('2026-09-24 09:00')
  const id = await given(s, '河道边堆放垃圾，气味很大，请尽快清理。', 3)
  await signed(s, id)
  await s.gateway.stop()
  time.to('2026-10-15 24:00')
  await s.gateway.start({ env: time.env() })
  await until('all is caught up', async () => (await row(s, id)).proposed === 4)
  const done = await acts(s, id, 'clock')
  assert.deepEqual(named(done), ['supervise 1', 'supervise 2', 'propose 3', 'propose 4'])
  assert.deepEqual(done.map((a) => a.version), [4, 5, 6, 7])
  done.forEach((a, i) => assert.ok(i === 0 || a.at >= done[i - 1].at))
  assert.match(done[0].reason, /办理时限 2026-10-09 24:00 已用去百分之75/)
  assert.match(done[3].reason, /超过办理时限 2026-10-09 24:00 已5个工作日/)
  assert.equal((await row(s, id)).next_at.getTime(), china('2026-10-22 24:00'))
})

it('minutes run at night: an emergency nobody signs for is told after a quarter of an hour', async (s) => {
  time.to('2026-10-17 23:30') // a Saturday
  const id = await given(s, '燃气泄漏，楼道里气味很重！', 1)
  for (const t of ['2026-10-17 23:44', '2026-10-17 23:50']) await travel(s, t, s.gateway)
  assert.deepEqual(named(await acts(s, id, 'clock')), ['overdue sign'])
  await signed(s, id)
  await travel(s, '2026-10-18 01:40', s.gateway)
  assert.deepEqual(named(await acts(s, id, 'clock')), ['overdue sign', 'supervise 1', 'supervise 2'])
})

// --- a year that is not loaded ---

it('a missing year: a person is refused in words, a citizen never, and the year makes up for it', async (s) => {
  time.to('2026-12-21 09:00')
  const slow = await told(s, s.gateway, '建议在东门增设公交站台，方便老人出行。')
  await awake(s.desk)
  const a = await s.desk.act(slow, 'assign', { unit: s.unit, category: s.category[4] })
  assert.equal(a.status, 409, a.text)
  assert.equal(a.json.code, 'calendar_missing')
  assert.match(a.json.detail, /2027年.*导入2027年工作日历/)
  assert.deepEqual(named(await acts(s, slow)), ['receive'])
  assert.equal(await s.gateway.refusals('calendar_missing'), 1)

  // New Year's Eve after hours: even half a working day lies in the next year.
  time.to('2026-12-31 18:00')
  const late = await told(s, s.gateway, '路面破损，车辆绕行。')
  let c = await row(s, late)
  assert.equal(c.due_at, null)
  assert.equal(c.next_at, null)
  assert.equal(c.state, 'discovered')
  const lines = (await (await awake(s.desk)).case(late)).case.deadline.lines
  assert.ok(lines.includes('无法计算：2027年的工作日历尚未载入'), lines.join('\n'))
  assert.match(lines.at(-1), /导入2027年工作日历（mashangdu import calendar）/)

  const seen = await s.site.one('select max(seq) from events')
  const file = join(s.site.dir, 'y2027.csv')
  const days = ['2027-01-01', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08', '2027-02-09', '2027-02-10', '2027-02-11', '2027-04-05', '2027-05-01', '2027-10-01']
  writeFileSync(file, `date,kind,name\n${days.map((d) => `${d},holiday,节`).join('\n')}\n`)
  await s.site.tool('import', '--note', '国办发明电', 'calendar', file)
  await until('the deadline has come', async () => (await row(s, late)).due_at !== null)
  c = await row(s, late)
  assert.equal(c.due_at.getTime(), china('2027-01-04 17:30')) // Friday is 元旦: Monday, by the close
  assert.equal(c.next_act, 'overdue')
  assert.equal(c.version, 1) // nobody did anything
  assert.deepEqual(named(await acts(s, late)), ['receive'])
  assert.ok(Number(await s.site.one(`select count(*) from events where case_id = $1 and seq > $2 and data ? 'due_at'`, [late, seen])) >= 1)
  const after = (await s.desk.case(late)).case.deadline.lines
  assert.ok(after.some((l) => l.includes('2027年工作日历第1版')), after.join('\n'))
  assert.ok(!after.some((l) => l.includes('登记在案')), after.join('\n'))
  await s.desk.does(slow, 'assign', { unit: s.unit, category: s.category[4] })
  assert.equal((await row(s, slow)).handling_due.getTime(), china('2027-01-22 24:00'))
})

it('an older deadline keeps the version of the calendar it was counted over', async (s) => {
  time.to('2027-01-06 09:00')
  const id = await given(s, '学校门口乱停车，接送孩子很危险。', 3)
  const due = (await row(s, id)).handling_due.getTime()
  assert.equal(due, china('2027-01-13 24:00'))
  const file = join(s.site.dir, 'y2027b.csv')
  const days = ['2027-01-01', '2027-01-08', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08', '2027-02-09', '2027-02-10', '2027-02-11', '2027-04-05', '2027-05-01', '2027-10-01']
  writeFileSync(file, `date,kind,name\n${days.map((d) => `${d},holiday,节`).join('\n')}\n`)
  await travel(s, '2027-01-06 09:10', s.gateway)
  await s.site.tool('import', 'calendar', file)
  time.to('2027-01-06 09:20')
  let next
  await until('new deadlines are counted over the new version', async () => {
    next = await given(s, `广场夜间噪音扰民 ${Math.random()}`, 3)
    return (await row(s, next)).handling_due.getTime() === china('2027-01-14 24:00')
  })
  const lines = async (x) => (await s.desk.case(x)).case.deadline.lines.join('\n')
  await signed(s, id)
  await signed(s, next)
  await awake(s.desk)
  assert.match(await lines(id), /按2027年工作日历第1版/)
  assert.doesNotMatch(await lines(id), /登记在案/)
  assert.match(await lines(next), /按2027年工作日历第2版/)
  assert.equal((await row(s, id)).handling_due.getTime(), due)
})

// Many deadlines due at once and several gateways: each is fired exactly once, whoever gets it, whoever dies over it, and
// whatever a person does to the case in the same moment (promise P7).
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until } from './harness.mjs'
import { awake, look, told, Travel } from './clock_parts.mjs'

const time = new Travel('2026-03-16 09:00')
time.adopt()
const MANY = 240

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.time = time
  const settings = { auto_assign_percent: 101, clock_batch: 3, answer_deadline: '1m' }
  s.one = await s.site.gateway(settings, { env: time.env() })
  s.two = await s.site.gateway(settings, { env: time.env() })
  s.desk = await s.site.person(s.one, 'desk', { roles: ['coordinator'] })
})

async function many(s, what) {
  const ids = []
  for (let at = 0; at < MANY; at += 40)
    ids.push(...await Promise.all(Array.from({ length: 40 }, (_, i) => told(s, i % 2 ? s.one : s.two, `${what}第${at + i}件：路灯损坏，无人维修。`))))
  assert.equal(new Set(ids).size, MANY)
  return ids
}
const fired = (s, ids) => s.site.one(`select count(*)::int from acts where case_id = any ($1) and act = 'overdue'`, [ids])

/** Each of the cases has been told overdue once, in an unbroken chain of versions, and nothing is left claimed. */
async function onceEach(s, ids, others = 0) {
  const each = await s.site.sql(`select case_id, count(*)::int as n from acts where case_id = any ($1) and act = 'overdue' group by 1`, [ids])
  assert.equal(each.length, ids.length)
  assert.deepEqual(each.filter((e) => e.n !== 1), [])
  assert.equal(await s.site.one(`select count(*)::int from cases c where id = any ($1) and version <> (select count(*) from acts a where a.case_id = c.id)`, [ids]), 0)
  // A gateway that has just started computes every open case again; that changes nothing and is soon over.
  await until('nothing is left claimed', () => s.site.one(`select count(*) = 0 from cases where id = any ($1) and (claimed_until is not null or next_at is not null or not flags @> '{late}')`, [ids]), 60000)
  assert.equal(await s.site.one(`select count(*)::int from events where case_id = any ($1) and kind = 'case.changed'`, [ids]), ids.length + others)
}

it('two gateways share what is due, and each case is told once', async (s, t) => {
  const ids = await many(s, '甲')
  const count = async (g) => (await g.metrics()).get('mashangdu_clock_overdue_total')
  time.to('2026-03-16 17:31')
  await look(s, s.one, s.two)
  await until('all are told', async () => await fired(s, ids) === MANY, 120000)
  await onceEach(s, ids)
  // Counted when the answer of the database has come, a moment after it is to be seen there.
  const shares = await until('both have counted', async () => { const n = [await count(s.one), await count(s.two)]; return n[0] + n[1] >= MANY && n })
  assert.equal(shares[0] + shares[1], MANY)
  // The version check would hold alone; the claim sees to it that neither works in vain.
  for (const g of [s.one, s.two]) assert.equal((await g.metrics()).get('mashangdu_clock_conflicts_total'), 0)
  t.diagnostic(`shares of the two: ${shares.join(' and ')}`)
})

it('killed in the middle and started again: still each once', async (s, t) => {
  time.to('2026-03-17 09:00')
  const ids = await many(s, '乙')
  time.to('2026-03-17 17:31')
  await s.site.sql(`select pg_notify('msd_events', '')`)
  await until('some are told', async () => await fired(s, ids) > 20, 120000, 1)
  await s.one.kill9()
  t.diagnostic(`${MANY - await fired(s, ids)} were left when it was killed`)
  await s.one.start({ env: time.env() })
  await until('all are told', async () => await fired(s, ids) === MANY, 120000)
  await onceEach(s, ids)
})

it('both killed: who comes next takes over what they had claimed', async (s) => {
  time.to('2026-03-18 09:00')
  const ids = await many(s, '丙')
  time.to('2026-03-18 17:31')
  await s.site.sql(`select pg_notify('msd_events', '')`)
  await until('some are told', async () => await fired(s, ids) > 20, 120000, 1)
  await Promise.all([s.one.kill9(), s.two.kill9()])
  await s.two.start({ env: time.env() })
  await until('all are told', async () => await fired(s, ids) === MANY, 120000)
  await onceEach(s, ids)
  await s.one.start({ env: time.env() })
})

it('a person who acts in the same moment is told of a conflict or comes first; nothing is lost or doubled', async (s) => {
  time.to('2026-03-19 09:00')
  const ids = await many(s, '丁')
  time.to('2026-03-19 17:31')
  await awake(s.desk)
  await s.site.sql(`select pg_notify('msd_events', '')`)
  const answers = await Promise.all(ids.slice(0, 60).map((id) =>
    s.desk.call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: `核实 ${freshKey()}` })))
  for (const a of answers) assert.ok(a.status === 200 || a.json.code === 'case_changed', a.text)
  await until('all are told', async () => await fired(s, ids) === MANY, 120000)
  const notes = await s.site.one(`select count(*)::int from acts where case_id = any ($1) and act = 'note'`, [ids])
  assert.equal(notes, answers.filter((a) => a.status === 200).length)
  await onceEach(s, ids, notes)
})

it('what waits for a calendar is marked some at a time: nobody waits for all of them', async (s) => {
  const marked = () => [...s.two.text().matchAll(/computed again over the calendar" n=(\d+)/g)].map((m) => Number(m[1]))
  const before = marked().length
  await s.one.stop()
  const last = await s.site.one('select max(id) from cases')
  const keeper = s.site.db.client()
  await keeper.connect()
  try {
    await keeper.query('begin')
    await keeper.query('select from cases where id = $1 for update', [last])
    await s.two.stop()
    await s.two.start({ env: time.env() })
    // The one that waits for the last case, and how many others it keeps meanwhile.
    const kept = await until('the marking has come to the last case', async () => (await s.site.sql(
      `select count(c.id)::int as n from pg_stat_activity a left join cases c on c.xmax::text = a.backend_xid::text
       where a.wait_event_type = 'Lock' and a.query like '%''settle''%' group by a.pid`))[0])
    assert.ok(kept.n < 200, `${kept.n} cases are kept`)
  } finally {
    await keeper.end()
  }
  const n = await until('all are marked', async () => marked()[before])
  assert.ok(n >= 4 * MANY, `${n} were marked`)
  await until('all are settled', async () => await s.site.one(`select count(*)::int from cases where next_act = 'settle' and next_at is not null`) === 0)
})

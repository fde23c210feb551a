// What row-level security asks of every statement is planned once for a connection, not for each statement that asks. Counted in
// plannings and not in time: they were most of what a case that somebody opens cost the database.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario } from './harness.mjs'

const TIMES = 40
const WARM = 4 // so that the connections have met what is asked, as the tables are now

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  await site.db.leave()
  await site.db.stop()
  await site.db.start('shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track=all', 'pg_stat_statements.track_planning=on',
    'pg_stat_statements.max=5000', 'autovacuum=off')
  await site.sql('create extension pg_stat_statements')
  const gateway = await site.gateway({ auto_assign_percent: 101 })
  s.coordinator = await site.person(gateway, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.handler = await site.person(gateway, 'handler', { unit: 'U026', roles: ['handler'] })
  const [unit, plaque] = [await site.unitId('U026'), await site.plaqueNumber('U026')]
  s.file = async (i) => (await gateway.api({ text: `第${i}盏路灯坏了没人修，晚上很黑 ${freshKey('plans')}`, plaque })).json.case
  s.act = async (id, who, act, more = {}) => {
    const { version } = (await who.case(id)).case
    const r = await who.call('POST', `/cases/${id}/acts`, { act, version, ...more })
    assert.equal(r.status, 200, r.text)
  }
  s.assign = (id) => s.act(id, s.coordinator, 'assign', { unit, category: '0503' })
  s.cases = []
  for (let i = 0; i < 2 * TIMES; i++) {
    const id = await s.file(i)
    await s.assign(id)
    await s.act(id, s.handler, 'sign')
    s.cases.push(id)
  }
  await site.sql('analyze')
})

/** How often something was planned while `fn` ran for the last of `over`, among the statements that ran as often as that.
 *  which: a condition on them. */
async function plannings(s, over, fn, which = 'true') {
  for (const x of over.slice(0, WARM)) await fn(x)
  await s.site.one('select pg_stat_statements_reset()')
  for (const x of over.slice(-TIMES)) await fn(x)
  const rows = await s.site.sql(`select plans::integer, calls::integer, query from pg_stat_statements
    where calls >= $1 and ${which} order by plans desc`, [TIMES])
  assert.ok(rows.length > 4, 'so many were counted')
  return { n: rows.reduce((a, r) => a + r.plans, 0), most: rows.slice(0, 3).map((r) => `${r.plans} of ${r.calls}: ${r.query.slice(0, 120)}`).join('\n') }
}

it('a case that is opened plans nothing', async (s) => {
  for (const who of [s.coordinator, s.handler]) {
    const { n, most } = await plannings(s, s.cases, (id) => who.case(id))
    assert.ok(n < TIMES, `${n} plannings for ${TIMES} readings\n${most}`)
  }
})

it('a page of the list plans itself, and nothing for its rows', async (s) => {
  for (const who of [s.coordinator, s.handler]) {
    const { n, most } = await plannings(s, s.cases, () => who.get('/cases?limit=50'), 'not toplevel')
    assert.ok(n < TIMES, `${n} plannings for ${TIMES} pages of 50 rows\n${most}`)
  }
})

it('an act plans next to nothing', async (s) => {
  const fresh = []
  for (let i = 0; i < TIMES + WARM; i++) fresh.push(await s.file(i))
  const { n, most } = await plannings(s, fresh, s.assign)
  assert.ok(n < 2 * TIMES, `${n} plannings for ${TIMES} acts\n${most}`)
})

it('a case that is opened plans nothing where the planner would rather plan anew each time, as it does for a while when tables have grown', async (s) => {
  await s.site.sql('alter system set plan_cache_mode = force_custom_plan')
  await s.site.sql('select pg_reload_conf()')
  const { n, most } = await plannings(s, s.cases, (id) => s.coordinator.case(id), `toplevel and query !~ 'staff_enter|set_config'`)
  assert.ok(n < TIMES, `${n} plannings for ${TIMES} readings\n${most}`)
})

// Who works on a case does not wait for what the gateway does behind it, and who has to wait for somebody else is told to try
// again, with nothing stored.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from './harness.mjs'
import { at, file, people } from './callback_parts.mjs'

const COMPARING = 4711 // held: the finder of twins stays in its comparison

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const of = '(bigint[], integer, integer, integer, integer)'
  await s.site.sql(`alter function twins_candidates${of} rename to twins_candidates_now`)
  await s.site.sql(`create function twins_candidates(ids bigint[], a integer, b integer, c integer, d integer)
    returns table (case_id bigint, other_id bigint, words text, same_unit boolean, same_category boolean, near_category boolean, same_plaque boolean, other_plaque boolean, hours integer)
    language plpgsql as $$ begin
      perform pg_advisory_xact_lock_shared(${COMPARING});
      return query select * from twins_candidates_now(ids, a, b, c, d);
    end $$`)
  const settings = { auto_assign_percent: 101, db_statement_deadline: '2m', answer_deadline: '2m' }
  s.gateway = await s.site.gateway(settings)
  await people(s)
  s.one = await file(s, '桂花巷的路灯全黑三十天了，老人晚上摔了一跤，没人来修。')
})

/** Runs `fn` with a connection in whose transaction `sql` has been done; then it is rolled back. */
async function beside(s, [sql, ...values], fn) {
  const c = s.site.db.client()
  await c.connect()
  try {
    await c.query('begin')
    await c.query(sql, values)
    return await fn(c)
  } finally {
    await c.end()
  }
}
const comparing = (s) => until('the finder compares', () => s.site.one(`select exists (select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory')`))
const paired = (s, a, b) => s.site.one('select exists (select from twin_pairs where case_id = least($1::bigint, $2) and other_id = greatest($1::bigint, $2))', [a, b])

it('a case that is held against older ones is free to be worked on, and the pair is found after it', async (s) => {
  const two = await beside(s, ['select pg_advisory_xact_lock($1)', COMPARING], async (c) => {
    const two = await file(s, '桂花巷路灯全黑，30天没有人来修，有老人晚上摔跤')
    await comparing(s)
    await until('the words of the new one are kept', () => s.site.one('select exists (select from twin_texts where case_id = $1)', [two.id]))
    await c.query('select from cases where id = $1 for update nowait', [two.id])
    return two
  })
  await until('the pair is found', () => paired(s, s.one.id, two.id))
  s.two = two
})

it('one that came late is on its list until it has been compared', async (s) => {
  const { one, two } = s
  await beside(s, ['select pg_advisory_xact_lock($1)', COMPARING], async () => {
    await s.site.sql('delete from twin_pairs')
    await s.site.sql('insert into twin_late values ($1)', [two.id])
    await s.site.sql(`select pg_notify('msd_events', '')`)
    await comparing(s)
    await s.gateway.kill9()
  })
  assert.equal(await s.site.one('select count(*)::int from twin_late'), 1)
  await s.gateway.start()
  await until('the pair is found', () => paired(s, one.id, two.id))
  await until('its list is empty', async () => await s.site.one('select count(*)::int from twin_late') === 0)
})

it('somebody else keeps the case for too long: try again, nothing stored, and then it goes', async (s) => {
  const g = await s.site.gateway({ auto_assign_percent: 101, db_statement_deadline: '2s' })
  const id = s.one.id
  const refused = async () => (await g.metrics()).get('mashangdu_refusals_total{code="unavailable"}') ?? 0
  const before = await refused(), version = (await s.coordinator.case(id)).case.version
  const act = { act: 'note', version, words: '核实情况' }
  await beside(s, ['select from cases where id = $1 for update', id], async () => {
    const a = await at(g, s.coordinator).call('POST', `/cases/${id}/acts`, act)
    assert.deepEqual([a.status, a.json.code], [503, 'unavailable'], a.text)
    assert.ok(Number(a.headers['retry-after']) > 0)
  })
  assert.equal(await refused(), before + 1)
  assert.equal(await s.site.one('select version from cases where id = $1', [id]), version)
  const a = await at(g, s.coordinator).call('POST', `/cases/${id}/acts`, act)
  assert.equal(a.status, 200, a.text)
})

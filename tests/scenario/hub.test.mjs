// P9 and the one stream: two gateways on one database tell the same events in the same order; nothing is lost to late
// commits, broken connections or slow readers.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until, within } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  s.desk = await s.site.person(s.one, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.desk2 = Object.assign(Object.create(Object.getPrototypeOf(s.desk)), s.desk, { gateway: s.two }) // the same session on the other gateway
  s.disabled = await (await s.site.person(s.two, 'disabled', { unit: 'U000-02', roles: ['coordinator'] })).watch()
  await s.site.tool('user', 'disable', 'disabled')
})

const words = () => `路灯坏了半个月没人修 ${freshKey('h')}`
const head = async (s) => Number(await s.site.one('select last from event_head'))
/** The events up to the one with number `last`. */
async function collect(socket, last, ms = 30000) {
  const got = []
  do got.push(await socket.next('event', ms)); while (got.at(-1).seq < last)
  return got
}
const append = (n, data = {}, confidential = false) => [`select events_append(array_fill('case.changed'::text, array[$1::int]), array_fill(null::bigint, array[$1::int]),
  array_fill(null::int, array[$1::int]), array_fill(null::int, array[$1::int]), array_fill($3::boolean, array[$1::int]), array_fill($2::jsonb, array[$1::int])) as head`,
[n, JSON.stringify(data), confidential]]

function inOrder(events) {
  for (let i = 1; i < events.length; i++) assert.ok(events[i].seq > events[i - 1].seq, `${events[i - 1].seq} then ${events[i].seq}`)
}

it('two gateways under load show the same stream, once and in order', async (s) => {
  const start = await head(s)
  const sockets = await Promise.all([s.desk.watch(start), s.desk2.watch(start), s.desk.watch(start)])
  await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    for (let k = 0; k < 10; k++) {
      const a = await (i % 2 ? s.one : s.two).api({ text: words(), plaque: s.number })
      assert.equal(a.status, 201)
    }
  }))
  const last = await head(s)
  assert.ok(last >= start + 80)
  const streams = await Promise.all(sockets.map((w) => collect(w, last)))
  const rows = await s.site.sql('select seq::int, case_id from events where seq > $1 and not confidential order by seq', [start])
  for (const got of streams) {
    inOrder(got)
    assert.deepEqual(got.map((f) => [f.seq, String(f.case)]), rows.map((r) => [r.seq, r.case_id]))
  }
  for (const w of sockets) await w.close()
})

it('a transaction that commits late is not lost, and its number stays before the others', async (s) => {
  const start = await head(s)
  const sockets = [await s.desk.watch(start), await s.desk2.watch(start)]
  const late = s.site.db.client('mashangdu_gateway')
  await late.connect()
  await late.query('begin')
  const { rows } = await late.query(...append(2, { late: true }))
  const numbers = [Number(rows[0].head) - 1, Number(rows[0].head)]
  assert.deepEqual(numbers, [start + 1, start + 2])
  const waiting = [s.one.api({ text: words() }), s.two.api({ text: words() })]
  await until('both wait', async () => (await s.site.one(`select count(*)::int from pg_stat_activity where usename = 'mashangdu_gateway' and wait_event_type = 'Lock'`)) === 2)
  assert.equal(await head(s), start, 'nothing is visible yet')
  await late.query('commit')
  for (const p of waiting) assert.equal((await p).status, 201)
  for (const w of sockets) assert.deepEqual((await collect(w, start + 4)).map((f) => f.seq), [1, 2, 3, 4].map((i) => start + i))

  // One that is taken back leaves no hole.
  await late.query('begin')
  await late.query(...append(5))
  await late.query('rollback')
  await late.end()
  assert.equal((await s.two.api({ text: words() })).status, 201)
  for (const w of sockets) assert.deepEqual((await collect(w, start + 5)).map((f) => f.seq), [start + 5])
  for (const w of sockets) await w.close()
})

it('since: after a lost connection nothing is missed and nothing comes twice, on either gateway', async (s) => {
  let seen = await head(s)
  const start = seen
  const all = []
  for (let round = 0; round < 6; round++) {
    const w = await (round % 2 ? s.desk2 : s.desk).watch(seen)
    const load = Promise.all([s.one, s.two].map((g) => g.api({ text: words() })))
    const some = await collect(w, seen + 1)
    w.ws.terminate()
    await load
    all.push(...some)
    seen = all.at(-1).seq
  }
  const last = await head(s)
  const w = await s.desk.watch(seen)
  if (last > seen) all.push(...await collect(w, last))
  await w.close()
  inOrder(all)
  assert.deepEqual(all.map((f) => f.seq), Array.from({ length: last - start }, (_, i) => start + 1 + i))
})

it('what happens while a gateway does not listen comes later', async (s) => {
  const start = await head(s)
  const w = await s.desk.watch(start)
  for (let i = 1; i <= 3; i++) {
    const holder = s.site.db.client('mashangdu_gateway')
    await holder.connect()
    await holder.query('begin')
    await holder.query(...append(1, { i }))
    await s.site.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'mashangdu_gateway' and pid <> $1`, [holder.processID])
    await holder.query('commit')
    await holder.end()
    assert.deepEqual((await collect(w, start + i)).map((f) => f.seq), [start + i])
  }
  await w.close()
  await s.one.ready()
  await s.two.ready()
})

it('a reader that does not read is told to reload; intake and the others do not wait for it', async (s) => {
  const g = await s.site.gateway({ hub_ring: 512, ws_slow_max: '2m', ws_idle: '10m', ws_buffered_max: '4k' })
  const desk = Object.assign(Object.create(Object.getPrototypeOf(s.desk)), s.desk, { gateway: g })
  const lazy = await desk.watch()
  lazy.ws._socket.pause()
  // Far more than the sockets between us hold.
  for (let i = 0; i < 40; i++) await s.site.sql(...append(500, { filling: 'x'.repeat(400) }), 'mashangdu_gateway')
  const begin = performance.now()
  const a = await g.api({ text: words() })
  assert.equal(a.status, 201)
  assert.ok(performance.now() - begin < 5000)
  const last = await head(s)
  await until('all is read', async () => (await g.metrics()).get('mashangdu_hub_seq') >= last)
  const quick = await desk.watch()
  const told = collect(quick, last + 1)
  await s.site.sql(...append(1, {}), 'mashangdu_gateway')
  await within('the quick one is told', told, 10000)
  assert.ok((await g.metrics()).get('mashangdu_hub_sent_total') < 20000, 'the lazy one was not sent everything')
  lazy.ws._socket.resume()
  // As often as it is told to: the first reload may have been written when there was still more to come.
  let [next, reloads] = [undefined, 0]
  while (!next) {
    await lazy.next('reload', 30000)
    for (reloads++; lazy.frames.some((f) => f.type === 'reload'); reloads++) await lazy.next('reload')
    lazy.frames.length = 0
    lazy.send({ type: 'subscribe', since: await head(s) })
    await s.site.sql(...append(1, { after: reloads }), 'mashangdu_gateway')
    const f = await lazy.next((f) => f.type === 'reload' || f.data?.after === reloads, 30000)
    if (f.type === 'event') next = f
    else lazy.frames.unshift(f)
  }
  assert.ok(reloads >= 1)
  assert.equal((await g.metrics()).get('mashangdu_hub_reloads_total'), reloads)
  // One that comes back from long ago is told at once.
  const old = await desk.watch(1)
  assert.ok((await old.next('reload')).seq >= next.seq)
  // And one that claims to have seen what has not happened.
  const future = await desk.watch(next.seq + 1000000)
  await future.next('reload')
  for (const w of [lazy, quick, old, future]) await w.close()
  await g.stop()
})

it('a session that ended closes its socket with 4401 and opens none', async (s) => {
  const p = await s.site.person(s.one, 'leaving', { unit: 'U000-02', roles: ['coordinator'] })
  const w = await p.watch()
  const other = await s.desk.watch()
  assert.equal((await p.call('DELETE', '/session')).status, 204)
  assert.equal(await within('the socket is closed', w.closed, 5000), 4401)
  const again = await p.dashboard()
  assert.equal(await within('closed at once', again.closed, 5000), 4401)
  await other.close()
  // A person who was disabled meanwhile is told by the look that every gateway takes once a minute.
  assert.equal(await within('the socket of a disabled person is closed', s.disabled.closed, 70000), 4401)
})

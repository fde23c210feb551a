// P9 and the one stream: two gateways on one database tell the same events in the same order; nothing is lost to late
// commits, broken connections or slow readers.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until, within } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  // What the finder of pairs and bursts tells would stand between the events that are counted here: it has seen all there will be.
  await s.site.sql(`update twin_mark set make = 2 /* MINHASH_MAKE: else all is read anew */, seq = 9000000000000000000, bursts_at = 'infinity', causes_at = 'infinity'`)
  const settings = { auto_assign_percent: 101, db_statement_deadline: '1m', answer_deadline: '1m' } // some calls wait here for what this file does
  s.one = await s.site.gateway(settings)
  s.two = await s.site.gateway(settings)
  s.number = await s.site.plaqueNumber('U003')
  s.desk = await s.site.person(s.one, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.desk2 = Object.assign(Object.create(Object.getPrototypeOf(s.desk)), s.desk, { gateway: s.two }) // the same session on the other gateway
  s.disabled = await (await s.site.person(s.two, 'disabled', { unit: 'U000-02', roles: ['coordinator'] })).watch()
  await s.site.tool('user', 'disable', 'disabled')
})

const words = () => `路灯坏了半个月没人修 ${freshKey('h')}`
const head = async (s) => Number(await s.site.one('select last from event_head'))
/** The events up to the one with number `last`. */
async function collect(socket, last, ms = 60000) {
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
  const rows = await s.site.sql('select seq::int, case_id from events where seq > $1 and seq <= $2 and not confidential order by seq', [start, last])
  for (const got of streams) {
    inOrder(got)
    assert.deepEqual(got.map((f) => [f.seq, String(f.case)]), rows.map((r) => [r.seq, r.case_id]))
  }
  for (const w of sockets) await w.close()
})

it('lines on which nothing is said cost nothing', async (s) => {
  const start = await head(s)
  const lines = await Promise.all([s.desk.watch(), s.desk.watch()])
  const asked = async () => (await s.one.metrics()).get('mashangdu_web{what="ws_asked"}')
  const event = async () => { // everything before it is through then
    const seq = (await s.site.sql(...append(1)))[0].head
    for (const line of lines) await line.next((f) => f.seq >= seq)
  }
  await event()
  const before = await asked()
  for (let i = 0; i < 200; i++) assert.equal((await s.one.get('/')).status, 200)
  await event()
  const n = await asked() - before
  assert.ok(n >= 4 && n < 40, `asked ${n} times for one event`) // and for a ping, should its time have come
  assert.ok(await head(s) >= start + 2)
  for (const line of lines) await line.close()
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
  const waiting = [s.one.api({ text: words() }, { ms: 60000 }), s.two.api({ text: words() }, { ms: 60000 })]
  await until('both wait', async () => (await s.site.one(`select count(*)::int from pg_stat_activity where usename = 'mashangdu_gateway' and wait_event_type = 'Lock'`)) >= 2)
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
  const a = await g.api({ text: words() }) // before the lazy one reads again
  assert.equal(a.status, 201)
  const last = await head(s)
  await until('all is read', async () => (await g.metrics()).get('mashangdu_hub_seq') >= last)
  const quick = await desk.watch()
  const told = collect(quick, last + 1)
  await s.site.sql(...append(1, {}), 'mashangdu_gateway')
  await within('the quick one is told', told, 60000)
  assert.ok((await g.metrics()).get('mashangdu_hub_sent_total') < 20000, 'the lazy one was not sent everything')
  lazy.ws._socket.resume()
  // As often as it is told to: the first reload may have been written when there was still more to come.
  let [next, reloads] = [undefined, 0]
  while (!next) {
    await lazy.next('reload')
    for (reloads++; lazy.frames.some((f) => f.type === 'reload'); reloads++) await lazy.next('reload')
    lazy.frames.length = 0
    lazy.send({ type: 'subscribe', since: await head(s) })
    await s.site.sql(...append(1, { after: reloads }), 'mashangdu_gateway')
    const f = await lazy.next((f) => f.type === 'reload' || f.data?.after === reloads)
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

it('presence: who has a case open is told to those who have it open and may see it, over all gateways, and to nobody else', async (s) => {
  const { site } = s
  const unit = { mine: await site.unitId('U026'), other: await site.unitId('U003') }
  const people = { supervisor: ['U000-03', ['supervisor'], s.two], handler: ['U026', ['handler'], s.one], stranger: ['U003', ['handler'], s.two], officer: ['U000-04', ['accountability'], s.one] }
  for (const [login, [code, roles, gateway]] of Object.entries(people)) s[login] = await site.person(gateway, login, { unit: code, roles, name: login })
  const id = Number((await s.one.api({ text: words() })).json.case)
  await s.desk.does(id, 'assign', { unit: unit.mine, category: '0503' })
  const [desk, supervisor, handler, stranger] = await Promise.all([s.desk, s.supervisor, s.handler, s.stranger].map((p) => p.watch()))
  const says = (w, doing, of = id) => w.send(doing === 'leave' ? { type: 'leave' } : { type: 'presence', case: of, doing })
  /** The next frame of presence that says exactly this: {name: doing}. */
  const told = (w, who, of = id) => w.next((f) => f.type === 'presence' && f.case === of && JSON.stringify(Object.fromEntries(f.who.map((x) => [x.name, x.doing]))) === JSON.stringify(who))
  says(desk, 'look')
  await told(desk, {})
  says(supervisor, 'look')
  await told(supervisor, { 测试岗位: 'look' })
  await told(desk, { supervisor: 'look' })
  says(supervisor, 'write')
  await told(desk, { supervisor: 'write' })
  says(handler, 'look')
  await told(handler, { supervisor: 'write', 测试岗位: 'look' })
  await told(desk, { supervisor: 'write', handler: 'look' })
  // Whoever may not see the case hears of nobody, and nobody of them.
  says(stranger, 'write')
  await told(stranger, {})
  assert.equal(await site.one('select count(*)::int from presence where case_id = $1', [id]), 3)
  // Once it goes to another unit, the one it leaves is out of the picture, and the new one in it.
  await s.handler.does(id, 'return_ask', { reason: '不属于本单位职责', legal_ground: '《城市管理执法办法》第八条' })
  await s.desk.does(id, 'return_grant', { reason: '同意' })
  await s.desk.does(id, 'assign', { unit: unit.other, category: '0503' })
  await told(handler, {})
  handler.frames.length = 0
  await told(desk, { supervisor: 'write' })
  says(stranger, 'look')
  await told(stranger, { supervisor: 'write', 测试岗位: 'look' })
  // A socket that breaks takes its person along, whatever gateway it was on.
  supervisor.ws.terminate()
  await told(desk, { stranger: 'look' })
  says(stranger, 'leave')
  await told(desk, {})
  assert.ok(!handler.frames.some((f) => f.type === 'presence' && f.who.length), 'nothing more was told to the unit that lost it')

  // A report: the unit it names, and officers who have not said why they look.
  const report = Number((await s.one.api({ text: `城管局一名工作人员索要好处费 ${freshKey('h')}`, nature: 'report' })).json.case)
  const officer = await s.officer.watch()
  await site.sql(`update cases set about_unit_id = $2 where id = $1`, [report, unit.mine]).catch(() => {})
  for (const w of [desk, handler, officer]) {
    says(w, 'write', report)
    await told(w, {}, report)
  }
  assert.equal(await site.one('select count(*)::int from presence where case_id = $1', [report]), 0)
  await s.officer.case(report, '核查线索')
  says(officer, 'write', report)
  await told(officer, {}, report)
  assert.equal(await site.one('select count(*)::int from presence where case_id = $1', [report]), 1)
  assert.equal(desk.frames.concat(handler.frames, stranger.frames).filter((f) => f.case === report && (f.type === 'event' || f.who.length)).length, 0)

  // What is no frame ends the socket; what is said too often is put off, and its last word counts.
  for (let i = 0; i < 60; i++) says(desk, i % 2 ? 'write' : 'look')
  await until('the last word', async () => (await site.one('select doing from presence where case_id = $1', [id])) === 'write')
  assert.ok((await s.one.metrics()).get('mashangdu_presence_put_off_total') >= 1)
  desk.send({ type: 'presence', case: id, doing: 'sleep' })
  assert.equal(await within('closed', desk.closed, 60000), 1008)
  await until('nobody is left', async () => (await site.one(`select count(*)::int from presence where case_id = $1`, [id])) === 0)
  for (let i = 0; i < 300; i++) stranger.send({ type: 'pong' })
  assert.equal(await within('closed', stranger.closed, 60000), 1008)
  // What a gateway that died left behind goes with the next beat of any other.
  await site.sql(`insert into presence (gateway, socket, case_id, staff_id, doing, until) values (1, 1, $1, $2, 'write', now() - interval '1 second')`, [report, s.officer.staff.id])
  await site.one('select presence_keep(2, $1)', [[]])
  assert.equal(await site.one('select count(*)::int from presence where gateway = 1'), 0)
  for (const w of [handler, officer]) await w.close()
})

it('what is no case: the office hears that something changed, a unit only of its own, and nobody hears what', async (s) => {
  const { site } = s
  const chief = await site.person(s.one, 'chief', { unit: 'U026', roles: ['unit_leader'] })
  const registry = await site.person(s.one, 'registry', { unit: 'U000-01', roles: ['registry'] })
  const keeper = await site.person(s.one, 'keeper', { unit: 'U000', roles: ['security'] })
  const [own, office, other, system] = await Promise.all([chief, s.desk, s.stranger, keeper].map((p) => p.watch()))
  const of = (w, kind) => w.frames.filter((f) => f.type === 'event' && f.kind === kind)
  const at = new Date().toISOString()
  const steps = [
    ['desk.publications', chief, '/publications', { kind: 'affairs', unit: await site.unitId('U026'), title: '便民服务时间', words: '周一至周五全天开放，节假日值班。' }, [own, office]],
    ['desk.inspections', s.supervisor, '/inspections', { kind: 'covert', unit: await site.unitId('U003'), place: '大厅', held_at: at, steps: '一看二问三核', basis: '年度督查计划' }, [office]],
    ['desk.meetings', registry, '/meetings', { kind: 'theme_day', held_at: at, place: '园区', theme: '用工', host_unit: await site.unitId('U003'), participants: [] }, [office]],
  ]
  for (const [kind, person, path, body, hears] of steps) {
    const a = await person.call('POST', path, body)
    assert.ok(a.status < 300, `${path}: ${a.status} ${a.text}`)
    for (const w of hears) assert.deepEqual((await w.next((f) => f.kind === kind)).data, {})
  }
  await site.tool('user', 'disable', 'registry')
  await system.next((f) => f.kind === 'desk.people')
  // One more that everybody hears: what came before it has come.
  await site.sql(`update units set name = name where code = 'U026'`)
  for (const w of [own, office, other, system]) await w.next((f) => f.kind === 'desk.register')
  for (const [kind, , , , hears] of steps) for (const w of [own, office, other, system]) if (!hears.includes(w)) assert.equal(of(w, kind).length, 0, kind)
  for (const w of [own, office, other]) assert.equal(of(w, 'desk.people').length, 0)
  // Many rows in one transaction are one event.
  const before = await head(s)
  await site.sql(`update units set name = name where kind = 'unit'`)
  assert.equal(await site.one(`select count(*)::int from events where seq > $1 and kind = 'desk.register'`, [before]), 1)
  for (const w of [own, office, other, system]) await w.close()
})

it('a session that ended closes its socket with 4401 and opens none', async (s) => {
  const p = await s.site.person(s.one, 'leaving', { unit: 'U000-02', roles: ['coordinator'] })
  const w = await p.watch()
  const other = await s.desk.watch()
  assert.equal((await p.call('DELETE', '/session')).status, 204)
  assert.equal(await within('the socket is closed', w.closed, 60000), 4401)
  const again = await p.dashboard()
  assert.equal(await within('closed at once', again.closed, 60000), 4401)
  await other.close()
  // A person who was disabled meanwhile is told by the look that every gateway takes once a minute.
  assert.equal(await within('the socket of a disabled person is closed', s.disabled.closed, 150000), 4401)
})

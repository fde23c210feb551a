// The outbox never loses and never nags: pauses and ceilings, limits over two gateways, urgent first, quiet hours and opt-outs, what
// happens when a provider is slow, broken, out of money or silent, receipts in any order, and what a person can do about it.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after } from 'node:test'
import { fileName, freshKey, pause, request, scenario, until } from './harness.mjs'
import { Provider, report } from './provider.mjs'

let numbers = 0
const settings = { outbox_retry_first: '40ms', outbox_retry_max: '400ms', outbox_errors: 3, outbox_tries: 4, outbox_deadline: '30s', outbox_parallel: 4, outbox_balance_every: '1s',
  sms_quiet: 'none', log_every: '1h' }
const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.admin = await s.site.person(s.one, 'wangguan', { roles: ['admin'] })
  s.desk = await s.site.person(s.one, 'diaodu', { roles: ['coordinator', 'accountability'] })
})

/** A door with a provider of its own, known to both gateways. */
async function door(s, name, knobs, ...more) {
  const provider = await Provider.open(knobs)
  const d = await s.site.smsDoor(s.one, name, provider.url, ...more)
  await until('the second gateway knows the door', async () => (await request(`${s.two.url}${d.path}/dlr`)).status !== 403)
  return Object.assign(d, { provider })
}
/** Somebody writes; the row of the answer that is owed. */
async function owe(s, d, gateway = s.one) {
  const text = `门口路灯不亮 ${freshKey()}`, from = `+86154${String(++numbers).padStart(8, '0')}`
  assert.equal((await gateway.smsPost(d, { text, from })).status, 200)
  const row = await until('owed', async () => (await s.site.sql('select o.* from outbox o join feedback f on f.id = o.feedback_id where f.words = $1', [text]))[0])
  return { id: row.id, from }
}
const row = async (s, id) => (await s.site.sql('select * from outbox where id = $1', [id]))[0]
const reaches = (s, id, state) => until(`${id} is ${state}`, async () => { const r = await row(s, id); return r.state === state && r })
const shut = (s, d) => s.site.sql(`insert into channel_state (channel, closed_until) values ($1, now() + interval '1 hour')
  on conflict (channel) do update set closed_until = excluded.closed_until`, [d.name])
const open = (s, d) => s.site.sql(`with x as (update channel_state set closed_until = now() where channel = $1 returning 1) select pg_notify('msd_outbox', '') from x`, [d.name])
const alarms = async (s, d) => (await s.site.sql('select kind from channel_alarms where channel = $1 order by kind', [d.name])).map((r) => r.kind)
const set = (s, d, ...words) => s.site.tool('channel', 'set', d.name, ...words.flatMap((w) => ['--set', w]))
const tool = (s, ...words) => s.site.tool('outbox', ...words)

it('a provider that is away is asked again with growing pauses; then the message is a dead letter that explains itself', async (s) => {
  const d = await door(s, 'dead-one', { status: 503, body: 'Temporal failure, try again later.' })
  const { id } = await owe(s, d)
  const dead = await reaches(s, id, 'dead')
  assert.equal(d.provider.requests.length, 4, 'outbox_tries')
  assert.equal(dead.tries, 4)
  assert.ok(dead.body, 'its words stay, so that it can go again')
  const at = d.provider.requests.map((r) => r.at)
  for (let i = 1; i < 4; i++) assert.ok(at[i] - at[i - 1] >= 30 * 2 ** (i - 1) * 0.9, 'three quarters of a doubling pause at the least')
  assert.deepEqual(await alarms(s, d), ['errors'], 'three in a row')

  const list = await tool(s, 'list', '--channel', 'dead-one', '--state', 'dead')
  assert.match(list, new RegExp(`^${id} `, 'm'))
  const shown = await tool(s, 'show', id)
  assert.match(shown, /^state=dead$/m)
  assert.match(shown, /^tries=4$/m)
  assert.match(shown, /^last_error=Kannel asks to try again later$/m)
  assert.match(shown, /^advice=.*redrive/m)
  assert.doesNotMatch(list + shown, /154\d{8}|回执码|示例区/, 'neither number nor words')

  d.provider.knobs = {}
  assert.match(await tool(s, 'redrive', id), new RegExp(`^${id} due$`, 'm'))
  await reaches(s, id, 'sent')
  assert.equal(d.provider.taken.get(id), 1)
  await until('the alarm is over', async () => (await alarms(s, d)).length === 0)
  const [note] = await s.site.sql(`select * from audit_log where action = 'outbox_redrive'`)
  assert.deepEqual([note.staff_id, note.detail.ids.map(String), note.detail.tool], [null, [id], true])
})

it('Retry-After is honoured; "too fast" slows the whole channel and costs no try', async (s) => {
  const d = await door(s, 'rated', (q, n) => (n < 6 ? { status: 429, body: '' } : {}), 'parallel=1')
  const first = await owe(s, d)
  const sent = await reaches(s, first.id, 'sent')
  assert.equal(sent.slowed, 6)
  assert.equal(sent.tries, 7, 'more than outbox_tries, for these do not count')
  d.provider.knobs = (q, n) => (n === 7 ? { status: 429, body: '', retryAfter: 10 } : {})
  const before = Date.now()
  const [a, b] = [await owe(s, d), await owe(s, d)]
  const slowed = await until('slowed', async () => (await s.site.sql('select * from channel_state where channel = $1 and slowed > 0', [d.name]))[0])
  assert.ok(slowed.closed_until - before >= 10000, 'as long as the provider asked')
  assert.deepEqual(await alarms(s, d), ['rate'])
  await Promise.all([a, b].map((r) => reaches(s, r.id, 'sent')))
  assert.ok(d.provider.requests[8].at - d.provider.requests[7].at > 9000, 'neither message went before')
  assert.deepEqual(await alarms(s, d), [])
})

it('rate and parallel hold over both gateways together', async (s) => {
  let let_go
  const d = await door(s, 'limited', () => ({ hold: new Promise((done) => { let_go = let_go ?? []; let_go.push(done) }) }), 'parallel=3')
  await shut(s, d)
  const rows = []
  for (let i = 0; i < 12; i++) rows.push(await owe(s, d, i % 2 ? s.one : s.two))
  await open(s, d)
  const done = until('all are sent', async () => {
    for (const go of (let_go ?? []).splice(0)) setTimeout(go, 30)
    return (await s.site.one(`select count(*)::int from outbox where channel = $1 and state = 'sent'`, [d.name])) === 12
  })
  await done
  assert.equal(d.provider.most, 3)
  assert.equal(d.provider.requests.length, 12)

  const r = await door(s, 'paced', {}, 'rate=10', 'parallel=8')
  await shut(s, r)
  for (let i = 0; i < 16; i++) await owe(s, r, i % 2 ? s.one : s.two)
  const opened = performance.now() // not the first one's arrival: that may be noticed late
  await open(s, r)
  await until('all are sent', async () => (await s.site.one(`select count(*)::int from outbox where channel = $1 and state = 'sent'`, [r.name])) === 16)
  const took = r.provider.requests[15].at - opened
  assert.ok(took > 1400, `sixteen at ten a second take a second and a half: ${took}`)
})

it('a channel that never answers holds up no other', async (s) => {
  let release
  const held = new Promise((done) => { release = done })
  const slow = await door(s, 'slow', { hold: held }), quick = await door(s, 'quick', {})
  await shut(s, slow)
  const rows = []
  for (let i = 0; i < 40; i++) rows.push(await owe(s, slow))
  await open(s, slow)
  await until('its room is taken', () => slow.provider.now === 4)
  const { id } = await owe(s, quick)
  await reaches(s, id, 'sent')
  assert.ok(slow.provider.now > 0 && slow.provider.requests.length < 40, 'while the other still waits')
  release()
  slow.provider.knobs = {}
  await until('the slow one goes on', async () => (await s.site.one(`select count(*)::int from outbox where channel = 'slow' and state in ('due', 'claimed')`)) === 0)
  assert.equal(slow.provider.twice, 0)
})

it('urgent first; surveys wait for the morning, urgent ones never; who opted out is held', async (s) => {
  const china = new Date(Date.now() + 8 * 3600e3), hour = (h) => `${String((china.getUTCHours() + h + 24) % 24).padStart(2, '0')}:30`
  const d = await door(s, 'night', {}, 'parallel=1', `quiet=${hour(-2)}-${hour(3)}`)
  await shut(s, d)
  const [plain, survey, urgent, urgentSurvey, optedOut] = [await owe(s, d), await owe(s, d), await owe(s, d), await owe(s, d), await owe(s, d)]
  await s.site.sql(`update outbox set purpose = 'survey' where id = any ($1)`, [[survey.id, urgentSurvey.id, optedOut.id]])
  await s.site.sql('update outbox set urgent = true where id = any ($1)', [[urgent.id, urgentSurvey.id, optedOut.id]])
  const person = await s.site.one('select recipient_hash from outbox where id = $1', [optedOut.id])
  assert.equal(person?.length, 32)
  if (await s.site.one(`select to_regclass('message_people') is not null`)) await s.site.sql('insert into message_people (person, opted_out_at) values ($1, now())', [person])
  else await s.site.sql(`create or replace function outbox_declined(person bytea) returns boolean language sql stable as $$ select person = '\\x${person.toString('hex')}'::bytea $$`)
  await open(s, d)
  await reaches(s, plain.id, 'sent')
  assert.deepEqual(d.provider.requests.map((r) => r.ref), [urgent.id, urgentSurvey.id, plain.id], 'the urgent ones in front, in their order')
  const held = await reaches(s, optedOut.id, 'held')
  assert.equal(held.body, null)
  const waits = await until('the survey waits', async () => { const r = await row(s, survey.id); return r.due_at > Date.now() + 3600e3 && r })
  assert.deepEqual([waits.state, waits.tries], ['due', 0])
  const end = new Date(waits.due_at.getTime() + 8 * 3600e3)
  assert.equal(`${String(end.getUTCHours()).padStart(2, '0')}:${String(end.getUTCMinutes()).padStart(2, '0')}`, hour(3), 'until the quiet ends')
})

it('an unknown outcome waits for its receipt, then for a person; never sent again by itself', async (s) => {
  const d = await door(s, 'silent', { reset: 'after' })
  const [a, b, c] = [await owe(s, d), await owe(s, d), await owe(s, d)]
  for (const x of [a, b, c]) await reaches(s, x.id, 'unknown')
  assert.equal((await request(report(d.provider.to(a.from)[0], 1))).status, 200)
  assert.equal((await reaches(s, a.id, 'delivered')).body, null, 'settled by its receipt')
  await s.site.sql(`update outbox set changed_at = now() - interval '25 hours' where id = any ($1)`, [[b.id, c.id]]) // outbox_patience
  await until('a person must decide', async () => (await row(s, b.id)).decide)
  await until('and is told', async () => (await alarms(s, d)).includes('decide'))
  assert.equal(d.provider.requests.length, 3)
  const list = await tool(s, 'list', '--state', 'decide')
  assert.match(list, new RegExp(`^${b.id} `, 'm'))
  assert.match(await tool(s, 'show', b.id), /^advice=.*--even-unknown/m)
  await assert.rejects(tool(s, 'redrive', b.id), /unknown/)
  assert.equal((await row(s, b.id)).state, 'unknown')
  d.provider.knobs = {}
  await tool(s, 'redrive', b.id, '--even-unknown')
  await reaches(s, b.id, 'sent')
  assert.match(await tool(s, 'drop', c.id), new RegExp(`^${c.id} dropped$`, 'm'))
  const dropped = await row(s, c.id)
  assert.deepEqual([dropped.state, dropped.body], ['dropped', null])
  await until('nobody has to decide any more', async () => !(await alarms(s, d)).includes('decide'))
})

it('receipts in any order: forward only, never out of a final state', async (s) => {
  const d = await door(s, 'receipts', {})
  const cases = [ // state, reports as Kannel's bits, what becomes of it
    ['sent', [8, 1], 'delivered'], ['sent', [1, 8], 'delivered'], ['sent', [1, 2], 'delivered'], ['sent', [2, 1], 'failed'], ['sent', [2, 8], 'failed'],
    ['claimed', [1], 'delivered'], ['claimed', [8], 'sent'], ['claimed', [2], 'failed'], ['unknown', [8], 'sent'], ['unknown', [2], 'failed'], ['unknown', [1, 1, 1], 'delivered'],
    ['due', [1], 'delivered'], ['due', [2], 'due'], ['due', [8], 'due'], ['dead', [1], 'delivered'], ['dead', [2], 'dead'], ['dropped', [1], 'dropped'],
    ['failed', [1], 'failed'], ['delivered', [2], 'delivered'], ['held', [1], 'held'],
  ]
  await shut(s, d)
  const url = (ref, bits, id) => `${s.one.url}${d.path}/dlr?ref=${ref}&d=${bits}&F=${id}&A=&T=&p=&P=`
  let id = 900
  for (const [state, reports, want] of cases) {
    await s.site.sql(`insert into outbox (id, created_at, channel, recipient, body, dedupe_key, state, due_at, claimed_until) values
      ($1, now(), $2, 'x', 'x', $3, $4, now(), now() + interval '1 hour')`, [++id, d.name, `case:${id}`, state])
    for (const bits of reports) assert.equal((await request(url(id, bits, `f${id}`))).status, 200)
    assert.equal((await row(s, id)).state, want, `${state} and ${reports}`)
  }
  // Taken over by another channel: the first one's good news settles it, its bad news were known.
  await s.site.sql(`insert into outbox (id, created_at, channel, first_channel, recipient, dedupe_key, state, due_at) select x, now(), 'other', $1, 'x', 'moved:' || x, 'sent', now()
    from unnest(array[981, 982]) x`, [d.name])
  assert.equal((await request(url(981, 2, 'f981'))).status, 200)
  assert.equal((await request(url(982, 1, 'f982'))).status, 200)
  assert.deepEqual([(await row(s, 981)).state, (await row(s, 982)).state], ['sent', 'delivered'])
  // Before the answer that tells the id.
  assert.equal((await request(url('', 1, 'early-1'))).status, 200)
  assert.equal(await s.site.one('select count(*)::int from outbox_early'), 1)
  await s.site.sql(`insert into outbox (id, created_at, channel, recipient, dedupe_key, state, due_at, provider_id) values (990, now(), $1, 'x', 'early', 'sent', now(), 'early-1')`, [d.name])
  await reaches(s, 990, 'delivered')
  await until('and is forgotten', async () => (await s.site.one('select count(*)::int from outbox_early')) === 0)
  // Somebody else's channel cannot speak of it.
  const other = await door(s, 'stranger', {})
  await s.site.sql(`insert into outbox (id, created_at, channel, recipient, dedupe_key, state, due_at) values (991, now(), $1, 'x', 'strange', 'sent', now())`, [d.name])
  assert.equal((await request(`${s.one.url}${other.path}/dlr?ref=991&d=1&F=x&A=&T=&p=&P=`)).status, 200)
  assert.equal((await row(s, 991)).state, 'sent')
  await s.site.sql('update outbox set state = \'dropped\' where id between 900 and 999')
})

it('fail-over: refused settings, failures in a row and a disabled channel send through the other; the reference stays', async (s) => {
  const second = await door(s, 'second', {}), d = await door(s, 'first', { status: 401, body: '' }, 'fallback=second')
  const watch = { admin: await s.admin.watch(), desk: await s.desk.watch() }
  const a = await owe(s, d)
  const moved = await reaches(s, a.id, 'sent')
  assert.deepEqual([moved.channel, moved.first_channel], ['second', 'first'])
  assert.equal(second.provider.taken.get(a.id), 1)
  assert.equal(d.provider.requests[0].ref, a.id, 'the same reference')
  assert.deepEqual(await alarms(s, d), ['settings'])
  const told = await watch.admin.next((f) => f.type === 'event' && f.kind === 'channel.alarm' && f.data.channel === 'first')
  assert.deepEqual(told.data, { channel: 'first', alarm: 'settings', on: true })
  const m = await until('the gauge', async () => { const x = await s.one.metrics(); return x.get('mashangdu_channel_alarm{type="kannel",alarm="settings"}') >= 1 && x })
  assert.ok([...m.keys()].some((k) => k.startsWith('mashangdu_outbox_oldest_seconds{type="kannel"}')))

  // The first one's receipt for what it had taken all the same.
  d.provider.knobs = { status: 503, body: '' }
  const b = await owe(s, d)
  await reaches(s, b.id, 'sent')
  assert.equal((await row(s, b.id)).first_channel, 'first')
  assert.equal((await request(`${s.one.url}${d.path}/dlr?ref=${b.id}&d=1&F=x&A=&T=&p=&P=`)).status, 200)
  await reaches(s, b.id, 'delivered')

  // Well again: a message at a time finds out, and all go the first way.
  d.provider.knobs = {}
  await until('the first is used again', async () => { const x = await owe(s, d); const r = await reaches(s, x.id, 'sent'); return r.channel === 'first' })
  await until('no alarm', async () => (await alarms(s, d)).length === 0)
  assert.deepEqual((await watch.admin.next((f) => f.type === 'event' && f.data?.channel === 'first' && f.data.alarm === 'settings' && !f.data.on)).data.channel, 'first')

  // Switched off with messages due.
  await shut(s, d)
  const c = await owe(s, d)
  await s.site.tool('channel', 'disable', 'first')
  const off = await reaches(s, c.id, 'sent')
  assert.equal(off.channel, 'second')

  assert.equal(watch.desk.frames.filter((f) => f.kind === 'channel.alarm').length, 0, 'of no concern to the desk')
  const said = () => (s.one.text() + s.two.text()).split('\n').filter((l) => /a channel needs a person/.test(l) && /channel=first alarm=settings/.test(l))
  await until('it is said', () => said().length > 0)
  assert.equal(said().length, 1, 'said once')
  await watch.admin.close()
  await watch.desk.close()
})

it('without another channel a broken one pauses: few messages are burnt, the rest waits and goes later', async (s) => {
  const d = await door(s, 'burnt', { status: 401, body: '' }, 'retry_first=30s', 'retry_max=30s', 'parallel=1')
  await shut(s, d)
  const rows = []
  for (let i = 0; i < 10; i++) rows.push(await owe(s, d))
  await open(s, d)
  await until('it pauses', async () => (await alarms(s, d)).includes('errors'))
  assert.equal(d.provider.requests.length, 3, 'outbox_errors')
  assert.equal(await s.site.one(`select count(*)::int from outbox where channel = 'burnt' and state = 'due'`), 7)
  d.provider.knobs = {}
  await open(s, d)
  await until('the rest has gone', async () => (await s.site.one(`select count(*)::int from outbox where channel = 'burnt' and state = 'sent'`)) === 7)
  const listed = await tool(s, 'redrive', '--channel', 'burnt', '--state', 'dead')
  assert.equal(listed.trim().split('\n').filter((l) => / due$/.test(l)).length, 3)
  await until('all have gone', async () => (await s.site.one(`select count(*)::int from outbox where channel = 'burnt' and state = 'sent'`)) === 10)
})

it('of a channel that is off: what another takes over waits for it, the rest is given up after a while', async (s) => {
  const spare = await door(s, 'stand-in', {}), off = await door(s, 'switched-off', {}, 'fallback=stand-in'), alone = await door(s, 'alone', {})
  for (const d of [off, alone]) await shut(s, d)
  await s.site.sql(`insert into channel_state (channel, failures) values ('stand-in', 99) on conflict (channel) do update set failures = 99`) // it takes nothing over yet
  const waits = await owe(s, off), lost = await owe(s, alone)
  for (const d of [off, alone]) await s.site.tool('channel', 'disable', d.name)
  await s.site.sql(`update outbox set due_at = now() - interval '25 hours' where id = any ($1)`, [[waits.id, lost.id]]) // outbox_patience
  const third = await s.site.gateway() // looks at once
  assert.equal((await reaches(s, lost.id, 'dead')).cause, 'channel')
  assert.deepEqual([(await row(s, waits.id)).state, (await row(s, waits.id)).channel], ['due', 'switched-off'])
  await third.stop()
  await s.site.sql(`update channel_state set failures = 0 where channel = 'stand-in'`)
  await open(s, spare)
  assert.equal((await reaches(s, waits.id, 'sent')).channel, 'stand-in')
})

it('what cannot be opened is a dead letter; a channel is switched off by the gateway with a note', async (s) => {
  const d = await door(s, 'sealed', {})
  await s.site.sql(`insert into outbox (id, created_at, channel, recipient, body, body_form, dedupe_key, state, due_at) values (1000, now(), $1, 'x', 'x', 1, 'sealed', 'due', now())`, [d.name])
  assert.match((await reaches(s, 1000, 'dead')).last_error, /another key/)
  assert.equal(d.provider.requests.length, 0)
  // Who answers 410 and when: scenario notices.
  assert.equal(await s.site.one(`select channel_off('sealed', 'test')`, [], 'mashangdu_gateway'), true)
  assert.equal(await s.site.one(`select active from channels where name = 'sealed'`), false)
  assert.equal(await s.site.one(`select detail->>'channel' from audit_log where action = 'channel_off'`), 'sealed')
  assert.equal(await s.site.one(`select channel_off('sealed', 'test')`, [], 'mashangdu_gateway'), false, 'once')
})

it('the balance is asked for, by one gateway at a time; little of it is an alarm that ends when it is topped up', async (s) => {
  let left = 5, asked = 0
  const account = http.createServer((req, res) => {
    if (req.url.endsWith('/v2/user/get.json')) asked++
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ balance: left }))
  })
  await new Promise((done) => account.listen(0, '127.0.0.1', done))
  after(() => { account.closeAllConnections(); account.close() })
  await s.site.tool('channel', 'add', 'account', '--type', 'yunpian', ...['apikey=0123456789abcdef0123456789abcdef', `api_url=http://127.0.0.1:${account.address().port}`, 'balance_low=10'].flatMap((x) => ['--set', x]))
  await until('too little', async () => (await alarms(s, { name: 'account' })).includes('balance'))
  assert.equal(await s.site.one(`select balance from channel_state where channel = 'account'`), 5)
  await until('it is said', () => /a channel needs a person" channel=account alarm=balance/.test(s.one.text() + s.two.text()))
  left = 50
  await until('topped up', async () => (await alarms(s, { name: 'account' })).length === 0 && await s.site.one(`select balance from channel_state where channel = 'account'`) === 50)
  assert.ok(asked >= 2)
  await s.site.tool('channel', 'disable', 'account')
})

it('a gateway that is asked to stop stores what became of its sendings', async (s) => {
  let release
  const d = await door(s, 'stopping', { hold: new Promise((done) => { release = done }) }), third = await s.site.gateway()
  for (const g of [s.one, s.two]) await g.stop()
  const url = third.url
  await until('the third knows the door', async () => (await request(`${url}${d.path}/dlr`)).status !== 403)
  const { id } = await owe(s, d, third)
  await until('it is on its way', () => d.provider.now === 1)
  const stopped = third.stop()
  await until('it is stopping', () => /stopping: no new work/.test(third.text()))
  release()
  await stopped
  assert.equal((await row(s, id)).state, 'sent')
  await s.one.start()
  await s.two.start()
})

it('a claim whose gateway was killed is unknown, not due', async (s) => {
  let release
  const d = await door(s, 'killed', { hold: new Promise((done) => { release = done }) }), third = await s.site.gateway()
  for (const g of [s.one, s.two]) await g.stop()
  await until('the third knows the door', async () => (await request(`${third.url}${d.path}/dlr`)).status !== 403)
  const { id } = await owe(s, d, third)
  await until('it is on its way', () => d.provider.now === 1)
  await third.kill9()
  release()
  await s.site.sql(`update outbox set claimed_until = now() where id = $1`, [id])
  await s.one.start()
  await s.two.start()
  const r = await reaches(s, id, 'unknown')
  assert.equal(r.cause, 'claim')
  assert.equal(d.provider.requests.length, 1)
})

it('only an administrator sees the outbox; nobody sees numbers or words; what is old is emptied', async (s) => {
  const client = s.site.db.client('mashangdu_gateway')
  await client.connect()
  const as = async (person, sql) => {
    await client.query('begin')
    try {
      await client.query(`select set_config('msd.staff', $1, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true)`, [String(person.staff.id)])
      await client.query('set local role mashangdu_staff')
      return (await client.query(sql)).rows
    } finally {
      await client.query('rollback')
    }
  }
  const rows = await as(s.admin, `select * from outbox_list(null, null, null, null, 5)`)
  assert.equal(rows.length, 5)
  assert.ok(!Object.keys(rows[0]).some((k) => /recipient|body|case|feedback|dedupe/.test(k)))
  assert.ok((await as(s.admin, 'select * from outbox_counts()')).length > 0)
  assert.ok((await as(s.admin, 'select * from outbox_channels()')).some((r) => r.channel === 'burnt'))
  for (const call of ['outbox_list(null, null, null, null, 5)', 'outbox_counts()', 'outbox_channels()', `outbox_redrive('{1}', false, null)`, `outbox_drop('{1}')`]) {
    await assert.rejects(as(s.desk, `select * from ${call}`), { code: 'MSD70' })
    await assert.rejects(client.query(`select * from ${call}`), { code: /MSD70|42501/ })
  }
  await assert.rejects(as(s.admin, 'select * from outbox'), { code: '42501' })
  await client.end()

  const d = await door(s, 'old', { status: 400, body: '' })
  const { id } = await owe(s, d)
  await reaches(s, id, 'dead')
  await s.site.sql(`update outbox set changed_at = now() - interval '31 days' where id = $1`, [id])
  await s.one.stop()
  await s.one.start() // it looks after old rows when it starts, then seldom
  const emptied = await until('emptied', async () => { const r = await row(s, id); return r.body === null && r })
  assert.equal(emptied.recipient.length, 0)
  await assert.rejects(tool(s, 'redrive', id), /empty/)
  assert.match(await tool(s, 'show', id), /^advice=its words are gone/m)
})

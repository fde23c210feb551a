// Committed events on their way out: subscribers who check every signature by themselves, mailboxes on a strict server, nobody told of
// what is secret, and exactly one message for each event whatever the gateways go through.
import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileName, freshKey, pause, scenario, tree, until } from './harness.mjs'
import { start as mailServer } from '../smtp_peer.mjs'

const WORD = '暗语枇杷', PHONE = '15412349876'

// --- a receiver that believes nothing ---

/** Standard Webhooks 1.0, with node's own means. */
function verified(secrets, headers, body, now = Date.now() / 1000) {
  const id = headers['webhook-id'], stamp = headers['webhook-timestamp']
  assert.match(id, /^msg_[0-9-]+$/)
  assert.match(stamp, /^\d{10}$/)
  assert.ok(Math.abs(now - Number(stamp)) < 300)
  const given = headers['webhook-signature'].split(' ').map((s) => s.match(/^v1,([A-Za-z0-9+/]{43}=)$/)[1])
  const right = secrets.map((s) => createHmac('sha256', Buffer.from(s.replace(/^whsec_/, ''), 'base64')).update(`${id}.${stamp}.`).update(body).digest())
  return right.map((r) => given.some((g) => timingSafeEqual(Buffer.from(g, 'base64'), r)))
}

/** The formats of data as docs/webhooks.md gives them to receivers; only what stands there is looked at. */
const formats = Object.fromEntries([...readFileSync(join(tree, 'docs/webhooks.md'), 'utf8').matchAll(/^```json\n(\{.*?^\})\n```$/gms)].map((m) => JSON.parse(m[1])).map((f) => [f.$id, f]))
function fits(format, value, where) {
  const type = value === null ? 'null' : typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
  if (format.type) assert.ok([format.type].flat().includes(type), `${where} is ${type}`)
  if (format.enum) assert.ok(format.enum.includes(value), `${where} is ${value}`)
  if (format.pattern) assert.match(value, new RegExp(format.pattern))
  if (format.minimum !== undefined) assert.ok(value >= format.minimum && value <= (format.maximum ?? Infinity), `${where} is ${value}`)
  if (format.format && value !== null) assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, where)
  if (type !== 'object') return
  assert.deepEqual(Object.keys(value), format.required, where)
  for (const [name, member] of Object.entries(value)) fits(format.properties[name], member, `${where}.${name}`)
}

class Receiver {
  constructor() {
    this.got = []       // what was accepted, or answered as `answer` says
    this.faults = []
    this.secrets = {}   // path -> secrets of which one must be right
    this.known = {}     // path -> a promise: its secret is known; who is told sooner waits for it
    this.answer = {}    // path -> (request, n) => [status, headers] | 'cut'
  }

  static async open() {
    const r = new Receiver()
    r.server = http.createServer((req, res) => {
      const parts = []
      req.on('data', (p) => parts.push(p)).on('end', async () => { await r.known[req.url]; r.take(req, Buffer.concat(parts), res) })
    })
    await new Promise((done) => { r.server.listen(0, '127.0.0.1', done) })
    r.url = `http://127.0.0.1:${r.server.address().port}`
    return r
  }

  take(req, body, res) {
    try {
      const { headers, url } = req
      assert.equal(req.method, 'POST')
      const right = verified(this.secrets[url] ?? [], headers, body)
      assert.ok(right.some(Boolean), 'no signature is right')
      const binary = headers['ce-specversion'] !== undefined
      assert.equal(headers['content-type'], binary ? 'application/json; charset=utf-8' : 'application/cloudevents+json; charset=utf-8')
      const e = JSON.parse(body)
      const ce = binary ? { id: headers['ce-id'], type: headers['ce-type'], source: headers['ce-source'], subject: headers['ce-subject'], time: headers['ce-time'], data: e } : e
      if (!binary) {
        assert.deepEqual(Object.keys(e), ['specversion', 'id', 'source', 'type', ...(e.subject ? ['subject'] : []), 'time', 'datacontenttype', 'dataschema', 'data'])
        assert.equal(e.specversion, '1.0')
        assert.equal(e.datacontenttype, 'application/json')
        fits(formats[e.dataschema], e.data, e.type)
      }
      assert.equal(ce.id, headers['webhook-id'])
      assert.match(ce.type, /^cn\.mashangdu\.(test|[a-z]+\.[a-z_]+)$/)
      assert.ok(Number.isFinite(Date.parse(ce.time)))
      const n = this.got.filter((g) => g.path === url && g.id === ce.id).length + 1
      this.got.push({ path: url, id: ce.id, kind: ce.type.replace('cn.mashangdu.', ''), subject: ce.subject, data: ce.data, right, stamp: headers['webhook-timestamp'], raw: body.toString('utf8') })
      const how = this.answer[url]?.(this.got.at(-1), n) ?? [204, {}]
      if (how === 'cut') req.socket.destroy()
      else res.writeHead(how[0], how[1]).end()
    } catch (fault) {
      this.faults.push(fault)
      res.writeHead(400).end()
    }
  }

  of(path, subject) { return this.got.filter((g) => g.path === path && (subject === undefined || g.subject === subject)) }
}

async function subscribe(s, name, path, ...settings) {
  let known
  s.receiver.known[path] = new Promise((done) => { known = done })
  const out = await s.site.tool('channel', 'add', name, '--type', 'webhook', ...[`url=${s.receiver.url}${path}`, 'plain_http=yes', 'retry_first=100ms', 'retry_max=1s', ...settings].flatMap((x) => ['--set', x]))
  const secret = out.match(/^secret=(whsec_\S+)$/m)[1]
  assert.equal(Buffer.from(secret.slice(6), 'base64').length, 32)
  s.receiver.secrets[path] = [secret]
  known()
  return secret
}

const rows = (s, channel) => s.site.sql('select id, state, tries, last_error, dedupe_key, event, purpose from outbox where channel = $1 order by id', [channel])
const settled = (s, channel) => until(`${channel} is told of everything`, async () => {
  const [r] = await s.site.sql(`select r.last >= h.last as whole, (select count(*)::int from outbox o where o.channel = $1 and o.state in ('due', 'claimed')) as open
    from notice_runs r, event_head h where r.channel = $1 and r.upto is null`, [channel])
  return r.whole && r.open === 0
}, 120000) // what a gateway that was killed had claimed comes back after half a minute

async function report(s, gateway, text = '路灯坏了半个月没人修', more = {}) {
  const a = await gateway.api({ text: `${text} ${freshKey('n')}`, plaque: s.number, ...more })
  assert.equal(a.status, 201, a.text)
  return until('the case is there', () => s.site.one('select case_id from feedback order by received_at desc, id desc limit 1'))
}

const it = scenario(fileName(import.meta.url), { settings: { webhook_private: 'yes', log_every: '1h' } }, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  s.receiver = await Receiver.open()
  s.site.atEnd.push(() => { s.receiver.server.closeAllConnections(); s.receiver.server.close() })
  s.desk = await s.site.person(s.one, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.handler = await s.site.person(s.one, 'handler', { unit: 'U003', roles: ['handler'] })
})

it('a new subscriber hears of what happens from now on, in events that stand the strictest look', async (s) => {
  const before = await report(s, s.one)
  await subscribe(s, 'sub-all', '/all')
  const c = await report(s, s.one)
  await until('it is told', () => s.receiver.of('/all', c).length > 0)
  const state = await s.site.one('select state from cases where id = $1', [c])
  if (state === 'discovered') await s.desk.does(c, 'assign', { unit: Number(await s.site.unitId('U003')) })
  await s.handler.does(c, 'sign')
  await until('the signature is told', () => s.receiver.of('/all', c).some((g) => g.kind === 'case.signed'))
  await settled(s, 'sub-all')
  assert.deepEqual(s.receiver.faults, [])
  assert.deepEqual(s.receiver.of('/all', c).map((g) => g.kind).sort(), ['case.assigned', 'case.opened', 'case.signed'])
  assert.equal(s.receiver.of('/all', before).length, 0, 'not what was before')
  const signed = s.receiver.of('/all', c).find((g) => g.kind === 'case.signed')
  assert.deepEqual(Object.keys(signed.data), ['number', 'act', 'state', 'nature', 'level', 'urgency', 'category', 'unit', 'channel', 'round', 'rung', 'paused', 'supervised',
    'opened_at', 'due_at', 'due_clock', 'link'])
  assert.equal(signed.data.number, c)
  assert.equal(signed.data.act, 'sign')
  assert.equal(signed.data.unit.code, 'U003')
  assert.match(signed.data.link, new RegExp(`/staff/cases/${c}$`))
  assert.equal(new Set(s.receiver.of('/all').map((g) => g.id)).size, s.receiver.of('/all').length, 'each once')
})

it('who tries a channel reaches the subscriber, signed and in its own format', async (s) => {
  await subscribe(s, 'sub-tried', '/tried')
  const out = await s.site.tool('channel', 'test', 'sub-tried')
  assert.match(out, /^state=(sent|delivered)$/m)
  const admin = await s.site.person(s.one, 'trier', { roles: ['admin'] })
  await until('this gateway knows the subscriber too', async () => (await admin.get('/channels')).channels.find((c) => c.name === 'sub-tried')?.sends)
  assert.equal((await admin.call('POST', '/channels/sub-tried/test', {})).status, 200)
  await until('both are there', () => s.receiver.of('/tried').filter((g) => g.kind === 'test').length === 2)
  assert.deepEqual(s.receiver.of('/tried').filter((g) => g.kind === 'test').map((g) => g.data), [{ test: true }, { test: true }])
  assert.deepEqual(s.receiver.faults, [])
})

it('ratings, letters and alarms are told in their own formats; a letter behind a report is not', async (s) => {
  const { site, one } = s
  assert.equal((await one.api({ rating: 5, nature: 'rate', plaque: s.number })).status, 201)
  await until('the rating', () => s.receiver.of('/all').some((g) => g.kind === 'feedback.rated'))
  const rated = s.receiver.of('/all').find((g) => g.kind === 'feedback.rated')
  assert.equal(rated.data.rating, 5)
  assert.equal(rated.data.unit.code, 'U003')

  const supervisor = await site.person(one, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  const supervisor2 = await site.person(one, 'supervisor2', { unit: 'U000-03', roles: ['supervisor'] })
  const registry = await site.person(one, 'registry', { unit: 'U000-01', roles: ['registry'] })
  const c = await report(s, one)
  if ((await site.one('select state from cases where id = $1', [c])) === 'discovered') await s.desk.does(c, 'assign', { unit: Number(await site.unitId('U003')) })
  const drafted = await supervisor.call('POST', '/letters', { kind: 'supervise', rung: 4, cases: [Number(c)] })
  assert.equal(drafted.status, 200, drafted.text)
  const { id } = drafted.json.letter
  let { version } = drafted.json.letter
  for (const [who, act] of [[registry, 'check'], [supervisor2, 'sign'], [registry, 'deliver']]) {
    const a = await who.call('POST', `/letters/${id}/acts`, { act, version })
    assert.equal(a.status, 200, `${act}: ${a.text}`)
    version = a.json.letter.version
  }
  await until('the letter is delivered', () => s.receiver.of('/all').some((g) => g.kind === 'letter.delivered'))
  await settled(s, 'sub-all') // they are sent beside each other
  const letters = s.receiver.of('/all').filter((g) => g.kind.startsWith('letter.'))
  assert.deepEqual(letters.map((g) => g.kind).sort(), ['letter.delivered', 'letter.signed'], 'drafts are nobody else\'s affair')
  const delivered = letters.find((g) => g.kind === 'letter.delivered')
  assert.match(delivered.subject, /督函〔\d{4}〕1号$/)
  assert.deepEqual([delivered.data.letter, delivered.data.rung, delivered.data.unit.code, delivered.data.serial], ['supervise', 'red', 'U003', delivered.subject])
  await until('the rung is told', () => s.receiver.of('/all', c).some((g) => g.kind === 'case.supervised' && g.data.rung === 'red'))
  assert.deepEqual(s.receiver.faults, [])
})

it('binary mode, chosen kinds and units', async (s) => {
  await subscribe(s, 'sub-binary', '/binary', 'mode=binary', 'events=case.opened')
  await subscribe(s, 'sub-unit', '/unit', 'events=case.*', 'units=U010')
  const c = await report(s, s.two)
  await until('it is told', () => s.receiver.of('/binary', c).length > 0)
  await settled(s, 'sub-binary')
  await settled(s, 'sub-unit')
  assert.deepEqual(s.receiver.of('/binary').map((g) => g.kind), ['case.opened'])
  assert.deepEqual(s.receiver.of('/unit'), [], 'of another unit')
  assert.deepEqual(s.receiver.faults, [])
})

it('nobody is told of a report, a held allegation or a confidential case, nor a word or a number of anybody', async (s) => {
  const mail = await mailServer()
  s.site.atEnd.push(() => mail.close())
  await s.site.tool('channel', 'add', 'mail-all', '--type', 'mail', ...[`server=${mail.url}`, 'tls=optional', 'from=gateway@example.org', 'to=good@example.org', 'events=*'].flatMap((x) => ['--set', x]))
  const start = await s.site.one('select last from event_head')
  const secret = await report(s, s.one, `我要举报窗口人员收红包 ${WORD}`, { nature: 'report', contact: PHONE })
  const named = await report(s, s.one, `城管局工作人员索要好处费，违规收钱 ${WORD}`, { nature: 'complain' })
  const open = await report(s, s.one, `路灯坏了 ${WORD} 电话${PHONE}`)
  const hidden = (await s.site.sql(`select id from cases where (confidential or held or nature = 'report') and id = any ($1)`, [[secret, named, open]])).map((r) => r.id)
  assert.ok(hidden.includes(secret))
  // Danger is told whatever it stands in, without a word of it: that somebody has to look.
  const danger = await report(s, s.one, `窗口队长收了红包，现在隔壁着火了有人被困 ${WORD}`, { nature: 'complain' })
  const [{ level, confidential }] = await s.site.sql('select level, confidential from cases where id = $1', [danger])
  assert.deepEqual([level, confidential], [1, true])
  hidden.push(danger)
  await until('the open case is told', () => hidden.includes(open) || s.receiver.of('/all', open).length > 0)
  for (const ch of ['sub-all', 'mail-all']) await settled(s, ch)
  assert.ok(Number(await s.site.one('select last from event_head')) > Number(start))
  const said = JSON.stringify(s.receiver.got) + mail.mails.map((m) => m.text + Buffer.from(m.text.split('\r\n\r\n').slice(1).join('').replace(/\s/g, ''), 'base64').toString('utf8')).join('\n')
  for (const id of hidden) assert.ok(!said.includes(`"${id}"`) && !said.includes(`办件 ${id}`) && !said.includes(`/cases/${id}`), `case ${id} is told`)
  assert.ok(!said.includes(WORD) && !said.includes(PHONE), 'words or a number went out')
  assert.equal(Number(await s.site.one(`select count(*) from outbox where channel = 'mail-all' and case_id = any ($1)`, [hidden])), 0)
  const duty = s.receiver.of('/all').filter((g) => g.kind === 'case.duty')
  assert.deepEqual(duty.map((g) => [g.subject, g.data.level, Object.keys(g.data)]), [[undefined, 1, ['level', 'link']]])
  assert.equal(Number(await s.site.one(`select count(*) from outbox where channel = 'mail-all' and dedupe_key like '%:case.duty:%' and state in ('sent', 'delivered')`)), 1)
  // A clerk who sees the danger that the router did not tells the duty group too.
  const raised = await report(s, s.one, '幸福路的井盖松了')
  if (Number(await s.site.one('select level from cases where id = $1 and state = \'discovered\'', [raised])) > 1) {
    await s.desk.does(raised, 'assign', { unit: Number(await s.site.unitId('U003')), urgency: '特急' })
    await until('the duty group is told', () => s.receiver.of('/all', raised).some((g) => g.kind === 'case.urgent'))
  }
  await s.site.tool('channel', 'disable', 'mail-all')
  assert.deepEqual(mail.faults, [])
})

it('a receiver that fails, is slow or cuts the line gets the same id again until it has taken it', async (s) => {
  await subscribe(s, 'sub-ill', '/ill', 'events=case.opened')
  s.receiver.answer['/ill'] = (g, n) => (n === 1 ? [503, { 'retry-after': '1' }] : n === 2 ? 'cut' : n === 3 ? [500, {}] : [200, {}])
  const c = await report(s, s.one)
  await until('it was taken at the fourth try', () => s.receiver.of('/ill', c).length === 4, 60000)
  await settled(s, 'sub-ill')
  const tries = s.receiver.of('/ill', c)
  assert.equal(new Set(tries.map((g) => g.id)).size, 1)
  assert.equal(new Set(tries.map((g) => g.raw)).size, 1, 'the very same event')
  assert.ok(Number(tries[1].stamp) > Number(tries[0].stamp), 'Retry-After was kept, and the time is that of the try')
  assert.deepEqual((await rows(s, 'sub-ill')).map((r) => [r.state, r.tries]), [['sent', 4]])
})

it('a redirect is not followed', async (s) => {
  await subscribe(s, 'sub-moved', '/moved', 'events=case.opened')
  s.receiver.secrets['/elsewhere'] = s.receiver.secrets['/moved']
  s.receiver.answer['/moved'] = () => [307, { location: `${s.receiver.url}/elsewhere` }]
  await report(s, s.one)
  await until('it is given up', async () => (await rows(s, 'sub-moved')).some((r) => r.state === 'dead'))
  assert.match((await rows(s, 'sub-moved'))[0].last_error, /redirect/)
  assert.equal(s.receiver.of('/elsewhere').length, 0)
  await until('the others hear of the alarm', () => s.receiver.of('/all').some((g) => g.kind === 'channel.alarm' && g.data.channel === 'sub-moved' && g.data.on))
  await s.site.tool('channel', 'disable', 'sub-moved')
})

it('410 switches the channel off; on again it hears from then on', async (s) => {
  await subscribe(s, 'sub-gone', '/gone', 'events=case.opened')
  let gone = true
  s.receiver.answer['/gone'] = () => (gone ? [410, {}] : [200, {}])
  await report(s, s.one)
  await until('it is off', async () => (await s.site.one(`select active from channels where name = 'sub-gone'`)) === false)
  const missed = await report(s, s.one)
  gone = false
  await s.site.tool('channel', 'enable', 'sub-gone')
  const heard = await report(s, s.one)
  await until('it hears again', () => s.receiver.of('/gone', heard).length > 0)
  assert.equal(s.receiver.of('/gone', missed).length, 0)
  await s.site.tool('channel', 'disable', 'sub-gone')
})

it('while a key is rotated both sign', async (s) => {
  const [old] = s.receiver.secrets['/all']
  const out = await s.site.tool('channel', 'rotate-key', 'sub-all', '--keep', '1')
  const fresh = out.match(/secret=(whsec_\S+)/)[1]
  assert.notEqual(fresh, old)
  s.receiver.secrets['/all'] = [old, fresh]
  const c = await until('two signatures', async () => {
    const id = await report(s, s.one)
    await until('it is told', () => s.receiver.of('/all', id).length > 0)
    return s.receiver.of('/all', id)[0].right.every(Boolean) && id
  })
  assert.deepEqual(s.receiver.of('/all', c)[0].right, [true, true])
})

it('a replay tells the same ids once more, as often as it is asked for, and not what has become confidential', async (s) => {
  const later = await report(s, s.one, '有件事想说一下，不太方便细说')
  assert.equal(await s.site.one('select state from cases where id = $1', [later]), 'discovered', 'the router leaves it to a person')
  await until('it is told while it is open', () => s.receiver.of('/all', later).length > 0)
  const [{ code, unit }] = await s.site.sql('select code, default_unit_id as unit from categories where confidential and default_unit_id is not null order by code limit 1')
  const accountability = await s.site.person(s.one, 'accountability', { unit: 'U000-04', roles: ['accountability'] })
  await accountability.does(later, 'assign', { unit, category: code }, { reason: '线索核查' })
  assert.equal(await s.site.one('select confidential from cases where id = $1', [later]), true)
  await settled(s, 'sub-all')
  assert.deepEqual(s.receiver.of('/all', later).map((g) => g.kind), ['case.opened'])
  const before = s.receiver.of('/all')
  const ids = [...new Set(before.filter((g) => g.subject !== later).map((g) => g.id))].sort()
  const head = Number(await s.site.one('select last from event_head'))
  await assert.rejects(s.site.tool('channel', 'replay', 'sub-all', '--from', String(head + 100000)), /nothing happened/)
  await assert.rejects(s.site.tool('channel', 'replay', 'sub-all', '--from', 'yesterday'), /number or a time/)
  await assert.rejects(s.site.tool('channel', 'replay', 'mail-all', '--from', '1'), /no subscriber/)
  for (let k = 1; k <= 2; k++) {
    const from = s.receiver.got.length
    const out = await s.site.tool('channel', 'replay', 'sub-all', '--from', k === 1 ? '1' : '2020-01-01')
    assert.match(out, /^replay=\d+ from=1 to=\d+$/m)
    await until('it has ended', async () => (await s.site.one(`select count(*)::int from notice_runs where channel = 'sub-all' and upto is not null and ended_at is not null`)) === k)
    await settled(s, 'sub-all')
    const again = s.receiver.got.slice(from).filter((g) => g.path === '/all')
    assert.ok(ids.every((id) => again.some((g) => g.id === id)), 'all of before are there again')
    assert.ok(!again.some((g) => g.subject === later || g.raw.includes(`"${later}"`)), 'but what has become confidential is not')
    const told = again.filter((g) => ids.includes(g.id)) // what happens meanwhile is told as it happens and in the replay
    assert.equal(new Set(told.map((g) => g.id)).size, told.length, 'each once in a replay')
    for (const g of again) {
      const first = before.find((b) => b.id === g.id)
      if (first) assert.equal(g.raw, first.raw, 'the very same event')
    }
  }
  assert.deepEqual(s.receiver.faults, [])
})

it('two gateways, one of them killed and one restarted, owe each event exactly once', async (s) => {
  await subscribe(s, 'sub-load', '/load', 'events=case.opened', 'parallel=8')
  const start = await s.site.one('select last from event_head')
  let stop = false, stored = 0
  const load = Promise.all([s.one, s.two].map(async (g) => {
    while (!stop) {
      // Not far ahead of what is told: while a claim of the killed one runs out it would pile up, for every subscriber.
      if (stored > s.receiver.of('/load').length + 40) { await pause(20); continue }
      try { stored += (await g.api({ text: `路灯坏了 ${freshKey('l')}`, plaque: s.number })).status === 201 } catch { await pause(20) }
    }
  }))
  await until('some are told', () => s.receiver.of('/load').length > 20, 120000)
  await s.two.kill9()
  await s.two.start()
  await until('more are told', () => s.receiver.of('/load').length > 60, 120000)
  await s.one.stop()
  await s.one.start()
  await until('many are told', () => s.receiver.of('/load').length > 100, 120000)
  stop = true
  await load
  await settled(s, 'sub-load')
  const want = (await s.site.sql(`select 'event:' || e.seq || ':case.opened:sub-load' as key from events e join cases c on c.id = e.case_id
    where e.seq > $1 and e.kind = 'case.opened' and not e.confidential and not c.held order by e.seq`, [start])).map((r) => r.key)
  const got = await rows(s, 'sub-load')
  assert.deepEqual(got.map((r) => r.dedupe_key).sort(), want.sort(), 'one row for each event')
  assert.ok(want.length > 100)
  await until('every claim has run out', async () => (await rows(s, 'sub-load')).every((r) => r.state === 'sent'), 120000)
  assert.equal(new Set(s.receiver.of('/load').map((g) => g.id)).size, want.length, 'and every one arrived')
  assert.deepEqual(s.receiver.faults, [])
}, { ms: 400000 })

it('mails: taken, put off, refused, wrong password, and never again when nobody knows', async (s) => {
  const mail = await mailServer()
  s.site.atEnd.push(() => mail.close())
  const add = (name, to, ...more) => s.site.tool('channel', 'add', name, '--type', 'mail', ...[`server=${mail.url}`, 'tls=optional', 'from=gateway@example.org', 'from_name=示例区',
    `to=${to}@example.org`, 'events=case.assigned', 'retry_first=100ms', 'retry_max=1s', ...more].flatMap((x) => ['--set', x]))
  await add('mail-good', 'login', 'username=tester', 'password=geheim 密码')
  await add('mail-later', 'later')
  await add('mail-nobody', 'nobody')
  await add('mail-wrong', 'login', 'username=tester', 'password=falsch')
  await add('mail-cut', 'cutfinal')
  const c = await report(s, s.one)
  if ((await s.site.one('select state from cases where id = $1', [c])) === 'discovered') await s.desk.does(c, 'assign', { unit: Number(await s.site.unitId('U003')) })
  const state = async (name) => (await rows(s, name)).map((r) => r.state).join()
  await until('taken', async () => (await state('mail-good')) === 'sent')
  await until('taken at the second try', async () => (await state('mail-later')) === 'sent')
  await until('refused', async () => (await state('mail-nobody')) === 'dead')
  await until('the password is wrong', async () => (await state('mail-wrong')) === 'dead')
  await until('nobody knows', async () => (await state('mail-cut')) === 'unknown')
  const whole = mail.mails.find((m) => m.how === 'login')
  assert.equal(whole.from, 'gateway@example.org')
  assert.ok(whole.signedIn)
  const [head, body] = [whole.text.slice(0, whole.text.indexOf('\r\n\r\n')), whole.text.slice(whole.text.indexOf('\r\n\r\n') + 4)]
  const words = Buffer.from(body.replace(/\s/g, ''), 'base64').toString('utf8')
  assert.match(words, new RegExp(`^办件 ${c}（L\\d .+）新交办，承办单位：.+，签收时限：\\d{4}-.*。\\r\\nhttp.*/staff/cases/${c}$`))
  assert.match(head, /^Auto-Submitted: auto-generated$/m)
  assert.match(head, /^Message-ID: <msg_\d+@example\.org>$/m)
  const subject = head.replace(/\r\n /g, '').match(/^Subject: (.*)$/m)[1].split(/(?<=\?=)/).map((w) => Buffer.from(w.match(/=\?UTF-8\?B\?(.*)\?=/)[1], 'base64').toString('utf8')).join('')
  assert.equal(subject, `新交办：办件 ${c}`)
  assert.equal(mail.mails.filter((m) => m.how === 'later').map((m) => m.said).join(), '451,250')
  assert.equal(mail.mails.filter((m) => m.how === 'cutfinal').length, 1)
  assert.deepEqual(mail.faults, [])
  for (const n of ['mail-good', 'mail-later', 'mail-nobody', 'mail-wrong', 'mail-cut']) await s.site.tool('channel', 'disable', n)
})

it('nothing goes into a private network unless the operator says so', async (s) => {
  await Promise.all([s.one.stop(), s.two.stop()])
  const walled = await s.site.gateway({ webhook_private: 'no' })
  const seen = s.receiver.got.length
  await subscribe(s, 'sub-walled', '/walled', 'events=case.opened')
  await report(s, walled)
  await until('it is refused', async () => (await rows(s, 'sub-walled')).some((r) => r.state === 'dead'))
  assert.match((await rows(s, 'sub-walled'))[0].last_error, /private network/)
  assert.equal(s.receiver.got.length, seen, 'nobody was even called')
})

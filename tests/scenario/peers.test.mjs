// Providers that misbehave. Outbound: for every way in which an answer can go wrong, in which state the message ends, that nothing goes
// twice, that the others go on, that memory stays bounded and that a person is told why. Inbound: pushes that are slow, cut off, doubled, huge or
// partly unreadable, and that nothing is answered as stored before it is.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { fileName, freshKey, request, scenario, until, withClock } from './harness.mjs'
import { Peer, answerOf, contracts } from './provider.mjs'

const TRIES = 3
const settings = { auto_assign_percent: 101, outbox_retry_first: '40ms', outbox_retry_max: '200ms', outbox_tries: TRIES, outbox_errors: 1000, outbox_deadline: '15s', outbox_parallel: 8, sms_quiet: 'none',
  log_every: '1h', db_statement_deadline: '5s', answer_deadline: '25s' }
const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  s.gateway = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  // Words come in here; the answers that are owed are moved to the channel under test.
  s.out = await s.site.smsDoor(s.gateway, 'kannel-in', 'http://127.0.0.1:1/')
  await s.site.sql(`insert into channel_state (channel, closed_until) values ('kannel-in', now() + interval '1 hour')`)
})

let people = 0
const citizen = () => `+86154${String(70000000 + ++people)}`
const row = async (s, id) => (await s.site.sql('select * from outbox where id = $1', [id]))[0]
const ends = (s, id, ...states) => until(`${id} is ${states}`, async () => { const r = await row(s, id); return states.includes(r.state) && r }, 120000)

/** A channel of that kind at that address; {name, mo, dlr}. */
async function channel(s, name, type, url, more = {}) {
  const set = { ...contracts[type]?.settings, ...(url ? { api_url: url } : {}), hook_base: s.gateway.url, ...more }
  const out = await s.site.tool('channel', 'add', name, '--type', type, ...Object.entries(set).flatMap(([k, v]) => ['--set', `${k}=${v}`]))
  const path = (which) => s.gateway.url + new URL(out.match(new RegExp(`^${which}=(\\S+)$`, 'm'))[1]).pathname
  const c = { name, mo: path('mo'), dlr: path('dlr') }
  // A load that goes back to the channel before may come first: so many channels as there are.
  const all = await s.site.one('select count(*)::int from channels')
  await until('the channel is known', () => Number([...s.gateway.text().matchAll(/msg="register loaded" .*channels=(\d+)/g)].at(-1)?.[1]) === all)
  return c
}
/** Somebody's answer is owed through that channel; its row. */
async function owe(s, name) {
  const from = citizen(), text = `${s.number} 路灯不亮 ${freshKey('w')}`
  assert.equal((await s.gateway.smsPost(s.out, { from, text })).status, 200)
  const id = await until('owed', () => s.site.one('select o.id from outbox o join feedback f on f.id = o.feedback_id where f.words = $1', [text]))
  await s.site.sql(`with x as (update outbox set channel = $2, state = 'due', due_at = now(), tries = 0 where id = $1 returning 1) select pg_notify('msd_outbox', '') from x`, [id, name])
  return { id, from }
}
const held = {}
held.answer = new Promise((done) => { held.go = done })
const reset = (c) => { c.resetAndDestroy() }
const silence = 'the provider did not answer; the message may have left', inside = 'the provider failed inside; the message may have left', odd = 'unexpected answer; the message may have left'
const away = 'the provider was not reached', certificate = /certificate is not to be trusted/
const NO = answerOf(500, '{}')

/** name: [provider, how it answers or what it is, state, reason, requests at most, taken] */
const ways = {
  good: ['twilio', undefined, 'sent', null, 1, 1],
  slow: ['vonage', { how: (c, ok) => { setTimeout(() => c.end(ok), 500) } }, 'sent', null, 1, 1],
  'too slow': ['aliyun', { how: () => {} }, 'unknown', silence, 1, 1],
  '429, then good': ['tencent', { how: (c, ok, n) => (n ? c.end(ok) && undefined : answerOf(429, '{}', 'retry-after: 1\r\n')) }, 'sent', null, 2, 1],
  500: ['huawei', { how: (c) => { c.end(NO) } }, 'unknown', inside, 1, 1],
  '503': ['twilio', { how: () => answerOf(503, '{}') }, 'dead', 'the provider asks to try again later', TRIES, 0],
  'connection refused': ['vonage', 'closed', 'dead', away, 0, 0],
  'reset before the answer': ['aliyun', { how: reset }, 'unknown', silence, 1, 1],
  'reset after half an answer': ['tencent', { how: (c, ok) => { c.write(ok.slice(0, ok.length - 20), () => setTimeout(reset, 20, c)) } }, 'unknown', silence, 1, 1],
  'half an answer, then a proper end': ['twilio', { how: (c, ok) => { c.end(ok.slice(0, ok.length - 20)) } }, 'unknown', silence, 1, 1],
  'reset before the request is read': ['huawei', { before: reset }, ['unknown', 'dead'], [silence, away], 0, 0],
  'answers twice': ['twilio', { how: (c, ok) => { c.end(ok + NO) } }, 'sent', null, 1, 1],
  'an early 100 and then the answer': ['vonage', { how: (c, ok) => { c.write('HTTP/1.1 100 Continue\r\n\r\n'); c.end(ok) } }, 'sent', null, 1, 1],
  'binary body': ['aliyun', { how: (c) => { c.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=gbk\r\ncontent-length: 6\r\n\r\n'), Buffer.from([0, 0xff, 0xc2, 0xb7, 0xb5, 0xc6])])) } },
    'unknown', odd, 1, 1],
  'a page of a proxy': ['tencent', { how: (c) => { c.end('HTTP/1.0 200 OK\r\ncontent-type: text/html\r\n\r\n<html>welcome</html>') } }, 'unknown', odd, 1, 1],
  'ten megabytes': ['huawei', { how: (c) => { c.end(answerOf(200, `{"code":"${'x'.repeat(10 << 20)}"}`)) } }, 'unknown', odd, 1, 1],
  'headers without an end': ['twilio', { how: (c) => { const more = () => { while (c.writable && c.write(`x-${'y'.repeat(900)}: z\r\n`)); }; c.on('drain', more); c.write('HTTP/1.1 200 OK\r\n'); more() } }, 'unknown', silence, 1, 1],
  'no HTTP at all': ['vonage', { how: (c) => { c.end('SSH-2.0-OpenSSH_9.2\r\n') } }, 'unknown', [silence, odd], 1, 1],
  redirect: ['aliyun', { how: () => answerOf(302, '', 'location: http://127.0.0.1:1/\r\n') }, 'dead', "what answers at api_url is not the provider's interface", 1, 0],
  'TLS: self-signed': ['twilio', 'self-signed', 'dead', certificate, 0, 0],
  'TLS: wrong name': ['vonage', 'wrong name', 'dead', certificate, 0, 0],
  'TLS: expired': ['aliyun', 'expired', 'dead', certificate, 0, 0],
  'TLS: plain text answers': ['tencent', 'plain', 'dead', away, 0, 0],
}

function certificateOf(dir, name, subject, days) {
  const key = join(dir, `${name}.key`), cert = join(dir, `${name}.crt`)
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=provider', '-addext', `subjectAltName=${subject}`]
  if (days) execFileSync('openssl', words, { stdio: 'ignore', env: { ...process.env, ...withClock(Date.parse('2020-01-01') - Date.now()) } })
  else execFileSync('openssl', words, { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

/** The provider of one way. */
async function peerOf(s, type, how) {
  if (typeof how !== 'string') return Peer.open(type, how)
  if (how === 'closed') {
    const p = await Peer.open(type)
    await new Promise((done) => p.server.close(done))
    return p
  }
  if (how === 'plain') {
    const p = await Peer.open(type, { before: (c) => { c.end('HTTP/1.1 400 Bad Request\r\n\r\n') } })
    p.url = p.url.replace('http:', 'https:')
    return p
  }
  return Peer.open(type, { secure: certificateOf(s.site.dir, how.replace(' ', '-'), how === 'wrong name' ? 'DNS:other.example' : 'IP:127.0.0.1', how === 'expired') })
}

const rss = (g) => Number(readFileSync(`/proc/${g.child.pid}/status`, 'latin1').match(/VmRSS:\s+(\d+)/)[1]) / 1024

it('every way in which an answer can go wrong has its state and its reason, and nothing goes twice', async (s, t) => {
  const all = []
  for (const [title, [type, how, state, reason, requests, taken]] of Object.entries(ways)) {
    const peer = await peerOf(s, type, how)
    all.push({ title, peer, state: [state].flat(), reason, requests, taken, name: `way-${all.length}`, type })
  }
  for (const w of all) await channel(s, w.name, w.type, w.peer.url)
  await Promise.all(all.map(async (w) => { w.row = await owe(s, w.name) }))
  for (const w of all) {
    const r = await ends(s, w.row.id, 'sent', 'unknown', 'dead').catch((e) => { throw new Error(`${w.title}: ${e.message}`) })
    assert.ok(w.state.includes(r.state), `${w.title}: ${r.state} (${r.last_error})`)
    if (w.reason) assert.ok([w.reason].flat().some((x) => (x.test ? x.test(r.last_error) : x === r.last_error)), `${w.title}: ${r.last_error}`)
    t.diagnostic(`${w.title} (${w.type}): ${r.state}${r.last_error ? `: ${r.last_error}` : ''}`)
  }
  for (const w of all) {
    assert.deepEqual(w.peer.faults, [], w.title)
    assert.equal(w.peer.twice, 0, w.title)
    assert.equal([...w.peer.taken.values()].reduce((a, b) => a + b, 0), w.taken, w.title)
    assert.ok(w.peer.times.length <= w.requests, `${w.title}: ${w.peer.times.length} requests`)
  }
  const slowed = all.find((w) => w.title === '429, then good').peer.times
  assert.ok(slowed[1] - slowed[0] >= 990, 'Retry-After is honoured')
  const unknown = all.filter((w) => w.state.includes('unknown')).map((w) => w.row.id)
  const shown = await s.site.tool('outbox', 'show', unknown[0])
  assert.match(shown, /^advice=.+/m)
})

it('while one provider holds its answers back, the messages of another go', async (s) => {
  const deaf = await Peer.open('twilio', { how: (c, ok) => { held.answer.then(() => c.end(ok)) } }), well = await Peer.open('twilio')
  await channel(s, 'held-back', 'twilio', deaf.url)
  await channel(s, 'well', 'twilio', well.url)
  const waiting = await Promise.all(Array.from({ length: 12 }, () => owe(s, 'held-back')))
  await until('its whole room is in use', () => deaf.times.length >= 8)
  const going = await Promise.all(Array.from({ length: 12 }, () => owe(s, 'well')))
  for (const g of going) await ends(s, g.id, 'sent')
  held.go()
  for (const w of waiting) await ends(s, w.id, 'sent', 'unknown')
  assert.deepEqual([deaf.twice, well.twice], [0, 0])
})

it('two hundred megabytes of answers leave the gateway as large as it was', async (s, t) => {
  const big = answerOf(200, `{"sid":"${'x'.repeat(10 << 20)}"}`)
  const peer = await Peer.open('twilio', { how: (c) => { c.end(big) } })
  await channel(s, 'huge', 'twilio', peer.url)
  const first = await owe(s, 'huge')
  await ends(s, first.id, 'unknown')
  const before = rss(s.gateway)
  const rows = await Promise.all(Array.from({ length: 20 }, () => owe(s, 'huge')))
  for (const r of rows) await ends(s, r.id, 'unknown')
  const grown = rss(s.gateway) - before
  t.diagnostic(`resident memory grew by ${grown.toFixed(1)} MiB over 20 answers of 10 MiB`)
  assert.ok(grown < 40, `${grown} MiB`)
})

it('what a strict provider refuses is a dead letter that says what to mend', async (s) => {
  const wrong = {
    twilio: [{ auth_token: 'wrong' }, /credentials|refused/], vonage: [{ signature_secret: 'wrong' }, /refused|signature/i], aliyun: [{ access_key_secret: 'wrong' }, /refused|signature|access_key/i],
    tencent: [{ secret_key: 'wrong' }, /refused|signature|secret/i], huawei: [{ app_secret: 'wrong' }, /app_key, app_secret/] }
  for (const [type, [set, reason]] of Object.entries(wrong)) {
    const peer = await Peer.open(type)
    await channel(s, `wrong-${type}`, type, peer.url, set)
    const r = await ends(s, (await owe(s, `wrong-${type}`)).id, 'dead')
    assert.equal(r.cause, 'settings', `${type}: ${r.last_error}`)
    assert.match(r.last_error, reason, type)
    assert.equal(peer.taken.size, 0)
    assert.equal(peer.faults.length, 1, `${type}: one try is enough`)
  }
})

// --- pushes ---

const china = (at = new Date()) => new Date(at.getTime() + 8 * 3600e3).toISOString().slice(0, 19).replace('T', ' ')
const element = (text, more = {}) => ({ phone_number: citizen().replace('+86', ''), content: text, send_time: china(), dest_code: '1234', sequence_id: freshKey('seq'), ...more })
const knock = (url, body, headers = {}) => request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) })
const count = (s, like) => s.site.one('select count(*)::int from feedback where words like $1', [like])
const OK = '{"code":0,"msg":"接收成功"}'
/** A request in pieces over a bare socket; resolves with all that came back. */
const dripped = (s, url, body, { pieces = 6, cut = false } = {}) => new Promise((done, no) => {
  const bytes = Buffer.from(body), at = new URL(url)
  const whole = Buffer.concat([Buffer.from(`POST ${at.pathname} HTTP/1.1\r\nhost: ${at.host}\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`), bytes])
  const c = net.connect(Number(at.port), '127.0.0.1'), step = Math.ceil(whole.length / pieces)
  let got = '', sent = 0
  const next = () => {
    if (cut && sent >= whole.length / 2) return c.destroy()
    if (sent >= whole.length) return undefined
    const part = whole.subarray(sent, sent + step)
    sent += step
    return c.write(part, () => setTimeout(next, 60))
  }
  c.on('connect', next).on('data', (d) => { got += d }).on('error', no).on('close', () => done(got))
})

it('pushes that are slow, cut off, doubled or huge', async (s) => {
  const c = s.ali = await channel(s, 'ali-in', 'aliyun')
  assert.match(await dripped(s, c.mo, JSON.stringify([element('慢慢送来的话')])), /^HTTP\/1\.1 200/)
  assert.equal(await count(s, '慢慢送来的话'), 1)
  assert.equal(await dripped(s, c.mo, JSON.stringify([element('只来了一半的话')]), { cut: true }), '')
  const twice = [element('来了两遍的话')]
  const answers = await Promise.all([knock(c.mo, twice), knock(c.mo, twice), knock(c.mo, twice)])
  assert.deepEqual(answers.map((a) => [a.status, a.text]), Array(3).fill([200, OK]))
  assert.equal(await count(s, '来了两遍的话'), 1)
  const many = Array.from({ length: 1000 }, (_, i) => element(`一千件里的第${i}件`, { sign_name: undefined, dest_code: undefined }))
  const a = await knock(c.mo, many)
  assert.deepEqual([a.status, a.text], [200, OK])
  assert.equal(await count(s, '一千件里的第%'), 1000)
  assert.equal(await s.site.one(`select count(distinct words)::int from feedback where words like '一千件里的第%'`), 1000)
  assert.equal((await knock(c.mo, [...many.map((e) => ({ ...e, sequence_id: freshKey('seq') })), element('多了一件')])).status, 413)
  assert.equal(await count(s, '一千件里的第%'), 1000)
  assert.equal(await count(s, '多了一件'), 0)
  assert.equal((await knock(c.mo, [element('大'.repeat(100000))])).status, 413, 'over body_max')
  const gbk = Buffer.concat([Buffer.from('[{"phone_number":"15400001234","sequence_id":"g1","content":"'), Buffer.from([0xc2, 0xb7, 0xb5, 0xc6]), Buffer.from('"}]')])
  assert.equal((await knock(c.mo, gbk, { 'content-type': 'application/json; charset=gbk' })).status, 400)
  assert.equal(await count(s, '只来了一半的话'), 0)
})

it('one unreadable element does not take the others along: they are stored, it is counted, and the log says why without its words', async (s) => {
  const unreadable = async () => (await s.gateway.metrics()).get('mashangdu_messages_unreadable_total')
  const before = await unreadable()
  const batch = [...Array.from({ length: 9 }, (_, i) => element(`同批的第${i}件`)), { content: '没有号码的秘密话', sequence_id: freshKey('seq'), send_time: china() }, element('同批的第9件')]
  const a = await knock(s.ali.mo, batch)
  assert.deepEqual([a.status, a.text], [200, OK])
  assert.equal(await count(s, '同批的第%'), 10)
  assert.equal(await unreadable(), before + 1)
  assert.match(s.gateway.text(), /msg="part of a push not readable" channel=ali-in unreadable=1 of=11 why="a message without its sender"/)
  assert.doesNotMatch(s.gateway.text(), /没有号码的秘密话/)
  const [entry] = await until('the channel log tells it', async () => { const r = await s.site.sql(`select * from channel_log where channel = 'ali-in' and reason like '1 of 11 elements%'`); return r.length && r })
  assert.deepEqual([entry.outcome, entry.status, entry.items], ['ok', 200, 10])
  assert.doesNotMatch(JSON.stringify(entry), /没有号码的秘密话/)
  // Nothing readable in it: refused, so that somebody notices.
  assert.equal((await knock(s.ali.mo, [{ content: 'x' }, 7])).status, 400)
  assert.equal(await unreadable(), before + 1)
  // Receipts too: the one with an id settles its message.
  const ours = await Peer.open('aliyun'), ali = await channel(s, 'ali-both', 'aliyun', ours.url), { id } = await owe(s, 'ali-both')
  await ends(s, id, 'sent')
  const told = await knock(ali.dlr, [{ success: true }, null, { phone_number: '15400000000', success: true, err_code: 'DELIVERED', report_time: china(), biz_id: 'unknown', out_id: id }])
  assert.equal(told.status, 200)
  await ends(s, id, 'delivered')
})

it('while the database stands still nothing is answered as stored; the repeat gets the words', async (s) => {
  const out = await s.site.tool('channel', 'add', 'gongzhonghao', '--type', 'wechat', '--set', 'token=TokenOfTheTest', '--set', 'appid=wx0000000000000001', '--set', 'plain=yes')
  const path = new URL(out.match(/^mo=(\S+)$/m)[1]).pathname
  const push = (content, id) => {
    const timestamp = String(Math.floor(Date.now() / 1000)), nonce = freshKey('n')
    const signature = createHash('sha1').update(['TokenOfTheTest', timestamp, nonce].sort().join('')).digest('hex')
    return request(`${s.gateway.url}${path}?signature=${signature}&timestamp=${timestamp}&nonce=${nonce}&openid=x`, { method: 'POST', headers: { 'content-type': 'text/xml' },
      body: `<xml><ToUserName><![CDATA[gh_000000000001]]></ToUserName><FromUserName><![CDATA[oTest00000000000000000000001]]></FromUserName><CreateTime>1795323400</CreateTime>`
        + `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${content}]]></Content><MsgId>${id}</MsgId></xml>` })
  }
  await until('the door is known', async () => (await push('帮助', 1)).status === 200)
  await s.site.db.freeze()
  try {
    const [wechat, sms] = await Promise.all([push(`${s.number} 冻住时说的话`, 2), s.gateway.smsPost(s.out, { text: `${s.number} 冻住时发的短信`, id: 'frozen-1' })])
    assert.deepEqual([wechat.status, sms.status], [503, 503], 'nobody was told that it is stored')
    assert.deepEqual([wechat.text, sms.text], ['', ''])
  } finally {
    s.site.db.thaw()
  }
  await s.gateway.ready()
  const again = await until('the repeat', async () => { const a = await push(`${s.number} 冻住时说的话`, 2); return a.status === 200 && a })
  assert.match(again.text, /回执码 (\d{4} ){3}\d{4}/)
  assert.equal(await count(s, '%冻住时说的话'), 1)
  await until('the repeat of the SMS', async () => (await s.gateway.smsPost(s.out, { text: `${s.number} 冻住时发的短信`, id: 'frozen-1' })).status === 200)
  assert.equal(await count(s, '%冻住时发的短信'), 1)
})

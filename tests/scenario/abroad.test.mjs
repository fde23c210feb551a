// Twilio, Vonage, Infobip and Plivo through the running gateway: a push as its provider signs it is stored and answered as that
// provider wants, the answer to the citizen goes out by its interface, and the receipt finds the message again: by the provider's id,
// and when the answer was lost by our reference.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import http from 'node:http'
import { after } from 'node:test'
import { encode, fileName, freshKey, request, scenario, until } from './harness.mjs'

const number = '+12025550123'
const sorted = (f) => Object.entries(f).sort(([a], [b]) => (a < b ? -1 : 1))
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const plain = (to) => to.replace('+', '')

function twilioPush(url, f) {
  const said = url + sorted(f).map(([k, v]) => k + v).join('')
  return { url, headers: { ...form, 'x-twilio-signature': createHmac('sha1', 'twilio-token').update(said).digest('base64') }, body: encode(f) }
}
function plivoPush(url, f) {
  const [base, query = ''] = url.split('?')
  const said = `${base}?${query}${query ? '.' : ''}${sorted(f).map(([k, v]) => k + v).join('')}.4711`
  return { url, headers: { ...form, 'x-plivo-signature-v3': createHmac('sha256', 'plivo-token').update(said).digest('base64'), 'x-plivo-signature-v3-nonce': '4711' }, body: encode(f) }
}
function vonagePush(url, fields) {
  const f = { ...fields, timestamp: String(Math.floor(Date.now() / 1000)), nonce: freshKey('n') }
  const said = sorted(f).map(([k, v]) => `&${k}=${v.replace(/[&=]/g, '_')}`).join('')
  return { url, headers: json, body: JSON.stringify({ ...f, sig: createHmac('sha256', 'vonage-secret').update(said).digest('hex') }) }
}
const infobipPush = (url, result) => ({ url, headers: { ...json, authorization: basic('push', 'infobip-password') }, body: JSON.stringify({ results: [result] }) })

// settings; a push with words and a receipt; what stands in a request of ours; how it is answered; how the provider is answered
const providers = {
  twilio: {
    set: { account_sid: 'AC1', auth_token: 'twilio-token', from: number },
    words: (url, from, text, id) => twilioPush(url, { MessageSid: id, From: from, To: number, Body: text, NumSegments: '1' }),
    sent: (r) => { const q = new URLSearchParams(r.body); return { to: q.get('To'), text: q.get('Body'), dlr: q.get('StatusCallback') } },
    proof: (r) => r.url === '/2010-04-01/Accounts/AC1/Messages.json' && r.headers.authorization === basic('AC1', 'twilio-token'),
    taken: (id) => [201, JSON.stringify({ sid: id, status: 'queued' })],
    receipt: (sent, id) => twilioPush(sent.dlr, { MessageSid: id, MessageStatus: 'delivered', To: sent.to }),
    answer: [200, 'text/xml; charset=utf-8', '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'],
    answerReceipt: 204,
  },
  plivo: {
    set: { auth_id: 'MA1', auth_token: 'plivo-token', from: number },
    words: (url, from, text, id) => plivoPush(url, { MessageUUID: id, From: plain(from), To: plain(number), Type: 'sms', Text: text }),
    sent: (r) => { const q = JSON.parse(r.body); return { to: `+${q.dst}`, text: q.text, dlr: q.url } },
    proof: (r) => r.url === '/v1/Account/MA1/Message/' && r.headers.authorization === basic('MA1', 'plivo-token'),
    taken: (id) => [202, JSON.stringify({ message_uuid: [id] })],
    receipt: (sent, id) => plivoPush(sent.dlr, { MessageUUID: id, Status: 'delivered', To: plain(sent.to), ErrorCode: '000' }),
    answer: [200, 'text/plain', ''],
    answerReceipt: 200,
  },
  vonage: {
    set: { api_key: 'key1', signature_secret: 'vonage-secret', signature_method: 'sha256', from: 'MSD' },
    words: (url, from, text, id) => vonagePush(url, { msisdn: plain(from), to: '447700900123', messageId: id, text, type: 'unicode', 'message-timestamp': '2026-03-18 01:59:55' }),
    sent: (r) => { const q = new URLSearchParams(r.body); return { to: `+${q.get('to')}`, text: q.get('text'), dlr: q.get('callback'), ref: q.get('client-ref') } },
    proof: (r) => {
      const f = Object.fromEntries(new URLSearchParams(r.body)), sig = f.sig
      delete f.sig
      return r.url === '/sms/json' && sig === createHmac('sha256', 'vonage-secret').update(sorted(f).map(([k, v]) => `&${k}=${v.replace(/[&=]/g, '_')}`).join('')).digest('hex')
    },
    taken: (id) => [200, JSON.stringify({ messages: [{ status: '0', 'message-id': id }] })],
    receipt: (sent, id) => vonagePush(sent.dlr, { messageId: id, 'client-ref': sent.ref, msisdn: plain(sent.to), status: 'delivered', 'err-code': '0' }),
    answer: [204, undefined, ''],
    answerReceipt: 204,
  },
  infobip: {
    set: { api_key: 'key2', from: 'MSD', basic_user: 'push', basic_password: 'infobip-password' },
    words: (url, from, text, id) => infobipPush(url, { messageId: id, from: plain(from), to: '447700900123', text, smsCount: 1, receivedAt: '2026-03-18T01:59:51.000+0000' }),
    sent: (r) => { const m = JSON.parse(r.body).messages[0]; return { to: `+${m.destinations[0].to}`, text: m.content.text, dlr: m.webhooks.delivery.url, ref: m.destinations[0].messageId } },
    proof: (r) => r.url === '/sms/3/messages' && r.headers.authorization === 'App key2',
    taken: (id, sent) => [200, JSON.stringify({ messages: [{ messageId: sent.ref, status: { groupId: 1, name: 'PENDING_ACCEPTED' } }] })],
    receipt: (sent) => infobipPush(sent.dlr, { messageId: sent.ref, to: plain(sent.to), status: { groupId: 3, name: 'DELIVERED_TO_HANDSET' } }),
    answer: [200, 'text/plain', ''],
    answerReceipt: 200,
  },
}

/** The provider's interface; `deaf` takes requests and cuts the line instead of answering. */
async function providerOf(p) {
  const seen = []
  const server = http.createServer((req, res) => {
    let body = ''
    req.on('data', (b) => { body += b }).on('end', () => {
      const r = { url: req.url, headers: req.headers, body }
      if (req.method !== 'POST') return res.writeHead(404).end()
      const one = { ...p.sent(r), id: freshKey('id'), good: p.proof(r) }
      seen.push(one)
      if (it.deaf) return req.socket.destroy()
      const [status, text] = p.taken(one.id, one)
      res.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  after(() => { server.closeAllConnections(); server.close() })
  const it = { seen, deaf: false, url: `http://127.0.0.1:${server.address().port}` }
  return it
}

const it = scenario(fileName(import.meta.url), { settings: { auto_assign_percent: 101 } }, async (s) => {
  s.gateway = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  for (const [name, p] of Object.entries(providers)) {
    p.peer = await providerOf(p)
    const set = { ...p.set, api_url: p.peer.url, hook_base: s.gateway.url }
    const out = await s.site.tool('channel', 'add', name, '--type', name, ...Object.entries(set).flatMap(([k, v]) => ['--set', `${k}=${v}`]))
    p.mo = s.gateway.url + new URL(out.match(/^mo=(\S+)$/m)[1]).pathname
  }
})

const knock = (push) => request(push.url, { method: 'POST', headers: push.headers, body: push.body })
let people = 1000
const citizen = () => `+861540000${++people}`
const state = (s, sent) => s.site.one('select state from outbox where channel = $1 order by id desc limit 1', [sent])

for (const [name, p] of Object.entries(providers)) {
  it(`${name}: a signed push is stored once, answered, and its receipt closes the loop`, async (s) => {
    const from = citizen(), text = `${s.number} 路灯不亮 😀 ${freshKey('w')}`, push = p.words(p.mo, from, text, freshKey('mo'))
    const first = await until('the door is known', async () => { const a = await knock(push); return a.status < 300 && a })
    assert.deepEqual([first.status, first.headers['content-type'], first.text], p.answer)
    assert.equal((await knock(push)).status, p.answer[0], 'a repeat is a success')
    assert.equal((await s.site.sql('select 1 from feedback where words = $1', [text])).length, 1)
    const sent = await until('the answer went out', async () => p.peer.seen.find((r) => r.to === from))
    assert.ok(sent.good, 'credentials and signature as the provider checks them')
    assert.match(sent.text, /回执码/)
    await until('it is noted as sent', async () => (await state(s, name)) === 'sent')
    const told = await knock(p.receipt(sent, sent.id))
    assert.equal(told.status, p.answerReceipt, told.text)
    await until('it has arrived', async () => (await state(s, name)) === 'delivered')
    assert.equal(p.peer.seen.filter((r) => r.to === from).length, 1)
  })

  it(`${name}: an answer that was lost is waited for, and the receipt finds the message by our reference`, async (s) => {
    const from = citizen()
    p.peer.deaf = true
    assert.equal((await knock(p.words(p.mo, from, `${s.number} 门口积水 ${freshKey('w')}`, freshKey('mo')))).status, p.answer[0])
    const sent = await until('the request came', async () => p.peer.seen.find((r) => r.to === from))
    await until('nobody knows', async () => (await state(s, name)) === 'unknown')
    p.peer.deaf = false
    assert.equal((await knock(p.receipt(sent, sent.id))).status, p.answerReceipt)
    await until('it has arrived', async () => (await state(s, name)) === 'delivered')
    assert.equal(p.peer.seen.filter((r) => r.to === from).length, 1, 'never sent again blindly')
  })

  it(`${name}: a forged push is refused without a word and stores nothing`, async (s) => {
    const push = p.words(p.mo, citizen(), `${s.number} 伪造 ${freshKey('w')}`, freshKey('mo'))
    const headers = Object.fromEntries(Object.entries(push.headers).map(([k, v]) => [k, k === 'authorization' ? basic('push', 'guess') : v]))
    const refused = await request(push.url, { method: 'POST', headers, body: push.body.replace(/伪造|%E4%BC%AA%E9%80%A0/, 'x') })
    assert.equal(refused.status, name === 'infobip' ? 401 : 403)
    assert.equal(refused.text, '')
    assert.equal(refused.headers['www-authenticate'] ?? '', name === 'infobip' ? 'Basic realm="hooks", charset="UTF-8"' : '')
    assert.equal(await s.site.one("select count(*)::int from feedback where words like '%伪造%' or words like '% x %'"), 0)
  })
}

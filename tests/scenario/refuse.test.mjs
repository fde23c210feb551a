// P12: bad input gets a sentence with a stable code and is counted; nothing is half stored, and the gateway goes on.
import assert from 'node:assert/strict'
import net from 'node:net'
import { HOUR, encode, fileName, freshKey, hidden, raw, receiptOn, request, scenario, Socket, until, utf16be, withClock } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ body_max: '64k', ws_message_max: '16k' })
  s.number = await s.site.plaqueNumber('U003')
  s.path = await s.site.plaquePath('U003')
  s.door = await s.site.smsDoor(s.gateway, 'kannel-one')
})

const stored = (s) => s.site.one('select count(*)::int from feedback')
const web = async (s, what, gateway = s.gateway) => (await gateway.metrics()).get(`mashangdu_web{what="${what}"}`)

/** Runs `ask` and wants: this code counted, nothing stored, the gateway well. */
async function refused(s, title, code, ask) {
  const [rows, before] = [await stored(s), await s.gateway.refusals(code)]
  const got = await ask()
  await until(`${title}: ${code} is counted`, async () => (await s.gateway.refusals(code)) > before)
  assert.equal(await stored(s), rows, `${title}: nothing is stored`)
  assert.equal((await request(`${s.gateway.ops}/readyz`)).status, 200, title)
  return got
}

it('json door: every kind of broken body', async (s) => {
  const nested = '['.repeat(30000) + ']'.repeat(30000)
  const table = [
    ['broken json', '{"text": "窗口', 400, 'bad_json'],
    ['not an object', '["窗口"]', 400, 'bad_json'],
    ['empty', '', 400, 'bad_json'],
    ['twice the same member', '{"text":"窗口","text":"别的"}', 400, 'bad_json'],
    ['deep json', `{"text":${nested}}`, 400, 'bad_json'],
    ['malformed utf-8', Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xe7, 0xaa, 0x28, 0xff]), Buffer.from('"}')]), 400, 'bad_json'],
    ['half a surrogate', '{"text":"\\ud83d"}', 400, 'bad_json'],
    ['nul as escape', '{"text":"窗\\u0000口"}', 400, 'bad_json'],
    ['nul as byte', Buffer.from('{"text":"窗\0口"}'), 400, 'bad_json'],
    ['unknown member', '{"text":"窗口","texts":"x"}', 422, 'unknown_field'],
    ['unknown nature', '{"text":"窗口","nature":"gossip"}', 422, 'unknown_field'],
    ['rating out of range', '{"rating":6,"nature":"rate"}', 422, 'rating_range'],
    ['rating of the wrong kind', '{"rating":"5","nature":"rate"}', 422, 'rating_range'],
    ['rating missing', '{"nature":"rate"}', 422, 'rating_missing'],
    ['no time', '{"text":"窗口","sent_at":"gestern"}', 422, 'unknown_field'],
    ['no plaque', '{"text":"窗口","plaque":"123"}', 404, 'plaque_unknown'],
  ]
  for (const [title, body, status, code] of table) {
    const a = await refused(s, title, code, () => s.gateway.api(body))
    assert.deepEqual([a.status, a.json?.code], [status, code], `${title}: ${a.text}`)
    assert.match(a.headers['content-type'], /^application\/problem\+json/)
    assert.ok(a.json.title.length > 5)
  }
  for (const [title, key] of [['no key', null], ['short key', '1234567'], ['long key', 'k'.repeat(129)], ['key with a blank', 'abcd efgh']]) {
    const a = await refused(s, title, 'idempotency_key_bad', () => s.gateway.api({ text: '窗口' }, { key }))
    assert.deepEqual([a.status, a.json.code], [400, 'idempotency_key_bad'], title)
  }
  const type = await refused(s, 'wrong type', 'unsupported_type', () => s.gateway.api('{"text":"窗口"}', { headers: { 'content-type': 'text/plain' } }))
  assert.equal(type.status, 415)
  const method = await refused(s, 'wrong method', 'method_not_allowed', () => s.gateway.get('/api/v1/feedback'))
  assert.equal(method.status, 405)
  const lost = await refused(s, 'no such address', 'not_found', () => s.gateway.get('/nothing/here'))
  assert.equal(lost.status, 404)
})

it('bodies over the limit, slow, cut off or framed twice', async (s) => {
  const g = s.gateway
  const rows = await stored(s)
  const counted = async (what, ask, gateway = g) => {
    const before = await web(s, what, gateway)
    const got = await ask()
    await until(`${what} is counted`, async () => (await web(s, what, gateway)) > before)
    return got
  }
  const big = await counted('too_large', () => raw(g.port, `POST /api/v1/feedback HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nIdempotency-Key: ${freshKey()}\r\nContent-Length: 70000\r\n\r\n`))
  assert.match(big, /^HTTP\/1\.1 413 /)
  assert.match(big, /"code":"too_big"/)
  // By itself it would drip for eight minutes; alone on a gateway of its own, since nobody else keeps a second.
  const strict = await s.site.gateway({ body_deadline: '1s' })
  const slow = await counted('body_deadline', () => raw(strict.port, `POST /api/v1/feedback HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nIdempotency-Key: ${freshKey()}\r\nContent-Length: 5000\r\n\r\n{`, {
      then: (socket) => { const t = setInterval(() => socket.write(' '), 100); socket.on('close', () => clearInterval(t)) } }), strict)
  assert.match(slow, /^HTTP\/1\.1 408 /)
  await strict.stop()
  await counted('bad_framing', () => raw(g.port, `POST /api/v1/feedback HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`))
  // A peer that resets in mid-body leaves nothing behind, however often.
  const now = async () => web(s, 'connections_now')
  for (let i = 0; i < 50; i++) {
    await new Promise((done) => {
      const c = net.connect(g.port, '127.0.0.1', () => {
        c.write(`POST /api/v1/feedback HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nIdempotency-Key: ${freshKey()}\r\nContent-Length: 60\r\n\r\n{"text":"窗口`, () => c.resetAndDestroy())
      })
      c.on('close', done)
      c.on('error', () => {})
    })
  }
  await until('the connections are let go', async () => (await now()) <= 2)
  assert.equal(await stored(s), rows)
  assert.equal((await g.api({ text: '窗口排队太久' })).status, 201, 'and the next one is served')
})

it('hooks: wrong key, unknown door, unreadable push', async (s) => {
  const { gateway, door } = s
  const [, , name, key] = door.path.split('/')
  const wrong = key.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))
  for (const path of [`/hooks/${name}/${wrong}`, `/hooks/${name}/`, `/hooks/${name}/${key}x`, `/hooks/other/${key}`, `/hooks/${name}/${key.slice(0, -1)}`]) {
    const a = await refused(s, path, 'hook_refused', () => gateway.smsPost({ path }, { text: '窗口' }))
    assert.deepEqual([a.status, a.text], [403, ''])
  }
  assert.equal(gateway.text().includes(key), false, 'the key stands in no log')
  const malformed = [
    ['odd utf-16', { body: Buffer.from([0x7a, 0x97, 0x53]), type: 'text/plain; charset="UTF-16BE"' }],
    ['half a surrogate', { body: Buffer.from([0xd8, 0x3d, 0x00, 0x41]), type: 'text/plain; charset="UTF-16BE"' }],
    ['malformed utf-8', { body: Buffer.from([0xe7, 0xaa, 0x28]), type: 'text/plain; charset="UTF-8"' }],
    ['unknown character set', { body: utf16be('窗口'), type: 'text/plain; charset="KLINGON"' }],
  ]
  for (const [title, { body, type }] of malformed) {
    const a = await refused(s, title, 'malformed', () => request(`${gateway.url}${door.path}/mo?id=${freshKey()}`, { method: 'POST', body, headers: {
      'content-type': type, 'x-kannel-from': '+8615400000031', 'x-kannel-to': '1069', 'x-kannel-coding': '2' } }))
    assert.ok(a.status >= 400 && a.status < 500, `${title}: ${a.status}`)
  }
  // A channel switched off is closed at once, and its key is turned away.
  const off = await s.site.smsDoor(gateway, 'kannel-off')
  await s.site.tool('channel', 'disable', 'kannel-off')
  await until('the door is shut', async () => (await gateway.smsPost(off, { text: '窗口' })).status === 403)
  // A token in the address, where the channel asks for one.
  const guarded = await s.site.smsDoor(gateway, 'kannel-token', null, 'url_token=abcdefgh')
  const rows = await stored(s)
  assert.equal((await gateway.smsPost(guarded, { text: '窗口' })).status, 403)
  assert.equal(await stored(s), rows)
  // Of an address with %00 the library makes nothing; the peer goes, the gateway stays.
  await raw(gateway.port, `GET ${door.path}/mo?id=1&bin=%00%41 HTTP/1.1\r\nHost: here\r\n\r\n`)
  assert.equal(await stored(s), rows)
})

it('plaques: unknown, forged, retired, void: the page explains and still takes words', async (s) => {
  const { site, gateway } = s
  const [retired, heir, gone] = [await site.plaqueNumber('U010'), await site.plaqueNumber('U011'), await site.plaqueNumber('U012')]
  const retiredPath = await site.plaquePath('U010')
  await site.tool('plaque', 'retire', retired, '--successor', heir)
  await site.tool('plaque', 'void', gone)
  await until('the gateway knows', async () => (await gateway.get(`/p/${retired}`)).status === 410 && (await gateway.get(`/p/${gone}`)).status === 410)

  const forged = s.path.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))
  const table = [
    ['unknown', '/p/999990', 404, 'plaque_unknown'],
    ['no number', '/p/abc', 404, 'plaque_unknown'],
    ['forged tag', forged, 404, 'plaque_forged'],
    ['tag of another plaque', s.path.replace(s.number, heir), 404, 'plaque_forged'],
    ['retired', retiredPath, 410, 'plaque_retired'],
    ['retired, typed', `/p/${retired}`, 410, 'plaque_retired'],
    ['void', `/p/${gone}`, 410, 'plaque_retired'],
  ]
  for (const [title, path, status, code] of table) {
    const page = await refused(s, title, code, () => gateway.get(path))
    assert.equal(page.status, status, title)
    assert.match(page.text, /action="\/write"/, title)
    if (title === 'retired') assert.ok(page.text.includes(`/p/${heir}`), 'leads on to the new plaque')
    const text = `${title}：这里的窗口没人 ${freshKey()}`
    const sent = await gateway.post('/write', { token: hidden(page.text, 'token', '/write'), text })
    assert.equal(sent.status, 201, `${title}: ${sent.text.slice(0, 800)}`)
    receiptOn(sent.text)
    assert.equal(await site.one('select plaque from feedback where words = $1', [text]), null)
  }
  // Words that were already written for a plaque that has just been retired are not lost.
  const text = '写了很久的一段话'
  const back = await gateway.post(`/p/${retired}/ask`, { token: 'x', text })
  assert.equal(back.status, 410)
  assert.ok(back.text.includes(text))
  assert.equal((await gateway.api({ text: '窗口', plaque: '999990' })).json.code, 'plaque_unknown')
})

it('forms: honeypot, foreign and expired token, foreign site, nul and broken characters', async (s) => {
  const { site, gateway } = s
  const path = `/p/${s.number}/ask`
  const token = async () => hidden((await gateway.get(path)).text, 'token')
  const keeps = (a, text) => assert.ok(a.text.includes(text), 'what was written stays on the page')

  const trap = await refused(s, 'honeypot', 'prove_first', async () => gateway.post(path, { token: await token(), text: '买药', website: 'http://x' }))
  assert.equal(trap.status, 429)
  for (const [title, bad] of [['no token', ''], ['garbage', 'abc'], ['of another form', hidden((await gateway.get(`/p/${s.number}/report`)).text, 'token')],
    ['of another plaque', hidden((await gateway.get(`/p/${await site.plaqueNumber('U026')}/ask`)).text, 'token')]]) {
    const a = await refused(s, title, 'form_expired', () => gateway.post(path, { token: bad, text: '保留这些字' }))
    assert.equal(a.status, 403, title)
    keeps(a, '保留这些字')
    assert.equal((await gateway.post(path, { token: hidden(a.text, 'token'), text: `保留这些字${title}` })).status, 201, `${title}: the second try goes through`)
  }
  const foreign = await refused(s, 'foreign site', 'form_expired', async () => gateway.post(path, { token: await token(), text: '窗口' }, { headers: { origin: 'https://evil.example' } }))
  assert.equal(foreign.status, 403)
  const type = await refused(s, 'wrong type', 'unsupported_type', async () => gateway.post(path, { token: await token(), text: '窗口' }, { headers: { 'content-type': 'text/plain' } }))
  assert.equal(type.status, 415)
  for (const [title, bytes] of [['malformed utf-8', '%E7%AA%28'], ['nul', '%E7%AA%97%00%E5%8F%A3'], ['overlong', '%C0%AF']]) {
    const a = await refused(s, title, 'bad_encoding', async () => gateway.post(path, `${encode({ token: await token() })}&text=${bytes}`))
    assert.equal(a.status, 400, `${title}: ${a.text.slice(0, 500)}`)
  }
  const nature = await refused(s, 'unknown nature', 'unknown_field', async () => gateway.post(path, { token: await token(), text: '窗口', nature: 'report' }))
  assert.equal(nature.status, 422)
  const rating = await refused(s, 'rating', 'rating_range', async () => gateway.post(`/p/${s.number}/rate`, { token: hidden((await gateway.get(`/p/${s.number}/rate`)).text, 'token'), rating: '9' }))
  assert.equal(rating.status, 422)

  // A page that was left open since yesterday: made by a gateway whose clock is 25 hours behind.
  const past = await site.gateway({}, { wait: false, env: withClock(-25 * HOUR) })
  const old = await until('the page of yesterday', async () => { const p = await past.get(path); return p.status === 200 && hidden(p.text, 'token') })
  await past.stop()
  const expired = await refused(s, 'expired', 'form_expired', () => gateway.post(path, { token: old, text: '昨天写的' }))
  assert.equal(expired.status, 403)
  keeps(expired, '昨天写的')
  assert.equal((await gateway.post(path, { token: hidden(expired.text, 'token'), text: '昨天写的' })).status, 201)
})

it('web socket: bad frames are answered or closed, never stored', async (s) => {
  const w = await s.gateway.live()
  const bad = async (title, code, frame) => {
    const f = await refused(s, title, code, async () => { w.send(frame); return w.next('refused') })
    assert.equal(f.code, code, title)
    assert.ok(f.message.length > 5)
  }
  await bad('broken json', 'bad_json', '{"type":')
  await bad('no type', 'unknown_field', '{"text":"窗口"}')
  await bad('no key', 'idempotency_key_bad', { type: 'submit', text: '窗口' })
  await bad('unknown member', 'unknown_field', { type: 'submit', key: freshKey(), text: '窗口', texts: 1 })
  await bad('nul', 'bad_json', '{"type":"submit","key":"12345678","text":"a\\u0000b"}')
  await bad('deep', 'bad_json', '['.repeat(3000))
  await bad('wrong receipt', 'receipt_wrong', { type: 'follow', receipt: '1234' })
  await w.close()
  const rows = await stored(s)
  const utf = await s.gateway.live()
  utf.ws._socket.write(Buffer.from([0x81, 0x84, 0, 0, 0, 0, 0xe7, 0xaa, 0x28, 0xff])) // a masked text frame that is no UTF-8
  assert.equal(await utf.closed, 1007)
  const big = await s.gateway.live()
  big.send(JSON.stringify({ type: 'submit', key: freshKey(), text: 'x'.repeat(20000) }))
  assert.equal(await big.closed, 1009)
  await assert.rejects(new Socket(`ws://127.0.0.1:${s.gateway.port}/ws/dashboard`, 'mashangdu.dashboard.v1', { origin: s.gateway.url }).opened, { status: 401 })
  await assert.rejects(new Socket(`ws://127.0.0.1:${s.gateway.port}/ws/dashboard`, 'mashangdu.dashboard.v1', { origin: 'https://evil.example' }).opened, { status: 403 })
  await assert.rejects(new Socket(`ws://127.0.0.1:${s.gateway.port}/ws/nowhere`, 'mashangdu.intake.v1').opened, { status: 404 })
  assert.equal(await stored(s), rows)
})

it('too many from one address: 429 with Retry-After at every door, receipts dearer when wrong', async (s) => {
  // The smallest limits: a place comes back after a minute, a look after twenty seconds.
  const g = await s.site.gateway({ submit_per_minute: 1, status_per_minute: 3 })
  const used = async (door) => { for (let i = 0; i < 2; i++) await door() }
  await used(async () => assert.equal((await g.api({ text: '窗口排队' })).status, 201))
  const rows = await stored(s)
  const api = await g.api({ text: '窗口' })
  assert.deepEqual([api.status, api.json.code], [429, 'prove_first'])
  assert.ok(Number(api.headers['retry-after']) >= 1 && Number(api.headers['retry-after']) <= 60)
  const form = await g.form(`/p/${s.number}/ask`, { text: '保留这些字' })
  assert.equal(form.status, 429)
  assert.ok(Number(form.headers['retry-after']) >= 1)
  assert.ok(form.text.includes('保留这些字'))
  const w = await g.live()
  w.send({ type: 'submit', id: 'a', key: freshKey(), text: '窗口' })
  const f = await w.next('refused')
  assert.deepEqual([f.id, f.code, f.retry >= 1], ['a', 'prove_first', true])
  assert.equal(await stored(s), rows)
  // One wrong guess uses up three look-ups.
  assert.equal((await g.post('/status', { receipt: '1234567890123452' })).status, 404)
  const last = await g.post('/status', { receipt: '1234567890123452' })
  assert.equal(last.status, 429)
  assert.ok(Number(last.headers['retry-after']) >= 1)
  w.send({ type: 'follow', receipt: '1234567890123452' })
  assert.equal((await w.next('refused')).code, 'too_many')
  await w.close()
  assert.ok(await g.refusals('prove_first') >= 3)
  assert.ok(await g.refusals('too_many') >= 2)
})

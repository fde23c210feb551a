// Every guard of io/web against what the HTTP library lets through, one test each that fails without it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import WebSocket from 'ws'
import { answered, body, dial, get, post, send, startServer, statuses } from './web_guards_peer.mjs'

const seconds = (us) => us / 1e6
const json = (text) => JSON.parse(body(text))
const CLOSE = 'Connection: close\r\n'

/** What must come, however slow the machine is: the promise's value, or a failure where it hangs. */
function comes(promise) {
  let timer
  const late = new Promise((_, failed) => { timer = setTimeout(() => failed(new Error('it hangs')), 60000) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Asks for the counters until they satisfy `holds`; gives them, or fails with what they were after 60 s. */
async function eventually(s, holds) {
  const end = performance.now() + 60000
  for (;;) {
    // Where connections are at their limit the question itself may be turned away.
    const now = await s.counters().catch(() => null)
    if (now && holds(now)) return now
    assert.ok(performance.now() < end, JSON.stringify(now))
    await new Promise((done) => setTimeout(done, 30))
  }
}

/** Runs body with a server of its own; whatever happened in it, the server must end cleanly (sanitizers included). */
async function withServer(settings, body) {
  const server = await startServer(settings)
  try {
    await body(server)
  } finally {
    const code = await server.stop()
    assert.equal(code, 0, server.log())
  }
}

describe('HTTP/1.1', () => {
  let s
  before(async () => { s = await startServer() })
  after(async () => assert.equal(await s.stop(), 0, s.log()))

  test('a plain request sees what was sent, with all kinds of headers', async () => {
    const seen = json(await send(s.port, post('/echo?b=1&a=%20x%2B%26', '姓名=王', `${CLOSE}Idempotency-Key: k-12345678\r\nX-CSRF-Token: t\r\n` +
      'X-Kannel-From: 10086\r\nX-Twilio-Signature: abc=\r\nCookie: a=1\r\nCookie: b=2\r\nContent-Type: text/plain\r\nOrigin: http://here\r\n')))
    assert.equal(seen.method, 'POST')
    assert.equal(seen.path, '/echo')
    assert.equal(seen.query, 'b=1&a=%20x%2B%26')
    assert.equal(seen.body, '姓名=王')
    assert.equal(seen.host, 'here')
    assert.equal(seen.peer, '127.0.0.1')
    assert.equal(seen.tls, false)
    assert.equal(seen.headers.cookie, 'a=1; b=2')
    assert.equal(seen.headers['idempotency-key'], 'k-12345678')
    assert.equal(seen.headers['x-csrf-token'], 't')
    assert.equal(seen.headers['x-kannel-from'], '10086')
    assert.equal(seen.headers['x-twilio-signature'], 'abc=')
    assert.equal(seen.headers['content-type'], 'text/plain')
    assert.equal(seen.headers.origin, 'http://here')
  })

  test('escaped delimiters of a target stay escaped', async () => {
    const seen = json(await send(s.port, get('/p/%E7%A0%81%3Fx%23?q=%3D%26%25&r=a+b', CLOSE)))
    assert.equal(seen.path, '/p/%E7%A0%81%3Fx%23')
    assert.equal(seen.query, 'q=%3D%26%25&r=a%20b')
  })

  for (const [name, method] of [['HEAD', 'HEAD'], ['OPTIONS', 'OPTIONS'], ['DELETE', 'DELETE'], ['GET', 'GET']])
    test(`${name} reaches the handler`, async () => {
      const text = await send(s.port, `${method} /echo HTTP/1.1\r\nHost: here\r\n${CLOSE}\r\n`)
      assert.deepEqual(statuses(text), [200])
      if (method === 'HEAD') assert.match(text, /content-length: [1-9]\d+\r\n[^]*\r\n\r\n$/)
      else assert.equal(json(text).method, method)
    })

  for (const method of ['PUT', 'PATCH', 'POST'])
    for (const content of ['', 'abc'])
      test(`${method} with ${content.length} bytes is handed over once`, async () => {
        const seen = json(await send(s.port, `${method} /echo HTTP/1.1\r\nHost: here\r\n${CLOSE}Content-Length: ${content.length}\r\n\r\n${content}`))
        assert.equal(seen.method, method)
        assert.equal(seen.body, content)
      })

  test('statuses have their phrase, and 204 and 304 no body', async () => {
    assert.match(await send(s.port, get('/status?n=201', CLOSE)), /^HTTP\/1\.1 201 Created\r\n/)
    const none = await send(s.port, get('/status?n=204', CLOSE))
    assert.match(none, /^HTTP\/1\.1 204 No Content\r\n/)
    assert.doesNotMatch(none, /content-length/)
    assert.match(none, /\r\n\r\n$/)
    assert.match(await send(s.port, get('/status?n=304', CLOSE)), /^HTTP\/1\.1 304 Not Modified\r\n[^]*\r\n\r\n$/)
  })

  // --- pipelining: one answer, one handing over, then the end, and nothing spins meanwhile ---
  const one = post('/late?ms=700', 'one')
  for (const [name, bytes] of [
    ['two POSTs', one + post('/echo', 'two')],
    ['five POSTs', one.repeat(5)],
    ['a POST and a GET', one + get('/echo')],
    ['a GET and a POST', get('/late?ms=700') + post('/echo', 'two')],
    ['two GETs', get('/late?ms=700') + get('/echo')],
    ['a POST and half a head', one + 'POST /echo HTTP/1.1\r\nHo'],
  ])
    test(`${name} at once, the answer late`, async () => {
      const first = await s.counters()
      const text = await send(s.port, bytes)
      const last = await s.counters()
      assert.deepEqual(statuses(text), [200])
      assert.match(text, /connection: close/)
      assert.equal(last.handed - first.handed, 1)
      assert.ok(last.cpu_us - first.cpu_us < 200_000, `${last.cpu_us - first.cpu_us} µs of processor time in 700 ms`)
    })

  for (const [name, bytes] of [
    ['two POSTs', post('/echo', 'one') + post('/echo', 'two')],
    ['a GET and a POST', get('/echo') + post('/echo', 'two')],
    ['a GET and a Transfer-Encoding smuggle', get('/echo') + 'POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])
    test(`${name} at once, answered at once`, async () => {
      const first = await s.counters()
      assert.deepEqual(statuses(await send(s.port, bytes)), [200])
      assert.equal((await s.counters()).handed - first.handed, 1)
    })

  test('a second request that comes in pieces while the first waits is left in the socket until its turn', async () => {
    const peer = dial(s.port)
    const first = await s.counters()
    await peer.write(post('/late?ms=500', 'one'))
    await eventually(s, (now) => now.handed > first.handed)
    for (const piece of ['POST /echo HT', `TP/1.1\r\nHost: here\r\n${CLOSE}Conte`, 'nt-Length: 3\r\n\r\nabc']) await peer.write(piece)
    await peer.closed
    const last = await s.counters()
    assert.deepEqual(statuses(peer.text()), [200, 200])
    assert.equal(json(peer.text()).body, 'abc')
    assert.equal(last.handed - first.handed, 2)
    assert.ok(last.cpu_us - first.cpu_us < 200_000)
  })

  test('the others are served while pipelined ones wait', async () => {
    const stuck = dial(s.port), first = await s.counters()
    await stuck.write(post('/late?ms=200000', 'one').repeat(3))
    await eventually(s, (now) => now.handed > first.handed)
    for (let i = 0; i < 20; i++) assert.deepEqual(statuses(await comes(send(s.port, get('/fixed', CLOSE)))), [200])
    assert.equal(stuck.text(), '')
    await send(s.port, get('/release', CLOSE))
    await comes(stuck.closed)
    assert.deepEqual(statuses(stuck.text()), [200])
  })

  // --- framing ---
  const framed = (lines, rest = '') => `POST /echo HTTP/1.1\r\nHost: here\r\n${lines}\r\n${rest}`
  for (const [name, bytes, status] of [
    ['chunked', framed('Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'), 411],
    ['chunked and a length', framed('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'), 411],
    ['Transfer-Encoding: identity', framed('Transfer-Encoding: identity\r\nContent-Length: 3\r\n', 'abc'), 411],
    ['GET with Transfer-Encoding', 'GET /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 411],
    ['no length', framed('', 'abc'), 411],
    ['PUT without length', 'PUT /echo HTTP/1.1\r\nHost: here\r\n\r\nabc', 411],
    ['an empty length', framed('Content-Length: \r\n', 'abc'), 411],
    ['a blank before the colon', framed('Content-Length : 3\r\n', 'abc'), 411],
    ['a list of lengths', framed('Content-Length: 3, 3\r\n', 'abc'), 400],
    ['two lengths', framed('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'), 400],
    ['two different lengths', framed('Content-Length: 3\r\nContent-Length: 30\r\n', 'abc'), 400],
    ['a plus sign', framed('Content-Length: +3\r\n', 'abc'), 400],
    ['a minus sign', framed('Content-Length: -3\r\n', 'abc'), 400],
    ['hexadecimal', framed('Content-Length: 0x3\r\n', 'abc'), 400],
    ['digits and a blank', framed('Content-Length: 3 3\r\n', 'abc'), 400],
    ['a length past 64 bits', framed('Content-Length: 99999999999999999999999\r\n'), 400],
    ['a length over the cap', framed('Content-Length: 65537\r\n', 'abc'), 413],
    ['no Host', 'GET /echo HTTP/1.1\r\n\r\n', 400],
    ['two Hosts', 'GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['an empty Host', 'GET /echo HTTP/1.1\r\nHost:\r\n\r\n', 400],
    ['a Host with a path', 'GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['a version of its own', 'GET /echo HTTP/3.7\r\nHost: here\r\n\r\n', 400],
    ['no version', 'GET /echo\r\n\r\n', 400],
    ['a blank in the target', 'GET /a b HTTP/1.1\r\nHost: here\r\n\r\n', 400],
    ['a control character in a header', 'GET /echo HTTP/1.1\r\nHost: here\r\nCookie: a\x01b\r\n\r\n', 400],
    ['an expectation of its own', framed('Expect: 200-ok\r\nContent-Length: 3\r\n', 'abc'), 417],
    ['an unknown method', 'BREW /echo HTTP/1.1\r\nHost: here\r\n\r\n', 501],
    ['TRACE', 'TRACE /echo HTTP/1.1\r\nHost: here\r\n\r\n', 501],
    ['CONNECT', 'CONNECT there:443 HTTP/1.1\r\nHost: there:443\r\n\r\n', 405],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaaaaaaaaaaa', 400],
    // The library answers these itself.
    ['an absolute target', 'GET http://here/echo HTTP/1.1\r\nHost: here\r\n\r\n', 403],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: here\r\n\r\n', 403],
    ['a broken escape', 'GET /%zz HTTP/1.1\r\nHost: here\r\n\r\n', 403],
  ])
    test(`${name}: ${status}, never handed over`, async () => {
      const first = await s.counters()
      const text = await comes(send(s.port, bytes))
      assert.deepEqual(statuses(text), [status])
      if (status !== 403) assert.match(json(text).title, /\p{Script=Han}/u, 'a sentence for people')
      assert.equal((await s.counters()).handed, first.handed)
    })

  test('exactly the cap is taken', async () => {
    const text = await send(s.port, post('/echo', 'x'.repeat(65536), CLOSE))
    assert.equal(json(text).length, 65536)
  })

  test('a long body over the cap is told so while it still comes', async () => {
    const peer = dial(s.port)
    peer.write(`POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(900000)}`)
    await peer.until((text) => text.includes('too_big'))
    assert.deepEqual(statuses(peer.text()), [413])
    await comes(peer.closed)
  })

  test('an unknown upgrade on a kept connection closes it and harms nobody', async () => {
    const peer = dial(s.port)
    await peer.write(get('/fixed'))
    await peer.until(answered(1))
    await peer.write(get('/fixed', 'Upgrade: foo\r\nConnection: upgrade\r\n'))
    await peer.closed
    assert.deepEqual(statuses(peer.text()), [200, 403])
    assert.deepEqual(statuses(await send(s.port, get('/fixed', CLOSE))), [200])
  })

  test('an offer of h2c is passed over', async () => {
    const text = await send(s.port, get('/echo', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings, close\r\n'))
    assert.deepEqual(statuses(text), [200])
  })

  test('Expect: 100-continue is answered at once', async () => {
    const peer = dial(s.port)
    await peer.write(`POST /echo HTTP/1.1\r\nHost: here\r\n${CLOSE}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    await comes(peer.until((text) => text.includes('HTTP/1.1 100 Continue\r\n\r\n')))
    await peer.write('hello')
    await peer.closed
    assert.deepEqual(statuses(peer.text()), [100, 200])
  })

  test('Expect: 100-continue of a body over the cap is refused before it is sent', async () => {
    const text = await send(s.port, 'POST /echo HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n')
    assert.deepEqual(statuses(text), [413])
  })

  // --- header space ---
  test('a cookie of 5,000 bytes works', async () => {
    const seen = json(await send(s.port, get('/echo', `${CLOSE}Cookie: c=${'a'.repeat(5000)}\r\n`)))
    assert.equal(seen.headers.cookie.length, 5002)
  })

  test('heads of 40 KiB are refused, and not one log line each', async () => {
    const before = s.log().length, begin = performance.now()
    const texts = await Promise.all(Array.from({ length: 60 }, () => send(s.port, get('/echo', `Cookie: c=${'a'.repeat(40 * 1024)}\r\n`))))
    for (const text of texts) assert.deepEqual(statuses(text), [])
    // Five a second and one that counts the rest, in every second that was touched; some may be from before.
    const most = 6 * (Math.ceil((performance.now() - begin) / 1000) + 2), lines = s.log().slice(before).split('\n').length
    assert.ok(lines <= most, `${lines} lines, allowed ${most}`)
    assert.deepEqual(statuses(await send(s.port, get('/fixed', CLOSE))), [200])
  })

  test('a peer that leaves while its answer is awaited costs nothing', async () => {
    const first = await s.counters()
    for (let i = 0; i < 20; i++) {
      const peer = dial(s.port)
      await peer.write(i % 2 ? get('/late?ms=600') : post('/late?ms=600', 'x'))
      await new Promise((done) => setImmediate(done))
      i % 3 ? peer.socket.destroy() : peer.socket.resetAndDestroy()
    }
    const last = await eventually(s, (now) => now.connections_now === 1)
    assert.ok(last.cpu_us - first.cpu_us < 500_000, `${last.cpu_us - first.cpu_us} µs`)
  })

  test('a peer reset in mid-body leaves nothing', async () => {
    const first = await s.counters()
    for (let i = 0; i < 30; i++) {
      const peer = dial(s.port)
      await peer.write('POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 30000\r\n\r\n' + 'x'.repeat(10000))
      peer.socket.resetAndDestroy()
    }
    assert.equal((await eventually(s, (now) => now.connections_now === 1)).handed, first.handed)
  })

  test('a peer that shuts down its side early still gets its answer', async () => {
    const peer = dial(s.port, { allowHalfOpen: true })
    const first = await s.counters()
    await peer.write(get('/late?ms=700'))
    await eventually(s, (now) => now.handed > first.handed)
    peer.socket.end() // readable for good, and nobody reads: must not spin
    await peer.closed
    assert.deepEqual(statuses(peer.text()), [200])
    const used = (await s.counters()).cpu_us - first.cpu_us
    assert.ok(used < 200_000, `${used} µs of processor time in 700 ms`)
    peer.socket.destroy()
  })

  // --- answers ---
  test('an answer of 8 MiB arrives whole and the connection goes on', async () => {
    const peer = dial(s.port)
    await peer.write(get('/big?n=8388608'))
    await peer.until((text) => text.length > 8388608 && answered(1)(text))
    await peer.write(get('/fixed', CLOSE))
    await peer.closed
    assert.deepEqual(statuses(peer.text().slice(0, 100)), [200])
    assert.equal(peer.bytes().length > 8388608, true)
  })

  test('HTTP/1.0 closes unless asked to stay', async () => {
    assert.deepEqual(statuses(await comes(send(s.port, 'GET /fixed HTTP/1.0\r\n\r\n'))), [200])
    const peer = dial(s.port)
    await peer.write('GET /fixed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await peer.until(answered(1))
    await peer.write('GET /fixed HTTP/1.0\r\n\r\n')
    await peer.closed
    assert.deepEqual(statuses(peer.text()), [200, 200])
  })
})

// --- deadlines: short ones, each on a server of its own where no other can come first ---
for (const [name, bytes] of [
  ['half a head', 'GET /echo HTTP/1.1\r\nHost: he'],
  ['a header name that swallows what follows', 'GET /echo HTTP/1.1\r\nHost: here\r\nA: b\r\n\r\n'],
  ['nothing', ''],
])
  test(`${name}: closed at the head's deadline`, async () => {
    await withServer({ header_ms: 400 }, async (s) => {
      assert.equal(await comes(send(s.port, bytes)), '')
      await eventually(s, (now) => now.header_deadline > 0)
    })
  })

test('a dripping head is closed at the deadline all the same', async () => {
  await withServer({ header_ms: 400 }, async (s) => {
    const peer = dial(s.port)
    await peer.write('GET /echo HTTP/1.1\r\nHost: here\r\nCookie: ')
    const drip = setInterval(() => peer.socket.write('a'), 50)
    await comes(peer.closed).finally(() => clearInterval(drip))
  })
})

test('a dripping body is told 408 at the deadline of the whole, though it drips on', async () => {
  await withServer({ body_ms: 600 }, async (s) => {
    const peer = dial(s.port)
    await peer.write('POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 60000\r\n\r\n')
    // A peer that stands still before each drip: it sends on before it has read why it should not.
    const nap = new Int32Array(new SharedArrayBuffer(4))
    const drip = setInterval(() => { Atomics.wait(nap, 0, 0, 40); for (const byte of 'ab') peer.socket.write(byte) }, 5)
    await comes(peer.closed).finally(() => clearInterval(drip))
    assert.deepEqual(statuses(peer.text()), [408])
    assert.equal((await s.counters()).body_deadline, 1)
  })
})

test('an answer that does not come is 503, and what comes after is late', async () => {
  await withServer({ answer_ms: 900 }, async (s) => {
    const text = await comes(send(s.port, post('/late?ms=3000', 'x')))
    assert.deepEqual(statuses(text), [503])
    assert.match(text, /retry-after: \d+/)
    assert.equal((await eventually(s, (now) => now.late_answers > 0)).answer_timeouts, 1)
  })
})

test('an idle kept connection is swept', async () => {
  await withServer({ keepalive_ms: 500 }, async (s) => {
    const peer = dial(s.port)
    await peer.write(get('/fixed'))
    await peer.until(answered(1))
    await comes(peer.closed)
    assert.ok((await s.counters()).keepalive_swept > 0)
  })
})

for (const early of [true, false])
test(`a peer that does not take a long answer but talks ${early ? 'early' : 'meanwhile'} is closed and does not spin the loop`, async () => {
  await withServer({}, async (s) => {
    const peer = dial(s.port)
    const first = await s.counters()
    await peer.write(get('/big?n=16777216') + (early ? 'GET /' : ''))
    await peer.until((text) => text.startsWith('HTTP/1.1 200'))
    peer.socket.pause()
    if (!early) await peer.write('GET /')
    const last = await eventually(s, (now) => now.connections_now === 1)
    assert.ok(last.cpu_us - first.cpu_us < 2_000_000, `${last.cpu_us - first.cpu_us} µs`)
    peer.socket.destroy()
  })
})

test('200 kept connections, 10 POSTs each with late answers: all answered, no memory kept', async () => {
  await withServer({}, async (s) => {
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${s.pid}/status`, 'utf8'))[1])
    const agent = new http.Agent({ keepAlive: true, maxSockets: 200 })
    const call = (i) => new Promise((done, failed) => {
      const request = http.request({ agent, port: s.port, host: '127.0.0.1', method: 'POST', path: `/late?ms=${(i * 7) % 40}` }, (answer) => {
        let text = ''
        answer.on('data', (bytes) => { text += bytes })
        answer.on('end', () => (answer.statusCode === 200 && JSON.parse(text).body === `n${i}` ? done() : failed(new Error(text))))
      })
      request.on('error', failed)
      request.end(`n${i}`)
    })
    const round = (n) => Promise.all(Array.from({ length: n }, (_, i) => call(i)))
    await round(2000)
    const first = resident()
    await round(2000)
    await round(2000)
    const grown = resident() - first
    const now = await s.counters()
    assert.equal(now.handed, 6000)
    assert.equal(now.connections_accepted <= 202, true, `${now.connections_accepted} connections: they were not kept`)
    assert.ok(grown < 16384, `${grown} kB more`)
    agent.destroy()
  })
})

test('connections over the total limit are refused, and places come free', async () => {
  await withServer({ connections_max: 5 }, async (s) => {
    const peers = []
    for (let i = 0; i < 4; i++) {
      peers.push(dial(s.port))
      await peers[i].write(get('/fixed'))
      await peers[i].until(answered(1))
    }
    const fifth = dial(s.port)
    await fifth.write(get('/fixed'))
    await fifth.until(answered(1))
    assert.equal(await comes(send(s.port, get('/fixed'))), '')
    fifth.socket.destroy()
    let text = ''
    for (let i = 0; i < 500 && !text; i++) text = await send(s.port, get('/fixed', CLOSE))
    assert.deepEqual(statuses(text), [200])
    for (const peer of peers.splice(2)) peer.socket.destroy()
    await eventually(s, (now) => now.connections_refused_total >= 1)
    for (const peer of peers) peer.socket.destroy()
  })
})

test('connections of one address are limited, others and trusted proxies are not', async () => {
  await withServer({ per_address_max: 2, address: '0.0.0.0', trusted_proxies: '127.0.0.9,10.0.0.0/8' }, async (s) => {
    const keep = async (localAddress) => {
      const peer = dial(s.port, { localAddress })
      await peer.write(get('/fixed'))
      await peer.until(answered(1))
      return peer
    }
    const held = [await keep('127.0.0.2'), await keep('127.0.0.2')]
    assert.equal(await send(s.port, get('/fixed'), { localAddress: '127.0.0.2' }), '')
    held.push(await keep('127.0.0.3'))
    for (let i = 0; i < 4; i++) held.push(await keep('127.0.0.9'))
    assert.equal((await s.counters()).connections_refused_address, 1)
    for (const peer of held) peer.socket.destroy()
  })
})

test('forwarding headers count only from trusted proxies, from the right', async () => {
  await withServer({ address: '0.0.0.0', trusted_proxies: '127.0.0.9,10.0.0.0/8, 2001:db8::/32' }, async (s) => {
    const seen = async (from, more) => json(await send(s.port, get('/echo', CLOSE + more), { localAddress: from }))
    const forged = 'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n'
    let r = await seen('127.0.0.2', forged)
    assert.deepEqual([r.peer, r.tls], ['127.0.0.2', false])
    r = await seen('127.0.0.9', forged)
    assert.deepEqual([r.peer, r.tls], ['1.2.3.4', true])
    r = await seen('127.0.0.9', 'X-Forwarded-For: 6.6.6.6, 9.8.7.6, 10.1.2.3\r\n')
    assert.deepEqual([r.peer, r.tls], ['9.8.7.6', false])
    r = await seen('127.0.0.9', 'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: [2001:db9::7]:443, 2001:db8::1\r\n')
    assert.equal(r.peer, '2001:db9::7')
    r = await seen('127.0.0.9', 'X-Forwarded-For: nonsense\r\n')
    assert.equal(r.peer, '127.0.0.9')
    r = await seen('127.0.0.9', '')
    assert.equal(r.peer, '127.0.0.9')
  })
})

test('IPv6 listens too', async () => {
  await withServer({ address: '::1' }, async (s) => {
    const seen = json(await send(s.port, get('/echo', CLOSE), { host: '::1' }))
    assert.equal(seen.peer, '::1')
    s.counters = null
  })
})

test('two processes share a port, and a third that does not share is refused', async () => {
  const one = await startServer({ share: 1 })
  const two = await startServer({ share: 1, port: one.port })
  await assert.rejects(startServer({ port: one.port }), /port to listen on is in use/)
  for (let i = 0; i < 20; i++) assert.deepEqual(statuses(await send(one.port, get('/fixed', CLOSE))), [200])
  assert.equal(await one.stop(), 0)
  assert.deepEqual(statuses(await send(two.port, get('/fixed', CLOSE))), [200])
  assert.equal(await two.stop(), 0)
})

test('a flood of resets leaves the server answering', async () => {
  await withServer({}, async (s) => {
    let going = true
    const flood = async () => {
      while (going) {
        const peer = dial(s.port)
        await peer.connected.catch(() => {})
        peer.socket.write(post('/late?ms=5', 'x'))
        peer.socket.resetAndDestroy()
        await peer.closed
      }
    }
    const floods = Array.from({ length: 8 }, flood)
    for (let i = 0; i < 30; i++) assert.deepEqual(statuses(await comes(send(s.port, get('/fixed', CLOSE)))), [200])
    going = false
    await Promise.all(floods)
    await eventually(s, (now) => now.connections_now === 1)
  })
})

test('draining answers what is in hand, closes the rest and leaves with 0', async () => {
  const s = await startServer()
  const idle = dial(s.port)
  await idle.write(get('/fixed'))
  await idle.until(answered(1))
  const socket = new WebSocket(`ws://127.0.0.1:${s.port}/ws`, 'echo.v1')
  await new Promise((done) => socket.on('open', done))
  const gone = new Promise((done) => socket.on('close', (code) => done(code)))
  const waiting = dial(s.port)
  const before = (await s.counters()).handed
  await waiting.write(post('/late?ms=600', 'x'))
  await eventually(s, (now) => now.handed > before)
  const code = s.stop()
  assert.equal(await gone, 1001)
  await idle.closed
  await waiting.closed
  assert.deepEqual(statuses(waiting.text()), [200])
  await assert.rejects(new Promise((done, failed) => { const late = dial(s.port); late.connected.then(done, failed) }), /ECONNREFUSED/)
  assert.equal(await comes(code), 0, s.log())
})

describe('WebSockets', () => {
  let s
  before(async () => { s = await startServer({ ws_message_max: 20000 }) })
  after(async () => assert.equal(await s.stop(), 0, s.log()))
  const open = (protocol = 'echo.v1', options = {}, port = s.port) => new Promise((done, failed) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/ws'}`, protocol, { perMessageDeflate: options.deflate ?? false, ...options })
    socket.on('open', () => done(socket))
    socket.on('error', failed)
    socket.on('unexpected-response', (_, answer) => failed(Object.assign(new Error('refused'), { status: answer.statusCode })))
  })
  const closed = (socket) => new Promise((done) => socket.on('close', (code, why) => done([code, why.toString()])))
  const reply = (socket) => new Promise((done) => socket.once('message', (bytes, binary) => done([bytes.toString(), binary])))

  test('texts come back whole, small, long, in fragments, in Chinese', async () => {
    const socket = await open()
    assert.equal(socket.protocol, 'echo.v1')
    for (const text of ['a', '督办', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(19999), '监督牌'.repeat(2000)]) {
      const back = reply(socket)
      socket.send(text)
      assert.deepEqual(await back, [text, false])
    }
    const back = reply(socket)
    socket.send('one ', { fin: false })
    socket.send('two ', { fin: false })
    socket.send('three', { fin: true })
    assert.deepEqual(await back, ['one two three', false])
    const end = closed(socket)
    socket.close(1000)
    assert.equal((await end)[0], 1000)
  })

  test('compression is never agreed to', async () => {
    const socket = await open('echo.v1', { deflate: true })
    assert.equal(socket.extensions, '')
    socket.terminate()
  })

  for (const [name, text, code] of [
    ['a binary message', Buffer.from('abc'), 1003],
    ['a message over the limit', 'x'.repeat(20001), 1009],
  ])
    test(`${name} closes with ${code}`, async () => {
      const socket = await open()
      const end = closed(socket)
      socket.send(text)
      assert.equal((await end)[0], code)
    })

  test('a message over the limit in fragments closes with 1009', async () => {
    const socket = await open()
    const end = closed(socket)
    for (let i = 0; i < 30; i++) socket.send('x'.repeat(1000), { fin: false })
    assert.equal((await end)[0], 1009)
  })

  test('text that is not UTF-8 closes with 1007', async () => {
    const socket = await open()
    const end = closed(socket)
    socket.send(Buffer.from([0xc3, 0x28]), { binary: false })
    assert.equal((await end)[0], 1007)
  })

  test('the server closes with its own code and reason', async () => {
    const socket = await open()
    const end = closed(socket)
    socket.send('bye')
    assert.deepEqual(await end, [4401, 'as asked'])
  })

  for (const [name, options, status] of [
    ['an unknown path', { path: '/elsewhere' }, 404],
    ['a refused origin', { origin: 'http://evil.example' }, 403],
  ])
    test(`${name} is refused with ${status}`, async () => {
      await assert.rejects(open('echo.v1', options), (error) => error.status === status)
    })

  const upgrade = (lines) => `GET /ws HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines}\r\n`
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  const V13 = 'Sec-WebSocket-Version: 13\r\n'
  for (const [name, bytes, status] of [
    ['no subprotocol', upgrade(KEY + V13), 400],
    ['an unknown subprotocol', upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: chat\r\n`), 400],
    ["the library's own protocol name", upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: (http)\r\n`), 400],
    ['no key', upgrade(`${V13}Sec-WebSocket-Protocol: echo.v1\r\n`), 400],
    ['a short key', upgrade(`Sec-WebSocket-Key: YWJj\r\n${V13}Sec-WebSocket-Protocol: echo.v1\r\n`), 400],
    ['version 8', upgrade(`${KEY}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: echo.v1\r\n`), 426],
    ['no Host', upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: echo.v1\r\n`).replace('Host: here\r\n', ''), 400],
    ['a POST', upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: echo.v1\r\nContent-Length: 0\r\n`).replace('GET', 'POST'), 400],
    ['a body', upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: echo.v1\r\nContent-Length: 3\r\n`) + 'abc', 400],
    ['a very long list', upgrade(`${KEY}${V13}Sec-WebSocket-Protocol: ${'a,'.repeat(100)}echo.v1\r\n`), 400],
  ])
    test(`a handshake with ${name} is refused with ${status}`, async () => {
      const first = await s.counters()
      const text = await comes(send(s.port, bytes))
      assert.deepEqual(statuses(text), [status])
      assert.equal((await s.counters()).ws_opened, first.ws_opened)
    })

  test('the first known subprotocol of a list is taken', async () => {
    const socket = await open(['chat', 'echo.v1', 'flood.v1'])
    assert.equal(socket.protocol, 'echo.v1')
    socket.terminate()
  })

  test('a reader that takes nothing is closed; one that takes slowly stays; nothing piles up', async () => {
    // Both are this process: it may stand still for seconds, and the slow one must not be taken for the lazy one then.
    await withServer({ ws_slow_ms: 8000 }, async (own) => {
      const lazy = await open('flood.v1', {}, own.port)
      lazy._socket.pause()
      const brisk = await open('echo.v1', {}, own.port)
      const slow = await open('flood.v1', {}, own.port)
      let got = 0
      slow.on('message', () => { if (++got % 50 === 0) { slow._socket.pause(); setTimeout(() => slow._socket.resume(), 60) } })
      const first = await own.counters()
      const chat = setInterval(() => brisk.send('still there?'), 20)
      let heard = 0
      brisk.on('message', () => { heard++ })
      const now = await eventually(own, (counters) => counters.ws_slow_closed > first.ws_slow_closed)
      clearInterval(chat)
      assert.ok(heard > 5, `${heard} echoes beside the lazy reader`)
      assert.equal(now.ws_slow_closed - first.ws_slow_closed, 1)
      assert.equal(slow.readyState, WebSocket.OPEN)
      for (const socket of [lazy, brisk, slow]) socket.terminate()
    })
  })

  test('a flooded reader gets every frame whole', async () => {
    const socket = await open('flood.v1')
    for (let i = 0; i < 500; i++) {
      const [text] = await reply(socket)
      assert.equal(text.length, 16384)
    }
    socket.terminate()
  })

  test('every open is followed by its close, however it ends', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => open()))
    sockets.forEach((socket, i) => {
      if (i % 3 === 0) socket.close()
      if (i % 3 === 1) socket.terminate()
      if (i % 3 === 2) socket._socket.resetAndDestroy()
    })
    const now = await eventually(s, (counters) => counters.ws_now === 0)
    assert.equal(now.ws_opened, now.ws_closed)
  })
})

test('a silent WebSocket is pinged and one without a pong is closed', async () => {
  await withServer({ ws_idle_ms: 1000 }, async (s) => {
    const alive = new WebSocket(`ws://127.0.0.1:${s.port}/ws`, 'echo.v1')
    const dead = new WebSocket(`ws://127.0.0.1:${s.port}/ws`, 'echo.v1', { autoPong: false })
    const gone = new Promise((done) => dead.on('close', done))
    await new Promise((done) => alive.on('ping', done))
    await comes(gone)
    assert.equal(alive.readyState, WebSocket.OPEN)
    alive.terminate()
  })
})

describe('TLS', () => {
  let folder, files
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'web-guards-'))
    files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2', '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' })
  })
  after(() => rmSync(folder, { recursive: true }))

  test('HTTP/1.1 and WebSockets work', async () => {
    await withServer(files, async (s) => {
      const answer = await new Promise((done, failed) => {
        https.request({ port: s.tlsPort, host: '127.0.0.1', path: '/echo', method: 'POST', rejectUnauthorized: false }, (a) => {
          let text = ''
          a.on('data', (bytes) => { text += bytes })
          a.on('end', () => done(JSON.parse(text)))
        }).on('error', failed).end('geheim')
      })
      assert.deepEqual([answer.tls, answer.body], [true, 'geheim'])
      const socket = new WebSocket(`wss://127.0.0.1:${s.tlsPort}/ws`, 'echo.v1', { rejectUnauthorized: false })
      await new Promise((done, failed) => { socket.on('open', done); socket.on('error', failed) })
      const back = new Promise((done) => socket.once('message', (bytes) => done(bytes.toString())))
      socket.send('x'.repeat(15000))
      assert.equal((await back).length, 15000)
      socket.terminate()
    })
  })

  const stream = (client, headers, content) => new Promise((done, failed) => {
    const request = client.request({ ':method': content === undefined ? 'GET' : 'POST', ...headers }, { endStream: content === undefined })
    let status, text = ''
    request.on('response', (h) => { status = h[':status'] })
    request.on('data', (bytes) => { text += bytes })
    request.on('end', () => done({ status, text }))
    request.on('error', failed)
    if (content !== undefined) request.end(content)
  })

  test('HTTP/2: parallel late answers, POSTs, a long answer, refusals, HEAD', async () => {
    await withServer(files, async (s) => {
      const client = http2.connect(`https://127.0.0.1:${s.tlsPort}`, { rejectUnauthorized: false })
      const late = Array.from({ length: 20 }, (_, i) => stream(client, { ':path': `/late?ms=${(i * 37) % 200}&i=${i}` }))
      const answers = await Promise.all(late)
      answers.forEach((a, i) => {
        assert.equal(a.status, 200)
        const seen = JSON.parse(a.text)
        assert.deepEqual([seen.query, seen.tls, seen.peer], [`ms=${(i * 37) % 200}&i=${i}`, true, '127.0.0.1'])
      })
      // One after the other: the library takes DATA of several streams in one read for a fault of the peer.
      for (let i = 0; i < 20; i++) {
        const a = await stream(client, { ':path': '/late?ms=1', 'content-length': `n${i}`.length }, `n${i}`)
        assert.equal(JSON.parse(a.text).body, `n${i}`)
      }
      const big = await stream(client, { ':path': '/big?n=3000000' })
      assert.equal(big.text.length, 3000000)
      assert.deepEqual(await stream(client, { ':path': '/big?n=10', ':method': 'HEAD' }), { status: 200, text: '' })
      assert.equal((await stream(client, { ':path': '/status?n=204' })).status, 204)
      assert.equal((await stream(client, { ':path': '/fixed' })).text, '{"ok":true}')
      client.close()
      for (const [headers, content, status] of [[{}, 'no length', 411], [{ 'content-length': 70000 }, 'x'.repeat(70000), 413]]) {
        const other = http2.connect(`https://127.0.0.1:${s.tlsPort}`, { rejectUnauthorized: false })
        other.on('error', () => {})
        assert.equal((await stream(other, { ':path': '/echo', ...headers }, content)).status, status)
        other.close()
      }
    })
  })

  test('HTTP/2: a flood of streams reset before their answer ends the connection', async () => {
    await withServer(files, async (s) => {
      const client = http2.connect(`https://127.0.0.1:${s.tlsPort}`, { rejectUnauthorized: false })
      client.on('error', () => {})
      const over = new Promise((done) => client.on('close', done))
      // The library gives a stream that its peer reset no place back: 24 of them end the connection.
      let asked = 0
      const ended = () => client.destroyed || client.closed
      while (asked < 100 && !ended()) {
        const request = client.request({ ':path': '/never' })
        request.on('error', () => {})
        asked++
        await eventually(s, (now) => now.handed >= asked || ended())
        request.close(http2.constants.NGHTTP2_CANCEL)
      }
      assert.ok(asked < 100, `${asked} streams`)
      await comes(over)
      const other = http2.connect(`https://127.0.0.1:${s.tlsPort}`, { rejectUnauthorized: false })
      assert.equal((await stream(other, { ':path': '/fixed' })).status, 200)
      other.close()
    })
  })

  test('without http2 only HTTP/1.1 is offered', async () => {
    await withServer({ ...files, http2: 0 }, async (s) => {
      const seen = await new Promise((done, failed) => {
        https.request({ port: s.tlsPort, host: '127.0.0.1', path: '/echo', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'], headers: { 'x-csrf-token': 'tok' } }, (a) => {
          let text = ''
          const alpn = a.socket.alpnProtocol
          a.on('data', (bytes) => { text += bytes })
          a.on('end', () => done([alpn, JSON.parse(text).headers['x-csrf-token']]))
        }).on('error', failed).end()
      })
      assert.deepEqual(seen, ['http/1.1', 'tok'])
    })
  })

  test('a peer that never finishes its TLS greeting is closed at the head deadline', async () => {
    await withServer({ ...files, header_ms: 400 }, async (s) => {
      await comes(send(s.tlsPort, '\x16\x03\x01'))
    })
  })
})

test('the loop says how long its longest turn was', async () => {
  await withServer({}, async (s) => {
    await send(s.port, get('/turn?ms=300', CLOSE))
    const now = await s.counters()
    assert.ok(seconds(now.longest_turn_us) >= 0.3, `${now.longest_turn_us} µs`)
  })
})

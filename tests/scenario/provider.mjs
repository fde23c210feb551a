// A strict provider for the outbox: takes Kannel's sendsms requests, counts what it took by our reference, and fails on demand.
// Whatever it took was "sent": a citizen would have it on the telephone, whether we heard the answer or not.
import http from 'node:http'
import { after } from 'node:test'

/** How one request is met. delay: ms before the answer. reset: 'before' (it never took it) or 'after' (taken, no answer).
 *  hold: a promise the answer waits for. taken: whether a refusal still took it (default: status 2xx). */
const PLAIN = { status: 202, body: '0: Accepted for delivery', delay: 0 }

export class Provider {
  constructor() {
    this.requests = [] // {ref, to, text, at, knobs}
    this.taken = new Map() // reference → how often it would have reached the telephone
    this.faults = [] // what no honest gateway sends
    this.now = 0 // requests being answered
    this.most = 0
    this.knobs = {} // for every request, or a function of (query, how many came before)
  }

  static async open(knobs = {}) {
    const p = new Provider()
    p.knobs = knobs
    p.server = http.createServer((req, res) => p.take(req, res))
    p.server.keepAliveTimeout = 1
    await new Promise((done) => p.server.listen(0, '127.0.0.1', done))
    after(() => p.close())
    p.url = `http://127.0.0.1:${p.server.address().port}/cgi-bin/sendsms`
    return p
  }

  close() {
    this.server.closeAllConnections?.()
    this.server.close()
  }

  /** What Kannel's documentation asks of a request; the reference stands in the report address, as we ask for it. */
  check(req, url, q) {
    const fault = (why) => this.faults.push(`${why}: ${req.method} ${url.pathname}`)
    if (req.method !== 'GET' || url.pathname !== '/cgi-bin/sendsms') fault('not a sendsms request')
    for (const name of ['username', 'password', 'to', 'text']) if (!q[name]) fault(`${name} is missing`)
    if (q.coding !== '2' || q.charset !== 'UTF-8') fault('coding or charset is wrong')
    if (url.searchParams.size !== Object.keys(q).length) fault('a field came twice')
    if (/�/.test(q.text)) fault('the words are no UTF-8')
    const ref = q['dlr-url'] && new URL(q['dlr-url'].replaceAll('%', '%25')).searchParams.get('ref')
    if (!/^\d+$/.test(ref ?? '')) fault('no reference')
    return ref
  }

  async take(req, res) {
    const url = new URL(req.url, 'http://here')
    const q = Object.fromEntries(url.searchParams)
    const ref = this.check(req, url, q)
    const k = { ...PLAIN, ...(typeof this.knobs === 'function' ? this.knobs(q, this.requests.length, ref) : this.knobs) }
    this.requests.push({ ref, to: q.to, text: q.text, report: q['dlr-url'], at: performance.now() })
    this.most = Math.max(this.most, ++this.now)
    req.on('error', () => {})
    res.on('error', () => {})
    if (k.reset === 'before') req.socket.resetAndDestroy()
    else {
      if (k.taken ?? (k.status >= 200 && k.status < 300)) this.taken.set(ref, (this.taken.get(ref) ?? 0) + 1)
      if (k.reset === 'after') req.socket.resetAndDestroy()
      else {
        if (k.delay) await new Promise((done) => setTimeout(done, k.delay))
        if (k.hold) await k.hold
        res.writeHead(k.status, { 'content-type': 'text/plain', ...(k.retryAfter === undefined ? {} : { 'retry-after': String(k.retryAfter) }) }).end(k.body)
      }
    }
    this.now--
  }

  /** Requests for one number. */
  to(number) { return this.requests.filter((r) => r.to.endsWith(number.replace('+', ''))) }

  get twice() { return [...this.taken.values()].filter((n) => n > 1).length }
}

/** The delivery report that Kannel calls, as the request asked for it. bits: 1 delivered, 2 failed, 8 on its way. */
export const report = (r, bits, id = 'fake-1') => r.report.replace('%d', String(bits)).replace('%F', id).replace('%A', '')
  .replace('%T', String(Math.floor(Date.now() / 1000))).replace('%p', encodeURIComponent(r.to)).replace('%P', '10690000')

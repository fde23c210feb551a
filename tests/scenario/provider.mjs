// A strict provider for the outbox: takes Kannel's sendsms requests, counts what it took by our reference, and fails on demand.
// Whatever it took was "sent": a citizen would have it on the telephone, whether we heard the answer or not.
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import { after } from 'node:test'
import tls from 'node:tls'

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

// --- providers with a signature, and every way in which an answer can go wrong ---

const sha = (x, as = 'hex') => createHash('sha256').update(x).digest(as)
const hmac = (key, x, as) => createHmac('sha256', key).update(x).digest(as)
const byName = (f) => Object.entries(f).sort(([a], [b]) => (a < b ? -1 : 1))
const JSON_TYPE = 'application/json'

/** A form whose fields come once each. */
function formOf(r) {
  if (!/^application\/x-www-form-urlencoded(;|$)/.test(r.headers['content-type'] ?? '')) throw new Refusal(415, 'not a form')
  const q = new URLSearchParams(r.body), f = Object.fromEntries(q)
  if (q.size !== Object.keys(f).length) throw new Refusal(400, 'a field came twice')
  return f
}
class Refusal extends Error {
  constructor(status, why, body = '') {
    super(why)
    this.status = status
    this.body = body
  }
}
const wants = (good, status, why, body) => { if (!good) throw new Refusal(status, why, body) }

/** settings: of the channel. check: throws what the real one would answer; gives the number it is for. taken: its answer. */
export const contracts = {
  twilio: {
    settings: { account_sid: 'AC1', auth_token: 'twilio-token', from: '+12025550123' },
    check(r) {
      wants(r.headers.authorization === `Basic ${Buffer.from('AC1:twilio-token').toString('base64')}`, 401, 'credentials', '{"code":20003,"message":"Authenticate","status":401}')
      wants(r.path === '/2010-04-01/Accounts/AC1/Messages.json', 404, 'path', '{"code":20404,"status":404}')
      const f = formOf(r)
      wants(/^\+\d{5,15}$/.test(f.To ?? ''), 400, 'To', '{"code":21211,"status":400}')
      wants(f.From && f.Body, 400, 'From or Body', '{"code":21602,"status":400}')
      return f.To
    },
    taken: (id) => [201, JSON.stringify({ sid: id, status: 'queued' })],
  },
  vonage: {
    settings: { api_key: 'key1', signature_secret: 'vonage-secret', signature_method: 'sha256', from: 'MSD' },
    check(r) {
      wants(r.path === '/sms/json', 404, 'path')
      const { sig, ...f } = formOf(r), no = (status) => JSON.stringify({ 'message-count': '1', messages: [{ status, 'error-text': 'no' }] })
      wants(f.api_key === 'key1' && f.to && f.text && f.from, 200, 'parameters', no('2'))
      wants(Math.abs(Number(f.timestamp) - Date.now() / 1000) < 300, 200, 'timestamp', no('14'))
      wants(sig === hmac('vonage-secret', byName(f).map(([k, v]) => `&${k}=${v.replace(/[&=]/g, '_')}`).join(''), 'hex'), 200, 'signature', no('14'))
      wants(/^[\x20-\x7e]*$/.test(f.text) || f.type === 'unicode', 200, 'type', no('6'))
      return `+${f.to}`
    },
    taken: (id) => [200, JSON.stringify({ 'message-count': '1', messages: [{ status: '0', 'message-id': id }] })],
  },
  aliyun: {
    settings: { access_key_id: 'ali-key', access_key_secret: 'ali-secret', template_received: 'SMS_1', sign: '码上督' },
    check(r) {
      const no = (Code) => JSON.stringify({ Code, Message: 'no', RequestId: '0' })
      const m = (r.headers.authorization ?? '').match(/^ACS3-HMAC-SHA256 Credential=ali-key,SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$/)
      wants(m, 403, 'authorization', no('InvalidAccessKeyId.NotFound'))
      const names = m[1].split(';')
      wants(Math.abs(Date.parse(r.headers['x-acs-date']) - Date.now()) < 900e3, 400, 'date', no('InvalidTimeStamp.Expired'))
      wants(r.headers['x-acs-content-sha256'] === sha(r.body) && ['host', 'x-acs-action', 'x-acs-content-sha256', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-version'].every((n) => names.includes(n)),
        400, 'signed headers', no('SignatureDoesNotMatch'))
      const canonical = [r.method, r.path, '', names.map((n) => `${n}:${r.headers[n]}\n`).join(''), m[1], sha(r.body)].join('\n')
      wants(m[2] === hmac('ali-secret', `ACS3-HMAC-SHA256\n${sha(canonical)}`, 'hex'), 400, 'signature', no('SignatureDoesNotMatch'))
      wants(r.headers['x-acs-action'] === 'SendSms' && r.headers['x-acs-version'] === '2017-05-25', 400, 'action', no('InvalidAction.NotFound'))
      const f = formOf(r)
      wants(f.SignName === '码上督', 200, 'sign', no('isv.SMS_SIGNATURE_ILLEGAL'))
      wants(f.TemplateCode === 'SMS_1' && JSON.parse(f.TemplateParam).receipt, 200, 'template', no('isv.SMS_TEMPLATE_ILLEGAL'))
      wants(/^1\d{10}$/.test(f.PhoneNumbers ?? ''), 200, 'number', no('isv.MOBILE_NUMBER_ILLEGAL'))
      return `+86${f.PhoneNumbers}`
    },
    taken: (id) => [200, JSON.stringify({ Code: 'OK', Message: 'OK', BizId: id, RequestId: '0' })],
  },
  tencent: {
    settings: { secret_id: 'tencent-id', secret_key: 'tencent-secret', sdk_app_id: '1400000001', template_received: '1000001', sign: '码上督' },
    check(r) {
      const no = (Code) => JSON.stringify({ Response: { Error: { Code, Message: 'no' }, RequestId: '0' } })
      const at = Number(r.headers['x-tc-timestamp']), day = new Date(at * 1000).toISOString().slice(0, 10)
      wants(Math.abs(at - Date.now() / 1000) < 300, 200, 'time', no('AuthFailure.SignatureExpire'))
      const canonical = `POST\n/\n\ncontent-type:${r.headers['content-type']}\nhost:${r.headers.host}\n\ncontent-type;host\n${sha(r.body)}`
      const key = hmac(hmac(hmac('TC3tencent-secret', day), 'sms'), 'tc3_request')
      const signature = hmac(key, `TC3-HMAC-SHA256\n${at}\n${day}/sms/tc3_request\n${sha(canonical)}`, 'hex')
      wants(r.headers.authorization === `TC3-HMAC-SHA256 Credential=tencent-id/${day}/sms/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`,
        200, 'signature', no('AuthFailure.SignatureFailure'))
      wants(r.path === '/' && r.headers['x-tc-action'] === 'SendSms' && r.headers['x-tc-version'] === '2021-01-11', 200, 'action', no('InvalidAction'))
      const f = JSON.parse(r.body)
      wants(f.SmsSdkAppId === '1400000001' && f.SignName === '码上督' && f.TemplateId === '1000001', 200, 'template', no('FailedOperation.SignatureIncorrectOrUnapproved'))
      wants(f.PhoneNumberSet?.length === 1 && /^\+\d{5,15}$/.test(f.PhoneNumberSet[0]), 200, 'number', no('InvalidParameterValue.IncorrectPhoneNumber'))
      return f.PhoneNumberSet[0]
    },
    taken: (id) => [200, JSON.stringify({ Response: { SendStatusSet: [{ SerialNo: id, Code: 'Ok', Message: 'send success' }], RequestId: '0' } })],
  },
  huawei: {
    settings: { app_key: 'hw-key', app_secret: 'hw-secret', from: '8823000000001', template_received: 'tpl-1', sign: '码上督' },
    check(r) {
      const no = (code) => JSON.stringify({ code, description: 'no' })
      wants(r.path === '/sms/batchSendSms/v1', 404, 'path')
      wants(r.headers.authorization === 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"', 401, 'authorization', no('E000101'))
      const w = Object.fromEntries([...(r.headers['x-wsse'] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]))
      wants(w.Username === 'hw-key' && w.Nonce && w.PasswordDigest === sha(w.Nonce + w.Created + 'hw-secret', 'base64'), 401, 'digest', no('E000102'))
      wants(Math.abs(Date.parse(w.Created) - Date.now()) < 900e3, 401, 'created', no('E000103'))
      const f = formOf(r)
      wants(f.from && /^\+\d{5,15}$/.test(f.to ?? '') && f.templateId === 'tpl-1' && Array.isArray(JSON.parse(f.templateParas)), 200, 'fields', no('E000510'))
      return f.to
    },
    taken: (id) => [200, JSON.stringify({ code: '000000', description: 'Success', result: [{ originTo: '', smsMsgId: id, status: '000000' }] })],
  },
}

const answerOf = (status, body, more = '') => `HTTP/1.1 ${status} X\r\ncontent-type: ${JSON_TYPE}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`

/** A provider on a bare socket, so that it can misbehave below HTTP. how: a function (socket, good answer, how many came before) or nothing for
 *  a good one. before: the connection is not even read. Whatever passed the check counts as taken. */
export class Peer {
  static async open(type, { how, before, secure } = {}) {
    const p = Object.assign(new Peer(), { type, contract: contracts[type], how, before, taken: new Map(), times: [], faults: [], connections: 0 })
    p.server = secure ? tls.createServer(secure, (c) => p.serve(c)) : net.createServer((c) => p.serve(c))
    p.server.on('tlsClientError', () => {})
    p.server.on('connection', () => { p.connections++ })
    await new Promise((done) => p.server.listen(0, '127.0.0.1', done))
    after(() => p.server.close())
    p.url = `${secure ? 'https' : 'http'}://127.0.0.1:${p.server.address().port}`
    return p
  }

  serve(c) {
    c.on('error', () => {})
    if (this.before) return this.before(c)
    let all = Buffer.alloc(0)
    c.on('data', (d) => {
      all = Buffer.concat([all, d])
      const end = all.indexOf('\r\n\r\n')
      if (end < 0) return
      const [first, ...lines] = all.subarray(0, end).toString('latin1').split('\r\n')
      const headers = {}
      for (const l of lines) {
        const at = l.indexOf(':'), name = l.slice(0, at).toLowerCase()
        if (name in headers) this.faults.push(`${name} came twice`)
        headers[name] = Buffer.from(l.slice(at + 1).trim(), 'latin1').toString('utf8')
      }
      const body = all.subarray(end + 4), length = Number(headers['content-length']), [method, path, version] = first.split(' ')
      if (method === 'GET') return c.end(answerOf(404, '{}')) // the question after the balance
      if (!(length >= 0)) this.faults.push('no content-length')
      if (body.length < length) return
      c.removeAllListeners('data')
      this.answer(c, { method, path, version, headers, body: body.toString('utf8'), raw: body })
    })
  }

  answer(c, r) {
    let reply
    const n = this.times.push(performance.now()) - 1
    try {
      wants(r.method === 'POST' && r.version === 'HTTP/1.1', 405, 'method')
      wants(r.headers.host === new URL(this.url).host, 400, 'host')
      wants(r.raw.length === Number(r.headers['content-length']), 400, 'more than content-length says')
      wants(Buffer.from(r.body, 'utf8').equals(r.raw), 400, 'not UTF-8')
      const to = this.contract.check(r)
      reply = answerOf(...this.contract.taken(`id-${this.type}-${n}`))
      const refuses = this.how?.(c, reply, n)
      if (refuses) return c.end(refuses)
      this.taken.set(to, (this.taken.get(to) ?? 0) + 1)
      if (this.how) return undefined
    } catch (e) {
      if (!(e instanceof Refusal)) throw e
      this.faults.push(e.message)
      reply = answerOf(e.status, e.body)
    }
    return c.end(reply)
  }

  get twice() { return [...this.taken.values()].filter((n) => n > 1).length }
}
export { answerOf }

// What every scenario needs: a private PostgreSQL, the schema and the sample district, gateways on free ports, and
// clients for each door. A scenario takes a site of its own, so files run beside each other. The program comes from
// MASHANGDU (default build-sanitize/bin/mashangdu). Whatever a test does, stop() asks each gateway to end and wants
// exit code 0 and no report of a sanitizer; logs of a failed file stay under tests/artefacts/.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import WebSocket from 'ws'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
export const tree = resolve(here, '../..')
const program = resolve(process.env.MASHANGDU ?? join(tree, 'build-sanitize/bin/mashangdu'))
const pgScript = join(tree, 'tests/pg.sh')
const artefacts = join(tree, 'tests/artefacts')

// int8 as text: ids are 64 bits wide.
pg.types.setTypeParser(20, (v) => v)

// --- waiting for conditions, never for time ---

export const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** Waits while fewer than `ms` are left of the day in China: what is said of a day must not be told across midnight. */
export async function clearOfMidnight(ms = 60000) {
  const day = 86400e3, left = day - ((Date.now() + 8 * 3600e3) % day)
  if (left < ms) await pause(left + 1000)
}

/** Asks `condition` again and again until it gives something true, at most `ms`. */
export async function until(what, condition, ms = 60000, every = 25) {
  const end = performance.now() + ms
  let last
  for (;;) {
    try {
      const got = await condition()
      if (got) return got
      last = undefined
    } catch (e) {
      if (e.stop) throw e
      last = e
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms${last ? ` (${last.message})` : ''}`, { cause: last })
    await pause(every)
  }
}

/** The promise's value, or a failure naming `what` after `ms`. */
export function within(what, promise, ms) {
  let timer
  const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`${what}: not within ${ms} ms`)), ms) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// --- HTTP, without anybody's retries ---

/** One request; {status, headers, body, text, json}. Rejects when the connection ends without a whole answer. */
export function request(url, { method = 'GET', headers = {}, body, agent = false, ms = 60000 } = {}) {
  return new Promise((done, no) => {
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(body)
    const all = { ...headers }
    if (bytes) all['content-length'] = bytes.length
    const req = http.request(url, { method, headers: all, agent, timeout: ms }, (res) => {
      const parts = []
      res.on('data', (p) => parts.push(p))
      res.on('error', no)
      res.on('aborted', () => no(new Error('answer cut off')))
      res.on('end', () => {
        const whole = Buffer.concat(parts), text = whole.toString('utf8')
        let json
        if (/json/.test(res.headers['content-type'] ?? '')) {
          try { json = JSON.parse(text) } catch { /* stays undefined */ }
        }
        done({ status: res.statusCode, headers: res.headers, body: whole, text, json })
      })
    })
    req.on('timeout', () => req.destroy(new Error(`no answer within ${ms} ms`)))
    req.on('error', no)
    req.end(bytes)
  })
}

/** Bytes to a port as they are; resolves with all that came back until the peer closed, at most `ms`. */
export function raw(port, bytes, { ms = 60000, then } = {}) {
  return new Promise((done, no) => {
    const parts = []
    const s = net.connect(port, '127.0.0.1', () => { s.write(bytes); if (then) then(s) })
    const timer = setTimeout(() => { s.destroy(); no(new Error(`the peer did not close within ${ms} ms`)) }, ms)
    s.on('data', (p) => parts.push(p))
    s.on('error', () => {})
    s.on('close', () => { clearTimeout(timer); done(Buffer.concat(parts).toString('utf8')) })
  })
}

export const encode = (fields) => new URLSearchParams(fields).toString()
export const unescape = (s) => s.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&')
/** A hidden field of a page; of the form with that action when one is named. */
export function hidden(html, name, action) {
  const part = action ? html.slice(html.indexOf(`action="${action}"`)) : html
  const m = part.match(new RegExp(`name="${name}" value="([^"]*)"`))
  assert.ok(m, `the page has no hidden field ${name}:\n${html.slice(0, 2000)}`)
  return unescape(m[1])
}
/** Is this the second page of a form, which asks what the matter needs or shows what may be the same? */
export const asksMore = (a) => a.status === 200 && a.text.includes('name="step" value="2"')
/** What the second page sends when nothing on it is touched. */
export function moreFields(a) {
  const fields = {}
  for (const [tag] of a.text.matchAll(/<input type="hidden"[^>]*>/g)) {
    const name = tag.match(/ name="([^"]*)"/)?.[1]
    if (name) fields[name] = unescape(tag.match(/ value="([^"]*)"/)?.[1] ?? '')
  }
  fields.text = unescape(a.text.match(/<textarea id="text"[^>]*>\n?([\s\S]*?)<\/textarea>/)[1])
  return fields
}
/** The 16 digits on the page after a form. */
export function receiptOn(html) {
  const m = html.match(/<p class="receipt">([0-9 ]+)<\/p>/)
  assert.ok(m, `no receipt on the page:\n${html.slice(0, 3000)}`)
  const digits = m[1].replace(/ /g, '')
  assert.match(digits, /^\d{16}$/)
  return digits
}

let keys = 0
export const freshKey = (prefix = 'key') => `${prefix}-${process.pid}-${Date.now().toString(36)}-${++keys}`

// --- web sockets ---

/** A client that keeps every frame; next(wanted) takes the first one that fits, waiting for it. */
export class Socket {
  constructor(url, protocol, headers = {}) {
    this.frames = []
    this.waiting = []
    this.closed = new Promise((done) => { this.onClosed = done })
    this.ws = new WebSocket(url, protocol, { headers, perMessageDeflate: false })
    this.opened = new Promise((done, no) => {
      this.ws.on('open', () => done(this))
      this.ws.on('unexpected-response', (_, res) => no(Object.assign(new Error(`refused ${res.statusCode}`), { status: res.statusCode })))
      this.ws.on('error', no)
    })
    this.opened.catch(() => {})
    this.ws.on('message', (data) => {
      const frame = JSON.parse(data.toString())
      if (frame.type === 'ping') this.send({ type: 'pong' })
      else this.take(frame)
    })
    this.ws.on('close', (code) => { this.code = code; this.onClosed(code) })
  }

  take(frame) {
    const at = this.waiting.findIndex((w) => w.wanted(frame))
    if (at < 0) this.frames.push(frame)
    else this.waiting.splice(at, 1)[0].done(frame)
  }

  send(frame) { this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)) }

  next(wanted, ms = 60000) {
    const fits = typeof wanted === 'string' ? (f) => f.type === wanted : wanted
    const at = this.frames.findIndex(fits)
    if (at >= 0) return Promise.resolve(this.frames.splice(at, 1)[0])
    const waiter = { wanted: fits }
    const got = new Promise((done) => { waiter.done = done })
    this.waiting.push(waiter)
    return within(`frame ${typeof wanted === 'string' ? wanted : wanted.toString()}`, Promise.race([got,
      this.closed.then((code) => { throw new Error(`socket closed (${code}) while a frame was awaited`) })]), ms)
  }

  async close() {
    this.ws.close()
    await within('socket closes', this.closed, 60000)
  }
}

// --- a private PostgreSQL ---

class Database {
  constructor(dir, { durable, tcp }) {
    this.dir = join(dir, 'pg')
    this.options = [...(durable ? [] : ['--fast']), ...(tcp ? ['--tcp'] : [])]
    this.pools = new Map()
  }

  async script(...words) { return (await run(pgScript, words, { maxBuffer: 1 << 24 })).stdout.trim() }

  async start(...settings) {
    const conninfo = await this.script('start', this.dir, ...this.options, ...settings)
    const part = Object.fromEntries(conninfo.split(' ').map((p) => p.split('=')))
    this.host = part.host
    this.port = part.port
  }

  stop(how = 'fast') { return this.script('stop', this.dir, how) }
  kill() { return this.script('kill', this.dir) }

  conninfo(user, database = 'mashangdu') { return `host=${this.host} port=${this.port} user=${user} dbname=${database}` }

  /** The server's processes; for freezing it. */
  async processes() {
    const main = Number(await this.script('pid', this.dir))
    const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
    return [main, ...children]
  }
  async freeze() {
    this.frozen = await this.processes()
    for (const p of this.frozen) process.kill(p, 'SIGSTOP')
  }
  thaw() {
    for (const p of this.frozen ?? []) {
      try { process.kill(p, 'SIGCONT') } catch { /* it had ended */ }
    }
    this.frozen = undefined
  }

  client(user = 'postgres', database = 'mashangdu') {
    const c = new pg.Client({ host: this.host, port: Number(this.port), user, database })
    c.on('error', () => {})
    return c
  }

  pool(user, database) {
    const name = `${user} ${database}`
    if (!this.pools.has(name)) {
      const p = new pg.Pool({ host: this.host, port: Number(this.port), user, database, max: 3, idleTimeoutMillis: 5000 })
      p.on('error', () => {})
      this.pools.set(name, p)
    }
    return this.pools.get(name)
  }

  async query(sql, params = [], user = 'postgres', database = 'mashangdu') { return (await this.pool(user, database).query(sql, params)).rows }

  async leave() {
    for (const p of this.pools.values()) await p.end().catch(() => {})
    this.pools.clear()
  }

  async drop() {
    this.thaw()
    await this.leave()
    await this.script('drop', this.dir)
  }
}

// --- one gateway process ---

class Gateway {
  constructor(site, name, settings) {
    this.site = site
    this.name = name
    this.settings = settings
    this.log = join(site.dir, `${name}.log`)
    this.portFile = join(site.dir, `${name}.ports`)
  }

  get running() { return this.child && this.child.exitCode === null && this.child.signalCode === null }

  async start({ wait = true, settings = {}, env = {} } = {}) {
    assert.ok(!this.running, 'the gateway runs already')
    rmSync(this.portFile, { force: true })
    Object.assign(this.settings, settings)
    const options = { 'listen-port': 0, 'ops-port': 0, 'port-file': this.portFile, ...this.settings }
    const words = Object.entries(options).map(([k, v]) => `--${k.replaceAll('_', '-')}=${v}`)
    const fd = openSync(this.log, 'a')
    // It must not outlive a test that was killed.
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, 'serve', ...words], {
      cwd: this.site.dir, env: this.site.env(env), stdio: ['ignore', fd, fd] })
    closeSync(fd)
    const child = this.child
    this.ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })))
    await until(`${this.name} listens`, () => {
      if (!this.running) throw Object.assign(new Error(`it ended: ${this.tail()}`), { stop: true })
      return existsSync(this.portFile)
    }, 60000)
    const ports = Object.fromEntries(readFileSync(this.portFile, 'utf8').trim().split('\n').map((l) => l.split('=')))
    assert.equal(Number(ports.pid), child.pid)
    this.port = Number(ports.listen)
    this.opsPort = Number(ports.ops)
    this.url = `http://127.0.0.1:${this.port}`
    this.ops = `http://127.0.0.1:${this.opsPort}`
    if (wait) await this.ready()
    return this
  }

  ready(ms = 60000) { return until(`${this.name} is ready`, async () => (await request(`${this.ops}/readyz`, { ms: 10000 })).status === 200, ms) }

  text() { return existsSync(this.log) ? readFileSync(this.log, 'utf8') : '' }
  tail() { return this.text().split('\n').slice(-30).join('\n') }

  /** Asks it to end and wants a clean end. */
  async stop(ms = 90000) {
    if (!this.running) return
    this.child.kill('SIGTERM')
    const { code, signal } = await within(`${this.name} ends`, this.ended, ms)
    assert.equal(signal, null, this.tail())
    assert.equal(code, 0, this.tail())
  }

  async kill9() {
    this.child.kill('SIGKILL')
    await this.ended
  }

  hangUp() { this.child.kill('SIGHUP') }

  /** What must never stand in a log. */
  clean() {
    const bad = this.text().split('\n').find((l) => /Sanitizer|runtime error:|panic|level=fatal/i.test(l))
    assert.equal(bad, undefined, `${this.name}: ${bad}\n${this.tail()}`)
  }

  async metrics() {
    const text = (await request(`${this.ops}/metrics`)).text
    const all = new Map()
    for (const line of text.split('\n')) {
      const m = line.match(/^(mashangdu_[^ ]+) ([-+.\deE]+)$/)
      if (m) all.set(m[1], Number(m[2]))
    }
    return all
  }
  async refusals(code) { return (await this.metrics()).get(`mashangdu_refusals_total{code="${code}"}`) ?? 0 }

  // -- doors --

  get(path, options) { return request(this.url + path, options) }

  /** POST /api/v1/feedback */
  api(body, { key = freshKey(), headers = {}, ...rest } = {}) {
    return request(`${this.url}/api/v1/feedback`, {
      method: 'POST', body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }), ...headers }, ...rest })
  }

  post(path, fields, { headers = {}, ...rest } = {}) {
    return request(this.url + path, {
      method: 'POST', body: typeof fields === 'string' || Buffer.isBuffer(fields) ? fields : encode(fields),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.url, ...headers }, ...rest })
  }

  /** Opens a form as a browser does and sends it with its token. */
  async form(path, fields, options) {
    const page = await this.get(path)
    assert.equal(page.status, 200, page.text.slice(0, 500))
    return this.post(path, { token: hidden(page.text, 'token'), ...fields }, options)
  }

  live(headers = {}) { return new Socket(`ws://127.0.0.1:${this.port}/ws/intake`, 'mashangdu.intake.v1', headers).opened }

  /** An SMS as Kannel pushes it: by get-url with the words as %e, and by post-url. */
  smsGet(door, { id = freshKey('mo'), from = '+8615400000001', to = '10690000', text, coding = 2, charset = 'UTF-16BE', ...more }) {
    const query = Object.entries({ id, from, to, T: Math.floor(Date.now() / 1000), smsc: 'GET', coding, charset, udh: '', ...more })
      .map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&')
    return this.get(`${door.path}/mo?${query}&hex=${utf16be(text).toString('hex')}`)
  }
  smsPost(door, { id = freshKey('mo'), from = '+8615400000001', to = '10690000', text }) {
    return request(`${this.url}${door.path}/mo?id=${encodeURIComponent(id)}`, {
      method: 'POST', body: utf16be(text), headers: {
        'content-type': 'text/plain; charset="UTF-16BE"', 'x-kannel-from': from, 'x-kannel-to': to, 'x-kannel-coding': '2',
        'x-kannel-smsc': 'POST', 'x-kannel-time': new Date().toISOString().slice(0, 19).replace('T', ' ') } })
  }
}

export function utf16be(text) {
  const b = Buffer.from(text, 'utf16le')
  return b.swap16()
}
export const percent = (bytes) => [...bytes].map((b) => `%${b.toString(16).padStart(2, '0').toUpperCase()}`).join('')

// --- staff ---

/** A signed-in person. */
export class Person {
  constructor(gateway, login) {
    this.gateway = gateway
    this.login = login
  }

  headers() { return { ...(this.cookie ? { cookie: this.cookie, 'x-csrf-token': this.csrf } : {}), origin: this.gateway.url } }

  async call(method, path, body, more = {}) {
    return request(`${this.gateway.url}/staff/api/v1${path}`, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { ...this.headers(), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more } })
  }

  async signIn(password) {
    const a = await this.call('POST', '/session', { login: this.login, password })
    assert.equal(a.status, 200, a.text)
    this.cookie = a.headers['set-cookie'].map((c) => c.split(';')[0]).join('; ')
    this.csrf = a.json.csrf
    this.staff = a.json.staff
    return a.json
  }

  async changePassword(old, fresh) {
    const a = await this.call('POST', '/session/password', { old, new: fresh })
    assert.equal(a.status, 200, a.text)
    this.csrf = a.json.csrf
    this.staff = a.json.staff
  }

  async get(path) {
    const a = await this.call('GET', path)
    assert.equal(a.status, 200, `${path}: ${a.status} ${a.text}`)
    return a.json
  }

  /** The answer of a search that had the time to look everywhere. */
  found(path) {
    return until('a search that is complete', async () => {
      const a = await this.get(path)
      return a.complete !== false && a
    })
  }

  case(id, reason) { return this.get(`/cases/${id}${reason ? `?reason=${encodeURIComponent(reason)}` : ''}`) }

  /** One act on the case as it is now. */
  async act(id, act, more = {}, { reason } = {}) {
    const now = await this.case(id, reason)
    return this.call('POST', `/cases/${id}/acts`, { act, version: now.case.version, ...more })
  }

  async does(id, act, more, options) {
    const a = await this.act(id, act, more, options)
    assert.equal(a.status, 200, `${this.login} ${act}: ${a.status} ${a.text}`)
    return a.json
  }

  dashboard(headers = {}) {
    return new Socket(`ws://127.0.0.1:${this.gateway.port}/ws/dashboard`, 'mashangdu.dashboard.v1', { ...this.headers(), ...headers }).opened
  }

  /** A dashboard that has subscribed and gets events from now on: of what was done before, nothing comes any more, nor does it close the
   *  line because the person's rights have just been made. The gateway reads the events behind their transactions. */
  async watch(since) {
    const last = Number(await this.gateway.site.one('select last from event_head'))
    const s = await until('the gateway has read what was done before', async () => {
      const s = await this.dashboard()
      s.hello = await s.next('hello')
      if (s.hello.seq >= last) return s
      await s.close()
      return undefined
    }, 60000)
    s.send({ type: 'subscribe', since: since ?? s.hello.seq })
    return s
  }
}

// --- the whole ---

/** Argon2id of the least cost that there is. */
const cheap = { password: 'Scenario-desk-2026', hash: '$argon2id$v=19$m=8,t=1,p=1$P4m5f+3fvhFi0NH1J6PKgg$BQUwXh8ng2/05W+fHvK4gn3NgVTGm868AJD7msKwkrY' }
const template = { files: ['master.key', 'escrow-share-1.txt', 'escrow-share-2.txt'] }

export class Site {
  /** durable: fsync as in earnest. district: load the register and issue the plaques. years: load this year and the next when
   *  the sample calendar ends before them, so that no test depends on the day it runs. seal: an escrow key, so that reports are
   *  taken; its shares lie in the site's folder. */
  static async open(name, { durable = false, tcp = false, district = true, migrate = true, years = true, seal = true, settings = {} } = {}) {
    const site = new Site()
    site.name = name
    site.dir = mkdtempSync(`/tmp/msd-${name.slice(0, 8)}-`)
    execFileSync('chmod', ['755', site.dir]) // PostgreSQL may run as another user
    site.db = new Database(site.dir, { durable, tcp })
    site.gateways = []
    site.atEnd = [] // what else was started, to be ended before the folder goes
    site.people = new Map()
    site.settings = settings
    // Whatever kills this test, the server does not stay.
    site.watchdog = spawn('sh', ['-c', `while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done; [ ! -d "$2/kannel" ] || "$3" "$2/kannel"; "$0" drop "$1" >/dev/null 2>&1; rm -rf "$2"`,
      pgScript, site.db.dir, site.dir, join(here, 'kannel/stop.sh')], { detached: true, stdio: 'ignore' })
    site.watchdog.unref()
    try {
      const ready = migrate && district && years && seal ? process.env.MSD_SITE_TEMPLATE : undefined
      if (ready) {
        for (const file of template.files) cpSync(join(ready, file), join(site.dir, file), { preserveTimestamps: true })
        await site.db.start(`--from=${join(ready, 'data')}`)
        return site
      }
      await site.db.start()
      await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', site.db.conninfo('postgres', 'postgres'), '-f', join(tree, 'deploy/roles.sql')])
      await site.db.query('create database mashangdu owner mashangdu_owner', [], 'postgres', 'postgres')
      await site.tool('key', 'create')
      if (migrate) await site.tool('migrate')
      if (migrate && district) {
        await site.tool('import', '--district', join(tree, 'deploy/sample-district'))
        if (years) await site.loadYears()
        await site.tool('plaque', 'issue', '--all')
        await site.tool('plaque', 'activate', '--all')
        if (seal) await site.tool('seal', 'escrow', '--out-1', join(site.dir, 'escrow-share-1.txt'), '--out-2', join(site.dir, 'escrow-share-2.txt'))
      }
    } catch (e) {
      site.failed = true
      await site.close().catch(() => {})
      throw e
    }
    return site
  }

  /** What most tests begin with is made once in a run and copied (site_template.mjs): the cluster and what belongs to it. */
  async keepAsTemplate(folder) {
    await this.db.leave()
    await this.db.stop()
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    execFileSync('cp', ['-a', join(this.dir, 'pg/data'), join(folder, 'data')])
    for (const file of template.files) cpSync(join(this.dir, file), join(folder, file))
  }

  /** Sundays as days off say nothing new about any day, but make a year count as loaded. */
  async loadYears() {
    const known = readFileSync(join(tree, 'deploy/sample-district/cn-workdays.csv'), 'utf8')
    const now = new Date().getFullYear()
    const rows = [now, now + 1].filter((y) => !known.includes(`\n${y}-`)).flatMap((y) => Array.from({ length: 12 }, (_, m) => {
      const first = new Date(Date.UTC(y, m, 1)).getUTCDay()
      return `${y}-${String(m + 1).padStart(2, '0')}-${String(((7 - first) % 7) + 1).padStart(2, '0')},holiday,周日`
    }))
    if (rows.length === 0) return
    const file = join(this.dir, 'years.csv')
    writeFileSync(file, `date,kind,name\n${rows.join('\n')}\n`)
    await this.tool('import', 'calendar', file)
  }

  env(more = {}) {
    return {
      PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: this.dir,
      ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=99:handle_abort=1', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
      MASHANGDU_KEY_FILE: join(this.dir, 'master.key'), MASHANGDU_DATABASE: this.db.conninfo('mashangdu_gateway'),
      MASHANGDU_OWNER_DATABASE: this.db.conninfo('mashangdu_owner'), MASHANGDU_DASHBOARD_DIR: join(tree, 'gateway/dashboard/dist'),
      MASHANGDU_DISCIPLINE_UNIT: 'U032',
      MASHANGDU_SMS_QUIET: 'none', // a run at night is no other run; what is about quiet hours sets them
      MASHANGDU_SMS_SURVEY_AFTER: '0s', // nobody waits two hours; what is about the wait sets it
      ...more }
  }

  /** Runs the program as a tool; its standard output. `input`: standard input. Rejects with code and stderr when it fails. */
  tool(...words) { return this.toolWith({}, ...words) }
  toolWith({ env = {}, input }, ...words) {
    return new Promise((done, no) => {
      const child = execFile(program, words, { cwd: this.dir, env: this.env(env), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error) no(Object.assign(new Error(`mashangdu ${words.join(' ')}: exit ${error.code}: ${stderr || stdout}`), { code: error.code, stdout, stderr }))
        else done(stdout)
      })
      child.stdin.on('error', () => {}) // a tool that refuses may end before it has read; its exit code tells
      child.stdin.end(input ?? '')
    })
  }

  sql(text, params, user) { return this.db.query(text, params, user) }
  async one(text, params, user) { return Object.values((await this.sql(text, params, user))[0] ?? {})[0] }
  events(since = 0) { return this.sql('select * from events where seq > $1 order by seq', [since]) }

  /** A gateway that answers /readyz. No limit on tries of one address, since every test comes from one. */
  async gateway(settings = {}, options) {
    const g = new Gateway(this, `gateway${this.gateways.length + 1}`, {
      submit_per_minute: 1000000, block_per_minute: 1000000, plaque_per_minute: 1000000,
      number_per_hour: 1000000, same_words_per_hour: 1000000, device_ratings_per_hour: 1000000, status_per_minute: 1000000, login_per_minute: 1000000, per_address_max: 4000, ...this.settings, ...settings })
    this.gateways.push(g)
    return g.start(options)
  }

  /** The signed path of a unit's plaque. */
  async plaquePath(unit) { return new URL((await this.tool('plaque', 'url', unit)).trim().split('\n')[0]).pathname }
  plaqueNumber(unit) {
    return this.one(`select number from plaques p join units u on u.id = p.unit_id where u.code = $1 and p.state = 'active' order by number limit 1`, [unit])
  }
  unitId(code) { return this.one('select id from units where code = $1', [code]) }

  /** A Kannel door of that name whose answers go to sendsms_url; {name, path, mo, dlr}. */
  async smsDoor(gateway, name, sendsmsUrl, ...more) {
    const settings = [`hook_base=${gateway.url}`, ...(sendsmsUrl ? [`sendsms_url=${sendsmsUrl}`, 'username=tester', 'password=secret', 'from=10690000'] : []), ...more]
    const out = await this.tool('channel', 'add', name, '--type', 'kannel', ...settings.flatMap((x) => ['--set', x]))
    const mo = out.match(/^mo=(\S+)$/m)
    assert.ok(mo, out)
    const path = new URL(mo[1]).pathname.replace(/\/mo$/, '')
    const token = more.find((x) => x.startsWith('url_token='))?.slice(10) ?? ''
    await until('the gateway knows the door', async () => (await request(`${gateway.url}${path}/dlr?k=${token}`)).status !== 403)
    return { name, path }
  }

  /** Makes an account and signs it in, with a password of its own. home: where the person comes from. */
  async person(gateway, login, { unit = 'U000', roles, home, name = '测试岗位' }) {
    await this.account(login, { unit, roles, home, name })
    // The one-time password is changed in the database, to one that costs little to check: what is about passwords does it by itself.
    await this.sql('update staff set password_hash = $2, must_change = false where login = $1', [login, cheap.hash])
    const p = new Person(gateway, login)
    p.password = cheap.password
    await p.signIn(p.password)
    return p
  }

  async account(login, { unit = 'U000', roles, home, name = '测试岗位' }) {
    const words = ['user', 'add', login, '--name', name, '--unit', unit, ...(home ? ['--home', home] : []), '--role', roles.join(',')]
    const out = await this.tool(...words)
    return oneTimePassword(out, login)
  }

  async close() {
    let problem
    const note = (e) => { problem ??= e }
    this.db.thaw()
    for (const g of this.gateways) await g.stop().catch((e) => { note(e); g.child?.kill('SIGKILL') })
    for (const g of this.gateways) { try { g.clean() } catch (e) { note(e) } }
    rmSync(join(artefacts, this.name), { recursive: true, force: true })
    for (const end of this.atEnd) await Promise.resolve(end()).catch(note)
    if (this.failed || problem) this.keepLogs()
    await this.db.drop().catch(note)
    rmSync(this.dir, { recursive: true, force: true })
    try { process.kill(-this.watchdog.pid, 'SIGKILL') } catch { /* gone */ }
    if (problem) throw problem
  }

  keepLogs() {
    const to = join(artefacts, this.name)
    mkdirSync(to, { recursive: true })
    for (const from of [this.dir, join(this.dir, 'kannel')])
      if (existsSync(from)) for (const f of readdirSync(from)) if (f.endsWith('.log')) cpSync(join(from, f), join(to, f))
    const server = join(this.db.dir, 'server.log')
    if (existsSync(server)) cpSync(server, join(to, 'postgresql.log'))
    console.error(`logs are in ${to}`)
  }
}

/** The password that `user add` and `user password` print once. */
export function oneTimePassword(out, login) {
  const line = out.split('\n').find((l) => l.includes(login)) ?? out
  const words = line.trim().split(/[\s=]+/)
  return words[words.length - 1]
}

/** A provider as the outbox meets it: takes Kannel's sendsms requests, keeps them, answers 202 (or what `answer` says). */
export async function fakeProvider(answer = () => [202, '0: Accepted for delivery']) {
  const sent = []
  const server = http.createServer((req, res) => {
    const q = Object.fromEntries(new URL(req.url, 'http://here').searchParams)
    sent.push(q)
    const [status, body] = answer(q, sent.length)
    res.writeHead(status, { 'content-type': 'text/plain' }).end(body)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  after(() => { server.closeAllConnections?.(); server.close() })
  return { sent, url: `http://127.0.0.1:${server.address().port}/cgi-bin/sendsms` }
}

/** The delivery report that Kannel would call for a request it took. */
export const reportUrl = (q, d) => q['dlr-url'].replace('%d', String(d)).replace('%F', 'fake-1').replace('%A', '').replace('%T', String(Math.floor(Date.now() / 1000)))
  .replace('%p', encodeURIComponent(q.to)).replace('%P', '10690000')

/** One site for a test file; tests made with the returned function mark it failed, so that its logs stay. */
export function scenario(name, options, begin) {
  const holder = {}
  const opened = (async () => {
    holder.site = await Site.open(name, options)
    try {
      await begin?.(holder)
    } catch (e) {
      holder.site.failed = true
      throw e
    }
  })()
  opened.catch(() => {})
  after(async () => { if (holder.site) await holder.site.close() })
  const it = (title, fn, { ms = 240000 } = {}) => test(title, { timeout: ms }, async (t) => {
    try {
      await opened
      await fn(holder, t)
    } catch (e) {
      if (holder.site) holder.site.failed = true
      throw e
    }
  })
  return it
}

/** The file name of a test without its ending: the name of its site. */
export const fileName = (url) => basename(fileURLToPath(url), '.test.mjs')

/** What moves the wall clock of a process (wall_clock.c). */
export const wallClock = join(dirname(program), 'wall_clock.so')
export const HOUR = 3600000

/** Environment of a process whose wall clock is so many milliseconds off the true time. */
export function withClock(shift) {
  assert.ok(Number.isInteger(shift), `a shift of ${shift}`)
  return { ...preload(wallClock), WALL_CLOCK_SHIFT: String(shift) }
}
export const preload = (library) => ({ LD_PRELOAD: library, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0` })

export { program, writeFileSync }

// Signing in by steps: the second factor and its recovery codes, what a post that needs one may do without, sessions that their owner
// sees and ends, their idle and absolute end, and people who come through an identity provider.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, Person, request, scenario, until, within } from './harness.mjs'
import { fault } from './openapi.mjs'
import { OpenId } from './openid.mjs'

const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36'

/** The code of a key in Base32, `off` steps from now. */
function codeOf(key, off = 0) {
  const bits = [...key.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + off))
  const mac = createHmac('sha1', bytes).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.idp = await OpenId.open()
  writeFileSync(join(site.dir, 'oidc.secret'), `${s.idp.secret}\n`, { mode: 0o600 })
  s.settings = { totp_roles: 'admin, accountability', oidc_issuer: s.idp.issuer, oidc_client_id: s.idp.clientId, oidc_secret_file: join(site.dir, 'oidc.secret'), oidc_name: '区统一认证', public_url: 'http://127.0.0.1:8080' }
  s.gateway = await site.gateway(s.settings)
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  for (const [login, roles] of [['admin', ['admin']], ['security', ['security']], ['head', ['accountability']], ['clerk', ['callback']], ['other', ['callback']], ['away', ['callback']]]) s[login] = await site.person(s.gateway, login, { roles })
})

const id = (s, login) => s.site.one('select id from staff where login = $1', [login])
const audited = (s, login, action) => s.site.one('select count(*)::int from audit_log where staff_id = (select id from staff where login = $1) and action = $2', [login, action])
const unlock = (s, login) => s.site.sql('update staff set failures = 0, locked_until = null where login = $1', [login])
/** A used step counts no more; the test does not wait half a minute for the next. */
const forgetStep = (s, login) => s.site.sql('update staff_factors set last_step = 0 where staff_id = (select id from staff where login = $1)', [login])
const cookieOf = (a, name) => (a.headers['set-cookie'] ?? []).map((c) => c.split(';')[0]).find((c) => c.startsWith(`${name}=`) && !c.endsWith('='))
function refused(s, a, status, code) {
  assert.equal(a.status, status, a.text)
  assert.equal(a.json.code, code, a.text)
}
function described(s, method, path, a) {
  const r = s.doc.paths[path][method.toLowerCase()].responses[String(a.status)]
  assert.ok(r, `${method} ${path} ${a.status} is not described: ${a.text}`)
  const schema = r.content?.['application/json']?.schema
  if (schema) assert.equal(fault(s.doc, schema, a.json), null, `${method} ${path}`)
  return a
}
const first = async (s, login, password) => new Person(s.gateway, login).call('POST', '/session', { login, password }, { 'user-agent': CHROME })
const second = (s, half, code, more = {}) => request(`${s.gateway.url}/staff/api/v1/session/code`, { method: 'POST', body: JSON.stringify({ code }), headers: { cookie: half, origin: s.gateway.url, 'content-type': 'application/json', 'user-agent': CHROME, ...more } })
/** Password and code: a person with a session. */
async function whole(s, login, password, code) {
  const half = await first(s, login, password)
  assert.equal(half.status, 202, half.text)
  const a = await second(s, cookieOf(half, 'msd_sign_in'), code)
  assert.equal(a.status, 200, a.text)
  const p = new Person(s.gateway, login)
  Object.assign(p, { cookie: cookieOf(a, 'msd_session'), csrf: a.json.csrf, password })
  return p
}

it('a post that needs a second factor sets one up before anything else', async (s) => {
  const session = await s.admin.get('/session')
  assert.deepEqual([session.staff.must_enrol, session.staff.must_change], [true, false])
  refused(s, await s.admin.call('GET', '/channels'), 403, 'factor_needed')
  for (const [method, path, body] of [['GET', '/cases'], ['POST', '/cases/1/acts', { act: 'note', version: 1, words: '记' }], ['POST', '/letters', { kind: 'assign', units: [1], title: '关于核对情况的函', body: '请核对。' }]])
    refused(s, await s.head.call(method, path, body), 403, 'factor_needed')
  assert.equal(await within('the live stream closes', (await s.admin.dashboard()).closed, 60000), 4401)
  assert.deepEqual(described(s, 'GET', '/factor', await s.admin.call('GET', '/factor')).json, { state: 'off', since: null, codes_left: 0, needed: true, by_password: true })
  refused(s, await s.admin.call('POST', '/factor', { password: 'not the password' }), 401, 'login_wrong')
  refused(s, await s.admin.call('POST', '/factor/confirm', { code: '123456' }), 409, 'factor_state')
  const begun = described(s, 'POST', '/factor', await s.admin.call('POST', '/factor', { password: s.admin.password })).json
  assert.match(begun.key, /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  assert.equal(begun.uri, `otpauth://totp/%E7%A0%81%E4%B8%8A%E7%9D%A3:admin?secret=${begun.key.replaceAll(' ', '')}&issuer=%E7%A0%81%E4%B8%8A%E7%9D%A3`)
  assert.match(begun.svg, /^<svg [^>]*viewBox="0 0 \d+ \d+"/)
  // Not confirmed: it does not count yet, and signing in does not ask for it.
  assert.equal((await first(s, 'admin', s.admin.password)).status, 200)
  refused(s, await s.admin.call('GET', '/channels'), 403, 'factor_needed')
  refused(s, await s.admin.call('POST', '/factor/confirm', { code: codeOf(begun.key, -5) }), 401, 'code_wrong')
  const on = described(s, 'POST', '/factor/confirm', await s.admin.call('POST', '/factor/confirm', { code: codeOf(begun.key) }))
  assert.equal(on.status, 200, on.text)
  assert.equal(new Set(on.json.codes).size, 10)
  s.key = begun.key
  s.codes = on.json.codes
  assert.equal((await s.admin.get('/session')).staff.must_enrol, false)
  assert.equal((await s.admin.call('GET', '/channels')).status, 200)
  assert.equal(await audited(s, 'admin', 'factor_on'), 1)
  // Neither the key nor a code stands in the database as it is.
  const raw = Buffer.from(codeKey(begun.key))
  const kept = (await s.site.sql('select f.sealed, c.code_hash from staff_factors f join staff_recovery_codes c using (staff_id)'))
  assert.equal(kept.length, 10)
  for (const row of kept) assert.equal(row.sealed.includes(raw), false)
  refused(s, await s.admin.call('POST', '/factor', { password: s.admin.password }), 409, 'factor_state')
})
const codeKey = (key) => Buffer.from([...key.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g).map((b) => parseInt(b, 2)))

it('password, then code: half of it is no session, and no code counts twice', async (s) => {
  const before = await s.site.one('select count(*)::int from staff_sessions')
  const half = described(s, 'POST', '/session', await first(s, 'admin', s.admin.password))
  assert.deepEqual([half.status, half.json], [202, { step: 'code', expires_in: 300 }])
  assert.match(half.headers['set-cookie'][0], /^msd_sign_in=[\w-]{43}; Path=\/staff\/api\/v1\/session; HttpOnly; SameSite=Strict$/)
  assert.equal(half.headers['set-cookie'].length, 1)
  const cookie = cookieOf(half, 'msd_sign_in')
  assert.equal(await s.site.one('select count(*)::int from staff_sessions'), before)
  // It opens nothing but the second step.
  for (const c of [cookie, cookie.replace('msd_sign_in', 'msd_session')])
    assert.equal((await request(`${s.gateway.url}/staff/api/v1/session`, { headers: { cookie: c } })).status, 401)
  const ways = (c) => request(`${s.gateway.url}/staff/api/v1/session/ways`, { headers: c ? { cookie: c } : {} })
  const here = described(s, 'GET', '/session/ways', await ways(cookie)).json
  assert.equal(here.step, 'code')
  assert.ok(here.expires_in > 200 && here.expires_in <= 300)
  assert.deepEqual((await ways()).json, { step: 'password', expires_in: 0, oidc: '区统一认证' })
  refused(s, await second(s, cookie, codeOf(s.key, 5)), 401, 'code_wrong')
  refused(s, await second(s, cookie, 'abc'), 400, 'malformed')
  refused(s, await second(s, cookie, codeOf(s.key), { origin: 'https://elsewhere.example' }), 403, 'csrf')
  refused(s, await second(s, 'x=1', codeOf(s.key)), 401, 'sign_in_over')
  await forgetStep(s, 'admin')
  const code = codeOf(s.key)
  const a = described(s, 'POST', '/session/code', await second(s, cookie, ` ${code.slice(0, 3)} ${code.slice(3)}`))
  assert.equal(a.status, 200, a.text)
  assert.match(a.headers['set-cookie'][0], /^msd_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  assert.match(a.headers['set-cookie'][1], /^msd_sign_in=; .*Max-Age=0$/)
  assert.equal(await s.site.one('select count(*)::int from staff_sessions'), before + 1)
  refused(s, await second(s, cookie, code), 401, 'sign_in_over')
  const again = cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')
  refused(s, await second(s, again, code), 401, 'code_wrong')
  assert.equal((await second(s, again, codeOf(s.key, 1))).status, 200, 'one step of drift')
})

it('a recovery code stands in once; wrong codes lock the account as wrong passwords do, and a right password buys no new tries', async (s) => {
  const p = await whole(s, 'admin', s.admin.password, s.codes[0].toUpperCase().replace('-', ' '))
  assert.equal((await p.get('/factor')).codes_left, 9)
  const half = cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')
  refused(s, await second(s, half, s.codes[0]), 401, 'code_wrong')
  await unlock(s, 'admin')
  const failed = await audited(s, 'admin', 'sign_in_failed')
  const metric = (await s.gateway.metrics()).get('mashangdu_login_code_failures_total')
  const tried = []
  for (let i = 0; i < 6; i++) {
    const c = i % 2 ? tried.at(-1).cookie : cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')
    const a = c ? await second(s, c, codeOf(s.key, 9)) : { status: 429 }
    tried.push({ cookie: c, status: a.status })
  }
  assert.deepEqual(tried.map((t) => t.status), [401, 401, 401, 401, 401, 429])
  refused(s, await first(s, 'admin', s.admin.password), 429, 'login_locked')
  assert.equal(await audited(s, 'admin', 'sign_in_failed'), failed + 5)
  assert.equal((await s.gateway.metrics()).get('mashangdu_login_code_failures_total'), metric + 5)
  await unlock(s, 'admin')
  // Five tries end one half-open sign-in, whoever unlocks the account meanwhile; and it ends by itself.
  const one = cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')
  for (let i = 0; i < 5; i++) { refused(s, await second(s, one, codeOf(s.key, 9)), 401, 'code_wrong'); await unlock(s, 'admin') }
  refused(s, await second(s, one, s.codes[1]), 401, 'sign_in_over')
  const late = cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')
  await s.site.sql(`update staff_sign_ins set expires_at = now()`)
  refused(s, await second(s, late, s.codes[1]), 401, 'sign_in_over')
  // The same code from two browsers at once: one of them.
  const two = [cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in'), cookieOf(await first(s, 'admin', s.admin.password), 'msd_sign_in')]
  await forgetStep(s, 'admin')
  const code = codeOf(s.key)
  const both = await Promise.all(two.map((c) => second(s, c, code)))
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 401])
  await unlock(s, 'admin')
})

it('new recovery codes and the end of a second factor need password and code', async (s) => {
  await forgetStep(s, 'admin')
  refused(s, await s.admin.call('POST', '/factor/codes', { password: 'not the password', code: codeOf(s.key) }), 401, 'login_wrong')
  refused(s, await s.admin.call('POST', '/factor/codes', { password: s.admin.password, code: codeOf(s.key, 7) }), 401, 'code_wrong')
  refused(s, await s.admin.call('POST', '/factor/off', { password: s.admin.password, code: 'zzzzz-zzzzz' }), 401, 'code_wrong')
  refused(s, await s.admin.call('POST', '/factor/off', { code: codeOf(s.key) }), 400, 'malformed')
  await unlock(s, 'admin')
  const fresh = described(s, 'POST', '/factor/codes', await s.admin.call('POST', '/factor/codes', { password: s.admin.password, code: codeOf(s.key) }))
  assert.equal(fresh.status, 200, fresh.text)
  assert.equal((await s.admin.get('/factor')).codes_left, 10)
  refused(s, await s.admin.call('POST', '/factor/off', { password: s.admin.password, code: s.codes[2] }), 401, 'code_wrong')
  const off = described(s, 'POST', '/factor/off', await s.admin.call('POST', '/factor/off', { password: s.admin.password, code: fresh.json.codes[3] }))
  assert.equal(off.status, 200, off.text)
  assert.deepEqual((await s.site.sql('select (select count(*)::int from staff_factors) f, (select count(*)::int from staff_recovery_codes) c'))[0], { f: 0, c: 0 })
  refused(s, await s.admin.call('GET', '/channels'), 403, 'factor_needed')
  await unlock(s, 'admin')
})

async function enrol(s, who) {
  const key = (await who.call('POST', '/factor', { password: who.password })).json.key
  const a = await who.call('POST', '/factor/confirm', { code: codeOf(key) })
  assert.equal(a.status, 200, a.text)
  return key
}

it('a lost telephone: two administrators, or the tool, take it away; the sessions end, and a new one is due before anything else', async (s) => {
  await enrol(s, s.admin)
  await enrol(s, s.clerk)
  const clerk = await id(s, 'clerk'), ask = (who, of) => who.call('POST', `/people/${of}/requests`, { kind: 'factor', reason: '手机丢失，本人到场' })
  for (const [who, whose] of [['other', clerk], ['admin', clerk]]) refused(s, await ask(s[who], whose), 403, 'forbidden')
  refused(s, await ask(s.security, await id(s, 'security')), 403, 'rights_own')
  refused(s, await ask(s.security, 999999), 404, 'not_found')
  const asked = described(s, 'POST', '/people/{id}/requests', await ask(s.security, clerk))
  assert.deepEqual([asked.status, asked.json.half], [200, null], asked.text)
  assert.equal((await s.clerk.call('GET', '/session')).status, 200, 'asked is not done')
  const done = described(s, 'POST', '/people/requests/{id}/steps', await s.admin.call('POST', `/people/requests/${asked.json.request.id}/steps`, { step: 'confirm' }))
  assert.deepEqual([done.status, done.json.half], [200, null], done.text)
  refused(s, await s.clerk.call('GET', '/session'), 401, 'session_needed')
  assert.equal((await first(s, 'clerk', s.clerk.password)).status, 200)
  assert.equal(await s.site.one(`select detail ->> 'staff' from audit_log where action = 'factor_reset'`), String(clerk))
  // No setting asks the clerk's post for one; the one that was there is owed anew.
  const session = await s.clerk.signIn(s.clerk.password)
  assert.equal(session.staff.must_enrol, true)
  refused(s, await s.clerk.call('GET', '/counts'), 403, 'factor_needed')
  s.clerkKey = await enrol(s, s.clerk)
  assert.equal((await s.clerk.get('/session')).staff.must_enrol, false)
  assert.deepEqual((await s.clerk.get('/session/notices')).notices.map((n) => [n.kind, n.state]), [['factor', 'done']])
  await forgetStep(s, 'clerk')
  const off = await s.clerk.call('POST', '/factor/off', { password: s.clerk.password, code: codeOf(s.clerkKey) })
  assert.equal(off.status, 200, off.text)
  assert.match(await s.site.tool('user', 'factor-reset', 'admin'), /no second factor any more/)
  assert.match(await s.site.tool('user', 'factor-reset', 'admin'), /had no second factor/)
  await assert.rejects(s.site.tool('user', 'factor-reset', 'nobody'), /no account nobody/)
  await s.clerk.signIn(s.clerk.password)
})

it('who has sessions sees them in words and ends them; their web sockets close at once, on every gateway', async (s) => {
  const p = s.clerk
  const other = new Person(s.gateway, 'clerk')
  await p.signIn(p.password)
  const a = await other.call('POST', '/session', { login: 'clerk', password: p.password }, { 'user-agent': CHROME })
  Object.assign(other, { cookie: cookieOf(a, 'msd_session'), csrf: a.json.csrf })
  const list = described(s, 'GET', '/sessions', await p.call('GET', '/sessions')).json.sessions
  assert.equal(list[0].here, true)
  assert.deepEqual(list.slice(1).map((x) => x.here), list.slice(1).map(() => false))
  const theirs = list.find((x) => x.device === 'Chrome · Windows' && x.id !== list[0].id)
  assert.ok(theirs, JSON.stringify(list))
  assert.equal(new Date(theirs.ends_at) - new Date(theirs.begun_at), 12 * 3600e3)
  assert.doesNotMatch(JSON.stringify(list), /127\.0\.0\.1|Mozilla/)
  // Another gateway on the same database holds the other session's web socket.
  const second = await s.site.gateway(s.settings)
  const there = new Person(second, 'clerk')
  Object.assign(there, { cookie: other.cookie, csrf: other.csrf })
  const [socket, mine] = [await there.watch(), await p.watch()]
  const strange = (await s.other.get('/sessions')).sessions[0]
  assert.deepEqual(described(s, 'POST', '/sessions/{id}/revoke', await p.call('POST', `/sessions/${strange.id}/revoke`, {})).json, { ended: 0 })
  await s.other.get('/session')
  assert.deepEqual((await p.call('POST', `/sessions/${theirs.id}/revoke`, {})).json, { ended: 1 })
  assert.equal(await within('the web socket closes', socket.closed, 30000), 4401)
  refused(s, await other.call('GET', '/session'), 401, 'session_needed')
  await other.signIn(p.password)
  const again = await other.watch()
  assert.ok((await p.call('POST', '/sessions/revoke', {})).json.ended >= 1)
  assert.equal(await within('the web socket closes', again.closed, 30000), 4401)
  assert.deepEqual((await p.get('/sessions')).sessions.map((x) => x.here), [true])
  // A tool is as quick.
  await s.site.tool('user', 'disable', 'clerk')
  assert.equal(await within('the web socket closes', mine.closed, 30000), 4401)
  await s.site.tool('user', 'enable', 'clerk')
  await second.stop()
  await p.signIn(p.password)
})

it('a session says when it ends, by idleness and in any case, and does', async (s) => {
  const now = described(s, 'GET', '/session', await s.other.call('GET', '/session')).json
  assert.equal(now.idle_s, 1800)
  const left = (new Date(now.ends_at) - Date.now()) / 3600e3
  assert.ok(left > 11.9 && left <= 12, String(left))
  const mine = `staff_id = ${await id(s, 'other')} and ended_at is null`
  for (const end of [`seen_at = now() - interval '30 minutes'`, 'expires_at = now()']) {
    await s.other.signIn(s.other.password)
    await s.other.get('/session')
    await s.site.sql(`update staff_sessions set ${end} where ${mine}`)
    refused(s, await s.other.call('GET', '/session'), 401, 'session_needed')
  }
  await s.other.signIn(s.other.password)
  // A request keeps it: seen again after a minute.
  await s.site.sql(`update staff_sessions set seen_at = now() - interval '29 minutes' where ${mine}`)
  await s.other.get('/session')
  assert.equal(await s.site.one(`select bool_or(seen_at > now() - interval '1 minute') from staff_sessions where ${mine}`), true)
})

it('only a person makes a session last: not a request that a page makes by itself, and not a live line', async (s) => {
  const p = s.other
  const mine = `staff_id = ${await id(s, 'other')} and ended_at is null`
  await s.site.sql(`update staff_sessions set ended_at = now() where ${mine}`)
  await p.signIn(p.password)
  const seen = () => s.site.one(`select extract(epoch from now() - seen_at)::float8 from staff_sessions where ${mine}`)
  const table = [
    [{}, 0], [{ 'sec-fetch-dest': 'document' }, 0], [{ 'sec-fetch-dest': 'image' }, null], [{ 'sec-fetch-dest': 'empty' }, null],
    [{ 'msd-attended': '0', 'sec-fetch-dest': 'empty' }, 0], [{ 'msd-attended': '600' }, 600], [{ 'msd-attended': '1739' }, null],
    [{ 'msd-attended': '86400' }, null], [{ 'msd-attended': '86401' }, null], [{ 'msd-attended': '-1' }, null], [{ 'msd-attended': '0.5' }, null],
    [{ 'msd-attended': '' }, null], [{ 'msd-attended': 'now' }, null], [{ 'msd-attended': '9'.repeat(40) }, null],
  ]
  for (const [headers, ago] of table) {
    await s.site.sql(`update staff_sessions set seen_at = now() - interval '29 minutes' where ${mine}`)
    const a = await p.call('GET', '/session', undefined, headers)
    assert.equal(a.status, 200, a.text)
    const off = await seen() - (ago ?? 1740)
    assert.ok(off > -2 && off < 30, `${JSON.stringify(headers)}: ${off}`)
  }
  // Once a minute at the most, but for the end.
  const written = () => s.site.one(`select xmin::text from staff_sessions where ${mine}`)
  await s.site.sql(`update staff_sessions set seen_at = now() - interval '20 seconds' where ${mine}`)
  let was = await written()
  await p.get('/session')
  assert.equal(await written(), was)
  await s.site.sql(`update staff_sessions set seen_at = now() - interval '26 minutes' where ${mine}`)
  was = await written()
  await p.call('GET', '/session', undefined, { 'msd-attended': String(26 * 60 - 30) })
  assert.notEqual(await written(), was)

  await s.site.sql(`update staff_sessions set seen_at = now() - idle + interval '20 seconds' where ${mine}`)
  const line = await p.watch()
  const ended = within('the web socket closes', line.closed, 120000)
  assert.equal((await p.call('GET', '/counts', undefined, { 'msd-attended': '1780' })).status, 200)
  assert.equal(await ended, 4401)
  for (const path of ['/counts', '/session']) refused(s, await p.call('GET', path), 401, 'session_needed') // not even with a person, once it is over
  await p.signIn(p.password)
})

// --- through the identity provider ---

const API = '/staff/api/v1'
async function start(s) {
  const a = await s.gateway.get(`${API}/oidc/start`)
  assert.equal(a.status, 303, a.text)
  assert.match(a.headers['set-cookie'][0], /^msd_oidc=[\w-]{43}; Path=\/staff\/api\/v1\/oidc; HttpOnly; SameSite=Lax$/)
  return { location: a.headers.location, cookie: a.headers['set-cookie'][0].split(';')[0] }
}
/** Back at the gateway as a browser follows the provider; the address ends at 8080, the public one. */
const back = (s, location, cookie) => s.gateway.get(new URL(location).pathname + new URL(location).search, { headers: { cookie, 'user-agent': CHROME } })
async function through(s, subject, knobs = {}) {
  s.idp.knobs = knobs
  const go = await start(s)
  const a = await back(s, s.idp.authorize(go.location, subject), go.cookie)
  s.idp.knobs = {}
  assert.equal(s.idp.fault, undefined)
  assert.equal(a.status, 303, a.text)
  return a
}
const why = (a) => { const m = a.headers.location.match(/^\/staff\/#\/login(?:\?why=(\w+))?$/); assert.ok(m, a.headers.location); return m[1] ?? null }

it('the identity provider names a person who has an account; a second factor is asked for all the same', async (s) => {
  await s.site.tool('user', 'oidc', 'away', 'subject-0001')
  const a = await through(s, 'subject-0001')
  assert.equal(why(a), null, a.headers.location)
  const p = new Person(s.gateway, 'away')
  Object.assign(p, { cookie: cookieOf(a, 'msd_session'), csrf: '' })
  const session = await p.get('/session')
  p.csrf = session.csrf
  assert.equal(session.staff.login, 'away')
  assert.equal((await p.get('/sessions')).sessions[0].way, 'oidc')
  assert.equal(why(await through(s, 'subject-0001', { key: s.idp.keys.ec })), null, 'ES256')
  // A key that is new at the provider.
  s.idp.keys.next = s.idp.key('rsa', 'rsa-2', { modulusLength: 2048 })
  await until('the gateway looks for new keys', async () => why(await through(s, 'subject-0001', { key: s.idp.keys.next })) === null, 90000, 1000)
  // The one-time password is nothing such a person must know.
  await s.site.sql(`update staff set must_change = true where login = 'away'`)
  assert.equal((await p.get('/session')).staff.must_change, false)
  // No password to set a factor up with, either.
  p.password = undefined
  const key = await enrol(s, p)
  const half = await through(s, 'subject-0001')
  assert.equal(cookieOf(half, 'msd_session'), undefined)
  await forgetStep(s, 'away')
  assert.equal((await second(s, cookieOf(half, 'msd_sign_in'), codeOf(key))).status, 200)
  assert.deepEqual((await s.site.sql(`select detail from audit_log where action = 'sign_in' and staff_id = ${await id(s, 'away')} order by id desc limit 1`))[0].detail, { way: 'oidc', factor: 'code' })
  await s.site.tool('user', 'factor-reset', 'away')
})

it('whatever is not right at the provider lets nobody in, and is counted', async (s) => {
  const now = Math.floor(Date.now() / 1000)
  const table = [
    ['another nonce', { claims: { nonce: 'n'.repeat(43) } }, 'nonce'], ['for somebody else', { claims: { aud: 'another-client' } }, 'audience'],
    ['for several, without saying who asked', { claims: { aud: ['mashangdu-test', 'another'] } }, 'audience'], ['expired', { claims: { exp: now - 120 } }, 'expired'],
    ['without an end', { claims: { exp: undefined } }, 'expired'], ['from the future', { claims: { iat: now + 600 } }, 'early'],
    ['another issuer', { claims: { iss: 'http://127.0.0.1/elsewhere' } }, 'issuer'], ['signed by another key', { key: s.idp.strange }, 'signature'],
    ['unsigned', { unsigned: true }, 'algorithm'], ['the public key as a secret', { shared: true }, 'algorithm'], ['without a subject', { claims: { sub: undefined } }, 'subject'],
  ]
  const count = async () => (await s.gateway.metrics()).get('mashangdu_login_oidc_failures_total')
  const before = await count()
  const sessions = await s.site.one('select count(*)::int from staff_sessions')
  for (const [title, knobs, word] of table) {
    const a = await through(s, 'subject-0001', knobs)
    assert.equal(why(a), 'oidc_failed', title)
    assert.equal(cookieOf(a, 'msd_session'), undefined)
    assert.equal(await s.site.one(`select detail ->> 'why' from audit_log where action = 'sign_in_failed' order by id desc limit 1`), word, title)
  }
  assert.equal(await count(), before + table.length)
  assert.equal(why(await through(s, 'subject-of-nobody')), 'oidc_unknown')
  await s.site.tool('user', 'disable', 'away')
  assert.equal(why(await through(s, 'subject-0001')), 'oidc_unknown', 'an account that is switched off')
  await s.site.tool('user', 'enable', 'away')
  // State and code count once, in the browser that began, and only as they were sent.
  const go = await start(s), home = s.idp.authorize(go.location, 'subject-0001')
  assert.equal(why(await back(s, home.replace(/state=[\w-]{43}/, `state=${'x'.repeat(43)}`), go.cookie)), 'oidc_failed')
  assert.equal(why(await back(s, home, 'a=b')), 'oidc_failed')
  assert.equal(why(await back(s, home, (await start(s)).cookie)), 'oidc_failed')
  assert.equal(why(await back(s, home, go.cookie)), null)
  assert.equal(why(await back(s, home, go.cookie)), 'oidc_failed', 'the same way back')
  const old = await start(s)
  const used = s.idp.authorize(old.location, 'subject-0001').replace(/code=[\w-]+/, `code=${new URL(home).searchParams.get('code')}`)
  assert.equal(why(await back(s, used, old.cookie)), 'oidc_failed', 'a code that was used')
  const no = await start(s)
  assert.equal(why(await back(s, `${s.idp.redirect}?error=access_denied&state=${new URL(no.location).searchParams.get('state')}`, no.cookie)), 'oidc_failed')
  assert.equal(await s.site.one('select count(*)::int from staff_sessions'), sessions + 1)
  // A description that is another provider's, and no provider at all.
  const fresh = await s.site.gateway(s.settings)
  const lost = async () => why(await fresh.get(`${API}/oidc/start`))
  s.idp.knobs = { site: 'http://127.0.0.1:1/realms/office' }
  assert.equal(await lost(), 'oidc_failed')
  s.idp.knobs = { silent: true }
  assert.equal(await lost(), 'oidc_failed')
  s.idp.knobs = {}
  assert.equal((await fresh.get(`${API}/oidc/start`)).headers.location.startsWith(`${s.idp.issuer}/auth?`), true)
  await fresh.stop()
  // Nothing of it stands in the log.
  assert.doesNotMatch(s.gateway.text(), /subject-0001|code=|state=/)
})

it('without a provider there is no such door; a misspelt post does not pass for none', async (s) => {
  const g = await s.site.gateway({ totp_roles: '' })
  assert.equal((await g.get(`${API}/session/ways`)).json.oidc, null)
  assert.equal((await g.get(`${API}/oidc/start`)).status, 404)
  await g.stop()
  await assert.rejects(s.site.tool('serve', '--listen-port=0', '--ops-port=0', '--totp-roles=admin,acountability'), /totp_roles names a post/)
  await assert.rejects(s.site.tool('serve', '--listen-port=0', '--ops-port=0', '--oidc-issuer=http://sso.example.gov.cn', '--oidc-client-id=x'), /oidc_issuer is no https address/)
})

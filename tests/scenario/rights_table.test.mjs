// Role × resource × verb: every pair that the program's own table (`mashangdu show rights --json`) does not allow is tried and refused,
// and leaves nothing behind; every allowed GET comes through; every change wants its token and this site's origin.
import assert from 'node:assert/strict'
import { fileName, Person, request, scenario, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const ROLES = ['coordinator', 'supervisor', 'accountability', 'registry', 'handler', 'unit_leader', 'callback', 'leader', 'monitor', 'admin', 'security', 'auditor']

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.g = await s.site.gateway()
  s.rights = JSON.parse(await s.site.tool('show', 'rights', '--json'))
  s.doc = (await s.g.get('/staff/api/v1/openapi.json')).json
  s.who = {}
  // Units' people of the discipline unit: the desk of reports is theirs as well.
  for (const role of ROLES) s.who[role] = await s.site.person(s.g, role.replace('_', '-'), { unit: ['handler', 'unit_leader'].includes(role) ? 'U032' : 'U000', roles: [role] })
})

/** What fills a path, and the query that a GET must have. */
function address(s, r) {
  const path = r.path.replaceAll('#', '1').replace('files/*', `files/${'a'.repeat(64)}`).replace('exports/*', 'exports/cases').replaceAll('*', 'nobody')
  const named = Object.keys(s.doc.paths).find((p) => p.replace(/\{\w+\}/g, '{}') === r.path.replace(/[#*]/g, '{}'))
  const needed = (s.doc.paths[named][r.method.toLowerCase()].parameters ?? []).filter((p) => p.in === 'query' && p.required)
  return path + (needed.length ? `?${needed.map((p) => `${p.name}=${encodeURIComponent(p.example)}`).join('&')}` : '')
}
const ask = (s, r, person, headers = {}) => request(`${s.g.url}/staff/api/v1${address(s, r)}`, {
  method: r.method, headers: { ...person.headers(), ...(r.method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers }, body: r.method === 'GET' ? undefined : '{}' })

/** All at once, but no more than a browser or two would. */
async function each(list, fn, wide = 8) {
  const rest = [...list]
  await Promise.all(Array.from({ length: wide }, async () => { while (rest.length) await fn(rest.shift()) }))
}
const kept = (s) => s.site.sql(`select (select last::text from event_head) as events, (select count(*)::int from acts) as acts, (select count(*)::int from audit_log) as log,
  (select count(*)::int from staff) as people, (select count(*)::int from posts) as posts, (select count(*)::int from staff_sessions where ended_at is not null) as ended`)

it('every pair that the table does not allow is refused, and nothing is stored', async (s) => {
  const pairs = s.rights.filter((r) => r.session).flatMap((r) => ROLES.filter((role) => !r.roles.includes(role)).map((role) => [r, role]))
  const before = await kept(s), through = []
  await each(pairs, async ([r, role]) => {
    const a = await ask(s, r, s.who[role])
    if (a.status !== 403 || a.json?.code !== 'forbidden') through.push(`${role} ${r.method} ${r.path}: ${a.status} ${a.text.slice(0, 120)}`)
  })
  assert.deepEqual(through, [])
  assert.deepEqual(await kept(s), before)
  assert.ok(pairs.length > 500)
  console.log(`# ${pairs.length} forbidden pairs of role × route × verb tried`)
})

it('every allowed GET comes through the door', async (s) => {
  const pairs = s.rights.filter((r) => r.session && r.method === 'GET').flatMap((r) => r.roles.map((role) => [r, role]))
  await each(pairs, async ([r, role]) => {
    const a = await ask(s, r, s.who[role])
    assert.ok(a.status !== 401 && a.json?.code !== 'forbidden', `${role} ${r.method} ${r.path}: ${a.status} ${a.text.slice(0, 200)}`)
  })
  console.log(`# ${pairs.length} allowed pairs of role × GET tried`)
})

it('no change without the session\'s token, nor from another site, nor by a stranger', async (s) => {
  const before = await kept(s), changes = s.rights.filter((r) => r.changes)
  await each(changes, async (r) => {
    const person = s.who[r.roles[0]]
    for (const headers of [{ 'x-csrf-token': '' }, { 'x-csrf-token': s.who[r.roles[0] === 'leader' ? 'callback' : 'leader'].csrf }, { origin: 'https://elsewhere.example' }]) {
      const a = await ask(s, r, person, headers)
      assert.deepEqual([a.status, a.json?.code], [403, 'csrf'], `${r.method} ${r.path} ${JSON.stringify(headers)}: ${a.text}`)
    }
    const stranger = await ask(s, r, { headers: () => ({ origin: s.g.url }) })
    assert.deepEqual([stranger.status, stranger.json?.code], [401, 'session_needed'], r.path)
  })
  assert.deepEqual(await kept(s), before)
  console.log(`# ${changes.length} changing routes tried without token, with another's, from another site, by a stranger`)
})

const code = (a) => [a.status, a.json?.code]
const HALF = /^[a-z2-9]{4}-[a-z2-9]{4}$/
const fits = (s, schema, value) => assert.equal(fault(s.doc, s.doc.components.schemas[schema], value), null, JSON.stringify(value))

it('the desk of people: an account takes two administrators, and neither of them knows its password', async (s) => {
  const { security: keeper, admin, auditor } = s.who, unit = await s.site.unitId('U003')
  const add = (body) => keeper.call('POST', '/people', { reason: '新调入，组织部函〔2026〕3号', ...body })
  const made = await add({ login: 'zhangsan', name: '张三', unit, title: '窗口科科员', roles: ['handler'] })
  assert.equal(made.status, 200, made.text)
  fits(s, 'AccountAnswer', made.json)
  assert.match(made.json.half, HALF)
  assert.deepEqual(code(await add({ login: 'zhangsan', name: '张三', unit: 1, roles: ['handler'] })), [409, 'login_taken'])
  for (const bad of [{ reason: ' ' }, { login: 'x', name: '李', unit: 1, roles: ['boss'] }, { login: '坏', name: '李', unit: 1, roles: ['handler'] }, { login: 'lisi', name: '李四', unit: 'U003', roles: ['handler'] }, { login: 'lisi', name: '李四', unit: 1, roles: ['handler'], reason: '' }])
    assert.deepEqual(code(await add(bad)), [422, 'unknown_field'], JSON.stringify(bad))
  const { id, person } = made.json.request, decide = (who, step, why, of = id) => who.call('POST', `/people/requests/${of}/steps`, { step, why })
  const tries = async (password) => (await new Person(s.g, 'zhangsan').call('POST', '/session', { login: 'zhangsan', password })).status
  // Off, and no half opens it; switched on by hand it has nobody's password.
  assert.equal(await s.site.one(`select active from staff where login = 'zhangsan'`), false)
  assert.equal((await keeper.call('POST', `/people/${person.id}/steps`, { step: 'activate' })).status, 200)
  assert.equal(await tries(made.json.half), 401)
  assert.equal((await keeper.call('POST', `/people/${person.id}/steps`, { step: 'deactivate' })).status, 200)
  // Not by the one who asked, nor by an auditor; by the system administrator, who learns the other half.
  assert.deepEqual(made.json.request.steps, ['withdraw'])
  assert.deepEqual(code(await decide(keeper, 'confirm')), [403, 'second_person'])
  assert.deepEqual(code(await decide(auditor, 'confirm')), [403, 'forbidden'])
  assert.deepEqual(code(await decide(admin, 'withdraw')), [403, 'second_person'])
  assert.deepEqual(code(await decide(admin, 'refuse')), [422, 'unknown_field'])
  const waits = await admin.get('/people/requests?state=open')
  fits(s, 'AccountRequests', waits)
  assert.deepEqual(waits.requests.map((r) => [r.id, r.steps, r.person.name, r.posts]), [[id, ['confirm', 'refuse'], '张三', ['市监局窗口科科员']]])
  assert.deepEqual([(await admin.get('/counts')).accounts, (await keeper.get('/counts')).accounts, (await auditor.get('/counts')).accounts], [1, 0, 1])
  const yes = await decide(admin, 'confirm')
  assert.equal(yes.status, 200, yes.text)
  assert.match(yes.json.half, HALF)
  assert.notEqual(yes.json.half, made.json.half)
  assert.deepEqual(code(await decide(admin, 'confirm')), [409, 'request_over'])
  assert.equal(await tries(yes.json.half), 401)
  const whole = `${made.json.half}-${yes.json.half}`, zhang = new Person(s.g, 'zhangsan')
  assert.equal((await zhang.signIn(whole)).staff.must_change, true)
  await zhang.changePassword(whole, 'zhangsan-2026-abc')
  assert.equal((await zhang.get('/counts')).notices, 0, 'a new account is no news to its person')
  s.zhang = Object.assign(zhang, { id: person.id })
  // What was shown and typed stands nowhere; what is decided keeps no secret.
  assert.deepEqual(await s.site.sql(`select hash, sealed from account_requests`), [{ hash: null, sealed: null }])
  for (const secret of [made.json.half, yes.json.half]) assert.equal(s.g.text().includes(secret), false)
  assert.deepEqual((await s.site.sql(`select staff_id, action from audit_log where action like 'account_%' order by id`)).map((l) => [l.staff_id, l.action]), [[keeper.staff.id, 'account_asked'], [admin.staff.id, 'account_confirmed']])
  // The auditor hears of it and says so.
  assert.equal((await decide(auditor, 'read')).json.request.read_at !== null, true)
  assert.equal((await auditor.get('/counts')).accounts, 0)
  // One that is refused stays off, and can be asked for anew; a week later it is over.
  const two = await add({ login: 'lisi', name: '李四', unit, roles: ['handler'] })
  assert.equal((await decide(admin, 'refuse', '查无此人', two.json.request.id)).json.request.state, 'refused')
  const again = await keeper.call('POST', `/people/${two.json.request.person.id}/requests`, { kind: 'open', reason: '已核实' })
  assert.equal(again.status, 200, again.text)
  await s.site.sql(`update account_requests set expires_at = now() where id = $1`, [again.json.request.id])
  assert.deepEqual((await admin.get('/people/requests')).requests.map((r) => r.state), ['expired', 'refused', 'done'])
  assert.deepEqual(code(await decide(admin, 'confirm', undefined, again.json.request.id)), [409, 'request_over'])
})

it('a password reset: the person is told before and after, may object, and chooses a new one; one administrator alone gets nowhere', async (s) => {
  const { security: keeper, admin, auditor } = s.who, { zhang } = s
  const ask = (body, of = zhang.id) => keeper.call('POST', `/people/${of}/requests`, { reason: '本人来电，已回拨办公电话核实', ...body })
  const decide = (who, id, step) => who.call('POST', `/people/requests/${id}/steps`, { step })
  const watching = await auditor.watch(), runs = await admin.watch(), other = await s.who.leader.watch()
  const first = await ask({ kind: 'password' })
  assert.equal(first.status, 200, first.text)
  await watching.next((f) => f.kind === 'desk.accounts')
  await runs.next((f) => f.kind === 'desk.accounts')
  assert.deepEqual(code(await ask({ kind: 'password' })), [409, 'request_open'])
  for (const bad of [{ kind: 'open' }, { kind: 'nothing' }, { kind: 'password', reason: ' ' }]) assert.deepEqual(code(await ask(bad)), [422, 'unknown_field'], JSON.stringify(bad))
  assert.deepEqual([code(await ask({ kind: 'password' }, keeper.staff.id)), code(await ask({ kind: 'password' }, 999999))], [[403, 'rights_own'], [404, 'not_found']])
  // Nothing has happened yet; the person hears of it at the desk and says no.
  assert.equal((await zhang.get('/counts')).notices, 1)
  const told = await zhang.get('/session/notices')
  fits(s, 'OwnNotices', told)
  assert.deepEqual(told.notices.map((n) => [n.kind, n.state, n.own, n.steps]), [['password', 'asked', true, []]])
  assert.deepEqual(code(await s.who.handler.call('POST', `/session/notices/${first.json.request.id}`, { step: 'object' })), [404, 'not_found'], 'another person\'s')
  assert.deepEqual((await zhang.call('POST', `/session/notices/${first.json.request.id}`, { step: 'object', why: '我没有要求重置' })).json.notices, [])
  assert.deepEqual(code(await decide(admin, first.json.request.id, 'confirm')), [409, 'request_over'])
  assert.equal((await auditor.get('/people/requests')).requests[0].why, '我没有要求重置')
  // Asked again and confirmed: the sessions end, the whole one-time password opens, the person is told once more.
  const next = await ask({ kind: 'password' }), yes = await decide(admin, next.json.request.id, 'confirm')
  assert.equal(yes.status, 200, yes.text)
  assert.equal((await zhang.call('GET', '/session')).status, 401)
  for (const part of [next.json.half, yes.json.half, `${yes.json.half}-${next.json.half}`]) assert.equal((await zhang.call('POST', '/session', { login: 'zhangsan', password: part })).status, 401)
  await s.site.sql(`update staff set failures = 0, locked_until = null where login = 'zhangsan'`)
  const whole = `${next.json.half}-${yes.json.half}`
  assert.equal((await zhang.signIn(whole)).staff.must_change, true)
  assert.deepEqual(code(await zhang.call('GET', '/cases')), [403, 'forbidden'])
  await zhang.changePassword(whole, 'zhangsan-2026-def')
  assert.deepEqual((await zhang.get('/session/notices')).notices.map((n) => [n.state, n.asked_by, n.decided_by]), [['done', keeper.staff.name, admin.staff.name]])
  assert.deepEqual((await zhang.call('POST', `/session/notices/${next.json.request.id}`, { step: 'seen' })).json.notices, [])
  // The owner's tool acts at once, and is told of in the same way.
  await s.site.tool('user', 'password', 'zhangsan')
  assert.deepEqual((await auditor.get('/people/requests')).requests.map((r) => [r.kind, r.state, r.asked_by])[0], ['password', 'done', null])
  assert.deepEqual(other.frames.filter((f) => f.kind === 'desk.accounts'), [], 'nobody else hears of it')
  for (const w of [watching, runs, other]) await w.close()
  // What gave one administrator a way in is gone, also in the database.
  for (const gone of ['password', 'factor-reset']) assert.equal((await keeper.call('POST', `/people/${zhang.id}/${gone}`, {})).status, 404)
  assert.deepEqual(await s.site.sql(`select p.proname, r.rolname from pg_proc p cross join (values ('mashangdu_staff'), ('mashangdu_gateway')) r (rolname)
    where p.proname in ('person_add', 'person_password', 'staff_factor_reset', 'staff_factor_taken', 'post_roles_set', 'post_made', 'account_done', 'account_by_tool', 'account_log') and has_function_privilege(r.rolname, p.oid, 'execute')`), [])
})

it('one subject of the identity provider, one person: given by two administrators, taken away by one', async (s) => {
  const { security: keeper, admin } = s.who, { zhang } = s
  const ask = (subject, of) => keeper.call('POST', `/people/${of}/requests`, { kind: 'oidc', subject, reason: '与单点登录平台核对' })
  const confirm = (a) => admin.call('POST', `/people/requests/${a.json.request.id}/steps`, { step: 'confirm' })
  const other = s.who.handler.staff.id, mapped = () => s.site.one(`select oidc_subject from staff where id = $1`, [zhang.id])
  for (const bad of ['', ' a', 'x'.repeat(256), 'a\u0007b']) assert.deepEqual(code(await ask(bad, zhang.id)), [422, 'unknown_field'], JSON.stringify(bad))
  const one = await ask('sub-0042', zhang.id)
  assert.deepEqual([one.status, one.json.half, await mapped()], [200, null, null])
  assert.deepEqual(code(await ask('sub-0042', other)), [409, 'oidc_taken'], 'asked for somebody else')
  assert.equal((await confirm(one)).status, 200)
  assert.equal(await mapped(), 'sub-0042')
  assert.deepEqual(code(await ask('sub-0042', other)), [409, 'oidc_taken'])
  const card = (await keeper.get('/people?q=zhangsan')).people[0]
  assert.deepEqual([card.oidc, card.asked], ['sub-0042', []])
  await s.site.sql(`insert into staff_sessions (token_hash, staff_id, way, idle, expires_at) values (sha256('oidc'), $1, 'oidc', '1 hour', now() + interval '1 hour')`, [zhang.id])
  const off = await keeper.call('POST', `/people/${zhang.id}/steps`, { step: 'oidc_off' })
  assert.deepEqual([off.status, off.json.oidc], [200, null])
  assert.equal(await s.site.one(`select ended_at is not null from staff_sessions where token_hash = sha256('oidc')`), true)
  assert.deepEqual((await s.site.sql(`select detail - 'person' - 'request' as d from audit_log where action = 'person_oidc' order by id`)).map((l) => l.d), [{ given: true }, { given: false }])
})

it('the desk of people: posts, their roles with a reason, nothing in the past, and not one\'s own', async (s) => {
  const keeper = s.who.security, one = async (unit) => s.site.unitId(unit), { zhang } = s
  await s.site.sql(`update staff set password_hash = (select password_hash from staff where login = 'handler'), must_change = false where login = 'zhangsan'`)
  await zhang.signIn(s.who.handler.password)
  const watching = await keeper.watch(), own = await zhang.watch()
  const step = (body, id = zhang.id) => keeper.call('POST', `/people/${id}/steps`, body)
  const more = await step({ step: 'post_add', unit: await one('U001'), roles: ['handler', 'unit_leader'] })
  assert.equal(more.status, 200, more.text)
  fits(s, 'PersonCard', more.json)
  assert.deepEqual(more.json.posts.map((p) => [p.title, p.roles, p.runs]), [['窗口科科员', ['handler'], true], ['承办人', ['handler', 'unit_leader'], true]])
  await watching.next((f) => f.kind === 'staff.changed' && f.data.staff === zhang.id)
  assert.equal(await own.closed, 4402, 'what the person may see is worked out anew')
  assert.equal((await zhang.get('/session')).staff.posts.length, 2)
  // Roles: over what was read, with a reason, in force at once in the post that acts.
  const post = more.json.posts[1], change = (with_) => step({ step: 'post_roles', post: post.id, roles: ['coordinator'], version: post.version, reason: '分工调整，办公会纪要第8号', ...with_ })
  assert.equal((await zhang.call('POST', '/session/post', { post: post.id })).status, 200)
  assert.deepEqual(code(await zhang.call('GET', '/desks/triage')), [403, 'forbidden'])
  for (const bad of [{ reason: ' ' }, { reason: undefined }, { version: undefined }, { roles: [] }, { reason: '理'.repeat(401) }]) assert.deepEqual(code(await change(bad)), [422, 'unknown_field'], JSON.stringify(bad))
  assert.deepEqual(code(await change({ version: post.version - 1 })), [409, 'rights_changed'])
  const live = await zhang.watch()
  const changed = await change({})
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual([changed.json.posts[1].roles, changed.json.posts[1].version > post.version], [['coordinator'], true])
  assert.equal(await live.closed, 4402)
  assert.deepEqual([(await zhang.call('GET', '/desks/triage')).status, code(await zhang.call('GET', '/desks/inbox'))], [200, [403, 'forbidden']])
  assert.deepEqual(code(await change({})), [409, 'rights_changed'], 'somebody else was quicker')
  const rights = await s.site.sql(`select action, detail from audit_log where action like 'role_%' and detail->>'reason' is not null order by id`)
  assert.deepEqual(rights.map((l) => [l.action, (l.detail.before ?? l.detail.after).role, l.detail.reason]).sort(), [['role_added', 'coordinator', '分工调整，办公会纪要第8号'], ['role_taken', 'handler', '分工调整，办公会纪要第8号'], ['role_taken', 'unit_leader', '分工调整，办公会纪要第8号']])
  assert.deepEqual(code(await change({ roles: ['security'], version: changed.json.posts[1].version })), [409, 'rights_apart'], 'this person holds other roles too')
  assert.deepEqual(code(await step({ step: 'post_add', unit: 1, roles: ['admin'] })), [409, 'rights_apart'])
  assert.deepEqual(code(await step({ step: 'post_end', post: s.who.admin.staff.post.id })), [404, 'not_found'], 'another person\'s post')
  for (const bad of [{ step: 'nothing' }, { step: 'post_add', unit: 1, roles: [] }, { step: 'change', name: '' }])
    assert.deepEqual(code(await step(bad)), [422, 'unknown_field'], JSON.stringify(bad))
  // Who could act yesterday stays who could act yesterday.
  for (const past of [{ step: 'post_add', unit: 1, roles: ['handler'], begins_at: '2026-01-01T00:00:00+08:00' }, { step: 'post_add', unit: 1, roles: ['handler'], ends_at: '2001-01-01' }, { step: 'post_end', post: post.id, ends_at: '2026-01-01T00:00:00+08:00' }])
    assert.deepEqual(code(await step(past)), [422, 'rights_past'], JSON.stringify(past))
  // Taken away while it acts: the next request is in the other post.
  assert.equal((await step({ step: 'post_end', post: post.id })).status, 200)
  assert.deepEqual(code(await step({ step: 'post_end', post: post.id })), [422, 'rights_past'], 'has ended')
  assert.deepEqual([(await zhang.get('/session')).staff.post.title, (await zhang.get('/session')).staff.posts.length], ['窗口科科员', 1])
  // Not one's own, whatever it is; nor the last security administrator.
  for (const [path, body] of [['steps', { step: 'change', name: '我' }], ['steps', { step: 'post_add', unit: 1, roles: ['security'] }], ['steps', { step: 'post_roles', post: keeper.staff.post.id, roles: ['security'], version: 1, reason: '我' }], ['steps', { step: 'deactivate' }], ['steps', { step: 'unlock' }], ['steps', { step: 'oidc_off' }], ['requests', { kind: 'factor', reason: '我' }]])
    assert.deepEqual(code(await keeper.call('POST', `/people/${keeper.staff.id}/${path}`, body)), [403, 'rights_own'], path)
  await s.site.sql(`update staff set failures = 9, locked_until = now() + interval '1 hour' where login = 'zhangsan'`)
  assert.equal((await step({ step: 'unlock' })).json.locked, false)
  assert.equal((await step({ step: 'deactivate' })).json.active, false)
  assert.equal((await zhang.call('GET', '/session')).status, 401)
  // Lists: by words, role, unit, state, page by page; read by the auditor too; taken out as a file by who sees the list, without a secret.
  const list = async (q, who = keeper) => { const a = await who.get(`/people${q}`); fits(s, 'PeopleList', a); return a.people.map((p) => p.login) }
  assert.deepEqual(await list(`?q=${encodeURIComponent('张三')}`), ['zhangsan'])
  assert.deepEqual((await list('?state=off', s.who.auditor)).sort(), ['lisi', 'zhangsan'])
  assert.deepEqual(await list('?role=auditor'), ['auditor'])
  assert.deepEqual((await list(`?unit=${await one('U003')}`)).includes('zhangsan'), true)
  assert.deepEqual((await keeper.call('GET', '/people?unit=x')).status, 422)
  await s.site.sql(`update staff set oidc_subject = 'sub-0077' where login = 'zhangsan'`)
  for (const who of [keeper, s.who.auditor]) {
    const file = await who.call('POST', '/exports/people', { format: 'csv', filters: { q: '张三' } })
    assert.equal(file.status, 200, file.text)
    for (const word of ['zhangsan', '张三', '窗口科科员', '承办人', who.staff.name]) assert.ok(file.text.includes(word), word)
    for (const secret of ['sub-0077', 'argon2', '$']) assert.equal(file.text.includes(secret), false, secret)
  }
  assert.deepEqual((await s.site.sql(`select detail->>'list' as list, detail->'filters' as filters from audit_log where action = 'export' order by id desc limit 1`))[0], { list: 'people', filters: { q: true } })
  assert.equal((await keeper.call('POST', '/exports/account-requests', { format: 'csv', filters: {} })).text.includes('重置密码'), true)
  for (const who of [s.who.admin, s.who.leader]) assert.deepEqual(code(await who.call('POST', '/exports/people', { format: 'csv', filters: {} })), [403, 'forbidden'])
  await s.site.sql(`insert into staff (login, name, unit_id, home_unit_id, password_hash) select 'p' || lpad(n::text, 3, '0'), '某人', 1, 1, '!' from generate_series(1, 150) n`)
  const first = await keeper.get('/people'), second = await keeper.get(`/people?after=${first.next}`)
  assert.deepEqual([first.people.length, second.next], [100, null])
  assert.equal(new Set([...first.people, ...second.people].map((p) => p.login)).size, Number(await s.site.one('select count(*)::int from staff')))
  // Every change is in the log, with what was and what is, and who.
  const log = await s.site.sql(`select action, detail - 'person' as detail from audit_log where staff_id in ($1, $3) and (detail->>'person')::int = $2 order by id`, [keeper.staff.id, zhang.id, s.who.admin.staff.id])
  for (const action of ['person_added', 'post_added', 'role_added', 'role_taken', 'post_changed', 'person_unlocked', 'person_password', 'person_changed', 'account_asked']) assert.ok(log.some((l) => l.action === action), action)
  assert.deepEqual(log.filter((l) => l.action === 'person_changed').at(-1).detail.before.active, true)
  assert.equal(log.filter((l) => l.action === 'post_changed').length, 1, 'a version is no change')
})

it('units: changed and retired by the system administrator, and the register follows at once', async (s) => {
  const u = await s.site.unitId('U026'), next = await s.site.unitId('U010')
  const step = async (id, body) => s.who.admin.call('POST', `/units/${id}/steps`, body.step === 'change' ? { version: await s.site.one('select version from units where id = $1', [id]) ?? 1, ...body } : body)
  const a = await step(u, { step: 'change', name: '云溪区城市综合管理局', short_name: '综管局', phone: '' })
  assert.equal(a.status, 200, a.text)
  assert.equal(fault(s.doc, s.doc.components.schemas.UnitCard, a.json), null)
  assert.deepEqual([a.json.short_name, a.json.phone, a.json.aliases.includes('城管局')], ['综管局', null, true])
  // Saved over the card that was read: the slower one is told, and undoes nothing.
  const late = await step(u, { step: 'change', version: a.json.version - 1, phone: '0571-00000000' })
  assert.deepEqual([late.status, late.json.code], [409, 'unit_changed'])
  assert.equal((await step(u, { step: 'change', version: undefined, phone: '0571-00000000' })).status, 422)
  assert.deepEqual((await s.who.admin.get('/units/register')).filter((x) => x.id === u).map((x) => [x.version, x.changed_by, x.phone]), [[a.json.version, s.who.admin.staff.name, null]])
  await until('the register follows', async () => (await s.who.admin.get('/units')).units.some((x) => x.short_name === '综管局'))
  for (const [id, body, want] of [[u, { step: 'retire', successor: u }, 422], [u, { step: 'retire', successor: 999999 }, 422], [999999, { step: 'change', name: '没有的' }, 404]]) assert.equal((await step(id, body)).status, want)
  const station = await s.site.one(`select id from units where kind = 'station' and parent_id = $1 and retired_on is null order by id limit 1`, [u])
  assert.equal((await step(u, { step: 'retire', successor: next })).status, station ? 422 : 200, 'not while it has parts')
  if (station) assert.deepEqual((await step(station, { step: 'retire', successor: next })).json.successor.id, next)
  assert.equal((await step(station ?? u, { step: 'change', name: '已经撤销' })).status, 422)
  const all = await s.who.admin.get('/units/register')
  assert.ok(all.some((x) => x.retired_on !== null && x.successor?.id === next))
  assert.equal(await s.site.one(`select count(*)::int from audit_log where action in ('unit_changed', 'unit_retired') and detail ? 'before' and staff_id = $1`, [s.who.admin.staff.id]), 2)
})

it('three administrators are three persons, in whatever post; the last who gives rights stays', async (s) => {
  const fails = (what, ...words) => assert.rejects(s.site.tool('user', ...words), (e) => { assert.match(e.stderr, what); return true })
  await fails(/would be .*admin.*/, 'post', 'registry', '--unit', 'U000', '--role', 'admin')
  await fails(/at once/, 'post', 'admin', '--unit', 'U000', '--role', 'security')
  await fails(/at once/, 'role', 'auditor', 'auditor,coordinator')
  await fails(/nobody would be left/, 'disable', 'security')
  await fails(/nobody would be left/, 'role', 'security', 'auditor')
  assert.equal(await s.site.one(`select count(*)::int from staff s join posts p on p.staff_id = s.id join post_roles r on r.post_id = p.id where s.login in ('registry', 'admin', 'auditor', 'security') and s.active`), 4)
  // With a second one the first may go; every change has its line with before and after.
  await s.site.tool('user', 'add', 'security2', '--name', '李四', '--unit', 'U000', '--role', 'security')
  await s.site.tool('user', 'disable', 'security')
  assert.deepEqual(await s.site.one(`select detail->'after' from audit_log where action = 'person_changed' order by id desc limit 1`).then((d) => [d.login, d.active]), ['security', false])
})

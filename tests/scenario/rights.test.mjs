// P4, P5, P6: what the database itself refuses to the running gateway and to the staff, and who sees which case through
// the staff's door: in lists, counts, search, pages and the live stream.
import assert from 'node:assert/strict'
import { fileName, freshKey, pause, Person, request, scenario, until } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = s.g = await site.gateway()
  const people = {
    coordinator: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']], accountability: ['U000-04', ['accountability']],
    handler: ['U003', ['handler']], chief: ['U003', ['unit_leader']], other: ['U010', ['handler']], discipline: ['U032', ['handler']],
    leader: ['U000', ['leader']], admin: ['U000', ['admin']], auditor: ['U000', ['auditor']],
    seconded: ['U000-04', ['accountability'], 'U003'],   // comes from the unit that will be reported
    borrowed: ['U000-02', ['coordinator', 'supervisor'], 'U003'],
  }
  for (const [login, [unit, roles, home]] of Object.entries(people)) s[login] = await site.person(g, login, { unit, roles, home })
  s.station = await site.one(`select code from units where kind = 'station' and parent_id = (select id from units where code = 'U003') and retired_on is null order by code limit 1`)
  s.number = await site.plaqueNumber('U003')
  for (const code of ['U003', 'U010', 'U032']) s[code] = await site.unitId(code)

  const submit = async (body) => { const a = await g.api(body); assert.equal(a.status, 201, a.text); return a.json }
  s.plain = await submit({ text: '营业执照办理太慢，希望加快，暗号甲', plaque: s.number, nature: 'complain' })
  s.foreign = await submit({ text: '派出所户籍窗口周末能不能开，暗号乙', plaque: await site.plaqueNumber('U010'), nature: 'ask' })
  s.report = await submit({ text: '区市场监督管理局的科长收了商户两千元红包，暗号丙', plaque: s.number, nature: 'report' })
  for (const [one, unit] of [[s.plain, s.U003], [s.foreign, s.U010]])
    if ((await s.coordinator.case(one.case)).case.state === 'discovered') await s.coordinator.does(one.case, 'assign', { unit })
})

/** Truncating takes many tables whole and may meet the gateway's own work: then the server gives up one of the two. */
async function undisturbed(ask) {
  for (;;) {
    try { return await ask() } catch (e) { if (e.code !== '40P01') throw e }
  }
}
const denied = async (promise, code = '42501') => assert.rejects(promise, (e) => { assert.equal(e.code, code, `${e.code} ${e.message}`); return true })

it('history: the gateway may not change it, and not even the owner can', async ({ site }) => {
  await site.sql(`insert into audit_log (action) values ('test')`)
  for (const table of ['feedback', 'acts', 'events', 'audit_log']) {
    const column = { feedback: 'words', acts: 'reason', events: 'kind', audit_log: 'action' }[table]
    const count = await site.one(`select count(*)::int from ${table}`)
    assert.ok(count > 0)
    for (const sql of [`update ${table} set ${column} = 'x'`, `delete from ${table}`, `truncate ${table} cascade`]) {
      await denied(site.sql(sql, [], 'mashangdu_gateway'))
      await denied(undisturbed(() => site.sql(sql, [], 'mashangdu_owner')), 'MSD20')
    }
    assert.ok(await site.one(`select count(*)::int from ${table}`) >= count) // the gateway may have added to it
  }
})

it('the gateway owns nothing and takes no rights that it was not given', async ({ site }) => {
  for (const sql of ['delete from cases', `update units set name = '别的名字'`, 'update event_head set last = 0', 'insert into events (seq, at, kind, confidential) values (1000000, now(), \'x.y\', false)',
    `update post_roles set role = 'leader'`, `insert into post_roles values (1, 'leader')`, `update posts set unit_id = 1`, `insert into posts (staff_id, unit_id, title) values (1, 1, '岗')`,
    `update staff set home_unit_id = 1`, `update plaques set unit_id = 1`,
    `update feedback set words = 'x'`, 'drop table acts', 'alter table feedback disable trigger all', 'alter table cases disable row level security',
    'create table mine (id int)', 'set role mashangdu_owner', 'set session_replication_role = replica', 'select * from schema_migrations',
    `delete from staff_sessions`, `delete from outbox`, 'create function f() returns int language sql as $$ select 1 $$'])
    await assert.rejects(site.sql(sql, [], 'mashangdu_gateway'), (e) => { assert.match(e.code, /^42501$/, `${sql}: ${e.code} ${e.message}`); return true })
  assert.equal(await site.one(`select count(*)::int from pg_class where relowner = 'mashangdu_gateway'::regrole`), 0)
  assert.equal(await site.one(`select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolinherit from pg_roles where rolname = 'mashangdu_gateway'`), false)
})

it('the staff role reads no words, no number, no receipt, and without a person nothing at all', async ({ site }) => {
  const c = site.db.client('mashangdu_gateway')
  await c.connect()
  for (const sql of ['select words from feedback', 'select contact from feedback', 'select receipt_hash from feedback', 'select clean from feedback', 'select * from feedback',
    'select password_hash from staff', 'select * from staff_sessions', 'select * from events', 'select * from outbox', 'select settings from channels',
    `update feedback set masked = 'x'`, `update acts set reason = 'x'`, `update cases set nature = 'ask'`, `update cases set opened_at = now()`, 'delete from cases', 'select staff_enter(null, null, null)', 'select * from post_roles', 'select ends_at from posts', 'insert into posts (staff_id, unit_id, title) values (1, 1, $$x$$)']) {
    await c.query('begin')
    await c.query('set local role mashangdu_staff')
    await denied(c.query(sql))
    await c.query('rollback')
  }
  await c.query('begin')
  await c.query('set local role mashangdu_staff')
  for (const table of ['cases', 'acts', 'audit_log']) assert.equal((await c.query(`select count(*)::int as n from ${table}`)).rows[0].n, 0)
  assert.equal((await c.query('select count(id)::int as n from feedback')).rows[0].n, 0)
  await c.query('rollback')
  await c.end()
})

/** What a person's own rows are in the database itself, past every page: one value. */
async function below(site, person, sql, params) {
  const c = site.db.client('mashangdu_gateway')
  await c.connect()
  try {
    const token = await site.one('select ss.token_hash from staff_sessions ss join staff x on x.id = ss.staff_id where x.login = $1 order by ss.created_at desc limit 1', [person.login])
    await c.query('begin')
    await c.query('select staff_enter($1, $2, null)', [token, person.staff.roles])
    await c.query('set local role mashangdu_staff')
    return Object.values((await c.query(sql, params)).rows[0])[0]
  } finally {
    await c.end()
  }
}

it('an allegation under 评价, or under no name at all, is held: no row, no count for the unit, whatever it asks', async (s) => {
  const { site } = s
  const secret = '暗号丁'
  const count = 'select count(*)::int from cases'
  const before = await below(site, s.handler, count)
  assert.ok(before > 0, 'the door was really entered')
  const inbox = (await s.handler.get('/desks/inbox')).groups
  const open = async (body) => {
    const a = await s.g.api({ plaque: s.number, ...body })
    assert.equal(a.status, 201, a.text)
    return a.json.case
  }
  const made = [await open({ text: `窗口服务很好，就是科长索要红包才给盖章，${secret}`, nature: 'rate', rating: 5 }),
    await open({ text: `来办年检，经办人让我塞红包，${secret}` }), await open({ text: `建议你们管管收好处费的副局长，${secret}`, nature: 'suggest' })]
  for (const id of made) {
    assert.ok(id, 'a case was opened')
    for (const person of [s.handler, s.chief]) {
      assert.equal(await below(site, person, 'select count(*)::int from cases where id = $1', [id]), 0)
      assert.equal(await below(site, person, 'select count(id)::int from feedback where case_id = $1', [id]), 0)
      assert.equal((await person.call('GET', `/cases/${id}?reason=x`)).status, 404)
    }
    const row = (await site.sql('select held or confidential as shut, unit_id from cases where id = $1', [id]))[0]
    assert.deepEqual([row.shut, row.unit_id === s.U003], [true, false])
  }
  assert.equal(await below(site, s.handler, count), before)
  assert.deepEqual((await s.handler.get('/desks/inbox')).groups, inbox)
  assert.deepEqual((await s.handler.found(`/cases?q=${encodeURIComponent(secret)}`)).cases, [])
})

it('constraints hold what the code promises', async (s) => {
  await denied(s.site.sql('update cases set unit_id = about_unit_id where id = $1', [s.report.case], 'mashangdu_gateway'), '23514')
  await denied(s.site.sql(`update cases set state = 'closed', closed_at = now() where id = $1`, [s.plain.case], 'mashangdu_gateway'), '23514')
  await denied(s.site.sql(`update cases set state = 'merged' where id = $1`, [s.plain.case], 'mashangdu_gateway'), '23514')
  await denied(s.site.sql(`update plaques set state = 'issued' where number = $1`, [s.number], 'mashangdu_gateway'), 'MSD11')
  await denied(s.site.sql(`update units set parent_id = (select id from units where code = $1) where code = 'U003'`, [s.station], 'mashangdu_owner'), 'MSD10')
  const row = (await s.site.sql('select * from cases where id = $1', [s.report.case]))[0]
  assert.equal(row.nature, 'report')
  assert.equal(row.about_unit_id, s.U003)
  assert.equal(row.confidential, true)
  assert.notEqual(row.unit_id, s.U003)
})

/** Everything through which a person could learn of a case. */
async function knows(person, id, secret) {
  if (!person.staff.roles.some((r) => !['admin', 'security', 'auditor'].includes(r))) { // no door leads there
    for (const path of ['/cases?limit=100', `/cases?q=${encodeURIComponent(secret)}`, `/cases/${id}?reason=x`, '/cases/123456789'])
      assert.equal((await person.call('GET', path)).status, 403, path)
    assert.equal((await person.call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: '看看' })).status, 403)
    return { list: false, search: false, page: false }
  }
  const list = await person.get('/cases?limit=100')
  const found = await person.found(`/cases?q=${encodeURIComponent(secret)}`)
  const page = await person.call('GET', `/cases/${id}?reason=${encodeURIComponent('核对权限')}`)
  const act = await person.call('POST', `/cases/${id}/acts`, { act: 'note', version: 1, words: '看看' })
  if (page.status !== 200) {
    assert.deepEqual([page.status, page.json.code], [404, 'case_unknown'])
    // The same answer as for a case that does not exist.
    const none = await person.call('GET', `/cases/123456789?reason=${encodeURIComponent('核对权限')}`)
    assert.equal(page.text, none.text)
    assert.equal(act.status, 404, act.text)
  }
  return { list: list.cases.some((c) => String(c.id) === String(id)), search: found.cases.some((c) => String(c.id) === String(id)), page: page.status === 200 }
}
const all = { list: true, search: true, page: true }
const none = { list: false, search: false, page: false }

it('a unit sees its own cases and no other; the office sees both; administrator and auditor none', async (s) => {
  for (const who of [s.handler, s.chief, s.coordinator, s.supervisor, s.leader, s.borrowed, s.accountability, s.seconded]) assert.deepEqual(await knows(who, s.plain.case, '暗号甲'), all, who.login)
  for (const who of [s.other, s.coordinator, s.leader, s.accountability]) assert.deepEqual(await knows(who, s.foreign.case, '暗号乙'), all, who.login)
  for (const who of [s.handler, s.chief, s.discipline, s.admin, s.auditor]) assert.deepEqual(await knows(who, s.foreign.case, '暗号乙'), none, who.login)
  for (const who of [s.other, s.admin, s.auditor]) assert.deepEqual(await knows(who, s.plain.case, '暗号甲'), none, who.login)
})

it('P4: nobody of the reported unit learns of the report, in whatever post; only 追责问责组 sees it, with a reason that is kept', async (s) => {
  const { site } = s
  for (const who of [s.handler, s.chief, s.other, s.coordinator, s.supervisor, s.leader, s.borrowed, s.seconded, s.discipline, s.admin, s.auditor])
    assert.deepEqual(await knows(who, s.report.case, '暗号丙'), none, who.login)
  const seen = await knows(s.accountability, s.report.case, '暗号丙')
  assert.deepEqual([seen.list, seen.page], [true, true])
  const bare = await s.accountability.call('GET', `/cases/${s.report.case}`)
  assert.deepEqual([bare.status, bare.json.code, bare.json.missing], [422, 'act_needs', ['reason']])
  const looks = () => site.one(`select count(*)::int from audit_log where action = 'look' and case_id = $1 and staff_id = $2 and detail->>'reason' = '线索核查'`, [s.report.case, s.accountability.staff.id])
  assert.equal(await looks(), 0)
  const page = await s.accountability.case(s.report.case, '线索核查')
  assert.equal(await looks(), 1)
  assert.equal(page.case.about_unit.id, s.U003)
  // Counts say nothing either.
  const before = await Promise.all([s.handler, s.borrowed, s.seconded, s.accountability].map((p) => p.get('/counts')))
  const again = await s.gateway.api({ text: '区市场监督管理局的科长收了商户三千元红包，暗号丁', plaque: s.number, nature: 'report' })
  assert.equal(again.status, 201)
  const after = await Promise.all([s.handler, s.borrowed, s.seconded, s.accountability].map((p) => p.get('/counts')))
  for (const i of [0, 1, 2]) assert.deepEqual({ ...after[i], seq: 0 }, { ...before[i], seq: 0 })
  assert.notDeepEqual({ ...after[3], seq: 0 }, { ...before[3], seq: 0 })
  // It cannot be given to the unit that it names, by anybody.
  const wrong = await s.accountability.act(s.report.case, 'assign', { unit: s.U003, reason: '试' }, { reason: '线索核查' })
  assert.deepEqual([wrong.status, wrong.json.code], [403, 'recused'], wrong.text)
  await s.accountability.does(s.report.case, 'assign', { unit: s.U032 }, { reason: '线索核查' })
  assert.equal((await knows(s.discipline, s.report.case, '暗号丙')).page, true)
  for (const who of [s.handler, s.chief, s.borrowed, s.seconded, s.coordinator]) assert.deepEqual(await knows(who, s.report.case, '暗号丙'), none, who.login)
  // Neither in a log nor in what the gateway counts.
  const told = s.gateway.text() + (await request(`${s.gateway.ops}/metrics`)).text
  for (const secret of ['暗号', '红包', '科长']) assert.equal(told.includes(secret), false)
})

it('M60: a person with posts in two units is walled from both in either, and steps aside wherever the other post is', async (s) => {
  const { site } = s
  const twice = await site.person(s.gateway, 'twice', { unit: 'U000-04', roles: ['accountability', 'supervisor'], home: 'U000', name: '张三' })
  await site.tool('user', 'post', 'twice', '--unit', 'U003', '--role', 'handler', '--title', '兼职承办人')
  const posts = (await twice.get('/session')).staff.posts
  assert.deepEqual(posts.map((p) => [p.unit_id, p.roles, p.acting]), [[await site.unitId('U000-04'), ['accountability', 'supervisor'], true], [s.U003, ['handler'], false]])
  const switched = async (post) => {
    const a = await twice.call('POST', '/session/post', { post: post.id })
    assert.equal(a.status, 200, a.text)
    assert.deepEqual([a.json.staff.post.id, a.json.staff.roles], [post.id, post.roles])
    twice.staff = a.json.staff
  }
  // In the one post the office's view but for the report about the other post's unit; in the other that unit's view, without it.
  assert.deepEqual(await knows(twice, s.report.case, '暗号丙'), none)
  assert.deepEqual(await knows(twice, s.foreign.case, '暗号乙'), all)
  const before = await twice.get('/counts'), socket = await twice.watch()
  const report = await s.gateway.api({ text: '区市场监督管理局的副局长收了商户四千元红包，暗号寅', plaque: s.number, nature: 'report' })
  const control = await s.gateway.api({ text: '派出所户籍窗口排队太长，暗号卯', plaque: await site.plaqueNumber('U010'), nature: 'complain' })
  await socket.next((f) => f.type === 'event' && f.case === Number(control.json.case))
  assert.deepEqual(socket.frames.filter((f) => f.case === Number(report.json.case)), [])
  const total = (counts) => Object.values(counts.by_state).reduce((a, b) => a + b, 0)
  assert.equal(total(await twice.get('/counts')), total(before) + 1)
  // A case about the other unit, which another one handles: not theirs to judge, in whichever post.
  await site.sql(`update cases set about_unit_id = $1 where id = $2`, [s.U003, s.foreign.case])
  for (const [who, act, with_] of [[twice, 'note', { words: '看看' }], [twice, 'supervise', { rung: 1, reason: '催一催' }]]) {
    const a = await who.act(s.foreign.case, act, with_)
    assert.deepEqual([a.status, a.json.code], [403, 'recused'], a.text)
  }
  assert.deepEqual((await twice.case(s.foreign.case)).allowed, [])
  await switched(posts[1])
  assert.equal(await socket.closed, 4402)
  assert.deepEqual(await knows(twice, s.report.case, '暗号丙'), none)
  assert.deepEqual(await knows(twice, s.foreign.case, '暗号乙'), none)
  assert.deepEqual(await knows(twice, s.plain.case, '暗号甲'), all)
  // A page of the old post changes nothing; what the new one does is on record with its name, and in what is hashed.
  const stale = await twice.call('POST', `/cases/${s.plain.case}/acts`, { act: 'note', version: 1, words: '看看' }, { 'x-post': String(posts[0].id) })
  assert.deepEqual([stale.status, stale.json.code], [409, 'post_changed'])
  await twice.does(s.plain.case, 'note', { words: '兼职人员记录' })
  const last = (await twice.case(s.plain.case)).acts.at(-1)
  assert.deepEqual([last.act, last.staff.name, last.role, last.staff.post], ['note', '张三', 'handler', '市监局兼职承办人'])
  assert.deepEqual(await site.sql('select post_id, (data->>$2)::int as hashed from acts where case_id = $1 order by version desc limit 1', [s.plain.case, 'post']), [{ post_id: posts[1].id, hashed: posts[1].id }])
  assert.match(await site.tool('show', 'case', String(s.plain.case)), /张三（市监局兼职承办人）/)
  // Nor may anybody else lend them a report about that unit, or a post that is not theirs be taken.
  const lent = await s.accountability.act(s.report.case, 'share', { person: twice.staff.id, reason: '协助' }, { reason: '线索核查' })
  assert.deepEqual([lent.status, lent.json.code], [403, 'recused'], lent.text)
  const others = await twice.call('POST', '/session/post', { post: s.coordinator.staff.post.id })
  assert.deepEqual([others.status, others.json.code], [404, 'post_unknown'])
  assert.deepEqual(await site.sql(`select detail, post_id from audit_log where action = 'post_changed'`), [{ detail: { from: posts[0].id, to: posts[1].id }, post_id: posts[0].id }])
  // A post that is taken away goes on in the other one at once, and the next sign-in begins where the last one was.
  const next = await twice.watch()
  await site.tool('user', 'end', 'twice', '--post', String(posts[1].id))
  assert.equal(await next.closed, 4402)
  assert.deepEqual((await twice.get('/session')).staff.roles, ['accountability', 'supervisor'])
})

it('P4 at a station: a report written at a window names the unit behind it', async (s) => {
  const { site } = s
  const number = (await site.tool('plaque', 'issue', '--unit', s.station)).match(/\b(\d{6,9})\b/)[1]
  await until('the plaque is known', async () => (await s.gateway.get(`/p/${number}`)).status === 200)
  for (const text of ['这个窗口的人收了我的红包才办事，暗号戊', '我要举报窗口人员吃拿卡要，暗号己']) {
    const a = await s.gateway.form(`/p/${number}/report`, { text })
    assert.equal(a.status, 201)
    const row = (await site.sql('select c.* from cases c join feedback f on f.case_id = c.id order by f.received_at desc, f.id desc limit 1'))[0]
    const about = row.about_unit_id && await site.one('select coalesce(case kind when \'station\' then parent_id end, id) from units where id = $1', [row.about_unit_id])
    if (about !== null) assert.equal(about, s.U003)
    for (const who of [s.handler, s.chief, s.seconded, s.borrowed]) assert.deepEqual(await knows(who, row.id, text.slice(-3)), none, `${who.login}: ${text}`)
    assert.equal((await knows(s.accountability, row.id, text.slice(-3))).page, true)
  }
})

it('P4 at a station of a third unit: who comes from there learns neither of the case nor of its events', async (s) => {
  const { site } = s
  const station = await site.one(`select code from units where kind = 'station' and parent_id = (select id from units where code = 'U026') and retired_on is null order by code limit 1`)
  const there = await site.person(s.gateway, 'there', { unit: 'U000-04', roles: ['accountability'], home: 'U026' })
  const socket = await there.watch()
  const number = (await site.tool('plaque', 'issue', '--unit', station)).match(/\b(\d{6,9})\b/)[1]
  await until('the plaque is known', async () => (await s.gateway.get(`/p/${number}`)).status === 200)
  for (const plaque of [number, await site.plaqueNumber('U026')]) {
    const report = await s.gateway.api({ text: '区市场监督管理局的股长索要购物卡，暗号壬', plaque, nature: 'report' })
    assert.equal(report.status, 201, report.text)
    const id = Number(report.json.case)
    assert.equal(await site.one('select about_unit_id from cases where id = $1', [id]), s.U003)
    const control = await s.gateway.api({ text: '营业执照办理太慢，希望加快，暗号癸', plaque: s.number, nature: 'complain' })
    await socket.next((f) => f.type === 'event' && f.case === Number(control.json.case))
    assert.deepEqual(socket.frames.filter((f) => f.case === id), [])
    assert.equal((await there.call('GET', `/cases/${id}?reason=${encodeURIComponent('线索核查')}`)).status, 404)
    assert.equal((await there.call('POST', `/cases/${id}/sealed`, { reason: '线索核查' })).status, 404)
    assert.equal((await s.accountability.call('GET', `/cases/${id}?reason=${encodeURIComponent('线索核查')}`)).status, 200)
  }
  await socket.close()
})

it('the live stream shows to each what the lists show, and nothing of a report to its unit', async (s) => {
  const sockets = {}
  for (const who of ['handler', 'chief', 'other', 'coordinator', 'borrowed', 'seconded', 'accountability', 'admin', 'auditor']) sockets[who] = await s[who].watch()
  const report = await s.gateway.api({ text: '区市场监督管理局的股长索要购物卡，暗号庚', plaque: s.number, nature: 'report' })
  const plain = await s.gateway.api({ text: '营业执照办理太慢，希望加快，暗号辛', plaque: s.number, nature: 'complain' })
  assert.deepEqual([report.status, plain.status], [201, 201])
  const [hidden, open] = [Number(report.json.case), Number(plain.json.case)]
  if ((await s.coordinator.case(open)).case.state === 'discovered') await s.coordinator.does(open, 'assign', { unit: s.U003 })
  await s.accountability.does(hidden, 'assign', { unit: s.U032 }, { reason: '线索核查' })
  await s.handler.does(open, 'sign')
  const signed = (f) => f.type === 'event' && f.case === open && f.data.state === 'handling'
  for (const who of ['handler', 'chief', 'coordinator', 'borrowed', 'seconded', 'accountability']) {
    const seen = []
    await sockets[who].next((f) => { seen.push(f); return signed(f) })
    const of = [...seen, ...sockets[who].frames].filter((f) => f.case === hidden)
    if (who === 'accountability') assert.ok(of.length >= 2)
    else assert.deepEqual(of, [], who)
  }
  for (const who of ['other', 'admin', 'auditor']) assert.deepEqual(sockets[who].frames.filter((f) => f.type === 'event'), [], who)
  for (const w of Object.values(sockets)) await w.close()
})

it('changes need the session, its token and its post; the cookie is kept from scripts and other sites', async (s) => {
  const { gateway: g, site } = s
  const password = await site.account('fresh', { unit: 'U003', roles: ['handler'] })
  const p = new Person(g, 'fresh')
  const answer = await p.call('POST', '/session', { login: 'fresh', password })
  assert.match(answer.headers['set-cookie'][0], /^msd_session=[^;]+; .*HttpOnly/)
  assert.match(answer.headers['set-cookie'][0], /SameSite=Strict/)
  await p.signIn(password)
  const early = await p.call('GET', '/cases')
  assert.deepEqual([early.status, early.json.code], [403, 'forbidden'], 'the one-time password is changed first')
  await p.changePassword(password, 'another-good-one-77')
  await p.get('/cases')
  const noToken = await p.call('POST', `/cases/${s.plain.case}/acts`, { act: 'sign', version: 1 }, { 'x-csrf-token': 'wrong' })
  assert.deepEqual([noToken.status, noToken.json.code], [403, 'csrf'])
  const foreign = await p.call('POST', '/session', { login: 'fresh', password: 'another-good-one-77' }, { origin: 'https://evil.example' })
  assert.equal(foreign.status, 403)
  const post = await p.act(s.plain.case, 'approve')
  assert.ok([403, 409].includes(post.status), post.text)
  const stale = await p.call('POST', `/cases/${s.plain.case}/acts`, { act: 'note', version: 1, words: '旧版本' })
  assert.deepEqual([stale.status, stale.json.code], [409, 'case_changed'])
  assert.equal(String(stale.json.case.id), String(s.plain.case))
  assert.equal((await p.call('DELETE', '/session')).status, 204)
  assert.equal((await p.call('GET', '/cases')).status, 401)
  assert.equal((await g.get('/staff/api/v1/cases')).status, 401)

  // Wrong passwords cost growing time, also for the right one; other people are not locked out.
  let locked
  for (let i = 0; i < 8 && !locked; i++) {
    const a = await new Person(g, 'fresh').call('POST', '/session', { login: 'fresh', password: `wrong-${i}-password` })
    if (a.status === 429) locked = a
    else assert.deepEqual([a.status, a.json.code], [401, 'login_wrong'])
  }
  assert.ok(locked, 'locked at last')
  assert.ok(Number(locked.headers['retry-after']) >= 1)
  const right = await new Person(g, 'fresh').call('POST', '/session', { login: 'fresh', password: 'another-good-one-77' })
  assert.deepEqual([right.status, right.json.code], [429, 'login_locked'])
  const unknown = await new Person(g, 'nobody').call('POST', '/session', { login: 'nobody', password: 'whatever-it-is' })
  assert.deepEqual([unknown.status, unknown.json.code], [401, 'login_wrong'], 'unknown names look like wrong passwords')
  await s.coordinator.get('/cases')

  // A person who is disabled is out at once.
  const q = await site.person(g, 'leaving', { unit: 'U003', roles: ['handler'] })
  await site.tool('user', 'disable', 'leaving')
  assert.equal((await q.call('GET', '/cases')).status, 401)
})

it('P4 after a unit has gone: what a report says of it is closed to its successor and its people', async (s) => {
  const report = await s.gateway.api({ text: '区市场监督管理局的科长又收了商户红包，暗号子', plaque: s.number, nature: 'report' })
  assert.equal(report.status, 201, report.text)
  const id = Number(report.json.case)
  assert.equal(await s.site.one('select about_unit_id from cases where id = $1', [id]), s.U003)
  const heir = await s.site.person(s.gateway, 'heir', { unit: 'U000-04', roles: ['accountability'], home: 'U010' })
  assert.equal((await knows(heir, id, '暗号子')).page, true)
  await s.site.sql('update units set retired_on = current_date, successor_id = $2 where id = $1', [s.U003, s.U010])
  const a = await s.accountability.act(id, 'assign', { unit: s.U010 }, { reason: '核查' })
  assert.deepEqual([a.status, a.json.code], [403, 'recused'], a.text)
  assert.deepEqual(await knows(heir, id, '暗号子'), none)
  assert.equal((await knows(s.accountability, id, '暗号子')).page, true)
})

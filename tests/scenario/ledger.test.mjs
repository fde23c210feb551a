// P6, the running part: every committed act becomes one leaf, whichever gateway wrote it and whatever is killed meanwhile; heads
// are signed by one key for ever; anyone can check it from outside. Checked with log_check.mjs, not with the program's own code.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, until, withClock } from './harness.mjs'
import { look } from './clock_parts.mjs'
import { assertSigned, leafOf, rootByPath, rootOf, rootsByConsistency, unhex } from './log_check.mjs'

const WORDS = '窗口办事大厅空调坏了，等候的人都很热，联系电话15400001234，姓名王小明'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.a = await site.gateway({ log_every: '1s', open_per_minute: 1000000 })
  s.b = await site.gateway({ log_every: '1s', open_per_minute: 1000000 })
  s.u003 = await site.unitId('U003')
  s.number = await site.plaqueNumber('U003')
  s.keyFile = join(site.dir, 'mashangdu-log.key')
  s.coordinator = await site.person(s.a, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.handler = await site.person(s.b, 'u003', { unit: 'U003', roles: ['handler'] })
})

const get = async (g, path, status = 200) => {
  const a = await g.get(path)
  assert.equal(a.status, status, `${path}: ${a.status} ${a.text}`)
  return a
}
const head = async (g) => (await get(g, '/open/log/head')).json
const submit = async (g, number, text = WORDS) => {
  const a = await g.api({ text, plaque: number, contact: '15400001234' })
  assert.equal(a.status, 201, a.text)
  return a.json
}
const acts = (site) => site.one('select count(*)::int from acts')

/** Waits until a head stands over everything that is committed. */
async function covered(site, g) {
  return until('a head over every act', async () => {
    const a = await g.get('/open/log/head')
    return a.status === 200 && a.json.size === await acts(site) && a.json
  }, 60000)
}

/** The whole log against the acts: one leaf each, in order, the stored tree and all heads as RFC 6962 makes them. */
async function assertWhole(site) {
  const leaves = await site.sql(`select l.index, encode(l.hash, 'hex') as leaf, encode(a.hash, 'hex') as act, a.id, a.case_id, a.version
    from log_leaves l full join acts a on a.id = l.act_id order by l.index`)
  const last = new Map()
  leaves.forEach((l, i) => {
    assert.equal(Number(l.index), i, `leaf ${i}: no act without a leaf, no gap`)
    assert.equal(l.leaf, l.act, `leaf ${i} is the act's hash`)
    assert.ok((last.get(l.case_id) ?? 0) < l.version, `leaf ${i}: the acts of a case stand in their order`)
    last.set(l.case_id, l.version)
  })
  const hashes = leaves.map((l) => leafOf(unhex(l.leaf))), made = new Map()
  rootOf(hashes, made)
  const nodes = await site.sql(`select level, index, encode(hash, 'hex') as hash from log_nodes`)
  assert.deepEqual(new Map(nodes.map((n) => [`${n.level}/${n.index}`, n.hash])), new Map([...made].map(([k, v]) => [k, v.toString('hex')])),
    'every complete subtree is stored, and nothing else')
  const key = await site.one(`select encode(public_key, 'hex') from log_keys`)
  const heads = await site.sql(`select size, encode(root, 'hex') as root, (extract(epoch from at) * 1000000)::bigint as at_us, daily::text,
    encode(public_key, 'hex') as key, encode(signature, 'hex') as signature, to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day from log_heads order by size`)
  const days = new Set()
  let at = 0n
  for (const h of heads) {
    assert.equal(h.key, key)
    assertSigned(h, key)
    assert.equal(rootOf(hashes.slice(0, Number(h.size))).toString('hex'), h.root, `the head over ${h.size}`)
    assert.ok(BigInt(h.at_us) > at, 'heads follow each other in time')
    at = BigInt(h.at_us)
    assert.equal(h.daily, days.has(h.day) ? null : h.day, 'the first head of a day in China is its daily one')
    days.add(h.day)
  }
  return { hashes, heads, leaves }
}

it('a database without acts has a key and no head', async ({ site, a, b, keyFile }) => {
  await until('the key is entered', () => site.one('select count(*)::int from log_keys').then((n) => n === 1))
  assert.equal(statSync(keyFile).mode & 0o777, 0o600)
  assert.equal((await get(a, '/open/log/head', 404)).json.code, 'log_empty')
  assert.equal((await get(b, '/open/log/proof?leaf=' + '00'.repeat(32) + '&size=1', 404)).json.code, 'log_empty')
  assert.deepEqual((await get(a, '/open/log/heads')).json, { heads: [], before: null })
  const page = await get(a, '/open/log')
  assert.match(page.text, /还没有签过名的总账/)
  const key = (await get(a, '/open/log/key')).json
  assert.deepEqual([key.algorithm, key.earlier], ['Ed25519', []])
  assert.equal(key.public_key, await site.one(`select encode(public_key, 'hex') from log_keys`))
})

it('what two gateways store and what the staff does become leaves, one each, under signed heads', async ({ site, a, b, coordinator, handler, u003, number }) => {
  const given = await Promise.all(Array.from({ length: 60 }, (_, i) => submit(i % 2 ? a : b, number)))
  for (const { case: id } of given.slice(0, 5)) {
    const now = (await coordinator.case(id)).case
    if (now.state === 'discovered') await coordinator.does(id, 'assign', { unit: u003 })
    await handler.does(id, 'sign')
    await coordinator.does(id, 'note', { words: '已电话核实' })
  }
  const first = await covered(site, a)
  await submit(b, number)
  const second = await covered(site, b)
  assert.ok(second.size > first.size)
  await assertWhole(site)
  let m
  const sum = (name) => m.reduce((n, x) => n + x.get(`mashangdu_${name}`), 0)
  await until('both have counted', async () => { m = [await a.metrics(), await b.metrics()]; return sum('log_leaves_total') >= second.size }) // a moment after it stands
  assert.equal(sum('log_leaves_total'), second.size)
  assert.equal(sum('log_heads_total'), await site.one('select count(*)::int from log_heads'))
  assert.equal(sum('log_refused_total'), 0)
})

it('inclusion and consistency are checked by somebody outside', async ({ site, a, b }) => {
  const { heads, leaves, hashes } = await assertWhole(site)
  const newest = await head(a)
  const key = (await get(b, '/open/log/key')).json.public_key
  assertSigned(newest, key)
  assert.equal(newest.root, rootOf(hashes.slice(0, newest.size)).toString('hex'))
  for (const l of leaves) {
    const size = Number(l.index) % 3 ? newest.size : Math.max(Number(l.index) + 1, Math.ceil(newest.size / 2))
    const p = await get(a, `/open/log/proof?leaf=${l.act}&size=${size}`)
    assert.match(p.headers['cache-control'], /immutable/)
    assert.deepEqual([p.json.index, p.json.size], [Number(l.index), size])
    assert.equal(rootByPath(leafOf(unhex(l.act)), p.json.index, size, p.json.path.map(unhex)).toString('hex'),
      rootOf(hashes.slice(0, size)).toString('hex'))
  }
  const some = heads.filter((_, i) => i % Math.ceil(heads.length / 12) === 0) // the slower the cases came, the more heads
  const sizes = [...new Set([1, 2, 3, 7, 8, 31, 32, 33, newest.size - 1, newest.size, ...some.map((h) => Number(h.size))])].filter((n) => n > 0)
  for (const first of sizes) for (const second of sizes.filter((n) => n >= first)) {
    const p = await get(b, `/open/log/consistency?first=${first}&second=${second}`)
    assert.match(p.headers['cache-control'], /immutable/)
    const old = rootOf(hashes.slice(0, first))
    const [o, w] = rootsByConsistency(first, second, p.json.path.map(unhex), old)
    assert.equal(o.toString('hex'), old.toString('hex'))
    assert.equal(w.toString('hex'), rootOf(hashes.slice(0, second)).toString('hex'))
  }
  assert.deepEqual((await get(a, `/open/log/consistency?first=0&second=${newest.size}`)).json.path, [])
  const days = (await get(a, '/open/log/heads')).json
  assert.deepEqual(days.heads.map((h) => h.daily), heads.filter((h) => h.daily).map((h) => h.daily).reverse())
  days.heads.forEach((h) => assertSigned(h, key))
  assert.deepEqual((await get(a, `/open/log/heads?before=${days.heads.at(-1).daily}`)).json.heads, [])
})

it('refuses with a sentence, counts, and tells nothing of anybody', async ({ site, a, number }) => {
  const { size } = await head(a)
  const leaf = await site.one(`select encode(hash, 'hex') from log_leaves where index = 3`)
  const { receipt } = await submit(a, number)
  for (const [path, status, code] of [
    [`proof?leaf=${leaf}&size=3`, 404, 'log_leaf_unknown'], [`proof?leaf=${'ab'.repeat(32)}&size=${size}`, 404, 'log_leaf_unknown'],
    [`proof?leaf=xyz&size=${size}`, 404, 'log_leaf_unknown'], [`proof?size=${size}`, 404, 'log_leaf_unknown'],
    [`proof?leaf=${leaf}&size=0`, 422, 'log_size'], [`proof?leaf=${leaf}&size=1000000000`, 422, 'log_size'], [`proof?leaf=${leaf}`, 422, 'log_size'],
    [`proof?leaf=${leaf}&size=99999999999999999999`, 422, 'log_size'], [`proof?leaf=${leaf}&size=-1`, 422, 'log_size'],
    ['consistency?first=4&second=3', 422, 'log_size'], [`consistency?first=1&second=${2 ** 50}`, 422, 'log_size'], ['consistency', 422, 'log_size'],
    ['heads?before=2026-02-31', 422, 'unknown_field'], ['heads?before=gestern', 422, 'unknown_field'], ['nothing', 404, 'not_found']]) {
    const before = await a.refusals(code)
    const r = await get(a, `/open/log/${path}`, status)
    assert.equal(r.json.code, code, path)
    assert.match(r.headers['content-type'], /problem\+json/)
    assert.match(r.json.title, /\p{Script=Han}/u)
    assert.equal(await a.refusals(code), before + 1, path)
  }
  assert.equal((await a.post('/open/log/head', {})).status, 405)
  assert.equal((await a.post('/open/log', {})).status, 405)
  const cases = (await site.sql('select id from cases')).map((c) => c.id)
  const seen = (await Promise.all(['head', 'heads', 'key', `proof?leaf=${leaf}&size=${size}`, `consistency?first=3&second=${size}`]
    .map(async (p) => (await get(a, `/open/log/${p}`)).text))).join('') + (await get(a, '/open/log')).text
  for (const secret of [receipt, '15400001234', '王小明', '空调', number, 'U003', ...cases.map((c) => `"${c}"`)]) assert.ok(!seen.includes(secret), secret)
  const page = await get(a, '/open/log')
  assert.match(page.headers['content-type'], /text\/html/)
  assert.doesNotMatch(page.text, /<script(?! defer id="js")/)
  assert.match(page.text, new RegExp((await head(a)).public_key))
  assert.match((await a.get('/open/log', { headers: { 'accept-language': 'en' } })).text, /<h1>The public log/)
})

it('an address that asks too often waits', async ({ site }) => {
  const g = await site.gateway({ log_every: '1h', open_per_minute: 3 })
  for (let i = 0; i < 3; i++) await get(g, '/open/log/key')
  const r = await get(g, '/open/log/key', 429)
  assert.equal(r.json.code, 'too_many')
  assert.ok(Number(r.headers['retry-after']) > 0)
  assert.equal((await g.get('/open/log')).status, 429)
  await g.stop()
})

it('a database full of old acts is caught up in steps, through kills in the middle', async ({ site, a, b }) => {
  await a.stop()
  await b.stop()
  // 9,000 cases as they would be after a long outage, with two acts each, chained by the schema's own functions; the clock leaves them alone.
  await site.sql(`
    with t as (select c.*, f.channel as fc from cases c join feedback f on f.case_id = c.id order by c.id limit 1),
    n as (select (1::bigint << 40) + g * 8 as id, sha256(int8send(g)) as salt from generate_series(1, 9000) g),
    x as (select n.id, n.salt, now() as at, feedback_commitment(substr(n.salt, 1, 16), n.id, now(), 'web', null, null, null, '积压的一件') as said from n),
    y as (select x.*, jsonb_build_object('feedback', x.id, 'commitment', encode(x.said, 'hex')) as data from x),
    z as (select y.*, act_words(y.salt, null, null, y.data) as w1, act_words(y.salt, null, '备注', '{}') as w2 from y),
    h as (select z.*, act_hash(null, z.id, 1, z.at, 'receive', 'gateway', 'new', 'discovered', act_who(z.salt, z.id + 1, null, null, null, true), z.w1) as h1 from z),
    k as (select h.*, act_hash(h.h1, h.id, 2, h.at, 'note', 'gateway', 'discovered', 'discovered', act_who(h.salt, h.id + 2, null, null, null, false), h.w2) as h2 from h),
    c as (insert into cases (id, version, state, nature, category, level, urgency, unit_id, channel, limit_amount, opened_at, chain, next_at, next_act)
      select k.id, 2, 'discovered', t.nature, t.category, t.level, t.urgency, t.unit_id, 'web', t.limit_amount, k.at, k.h2, '2199-01-01', 'overdue' from k, t returning id),
    f as (insert into feedback (id, received_at, channel, dedupe_key, dedupe_body, receipt_hash, words, clean, masked, case_id, decision, salt)
      select k.id, k.at, 'web', 'bulk' || k.id, sha256(k.salt), sha256(k.salt || k.salt), '积压的一件', '', '', k.id, '{}', substr(k.salt, 1, 16) from k, (select count(*) from c) n),
    s as (insert into acts (id, case_id, version, at, act, actor, from_state, to_state, words, public, data, salt, words_commitment, hash)
      select k.id + 1, k.id, 1, k.at, 'receive', 'gateway', 'new', 'discovered', null, true, k.data, k.salt, k.w1, k.h1 from k, (select count(*) from c) n union all
      select k.id + 2, k.id, 2, k.at, 'note', 'gateway', 'discovered', 'discovered', '备注', false, '{}', k.salt, k.w2, k.h2 from k, (select count(*) from c) n returning id)
    select events_append(array_agg('case.opened'::text), array_agg(k.id), array_agg(null::int), array_agg(null::int), array_agg(false), array_agg('{}'::jsonb))
      from k, (select count(*) from s) n, (select count(*) from c) m`)
  const all = await acts(site), leaves = () => site.one('select count(*)::int from log_leaves')
  const from = await leaves()
  assert.equal(all - from >= 18000, true)
  // Killed as soon as a step is seen: the next one is on its way then. A step takes three seconds, for it may be seen late.
  await site.sql(`create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return null; end $$;
    create trigger slowly after insert on log_leaves for each statement execute function slowly()`)
  for (let kills = 0, seen = from; kills < 3; kills++) {
    await a.start({ wait: false })
    seen = await until('a step', async () => { const n = await leaves(); return n > seen && n }, 60000, 2)
    await a.kill9()
    assert.ok(await leaves() < all, 'it was in the middle')
  }
  await site.sql('drop trigger slowly on log_leaves')
  await Promise.all([a.start(), b.start()])
  await covered(site, a)
  await assertWhole(site)
  const sum = (await a.metrics()).get('mashangdu_log_refused_total') + (await b.metrics()).get('mashangdu_log_refused_total')
  assert.equal(sum, 0)
  const out = await site.tool('verify')
  assert.match(out, /^unbroken /, out)
}, { ms: 400000 })

it('killed again and again while words come in, nothing is missing and nothing stands twice', async ({ site, a, b, number }) => {
  let done = false
  const waves = (async () => {
    while (!done) await Promise.all(Array.from({ length: 5 }, () => submit(a, number).catch(() => {})))
  })()
  for (let i = 0; i < 4; i++) {
    const { size } = await until('a head', async () => { const h = await b.get('/open/log/head'); return h.status === 200 && h.json })
    await until('the log grows', async () => (await site.one('select max(size)::int from log_heads')) > size, 60000, 5)
    await b.kill9()
    await b.start()
  }
  done = true
  await waves
  await covered(site, b)
  await assertWhole(site)
})

it('another key does not sign, a lost one is not replaced, and the right one goes on without a restart', async ({ site, a, b, keyFile, number }) => {
  await covered(site, a)
  await b.stop()
  await a.stop()
  const heads = () => site.one('select count(*)::int from log_heads')
  const before = await heads(), key = readFileSync(keyFile, 'utf8')
  writeFileSync(keyFile, `${'5a'.repeat(32)}\n`, { mode: 0o600 })
  await a.start()
  const given = await submit(a, number)
  await until('the refusal is counted', async () => (await a.metrics()).get('mashangdu_log_refused_total') > 1)
  const said = () => a.text().split('\n').filter((l) => /tree heads are not signed here/.test(l))
  assert.equal(said().length, 1, 'said once')
  assert.match(said()[0], /level=error.*the key in the file is not the log's/)
  assert.doesNotMatch(a.text(), /5a5a5a5a/)
  assert.equal(await heads(), before)
  assert.equal((await a.get('/open/log/head')).status, 200, 'what was signed is still served')
  assert.equal((await a.get('/open/log/key')).json.earlier.length, 0)
  await a.ready()
  assert.ok((await a.metrics()).get('mashangdu_log_lag_seconds') > 0)
  await a.stop()

  rmSync(keyFile)
  await a.start()
  await until('it is said', () => said().length === 2)
  assert.match(said()[1], /its file is not here/)
  assert.equal(existsSync(keyFile), false, 'no other key is made')
  assert.equal(await site.one('select count(*)::int from log_keys'), 1)
  await a.ready()

  writeFileSync(`${keyFile}.new`, key, { mode: 0o600 })
  renameSync(`${keyFile}.new`, keyFile)
  await covered(site, a)
  assert.match(a.text(), /tree heads are signed again/)
  assert.ok(given.case)
  await b.start()
  await assertWhole(site)
})

it('the first head of a day comes right after midnight in China, and is the daily one', async ({ site, a, b, number }) => {
  await covered(site, a)
  await a.stop()
  await b.stop()
  const day = 86400000, china = 8 * 3600000
  const midnight = Math.floor((Date.now() + 600000 + china) / day + 1) * day - china
  const today = new Date(midnight + china).toISOString().slice(0, 10)
  const ahead = Math.round((midnight - Date.now()) / 1000) - 90
  const late = await site.gateway({ log_every: '1d' }, { env: withClock(ahead * 1000) })
  const idle = async () => { // cases may be due by that clock, and what is done about them are acts
    await look({ site }, late)
    await until('nothing is due', async () => await site.one('select count(*)::int from cases where next_at <= $1', [new Date(Date.now() + ahead * 1000)]) === 0)
  }
  // Its first look is over when a head has come; what is said after it waits for midnight.
  await idle()
  await submit(late, number)
  late.hangUp()
  await covered(site, late)
  await submit(late, number)
  const said = await acts(site)
  const h = await until('the daily head', async () => { const x = (await late.get('/open/log/head')).json; return x?.daily === today && x }, 150000)
  assert.ok(Number(h.at_us) / 1000 >= midnight, 'not a moment before')
  assert.ok(Number(h.at_us) / 1000 < midnight + 60000, 'log_every is a day: midnight made it')
  assert.ok(h.size >= said, 'all that was said before midnight is in it') // the clock may have acted on a day that ended
  await idle()
  late.hangUp()
  await covered(site, late)
  await late.stop()
  await assertWhole(site)

  // A clock that is behind the newest head signs nothing: heads follow each other in time.
  const heads = await site.one('select count(*)::int from log_heads')
  await a.start()
  await submit(a, number)
  await until('it is counted', async () => (await a.metrics()).get('mashangdu_log_refused_total') > 0)
  assert.match(a.text(), /this clock is behind the newest tree head/)
  assert.equal(await site.one('select count(*)::int from log_heads'), heads)
}, { ms: 400000 })

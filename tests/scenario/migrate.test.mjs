// The schema: applied once, in order, by whoever comes first; nothing that was applied may change afterwards.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, tree } from './harness.mjs'

const steps = readdirSync(join(tree, 'schema')).filter((f) => /^\d{4}_.*\.sql$/.test(f)).sort()

const it = scenario(fileName(import.meta.url), { migrate: false }, async (s) => {
  let n = 0
  // A database of its own, with the owner's conninfo.
  s.fresh = async () => {
    const name = `fresh${++n}`
    await s.site.db.query(`create database ${name} owner mashangdu_owner`, [], 'postgres', 'postgres')
    const db = { name, env: { MASHANGDU_OWNER_DATABASE: s.site.db.conninfo('mashangdu_owner', name) } }
    db.tool = (...words) => s.site.toolWith({ env: db.env }, ...words)
    db.query = (sql, params, user = 'postgres') => s.site.db.query(sql, params, user, name)
    /** The schema as a program with only the first steps would have left it. */
    db.upTo = async (number) => {
      await db.query(`create table schema_migrations (number integer primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now(), applied_by text not null default session_user)`, [], 'mashangdu_owner')
      for (const name of steps.slice(0, number)) {
        const sql = readFileSync(join(tree, 'schema', name), 'utf8')
        await db.query(sql, [], 'mashangdu_owner')
        await db.query('insert into schema_migrations (number, name, checksum) values ($1, $2, $3)',
          [Number(name.slice(0, 4)), name, createHash('sha256').update(sql).digest('hex')], 'mashangdu_owner')
      }
    }
    return db
  }
})

const applied = (out) => [...out.matchAll(/^applied (\S+)$/gm)].map((m) => m[1])
const fails = async (promise, pattern) => assert.rejects(promise, (e) => { assert.equal(e.code, 1, e.message); assert.match(e.stderr, pattern); return true })
/** What a schema consists of, to see that nothing changed. */
const picture = (db) => db.query(`select (select array_agg(table_name || '.' || column_name || ':' || data_type order by 1) from information_schema.columns where table_schema = 'public') as columns,
  (select array_agg(conname || pg_get_constraintdef(oid) order by 1) from pg_constraint) as constraints, (select array_agg(number || name || checksum || applied_at order by number) from schema_migrations) as steps`)

it('fresh: every step once, in order; again: nothing', async (s) => {
  const db = await s.fresh()
  const status = await db.tool('migrate', '--status')
  assert.equal((status.match(/not applied/g) ?? []).length, steps.length)
  assert.deepEqual(applied(await db.tool('migrate')), steps)
  const before = await picture(db)
  assert.deepEqual(applied(await db.tool('migrate')), [])
  assert.deepEqual(await picture(db), before)
  assert.equal((await db.tool('migrate', '--status')).includes('not applied'), false)
})

it('two at once: each step is applied by one of them, and both are content', async (s) => {
  for (let round = 0; round < 3; round++) {
    const db = await s.fresh()
    const outs = await Promise.all([1, 2, 3].map(() => db.tool('migrate')))
    assert.deepEqual(outs.flatMap(applied).sort(), steps)
  }
}, { ms: 400000 })

it('a step that was edited afterwards is refused by name, and nothing is changed', async (s) => {
  const db = await s.fresh()
  await db.tool('migrate')
  await db.query(`update schema_migrations set checksum = encode(sha256('other'), 'hex') where number = 2`)
  const before = await picture(db)
  for (const words of [['migrate'], ['migrate', '--status']]) await fails(db.tool(...words), new RegExp(steps[1].replaceAll('.', '\\.')))
  assert.deepEqual(await picture(db), before)
})

it('a database that is newer than the program is refused', async (s) => {
  const db = await s.fresh()
  await db.tool('migrate')
  await db.query(`insert into schema_migrations (number, name, checksum) values (9999, '9999_from_tomorrow.sql', 'x')`)
  await fails(db.tool('migrate'), /9999_from_tomorrow\.sql/)
})

it('a step that fails leaves nothing of itself, and goes through when the cause is gone', async (s) => {
  const db = await s.fresh()
  await db.query('create table acts (mine int)', [], 'mashangdu_owner') // what 0003 is about to make
  await fails(db.tool('migrate'), /0003_\w+\.sql: .*acts/)
  assert.deepEqual((await db.query('select number from schema_migrations order by 1')).map((r) => r.number), [1, 2])
  assert.equal((await db.query(`select to_regclass('feedback') as t`))[0].t, null, 'the table before it in the same step is not there')
  await db.query('drop table acts')
  assert.deepEqual(applied(await db.tool('migrate')), steps.slice(2))
})

it('a database in use stays as it is; the last step also goes in under data', async (s) => {
  const db = await s.fresh()
  await db.tool('migrate')
  await db.tool('import', '--district', join(tree, 'deploy/sample-district'))
  const settings = { database: s.site.db.conninfo('mashangdu_gateway', db.name) }
  const g = await s.site.gateway(settings)
  for (let i = 0; i < 20; i++) assert.equal((await g.api({ text: `井盖松动第${i}处` })).status, 201)
  const counts = async () => (await db.query(`select (select count(*) from feedback) as f, (select count(*) from cases) as c, (select count(*) from acts) as a, (select count(*) from events where kind = 'case.opened') as e, (select count(*) from units) as u`))[0]
  const before = await counts()
  assert.deepEqual(applied(await db.tool('migrate')), [])
  assert.deepEqual(await counts(), before)
  assert.equal((await g.api({ text: '迁移之后' })).status, 201)
  // A second import of the same district changes nothing and disturbs nobody.
  await db.tool('import', '--district', join(tree, 'deploy/sample-district'))
  assert.deepEqual({ ...(await counts()), f: 0, c: 0, a: 0, e: 0 }, { ...before, f: 0, c: 0, a: 0, e: 0 })
  assert.equal((await g.api({ text: '再次导入之后' })).status, 201)
  await g.stop()
})

it('acts from before there was proof get their hashes, and the record is unbroken from its first day', async (s) => {
  const db = await s.fresh()
  await db.upTo(5)
  await db.query(`insert into units (code, kind, name, short_name, class) values ('U000', 'office', '优化办', '优化办', '牵头单位')`)
  await db.query(`insert into staff (login, name, unit_id, home_unit_id, password_hash) values ('desk', '值班员', 1, 1, 'x')`)
  await db.query(`insert into categories (code, name, default_unit_id) values ('01', '城市管理', 1);
    insert into categories (code, parent, name, default_unit_id, default_nature, level, limit_amount, limit_unit) values ('0101', '01', '照明', 1, 'appeal', 3, 5, 'workday')`)
  await db.query(`insert into cases (id, version, state, nature, category, level, urgency, unit_id, channel, limit_amount, opened_at, flags, closed_at)
    select i * 10, 1 + i % 3, case i % 3 when 0 then 'discovered' when 1 then 'assigned' else 'handling' end, 'appeal', '0101', 3, '一般', 1, 'web', 5, now(), '{}', null
    from generate_series(1, 3000) i`)
  await db.query(`insert into feedback (id, received_at, channel, provider, dedupe_key, dedupe_body, receipt_hash, nature_said, rating, words, clean, masked, case_id, decision)
    select i * 10, now() + i * interval '1 microsecond', case i % 2 when 0 then 'web' else 'sms' end, '', 'k' || i, sha256('x'), sha256(int8send(i)), case i % 5 when 0 then 'complain' end,
      case i % 7 when 0 then 4 end, E'路灯坏了 "第\\t' || i || E'次"\\n', '', '', case when i <= 3000 then i * 10 end, '{}' from generate_series(1, 3100) i`)
  await db.query(`insert into acts (id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, words, public, data)
    select c.id + v, c.id, v, now() + v * interval '1.000001 s', (array['receive', 'assign', 'sign'])[v], (array['gateway', 'router', 'staff'])[v], case v when 3 then 1 end, case v when 3 then 'handler' end,
      (array['new', 'discovered', 'assigned'])[v], (array['discovered', 'assigned', 'handling'])[v], case v when 2 then 1 end, case v when 2 then '“路灯”属于照明' end, case v when 3 then '收到' end,
      v < 3, case v when 3 then '{"until": "2026-03-18", "a": [1, 2.50, null]}'::jsonb else '{}' end
    from cases c cross join generate_series(1, 3) v where v <= c.version`)
  const old = await db.query(`select id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, words, public from acts order by id`)
  assert.deepEqual(applied(await db.tool('migrate')), steps.slice(5))
  assert.deepEqual(await db.query(`select id, case_id, version, at, act, actor, staff_id, role, from_state, to_state, unit_id, reason, words, public from acts order by id`), old)
  assert.match(await db.tool('verify'), new RegExp(`^unbroken cases=3000 acts=${old.length} erased=0 leaves=0 heads=0 `))
  assert.equal((await db.query('select count(distinct salt)::int as n from acts'))[0].n, old.length, 'no salt twice')
  assert.equal((await db.query('select count(distinct salt)::int as n from feedback'))[0].n, 3100)
  await assert.rejects(db.query(`update acts set words = 'x' where id = 11`), /append-only/)
})

it('without the roles, or with a gateway that owns something, it says so', async (s) => {
  const db = await s.fresh()
  await db.tool('migrate')
  await db.query('create table stray (x int)')
  await db.query('alter table stray owner to mashangdu_gateway')
  await fails(db.tool('migrate'), /mashangdu_gateway owns stray/)
  await fails(s.site.toolWith({ env: { MASHANGDU_OWNER_DATABASE: s.site.db.conninfo('mashangdu_owner', 'nowhere') } }, 'migrate'), /nowhere/)
})

// The schema reaches a database step by step, each once, whoever starts it; what does not fit is refused with a sentence.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileName, scenario, tree } from './harness.mjs'

const run = promisify(execFile)
const it = scenario(fileName(import.meta.url), { migrate: false })
const steps = readdirSync(join(tree, 'schema')).filter((f) => /^\d{4}_.*\.sql$/.test(f)).sort()
const roles = (s) => run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', s.site.db.conninfo('postgres', 'postgres'), '-f', join(tree, 'deploy/roles.sql')])
const owner = (s, sql, params) => s.site.sql(sql, params, 'mashangdu_owner')
const recorded = async (s) => (await owner(s, 'select name from schema_migrations order by number')).map((r) => r.name)
const refused = (s, sentence) => assert.rejects(s.site.tool('migrate'), (e) => {
  assert.equal(e.code, 1)
  assert.match(e.stderr, sentence)
  return true
})

it('without the three roles nothing is done', async (s) => {
  await s.site.sql('drop role mashangdu_staff')
  await refused(s, /lacks the role mashangdu_staff: run `psql -f deploy\/roles\.sql`/)
  assert.equal(await s.site.one("select to_regclass('schema_migrations')"), null)
  await roles(s)
})

it('status before the first step lists all as not applied', async (s) => {
  const out = await s.site.tool('migrate', '--status')
  for (const step of steps) assert.match(out, new RegExp(`^${step} +not applied$`, 'm'))
  assert.equal(await s.site.one("select to_regclass('schema_migrations')"), null)
})

it('a step that fails leaves nothing of itself and all of the steps before', async (s) => {
  await owner(s, 'create table outbox (in_the_way int)')
  await refused(s, /0003_cases\.sql: relation "outbox" already exists/)
  assert.deepEqual(await recorded(s), steps.slice(0, 2))
  assert.equal(await s.site.one("select to_regclass('feedback')"), null, 'the third step came before outbox, and went again')
  await owner(s, 'drop table outbox')
})

it('two starts at once: each step is applied once', async (s) => {
  const out = await Promise.all([s.site.tool('migrate'), s.site.tool('migrate')])
  const applied = out.flatMap((o) => [...o.matchAll(/^applied (\S+)$/gm)].map((m) => m[1]))
  assert.deepEqual(applied.sort(), steps.slice(2))
  assert.deepEqual(await recorded(s), steps)
  assert.match(await s.site.tool('migrate'), /^0 of \d+ steps applied now/)
})

it('a step that was edited afterwards is refused by its name', async (s) => {
  const [{ checksum }] = await owner(s, 'select checksum from schema_migrations where number = 2')
  assert.match(checksum, /^[0-9a-f]{64}$/)
  await owner(s, 'update schema_migrations set checksum = $1 where number = 2', ['0'.repeat(64)])
  await refused(s, new RegExp(`${steps[1]} was changed after it had been applied`))
  await owner(s, 'update schema_migrations set checksum = $1 where number = 2', [checksum])
})

it('a database newer than the program is refused', async (s) => {
  await owner(s, "insert into schema_migrations (number, name, checksum) values (9999, '9999_later.sql', '')")
  await refused(s, /newer than this program: it has step 9999_later\.sql/)
  await owner(s, 'delete from schema_migrations where number = 9999')
})

it('the running gateway owns nothing, and migrate sees to it', async (s) => {
  await s.site.sql('create table stray (n int)')
  await s.site.sql('alter table stray owner to mashangdu_gateway')
  await refused(s, /the role mashangdu_gateway owns stray/)
  await s.site.sql('drop table stray')
  await s.site.tool('migrate')
  await assert.rejects(s.site.sql('create table mine (n int)', [], 'mashangdu_gateway'), /permission denied/)
  await assert.rejects(s.site.sql('delete from schema_migrations', [], 'mashangdu_gateway'), /permission denied/)
})

it('wrong words get the usage, a missing database a sentence', async (s) => {
  await assert.rejects(s.site.tool('migrate', '--statu'), (e) => e.code === 2 && /there is no option --statu/.test(e.stderr))
  await assert.rejects(s.site.toolWith({ env: { MASHANGDU_OWNER_DATABASE: '' } }, 'migrate'), (e) => e.code === 1 && /no database is set/.test(e.stderr))
  assert.match(await s.site.tool('migrate', '--help'), /^usage: mashangdu migrate/)
})

// import, user, plaque and channel: what is right is stored once, what is wrong is named and leaves everything as it was.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, oneTimePassword, scenario, tree } from './harness.mjs'

const it = scenario(fileName(import.meta.url), { years: false })
const sample = join(tree, 'deploy/sample-district')

/** A copy of the sample district in which one file is changed line by line. */
function district(s, name, file, change) {
  const dir = join(s.site.dir, name)
  mkdirSync(dir)
  cpSync(sample, dir, { recursive: true })
  const path = join(dir, file)
  const lines = readFileSync(path, 'utf8').split('\n')
  change(lines)
  writeFileSync(path, lines.join('\n'))
  return { dir, path }
}
const row = (lines, start) => {
  const at = lines.findIndex((l) => l.startsWith(start))
  assert.ok(at > 0, start)
  return at
}
const fails = (code, sentence, ...parts) => assert.rejects(parts[0], (e) => {
  assert.equal(e.code, code, e.message)
  assert.match(e.stderr, sentence)
  return true
})
const picture = (s) => s.site.one(`select md5(string_agg(t, '|' order by t)) from (
  select u::text as t from units u union all select c::text from categories c union all
  select kind || word || value || weight from routing_words union all select d::text from calendar_days d union all
  select 'year ' || year from calendar_years) as all_rows`)

// --- import ---

it('importing again changes nothing', async (s) => {
  const before = await picture(s)
  const out = await s.site.tool('import', '--district', sample)
  for (const line of out.trim().split('\n')) assert.match(line, /^\w+ +0 inserted, 0 changed, \d+ unchanged$/)
  assert.equal(await picture(s), before)
  assert.equal(await s.site.one("select p.code from units u join units p on p.id = u.parent_id where u.code = 'U003-02'"), 'U003')
  assert.deepEqual(await s.site.one("select aliases from units where code = 'U010'"), ['公安', '派出所', '警察'])
  assert.equal(await s.site.one("select string_agg(year::text, ' ' order by year) from calendar_years"), '2022 2023 2024 2025 2026')
})

it('a bad row is named with file and line, and nothing of any file is stored', async (s) => {
  const before = await picture(s)
  const rows = [
    ['units.csv', 'station,U003-02,', (l) => l.replace('U003-02', 'U3-02'), /a code looks like U003/],
    ['units.csv', 'unit,U003,', (l) => l.replace('U003', 'U004'), /the code U004 stands more than once/],
    ['units.csv', 'station,U026-01,', (l) => l.replace(',U026,', ',U926,'), /there is no unit U926/],
    ['units.csv', 'unit,U010,', (l) => `${l},`, /fields?|columns?/],
    ['categories.csv', '0101,', (l) => l.replace('L3', 'L9'), /level is L0 to L4/],
    ['categories.csv', '0101,', (l) => l.replace('L3,5', 'L3,9'), /deadline does not fit the level/],
    ['categories.csv', '0101,', (l) => l.replace(/监督|投诉|诉求|评价/, '监都'), /default_nature is/],
    ['words.csv', 'category,', (l) => l.replace(/[^,]*$/, 'much'), /weight is a number/],
    ['cn-workdays.csv', '2022-01-03,', (l) => l.replace('2022-01-03', '2022-02-30'), /date is a day/],
    ['cn-workdays.csv', '2022-01-03,', (l) => l.replace('holiday', 'workday'), /contradicts|working day/],
  ]
  for (const [i, [file, start, change, sentence]] of rows.entries()) {
    let line
    const d = district(s, `bad${i}`, file, (lines) => { line = row(lines, start); lines[line] = change(lines[line]); lines[1] = lines[1].replace('区优化办', '别的名字') })
    await assert.rejects(s.site.tool('import', '--district', d.dir), (e) => {
      assert.equal(e.code, 1, e.message)
      assert.match(e.stderr, new RegExp(`${file} line ${line + 1}: `), file)
      assert.match(e.stderr, sentence)
      assert.match(e.stderr, /nothing was stored/)
      return true
    })
    assert.equal(await picture(s), before, `${file} ${start}`)
  }
})

it('words that cannot be routed by are refused before the gateways hear of them', async (s) => {
  const before = await picture(s)
  const d = district(s, 'unroutable', 'words.csv', (lines) => { lines.splice(1, 0, 'category,谁也没有的类别,9988,3') })
  await fails(1, /nothing could be routed: .*9988/s, s.site.tool('import', 'words', d.path))
  assert.equal(await picture(s), before)
})

it('changed, new and vanished rows; words and calendar years are replaced, units stay', async (s) => {
  const units = district(s, 'units', 'units.csv', (lines) => {
    lines[row(lines, 'unit,U010,')] = lines[row(lines, 'unit,U010,')].replace('公安|派出所|警察', '公安|派出所|警察|户政科')
    lines.splice(row(lines, 'station,U026-06,'), 1)
  })
  assert.match(await s.site.tool('import', 'units', units.path), /^units +0 inserted, 1 changed, \d+ unchanged, 1 not in the file: left as they are$/m)
  assert.equal(await s.site.one("select count(*)::int from units where code = 'U026-06'"), 1)
  const days = district(s, 'days', 'cn-workdays.csv', (lines) => { lines.splice(row(lines, '2026-10-01,'), 1) })
  assert.match(await s.site.tool('import', '--check', 'calendar', days.path), /1 not in the file: removed\ncalendar +2026 is version 2\neverything is right; nothing was stored/)
  assert.equal(await s.site.one("select count(*)::int from calendar_days where day = '2026-10-01'"), 1)
  await s.site.tool('import', '--note', '国办通知更正', 'calendar', days.path)
  assert.equal(await s.site.one("select count(*)::int from calendar_days where day = '2026-10-01'"), 0)
  await s.site.tool('import', '--district', sample)
})

it('each import that changes a calendar year is a version with who and why; the old ones stay', async (s) => {
  const versions = () => s.site.sql('select year, version, note, imported_by, (select count(*)::int from calendar_version_days d where (d.year, d.version) = (v.year, v.version)) as days from calendar_versions v where year >= 2026 order by year, version')
  const before = await versions()
  assert.deepEqual(before.map((v) => [v.year, v.version, v.note]), [[2026, 1, ''], [2026, 2, '国办通知更正'], [2026, 3, '']])
  assert.equal(before[0].days, before[1].days + 1)
  assert.equal(before[2].days, before[0].days)
  for (const v of before) assert.match(v.imported_by, /^\w+/)

  // The same rows again are no version.
  assert.doesNotMatch(await s.site.tool('import', '--district', sample), /is version/)
  assert.deepEqual(await versions(), before)

  // The arrangement of a next year may name the last day of this one: that day alone changes.
  const file = join(s.site.dir, 'next.csv')
  const next = ['date,kind,name', '2026-12-31,holiday,元旦', ...Array.from({ length: 11 }, (_, i) => `2027-02-${String(i + 5).padStart(2, '0')},holiday,春节`)]
  writeFileSync(file, next.join('\n') + '\n')
  assert.match(await s.site.tool('import', 'calendar', file), /^calendar +12 inserted, 0 changed, 0 unchanged\ncalendar +2026 is version 4\ncalendar +2027 is version 1\n$/m)
  assert.equal(await s.site.one("select kind from calendar_days where day = '2026-12-31'"), 'holiday')
  assert.equal((await versions()).find((v) => v.year === 2026 && v.version === 4).days, before[0].days + 1)

  // A few stray days do not load a year, and say so.
  writeFileSync(file, 'date,kind,name\n2031-01-01,holiday,元旦\n')
  assert.match(await s.site.tool('import', 'calendar', file), /2031 has only 1 days off in the file and was never loaded: its days are not stored/)
  assert.equal(await s.site.one('select count(*)::int from calendar_years where year = 2031'), 0)

  // Nobody rewrites a version, the owner neither.
  for (const sql of ["update calendar_version_days set kind = 'workday' where year = 2026", 'delete from calendar_versions where year = 2027'])
    await assert.rejects(s.site.sql(sql, [], 'mashangdu_owner'), /append-only/)
})

// --- user ---

it('the sample accounts are made once', async (s) => {
  const first = (await s.site.tool('user', 'sample')).trim().split('\n')
  for (const l of first) assert.match(l, /^staff=[a-z0-9-]+:[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/)
  assert.ok(first.length >= 18)
  assert.equal(await s.site.tool('user', 'sample'), '')
  const rows = await s.site.sql('select login, password_hash, must_change from staff')
  for (const r of rows) assert.ok(r.must_change && /^\$argon2id\$/.test(r.password_hash))
  for (const l of first) assert.ok(!rows.some((r) => r.password_hash.includes(l.split(':')[1])))
})

it('a person is added, gets other posts, is locked out and let in again', async (s) => {
  const words = ['--name', '张承办', '--unit', 'U003', '--role', 'handler']
  const password = oneTimePassword(await s.site.tool('user', 'add', 'zhang', ...words), 'zhang')
  assert.match(password, /^[a-z2-9-]{14}$/)
  await fails(1, /zhang exists already/, s.site.tool('user', 'add', 'zhang', ...words))
  await fails(1, /there is no unit U999/, s.site.tool('user', 'add', 'li', '--name', '李', '--unit', 'U999', '--role', 'handler'))
  await fails(2, /no list of roles/, s.site.tool('user', 'add', 'li', '--name', '李', '--unit', 'U003', '--role', 'handler,boss'))
  assert.equal(await s.site.one("select count(*)::int from staff where login = 'li'"), 0)
  await s.site.tool('user', 'role', 'zhang', 'unit_leader,monitor')
  assert.equal(await s.site.one("select string_agg(role, ' ' order by role) from staff_roles r join staff s on s.id = r.staff_id where login = 'zhang'"), 'monitor unit_leader')
  await s.site.sql(`insert into staff_sessions (token_hash, staff_id, idle, expires_at)
    select decode(repeat('ab', 32), 'hex'), id, '1 hour', now() + interval '1 day' from staff where login = 'zhang'`)
  await s.site.tool('user', 'disable', 'zhang')
  assert.equal(await s.site.one("select ended_at is not null from staff_sessions"), true)
  await s.site.tool('user', 'enable', 'zhang')
  await fails(1, /shorter than 10/, s.site.toolWith({ input: 'short\n' }, 'user', 'password', 'zhang', '--password-stdin'))
  await s.site.toolWith({ input: 'a-long-enough-word\n' }, 'user', 'password', 'zhang', '--password-stdin')
  assert.deepEqual(await s.site.sql("select active, must_change from staff where login = 'zhang'"), [{ active: true, must_change: false }])
  await fails(1, /there is no account nobody/, s.site.tool('user', 'disable', 'nobody'))
  const noted = (await s.site.sql("select action from audit_log where detail->>'login' = 'zhang' order by id")).map((r) => r.action)
  assert.deepEqual(noted, ['tool.user_add', 'tool.user_role', 'tool.user_disable', 'tool.user_enable', 'tool.user_password'])
})

// --- plaque ---

it('every unit has one plaque, however often they are issued', async (s) => {
  assert.match(await s.site.tool('plaque', 'issue', '--all'), /^0 plaques issued/)
  const both = await Promise.all([s.site.tool('plaque', 'issue', '--unit', 'U003-02'), s.site.tool('plaque', 'issue', '--unit', 'U026', '--window', '1号窗口')])
  for (const out of both) assert.match(out, /^U\d+(-\d+)? \d{6,9}\n$/)
  const list = JSON.parse(await s.site.tool('plaque', 'list', '--json'))
  assert.equal(new Set(list.map((p) => p.number)).size, list.length)
  assert.equal(list.filter((p) => p.unit === 'U026' && p.window === '1号窗口').length, 1)
})

it('what is printed decodes to the signed address', async (s) => {
  const url = (await s.site.tool('plaque', 'url', 'U003')).trim()
  assert.match(url, /\/p\/\d{6,9}-[0-9a-z]{8}$/)
  const png = join(s.site.dir, 'u003.png')
  await s.site.tool('plaque', 'print', 'U003', '--format', 'png', '--dpi', '200', '-o', png)
  assert.equal(execFileSync('zbarimg', ['-q', '--raw', png], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim(), url)
  assert.match(await s.site.tool('plaque', 'print', 'U003', '--format', 'svg'), /^<\?xml/)
  assert.match(await s.site.tool('plaque', 'print', '--all', '--format', 'pdf'), /^%PDF-/)
  await fails(2, /--format svg, png or pdf/, s.site.tool('plaque', 'print', 'U003'))
  await fails(1, /U003-05 has no plaque in use/, s.site.tool('plaque', 'print', 'U003-05', '--format', 'svg'))
})

it('plaques only move forward, and a successor must hang', async (s) => {
  const [a, b] = await Promise.all(['U001', 'U002'].map((u) => s.site.plaqueNumber(u)))
  await s.site.tool('plaque', 'retire', a, '--successor', b)
  assert.deepEqual(await s.site.sql('select state, successor from plaques where number = $1', [a]), [{ state: 'retired', successor: b }])
  await fails(1, /no plaque \d+ that could become active/, s.site.tool('plaque', 'activate', a))
  await fails(1, /no plaque \d+ that could become retired/, s.site.tool('plaque', 'retire', b, '--successor', a))
  await s.site.tool('plaque', 'void', a)
  await fails(2, /U001 is no plaque number/, s.site.tool('plaque', 'void', 'U001'))
  assert.match(await s.site.tool('plaque', 'issue', '--all'), /^1 plaques issued/)
})

// --- channel ---

it('a channel keeps its secrets', async (s) => {
  writeFileSync(join(s.site.dir, 'password'), 'geheim-2026\nsecond line\n')
  const words = ['channel', 'add', 'sms-main', '--type', 'kannel', '--set', 'sendsms_url=http://127.0.0.1:1/cgi-bin/sendsms', '--set-file', `password=${join(s.site.dir, 'password')}`]
  const out = await s.site.tool(...words)
  const secret = out.match(/^mo=\S+\/hooks\/sms-main\/([A-Za-z0-9_-]{32})\/mo$/m)[1]
  assert.match(out, new RegExp(`^dlr=\\S+/hooks/sms-main/${secret}/dlr$`, 'm'))
  const stored = JSON.stringify(await s.site.sql("select name, type, encode(key_hash, 'escape') as k, encode(settings, 'escape') as s from channels"))
  assert.ok(!stored.includes(secret) && !stored.includes('geheim'))
  assert.ok(!(await s.site.tool('channel', 'list')).includes(secret))
  await fails(1, /sms-main exists already/, s.site.tool(...words))
  await fails(1, /kannel has no setting colour/, s.site.tool('channel', 'set', 'sms-main', '--set', 'colour=red'))
  for (const wrong of ['rate=fast', 'rate=0', 'parallel=0', 'retry_first=5', 'quiet=night', 'balance_low=much', 'sendsms_url=127.0.0.1', 'hook_base=here'])
    await fails(1, new RegExp(`${wrong.split('=')[0]} is not written so`), s.site.tool('channel', 'set', 'sms-main', '--set', wrong))
  await s.site.tool('channel', 'set', 'sms-main', '--set', 'rate=0.5', '--set', 'retry_first=500ms', '--set', 'quiet=22:00-07:30', '--set', 'rate=')
  await fails(1, /there is no type pigeon/, s.site.tool('channel', 'add', 'other', '--type', 'pigeon'))
  const again = await s.site.tool('channel', 'rotate-key', 'sms-main')
  assert.ok(!again.includes(secret))
  const other = join(s.site.dir, 'other.key')
  await s.site.toolWith({ env: { MASHANGDU_KEY_FILE: other } }, 'key', 'create')
  await fails(1, /sealed with another master key/, s.site.toolWith({ env: { MASHANGDU_KEY_FILE: other } }, 'channel', 'set', 'sms-main', '--set', 'from=1'))
})

it('a key is never made twice, and one that others may read is refused', async (s) => {
  const path = join(s.site.dir, 'third.key'), env = { MASHANGDU_KEY_FILE: path }
  await s.site.toolWith({ env }, 'key', 'create')
  const bytes = readFileSync(path, 'utf8')
  await assert.rejects(s.site.toolWith({ env }, 'key', 'create'), (e) => e.code === 1)
  assert.equal(readFileSync(path, 'utf8'), bytes)
  execFileSync('chmod', ['644', path])
  await assert.rejects(s.site.toolWith({ env }, 'key', 'check'), (e) => e.code === 1)
})

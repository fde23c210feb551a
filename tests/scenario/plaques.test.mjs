// A plaque's life (M01): issue, hang, inspect, replace, revoke, a key changed without printing anew; who may do and see what; how many
// units have one; what is counted of scans (and what never is), and the alarms that follow.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { multipart, png } from './file_samples.mjs'
import { clearOfMidnight, fileName, request, scenario, until } from './harness.mjs'

const PHONE = { 'user-agent': 'Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Mobile Safari/537.36' }
const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.g = await s.site.gateway({ plaque_flush: '200ms', plaque_retired_scans: 2, plaque_far: 500 })
  s.registry = await s.site.person(s.g, 'keeper', { roles: ['registry'] })
  s.admin = await s.site.person(s.g, 'admin1', { roles: ['admin'] })
  s.handler = await s.site.person(s.g, 'handler1', { unit: 'U003', roles: ['handler'] })
  s.other = await s.site.person(s.g, 'handler2', { unit: 'U010', roles: ['handler'] })
  s.U003 = await s.site.unitId('U003')
})
const step = async (p, number, act, more = {}, status = 200) => {
  const a = await p.call('POST', `/plaques/${number}/acts`, { act, ...more })
  assert.equal(a.status, status, `${act}: ${a.status} ${a.text}`)
  return a.json
}
const scan = (s, path, headers = PHONE, method) => s.g.get(path, { headers, method })
const day = (s, number, name) => s.site.one(`select coalesce(sum(${name}), 0)::int from plaque_days where number = $1`, [number])

it('every unit that must have a plaque has one, for everybody to see', async (s) => {
  const page = await s.g.get('/open/plaques')
  assert.equal(page.status, 200)
  assert.match(page.text, /<strong>146\/146<\/strong>/)
  assert.match(page.text, /东门街道办事处/)
  assert.doesNotMatch(page.text, /还没有监督牌的单位<\/h2>/)
  const json = await s.g.get('/open/plaques.json')
  assert.match(json.headers['cache-control'], /^public, max-age=\d+$/)
  assert.deepEqual([json.json.needed, json.json.with, json.json.missing], [146, 146, []])
  assert.equal(json.json.classes.reduce((n, c) => n + c.needed, 0), 146)
  assert.equal(json.json.townships.length, 16)
  const desk = await s.registry.get('/plaques/coverage')
  assert.deepEqual(desk.coverage, json.json)
  assert.deepEqual(desk.keys.map((k) => [k.version, k.plaques]), [[0, 146]])
})

it('a life: issued, hung, looked at, reported by its unit, replaced; every step stays on record', async (s) => {
  const made = await s.registry.call('POST', '/plaques', { unit: s.U003, windows: '1号窗口\n2号窗口', why: '大厅新增窗口' })
  assert.equal(made.status, 201, made.text)
  assert.equal(made.json.issued.length, 2)
  const number = made.json.issued[0].number
  await s.site.tool('plaque', 'url', number) // its check digit is the one that the program makes
  let one = await step(s.registry, number, 'place', { place: '一楼大厅东侧墙面', lat: 30.5, lon: 114.3, why: '随新窗口上墙' })
  assert.equal(one.plaque.state, 'active')
  assert.equal(one.plaque.lat, 30.5)
  one = await step(s.handler, number, 'report', { result: 'damaged', why: '边角开裂' })
  assert.equal(one.plaque.reported, 'damaged')
  assert.deepEqual((await s.registry.get('/plaques?show=trouble')).plaques.map((p) => p.number), [number])
  one = await step(s.registry, number, 'inspect', { result: 'covered', why: '被收款码遮住' })
  assert.equal(one.plaque.reported, null)
  one = await step(s.registry, number, 'replace', { why: '换新' })
  assert.equal(one.plaque.state, 'retired')
  assert.ok(one.plaque.successor)
  assert.deepEqual(one.acts.map((a) => a.act), ['replace', 'inspect', 'report', 'place', 'activate', 'issue'])
  assert.equal(one.acts[0].by, '测试岗位')
  assert.equal(one.acts[5].why, '大厅新增窗口')
  const next = await s.registry.get(`/plaques/${one.plaque.successor}`)
  assert.deepEqual([next.plaque.state, next.plaque.window], ['issued', '1号窗口'])
  await step(s.registry, number, 'activate', {}, 409)
  await step(s.registry, one.plaque.successor, 'inspect', { result: 'fine' }, 422)
  await step(s.registry, one.plaque.successor, 'void', {}, 422) // not without a reason
  for (const sql of [`update plaque_acts set why = 'x'`, 'delete from plaque_acts', 'truncate plaque_acts'])
    await assert.rejects(s.site.sql(sql, [], 'mashangdu_owner'), (e) => e.code === 'MSD20')
  await assert.rejects(s.site.sql(`update plaques set unit_id = unit_id + 1 where number = $1`, [number], 'mashangdu_owner'), (e) => e.code === 'MSD11')
  const due = await s.registry.get('/plaques?show=due')
  assert.equal(due.plaques.length, 0)
  await s.site.sql(`update plaque_walls set inspected_at = now() - interval '200 days' where number = $1`, [one.plaque.successor])
  assert.deepEqual((await s.registry.get('/plaques?show=due')).plaques.map((p) => p.number), [one.plaque.successor])
})

it('a unit sees and reports its own; only the registry keeps plaques; nobody else at all', async (s) => {
  const mine = await s.site.plaqueNumber('U003'), theirs = await s.site.plaqueNumber('U010')
  assert.ok((await s.handler.get('/plaques')).plaques.every((p) => p.unit.id === s.U003))
  assert.equal((await s.handler.call('GET', `/plaques/${theirs}`)).status, 404)
  assert.deepEqual((await s.handler.get(`/plaques/${mine}`)).days, [])
  await step(s.handler, theirs, 'report', { result: 'missing' }, 404)
  await step(s.handler, mine, 'inspect', { result: 'present' }, 403)
  await step(s.admin, mine, 'retire', { why: '看看' }, 403)
  assert.equal((await s.admin.get(`/plaques/${mine}`)).plaque.number, mine)
  assert.equal((await s.handler.call('POST', '/plaques', { unit: s.U003 })).status, 403)
  assert.equal((await s.other.call('GET', '/plaques/alarms')).status, 403)
  // Straight in the database the same: the desk could be wrong and nothing more would be seen.
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  await c.query('begin')
  await c.query('set local role mashangdu_staff')
  for (const table of ['plaque_walls', 'plaque_acts', 'plaque_days', 'plaque_alarms'])
    assert.equal((await c.query(`select count(*)::int as n from ${table}`)).rows[0].n, 0, table)
  await assert.rejects(c.query(`select plaque_step($1, 'void', 'x', null, null, null, null, null, null)`, [mine]), (e) => e.code === 'MSDP1')
  await c.query('rollback')
  for (const sql of [`update plaques set key_version = 1`, 'insert into plaque_keys (version) values (9)', 'update plaque_days set scans = 0', 'select plaque_key_rotate(0::smallint, null)',
    `select plaques_issue(null, null, 'active', null)`])
    await assert.rejects(c.query(sql), (e) => { assert.equal(e.code, '42501', `${sql} ${e.code} ${e.message}`); return true })
  await c.end()
})

it('scan, entry, sent: counted by plaque and day, machines left out, a report not even as a number', async (s) => {
  await clearOfMidnight()
  const number = await s.site.plaqueNumber('U012'), path = await s.site.plaquePath('U012')
  for (let i = 0; i < 3; i++) assert.equal((await scan(s, path)).status, 200)
  await scan(s, path, PHONE, 'HEAD')
  await scan(s, path, { ...PHONE, 'sec-purpose': 'prefetch' })
  await scan(s, path, { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' })
  await scan(s, path, { ...PHONE, 'sec-fetch-site': 'same-origin' })
  await scan(s, path, {})
  await scan(s, `/p/${number}`)
  assert.equal((await s.g.get(`/p/${number}/supervise`, { headers: PHONE })).status, 200)
  assert.equal((await s.g.get(`/p/${number}/report`, { headers: PHONE })).status, 200)
  const sent = await s.g.form(`/p/${number}/supervise`, { text: '窗口十点了还没有人' })
  assert.equal(sent.status, 201, sent.text.slice(0, 500))
  await until('the counts are written', async () => await day(s, number, 'supervises') === 1)
  const row = (await s.site.sql('select scans, typed, entries, rates, supervises, asks, forged from plaque_days where number = $1', [number]))[0]
  assert.deepEqual(row, { scans: 3, typed: 1, entries: 1, rates: 0, supervises: 1, asks: 0, forged: 0 })
  const one = await s.registry.get(`/plaques/${number}`)
  assert.deepEqual([one.days[0].scans, one.days[0].supervises], [3, 1])
  // Nothing in the table could say who it was.
  const columns = await s.site.one(`select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where table_name = 'plaque_days'`)
  assert.equal(columns, 'number,day,scans,typed,entries,rates,supervises,asks,forged,revoked,void,retired,far')
})

it('the unit itself sees whole weeks only, and from five scans on', async (s) => {
  await clearOfMidnight()
  const number = await s.site.plaqueNumber('U003')
  await s.site.sql(`insert into plaque_days (number, day, scans, entries, supervises) values
    ($1, date_trunc('week', now() at time zone 'Asia/Shanghai')::date - 3, 4, 1, 1), ($1, date_trunc('week', now() at time zone 'Asia/Shanghai')::date - 10, 9, 6, 2),
    ($1, (now() at time zone 'Asia/Shanghai')::date, 50, 9, 9)`, [number])
  const one = await s.handler.get(`/plaques/${number}`)
  assert.deepEqual(one.days, [])
  assert.deepEqual(one.weeks.map((w) => [w.scans, w.entries, w.sent]), [[9, 6, null]])
  assert.deepEqual((await s.other.call('GET', `/plaques/${number}`)).status, 404)
  assert.ok((await s.registry.get(`/plaques/${number}`)).days.length >= 2)
})

it('a key changed: what hangs stays good, what is revoked does not, new plaques are signed anew; every gateway hears of it', async (s) => {
  const second = await s.site.gateway({ plaque_flush: '200ms' })
  const [a, b, c] = await Promise.all(['U020', 'U021', 'U022'].map((u) => s.site.plaqueNumber(u)))
  const [pathA, pathB, pathC] = await Promise.all(['U020', 'U021', 'U022'].map((u) => s.site.plaquePath(u)))
  await step(s.registry, b, 'revoke', { why: '照片外传' }, 409) // there is no newer key yet
  // A tag of a version that was never used is forged, whoever can compute it.
  assert.match(await s.site.tool('plaque', 'rotate-key'), /key version 1/)
  for (const p of [pathA, pathB]) assert.equal((await scan(s, p)).status, 200)
  let one = await step(s.registry, b, 'revoke', { why: '照片外传' })
  assert.equal(one.plaque.key_version, 1)
  assert.ok(one.plaque.reprint_since)
  for (const g of [s.g, second]) await until('the gateway has heard', async () => (await g.get(pathB, { headers: PHONE })).status === 404)
  const freshB = await s.site.plaquePath('U021')
  assert.notEqual(freshB, pathB)
  for (const g of [s.g, second]) {
    assert.equal((await g.get(freshB)).status, 200)
    assert.equal((await g.get(pathA)).status, 200)
    assert.equal((await g.get(`/p/${b}`)).status, 200) // by its number it goes on
  }
  const issued = await s.registry.call('POST', '/plaques', { unit: s.U003, state: 'active' })
  assert.equal((await s.registry.get(`/plaques/${issued.json.issued[0].number}`)).plaque.key_version, 1)
  // A whole version is withdrawn: its plaques are named, those of later versions stay.
  const out = await s.site.tool('plaque', 'rotate-key', '--revoke-version', '0', '--why', '密钥泄露')
  assert.match(out, new RegExp(`${a} U020 `))
  assert.doesNotMatch(out, new RegExp(`^${b} `, 'm'))
  await until('the old version is heard of', async () => (await scan(s, pathA)).status === 404)
  assert.equal((await scan(s, pathC)).status, 404)
  assert.equal((await scan(s, freshB)).status, 200)
  assert.equal((await scan(s, await s.site.plaquePath('U022'))).status, 200)
  await assert.rejects(s.site.tool('plaque', 'rotate-key', '--revoke-version', '0'), /withdrawn already/)
  const n = Number(out.match(/: (\d+) plaques must be printed again/)[1])
  assert.equal((await s.registry.get('/plaques?show=trouble')).plaques.filter((p) => p.reprint_since).length, Math.min(200, n + 1))
  assert.ok((await s.registry.get(`/plaques/${c}`)).acts.some((x) => x.act === 'revoke' && x.why === '密钥泄露' && x.console))
  await second.stop() // with what it has counted: its alarms are not those of the next test
})

it('alarms: forged, revoked, void, retired and out of place; once, with an event, until somebody settles them', async (s) => {
  const number = await s.site.plaqueNumber('U030'), path = await s.site.plaquePath('U030')
  const gone = await s.site.plaqueNumber('U031'), gonePath = await s.site.plaquePath('U031')
  const old = await s.site.plaqueNumber('U032'), oldPath = await s.site.plaquePath('U032')
  await step(s.registry, gone, 'void', { why: '丢失' })
  await step(s.registry, old, 'retire', { why: '窗口撤销' })
  await step(s.registry, number, 'place', { place: '大厅', lat: 30.5, lon: 114.3 })
  await until('the register is new', async () => (await s.g.get(gonePath)).status === 410 && (await s.g.get(oldPath)).status === 410)
  const forged = path.slice(0, -1) + (path.endsWith('0') ? '1' : '0')
  for (let i = 0; i < 4; i++) {
    const page = await scan(s, forged)
    assert.equal(page.status, 404)
    assert.match(page.text, /<form/) // told plainly, and still able to write to the office
    await scan(s, gonePath)
    await scan(s, oldPath)
  }
  const wanted = [['forged', number], ['retired', old], ['void', gone]]
  const alarms = async () => (await s.registry.get('/plaques/alarms')).alarms.map((a) => [a.kind, a.number]).filter(([k]) => k !== 'revoked').sort()
  await until('the alarms are raised', async () => JSON.stringify(await alarms()) === JSON.stringify(wanted))
  assert.ok(await s.site.one(`select count(*)::int from events where kind = 'plaque.alarm' and not confidential and case_id is null and unit_id is null`) >= 1)
  const before = await s.site.one(`select count(*)::int from events where kind = 'plaque.alarm'`)
  const a = (await s.registry.get('/plaques/alarms')).alarms.find((x) => x.kind === 'forged')
  await until('all four are counted', async () => await day(s, number, 'forged') === 4) // the alarm may come before the last of them
  await scan(s, forged)
  await until('one more is counted', async () => await day(s, number, 'forged') === 5)
  assert.equal(await s.site.one(`select count(*)::int from events where kind = 'plaque.alarm'`), before)
  assert.equal((await s.admin.call('POST', `/plaques/alarms/${a.id}/settle`, { note: '看过' })).status, 403)
  assert.equal((await s.registry.call('POST', `/plaques/alarms/${a.id}/settle`, { note: '已现场核查' })).status, 200)
  assert.deepEqual((await alarms()).map((x) => x[0]), ['retired', 'void'])
  // Numbers that nobody has are one alarm, not one for each guess.
  for (const guess of ['900017-a0000000', '900025-a0000000', '900033-a0000000']) await scan(s, `/p/${guess}`)
  await until('guesses are one alarm', async () => (await alarms()).some(([k, x]) => k === 'forged' && x === null))
})

it('a photo of the place: without what the camera wrote, for those who may see the plaque', async (s) => {
  const number = await s.site.plaqueNumber('U003')
  const send = (p, bytes) => { const form = multipart({}, [{ bytes }]); return request(`${s.g.url}/staff/api/v1/plaques/${number}/photos`, { method: 'POST', body: form.body, headers: { ...p.headers(), ...form.headers } }) }
  const taken = await send(s.registry, png(320, 240, { text: 'secret-camera' }))
  assert.equal(taken.status, 201, taken.text)
  const one = await step(s.registry, number, 'place', { place: '办事大厅入口右侧', photo: taken.json.photo })
  assert.equal(one.plaque.photo, taken.json.photo)
  const shown = await s.handler.call('GET', `/plaque-photos/${taken.json.photo}`)
  assert.deepEqual([shown.status, shown.headers['content-type']], [200, 'image/png'])
  assert.doesNotMatch(shown.text, /secret-camera/)
  assert.equal((await s.other.call('GET', `/plaque-photos/${taken.json.photo}`)).status, 404)
  assert.equal((await send(s.other, png(20, 20))).status, 404)
  assert.equal((await send(s.registry, Buffer.from('no picture'))).status, 415)
  await step(s.registry, await s.site.plaqueNumber('U010'), 'place', { place: '别处', photo: taken.json.photo }, 404)
})

it('things sent from far away are an alarm without the place being kept with the count', async (s) => {
  const number = await s.site.plaqueNumber('U030')
  for (const [lat, accuracy] of [['30.5001', '20'], ['30.6', '20'], ['30.504', '5000']]) {
    const sent = await s.g.form(`/p/${number}/ask`, { text: `几点开门 ${lat}`, lat, lon: '114.3', accuracy })
    assert.equal(sent.status, 201, sent.text.slice(0, 300))
  }
  await until('one of them is out of place', async () => await day(s, number, 'asks') === 3)
  assert.equal(await day(s, number, 'far'), 1)
  await s.site.sql(`select plaque_days_add(array[$1], array[(now() at time zone 'Asia/Shanghai')::date - date '1970-01-01'], array[0,0,0,0,0,0,0,0,0,0,3], array[3,3,3,20,3])`, [number])
  assert.ok((await s.registry.get(`/plaques/${number}`)).alarms.some((a) => a.kind === 'far' && a.count === 4))
})

it('sheets from the desk: pages of so many and the drawing for metal, each with codes that are read', async (s) => {
  const get = (path) => new Promise((done, no) => {
    import('node:http').then(({ get: fetchIt }) => fetchIt(`${s.g.url}/staff/api/v1${path}`, { headers: s.registry.headers() }, (res) => {
      const parts = []
      res.on('data', (p) => parts.push(p)).on('end', () => done({ status: res.statusCode, type: res.headers['content-type'], bytes: Buffer.concat(parts) })).on('error', no)
    }).on('error', no))
  })
  const number = await s.site.plaqueNumber('U040'), url = (await s.site.tool('plaque', 'url', 'U040')).trim()
  const pdf = await get(`/plaques/sheet.pdf?layout=a4-9&numbers=${number},${await s.site.plaqueNumber('U041')}`)
  assert.deepEqual([pdf.status, pdf.type], [200, 'application/pdf'])
  writeFileSync(join(s.site.dir, 'sheet.pdf'), pdf.bytes)
  execFileSync('pdftoppm', ['-r', '150', '-gray', '-singlefile', 'sheet.pdf', 'sheet'], { cwd: s.site.dir })
  assert.ok(execFileSync('zbarimg', ['-q', '--raw', 'sheet.pgm'], { cwd: s.site.dir }).toString().split('\n').includes(url))
  const plate = await get(`/plaques/${number}/plate.svg`)
  assert.deepEqual([plate.status, plate.type], [200, 'image/svg+xml'])
  assert.match(plate.bytes.toString(), /id="spot-red"/)
  assert.equal((await get('/plaques/sheet.pdf?layout=a3')).status, 422)
  assert.equal((await get('/plaques/sheet.pdf?numbers=999999')).status, 404)
  for (const [layout, start] of [['plate', /^<\?xml/], ['a5', /^%PDF/]]) assert.match(await s.site.tool('plaque', 'print', 'U040', '--layout', layout), start)
})

it('what is counted is written when the gateway stops', async (s) => {
  const g = await s.site.gateway({ plaque_flush: '10m' })
  const number = await s.site.plaqueNumber('U050')
  const path = await s.site.plaquePath('U050')
  for (let i = 0; i < 7; i++) await request(g.url + path, { headers: PHONE })
  assert.equal(await day(s, number, 'scans'), 0)
  await g.stop()
  assert.equal(await day(s, number, 'scans'), 7)
})

// Pictures and films: what comes in, what is kept of it, who sees it, and what a hostile one can do.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileName, request, scenario, until } from './harness.mjs'
import { convert, exif, gif, gifHead, gpsMark, mp4, multipart, png, webm, webpHead } from './file_samples.mjs'

const SECRET = 'Mingde-Phone-31.2304'

/** Bytes of an answer: the harness reads texts. */
const bytes = (url, headers = {}, { method = 'GET', body } = {}) => new Promise((done, no) => {
  const req = http.request(url, { method, headers, agent: false }, (res) => {
    const parts = []
    res.on('data', (p) => parts.push(p))
    res.on('end', () => done({ status: res.statusCode, headers: res.headers, bytes: Buffer.concat(parts) }))
  })
  req.on('error', no)
  req.end(body)
})
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  .filter((p) => { try { return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('mashangdu-media') } catch { return false } })
/** The one that was started ahead; those that had a file have gone. */
const waiting = (g) => until('one worker waits', () => { const all = children(g.child.pid); return all.length === 1 && all[0] })
const memory = (pid, word) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${word}:\\s+(\\d+) kB`))[1]) / 1024

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ media_sweep_every: '200ms', media_deadline: '50s', answer_deadline: '90s', trace: 'none' })
  s.media = join(s.site.dir, 'media')
  s.u003 = await s.site.unitId('U003')
  s.coordinator = await s.site.person(s.gateway, 'coord1', { roles: ['coordinator'] })
  s.supervisor = await s.site.person(s.gateway, 'super1', { roles: ['supervisor'] })
  s.handler = await s.site.person(s.gateway, 'hand003', { unit: 'U003', roles: ['handler'] })
  s.other = await s.site.person(s.gateway, 'hand026', { unit: 'U026', roles: ['handler'] })
  const a = await s.gateway.api({ text: '窗口材料要求不一致，跑了三趟，照片在附件里。', nature: 'complain', plaque: await s.site.plaqueNumber('U003') })
  assert.equal(a.status, 201, a.text)
  s.case = await s.site.one('select id::text from cases order by opened_at desc limit 1')
  if ((await s.coordinator.case(s.case)).case.state === 'discovered') await s.coordinator.does(s.case, 'assign', { unit: s.u003 })
  await s.handler.does(s.case, 'sign')
  s.picture = png(1200, 900)
  s.offer = (who, files, id = s.case) => {
    const form = multipart({}, files.map((f) => (Buffer.isBuffer(f) ? { bytes: f } : f)))
    return request(`${s.gateway.url}/staff/api/v1/cases/${id}/files`, { method: 'POST', body: form.body, headers: { ...who.headers(), ...form.headers }, ms: 100000 })
  }
  s.read = (who, id, part, reason) => bytes(`${s.gateway.url}/staff/api/v1/files/${id}/${part}`, { ...who.headers(), 'content-type': 'application/json' },
    part === 'original' ? { method: 'POST', body: JSON.stringify({ reason }) } : {})
  s.row = (id) => s.site.sql('select *, encode(hash_clean, \'hex\') as clean, encode(hash_original, \'hex\') as original from files where id = $1', [id]).then((r) => r[0])
  s.stored = (hash) => existsSync(join(s.media, hash.slice(0, 2), hash.slice(2, 4), hash))
  s.well = async () => assert.equal((await request(`${s.gateway.ops}/readyz`)).status, 200)
})

it('every format: taken by its content, whatever it is called; the clean copy has lost what the phone wrote', async (s) => {
  const heic = convert(png(400, 300), 'png', 'heic'), jpeg = convert(heic, 'heic', 'jpg')
  const table = [
    ['jpeg', 'image/jpeg', exif(jpeg, SECRET)], ['png', 'image/png', png(300, 200, { alpha: true, text: SECRET })],
    ['webp', 'image/jpeg', convert(png(400, 300), 'png', 'webp')], ['heic', 'image/jpeg', heic],
    ['gif', 'image/jpeg', gif(40, 30)], ['mp4', 'video/mp4', mp4(SECRET)], ['webm', 'video/webm', webm(SECRET)],
  ]
  const ids = []
  for (const [type, clean, file] of table) {
    const a = await s.offer(s.handler, [{ bytes: file, name: '../../etc/passwd.exe', type: 'text/html' }])
    assert.equal(a.status, 201, `${type}: ${a.text}`)
    const id = a.json.files[0], row = await s.row(id)
    assert.equal(row.type, type)
    const got = await s.read(s.handler, id, 'clean')
    assert.equal(got.status, 200, type)
    assert.equal(got.headers['content-type'], clean)
    assert.equal(got.bytes.indexOf(SECRET), -1, `${type}: what the phone wrote is gone`)
    assert.equal(got.bytes.indexOf('Exif'), -1, type)
    assert.equal(got.bytes.indexOf(gpsMark), -1, type)
    assert.equal(readFileSync(join(s.media, row.original.slice(0, 2), row.original.slice(2, 4), row.original)).indexOf(SECRET), -1, `${type}: sealed`)
    if (type === 'jpeg') assert.deepEqual([row.width, row.height], [300, 400], 'turned upright')
    ids.push([type, id, file])
  }
  for (const name of readdirSync(s.media, { recursive: true })) assert.doesNotMatch(String(name), /passwd|exe/)
  s.formats = ids
})

it('bombs and broken ones: a sentence each, nothing is kept, the gateway goes on', async (s) => {
  const rows = await s.site.one('select count(*)::int from files')
  const table = [
    ['2.5 thousand million pixels in 1 KB', png(50000, 50000, { head: true }), 413, 'file_pixels'], ['a gif of 60000 × 60000', gifHead(60000, 60000), 413, 'file_pixels'],
    ['a webp of 16383 × 16383', webpHead(), [413, 422], /file_pixels|file_broken/], ['half a jpeg', exif(Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), 'x'), 422, 'file_broken'],
    ['half a png', s.picture.subarray(0, 3000), 422, 'file_broken'], ['half a film', mp4(SECRET).subarray(0, -30), 422, 'file_broken'], ['words', Buffer.from('<html><script>alert(1)</script></html>'), 415, 'file_type'],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'), 415, 'file_type'], ['pdf', Buffer.from('%PDF-1.7 and more of it'), 415, 'file_type'],
    ['too large', Buffer.concat([s.picture, Buffer.alloc(21 * 1024 * 1024)]), 413, 'file_too_big'],
  ]
  for (const [title, file, status, code] of table) {
    const a = await s.offer(s.handler, [{ bytes: s.picture }, { bytes: file }])
    if (Array.isArray(status)) { assert.ok(status.includes(a.status), title); assert.match(a.json.code, code) } else assert.deepEqual([a.status, a.json?.code], [status, code], `${title}: ${a.text}`)
    assert.equal(a.json.file, 2, title)
    assert.ok(await s.gateway.refusals(a.json.code) > 0)
  }
  assert.equal((await s.offer(s.handler, Array(7).fill(s.picture))).json.code, 'files_too_many')
  const many = await s.offer(s.handler, [gif(200, 200, 400)])
  assert.equal(many.status, 201, 'of an animation the first frame is kept')
  assert.equal(await s.site.one('select count(*)::int from files'), rows + 1)
  await s.well()
})

it('a worker that is killed, hangs or breaks takes its own file along and nothing else', async (s) => {
  const g = s.gateway, crashes = (await g.metrics()).get('mashangdu_media_crashes_total')
  const pid = await waiting(g)
  process.kill(pid, 'SIGSTOP')
  const asked = s.offer(s.handler, [s.picture])
  await until('another one is started ahead: the stopped one has the file', () => children(g.child.pid).some((p) => p !== pid))
  process.kill(pid, 'SIGKILL')
  const a = await asked
  assert.deepEqual([a.status, a.json.code], [422, 'file_broken'])
  assert.equal((await g.metrics()).get('mashangdu_media_crashes_total'), crashes + 1)
  assert.equal((await s.offer(s.handler, [s.picture])).status, 201)

  const hang = join(s.site.dir, 'hang'), lies = join(s.site.dir, 'lies')
  writeFileSync(hang, '#!/bin/sh\nexec sleep 600\n')
  writeFileSync(lies, '#!/bin/sh\nexec >&0\necho MMJ1 and then whatever an intruder likes to say\n')
  for (const f of [hang, lies]) chmodSync(f, 0o755)
  const late = await s.site.gateway({ media_worker: hang, media_deadline: '300ms', media_sweep_every: '1d' })
  const b = await request(`${late.url}/staff/api/v1/cases/${s.case}/files`, { method: 'POST', headers: { ...s.handler.headers(), ...multipart({}, []).headers, origin: late.url }, body: multipart({}, [{ bytes: s.picture }]).body })
  assert.deepEqual([b.status, b.json.code], [422, 'file_broken'])
  assert.equal((await late.metrics()).get('mashangdu_media_timeouts_total'), 1)
  await late.stop()
  const liar = await s.site.gateway({ media_worker: lies, media_sweep_every: '1d' })
  const c = await request(`${liar.url}/staff/api/v1/cases/${s.case}/files`, { method: 'POST', headers: { ...s.handler.headers(), ...multipart({}, []).headers, origin: liar.url }, body: multipart({}, [{ bytes: s.picture }]).body })
  assert.deepEqual([c.status, c.json.code], [422, 'file_broken'])
  await liar.stop()
  await s.well()
})

it('what a worker may: no files, no sockets, no programs, a ceiling of memory', async (s) => {
  const pid = await until('a worker waits in its sandbox', async () => {
    const p = await waiting(s.gateway)
    return /^Seccomp:\s+2$/m.test(readFileSync(`/proc/${p}/status`, 'utf8')) && p
  })
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  assert.match(status, /^NoNewPrivs:\s+1$/m)
  assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '')
  assert.ok(readdirSync(`/proc/${pid}/fd`).length <= 3, 'its socket, and nowhere')
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8')
  assert.match(limits, /Max file size\s+0\s+0/)
  assert.match(limits, /Max open files\s+3\s+3/)
  assert.match(limits, /Max cpu time\s+52\s+52/)
  if (!/asan/.test(readFileSync(`/proc/${pid}/maps`, 'utf8'))) assert.match(limits, /Max data size\s+536870912\s/)
  const large = png(7000, 7000, { grey: true })
  const a = await s.offer(s.handler, [large])
  assert.equal(a.status, 201, a.text)
  console.log(`# gateway VmHWM ${memory(s.gateway.child.pid, 'VmHWM').toFixed(0)} MiB, idle worker VmRSS ${memory(await waiting(s.gateway), 'VmRSS').toFixed(0)} MiB`)
})

it('evidence of an act: only what this person offered for this case; then everybody who sees the case sees it', async (s) => {
  const [, id] = s.formats[0]
  assert.equal((await s.read(s.coordinator, id, 'clean')).status, 404, 'offered, not yet an act')
  const strange = await s.handler.act(s.case, 'reply', { words: '已统一要求。', evidence: [id, 1] })
  assert.deepEqual([strange.status, strange.json.code], [422, 'unknown_field'])
  const films = s.formats.filter(([t]) => t === 'mp4').map(([, x]) => x)
  await s.handler.does(s.case, 'reply', { words: '已统一要求，一次告知。', evidence: [id, ...films, '整改通知原件'] })
  const list = (await s.coordinator.get(`/cases/${s.case}/files`)).files
  assert.deepEqual(list.map((f) => [f.id, f.type, f.video, f.thumb, f.feedback, f.act !== null]), [[id, 'jpeg', false, true, null, true], [films[0], 'mp4', true, false, null, true]])
  const thumb = await s.read(s.coordinator, id, 'thumb')
  assert.equal(thumb.status, 200)
  assert.match(thumb.headers['content-security-policy'], /sandbox/)
  assert.equal(thumb.headers['x-content-type-options'], 'nosniff')
  assert.equal(thumb.headers['cache-control'], 'private, no-store')
  assert.match(thumb.headers['content-disposition'], /^inline; filename="\d+\.jpg"$/)
  for (const [who, part] of [['other', 'clean'], ['other', 'thumb']]) assert.equal((await s.read(s[who], id, part)).status, 404)
  assert.equal((await s.other.call('GET', `/cases/${s.case}/files`)).status, 404)
  assert.equal((await s.read({ headers: () => ({}) }, id, 'clean')).status, 401)
})

it('the original: as it was sent, for two groups, with a reason that is logged', async (s) => {
  const [, id, sent] = s.formats[0]
  assert.equal((await s.read(s.handler, id, 'original', '想看看原图')).status, 403)
  assert.equal((await s.read(s.supervisor, id, 'original', '')).status, 422)
  const before = await s.site.one(`select count(*)::int from audit_log where action = 'original'`)
  const got = await s.read(s.supervisor, id, 'original', '核对拍摄时间')
  assert.equal(got.status, 200)
  assert.ok(got.bytes.equals(sent), 'byte by byte')
  assert.ok(got.bytes.indexOf(gpsMark) > 0, 'place and all')
  assert.match(got.headers['content-disposition'], /^attachment/)
  const rows = await s.site.sql(`select detail from audit_log where action = 'original'`)
  assert.equal(rows.length, before + 1)
  assert.equal(rows.at(-1).detail.reason, '核对拍摄时间')
})

it('the sweep: what nothing refers to goes with its bytes, what is in use stays, also when both meet', async (s) => {
  const [, used] = s.formats[0], row = await s.row(used)
  const a = await s.offer(s.handler, [s.picture, gif(30, 20)])
  const gone = await Promise.all(a.json.files.map(s.row))
  await s.site.sql(`update files set made_at = now() - interval '25 hours'`)
  await until('the rows are gone', async () => (await s.site.one('select count(*)::int from files where id = any ($1)', [a.json.files])) === 0)
  await until('and the bytes', () => gone.every((r) => !s.stored(r.original) && !s.stored(r.clean)))
  assert.ok(s.stored(row.original) && s.stored(row.clean))
  await until('nothing waits to be deleted', async () => (await s.site.one('select count(*)::int from stored_gone')) === 0)

  // An act binds old files while the sweep looks at them all the time: whichever wins, no act refers to a file that is gone.
  const outcomes = { bound: 0, swept: 0 }
  for (let i = 0; i < 6; i++) {
    const o = await s.offer(s.handler, [gif(10 + i, 10)])
    assert.equal(o.status, 201, o.text)
    const [id] = o.json.files
    const db = s.site.db.client('mashangdu_gateway')
    await db.connect()
    await db.query('begin')
    const bound = await db.query('insert into file_uses (file_id, act_id, case_id, ordinal) select $1, a.id, a.case_id, 0 from acts a where a.case_id = $2 limit 1', [id, s.case])
      .then(() => true, () => false)
    await s.site.sql(`update files set made_at = now() - interval '25 hours' where id = $1`, [id]).catch(() => {})
    const mark = await s.site.one('select clock_timestamp()::text')
    await until('the sweep has come by', async () => (await s.site.one(`select count(*)::int from pg_stat_activity where query ~ 'files_sweep|stored_claim' and query_start > $1 and pid <> pg_backend_pid()`, [mark])) > 0)
    await db.query(bound && i % 2 ? 'commit' : 'rollback')
    await db.end()
    if (bound && i % 2) {
      outcomes.bound++
      const r = await s.row(id)
      assert.ok(r && s.stored(r.original) && s.stored(r.clean), 'bound: it stays')
    } else {
      outcomes.swept++
      await until('given up: it goes', async () => !(await s.row(id)))
    }
  }
  assert.deepEqual(outcomes, { bound: 3, swept: 3 })
})

it('larger bodies only where files may come, and only as many together as there is room for', async (s) => {
  const g = s.gateway, form = multipart({}, [{ bytes: Buffer.alloc(600 * 1024) }])
  const post = (path, headers = {}) => request(g.url + path, { method: 'POST', body: form.body, headers: { ...form.headers, origin: g.url, ...headers } }).catch((e) => ({ status: 0, e }))
  assert.equal((await post('/api/v1/feedback')).status, 413)
  assert.equal((await post('/staff/api/v1/session')).status, 413)
  assert.equal((await post('/write', { 'content-type': 'application/x-www-form-urlencoded' })).status, 413)
  assert.notEqual((await post('/write')).status, 413)
  const small = await s.site.gateway({ upload_memory: '1m', media_sweep_every: '1d' })
  const big = multipart({}, [{ bytes: Buffer.alloc(3 * 1024 * 1024) }])
  const a = await request(`${small.url}/write`, { method: 'POST', body: big.body, headers: { ...big.headers, origin: small.url } }).catch(() => ({ status: 0 }))
  assert.ok(a.status === 503 || a.status === 0)
  if (a.status === 503) assert.equal(a.headers['retry-after'], '60')
  const m = await small.metrics()
  assert.equal(m.get('mashangdu_web{what="uploads_refused"}'), 1)
  assert.equal(m.get('mashangdu_web{what="upload_bytes_now"}'), 0)
  await small.stop()
})

it('erasing takes the files along', async (s) => {
  const [, id] = s.formats[0], row = await s.row(id)
  await s.site.sql(`insert into erasures (act_id, basis, by) select act_id, '测试', 'test' from file_uses where file_id = $1`, [id], 'mashangdu_owner')
  assert.equal(await s.row(id), undefined)
  await until('and their bytes', () => !s.stored(row.original) && !s.stored(row.clean))
})

// Sealed reports (promise P4): filed through every door, they are searched for in every place that keeps or sends anything, and then
// opened by whoever may: officers with keys made here, the escrow key of two shares, the reporter with the receipt.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fakeProvider, fileName, freshKey, hidden, receiptOn, request, scenario, until } from './harness.mjs'
import { multipart, png } from './file_samples.mjs'
import { b64, bytes, escrowOf, Officer, openFile, reporterOf, share, shareIn, sodium } from './sealed_keys.mjs'

const U = 'U003', ALIAS = '工商局'
const MARK = '青瓦枇杷', PHONE = '15412349876', FILE = 'guayu-tingqian-0731.png', NAME = '柳未央'
const CONTROL = '红薯石榴', SMS_PHONE = '15400007731', ANSWER = '请补充当天的时辰竹影'
const why = '线索核查'

const it = scenario(fileName(import.meta.url), { settings: { webhook_private: 'yes' } }, async (s) => {
  const { site } = s
  s.provider = await fakeProvider()
  s.gateway = await site.gateway({ trace: 'all', log_every: '1s', trusted_proxies: '127.0.0.1', public_url: 'http://127.0.0.1', media_deadline: '1m', answer_deadline: '1m' })
  s.hooked = []
  s.hook = http.createServer((req, res) => {
    const parts = []
    req.on('data', (d) => parts.push(d)).on('end', () => { s.hooked.push(Buffer.concat(parts).toString('utf8')); res.writeHead(200).end() })
  })
  await new Promise((done) => s.hook.listen(0, '127.0.0.1', done))
  site.atEnd.push(() => { s.hook.closeAllConnections(); s.hook.close() })
  await site.tool('channel', 'add', 'listener', '--type', 'webhook', ...[`url=http://127.0.0.1:${s.hook.address().port}/all`, 'plain_http=yes'].flatMap((x) => ['--set', x]))
  s.door = await site.smsDoor(s.gateway, 'sms', s.provider.url)
  const posts = {
    acc1: ['U000-04', ['accountability']], acc2: ['U000-04', ['accountability']], disc: ['U032', ['handler']], chief32: ['U032', ['unit_leader']],
    seconded: ['U000-04', ['accountability'], U], handler: [U, ['handler']], leader003: [U, ['unit_leader']], coordinator: ['U000-02', ['coordinator']],
    supervisor: ['U000-03', ['supervisor']], registry: ['U000-01', ['registry']], callback: ['U000-01', ['callback']], leader: ['U000', ['leader']],
    admin: ['U000', ['admin']], auditor: ['U000', ['auditor']] }
  s.p = {}
  for (const [login, [unit, roles, home]] of Object.entries(posts)) s.p[login] = await site.person(s.gateway, login, { unit, roles, home, name: `岗位${login}` })
  s.sockets = []
  for (const p of Object.values(s.p)) s.sockets.push(await p.watch())
  s.number = await site.plaqueNumber(U)
  for (const code of [U, 'U032']) s[code] = Number(await site.unitId(code))
  s.acc1 = new Officer(s.p.acc1)
  s.acc2 = new Officer(s.p.acc2)
  s.disc = new Officer(s.p.disc)
  s.receipts = {}
  s.said = {}
})

const newest = (s) => s.site.sql('select f.id::text as feedback, f.case_id::text as case, f.words, c.unit_id, c.about_unit_id, c.state from feedback f join cases c on c.id = f.case_id order by f.received_at desc, f.id desc limit 1').then((r) => r[0])
const staffNet = { 'x-forwarded-for': '10.20.3.44' }
/** An answer as bytes: the harness reads texts. */
const fetched = (s, p, path) => new Promise((done, no) => http.get(`${s.gateway.url}/staff/api/v1${path}`, { headers: p.headers(), agent: false }, (r) => {
  const parts = []
  r.on('data', (d) => parts.push(d)).on('end', () => done({ status: r.statusCode, type: r.headers['content-type'], bytes: Buffer.concat(parts) }))
}).on('error', no))
const escrow = (s) => escrowOf(...[1, 2].map((n) => share(n, shareIn(readFileSync(join(s.site.dir, `escrow-share-${n}.txt`), 'utf8')))))

it('a report comes by every door and is sealed on arrival; the same form twice is one, with one receipt', async (s) => {
  const g = s.gateway, picture = png(64, 48, { text: MARK })
  const words = `${MARK}一：窗口收了办事人两千元。`
  const page = await g.get(`/p/${s.number}/report`, { headers: staffNet })
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal(page.headers['referrer-policy'], 'no-referrer')
  assert.ok(!/data-keep/.test(page.text), 'no draft stays on the device')
  const form = multipart({ token: hidden(page.text, 'token'), text: words, named: 'yes', name: NAME, contact: PHONE }, [{ name: FILE, type: 'image/png', bytes: picture }])
  const send = () => request(`${g.url}/p/${s.number}/report`, { method: 'POST', body: form.body, headers: { ...form.headers, ...staffNet, origin: 'http://127.0.0.1' } })
  const sent = await send()
  assert.equal(sent.status, 201, sent.text)
  s.receipts.form = receiptOn(sent.text)
  s.form = await newest(s)
  s.said.form = words
  s.picture = picture
  assert.equal(receiptOn((await send()).text), s.receipts.form, 'a repeat of the same form gets the same receipt')
  assert.equal(await s.site.one('select count(*)::int from feedback'), 1)

  // Under the own name a name and a number belong to it; without them nothing is stored and nothing typed is lost.
  const half = await g.form('/write/report', { text: `${MARK}半：只写了名字`, named: 'yes', name: NAME, contact: '' }, { headers: { origin: 'http://127.0.0.1' } })
  assert.equal(half.status, 422)
  assert.ok(half.text.includes(`${MARK}半：只写了名字`))
  assert.equal(await g.refusals('report_name_missing'), 1)

  const write = await g.form('/write/report', { text: `${MARK}二：${ALIAS}的人半夜喝酒开公车。` }, { headers: { ...staffNet, origin: 'http://127.0.0.1' } })
  assert.equal(write.status, 201, write.text)
  s.receipts.write = receiptOn(write.text)
  s.write = await newest(s)
  const json = await g.api({ text: `${MARK}三：市监局领导插手工程。`, nature: 'report', contact: PHONE }, { key: `idem-${MARK.length}-abcdefgh` })
  assert.equal(json.status, 201, json.text)
  s.json = await newest(s)
  const ws = await g.live()
  ws.send({ type: 'submit', key: freshKey('live'), nature: 'report', text: `${MARK}四：窗口吃拿卡要，夜雨灯笼，电话${PHONE}`, plaque: s.number, contact: PHONE })
  assert.match((await ws.next('accepted')).receipt, /^\d{16}$/)
  await ws.close()
  s.live = await newest(s)
  const sms = () => g.smsGet(s.door, { id: `mo-${PHONE}`, from: `+86${SMS_PHONE}`, text: `${s.number} 举报：${MARK}五，市监局张某收受红包两千元。` })
  assert.equal((await sms()).status, 200)
  await until('the SMS is a case', async () => (await newest(s)).case !== s.live.case)
  s.sms = await newest(s)
  await until('the receipt went out', () => s.provider.sent.length === 1)
  s.receipts.sms = s.provider.sent[0].text.match(/\d{4} ?\d{4} ?\d{4} ?\d{4}/)[0].replaceAll(' ', '')
  assert.equal((await sms()).status, 200, 'the provider repeats itself')
  assert.equal(await s.site.one(`select count(*)::int from feedback where channel = 'sms'`), 1)
  assert.equal(s.provider.sent.length, 1)

  for (const [door, one] of Object.entries({ form: s.form, write: s.write, json: s.json, live: s.live, sms: s.sms })) {
    assert.match(one.words, /^sealed:[0-9a-f]{64}$/)
    assert.equal(one.unit_id, s.U032, 'the discipline unit alone is offered')
    assert.equal(one.about_unit_id, s[U], `${door}: the wall knows whom it keeps out`)
    assert.equal(one.state, 'discovered')
    const [m] = await s.site.sql('select body from sealed_messages where feedback_id = $1', [one.feedback])
    assert.equal(one.words, `sealed:${createHash('sha256').update(m.body).digest('hex')}`)
  }
})

it('keys: officers, groups, envelopes of what came before; nobody else has a desk', async (s) => {
  for (const login of ['coordinator', 'leader', 'admin', 'auditor', 'handler', 'callback']) assert.equal((await s.p[login].call('GET', '/seal')).status, 403, login)
  for (const o of [s.acc1, s.acc2, s.disc]) await o.enrol('长口令 correct horse')
  await s.acc1.makeGroup('accountability')
  await s.disc.makeGroup('discipline')
  const refused = await s.p.acc1.call('POST', '/seal/groups/discipline', { public_key: b64(s.acc1.key.publicKey), wraps: [{ staff_id: 1, wrapped: b64(sodium.randombytes_buf(80)) }], escrow: null })
  assert.equal(refused.status, 403, 'a member of the other group makes no key')
  // Five reports, two groups: opened with the escrow key of two shares.
  const held = escrow(s)
  assert.equal((await s.p.disc.call('GET', '/seal/envelopes?escrow=1')).status, 403)
  assert.equal(await s.acc1.rewrap(held), 10)
  assert.equal((await s.acc1.desk()).owed, 0)
  assert.equal(await s.site.one(`select count(*)::int from events where kind = 'seal.key_made'`), 2)
})

it('an officer opens with a reason, answers, and the reporter reads it with the receipt', async (s) => {
  const before = await s.site.one(`select count(*)::int from audit_log where action = 'sealed_open'`)
  const bare = await s.p.acc1.call('POST', `/cases/${s.form.case}/sealed`, {})
  assert.equal(bare.status, 422)
  assert.deepEqual(bare.json.missing, ['reason'])
  assert.equal(await s.site.one(`select count(*)::int from audit_log where action = 'sealed_open'`), before)
  await s.acc2.unlock('长口令 correct horse')
  const talk = await s.acc2.open(s.form.case, why)
  assert.equal(await s.site.one(`select detail->>'reason' from audit_log where action = 'sealed_open' order by id desc limit 1`), why)
  const [{ said, key }] = talk.messages
  assert.equal(said.words, s.said.form)
  assert.equal(said.contact, `${NAME} +86${PHONE}`)
  const original = said.files.find((f) => f.part === 'original')
  assert.equal(original.name, FILE)
  assert.deepEqual(said.files.map((f) => f.part), ['original', 'clean', 'thumb'])
  const file = await fetched(s, s.p.acc2, `/cases/${s.form.case}/sealed/files/${original.hash}`)
  assert.equal(file.status, 200)
  assert.equal(file.type, 'application/octet-stream')
  assert.deepEqual(Buffer.from(openFile(new Uint8Array(file.bytes), key)), s.picture)
  assert.equal((await s.p.acc1.call('GET', `/cases/${s.form.case}/sealed/files/${original.hash}`)).status, 422, 'no file without an opening')
  // Of the reported unit: not even by an officer of the group who comes from it.
  for (const login of ['handler', 'leader003', 'seconded', 'coordinator', 'supervisor', 'leader', 'admin'])
    assert.equal((await s.p[login].call('POST', `/cases/${s.form.case}/sealed`, { reason: why })).status, s.p[login].staff.roles.some((r) => ['handler', 'unit_leader', 'accountability'].includes(r)) ? 404 : 403, login)
  assert.deepEqual((await s.p.seconded.get('/seal/envelopes?escrow=1')).envelopes, [])
  const sms = (await s.acc2.open(s.sms.case, why)).messages[0].said
  assert.equal(sms.sender, `+86${SMS_PHONE}`)
  assert.match(sms.words, /收受红包/)

  await s.p.acc1.does(s.form.case, 'assign', { unit: s.U032, reason: '按职责交办' }, { reason: why })
  await s.p.disc.does(s.form.case, 'sign', {}, { reason: why })
  assert.deepEqual(await s.disc.say(s.form.case, talk.reporter, ANSWER, 'say-one-key'), { message: (await s.site.one('select max(id)::text from sealed_messages')), repeated: false })
  assert.equal((await s.disc.say(s.form.case, talk.reporter, ANSWER, 'say-one-key')).repeated, true, 'pressed twice it is one message')
  const act = (await s.site.sql('select act, words from acts where case_id = $1 order by version desc limit 1', [s.form.case]))[0]
  assert.equal(act.act, 'ask')
  assert.ok(!act.words.includes(ANSWER))

  const status = await s.gateway.post('/status', { receipt: s.receipts.form }, { headers: { origin: 'http://127.0.0.1' } })
  assert.equal(status.status, 200)
  assert.ok(status.text.includes(ANSWER), 'the answer stands on the page of the receipt')
  assert.ok(status.text.includes(s.said.form))
  const more = await s.gateway.post('/status/say', { receipt: s.receipts.form, token: hidden(status.text, 'token', '/status/say'), text: `${MARK}补充：当天下午三点` }, { headers: { origin: 'http://127.0.0.1' } })
  assert.equal(more.status, 200, more.text)
  assert.ok(more.text.includes(`${MARK}补充`))
  const again = await s.disc.open(s.form.case, '查看补充')
  assert.deepEqual(again.messages.map((m) => m.author), ['reporter', 'officer', 'reporter'])
  assert.equal(again.messages[2].said.words, `${MARK}补充：当天下午三点`)
  assert.ok((await s.gateway.post('/status', { receipt: s.receipts.sms }, { headers: { origin: 'http://127.0.0.1' } })).text.includes('收受红包'), 'the receipt of an SMS opens its own')
  const [r] = await s.site.sql('select salt, public_key from sealed_reports where feedback_id = $1', [s.form.feedback])
  assert.deepEqual(Buffer.from(reporterOf(s.receipts.form, new Uint8Array(r.salt)).publicKey), r.public_key)
})

// --- the search ---

const forms = (word) => {
  const utf8 = Buffer.from(word, 'utf8'), hex = utf8.toString('hex')
  const wide = Buffer.from(word, 'utf16le'), base = [0, 1, 2].map((n) => Buffer.concat([Buffer.alloc(n, 'x'), utf8]).toString('base64').slice(Math.ceil((n * 8) / 6) + (n ? 1 : 0), -4)).filter((x) => x.length > 5)
  return [utf8, Buffer.from(hex), Buffer.from(hex.toUpperCase()), wide, Buffer.from(wide).swap16(), Buffer.from(encodeURIComponent(word)),
    Buffer.from(JSON.stringify(word).slice(1, -1).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)), ...base.map((x) => Buffer.from(x))]
}
const hidingPlaces = (dir) => readdirSync(dir, { withFileTypes: true, recursive: true }).filter((f) => f.isFile()).map((f) => join(f.parentPath ?? f.path, f.name))

it('the words, the number, the name and the file are in no table, log, push, export, figure, file or metric', async (s) => {
  const { site } = s
  // What is no report is found by the same search: the search looks.
  assert.equal((await s.gateway.api({ text: `${CONTROL}，窗口少开了一个`, nature: 'complain', plaque: s.number })).status, 201)
  const controls = forms(CONTROL)
  let found = 0
  await until('the log is signed', async () => (await site.one('select count(*)::int from log_heads')) > 0)
  const needles = [MARK, PHONE, `+86${PHONE}`, SMS_PHONE, FILE, NAME, ANSWER, '收受红包', '半夜喝酒', '插手工程', '两千元', '夜雨灯笼', '当天下午三点'].map((word) => [word, forms(word)])
  const hits = []
  let places = 0, size = 0
  const look = (where, content) => {
    const b = Buffer.isBuffer(content) ? content : Buffer.from(content)
    places++
    size += b.length
    found += controls.some((f) => b.includes(f))
    for (const [word, all] of needles) for (const f of all) if (b.includes(f)) hits.push(`${where}: ${word}`)
  }
  // Every row of every table as text, and every column of bytes as it is.
  const tables = await site.sql(`select c.oid::regclass::text as name, array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.atttypid = 'bytea'::regtype)::text[] as raw
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`)
  assert.ok(tables.length > 40)
  for (const t of tables) {
    for (const row of await site.sql(`select t::text as row from ${t.name} t`)) look(`table ${t.name}`, row.row)
    for (const column of t.raw) for (const row of await site.sql(`select "${column}" as b from ${t.name} where "${column}" is not null`)) look(`table ${t.name}.${column}`, row.b)
  }
  // Logs of gateway and database, the shares, the store: every file of the site but the database's own.
  for (const f of hidingPlaces(site.dir)) if (!f.includes('/pg/')) { look(`name ${f}`, f); look(f, readFileSync(f)) }
  look('log of the database', readFileSync(join(site.db.dir, 'server.log')))
  assert.ok(hidingPlaces(join(site.dir, 'media')).length >= 3)
  // What was pushed.
  for (const socket of s.sockets) for (const frame of socket.frames) look('dashboard', JSON.stringify(frame))
  for (const body of s.hooked) look('webhook', body)
  for (const m of s.provider.sent) look('sms', JSON.stringify({ ...m, to: '' }))
  // What everybody can ask for.
  const ids = [s.form, s.write, s.json, s.live, s.sms].map((c) => c.case)
  const asked = ['/cases?limit=100', '/counts', '/figures', '/sheets/weekly?scope=all', '/letters', '/letters/register', '/callbacks', '/outbox', '/channels/log?limit=100', '/seal',
    ...[MARK, PHONE, ALIAS, NAME].map((q) => `/cases?q=${encodeURIComponent(q)}`), ...ids.flatMap((id) => [`/cases/${id}?reason=${encodeURIComponent(why)}`, `/cases/${id}/story?reason=${encodeURIComponent(why)}`])]
  for (const [login, p] of Object.entries(s.p)) {
    for (const path of asked) {
      const a = await p.call('GET', path)
      look(`${login} ${path}`, a.text.replaceAll(encodeURIComponent(MARK), '').replaceAll(MARK === path ? MARK : '\u0000', ''))
      if (['handler', 'leader003', 'seconded', 'coordinator', 'supervisor', 'registry', 'callback', 'leader', 'admin', 'auditor'].includes(login)) {
        for (const id of ids) assert.ok(!a.text.includes(`"id":${id}`) && !a.text.includes(`"case":${id}`), `${login} meets ${id} in ${path}`)
      }
    }
  }
  // Paper is compressed: it is read as words. One of each group prints; for the others a case is not there.
  const printed = [['coordinator', '/sheets/weekly.pdf?scope=all'], ['acc1', '/sheets/weekly.pdf?scope=all'],
    ...ids.flatMap((id) => Object.keys(s.p).filter((login) => !['acc2', 'disc', 'chief32'].includes(login)).map((login) => [login, `/cases/${id}/story.pdf?reason=${encodeURIComponent(why)}`])), ['disc', `/cases/${ids[0]}/story.pdf?reason=${encodeURIComponent(why)}`]]
  for (const [login, path] of printed) {
    const a = await fetched(s, s.p[login], path)
    assert.equal(a.status, login === 'acc1' || login === 'disc' || path.startsWith('/sheets') ? 200 : s.p[login].staff.roles.some((r) => ['admin', 'auditor'].includes(r)) ? 403 : 404, `${login} ${path}`)
    look(`${login} ${path}`, a.status === 200 ? execFileSync('pdftotext', ['-raw', '-', '-'], { input: a.bytes }) : a.bytes)
  }
  for (const url of [`${s.gateway.ops}/metrics`, `${s.gateway.url}/open/log`, `${s.gateway.url}/open/log/head`, `${s.gateway.url}/open/plaques`, `${s.gateway.url}/`]) look(url, (await request(url)).text)
  for (const words of [['outbox', 'list'], ['seal', 'status'], ['show', s.form.case], ['show', s.sms.case]]) look(words.join(' '), await site.tool(...words).catch((e) => e.message))
  // The unit that is reported is told nothing, not even that something is there.
  for (const [i, login] of Object.keys(s.p).entries())
    if (['handler', 'leader003', 'seconded', 'coordinator', 'leader', 'admin'].includes(login))
      assert.deepEqual(s.sockets[i].frames.filter((f) => f.type === 'event' && ids.includes(String(f.event?.case ?? f.case ?? f.data?.id))), [], login)
  console.log(`# places searched ${places} (${Math.round(size / 1024)} KiB), words ${needles.length} in ${needles.reduce((n, [, f]) => n + f.length, 0)} forms, hits ${hits.length}`)
  assert.deepEqual([...new Set(hits)], [])
  assert.ok(found > 5, `the control word is found in ${found} places`)
})

it('the receipt and the sender are not to be had from database and master key; the record still proves what was stored', async (s) => {
  assert.equal(await s.site.one(`select count(*)::int from message_people`), 0, 'nothing ties the sender to the report')
  assert.equal(await s.site.one(`select count(*)::int from outbox where feedback_id = $1 and (recipient <> '' or body is not null or recipient_hash is not null)`, [s.sms.feedback]), 0)
  assert.match(await s.site.tool('verify'), /unbroken/)
  // A body that was exchanged is found.
  await s.site.sql('alter table sealed_messages disable trigger user')
  const [m] = await s.site.sql('select id, body from sealed_messages where feedback_id = $1 order by id limit 1', [s.write.feedback])
  await s.site.sql('update sealed_messages set body = set_byte(body, 100, (get_byte(body, 100) + 1) % 256) where id = $1', [m.id])
  await assert.rejects(s.site.tool('verify'), (e) => /seal/.test(e.stdout + e.stderr))
  await s.site.sql('update sealed_messages set body = $2 where id = $1', [m.id, m.body])
  await s.site.sql('alter table sealed_messages enable trigger user')
})

it('keys rotate, who leaves gets nothing more, and two holders recover what a lost passphrase closed', async (s) => {
  const { site } = s
  const made = await s.acc1.makeGroup('accountability')
  assert.equal(made.version, 2)
  const owed = (await s.acc1.desk()).owed
  assert.equal(owed, 7)
  assert.equal(await s.acc1.rewrap(), owed)
  assert.equal((await s.acc1.desk()).owed, 0)
  // New reports go to the new key at once.
  const fresh = await s.gateway.api({ text: `${MARK}六：换钥匙以后`, nature: 'report', plaque: s.number })
  assert.equal(fresh.status, 201)
  const last = await newest(s)
  const seals = async () => (await site.sql('select e.key_id from sealed_envelopes e join sealed_messages m on m.id = e.message_id where m.feedback_id = $1 and e.key_id is not null', [last.feedback])).map((r) => r.key_id)
  assert.ok((await seals()).includes(made.id))
  assert.equal((await s.acc2.open(last.case, why)).messages[0].said.words, `${MARK}六：换钥匙以后`)

  await site.sql(`update posts set ends_at = now() where staff_id = (select id from staff where login = 'acc2')`)
  assert.equal((await s.p.acc2.call('GET', '/seal')).status, 401) // of no post, of no session
  assert.notEqual((await s.p.acc2.call('POST', `/cases/${last.case}/sealed`, { reason: why })).status, 200)

  // The only member left forgets the passphrase: a new key, and the shares of two holders.
  await s.acc1.enrol('另一个长口令，忘了前一个')
  assert.equal((await s.acc1.desk()).wraps.length, 0)
  assert.equal((await s.p.disc.call('POST', '/seal/recover', { reason: '口令遗失' })).status, 403)
  assert.equal((await s.p.acc1.call('POST', '/seal/recover', {})).status, 422)
  const held = escrow(s), recovery = await s.acc1.call('POST', '/seal/recover', { reason: '口令遗失，两位保管人到场' }, 200)
  assert.deepEqual(bytes(recovery.escrow.public_key), held.publicKey)
  const me = (await s.acc1.desk()).groups.find((x) => x.name === 'accountability').members.find((m) => m.name === '岗位acc1')
  for (const w of recovery.wraps.filter((x) => x.group === 'accountability')) {
    const secret = sodium.crypto_box_seal_open(bytes(w.wrapped), held.publicKey, held.secret)
    await s.acc1.call('POST', '/seal/wraps', { key_id: w.key_id, wraps: [{ staff_id: me.staff_id, wrapped: b64(sodium.crypto_box_seal(secret, bytes(me.public_key))) }] }, 204)
  }
  assert.equal((await s.acc1.open(s.form.case, why)).messages[0].said.words, s.said.form)
  assert.equal(await site.one(`select detail->>'reason' from audit_log where action = 'seal_recover'`), '口令遗失，两位保管人到场')
  for (const [method, path, body] of [['PUT', '/seal/me', { public_key: 'x', wrapped: 'x', kdf: {} }], ['POST', '/seal/wraps', { key_id: 1, wraps: [] }], ['POST', '/seal/envelopes', { envelopes: [{}] }],
    ['POST', `/cases/${s.form.case}/sealed/say`, { feedback: s.form.feedback, key: 'abcdefgh', body: 'AA==', envelopes: [] }]]) {
    const a = await s.p.acc1.call(method, path, body)
    assert.equal(a.status, 422, `${path}: ${a.text}`)
  }
})

it('without a key a report is not taken and the page says so first; what an SMS brings is kept confidential', async (s) => {
  // History is fixed for everybody but a superuser with the guards off, who makes this site what it was before anybody had a key.
  await s.site.sql('set session_replication_role = replica; truncate seal_keys, seal_wraps, sealed_envelopes; set session_replication_role = origin')
  await s.site.sql(`select pg_notify('msd_register', '')`)
  const page = await until('the page says so', async () => { const a = await s.gateway.get('/write/report'); return a.status === 503 && a })
  assert.ok(!/<textarea/.test(page.text))
  assert.match(page.text, /写信或当面/)
  const before = await s.site.one('select count(*)::int from feedback')
  const a = await s.gateway.api({ text: `${MARK}七：不该收`, nature: 'report' })
  assert.equal(a.status, 503)
  assert.match(a.text, /report_not_ready/)
  assert.ok(await s.gateway.refusals('report_not_ready') >= 2)
  assert.equal(await s.site.one('select count(*)::int from feedback'), before)
  assert.equal((await s.gateway.smsGet(s.door, { text: `${s.number} 举报：市监局李某收受红包。` })).status, 200)
  await until('it is kept', async () => (await s.site.one('select count(*)::int from feedback')) === before + 1)
  assert.equal(await s.site.one(`select c.confidential from feedback f join cases c on c.id = f.case_id where f.words like '%李某%'`), true)
})

// P4 and P11 on the way of messages: whoever may read the database without the master key, the logs, the metrics or the desk finds no
// number, no account and no word of a citizen, whatever a provider pushes or echoes; and what became secret after a message was owed
// does not leave the house any more.
import assert from 'node:assert/strict'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import { file, handled, look, people } from './callback_parts.mjs'
import { encode, fileName, freshKey, request, scenario, until, utf16be } from './harness.mjs'

const NATIONAL = '15412340987', NUMBER = `+86${NATIONAL}`, OPENID = 'oSecrecy00000000000000000001', WORD = 'zanglanhua'
const settings = { auto_assign_percent: 101, webhook_private: 'yes', log_every: '1s', trace: 'all', sms_quiet: 'none', outbox_retry_first: '50ms', outbox_retry_max: '2s', outbox_errors: 1000, outbox_tries: 50 }

const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  s.gateway = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  s.seen = []
  s.answer = (r) => [202, `3: rejected ${r.to} ${WORD}`]
  s.server = http.createServer((req, res) => {
    let body = ''
    req.on('data', (d) => { body += d }).on('end', () => {
      const q = Object.fromEntries(new URL(req.url, 'http://here').searchParams)
      s.seen.push({ url: req.url, body, headers: req.headers })
      const [status, text] = s.answer({ ...q, url: req.url, body })
      res.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise((done) => { s.server.listen(0, '127.0.0.1', done) })
  s.site.atEnd.push(() => { s.server.closeAllConnections(); s.server.close() })
  s.url = `http://127.0.0.1:${s.server.address().port}`
})

async function door(s, name, type, ...set) {
  const out = await s.site.tool('channel', 'add', name, '--type', type, ...set.flatMap((x) => ['--set', x]))
  const path = new URL(out.match(/^mo=(\S+)$/m)[1]).pathname
  await until(`${name} is known`, async () => Number(await s.site.one('select count(*) from channels where name = $1', [name])) === 1 && (await request(`${s.gateway.url}${path}`, { method: 'POST', body: '' })).status !== undefined)
  return `${s.gateway.url}${path}`
}

/** Every text of the database that holds it, but for the words themselves, which the staff must read. */
async function kept(s, what) {
  const columns = await s.site.sql(`select c.table_name as t, c.column_name as c from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY')`, [], 'mashangdu_owner')
  const found = []
  for (const { t, c } of columns) {
    if (t === 'feedback' && ['words', 'masked', 'clean'].includes(c)) continue
    if (t === 'twin_texts' && c === 'words') continue // the masked words once more, to be compared; no person reads the table
    if (Number(await s.site.one(`select count(*) from "${t}" where position($1 in "${c}"::text) > 0`, [what], 'postgres'))) found.push(`${t}.${c}`)
  }
  return found
}

const never = [NATIONAL, NATIONAL.replace(/^(...)(....)(....)$/, '$1-$2-$3'), OPENID, WORD]
async function looked(s) {
  const desk = await s.site.person(s.gateway, freshKey('wg').toLowerCase(), { roles: ['admin'] })
  const told = { log: s.gateway.text(), metrics: (await request(`${s.gateway.ops}/metrics`)).text }
  for (const path of ['/channels', '/channels/log?limit=100', '/outbox?limit=100']) told[path] = (await desk.call('GET', path)).text
  for (const what of never) {
    assert.deepEqual(await kept(s, what), [], `${what} stands in the database`)
    for (const [where, text] of Object.entries(told)) assert.ok(!text.includes(what), `${what} stands in ${where}: ${text.slice(Math.max(0, text.indexOf(what) - 300), text.indexOf(what) + 100)}`)
  }
}

it('a provider without ids: no key by which a number could be guessed, no echo of a number, no word in the log of exchanges', async (s) => {
  const url = await door(s, 'geheim-kannel', 'kannel', `sendsms_url=${s.url}/cgi-bin/sendsms`, 'username=u', 'password=geheimwort', 'from=10690000', `hook_base=${s.gateway.url}`)
  const words = `${s.number} ${WORD}=${WORD}`
  const push = () => request(url, { method: 'POST', body: utf16be(words), headers: {
    'content-type': 'text/plain; charset="UTF-16BE"', 'x-kannel-from': NUMBER, 'x-kannel-to': '10690000', 'x-kannel-coding': '2', 'x-kannel-smsc': 'POST', 'x-kannel-time': '2026-11-22 08:00:00' } })
  await until('it is taken', async () => (await push()).status === 200)
  assert.equal((await push()).status, 200)
  await until('stored', async () => Number(await s.site.one('select count(*) from feedback where words like $1', [`%${WORD}%`])) > 0)
  assert.equal(Number(await s.site.one('select count(*) from feedback where words like $1', [`%${WORD}%`])), 1, 'the repeat is known again')
  const key = await s.site.one(`select dedupe_key from feedback where words like $1`, [`%${WORD}%`])
  assert.match(key, /^mac:[0-9a-f]{64}$/, 'a digest with our key')
  await until('it was answered', () => s.seen.length > 0)
  assert.equal((await request(url, { method: 'POST', body: `<${WORD}>`, headers: { 'content-type': 'text/plain', 'x-kannel-from': NUMBER } })).status < 600, true)
})

it('a provider of settings alone, with fields that nobody foresaw', async (s) => {
  const url = await door(s, 'geheim-generic', 'generic', 'in_format=json', 'in_from=sj', 'in_text=zw.nr', 'in_time=t', `send_url=${s.url}/send?mob={to}`, 'send_format=json', 'send_body={"sj":"{to}","nr":"{text}"}',
    'ok_path=ok', 'ok_value=yes', 'id_path=mid', 'code_path=why')
  s.answer = (r) => (r.url.startsWith('/send') ? [200, JSON.stringify({ ok: 'no', mid: NUMBER, why: `bad-number:${NUMBER}` })] : [202, `3: rejected ${r.to}`])
  const before = s.seen.length
  await until('it is taken', async () => (await request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sj: NUMBER, zw: { nr: `${s.number}${WORD}` }, dh: '154-1234-0987', t: Math.floor(Date.now() / 1000) }) })).status === 200)
  await until('an answer was tried', () => s.seen.slice(before).some((r) => r.url.startsWith('/send')))
  await until('and refused', async () => Number(await s.site.one(`select count(*) from outbox where channel = 'geheim-generic' and state in ('dead', 'failed')`)) > 0)
  assert.equal(await s.site.one(`select error_code from outbox where channel = 'geheim-generic' and error_code is not null limit 1`), 'bad-number:+#############')
  // one that is taken, under an id that is the number
  s.answer = () => [200, JSON.stringify({ ok: 'yes', mid: NUMBER })]
  assert.equal((await request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sj: NUMBER, zw: { nr: 'help' }, t: Math.floor(Date.now() / 1000) }) })).status, 200)
  await until('sent', async () => Number(await s.site.one(`select count(*) from outbox where channel = 'geheim-generic' and state = 'sent'`)) > 0)
})

it('an account of WeChat that scans, follows and leaves', async (s) => {
  const token = 'secrecy-token', appid = 'wxfict000000000009', aesKey = 'ScenarioScenarioScenarioScenarioScenario012'
  const key = Buffer.from(`${aesKey}=`, 'base64'), sha1 = (...parts) => createHash('sha1').update(parts.sort().join('')).digest('hex')
  const url = await door(s, 'geheim-weixin', 'wechat', `token=${token}`, `appid=${appid}`, `encoding_aes_key=${aesKey}`)
  for (const [event, more] of [['subscribe', `<EventKey>qrscene_${s.number}</EventKey>`], ['SCAN', `<EventKey>${s.number}</EventKey>`], ['unsubscribe', '']]) {
    await until(`${event} is taken`, async () => {
      const at = Math.floor(Date.now() / 1000)
      const xml = Buffer.from(`<xml><ToUserName>gh_1</ToUserName><FromUserName>${OPENID}</FromUserName><CreateTime>${at}</CreateTime><MsgType>event</MsgType><Event>${event}</Event>${more}</xml>`)
      const n = Buffer.alloc(4)
      n.writeUInt32BE(xml.length)
      const plain = Buffer.concat([randomBytes(16), n, xml, Buffer.from(appid)]), pad = 32 - (plain.length % 32)
      const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
      const sealed = Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64')
      const query = encode({ signature: sha1(token, `${at}`, 'n'), timestamp: at, nonce: 'n', openid: OPENID, encrypt_type: 'aes', msg_signature: sha1(token, `${at}`, 'n', sealed) })
      return (await request(`${url}?${query}`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: `<xml><ToUserName>gh_1</ToUserName><Encrypt>${sealed}</Encrypt></xml>` })).status === 200
    })
  }
  assert.ok(Number(await s.site.one(`select count(*) from message_seen where channel = 'geheim-weixin'`)) > 0)
})

it('none of it stands anywhere', async (s) => {
  await until('the exchanges are written', async () => Number(await s.site.one('select count(*) from channel_log')) >= 6)
  await looked(s)
})

it('what became confidential while its messages waited is not told: neither to subscribers nor by a survey, not even when sent again', async (s) => {
  let away = true
  const told = []
  s.answer = (r) => (r.url === '/hook' ? (away ? [503, ''] : (told.push(r.body), [204, ''])) : [202, '0: Accepted for delivery'])
  await s.site.tool('channel', 'add', 'geheim-sub', '--type', 'webhook', '--set', `url=${s.url}/hook`, '--set', 'plain_http=yes')
  const ask = async (text) => {
    const a = await s.gateway.api({ text: `${text} ${freshKey('n')}`, plaque: s.number })
    assert.equal(a.status, 201, a.text)
    return a.json.case
  }
  await until('the channel is known', async () => Number(await s.site.one(`select count(*) from notice_runs where channel = 'geheim-sub'`)) === 1)
  const later = await ask('有件事想说一下，不太方便细说'), open = await ask('路灯坏了半个月没人修')
  const owed = () => s.site.sql(`select id, state, body is null as empty, dedupe_key, case_id from outbox where channel = 'geheim-sub' order by id`)
  await until('both are owed', async () => (await owed()).length >= 2 && told.length === 0 && s.seen.some((r) => r.url === '/hook'))
  const [{ code, unit }] = await s.site.sql('select code, default_unit_id as unit from categories where confidential and default_unit_id is not null order by code limit 1')
  const accountability = await s.site.person(s.gateway, 'jianwu', { unit: 'U000-04', roles: ['accountability'] })
  await accountability.does(later, 'assign', { unit, category: code }, { reason: '线索核查' })
  assert.equal(await s.site.one('select confidential from cases where id = $1', [later]), true)
  away = false
  await until('the open one is told', () => told.some((b) => b.includes(`"${open}"`)))
  await until('nothing waits', async () => (await owed()).every((r) => !['due', 'claimed'].includes(r.state)))
  assert.ok(!told.some((b) => b.includes(`"${later}"`)), 'the confidential case has left the house')
  const held = (await owed()).filter((r) => r.state === 'held')
  assert.ok(held.length > 0 && held.every((r) => r.empty), 'held for good, and emptied')
  for (const purpose of ['survey', 'notice'])
    for (const id of [later, open]) assert.equal(await s.site.one('select outbox_hushed($1, $2, $3) as x', [purpose, 'act:1:2', id], 'mashangdu_gateway'), id === later, `${purpose} about ${id}`)
  assert.equal(await s.site.one(`select has_function_privilege('mashangdu_staff', 'outbox_hushed(text, text, bigint)', 'execute') as x`), false, 'nobody learns from it what is confidential')
})

it('what one reporter answers to a question of the unit is not read by another one who shares the case', async (s) => {
  await people(s)
  s.answer = () => [202, '0: Accepted for delivery']
  const from = '+8615400007788', hears = (words) => until(`hears ${words}`, () => s.seen.some((r) => r.url.includes(from.slice(1)) && words.test(decodeURIComponent(r.url.replaceAll('+', ' ')))))
  const door = await s.site.smsDoor(s.gateway, 'geheim-zwei', `${s.url}/cgi-bin/sendsms`)
  const first = await file(s, `三号楼路灯坏了两个月 ${freshKey('a')}`), said = `三号楼路灯也坏了 ${freshKey('b')}`
  assert.equal((await s.gateway.smsPost(door, { from, text: `${s.number} ${said}` })).status, 200)
  const second = await until('the second is stored', () => s.site.one('select case_id from feedback where words like $1', [`%${said}`]))
  await s.coordinator.does(second, 'merge', { target: first.id, reason: '同一事项' })
  await handled(s, first.id)
  await s.handler.does(first.id, 'ask', { words: '请问是哪一盏？' })
  await hears(/了解情况/)
  const answer = `我住三号楼五零二，${freshKey('答')}`
  assert.equal((await s.gateway.smsPost(door, { from, text: answer })).status, 200)
  await until('it is added', async () => Number(await s.site.one(`select count(*) from acts where act = 'say' and words = $1`, [answer])) === 1)
  await hears(/已并入办件/)
  const page = await look(s, first.receipt)
  assert.match(page.text, /请问是哪一盏/)
  assert.ok(!page.text.includes(answer), 'another citizen reads it')
  const own = s.seen.map((r) => decodeURIComponent(r.url.replaceAll('+', ' '))).filter((u) => u.includes(from.slice(1))).map((u) => u.match(/回执码 ?((?:\d{4} ?){4})/)?.[1]).find(Boolean)
  assert.ok((await look(s, own.replaceAll(' ', ''))).text.includes(answer), 'who said it finds it again')
  assert.ok(JSON.stringify(await s.handler.get(`/cases/${first.id}`)).includes(answer), 'the unit that asked reads it')
})

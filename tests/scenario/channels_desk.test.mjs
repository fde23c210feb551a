// The administrator's desk of channels and outbox over the staff API: nobody else gets near it, nothing of what it tells is secret
// or about a person, what was given up goes again and arrives, what may have arrived only with a word why, and each change is in the log.
import assert from 'node:assert/strict'
import http from 'node:http'
import { after } from 'node:test'
import { Person, fileName, freshKey, request, scenario, until, utf16be } from './harness.mjs'
import { fault } from './openapi.mjs'
import { Provider } from './provider.mjs'

const SECRET = 'geheim-Wort-7351', TOKEN = 'zutritt-8462-zeichen', FROM = '+8615400006789'
const ROLES = ['coordinator', 'supervisor', 'accountability', 'registry', 'callback', 'leader', 'auditor', 'handler', 'unit_leader', 'monitor']
const settings = { outbox_retry_first: '40ms', outbox_retry_max: '200ms', outbox_errors: 3, outbox_tries: 2, outbox_deadline: '15s', sms_quiet: 'none', log_every: '1h', webhook_private: 'yes' }

const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  s.gateway = await s.site.gateway()
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  s.admin = await s.site.person(s.gateway, 'wangguan', { roles: ['admin'], name: '系统管理员' })
  s.admin.id = s.admin.staff.id
  s.provider = await Provider.open()
  s.door = await s.site.smsDoor(s.gateway, 'desk-sms', s.provider.url.replace('http://', 'http://user:parole@'), `url_token=${TOKEN}`, 'rate=50')
  await s.site.tool('channel', 'set', 'desk-sms', '--set', `password=${SECRET}`, '--set', `sendsms_url=${s.provider.url}`)
})

/** Everything the administrator was told, so that one look at the end finds what should not be there. */
const heard = []
async function ask(s, method, path, body, status = 200, who = s.admin) {
  const a = await who.call(method, path, body)
  assert.equal(a.status, status, `${method} ${path}: ${a.status} ${a.text}`)
  heard.push(a.text)
  const described = s.doc.paths[path.split('?')[0].replace(/^\/channels\/(?!log$)[^/]+\//, '/channels/{channel}/')][method.toLowerCase()].responses[status]
  assert.ok(described, `${method} ${path} ${status} is not described`)
  const schema = Object.values(described.content)[0].schema
  assert.equal(fault(s.doc, schema, a.json), null, `${method} ${path}`)
  return a.json
}
const get = (s, path) => ask(s, 'GET', path)
const channel = async (s, name = 'desk-sms') => (await get(s, '/channels')).channels.find((c) => c.name === name)
const audited = (s, action) => s.site.sql('select staff_id, detail from audit_log where action = $1 order by at desc', [action])

/** Somebody writes; the row of the answer that is owed. */
async function owe(s) {
  const text = `门口路灯不亮，电话${FROM.slice(3)} ${freshKey()}`
  const a = await request(`${s.gateway.url}${s.door.path}/mo?k=${TOKEN}&id=${freshKey('mo')}`, { method: 'POST', body: utf16be(text), headers: {
    'content-type': 'text/plain; charset="UTF-16BE"', 'x-kannel-from': FROM, 'x-kannel-to': '10690000', 'x-kannel-coding': '2', 'x-kannel-smsc': 'POST', 'x-kannel-time': '2026-11-22 08:00:00' } })
  assert.equal(a.status, 200)
  return (await until('owed', async () => (await s.site.sql('select o.id from outbox o join feedback f on f.id = o.feedback_id where f.words = $1', [text]))[0])).id
}
const row = async (s, id) => (await s.site.sql('select * from outbox where id = $1', [id]))[0]
const reaches = (s, id, ...states) => until(`${id} is ${states}`, async () => { const r = await row(s, id); return states.includes(r.state) && r })
async function dead(s) {
  s.provider.knobs = { status: 503, body: 'Temporal failure, try again later.' }
  const id = await owe(s)
  await reaches(s, id, 'dead')
  s.provider.knobs = {}
  return id
}
/** Pauses after failures would only make the test wait. */
const well = (s) => s.site.sql(`with x as (update channel_state set closed_until = now(), failures = 0 returning 1) select pg_notify('msd_outbox', '') from x`)

it('nobody but an administrator comes near it, in any post; who is not signed in is asked to', async (s) => {
  const ask = [['GET', '/channels'], ['GET', '/channels/log'], ['POST', '/channels/desk-sms/enable', {}], ['POST', '/channels/desk-sms/disable', {}], ['POST', '/channels/desk-sms/test', { to: FROM }], ['GET', '/channels/desk-sms/replays'],
    ['POST', '/channels/desk-sms/test', {}], ['POST', '/channels/nobody/test', { to: FROM }], ['POST', '/channels/nobody/enable', {}],
    ['POST', '/channels/desk-sms/replays', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }], ['GET', '/outbox'], ['POST', '/outbox/redrive', { ids: [1] }], ['POST', '/outbox/drop', { ids: [1], reason: '试试' }],
    ['POST', '/outbox/redrive', { filter: { state: 'dead' }, preview: true }], ['POST', '/outbox/drop', { filter: { state: 'dead' }, expected: 1, reason: '试试' }]]
  const before = await s.site.one('select count(*)::int from outbox')
  for (const role of ROLES) {
    const p = await s.site.person(s.gateway, `p-${role.replace('_', '-')}`, { unit: role === 'handler' || role === 'unit_leader' ? 'U003' : 'U000', roles: [role] })
    for (const [method, path, body] of ask) {
      const a = await p.call(method, path, body)
      assert.equal(a.status, 403, `${role} ${method} ${path}: ${a.text}`)
      assert.equal(a.json.code, 'forbidden')
    }
    assert.equal((await p.get('/counts')).alarms, 0)
  }
  const stranger = new Person(s.gateway, 'stranger')
  for (const [method, path, body] of ask) assert.equal((await stranger.call(method, path, body)).status, 401, `${method} ${path}`)
  assert.equal(await s.site.one('select count(*)::int from outbox'), before, 'and nothing was owed')
  assert.equal(await s.site.one("select active from channels where name = 'desk-sms'"), true)
  // Without the words that say the change came from the page.
  const a = await s.admin.call('POST', '/channels/desk-sms/disable', {}, { 'x-csrf-token': '' })
  assert.equal(a.json.code, 'csrf')
  // The restricted role itself: neither the sealed column nor the table, nor a state that only the functions may change.
  for (const sql of ['select settings from channels', 'select name from channels', 'select * from outbox', 'select * from channel_state', 'select * from channel_alarms', 'update channels set active = false'])
    await assert.rejects(s.site.sql(`begin; set local role mashangdu_staff; ${sql}; rollback`), /permission denied/, sql)
})

it('a channel tells what is set and what is not, never a secret', async (s) => {
  const c = await until('the settings have arrived', async () => { const now = await channel(s); return now.settings.find((x) => x.name === 'sendsms_url').value?.endsWith('/cgi-bin/sendsms') && now })
  assert.equal(c.type, 'kannel')
  assert.equal(c.use, 'sms')
  assert.equal(c.active && c.readable && c.takes && c.sends, true)
  const setting = (name) => c.settings.find((x) => x.name === name)
  assert.deepEqual(setting('password'), { name: 'password', secret: true, set: true, value: null })
  assert.deepEqual(setting('url_token'), { name: 'url_token', secret: true, set: true, value: null })
  assert.deepEqual(setting('smsc'), { name: 'smsc', secret: false, set: false, value: null })
  assert.equal(setting('username').value, 'tester')
  assert.equal(setting('rate').value, '50')
  assert.equal(setting('hook_key'), undefined, 'the door’s own key is no setting')
  await s.site.tool('channel', 'set', 'desk-sms', '--set', `sendsms_url=${s.provider.url.replace('://', '://user:parole@')}?token=${SECRET}`)
  const shown = await until('the new address', async () => (await channel(s)).settings.find((x) => x.name === 'sendsms_url').value?.endsWith('?…') && (await channel(s)).settings.find((x) => x.name === 'sendsms_url').value)
  assert.equal(shown, `${s.provider.url}?…`)
  await s.site.tool('channel', 'set', 'desk-sms', '--set', `sendsms_url=${s.provider.url}`)
  await until('and back', async () => (await channel(s)).settings.find((x) => x.name === 'sendsms_url').value === s.provider.url)
  await s.site.tool('channel', 'rotate-key', 'desk-sms', '--keep', '1').then((out) => { s.door.path = new URL(out.match(/^mo=(\S+)$/m)[1]).pathname.replace(/\/mo$/, '') })
  assert.ok((await channel(s)).old_key_until, 'two keys for an hour')
  await until('the gateway knows the new key', async () => (await request(`${s.gateway.url}${s.door.path}/dlr?k=${TOKEN}`)).status !== 403)
})

it('a test goes out the ordinary way; the log shows the exchange without number, secret and word', async (s) => {
  assert.equal((await ask(s, 'POST', '/channels/desk-sms/test', { to: 'abc' }, 422)).code, 'contact_bad')
  assert.equal((await ask(s, 'POST', '/channels/desk-sms/test', {}, 422)).code, 'contact_bad')
  assert.equal((await ask(s, 'POST', '/channels/nobody/test', { to: FROM }, 409)).code, 'channel_off')
  assert.equal((await ask(s, 'POST', '/channels/desk-sms/test', { to: FROM, words: '别的话' }, 422)).code, 'unknown_field')
  const { message } = await ask(s, 'POST', '/channels/desk-sms/test', { to: FROM })
  await reaches(s, message, 'sent')
  const got = s.provider.to(FROM).at(-1)
  assert.match(got.text, /^【示例区】测试消息/, 'signed once')
  assert.equal(got.text.match(/【/g).length, 1)
  const [x] = await until('the exchange is in the log', async () => { const l = (await get(s, `/channels/log?message=${message}`)).exchanges; return l.length && l })
  assert.equal(x.what, 'send')
  assert.equal(x.outcome, 'ok')
  assert.equal(x.status, 202)
  assert.match(x.request, /password=‹|‹/, 'shapes stand for what was taken out')
  const listed = (await get(s, `/outbox?event=test&before=${message + 1}&limit=1`)).messages[0]
  assert.equal(listed.id, message)
  assert.equal(listed.state, 'sent')
  assert.ok((await channel(s)).sent_at)
  const [a] = await audited(s, 'channel_test')
  assert.equal(a.staff_id, s.admin.id)
  assert.deepEqual(a.detail, { channel: 'desk-sms', message })
})

it('pages of the log and of the outbox follow each other, under every filter, and no word is guessed', async (s) => {
  for (let i = 0; i < 4; i++) await reaches(s, (await ask(s, 'POST', '/channels/desk-sms/test', { to: FROM })).message, 'sent')
  const all = await until('all are in the log', async () => { const l = (await get(s, '/channels/log?what=send&limit=100')).exchanges; return l.length >= 5 && l })
  const first = await get(s, '/channels/log?what=send&channel=desk-sms&outcome=ok&limit=2')
  const second = await get(s, `/channels/log?what=send&channel=desk-sms&outcome=ok&limit=2&before=${first.next}`)
  assert.deepEqual([...first.exchanges, ...second.exchanges].map((x) => x.id), all.slice(0, 4).map((x) => x.id))
  const box = await get(s, '/outbox?state=sent&purpose=answer&event=test&channel=desk-sms&limit=2')
  assert.equal(box.messages.length, 2)
  const more = await get(s, `/outbox?state=sent&purpose=answer&event=test&channel=desk-sms&limit=100&before=${box.next}`)
  assert.equal(more.messages.length, 3)
  assert.equal(more.next, null)
  assert.deepEqual((await get(s, '/outbox?state=dead')).messages, [])
  assert.deepEqual((await get(s, '/outbox?older_hours=1')).messages, [])
  for (const bad of ['/outbox?state=DEAD', '/outbox?limit=0', '/outbox?limit=101', '/outbox?before=x', '/outbox?channel=a%27b', '/outbox?older_hours=-1', '/channels/log?what=mo%20dlr', '/channels/log?message=x'])
    assert.equal((await ask(s, 'GET', bad, undefined, 422)).code, 'unknown_field', bad)
})

it('what was given up says why, goes again when its provider is well, and arrives once', async (s) => {
  const id = await dead(s)
  const listed = (await get(s, '/outbox?state=dead,failed,unknown')).messages.find((m) => m.id === Number(id))
  assert.equal(listed.state, 'dead')
  assert.equal(listed.kept, true)
  assert.equal(listed.tries, 2)
  assert.ok(listed.advice)
  assert.ok(listed.error)
  assert.equal((await channel(s)).dead, 1)
  await well(s)
  const before = s.provider.taken.size
  const done = await ask(s, 'POST', '/outbox/redrive', { ids: [Number(id)] })
  assert.deepEqual([done.matched, done.done], [1, 1])
  await reaches(s, id, 'sent')
  assert.equal(s.provider.taken.size, before + 1)
  assert.equal(s.provider.twice, 0)
  const again = await ask(s, 'POST', '/outbox/redrive', { ids: [Number(id), 999999999] })
  assert.deepEqual(again, { preview: false, matched: 2, done: 0, not: { gone: 1, unknown: 0, empty: 0, state: 1 }, most: 1000 })
  const [a] = await audited(s, 'outbox_redrive')
  assert.equal(a.staff_id, s.admin.id)
  assert.deepEqual(a.detail.ids, [Number(id)])
})

it('by a filter as many as were told of, else none; giving up needs a reason and empties', async (s) => {
  const ids = [await dead(s), await dead(s)].map(Number)
  await well(s)
  const filter = { state: 'dead', channel: 'desk-sms', purpose: 'answer' }
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter: {}, preview: true }, 422)).code, 'unknown_field', 'never simply all')
  const told = await ask(s, 'POST', '/outbox/redrive', { filter, preview: true })
  assert.deepEqual([told.preview, told.matched, told.done], [true, 2, 2])
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter, expected: 3 }, 409)).code, 'outbox_changed')
  for (const id of ids) assert.equal((await row(s, id)).state, 'dead')
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter }, 422)).code, 'unknown_field', 'the number is needed')
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { ids: [ids[0]], through: 'nobody' }, 422)).code, 'unknown_field')
  assert.deepEqual((await ask(s, 'POST', '/outbox/drop', { ids: [ids[0]] }, 422)).missing, ['reason'])
  assert.equal((await ask(s, 'POST', '/outbox/drop', { ids: [ids[0]], reason: '已当面答复' })).done, 1)
  const gone = await row(s, ids[0])
  assert.equal(gone.state, 'dropped')
  assert.equal(gone.body, null)
  const [a] = await audited(s, 'outbox_drop')
  assert.deepEqual([a.staff_id, a.detail.reason, a.detail.ids], [s.admin.id, '已当面答复', [ids[0]]])
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter, expected: 1 })).done, 1)
  await reaches(s, ids[1], 'sent')
})

it('what may have arrived goes again only with a word why', async (s) => {
  s.provider.knobs = { reset: 'after' }
  const id = Number(await owe(s))
  await reaches(s, id, 'unknown')
  s.provider.knobs = {}
  await well(s)
  const advice = (await get(s, '/outbox?state=unknown')).messages.find((m) => m.id === id).advice
  assert.ok(advice)
  assert.deepEqual((await ask(s, 'POST', '/outbox/redrive', { ids: [id] })).not, { gone: 0, unknown: 1, empty: 0, state: 0 })
  assert.equal((await row(s, id)).state, 'unknown')
  assert.deepEqual((await ask(s, 'POST', '/outbox/redrive', { ids: [id], even_unknown: true }, 422)).missing, ['reason'])
  const filter = { state: 'unknown', channel: 'desk-sms' }
  assert.deepEqual((await ask(s, 'POST', '/outbox/redrive', { filter, preview: true })).not.unknown, 1)
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter, preview: true, even_unknown: true })).done, 1)
  assert.equal((await ask(s, 'POST', '/outbox/redrive', { filter, expected: 1, even_unknown: true, reason: '服务商确认未送达' })).done, 1)
  await reaches(s, id, 'sent')
  const [a] = await audited(s, 'outbox_redrive')
  assert.deepEqual([a.detail.even_unknown, a.detail.reason, a.detail.ids], [true, '服务商确认未送达', [id]])
})

it('an alarm comes to the administrator’s page by itself, is counted, and says what about', async (s) => {
  const line = await s.admin.watch((await s.admin.get('/session')).seq)
  s.provider.knobs = { status: 403, body: 'Authorization failed for sendsms' }
  const id = await owe(s)
  const event = await line.next((f) => f.type === 'event' && f.kind === 'channel.alarm' && f.data.alarm === 'settings')
  assert.equal(event.data.channel, 'desk-sms')
  assert.equal(event.data.on, true)
  await reaches(s, id, 'dead')
  const c = await channel(s)
  assert.ok(c.alarms.some((x) => x.kind === event.data.alarm && x.why))
  const n = (await s.admin.get('/counts')).alarms
  assert.ok(n >= 1)
  s.provider.knobs = {}
  await well(s)
  await reaches(s, await owe(s), 'sent')
  await until('it goes when the channel is well', async () => (await s.admin.get('/counts')).alarms < n)
  await line.close()
})

it('a channel is switched off and on, and the log of the house knows by whom', async (s) => {
  assert.equal((await ask(s, 'POST', '/channels/nobody/disable', {}, 404)).code, 'channel_unknown')
  assert.deepEqual(await ask(s, 'POST', '/channels/desk-sms/disable', {}), { channel: 'desk-sms', changed: true })
  assert.deepEqual(await ask(s, 'POST', '/channels/desk-sms/disable', {}), { channel: 'desk-sms', changed: false })
  await until('the door is closed', async () => (await request(`${s.gateway.url}${s.door.path}/dlr?k=${TOKEN}`)).status === 403)
  assert.equal((await channel(s)).active, false)
  assert.equal((await ask(s, 'POST', '/channels/desk-sms/test', { to: FROM }, 409)).code, 'channel_off')
  assert.deepEqual(await ask(s, 'POST', '/channels/desk-sms/enable', {}), { channel: 'desk-sms', changed: true })
  await until('and open', async () => (await request(`${s.gateway.url}${s.door.path}/dlr?k=${TOKEN}`)).status !== 403)
  const off = await audited(s, 'channel_off'), on = await audited(s, 'channel_on')
  assert.equal(off.length, 1, 'once, though asked twice')
  assert.deepEqual([off[0].staff_id, on[0].staff_id, on[0].detail.channel], [s.admin.id, s.admin.id, 'desk-sms'])
})

it('a subscriber is told again what happened in a stretch of time', async (s) => {
  const got = []
  const server = http.createServer((req, res) => { req.on('data', () => {}); req.on('end', () => { got.push(req.headers['webhook-id']); res.writeHead(204).end() }) })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  after(() => { server.closeAllConnections?.(); server.close() })
  const before = await s.site.one('select now() as t')
  for (const text of ['路灯坏了没人修', '井盖松动']) assert.equal((await s.gateway.api({ text, nature: 'appeal' })).status, 201)
  const out = await s.site.tool('channel', 'add', 'desk-hook', '--type', 'webhook', '--set', `url=http://127.0.0.1:${server.address().port}/in`, '--set', 'plain_http=yes', '--set', 'events=case.*')
  s.hookSecret = out.match(/^secret=(\S+)$/m)[1]
  await until('the gateway knows the subscriber', async () => (await channel(s, 'desk-hook'))?.sends)
  const range = { from: new Date(new Date(before).getTime() - 1000).toISOString(), to: new Date(Date.now() + 60000).toISOString() }
  assert.equal((await ask(s, 'POST', '/channels/desk-sms/replays', range, 409)).code, 'channel_off', 'only subscribers are')
  assert.equal((await ask(s, 'POST', '/channels/desk-hook/replays', { from: range.from }, 422)).code, 'unknown_field')
  assert.equal((await ask(s, 'POST', '/channels/desk-hook/replays', { from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z' }, 422)).code, 'replay_empty')
  const run = await ask(s, 'POST', '/channels/desk-hook/replays', range)
  assert.ok(run.last > run.first)
  const ended = await until('the replay ends', async () => (await get(s, '/channels/desk-hook/replays')).replays.find((r) => r.id === run.id && r.ended_at))
  assert.ok(ended.owed >= 2)
  await until('the subscriber has them', () => got.length >= ended.owed)
  assert.equal((await audited(s, 'notices_replay'))[0].staff_id, s.admin.id)
})

it('nothing of all that was told is a secret, a number or a citizen’s word', async (s) => {
  const all = heard.join('\n')
  assert.ok(all.length > 10000)
  for (const bad of [SECRET, TOKEN, 'parole', s.hookSecret, FROM.slice(3), s.door.path.split('/').at(-1)]) assert.equal(all.includes(bad), false, `“${bad.slice(0, 6)}…” was told`)
  assert.doesNotMatch(all, /154\d{8}|路灯|回执码 \d/)
})

// The database goes away, freezes and comes back; the register and the settings change; the gateway is asked to end
// under load. Nobody restarts anything, and no answer is false.
import assert from 'node:assert/strict'
import http from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fakeProvider, fileName, freshKey, hidden, request, scenario, until } from './harness.mjs'

const it = scenario(fileName(import.meta.url), { durable: true }, async (s) => {
  s.conf = join(s.site.dir, 'scenario.conf')
  writeFileSync(s.conf, '# empty\n')
  s.gateway = await s.site.gateway({ config: s.conf, db_connect_deadline: '2s', db_statement_deadline: '5s', answer_deadline: '12s', outbox_retry_max: '5s' })
  s.number = await s.site.plaqueNumber('U003')
  s.provider = await fakeProvider()
  s.door = await s.site.smsDoor(s.gateway, 'kannel-one', s.provider.url)
})

const BOUND = 28000 // of any answer while the database is away: our deadlines, and room for a busy machine

/** A 503 with everything a client needs, in bounded time. */
async function unavailable(title, ask) {
  const begin = performance.now()
  const a = await ask()
  const took = performance.now() - begin
  assert.equal(a.status, 503, `${title}: ${a.status} ${a.text.slice(0, 300)}`)
  assert.ok(Number(a.headers['retry-after']) > 0, `${title}: Retry-After`)
  assert.ok(took < BOUND, `${title}: took ${took} ms`)
  return a
}

async function everyDoorSays503(s) {
  const g = s.gateway
  const api = await unavailable('api', () => g.api({ text: '窗口排队太久' }))
  assert.match(api.headers['content-type'], /^application\/problem\+json/)
  assert.equal(api.json.code, 'unavailable')
  assert.match(api.json.title, /还没有提交成功/)
  const sms = await unavailable('sms', () => g.smsPost(s.door, { text: '窗口排队太久' }))
  assert.equal(sms.text, '', 'Kannel would send it to the citizen')
  const form = await unavailable('form', () => g.post(`/p/${s.number}/ask`, { token: s.token, text: '写了很久的一段话' }))
  assert.ok(form.text.includes('写了很久的一段话'))
  await unavailable('status', () => g.post('/status', { receipt: s.receipt }))
  const w = await g.live()
  w.send({ type: 'submit', id: 'x', key: freshKey(), text: '窗口排队太久' })
  const f = await w.next('refused', BOUND)
  assert.deepEqual([f.id, f.code, f.retry > 0], ['x', 'unavailable', true])
  w.ws.close()
  assert.equal((await request(`${g.ops}/healthz`)).status, 200)
  assert.equal((await request(`${g.ops}/readyz`)).status, 503)
  // What needs no database is still there.
  assert.equal((await g.get(`/p/${s.number}`)).status, 200)
}

it('stopped: 503 with a sentence in bounded time; back: works again by itself', async (s) => {
  const first = await s.gateway.api({ text: '窗口排队太久' })
  assert.equal(first.status, 201)
  s.receipt = first.json.receipt
  s.token = hidden((await s.gateway.get(`/p/${s.number}/ask`)).text, 'token')
  const key = freshKey()
  await s.site.db.stop()
  await until('the gateway notices', async () => (await request(`${s.gateway.ops}/readyz`)).status === 503)
  await everyDoorSays503(s)
  await unavailable('again with a key', () => s.gateway.api({ text: '断网时写的' }, { key }))
  await s.site.db.start()
  await s.gateway.ready()
  assert.equal((await s.gateway.api({ text: '断网时写的' }, { key })).status, 201)
  assert.equal((await s.gateway.post(`/p/${s.number}/ask`, { token: s.token, text: '写了很久的一段话' })).status, 201, 'the same page is sent again')
  assert.equal(await s.site.one(`select count(*)::int from feedback where words = '断网时写的'`), 1)
  const page = await until('the receipt is found', async () => { const p = await s.gateway.post('/status', { receipt: s.receipt }); return p.status === 200 && p })
  assert.match(page.text, /class="big"/)
})

it('frozen: nothing hangs, and what was in flight is stored once', async (s) => {
  const rows = await s.site.one('select count(*)::int from feedback')
  s.token = hidden((await s.gateway.get(`/p/${s.number}/ask`)).text, 'token')
  await s.site.db.freeze()
  const key = freshKey()
  try {
    const inFlight = unavailable('in flight', () => s.gateway.api({ text: '冻住时写的' }, { key }))
    await inFlight
    await everyDoorSays503(s)
  } finally {
    s.site.db.thaw()
  }
  await s.gateway.ready()
  const a = await s.gateway.api({ text: '冻住时写的' }, { key })
  assert.equal(a.status, 201, a.text)
  assert.equal(await s.site.one(`select count(*)::int from feedback where words = '冻住时写的'`), 1)
  const more = await s.site.one('select count(*)::int from feedback') - rows
  assert.ok(more >= 1 && more <= 6, `${more} more rows: unacknowledged ones may be there, none twice`)
  assert.equal(await s.site.one('select count(*)::int from (select dedupe_key from feedback group by channel, provider, dedupe_key having count(*) > 1) as t'), 0)
})

it('connections cut by the server: the next submission works', async (s) => {
  for (let i = 0; i < 5; i++) {
    await s.site.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'mashangdu_gateway'`)
    const a = await until('stored', async () => {
      const got = await s.gateway.api({ text: `断开${i}` }, { key: `terminated-${i}` })
      assert.ok([201, 503].includes(got.status), got.text)
      return got.status === 201 && got
    })
    assert.equal(await s.site.one('select count(*)::int from feedback where id = $1', [a.json.feedback]), 1)
  }
  await s.gateway.ready()
})

it('the register reloads on NOTIFY: a new routing word and a new plaque count for the next text', async (s) => {
  const ask = async () => {
    const a = await s.gateway.api({ text: '楼上的叽里咕噜机太吵了', nature: 'complain' })
    assert.equal(a.status, 201)
    return (await s.site.one('select decision from feedback where id = $1', [a.json.feedback]))
  }
  const before = await ask()
  const pid = s.gateway.child.pid
  await s.site.sql(`insert into routing_words (kind, word, value, weight) values ('category', '叽里咕噜机', '0607', 50)`, [], 'mashangdu_owner')
  const after = await until('the routing changes', async () => { const d = await ask(); return d.category.code === '0607' && d })
  assert.notEqual(before.category.code, '0607')
  assert.ok(after.because.some((w) => w.includes('叽里咕噜机')), after.because.join(' / '))
  // Rows that cannot be compiled leave the snapshot before in place.
  await s.site.sql(`insert into routing_words (kind, word, value, weight) values ('nonsense', '词', 'x', 1)`, [], 'mashangdu_owner')
  await until('the failure is counted', async () => (await s.gateway.metrics()).get('mashangdu_register_failures_total') > 0)
  assert.equal((await ask()).category.code, '0607')
  await s.site.sql(`delete from routing_words where kind = 'nonsense'`, [], 'mashangdu_owner')
  const out = await s.site.tool('plaque', 'issue', '--unit', 'U017', '--window', '三号窗口')
  const number = out.match(/\b(\d{6,9})\b/)[1]
  await until('the new plaque opens', async () => { const p = await s.gateway.get(`/p/${number}`); return p.status === 200 && p.text.includes('三号窗口') })
  assert.equal(s.gateway.child.pid, pid)
})

it('SIGHUP takes over a setting; one that is wrong changes nothing', async (s) => {
  assert.equal((await s.gateway.get('/')).text.includes('临江试验区'), false)
  const loads = async () => (await s.gateway.metrics()).get('mashangdu_settings_reloads_total')
  writeFileSync(s.conf, 'district_name = 临江试验区\nbody_max = 4k\n')
  s.gateway.hangUp()
  await until('the new name is shown', async () => (await s.gateway.get('/')).text.includes('临江试验区'))
  assert.equal((await s.gateway.api({ text: 'x'.repeat(4500) })).status, 413)
  const before = await loads()
  writeFileSync(s.conf, 'district_name = 别的区\nbody_max = plenty\n')
  s.gateway.hangUp()
  await until('the refusal is logged', () => /settings not taken over/.test(s.gateway.text()))
  assert.equal(await loads(), before)
  assert.ok((await s.gateway.get('/')).text.includes('临江试验区'))
  writeFileSync(s.conf, '# empty\n')
  s.gateway.hangUp()
  await until('back to the default', async () => (await s.gateway.get('/')).text.includes('示例区'))
})

it('asked to end under load: exit 0, and every acknowledged item is stored', async (s, t) => {
  for (let round = 0; round < 3; round++) {
    const g = await s.site.gateway()
    const acknowledged = []
    let stopped = false
    const workers = Array.from({ length: 12 }, async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      while (!stopped) {
        try {
          const a = await g.api({ text: '收工前的最后一件' }, { agent, ms: 15000 })
          if (a.status === 201) acknowledged.push(a.json.feedback)
          else assert.equal(a.status, 503, a.text)
        } catch { stopped ||= !g.running }
      }
      agent.destroy()
    })
    const socket = await g.live()
    await until('there is load', () => acknowledged.length > 60, 60000, 2)
    await g.stop()
    stopped = true
    await Promise.all(workers)
    assert.equal(await socket.closed, 1001)
    const found = await s.site.one('select count(*)::int from feedback where id = any ($1::bigint[])', [acknowledged])
    t.diagnostic(`round ${round + 1}: acknowledged ${acknowledged.length}, found ${found}`)
    assert.equal(found, acknowledged.length)
  }
})

it('the outbox waits for a provider that is away and sends once when it is back', async (s) => {
  // Until now every acknowledgement of this file had a provider; this one meets a closed port first.
  const door = await s.site.smsDoor(s.gateway, 'kannel-away', 'http://127.0.0.1:1/cgi-bin/sendsms')
  const text = `没有人接的短信 ${freshKey()}`
  assert.equal((await s.gateway.smsPost(door, { text, from: '+8615400000041' })).status, 200)
  const row = () => s.site.sql('select o.* from outbox o join feedback f on f.id = o.feedback_id where f.words = $1', [text])
  const tried = await until('a try', async () => { const [r] = await row(); return r.tries >= 1 && r.state === 'due' && r })
  assert.ok(tried.due_at > tried.changed_at, 'the next try waits')
  assert.ok(tried.body, 'the words stay as long as they are owed')
  await s.site.tool('channel', 'set', 'kannel-away', '--set', `sendsms_url=${s.provider.url}`)
  await until('sent', async () => (await row())[0].state === 'sent')
  assert.equal(s.provider.sent.filter((q) => q.to.endsWith('8615400000041')).length, 1)
})

// A modem with gammu-smsd: its RunOnReceive program keeps each message until the gateway has stored it, whatever happens between.
import assert from 'node:assert/strict'
import http from 'node:http'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, request, scenario, tree, until } from './harness.mjs'

const samples = join(tree, 'tests/adapters/samples/gammu')

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  const out = await site.tool('channel', 'add', 'modem', '--type', 'gammu')
  const path = new URL(out.match(/^mo=(\S+)$/m)[1]).pathname
  s.address = join(site.dir, 'gammu.url')
  s.spool = join(site.dir, 'spool')
  /** Its port is another one after each start. */
  s.point = () => {
    s.hook = `${s.gateway.url}${path}`
    writeFileSync(s.address, `${s.hook}\n`, { mode: 0o600 })
  }
  s.point()
  await until('the gateway knows the door', async () => (await request(s.hook, { method: 'POST', body: 'ids' })).status !== 403)
})

/** What gammu-smsd does when a message has come. */
const receive = (s, env, ...ids) => s.site.toolWith({ env }, 'gammu', '--to-file', s.address, '--spool', s.spool, ...ids)
const waiting = (s, end = '.note') => readdirSync(s.spool).filter((f) => f.endsWith(end) && !f.startsWith('.'))
/** The spool is empty. A call gives up after a few seconds, whether the gateway was there or slow; then a timer's calls bring the rest. */
const handedOver = (s) => until('the spool is handed over', async () => {
  if (waiting(s).length > 0) await s.site.tool('gammu', '--to-file', s.address, '--spool', s.spool)
  return waiting(s).length === 0
})
const words = (s) => s.site.sql('select words, channel from feedback order by id').then((rows) => rows.map((r) => r.words))
const one = (text) => ({ SMS_MESSAGES: '1', DECODED_PARTS: '0', PHONE_ID: 'modem1', SMS_1_NUMBER: '+8615400000061', SMS_1_TEXT: text })

it('a message and one of three parts are stored, and the spool is empty', async (s) => {
  await receive(s, one('测试：北门路灯不亮😀'), '17')
  const sample = JSON.parse(readFileSync(join(samples, '02-multipart.json'), 'utf8'))
  await receive(s, sample.request.env, ...sample.request.args)
  await handedOver(s)
  assert.deepEqual(await words(s), ['测试：北门路灯不亮😀', '北门垃圾站三天没有清运。'])
  assert.equal(await s.site.one(`select channel from feedback where words like '测试%'`), 'sms')
})

it('while the gateway is away messages wait on the disk; the next call brings all of them, in their order', async (s) => {
  await s.gateway.stop()
  for (const text of ['井盖缺失一', '井盖缺失二']) assert.equal(await receive(s, one(text), '18'), '')
  assert.equal(waiting(s).length, 2)
  for (const name of waiting(s)) assert.doesNotMatch(name, /154|modem/)
  await s.gateway.start()
  s.point()
  await receive(s, one('井盖缺失三'), '19')
  await handedOver(s)
  assert.deepEqual((await words(s)).slice(2), ['井盖缺失一', '井盖缺失二', '井盖缺失三'])
})

it('a note that was handed over before and stayed in the spool is stored once', async (s) => {
  const before = (await words(s)).length
  await s.gateway.stop()
  await receive(s, one('同一条'), '20')
  const [name] = waiting(s), note = readFileSync(join(s.spool, name))
  await s.gateway.start()
  s.point()
  await handedOver(s)
  writeFileSync(join(s.spool, name), note)
  await handedOver(s)
  assert.equal((await words(s)).length, before + 1)
})

it('a gateway that refuses keeps nothing from the next message; what it cannot read is put aside', async (s) => {
  writeFileSync(join(s.spool, '00000000000000000001-1.note'), 'no=note')
  await receive(s, one('后面的一条'), '21')
  await handedOver(s)
  assert.deepEqual(waiting(s, '.refused'), ['00000000000000000001-1.refused'])
  assert.ok((await words(s)).includes('后面的一条'))
})

it('a gateway that never answers does not hold the modem up, and nothing is lost', async (s) => {
  const dead = http.createServer(() => {})
  await new Promise((done) => dead.listen(0, '127.0.0.1', done))
  s.site.atEnd.push(() => { dead.closeAllConnections(); dead.close() })
  const other = join(s.site.dir, 'dead.url')
  writeFileSync(other, `http://127.0.0.1:${dead.address().port}/hooks/modem/x/mo`)
  await s.site.toolWith({ env: one('无人应答') }, 'gammu', '--to-file', other, '--spool', s.spool, '22') // ends by itself
  assert.equal(waiting(s).length, 1)
  await handedOver(s)
  assert.ok((await words(s)).includes('无人应答'))
})

it('without spool and gateway it says so: gammu keeps the message then', async (s) => {
  const nowhere = join(s.site.dir, 'nowhere.url')
  writeFileSync(nowhere, 'http://127.0.0.1:1/hooks/modem/x/mo')
  await assert.rejects(s.site.toolWith({ env: one('没有地方') }, 'gammu', '--to-file', nowhere, '--spool', '/proc/none', '23'), (e) => e.code === 1)
})

// One log, one key: gateways that begin a log in the same moment, each with a key of its own, end with one; and a key file that
// others may read signs nothing.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, until } from './harness.mjs'
import { assertSigned } from './log_check.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.files = ['one.key', 'two.key', 'three.key'].map((f) => join(site.dir, f))
  for (const f of s.files) writeFileSync(f, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  s.gateways = await Promise.all(s.files.map((f) => site.gateway({ log_every: '1s', log_key_file: f })))
  s.number = await site.plaqueNumber('U003')
})
const submit = async (g, plaque) => assert.equal((await g.api({ text: '窗口排队时间太长', plaque })).status, 201)
const refusing = (g) => /tree heads are not signed here.*the key in the file is not the log's/.test(g.text())

it('three gateways that begin at once, three files, one key', async ({ site, gateways, number }) => {
  for (const g of gateways) await submit(g, number)
  await until('all three have looked', async () => gateways.filter(refusing).length === 2 && (await gateways[0].get('/open/log/head')).status === 200)
  const keys = await site.sql(`select encode(public_key, 'hex') as key from log_keys`)
  assert.equal(keys.length, 1)
  const signer = gateways.find((g) => !refusing(g))
  await until('it signs all', async () => (await signer.get('/open/log/head')).json.size === await site.one('select count(*)::int from acts'))
  const heads = await site.sql(`select size, encode(root, 'hex') as root, (extract(epoch from at) * 1000000)::bigint as at_us,
    encode(signature, 'hex') as signature, encode(public_key, 'hex') as key from log_heads`)
  assert.ok(heads.length > 0)
  for (const h of heads) {
    assert.equal(h.key, keys[0].key)
    assertSigned(h, keys[0].key)
  }
  for (const g of gateways) await g.ready()
})

it('a key file that others may read is not used', async ({ site, gateways, files, number }) => {
  const at = gateways.findIndex((g) => !refusing(g)), g = gateways[at]
  for (const x of gateways) await x.stop()
  const before = await site.one('select count(*)::int from log_heads')
  chmodSync(files[at], 0o644)
  await g.start()
  await submit(g, number)
  await until('it is counted', async () => (await g.metrics()).get('mashangdu_log_refused_total') > 0)
  assert.match(g.text(), /log_key_file not read" why="[^"]*open to others/)
  assert.match(g.text(), /the key file cannot be used/)
  assert.equal(await site.one('select count(*)::int from log_heads'), before)
  chmodSync(files[at], 0o600)
  await until('it signs again', async () => await site.one('select count(*)::int from log_heads') > before)
})

it('the database is killed and comes back: what was under way is done once', async ({ site, gateways, number }) => {
  const g = gateways.find((x) => x.running)
  for (let i = 0; i < 3; i++) {
    await until('words are taken', async () => (await g.api({ text: '窗口排队时间太长', plaque: number }, { key: `after-${i}-restarts` })).status === 201)
    await site.db.leave()
    await site.db.kill()
    await site.db.start()
    await g.ready()
  }
  await until('a head over all', async () => (await g.get('/open/log/head')).json?.size === await site.one('select count(*)::int from acts'))
  assert.match(await site.tool('verify'), /^unbroken /)
})

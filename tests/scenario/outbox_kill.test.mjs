// kill -9 in the middle of ten thousand messages at a provider that answers slowly, two gateways, several kills: each message reached
// the provider exactly once, or is held as unknown; none is lost and none goes twice.
import assert from 'node:assert/strict'
import { fileName, request, scenario, until } from './harness.mjs'
import { Provider, report } from './provider.mjs'

const N = 10000, AT_ONCE = 64, KILLS = 6
const it = scenario(fileName(import.meta.url), { settings: { outbox_parallel: 64, outbox_deadline: '5s', log_every: '1h', channel_log: 'no' } }, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.provider = await Provider.open({ delay: 40 })
  s.door = await s.site.smsDoor(s.one, 'kannel-slow', s.provider.url)
})

const count = (s, states) => s.site.one('select count(*)::int from outbox where state = any ($1)', [states])

it('sent exactly once, or held as unknown', async (s, t) => {
  const { site, one, two, provider } = s
  await site.sql(`insert into channel_state (channel, closed_until) values ('kannel-slow', now() + interval '1 hour')`)
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let i = next++; i < N; i = next++) {
      const a = await one.smsPost(s.door, { from: `+86154${String(i).padStart(8, '0')}`, text: `第${i}件事 路灯不亮` })
      assert.equal(a.status, 200)
    }
  }))
  assert.equal(await count(s, ['due']), N, 'all owe an answer')
  assert.equal(provider.requests.length, 0)

  await site.sql(`update channel_state set closed_until = now()`)
  const gateways = [one, two]
  for (let k = 1; k <= KILLS; k++) {
    await until(`kill ${k}`, () => provider.requests.length > (N * k) / (KILLS + 2), 120000, 5)
    const g = gateways[k % 2]
    await g.kill9()
    if (k < KILLS) await g.start()
  }
  await until('nothing is due and every claim has run out', async () => (await count(s, ['due', 'claimed'])) === 0, 180000, 200)

  const rows = await site.sql('select id, state, cause from outbox')
  const sent = rows.filter((r) => r.state === 'sent'), unknown = rows.filter((r) => r.state === 'unknown')
  const once = sent.filter((r) => provider.taken.get(r.id) === 1).length
  const lost = rows.length - sent.length - unknown.length + sent.filter((r) => !provider.taken.get(r.id)).length
  t.diagnostic(`${KILLS} kills: sent exactly once ${once}, held as unknown ${unknown.length}, lost ${lost}, twice ${provider.twice}`)
  assert.equal(rows.length, N)
  assert.deepEqual(provider.faults, [])
  assert.equal(provider.twice, 0)
  assert.equal(lost, 0)
  assert.equal(once + unknown.length, N)
  assert.ok(unknown.filter((r) => r.cause === 'claim').length <= KILLS * AT_ONCE, 'no more than were on their way') // an answer may also be late
  assert.ok(unknown.length > 0, 'a kill that caught nothing proves nothing')

  // What the provider took is settled by its receipt; the rest stays held: nothing is sent again by itself.
  const alive = gateways.find((g) => g.running)
  const before = provider.requests.length
  for (const r of provider.requests.filter((q) => unknown.some((u) => u.id === q.ref))) {
    const url = new URL(report(r, 1, `id-${r.ref}`))
    url.port = alive.port
    assert.equal((await request(url.href)).status, 200)
  }
  const left = unknown.filter((u) => !provider.taken.get(u.id)).length
  await until('the receipts are stored', async () => (await count(s, ['unknown'])) === left)
  t.diagnostic(`after the receipts: delivered ${await count(s, ['delivered'])}, still unknown ${left}`)
  assert.equal(provider.requests.length, before)
}, { ms: 540000 })

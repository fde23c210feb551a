// P1 and P2 under power cuts: while citizens submit, the gateway is killed twenty times with kill -9, then the whole
// database server twenty times. Whatever was acknowledged must be there exactly once afterwards.
// KILLS=n changes the twenty. fsync is on.
import assert from 'node:assert/strict'
import http from 'node:http'
import { fileName, pause, scenario, until } from './harness.mjs'

const KILLS = Number(process.env.KILLS ?? 20)
const CITIZENS = 6
const ACKNOWLEDGED_BETWEEN = 8 // items acknowledged between two kills, so that each kill meets a working gateway

const it = scenario(fileName(import.meta.url), { durable: true }, async (s) => {
  s.gateway = await s.site.gateway({ db_connect_deadline: '1s', db_statement_deadline: '5s', drain_limit: '10s' })
  s.number = await s.site.plaqueNumber('U003')
})

/** Citizens that submit until told to stop, each with keys of its own; every fifth item is sent again on purpose. */
class Load {
  constructor(gateway, number, name) {
    Object.assign(this, { gateway, number, name, next: 0, stopped: false, refused: 0, lost: 0, repeats: 0, contradictions: [] })
    this.sent = new Map()         // key -> words, of everything that ever left
    this.acknowledged = new Map() // key -> {receipt, feedback, case}
    this.workers = Array.from({ length: CITIZENS }, () => this.work())
  }

  async work() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    while (!this.stopped) {
      const key = `${this.name}-${++this.next}-${'x'.repeat(8)}`
      await this.submit(key, `第${this.next}件：办事窗口排队太久，希望增加人手`, agent, 6)
      if (this.next % 5 === 0) { // an earlier one again: acknowledged or not, the answer must be the first one's
        const keys = [...this.sent.keys()]
        const old = keys[Math.floor(Math.random() * keys.length)]
        this.repeats++
        await this.submit(old, this.sent.get(old), agent, 1)
      }
    }
    agent.destroy()
  }

  /** Tries again a few times as a phone would, with the same key; gives up then. */
  async submit(key, text, agent, tries) {
    this.sent.set(key, text)
    for (let i = 0; i < tries && !this.stopped; i++) {
      let a
      try {
        a = await this.gateway.api({ text, plaque: this.number }, { key, agent, ms: 15000 })
      } catch {
        this.lost++
        await pause(20) // as long as nobody listens
        continue
      }
      if (a.status === 201) {
        const before = this.acknowledged.get(key)
        const now = { receipt: a.json.receipt, feedback: a.json.feedback, case: a.json.case }
        if (before && JSON.stringify(before) !== JSON.stringify(now)) this.contradictions.push([key, before, now])
        this.acknowledged.set(key, now)
        return
      }
      assert.equal(a.status, 503, a.text)
      assert.ok(Number(a.headers['retry-after']) > 0)
      this.refused++
      await pause(20)
    }
  }

  async stop() {
    this.stopped = true
    await Promise.all(this.workers)
  }
}

async function judge(s, load, t, began) {
  const { site } = s
  const rows = await site.sql(`select dedupe_key, id, case_id, words from feedback where dedupe_key like $1 || '-%'`, [load.name])
  const byKey = new Map()
  for (const r of rows) byKey.set(r.dedupe_key, [...(byKey.get(r.dedupe_key) ?? []), r])
  let [found, lost, doubled, extra] = [0, 0, 0, 0]
  for (const [key, said] of load.acknowledged) {
    const at = byKey.get(key) ?? []
    if (at.length === 0) lost++
    else if (at[0].id === said.feedback && at[0].case_id === said.case && at[0].words === load.sent.get(key)) found++
    else load.contradictions.push([key, said, at[0]])
  }
  for (const [key, at] of byKey) {
    if (at.length > 1) doubled++
    if (!load.acknowledged.has(key)) extra++
  }
  t.diagnostic(`${load.name}: kills ${KILLS}, sent ${load.sent.size}, repeats on purpose ${load.repeats}, acknowledged ${load.acknowledged.size}, ` +
    `found ${found}, lost ${lost}, doubled ${doubled}, stored without acknowledgement ${extra}, 503 ${load.refused}, ` +
    `connections lost ${load.lost}, ${((performance.now() - began) / 1000).toFixed(1)} s`)
  assert.deepEqual(load.contradictions, [])
  assert.equal(lost, 0)
  assert.equal(doubled, 0)
  assert.equal(found, load.acknowledged.size)
  assert.ok(load.acknowledged.size >= KILLS * ACKNOWLEDGED_BETWEEN, 'there was load')

  // Nothing is half there: each feedback has its case, the case its acts, and one event tells of it.
  assert.equal(await site.one(`select count(*)::int from feedback f left join cases c on c.id = f.case_id where c.id is null`), 0)
  assert.equal(await site.one(`select count(*)::int from cases c where not exists (select from feedback f where f.case_id = c.id)`), 0)
  assert.deepEqual(await site.sql(`select c.*, (select array_agg(act order by version) from acts a where a.case_id = c.id) from cases c where (select count(*) from acts a where a.case_id = c.id) <> c.version`), [])
  assert.equal(await site.one(`select count(*)::int from feedback f where (select count(*) from events e where e.case_id = f.case_id and e.kind = 'case.opened') <> 1`), 0)
  assert.deepEqual((await site.sql('select count(*)::int as n, max(seq)::int as last, (select last::int from event_head) as head from events'))
    .map((r) => r.n === r.last && r.last === r.head), [true], 'events are numbered without a gap')

  // And a repeat still gets the first answer.
  for (const [key, said] of [...load.acknowledged].slice(-20)) {
    const a = await s.gateway.api({ text: load.sent.get(key), plaque: s.number }, { key })
    assert.equal(a.status, 201, a.text)
    assert.equal(a.json.repeated, true)
    assert.deepEqual([a.json.receipt, a.json.feedback], [said.receipt, said.feedback])
  }
}

async function underLoad(s, t, name, killOnce) {
  const began = performance.now()
  const load = new Load(s.gateway, s.number, name)
  try {
    for (let i = 0; i < KILLS; i++) {
      const enough = load.acknowledged.size + ACKNOWLEDGED_BETWEEN
      await until(`items are acknowledged before kill ${i + 1}`, () => load.acknowledged.size >= enough, 120000, 2)
      await pause(Math.random() * 15) // any moment of a batch
      await killOnce()
    }
  } finally {
    await load.stop()
  }
  await s.gateway.ready()
  await judge(s, load, t, began)
}

it('kill -9 of the gateway under load loses and doubles nothing', async (s, t) => {
  await underLoad(s, t, 'gateway', async () => {
    await s.gateway.kill9()
    await s.gateway.start({ wait: false })
  })
}, { ms: 700000 })

it('kill -9 of PostgreSQL under load loses and doubles nothing', async (s, t) => {
  await underLoad(s, t, 'postgres', async () => {
    await s.site.db.kill()
    await s.site.db.start()
  })
}, { ms: 700000 })

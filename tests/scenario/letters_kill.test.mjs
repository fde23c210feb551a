// Numbers under power cuts: while letters are signed over two gateways, one gateway is killed with kill -9, then the whole database server.
// Afterwards: numbers from 1 to n without a gap, no letter signed without number, none numbered without signature, every rung that was
// raised has its letter and the other way round, and what was acknowledged is there. KILLS=n changes the eight. fsync is on.
import assert from 'node:assert/strict'
import { fileName, pause, Person, scenario, until } from './harness.mjs'

const KILLS = Number(process.env.KILLS ?? 8)
const EACH = 6 // letters signed, by acknowledgement, between two kills

const it = scenario(fileName(import.meta.url), { durable: true }, async (s) => {
  const { site } = s
  const settings = { db_connect_deadline: '1s', db_statement_deadline: '5s', drain_limit: '10s' }
  s.gateways = [await site.gateway(settings), await site.gateway(settings)]
  const [g] = s.gateways
  s.people = {}
  for (const [login, unit, roles] of [['coordinator', 'U000-02', ['coordinator']], ['supervisor', 'U000-03', ['supervisor']], ['signer', 'U000-03', ['supervisor']],
    ['registry', 'U000-01', ['registry']]]) s.people[login] = await site.person(g, login, { unit, roles })
  s.number = await site.plaqueNumber('U003')
  s.unit = await site.unitId('U003')
})

/** A checked 督办函 about a case of its own. */
async function checked(s, i) {
  const { coordinator, supervisor, registry } = s.people
  const a = await s.gateways[0].api({ text: `第${i}件：营业执照办理太慢，希望加快`, plaque: s.number, nature: 'complain' })
  assert.equal(a.status, 201, a.text)
  const id = a.json.case
  if ((await coordinator.case(id)).case.state === 'discovered') await coordinator.does(id, 'assign', { unit: s.unit })
  const d = await supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [Number(id)] })
  assert.equal(d.status, 200, d.text)
  const c = await registry.call('POST', `/letters/${d.json.letter.id}/acts`, { act: 'check', version: 1 })
  assert.equal(c.status, 200, c.text)
  return d.json.letter.id
}

async function judge(s, t, acknowledged, letters, kills) {
  const rows = await s.site.sql(`select id::int, number, serial, state, signed_at is not null as signed from letters where kind = 'supervise' order by number nulls last, id`)
  const numbers = rows.filter((r) => r.number !== null).map((r) => r.number)
  t.diagnostic(`${kills}: ${KILLS} kills, ${letters.length} letters, ${acknowledged.size} signatures acknowledged, ${numbers.length} numbers given`)
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1))
  assert.equal(await s.site.one(`select last from letter_numbers where series = 'supervise'`), numbers.length)
  for (const r of rows) assert.equal(r.number !== null, r.signed && r.serial !== null)
  const signed = new Map(rows.map((r) => [r.id, r.serial]))
  for (const [id, serial] of acknowledged) assert.equal(signed.get(id), serial, 'what was acknowledged is there, with its number')
  // The signature and the rung are one thing.
  assert.deepEqual(await s.site.sql(`select l.id, c.id, c.rung from letters l join letter_cases lc on lc.letter_id = l.id join cases c on c.id = lc.case_id
    where (l.number is not null) <> (c.rung = 3) or (l.number is not null) <> exists (select from acts a where a.case_id = c.id and a.act = 'supervise' and (a.data->>'letter')::bigint = l.id)`), [])
  assert.deepEqual(await s.site.sql(`select l.id from letters l where l.version <> (select count(*) from letter_acts a where a.letter_id = l.id)`), [])
}

/** Signs all letters over both gateways, trying again as a person would, while `kill` strikes. */
async function underFire(s, t, name, base, kill) {
  const letters = []
  for (let i = 0; i < KILLS * EACH; i++) letters.push(await checked(s, base + i))
  const acknowledged = new Map()
  const here = s.gateways.map((g) => Object.assign(new Person(g, 'signer'), { cookie: s.people.signer.cookie, csrf: s.people.signer.csrf }))
  let next = 0
  const hand = async (n) => {
    while (next < letters.length) {
      const id = letters[next++]
      for (let tries = 0; ; tries++) {
        const who = here[(n + tries) % 2]
        let a
        try {
          a = await who.call('POST', `/letters/${id}/acts`, { act: 'sign', version: 2 })
        } catch { await pause(20); continue } // the gateway is gone just now
        if (a.status === 200) { acknowledged.set(id, a.json.letter.serial); break }
        if (a.status === 503) { await pause(20); continue }
        assert.deepEqual([a.status, a.json.code], [409, 'letter_changed'], a.text) // signed before, without an answer
        break
      }
    }
  }
  const hands = Promise.all([0, 1, 2, 3].map(hand))
  for (let k = 0; k < KILLS; k++) {
    await until(`signatures are acknowledged before kill ${k + 1}`, () => acknowledged.size >= Math.min(k * 3 + 2, letters.length - 4) || next >= letters.length, 120000, 1)
    await pause(Math.random() * 15) // any moment of a signature
    await kill()
  }
  await hands
  for (const g of s.gateways) await g.ready()
  await judge(s, t, acknowledged, letters, name)
  assert.equal(await s.site.one(`select count(*)::int from letters where number is null and state <> 'void'`), 0, 'in the end all are signed')
}

it('kill -9 of a gateway while letters are signed: no gap, no half signature', async (s, t) => {
  await underFire(s, t, 'gateway', 0, async () => {
    await s.gateways[1].kill9()
    await s.gateways[1].start({ wait: false })
  })
}, { ms: 280000 })

it('kill -9 of PostgreSQL while letters are signed: no gap, no half signature', async (s, t) => {
  // One of the numbers is void by now, and stays it.
  const one = (await s.people.signer.get('/letters?state=signed&limit=1')).letters[0]
  const gone = await s.people.signer.call('POST', `/letters/${one.id}/acts`, { act: 'void', version: one.version, reason: '误发' })
  assert.equal(gone.status, 200, gone.text)
  await underFire(s, t, 'postgres', 1000, async () => {
    await s.site.db.kill()
    await s.site.db.start()
  })
  const now = (await s.site.sql('select state, serial from letters where id = $1', [one.id]))[0]
  assert.deepEqual(now, { state: 'void', serial: one.serial })
}, { ms: 280000 })

// The figures of a period: whole sums, every rate with n and formula, a unit its own, and nothing of confidential cases.
import assert from 'node:assert/strict'
import { clearOfMidnight, fileName, scenario } from './harness.mjs'
import { fault } from './openapi.mjs'
import { answered, at, file, people, replied, step } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  await clearOfMidnight()
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  s.doc = (await s.gateway.get('/staff/api/v1/openapi.json')).json
  await people(s)
})

const code = (a) => [a.status, a.json?.code]
const rate = (f, name) => f.rates.find((r) => r.rate === name)
async function figures(s, who, query = '') {
  const f = await s[who].get(`/figures${query}`)
  assert.equal(fault(s.doc, s.doc.components.schemas.Figures, f), null)
  const { received, closed, declined, merged, open } = f.cases
  assert.equal(received, closed + declined + merged + open)
  return f
}

it('an empty period has no rates, and says so', async (s) => {
  const f = await figures(s, 'head', '?from=2020-01-01&to=2020-12-31')
  assert.deepEqual([f.from, f.to, f.cases.received], ['2020-01-01', '2020-12-31', 0])
  assert.equal(f.rates.length, 4)
  for (const r of f.rates) {
    assert.deepEqual([r.numerator, r.n, r.percent, r.text], [0, 0, null, '无数据'])
    assert.match(r.formula, /÷/)
  }
  for (const q of ['?from=2020-13-01', '?from=2020-02-01&to=2020-01-01', '?unit=x', '?to=yesterday']) assert.deepEqual(code(await s.head.call('GET', `/figures${q}`)), [422, 'unknown_field'], q)
})

it('what came in, what became of it, whose time a dispute has cost, and how people answered', async (s) => {
  const closed = []
  for (let i = 0; i < 9; i++) {
    const one = await file(s, `第${i}件，窗口排队`)
    await answered(s, one.id)
    await step(s, one.receipt, 'confirm', { solved: 'yes', ...(i < 8 ? { rating: '5' } : {}) })
    closed.push(one)
  }
  const few = await figures(s, 'head')
  assert.deepEqual([rate(few, 'satisfied').n, rate(few, 'satisfied').text, rate(few, 'satisfied').percent], [8, '样本不足', null])
  assert.deepEqual([rate(few, 'solved').n, rate(few, 'solved').text], [9, '样本不足'])

  const rework = await file(s, '没办好的一件')
  await answered(s, rework.id)
  await step(s, rework.receipt, 'confirm', { solved: 'no', rating: '1', text: '没办好' })
  await replied(s, rework.id)
  await s.clerk.does(rework.id, 'callback_solved', { words: '好了', rating: 3, feedback: rework.feedback })
  const refused = await file(s, '不愿接受回访的一件')
  await answered(s, refused.id)
  await s.clerk.does(refused.id, 'callback_refused', { words: '不用问', feedback: refused.feedback })
  const declined = await file(s, '不属于我们的一件')
  await s.coordinator.does(declined.id, 'decline', { reason: '属诉讼事项', way: '请依法起诉' })
  const joined = await file(s, '相同的一件')
  await s.coordinator.does(joined.id, 'merge', { target: (await file(s, '还没办的一件')).id, reason: '同一事项' })

  // A dispute: the first return is granted (the desk gave it to the wrong unit), another is refused.
  const first = await file(s, '给错单位的一件'), second = await file(s, '推诿的一件')
  for (const one of [first, second]) {
    await s.coordinator.does(one.id, 'assign', { unit: s.u003 })
    await s.handler.does(one.id, 'return_ask', { legal_ground: '三定规定', reason: '不是我们的职责' })
  }
  await s.coordinator.does(first.id, 'return_grant', { reason: '确实不是' })
  await s.coordinator.does(second.id, 'return_refuse', { reason: '就是你们的' })
  await s.handler.does(second.id, 'sign')
  await s.handler.does(second.id, 'extend_ask', { amount: 1, reason: '要采购' })
  await s.coordinator.does(second.id, 'extend_grant', { reason: '同意' })
  await s.handler.does(second.id, 'pause_ask', { pause_cause: 'hearing', until: new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10), reason: '听证' })
  await s.chief.does(second.id, 'pause_refuse', { reason: '不必听证' })

  const f = await figures(s, 'head')
  assert.deepEqual(f.cases, { received: 16, closed: 11, declined: 1, merged: 1, open: 3, overdue: 0 })
  assert.deepEqual([f.returns.granted, f.returns.refused], [1, 1])
  assert.deepEqual(f.returns.charged.map((c) => [c.unit.id, c.rulings]).sort(), [[await s.site.unitId('U000'), 1], [s.u003, 1]].sort())
  assert.deepEqual([f.extensions, f.pauses], [{ asked: 1, granted: 1, refused: 0 }, { asked: 1, granted: 0, refused: 1 }])
  assert.equal(f.reworked, 1)
  assert.deepEqual(f.callbacks, { due: 0, reached: 11, solved: 10, partly: 0, unsolved: 1, refused: 1, silence: 0, overtaken: 0, satisfied: 9, rated: 10, ratings: [1, 0, 1, 0, 8] })
  assert.deepEqual([rate(f, 'satisfied').numerator, rate(f, 'satisfied').n, rate(f, 'satisfied').text], [9, 10, '90.0%'])
  assert.deepEqual([rate(f, 'solved').numerator, rate(f, 'solved').n, rate(f, 'solved').text], [10, 11, '90.9%'])
  assert.deepEqual([rate(f, 'on_time').numerator, rate(f, 'on_time').n], [12, 12])
  assert.deepEqual([rate(f, 'response').numerator, rate(f, 'response').n], [12, 12])
  assert.equal(f.sample_min, 10)
})

it('a unit reads its own figures and no other\'s; the administrator none', async (s) => {
  const own = await figures(s, 'chief')
  assert.equal(own.unit.id, s.u003)
  assert.equal(own.returns.refused, 1)
  const all = await figures(s, 'head', `?unit=${s.u003}`)
  assert.deepEqual(own.callbacks, all.callbacks)
  assert.deepEqual(code(await s.chief.call('GET', `/figures?unit=${s.u010}`)), [403, 'forbidden'])
  const other = await figures(s, 'other')
  assert.deepEqual([other.unit.id, other.cases.received], [s.u010, 0])
  const admin = await s.site.person(s.gateway, 'admin', { unit: 'U000', roles: ['admin'] })
  assert.deepEqual(code(await admin.call('GET', '/figures')), [403, 'forbidden'])
})

it('a confidential case counts for 追责问责组 alone', async (s) => {
  const before = await Promise.all(['head', 'chief', 'accountability'].map((who) => figures(s, who)))
  const report = await file(s, '窗口人员收红包', { what: 'report' })
  const u032 = await s.site.unitId('U032')
  await s.accountability.does(report.id, 'assign', { unit: u032 }, { reason: '线索核查' })
  const discipline = at(s.gateway, await s.site.person(s.gateway, 'discipline', { unit: 'U032', roles: ['handler'] }))
  const after = await Promise.all(['head', 'chief', 'accountability'].map((who) => figures(s, who)))
  assert.deepEqual(after.slice(0, 2), before.slice(0, 2))
  assert.equal(after[2].cases.received, before[2].cases.received + 1)
  s.discipline = discipline
  assert.equal((await figures(s, 'discipline')).cases.received, 0)
  assert.ok((await discipline.get('/cases')).cases.length > 0, 'although it handles it')
})

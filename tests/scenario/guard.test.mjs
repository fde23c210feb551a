// Many at once: what is over a limit has a way through, with a proof of work or with a wait; an urgent text needs neither; nothing is
// dropped in silence, and what staff see of it are marks on words, never where they came from.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { asksMore, fileName, freshKey, hidden, moreFields, request, scenario, unescape, until } from './harness.mjs'
import { multipart, png } from './file_samples.mjs'

const URGENT = '燃气泄漏，楼道里全是煤气味，快来人！'
const PROOFS = 'mashangdu_guard_proofs_total'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  // Once over a limit it stays so for a minute, and no form has been open for long enough, however slow the machine is.
  const strict = { submit_per_minute: 1, plaque_per_minute: 1, guard_wait: '10m', pow_zeros: 2, trusted_proxies: '127.0.0.1', same_words_per_hour: 2, device_ratings_per_hour: 2 }
  s.gateway = await site.gateway(strict)
  s.patient = await site.gateway({ ...strict, guard_wait: '10s' })
  s.open = await site.gateway({ auto_assign_percent: 101, same_words_per_hour: 2, device_ratings_per_hour: 2 })
  s.number = await site.plaqueNumber('U003')
  s.coordinator = await site.person(s.open, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
})

const stored = (s, words) => s.site.one('select count(*)::int from feedback where words = $1', [words])
const marks = (s, words) => s.site.sql('select mark from feedback_marks m join feedback f on f.id = m.feedback_id where f.words = $1 order by 1', [words]).then((r) => r.map((x) => x.mark))
const metric = async (g, name) => Number((await request(`${g.ops}/metrics`)).text.match(new RegExp(`^${name} (\\d+)`, 'm'))?.[1] ?? 0)

/** The payload that a page sends: the first counter whose key begins with the prefix. */
function solve({ parameters, signature }) {
  const head = Buffer.concat([Buffer.from(parameters.salt, 'hex'), Buffer.from(parameters.nonce, 'hex')])
  for (let counter = 0; ; counter++) {
    const four = Buffer.alloc(4)
    four.writeUInt32BE(counter)
    const derivedKey = createHash('sha256').update(Buffer.concat([head, four])).digest('hex')
    if (!derivedKey.startsWith(parameters.keyPrefix)) continue
    return Buffer.from(JSON.stringify({ challenge: { parameters, signature }, solution: { counter, derivedKey } })).toString('base64')
  }
}

const challengeOn = (a) => JSON.parse(unescape(a.text.match(/data-challenge="([^"]+)"/)[1]))

/** Sends until the door asks to prove something, and gives that answer with the token of its form. */
async function pressed(s, text, from, g = s.gateway) {
  const options = { headers: { 'x-forwarded-for': from } }
  for (let i = 0; i < 6; i++) {
    const page = await g.get(`/p/${s.number}/rate`, options)
    const token = hidden(page.text, 'token')
    const fields = { token, rating: 4, text: `${text} ${i}` }
    const a = await g.post(`/p/${s.number}/rate`, fields, options)
    if (a.status !== 201) return { a, fields, text: fields.text, options }
  }
  assert.fail('no limit was met')
}

it('over a limit the form comes back with its words, and a proof of work lets it in at once, once', async (s) => {
  const { a, fields, text, options } = await pressed(s, '等了一会儿', '192.0.2.1')
  assert.equal(a.status, 429)
  assert.match(a.text, /这会儿提交的人很多/)
  assert.ok(a.text.includes(text), 'the words are kept')
  assert.match(a.text, /<script defer src="\/assets\/pow-[0-9a-f]+\.js">/)
  assert.ok(Number(a.headers['retry-after']) >= 1)
  const altcha = solve(challengeOn(a))
  const before = await metric(s.gateway, PROOFS)
  assert.equal((await s.gateway.post(`/p/${s.number}/rate`, { ...fields, altcha: altcha.slice(0, -8) }, options)).status, 429, 'half a proof is none')
  const sent = await s.gateway.post(`/p/${s.number}/rate`, { ...fields, altcha }, options)
  assert.equal(sent.status, 201, sent.text)
  assert.equal(await stored(s, text), 1)
  assert.equal(await metric(s.gateway, PROOFS), before + 1)
  const again = await s.gateway.post(`/p/${s.number}/rate`, { ...fields, altcha }, options)
  assert.match(again.text, /已/, 'the same form pressed twice is one submission, whatever it proved')
  assert.equal(await stored(s, text), 1)
  const other = await pressed(s, '又来了一次', '192.0.2.1')
  const spent = await s.gateway.post(`/p/${s.number}/rate`, { ...other.fields, altcha }, options)
  assert.equal(spent.status, 429, 'a challenge is good for one submission')
  assert.equal(await stored(s, other.text), 0)
  assert.equal(await s.site.one('select count(*)::int from pow_used'), 1)
})

it('without script the form is taken when it has been open for a while', async (s) => {
  const { a, fields, text, options } = await pressed(s, '材料说得清楚', '192.0.2.2', s.patient)
  assert.equal(a.status, 429)
  const last = await until('it is taken', async () => {
    const again = await s.patient.post(`/p/${s.number}/rate`, fields, options)
    return again.status !== 429 && again
  })
  assert.equal(last.status, 201, last.text)
  assert.equal(await stored(s, text), 1)
})

it('an urgent text is let in over the limit, and marked', async (s) => {
  const { options } = await pressed(s, '排队不久', '192.0.2.3')
  const token = hidden((await s.gateway.get(`/p/${s.number}/supervise`, options)).text, 'token')
  const a = await s.gateway.post(`/p/${s.number}/supervise`, { token, text: URGENT }, options)
  assert.equal(a.status, 201, a.text)
  assert.ok((await marks(s, URGENT)).includes('urgent'))
})

it('the field that nobody sees asks for a proof; it does not throw the words away', async (s) => {
  const fields = { text: '表单被自动填写了', website: 'http://a.example' }
  const page = await s.open.get(`/p/${s.number}/ask`)
  const token = hidden(page.text, 'token')
  const a = await s.open.post(`/p/${s.number}/ask`, { token, ...fields })
  assert.equal(a.status, 429)
  assert.ok(a.text.includes(fields.text))
  const sent = await s.open.post(`/p/${s.number}/ask`, { token, ...fields, altcha: solve(challengeOn(a)) })
  assert.equal(sent.status, 201)
})

it('only a configured proxy says where somebody is', async (s) => {
  s.plain = await s.site.gateway({ submit_per_minute: 1, guard_wait: '10m' })
  let refused = 0
  const begin = performance.now()
  for (let i = 0; i < 6; i++) {
    const options = { headers: { 'x-forwarded-for': `192.0.2.${100 + i}` } }
    const page = await s.plain.get(`/p/${s.number}/rate`, options)
    refused += (await s.plain.post(`/p/${s.number}/rate`, { token: hidden(page.text, 'token'), rating: 5, text: `换个地址 ${i}` }, options)).status === 429
  }
  // Two go through, and one more for every minute that the six took.
  const back = Math.floor((performance.now() - begin) / 60000)
  assert.ok(refused <= 4 && refused >= 4 - back, `a made-up address is no other address: ${refused} of 6 refused`)
})

it('the JSON door gives programs the challenge in its problem', async (s) => {
  const post = (body, key) => request(`${s.gateway.url}/api/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body) })
  let a, key, text
  for (let i = 0; i < 8 && a?.status !== 429; i++) {
    key = freshKey()
    text = `接口来件 ${i}`
    a = await post({ text, plaque: s.number }, key)
  }
  assert.equal(a.status, 429, a.text)
  const problem = JSON.parse(a.text)
  assert.equal(problem.code, 'prove_first')
  const sent = await post({ text, plaque: s.number, altcha: solve(problem.challenge) }, key)
  assert.equal(sent.status, 201, sent.text)
})

it('the same words again and again, and many ratings of one device, are marked and kept; staff see the marks', async (s) => {
  const words = '同样的话说了一遍又一遍'
  let last
  for (let i = 0; i < 4; i++) {
    last = await s.open.form(`/p/${s.number}/ask`, { text: words })
    if (last.status === 429) {
      const token = hidden(last.text, 'token')
      last = await s.open.post(`/p/${s.number}/ask`, { token, text: words, altcha: solve(challengeOn(last)) })
    }
    assert.equal(last.status, 201, last.text)
  }
  assert.deepEqual([...new Set(await marks(s, words))], ['same_words'])
  for (let i = 0; i < 4; i++) assert.equal((await s.open.form(`/p/${s.number}/rate`, { rating: 5 })).status, 201)
  assert.ok((await s.site.one(`select count(*)::int from feedback_marks where mark = 'device'`)) >= 2)
  const id = await s.site.one(`select case_id from feedback f join feedback_marks m on m.feedback_id = f.id where f.words = $1 limit 1`, [words])
  const seen = await s.coordinator.case(id)
  assert.deepEqual(seen.feedback[0].marks, ['same_words'])
})

it('a 举报 leaves no mark, and no address stands anywhere', async (s) => {
  const words = '举报内容也说了很多遍很多遍'
  for (let i = 0; i < 4; i++) {
    const a = await s.open.form(`/p/${s.number}/report`, { text: words })
    if (a.status === 429) await s.open.post(`/p/${s.number}/report`, { token: hidden(a.text, 'token'), text: words, altcha: solve(challengeOn(a)) })
  }
  assert.equal(await s.site.one(`select count(*)::int from feedback_marks m join feedback f on f.id = m.feedback_id where f.nature_said = 'report'`), 0)
  for (const g of [s.gateway, s.patient, s.open, s.plain]) assert.doesNotMatch(g.text(), /192\.0\.2\./)
})

it('the web socket is guarded like the other doors, with the same way through', async (s) => {
  const words = '窗口排队太久没有人叫号', from = (i) => ({ 'x-forwarded-for': `198.51.100.${i}` })
  const submit = async (i, more = {}) => {
    const socket = await s.gateway.live(from(i))
    socket.send({ type: 'submit', key: freshKey('live'), text: words, ...more })
    const a = await socket.next((f) => f.type === 'accepted' || f.type === 'refused')
    await socket.close()
    return a
  }
  let a
  for (let i = 1; i < 6 && a?.type !== 'refused'; i++) a = await submit(i)
  assert.equal(a.code, 'prove_first', 'the same words from many addresses')
  assert.equal((await submit(20, { altcha: solve(a.challenge) })).type, 'accepted')
})

it('a household is one, whichever of its addresses asks; the second page takes no files', async (s) => {
  const home = await s.site.gateway({ trusted_proxies: '127.0.0.1', status_per_minute: 3 })
  const ask = (i) => home.post('/status', { receipt: '1234567890123456' }, { headers: { 'x-forwarded-for': `2001:db8:7:1::${i}` } })
  let last
  for (let i = 1; i < 6; i++) last = await ask(i)
  assert.equal(last.status, 429)
  assert.equal((await home.post('/status', { receipt: '1234567890123456' }, { headers: { 'x-forwarded-for': '2001:db8:7:2::1' } })).status, 404)

  const page = await home.get(`/p/${s.number}/supervise`)
  const first = await home.post(`/p/${s.number}/supervise`, { token: hidden(page.text, 'token'), press: '1', text: '路灯坏了，晚上很黑，没人修。' })
  assert.ok(asksMore(first), first.text)
  const { body, headers } = multipart(moreFields(first), [{ name: 'a.png', type: 'image/png', bytes: png(64, 48) }])
  const a = await request(`${home.url}/p/${s.number}/supervise`, { method: 'POST', body, headers })
  assert.equal(a.status, 422, a.text)
  assert.equal(await s.site.one('select count(*)::int from files'), 0)
})

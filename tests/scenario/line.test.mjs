// The whole line through every door: words come in, are stored and routed with reasons, are watched, answered and come
// back to the citizen, who confirms. And all doors give the same refusals.
import assert from 'node:assert/strict'
import { fakeProvider, fileName, freshKey, hidden, receiptOn, reportUrl, request, scenario, until } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  s.path = await site.plaquePath('U003')
  s.number = await site.plaqueNumber('U003')
  s.u003 = await site.unitId('U003')
  s.coordinator = await site.person(s.gateway, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.supervisor = await site.person(s.gateway, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  s.handler = await site.person(s.gateway, 'u003', { unit: 'U003', roles: ['handler'] })
  s.leader = await site.person(s.gateway, 'u003-leader', { unit: 'U003', roles: ['unit_leader'] })
  s.provider = await fakeProvider()
  s.door = await site.smsDoor(s.gateway, 'kannel-one', s.provider.url)
})

const WORDS = '市场监管局窗口的工作人员让我跑了三趟才告诉我缺材料，办营业执照拖了一个月，请督促。我的电话15412345678。'
const ANSWER = '已为您办结营业执照，并对窗口人员进行了一次性告知培训。'

/** What every accepted item must look like in the tables. */
async function stored(site, receiptOwner) {
  const row = (await site.sql('select * from feedback where id = $1', [receiptOwner.feedback]))[0]
  assert.ok(row, 'the feedback is stored')
  assert.ok(row.decision.because.length > 0, 'the decision says why')
  for (const why of row.decision.because) assert.match(why, /\p{Script=Han}/u)
  assert.doesNotMatch(row.masked, /15412345678/)
  const acts = await site.sql('select * from acts where case_id = $1 order by version', [row.case_id])
  assert.equal(acts[0].act, 'receive')
  const events = await site.sql('select * from events where case_id = $1', [row.case_id])
  assert.equal(events.filter((e) => e.kind === 'case.opened').length, 1)
  assert.equal(JSON.stringify(events).includes('15412345678'), false)
  return row
}

/** From whatever state to the approved answer, by the people whose turn it is; `signed` is awaited between. */
async function answered(s, id, signed) {
  let now = (await s.coordinator.case(id)).case
  if (now.state === 'discovered') now = (await s.coordinator.does(id, 'assign', { unit: s.u003 })).case
  assert.equal(now.state, 'assigned')
  assert.equal(now.unit.id, s.u003)
  assert.equal((await s.handler.does(id, 'sign')).case.state, 'handling')
  await signed?.()
  assert.equal((await s.handler.does(id, 'reply', { words: ANSWER, evidence: 2 })).case.state, 'replied')
  // The author is not the one who endorses, and nobody approves before that.
  assert.notEqual((await s.handler.act(id, 'endorse')).status, 200)
  assert.equal((await s.supervisor.act(id, 'approve')).status, 409)
  await s.leader.does(id, 'endorse')
  const last = await s.supervisor.does(id, 'approve')
  assert.equal(last.case.state, 'verifying')
  return last
}

const lookUp = (gateway, receipt) => gateway.post('/status', { receipt })

/** The citizen sees the answer and says that it is solved. */
async function confirmed(s, receipt, id) {
  const page = await lookUp(s.gateway, receipt)
  assert.equal(page.status, 200, page.text)
  assert.match(page.text, /已答复，等您确认是否解决/)
  assert.ok(page.text.includes(ANSWER), page.text)
  const done = await s.gateway.post('/status/confirm', { receipt, token: hidden(page.text, 'token', '/status/confirm'), solved: 'yes', rating: '5', text: '谢谢' })
  assert.equal(done.status, 200, done.text.slice(0, 3000))
  assert.match(done.text, /已办结/)
  assert.equal((await s.coordinator.case(id)).case.state, 'closed')
  assert.equal(await s.site.one('select ending from cases where id = $1', [id]), 'solved')
}

it('plaque: scan, write, routed with reasons, watched, answered, confirmed', async (s) => {
  const { site, gateway } = s
  const desk = await s.coordinator.watch()
  const unit = await s.handler.watch()

  const scanned = await gateway.get(s.path)
  assert.equal(scanned.status, 200)
  assert.match(scanned.text, /区市场监督管理局/)
  assert.match(scanned.text, new RegExp(`/p/${s.number}/supervise`))
  const sent = await gateway.form(`/p/${s.number}/supervise`, { text: WORDS, contact: '154 1234 5678' })
  assert.equal(sent.status, 201, sent.text.slice(0, 3000))
  assert.equal(sent.headers.location, undefined, 'the receipt never stands in an address')
  const receipt = receiptOn(sent.text)

  const opened = await desk.next((f) => f.type === 'event' && f.kind === 'case.opened')
  const id = String(opened.case)
  const feedback = await site.one('select id from feedback where case_id = $1', [id])
  const row = await stored(site, { feedback })
  assert.equal(row.words, WORDS)
  assert.equal(row.channel, 'plaque')
  assert.equal(row.plaque, s.number)
  assert.ok(Buffer.isBuffer(row.contact), 'the number is sealed')

  const page = await s.coordinator.case(id)
  assert.doesNotMatch(JSON.stringify(page), /15412345678/)
  assert.deepEqual(page.decision.because, row.decision.because)
  assert.match(page.feedback[0].masked, /营业执照/)
  const list = await s.coordinator.get('/cases')
  assert.ok(list.cases.some((c) => String(c.id) === id))

  await answered(s, id)
  const seen = []
  await desk.next((f) => { if (f.type === 'event' && String(f.case) === id) seen.push(f.data.state); return seen.at(-1) === 'verifying' })
  await unit.next((f) => f.type === 'event' && String(f.case) === id && f.data.state === 'verifying')
  await confirmed(s, receipt, id)
  await desk.next((f) => f.type === 'event' && String(f.case) === id && f.data.state === 'closed')
  await desk.close()
  await unit.close()
})

it('plaque: a good rating opens no case, every form takes its words', async (s) => {
  const { site, gateway } = s
  const rated = await gateway.form(`/p/${s.number}/rate`, { rating: '5', text: '' })
  assert.equal(rated.status, 201, rated.text.slice(0, 2000))
  const page = await lookUp(gateway, receiptOn(rated.text))
  assert.equal(page.status, 200)
  assert.equal(await site.one(`select count(*)::int from feedback where nature_said = 'rate' and case_id is null and rating = 5`), 1)
  assert.equal((await site.sql(`select 1 from events where kind = 'feedback.rated'`)).length, 1)
  for (const [what, nature] of [['report', 'report'], ['ask', 'ask']]) {
    const a = await gateway.form(`/p/${s.number}/${what}`, { text: `${WORDS}（${what}）` })
    assert.equal(a.status, 201, a.text.slice(0, 2000))
    receiptOn(a.text)
    assert.equal(await site.one('select nature_said from feedback order by id desc limit 1'), nature)
    assert.equal(await site.one('select count(*)::int from feedback where words = $1', [`${WORDS}（${what}）`]), what === 'report' ? 0 : 1, 'a report is sealed')
  }
  const free = await gateway.form('/write', { text: `${WORDS}（无牌）` })
  assert.equal(free.status, 201)
  assert.equal(await site.one('select channel from feedback where words = $1', [`${WORDS}（无牌）`]), 'web')
})

it('api: 201 with receipt, answered, not solved, done again, solved', async (s) => {
  const a = await s.gateway.api({ text: WORDS, plaque: s.number, nature: 'complain' })
  assert.equal(a.status, 201, a.text)
  assert.match(a.json.receipt, /^\d{16}$/)
  assert.equal(a.json.repeated, false)
  const row = await stored(s.site, a.json)
  assert.equal(row.case_id, a.json.case)
  await answered(s, a.json.case)
  const page = await lookUp(s.gateway, a.json.receipt)
  const no = await s.gateway.post('/status/confirm', { receipt: a.json.receipt, token: hidden(page.text, 'token', '/status/confirm'), solved: 'no', text: '执照还没拿到' })
  assert.equal(no.status, 200, no.text.slice(0, 2000))
  const again = (await s.coordinator.case(a.json.case)).case
  assert.equal(again.state, 'handling')
  assert.equal(again.round, 2)
  await s.handler.does(a.json.case, 'reply', { words: ANSWER, evidence: 1 })
  await s.leader.does(a.json.case, 'endorse')
  await s.supervisor.does(a.json.case, 'approve')
  await confirmed(s, a.json.receipt, a.json.case)
})

it('web socket: submit, accepted, follow, and the status changes live', async (s) => {
  const w = await s.gateway.live()
  w.send({ type: 'submit', id: 'one', key: freshKey(), text: WORDS, plaque: s.number })
  const got = await w.next('accepted')
  assert.equal(got.id, 'one')
  await stored(s.site, got)
  w.send({ type: 'follow', receipt: got.receipt })
  const first = await w.next('status')
  assert.ok(['discovered', 'assigned'].includes(first.state))
  assert.equal(first.answer, null)
  // What is told is the state as it is then: of two steps close together, the first may pass unseen.
  await answered(s, got.case, () => w.next((f) => f.type === 'status' && f.state === 'handling'))
  const last = await w.next((f) => f.type === 'status' && f.state === 'verifying' && f.answer !== null)
  assert.equal(last.answer, ANSWER)
  await confirmed(s, got.receipt, got.case)
  await w.next((f) => f.type === 'status' && f.state === 'closed')
  w.send({ type: 'follow', receipt: '1111111111111111' })
  assert.equal((await w.next('refused')).code, 'receipt_wrong')
  await w.close()
})

for (const how of ['smsGet', 'smsPost'])
  it(`${how === 'smsGet' ? 'sms by get-url' : 'sms by post-url'}: stored, acknowledged, delivered, asked by CX`, async (s) => {
    const { site, gateway, provider } = s
    const from = how === 'smsGet' ? '+8615400000011' : '+8615400000012'
    const text = `${s.number} ${WORDS}😀${how}`
    const a = await gateway[how](s.door, { from, text })
    assert.equal(a.status, 200, a.text)
    assert.equal(a.text, '', 'a body would be sent to the citizen')
    const row = (await site.sql('select * from feedback where words = $1', [text]))[0]
    assert.ok(row, 'stored exactly as received')
    assert.equal(row.channel, 'sms')
    assert.equal(row.provider, 'kannel-one')
    assert.equal(row.plaque, s.number)
    await stored(site, { feedback: row.id })

    const sms = await until('the acknowledgement', () => provider.sent.find((q) => q.to.endsWith(from.slice(1)) && /回执码/.test(q.text)))
    assert.doesNotMatch(sms.text, /营业执照/)
    const receipt = sms.text.match(/回执码 ([0-9 ]{19})/)[1].replace(/ /g, '')
    const out = await until('sent', async () => (await site.sql(`select * from outbox where feedback_id = $1 and state = 'sent'`, [row.id]))[0])
    assert.equal(out.body, null, 'the words are emptied once sent')
    assert.ok(sms['dlr-url'], 'asks for a delivery report')
    assert.equal(new URL(sms['dlr-url'].replaceAll('%', '%25')).pathname, `${s.door.path}/dlr`)
    assert.equal((await request(reportUrl(sms, 8))).status, 200)
    assert.equal((await request(reportUrl(sms, 1))).status, 200)
    await until('delivered', async () => (await site.one('select state from outbox where id = $1', [out.id])) === 'delivered')
    assert.equal((await request(reportUrl(sms, 2))).status, 200)
    assert.equal(await site.one('select state from outbox where id = $1', [out.id]), 'delivered', 'a late failure does not undo it')

    const before = await site.one('select count(*)::int from feedback')
    await gateway[how](s.door, { from, text: `CX ${receipt}` })
    const first = await until('an answer to CX', () => provider.sent.find((q) => q.to.endsWith(from.slice(1)) && q !== sms))
    assert.match(first.text, /^【示例区】已收到/)
    assert.equal(await site.one('select count(*)::int from feedback'), before, 'a question is no feedback')
    await answered(s, row.case_id)
    await gateway[how](s.door, { from, text: `查询 ${receipt}` })
    await until('the answer by SMS', () => provider.sent.find((q) => q.to.endsWith(from.slice(1)) && q !== sms && q !== first))
    await confirmed(s, receipt, row.case_id)
  })

it('the same words through all doors are routed alike', async (s) => {
  const { site, gateway } = s
  const text = '小区楼下烧烤店每天油烟扰民到凌晨，希望城管来处理'
  const plaque = await site.plaqueNumber('U026')
  const form = await gateway.form(`/p/${plaque}/ask`, { text, nature: 'complain' })
  assert.equal(form.status, 201)
  assert.equal((await gateway.api({ text, plaque, nature: 'complain' })).status, 201)
  const w = await gateway.live()
  w.send({ type: 'submit', key: freshKey(), text, plaque, nature: '投诉' })
  await w.next('accepted')
  await w.close()
  assert.equal((await gateway.smsPost(s.door, { text: `${plaque}，${text}` })).status, 200)
  const rows = await site.sql(`select channel, decision, masked from feedback where words like '%' || $1 order by channel`, [text])
  assert.deepEqual(rows.map((r) => r.channel), ['live', 'plaque', 'sms', 'web'])
  for (const r of rows) {
    assert.equal(r.decision.unit.code, rows[0].decision.unit.code)
    assert.equal(r.decision.category.code, rows[0].decision.category.code)
  }
  assert.equal(rows[0].decision.unit.code, 'U026')
})

it('all doors refuse alike, with the same code, and count it; what is exactly at the limit passes', async (s) => {
  const { site, gateway } = s
  const long = '好'.repeat(5001)
  const atLimit = '😀'.repeat(5000)
  const w = await gateway.live()
  const doors = {
    form: async ({ text, plaque, contact = '' }) => {
      const number = plaque ?? s.number
      const token = hidden((await gateway.get(`/p/${s.number}/supervise`)).text, 'token')
      const a = await gateway.post(`/p/${number}/supervise`, { token, text, contact })
      return { ok: a.status === 201, status: a.status }
    },
    api: async (x) => {
      const a = await gateway.api(x)
      if (a.status !== 201) {
        assert.match(a.headers['content-type'], /^application\/problem\+json/)
        assert.match(a.json.title, /\p{Script=Han}/u)
        assert.equal(a.json.type, `urn:mashangdu:refusal:${a.json.code}`)
        const english = await gateway.api(x, { headers: { 'accept-language': 'en' } })
        assert.match(english.json.title, /^[\x20-\x7e]+$/)
      }
      return { ok: a.status === 201, status: a.status, code: a.json.code }
    },
    live: async (x) => {
      const id = freshKey('id')
      w.send({ type: 'submit', id, key: freshKey(), ...x })
      const f = await w.next((f) => f.id === id)
      return { ok: f.type === 'accepted', code: f.code }
    },
    sms: async (x) => {
      const a = await gateway.smsPost(s.door, { text: (x.plaque ?? '') + x.text })
      assert.equal(a.status, 200, 'a repeat would not mend it')
      return { ok: undefined }
    },
  }
  const table = [
    { what: { text: '' }, code: 'text_missing', status: 422, sms: true },
    { what: { text: '  \n　' }, code: 'text_missing', status: 422, sms: true },
    { what: { text: long }, code: 'text_too_long', status: 413, sms: true },
    { what: { text: '有问题', plaque: '999990' }, code: 'plaque_unknown', status: 404 },
    { what: { text: '有问题', contact: 'abc' }, code: 'contact_bad', status: 422 },
  ]
  for (const row of table) {
    for (const [name, door] of Object.entries(doors)) {
      if (name === 'sms' && !row.sms) continue
      const [count, before] = [await site.one('select count(*)::int from feedback'), await gateway.refusals(row.code)]
      const got = await door(row.what)
      const title = `${name} ${row.code} ${JSON.stringify(row.what).slice(0, 40)}`
      if (got.ok !== undefined) assert.equal(got.ok, false, title)
      if (got.status) assert.equal(got.status, row.status, title)
      if (got.code) assert.equal(got.code, row.code, title)
      assert.ok(await gateway.refusals(row.code) > before, `${title} is counted`)
      assert.equal(await site.one('select count(*)::int from feedback'), count, `${title}: nothing is stored`)
    }
  }
  for (const [name, door] of Object.entries(doors)) {
    const before = await site.one('select count(*)::int from feedback where words = $1', [atLimit])
    const got = await door({ text: atLimit })
    assert.notEqual(got.ok, false, `${name} takes 5000 characters`)
    assert.equal(await site.one('select count(*)::int from feedback where words = $1', [atLimit]), before + 1, `${name} stores 5000 characters`)
  }
  await w.close()
})

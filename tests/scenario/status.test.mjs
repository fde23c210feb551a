// What stands by the receipt and what a citizen may do with it: the slip and its code, the SMS that forgets its number, partly solved,
// objection, withdrawal, a question, pictures, a report under seal, and the way back to a lost receipt that tells nothing.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answered, file, handled, people, replied } from './callback_parts.mjs'
import { clearOfMidnight, encode, fakeProvider, fileName, hidden, receiptOn, request, scenario, until } from './harness.mjs'

const BASE = 'https://fankui.example.gov.cn'
const it = scenario(fileName(import.meta.url), { settings: { auto_assign_percent: 101, public_url: BASE, receipt_channel: 'sms-out', media_deadline: '1m', answer_deadline: '2m' } }, async (s) => {
  s.gateway = await s.site.gateway()
  await people(s)
  s.provider = await fakeProvider()
  await s.site.smsDoor(s.gateway, 'sms-out', s.provider.url)
})

const look = (s, receipt, more = {}) => s.gateway.post('/status', { receipt, ...more })
const notice = (a) => (a.text.match(/role="status"[^>]*>([^<]*)</) ?? [])[1]
const offers = (a, what) => a.text.includes(`action="/status/${what}"`)
async function step(s, receipt, what, fields) {
  const page = await look(s, receipt)
  return s.gateway.post(`/status/${what}`, { receipt, token: hidden(page.text, 'token', `/status/${what}`), ...fields })
}
/** A form with a receipt, bytes back. */
async function bytes(s, path, fields) {
  const a = await fetch(s.gateway.url + path, { method: 'POST', body: encode(fields), headers: { 'content-type': 'application/x-www-form-urlencoded', origin: s.gateway.url } })
  return { status: a.status, headers: Object.fromEntries(a.headers), body: Buffer.from(await a.arrayBuffer()) }
}
const tool = (name, words) => execFileSync(name, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
const acts = (s, id) => s.site.sql('select act, actor, reason, words, data from acts where case_id = $1 order by version', [id])
const state = (s, id) => s.site.sql('select state, ending, round, flags from cases where id = $1', [id]).then((r) => r[0])

it('the slip holds the digits, unit and day; its code leads to the empty page; a report’s slip says nothing', async (s) => {
  const sent = await s.gateway.form(`/p/${s.number}/supervise`, { text: '窗口叫号机坏了三天' })
  const receipt = receiptOn(sent.text), token = hidden(sent.text, 'token', '/slip')
  const files = {}
  for (const as of ['pdf', 'png']) {
    const a = await bytes(s, '/slip', { receipt, token, as })
    assert.equal(a.status, 200)
    assert.match(a.headers['content-disposition'], /^attachment; filename="mashangdu\.(pdf|png)"$/)
    assert.equal(a.headers['cache-control'], 'no-store')
    files[as] = join(s.site.dir, `slip.${as}`)
    writeFileSync(files[as], a.body)
  }
  const words = tool('pdftotext', ['-layout', files.pdf, '-'])
  assert.ok(words.includes('码上督 回执') && words.includes('区市场监督管理局'), words)
  assert.equal(words.replace(/[^0-9\n]/g, '').split('\n').filter((l) => l.length === 8).slice(0, 2).join(''), receipt)
  assert.match(words, /\d{4}-\d\d-\d\d 收到/)
  const code = tool('zbarimg', ['-q', '--raw', files.png]).trim()
  assert.equal(code, `${BASE}/status`)
  const empty = await s.gateway.get(new URL(code).pathname)
  assert.ok(/name="receipt"[^>]* value=""/.test(empty.text) && !empty.text.includes(receipt))
  assert.equal(tool('pdffonts', [files.pdf]).split('\n').slice(2).filter(Boolean).every((l) => / yes yes /.test(l)), true, 'fonts are embedded')

  const report = await s.gateway.form(`/p/${s.number}/report`, { text: '科长收了中介的卡' })
  const secret = await bytes(s, '/slip', { receipt: receiptOn(report.text), token: hidden(report.text, 'token', '/slip'), as: 'pdf' })
  writeFileSync(files.pdf, secret.body)
  const said = tool('pdftotext', ['-layout', files.pdf, '-'])
  assert.ok(said.includes('码上督 回执'))
  assert.doesNotMatch(said, /举报|监督管理局|收到|\d{4}-\d\d-\d\d|办公室/)
  s.report = { receipt: receiptOn(report.text) }

  // Not for the first who asks, and nothing to learn from the refusal.
  assert.equal((await bytes(s, '/slip', { receipt, token: 'x', as: 'pdf' })).status, 403)
  const wrong = '1111111111111111'
  assert.equal((await bytes(s, '/slip', { receipt: wrong, token, as: 'pdf' })).status, 404)
  assert.equal((await s.gateway.get('/slip')).headers.location, '/status')
})

it('whoever goes past the receipt is shown it once more; the tick is enough', async (s) => {
  const sent = await s.gateway.form(`/p/${s.number}/supervise`, { text: '门口没有坡道' })
  const receipt = receiptOn(sent.text)
  const hasty = await look(s, receipt, { new: '1' })
  assert.equal(receiptOn(hasty.text), receipt)
  assert.doesNotMatch((await look(s, receipt, { new: '1', noted: '1' })).text, /class="receipt"/)
  assert.doesNotMatch((await look(s, receipt)).text, /class="receipt"/)
})

it('the code goes to a number that is then nowhere', async (s) => {
  const phone = '15400270001', sent = await s.gateway.form(`/p/${s.number}/ask`, { text: '几点下班？' })
  const receipt = receiptOn(sent.text)
  const ask = (n = phone) => s.gateway.post('/slip/send', { receipt, token: hidden(sent.text, 'token', '/slip/send'), phone: n })
  assert.equal((await ask('12')).status, 422)
  const first = await ask()
  assert.equal(first.status, 200, first.text)
  assert.match(notice(first), /号码发出后立即删除/)
  const got = await until('the message is taken', () => s.provider.sent.find((q) => q.to.endsWith(phone)))
  assert.ok(got.text.includes(receipt.replace(/(\d{4})(?=\d)/g, '$1 ')))
  await until('and settled', async () => await s.site.one(`select count(*)::int from outbox where event = 'receipt_copy' and state in ('due', 'claimed')`) === 0)
  const [row] = await s.site.sql(`select recipient, recipient_hash, body, feedback_id, case_id, dedupe_key from outbox where event = 'receipt_copy'`)
  assert.deepEqual([row.recipient.length, row.recipient_hash, row.body, row.feedback_id, row.case_id], [0, null, null, null, null])
  const dump = execFileSync('pg_dump', ['-d', s.site.db.conninfo('postgres'), '--data-only'], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const hash = (await s.site.sql('select receipt_hash from feedback where words = $1', ['几点下班？']))[0].receipt_hash
  for (const what of [phone, `+86${phone}`, receipt, Buffer.from(phone).toString('hex')]) assert.equal(dump.includes(what), false, what)
  assert.ok(dump.includes(hash.toString('hex')), 'the dump is the whole')
  assert.equal(s.gateway.text().includes(phone), false)
  // Twice for one receipt, and then no more, whatever the number.
  assert.equal((await ask('15400270002')).status, 200)
  assert.equal((await ask('15400270003')).status, 429)
  assert.equal(s.provider.sent.some((q) => q.to.endsWith('15400270003')), false)
})

it('partly solved goes back, unless it is enough; neither is counted as solved', async (s) => {
  await clearOfMidnight(180000)
  const a = await file(s, '楼道灯坏了一排')
  await answered(s, a.id, '修好了三盏')
  const refused = await step(s, a.receipt, 'confirm', { solved: 'partly', enough: '1', rating: '1' })
  assert.equal(refused.status, 422, 'dissatisfied is not enough')
  assert.ok(/您对结果不满意/.test(refused.text) && ['solved" value="partly"', 'enough" value="1" aria-describedby="again"', 'rating" value="1"'].every((x) => refused.text.includes(`${x} checked`)))
  assert.match(notice(await step(s, a.receipt, 'confirm', { solved: 'partly', rating: '3', text: '还有两盏' })), /只解决了一部分/)
  assert.deepEqual(await state(s, a.id).then((v) => [v.state, v.round]), ['handling', 2])
  await replied(s, a.id, '又修好一盏')
  assert.match(notice(await step(s, a.receipt, 'confirm', { solved: 'partly', enough: '1', rating: '4' })), /同意办结/)
  assert.deepEqual(await state(s, a.id).then((v) => [v.state, v.ending]), ['closed', 'partly'])
  assert.deepEqual((await s.site.sql('select state, rating from callbacks where case_id = $1 order by round', [a.id])).map((k) => [k.state, k.rating]), [['partly', 3], ['partly', 4]])
  const day = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10)
  const figures = await s.head.get(`/figures?from=${day}&to=${day}`)
  assert.deepEqual([figures.callbacks.partly, figures.callbacks.solved, figures.callbacks.reached], [2, 0, 2])
  assert.match((await look(s, a.receipt)).text, /部分解决，您同意办结/)
})

it('an objection goes once to who did not handle it, with a clock; upheld it is done again, else the ruling is told', async (s) => {
  const a = await file(s, '停车费收据不给')
  await s.coordinator.does(a.id, 'decline', { reason: '不属受理范围', way: '请向价格主管部门反映' })
  assert.equal((await step(s, a.receipt, 'object', { text: ' ' })).status, 422)
  const page = await step(s, a.receipt, 'object', { text: '收费的是这个单位的停车场，电话15400270009' })
  assert.match(notice(page), /督查督办组复核/)
  assert.match(page.text, /最迟复核/)
  assert.ok(!offers(page, 'object') && offers(page, 'say'))
  const live = await s.gateway.live()
  live.send({ type: 'follow', receipt: a.receipt })
  assert.match((await live.next('status')).sentence, /异议正在由督查督办组复核/)
  await live.close()
  const [due] = await s.site.sql('select due_clock, due_at, next_act from cases where id = $1', [a.id])
  assert.deepEqual([due.due_clock, due.next_act], ['review', 'overdue'])
  const list = await s.supervisor.get('/cases?objected=1')
  assert.deepEqual(list.cases.map((c) => [Number(c.id), c.objected]), [[a.id, true]])
  assert.deepEqual((await s.coordinator.case(a.id)).allowed.filter((x) => /object|reopen/.test(x.act)), [])
  assert.deepEqual((await s.supervisor.case(a.id)).allowed.map((x) => x.act).filter((x) => /object|reopen/.test(x)).sort(), ['object_reject', 'reopen'])
  assert.ok((await acts(s, a.id)).some((x) => x.act === 'object' && !/15400270009/.test(x.reason)), 'numbers are masked as everywhere')
  await s.supervisor.does(a.id, 'reopen', { reason: '停车场由该单位管理，应当受理' })
  assert.deepEqual(await state(s, a.id).then((v) => [v.state, v.flags]), ['discovered', ['objection_ruled']])
  await s.coordinator.does(a.id, 'decline', { reason: '经核实仍不属受理范围', way: '请向价格主管部门反映' })
  assert.equal(offers(await look(s, a.receipt), 'object'), false, 'one objection a case')

  const b = await file(s, '路灯办答复不对')
  await answered(s, b.id, '已经修好')
  await step(s, b.receipt, 'confirm', { solved: 'yes' })
  await step(s, b.receipt, 'object', { text: '依据的文件早就废止了' })
  assert.equal(offers(await look(s, b.receipt), 'reopen'), false, 'one thing at a time')
  await s.supervisor.does(b.id, 'object_reject', { words: '文件仍然有效，维持。' })
  const told = await look(s, b.receipt)
  assert.ok(told.text.includes('文件仍然有效，维持。') && offers(told, 'reopen'))
  assert.deepEqual(await state(s, b.id).then((v) => [v.state, v.ending, v.flags.includes('objected')]), ['closed', 'solved', false])
})

it('the only finder may withdraw and come back; with others it is not offered, and of a report it ends nothing', async (s) => {
  const a = await file(s, '垃圾桶满了没人收'), b = await file(s, '垃圾桶又满了')
  await handled(s, a.id)
  const done = await step(s, a.receipt, 'withdraw', { text: '已经有人收了' })
  assert.match(notice(done), /已记录您的撤回/)
  assert.deepEqual(await state(s, a.id).then((v) => [v.state, v.ending]), ['closed', 'withdrawn'])
  assert.match(done.text, /30 天内可以在下面申请恢复/)
  await step(s, a.receipt, 'reopen', { text: '又满了' })
  assert.deepEqual(await state(s, a.id).then((v) => [v.state, v.ending, v.flags]), ['discovered', 'none', []])
  await s.coordinator.does(b.id, 'merge', { target: a.id, reason: '同一处' })
  for (const one of [a, b]) assert.equal(offers(await look(s, one.receipt), 'withdraw'), false)
  // What is said on a merged case reaches the main one, and stays between the speaker and who handles it.
  await step(s, b.receipt, 'say', { text: '乙补充：晚上八点以后最满' })
  assert.ok((await acts(s, a.id)).some((x) => x.act === 'say' && x.words === '乙补充：晚上八点以后最满' && Number(x.data.feedback) === b.feedback))
  assert.match((await look(s, b.receipt)).text, /晚上八点以后最满/)
  assert.doesNotMatch((await look(s, a.receipt)).text, /晚上八点以后最满/)
})

it('a question stands on top until it is answered, and the deadline says why', async (s) => {
  const a = await file(s, '公交站牌倒了')
  await handled(s, a.id)
  const before = await look(s, a.receipt)
  assert.match(before.text, /<li class="now" aria-current="step">督办<\/li>/)
  assert.match(before.text, /<summary>为什么是这一天<\/summary>\s*<ul[^>]*><li>计时自/)
  await s.handler.does(a.id, 'ask', { words: '请问是哪一侧的站牌？' })
  const asked = await look(s, a.receipt)
  const top = asked.text.indexOf('请问是哪一侧的站牌？')
  assert.ok(top > 0 && top < asked.text.indexOf('class="stage"'))
  await step(s, a.receipt, 'say', { text: '北侧' })
  assert.doesNotMatch((await look(s, a.receipt)).text, /id="asked"/)
})

it('pictures come with words, and are shown to the holder of the receipt by addresses that hold no receipt', async (s) => {
  const a = await file(s, '井盖破了'), page = await look(s, a.receipt)
  const mark = readFileSync(join(import.meta.dirname, '../../gateway/pages/logo.svg')) // not a picture we take
  const send = async (name, type, body, text = '见图') => {
    const form = new FormData()
    for (const [k, v] of Object.entries({ receipt: a.receipt, token: hidden(page.text, 'token', '/status/say'), text })) form.set(k, v)
    form.append('files', new Blob([body], { type }), name)
    const r = await fetch(`${s.gateway.url}/status/say`, { method: 'POST', body: form, headers: { origin: s.gateway.url } })
    return { status: r.status, text: await r.text() }
  }
  const refused = await send('x.jpg', 'image/jpeg', mark)
  assert.equal(refused.status, 415, refused.text.slice(0, 3000))
  assert.ok(refused.text.includes('见图'), 'the words are kept')
  const png = join(s.site.dir, 'slip.png')
  const taken = await send('私人名字.png', 'image/png', readFileSync(png))
  assert.equal(taken.status, 200, taken.text.slice(0, 2000))
  const src = (taken.text.match(/<img class="thumb" src="(\/status\/file\/[^"]+)"/) ?? [])[1]
  assert.ok(src && !src.includes(a.receipt), taken.text)
  const shown = await request(s.gateway.url + src)
  assert.deepEqual([shown.status, /^image\//.test(shown.headers['content-type']), shown.headers['cache-control']], [200, true, 'private, no-store'])
  const changed = src.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')), other = src.replace(/file\/\d+/, (m) => `file/${BigInt(m.slice(5)) + 1n}`)
  for (const path of [changed, other, '/status/file/1', '/status/file/1/x']) assert.equal((await s.gateway.get(path)).status, 404, path)
  assert.deepEqual(await s.site.sql('select feedback_id, act_id is not null as bound from file_uses where case_id = $1', [a.id]), [{ feedback_id: String(a.feedback), bound: true }])
})

it('a report is talked about under seal: the page shows it, no act holds a word', async (s) => {
  const { receipt } = s.report
  const id = await s.site.one(`select f.case_id from feedback f join sealed_reports r on r.feedback_id = f.id`)
  const first = await look(s, receipt)
  assert.match(first.text, /科长收了中介的卡/)
  const said = await step(s, receipt, 'say', { text: '他的车牌尾号是七七七' })
  assert.match(notice(said), /已收到/)
  assert.match(said.text, /他的车牌尾号是七七七/)
  await step(s, receipt, 'withdraw', { text: '我害怕了' })
  assert.deepEqual(await state(s, id).then((v) => v.state), 'discovered')
  const all = JSON.stringify(await acts(s, id)) + JSON.stringify(await s.site.sql('select data from events where case_id = $1', [id]))
  assert.doesNotMatch(all, /七七七|害怕|中介/)
  assert.match(all, /内容已密封/)
})

it('other words by the same page of a report are another message; the same ones are not', async (s) => {
  const { receipt } = s.report, page = await look(s, receipt), token = hidden(page.text, 'token', '/status/say')
  const said = () => s.site.one(`select count(*)::int from sealed_messages where dedupe like 'say:%'`), before = await said()
  for (const [text, n] of [['那天还有一位同事在场', 1], ['另外还有一张收据', 2], ['另外还有一张收据', 2]]) {
    const a = await s.gateway.post('/status/say', { receipt, token, text })
    assert.equal(a.status, 200, a.text)
    assert.ok(a.text.includes(text))
    assert.equal(await said(), before + n)
  }
})

it('a lost receipt: the answer is the same bytes for every number, and only the number that was left hears', async (s) => {
  const left = '15400280001', stranger = '15400280002', reporter = '15400280003'
  const a = await file(s, '留过电话的一件', { contact: left })
  await s.gateway.form(`/p/${s.number}/report`, { text: '局长的小舅子', contact: reporter })
  const page = await s.gateway.get('/status/lost')
  const ask = (phone) => s.gateway.post('/status/lost', { token: hidden(page.text, 'token'), phone })
  const answers = []
  for (const phone of [left, stranger, reporter]) answers.push(await ask(phone))
  assert.deepEqual([...new Set(answers.map((x) => x.status))], [200])
  assert.equal(new Set(answers.map((x) => x.text)).size, 1)
  assert.deepEqual(new Set(answers.map((x) => Object.keys(x.headers).join())).size, 1)
  assert.match(answers[0].text, /如果登记过这个号码，我们会发短信到该号码/)
  const got = await until('the number that was left hears', () => s.provider.sent.find((q) => q.to.endsWith(left)))
  assert.ok(got.text.includes(a.receipt.replace(/(\d{4})(?=\d)/g, '$1 ')))
  // Twice a day; then the page says the same and nothing is sent.
  await ask(left)
  await until('a second time', () => s.provider.sent.filter((q) => q.to.endsWith(left)).length === 2)
  assert.equal((await ask(left)).text, answers[0].text)
  await ask(stranger)
  const sentinel = await file(s, '另一件', { contact: '15400280004' })
  const crowd = await file(s, '第三件', { contact: '15400280005' })
  assert.equal((await Promise.all(Array.from({ length: 10 }, () => ask('15400280005')))).every((x) => x.text === answers[0].text), true)
  await until('the crowd is answered', () => s.provider.sent.some((q) => q.to.endsWith('15400280005') && q.text.includes(crowd.receipt.slice(0, 4))))
  await ask('15400280004')
  await until('later questions are answered', () => s.provider.sent.some((q) => q.to.endsWith('15400280004') && q.text.includes(sentinel.receipt.slice(0, 4))))
  assert.equal(s.provider.sent.filter((q) => q.to.endsWith(left)).length, 2)
  assert.ok(s.provider.sent.filter((q) => q.to.endsWith('15400280005')).length <= 2, 'many who ask at once are one')
  assert.equal(s.provider.sent.some((q) => q.to.endsWith(stranger) || q.to.endsWith(reporter)), false)
  assert.equal(await s.site.one(`select count(*)::int from feedback_contacts c join feedback f on f.id = c.feedback_id join cases k on k.id = f.case_id where k.confidential`), 0)
  assert.equal((await s.gateway.post('/status/lost', { token: 'x', phone: left })).status, 403)
  assert.match((await s.gateway.get('/status')).text, /href="\/status\/lost"/)
})

// Ratings (M02, M04, M05): one counted rating for a service token or 办件编号, through any door and two gateways; the first is shown to
// whoever comes again; consent decides about a case; bribery under 评价 is held; a tablet asks, takes one tap and keeps it while
// the network is away; a run of instant five stars is kept and not counted; every rating shows its four steps.
import assert from 'node:assert/strict'
import { fileName, freshKey, hidden, scenario, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  s.other = await s.site.plaqueNumber('U005')
  s.clerk = await s.site.person(s.one, 'clerk-a', { unit: 'U003', roles: ['handler'] })
  s.stranger = await s.site.person(s.one, 'clerk-b', { unit: 'U005', roles: ['handler'] })
  s.office = await s.site.person(s.one, 'office-a', { roles: ['coordinator'] })
  s.doc = (await s.one.get('/staff/api/v1/openapi.json')).json
})

const h1 = (page) => page.text.match(/<h1[^>]*>([^<]*)</)[1]
const described = (s, path, method, value) => assert.equal(
  fault(s.doc, s.doc.paths[path][method].responses['200'].content['application/json'].schema, value), null)
async function finish(s, more = {}, key = freshKey('finish')) {
  const a = await s.clerk.call('POST', '/services/finish', { plaque: s.number, ...more }, { 'idempotency-key': key })
  assert.equal(a.status, 200, a.text)
  described(s, '/services/finish', 'post', a.json)
  return { ...a.json, path: new URL(a.json.link).pathname + new URL(a.json.link).search, token: new URL(a.json.link).searchParams.get('s') }
}
const count = (s) => s.site.one('select count(*)::int from ratings')
const feedbacks = (s) => s.site.one('select count(*)::int from feedback')

it('a link is rated once; whoever comes again sees the first rating, and nothing more is stored', async (s) => {
  const svc = await finish(s)
  assert.match(svc.token, /^s-[0-9a-z]{16}$/)
  assert.deepEqual([svc.fresh, svc.rated], [true, false])
  const page = await s.one.get(svc.path)
  assert.equal(page.status, 200)
  assert.equal(hidden(page.text, 's'), svc.token)
  assert.doesNotMatch(page.text, / checked/, 'nothing is ticked beforehand')
  const late = await s.two.get(svc.path) // opened before anybody rated
  const first = await s.one.post(svc.path.split('?')[0], { token: hidden(page.text, 'token'), s: svc.token, rating: '4' })
  assert.equal(first.status, 201, first.text)
  const [n, f] = [await count(s), await feedbacks(s)]

  const again = await s.two.get(svc.path)
  assert.equal(h1(again), '这件事已经评价过了')
  assert.ok(again.text.includes('<dd>满意</dd>'), again.text)
  const second = await s.two.post(svc.path.split('?')[0], { token: hidden(late.text, 'token'), s: svc.token, rating: '1', text: '其实很不好' })
  assert.equal(second.status, 409)
  assert.ok(second.text.includes('<dd>满意</dd>'))
  const api = await s.one.api({ nature: 'rate', rating: 5, plaque: s.number, service: svc.token })
  assert.deepEqual([api.status, api.json.code], [409, 'rated_before'])
  assert.deepEqual([await count(s), await feedbacks(s)], [n, f])
  // The same form sent twice is the same rating, with the same receipt.
  const repeat = await s.one.post(svc.path.split('?')[0], { token: hidden(page.text, 'token'), s: svc.token, rating: '4' })
  assert.equal(repeat.status, 201)
  assert.equal(await count(s), n)

  const wrong = await s.one.get(`/p/${s.number}/rate?s=s-0000000000000000`)
  assert.equal(wrong.status, 200)
  assert.ok(wrong.text.includes('评价链接已过期或不正确'))
  assert.equal((await s.one.api({ nature: 'rate', rating: 5, plaque: s.number, service: 's-0000000000000000' })).json.code, 'service_over')
  assert.equal((await s.one.api({ nature: 'rate', rating: 5, plaque: s.number, service: '编号' })).json.code, 'service_bad')
})

it('a link dies after a week, unrated', async (s) => {
  const svc = await finish(s)
  await s.site.sql(`update services set finished_at = finished_at - interval '8 days', expires_at = expires_at - interval '8 days' where token_hash = (select token_hash from services order by finished_at desc limit 1)`)
  assert.ok((await s.one.get(svc.path)).text.includes('评价链接已过期或不正确'))
  assert.equal((await s.one.api({ nature: 'rate', rating: 5, plaque: s.number, service: svc.token })).json.code, 'service_over')
})

it('a 办件编号 is rated once, as people write it, through two gateways at once', async (s) => {
  for (let round = 0; round < 3; round++) {
    const matter = `BL-2026-0318 ${1000 + round}`
    const before = await feedbacks(s)
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? s.one : s.two).api({
      nature: 'rate', rating: 1 + (i % 5), plaque: s.number, service: i % 3 ? matter : matter.replace(/[- ]/g, '').toLowerCase() })))
    assert.equal(answers.filter((a) => a.status === 201).length, 1, answers.map((a) => a.status).join())
    for (const a of answers.filter((x) => x.status !== 201)) assert.equal(a.json.code, 'rated_before')
    assert.equal(await feedbacks(s), before + 1)
  }
  // The clerk's number and the citizen's number are the same matter, and the link belongs to it as well.
  const svc = await finish(s, { matter: 'BL202603180000-7' })
  const form = await s.one.form(`/p/${s.number}/rate`, { rating: '5', matter: 'bl2026 0318 0000 7', text: '办得快' })
  assert.equal(form.status, 201, form.text)
  assert.equal(h1(await s.one.get(svc.path)), '这件事已经评价过了')
  const known = await finish(s, { matter: 'BL2026031800007' })
  assert.deepEqual([known.fresh, known.rated, known.link], [false, true, svc.link])
  const row = (await s.site.sql('select r.kind, r.counted from ratings r join services x on x.id = r.service_id where x.matter_hash is not null'))[0]
  assert.deepEqual(row, { kind: 'once', counted: true })
})

it('a low rating becomes a case by consent alone; reasons are kept with it', async (s) => {
  const path = `/p/${s.number}/rate`
  const page = await s.one.get(path)
  for (const reason of ['服务效率', '服务水平', '服务态度']) assert.ok(page.text.includes(`<span>${reason}</span>`), reason)
  const of = async (text) => (await s.site.sql('select f.case_id, r.* from feedback f join ratings r on r.feedback_id = f.id where f.words = $1', [text]))[0]
  const quiet = '办事员一直看手机，问了不答'
  const send = (fields) => s.one.form(path, fields)
  assert.equal(h1(await send([['rating', '1'], ['text', quiet], ['reason', 'attitude'], ['reason', 'efficiency']].reduce((o, [k, v]) => ({ ...o, [k]: v }), {}))), '感谢您的评价')
  const one = await of(quiet)
  assert.deepEqual([one.case_id, one.level, one.consent, one.counted, one.kind, one.reasons], [null, 1, false, true, 'open', ['efficiency']])
  const both = new URLSearchParams({ token: hidden(page.text, 'token'), rating: '2', text: '等了两个小时', followup: 'yes' })
  both.append('reason', 'attitude')
  both.append('reason', 'efficiency')
  const yes = await s.one.post(path, both.toString())
  assert.equal(yes.status, 201, yes.text)
  const two = await of('等了两个小时')
  assert.ok(two.case_id)
  assert.deepEqual([two.consent, two.reasons], [true, ['attitude', 'efficiency']])
  const bare = await s.one.api({ nature: 'rate', rating: 2, plaque: s.number, consent: true, reasons: 'skill' })
  assert.ok(bare.json.case, 'consent needs no words')
  assert.equal((await s.one.api({ nature: 'rate', rating: 2, plaque: s.number, reasons: 'invented' })).json.code, 'unknown_field')
})

it('bribery alleged under 评价 is held: neither the words nor the rating reach the unit', async (s) => {
  const words = '窗口的人收了我两千块红包才给办，索贿受贿'
  const a = await s.one.api({ nature: 'rate', rating: 1, plaque: s.number, text: words })
  assert.equal(a.status, 201)
  assert.ok(a.json.case, 'it waits for a person although nobody consented')
  const row = (await s.site.sql('select held, confidential from cases where id = $1', [a.json.case]))[0]
  assert.ok(row.held || row.confidential)
  const own = await s.clerk.get('/ratings')
  assert.ok(!JSON.stringify(own).includes('红包'))
  assert.ok(!own.ratings.some((r) => r.id === a.json.feedback), 'not even that there is one')
  const office = await s.office.get('/ratings')
  assert.ok(!JSON.stringify(office).includes('红包'), 'its words are read on the page of the case alone')
})

it('a unit sees its own ratings with their steps, filters and figures with the denominator', async (s) => {
  await finish(s)
  const list = await s.clerk.get('/ratings')
  described(s, '/ratings', 'get', list)
  assert.ok(list.ratings.length > 0)
  assert.ok(list.ratings.every((r) => r.plaque === s.number))
  for (const r of list.ratings) assert.deepEqual(r.steps.map((x) => x.step), ['generated', 'collected', 'analysed', 'returned'])
  const said = list.ratings.find((r) => r.words === '办事员一直看手机，问了不答')
  assert.deepEqual([said.case, said.label, said.reasons, said.steps[3].how, said.steps[0].how], [null, '非常不满意', ['服务效率'], 'unit', 'form'])
  const opened = list.ratings.find((r) => r.words === '等了两个小时')
  assert.equal(opened.steps[3].how, 'case')
  assert.ok((await s.clerk.get('/ratings?low=1')).ratings.every((r) => r.level <= 2))
  assert.ok((await s.clerk.get('/ratings?kind=once')).ratings.every((r) => r.steps[0].how === 'link'))
  assert.equal((await s.stranger.get('/ratings')).ratings.length, 0)
  assert.equal((await s.clerk.call('GET', '/ratings?level=7')).status, 422)

  const f = await s.clerk.get('/ratings/figures')
  described(s, '/ratings/figures', 'get', f)
  const w = f.windows.find((x) => x.plaque === s.number)
  const [finished, rated] = Object.values((await s.site.sql(`select count(*)::int as finished, count(r.feedback_id)::int as rated from services x
    left join ratings r on r.service_id = x.id and r.counted where x.plaque = $1`, [s.number]))[0])
  assert.deepEqual([w.finished, w.rated], [finished, rated])
  assert.ok(Math.abs(w.rate - rated / finished) < 0.001)
  assert.equal(w.low, w.levels[0] + w.levels[1])
  const windows = await s.clerk.get('/windows')
  described(s, '/windows', 'get', windows)
  assert.deepEqual(windows.windows.map((x) => x.plaque), [s.number])
  assert.equal((await s.stranger.call('POST', '/services/finish', { plaque: s.number }, { 'idempotency-key': freshKey() })).status, 403)
  assert.equal((await s.office.call('POST', '/services/finish', { plaque: s.number }, { 'idempotency-key': freshKey() })).status, 403)
})

// --- tablets ---

async function pairing(s) {
  const a = await s.clerk.call('POST', '/kiosks', { plaque: s.number })
  assert.equal(a.status, 200, a.text)
  described(s, '/kiosks', 'post', a.json)
  return a.json.code
}
async function tablet(gateway, pair) {
  const t = await gateway.live()
  t.send({ type: 'kiosk', ...pair })
  t.ready = await t.next('ready')
  return t
}
const tap = (token, rating, more = {}) => ({ type: 'submit', id: token, key: token, service: token, nature: 'rate', rating, text: '', reasons: '', consent: false, ...more })

it('a tablet is paired once, asks when a matter is finished at any gateway, takes a tap and goes back to rest', async (s) => {
  const code = await pairing(s)
  const door = await s.two.live()
  door.send({ type: 'pair', plaque: s.number, code: code === '00000000' ? '00000001' : '00000000' })
  assert.equal((await door.next('refused')).code, 'kiosk_code_wrong')
  door.send({ type: 'pair', plaque: s.number, code })
  const { kiosk, secret } = await door.next('paired')
  door.send({ type: 'pair', plaque: s.number, code })
  assert.equal((await door.next('refused')).code, 'kiosk_code_wrong', 'a code is good once')
  await door.close()
  assert.equal(await s.site.one('select count(*)::int from kiosks where encode(secret_hash, \'hex\') = $1', [secret]), 0)
  s.pair = { kiosk, secret }

  const screen = await tablet(s.two, s.pair) // the clerk works at the other gateway
  assert.deepEqual(screen.ready.reasons.map((r) => r.name), ['服务效率', '服务水平', '服务态度'])
  const svc = await finish(s)
  assert.equal(svc.tablets, 1)
  const prompt = await screen.next((f) => f.type === 'prompt' && f.service === svc.token)
  assert.ok(prompt.seconds > 60 && prompt.seconds <= 120, String(prompt.seconds))
  const n = await count(s)
  screen.send(tap(prompt.service, 5))
  const ok = await screen.next('accepted')
  assert.equal(ok.case, null)
  await screen.next((f) => f.type === 'rest' || (f.type === 'prompt' && f.service !== svc.token)) // or what else waits
  screen.send(tap(prompt.service, 5)) // the answer was lost: sent once more
  assert.equal((await screen.next('accepted')).repeated, true)
  assert.equal(await count(s), n + 1)
  const row = (await s.site.sql('select r.kind, r.channel, r.plaque, x.prompted_at is not null as prompted from ratings r join services x on x.id = r.service_id order by r.feedback_id desc limit 1'))[0]
  assert.deepEqual(row, { kind: 'once', channel: 'live', plaque: s.number, prompted: true })
  assert.equal((await s.clerk.get('/ratings?kind=once')).ratings[0].steps[0].how, 'tablet')
  await screen.close()
})

it('a prompt that nobody taps leaves nothing; a tap made without network is stored once when it is back', async (s) => {
  const screen = await tablet(s.one, s.pair)
  const silent = await finish(s)
  await screen.next((f) => f.type === 'prompt' && f.service === silent.token)
  const n = await count(s)
  await s.site.sql(`update services set prompt_until = now() where prompt_until > now()`)
  assert.equal(await count(s), n, 'silence is never a rating')

  const svc = await finish(s)
  const prompt = await screen.next((f) => f.type === 'prompt' && f.service === svc.token)
  await screen.close() // the tap happens now, and is kept on the tablet
  await s.site.sql(`update services set prompt_until = now() where prompt_until > now()`)
  const back = await Promise.all([tablet(s.one, s.pair), tablet(s.two, s.pair)])
  for (const t of back) t.send(tap(prompt.service, 2, { reasons: 'attitude' }))
  const got = await Promise.all(back.map((t) => t.next('accepted')))
  assert.deepEqual(got.map((f) => f.repeated).sort(), [false, true])
  assert.equal(got[0].receipt, got[1].receipt)
  assert.equal(await count(s), n + 1)
  // Rated elsewhere meanwhile: the tap is told so and is done with.
  const elsewhere = await finish(s)
  assert.equal((await s.one.form(elsewhere.path, { s: elsewhere.token, rating: '3' }).catch((e) => e)).status ?? 0, 201)
  back[0].send(tap(elsewhere.token, 5))
  assert.equal((await back[0].next((f) => f.type === 'refused' && f.id === elsewhere.token)).code, 'rated_before')
  for (const t of back) await t.close()
})

it('a tablet that was let go is told at once and never asked again', async (s) => {
  const screen = await tablet(s.two, s.pair)
  assert.equal((await s.stranger.call('POST', `/kiosks/${s.pair.kiosk}/revoke`, {})).status, 404)
  const a = await s.clerk.call('POST', `/kiosks/${s.pair.kiosk}/revoke`, {})
  assert.equal(a.status, 200, a.text)
  described(s, '/kiosks/{id}/revoke', 'post', a.json)
  assert.equal((await screen.next('refused')).code, 'kiosk_revoked')
  screen.send({ type: 'kiosk', ...s.pair })
  assert.equal((await screen.next('refused')).code, 'kiosk_revoked')
  await screen.close()
  // Five wrong tries and the code is over.
  const code = await pairing(s)
  const door = await s.one.live()
  for (let i = 0; i < 5; i++) {
    door.send({ type: 'pair', plaque: s.number, code: String(Number(code) ^ 1).padStart(8, '0') })
    await door.next('refused')
  }
  door.send({ type: 'pair', plaque: s.number, code })
  assert.equal((await door.next('refused')).code, 'kiosk_code_wrong')
  await door.close()
})

it('a run of instant five stars at one window is kept, shown and not counted', async (s) => {
  const rate = (rating, text = '') => s.one.api({ nature: 'rate', rating, plaque: s.other, text })
  for (let i = 0; i < 4; i++) await rate(5)
  const w = async () => (await s.stranger.get('/ratings/figures')).windows.find((x) => x.plaque === s.other)
  assert.deepEqual([(await w()).counted, (await w()).marked], [4, 0])
  await rate(5, '窗口的小李很耐心') // words end a run
  for (let i = 0; i < 4; i++) await rate(5)
  assert.equal((await w()).marked, 0)
  await rate(5)
  assert.deepEqual([(await w()).counted, (await w()).marked], [5, 5])
  const marked = await s.stranger.get('/ratings?marked=1')
  assert.equal(marked.ratings.length, 5)
  assert.ok(marked.ratings.every((r) => !r.counted && r.marks[0].mark === 'run' && r.marks[0].why))
  assert.ok(marked.ratings.every((r) => r.steps[2].how === 'marked'))
  await rate(4)
  assert.equal((await w()).counted, 6)
})

it('the page of the tablet and its files need nothing from elsewhere', async (s) => {
  const page = await s.one.get('/kiosk')
  assert.equal(page.status, 200)
  assert.doesNotMatch(page.text, /https?:\/\//)
  assert.doesNotMatch(page.text, /<script(?![^>]* src=)/)
  for (const file of ['/assets/kiosk.js', '/assets/kiosk.css']) {
    assert.ok(page.text.includes(file))
    const got = await s.one.get(file)
    assert.equal(got.status, 200)
    assert.doesNotMatch(got.text, /=>|\blet\b|\bconst\b|https?:\/\//, 'old browsers read it')
  }
})

// The citizen's pages: what each address shows, that every typed word is kept and escaped, that pressing twice files
// once, that a wrong receipt tells nothing, and what each stage lets a citizen do.
import assert from 'node:assert/strict'
import { HOUR, fileName, hidden, receiptOn, request, scenario, until, withClock } from './harness.mjs'

const NASTY = `"><script>alert(1)</script>'&`
const ESCAPED = '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;'
const FIRST_ANSWER = 14 * 1024

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ sms_number: '10690000', office_phone: '0700-2100000', auto_assign_percent: 101 })
  s.path = await site.plaquePath('U003')
  s.number = await site.plaqueNumber('U003')
  s.u003 = await site.unitId('U003')
  s.coordinator = await site.person(s.gateway, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.supervisor = await site.person(s.gateway, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  s.handler = await site.person(s.gateway, 'u003', { unit: 'U003', roles: ['handler'] })
  s.leader = await site.person(s.gateway, 'u003-leader', { unit: 'U003', roles: ['unit_leader'] })
})

const h1 = (a) => (a.text.match(/<h1[^>]*>([^<]*)</) ?? [])[1]
const alert = (a) => (a.text.match(/role="alert"[^>]*>([^<]*)</) ?? [])[1]
const notice = (a) => (a.text.match(/role="status"[^>]*>([^<]*)</) ?? [])[1]
const feedbacks = (s) => s.site.one('select count(*)::int from feedback')

/** Files words and gives {receipt, case}. */
async function file(s, text, what = 'supervise', more = {}) {
  const a = await s.gateway.form(`/p/${s.number}/${what}`, { text, ...more })
  assert.equal(a.status, 201, a.text.slice(0, 2000))
  return { receipt: receiptOn(a.text), id: await s.site.one('select case_id from feedback where words = $1', [text]) }
}
const look = (s, receipt, options) => s.gateway.post('/status', { receipt }, options)
async function step(s, receipt, what, fields) {
  const page = await look(s, receipt)
  return s.gateway.post(`/status/${what}`, { receipt, token: hidden(page.text, 'token', `/status/${what}`), ...fields })
}
async function answered(s, id, words) {
  await s.coordinator.does(id, 'assign', { unit: s.u003 })
  await s.handler.does(id, 'sign')
  await s.handler.does(id, 'reply', { words, evidence: 1 })
  await s.leader.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
}

it('every page is whole in one answer, ours alone, and small', async (s) => {
  const pages = ['/', s.path, `/p/${s.number}`, '/write', '/write/report', '/status', ...['rate', 'supervise', 'report', 'ask'].map((w) => `/p/${s.number}/${w}`)]
  for (const path of pages) {
    const a = await s.gateway.get(path)
    assert.equal(a.status, 200, path)
    const files = [...new Set([...a.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((m) => m[1]))]
    for (const f of files) {
      const b = await s.gateway.get(f)
      assert.equal(b.status, 200)
      assert.match(b.headers['cache-control'], /immutable/)
    }
    // What every page says by itself; the one file of script may fail to come, and nothing of ours stands in the page as script.
    if (path === '/' || path.startsWith(s.path)) assert.ok(Buffer.byteLength(a.text) <= FIRST_ANSWER, `${path}: ${Buffer.byteLength(a.text)} bytes`)
    assert.doesNotMatch(a.text.replace(/<script defer id="js" src="\/assets\/citizen-[0-9a-f]{16}\.js"[^>]*><\/script>/, ''), /<script| style=| on[a-z]+=|https?:\/\/|rel="stylesheet"/, path)
    assert.match(a.text, /^<!doctype html>\n<html lang="zh-CN">/, path)
    assert.equal(a.headers['cache-control'], 'no-store')
    assert.match(a.headers['content-security-policy'], /default-src 'none'/)
    const head = await s.gateway.get(path, { method: 'HEAD' })
    assert.deepEqual([head.status, head.text], [200, ''], path)
    const english = await s.gateway.get(path, { headers: { 'accept-language': 'en' } })
    assert.match(english.text, /<html lang="en">/, path)
    assert.doesNotMatch(english.text.replace(/<[^>]*lang="zh-(?:CN|Hant)"[^>]*>[\s\S]*?<\/(p|dd|h1|span|a)>/g, '').replace(/优化营商环境办公室|区市场监督管理局|码上督/g, ''), /\p{Script=Han}/u, path)
  }
  assert.equal((await s.gateway.get('/favicon.ico')).status, 200)
  assert.equal((await s.gateway.get('/status', { method: 'PUT' })).status, 405)
})

it('a plaque shows its unit; typed by hand it asks to check the wall; the box finds it', async (s) => {
  const signed = await s.gateway.get(s.path)
  assert.equal(h1(signed), '区市场监督管理局')
  for (const what of ['rate', 'supervise', 'report', 'ask']) assert.ok(signed.text.includes(`href="/p/${s.number}/${what}"`))
  assert.match(signed.text, new RegExp(`发短信到 10690000，内容写“${s.number} `))
  assert.doesNotMatch(signed.text, /请核对墙上的牌子/)
  const typed = await s.gateway.get(`/p/${s.number.slice(0, 3)}-${s.number.slice(3)}`)
  assert.match(typed.text, /请核对墙上的牌子/)
  const wide = [...s.number].map((d) => String.fromCodePoint(d.codePointAt(0) + 0xfee0)).join('')
  const found = await s.gateway.get(`/p?number=${encodeURIComponent(wide)}`)
  assert.deepEqual([found.status, found.headers.location], [303, `/p/${s.number}`])
  const nasty = await s.gateway.get(`/p?number=${encodeURIComponent(NASTY)}`)
  assert.equal(nasty.status, 404)
  assert.ok(nasty.text.includes(ESCAPED) && !nasty.text.includes('<script>'))
})

it('the language is a cookie, and the way back is a path of ours', async (s) => {
  const to = await s.gateway.get(`/lang?to=en&back=/p/${s.number}`)
  assert.deepEqual([to.status, to.headers.location], [303, `/p/${s.number}`])
  assert.match(to.headers['set-cookie'][0], /^msd_lang=en; Path=\/; .*HttpOnly; SameSite=Lax/)
  assert.match((await s.gateway.get('/', { headers: { cookie: 'msd_lang=en' } })).text, /<html lang="en">/)
  for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example', '/a%3Bx', '/p/1?to=x', 'evil', ''])
    assert.equal((await s.gateway.get(`/lang?to=zh&back=${back}`)).headers.location, '/', back)
})

it('forged, unknown, retired, void: each is explained, counted and lets the person write', async (s) => {
  const { site, gateway } = s
  const [a, b] = (await site.sql('select number from plaques where number <> $1 order by number desc limit 2', [s.number])).map((r) => r.number)
  await site.sql(`update plaques set state = 'retired', successor = $2 where number = $1`, [a, s.number], 'mashangdu_owner')
  await site.sql(`update plaques set state = 'void' where number = $1`, [b], 'mashangdu_owner')
  await until('the register is read again', async () => (await gateway.get(`/p/${b}`)).status === 410)
  const forged = s.path.slice(0, -1) + (s.path.endsWith('a') ? 'b' : 'a')
  const rows = [
    { path: forged, status: 404, code: 'plaque_forged', title: '这个二维码与登记不符', keeps: s.number },
    { path: '/p/999990', status: 404, code: 'plaque_unknown', title: '没有这块监督牌' },
    { path: '/p/12', status: 404, code: 'plaque_unknown', title: '没有这块监督牌' },
    { path: '/p/%3Cscript%3E', status: 404, code: 'plaque_unknown', title: '没有这块监督牌' },
    { path: `/p/${a}`, status: 410, code: 'plaque_retired', title: '这块监督牌已停用', keeps: a, link: `href="/p/${s.number}"` },
    { path: `/p/${b}`, status: 410, code: 'plaque_retired', title: '这块监督牌已作废', keeps: b },
  ]
  for (const row of rows) {
    const before = await gateway.refusals(row.code)
    const page = await gateway.get(row.path)
    assert.deepEqual([page.status, h1(page)], [row.status, row.title], row.path)
    assert.equal(await gateway.refusals(row.code), before + 1, row.path)
    if (row.keeps) assert.ok(page.text.includes(`监督牌编号：${row.keeps}。`), row.path)
    if (row.link) assert.ok(page.text.includes(row.link))
    const sent = await gateway.post('/write', { token: hidden(page.text, 'token', '/write'), text: `牌子坏了 ${row.path}` })
    assert.equal(sent.status, 201, row.path)
  }
  // Words sent to such a plaque are kept, and what was meant as a report stays one.
  const kept = await gateway.post(`/p/${a}/report`, { token: 'x', text: `他收了钱${NASTY}` })
  assert.equal(kept.status, 410)
  assert.ok(kept.text.includes(`他收了钱${ESCAPED}`) && kept.text.includes('action="/write/report"'))
})

it('a refused form comes back with its words, escaped, and the right status', async (s) => {
  const { gateway } = s
  const path = `/p/${s.number}/supervise`
  const token = hidden((await gateway.get(path)).text, 'token')
  const good = { token, text: `\n${NASTY}`, contact: '15400138000' }
  const rows = [
    ['bad telephone', { ...good, contact: NASTY }, {}, 422, 'contact_bad'],
    ['no words', { ...good, text: ' \r\n　' }, {}, 422, 'text_missing'],
    ['no token', { ...good, token: '' }, {}, 403, 'form_expired'],
    ['token of another form', { ...good, token: hidden((await gateway.get(`/p/${s.number}/report`)).text, 'token') }, {}, 403, 'form_expired'],
    ['another site', good, { origin: 'https://evil.example' }, 403, 'form_expired'],
    ['another site by referer', good, { origin: 'null', referer: 'https://evil.example/', 'sec-fetch-site': 'cross-site' }, 403, 'form_expired'],
    ['a program filled the trap', { ...good, website: 'x' }, {}, 429, 'prove_first'],
    ['another media type', good, { 'content-type': 'text/plain' }, 415, 'unsupported_type'],
  ]
  const count = await feedbacks(s)
  for (const [what, fields, headers, status, code] of rows) {
    const before = await gateway.refusals(code)
    const a = await gateway.post(path, fields, { headers })
    assert.equal(a.status, status, what)
    assert.ok(alert(a), what)
    assert.equal(await gateway.refusals(code), before + 1, what)
    assert.equal(a.text.includes('<script>'), false, what)
    if (fields.text === good.text) assert.ok(a.text.includes(`>\n\n${ESCAPED}</textarea>`), `${what}: the words are kept to the letter`)
    if (status === 429) assert.ok(Number(a.headers['retry-after']) > 0)
  }
  const bytes = await gateway.post(path, `token=${token}&text=%ff%fe%3Cb%3E`)
  assert.equal(bytes.status, 400)
  assert.ok(bytes.text.includes('\ufffd\ufffd&lt;b&gt;'))
  for (const rating of ['', '0', '6', 'x', '-1', '55']) assert.equal((await gateway.form(`/p/${s.number}/rate`, { rating })).status, 422, rating)
  assert.equal((await gateway.form('/write', { text: 'x', nature: 'report' })).status, 422, 'only what was offered')
  assert.equal(await feedbacks(s), count, 'nothing was stored')
  // Our pages send no Referer, and browsers then say "Origin: null".
  const sent = await gateway.post(path, good, { headers: { origin: 'null', 'sec-fetch-site': 'same-origin' } })
  assert.equal(sent.status, 201)
  assert.equal((await s.site.sql('select words from feedback where words = $1', [good.text])).length, 1, 'stored as sent')
})

it('pressing twice files once; other words from the same page are another feedback', async (s) => {
  const { gateway } = s
  const path = `/p/${s.number}/ask`
  const token = hidden((await gateway.get(path)).text, 'token')
  const text = '新生儿落户要带哪些材料？'
  const fields = { token, text, nature: 'ask' }
  const all = await Promise.all(Array.from({ length: 8 }, () => gateway.post(path, fields)))
  assert.deepEqual([...new Set(all.map((a) => a.status))], [201])
  assert.equal(new Set(all.map((a) => receiptOn(a.text))).size, 1)
  assert.ok(all.some((a) => h1(a) === '这件已经收到过了'))
  assert.equal(await s.site.one('select count(*)::int from feedback where words = $1', [text]), 1)
  const changed = await gateway.post(path, { ...fields, text: '改了一个字' })
  assert.equal(changed.status, 422)
  assert.match(alert(changed), /已经提交成功/)
  const again = await gateway.post(path, { ...fields, token: hidden(changed.text, 'token'), text: '改了一个字' })
  assert.equal(again.status, 201)
  assert.notEqual(receiptOn(again.text), receiptOn(all[0].text))
})

it('a form older than a day is given back with a new token', async (s) => {
  const old = await s.site.gateway({}, { env: withClock(-25 * HOUR) })
  const token = hidden((await old.get(`/p/${s.number}/ask`)).text, 'token')
  await old.stop()
  const a = await s.gateway.post(`/p/${s.number}/ask`, { token, text: '放了一天的话' })
  assert.equal(a.status, 403)
  assert.ok(a.text.includes('放了一天的话'))
  assert.equal((await s.gateway.post(`/p/${s.number}/ask`, { token: hidden(a.text, 'token'), text: '放了一天的话' })).status, 201)
})

it('a wrong receipt and a malformed one get the same words, and cost three looks', async (s) => {
  const answers = []
  for (const receipt of ['1234', '1111111111111111', '0000000000000000', '']) {
    const a = await look(s, receipt)
    assert.equal(a.status, 404)
    answers.push(alert(a))
  }
  assert.equal(new Set(answers).size, 1)
  const nasty = await look(s, NASTY)
  assert.ok(nasty.text.includes(ESCAPED) && !nasty.text.includes('<script>'))
  const strict = await s.site.gateway({ status_per_minute: 10 })
  const seen = [], begin = performance.now()
  while (seen.at(-1) !== 429 && seen.length < 40) seen.push((await strict.post('/status', { receipt: '1234' })).status)
  // Ten looks are gone with four tries; every six seconds that they took gave one back.
  const wrong = seen.filter((x) => x === 404).length, back = Math.floor((performance.now() - begin) / 6000)
  assert.equal(seen.at(-1), 429, seen.join())
  assert.ok(wrong >= 4 && wrong <= 4 + back, `${wrong} tries, ${back} looks came back`)
  assert.equal((await strict.metrics()).get('mashangdu_status_wrong_receipts_total'), wrong)
  await strict.stop()
})

it('the stages: received, handled, answered, not solved, solved, opened again', async (s) => {
  const { receipt, id } = await file(s, `办证窗口排了两个小时${NASTY}`)
  const first = await look(s, receipt.replace(/(\d{4})(?=\d)/g, '$1 '))
  assert.equal(first.status, 200)
  assert.match(first.text, /等待受理/)
  assert.equal(Object.values(first.headers).join().includes(receipt), false)
  const said = await step(s, receipt, 'say', { text: `补充${NASTY}` })
  assert.equal(notice(said), '您补充的内容已收到。')
  assert.ok(said.text.includes(`补充${ESCAPED}`) && !said.text.includes('<script>'))
  assert.equal((await step(s, receipt, 'say', { text: ' ' })).status, 422)

  const page = await look(s, receipt)
  const twice = { receipt, token: hidden(page.text, 'token', '/status/say'), text: '同一句话' }
  const all = await Promise.all(Array.from({ length: 6 }, () => s.gateway.post('/status/say', twice)))
  assert.deepEqual([...new Set(all.map((a) => a.status))], [200])
  assert.equal(await s.site.one(`select count(*)::int from acts where case_id = $1 and words = '同一句话'`, [id]), 1)

  await answered(s, id, `已增开窗口${NASTY}`)
  const done = await look(s, receipt)
  assert.match(done.text, /已答复，等您确认是否解决/)
  assert.ok(done.text.includes(`已增开窗口${ESCAPED}`) && done.text.includes('区市场监督管理局'))
  const choice = { receipt, token: hidden(done.text, 'token', '/status/confirm') }
  assert.equal((await s.gateway.post('/status/confirm', choice)).status, 422, 'yes or no')
  assert.equal((await s.gateway.post('/status/confirm', { ...choice, solved: 'no', rating: '9' })).status, 422)
  const no = await s.gateway.post('/status/confirm', { ...choice, solved: 'no', text: '还是排队', rating: '2' })
  assert.match(notice(no), /没有解决，已发回重新办理/)
  assert.match(no.text, /这是第 2 次办理/)
  assert.match(notice(await s.gateway.post('/status/confirm', { ...choice, solved: 'no', text: '还是排队', rating: '2' })), /没有重复登记/)

  await s.handler.does(id, 'reply', { words: '又增开了两个', evidence: 1 })
  await s.leader.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
  assert.match(notice(await step(s, receipt, 'confirm', { solved: 'yes', rating: '4' })), /您确认问题已解决/)
  assert.equal((await step(s, receipt, 'reopen', { text: '' })).status, 422)
  const again = await step(s, receipt, 'reopen', { text: '又排队了' })
  assert.equal(notice(again), '已申请重新办理。')
  assert.match(again.text, /承办单位正在办理/)
})

it('words for a step that is no longer offered are refused with a sentence and kept', async (s) => {
  const { receipt, id } = await file(s, '排队太久，第二件')
  const page = await look(s, receipt)
  const early = await s.gateway.post('/status/confirm', { receipt, token: hidden(page.text, 'token', '/status/say'), solved: 'yes', text: '早了' })
  assert.equal(early.status, 403, 'a token is for one step')
  assert.ok(early.text.includes('早了'))
  await answered(s, id, '办好了')
  const verifying = await look(s, receipt)
  const token = hidden(verifying.text, 'token', '/status/confirm')
  assert.equal((await s.gateway.post('/status/confirm', { receipt, token, solved: 'yes' })).status, 200)
  const late = await s.gateway.post('/status/confirm', { receipt, token, solved: 'no', text: '其实没有' })
  assert.equal(late.status, 409)
  assert.ok(alert(late) && late.text.includes('其实没有'))
  const other = await file(s, '排队太久，第三件')
  assert.equal((await s.gateway.post('/status/say', { receipt: other.receipt, token, text: 'x' })).status, 403, 'a token is for one receipt')
})

it('declined: the reason and the lawful way; merged: the main answer, but nobody else\'s words', async (s) => {
  const one = await file(s, '法院判决不公，请你们改')
  await s.coordinator.does(one.id, 'decline', { reason: '属诉讼事项', way: '请依法上诉' })
  const declined = await look(s, one.receipt)
  assert.match(declined.text, /不予受理/)
  assert.ok(declined.text.includes('属诉讼事项') && declined.text.includes('请依法上诉'))

  const main = await file(s, '路灯不亮，甲')
  const second = await file(s, '路灯不亮，乙')
  assert.equal((await step(s, main.receipt, 'say', { text: '甲的私话' })).status, 200)
  await s.coordinator.does(second.id, 'merge', { target: main.id, reason: '同一路灯' })
  await answered(s, main.id, '路灯已修好')
  const merged = await look(s, second.receipt)
  assert.ok(merged.text.includes('您的反映已与同一事项合并办理') && merged.text.includes('路灯已修好'))
  assert.equal(merged.text.includes('甲的私话'), false)
  assert.ok(merged.text.includes('action="/status/confirm"'), 'every reporter is asked, with the own receipt')
})

it('a report: its own page, its own promises, and no unit named on the way back', async (s) => {
  const page = await s.gateway.get(`/p/${s.number}/report`)
  assert.match(page.text, /举报怎样受到保护/)
  assert.match(page.text, /被举报的单位看不到/)
  const { receipt } = await file(s, '窗口人员索要红包', 'report')
  const status = await look(s, receipt)
  assert.equal(status.status, 200)
  assert.equal(status.text.replace(/<footer[\s\S]*/, '').includes('区市场监督管理局'), false)
})

it('a rating is shown as given; a bad one opens a case when the citizen wants it', async (s) => {
  const a = await s.gateway.form(`/p/${s.number}/rate`, { rating: '5' })
  assert.equal(h1(a), '感谢您的评价')
  const page = await look(s, receiptOn(a.text))
  assert.match(page.text, /非常满意/)
  assert.equal(page.text.includes('action="/status/say"'), false)
  const c = await s.gateway.form(`/p/${s.number}/rate`, { rating: '1', text: '态度不好' })
  assert.match((await look(s, receiptOn(c.text))).text, /非常不满意/)
  const b = await s.gateway.form(`/p/${s.number}/rate`, { rating: '1', text: '态度差', followup: 'yes' })
  assert.match((await look(s, receiptOn(b.text))).text, /等待受理|已受理/)
})

it('no receipt, words or telephone stand in the log', async (s) => {
  const { receipt } = await file(s, '日志里不该有这句', 'supervise', { contact: '15400138009' })
  await look(s, receipt)
  await request(`${s.gateway.ops}/metrics`)
  const log = s.gateway.text()
  for (const secret of [receipt, '日志里不该有这句', '15400138009', 'alert(1)']) assert.equal(log.includes(secret), false, secret)
})

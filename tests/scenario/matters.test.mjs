// A matter: one box first, then at most one page of what its category has to know; an urgent text never waits for it; whoever meets
// the same matter joins it with a receipt of their own, and nobody reads what another wrote.
import assert from 'node:assert/strict'
import { asksMore, fileName, hidden, moreFields, receiptOn, scenario, until } from './harness.mjs'
import { alert, answered, at, handled, look, notice, offers, step, tasks } from './callback_parts.mjs'
import { multipart, png } from './file_samples.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  for (const [login, unit, role] of [['coordinator', 'U000-02', 'coordinator'], ['supervisor', 'U000-03', 'supervisor'], ['handler', 'U003', 'handler'], ['chief', 'U003', 'unit_leader'], ['other', 'U010', 'handler']])
    s[login] = at(s.gateway, await s.site.person(s.gateway, login, { unit, roles: [role] }))
  s.u003 = await s.site.unitId('U003')
  s.number = await s.site.plaqueNumber('U003')
  s.path = `/p/${s.number}/supervise`
})

/** Opens a form and presses once: the answer, whatever it is. */
async function press(s, fields, path = s.path) {
  const page = await s.gateway.get(path)
  return s.gateway.post(path, { token: hidden(page.text, 'token'), press: '1', ...fields })
}
const more = (s, page, fields = {}, path = s.path) => s.gateway.post(path, { ...moreFields(page), ...fields })
const stored = (s) => s.site.one('select count(*)::int from feedback')
const row = async (s, a) => {
  assert.equal(a.status, 201, a.text.slice(0, 3000))
  const [r] = await s.site.sql('select f.id::int as feedback, f.case_id::int as id, f.words, p.words as place, p.lat, p.lon, p.accuracy from feedback f left join feedback_places p on p.feedback_id = f.id order by f.id desc limit 1')
  return { ...r, receipt: receiptOn(a.text) }
}
const same = (page) => [...page.text.matchAll(/name="same" value="([^"]+)"/g)].map((m) => m[1]).filter((v) => v !== 'none')

it('what the words do not say is asked once, and everything typed is kept', async (s) => {
  const before = await stored(s)
  const page = await press(s, { text: '路灯不亮好几天了\n<没人管>', contact: '15400000001' })
  assert.ok(asksMore(page), page.text.slice(0, 2000))
  assert.equal(await stored(s), before, 'nothing is stored before the second press')
  assert.match(page.text, /<label for="place">在哪里？/)
  assert.match(page.text, /&lt;没人管&gt;/)
  assert.equal(moreFields(page).contact, '15400000001')
  // Too long a place: the page comes back with it, the words and the reason at the field.
  const bad = await more(s, page, { place: '很'.repeat(201) })
  assert.deepEqual([bad.status, alert(bad)], [422, '位置填得不对：文字最多 200 字，也可以不填。'])
  assert.match(bad.text, /<input id="place"[^>]*value="很{201}"[^>]*aria-describedby="error" aria-invalid="true"/)
  assert.match(bad.text, /&lt;没人管&gt;/)
  assert.equal(bad.text.match(/name="place"/g).length, 1)
  const a = await row(s, await more(s, bad, { place: '东风路 12 号门口', lat: '30.25', lon: '120.16', accuracy: '18.4' }))
  assert.deepEqual([a.words, a.place, a.lat, a.lon, a.accuracy], ['路灯不亮好几天了\r\n<没人管>'.replace('\r', ''), '东风路 12 号门口', 30.25, 120.16, 18])
  // Pressed again with the same page: the same receipt, one feedback.
  const again = await more(s, bad, { place: '东风路 12 号门口' })
  assert.deepEqual([again.status, receiptOn(again.text)], [201, a.receipt])
  assert.equal(await stored(s), before + 1)
  // A program that posts the fields without the page's button has nobody to ask: it gets its receipt.
  const plain = await press(s, { text: '公厕太脏了，一直没人打扫', press: '' })
  assert.equal(plain.status, 201, plain.text.slice(0, 500))
  // Said in the words: not asked. Left open: not asked twice.
  assert.equal((await press(s, { text: '和平街西口的路灯坏了，今晚没亮' })).status, 201)
  const open = await press(s, { text: '公厕太脏了，没人打扫' })
  assert.ok(asksMore(open))
  assert.equal((await row(s, await more(s, open))).place, null)
})

it('answers to when and which stand behind the words; a handed-in point must be one on earth', async (s) => {
  const page = await press(s, { text: '家里停水了，没人通知' })
  assert.match(page.text, /没有水/)
  const a = await row(s, await more(s, page, { choice: '水压小', place: '安康家园 3 栋' }))
  assert.equal(a.words, '家里停水了，没人通知\n补充：水压小')
  const late = await press(s, { text: '去办执照，窗口让我等了又等，办事效率太低，超时了也没人解释' })
  if (asksMore(late) && late.text.includes('id="when"'))
    assert.match((await row(s, await more(s, late, { when: '本周三上午' }))).words, /\n时间：本周三上午$/)
  for (const bad of [{ lat: '95', lon: '10' }, { lat: 'x', lon: '1' }, { lat: '1' }, { lat: 'nan', lon: '1' }]) {
    const again = await more(s, await press(s, { text: '路灯坏了' }), bad)
    assert.deepEqual([again.status, asksMore({ ...again, status: 200 })], [422, true], JSON.stringify(bad))
  }
  const count = await stored(s)
  const code = async (position, extra) => {
    const b = await s.gateway.api({ text: '路灯坏了', position, ...extra })
    return b.json?.code ?? b.status
  }
  assert.equal(await code({ words: '河边', lat: 30.1, lon: 120.2, accuracy: 12 }), 201)
  for (const bad of [{ lat: 91, lon: 0 }, { lat: 1 }, { lat: '1', lon: '2' }, '河边', { words: 1 }, { words: '长'.repeat(201) }, { accuracy: 3 }])
    assert.equal(await code(bad), 'position_bad', JSON.stringify(bad))
  assert.equal(await code({ words: '河边' }, { nature: 'report' }), 'position_bad')
  assert.equal(await code({ words: '河边', street: 1 }), 'unknown_field')
  assert.equal(await stored(s), count + 1)
})

it('a refused file is told by its place, the others wait for the second page and go with the feedback', async (s) => {
  const send = async (text, files) => {
    const form = multipart({ token: hidden((await s.gateway.get(s.path)).text, 'token'), press: '1', text, contact: '15400000002' }, files)
    return s.gateway.post(s.path, form.body, { headers: form.headers })
  }
  const good = { bytes: png(120, 90), field: 'files' }
  const bad = await send('广场的路灯歪了', [good, { bytes: Buffer.from('<html>no picture</html>'), field: 'files' }])
  assert.equal(bad.status, 415)
  assert.match(alert(bad), /^第 2 个文件：.*照片请重新选一次/)
  assert.match(bad.text, /广场的路灯歪了<\/textarea>/)
  assert.match(bad.text, /name="contact"[^>]*value="15400000002"/)
  assert.match(bad.text, /<input id="files"[^>]*aria-describedby="files-hint error" aria-invalid="true"/)
  assert.equal((await send('广场的路灯歪了', Array(7).fill(good))).status, 422)
  const page = await send('路灯一直不亮', [good, good])
  assert.ok(asksMore(page), page.text.slice(0, 1500))
  assert.match(page.text, /您选的 2 个文件已经收好/)
  const forged = moreFields(page)
  assert.equal((await s.gateway.post(s.path, { ...forged, kept: forged.kept.replace(/^\d+/, '65536') })).status, 403)
  const { feedback } = await row(s, await more(s, page, { place: '市民广场南侧' }))
  assert.equal(await s.site.one('select count(*)::int from file_uses where feedback_id = $1', [feedback]), 2)
})

it('an urgent text is stored with the first press; what is missing is asked beside the receipt', async (s) => {
  const before = await stored(s)
  const a = await press(s, { text: '燃气泄漏，味道很大，马上要爆炸了，快来人' })
  const { receipt, id } = await row(s, a)
  assert.equal(await stored(s), before + 1)
  assert.equal(await s.site.one('select level from cases where id = $1', [id]), 1)
  if (a.text.includes('action="/status/say"')) {
    const said = await s.gateway.post('/status/say', { receipt, token: hidden(a.text, 'token', '/status/say'), text: '阳光小区五栋' })
    assert.equal(said.status, 200, said.text.slice(0, 500))
    assert.equal(await s.site.one(`select words from acts where case_id = $1 and act = 'say'`, [id]), '阳光小区五栋')
  } else {
    assert.equal(await s.site.one(`select count(*)::int from category_needs n join cases c on n.category in (c.category, left(c.category, 2)) where c.id = $1`, [id]), 0)
  }
})

it('who met the same joins: own receipt, own words, both get the answer, staff see one more', async (s) => {
  const first = await row(s, await press(s, { text: '滨河公园东门的垃圾堆成山没人清运，王小明电话15400000777' }))
  const page = await press(s, { text: '滨河公园东门垃圾很多没人清运，臭气熏天' })
  assert.ok(asksMore(page), page.text)
  const offered = same(page)
  assert.equal(Number(offered[0].split('.')[0]), first.id)
  // Shown: category, day and what the reader has written too; nothing else of the other's words.
  assert.match(page.text, /也提到“滨河公园东门/)
  for (const word of ['堆成山', '王小明', '15400000777', '0777', first.receipt]) assert.ok(!page.text.includes(word), word)
  // A number that was not offered is no matter to join.
  const forged = await more(s, page, { same: `${first.id}.${'A'.repeat(53)}` })
  assert.equal(forged.status, 403)
  assert.equal((await s.site.one('select count(*)::int from feedback_joins')), 0)
  const events = (await s.site.events()).length
  const answer = await more(s, page, { same: offered[0] })
  const second = await row(s, answer)
  assert.match(answer.text, /已和正在办理的同一件事一起办/)
  assert.notEqual(second.receipt, first.receipt)
  assert.deepEqual(await s.site.sql('select state, merged_into::int as main from cases where id = $1', [second.id]), [{ state: 'merged', main: first.id }])
  assert.deepEqual(await s.site.sql(`select actor, data->>'target' as target from acts where case_id = $1 and act = 'merge'`, [second.id]), [{ actor: 'citizen', target: String(first.id) }])
  assert.equal(await s.site.one('select state from feedback_joins where feedback_id = $1', [second.feedback]), 'joined')
  const told = (await s.site.events()).slice(events).find((e) => e.kind === 'feedback.joined')
  assert.deepEqual([Number(told.case_id), told.data.reporters], [first.id, 2])
  assert.equal((await s.coordinator.case(first.id)).case.feedbacks, 2)
  // Pressed again: the same receipt, nothing twice.
  assert.equal(receiptOn((await more(s, page, { same: offered[0] })).text), second.receipt)
  assert.equal(await s.site.one('select count(*)::int from feedback_joins'), 1)
  await answered(s, first.id, '垃圾已清运')
  for (const one of [first, second]) assert.ok((await look(s, one.receipt)).text.includes('垃圾已清运'))
  assert.deepEqual(await tasks(s, first.id, 1), { [first.feedback]: 'due', [second.feedback]: 'due' })
  assert.match(notice(await step(s, second.receipt, 'confirm', { solved: 'yes', rating: '5' })), /确认/)
  assert.ok(offers(await look(s, first.receipt), 'confirm'), 'the first is still asked')
  assert.ok(!(await look(s, second.receipt)).text.includes('堆成山'))
  assert.equal((await s.gateway.metrics()).get('mashangdu_joins_total'), 1)
})

it('closed, hidden or gone meanwhile: the feedback has a case of its own, and a wish left behind is taken up', async (s) => {
  const a = await row(s, await press(s, { text: '翠竹路口红绿灯坏了，车乱成一团' }))
  const page = await press(s, { text: '翠竹路口红绿灯不亮，过马路危险' })
  const [token] = same(page)
  assert.equal(Number(token.split('.')[0]), a.id)
  await s.coordinator.does(a.id, 'decline', { reason: '另有途径', way: '请向交警支队反映' })
  const answer = await more(s, page, { same: token })
  const b = await row(s, answer)
  assert.match(answer.text, /您的反映已单独登记/)
  assert.deepEqual(await s.site.sql('select c.state, j.state as wish from cases c, feedback_joins j where c.id = $1 and j.feedback_id = $2', [b.id, b.feedback]), [{ state: 'discovered', wish: 'apart' }])
  // Many at once with the closing: each is joined or has a case of its own, none is lost.
  const main = await row(s, await press(s, { text: '望江桥桥面有个大洞，汽车爆胎了' }))
  const pages = []
  for (let i = 0; i < 4; i++) pages.push(await press(s, { text: `望江桥桥面有个大洞，第${'一二三四'[i]}次看见了` }))
  const race = pages.map((p) => more(s, p, { same: same(p).find((v) => Number(v.split('.')[0]) === main.id) }))
  const [done] = await Promise.all([s.coordinator.act(main.id, 'decline', { reason: '另有途径', way: '请向公路段反映' }), ...race])
  const after = await s.site.sql('select c.state, j.state as wish from feedback_joins j join feedback f on f.id = j.feedback_id join cases c on c.id = f.case_id where j.case_id = $1', [main.id])
  assert.equal(after.length, 4)
  for (const r of after) assert.ok((r.wish === 'joined' && r.state === 'merged') || (r.wish === 'apart' && r.state === 'discovered'), JSON.stringify(r))
  assert.ok([200, 409].includes(done.status))
  // A process that died between the two steps leaves a wish; another takes it up.
  const whole = await row(s, await press(s, { text: '百花巷的化粪池满了往外冒' }))
  const late = await row(s, await press(s, { text: '学府大道树枝断了压住车' }))
  await s.site.sql(`insert into feedback_joins (feedback_id, case_id, wanted_at) values ($1, $2, now() - interval '1 hour')`, [late.feedback, whole.id], 'mashangdu_gateway')
  await s.gateway.stop()
  await s.gateway.start()
  await until('the wish is taken up', async () => (await s.site.one('select state from cases where id = $1', [late.id])) === 'merged')
})

it('confidential, held and reported matters are never offered, nor cases of long ago', async (s) => {
  const words = '开发区税务窗口老张收了红包才给办事'
  for (const kind of ['report', 'supervise']) {
    const one = await s.gateway.form(`/p/${s.number}/${kind}`, { text: words })
    assert.equal(one.status, 201)
  }
  const [bait] = [await row(s, await press(s, { text: '玉兰小区门前下水道堵了，污水横流' }))]
  const probe = { text: '玉兰小区门前下水道堵了，都是污水' }
  assert.deepEqual(same(await press(s, probe)).map((v) => Number(v.split('.')[0])), [bait.id])
  for (const hide of [`flags = array['confidential']`, 'held = true', `nature = 'report'`, `opened_at = now() - interval '61 days'`]) {
    await s.site.sql(`begin; set local session_replication_role = replica; update cases set ${hide} where id = ${bait.id}; commit`, undefined, 'postgres')
    const page = await press(s, probe)
    assert.ok(page.status === 201 || !same(page).some((v) => v.startsWith(`${bait.id}.`)), hide)
    await s.site.sql(`begin; set local session_replication_role = replica; update cases set flags = '{}', held = false, nature = 'supervise', opened_at = now() where id = ${bait.id}; commit`, undefined, 'postgres')
    await s.site.sql(`begin; set local session_replication_role = replica; update cases set state = 'declined' where id <> ${bait.id} and opened_at > now() - interval '1 minute' and state = 'discovered'; commit`, undefined, 'postgres')
  }
  const again = await press(s, { text: words })
  assert.ok(again.status === 201 || same(again).length === 0, 'an allegation is shown nothing')
})

it('the place is for those who may read the words, and stands in no log, event or address', async (s) => {
  const page = await press(s, { text: '路灯坏了一大片' })
  const mine = await row(s, await more(s, page, { place: '梧桐巷 9 号旁边', lat: '30.123456', lon: '120.654321' }))
  await handled(s, mine.id)
  const seen = (await s.handler.case(mine.id)).feedback[0].place
  assert.deepEqual(seen, { words: '梧桐巷 9 号旁边', lat: 30.123456, lon: 120.654321, accuracy: null })
  assert.equal((await s.other.call('GET', `/cases/${mine.id}`)).status, 404)
  await assert.rejects(s.site.sql('select * from feedback_joins', [], 'mashangdu_staff'))
  const events = JSON.stringify(await s.site.events())
  const log = s.gateway.text()
  for (const word of ['梧桐巷', '30.123456', '120.654321']) assert.ok(!events.includes(word) && !log.includes(word), word)
  assert.ok(!(await look(s, mine.receipt)).text.includes('30.123456'))
})

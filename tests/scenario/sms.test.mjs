// What citizens say by SMS in more than one step, over the real program: pieces of long messages in any order at two gateways, the
// conversation that goes on after a restart and through another channel, repeats, opt-outs, surveys, questions, machines.
import assert from 'node:assert/strict'
import { fakeProvider, fileName, freshKey, request, scenario, until, utf16be } from './harness.mjs'
import { answered, handled, people } from './callback_parts.mjs'

// All messages of a test come within the wait, whatever the machine does; tests that need its end move the set's clock.
const settings = { auto_assign_percent: 101, sms_answers_per_hour: 12, sms_parts_wait: '1h', sms_parts_late: '2h', sms_quiet: 'none' }
const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  s.one = s.gateway = await s.site.gateway()
  s.two = await s.site.gateway()
  await people(s)
  s.provider = await fakeProvider()
  s.door = await s.site.smsDoor(s.one, 'kannel-one', s.provider.url)
  s.other = await s.site.smsDoor(s.one, 'kannel-two', s.provider.url)
  await until('the second gateway knows the doors', async () => (await s.two.get(`${s.other.path}/dlr`)).status !== 403)
})

let phones = 0
const phone = () => `+8615400${String(600000 + ++phones)}`
const to = (from) => (q) => q.to.endsWith(from.slice(1))
const heard = (s, from) => s.provider.sent.filter(to(from)).map((q) => q.text)
const hears = (s, from, words) => until(`${from} hears ${words}`, () => heard(s, from).find((t) => words.test(t)))
async function says(s, from, text, { gateway = s.one, door = s.door, id } = {}) {
  const a = await gateway.smsPost(door, { from, text, ...(id ? { id } : {}) })
  assert.equal(a.status, 200, a.text)
  assert.equal(a.text, '', 'whatever stands in the answer is sent to the telephone')
}
const stored = (s, words) => s.site.sql('select * from feedback where words = $1 order by id', [words])

// --- pieces ---

/** Sends one piece of a message: 8-bit reference, as Kannel's post-url hands on its user data header. */
async function piece(s, from, ref, total, index, text, { gateway = s.one, door = s.door, id = freshKey('piece') } = {}) {
  const udh = [5, 0, 3, ref, total, index].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')
  const a = await request(`${gateway.url}${door.path}/mo?id=${id}`, { method: 'POST', body: utf16be(text), headers: {
    'content-type': 'text/plain; charset="UTF-16BE"', 'x-kannel-from': from, 'x-kannel-to': '10690000', 'x-kannel-coding': '2', 'x-kannel-udh': udh,
    'x-kannel-time': new Date().toISOString().slice(0, 19).replace('T', ' ') } })
  assert.equal(a.status, 200, a.text)
  return id
}
const orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]]
const sets = (s, where = 'true') => s.site.one(`select count(*)::int from message_sets where ${where}`)

it('three pieces in every order, by turns at two gateways, are one feedback word for word', async (s) => {
  for (const [n, order] of orders.entries()) {
    const from = phone(), words = [`${s.number} 站台第${n}种次序，`, '雨棚漏水，下雨天没法等车，', '请尽快维修😀。']
    for (const [k, index] of order.entries()) await piece(s, from, 7, 3, index, words[index - 1], { gateway: k % 2 ? s.two : s.one })
    const [row] = await until('the words are stored', async () => { const r = await stored(s, words.join('')); return r.length && r })
    assert.equal(row.plaque, s.number)
    await hears(s, from, /回执码 (\d{4} ){3}\d{4}/)
    assert.equal(heard(s, from).length, 1, 'one answer to one message')
  }
  await until('all are filed', async () => await sets(s, `state <> 'filed'`) === 0)
  await until('nothing sealed is kept for longer than it is needed', async () => await s.site.one('select count(*)::int from message_parts where words is not null') === 0)
})

it('all pieces at once at both gateways, each of them twice, are one feedback', async (s) => {
  const from = phone(), words = ['五段一起来，', '第二段，', '第三段，', '第四段，', '完。']
  const ids = words.map(() => freshKey('piece'))
  await Promise.all([...words, ...words].map((w, k) => piece(s, from, 9, 5, (k % 5) + 1, w, { gateway: k % 3 ? s.one : s.two, id: ids[k % 5] })))
  await until('stored', async () => (await stored(s, words.join(''))).length === 1)
  for (const [k, w] of words.entries()) await piece(s, from, 9, 5, k + 1, w, { id: ids[k], gateway: s.two })
  await until('and settled', async () => await sets(s, `state <> 'filed' or due_at is not null`) === 0)
  assert.equal((await stored(s, words.join(''))).length, 1)
  assert.equal(await s.site.one(`select count(*)::int from feedback where words like '%五段一起来%' or words = '完。'`), 1)
  await hears(s, from, /回执码/)
  assert.equal(heard(s, from).length, 1)
})

it('two people with the same reference, and one reference used for the next message, are not mixed', async (s) => {
  const [a, b] = [phone(), phone()]
  await piece(s, a, 40, 2, 1, '甲的前半，')
  await piece(s, b, 40, 2, 2, '乙的后半。')
  await piece(s, b, 40, 2, 1, '乙的前半，')
  await piece(s, a, 40, 2, 2, '甲的后半。')
  await until('both', async () => (await stored(s, '甲的前半，甲的后半。')).length === 1 && (await stored(s, '乙的前半，乙的后半。')).length === 1)
  // The reference comes round again at once, and its last piece comes first.
  await piece(s, a, 40, 2, 2, '第二回后半。')
  await piece(s, a, 40, 2, 1, '第二回前半，')
  await until('the second message', async () => (await stored(s, '第二回前半，第二回后半。')).length === 1)
  // Hours later half an old message still lies there: the new one has nothing to do with it.
  await piece(s, a, 41, 2, 1, '旧的前半，')
  await s.site.sql(`update message_sets set first_at = first_at - interval '3 hours', due_at = due_at - interval '3 hours' where state = 'open'`)
  await piece(s, a, 41, 2, 2, '新的后半。')
  await piece(s, a, 41, 2, 1, '新的前半，')
  await until('the new one whole', async () => (await stored(s, '新的前半，新的后半。')).length === 1)
  await until('the old one with its mark', async () => (await stored(s, '旧的前半，〔缺第2段，共2段〕')).length === 1)
})

it('a piece that never comes leaves its mark; one that comes late is added to the case', async (s) => {
  const from = phone()
  const before = (await s.one.metrics()).get('mashangdu_message_parts_missing_total') + (await s.two.metrics()).get('mashangdu_message_parts_missing_total')
  await piece(s, from, 50, 3, 1, `${s.number} 垃圾桶满了三天，`)
  await piece(s, from, 50, 3, 3, '味道很大。')
  assert.equal(await s.site.one(`select count(*)::int from feedback where words like '%垃圾桶满了三天%'`), 0, 'not before its time')
  await s.site.sql(`update message_sets set due_at = now() where state = 'open'`)
  const [row] = await until('stored with a mark', async () => { const r = await stored(s, `${s.number} 垃圾桶满了三天，〔缺第2段，共3段〕味道很大。`); return r.length && r })
  await hears(s, from, /回执码/)
  await until('counted', async () => (await s.one.metrics()).get('mashangdu_message_parts_missing_total') + (await s.two.metrics()).get('mashangdu_message_parts_missing_total') >= before + 1)
  await until('settled', async () => await sets(s, 'due_at is not null') === 0)
  const id = await piece(s, from, 50, 3, 2, '没有人来收，', { gateway: s.two })
  const act = async () => s.site.sql(`select words from acts where case_id = $1 and act = 'say'`, [row.case_id])
  await until('added', async () => (await act()).length === 1)
  assert.equal((await act())[0].words, '〔迟到的第2段，共3段〕没有人来收，')
  await piece(s, from, 50, 3, 2, '没有人来收，', { id })
  await until('settled', async () => await sets(s, 'due_at is not null') === 0)
  assert.equal((await act()).length, 1, 'a repeat adds nothing')
})

it('pieces that were acknowledged survive a kill of the gateway', async (s) => {
  const from = phone()
  await piece(s, from, 60, 2, 2, '，重启后补齐。', { gateway: s.two })
  s.two.child.kill('SIGKILL')
  await until('it is dead', () => s.two.child.exitCode !== null || s.two.child.signalCode !== null)
  await piece(s, from, 60, 2, 1, '网关被杀之前的半句')
  await until('joined by the other gateway', async () => (await stored(s, '网关被杀之前的半句，重启后补齐。')).length === 1)
  await s.two.start()
})

// --- the conversation ---

it('a plaque number alone is answered with its unit and remembered, for any gateway, channel and after a restart', async (s) => {
  const from = phone(), words = `座机一直没人接 ${freshKey('w')}`
  await says(s, from, `＃${s.number}`)
  await hears(s, from, new RegExp(`${s.number}.*监督牌`))
  await s.one.stop()
  await s.one.start()
  await says(s, from, words, { gateway: s.two, door: s.other })
  const [row] = await until('stored', async () => { const r = await stored(s, words); return r.length && r })
  assert.equal(row.plaque, s.number)
  assert.equal(row.provider, s.other.name)
  await hears(s, from, /已收到您的反馈/)
  // Used up by that: the next words belong nowhere, and the answer says how to name the place.
  const next = `另一件事 ${freshKey('w')}`
  await says(s, from, next)
  await hears(s, from, /未认出监督牌编号/)
  assert.equal((await stored(s, next))[0].plaque, null)
  assert.equal(await s.site.one('select count(*)::int from feedback where words = $1', [`＃${s.number}`]), 0, 'a number alone is no feedback')
})

it('a number and a score is a rating; a bare score with nothing open stores nothing', async (s) => {
  const from = phone()
  await says(s, from, `${s.number} 5`)
  await hears(s, from, /已记录您的评价：非常满意/)
  const [row] = await stored(s, `${s.number} 5`)
  assert.deepEqual([row.rating, row.nature_said, row.case_id], [5, 'rate', null])
  const n = await s.site.one('select count(*)::int from feedback')
  await says(s, from, '３')
  await hears(s, from, /没有等待评价/)
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
})

it('a plaque number written in groups is that plaque; a number behind it stays in the words', async (s) => {
  const [a, b] = [s.number.slice(0, 3), s.number.slice(3)], wide = (t) => t.replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0))
  for (const head of [`${a} ${b} `, `${wide(a)}　${wide(b)}`, `${a}-${b} 302室 `]) {
    const from = phone(), text = `${head}路灯坏了 ${freshKey('w')}`
    await says(s, from, text)
    const [row] = await until('stored', async () => { const r = await stored(s, text); return r.length && r })
    assert.equal(row.plaque, s.number, head)
    await hears(s, from, /已收到您的反馈/)
  }
})

it('thanks alone are neither stored nor answered, a greeting is answered with the commands, and the place waits', async (s) => {
  const from = phone(), words = `座椅断了 ${freshKey('w')}`
  const counted = async () => (await s.one.metrics()).get('mashangdu_message_courtesies_total')
  await says(s, from, s.number)
  await hears(s, from, /监督牌/)
  const [n, before] = [await s.site.one('select count(*)::int from feedback'), await counted()]
  const owed = await s.site.one('select count(*)::int from outbox')
  await says(s, from, '好的，谢谢！')
  await says(s, from, 'OK')
  assert.equal(await s.site.one('select count(*)::int from outbox'), owed)
  await says(s, from, '在吗？')
  await hears(s, from, /评价：收到调查后/)
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
  assert.equal(await counted(), before + 3)
  await says(s, from, words)
  await until('stored', async () => (await stored(s, words)).length === 1)
  assert.equal((await stored(s, words))[0].plaque, s.number)
})

it('opting out and in is understood when it is asked for politely', async (s) => {
  const n = await s.site.one('select count(*)::int from feedback')
  for (const text of ['请退订', '退订回T', '请取消订阅']) {
    const from = phone()
    await says(s, from, text)
    await hears(s, from, /已退订/)
    await says(s, from, '请恢复')
    await hears(s, from, /已恢复/)
  }
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
})

it('status with, without and with a wrong receipt; a repeat of any of them is not answered again', async (s) => {
  const from = phone()
  await says(s, from, `${s.number} 路口积水 ${from}`)
  const receipt = (await hears(s, from, /回执码/)).match(/回执码 ([0-9 ]{19})/)[1]
  const asked = [`CX ${receipt}`, 'CX', 'CX 1234567890123456', '帮助'].map((text) => ({ text, id: freshKey('ask') }))
  for (const a of asked) await says(s, from, a.text, a)
  await hears(s, from, /正在确定承办单位/)
  await hears(s, from, /请发送“CX”/)
  await hears(s, from, /核对 16 位数字/)
  await hears(s, from, /评价：收到调查后/)
  assert.equal(heard(s, from).length, 5)
  const owed = () => s.site.one(`select count(*)::int from outbox`)
  const before = await owed()
  for (const a of asked) for (const gateway of [s.one, s.two]) await says(s, from, a.text, { ...a, gateway })
  assert.equal(await owed(), before)
  assert.equal(await s.site.one(`select count(*)::int from feedback where words like 'CX%' or words = '帮助'`), 0)
})

it('a push that both gateways get at the same moment is answered once', async (s) => {
  const from = phone(), id = freshKey('both')
  await Promise.all(Array.from({ length: 8 }, (_, k) => says(s, from, '帮助', { id, gateway: k % 2 ? s.one : s.two })))
  await hears(s, from, /评价：收到调查后/)
  assert.equal(await s.site.one(`select count(*)::int from outbox where dedupe_key = $1`, [`talk:${s.door.name}:${id}`]), 1)
})

it('opting out is told once and holds surveys back, not what concerns the own case', async (s) => {
  const from = phone(), text = `${s.number} 路灯不亮 ${freshKey('w')}`
  await says(s, from, text)
  await says(s, from, 'ＱＸ')
  await hears(s, from, /已退订/)
  await says(s, from, '退订')
  const id = Number((await stored(s, text))[0].case_id)
  await answered(s, id, '路灯已修好')
  await hears(s, from, /已有答复/)
  await until('the survey is held back', async () => await s.site.one(`select state from outbox where purpose = 'survey' and case_id = $1`, [id]) === 'held')
  assert.equal(heard(s, from).filter((t) => /已退订/.test(t)).length, 1)
  assert.equal(heard(s, from).filter((t) => /请回复数字/.test(t)).length, 0)
  await says(s, from, '5') // nothing was asked
  await hears(s, from, /没有等待评价/)
  await says(s, from, '恢复')
  await hears(s, from, /已恢复/)
})

for (const [score, state, level] of [['5', 'solved', '非常满意'], ['１', 'unsolved', '非常不满意']])
  it(`a survey is answered with ${score} through any gateway: ${state}, and the meaning is told back`, async (s) => {
    const from = phone(), text = `${s.number} 窗口排队太久 ${freshKey('w')}`
    await says(s, from, text)
    const row = (await until('stored', async () => { const r = await stored(s, text); return r.length && r }))[0], id = Number(row.case_id)
    await answered(s, id, '已加开窗口')
    await hears(s, from, /请回复数字/)
    const answer = { id: freshKey('score'), gateway: s.two, door: s.other }
    await says(s, from, score, answer)
    await hears(s, from, new RegExp(`：${level}，${state === 'solved' ? '确认已解决' : '将重新办理'}。`))
    const [task] = await s.site.sql('select state, by, rating from callbacks where case_id = $1 and round = 1', [id])
    assert.deepEqual(task, { state, by: 'citizen', rating: state === 'solved' ? 5 : 1 })
    assert.equal((await s.clerk.case(id)).case.state, state === 'solved' ? 'closed' : 'handling')
    await hears(s, from, /已有答复/) // sent beside the survey, and perhaps after it
    const n = heard(s, from).length
    await says(s, from, score, answer) // the provider's repeat
    await says(s, from, score) // the citizen's own
    await hears(s, from, /没有等待评价/)
    assert.equal(heard(s, from).length, n + 1)
    assert.equal(await s.site.one(`select count(*)::int from acts where case_id = $1 and act like 'confirm%'`, [id]), 1)
  })

it('a survey is answered with 没解决 alone too: sent back, and a score after that changes nothing', async (s) => {
  const from = phone(), text = `${s.number} 充电桩坏了 ${freshKey('w')}`
  await says(s, from, text)
  const receipt = (await hears(s, from, /回执码/)).match(/回执码 ([0-9 ]{19})/)[1]
  const id = Number((await stored(s, text))[0].case_id)
  await answered(s, id, '已报修')
  await hears(s, from, /请回复数字/)
  const n = await s.site.one('select count(*)::int from feedback')
  await says(s, from, '没解决。', { gateway: s.two, door: s.other })
  await hears(s, from, /问题没有解决，已发回重新办理/)
  assert.equal((await s.clerk.case(id)).case.state, 'handling')
  await says(s, from, '5')
  await hears(s, from, /没有等待评价/)
  // What an answer quoted is sent as it was quoted; it is no feedback with a receipt in it.
  await says(s, from, `“CX ${receipt}”。`)
  await hears(s, from, /正在办理/)
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
})

it('who writes English is answered, asked and told the stage in English', async (s) => {
  const from = phone(), text = `${s.number} The charging station is broken ${freshKey('w')}`
  await says(s, from, text)
  const receipt = (await hears(s, from, /Receipt/)).match(/Receipt ([0-9 ]{19})/)[1]
  const id = Number((await stored(s, text))[0].case_id)
  await answered(s, id, '已修好')
  await hears(s, from, /has been answered/)
  await hears(s, from, /5 very good/)
  await says(s, from, `CX ${receipt}`)
  await hears(s, from, /on the page http\S+\/status$/)
  await says(s, from, `Solved ${receipt}`)
  await hears(s, from, /it is solved/)
  assert.equal((await s.clerk.case(id)).case.state, 'closed')
})

it('who answered on the page is no longer asked by SMS', async (s) => {
  const from = phone(), text = `${s.number} 公示牌有错字 ${freshKey('w')}`
  await says(s, from, text)
  const receipt = (await hears(s, from, /回执码/)).match(/回执码 ([0-9 ]{19})/)[1]
  const id = Number((await stored(s, text))[0].case_id)
  await answered(s, id, '已改正')
  await hears(s, from, /请回复数字/)
  await says(s, from, `已解决 ${receipt}`)
  await hears(s, from, /您确认问题已解决/)
  await says(s, from, '1')
  await hears(s, from, /没有等待评价/)
  assert.equal((await s.clerk.case(id)).case.state, 'closed')
})

it('a question of the unit opens a dialogue: the answer is added to the case, commands and plaque numbers are not', async (s) => {
  const from = phone(), text = `${s.number} 补贴少发了 ${freshKey('w')}`
  await says(s, from, text)
  const id = Number((await until('stored', async () => { const r = await stored(s, text); return r.length && r }))[0].case_id)
  await handled(s, id)
  await s.handler.does(id, 'ask', { words: '请问存折是哪家银行的？' })
  await hears(s, from, /需要向您了解情况/)
  const receipt = (await hears(s, from, /回执码 [0-9 ]{19}/)).match(/回执码 ([0-9 ]{19})/)[1]
  assert.match((await s.one.post('/status', { receipt })).text, /请问存折是哪家银行的？/, 'the question stands on the page, not in the SMS')
  assert.equal(heard(s, from).some((t) => t.includes('存折')), false)
  const n = await s.site.one('select count(*)::int from feedback')
  const said = { id: freshKey('say'), gateway: s.two, door: s.other }
  await says(s, from, '存折是农行的，尾号不记得了', said)
  await hears(s, from, /已并入办件，回执码/)
  const words = async () => (await s.site.sql(`select words from acts where case_id = $1 and act = 'say' order by version`, [id])).map((r) => r.words)
  assert.deepEqual(await words(), ['存折是农行的，尾号不记得了'])
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
  await says(s, from, '存折是农行的，尾号不记得了', said)
  assert.equal((await words()).length, 1, 'a repeat adds nothing')
  await says(s, from, '还有一页在家里') // one thought in two messages
  await until('added', async () => (await words()).length === 2)
  await says(s, from, 'CX')
  await hears(s, from, /请发送“CX”/)
  const elsewhere = `${s.number} 门口台阶坏了 ${freshKey('w')}`
  await says(s, from, elsewhere)
  await until('a matter of its own', async () => (await stored(s, elsewhere)).length === 1)
  assert.equal((await words()).length, 2)
})

it('a report is warned that SMS is not confidential and gets the page of that plaque', async (s) => {
  const from = phone(), text = `${s.number} 举报该单位工作人员收受红包索要好处费 ${freshKey('w')}`
  await says(s, from, text)
  const told = await hears(s, from, /短信不保密/)
  assert.match(told, new RegExp(`/p/${s.number}-[a-z0-9]{8}`))
  assert.equal((await stored(s, text)).length, 0, 'it is sealed')
  assert.deepEqual(await s.site.sql(`select c.confidential, f.contact is null as nobody from feedback f join cases c on c.id = f.case_id order by f.id desc limit 1`), [{ confidential: true, nobody: true }])
})

it('a machine that answers our answers is stored but no longer answered', async (s) => {
  const from = phone()
  const limited = async () => (await s.one.metrics()).get('mashangdu_answers_limited_total')
  const before = await limited()
  for (let i = 0; i < 15; i++) await says(s, from, '帮助')
  await until('answers', () => heard(s, from).length >= 12)
  assert.equal(await s.site.one(`select count(*)::int from outbox where purpose = 'answer' and recipient_hash = (select recipient_hash from outbox where dedupe_key = (select 'talk:' || channel || ':' || key from message_seen order by at desc limit 1))`), 12)
  assert.equal(await limited(), before + 3)
  const text = `${s.number} 超过次数也要保存 ${freshKey('w')}`
  await says(s, from, text)
  assert.equal((await stored(s, text)).length, 1)
  assert.equal(heard(s, from).length, 12)
})

it('a sender that is no number is filed and never answered', async (s) => {
  const text = `${s.number} 银行短信 ${freshKey('w')}`
  const owed = await s.site.one('select count(*)::int from outbox')
  await says(s, 'MYBANK', text)
  await says(s, 'MYBANK', '帮助')
  assert.equal((await stored(s, text)).length, 1)
  assert.equal(await s.site.one('select count(*)::int from outbox'), owed)
})

it('no words and no number of any of this stand in logs or metrics, and state is kept under a hash', async (s) => {
  for (const g of [s.one, s.two]) {
    const told = g.text() + (await request(`${g.ops}/metrics`)).text
    assert.doesNotMatch(told, /154006\d{5}|存折是农行|雨棚漏水/)
  }
  const all = JSON.stringify(await s.site.sql('select p.*, s.* from message_people p full join message_seen s using (person)'))
  assert.doesNotMatch(all, /154006\d{5}|存折/)
})

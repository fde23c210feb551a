// 并案 (M50): several people reported one matter. Each keeps the own receipt, is told, is asked, and learns nothing of the others;
// unmerging gives the time back.
import assert from 'node:assert/strict'
import { fileName, scenario } from './harness.mjs'
import { alert, answered, at, clockAt, file, handled, look, notice, offers, people, queued, replied, step, tasks } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  await people(s)
})

const code = (a) => [a.status, a.json?.code]
const merge = (s, one, into) => s.coordinator.does(one.id, 'merge', { target: into.id, reason: '同一事项' })

it('three reporters, merged one into another: each is asked, and the third\'s dissatisfaction reopens for all', async (s) => {
  const [a, b, c] = [await file(s, '桥头塌陷，甲的原话'), await file(s, '桥头塌陷，乙的原话'), await file(s, '桥头塌陷，丙的原话')]
  await merge(s, c, b)
  await merge(s, b, a)
  assert.equal((await step(s, b.receipt, 'say', { text: '乙的补充' })).status, 200)
  await handled(s, a.id)
  for (const one of [b, c]) {
    const page = await look(s, one.receipt)
    assert.match(page.text, /您的反映已与同一事项合并办理/)
    assert.match(page.text, /承办单位正在办理/)
    assert.equal(offers(page, 'confirm'), false)
  }
  await replied(s, a.id, '桥头已加固')
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'due', [b.feedback]: 'due', [c.feedback]: 'due' })
  assert.equal((await queued(s.clerk, a.id)).length, 3)
  for (const one of [a, b, c]) {
    const page = await look(s, one.receipt)
    assert.ok(page.text.includes('桥头已加固') && offers(page, 'confirm'), page.text)
  }
  // Which of them was asked has to be said; somebody who is not on the list cannot be.
  const unnamed = await s.clerk.act(a.id, 'callback_solved', { words: '满意' })
  assert.deepEqual(code(unnamed), [422, 'act_needs'])
  assert.match(unnamed.json.detail, /哪一位/)
  assert.deepEqual(code(await s.clerk.act(a.id, 'callback_solved', { words: '满意', feedback: 1 })), [409, 'act_illegal'])
  // The first by telephone, the second by the own receipt: the case waits for the third.
  await s.clerk.does(a.id, 'callback_solved', { words: '甲满意', rating: 5, feedback: a.feedback })
  const twice = await s.clerk2.act(a.id, 'callback_unsolved', { words: '改口', feedback: a.feedback })
  assert.deepEqual(code(twice), [409, 'act_illegal'])
  assert.match(twice.json.detail, /不能改写/)
  assert.match((await look(s, a.receipt)).text, /正在等其他反映人答复/)
  assert.equal(offers(await look(s, a.receipt), 'confirm'), false)
  const solved = await step(s, b.receipt, 'confirm', { solved: 'yes', rating: '4', text: '乙说谢谢' })
  assert.match(notice(solved), /确认问题已解决/)
  assert.ok(solved.text.includes('乙说谢谢'))
  assert.equal((await s.clerk.case(a.id)).case.state, 'verifying')
  const third = await step(s, c.receipt, 'confirm', { solved: 'no', rating: '1', text: '丙说又塌了' })
  assert.match(notice(third), /没有解决，已发回重新办理/)
  const now = (await s.clerk.case(a.id)).case
  assert.deepEqual([now.state, now.round], ['handling', 2])
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'solved', [b.feedback]: 'solved', [c.feedback]: 'unsolved' })
  // Nobody reads what another said.
  const pages = { a: (await look(s, a.receipt)).text, b: (await look(s, b.receipt)).text, c: (await look(s, c.receipt)).text }
  const words = { a: ['甲满意'], b: ['乙的补充', '乙说谢谢'], c: ['丙说又塌了'] }
  for (const [of, said] of Object.entries(words))
    for (const [who, page] of Object.entries(pages))
      for (const w of said) if (of !== 'a') assert.equal(page.includes(w), who === of, `${who} ${w}`)
      else assert.equal(page.includes(w), false)
  for (const who of ['a', 'b']) assert.match(pages[who], /有反映人反映尚未解决，已发回重新办理/)
  // The next round asks all three again; one is still due when the other sends it back.
  await replied(s, a.id, '桥头已重建')
  assert.deepEqual(await tasks(s, a.id, 2), { [a.feedback]: 'due', [b.feedback]: 'due', [c.feedback]: 'due' })
  await s.clerk.does(a.id, 'callback_unsolved', { words: '甲说有裂缝', rating: 2, feedback: a.feedback })
  assert.deepEqual(await tasks(s, a.id, 2), { [a.feedback]: 'unsolved', [b.feedback]: 'overtaken', [c.feedback]: 'overtaken' })
  assert.match((await look(s, b.receipt)).text, /承办单位正在办理/)
  await replied(s, a.id, '桥头裂缝已补')
  for (const one of [a, b, c]) await s.clerk.does(a.id, 'callback_solved', { words: '满意', feedback: one.feedback })
  assert.equal((await s.clerk.case(a.id)).case.state, 'closed')
  assert.equal(await s.site.one('select ending from cases where id = $1', [a.id]), 'solved')
  // A merged reporter reopens the main case with the own receipt.
  const again = await step(s, b.receipt, 'reopen', { text: '乙说又塌了' })
  assert.match(notice(again), /已申请重新办理/)
  assert.deepEqual([(await s.clerk.case(a.id)).case.state, (await s.clerk.case(a.id)).case.round], ['handling', 4])
  assert.equal((await look(s, a.receipt)).text.includes('乙说又塌了'), false)
  assert.match((await look(s, a.receipt)).text, /有反映人申请重新办理/)
})

it('two reporters answer at once: both are kept, the last one closes', async (s) => {
  const [a, b] = [await file(s, '井盖缺失，甲'), await file(s, '井盖缺失，乙')]
  await merge(s, b, a)
  await answered(s, a.id)
  const both = await Promise.all([a, b].map((one) => step(s, one.receipt, 'confirm', { solved: 'yes' })))
  assert.deepEqual(both.map((p) => p.status), [200, 200])
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'solved', [b.feedback]: 'solved' })
  assert.equal((await s.clerk.case(a.id)).case.state, 'closed')
})

it('merging into a case that waits for its callback adds a task; leaving takes it away; the last one stays', async (s) => {
  const [a, b, c] = [await file(s, '垃圾未清，甲'), await file(s, '垃圾未清，乙'), await file(s, '垃圾未清，丙')]
  await answered(s, a.id, '垃圾已清')
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'due' })
  await merge(s, b, a)
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'due', [b.feedback]: 'due' })
  assert.ok(offers(await look(s, b.receipt), 'confirm'))
  await s.coordinator.does(b.id, 'unmerge', { reason: '不是同一处' })
  assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'due', [b.feedback]: 'overtaken' })
  assert.match((await look(s, b.receipt)).text, /等待受理/)
  await merge(s, b, a)
  assert.equal((await tasks(s, a.id, 1))[b.feedback], 'due', 'asked again after all')
  await s.clerk.does(a.id, 'callback_solved', { words: '满意', feedback: a.feedback })
  const last = await s.coordinator.act(b.id, 'unmerge', { reason: '不是同一处' })
  assert.deepEqual(code(last), [409, 'act_illegal'])
  assert.match(last.json.detail, /先完成回访/)
  assert.equal((await s.coordinator.case(b.id)).case.state, 'merged')
  await s.clerk.does(a.id, 'callback_solved', { words: '满意', feedback: b.feedback })
  assert.equal((await s.clerk.case(a.id)).case.state, 'closed')
  // Into what is over nothing is merged, with a sentence.
  const closed = await s.coordinator.act(c.id, 'merge', { target: a.id, reason: '同一事项' })
  assert.deepEqual(code(closed), [409, 'act_illegal'])
  assert.match(closed.json.detail, /主办件已经办结、不予受理或者并案/)
  const gone = await file(s, '垃圾未清，丁')
  await s.coordinator.does(gone.id, 'decline', { reason: '属诉讼事项', way: '请依法起诉' })
  assert.deepEqual(code(await s.coordinator.act(c.id, 'merge', { target: gone.id, reason: '同一事项' })), [409, 'act_illegal'])
  assert.deepEqual(code(await s.coordinator.act(c.id, 'merge', { target: b.id, reason: '同一事项' })), [409, 'act_illegal'], 'nor into one that is merged itself')
  for (const into of [a.id, gone.id])
    await assert.rejects(s.site.sql(`update cases set state = 'merged', merged_from = 'discovered', merged_into = $2 where id = $1`, [c.id, into], 'mashangdu_gateway'), { code: 'MSD43' })
})

it('two cases are not merged into each other', async (s) => {
  const [a, b] = [await file(s, '噪音扰民，甲'), await file(s, '噪音扰民，乙')]
  const versions = await Promise.all([a, b].map(async (one) => (await s.coordinator.case(one.id)).case.version))
  const both = await Promise.all([[a, b, versions[0]], [b, a, versions[1]]].map(([one, into, version]) =>
    s.coordinator.call('POST', `/cases/${one.id}/acts`, { act: 'merge', version, target: into.id, reason: '同一事项' })))
  assert.deepEqual(both.map((x) => x.status).sort(), [200, 409], both.map((x) => x.text).join())
})

it('unmerging restores the deadline by the working days that went by', async (s) => {
  // One gateway at a time, each at its own date; the one of today would find everything overdue.
  await s.gateway.stop()
  const on = async (when, what) => {
    const g = await s.site.gateway({ auto_assign_percent: 101 }, { env: clockAt(when) })
    const got = await what(g, at(g, s.coordinator))
    await g.stop()
    return got
  }
  const due = async (one) => new Date((await s.site.one('select handling_due from cases where id = $1', [one.id])).getTime() + 8 * 3600e3).toISOString().slice(0, 16)
  const [a, b, level] = await on('2026-03-18T14:00:00', async (gateway, coordinator) => {
    const both = [await file(s, '营业执照办理太慢，甲', { gateway }), await file(s, '营业执照办理太慢，乙', { gateway })]
    for (const one of both) await coordinator.does(one.id, 'assign', { unit: s.u003 })
    return [...both, (await coordinator.case(both[1].id)).case.level]
  })
  assert.equal(level, 3, 'five working days')
  assert.equal(await due(b), '2026-03-26T00:00', 'the end of Wednesday 25')
  await on('2026-03-19T10:00:00', (_, coordinator) => coordinator.does(b.id, 'merge', { target: a.id, reason: '同一处' }))
  const apart = await on('2026-03-23T10:00:00', (_, coordinator) => coordinator.does(b.id, 'unmerge', { reason: '不是同一处' }))
  assert.equal(apart.case.state, 'assigned')
  // Friday 20 and Monday 23 went by; the weekend gives nothing.
  assert.equal(await due(b), '2026-03-28T00:00', 'the end of Friday 27')
  assert.equal(await due(a), '2026-03-26T00:00', 'the main case has its own time')
  await s.gateway.start()
}, { ms: 180000 })

it('an open case and a confidential one are never merged: the number of the main case stands in the merged one', async (s) => {
  const open = await file(s, '窗口办事要排很久'), twin = await file(s, '窗口办事也要排很久')
  const report = await file(s, '窗口主任收了商户两千元红包', { what: 'report' }), second = await file(s, '窗口主任又收了商户红包', { what: 'report' })
  const reason = { reason: '线索核查' }
  const wrong = await s.accountability.act(report.id, 'merge', { target: open.id, reason: '同一事项' }, reason)
  assert.deepEqual(code(wrong), [409, 'act_illegal'])
  assert.match(wrong.json.detail, /保密件/)
  // Not the other way round either, even by who sees both: everybody who sees the open one would learn that there is a report.
  const both = at(s.gateway, await s.site.person(s.gateway, 'both', { unit: 'U000-04', roles: ['accountability', 'coordinator'] }))
  const back = await both.act(open.id, 'merge', { target: report.id, reason: '同一事项' })
  assert.deepEqual(code(back), [409, 'act_illegal'])
  assert.match(back.json.detail, /公开件只能与公开件并案/)
  assert.equal((await s.coordinator.case(open.id)).case.state, 'discovered')
  // Nor about different units, of which one may know more than the other.
  const elsewhere = await s.gateway.api({ text: '城管局的科长收受烟酒', nature: 'report', plaque: await s.site.plaqueNumber('U026') })
  assert.deepEqual(code(await s.accountability.act(report.id, 'merge', { target: Number(elsewhere.json.case), reason: '同一线索' }, reason)), [409, 'act_illegal'])
  await s.accountability.does(second.id, 'merge', { target: report.id, reason: '同一线索' }, reason)
  await both.does(report.id, 'assign', { unit: await s.site.unitId('U032') }, reason)
  const page = await look(s, second.receipt)
  assert.match(page.text, /已与同一事项合并办理/)
  // A main case becomes confidential only when no open one points at it.
  await merge(s, twin, open)
  const secret = await s.site.one(`select code from categories where confidential and length(code) = 4 limit 1`)
  const early = await s.accountability.act(open.id, 'assign', { unit: await s.site.unitId('U032'), category: secret })
  assert.deepEqual(code(early), [409, 'act_illegal'], early.text)
  assert.match(early.json.detail, /先撤销并案/)
  await s.coordinator.does(twin.id, 'unmerge', { reason: '转为保密件' })
  await s.accountability.does(open.id, 'assign', { unit: await s.site.unitId('U032'), category: secret })
  assert.equal(await s.site.one('select confidential from cases where id = $1', [open.id]), true)
})

it('whoever comes first, nobody is left unasked: merge against approval, unmerge against the last answer', async (s) => {
  for (let round = 0; round < 6; round++) {
    const [a, b] = [await file(s, `公厕无水，甲${round}`), await file(s, `公厕无水，乙${round}`)]
    await handled(s, a.id)
    await s.handler.does(a.id, 'reply', { words: '已通水', evidence: 1 })
    await s.chief.does(a.id, 'endorse')
    await Promise.all([s.supervisor.does(a.id, 'approve'), merge(s, b, a)])
    assert.deepEqual(await tasks(s, a.id, 1), { [a.feedback]: 'due', [b.feedback]: 'due' })
    const both = await Promise.all([
      s.clerk.act(a.id, 'callback_solved', { words: '好了', feedback: a.feedback }), s.coordinator.act(b.id, 'unmerge', { reason: '不是同一处' })])
    const [state, left] = [(await s.clerk.case(a.id)).case.state, Object.values(await tasks(s, a.id, 1)).filter((t) => t === 'due').length]
    assert.equal(state, left ? 'verifying' : 'closed', both.map((x) => x.text.slice(0, 200)).join())
    assert.ok(both.some((x) => x.status === 200))
  }
})

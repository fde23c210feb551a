// The desks of the loop, and 拆分: one feedback that holds two matters becomes two cases. The words are kept whole; whoever handles one
// part reads no word, number or reason of the other; the citizen's one receipt shows both; each has its own clock and its own end.
import assert from 'node:assert/strict'
import { fileName, hidden, scenario } from './harness.mjs'
import { answered, file, handled, look, notice, offers, people, queued, replied, step, tasks } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  await people(s)
})
const code = (a) => [a.status, a.json?.code]
const partOf = async (s, id) => Number(await s.site.one('select p.case_id from case_parts p join feedback f on f.id = p.feedback_id where f.case_id = $1 and p.part > 1 order by p.part desc limit 1', [id]))
const FIRST = '光明小区楼下烧烤摊每天占道，油烟很大，请管一管。'
const SECOND = '另外幸福路路灯坏了半个月，晚上很黑。'
const REPORT = '还有，城管队员收了摊主的好处费才不来管。'

it('two complaints: two cases, each with its words, its clock and its end; one receipt', async (s) => {
  const one = await file(s, FIRST + SECOND)
  const whole = (await s.coordinator.case(one.id)).feedback[0].masked
  const watch = await s.coordinator.watch()
  const split = { nature: 'appeal', words: SECOND, rest: FIRST, reason: '两件事' }
  // What is missing is named; a plain rating is no case; somebody else's post cannot.
  assert.deepEqual(code(await s.coordinator.act(one.id, 'split', { ...split, rest: ' ' })), [422, 'act_needs'])
  assert.deepEqual((await s.coordinator.act(one.id, 'split', { ...split, rest: ' ' })).json.missing, ['rest'])
  assert.deepEqual(code(await s.coordinator.act(one.id, 'split', { ...split, nature: 'rate' })), [422, 'act_needs'])
  assert.deepEqual(code(await s.supervisor.act(one.id, 'split', split)), [403, 'forbidden'])
  const before = (await s.coordinator.case(one.id)).case
  await s.coordinator.does(one.id, 'split', split)
  const other = await partOf(s, one.id)
  const [a, b] = [await s.coordinator.case(one.id), await s.coordinator.case(other)]
  // The office, which sees both, reads the words whole in both, and each extract.
  for (const [view, number, extract] of [[a, 1, FIRST], [b, 2, SECOND]]) {
    assert.deepEqual([view.part.number, view.part.extract, view.part.whole], [number, extract, true])
    assert.equal(view.feedback[0].masked, whole)
    assert.equal(view.case.summary, extract)
  }
  assert.deepEqual([a.part.others.map((p) => p.case), b.part.others.map((p) => p.case)], [[other], [one.id]])
  assert.equal(b.part.reason, '两件事')
  // Nobody gains time: what the second is owed counts from when the words came.
  assert.equal(b.case.opened_at, before.opened_at)
  assert.equal(b.case.due_clock, 'accept')
  assert.ok(b.case.due_at)
  assert.equal(b.case.deadline.lines.some((l) => l.includes('登记在案')), false, b.case.deadline.lines.join())
  assert.ok(b.decision.candidates.length && b.decision.because.length)
  let told
  do told = await watch.next('event'); while (told.case !== other)
  assert.equal(told.kind, 'case.opened')
  assert.equal(told.data.nature, 'appeal')
  watch.close()
  // The act says who and that; what went where stands with the parts.
  const act = a.acts.find((x) => x.act === 'split')
  assert.deepEqual([act.staff.name, act.reason, act.words, Object.keys(act.data).sort()], [s.coordinator.staff.name, null, null, ['parts', 'post']])
  // Units: U003 has the first, U010 the second. Each reads its extract and nothing of the other.
  await handled(s, one.id)
  await s.coordinator.does(other, 'assign', { unit: s.u010 })
  for (const [person, id, mine, theirs] of [[s.handler, one.id, '烧烤摊', '路灯'], [s.other, other, '路灯', '烧烤摊']]) {
    const view = await person.case(id)
    assert.deepEqual([view.part.whole, view.part.others, view.feedback, view.part.reason], [false, [], [], id === other ? '两件事' : ''])
    assert.ok(view.part.extract.includes(mine))
    for (const path of [`/cases/${id}`, `/cases/${id}/story`, `/cases?q=${encodeURIComponent(theirs)}`, '/desks/inbox', '/cases'])
      assert.equal((await person.call('GET', path)).text.includes(theirs), false, path)
    assert.ok((await person.call('GET', '/desks/inbox')).text.includes(mine))
    assert.deepEqual((await person.found(`/cases?q=${encodeURIComponent(theirs)}`)).cases, [])
  }
  assert.equal((await s.handler.call('GET', `/cases/${other}`)).status, 404)
  // The citizen: one receipt, both matters, each to be answered.
  const page = await look(s, one.receipt)
  assert.match(page.text, /您反映的事分成几件办理/)
  for (const w of [FIRST, SECOND]) assert.ok(page.text.includes(w), w)
  await replied(s, one.id, '已安排夜间巡查')
  await s.other.does(other, 'sign')
  const chief = await s.site.person(s.gateway, 'chief10', { unit: 'U010', roles: ['unit_leader'] })
  await s.other.does(other, 'reply', { words: '路灯已修好', evidence: 1 })
  await chief.does(other, 'endorse')
  await s.supervisor.does(other, 'approve')
  assert.deepEqual([await tasks(s, one.id, 1), await tasks(s, other, 1)], [{ [one.feedback]: 'due' }, { [one.feedback]: 'due' }], 'asked about both')
  const queue = [...await queued(s.clerk, one.id), ...await queued(s.clerk, other)]
  assert.deepEqual(queue.map((t) => t.masked), [FIRST, SECOND], 'the clerk asks about one part at a time')
  const second = await s.gateway.post('/status', { receipt: one.receipt, part: 2 })
  assert.ok(second.text.includes('路灯已修好') && !second.text.includes('已安排夜间巡查') && offers(second, 'confirm'))
  const done = await s.gateway.post('/status/confirm', { receipt: one.receipt, part: 2, token: hidden(second.text, 'token', '/status/confirm'), solved: 'yes' })
  assert.match(notice(done), /确认问题已解决/)
  assert.equal(await s.site.one('select state from cases where id = $1', [other]), 'closed')
  assert.equal(await s.site.one('select state from cases where id = $1', [one.id]), 'verifying', 'the first waits for its own answer')
  await s.clerk.does(one.id, 'callback_solved', { words: '满意', feedback: one.feedback })
  assert.equal(await s.site.one('select state from cases where id = $1', [one.id]), 'closed')
  assert.equal(await s.site.one('select masked from feedback where id = $1', [one.feedback]), whole, 'what was said is unchanged')
})

it('words of two matters are read by those who part them alone, and never by anybody of the unit that the allegation names (P4)', async (s) => {
  const station = await s.site.one(`select code from units where kind = 'station' and parent_id = $1 and retired_on is null order by code limit 1`, [s.u003])
  s.registry = await s.site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] })
  const two = await s.site.person(s.gateway, 'bothposts', { unit: 'U000-02', roles: ['coordinator'] })
  await s.site.sql(`with p as (insert into posts (staff_id, unit_id, title) values ($1, $2, '承办人') returning id) insert into post_roles select id, 'handler' from p`, [two.staff.id, s.u003])
  const below = await s.site.person(s.gateway, 'frombelow', { unit: 'U000-02', roles: ['coordinator'], home: station })
  const questioner = await s.site.person(s.gateway, 'taintless', { unit: 'U000-04', roles: ['accountability'], home: 'U003' })
  const [part, kept] = [[s.coordinator, s.accountability], [s.supervisor, s.clerk, s.head, s.registry, two, below, questioner, s.handler, s.chief]]
  const dashes = await Promise.all([...part, ...kept].map((p) => p.watch()))
  const n = async (p) => (({ triage, held }) => ({ triage, held }))(await p.get('/counts'))
  const before = await Promise.all(kept.slice(0, 7).map(n))
  const said = `${FIRST}区市场监督管理局的股长收了他家的红包。`
  const one = await file(s, said)
  const sheet = (p) => p.call('POST', '/exports/cases', { format: 'csv' })
  for (const p of part) {
    assert.equal((await p.case(one.id)).feedback[0].masked, said, p.login)
    assert.equal((await p.found(`/cases?q=${encodeURIComponent('红包')}`)).cases.filter((c) => c.id === one.id).length, 1, p.login)
  }
  const nowhere = async (who) => {
    for (const p of who) {
      assert.equal((await p.call('GET', `/cases/${one.id}?reason=${encodeURIComponent('看看')}`)).status, 404, p.login)
      for (const path of ['/cases', '/cases?held=1', `/cases?q=${encodeURIComponent('红包')}`, `/cases?q=${one.id}`, `/cases/${one.id}/story`, `/cases/${one.id}/similar`, '/desks/board', '/desks/triage'])
        for (const w of ['红包', `"id":${one.id}`]) assert.equal((await p.call('GET', path)).text.includes(w), false, `${p.login} ${path} ${w}`)
      assert.equal((await p.call('POST', `/cases/${one.id}/acts`, { act: 'note', version: 1, words: '在吗' })).status, 404, p.login)
      const list = await sheet(p)
      assert.ok(list.status === 403 || (list.status === 200 && !list.text.includes(String(one.id))), `${p.login} ${list.status}`)
    }
  }
  await nowhere(kept)
  assert.deepEqual(await Promise.all(kept.slice(0, 7).map(n)), before, 'not counted either')
  // Nor does it come to other eyes beside another case or in a letter.
  const plain = await file(s, '水果摊主把车停在路口，请管一管。')
  for (const [a, b] of [[one, plain], [plain, one]])
    assert.deepEqual(code(await s.coordinator.act(a.id, 'merge', { target: b.id, reason: '同一件事' })), [409, 'act_illegal'])
  assert.deepEqual(code(await s.supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [one.id] })), [404, 'case_unknown'])
  // Parted, what is left is an ordinary case, of the named unit's people too.
  await s.coordinator.does(one.id, 'split', { nature: 'report', words: '区市场监督管理局的股长收了他家的红包。', rest: FIRST, reason: '含举报，单独转办', about: s.u003 })
  for (const p of kept.slice(0, 7)) assert.deepEqual([(await p.case(one.id)).part.extract, (await p.call('GET', `/cases/${one.id}`)).text.includes('红包')], [FIRST, false], p.login)
  // Given out whole it is one matter for the office, and still none for those who are named.
  const whole = await file(s, `${SECOND}区市场监督管理局的股长收了他家的红包。`)
  await s.coordinator.does(whole.id, 'assign', { unit: s.u010 })
  assert.equal((await s.supervisor.case(whole.id)).case.state, 'assigned')
  for (const p of [two, below, questioner, s.handler]) assert.equal((await p.call('GET', `/cases/${whole.id}?reason=${encodeURIComponent('看看')}`)).status, 404, p.login)
  // Nobody's screen was told of what they may not see. The plain case is the mark behind it.
  const heard = []
  for (const [i, dash] of dashes.slice(0, -2).entries()) {
    const kinds = []
    for (;;) {
      const e = await dash.next('event')
      if (e.case === one.id) kinds.push(e.kind)
      if (e.case === plain.id) break
    }
    heard.push(kinds)
    if (i < 2) assert.deepEqual(kinds, ['case.opened'])
  }
  assert.deepEqual(heard.slice(2), heard.slice(2).map(() => []))
  for (const dash of dashes) dash.close()
})

it('a report that was split off is for 追责问责组 alone: not a word, number or reason of it elsewhere (P4)', async (s) => {
  const older = await file(s, '早点摊主把桌子摆在盲道上，请管一管。')
  const one = await file(s, FIRST + REPORT)
  const newer = await file(s, '水果摊主把车停在路口，请管一管。')
  const dash = await s.handler.watch()
  // The router saw both and proposes the parts: held, at the triage desk, in nobody's unit, list, search or count.
  const seenWhole = await s.coordinator.case(one.id)
  const { proposal } = seenWhole.decision
  const cut = ({ spans }) => spans.map(([from, to]) => [...seenWhole.feedback[0].masked].slice(from, to).join('')).join('')
  assert.deepEqual([cut(proposal.rest), cut(proposal.report), proposal.report.nature, seenWhole.case.state, seenWhole.case.held, seenWhole.decision.triage],
    [FIRST, REPORT, 'report', 'discovered', true, true])
  assert.equal(JSON.stringify(seenWhole.decision).includes('摊主'), false, 'no word of the citizen stands in a decision')
  assert.ok(seenWhole.decision.candidates.every((c) => c.because), 'each candidate has a reason of its own')
  assert.ok((await s.coordinator.get('/desks/triage')).rows.some((r) => r.id === one.id && r.group === 'held'))
  for (const person of [s.handler, s.chief, s.other]) {
    assert.equal((await person.call('GET', `/cases/${one.id}`)).status, 404)
    for (const path of ['/cases', '/desks/inbox', `/cases?q=${encodeURIComponent('好处费')}`]) assert.equal((await person.call('GET', path)).text.includes(String(one.id)), false, path)
  }
  // Whole it is not given to the unit that its allegation names.
  const named = await file(s, `${FIRST}区市场监督管理局的股长收了他家的红包。`)
  assert.equal((await s.coordinator.case(named.id)).decision.proposal?.report.about_unit?.id, s.u003)
  const offered = (await s.coordinator.case(named.id)).decision
  assert.equal([offered.unit, ...offered.candidates.map((c) => c.unit)].some((u) => u?.id === s.u003), false, 'nor is it offered to that unit')
  assert.deepEqual(code(await s.coordinator.act(named.id, 'assign', { unit: s.u003 })), [403, 'recused'])
  await s.coordinator.does(one.id, 'split', { nature: 'report', words: REPORT, rest: FIRST, reason: '含举报，单独转办', about: s.u003 })
  const report = await partOf(s, one.id)
  const row = (await s.site.sql('select nature, confidential, about_unit_id, state, unit_id from cases where id = $1', [report]))[0]
  assert.deepEqual([row.nature, row.confidential, Number(row.about_unit_id), row.state], ['report', true, s.u003, 'discovered'])
  assert.notEqual(Number(row.unit_id), s.u003)
  await handled(s, one.id)
  // The unit it names handles the rest and learns of nothing else; nor do the clerk who split it and the rest of the office.
  for (const person of [s.handler, s.chief, s.coordinator, s.supervisor, s.clerk, s.head]) {
    const view = await person.case(one.id)
    assert.deepEqual([view.part.extract, view.part.whole, view.part.others, view.feedback], [FIRST, false, [], []], person.login)
    assert.ok(view.decision.because.length, 'what stays has reasons of its own')
    assert.equal((await person.call('GET', `/cases/${report}`)).status, 404, person.login)
    for (const path of [`/cases/${one.id}`, `/cases/${one.id}/story`, `/cases/${one.id}/similar`, '/cases', '/desks/board', '/desks/triage', `/cases?q=${encodeURIComponent('好处费')}`]) {
      const text = (await person.call('GET', path)).text
      for (const w of ['好处费', '单独转办', String(report)]) assert.equal(text.includes(w), false, `${person.login} ${path} ${w}`)
    }
    assert.deepEqual((await person.found(`/cases?q=${encodeURIComponent('好处费')}`)).cases, [])
  }
  assert.equal((await s.handler.call('POST', `/cases/${report}/acts`, { act: 'note', version: 1, words: '在吗' })).status, 404)
  const seen = await s.accountability.case(report, '核查线索')
  assert.deepEqual([seen.part.extract, seen.part.reason, seen.part.whole], [REPORT, '含举报，单独转办', true])
  assert.ok(seen.feedback[0].masked.includes('烧烤摊'), 'the words are whole for those who may see every part')
  assert.deepEqual(code(await s.accountability.act(report, 'assign', { unit: s.u003 }, { reason: '核查线索' })), [403, 'recused'])
  // Where the next page of a search begins is the last case shown: not the one between, which holds the words for others alone.
  for (const c of [older, newer]) await s.coordinator.does(c.id, 'assign', { unit: s.u003 })
  const found = await s.handler.found(`/cases?limit=1&q=${encodeURIComponent('摊主')}`)
  assert.deepEqual([found.cases.map((c) => c.id), Number(Buffer.from(found.next, 'base64url').readBigUInt64BE(8))], [[newer.id], newer.id])
  const rest = await s.handler.found(`/cases?limit=1&q=${encodeURIComponent('摊主')}&before=${found.next}`)
  assert.deepEqual([rest.cases.map((c) => c.id), rest.next], [[older.id], null])
  assert.equal((await s.site.sql('select * from matter_words($1, 1, 100)', [[one.id]])).length, 0, 'no word of the whole decision')
  // The unit's screen was told of the rest alone.
  await s.handler.does(one.id, 'note', { words: '到此' })
  for (;;) {
    const e = await dash.next('event')
    assert.notEqual(e.case, report)
    if (e.case === one.id && e.data.act === 'note') break
  }
  dash.close()
  const page = await look(s, one.receipt)
  assert.ok(page.text.includes('好处费'), 'the citizen reads both of the own matters')
  // A part is split no further, what is confidential by nobody, and a case with a unit not any more.
  assert.deepEqual(code(await s.coordinator.act(one.id, 'split', { nature: 'complain', words: '一', rest: '二', reason: '三' })), [409, 'act_illegal'])
  assert.deepEqual(code(await s.accountability.act(report, 'split', { nature: 'complain', words: '一', rest: '二', reason: '三' }, { reason: '核查' })), [409, 'act_illegal'])
})

it('what a citizen adds is read by the router too: danger is level 1 and told, an allegation waits for 追责问责组', async (s) => {
  const one = await file(s, FIRST)
  await handled(s, one.id)
  const facts = async () => (await s.site.sql('select state, level, urgency, held, unit_id from cases where id = $1', [one.id]))[0]
  const group = async () => (await s.coordinator.get('/desks/triage')).rows.find((r) => r.id === one.id)?.group
  const calm = await facts()
  assert.deepEqual([calm.state, calm.level > 1, await group()], ['handling', true, undefined])
  await step(s, one.receipt, 'say', { text: '摊主还是天天占道，今天又来了。' })
  assert.deepEqual(await facts(), calm)
  const dash = await s.coordinator.watch()
  await step(s, one.receipt, 'say', { text: '刚才烧烤摊的煤气罐着火了，有人被困在里面！' })
  assert.deepEqual(await facts(), { ...calm, level: 1, urgency: '特急' })
  const [{ hours }] = await s.site.sql(`select extract(epoch from c.handling_due - a.at) / 3600 as hours from cases c join acts a on a.case_id = c.id and a.version = c.version where c.id = $1`, [one.id])
  assert.ok(Math.abs(Number(hours) - 2) < 0.001, `no more than level 1 gives: ${hours} h`)
  let told
  do told = await dash.next('event'); while (told.case !== one.id || !told.data.raised) // those before may still be on their way
  assert.deepEqual([told.data.act, told.data.raised, told.data.level], ['say', true, 1])
  dash.close()
  assert.equal(await group(), 'urgent')
  // The record says why; the unit reads it and goes on.
  assert.equal((await s.handler.case(one.id)).acts.at(-1).data.urgency, '特急')
  await step(s, one.receipt, 'say', { text: '市场监督管理局的队长收了摊主的红包，所以一直不来管。' })
  assert.deepEqual(await facts(), { ...calm, level: 1, urgency: '特急', held: true })
  assert.equal(await group(), 'held')
  for (const person of [s.handler, s.chief]) {
    assert.equal((await person.call('GET', `/cases/${one.id}`)).status, 404)
    for (const path of ['/cases', '/desks/inbox', `/cases?q=${encodeURIComponent('烧烤摊')}`]) assert.equal((await person.call('GET', path)).text.includes(String(one.id)), false, path)
  }
  // A note of the office does not let it through; one of 追责问责组 does.
  await s.coordinator.does(one.id, 'note', { words: '已转追责问责组' })
  assert.equal((await facts()).held, true)
  await s.accountability.does(one.id, 'note', { words: '线索已另行登记核查' })
  assert.equal((await facts()).held, false)
  assert.equal((await s.handler.case(one.id)).case.state, 'handling')
  // Beside an answer that did not help it is the same.
  await replied(s, one.id)
  await step(s, one.receipt, 'confirm', { solved: 'no', rating: '1', text: '没解决，带队的科长还向我索要好处费。' })
  assert.deepEqual([(await facts()).held, (await s.handler.call('GET', `/cases/${one.id}`)).status], [true, 404])
  await s.site.tool('verify')
})

it('the database asks once more, the record proves it, and erasing takes the extracts along', async (s) => {
  const one = await file(s, `${FIRST}甲`)
  const two = await file(s, `${FIRST}${SECOND}乙`)
  await assert.rejects(s.site.sql(`select case_part_open($1, 1, 1, 2, now(), '{}', '', '', '', '')`, [one.id], 'mashangdu_gateway'), { code: '42501' })
  await assert.rejects(s.site.sql(`insert into case_parts (case_id, version, feedback_id, part, piece) values ($1, 2, $2, 1, '自己写的')`, [one.id, one.feedback]), { code: 'MSD33' })
  const danger = `${SECOND}灯杆漏电，有人触电倒地。`
  // A danger in the part is level 1 whatever category was chosen for it.
  const calm = await s.site.one('select code from categories where parent is not null and level = 3 and not confidential order by code limit 1')
  await s.coordinator.does(two.id, 'split', { nature: 'appeal', words: danger, rest: FIRST, reason: '两件事', category: calm })
  assert.deepEqual((({ urgency, level, category }) => [urgency, level, category.code])((await s.coordinator.case(await partOf(s, two.id))).case), ['特急', 1, calm])
  await assert.rejects(s.site.sql(`update case_parts set piece = '改过' where feedback_id = $1`, [two.feedback]), { code: 'MSD20' })
  // Two people split at once: one of them, and nothing of the other is left.
  const version = (await s.coordinator.case(one.id)).case.version
  const both = await Promise.all(['甲', '乙'].map((w) => s.coordinator.call('POST', `/cases/${one.id}/acts`,
    { act: 'split', version, nature: 'ask', words: w, rest: FIRST, reason: w })))
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409], both.map((a) => a.text).join())
  assert.equal(Number(await s.site.one('select count(*) from case_parts where feedback_id = $1 and part > 1', [one.feedback])), 1)
  await s.site.tool('verify')
  // Words go when every part of them is over, with the extracts; the record still holds.
  await answered(s, two.id)
  await s.clerk.does(two.id, 'callback_solved', { words: '满意', feedback: two.feedback })
  const erase = () => s.site.tool('erase', '--feedback', String(two.feedback), '--basis', '依申请')
  const words = () => s.site.sql('select piece, reason, length(salt) as salt from case_parts where feedback_id = $1 order by part', [two.feedback])
  await erase().catch(() => undefined)
  assert.equal((await words())[1].piece, danger, 'the second is still open')
  const other = await partOf(s, two.id)
  await s.coordinator.does(other, 'decline', { reason: '属诉讼事项', way: '请依法起诉' })
  await erase()
  assert.deepEqual((await words()).map((r) => [r.piece, r.reason, r.salt]), [['', '', null], ['', '', 0]])
  await s.site.tool('verify')
})

it('the desks: what waits, most urgent first, each in its group; what one does moves it on the other\'s', async (s) => {
  const groups = async (person, desk, q = '') => { const d = await person.get(`/desks/${desk}${q}`); return { of: (id) => d.rows.find((r) => r.id === id)?.group, ...d } }
  const one = await file(s, '人行道地砖松动，老人容易绊倒。')
  const like = await file(s, '人行道地砖松动，老人容易绊倒，请修。')
  const triage = await groups(s.coordinator, 'triage')
  assert.deepEqual([triage.of(one.id), triage.of(like.id)], ['waiting', 'waiting'])
  const due = triage.rows.map((r) => (r.due_at ? Date.parse(r.due_at) : Infinity))
  assert.deepEqual(due, [...due].sort((a, b) => a - b))
  assert.equal(triage.groups.waiting, triage.rows.filter((r) => r.group === 'waiting').length)
  const { similar } = await s.coordinator.get(`/cases/${one.id}/similar`)
  assert.equal(similar[0].case.id, like.id)
  assert.ok(similar[0].percent >= 40 && similar[0].shared.length >= 3)
  await handled(s, one.id)
  assert.equal((await groups(s.coordinator, 'triage')).of(one.id), undefined)
  assert.equal((await groups(s.handler, 'inbox')).of(one.id), 'hand')
  assert.equal((await groups(s.other, 'inbox')).of(one.id), undefined)
  assert.equal((await groups(s.supervisor, 'board', `?unit=${s.u003}`)).of(one.id), 'green')
  assert.equal((await groups(s.supervisor, 'board', `?unit=${s.u010}`)).of(one.id), undefined)
  await s.handler.does(one.id, 'extend_ask', { reason: '需采购', amount: 1 })
  assert.deepEqual([(await groups(s.coordinator, 'triage')).of(one.id), (await groups(s.handler, 'inbox')).of(one.id)], ['extensions', 'asked'])
  await s.coordinator.does(one.id, 'extend_grant', { reason: '同意' })
  await s.handler.does(one.id, 'reply', { words: '已修', evidence: 1 })
  assert.equal((await groups(s.chief, 'inbox')).of(one.id), 'endorse')
  await s.chief.does(one.id, 'endorse')
  assert.deepEqual([(await groups(s.chief, 'inbox')).of(one.id), (await groups(s.supervisor, 'review')).of(one.id)], ['sent', 'review'])
  await s.supervisor.does(one.id, 'send_back', { reason: '没有照片' })
  assert.equal((await groups(s.handler, 'inbox')).of(one.id), 'back')
  // A danger that is there now stays with the duty desk after it was given out, as long as it is worked at.
  const fire = await file(s, '水果批发行二楼正在冒烟，好像着火了，快来人。')
  assert.equal((await s.coordinator.case(fire.id)).case.level, 1)
  await handled(s, fire.id)
  assert.deepEqual([(await groups(s.coordinator, 'triage')).of(fire.id), (await groups(s.handler, 'inbox')).of(fire.id)], ['urgent', 'hand'])
  // What has a lawful way of its own waits for a person, who confirms the draft: the act keeps it and the citizen reads it.
  const court = await file(s, '房屋买卖纠纷法院已经判了，我对判决不服，请帮忙重新判。')
  const { lawful_way: way, triage: waits } = (await s.coordinator.case(court.id)).decision
  assert.ok(waits && way.includes('人民法院'), way)
  await s.coordinator.does(court.id, 'decline', { reason: '属诉讼事项', way })
  assert.equal((await s.coordinator.case(court.id)).acts.find((x) => x.act === 'decline').data.way, way)
  assert.ok((await look(s, court.receipt)).text.includes(way))
  assert.deepEqual(code(await s.coordinator.call('GET', '/desks/nothing')), [404, 'not_found'])
  assert.deepEqual(code(await s.coordinator.call('GET', '/desks/inbox')), [403, 'forbidden'])
  assert.equal((await s.coordinator.call('GET', '/desks/board?unit=x')).status, 422)
})

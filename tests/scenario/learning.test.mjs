// What the office's decisions teach the router: an example for every correction and every confirmed disposition, in the transaction of
// the act; none of what is for few eyes. A model is trained, compared, put into force by a second person, switched off, put back; one
// that cannot be read leaves the rules alone.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, tree, until } from './harness.mjs'
import { fault } from './openapi.mjs'
import { answered, file, people, step as finder } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.labelled = join(s.site.dir, 'labelled.csv')
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, training_examples: s.labelled })
  await people(s)
  s.doc = JSON.parse(readFileSync(join(tree, 'gateway/staff_openapi.json'), 'utf8'))
  for (const [login, role] of [['registry', 'registry'], ['admin', 'admin'], ['auditor', 'auditor']])
    s[login] = await s.site.person(s.gateway, login, { unit: 'U000', roles: [role] })
})
/** The answer as described for that path. */
async function asked(s, who, method, path, body, status = 200) {
  const a = await s[who].call(method, path, body)
  assert.equal(a.status, status, `${who} ${method} ${path}: ${a.text}`)
  const described = path.split('?')[0].replace(/\/\d+/g, '/{record}')
  const r = s.doc.paths[described]?.[method.toLowerCase()]?.responses[String(status)]
  assert.ok(r, `${method} ${described} ${status} is not described`)
  assert.equal(fault(s.doc, Object.values(r.content)[0].schema, a.json), null, `${method} ${described}`)
  return a.json
}
const desk = (s, who = 'coordinator') => asked(s, who, 'GET', '/models')
const step = (s, who, version, what, status, why) => asked(s, who, 'POST', `/models/${version}/steps`, { step: what, ...(why ? { why } : {}) }, status)
const examples = (s, id) => s.site.sql('select * from route_examples where case_id = $1 order by id', [id])
const decision = (s, id) => s.site.one('select decision from feedback where case_id = $1', [id])
/** Until it is ended no worker can store a model: what is tried of a training that runs is not overtaken by its end. */
async function unstored(s) {
  const c = s.site.db.client()
  await c.connect()
  await c.query('select pg_advisory_lock(7310022040)')
  return c
}
const totals = async (s) => Object.fromEntries((await s.site.sql('select what, n from route_totals')).map((r) => [r.what, Number(r.n)]))

it('what a clerk decides at the triage desk is kept beside what the router said', async (s) => {
  const before = await totals(s)
  const one = await file(s, '幸福路路灯坏了三天，晚上很黑，请尽快修好。')
  const said = await decision(s, one.id)
  const category = await s.site.one(`select code from categories where parent is not null and not confidential and code <> $1 order by code limit 1`, [said.category.code])
  const unit = [said.unit.id, said.candidates[0]?.unit.id].includes(s.u003) ? s.u010 : s.u003
  await s.coordinator.does(one.id, 'assign', { unit, category, nature: 'ask' })
  const [e, ...more] = await examples(s, one.id)
  const guess = said.triage ? said.candidates[0].unit.id : said.unit.id
  assert.equal(more.length, 0)
  assert.deepEqual([e.kind, e.staff_id, e.said_unit, e.said_category, e.said_nature, e.said_urgency, e.auto, e.rules, e.model],
    ['assigned', s.coordinator.staff.id, guess, said.category.code, said.nature, said.urgency, false, said.rules, 0])
  assert.deepEqual([e.unit_id, e.category, e.nature], [unit, category, 'ask'])
  assert.ok(['unit', 'category', 'nature'].every((w) => e.changed.includes(w)), e.changed)
  assert.equal(Number(e.confidence).toFixed(3), said.confidence.toFixed(3))
  const after = await totals(s)
  assert.deepEqual([after.unit - before.unit, after.category - before.category, after.nature - before.nature, after.confirmed - before.confirmed], [1, 1, 1, 0])
  // The case keeps the nature that it came with; a report is not given out under another name.
  assert.equal((await s.coordinator.case(one.id)).case.nature, said.nature)
  const two = await file(s, '幸福路的井盖松了，一过车就响。')
  assert.deepEqual([(await s.coordinator.act(two.id, 'assign', { unit, nature: 'report' })).status], [409])
  // What must move faster than the router thought does, by the limits of level 1; the record says who said so.
  assert.equal((await s.coordinator.act(two.id, 'assign', { unit, urgency: '很急' })).status, 422)
  await s.coordinator.does(two.id, 'assign', { unit, urgency: '特急' })
  const fast = await s.coordinator.case(two.id)
  assert.deepEqual([fast.case.urgency, fast.case.level, fast.acts.find((a) => a.act === 'assign').data.urgency], ['特急', 1, '特急'])
  assert.ok((await examples(s, two.id))[0].changed.includes('urgency'))
  // A danger in the words is level 1 whatever category is chosen with the unit, be it the router's own; nobody corrected a level.
  const three = await file(s, '幸福路路灯坏了三天，杆子根部一直冒火花，一个孩子触电倒在地上。')
  const raised = await decision(s, three.id)
  assert.deepEqual([raised.urgency, raised.level], ['特急', 1])
  await s.coordinator.does(three.id, 'assign', { unit: s.u003, category: raised.category.code })
  assert.deepEqual((({ urgency, level }) => [urgency, level])((await s.coordinator.case(three.id)).case), ['特急', 1])
  assert.ok(!(await examples(s, three.id))[0].changed.includes('level'))
  await s.coordinator.does(three.id, 'note', { words: '类别有误', category })
  assert.equal((await s.coordinator.case(three.id)).case.level, 1)
  // Nobody writes, rewrites or takes away an example by hand.
  for (const sql of ['update route_examples set changed = changed', 'delete from route_examples', `insert into route_totals values ('unit', 9)`])
    await assert.rejects(s.site.sql(sql, [], 'mashangdu_gateway'), /permission denied/)
  await assert.rejects(s.site.sql('update route_examples set auto = auto', [], 'mashangdu_owner'), /not rewritten/)
})

it('as proposed, returned to another unit, moved to another category, closed with consent: each says so', async (s) => {
  const one = await file(s, '河东路垃圾桶满了好几天没人清运。')
  const said = await decision(s, one.id)
  await s.coordinator.does(one.id, 'assign', { unit: s.u003 })
  await s.handler.does(one.id, 'return_ask', { reason: '不是我单位职责', legal_ground: '三定方案' })
  await s.coordinator.does(one.id, 'return_grant', { reason: '同意' })
  await s.coordinator.does(one.id, 'assign', { unit: s.u010 })
  assert.deepEqual((await examples(s, one.id)).map((e) => [e.kind, e.unit_id]), [['assigned', s.u003], ['returned', s.u010]])
  const two = await file(s, '河西路垃圾桶满了好几天没人清运，味道很大。')
  const was = await decision(s, two.id)
  await s.coordinator.does(two.id, 'assign', { unit: was.triage ? was.candidates[0].unit.id : was.unit.id })
  assert.deepEqual((await examples(s, two.id))[0].changed, [])
  const category = await s.site.one(`select code from categories where parent is not null and not confidential and code <> $1 order by code limit 1`, [was.category.code])
  await s.coordinator.does(two.id, 'note', { words: '类别有误', category })
  const moved = (await examples(s, two.id))[1]
  assert.deepEqual([moved.kind, moved.category], ['recategorised', category])
  const three = await file(s, '城管窗口答复太慢，三个月没有消息。')
  await answered(s, three.id)
  await finder(s, three.receipt, 'confirm', { solved: 'yes', rating: '5' })
  const end = (await examples(s, three.id)).at(-1)
  assert.deepEqual([end.kind, end.staff_id, end.unit_id], ['closed', null, s.u003])
  // An allegation under another name was held; a person who looked lets it go.
  const four = await file(s, '光明小区楼下烧烤摊每天占道，油烟很大，请管一管。还有，城管队员收了摊主的好处费才不来管。')
  assert.equal((await s.coordinator.case(four.id)).case.held, true)
  await s.coordinator.does(four.id, 'assign', { unit: s.u010 })
  assert.equal((await examples(s, four.id))[0].kind, 'released')
  assert.ok((await totals(s)).returned >= 1)
  assert.ok(said.confidence >= 0)
})

it('a split forgets what was learnt of the whole words, and says the nature of the new part', async (s) => {
  const FIRST = '光明小区楼下烧烤摊每天占道，油烟很大，请管一管。', SECOND = '另外幸福路路灯坏了半个月，晚上很黑。'
  const one = await file(s, FIRST + SECOND)
  await s.coordinator.does(one.id, 'assign', { unit: s.u003 })
  await s.handler.does(one.id, 'return_ask', { reason: '两件事', legal_ground: '三定方案' })
  await s.coordinator.does(one.id, 'return_grant', { reason: '同意' })
  await s.coordinator.does(one.id, 'split', { nature: 'appeal', words: SECOND, rest: FIRST, reason: '两件事' })
  assert.deepEqual(await examples(s, one.id), [])
  const part = await s.site.one('select p.case_id from case_parts p join feedback f on f.id = p.feedback_id where f.case_id = $1 and p.part > 1', [one.id])
  assert.deepEqual((await examples(s, part)).map((e) => [e.kind, e.nature, e.unit_id, e.category]), [['split', 'appeal', null, null]])
  await s.coordinator.does(Number(part), 'assign', { unit: s.u010 })
  assert.equal(await s.site.one('select route_example_words(e) from route_examples e where case_id = $1 order by id desc limit 1', [part], 'mashangdu_owner'), SECOND)
})

it('nothing of what is for few eyes, and nothing of what was erased (P4, P11)', async (s) => {
  const count = () => s.site.one('select count(*)::int from route_examples')
  const before = await count()
  // A report, and one that was split off.
  const report = await file(s, '举报城管队员收商户好处费。', { what: 'report' })
  await s.accountability.does(report.id, 'assign', { unit: await s.site.unitId('U032') }, { reason: '核查' })
  assert.equal(await count(), before)
  const FIRST = '光明小区楼下烧烤摊每天占道，油烟很大，请管一管。', REPORT = '还有，听说队里有人和摊主很熟。'
  const two = await file(s, FIRST + REPORT)
  await s.coordinator.does(two.id, 'split', { nature: 'report', words: REPORT, rest: FIRST, reason: '含举报', about: s.u003 })
  assert.equal(await count(), before)
  // A case that becomes confidential takes its examples along.
  const three = await file(s, '公园的健身器材坏了没人修。')
  await s.coordinator.does(three.id, 'assign', { unit: s.u003 })
  assert.equal((await examples(s, three.id)).length, 1)
  const secret = await s.site.one('select code from categories where confidential and parent is not null limit 1')
  const moved = await s.accountability.act(three.id, 'note', { words: '属于纪检', category: secret })
  assert.ok(moved.status < 300, moved.text)
  assert.equal(await s.site.one('select confidential from cases where id = $1', [three.id]), true)
  assert.deepEqual(await examples(s, three.id), [])
  // Erasing the words erases what was learnt from them.
  const four = await file(s, '人民路公交站牌倒了，请扶起来。')
  await answered(s, four.id)
  await finder(s, four.receipt, 'confirm', { solved: 'yes', rating: '5' })
  assert.equal((await examples(s, four.id)).length, 2)
  await s.site.tool('erase', '--feedback', String(four.feedback), '--basis', '依法删除')
  assert.deepEqual(await examples(s, four.id), [])
})

// --- models ---

// Two matters in words that no rule knows, so that nobody but a model can tell them apart.
const KINDS = [['哐当', ['桥', '闸', '轨', '板', '门', '架']], ['嘀嗒', ['钟', '灯', '泵', '表', '铃', '阀']]]
const sentence = (kind, i) => {
  const [sound, things] = KINDS[kind], thing = things[i % 6], other = things[(i + 1) % 6]
  return `第${i}天了，${sound}${thing}又${sound}${sound}地响，${['隔壁', '楼下', '街口', '河边', '坡上'][i % 5]}的${sound}${other}也跟着${sound}，${['烦', '吵', '怪', '急'][i % 4]}得很`
}

it('training proposes; nothing changes until somebody else agrees; then decisions do', async (s) => {
  const categories = (await s.site.sql(`select code from categories where parent is not null and not confidential and default_nature = 'appeal' order by code limit 2`)).map((r) => r.code)
  const rows = Array.from({ length: 150 }, (_, i) => [categories[i % 2], '', '诉求', '一般', '-', sentence(i % 2, i)])
  const path = join(s.site.dir, 'examples.csv')
  for (const p of [path, s.labelled]) writeFileSync(p, ['category,unit,nature,urgency,plaque,text', ...rows.map((r) => r.join(','))].join('\n') + '\n')
  const text = sentence(1, 301)
  const ask = async (words = text) => (await s.site.sql('select decision from feedback where case_id = $1', [(await s.gateway.api({ text: words })).json.case]))[0].decision
  assert.notEqual((await ask()).category.code, categories[1])
  // Whoever may not propose does not; a dry run stores nothing.
  await assert.rejects(s.site.tool('train', '--by', 'admin', '--examples', path), /coordinators or the registry/)
  await s.site.tool('train', '--dry-run', '--examples', path)
  assert.deepEqual((await desk(s)).models, [])
  const told = await s.site.tool('train', '--by', 'coordinator', '--note', '两类没有规则的事项', '--examples', path)
  assert.match(told, /rules alone +new model/)
  assert.match(told, /model 1 is proposed/)
  const d = await desk(s)
  assert.deepEqual([d.deciding, d.live, d.fault, d.models.length], [0, 0, null, 1])
  const [m] = d.models
  assert.deepEqual([m.state, m.base, m.proposer, m.confirmer, m.note, m.steps, m.examples.file], ['proposed', 0, s.coordinator.staff.name, null, '两类没有规则的事项', ['withdraw'], 150])
  assert.ok(m.report.cases >= 20 && m.report.old.category.all === m.report.new.category.all)
  assert.ok(m.report.new.category.right > m.report.old.category.right, JSON.stringify(m.report))
  assert.equal((await step(s, 'coordinator', 1, 'confirm', 403)).code, 'second_person')
  await step(s, 'admin', 1, 'confirm', 403)
  assert.equal((await step(s, 'registry', 1, 'off', 409, '不对')).code, 'draft_step')
  assert.equal((await ask(sentence(1, 302))).model, 0)
  const seen = await s.registry.watch()
  await step(s, 'registry', 1, 'confirm')
  await seen.next((f) => f.kind === 'model.confirm')
  seen.close()
  await until('the model decides', async () => (await desk(s)).deciding === 1)
  const now = await ask(sentence(1, 303))
  assert.deepEqual([now.model, now.category.code], [1, categories[1]])
  assert.deepEqual((await desk(s)).turns.map((t) => [t.was, t.now, t.who]), [[0, 1, s.registry.staff.name]])
  Object.assign(s, { ask, category: categories[1] })
})

it('switched off, the rules decide alone and intake goes on; a former model is put back by one person, with a reason', async (s) => {
  await step(s, 'registry', 1, 'off', 422)
  await step(s, 'head', 1, 'off', 200, '夜间误派多')
  await until('the rules alone', async () => (await desk(s)).deciding === 0)
  assert.match(s.gateway.text(), /no model in force; the rules decide alone/)
  const alone = await s.ask(sentence(1, 304))
  assert.deepEqual([alone.model, alone.category.code === s.category], [0, false])
  await step(s, 'coordinator', 1, 'back', 200, '已查明原因')
  await until('put back', async () => (await desk(s)).deciding === 1)
  assert.equal((await s.ask(sentence(1, 305))).category.code, s.category)
  assert.deepEqual((await desk(s)).turns.map((t) => [t.was, t.now]), [[0, 1], [1, 0], [0, 1]])
  // What was compared with another model than the one in force is compared again.
  await s.site.sql(`insert into route_models (version, bytes, sha256, rules, base, examples, report, proposer_id)
    select 2, bytes, sha256, rules, 1, examples, report, proposer_id from route_models where version = 1`)
  await step(s, 'registry', 1, 'off', 200, '再看看')
  assert.equal((await step(s, 'registry', 2, 'confirm', 409)).code, 'draft_changed')
  await step(s, 'registry', 2, 'refuse', 200, '对比已过期')
  await step(s, 'coordinator', 1, 'back', 200, '恢复')
  assert.match(await s.site.tool('train', '--install'), /there is a model already/)
})

it('a model that cannot be read leaves the rules alone, and says so', async (s) => {
  await until('model 1', async () => (await desk(s)).deciding === 1)
  // Past the desk and every check, as bad hardware or a newer program would.
  await s.site.sql('alter table route_models disable trigger route_models_kept')
  await s.site.sql(`update route_models set state = 'retired' where state = 'live'`)
  await s.site.sql(`insert into route_models (version, bytes, sha256, rules, examples, report, state, confirmed_at, tool)
    select 9, 'no model'::bytea, sha256('no model'::bytea), rules, examples, report, 'live', now(), 'test' from route_models where version = 1`)
  await until('the fault is told', async () => (await desk(s, 'admin')).fault)
  assert.equal((await desk(s)).deciding, 0)
  assert.match(s.gateway.text(), /model not read; the rules decide alone/)
  assert.deepEqual([(await s.gateway.metrics()).get('mashangdu_route_model'), (await s.gateway.metrics()).get('mashangdu_route_model_unreadable')], [0, 1])
  assert.equal((await s.ask(sentence(1, 306))).model, 0)
  await step(s, 'head', 9, 'off', 200, '读不出来')
  await step(s, 'head', 1, 'back', 200, '恢复')
  await until('model 1 again', async () => (await desk(s)).deciding === 1)
  await s.site.sql('alter table route_models enable trigger route_models_kept')
})

it('training from the desk: one at a time, beside the loop; a proposal like any other; stopped, lost and failed say why', async (s) => {
  const ask = (who, status = 200, note) => asked(s, who, 'POST', '/models/trainings', note ? { note } : {}, status)
  const newest = async () => (await desk(s, 'registry')).training
  const ended = (state) => until(`the training is ${state}`, async () => { const t = await newest(); return t.state === state && t }, 150_000)
  for (const who of ['admin', 'auditor', 'handler', 'supervisor', 'head']) await ask(who, 403)
  assert.deepEqual([(await desk(s, 'admin')).may_train, (await desk(s)).may_train, await newest()], [false, true, null])
  // A second one waits for the first; whoever reads the desk sees how far it is.
  const before = (await desk(s)).models.length
  const seen = await s.head.watch()
  const first = await unstored(s)
  const { id } = await ask('coordinator', 200, '照新样例')
  assert.equal((await ask('registry', 409)).code, 'draft_step')
  await seen.next((f) => f.kind === 'model.training' && f.data.step === 'comparing', 150_000)
  await first.end()
  const done = await ended('done')
  await seen.next((f) => f.kind === 'model.training' && f.data.state === 'done')
  seen.close()
  assert.deepEqual([done.id, done.who, done.note, done.fault, done.steps], [id, s.coordinator.staff.name, '照新样例', null, []])
  const d = await desk(s), made = d.models.find((m) => m.version === done.version)
  assert.deepEqual([d.models.length, made.state, made.proposer, made.note, made.base, made.tool, d.live], [before + 1, 'proposed', s.coordinator.staff.name, '照新样例', 1, 'desk', 1])
  assert.ok(made.report.cases >= 20 && made.examples.file === 150)
  assert.equal((await step(s, 'coordinator', made.version, 'confirm', 403)).code, 'second_person')
  // Stopped by somebody else; what had stopped beating is lost for everybody and bars nobody.
  const others = await unstored(s)
  const two = await ask('registry')
  await asked(s, 'head', 'POST', `/models/trainings/${two.id}/steps`, { step: 'stop' })
  assert.deepEqual([(await newest()).state, (await newest()).stopped_by], ['stopped', s.head.staff.name])
  assert.equal((await asked(s, 'head', 'POST', `/models/trainings/${two.id}/steps`, { step: 'stop' }, 409)).code, 'draft_step')
  const three = await ask('registry')
  const lost = () => until('it is lost', async () => { // a beat may come between
    await s.site.sql(`update route_trainings set beat_at = now() - interval '1 minute' where id = $1 and state = 'running'`, [three.id])
    return (await newest()).fault === 'lost'
  })
  await lost()
  assert.equal((await newest()).state, 'failed')
  rmSync(s.labelled)
  const four = await until('another one may begin', async () => { await lost(); const a = await s.registry.call('POST', '/models/trainings', {}); return a.status === 200 && a.json })
  await others.end()
  const failed = await ended('failed')
  assert.deepEqual([failed.id, failed.fault, failed.version], [four.id, 'examples', 0])
  assert.equal(await s.site.one(`select fault from route_trainings where id = $1`, [three.id]), 'lost')
  assert.equal((await desk(s)).models.length, before + 1)
  // The gateway's own rights store no model that nobody asked for.
  for (const sql of [`insert into route_models (version, bytes, sha256, rules, examples, report) values (99, 'x', 'x', 1, '{}', '{}')`, `insert into route_trainings (staff_id) values (1)`,
    `select route_model_put('x', 1, 0, '{}', '{}', '', 1, '', '{}')`, `select route_training_ask('')`])
    await assert.rejects(s.site.sql(sql, [], 'mashangdu_gateway'), /permission denied/)
  assert.equal(await s.site.one(`select route_training_store($1, 'x', 1, 0, '{}', '{}', '{}')`, [two.id], 'mashangdu_gateway'), null)
  s.made = made.version
}, { ms: 200_000 })

it('what a model learnt from and is gone since is told: at the desk, as a metric, by the tool', async (s) => {
  const learnt = (await s.site.sql('select e.id, e.feedback_id, e.case_id from route_lessons l join route_examples e on e.id = l.example_id where l.version = $1 order by e.id', [s.made]))
  const of = async () => (await desk(s)).models.find((m) => m.version === s.made).gone
  assert.deepEqual(await of(), { learnt: learnt.length, erased: 0, confidential: 0, split: 0, other: 0 })
  assert.ok(learnt.length >= 3)
  // What can be erased is at its end: the last one closed with consent.
  const closed = await s.site.sql(`select l.example_id, e.feedback_id, e.case_id from route_lessons l join route_examples e on e.id = l.example_id join cases c on c.id = e.case_id where l.version = $1 and c.state = 'closed' order by e.id limit 1`, [s.made])
  await s.site.tool('erase', '--feedback', String(closed[0].feedback_id), '--basis', '依法删除')
  const open = learnt.find((e) => e.case_id !== closed[0].case_id)
  const secret = await s.site.one('select code from categories where confidential and parent is not null limit 1')
  await s.site.sql(`update cases set flags = flags || '{confidential}', category = $2 where id = $1`, [open.case_id, secret], 'mashangdu_owner')
  assert.deepEqual(await of(), { learnt: learnt.length, erased: 1, confidential: 1, split: 0, other: 0 })
  await step(s, 'registry', s.made, 'confirm')
  await until('the metric', async () => (await s.gateway.metrics()).get('mashangdu_route_model_gone') === 2)
  assert.match(await s.site.tool('train', '--show'), new RegExp(`model ${s.made}, live, .*learnt from ${learnt.length} examples of the office; 2 are gone since \\(1 erased, 1 confidential now, 0 split`))
  // The next one learns from what is left.
  assert.deepEqual((await s.site.sql('select 1 from route_lessons where example_id = any ($1)', [[closed[0].example_id, open.id]])), [])
})

it('corrections are read by those who keep the rules, figures also by others; each step is in the log', async (s) => {
  const all = await asked(s, 'coordinator', 'GET', '/models/examples')
  assert.ok(all.examples.length >= 3 && all.examples.every((e) => e.changed.length || e.kind === 'returned'))
  assert.ok(all.examples.some((e) => e.changed.includes('unit') && e.said.unit && e.decided.unit && e.words.includes('垃圾桶')))
  const rest = await asked(s, 'head', 'GET', `/models/examples?what=all&before=${all.examples[0].id}`)
  assert.ok(rest.examples.every((e) => e.id < all.examples[0].id))
  for (const who of ['admin', 'auditor', 'handler', 'supervisor']) await asked(s, who, 'GET', '/models/examples', undefined, 403)
  assert.equal(await s.site.one(`select count(*)::int from route_examples`, [], 'mashangdu_owner') > 0, true)
  const drift = await asked(s, 'auditor', 'GET', '/models/drift')
  const sum = (name) => drift.points.reduce((n, p) => n + p[name], 0)
  assert.ok(sum('judged') >= 3 && sum('wrong') >= 2 && sum('triage') > sum('auto'))
  assert.equal(sum('decisions'), drift.models.reduce((n, m) => n + m.decisions, 0))
  assert.deepEqual(drift.models.map((m) => m.model), [0, 1])
  assert.equal(drift.confidence.reduce((n, c) => n + c.n, 0), sum('judged'))
  await asked(s, 'coordinator', 'GET', '/models/drift?by=day')
  await asked(s, 'coordinator', 'GET', '/models/drift?by=month', undefined, 422)
  await asked(s, 'handler', 'GET', '/models/drift', undefined, 403)
  const log = (await s.auditor.get('/audit?limit=100')).rows.map((r) => r.action)
  for (const action of ['tool.train', 'model_train_asked', 'model_train_done', 'model_train_failed', 'model_train_stopped', 'model_confirm', 'model_off', 'model_back', 'model_refuse']) assert.ok(log.includes(action), action)
  await until('the metric', async () => ((await s.gateway.metrics()).get('mashangdu_route_corrections_total{what="unit"}') ?? 0) >= 1)
})

// Units that are renamed, merged and split on a day: nothing counts before it, everything once on it, by whichever gateway is
// there; cases follow under their deadlines, plaques lead on, old days keep old names, and a report stays walled off from
// whoever follows the unit that it names.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from './harness.mjs'
import { awake, named, told, acts, Travel } from './clock_parts.mjs'

const time = new Travel('2026-03-18 10:00')
time.adopt()

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.g = await s.site.gateway({ auto_assign_percent: 101 }, { env: time.env() })
  for (const u of ['U003', 'U010', 'U026', 'U030']) s[u] = Number(await s.site.unitId(u))
  s.admin = await s.site.person(s.g, 'system', { roles: ['admin'] })
  s.registry = await s.site.person(s.g, 'registry', { unit: 'U000-01', roles: ['registry'] })
  s.desk = await s.site.person(s.g, 'desk', { roles: ['coordinator'] })
  s.old = await s.site.person(s.g, 'u026', { unit: 'U026', roles: ['handler'] })
  s.heir = await s.site.person(s.g, 'u010', { unit: 'U010', roles: ['handler'] })
  s.eyes = await s.site.person(s.g, 'eyes', { unit: 'U000-04', roles: ['accountability'] })
})

const plan = (person, kind, on, plan, rest = {}) => person.call('POST', '/units/changes', { kind, on, plan, document: '示编〔2026〕7号', reason: '机构改革方案', ...rest })
const step = (person, id, step, why) => person.call('POST', `/units/changes/${id}/steps`, { step, ...(why ? { why } : {}) })
const ok = (a) => { assert.equal(a.status, 200, a.text); return a.json }
const row = async (s, id) => (await s.site.sql('select * from cases where id = $1', [id]))[0]
async function inForce(s, id) {
  await until('the change is in force', async () => (await s.site.one('select state from unit_changes where id = $1', [id])) === 'in_force', 90000)
}
const followed = (s, id, unit) => until('the case has followed', async () => (await row(s, id)).unit_id === unit, 90000)
/** What the clock had to do since it went on has been done. */
const settled = (s) => until('nothing is due', async () => Number(await s.site.one('select count(*) from cases where next_at <= now()')) === 0, 90000)
const decision = async (s, id) => (await s.site.sql('select decision from feedback where case_id = $1', [id]))[0].decision
const first = async (s, id) => Number((await decision(s, id)).candidates[0].unit.id)
async function given(s, text, unit) {
  const id = Number(await told(s, s.g, text))
  await s.desk.does(id, 'assign', { unit, category: (await row(s, id)).category })
  return id
}

it('a plan is judged, looked at, and confirmed by another person; before its day nothing of it counts', async (s) => {
  for (const [kind, p, word] of [['merge', { units: ['U000'], into: 'U005', posts: 'move' }, '单位'], ['merge', { units: ['U026'], into: 'U026', posts: 'move' }, '承接单位'],
    ['merge', { units: ['U026'], into: 'U999', posts: 'move' }, '承接单位'], ['merge', { units: ['U032'], into: 'U005', posts: 'move' }, '分派规则'],
    ['split', { unit: 'U003', into: 'U018', posts: 'move', rules: [] }, '拆分规则'], ['split', { unit: 'U003', into: 'U018', posts: 'move', rules: [{ by: 'category', value: '9999', to: 'U010' }] }, '拆分规则'],
    ['rename', { unit: 'U010', name: '区公安分局' }, '简称'], ['merge', { units: ['U026'], into: 'U005' }, '岗位']]) {
    const a = await plan(s.admin, kind, '2026-04-01', p)
    assert.deepEqual([a.status, a.json.code], [422, 'unknown_field'], a.text)
    assert.ok(a.text.includes(word), a.text)
  }
  assert.equal((await plan(s.desk, 'merge', '2026-04-01', { units: ['U026'], into: 'U005', posts: 'move' })).status, 403)

  s.case = await given(s, '文昌路的占道经营摊贩太多，请城管局来管一管。', s.U026)
  await s.old.does(s.case, 'sign')
  s.due = (await row(s, s.case)).handling_due
  const merge = { units: ['U026'], into: 'U005', posts: 'move' }
  const effect = ok(await s.registry.call('POST', '/units/changes/preview', { kind: 'merge', on: '2026-04-01', plan: merge }))
  assert.equal(effect.cases, 1)
  assert.ok(effect.names.includes('城管局') && effect.posts.some((p) => p.title === '承办人'), JSON.stringify(effect))
  assert.equal(ok(await s.admin.call('POST', '/units/changes/preview', { kind: 'merge', on: '2026-04-01', plan: merge })).cases, null, 'who sees no case is told of none')
  const c = ok(await plan(s.admin, 'merge', '2026-04-01', merge))
  assert.deepEqual([c.state, c.names.U026], ['proposed', '城管局'])
  assert.equal((await plan(s.registry, 'rename', '2026-05-01', { unit: 'U026', name: '区城管局', short_name: '城管' })).status, 422, 'one change waits')
  assert.deepEqual([(await step(s.admin, c.id, 'confirm')).json.code, (await step(s.registry, c.id, 'withdraw')).json.code], ['second_person', 'second_person'])
  assert.equal(ok(await step(s.registry, c.id, 'confirm')).state, 'confirmed')
  s.merge = c.id
  // A letter that the old unit has in its hands.
  const draft = ok(await s.desk.call('POST', '/letters', { kind: 'assign', cases: [s.case] }))
  s.letter = draft.letter.id
  let version = draft.letter.version
  for (const [who, act] of [[s.registry, 'check'], [s.eyes, 'sign'], [s.registry, 'deliver'], [s.old, 'receive']])
    version = ok(await who.call('POST', `/letters/${s.letter}/acts`, { act, version })).letter.version
  const two = ok(await s.desk.call('POST', '/letters', { kind: 'assign', cases: [s.case] }))
  s.letter2 = two.letter.id
  version = two.letter.version
  for (const [who, act] of [[s.registry, 'check'], [s.eyes, 'sign'], [s.registry, 'deliver']])
    version = ok(await who.call('POST', `/letters/${s.letter2}/acts`, { act, version })).letter.version

  // Another one is called off before its day, with a reason.
  const off = ok(await plan(s.registry, 'rename', '2026-04-01', { unit: 'U018', name: '区商务和粮食局', short_name: '商粮局' }))
  ok(await step(s.admin, off.id, 'confirm'))
  assert.equal((await step(s.admin, off.id, 'cancel')).status, 422)
  assert.equal(ok(await step(s.registry, off.id, 'cancel', '方案另行研究')).state, 'cancelled')
  assert.equal((await row(s, s.case)).unit_id, s.U026)
})

it('on its day, and once: the case follows under its deadline, posts move, plaques and names lead on, the wall stands', async (s) => {
  const report = await s.g.api({ text: '区城市管理和综合执法局的队长收摊贩的红包，暗号子', nature: 'report' })
  s.report = Number(report.json.case)
  assert.equal((await row(s, s.report)).about_unit_id, s.U026)
  // Two matters in one text, given out whole: where its unit goes it cannot follow, because the other matter names that one.
  s.mixed = Number(await told(s, s.g, '文昌路的摊贩占道经营没有人管。另外我要反映区住房和城乡建设局的科长收了开发商五万元红包。'))
  assert.equal((await decision(s, s.mixed)).proposal.report.about_unit.code, 'U005')
  await s.desk.does(s.mixed, 'assign', { unit: s.U026, category: '0501' })
  const path = await s.site.plaquePath('U026')
  // One more at its plaque, which names nobody: the wall is the plaque's.
  s.quiet = Number((await s.g.api({ text: '窗口有人吃拿卡要，请查一查', plaque: await s.site.plaqueNumber('U026'), nature: 'report' })).json.case)
  const s2 = await s.site.gateway({ auto_assign_percent: 101 }, { env: time.env() })
  time.to('2026-04-01 00:00')
  await s.site.sql(`select pg_notify('msd_register', '')`)
  await inForce(s, s.merge)
  await followed(s, s.case, s.U005 ??= Number(await s.site.unitId('U005')))
  await settled(s)
  const c = await row(s, s.case)
  const done = await acts(s, s.case)
  assert.deepEqual(named(done).filter((x) => x === 'follow'), ['follow'])
  assert.match(done.find((a) => a.act === 'follow').reason, /城管局的职责由住建局承接/)
  assert.deepEqual([c.state, c.handling_due.getTime(), c.version], ['handling', s.due.getTime(), done.length])
  assert.equal(Number(await s.site.one(`select count(*) from audit_log where action = 'unit_change_in_force'`)), 1, 'once with two gateways')
  await followed(s, s.mixed, Number(await s.site.unitId('U032')))
  // Its letters stay addressed to the old name, and the successor reads, signs for and answers them; no third unit does.
  const u005 = await s.site.person(s.g, 'mail5', { unit: 'U005', roles: ['handler'] })
  const mail = async (id) => ok(await u005.call('GET', `/letters/${id}`))
  assert.deepEqual((await u005.get('/letters')).letters.map((l) => l.id).sort(), [s.letter, s.letter2].sort())
  const third = await s.site.person(s.g, 'u010-new', { unit: 'U010', roles: ['handler'] })
  assert.equal((await third.call('GET', `/letters/${s.letter}`)).status, 404)
  assert.deepEqual((await mail(s.letter2)).letter.units.map((u) => u.id), [s.U026])
  const answer = async (id, act, more = {}) => ok(await u005.call('POST', `/letters/${id}/acts`, { act, version: (await mail(id)).letter.version, ...more })).letter.state
  assert.deepEqual([await answer(s.letter, 'answer', { words: '已安排整治' }), await answer(s.letter2, 'receive'), await answer(s.letter2, 'answer', { words: '已安排整治' })], ['answered', 'received', 'answered'])
  assert.equal(await s.site.one(`select from_unit_id from incoming where letter_id = $1`, [s.letter]), s.U026)
  await s2.stop()

  // Who worked there works for the heir now, and the history still names the old unit.
  const mine = (await (await awake(s.old)).case(s.case)).case
  assert.equal(mine.unit.short_name, '住建局')
  assert.equal((await s.site.sql(`select u.code from posts p join staff t on t.id = p.staff_id join units u on u.id = p.unit_id where t.login = 'u026' and p.ends_at is null`))[0].code, 'U005')
  assert.equal(await s.site.one(`select u.code from acts a join units u on u.id = a.unit_id where a.case_id = $1 and a.act = 'assign'`, [s.case]), 'U026')

  // Closed by the heir: the router had the right unit when the words came, which is no mistake to learn from.
  const [chief, supervisor, clerk] = await Promise.all([['chief5', 'U005', 'unit_leader'], ['supervisor', 'U000-03', 'supervisor'], ['clerk', 'U000-01', 'callback']]
    .map(([login, unit, role]) => s.site.person(s.g, login, { unit, roles: [role] })))
  for (const [who, act, more] of [[s.old, 'reply', { words: '已清理。', evidence: '照片' }], [chief, 'endorse'], [supervisor, 'approve'], [clerk, 'callback_solved', { words: '已解决', rating: 5 }]]) await who.does(s.case, act, more)
  assert.deepEqual((await s.site.sql(`select unit_id, 'unit' = any (changed) as wrong from route_examples where case_id = $1 and kind = 'closed'`, [s.case]))[0], { unit_id: s.U005, wrong: false })

  // P4: the report about the old unit is closed to its people and to the heir's.
  const heir = await s.site.person(s.g, 'u005', { unit: 'U000-04', roles: ['accountability'], home: 'U005' })
  for (const id of [s.report, s.quiet]) assert.equal((await heir.call('GET', `/cases/${id}`)).status, 404)
  const live = await heir.watch()
  const a = await (await awake(s.eyes)).act(s.report, 'assign', { unit: s.U005 }, { reason: '核查' })
  assert.deepEqual([a.status, a.json.code], [403, 'recused'], a.text)
  for (const id of [s.report, s.quiet]) await s.eyes.does(id, 'note', { words: '线索已登记。' }, { reason: '核查' })
  await s.old.does(s.case, 'note', { words: '已到现场。' })
  await live.next((f) => {
    assert.ok(f.case !== s.report && f.case !== s.quiet, 'nothing of the report on the live line')
    return f.type === 'event' && f.case === s.case
  })

  // Every plaque of it says where its duties went; a text that names it goes there, and says why.
  const page = await (await fetch(`${s.g.url}${path}`)).text()
  assert.ok(page.includes('区住房和城乡建设局'), page.slice(0, 2000))
  const next = Number(await told(s, s.g, '请城管局的人来看看，文昌路占道经营没人管。'))
  assert.equal(await first(s, next), s.U005)
  assert.match(JSON.stringify(await decision(s, next)), /城管局已于2026年4月1日并入/)
})

it('a split goes by its rules, also after every gateway was down on its day; a rename of the past keeps the names of its days', async (s) => {
  const admin = await awake(s.admin), registry = await awake(s.registry), desk = await awake(s.desk)
  const food = await given(s, '菜市场旁边的饭店后厨很脏，食品变质了还卖，请市监局查一查。', s.U003)
  const other = await given(s, '营业执照变更材料反复补正，跑了三次市监局。', s.U003)
  const cat = (await row(s, food)).category
  assert.notEqual((await row(s, other)).category.slice(0, 4), cat)
  await desk.does(other, 'co_assign', { unit: s.U026, reason: '协助' }) // a unit that is gone: who follows it is asked
  assert.equal(Number(await s.site.one('select count(*) from case_units where case_id = $1 and unit_id = $2', [other, s.U005])), 1)
  const c = ok(await plan(admin, 'split', '2026-05-06', { unit: 'U003', into: 'U018', posts: 'end', new: [{ code: 'U150', name: '区食品安全局', short_name: '食安局' }],
    rules: [{ by: 'category', value: cat, to: 'U150' }, { by: 'place', value: '东湖市场', to: 'U010' }] }))
  ok(await step(registry, c.id, 'confirm'))
  const r = ok(await plan(registry, 'rename', '2026-03-20', { unit: 'U010', name: '市公安局区分局', short_name: '公安分局' }))
  ok(await step(admin, r.id, 'confirm'))
  await inForce(s, r.id)
  assert.deepEqual(await s.site.sql(`select name, short_name, aliases @> '{公安局}' as kept from units where code = 'U010'`), [{ name: '市公安局区分局', short_name: '公安分局', kept: true }])
  assert.deepEqual(Object.values((await s.site.sql(`select unit_name_at($1, '2026-03-19 12:00+08', true) as a, unit_name_at($1, '2026-03-20 00:00+08', true) as b`, [s.U010]))[0]), ['公安局', '公安分局'])

  await s.g.stop()
  time.to('2026-05-07 09:00')
  const [a, b] = await Promise.all([s.site.gateway({ auto_assign_percent: 101 }, { env: time.env() }), s.site.gateway({ auto_assign_percent: 101 }, { env: time.env() })])
  s.g = a
  await inForce(s, c.id)
  const heir = Number(await s.site.unitId('U150'))
  await followed(s, food, heir)
  await followed(s, other, Number(await s.site.unitId('U018')))
  for (const id of [food, other]) assert.equal(named(await acts(s, id)).filter((x) => x === 'follow').length, 1)
  assert.equal(await s.site.one(`select u.code from categories k join units u on u.id = k.default_unit_id where k.code = $1`, [cat]), 'U150')
  const texts = ['饭店后厨很脏，食品变质了还卖，请市监局查一查。', '跑了三次市监局，营业执照变更材料反复补正。', '东湖市场里缺斤少两，市监局也不管。']
  const units = []
  for (const t of texts) units.push(await s.site.one('select code from units where id = $1', [await first(s, await told(s, s.g, t))]))
  assert.deepEqual(units, ['U150', 'U018', 'U010'])
  assert.match(await s.site.tool('verify'), /^unbroken /)
  await b.stop()
})

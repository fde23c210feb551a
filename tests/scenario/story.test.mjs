// 全程回溯: from a case number everything that happened, who, when, every version, every deadline with its reason, every look;
// on the page, on paper and in a terminal, under the rights of whoever asks; and a broken chain is seen and named.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileName, scenario, tree, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway()
  s.doc = (await g.get('/staff/api/v1/openapi.json')).json
  const people = { coordinator: ['U000-02', ['coordinator']], supervisor: ['U000-03', ['supervisor']], accountability: ['U000-04', ['accountability']], callback: ['U000-01', ['callback']],
    registry: ['U000-01', ['registry']], supervisor2: ['U000-03', ['supervisor']], handler: ['U026', ['handler']], chief: ['U026', ['unit_leader']], other: ['U010', ['handler']], admin: ['U000', ['admin']] }
  for (const [login, [unit, roles]] of Object.entries(people)) s[login] = await site.person(g, login, { unit, roles, name: `岗位${login}` })
  for (const code of ['U026', 'U032']) s[code] = await site.unitId(code)
})

const chapter = (story, heading) => story.chapters.find((c) => c.heading.includes(heading))
const whats = (story, heading) => chapter(story, heading).events.map((e) => e.what)

/** Bytes of an answer, for paper. */
function bytes(person, path) {
  return new Promise((done, no) => http.get(`${person.gateway.url}/staff/api/v1${path}`, { headers: person.headers() }, (r) => {
    const parts = []
    r.on('data', (p) => parts.push(p)).on('end', () => done({ status: r.statusCode, headers: r.headers, body: Buffer.concat(parts) }))
  }).on('error', no))
}

it('a whole life is told in order, with every text, every deadline and every hash', async (s) => {
  const told = await s.gateway.api({ text: '城管局在解放路占道收费，找了几次都不管，电话15412345678。', nature: 'complain' })
  const id = s.id = Number(told.json.case)
  if ((await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit: s.U026 })
  await s.handler.does(id, 'sign')
  await s.handler.does(id, 'extend_ask', { reason: '材料未到', amount: 2 })
  await s.coordinator.does(id, 'extend_grant', { reason: '情况属实' })
  await s.handler.does(id, 'reply', { words: '第一稿：正在核实。', evidence: '照片 1 张' })
  await s.chief.does(id, 'send_back', { reason: '没有回应诉求' })
  await s.handler.does(id, 'reply', { words: '第二稿：已撤销收费点并退费。', evidence: '退费登记表' })
  await s.chief.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
  await s.callback.does(id, 'callback_attempt')
  await s.callback.does(id, 'callback_solved', { words: '群众表示满意。', rating: 5 })

  const story = s.story = await s.coordinator.get(`/cases/${id}/story`)
  assert.equal(fault(s.doc, s.doc.components.schemas.Story, story), null)
  assert.equal(story.number, id)
  const fact = Object.fromEntries(story.facts.map((f) => [f.name, f.value]))
  assert.equal(fact['状态'], '销号')
  assert.equal(fact['办结方式'], '群众认可')
  assert.match(fact['存证链'], /未被改动/)

  const words = chapter(story, '群众反映').events
  assert.equal(words.length, 1)
  assert.match(words[0].text, /154\*\*\*\*5678/)
  assert.equal(JSON.stringify(story).includes('15412345678'), false)

  const acts = chapter(story, '办理经过').events
  const view = await s.coordinator.case(id)
  assert.equal(acts.length, view.acts.length)
  acts.forEach((e, i) => { assert.ok(e.what.startsWith(`${i + 1}. ${view.acts[i].label}`), e.what); assert.match(e.when, /^\d{4}-\d\d-\d\d \d\d:\d\d$/) })
  const of = (label) => acts.filter((e) => e.what.includes(label))
  assert.deepEqual([of('反馈（第1稿）')[0].text.includes('正在核实'), of('反馈（第2稿）')[0].text.includes('退费')], [true, true])
  assert.equal(of('签收')[0].who, '岗位handler（城管局承办人）')
  assert.match(of('退回重报')[0].text, /理由：没有回应诉求/)
  assert.match(of('同意延期')[0].text, /批准延长：2/)
  assert.match(of('回访已解决')[0].text, /评价：5/)

  const times = chapter(story, '时限').events
  assert.ok(times.some((e) => e.what.startsWith('办理时限起算') && e.who === '受理交办' && e.text.includes('规则：')), JSON.stringify(times))
  assert.ok(times.some((e) => e.what.startsWith('办理时限延长') && e.text.includes('延长2个工作日')))
  for (const w of ['签收时限停止', '办理时限暂停计时', '审核时限起算', '办理时限停止', '回访时限起算', '回访时限停止']) assert.ok(times.some((e) => e.what.startsWith(w)), `${w}: ${JSON.stringify(times.map((e) => e.what))}`)
  // What is told of a deadline that runs is what the row holds.
  assert.deepEqual(story.chain.hashes, (await s.site.sql(`select encode(hash, 'hex') as h from acts where case_id = $1 order by version`, [id])).map((r) => r.h))
  assert.deepEqual([story.chain.unbroken, story.chain.broken_at], [true, null])
  assert.ok(acts.every((e, i) => e.text.replaceAll(' ', '').includes(story.chain.hashes[i])))
  assert.ok(whats(story, '回访').some((w) => w.includes('已解决') && w.includes('评价5分')), JSON.stringify(chapter(story, '回访')))
  // Found by its number.
  assert.deepEqual((await s.coordinator.get(`/cases?q=${id}`)).cases.map((c) => c.id), [id])
})

it('the deadline that runs is told as the row holds it', async (s) => {
  const told = await s.gateway.api({ text: '滨河路下水道堵了，污水横流，城管局请处理。', nature: 'complain' })
  const id = Number(told.json.case)
  if ((await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit: s.U026 })
  await s.handler.does(id, 'sign')
  await s.handler.does(id, 'extend_ask', { reason: '材料未到', amount: 1 })
  await s.coordinator.does(id, 'extend_grant', { reason: '同意' })
  const times = chapter(await s.handler.get(`/cases/${id}/story`), '时限').events
  // The end of a day is 24:00 of that day, not 00:00 of the next.
  const due = await s.site.one(`select to_char(handling_due at time zone 'Asia/Shanghai' - interval '1 second', 'YYYY-MM-DD') || ' 24:00' from cases where id = $1`, [id])
  assert.ok(times.at(-1).what.endsWith(`${due} 到期`), `${times.at(-1).what} ${due}`)
})

it('letters stand in it with every version of their text and every step', async (s) => {
  const told = await s.gateway.api({ text: '解放路路灯坏了半个月没人修，城管局请处理。', nature: 'complain' })
  const id = s.lettered = Number(told.json.case)
  if ((await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit: s.U026 })
  await s.handler.does(id, 'sign')
  const d = await s.supervisor.call('POST', '/letters', { kind: 'supervise', rung: 3, cases: [id] })
  assert.equal(d.status, 200, d.text)
  const step = async (who, act, more = {}) => {
    const { version } = (await who.get(`/letters/${d.json.letter.id}`)).letter
    const a = await who.call('POST', `/letters/${d.json.letter.id}/acts`, { act, version, ...more })
    assert.equal(a.status, 200, a.text)
    return a.json.letter
  }
  await step(s.supervisor, 'edit', { body: '请于三日内办结，并书面反馈。' })
  await step(s.registry, 'check')
  const { serial } = await step(s.supervisor2, 'sign')
  const story = await s.coordinator.get(`/cases/${id}/story`)
  const letters = chapter(story, '函件').events
  assert.deepEqual(letters.filter((e) => /^督办函第\d稿/.test(e.what)).map((e) => e.what.slice(0, 6)), ['督办函第1稿', '督办函第2稿'])
  assert.match(letters.find((e) => e.what.startsWith('督办函第2稿')).text, /三日内办结/)
  assert.deepEqual(letters.filter((e) => !/稿：/.test(e.what)).map((e) => e.what), ['督办函拟稿', '督办函修改', '督办函核稿', `督办函签发　${serial}`])
  assert.equal(letters.at(-1).who, '岗位supervisor2（督查督办组督办员）')
  // The rung was climbed by the signature, and the act names the letter.
  const raised = chapter(story, '办理经过').events.find((e) => e.what.includes('督办'))
  assert.match(raised.text, /督办等级：督办函（黄）/)
  assert.equal(story.chain.unbroken, true)
  // The unit reads of it once it is delivered.
  assert.equal(chapter(await s.handler.get(`/cases/${id}/story`), '函件').events.length, 0)
  assert.match(await s.site.tool('show', 'letters'), new RegExp(`${serial}.*已签发.*${id}`))
})

it('on paper it is the same, and can be read', async (s) => {
  const a = await bytes(s.coordinator, `/cases/${s.id}/story.pdf`)
  assert.equal(a.status, 200)
  assert.equal(a.headers['content-type'], 'application/pdf')
  assert.match(a.headers['content-disposition'], new RegExp(`story-${s.id}\\.pdf`))
  assert.match(a.headers['cache-control'], /no-store/)
  mkdirSync(join(tree, 'tests/artefacts'), { recursive: true })
  const file = join(s.site.dir, 'story.pdf')
  writeFileSync(file, a.body)
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replace(/\s+/g, '')
  for (const w of ['办件全程回溯', '正在核实', '退费', '群众表示满意', '存证链', String(s.id)]) assert.ok(text.includes(w), w)
  const hash = s.story.chain.hashes[0]
  assert.ok(text.includes(hash.slice(0, 16)))
  assert.match(execFileSync('pdffonts', [file], { encoding: 'utf8' }), /yes yes/)
  if (process.env.STORY_PDF) writeFileSync(process.env.STORY_PDF, a.body)
})

it('in a terminal it is the same', async (s) => {
  const out = await s.site.tool('show', 'case', String(s.id))
  for (const c of s.story.chapters) {
    assert.ok(out.includes(c.heading))
    for (const e of c.events) assert.ok(out.includes(`${e.when}  ${e.who}  ${e.what}`), e.what)
  }
  const file = join(s.site.dir, 'shown.pdf')
  await s.site.tool('show', 'case', String(s.id), '--pdf', file)
  assert.match(execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }), /办件全程回溯/)
  await assert.rejects(s.site.tool('show', 'case', '4711'), (e) => e.code === 1 && /there is no case 4711/.test(e.stderr))
  for (const words of [['show'], ['show', 'case', 'x'], ['show', 'clocks', '--limit', '0'], ['show', 'letters', '--pdf', 'x.pdf'], ['show', 'secrets']])
    await assert.rejects(s.site.tool(...words), (e) => e.code === 2)
  const clocks = await s.site.tool('show', 'clocks')
  assert.match(clocks, /提醒|超时提醒|推算时限|nothing is due/)
  await s.site.tool('show', 'letters')
})

it('who may not see the case is told no story; a confidential one needs a reason, and the look is in it', async (s) => {
  for (const who of [s.other, s.admin]) {
    for (const part of ['story', 'story.pdf']) {
      const a = await who.call('GET', `/cases/${s.id}/${part}`)
      assert.deepEqual([a.status, a.json.code], who === s.admin ? [403, 'forbidden'] : [404, 'case_unknown'])
    }
  }
  const told = await s.gateway.api({ text: '区市场监督管理局的科长收了商户两千元红包', nature: 'report', plaque: await s.site.plaqueNumber('U003') })
  const id = Number(told.json.case)
  const bare = await s.accountability.call('GET', `/cases/${id}/story`)
  assert.deepEqual([bare.status, bare.json.code, bare.json.missing], [422, 'act_needs', ['reason']])
  assert.equal((await s.coordinator.call('GET', `/cases/${id}/story?reason=${encodeURIComponent('看看')}`)).status, 404)
  assert.equal(await s.site.one(`select count(*)::int from audit_log where case_id = $1`, [id]), 0)
  await s.accountability.case(id, '线索初核')
  const story = await s.accountability.get(`/cases/${id}/story?reason=${encodeURIComponent('核对全程')}`)
  assert.deepEqual(chapter(story, '查看留痕').events.map((e) => [e.who, e.what, e.text]),
    [['岗位accountability（追责问责组问责专员）', '查看保密内容', '线索初核'], ['岗位accountability（追责问责组问责专员）', '查看保密内容', '核对全程']])
  // Looking at it as the owner is a look too.
  await s.site.tool('show', 'case', String(id))
  assert.equal(await s.site.one(`select count(*)::int from audit_log where case_id = $1 and action = 'look'`, [id]), 3)
  const last = await s.accountability.get(`/cases/${id}/story?reason=${encodeURIComponent('再次核对')}`)
  assert.ok(chapter(last, '查看留痕').events.some((e) => /mashangdu show/.test(e.text) && e.who === '系统管理员（命令行）'))
  // The log itself stays closed, and so do the looks at what one cannot see.
  const c = s.site.db.client('mashangdu_gateway')
  await c.connect()
  await c.query('begin')
  await c.query(`select set_config('msd.staff', $1, true), set_config('msd.post', (select id::text from posts where staff_id = $1::integer order by id limit 1), true), set_config('role', 'mashangdu_staff', true)`, [String(s.coordinator.staff.id)])
  assert.equal((await c.query('select count(at)::int as n from audit_log')).rows[0].n, 0)
  assert.equal((await c.query('select * from audit_log')).rows.length, 0)
  await c.end()
})

it('a merged case and its reporters stand in the story of the main one', async (s) => {
  const ids = []
  for (const text of ['解放路路灯不亮，城管局请处理。', '解放路整条街的路灯都不亮了，晚上很危险，城管局管一管。']) {
    const a = await s.gateway.api({ text, nature: 'complain' })
    ids.push(Number(a.json.case))
    if ((await s.coordinator.case(ids.at(-1))).case.state === 'discovered') await s.coordinator.does(ids.at(-1), 'assign', { unit: s.U026 })
  }
  await s.coordinator.does(ids[1], 'merge', { reason: '同一路段', target: ids[0] })
  const story = await s.coordinator.get(`/cases/${ids[0]}/story`)
  assert.equal(chapter(story, '群众反映').events.length, 2)
  assert.ok(whats(story, '并案').includes(`办件${ids[1]}并入本件`), JSON.stringify(chapter(story, '并案')))
  assert.ok((await s.coordinator.get(`/cases/${ids[1]}/story`)).facts.some((f) => f.name === '并入办件' && f.value === `${ids[0]}号`))
})

it('an act that was changed behind the program’s back is named', async (s) => {
  await s.site.sql('alter table acts disable trigger all')
  await s.site.sql(`update acts set words = '第二稿：从未收费。' where case_id = $1 and act = 'reply' and words like '第二稿%'`, [s.id])
  await s.site.sql('alter table acts enable trigger all')
  const at = await s.site.one(`select version from acts where case_id = $1 and words like '第二稿%'`, [s.id])
  const story = await s.coordinator.get(`/cases/${s.id}/story`)
  assert.deepEqual([story.chain.unbroken, story.chain.broken_at], [false, at])
  assert.equal(story.facts.find((f) => f.name === '存证链').value, `第${at}步起与存证不符`)
  await assert.rejects(s.site.tool('show', 'case', String(s.id)), (e) => e.code === 1 && e.stderr.includes(`act ${at} does not fit`))
})

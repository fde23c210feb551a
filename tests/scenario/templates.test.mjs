// What is said to citizens: the wordings are shown, previewed with their cost, changed in versions without a restart, and refused
// with a sentence; every message that goes out is one of them, with no word of what was said.
import assert from 'node:assert/strict'
import { fakeProvider, fileName, scenario, until } from './harness.mjs'
import { fault } from './openapi.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway()
  s.doc = (await g.get('/staff/api/v1/openapi.json')).json
  s.admin = await site.person(g, 'admin', { unit: 'U000', roles: ['admin'] })
  s.registry = await site.person(g, 'registry', { unit: 'U000-01', roles: ['registry'], name: '综合办甲' })
  s.auditor = await site.person(g, 'auditor', { unit: 'U000', roles: ['auditor'] })
  s.coordinator = await site.person(g, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.chief = await site.person(g, 'chief', { unit: 'U000-03', roles: ['leader'] })
  s.supervisor = await site.person(g, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  s.handler = await site.person(g, 'u003', { unit: 'U003', roles: ['handler'] })
  s.leader = await site.person(g, 'u003-leader', { unit: 'U003', roles: ['unit_leader'] })
  s.number = await site.plaqueNumber('U003')
  s.provider = await fakeProvider()
  s.door = await site.smsDoor(g, 'sms', s.provider.url)
})

const described = (s, method, path, a) => {
  const r = s.doc.paths[path][method].responses[String(a.status)]
  assert.ok(r, `${method} ${path} ${a.status} is not described: ${a.text}`)
  assert.equal(fault(s.doc, Object.values(r.content)[0].schema, a.json), null, `${method} ${path}`)
}
async function call(s, who, method, path, body) {
  const a = await who.call(method, path, body)
  described(s, method.toLowerCase(), path.split('?')[0], a)
  return a
}
const preview = async (s, text, more = {}, who = s.registry) => (await call(s, who, 'POST', '/templates/preview', { event: 'received', lang: 'zh', text, ...more })).json
const change = (s, text, version, more = {}, who = s.registry) => call(s, who, 'POST', '/templates', { event: 'received', lang: 'zh', text, version, ...more })
const all = async (s) => Object.fromEntries((await call(s, s.registry, 'GET', '/templates')).json.templates.map((t) => [t.event, t]))
const code = (a) => [a.status, a.json.code]
const to = (from) => (q) => q.to.endsWith(from.slice(1))

/** Says something by SMS and gives back what comes. */
async function acknowledged(s, from, text, more) {
  const a = await s.gateway.smsPost(s.door, { from, text, ...more })
  assert.equal(a.status, 200, a.text)
  return (await until('the acknowledgement', () => s.provider.sent.find(to(from)))).text
}

it('every event is listed in both languages, with what may stand in it', async (s) => {
  const events = await all(s)
  assert.ok(Object.keys(events).length >= 24)
  const rows = await s.site.sql('select distinct event from message_templates')
  assert.deepEqual(Object.keys(events).sort(), rows.map((r) => r.event).sort())
  for (const t of Object.values(events))
    for (const lang of ['zh', 'en']) {
      assert.equal(t[lang].version, 1)
      assert.equal(t[lang].changed_by, null)
      assert.equal(t[lang].fault, null)
      if (t.purpose !== 'call') for (const p of t.params) assert.ok(t[lang].text.includes(`{${p.name}}`), `${t.event} ${lang} ${p.name}`)
      const p = await preview(s, t[lang].text, { event: t.event, lang, sign: '示例市示例区' })
      assert.equal(p.fault, null, `${t.event} ${lang}`)
      assert.equal(p.rendered.startsWith('【示例市示例区】'), t.purpose !== 'call', 'what is read aloud bears no signature')
      if (lang === 'zh' && t.purpose !== 'call' && !t.params.some((q) => q.name === 'link')) assert.equal(p.domestic.parts, 1, p.rendered)
    }
  assert.deepEqual(events.received.params.map((p) => [p.name, p.title]), [['receipt', '回执码']])
})

it('the preview fills in, counts by both rules and says what is wrong', async (s) => {
  const good = await preview(s, '收到。{receipt}')
  assert.equal(good.rendered, '【示例区】收到。1234 5678 9012 3450')
  assert.deepEqual(good.domestic, { parts: 1, units: 27, per_part: 70, alphabet: 'UCS-2' })
  const english = await preview(s, 'Received: {receipt}', { lang: 'en', sign: '' })
  assert.deepEqual(english.gsm, { parts: 1, units: 29, per_part: 160, alphabet: 'GSM-7' })
  assert.equal(english.rendered, 'Received: 1234 5678 9012 3450')
  const long = await preview(s, `{receipt}${'办'.repeat(47)}`)
  assert.deepEqual([long.domestic.parts, long.domestic.per_part, long.gsm.parts], [2, 67, 2], 'one character too many for one SMS')
  for (const [text, says] of [['收到。', /缺少 \{receipt\}/], ['{receipt} {name}', /没有的参数/], ['{receipt', /花括号/], ['', /不能为空/],
    ['【别处】{receipt}', /签名/], ['{receipt} http://t.example/1', /网址/], ['{receipt}\n', null], ['{receipt}\n再见', /换行/], [`{receipt}${'办'.repeat(462)}`, /太长/]]) {
    const p = await preview(s, text)
    if (says) assert.match(p.fault ?? 'none', says, text)
    else assert.equal(p.fault, null, text)
    if (/没有的参数|花括号/.test(p.fault)) assert.deepEqual([p.rendered, p.domestic.parts], [null, 0])
  }
  for (const wrong of [{ event: 'nothing' }, { lang: 'fr' }, { text: 5 }, { sign: '【甲】' }, { sign: 5 }, { more: 1 }])
    assert.deepEqual(code(await s.registry.call('POST', '/templates/preview', { event: 'received', lang: 'zh', text: '{receipt}', ...wrong })), [422, 'unknown_field'], JSON.stringify(wrong))
})

it('a new wording is said from the next message on, without a restart, and the one before stays', async (s) => {
  const before = await acknowledged(s, '+8615400000101', `${s.number} 窗口排队太久没有人管`)
  assert.match(before, /^【示例区】已收到您的反馈，回执码 (\d{4} ){3}\d{4}，请妥善保管。/)
  const a = await change(s, ' 您的反馈已登记，回执码 {receipt}。 ', 1)
  assert.equal(a.status, 200, a.text)
  assert.deepEqual(a.json, { event: 'received', lang: 'zh', version: 2 })
  let n = 1
  await until('it is said', async () => /^【示例区】您的反馈已登记，回执码 (\d{4} ){3}\d{4}。$/.test(await acknowledged(s, `+861540001${String(n++).padStart(4, '0')}`, `${s.number} 窗口排队太久没有人管，第${n}次说`)))
  const now = (await all(s)).received.zh
  assert.deepEqual([now.version, now.text, now.changed_by], [2, '您的反馈已登记，回执码 {receipt}。', '综合办甲'])
  const history = (await call(s, s.auditor, 'GET', '/templates/history?event=received&lang=zh')).json.versions
  assert.deepEqual(history.map((v) => [v.version, v.changed_by]), [[2, '综合办甲'], [1, null]])
  assert.match(history[1].text, /^已收到您的反馈/)
  assert.deepEqual((await s.site.sql(`select s.login, a.detail from audit_log a join staff s on s.id = a.staff_id where action = 'template_changed'`)),
    [{ login: 'registry', detail: { event: 'received', lang: 'zh', version: 2 } }])
  assert.equal((await s.gateway.metrics()).get('mashangdu_templates_changed_total'), 1)
  // English words are answered in English, which was not changed.
  assert.match(await acknowledged(s, '+8615400000190', `${s.number} The counter was closed all morning`), /^【示例区】We have received your words\. Receipt (\d{4} ){3}\d{4}/)
})

it('what cannot be taken is refused and nothing is stored', async (s) => {
  const versions = () => s.site.one('select count(*)::int from message_templates')
  const n = await versions()
  const faulty = await change(s, '已收到。', 2)
  assert.deepEqual(code(faulty), [422, 'template_fault'])
  assert.match(faulty.json.detail, /缺少 \{receipt\}/)
  assert.deepEqual(code(await change(s, '{receipt}'.padEnd(2100, 'a'), 2)), [422, 'template_fault'])
  assert.deepEqual(code(await change(s, '{receipt}', undefined)), [422, 'unknown_field'])
  assert.deepEqual(code(await change(s, '{receipt}', 1)), [409, 'template_changed'], 'somebody changed it since')
  assert.deepEqual(code(await change(s, '{receipt}', 3)), [409, 'template_changed'])
  for (const who of ['auditor', 'coordinator', 'supervisor', 'handler', 'chief']) assert.deepEqual(code(await change(s, '{receipt}', 2, {}, s[who])), [403, 'forbidden'], who)
  for (const who of ['coordinator', 'handler', 'chief']) assert.deepEqual(code(await call(s, s[who], 'GET', '/templates')), [403, 'forbidden'], who)
  assert.equal((await call(s, s.auditor, 'GET', '/templates')).json.may_change, false)
  assert.deepEqual(code(await call(s, s.registry, 'GET', '/templates/history?event=x&lang=zh')), [422, 'unknown_field'])
  assert.deepEqual(code(await call(s, s.registry, 'GET', '/templates/history?event=received')), [422, 'unknown_field'])
  assert.equal(await versions(), n)
  // Two at once: one of them wins.
  const both = await Promise.all([change(s, '甲 {receipt}', 2), change(s, '乙 {receipt}', 2, {}, s.admin)])
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409])
  // Not even the owner rewrites or removes one; an event without both wordings cannot be added.
  for (const sql of [`update message_templates set text = 'x'`, 'delete from message_templates', 'truncate message_templates', `delete from message_events`,
    `insert into message_events values ('novel')`, `insert into message_templates (event, lang, version, text) values ('received', 'zh', 9, 'x')`])
    await assert.rejects(s.site.sql(sql), sql)
})

it('a wording that was broken past the desk is passed over', async (s) => {
  await s.site.sql(`insert into message_templates (event, lang, version, text) values ('rated', 'zh', 2, '没有参数')`)
  assert.match((await all(s)).rated.zh.fault, /缺少/)
  await until('it is noticed', () => /wording passed over.*event=rated version=2/.test(s.gateway.text()))
  assert.equal((await s.gateway.get('/')).status, 200)
})

it('channels that send what was approved are named beside the event', async (s) => {
  await s.site.tool('channel', 'add', 'approved', '--type', 'aliyun', '--set', 'access_key_id=testid', '--set', 'access_key_secret=testsecret', '--set', 'template_received=SMS_0001')
  await until('it is shown', async () => (await all(s)).received.channels.length === 1)
  const events = await all(s)
  assert.deepEqual(events.received.channels, [{ channel: 'approved', template: 'SMS_0001' }])
  assert.deepEqual(events.answered.channels, [{ channel: 'approved', template: null }], 'it cannot say that one')
})

it('every row that is owed says what it is, and what arrives has no word of the citizen', async (s) => {
  const from = '+8615400000155', SECRET = '后门那条巷子', WORDS = `${SECRET}一直漏水，张三李四15412345678都知道，没有人来修`
  const receipt = (await acknowledged(s, from, `${s.number} ${WORDS}`)).match(/([0-9]{4} ){3}[0-9]{4}/)[0].replaceAll(' ', '')
  const row = (await s.site.sql('select id, case_id from feedback where words like $1', [`%${WORDS}`]))[0], id = Number(row.case_id)
  const unit = await s.site.unitId('U003')
  if ((await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit })
  await s.handler.does(id, 'sign')
  await s.handler.does(id, 'extend_ask', { amount: 1, reason: '要等材料' })
  await s.coordinator.does(id, 'extend_grant', { reason: '属实' })
  const day = new Date(Date.now() + 10 * 86400e3 + 8 * 3600e3).toISOString().slice(0, 10)
  await s.handler.does(id, 'pause_ask', { pause_cause: 'appraisal', until: day, reason: '等鉴定' })
  await s.leader.does(id, 'pause_grant', { reason: '同意' })
  await s.handler.does(id, 'resume', { reason: '鉴定已有结果' })
  await s.handler.does(id, 'reply', { words: '已修好，并赔偿损失', evidence: 1 })
  await s.leader.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
  await s.gateway.smsPost(s.door, { from, text: `CX ${receipt}` })
  await s.gateway.smsPost(s.door, { from, text: `已解决 ${receipt}` })
  const mine = () => s.provider.sent.filter(to(from))
  for (const says of [/延长办理时限，最迟\d{4}-\d\d-\d\d答复/, /暂停计时/, /已恢复计时办理，期限：\d{4}-\d\d-\d\d/, /已有答复/, /您确认问题已解决/])
    await until(String(says), () => mine().some((q) => says.test(q.text)))
  const hint = receipt.slice(-4)
  for (const q of mine().slice(1)) {
    assert.doesNotMatch(q.text, new RegExp(`${SECRET}|漏水|张三|李四|15412345678|${receipt}|赔偿|\\d{11}`), q.text)
    assert.doesNotMatch(q.text, /\{|\}/)
  }
  assert.ok(mine().filter((q) => q.text.includes(`尾号${hint}`)).length >= 4, 'which case is meant')
  const rows = await s.site.sql('select purpose, event, urgent, body_form, recipient_hash, dedupe_key from outbox where case_id = $1 or feedback_id = $2', [id, row.id])
  const said = rows.map((r) => `${r.purpose} ${r.event}`)
  for (const one of ['answer received', 'notice answered', 'notice extended', 'notice paused', 'notice resumed']) assert.equal(said.filter((x) => x === one).length, 1, `${one}: ${said}`)
  assert.equal(new Set(rows.map((r) => r.recipient_hash.toString('hex'))).size, 1, 'one person, one hash')
})

it('the end of a pause that nobody ends is told by the clock', async (s) => {
  const from = '+8615400000166'
  await acknowledged(s, from, `${s.number} 楼道照明坏了好几个星期了`)
  const row = (await s.site.sql(`select id, case_id from feedback where words like '%楼道照明坏了好几个星期了'`))[0], id = Number(row.case_id)
  if ((await s.coordinator.case(id)).case.state === 'discovered') await s.coordinator.does(id, 'assign', { unit: await s.site.unitId('U003') })
  await s.handler.does(id, 'sign')
  const day = new Date(Date.now() + 10 * 86400e3 + 8 * 3600e3).toISOString().slice(0, 10)
  await s.handler.does(id, 'pause_ask', { pause_cause: 'appraisal', until: day, reason: '等鉴定' })
  await s.leader.does(id, 'pause_grant', { reason: '同意' })
  await s.site.sql(`update cases set pause_until = now() - interval '1 minute', next_at = now() - interval '1 minute' where id = $1 and next_act = 'resume'`, [id])
  await until('the clock resumes it', async () => (await s.site.one(`select count(*)::int from acts where case_id = $1 and act = 'resume' and actor = 'clock'`, [id])) === 1)
  await until('it is told', () => s.provider.sent.some((q) => to(from)(q) && /已恢复计时办理/.test(q.text)))
  assert.equal(await s.site.one(`select count(*)::int from outbox where case_id = $1 and event = 'resumed'`, [id]), 1)
})

it('what is urgent goes first', async (s) => {
  const from = '+8615400000177'
  await acknowledged(s, from, `${s.number} 这里燃气泄漏，味道很大，有人晕倒，快来人`)
  const level = await s.site.one(`select c.level from cases c join feedback f on f.case_id = c.id where f.words like '%燃气泄漏，味道很大%'`)
  const urgent = await s.site.one(`select o.urgent from outbox o join feedback f on f.id = o.feedback_id where f.words like '%燃气泄漏，味道很大%'`)
  assert.equal(level, 1)
  assert.equal(urgent, true)
  assert.equal(await s.site.one(`select count(*)::int from outbox where urgent`), 1)
})

it('a receipt that had to be made anew is the one that is told', async (s) => {
  const from = '+8615400000188'
  await s.site.sql(`create sequence taken_once; grant usage on taken_once to public;
    create function taken_once() returns trigger language plpgsql as $$ begin
      if nextval('public.taken_once') = 1 then raise exception 'taken' using errcode = '23505', constraint = 'feedback_receipt_hash_key', table = 'feedback'; end if;
      return new; end $$;
    create trigger taken_once before insert on feedback for each row execute function taken_once()`)
  const said = await acknowledged(s, from, `${s.number} 公共厕所几个月没有水`)
  await s.site.sql('drop trigger taken_once on feedback')
  assert.ok(Number(await s.site.one('select last_value from taken_once')) >= 2, 'it was stored at the second try')
  await s.gateway.smsPost(s.door, { from, text: `CX ${said.match(/([0-9]{4} ){3}[0-9]{4}/)[0]}` })
  const answer = await until('an answer to CX', () => s.provider.sent.filter(to(from))[1])
  assert.doesNotMatch(answer.text, /回执码不正确/)
})

it('no row is owed without purpose, event and whom it is for', async (s) => {
  const bad = await s.site.sql(`select dedupe_key, purpose, event from outbox where event = '' or recipient_hash is null or body_form <> 1`)
  assert.deepEqual(bad, [])
  // Whoever sends can open every one of them: none was given up.
  await until('nothing waits but surveys', async () => (await s.site.one(`select count(*)::int from outbox where state in ('due', 'claimed') and purpose <> 'survey'`)) === 0)
  assert.deepEqual(await s.site.sql(`select dedupe_key, state, last_error from outbox where state not in ('sent', 'delivered') and purpose <> 'survey'`), [])
})

// P6 for the citizen: with the receipt and without any script, a small file that proves that the own case was recorded and not
// rewritten. Checked by log_check.mjs and by `mashangdu verify --proof`; whatever byte is changed, neither takes it.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clearOfMidnight, fileName, hidden, receiptOn, scenario, until } from './harness.mjs'
import { assertProof } from './log_check.mjs'

const WORDS = '窗口的工作人员让我跑了三趟才告诉我缺材料，办营业执照拖了一个月。我的电话15412345678。'
const ANSWER = '已为您办结营业执照，并对窗口人员进行了一次性告知培训。'
const REMARK = '内部备注：当事人情绪激动'
const SAID = '补充：第二次去的是三月十八日，我叫王小明'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.g = await site.gateway({ log_every: '1s' })
  s.u003 = await site.unitId('U003')
  s.number = await site.plaqueNumber('U003')
  s.coordinator = await site.person(s.g, 'coordinator', { unit: 'U000-02', roles: ['coordinator'] })
  s.supervisor = await site.person(s.g, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  s.handler = await site.person(s.g, 'u003', { unit: 'U003', roles: ['handler'] })
  s.leader = await site.person(s.g, 'u003-leader', { unit: 'U003', roles: ['unit_leader'] })
  s.key = await until('the key is entered', () => site.one(`select encode(public_key, 'hex') from log_keys`))
})

const submit = async (s, text = WORDS) => (await s.g.api({ text, plaque: s.number, contact: '15412345678' })).json
const lookUp = (g, receipt) => g.post('/status', { receipt })
/** The button on the page, as a browser without script sends it. */
async function press(g, receipt, { at = g } = {}) {
  const page = await lookUp(g, receipt)
  assert.equal(page.status, 200, page.text)
  assert.doesNotMatch(page.text, /<script(?! defer id="js")/)
  assert.match(page.text, /<form method="post" action="\/status\/proof"[^]*?<button[^>]*>下载办理凭证<\/button>/)
  return at.post('/status/proof', { receipt: hidden(page.text, 'receipt', '/status/proof'), token: hidden(page.text, 'token', '/status/proof') })
}
const covered = (site, id) => until('a head over the case', async () =>
  await site.one(`select count(*)::int from acts a left join log_leaves l on l.act_id = a.id where a.case_id = $1
    and (l.index is null or l.index >= (select coalesce(max(size), 0) from log_heads))`, [id]) === 0)

it('the whole life of a case: shown where the citizen may know it, a hash where not', async (s) => {
  const { site, g, coordinator, handler, leader, supervisor, u003, key } = s
  const { receipt, case: id } = await submit(s)
  if ((await coordinator.case(id)).case.state === 'discovered') await coordinator.does(id, 'assign', { unit: u003 })
  await handler.does(id, 'sign')
  await handler.does(id, 'note', { words: REMARK })
  await handler.does(id, 'reply', { words: '尚在核实', evidence: 1 })
  await leader.does(id, 'send_back', { reason: '答复不具体，请重写' })
  await handler.does(id, 'reply', { words: ANSWER, evidence: 2 })
  await leader.does(id, 'endorse')
  await supervisor.does(id, 'approve')
  const page = await lookUp(g, receipt)
  assert.equal((await g.post('/status/say', { receipt, token: hidden(page.text, 'token', '/status/say'), text: SAID })).status, 200)
  await covered(site, id)

  const a = await press(g, receipt)
  assert.equal(a.status, 200, a.text)
  assert.equal(a.headers['content-disposition'], 'attachment; filename="mashangdu-proof.json"')
  assert.match(a.headers['content-type'], /^application\/json/)
  assert.equal(a.headers['cache-control'], 'no-store')
  const f = assertProof(a.text, { words: WORDS, publicKey: key })
  s.file = a.text
  s.words = join(site.dir, 'words.txt')
  writeFileSync(s.words, WORDS)

  const row = await site.sql('select act, version, hash from acts where case_id = $1 order by version', [id])
  assert.deepEqual(f.acts.map((x) => x.hash), row.map((r) => r.hash.toString('hex')))
  const shown = f.acts.filter((x) => x.act).map((x) => x.act)
  assert.deepEqual(shown, ['receive', 'assign', 'sign', 'reply', 'endorse', 'approve', 'say'])
  const texts = f.acts.filter((x) => x.text)
  assert.deepEqual(texts.map((x) => x.act), ['receive', 'reply'])
  assert.equal(texts[1].text.words, ANSWER)
  for (const secret of [receipt, '15412345678', '王小明', '跑了三趟', SAID, REMARK, '尚在核实', '不具体', 'u003', 'U003', '承办', 'handler'])
    assert.ok(!a.text.includes(secret), secret)

  const out = await site.tool('verify', '--proof', writeProof(site, a.text), '--words', s.words, '--key', key)
  assert.match(out, /^proved /, out)
  assert.match(out, /words=right/)
})

const writeProof = (site, text, name = 'mashangdu-proof.json') => {
  const path = join(site.dir, name)
  writeFileSync(path, text)
  return path
}

it('a changed byte anywhere is found', async ({ site, file, words, key }) => {
  const bytes = Buffer.from(file)
  assert.ok(bytes.length > 4000)
  for (let i = 0; i < bytes.length - 1; i++) { // the last one is a line end
    const wrong = Buffer.from(bytes)
    wrong[i] ^= 1
    assert.throws(() => assertProof(wrong.toString('utf8'), { words: WORDS, publicKey: key }), undefined, `byte ${i}`)
  }
  assert.throws(() => assertProof(file, { words: WORDS + '。', publicKey: key }))
  // The program takes a moment for each: a sample over the whole file. Without --key, for then the file's own key counts.
  for (let i = 7; i < bytes.length - 1; i += Math.floor(bytes.length / 48)) {
    const wrong = Buffer.from(bytes)
    wrong[i] ^= 1
    await assert.rejects(site.tool('verify', '--proof', writeProof(site, wrong, 'wrong.json'), '--words', words), (e) => e.code === 1,
      `byte ${i}: ${bytes.subarray(Math.max(0, i - 20), i + 20)}`)
  }
  await site.tool('verify', '--proof', writeProof(site, bytes, 'wrong.json'), '--words', words, '--key', key)
}, { ms: 480000 })

it('steps that no head covers yet are left out, and a case of which none is covered is told when', async (s) => {
  const { site, g, coordinator, key } = s
  await clearOfMidnight() // which brings a head
  const { receipt, case: id } = await submit(s)
  await covered(site, id)
  await g.stop()
  const told = g.text().length
  await g.start({ settings: { log_every: '1d', trace: 'ledger' } })
  await until('the look at the start, the last one for a day', () => /part=ledger msg="(appended|nothing to append)"/.test(g.text().slice(told)))
  for (const p of [coordinator, s.handler]) p.gateway = g
  await coordinator.does(id, 'note', { words: '新的一步' })
  const rows = await site.one('select count(*)::int from acts where case_id = $1', [id])
  const a = await press(g, receipt)
  assert.equal(a.status, 200, a.text)
  assert.equal(assertProof(a.text, { words: WORDS, publicKey: key }).acts.length, rows - 1)

  const fresh = await submit(s)
  const before = await g.refusals('proof_not_yet')
  const r = await press(g, fresh.receipt)
  assert.equal(r.status, 409)
  assert.equal(r.headers['content-disposition'], undefined)
  assert.ok(Number(r.headers['retry-after']) > 0)
  assert.match(r.text, /您的办件记录还没有写入签过名的公开总账/)
  assert.match(r.text, /预计 \d{4}-\d\d-\d\d \d\d:\d\d 之后可以下载/)
  assert.equal(await g.refusals('proof_not_yet'), before + 1)
  g.hangUp() // whoever changes the settings is not told to wait for tomorrow
  await covered(site, fresh.case)
  assertProof((await press(g, fresh.receipt)).text, { words: WORDS, publicKey: key })
  await g.stop()
  await g.start({ settings: { log_every: '1s' } })
})

it('the guards are those of the status page', async (s) => {
  const { g, number } = s
  const { receipt } = await submit(s)
  const wrong = async () => (await g.metrics()).get('mashangdu_status_wrong_receipts_total')
  const before = await wrong()
  assert.equal((await g.post('/status/proof', { receipt: '1234567890123456', token: 'x' })).status, 404)
  assert.equal(await wrong(), before + 1)
  const token = hidden((await lookUp(g, receipt)).text, 'token', '/status/proof')
  assert.equal((await g.post('/status/proof', { receipt })).status, 403, 'no token')
  assert.equal((await g.post('/status/proof', { receipt, token: hidden((await lookUp(g, receipt)).text, 'token', '/status/say') })).status, 403, 'of another form')
  assert.equal((await g.post('/status/proof', { receipt, token }, { headers: { origin: 'http://elsewhere.example' } })).status, 403)
  assert.equal((await g.post('/status/proof', { receipt: (await submit(s)).receipt, token })).status, 403, 'of another receipt')
  const get = await g.get('/status/proof')
  assert.deepEqual([get.status, get.headers.location], [303, '/status'])
  assert.equal((await g.get(`/status/proof?receipt=${receipt}`)).status, 303, 'a receipt in the address opens nothing')
  assert.ok(!g.text().includes(receipt))
  // A plain rating opens no case: nothing to prove, no button.
  const rated = await g.form(`/p/${number}/rate`, { rating: '5' })
  assert.equal(rated.status, 201, rated.text.slice(0, 300))
  assert.doesNotMatch((await lookUp(g, receiptOn(rated.text))).text, /status\/proof/)
  const slow = await s.site.gateway({ log_every: '1d', status_per_minute: 2 })
  await lookUp(slow, receipt)
  await lookUp(slow, receipt)
  assert.equal((await slow.post('/status/proof', { receipt, token })).status, 429)
  await slow.stop()
})

it('of a case that was merged, the own steps are proved', async (s) => {
  const { site, g, coordinator, key } = s
  const main = await submit(s), own = await submit(s, '同一件事：办执照跑了三趟')
  await coordinator.does(own.case, 'merge', { target: main.case, reason: '同一事项' })
  await covered(site, own.case)
  const f = assertProof((await press(g, own.receipt)).text, { words: '同一件事：办执照跑了三趟', publicKey: key })
  assert.equal(f.case, own.case)
  assert.equal(f.acts.at(-1).act, 'merge')
})

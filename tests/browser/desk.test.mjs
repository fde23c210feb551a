// The desks of the loop as those use them who work there: a letter from draft to seal with two persons, callbacks all day by
// keyboard, a problem numbered in the room, inspections, monitors, a list from elsewhere, the weekly sheet, the figures, one story.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileName, freshKey, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, says, saysNot, holds, counts, isOff, isHidden } from './browser.mjs'

const TELEPHONE = '15412345678'
const DESK = { width: 1366, height: 900 }
const PHONE = { width: 390, height: 844 }
/** A day of the calendar in so many days, as a field takes it. */
const inDays = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10)

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ auto_assign_percent: 101, office_phone: '0700-2100000' })
  const people = {
    coordinator: ['U000-02', ['coordinator'], '统筹协调组值班员'], supervisor: ['U000-03', ['supervisor'], '督查督办组督办员'], supervisor2: ['U000-03', ['supervisor'], '督查督办组组长'],
    accountability: ['U000-04', ['accountability'], '追责问责组专员'], registry: ['U000-01', ['registry'], '综合办公室文书'], clerk: ['U000-01', ['callback'], '回访员'], leader: ['U000', ['leader'], '分管领导'],
    handler: ['U026', ['handler'], '承办人'], chief: ['U026', ['unit_leader'], '单位负责人'], monitor: ['U000', ['monitor'], '监测员'], admin: ['U000', ['admin'], '系统管理员'],
  }
  for (const [login, [unit, roles, name]] of Object.entries(people)) s[login] = await site.person(s.gateway, login, { unit, roles, name })
  for (const code of ['U026', 'U003', 'U032', 'U000']) s[code] = await site.unitId(code)
  s.number = await site.plaqueNumber('U026')
  s.browser = await openBrowser()
})

/** A case of U026 from words with a telephone number behind it. */
async function filed(s, text) {
  const a = await s.gateway.form(`/p/${s.number}/supervise`, { text, contact: TELEPHONE })
  assert.equal(a.status, 201, a.text.slice(0, 500))
  return Number(await s.site.one('select case_id from feedback where words = $1', [text]))
}
async function inHand(s, text) {
  const id = await filed(s, text)
  await s.coordinator.does(id, 'assign', { unit: s.U026 })
  await s.handler.does(id, 'sign')
  return id
}
async function answered(s, text) {
  const id = await inHand(s, text)
  await s.handler.does(id, 'reply', { words: '已现场处理，占道摊位已清理，安排专人每日巡查。', evidence: '照片两张' })
  await s.chief.does(id, 'endorse')
  await s.supervisor.does(id, 'approve')
  return id
}

async function at(s, login, options = { viewport: DESK }) {
  const page = await s.browser.desk(s.gateway, options)
  await signIn(page, login, s[login].password)
  return page
}
const desk = (page, name) => page.getByTestId(`desk-${name}`).click()
const fill = async (form, fields) => {
  for (const [field, value] of Object.entries(fields)) {
    const box = form.getByTestId(`field-${field}`)
    if ((await box.evaluate((e) => e.tagName)) === 'SELECT') await box.selectOption(value)
    else await box.fill(value)
    if ((await box.getAttribute('role')) === 'combobox') await form.locator('[role="option"]').first().click()
  }
}
const submit = (form) => form.getByTestId('form-submit').click()
/** Judged, and kept as a picture at a desk and on a telephone. */
async function seen(s, page, name) {
  await page.evaluate(() => window.scrollTo(0, 0))
  await s.browser.axe(page, name, ['moderate', 'serious', 'critical'])
  await s.browser.picture(page, `desk-${name}`)
  await page.setViewportSize(PHONE)
  await s.browser.picture(page, `desk-${name}-phone`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(wide <= 0, `${name} is ${wide} px wider than a telephone`)
  await page.setViewportSize(DESK)
}
const pdf = async (page, testid) => {
  const link = page.getByTestId(testid)
  assert.equal(await link.getAttribute('target'), '_blank')
  const a = await page.request.get(await link.getAttribute('href'))
  assert.equal(a.status(), 200, await a.text())
  assert.equal(a.headers()['content-type'], 'application/pdf')
  assert.equal((await a.body()).subarray(0, 5).toString(), '%PDF-')
}

it('each post has its own desks, and no others', async (s) => {
  const names = async (login) => {
    const page = await at(s, login)
    const all = await page.locator('nav a[data-testid^="desk-"]').evaluateAll((links) => links.map((a) => a.dataset.testid.slice(5)))
    return { page, all }
  }
  assert.deepEqual((await names('clerk')).all, ['cases', 'entry', 'callbacks', 'letters', 'finders', 'weekly', 'story', 'ratings', 'overview', 'figures', 'rules', 'calendar'])
  assert.deepEqual((await names('handler')).all, ['inbox', 'cases', 'entry', 'letters', 'finders', 'weekly', 'causes', 'story', 'publish', 'enterprises', 'plaques', 'ratings', 'overview', 'figures'])
  const admin = await names('admin')
  assert.deepEqual(admin.all, ['plaques', 'overview', 'rules', 'calendar', 'log', 'people', 'channels'])
  await admin.page.goto('/staff/#/letters')
  await admin.page.waitForURL(/#\/channels$/) // where the own day begins
  // The list of cases is a table at a desk: one line a case, the columns beside each other.
  await filed(s, '体育公园入口台阶松动，老人容易绊倒。')
  const coordinator = await at(s, 'coordinator')
  const line = coordinator.getByTestId('case-row').first()
  await line.waitFor()
  const cells = await line.getByRole('cell').evaluateAll((all) => all.map((c) => c.getBoundingClientRect()).filter((r) => r.width > 0).map((r) => [r.top, r.left]))
  assert.equal(new Set(cells.map(([top]) => Math.round(top))).size, 1)
  assert.equal(new Set(cells.map(([, left]) => Math.round(left))).size, cells.length)
  await seen(s, coordinator, 'cases')
  s.browser.assertClean(s.gateway)
})

it('a 督办函 from the case: drafted, checked, signed by another person, received; the case rises, the page moves along', async (s) => {
  const id = await inHand(s, `解放路占道经营堵住消防通道，反映多次没有结果。电话${TELEPHONE}。`)
  const page = await at(s, 'supervisor')
  await page.goto(`/staff/#/cases/${id}`)
  await page.getByTestId('ladder').waitFor()
  await page.getByTestId('draft-letter').click()
  const form = page.getByTestId('letter-form')
  await form.waitFor()
  await holds(form.getByTestId('field-cases'), String(id))
  await isHidden(form.getByTestId('field-title'), 'what is proposed need not be filled in')
  await holds(form.getByTestId('field-kind'), 'supervise', 'what the ladder asks for next')
  await holds(form.getByTestId('field-rung'), '3', 'what the ladder asks for next')
  await seen(s, page, 'letter-new')
  await submit(form)
  await page.locator('[data-testid="letter-state"][data-state="draft"]').waitFor()
  const letter = Number(page.url().match(/letters\/(\d+)/)[1])
  await says(page.getByTestId('letter-text'), new RegExp(String(id)))
  assert.doesNotMatch(await page.content(), new RegExp(TELEPHONE))
  await page.getByTestId('letter-act-edit').click()
  const edit = page.getByTestId('letter-act-form')
  await edit.getByTestId('field-note').fill('联系人：值班室')
  await submit(edit)
  await page.getByTestId('letter-text').getByText('联系人：值班室').waitFor()
  await counts(page.getByTestId('letter-act-check'), 0, 'the drafter does not check')

  const registry = await at(s, 'registry')
  await desk(registry, 'letters')
  await registry.getByTestId('letters-todo').click()
  await registry.getByTestId('letters').getByRole('link').first().click()
  await registry.getByTestId('letter-act-check').click()
  await submit(registry.getByTestId('letter-act-form'))
  await registry.locator('[data-testid="letter-state"][data-state="checked"]').waitFor()

  const signer = await at(s, 'supervisor2')
  await signer.goto(`/staff/#/letters/${letter}`)
  await signer.getByTestId('letter-act-sign').click()
  await submit(signer.getByTestId('letter-act-form'))
  await signer.locator('[data-testid="letter-state"][data-state="signed"]').waitFor()
  const serial = await signer.getByTestId('letter-serial').innerText()
  assert.match(serial, /督函〔\d{4}〕1号/)
  await pdf(signer, 'letter-paper')
  // The drafter's page moved along by itself.
  await page.locator('[data-testid="letter-state"][data-state="signed"]').waitFor()
  await signer.getByTestId('letter-act-deliver').click()
  await submit(signer.getByTestId('letter-act-form'))
  await signer.locator('[data-testid="letter-state"][data-state="delivered"]').waitFor()

  const handler = await at(s, 'handler')
  await desk(handler, 'letters')
  await handler.getByTestId('letters').getByRole('link').first().click()
  await handler.getByTestId('letter-act-receive').click()
  await submit(handler.getByTestId('letter-act-form'))
  await handler.getByTestId('letter-act-answer').click()
  await fill(handler.getByTestId('letter-act-form'), { words: '已按要求整改，通道已清理。' })
  await submit(handler.getByTestId('letter-act-form'))
  await handler.locator('[data-testid="letter-state"][data-state="answered"]').waitFor()
  await page.locator('[data-testid="letter-state"][data-state="answered"]').waitFor()
  await saysNot(page.getByTestId('addressees'), /未/)
  await seen(s, page, 'letter')
  await page.goto(`/staff/#/cases/${id}`)
  await page.getByTestId('case-letters').waitFor()
  await page.locator('[data-testid="ladder"] [aria-current="step"]').filter({ hasText: '督办函（黄）' }).waitFor()
  await seen(s, page, 'case')

  await desk(registry, 'letters')
  await registry.getByTestId('letters').waitFor()
  await seen(s, registry, 'letters')
  await registry.getByTestId('tab-letter-book').click()
  await registry.getByTestId('book').getByText(serial).waitFor()
  await pdf(registry, 'book-paper')
  await seen(s, registry, 'letter-book')
  await registry.getByTestId('book-in').click()
  await registry.getByTestId('book').getByText('单位反馈').waitFor()
  await registry.getByTestId('book-enter').click()
  await fill(registry.getByTestId('book-form'), { title: '关于转办营商环境线索的函', from: '示例市优化办' })
  await submit(registry.getByTestId('book-form'))
  await registry.getByTestId('book').getByText('关于转办营商环境线索的函').waitFor()
  s.browser.assertClean(s.gateway)
})

it('callbacks: the number for a reason, the script answered by keys, not reached by one press, and the next one is there', async (s) => {
  const first = await answered(s, '解放路夜市占道，行人只能走机动车道。')
  const second = await answered(s, '垃圾清运不及时，小区门口异味大。')
  const third = await answered(s, '路灯坏了三盏，晚上看不见路。')
  const page = await at(s, 'clerk')
  await desk(page, 'callbacks')
  const card = page.getByTestId('callback-card')
  await card.getByRole('heading', { name: `回访办件 ${first}` }).waitFor()
  assert.doesNotMatch(await page.content(), new RegExp(TELEPHONE))
  await page.keyboard.press('c')
  await page.getByTestId('contact-reason').press('Enter')
  await says(page.getByTestId('contact'), new RegExp(TELEPHONE))
  assert.equal(await s.site.one(`select count(*)::int from audit_log where case_id = $1 and detail->>'reason' = '拨打回访电话'`, [first]), 1, 'the look is logged')
  // Words are needed; the page says so and stands on the field.
  await page.getByTestId('record-solved').click()
  await page.getByTestId('callback-error').waitFor()
  await until('the field has the focus', async () => (await page.evaluate(() => document.activeElement?.dataset.testid)) === 'callback-words')
  // The script names the case and nobody; one key answers the question that is next, and the record is made of the answers.
  const script = page.getByTestId('call-script')
  await script.getByText(`编号 ${first}`).waitFor()
  await saysNot(script, new RegExp(TELEPHONE))
  const now = (name) => script.locator(`[data-step="${name}"][aria-current="step"]`).waitFor()
  const said = (text) => until(`the words are ${text}`, async () => (await page.getByTestId('callback-words').inputValue()) === text)
  await page.getByTestId('answer-reached-spoken').click()
  await now('call_contacted')
  for (const key of ['q', 'q', 'w', 'b', 'q', '5', 'q']) await page.keyboard.press(key)
  await said('已接通本人。承办单位联系过。答复所说已经做到。群众表示问题已经解决。群众评价：非常满意。没有其他要求。')
  await page.getByTestId('callback-advised').getByText('已解决').waitFor()
  for (const name of ['record-unsolved', 'record-attempt']) await isOff(page.getByTestId(name), 'what the answers deny')
  await seen(s, page, 'callbacks')
  // The office words it anew: who has the page open reads the new sentence.
  assert.equal((await s.registry.call('POST', '/templates', { event: 'call_farewell', lang: 'zh', version: 1, text: '{unit}的事就问到这里，再见。' })).status, 200)
  await script.getByText('就问到这里，再见。').waitFor()
  // The live line tells of the closed case before the answer to the press is there: the next one is not skipped.
  await page.route(`**/cases/${first}/acts`, async (route) => {
    const answer = await route.fetch()
    await page.getByTestId(`task-${first}`).waitFor({ state: 'detached' })
    await route.fulfill({ response: answer })
  })
  await page.getByTestId('record-solved').click()
  await card.getByRole('heading', { name: `回访办件 ${second}` }).waitFor()
  const solved = (await s.clerk.case(first)).case
  assert.equal(solved.state, 'closed')
  const answer = (await s.clerk.get(`/callbacks?case=${first}`)).callbacks[0]
  assert.deepEqual([answer.state, answer.rating], ['solved', 5])
  // By keyboard alone: not reached; it stays in the queue, behind the others.
  await page.keyboard.press('d')
  await card.getByRole('heading', { name: `回访办件 ${third}` }).waitFor()
  await page.getByTestId(`task-${second}`).getByText('今天已拨').waitFor()
  // Not solved: dissatisfied, and the case is open again.
  await page.keyboard.press('2')
  await isOff(page.getByTestId('record-solved'), 'a low level is never solved')
  for (const key of ['q', 'w', 'w', 'w']) await page.keyboard.press(key)
  await page.getByTestId('branch-call_danger').click()
  await script.getByText(/请您先到安全的地方/).waitFor()
  const told = '已接通本人。承办单位没有联系过。答复所说只做到一部分。群众表示问题部分解决。群众评价：不满意。群众讲到眼前的危险：'
  await said(told)
  await page.getByTestId('callback-words').fill(`${told}灯杆漏电。`)
  await page.getByTestId('record-unsolved').click()
  await page.getByTestId(`task-${third}`).waitFor({ state: 'detached' })
  const again = await s.clerk.case(third)
  assert.deepEqual([again.case.state, again.case.round, again.case.level], ['handling', 2, 1])
  assert.deepEqual([again.acts.at(-1).data.call_solved, again.acts.at(-1).data.call_danger, again.acts.at(-1).words], ['partly', 'told', `${told}灯杆漏电。`])
  // Somebody else records the call that is on the card: it stays, says so, and takes no outcome for whoever comes next.
  const fourth = await answered(s, '花坛里的水管漏水，流得到处都是。')
  await page.getByTestId(`task-${fourth}`).waitFor()
  await page.getByTestId(`task-${second}`).click()
  await card.getByRole('heading', { name: `回访办件 ${second}` }).waitFor()
  await s.clerk.does(second, 'callback_solved', { words: '同事已接通，问题已解决', rating: 5 })
  await page.getByTestId('callback-gone').waitFor()
  await counts(card.getByRole('heading', { name: `回访办件 ${second}` }), 1)
  await isOff(page.getByTestId('record-attempt'))
  await page.keyboard.press('d')
  await page.keyboard.press('j')
  await card.getByRole('heading', { name: `回访办件 ${fourth}` }).waitFor()
  assert.equal(await s.site.one(`select count(*)::int from acts where case_id = $1 and act like 'callback%'`, [fourth]), 0)
  await page.goto(`/staff/#/cases/${third}`)
  await page.getByTestId('reporters').waitFor()
  await page.getByTestId('timeline').getByText('是否解决：部分解决').waitFor()
  s.browser.assertClean(s.gateway)
})

it('two reporters of one matter: the case page asks which one it was', async (s) => {
  const main = await filed(s, '建设路公交站台破损，候车危险。')
  const other = await filed(s, '建设路站台玻璃碎了一地。')
  await s.coordinator.does(main, 'assign', { unit: s.U026 })
  await s.coordinator.does(other, 'merge', { target: main, reason: '同一处站台' })
  await s.handler.does(main, 'sign')
  await s.handler.does(main, 'reply', { words: '站台已修复。', evidence: '照片一张' })
  await s.chief.does(main, 'endorse')
  await s.supervisor.does(main, 'approve')
  const page = await at(s, 'clerk')
  await page.goto(`/staff/#/cases/${main}`)
  await page.getByTestId('reporters').getByText('第 2 位').waitFor()
  await counts(page.getByTestId('reporters').getByRole('listitem'), 2)
  await page.getByTestId('act-callback_solved').click()
  const form = page.getByTestId('act-form')
  await form.getByTestId('field-words').fill('群众表示站台修好了。')
  await form.getByTestId('field-feedback').click()
  await page.getByRole('option', { name: /第 2 位/ }).click()
  await form.getByTestId('act-submit').click()
  await page.getByTestId('reporters').getByText('已解决').waitFor()
  const left = (await s.clerk.get(`/callbacks?case=${main}`)).callbacks
  assert.deepEqual(left.map((t) => t.state).sort(), ['due', 'solved'])
  s.browser.assertClean(s.gateway)
})

it('a problem said in the room has its number on the screen, and the board counts it', async (s) => {
  const page = await at(s, 'coordinator')
  await desk(page, 'finders')
  await page.getByTestId('meeting-new').click()
  const meeting = page.getByTestId('meeting-form')
  await fill(meeting, { kind: 'theme_day', theme: '用工保障主题日', place: '园区会议中心', host_unit: '城市管理', participants: '示例电子有限公司\n区人社局' })
  await submit(meeting)
  const form = page.getByTestId('problem-form')
  await form.waitFor()
  await submit(form)
  await form.getByTestId('form-error').waitFor()
  await fill(form, { text: '园区三号路路灯坏了多日，夜班工人出行不便。', raised_by: '示例电子有限公司', measure: '一周内更换灯具', due_on: inDays(30) })
  await fill(form, { assign_to: '城市管理' })
  await submit(form)
  const slip = page.getByTestId('slip')
  await slip.waitFor()
  const number = Number(await slip.getByTestId('slip-number').innerText())
  await says(slip.getByTestId('slip-receipt'), /^(\d{4} ){3}\d{4}$/)
  await page.getByTestId('matters').getByText('一周内更换灯具').waitFor()
  await seen(s, page, 'meeting')
  // On paper stands the slip alone.
  await page.evaluate(() => { window.print = () => { window.printed = document.body.className } })
  await slip.getByTestId('slip-print').click()
  await until('the print view', () => page.evaluate(() => window.printed)) // waitForFunction needs an eval that the content policy forbids
  assert.match(await page.evaluate(() => window.printed), /slip-alone/)
  await page.evaluate(() => document.body.classList.add('slip-alone'))
  await page.emulateMedia({ media: 'print' })
  await s.browser.picture(page, 'desk-slip-paper', false)
  await page.getByTestId('matters').waitFor({ state: 'hidden' })
  await slip.getByTestId('slip-number').waitFor()
  await page.emulateMedia({ media: 'screen' })
  await page.evaluate(() => document.body.classList.remove('slip-alone'))
  await slip.getByTestId('slip-close').click()
  await fill(form, { text: '希望增加园区公交班次。', raised_by: '示例机械有限公司' })
  await submit(form)
  await slip.waitFor()
  await page.getByTestId('promise-2').click()
  await fill(page.getByTestId('measure-form'), { measure: '会同交通部门测算客流', due_on: inDays(60) })
  await fill(page.getByTestId('measure-form'), { unit: '交通' })
  await submit(page.getByTestId('measure-form'))
  await page.getByTestId('matters').getByText('会同交通部门测算客流').waitFor()
  assert.equal((await s.coordinator.case(number)).case.channel, 'meeting')
  await page.getByTestId('page-back').click()
  await page.getByTestId('meetings').waitFor()
  await seen(s, page, 'meetings')
  await page.getByTestId('tab-board').click()
  await page.locator('[data-testid="board"] [data-stat="matters"]').filter({ hasText: '2' }).waitFor()
  await seen(s, page, 'board')
  s.browser.assertClean(s.gateway)
})

it('inspections, monitors and a list from elsewhere become ordinary cases', async (s) => {
  const page = await at(s, 'supervisor')
  await desk(page, 'finders')
  await page.getByTestId('tab-inspections').click()
  await page.getByTestId('inspection-new').click()
  const form = page.getByTestId('inspection-form')
  await fill(form, { kind: 'covert', place: '政务服务大厅二楼', basis: '年度督查计划', steps: '一看二问三核' })
  await fill(form, { unit: '市场监督' })
  await submit(form)
  await page.getByTestId('finding-new').click()
  await fill(page.getByTestId('finding-form'), { text: '二楼窗口午间无人值守，未挂暂停服务牌。' })
  await submit(page.getByTestId('finding-form'))
  await page.getByTestId('slip').waitFor()
  await page.getByTestId('findings').waitFor()
  await page.getByTestId('outcome-new').click()
  await fill(page.getByTestId('outcome-form'), { persons: '2', document: '示督通〔2026〕1号' })
  await submit(page.getByTestId('outcome-form'))
  await page.getByText('示督通〔2026〕1号').waitFor()
  await seen(s, page, 'inspection')
  await page.getByTestId('page-back').click()
  await page.locator('[data-testid="inspection-totals"] [data-stat="announce"]').filter({ hasText: '2' }).waitFor()
  await seen(s, page, 'inspections')

  const registry = await at(s, 'registry')
  await desk(registry, 'finders')
  await registry.getByTestId('tab-monitors').click()
  await registry.getByTestId('monitor-new').click()
  await fill(registry.getByTestId('monitor-form'), { login: 'monitor', enterprise: '示例电子有限公司' })
  await submit(registry.getByTestId('monitor-form'))
  await registry.getByTestId('returns').getByText('未报送').waitFor()
  await seen(s, registry, 'monitors')
  const monitor = await at(s, 'monitor')
  await desk(monitor, 'finders')
  await fill(monitor.getByTestId('return-form'), { text: '开办企业窗口排队时间较长。' })
  await submit(monitor.getByTestId('return-form'))
  await monitor.getByTestId('slip-receipt').waitFor()
  // The registry's page moved along by itself.
  await registry.getByTestId('returns').getByText('已报送').waitFor()

  await registry.getByTestId('tab-imports').click()
  const list = (n) => `外部编号,来源,内容,日期\nA-1,示例热线,河堤路井盖破损,2026-11-02\nA-2,示例热线,${n},2026-11-03\n`
  await registry.getByTestId('import-text').fill(list(''))
  await isOff(registry.getByTestId('import-store'), 'nothing is stored untried')
  await registry.getByTestId('import-try').click()
  await registry.getByTestId('import-result').getByText('不能导入').first().waitFor()
  await seen(s, registry, 'imports')
  // As spreadsheets here save it: not UTF-8.
  await registry.getByTestId('import-file').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: execFileSync('iconv', ['-f', 'utf-8', '-t', 'gb18030'], { input: list('路口红绿灯不亮') }) })
  await until('the file is read', async () => (await registry.getByTestId('import-text').inputValue()).includes('路口红绿灯不亮'))
  await isOff(registry.getByTestId('import-store'), 'what was changed is tried again')
  await registry.getByTestId('import-try').click()
  await registry.getByText('可以导入 2 行').waitFor()
  await registry.getByTestId('import-store').click()
  await registry.getByTestId('import-result').getByText('已入库').first().waitFor()
  assert.equal(await s.site.one(`select count(*)::int from feedback where channel = 'import'`), 2)
  s.browser.assertClean(s.gateway)
})

it('the weekly sheet, the figures and the story of one number, on the screen and on paper', async (s) => {
  const page = await at(s, 'leader')
  await desk(page, 'weekly')
  await page.getByTestId('weekly-total').waitFor()
  await page.getByTestId('weekly-scope').selectOption('all')
  await page.locator('[data-testid="weekly-total"] [data-stat="open"]').waitFor()
  await page.getByRole('cell', { name: '新增' }).first().waitFor()
  await pdf(page, 'weekly-paper')
  await seen(s, page, 'weekly')

  await desk(page, 'figures')
  await page.locator('[data-testid="rates"] [data-rate="satisfied"]').filter({ hasText: '样本不足' }).filter({ hasText: '算法' }).waitFor()
  await page.locator('[data-testid="figures-apart"] [data-stat="refused"]').waitFor()
  await seen(s, page, 'figures')

  const id = Number(await s.site.one(`select id from cases where state = 'closed' order by id limit 1`))
  await desk(page, 'story')
  await page.getByTestId('story-number').fill(String(id))
  await page.getByTestId('story-find').click()
  await page.getByTestId('chain').getByText('链完整').waitFor()
  assert.doesNotMatch(await page.content(), new RegExp(TELEPHONE))
  await pdf(page, 'story-paper')
  await seen(s, page, 'story')
  await page.goto(`/staff/#/cases/${id}`)
  await page.getByTestId('to-story').click()
  await page.getByTestId('chain').waitFor()

  // A report is told to those who may know of it, for a reason that is logged.
  const a = await s.gateway.api({ text: '城管局一名工作人员索要好处费。', nature: 'report' }, { key: freshKey() })
  assert.equal(a.status, 201, a.text)
  const officer = await at(s, 'accountability')
  await officer.goto(`/staff/#/story/${a.json.case}`)
  await officer.getByTestId('look-reason').fill('核查线索')
  await officer.getByTestId('look-submit').click()
  await officer.getByTestId('chain').waitFor()
  assert.equal(await s.site.one(`select count(*)::int from audit_log where case_id = $1 and detail->>'reason' = '核查线索'`, [a.json.case]), 1)
  await page.goto(`/staff/#/story/${a.json.case}`)
  await page.getByTestId('load-error').waitFor()

  await officer.getByRole('button', { name: 'English' }).click()
  await desk(officer, 'figures')
  await officer.getByRole('heading', { level: 1, name: 'Figures' }).waitFor()
  await s.browser.axe(officer, 'figures in English', ['moderate', 'serious', 'critical'])
  await s.browser.picture(officer, 'desk-figures-en')
  for (const name of ['letters', 'finders', 'weekly']) {
    await desk(officer, name)
    await officer.getByRole('heading', { level: 1 }).first().waitFor()
    await s.browser.picture(officer, `desk-${name}-en`)
  }
  s.browser.assertClean(s.gateway)
})

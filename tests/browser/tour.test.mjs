// What people do, in a real browser: a citizen without script scans, writes and comes back; the desk watches, opens,
// assigns; the unit answers; the citizen says that it is solved. And a report that the unit it names never sees.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, counts } from './browser.mjs'

const WORDS = '窗口的工作人员让我跑了三趟才告诉我缺材料，办营业执照拖了一个月，请督促改进。我的电话15412345678。'
const SEEN = '让我跑了三趟才告诉我缺材料'
const ANSWER = '已为您办结营业执照，并对窗口人员进行了一次性告知培训。'
const REPORT = '市场监管局一名窗口人员向办事的人索要红包，不给就说材料不全，请查处。'
const OWN = 'Browser-Test-2026'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  // The router assigns nothing by itself here, so that the desk has something to decide.
  s.gateway = await site.gateway({ auto_assign_percent: 101, office_phone: '0700-2100000', sms_number: '10690000' })
  s.number = await site.plaqueNumber('U003')
  s.path = await site.plaquePath('U003')
  s.coordinatorFirst = await site.account('coordinator', { unit: 'U000-02', roles: ['coordinator'], name: '统筹协调组值班员' })
  for (const [login, unit, role, name] of [['supervisor', 'U000-03', 'supervisor', '督查督办组督办员'], ['accountability', 'U000-04', 'accountability', '追责问责组专员'],
    ['u003', 'U003', 'handler', '市监局承办人'], ['u003-leader', 'U003', 'unit_leader', '市监局负责人']]) s[login] = await site.person(s.gateway, login, { unit, roles: [role], name })
  s.browser = await openBrowser()
})

const row = (page, text) => page.getByTestId('case-row').filter({ hasText: text })
const heading = (page, text) => page.getByRole('heading', { level: 1, name: text }).waitFor()

/** One act through its form, until the case stands in `state`. */
async function act(page, name, fields, state) {
  await page.getByTestId(`act-${name}`).click()
  const form = page.getByTestId('act-form')
  for (const [field, value] of Object.entries(fields)) {
    const box = form.getByTestId(`field-${field}`)
    await box.fill(value)
    if (field === 'unit') await form.getByRole('option').first().click()
  }
  await form.getByTestId('act-submit').click()
  await page.locator(`[data-testid="case-state"][data-state="${state}"]`).waitFor()
  await form.waitFor({ state: 'detached' })
}

/** The person's own desk, on that case. */
async function openCase(s, login, text, picture) {
  const page = await s.browser.desk(s.gateway)
  await signIn(page, login, s[login].password)
  await row(page, text).click()
  await page.getByTestId('words').first().waitFor()
  if (picture) await s.browser.picture(page, picture)
  return page
}

it('scan, write, watched live, assigned, answered, approved, confirmed', async (s) => {
  const { browser, gateway } = s
  const desk = await browser.desk(gateway)
  await desk.goto('/staff/')
  await desk.getByTestId('login-submit').waitFor()
  await browser.axe(desk, 'login', ['serious', 'critical'])
  await browser.picture(desk, 'login', false)
  await signIn(desk, 'coordinator', OWN, s.coordinatorFirst)
  await desk.getByTestId('list-empty').waitFor()
  await desk.evaluate(() => { window.sameDocument = true })

  const phone = await browser.phone(gateway)
  await phone.goto(s.path)
  await heading(phone, '区市场监督管理局')
  await browser.axe(phone, 'landing')
  await browser.picture(phone, 'landing')
  await phone.getByRole('link', { name: /监督 哪里没做好/ }).click()
  await phone.getByLabel('请写下经过').fill(WORDS)
  await browser.picture(phone, 'form')
  await phone.getByRole('button', { name: '提交' }).click()
  await heading(phone, '已收到，谢谢您')
  const receipt = (await phone.locator('.receipt').innerText()).replace(/ /g, '')
  assert.match(receipt, /^\d{16}$/)
  assert.ok(!phone.url().includes(receipt), 'the receipt stands in no address')
  await browser.axe(phone, 'receipt')
  await browser.picture(phone, 'receipt')

  // The desk was open before and is not asked to reload.
  await row(desk, SEEN).waitFor()
  assert.equal(await desk.evaluate(() => window.sameDocument), true)
  assert.doesNotMatch(await desk.content(), /15412345678/)
  await browser.axe(desk, 'list', ['serious', 'critical'])
  await browser.picture(desk, 'dashboard', false)
  await row(desk, SEEN).click()
  const words = await desk.getByTestId('words').innerText()
  assert.ok(words.includes(SEEN))
  assert.doesNotMatch(await desk.content(), /15412345678/, 'the telephone number is masked')
  const because = await desk.getByTestId('because-list').getByRole('listitem').allInnerTexts()
  assert.ok(because.length > 0 && because.every((line) => /\p{Script=Han}/u.test(line)), because.join())
  await browser.axe(desk, 'case page', ['serious', 'critical'])
  await browser.picture(desk, 'case')
  await act(desk, 'assign', { unit: '区市场监督管理局' }, 'assigned')

  const handler = await openCase(s, 'u003', SEEN)
  assert.doesNotMatch(await handler.content(), /15412345678/)
  await act(handler, 'sign', {}, 'handling')
  await act(handler, 'reply', { words: ANSWER, evidence: '办结通知书一份' }, 'replied')
  const leader = await openCase(s, 'u003-leader', SEEN)
  await leader.getByTestId('act-endorse').click()
  await leader.getByTestId('act-submit').click()
  await leader.getByTestId('act-endorse').waitFor({ state: 'detached' })
  const supervisor = await openCase(s, 'supervisor', SEEN)
  await act(supervisor, 'approve', {}, 'verifying')
  await browser.picture(supervisor, 'case-approved')

  await phone.goto('/status')
  await browser.axe(phone, 'status box')
  await phone.getByLabel('回执码').fill(receipt.replace(/(.{4})/g, '$1 '))
  await phone.getByRole('button', { name: '查询', exact: true }).click()
  await phone.getByText('已答复，等您确认是否解决').first().waitFor()
  await phone.getByText(ANSWER).first().waitFor()
  await browser.axe(phone, 'status')
  await browser.picture(phone, 'status')
  await phone.getByLabel('已解决', { exact: true }).check()
  await phone.locator('form[action="/status/confirm"] button').click()
  await phone.getByText('已记录：您确认问题已解决。谢谢您。').waitFor()
  assert.ok(!phone.url().includes(receipt))
  await browser.picture(phone, 'status-done')

  // The coordinator's page and list moved along by themselves.
  await desk.locator('[data-testid="case-state"][data-state="closed"]').waitFor()
  await desk.getByTestId('back').click()
  await row(desk, SEEN).filter({ hasText: '销号' }).waitFor()
  assert.equal(await desk.evaluate(() => window.sameDocument), true)
  await browser.picture(desk, 'dashboard-closed', false)
  browser.assertClean(gateway)
})

it('report: the unit it names sees nothing, accountability does and says why', async (s) => {
  const { browser, gateway } = s
  const handler = await browser.desk(gateway)
  await signIn(handler, 'u003', s.u003.password)
  const leader = await browser.desk(gateway)
  await signIn(leader, 'u003-leader', s['u003-leader'].password)
  const officer = await browser.desk(gateway)
  await signIn(officer, 'accountability', s.accountability.password)

  const phone = await browser.phone(gateway)
  await phone.goto(`/p/${s.number}/report`)
  await phone.getByText('被举报的单位看不到，也不会收到任何提示').waitFor()
  await phone.getByText('可以匿名，也可以实名').waitFor()
  await browser.axe(phone, 'report form')
  await browser.picture(phone, 'report')
  await phone.getByLabel('请写下您知道的情况').fill(REPORT)
  await phone.getByRole('button', { name: '提交举报' }).click()
  await heading(phone, '已收到，谢谢您')
  await browser.axe(phone, 'receipt of a report')

  const mark = '保密'
  await row(officer, mark).waitFor()
  // What comes after the report has come to the unit; so the report itself will not.
  const later = `食品经营许可办理进度查询（${Date.now()}）`
  const ask = await gateway.form(`/p/${s.number}/ask`, { text: later })
  assert.equal(ask.status, 201)
  const coordinator = await s.site.person(gateway, 'second', { unit: 'U000-02', roles: ['coordinator'] })
  const id = await s.site.one('select case_id from feedback where words = $1', [later])
  await coordinator.does(id, 'assign', { unit: await s.site.unitId('U003') })
  for (const page of [handler, leader]) {
    await row(page, later).waitFor()
    await page.reload()
    await row(page, later).waitFor()
    await counts(row(page, '红包'), 0)
    await counts(row(page, mark), 0)
    assert.doesNotMatch(await page.content(), /红包/)
  }
  const secret = await s.site.one(`select case_id from feedback where nature_said = 'report'`)
  await handler.goto(`/staff/#/cases/${secret}`)
  await handler.getByTestId('case-error').filter({ hasText: '没有这个办件，或您无权查看。' }).waitFor()
  assert.doesNotMatch(await handler.content(), /红包/)

  await row(officer, mark).click()
  await officer.getByTestId('look-reason').fill('核查举报线索')
  await officer.getByTestId('look-submit').click()
  await officer.getByTestId('sealed-panel').waitFor() // its words are opened elsewhere, with keys: sealed.test.mjs
  assert.doesNotMatch(await officer.content(), /红包/)
  await browser.axe(officer, 'confidential case', ['serious', 'critical'])
  await browser.picture(officer, 'report-case')
  assert.equal(await s.site.one(`select count(*)::int from audit_log where case_id = $1 and detail->>'reason' = '核查举报线索'`, [secret]), 1, 'the look is logged')
  browser.assertClean(gateway)
})

it('plaques that are not what they say, and refusals, explain themselves and still take words', async (s) => {
  const { browser, gateway, site } = s
  const phone = await browser.phone(gateway)
  const retired = await site.plaqueNumber('U026')
  const retiredPath = await site.plaquePath('U026')
  await site.tool('plaque', 'retire', retired, '--successor', s.number)
  await until('the register has it', async () => (await gateway.get(retiredPath)).status === 410)
  for (const [path, status, title, name] of [
    [s.path.replace(/.$/, (c) => (c === '1' ? '2' : '1')), 404, '这个二维码与登记不符', 'plaque-forged'],
    ['/p/999990', 404, '没有这块监督牌', 'plaque-unknown'],
    [retiredPath, 410, '这块监督牌已停用', 'plaque-retired']]) {
    const answer = await phone.goto(path)
    assert.equal(answer.status(), status, path)
    await heading(phone, title)
    if (name === 'plaque-retired') await counts(phone.getByRole('link', { name: '区市场监督管理局' }), 1, 'the new plaque is named')
    await browser.axe(phone, name)
    await browser.picture(phone, name)
    await phone.getByLabel('请写下内容').fill(`墙上的牌子打不开，窗口也没有人（${name}）`)
    await phone.getByRole('button', { name: '提交', exact: true }).click()
    await phone.getByRole('heading', { name: /还差一步|已收到，谢谢您/ }).waitFor()
    if (await phone.getByRole('heading', { name: '还差一步' }).count()) await phone.getByRole('button', { name: '不清楚，直接提交' }).click()
    await heading(phone, '已收到，谢谢您')
    assert.equal(await site.one(`select count(*)::int from feedback where words like '%' || $1 || '%'`, [`（${name}）`]), 1)
  }
  // The words stay on the page when they are refused.
  await phone.goto(`/p/${s.number}/ask`)
  await phone.getByLabel('请写下内容').fill('请问周末办公吗')
  await phone.getByLabel('联系电话').fill('不想说')
  await phone.getByRole('button', { name: '提交', exact: true }).click()
  await phone.getByRole('alert').filter({ hasText: '联系电话格式有误' }).waitFor()
  assert.equal((await phone.getByLabel('请写下内容').inputValue()).trim(), '请问周末办公吗')
  await browser.axe(phone, 'refused form')
  await browser.picture(phone, 'form-refused')
  assert.equal((await phone.goto('/nothing-here')).status(), 404)
  await heading(phone, '打不开')
  await browser.axe(phone, 'refusal page')
  for (const form of ['rate', 'supervise', 'ask']) {
    await phone.goto(`/p/${s.number}/${form}`)
    await browser.axe(phone, form)
  }
  await phone.goto('/write')
  await browser.axe(phone, 'write')
  await phone.goto('/')
  await browser.axe(phone, 'home')
  await browser.picture(phone, 'home')
  browser.assertClean(gateway)
})

it('by keyboard alone, and in type of twice the size', async (s) => {
  const { browser, gateway, site } = s
  // Two hundred per cent of a small window: half its width in the page's own pixels.
  const large = await browser.page(gateway, { viewport: { width: 320, height: 480 }, deviceScaleFactor: 2, javaScriptEnabled: false })
  for (const path of [s.path, `/p/${s.number}/supervise`, `/p/${s.number}/report`, '/status', '/']) {
    await large.goto(path)
    const wide = await large.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(wide <= 0, `${path} scrolls sideways by ${wide}`)
  }
  await large.goto(s.path)
  await browser.picture(large, 'landing-200-percent')

  const keys = await browser.page(gateway, { viewport: { width: 1024, height: 768 }, javaScriptEnabled: false })
  const focused = () => keys.evaluate(() => {
    const e = document.activeElement
    const style = getComputedStyle(e)
    return { name: e.innerText?.trim().split('\n')[0] || e.id || e.tagName, tag: e.tagName, seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }
  })
  const tabTo = async (name) => {
    const seen = []
    for (let n = 0; n < 25; n++) {
      await keys.keyboard.press('Tab')
      const f = await focused()
      seen.push(f.name)
      assert.ok(f.seen, `the focus on ${f.name} is visible`)
      if (f.name === name) return seen
    }
    return assert.fail(`Tab never comes to ${name}: ${seen.join(' ')}`)
  }
  await keys.goto(s.path)
  const order = await tabTo('询问')
  assert.deepEqual(order.filter((n) => ['评价', '监督', '举报', '询问'].includes(n)), ['评价', '监督', '举报', '询问'])
  assert.equal(order[0], '跳到正文')
  await keys.goto(s.path)
  await tabTo('评价')
  await keys.keyboard.press('Enter')
  await heading(keys, '这次服务您满意吗？')
  await tabTo('INPUT')
  await keys.keyboard.press('ArrowDown')
  await tabTo('text')
  await keys.keyboard.type('排队时间有点长')
  await tabTo('contact')
  await keys.keyboard.press('Enter')
  await heading(keys, '感谢您的评价')
  assert.equal(await site.one(`select rating from feedback where words = '排队时间有点长'`), 4)
  browser.assertClean(gateway)
})

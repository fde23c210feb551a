// The desk of people in several windows: two administrators let a person in, of whose password each knows one half; posts are given, their
// roles changed and taken away, and the other's page changes at once; a person says that it was not them, and the auditor hears of it.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, tree } from '../scenario/harness.mjs'
import { openBrowser, signIn, counts } from './browser.mjs'

const DESK = { width: 1366, height: 768 }, TABLET = { width: 820, height: 1180 }
const shots = process.env.MSD_SHOTS

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway()
  s.keeper = await s.site.person(s.gateway, 'keeper', { roles: ['security'], name: '王安全' })
  s.runner = await s.site.person(s.gateway, 'runner', { roles: ['admin'], name: '赵系统' })
  s.auditor = await s.site.person(s.gateway, 'auditor', { roles: ['auditor'], name: '孙审计' })
  s.zhang = await s.site.person(s.gateway, 'zhang', { unit: 'U003', roles: ['handler'], name: '张三' })
  s.office = await s.site.person(s.gateway, 'office', { unit: 'U000-01', roles: ['registry'], name: '钱登记' })
  s.browser = await openBrowser()
})
async function shot(page, name) {
  if (!shots) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}
const fill = async (form, fields) => {
  for (const [field, value] of Object.entries(fields)) {
    const box = form.getByTestId(`field-${field}`)
    if ((await box.evaluate((e) => e.tagName)) === 'SELECT') await box.selectOption(value)
    else await box.fill(value)
    if ((await box.getAttribute('role')) === 'combobox') await form.locator('[role="option"]').first().click()
  }
}
async function sound(s, page) {
  const { default: axe } = await import('axe-core')
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }))
  assert.deepEqual(found.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`), [])
}

const english = async (page, name) => {
  if (!shots) return
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('button', { name: '中文' }).waitFor()
  await shot(page, `${name}-en`)
  const size = page.viewportSize()
  await page.setViewportSize(TABLET)
  await shot(page, `${name}-tablet-en`)
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByRole('button', { name: 'English' }).waitFor()
  await shot(page, `${name}-tablet`)
  await page.setViewportSize(size)
}

it('an account takes two administrators, each with one half; roles are changed in one window, and the other one follows', async (s) => {
  const one = await s.browser.desk(s.gateway, { viewport: DESK }), two = await s.browser.desk(s.gateway, { viewport: DESK }), runs = await s.browser.desk(s.gateway, { viewport: DESK })
  one.on('dialog', (d) => d.accept())
  await signIn(one, 'keeper', s.keeper.password)
  await one.getByTestId('people').waitFor()
  await signIn(two, 'zhang', s.zhang.password)
  await two.getByTestId('account').waitFor()
  await counts(two.getByTestId('post'), 0, 'one post: nothing to choose')
  await shot(one, 'people')
  await sound(s, one)
  await signIn(runs, 'runner', s.runner.password)
  await runs.getByTestId('desk-people').click()
  await runs.getByTestId('tab-accounts').click()
  await runs.getByTestId('requests-none').waitFor()
  await shot(runs, 'accounts-none')

  await one.getByTestId('person-new').click()
  const form = one.getByTestId('person-form')
  await fill(form, { login: 'lisi', name: '李四', unit: '市监局', role: 'handler', reason: '新调入，组织部函〔2026〕3号' })
  await shot(one, 'people-new')
  await form.getByTestId('form-submit').click()
  const first = await one.getByTestId('half').locator('code').textContent()
  assert.match(first, /^[a-z2-9]{4}-[a-z2-9]{4}$/)
  await one.getByTestId('open-lisi').waitFor()
  await shot(one, 'people-half')
  await sound(s, one)

  // The other administrator's page and its mark follow by themselves.
  await runs.getByTestId('confirm-lisi').click()
  await runs.getByTestId('desk-accounts').waitFor()
  await shot(runs, 'accounts-confirm')
  await sound(s, runs)
  await english(runs, 'accounts-confirm')
  await runs.getByTestId('request-sure').click()
  const second = await runs.getByTestId('half').locator('code').textContent()
  await runs.getByTestId('desk-accounts').waitFor({ state: 'detached' })
  await shot(runs, 'accounts-half')
  const li = await s.browser.desk(s.gateway, { viewport: DESK })
  await li.goto(`${s.gateway.url}/staff/`)
  await li.getByTestId('login-name').fill('lisi')
  await li.getByTestId('login-password').fill(`${first}-${second}`)
  await li.getByTestId('login-submit').click()
  await li.getByTestId('password-new').waitFor()

  await one.getByTestId('half').getByRole('button').click()
  await one.getByTestId('open-zhang').click()
  const post = one.getByTestId('post-form')
  await fill(post, { unit: '审批局', title: '兼职承办人', role: 'handler' })
  await post.getByTestId('form-submit').click()
  await two.getByTestId('post').waitFor() // without a touch: its world was loaded anew
  await shot(one, 'people-card')
  await sound(s, one)
  await english(one, 'people-card')
  await two.getByTestId('post').selectOption({ label: '审批局兼职承办人' })
  await two.getByTestId('account').getByText('审批局').waitFor()
  await shot(two, 'two-posts')

  // Roles, with a reason; the desks of the open page are those of the new role at once.
  await two.getByTestId('desk-inbox').waitFor()
  await one.locator('[data-testid^="post-roles-"]').last().click()
  const roles = one.getByTestId('roles-form')
  await roles.getByTestId('role-handler').uncheck()
  await roles.getByTestId('role-coordinator').check()
  await roles.getByTestId('roles-submit').click()
  await roles.getByTestId('roles-error').getByText('请写明理由').waitFor()
  await shot(one, 'people-roles')
  await sound(s, one)
  await english(one, 'people-roles')
  await roles.getByTestId('roles-reason').fill('分工调整，办公会纪要第8号')
  await roles.getByTestId('roles-submit').click()
  await two.getByTestId('desk-triage').waitFor()
  await counts(two.getByTestId('desk-inbox'), 0)
  await one.getByTestId('post-end').last().click()
  await two.getByTestId('account').getByText('市监局').waitFor()
  await two.getByTestId('post').waitFor({ state: 'detached' })

  // The list as a file.
  const [file] = await Promise.all([one.waitForEvent('download'), one.getByTestId('export').click().then(() => one.getByTestId('export-people-xlsx').click())])
  assert.match(file.suggestedFilename(), /\.xlsx$/)
})

it('a reset is told to the person at the desk, who says no; and to the auditor', async (s) => {
  const one = await s.browser.desk(s.gateway, { viewport: DESK }), two = await s.browser.desk(s.gateway, { viewport: DESK }), reads = await s.browser.desk(s.gateway, { viewport: DESK })
  await signIn(one, 'keeper', s.keeper.password)
  await one.getByTestId('open-zhang').click()
  await one.getByTestId('ask-password').click()
  await shot(one, 'people-ask')
  await sound(s, one)
  const ask = one.getByTestId('ask-form')
  await fill(ask, { reason: '本人来电，已回拨办公电话核实' })
  await ask.getByTestId('form-submit').click()
  await one.getByTestId('half').locator('code').waitFor()
  await one.getByTestId('person-asked').waitFor()
  two.on('dialog', (d) => d.accept())
  await signIn(two, 'zhang', s.zhang.password)
  await two.getByTestId('account-notice').getByText('重置密码').waitFor()
  await shot(two, 'notice')
  await sound(s, two)
  await english(two, 'notice')
  await signIn(reads, 'auditor', s.auditor.password)
  await reads.getByTestId('desk-people').click()
  await reads.getByTestId('tab-accounts').click()
  await reads.locator('[data-state="asked"]').waitFor()
  await two.getByTestId('notice-object').click()
  await two.getByTestId('account-notice').waitFor({ state: 'detached' })
  await reads.locator('[data-state="objected"]').waitFor() // without a touch
  await shot(reads, 'accounts-auditor')
  await sound(s, reads)
  await reads.getByTestId('read-zhang').click()
  await reads.getByTestId('read-zhang').waitFor({ state: 'detached' })
})

it('units: the system administrator has their desk, and no one else\'s', async (s) => {
  const page = await s.browser.desk(s.gateway, { viewport: DESK })
  await signIn(page, 'runner', s.runner.password)
  await page.getByTestId('desk-people').click()
  await page.getByTestId('units-q').fill('城管')
  await page.getByTestId('unit-U026').click()
  await shot(page, 'units')
  await sound(s, page)
  const form = page.getByTestId('unit-form')
  await fill(form, { short_name: '综管局' })
  // Somebody else was faster: it is told, nothing of theirs is undone, and the second press saves.
  await s.site.sql(`update units set phone = '0571-12345678' where code = 'U026'`)
  await form.getByTestId('form-submit').click()
  await form.getByTestId('unit-changed').getByText('0571-12345678').waitFor()
  await sound(s, page)
  await shot(page, 'unit-changed')
  await form.getByTestId('form-submit').click()
  await page.getByTestId('units').getByText('城管局').first().waitFor()
  await page.getByTestId('units').getByText('0571-12345678').first().waitFor()

  // A split is planned and looked at here; another person confirms it on their own page.
  await page.getByRole('link', { name: '单位变更' }).click()
  await page.getByTestId('kind-split').click()
  const change = page.getByTestId('change-form')
  await fill(change, { unit: '市监局', into: '商务局', posts: 'move', on: '2036-03-01', document: '示编〔2036〕1号', reason: '机构改革方案' })
  await change.getByTestId('rule-0').locator('input').first().fill('03')
  await change.getByTestId('rule-0').getByRole('combobox', { name: '归' }).fill('公安局')
  await change.getByTestId('rule-0').locator('[role="option"]').filter({ hasText: '公安局' }).first().click()
  await shot(page, 'unit-change-form')
  await change.getByTestId('form-submit').click()
  await page.getByTestId('effect').getByText('您的岗位不看办件').waitFor()
  await page.getByTestId('effect').getByText('张三').waitFor()
  await shot(page, 'unit-change-effect')
  await sound(s, page)
  await page.getByTestId('change-submit').click()
  await page.getByTestId('changes').getByText('市监局 拆分：1 条规则，其余归 商务局').first().waitFor()
  await sound(s, page)

  const other = await s.browser.desk(s.gateway, { viewport: DESK })
  await signIn(other, 'office', s.office.password)
  await other.getByTestId('desk-people').click()
  await other.getByRole('link', { name: '单位变更' }).click()
  await other.getByTestId('changes').getByRole('button', { name: '确认' }).click()
  await other.getByTestId('seen').getByText('在办件 0 件随转，时限不变').waitFor()
  await shot(other, 'unit-change-confirm')
  await other.getByTestId('step-sure').click()
  await page.getByTestId('changes').getByText('已确认，待生效').waitFor() // without a reload
  await shot(page, 'unit-changes')
})

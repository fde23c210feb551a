// The desks of rules, calendars and the log as the office uses them: a text tried with a draft beside the rules in force, proposed in one
// window and confirmed in another that saw it come; a year entered by one, its effect told, confirmed by another; the log with its filters
// in the address; settings for the administrator. At the desk, on a tablet, by keyboard.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, says, counts, isOff } from './browser.mjs'

const DESK = { width: 1366, height: 768 }
const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  const g = s.gateway = await site.gateway({ log_every: '1s' })
  for (const [login, roles, name] of [['coordinator', ['coordinator'], '统筹派单员'], ['registry', ['registry'], '综合办文书'], ['leader', ['leader'], '分管领导'], ['auditor', ['auditor'], '审计员'], ['admin', ['admin'], '系统管理员']])
    s[login] = await site.person(g, login, { roles, name })
  s.browser = await openBrowser()
  await g.api({ text: '小区门口的哐当桥又塌了一块，车子过不去。' })
})

async function at(s, login, viewport = DESK) {
  const page = await s.browser.desk(s.gateway, { viewport })
  await signIn(page, login, s[login].password)
  return page
}
async function looked(s, page, name) {
  await s.browser.axe(page, name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} is wider than the screen`)
  await s.browser.picture(page, name, false)
}

it('what one proposes the other sees come, tries and confirms', async (s) => {
  const one = s.one = await at(s, 'coordinator'), two = s.two = await at(s, 'registry')
  for (const page of [one, two]) await page.getByTestId('desk-rules').click()
  const version = Number(await one.getByTestId('rules-version').getAttribute('data-version'))
  await one.getByTestId('try-text').fill('哐当桥又塌了一块，车子过不去。')
  await one.getByTestId('try-text').press('Control+Enter')
  await one.getByTestId('tried').waitFor()
  const before = await one.getByTestId('tried-now-category').innerText()
  const category = await s.site.one(`select code from categories where parent is not null and name like '%路灯%' or code = '0301' order by code limit 1`)
  await one.getByTestId('word-word').fill('哐当桥')
  await one.getByTestId('word-value').selectOption(category)
  await one.getByTestId('word-weight').fill('60')
  await one.getByTestId('word-add').click()
  await one.getByTestId('working-changes').waitFor()
  await one.getByTestId('try-run').click()
  await one.getByTestId('tried-with-category').waitFor()
  await says(one.getByTestId('tried-now-category'), before)
  await until('the tried rules chose it', async () => (await one.getByTestId('tried-with-category').innerText()).startsWith(category))
  await one.getByTestId('try-cases').click()
  await one.getByTestId('tried-list').waitFor()
  await one.getByTestId('draft-note').fill('居民把它叫哐当桥')
  await looked(s, one, 'rules-try')
  await one.getByTestId('draft-save').click()
  const card = (page) => page.locator('[data-testid="draft"]').first()
  await card(one).getByTestId('draft-propose').click()
  await one.locator('[data-testid="draft"][data-state="proposed"]').waitFor()
  await counts(card(one).getByTestId('draft-confirm'), 0)
  // The other window hears of it by itself.
  await card(two).getByTestId('draft-confirm').waitFor()
  // Nobody tries without the draft that is still on its way.
  let answer
  const answered = new Promise((done) => { answer = done })
  await two.route('**/rules/drafts/*', async (route) => { await answered; await route.continue() }, { times: 1 })
  await card(two).getByTestId('draft-look').click()
  await two.getByTestId('try-text').fill('哐当桥塌了')
  await two.getByTestId('try-text').press('Control+Enter')
  await isOff(two.getByTestId('try-run'))
  await counts(two.getByTestId('tried'), 0)
  answer()
  await two.getByTestId('try-run').click()
  await two.getByTestId('try-verdict').waitFor()
  await looked(s, two, 'rules-confirm')
  await card(two).getByTestId('draft-confirm').click()
  for (const page of [one, two]) await page.locator(`[data-testid="rules-version"][data-version="${version + 1}"]`).waitFor()
  await until('the new rules are loaded', async () => (await s.coordinator.get('/rules')).version === version + 1)
  const a = await s.gateway.api({ text: '哐当桥塌了，请来修。' })
  assert.equal(await s.site.one(`select decision->'category'->>'code' from feedback where case_id = $1`, [a.json.case]), category)
  // A word by keyboard alone: search, take it away, and the draft is there.
  await two.getByTestId('rules-search').fill('哐当桥')
  await two.locator('[data-testid="rules-rows"] tbody tr').first().waitFor()
  await until('only that word is left', async () => await two.locator('[data-testid="rules-rows"] tbody tr').count() === 1)
  await two.getByRole('button', { name: '删 哐当桥' }).focus()
  await two.keyboard.press('Enter')
  await two.getByTestId('working').waitFor()
  await two.getByTestId('draft-close').click()
  for (const tab of ['aliases', 'categories']) {
    await two.getByTestId(`rules-${tab}`).click()
    await two.getByTestId('rules-search').fill('')
    await two.locator('[data-testid="rules-rows"] tbody tr').nth(3).waitFor()
  }
})

it('a model is compared, put into force by another person and switched off; one that cannot be read is told in red', async (s) => {
  // As `mashangdu train` leaves it, but for its bytes, which are none: what the desk says of that is looked at too.
  const score = (right) => ({ category: { right, all: 60 }, category_top3: { right: 57, all: 60 }, unit: { right, all: 60 }, nature: { right: 50, all: 60 }, urgency: { right: 50, all: 60 }, both: { right: right - 5, all: 60 }, auto: { right: 19, all: 20 }, hand: { right: 20, all: 40 } })
  const report = { cases: 60, fresh: true, auto_percent: 90, old: score(40), new: score(48), seconds: 2, features: 10, weights: 20, bytes: 8 }
  await s.site.sql(`insert into route_models (version, bytes, sha256, rules, examples, report, note, proposer_id, tool)
    select 1, 'no model'::bytea, sha256('no model'::bytea), 1, '{"corrected":12,"confirmed":40,"closed":8,"file":0}', $1, '七月的更正', id, 'ops' from staff where login = 'coordinator'`, [report])
  const id = Number(await s.site.one('select case_id from feedback order by id limit 1'))
  await s.coordinator.act(id, 'assign', { unit: await s.site.unitId('U026'), nature: 'ask' })
  const { one, two } = s
  for (const page of [one, two]) {
    await page.getByTestId('tab-models').click()
    await page.getByTestId('model-report').waitFor()
  }
  await counts(one.getByTestId('model-confirm-1'), 0, 'who proposed it does not confirm it')
  await says(two.getByTestId('model-report'), /66\.7%（40\/60）\s+80\.0%（48\/60）\s+\+13\.3/)
  await two.getByTestId('examples').waitFor()
  await two.getByTestId('chart-drift').locator('canvas').first().waitFor()
  // What it learnt from is gone in part; a training from here is told to everybody, and why it made nothing.
  await s.site.sql(`insert into route_model_losses (version, why, n) values (1, 'erased', 2), (1, 'split', 1)`)
  await one.getByTestId('training-note').fill('重新学习')
  await one.getByTestId('training-start').click()
  await two.locator('[data-testid="training"][data-state="failed"]').waitFor()
  await says(two.getByTestId('training-end'), /训练没有完成[^]*样例太少/)
  await says(two.getByTestId('model-gone'), /有 3 条后来已不在（依法删除 2、已拆分 1）/)
  await looked(s, two, 'models')
  await two.getByTestId('model-confirm-1').click()
  for (const page of [one, two]) await page.getByTestId('model-fault').waitFor() // the first page hears of it by itself
  await until('rules alone decide', async () => (await two.getByTestId('model-deciding').getAttribute('data-version')) === '0')
  await two.getByTestId('model-off-1').click()
  await two.getByTestId('model-why').fill('读不出来')
  await two.getByTestId('model-why').press('Enter')
  await two.locator('[data-testid="model"][data-state="retired"]').waitFor()
  await says(two.getByTestId('model-turns'), /第 1 版 → 只按规则.*读不出来/)
  for (const page of [one, two]) await page.getByTestId('tab-rules').click()
})

it('a year is entered by one, its effect told, and confirmed by another', async (s) => {
  const { one, two } = s
  for (const page of [one, two]) await page.getByTestId('desk-calendar').click()
  await two.getByTestId('calendar-grid').waitFor()
  await looked(s, two, 'calendar-year')
  await two.getByTestId('calendar-next').click()
  const year = await two.locator('[data-day]').first().getAttribute('data-day').then((d) => d.slice(0, 4))
  const days = ['01-01', '02-05', '02-06', '02-07', '02-08', '02-09', '04-05', '05-01', '06-09', '09-15', '10-01', '10-02']
  await two.getByTestId('calendar-csv').setInputFiles({ name: 'days.csv', mimeType: 'text/csv', buffer: Buffer.from(['date,kind,name', ...days.map((d) => `${year}-${d},holiday,放假`)].join('\n')) })
  await two.locator(`[data-day="${year}-10-02"][data-kind="holiday"]`).waitFor()
  await two.getByTestId('day-name').fill('国庆节')
  await two.locator(`[data-day="${year}-10-04"]`).focus()
  await two.keyboard.press('Enter')
  await two.locator(`[data-day="${year}-10-04"][data-kind="holiday"]`).waitFor()
  await two.getByTestId('calendar-preview').click()
  await two.getByTestId('calendar-effect').waitFor()
  await two.getByTestId('calendar-source').fill('国办发明电〔2026〕9号')
  await looked(s, two, 'calendar-entry')
  await two.getByTestId('calendar-propose').click()
  const draft = one.locator('[data-testid="calendar-draft"][data-state="proposed"]')
  await draft.waitFor()
  await draft.getByTestId('calendar-look').click()
  await one.getByTestId('calendar-effect').waitFor()
  await looked(s, one, 'calendar-confirm')
  await draft.getByTestId('calendar-confirm').click()
  await one.locator('[data-testid="calendar-draft"][data-state="in_force"]').waitFor()
  for (const page of [one, two]) await page.getByTestId(`year-${year}`).waitFor()
})

it('the auditor finds it all in the log; the administrator reads the settings', async (s) => {
  const page = await at(s, 'auditor')
  await page.getByTestId('desk-log').click()
  await page.getByTestId('log-rows').waitFor()
  await page.getByTestId('log-action').selectOption('rules_in_force')
  await page.locator('[data-action="rules_in_force"]').first().waitFor()
  await until('only these are left', async () => await page.locator('[data-testid="log-rows"] details').count() === await page.locator('[data-action="rules_in_force"]').count())
  assert.match(page.url(), /action=rules_in_force/)
  await page.reload()
  await page.locator('[data-action="rules_in_force"] summary').first().click()
  await looked(s, page, 'log-action')
  await page.getByTestId('log-clear').click()
  await page.getByTestId('log-who').fill('registry')
  await page.getByTestId('log-who').press('Enter')
  await page.waitForURL(/who=registry/)
  await page.getByTestId('log-chain').waitFor()
  const admin = await at(s, 'admin', { width: 1024, height: 768 })
  await admin.getByTestId('desk-log').click()
  await admin.getByTestId('settings-search').fill('database')
  await admin.getByTestId('settings-rows').waitFor()
  await looked(s, admin, 'settings-tablet')
  assert.ok(!(await admin.content()).includes('dbname='))
  await page.context().close()
  await admin.context().close()
  s.browser.assertClean(s.gateway)
})

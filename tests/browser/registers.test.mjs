// The registers of the desk, each by those who may, in two windows of which one changes something and the other follows by itself: what
// units publish, visits to enterprises and policies, plaques, windows and their tablets, ratings, inspections and meetings. An empty field is
// named, what somebody else did meanwhile is told and takes no typed word along, and every page is whole in English, at a desk and on a tablet.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn } from './browser.mjs'

const DESK = { width: 1366, height: 768 }
const TABLET = { width: 1024, height: 768 }
const UPRIGHT = { width: 820, height: 1180 }

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ office_phone: '0700-2100000', plaque_flush: '200ms' })
  const people = { registry: ['U000-01', ['registry'], '综合办公室文书'], supervisor: ['U000-03', ['supervisor'], '督查督办组督办员'], handler: ['U003', ['handler'], '承办人'], chief: ['U003', ['unit_leader'], '单位负责人'], coordinator: ['U000-02', ['coordinator'], '统筹协调组值班员'] }
  for (const [login, [unit, roles, name]] of Object.entries(people)) s[login] = await site.person(s.gateway, login, { unit, roles, name })
  s.u003 = await site.unitId('U003')
  s.number = await site.plaqueNumber('U003')
  s.code = (await site.tool('plaque', 'issue', '--unit', 'U901')).match(/\b\d{6,9}\b/)[0]
  s.browser = await openBrowser()
  s.page = {}
  for (const login of ['registry', 'supervisor', 'handler', 'chief']) {
    s.page[login] = await s.browser.desk(s.gateway, { viewport: DESK })
    await signIn(s.page[login], login, s[login].password, undefined, true)
  }
})

async function at(s, login, path) {
  await s.page[login].goto(`/staff/#/${path}`)
  return s.page[login]
}
const fill = async (form, fields) => {
  for (const [field, value] of Object.entries(fields)) {
    const box = form.getByTestId(`field-${field}`)
    if ((await box.evaluate((e) => e.tagName)) === 'SELECT') await box.selectOption(value)
    else await box.fill(value)
    if ((await box.getAttribute('role')) === 'combobox') await form.locator('[role="option"]').first().click()
  }
}
const submit = (form) => form.getByTestId('form-submit').click()
const wrong = (form, words) => form.getByTestId('form-error').filter({ hasText: words }).waitFor()
const closed = (form) => form.waitFor({ state: 'detached' })
/** Nothing of the page, and no table in it, is wider than the window: nobody reads by scrolling sideways. */
const fits = (page, what) => until(`${what} is as wide as the window`, () => page.evaluate(() => [document.documentElement, ...document.querySelectorAll('main .around')].every((e) => e.scrollWidth <= e.clientWidth + 1)))
/** Judged, kept as a picture at a desk and on a tablet, and never wider than the window. */
async function seen(s, page, name) {
  await page.evaluate(() => window.scrollTo(0, 0))
  await s.browser.axe(page, name, ['serious', 'critical'])
  await fits(page, name)
  await s.browser.picture(page, `registers-${name}`, false)
  await page.setViewportSize(TABLET)
  await fits(page, `${name} on a tablet`)
  await s.browser.picture(page, `registers-${name}-tablet`, false)
  await page.setViewportSize(DESK)
}
/** The same page in English: its heading, its buttons; and back. Chinese stays what people and the register have written. */
async function english(s, page, name, heading) {
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.setViewportSize(TABLET)
  await fits(page, `${name} in English`)
  await s.browser.picture(page, `registers-${name}-en`, false)
  assert.deepEqual(await page.locator('main :is(button, label, th, h1, h2, nav a):not(article *)').evaluateAll((all) => all.map((e) => e.innerText.trim()).filter((t) => /[\u3400-\u9fff]/.test(t) && !/智造装备|市监局/.test(t))), [], `${name} in English`)
  await page.setViewportSize(DESK)
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByRole('button', { name: 'English' }).waitFor()
}
/** The answer to the next request of that kind is held until the hand opens. */
async function held(page, path) {
  let open
  const opened = new Promise((done) => { open = done })
  let count = 0
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    count++
    await opened
    await route.continue()
  })
  return { open: async () => { open(); await page.unroute(path, undefined, { behavior: 'wait' }) }, count: () => count }
}

it('publishing: proposed by a unit, taken over, approved by a third; each window follows, and a second press makes no second one', async (s) => {
  const unit = await at(s, 'handler', 'publish'), office = await at(s, 'registry', 'publish'), head = await at(s, 'supervisor', 'publish')
  await head.getByTestId('publish-none').waitFor()
  await unit.getByTestId('publish-write').click()
  const form = unit.getByTestId('publish-form')
  await submit(form)
  await wrong(form, '类别、标题、内容')
  await seen(s, unit, 'publish-form')
  await fill(form, { kind: 'service', title: '营业执照办理', words: '三个工作日内办结。经办人 15412345678。' })
  await submit(form)
  await wrong(form, '个人信息')
  await fill(form, { words: '三个工作日内办结，材料见窗口公示。\n咨询电话 0700-2101159。' })
  // Closed while it is on its way, and opened again: it is still on its way, and not sent twice.
  const line = await held(unit, '**/api/v1/publications')
  await submit(form)
  await until('it is on its way', () => line.count() === 1)
  await unit.getByTestId('publish-write').click()
  await closed(form)
  await unit.getByTestId('publish-write').click()
  await form.getByTestId('form-submit').and(unit.locator(':disabled')).waitFor()
  await line.open()
  await closed(form)
  const [take] = [office.getByTestId('publish-take')]
  await take.waitFor()
  assert.equal(await s.site.one(`select count(*)::int from publications`), 1)
  // What somebody else writes and what comes in meanwhile do not touch each other.
  await office.getByTestId('publish-write').click()
  await fill(office.getByTestId('publish-form'), { title: '写了一半' })
  await take.click()
  await head.getByTestId('publish-publish').waitFor()
  await seen(s, head, 'publish')
  await english(s, head, 'publish', 'Publishing')
  await head.getByTestId('publish-publish').click()
  for (const page of [unit, office, head]) await page.locator('[data-testid="publication"][data-state="published"]').waitFor()
  await until('the half of it is there', async () => (await office.getByTestId('publish-form').getByTestId('field-title').inputValue()) === '写了一半')
  await until('citizens read it', async () => (await s.gateway.get('/open/units/U003')).text.includes('营业执照办理'))
})

it('enterprises: an inspection names its law, the code of another is refused, what was called off meanwhile is told, the number is shown once', async (s) => {
  const unit = await at(s, 'handler', 'enterprises'), other = await at(s, 'chief', 'enterprises')
  await other.getByTestId('enterprises').waitFor()
  await unit.getByTestId('visit-new').click()
  const form = unit.getByTestId('visit-form')
  await fill(form, { enterprise: { label: '智造装备' }, subject: '食品安全日常检查' })
  await submit(form)
  await wrong(form, '法律依据')
  await seen(s, unit, 'visit-form')
  await fill(form, { basis: '《食品安全法》第一百一十条' })
  await submit(form)
  await closed(form)
  await other.locator('[data-testid="visit"][data-state="planned"]').waitFor()
  await unit.getByTestId('visit-arrived').click()
  const step = unit.getByTestId('visit-step-form')
  await fill(step, { plaque: s.number })
  await submit(step)
  await wrong(step, '这不是该企业的码')
  await seen(s, unit, 'visit-step')
  await fill(step, { plaque: s.code })
  await submit(step)
  await closed(step)
  await other.locator('[data-testid="visit"][data-state="arrived"]').waitFor()
  await unit.getByTestId('visit-done').click()
  await fill(step, { result: '当场检查，未发现问题' })
  await submit(step)
  await unit.getByTestId('visit-number').getByText(/^RQ\d+$/).waitFor()
  await seen(s, unit, 'visit-number')
  await english(s, unit, 'visit-number', 'Enterprises')
  // Rated by the enterprise: both windows say so.
  const rate = new URL(await unit.getByTestId('visit-number').locator('code').innerText())
  const token = rate.searchParams.get('s')
  const a = await s.gateway.form(rate.pathname + rate.search, { s: token, service: token, rating: '5' })
  assert.equal(a.status, 201, a.text.slice(0, 300))
  for (const page of [unit, other]) await page.getByTestId('visit').getByText('企业评价：5 星').waitFor()
  // An enterprise books: its case is given to the unit, whose open page has it without a touch.
  const day = new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10)
  const asked = await s.gateway.form(`/p/${s.code}/book`, { text: '想了解消防验收，请派人上门指导', day })
  assert.equal(asked.status, 201, asked.text.slice(0, 300))
  const booked = (await s.coordinator.get('/visits?state=asked')).visits[0]
  if (booked.unit?.id !== s.u003) await s.coordinator.does(booked.case, 'assign', { unit: s.u003 })
  const open = unit.locator('[data-testid="visit"][data-state="asked"]')
  await open.waitFor()
  // Called off by one while the other fills in: told, and the words stay.
  await open.getByTestId('visit-cancelled').click()
  await fill(step, { reason: '企业来电改期' })
  const cancelled = await s.coordinator.call('POST', `/visits/${booked.id}/steps`, { step: 'cancelled', reason: '重复预约' })
  assert.equal(cancelled.status, 200, cancelled.text)
  await submit(step)
  await wrong(step, '刚刚有变化')
  await unit.getByText('重复预约').waitFor() // what it is now stands beside the refusal
  await until('the words are there', async () => (await step.getByTestId('field-reason').inputValue()) === '企业来电改期')
})

it('policies: written by one, published by another, whose press reaches the first one\'s window', async (s) => {
  const office = await at(s, 'registry', 'policies'), head = await at(s, 'supervisor', 'policies')
  await office.getByTestId('policies-none').waitFor()
  await office.getByTestId('policy-new').click()
  const form = office.getByTestId('policy-form')
  await submit(form)
  await wrong(form, '名称、发布单位、咨询单位')
  await seen(s, office, 'policy-form')
  await fill(form, { title: '小微企业稳岗补贴', source: '区人力资源和社会保障局', words: '每稳定一个岗位补贴，凭社保缴费记录申请。', unit: '市监局' })
  await submit(form)
  await closed(form)
  await head.getByTestId('policy-published').waitFor()
  await seen(s, head, 'policies')
  await english(s, head, 'policies', 'Enterprises')
  await head.getByTestId('policy-published').click()
  await office.locator('[data-testid="policy"][data-state="published"]').waitFor()
})

it('plaques: reported by the unit, looked at by the office, issued, put up; an alarm is settled; the whole list stays under a change', async (s) => {
  const office = await at(s, 'registry', 'plaques'), unit = await at(s, 'handler', `plaques/${s.number}`), head = await at(s, 'supervisor', `plaques/${s.number}`)
  await office.getByTestId('plaques').waitFor()
  const rows = office.getByTestId('plaques').locator('tbody tr')
  const all = await s.site.one(`select count(*)::int from plaques`)
  const least = await rows.count()
  if (least < all) {
    await office.getByTestId('plaques-more').click()
    await until('more is there', async () => (await rows.count()) > least)
  }
  const many = await rows.count()
  await unit.getByTestId('step-report').click()
  const step = unit.getByTestId('plaque-step')
  await submit(step)
  await wrong(step, '结果')
  await seen(s, unit, 'plaque-unit')
  await fill(step, { result: 'damaged', why: '边角翘起' })
  await submit(step)
  await closed(step)
  await head.getByTestId('plaque-facts').getByText('单位报告：损坏').waitFor()
  await office.locator(`[data-testid="plaques"] [data-row="${s.number}"]`).getByText('单位报告：损坏').waitFor()
  await until('no row went away', async () => (await rows.count()) === many)
  await seen(s, office, 'plaques')
  await english(s, office, 'plaques', 'Plaques')
  await office.getByTestId('plaque-issue').click()
  const form = office.getByTestId('plaque-issue-form')
  await submit(form)
  await wrong(form, '单位')
  await fill(form, { unit: '市监局', windows: '三号窗口\n四号窗口' })
  await seen(s, office, 'plaque-issue')
  await submit(form)
  await closed(form)
  await office.getByTestId('plaque-told').filter({ hasText: '已制发 2 块' }).waitFor()
  await head.getByTestId('step-inspect').click()
  await fill(head.getByTestId('plaque-step'), { result: 'present' })
  await submit(head.getByTestId('plaque-step'))
  await unit.getByTestId('plaque-acts').getByText('完好').waitFor()

  await at(s, 'registry', `plaques/${s.number}`)
  await office.getByTestId('step-place').click()
  const place = office.getByTestId('plaque-step')
  await fill(place, { place: '一楼服务台左侧', lat: '三十一度' })
  await submit(place)
  await wrong(place, '小数度')
  await seen(s, office, 'plaque-place')
  await fill(place, { lat: '31.2304', lon: '121.4737' })
  await submit(place)
  await closed(place)
  await unit.getByTestId('plaque-facts').getByText('一楼服务台左侧').waitFor()
  await english(s, office, 'plaque', `Plaque ${s.number}`)

  await at(s, 'registry', 'plaques/coverage')
  await at(s, 'supervisor', 'plaques/coverage')
  await head.getByTestId('coverage').waitFor()
  const forged = (await s.site.plaquePath('U003')).replace(/.$/, (c) => (c === '1' ? '2' : '1'))
  for (let n = 0; n < 4; n++) await s.gateway.get(forged, { headers: { 'user-agent': 'Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Mobile Safari/537.36' } })
  await office.getByTestId('settle-forged').click()
  const alarm = office.getByTestId('alarm-form')
  await submit(alarm)
  await wrong(alarm, '核查情况')
  await fill(alarm, { note: '现场核对，码未被更换' })
  await seen(s, office, 'plaque-coverage')
  await head.getByTestId('plaque-alarms').waitFor()
  await submit(alarm)
  await closed(alarm)
  await head.getByTestId('plaque-alarms').waitFor({ state: 'detached' })
  await english(s, office, 'plaque-coverage', 'Coverage and alarms')
})

it('windows: finished at the own window and again there, a tablet paired and let go in both windows, a rating read by the office', async (s) => {
  for (const p of (await s.registry.get(`/plaques?unit=${s.u003}&state=issued`)).plaques) await s.registry.call('POST', `/plaques/${p.number}/acts`, { act: 'activate' })
  const unit = await at(s, 'handler', 'windows'), chief = await at(s, 'chief', 'windows'), office = await at(s, 'registry', 'ratings')
  await office.getByTestId('range-from').waitFor()
  const form = unit.getByTestId('finish-form')
  const here = await s.site.one(`select number from plaques where window_name = '四号窗口'`)
  await form.getByTestId('field-plaque').selectOption(here)
  await fill(form, { matter: '啊' })
  await submit(form)
  await form.getByTestId('form-error').waitFor()
  await seen(s, unit, 'windows-error')
  await fill(form, { matter: 'BL-2026-0001' })
  await submit(form)
  await unit.getByTestId('finished').waitFor()
  // Whoever sits at the fourth window still sits there.
  await until('the own window', async () => (await form.getByTestId('field-plaque').inputValue()) === here && (await form.getByTestId('field-matter').inputValue()) === '')
  await chief.locator(`[data-testid="windows"] [data-row="${here}"] td.num`).first().filter({ hasText: '1' }).waitFor()
  await chief.getByTestId(`pair-${here}`).click()
  await chief.getByTestId('pair-code').waitFor()
  await seen(s, chief, 'windows-pair')
  await english(s, chief, 'windows', 'Ratings')
  const tablet = await s.gateway.live()
  tablet.send({ type: 'pair', plaque: here, code: await chief.getByTestId('pair-digits').innerText() })
  await tablet.next('paired')
  await chief.getByTestId('pair-code').waitFor({ state: 'detached' })
  await unit.getByTestId('tablets').waitFor()
  await seen(s, unit, 'windows')
  await chief.locator('[data-testid^="revoke-"]').click()
  await unit.getByTestId('tablets').getByText('已解除').waitFor()
  const link = new URL(await unit.getByTestId('finished').locator('a').getAttribute('href')), token = link.searchParams.get('s')
  const a = await s.gateway.form(link.pathname + link.search, { s: token, service: token, rating: '2', text: '等了很久' })
  assert.equal(a.status, 201, a.text.slice(0, 300))
  await office.getByTestId('ratings').getByText('等了很久').waitFor()
  await seen(s, office, 'ratings')
  // More than a page holds: all of them can be read, each once, and a new one comes in above while somebody does.
  await s.site.sql(`with f as (insert into feedback (id, received_at, channel, dedupe_key, dedupe_body, receipt_hash, rating, nature_said, words, clean, masked, decision, salt)
    select n, now(), 'web', 'page-' || n, sha256(('a' || n)::bytea), sha256(('r' || n)::bytea), 5, 'rate', '', '', '', '{}', decode(md5('' || n), 'hex') from generate_series(1, 250) n returning id)
    insert into ratings (feedback_id, at, unit_id, kind, channel, level, spoken, counted) select id, now(), $1, 'open', 'web', 5, false, true from f`, [s.u003], 'mashangdu_owner')
  const all = Number(await s.site.one(`select count(*) from ratings`)), listed = office.locator('[data-testid="ratings"] [data-row]')
  await office.reload()
  await until('the first page', async () => (await listed.count()) === 100)
  for (let pages = 2; pages <= 3; pages++) {
    await office.getByTestId('ratings-more').click()
    await until('another page', async () => (await listed.count()) === Math.min(all, pages * 100))
  }
  await office.getByTestId('ratings-more').waitFor({ state: 'detached' })
  const b = await s.gateway.form(`/p/${here}/rate`, { rating: '1', text: '又等了很久' })
  assert.equal(b.status, 201, b.text.slice(0, 300))
  await office.getByTestId('ratings').getByText('又等了很久').waitFor()
  const ids = await listed.evaluateAll((l) => l.map((x) => x.dataset.row))
  assert.deepEqual([ids.length, new Set(ids).size], [all + 1, all + 1])
  await english(s, office, 'ratings', 'Ratings')
  await tablet.close()
})

it('inspections and meetings: what one enters stands in the list that another has open', async (s) => {
  const head = await at(s, 'supervisor', 'inspections'), office = await at(s, 'registry', 'inspections')
  await office.getByRole('heading', { level: 1 }).waitFor()
  await head.getByTestId('inspection-new').click()
  const form = head.getByTestId('inspection-form')
  await submit(form)
  await form.getByTestId('form-error').waitFor()
  await fill(form, { kind: 'covert', place: '政务服务大厅二楼', basis: '年度督查计划', steps: '一看二问三核', unit: '城市管理' })
  await submit(form)
  await office.getByText('政务服务大厅二楼').first().waitFor()
  await english(s, office, 'inspections', 'Meetings')
  await at(s, 'supervisor', 'meetings')
  await at(s, 'registry', 'meetings')
  await head.getByTestId('meetings-empty').waitFor()
  await office.getByTestId('meeting-new').click()
  const meeting = office.getByTestId('meeting-form')
  await fill(meeting, { theme: '', place: '园区会议中心' })
  await submit(meeting)
  await wrong(meeting, '主题')
  await fill(meeting, { theme: '用工保障主题日' })
  await submit(meeting)
  await head.getByTestId('meetings').getByText('用工保障主题日').waitFor()
})

it('at 820 px nothing is read by scrolling sideways', async (s) => {
  const keeper = await s.site.person(s.gateway, 'keeper', { roles: ['security'], name: '王安全' })
  const asked = await keeper.call('POST', '/people', { login: 'a-rather-long-login-name', name: '欧阳登记员', unit: s.u003, roles: ['handler', 'unit_leader'], reason: '新调入，组织部函〔2026〕3号' })
  assert.ok(asked.status < 300, asked.text)
  const page = await s.browser.desk(s.gateway, { viewport: UPRIGHT })
  await signIn(page, 'keeper', s.registry.password, undefined, true)
  await page.goto('/staff/#/people')
  await page.getByTestId('people').waitFor()
  await fits(page, 'people')
  await s.browser.picture(page, 'registers-people-820', false)
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('button', { name: '中文' }).waitFor()
  await fits(page, 'people in English')
  await s.browser.picture(page, 'registers-people-820-en', false)
  s.browser.assertClean(s.gateway)
})

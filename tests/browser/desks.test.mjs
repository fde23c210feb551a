// The desks of the loop, each by keyboard, with two persons in two windows who see what the other does: triage with reasons, one-key
// acceptance and its undoing, 并案 and 拆分; a unit's in-tray; review; the board of supervision.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, says, saysNot, holds } from './browser.mjs'

const DESK = { width: 1366, height: 768 }
const TABLET = { width: 1024, height: 768 }

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ auto_assign_percent: 101, burst_every: '1d' }) // all cases here come from one plaque: that is a burst by itself
  const people = {
    coordinator: ['U000-02', ['coordinator'], '统筹协调组值班员'], coordinator2: ['U000-02', ['coordinator'], '统筹协调组组长'], supervisor: ['U000-03', ['supervisor'], '督查督办组督办员'],
    handler: ['U026', ['handler'], '承办人'], chief: ['U026', ['unit_leader'], '单位负责人'] }
  for (const [login, [unit, roles, name]] of Object.entries(people)) s[login] = await site.person(s.gateway, login, { unit, roles, name })
  s.u026 = await site.unitId('U026')
  s.number = await site.plaqueNumber('U026')
  s.browser = await openBrowser()
})

async function filed(s, text) {
  const a = await s.gateway.form(`/p/${s.number}/supervise`, { text })
  assert.equal(a.status, 201, a.text.slice(0, 500))
  return Number(await s.site.one('select case_id from feedback where words = $1', [text]))
}
async function at(s, login, path, viewport = DESK) {
  const page = await s.browser.desk(s.gateway, { viewport })
  await signIn(page, login, s[login].password, undefined, true)
  if (path) await page.goto(`/staff/#/${path}`)
  return page
}
async function seen(s, page, name) {
  await page.evaluate(() => window.scrollTo(0, 0))
  await s.browser.axe(page, name, ['serious', 'critical'])
  await s.browser.picture(page, `desks-${name}`, false)
  await page.setViewportSize(TABLET)
  await s.browser.picture(page, `desks-${name}-tablet`, false)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(wide <= 0, `${name} is ${wide} px wider than a tablet`)
  await page.setViewportSize(DESK)
}
const shown = (page, id) => page.locator(`[data-testid="pane"][data-case-id="${id}"]`).waitFor()
const gone = (page, id) => page.getByTestId(`row-${id}`).waitFor({ state: 'detached' })

it('triage: accepted by one key, taken back, sent; the other window sees it go; the next one opens', async (s) => {
  const stall = await filed(s, '幸福路夜市烧烤摊占道经营，油烟扰民，晚上十一点还在营业。')
  const again = await filed(s, '幸福路夜市烧烤摊占道经营，油烟很大，扰民，每天到半夜。')
  const both = await filed(s, '学校门口小贩占道，放学时很堵。另外路口的红绿灯坏了一周。')
  const page = await at(s, 'coordinator')
  await page.waitForURL(/#\/triage$/) // the day begins at the own desk
  const other = await at(s, 'coordinator2')
  await other.getByTestId(`row-${stall}`).waitFor()
  await shown(page, stall)
  await page.getByTestId('because-list').waitFor()
  await page.getByTestId(`merge-${again}`).waitFor()
  await seen(s, page, 'triage')
  // One key, taken back, one key again: sent after its window.
  await page.keyboard.press('1')
  await page.getByTestId(`pending-${stall}`).waitFor()
  await gone(page, stall)
  await page.keyboard.press('z')
  await shown(page, stall)
  assert.equal((await s.coordinator.case(stall)).case.state, 'discovered', 'nothing was sent')
  await page.keyboard.press('1')
  await shown(page, again)
  await gone(other, stall)
  assert.equal((await s.coordinator.case(stall)).case.state, 'assigned')
  // The same matter once more: merged by one key.
  await page.getByTestId(`merge-${stall}`).waitFor()
  await page.keyboard.press('m')
  await shown(page, both)
  await gone(other, again)
  assert.equal((await s.coordinator.case(again)).case.state, 'merged')
  // Two matters in one: marked in the words, split, and the second waits beside the first, in both windows.
  await page.keyboard.press('x')
  const form = page.getByTestId('split-form')
  await form.getByTestId('split-source').evaluate((e) => { const at = e.value.indexOf('另外'); e.focus(); e.setSelectionRange(at, e.value.length) })
  await form.getByTestId('split-take').click()
  await holds(form.getByTestId('split-words'), /^另外路口的红绿灯坏了一周/)
  await holds(form.getByTestId('split-rest'), /^学校门口小贩占道，放学时很堵。$/)
  await form.getByTestId('split-nature').selectOption('report')
  await form.getByTestId('split-report').waitFor()
  await form.getByTestId('split-nature').selectOption('appeal')
  await form.getByTestId('split-submit').click()
  await form.getByTestId('split-error').waitFor()
  await form.getByTestId('split-reason').fill('两件事，分属不同单位')
  await seen(s, page, 'split')
  await form.getByTestId('split-submit').click()
  await page.getByTestId('parts').waitFor()
  const second = Number(await s.site.one('select case_id from case_parts where part = 2'))
  await other.getByTestId(`row-${second}`).waitFor()
  await other.getByTestId(`row-${second}`).click()
  await says(other.getByTestId('extract'), /红绿灯/)
  await seen(s, page, 'triage-split')
  // A complaint and an allegation in one: both parts are proposed, and one key splits them.
  const mixed = await filed(s, '菜市场门口垃圾堆了好几天，没人清运。还有，市场管理员收了摊主的好处费才给摊位。')
  await page.getByTestId(`row-${mixed}`).click()
  await shown(page, mixed)
  await says(page.getByTestId('proposal-rest'), /垃圾堆了好几天/)
  await says(page.getByTestId('proposal-report'), /好处费/)
  await saysNot(page.getByTestId('proposal-rest'), /好处费/)
  await seen(s, page, 'triage-proposal')
  await page.locator('body').press('s')
  await page.getByTestId(`pending-${mixed}`).waitFor()
  await until('it is two', async () => (await s.coordinator.case(mixed)).part?.number === 1)
  assert.equal((await s.coordinator.case(mixed)).part.extract, '菜市场门口垃圾堆了好几天，没人清运。')
  s.browser.assertClean(s.gateway)
})

it('the in-tray signs by one key and replies; its leader endorses in another window; review checks, sends back, approves', async (s) => {
  const id = await filed(s, '体育公园健身器材损坏，螺丝外露，容易划伤孩子。')
  await s.coordinator.does(id, 'assign', { unit: s.u026 })
  const handler = await at(s, 'handler')
  await handler.waitForURL(/#\/inbox$/)
  await handler.getByTestId(`row-${id}`).click()
  await shown(handler, id)
  const chief = await at(s, 'chief')
  const supervisor = await at(s, 'supervisor', 'review')
  await supervisor.getByTestId('queue-empty').waitFor()
  await handler.keyboard.press('s')
  await handler.locator(`[data-testid="row-${id}"][data-group="hand"]`).waitFor()
  await chief.locator(`[data-testid="row-${id}"][data-group="hand"]`).waitFor()
  // Asked for by a reason from the list; ruled at the other desk; the answer stands on top.
  await handler.keyboard.press('y')
  const ask = handler.getByTestId('act-form')
  await ask.getByRole('button', { name: '情况复杂，需现场核实。' }).click()
  await ask.getByTestId('field-amount').fill('1')
  await seen(s, handler, 'inbox')
  await ask.getByTestId('act-submit').click()
  await handler.locator(`[data-testid="row-${id}"][data-group="asked"]`).waitFor()
  await s.coordinator.does(id, 'extend_grant', { reason: '同意延期' })
  await handler.getByTestId('request-note').getByText('同意延期').first().waitFor()
  const reply = async (text) => {
    await handler.keyboard.press('r')
    const form = handler.getByTestId('act-form')
    await form.getByTestId('field-words').fill(text)
    await form.getByTestId('field-evidence').fill('更换前后照片两张')
    await form.getByTestId('act-submit').click()
    await chief.locator(`[data-testid="row-${id}"][data-group="endorse"]`).click()
    await shown(chief, id)
    await chief.getByTestId('act-endorse').waitFor()
    await chief.keyboard.press('e')
    await chief.getByTestId('act-submit').click()
    await supervisor.getByTestId(`row-${id}`).click()
    await shown(supervisor, id)
  }
  await handler.getByTestId('act-reply').waitFor()
  await reply('已安排维修。')
  await supervisor.getByTestId('answer-words').getByText('已安排维修。').waitFor()
  await supervisor.keyboard.press('b')
  await supervisor.getByTestId('act-form').getByRole('button', { name: '只有计划，没有办理结果。' }).click()
  await supervisor.getByTestId('act-submit').click()
  await gone(supervisor, id)
  await handler.locator(`[data-testid="row-${id}"][data-group="back"]`).click()
  await handler.getByTestId('request-note').getByText('只有计划，没有办理结果。').waitFor()
  await reply('已更换全部螺丝和两处器材，并贴了检修记录。')
  await supervisor.getByTestId('answer-before').getByText('已安排维修。').waitFor()
  await supervisor.keyboard.press('a')
  await supervisor.getByTestId('lacking').waitFor()
  for (const key of ['1', '2', '3', '4', '5']) await supervisor.keyboard.press(key)
  await seen(s, supervisor, 'review')
  await supervisor.keyboard.press('a')
  await gone(supervisor, id)
  assert.equal((await s.supervisor.case(id)).case.state, 'verifying')
  await gone(handler, id)
  await seen(s, handler, 'inbox-empty')
  s.browser.assertClean(s.gateway)
})

it('the board: columns by colour, one unit, the next step of the ladder; what others do moves the cards', async (s) => {
  const id = await filed(s, '广场舞音响扰民，晚上十点后仍不停。')
  await s.coordinator.does(id, 'assign', { unit: s.u026 })
  const page = await at(s, 'supervisor')
  await page.waitForURL(/#\/supervision$/)
  const card = page.getByTestId('column-green').getByTestId(`card-${id}`)
  await card.waitFor()
  await says(card, /下一步/)
  await seen(s, page, 'board')
  await s.handler.does(id, 'sign')
  await s.handler.does(id, 'pause_ask', { pause_cause: 'appraisal', reason: '等待检测', until: new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10) })
  await s.chief.does(id, 'pause_grant', { reason: '同意' })
  await page.getByTestId('column-paused').getByTestId(`card-${id}`).waitFor()
  await page.getByTestId('by-rung').click()
  await page.getByTestId('column-0').getByTestId(`card-${id}`).waitFor()
  await s.supervisor.does(id, 'supervise', { rung: 1, reason: '请抓紧' })
  await page.getByTestId('column-1').getByTestId(`card-${id}`).waitFor()
  await page.keyboard.press('j')
  await until('the key chose a card', () => page.evaluate(() => document.activeElement?.className.includes('no')))
  await page.goto(`/staff/#/supervision?unit=${await s.site.unitId('U003')}`)
  await until('only that unit', async () => (await page.getByTestId(`card-${id}`).count()) === 0)
  s.browser.assertClean(s.gateway)
})

it('common problems: a burst over the triage desk is taken up; a proposal is accepted with its reason', async (s) => {
  const id = await filed(s, '滨江步道的路灯全黑，三十天没有人修。')
  const [cause] = await s.site.sql(`with k as (insert into causes (kind, unit_id, category, from_at, due_at) values ('matter', $1, '0503', now(), now() + interval '30 days') returning id),
    a as (insert into cause_acts (cause_id, act, words) select id, 'propose', '达到提示线' from k), c as (insert into cause_cases (cause_id, case_id) select id, $2 from k),
    b as (insert into bursts (kind, unit_id, category, last_at, n, most, usual, hours, told) values ('matter', $1, '0503', now(), 9, 9, 1, 24, 9)) select id from k`, [s.u026, id])
  // Beside it one about a place, which several units have: it leads to its own cases.
  const place = Number(await s.site.one(`with p as (insert into twin_places (case_id, place, label, town, narrow, at) values ($2, '示例小区3号楼', '示例小区3号楼', '望江', true, now()) returning place)
    insert into bursts (kind, place, town, label, unit_ids, categories, last_at, n, most, usual, hours, told) select 'place', p.place, '望江', p.place, $1, '{0801,0504,0503}', now(), 8, 8, 0.4, 24, 8 from p returning id`,
  [[s.u026, await s.site.unitId('U003')], id]))
  const page = await at(s, 'coordinator')
  const line = page.getByTestId(`burst-${place}`)
  await line.filter({ hasText: '示例小区3号楼（望江）' }).filter({ hasText: '24 小时内 8 人反映' }).filter({ hasText: '停水与水压水质' }).waitFor()
  await seen(s, page, 'bursts')
  await line.locator('a').click()
  await page.locator(`[data-case-id="${id}"]`).waitFor()
  await page.goto('/staff/#/triage')
  for (const burst of [place, null]) {
    const one = burst ? page.getByTestId(`burst-${burst}`) : page.getByTestId('burst-bar')
    await one.locator('button').first().click()
    const answered = page.waitForResponse((a) => a.url().endsWith('/seen'))
    await page.getByTestId('take-send').click()
    assert.equal((await answered).status(), 200)
    await one.waitFor({ state: 'detached' })
  }
  await page.goto('/staff/#/causes')
  await page.locator(`[data-testid="causes"] [data-row="${cause.id}"]`).waitFor()
  await seen(s, page, 'causes')
  await page.locator(`[data-testid="causes"] [data-row="${cause.id}"] a`).click()
  await page.getByTestId('cause-accept').click()
  await page.getByTestId('cause-form').locator('textarea').fill('请排查全线照明')
  await page.getByTestId('cause-form').locator('button[type="submit"], .main-button').first().click()
  await page.getByTestId('cause-state').filter({ hasText: '待整改' }).waitFor()
  await seen(s, page, 'cause')
})

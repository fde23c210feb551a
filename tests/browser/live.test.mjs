// Two persons in two windows: each sees what the other does — list, case, counters, who is there, what changed under a form — and a
// gateway that goes and comes back costs neither an event nor a repeat. Another unit's desk hears of none of it.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, says, holds, counts, isOff, isHidden } from './browser.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ auto_assign_percent: 101 })
  const people = { coordinator: ['U000-02', ['coordinator'], '王协调'], handler: ['U026', ['handler'], '李承办'], colleague: ['U026', ['handler'], '赵同事'], second: ['U000-02', ['coordinator'], '钱协调'], stranger: ['U003', ['handler'], '外单位'] }
  for (const [login, [unit, roles, name]] of Object.entries(people)) s[login] = await site.person(s.gateway, login, { unit, roles, name })
  s.unit = await site.unitId('U026')
  s.number = await site.plaqueNumber('U026')
  s.browser = await openBrowser()
  s.at = async (login) => {
    const page = await s.browser.desk(s.gateway)
    page.heard = []
    page.on('websocket', (ws) => ws.on('framereceived', ({ payload }) => page.heard.push(JSON.parse(payload))))
    await signIn(page, login, s[login].password)
    return page
  }
  s.filed = async (text) => Number((await s.gateway.api({ text, plaque: s.number })).json.case)
})

const row = (page, id) => page.locator(`[data-testid="case-row"][data-case-id="${id}"]`)
const count = (page, what) => page.getByTestId(`count-${what}`).locator('b').innerText().then(Number)
const open = async (s, page, id) => {
  await page.goto(`${s.gateway.url}/staff/#/cases/${id}`)
  await page.getByTestId('case-state').waitFor()
}
const press = async (page, act, fields) => {
  await page.getByTestId(`act-${act}`).click()
  for (const [field, value] of Object.entries(fields)) await page.getByTestId(`field-${field}`).fill(value)
}

it('two persons in two windows: list, counters, case, who is there, and what changed under a form', async (s) => {
  const [coordinator, handler, stranger] = await Promise.all([s.at('coordinator'), s.at('handler'), s.at('stranger')])
  const before = await until('the counters', () => count(coordinator, 'triage').then((n) => ({ n })))
  const id = await s.filed(`文昌路路灯坏了没人修 ${freshKey('live')}`)
  await row(coordinator, id).waitFor()
  await until('the counter', async () => (await count(coordinator, 'triage')) === before.n + 1)
  await s.coordinator.does(id, 'assign', { unit: s.unit, category: '0503' })
  await row(handler, id).waitFor()
  await until('the counter again', async () => (await count(coordinator, 'triage')) === before.n)

  await open(s, coordinator, id)
  await open(s, handler, id)
  await coordinator.locator('[data-testid="presence"][data-doing="look"]').filter({ hasText: '李承办' }).waitFor()
  await handler.getByTestId('act-sign').click()
  await handler.getByTestId('act-submit').click()
  await coordinator.locator('[data-testid="case-state"][data-state="handling"]').waitFor()
  await press(handler, 'reply', { words: '路灯已经修好。' })
  // The page begins anew, as it does when a post or rights change: what was typed is there, and nothing of it in any storage.
  await handler.reload()
  await handler.getByTestId('act-reply').click()
  await holds(handler.getByTestId('field-words'), '路灯已经修好。')
  assert.equal((await handler.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).includes('路灯'), false)
  for (const words of ['', '路灯已经修好。']) await handler.getByTestId('field-words').fill(words)
  await coordinator.locator('[data-testid="presence"][data-doing="write"]').filter({ hasText: '李承办' }).waitFor()

  // A colleague opens the same form and is warned; answers first; the words of the other stay, and one knowing press is enough.
  const colleague = await s.at('colleague')
  await open(s, colleague, id)
  await press(colleague, 'reply', { words: '维修班已更换灯具，恢复照明。', evidence: '现场照片' })
  await colleague.getByTestId('also-writing').filter({ hasText: '李承办' }).waitFor()
  await handler.getByTestId('also-writing').filter({ hasText: '赵同事' }).waitFor()
  await handler.getByTestId('field-evidence').fill('工单一份')
  await s.browser.axe(colleague, 'a form that another person fills in too', ['serious', 'critical'])
  await s.browser.picture(colleague, 'live-also-writing')
  await s.coordinator.does(id, 'note', { words: '请注意夜间安全。' })
  const notice = handler.getByTestId('case-changed')
  await notice.getByTestId('changed-step').filter({ hasText: '王协调' }).waitFor()
  await s.browser.axe(handler, 'what changed', ['serious', 'critical'])
  await s.browser.picture(handler, 'live-changed')
  await holds(handler.getByTestId('field-words'), '路灯已经修好。')
  await until('the button says so', () => handler.getByTestId('act-submit').isEnabled())
  await handler.getByTestId('act-submit').click()
  await handler.locator('[data-testid="case-state"][data-state="replied"]').waitFor()
  // The one who was slower sees by whom, and that it can be done no more; the typed words are still there.
  await colleague.getByTestId('case-changed').getByTestId('changed-step').filter({ hasText: '李承办' }).waitFor()
  await holds(colleague.getByTestId('field-words'), '维修班已更换灯具，恢复照明。')
  await isOff(colleague.getByTestId('act-submit'))
  await colleague.close()
  await until('who left is not there', async () => !(await handler.getByTestId('presence').allInnerTexts()).join().includes('赵同事'))

  // Of all this another unit's desk has got nothing: no event, no presence, no count.
  assert.equal(stranger.heard.filter((f) => f.case === id).length, 0)
  await counts(row(stranger, id), 0)
  assert.equal(await count(stranger, 'today'), 0)
  s.browser.assertClean(s.gateway)
  for (const page of [coordinator, handler, stranger]) await page.context().close()
})

it('kept lists are shared, several cases go by one press with a preview and come back by another, and keys do all of it', async (s) => {
  const [one, two] = await Promise.all([s.at('coordinator'), s.at('second')])
  const street = freshKey('view')
  const ids = []
  for (const what of ['井盖松动', '井盖松动，夜里响', '井盖松动，车过就响']) ids.push(await s.filed(`文昌路${street}${what}`))
  const [main, second, third] = ids
  const rows = (page) => page.getByTestId('case-row').evaluateAll((all) => all.map((r) => Number(r.dataset.caseId)))
  const focused = (page) => page.evaluate(() => Number(document.activeElement?.closest('[data-case-id]')?.dataset.caseId ?? 0))

  // A list that one keeps for the whole post stands in the other window when the next thing happens.
  await one.keyboard.press('/')
  await one.keyboard.type(street)
  await one.keyboard.press('Enter')
  await until('the three alone', async () => JSON.stringify((await rows(one)).sort()) === JSON.stringify([...ids].sort()))
  await one.getByTestId('view-keep').click()
  await one.getByTestId('view-name').fill('文昌路井盖')
  await one.getByTestId('view-shared').selectOption('coordinator')
  await s.browser.axe(one, 'a list to be kept', ['serious', 'critical'])
  await one.getByTestId('view-save').click()
  await one.getByTestId('view').filter({ hasText: '文昌路井盖' }).waitFor()
  await isHidden(one.getByTestId('views-dialog'))
  await s.coordinator.does(main, 'note', { words: '同一处，一并办理。' })
  const tab = two.getByTestId('view').filter({ hasText: '文昌路井盖' })
  await tab.waitFor()
  assert.match(await tab.getAttribute('title'), /王协调/)
  await tab.click()
  await until('the same list', async () => JSON.stringify((await rows(two)).sort()) === JSON.stringify([...ids].sort()))

  // By keys: down, down, chosen, and what would happen to each; nothing has been done yet.
  const order = await rows(one)
  await one.locator('body').press('j')
  await until('the first row', async () => (await focused(one)) === order[0])
  await one.keyboard.press('j')
  assert.equal(await focused(one), order[1])
  await one.keyboard.press('k')
  assert.equal(await focused(one), order[0])
  await one.keyboard.press('?')
  const keys = one.getByRole('dialog').filter({ hasText: 'j / k' })
  for (const line of ['j / k', 'Enter / o', 'x', 'b', '/']) await counts(keys.getByText(line, { exact: true }), 1, line)
  await s.browser.axe(one, 'the keys', ['serious', 'critical'])
  await one.keyboard.press('Escape')
  await keys.waitFor({ state: 'hidden' })
  for (const id of order) { // all but the main case
    if (id === main) continue
    await one.locator(`[data-case-id="${id}"] a`).first().focus()
    await one.keyboard.press('x')
  }
  await one.getByTestId('picked').filter({ hasText: '2' }).waitFor()
  await one.keyboard.press('b')
  const bulk = one.getByTestId('bulk')
  await bulk.getByTestId('bulk-act').selectOption('merge')
  await bulk.getByTestId('bulk-target').fill(String(main))
  await bulk.getByTestId('bulk-reason').fill('同一处井盖')
  await bulk.getByTestId('bulk-look').click()
  await until('both may', async () => (await bulk.getByTestId('bulk-may').count()) === 2)
  await says(bulk.getByTestId('bulk-preview'), /可以撤回/)
  for (const id of ids) assert.equal((await s.coordinator.case(id)).case.state, 'discovered', 'a preview does nothing')
  await s.browser.axe(one, 'a preview', ['serious', 'critical'])
  await s.browser.picture(one, 'bulk-preview', false)
  // Another target is another preview.
  await bulk.getByTestId('bulk-target').fill(String(second))
  await bulk.getByTestId('bulk-preview').waitFor({ state: 'detached' })
  await bulk.getByTestId('bulk-look').click()
  await bulk.getByTestId('bulk-not').filter({ hasText: String(second) }).waitFor() // not into itself
  await bulk.getByTestId('bulk-target').fill(String(main))
  await bulk.getByTestId('bulk-look').click()
  await until('both may again', async () => (await bulk.getByTestId('bulk-may').count()) === 2)
  await bulk.getByTestId('bulk-run').click()
  await bulk.getByTestId('bulk-result').filter({ hasText: '2' }).waitFor()
  for (const id of [second, third]) await row(two, id).filter({ hasText: '并案' }).waitFor() // by itself
  // Taken back: both stand alone again, in the other window too.
  await bulk.getByTestId('bulk-undo').click()
  await bulk.getByTestId('bulk-result').filter({ hasText: '已撤回 2 件' }).waitFor()
  for (const id of [second, third]) await row(two, id).filter({ hasText: '待受理' }).waitFor()
  assert.deepEqual((await s.site.sql(`select act, count(*)::int as n from acts where case_id = any($1) and act in ('merge', 'unmerge') group by act order by act`, [ids])).map((r) => [r.act, r.n]), [['merge', 2], ['unmerge', 2]])
  await one.keyboard.press('Escape')
  await bulk.waitFor({ state: 'hidden' })

  // A row is opened by a key, and the way back stands on it again.
  await row(one, third).locator('a').first().focus()
  await one.keyboard.press('o')
  await one.waitForURL(new RegExp(`#/cases/${third}`))
  await one.getByTestId('case-state').waitFor()
  await one.goBack()
  await row(one, third).waitFor()
  await until('the row', async () => (await focused(one)) === third)
  // The list that is given up is gone in the other window too.
  await one.getByTestId('view-edit').click()
  await one.getByTestId('view-remove').click()
  await one.getByTestId('view-remove').click()
  await one.getByTestId('view').filter({ hasText: '文昌路井盖' }).waitFor({ state: 'detached' })
  const lists = two.waitForResponse('**/views?*')
  await two.reload()
  await lists
  await two.getByTestId('view-all').waitFor()
  await counts(two.getByTestId('view'), 0)
  s.browser.assertClean(s.gateway)
  for (const page of [one, two]) await page.context().close()
})

it('what somebody searches while the kept lists are still on their way is not taken away by them', async (s) => {
  const page = await s.browser.desk(s.gateway)
  const [wanted, other] = [await s.filed(`文昌路护栏松动 ${freshKey('early')}`), await s.filed(`公厕无水 ${freshKey('early')}`)]
  let answer
  const asked = new Promise((done) => page.route('**/views?*', async (route) => {
    done()
    await new Promise((go) => { answer = go })
    await route.continue()
  }, { times: 1 }))
  await signIn(page, 'coordinator', s.coordinator.password)
  await asked
  await page.keyboard.press('/')
  await page.keyboard.type('文昌路护栏')
  await page.keyboard.press('Enter')
  await row(page, wanted).waitFor()
  const answered = page.waitForResponse('**/views?*')
  answer()
  await answered
  await row(page, await s.filed(`文昌路护栏又松动 ${freshKey('early')}`)).waitFor() // whatever list stands now has been asked for again
  await counts(row(page, wanted), 1)
  await counts(row(page, other), 0)
  await page.context().close()
})

it('what somebody types of a unit while the units are still on their way is not taken away by them', async (s) => {
  const page = await s.browser.desk(s.gateway)
  let come
  const units = new Promise((done) => { come = done })
  await page.route('**/api/v1/units', async (route) => { await units; await route.continue().catch(() => {}) }) // given up and asked again, when it is late
  await signIn(page, 'coordinator', s.coordinator.password)
  await page.getByTestId('filter-unit').fill('城市管')
  const offered = page.getByRole('option').filter({ hasText: '城市管' })
  await counts(offered, 0)
  come()
  await offered.first().waitFor()
  await holds(page.getByTestId('filter-unit'), '城市管')
  await page.context().close()
})

it('a gateway that goes and comes back: said since when, nothing lost, nothing twice', async (s) => {
  const page = await s.at('coordinator')
  const start = Number(await s.site.one('select last from event_head'))
  const port = s.gateway.port
  const file = () => Promise.all(Array.from({ length: 4 }, () => s.filed(`河堤护栏松动 ${freshKey('live')}`)))
  await file()
  const stopping = file().catch(() => [])
  await stopping
  // The line is to come back by itself: what the page asks in its place meanwhile would bring all that happened by another way.
  const hellos = () => page.heard.filter((f) => f.type === 'hello').length
  const met = hellos()
  await page.route('**/api/v1/counts', (route) => route.abort())
  await s.gateway.stop()
  const banner = page.getByTestId('stale-banner')
  await banner.filter({ hasText: /\d\d:\d\d/ }).waitFor()
  await s.browser.picture(page, 'live-stale')
  // What another process commits meanwhile.
  for (let i = 0; i < 3; i++) {
    await s.site.sql(`select events_append(array['case.changed'], array[null::bigint], array[null::integer], array[null::integer], array[false], array['{}'::jsonb])`, [], 'mashangdu_gateway')
  }
  await s.gateway.start({ settings: { listen_port: port } })
  await until('the line is up', () => hellos() > met, 120000)
  await page.unroute('**/api/v1/counts')
  await page.locator('[data-testid="live-state"][data-state="live"]').waitFor()
  await file()
  const last = Number(await s.site.one('select last from event_head'))
  const seqs = () => page.heard.filter((f) => f.type === 'event' && f.seq > start).map((f) => f.seq)
  await until('all is heard', () => seqs().at(-1) >= last)
  // What the office is told of afterwards (matters told twice) comes behind.
  const rows = await s.site.sql('select seq::int from events where seq > $1 and seq <= $2 and not confidential order by seq', [start, last])
  assert.deepEqual(seqs().filter((n) => n <= last), rows.map((r) => r.seq), 'each event once, in order')
  const listed = () => page.getByTestId('case-row').evaluateAll((all) => all.map((r) => Number(r.dataset.caseId)).sort((a, b) => a - b))
  const all = (await s.site.sql('select id from cases where not confidential order by id')).map((r) => Number(r.id))
  await until('the list is the database’s', async () => JSON.stringify(await listed()) === JSON.stringify(all))
  await banner.waitFor({ state: 'detached' })

  // No web socket, as behind some proxies: the desk asks again and again and says so.
  const { id } = { id: await s.filed(`井盖缺失 ${freshKey('live')}`) }
  await row(page, id).waitFor()
  const shut = await s.browser.desk(s.gateway)
  await shut.addInitScript(() => { window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 1) } send() {} close() {} } })
  await shut.goto('/staff/#/cases')
  await shut.getByTestId('login-name').fill('coordinator')
  await shut.getByTestId('login-password').fill(s.coordinator.password)
  await shut.getByTestId('login-submit').click()
  await shut.locator('[data-testid="live-state"][data-state="polling"]').waitFor()
  await shut.getByTestId('stale-banner').filter({ hasText: '10 秒' }).waitFor()
  const later = await s.filed(`公厕无水 ${freshKey('live')}`)
  await row(shut, later).waitFor()
})

// 态势 and 大屏 in a real browser under the gateway's content policy: pictures are drawn without one violation, each with its numbers
// and a way into the list; a case's way as a picture; a screen that is paired, turns, lives through a restart of the gateway, and stops when it is let go.
import assert from 'node:assert/strict'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { fill } from '../scenario/see_filler.mjs'
import { openBrowser, signIn, says } from './browser.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, office_phone: '0700-2100000' })
  for (const [login, unit, roles] of [['head', 'U000', ['leader']], ['registry', 'U000-01', ['registry']]]) s[login] = await s.site.person(s.gateway, login, { unit, roles })
  await fill(s.site, 400, { days: 20 })
  s.browser = await openBrowser()
})
const SEVERE = ['moderate', 'serious', 'critical']

it('the overview: every picture drawn, with title, period, n, and the same numbers; a bar is a way into the list', async (s) => {
  const page = await s.browser.desk(s.gateway, { viewport: { width: 1366, height: 768 } })
  await signIn(page, 'head', s.head.password)
  await page.getByTestId('desk-overview').click()
  await page.getByTestId('chart-words').locator('[data-drawn="true"]').waitFor()
  const charts = page.locator('figure[data-testid^="chart-"]')
  const drawn = () => until('all are drawn', async () => (await charts.locator('[data-drawn="true"]').count()) === 9, 60000)
  await drawn()
  const seen = await s.head.get('/overview')
  for (const chart of await charts.all()) {
    const said = await chart.locator('[role="img"]').getAttribute('aria-label')
    assert.match(said, /\S+。.*。n = \d+。/)
    assert.ok((await chart.locator('tbody tr').count()) > 0, said)
    assert.ok(await chart.locator('canvas').evaluate((c) => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; for (let i = 3; i < d.length; i += 4) if (d[i]) return true; return false }), `nothing is on ${said}`)
  }
  await says(page.getByTestId('chart-inflow').locator('figcaption'), new RegExp(`n = ${seen.received}`))
  const sum = await page.getByTestId('chart-inflow').locator('tbody tr td:last-child').evaluateAll((cells) => cells.reduce((n, c) => n + Number(c.textContent), 0))
  assert.equal(sum, seen.received)
  await s.browser.axe(page, 'overview', SEVERE)
  await s.browser.picture(page, 'see-overview')
  await page.getByTestId('chart-natures').getByRole('button').click()
  await page.getByTestId('chart-natures').locator('tbody th a').first().click()
  await page.waitForURL(/#\/cases\?.*nature=/)
  await page.getByTestId('case-row').first().waitFor() // the list stands before anybody leaves it
  await page.goto('/staff/#/overview')
  await page.getByTestId('overview').waitFor()
  await until('the pictures stand again', async () => (await charts.locator('[data-drawn="true"]').count()) >= 8, 60000) // what grows moves what stands below it
  await page.locator('[data-testid^="tile-"]').first().click()
  await page.waitForURL(/#\/cases\?.*unit=\d+/)
  await page.setViewportSize({ width: 1024, height: 768 })
  await page.goto('/staff/#/overview')
  await page.getByTestId('overview').waitFor()
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0)
  // Something new comes: the number moves by itself.
  const count = () => page.locator('[data-testid="overview-sums"] [data-stat="received"] dd').innerText()
  const before = Number(await count())
  const a = await s.gateway.api({ text: '路灯坏了半个月没人修' })
  await until('the new case is counted', async () => Number(await count()) === before + 1, 60000)
  await page.goto(`/staff/#/cases/${a.json.case}`)
  await page.getByTestId('case-line').locator('svg circle').first().waitFor()
  s.browser.assertClean(s.gateway)
})

it('a screen: paired by a code, turns, says since when its numbers are old while the gateway is away, goes on, and ends when it is let go', async (s) => {
  const desk = await s.browser.desk(s.gateway)
  await signIn(desk, 'registry', s.registry.password)
  await desk.goto('/staff/#/overview/screens')
  const form = desk.getByTestId('screen-form')
  await form.getByTestId('field-name').fill('政务大厅一楼')
  await form.getByTestId('form-submit').click()
  const code = await desk.getByTestId('screen-code').locator('.code').innerText()
  await s.browser.axe(desk, 'screens', SEVERE)
  const hall = await s.browser.desk(s.gateway, { viewport: { width: 1920, height: 1080 } })
  await hall.clock.install()
  await hall.goto('/staff/#/screen')
  await hall.getByTestId('hall-code').fill(code)
  await hall.getByTestId('hall-submit').click()
  await hall.locator('[data-testid="hall"][data-slide="today"] [data-drawn="true"]').waitFor()
  await s.browser.axe(hall, 'screen', SEVERE)
  await s.browser.picture(hall, 'see-hall')
  assert.equal((await hall.evaluate(() => document.cookie)).includes('msd_screen'), false, 'the secret is out of the page\'s reach')
  const id = (await s.registry.get('/screens')).screens[0].id
  await s.registry.call('POST', `/screens/${id}/settings`, { seconds: 5, slides: ['today', 'units', 'speak'] })
  await hall.reload()
  for (const slide of ['today', 'units', 'speak', 'today']) {
    await hall.locator(`[data-testid="hall"][data-slide="${slide}"]`).waitFor()
    await hall.clock.runFor(5000)
  }
  await desk.close()
  const port = s.gateway.port
  await s.gateway.stop()
  await hall.evaluate(() => dispatchEvent(new Event('online'))) // asks at once instead of within half a minute
  await hall.getByTestId('hall-stale').waitFor({ timeout: 60000 })
  assert.ok(await hall.locator('.slide').count(), 'it goes on showing what it knows')
  await s.gateway.start({ settings: { 'listen-port': port } })
  await hall.evaluate(() => dispatchEvent(new Event('online')))
  await hall.getByTestId('hall-stale').waitFor({ state: 'detached' })
  await s.registry.call('POST', `/screens/${id}/revoke`, {})
  await hall.reload()
  await hall.getByTestId('hall-pair').waitFor()
  // That the gateway was away is noted by the browser in its own words; what counts is the content policy.
  assert.deepEqual(s.browser.faults.filter((f) => /Content Security Policy|Refused to/.test(f)), [])
})

// The desk 登记 with two persons in two windows: a clerk writes down what a citizen says, sees the open case that is like it, and hands over the
// receipt; the coordinator's open list has it at once. A report comes in by the same form and the clerk sees nothing of it. Lists
// are taken out as files by the one button; every desk prints as a page with its title, who printed it, and whole tables.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileName, scenario } from '../scenario/harness.mjs'
import { png } from '../scenario/file_samples.mjs'
import { openBrowser, signIn, says, counts } from './browser.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101 })
  for (const [login, unit, roles, name] of [['clerk', 'U000-01', ['registry'], '窗口登记员'], ['coordinator', 'U000-02', ['coordinator'], '值班协调员']])
    s[login] = await s.site.person(s.gateway, login, { unit, roles, name })
  s.browser = await openBrowser()
})

async function at(s, login, viewport = { width: 1366, height: 768 }) {
  const page = await s.browser.desk(s.gateway, { viewport, acceptDownloads: true })
  await signIn(page, login, s[login].password)
  return page
}
const field = (page, key) => page.getByTestId(`field-${key}`)

it('what is written down in one window stands in the other at once; its double is seen while it is typed', async (s) => {
  s.desk = await at(s, 'coordinator')
  s.page = await at(s, 'clerk')
  const { page, desk } = s
  for (const [i, text] of ['幸福小区三号楼前的长椅坏了一个月没有人来维修', '幸福小区三号楼前的长椅坏了，一个月没人来维修，老人没处坐'].entries()) {
    await page.getByTestId('desk-entry').click()
    await field(page, 'nature').selectOption('appeal')
    await field(page, 'text').fill(text)
    await field(page, 'place').fill('幸福小区三号楼')
    if (i === 1) {
      await page.getByTestId(`alike-${s.number}`).waitFor()
      await s.browser.axe(page, 'entry')
      await s.browser.picture(page, 'entry-form')
    }
    await page.getByTestId('form-submit').click()
    await page.getByTestId('slip-receipt').waitFor()
    s.number = Number(await page.getByTestId('slip-number').innerText())
    await desk.locator(`[data-case-id="${s.number}"]`).waitFor() // by itself: nobody reloads
    if (i === 0) await page.getByTestId('slip-close').click()
  }
  await s.browser.axe(page, 'entered')
  await s.browser.picture(page, 'entry-slip')
  await desk.goto(`/staff/#/cases/${s.number}`)
  await says(desk.getByTestId('entered'), /来访，由.*窗口登记员登记/)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth))
})

it('joined to the case beside the form, with a picture; the other window sees the second reporter and the picture, and undoes it', async (s) => {
  const { page, desk } = s
  await desk.goto('/staff/#/cases')
  await desk.locator(`[data-case-id="${s.number}"]`).waitFor()
  await page.getByTestId('slip-close').click()
  await field(page, 'nature').selectOption('appeal')
  await field(page, 'text').fill('幸福小区三号楼前的长椅坏了一个多月，没有人来维修，大家没处坐')
  await page.getByTestId('entry-files').setInputFiles([{ name: '长椅.png', mimeType: 'image/png', buffer: png(60, 40) }, { name: '说明.txt', mimeType: 'text/plain', buffer: Buffer.from('不是图片') }])
  await page.getByTestId(`join-${s.number}`).click()
  await page.getByTestId('entry-joins').filter({ hasText: String(s.number) }).waitFor()
  await page.getByTestId('form-submit').click()
  await page.getByTestId('form-error').waitFor()
  await page.getByTestId('entry-chosen').locator('li.bad').filter({ hasText: '说明.txt' }).waitFor() // which one it was
  assert.equal(await s.site.one('select count(*)::int from feedback'), 2, 'nothing is half stored')
  await s.browser.axe(page, 'entry with files')
  await s.browser.picture(page, 'entry-files')
  await page.getByRole('button', { name: '去掉 说明.txt' }).click()
  await page.getByTestId('form-submit').click()
  await page.getByTestId('entry-joined').filter({ hasText: String(s.number) }).waitFor()
  await page.getByTestId('entry-joined').filter({ hasText: '统筹协调组撤销' }).waitFor() // a clerk's is the citizen's wish
  const own = Number(await page.getByTestId('slip-number').innerText())
  await desk.locator(`[data-case-id="${s.number}"]`).filter({ hasText: '并案 2 条' }).waitFor() // by itself
  await desk.goto(`/staff/#/cases/${own}`)
  await desk.locator('[data-testid="case-state"][data-state="merged"]').waitFor()
  await desk.getByTestId('case-files').getByRole('img').first().waitFor()
  // The coordinator's own: merged by an act of theirs, and taken back on the same page.
  await desk.getByTestId('desk-entry').click()
  await field(desk, 'nature').selectOption('appeal')
  await field(desk, 'text').fill('幸福小区三号楼前的长椅一直坏着，一个月没有人来维修')
  await desk.getByTestId(`join-${s.number}`).click()
  await desk.getByTestId('form-submit').click()
  await desk.getByTestId('entry-unjoin').click()
  await desk.getByTestId('entry-unjoined').waitFor()
  const back = Number(await desk.getByTestId('slip-number').innerText())
  assert.deepEqual((await s.site.sql('select act, actor from acts where case_id = $1 and act in (\'merge\', \'unmerge\') order by version', [back])).map((a) => [a.act, a.actor]), [['merge', 'staff'], ['unmerge', 'staff']])
})

it('a report says what the clerk will not see, and is not seen', async (s) => {
  const { page, desk } = s
  await desk.goto('/staff/#/cases')
  await desk.getByTestId('case-row').first().waitFor()
  await page.getByTestId('slip-close').click()
  await field(page, 'nature').selectOption('report')
  await page.getByTestId('entry-report').waitFor()
  await counts(page.getByTestId('alike'), 0, 'its words are not compared')
  await field(page, 'text').fill('某单位负责人收受红包')
  await page.getByTestId('form-submit').click()
  await page.getByTestId('slip-receipt').waitFor()
  await counts(page.getByTestId('slip-number'), 0)
  assert.match((await page.getByTestId('entry-told').allInnerTexts()).join(''), /看不到/)
  await s.browser.picture(page, 'entry-report')
  await counts(desk.getByTestId('case-row'), 4)
})

it('the list is taken out as a workbook by the button, and the log has its hash; the page prints whole', async (s) => {
  const { desk } = s
  await desk.getByTestId('export').click()
  await s.browser.axe(desk, 'export')
  await s.browser.picture(desk, 'export-menu')
  const [file] = await Promise.all([desk.waitForEvent('download'), desk.getByTestId('export-cases-xlsx').click()])
  assert.match(file.suggestedFilename(), /^cases-\d{6}\.xlsx$/)
  const bytes = readFileSync(await file.path())
  assert.equal(bytes.subarray(0, 2).toString(), 'PK')
  const row = (await s.site.sql(`select detail from audit_log where action = 'export'`))[0].detail
  assert.deepEqual([row.sha256, row.rows, row.list], [createHash('sha256').update(bytes).digest('hex'), 4, 'cases'])

  await desk.emulateMedia({ media: 'print' })
  const seen = await desk.evaluate(() => {
    const shown = (e) => e !== null && getComputedStyle(e).display !== 'none'
    return { head: document.querySelector('[data-testid="print-head"]').innerText, rail: shown(document.querySelector('nav')), top: shown(document.querySelector('.top')), table: getComputedStyle(document.querySelector('main thead')).display, button: shown(document.querySelector('main button')) }
  })
  assert.match(seen.head, /值班协调员.*打印/)
  assert.deepEqual([seen.rail, seen.top, seen.table, seen.button], [false, false, 'table-header-group', false])
  await desk.emulateMedia({ media: 'screen' })
  s.browser.assertClean(s.gateway)
})

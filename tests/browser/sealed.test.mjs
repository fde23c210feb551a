// Sealed reports as people live with them, in a real browser on both sides: a report filed without script before any officer had a key, keys
// enrolled, the early report sealed again with the two escrow shares, opened with a reason, answered, the answer read with the receipt; a second
// officer, a new group key, a lost passphrase. Every page is judged by axe and looked at.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, receiptOn, scenario, until } from '../scenario/harness.mjs'
import { openBrowser, signIn, holds, counts } from './browser.mjs'

const DESK = { width: 1366, height: 900 }, PHONE = { width: 390, height: 844 }
const WORDS = '二楼窗口负责人收了三千元红包才给办证，上周五下午在休息室收的。', SEEN = '三千元红包'
const NAME = '举报人甲', CONTACT = '15412345678', REASON = '核查举报线索', ASKED = '请问休息室在哪一层？', REPLIED = '在二楼楼梯口右手边。'
const PASS = { anna: '四月的雨下在旧瓦的屋顶上呀', boris: 'correct horse battery staple', dora: '十二生肖里没有猫和海豚呢', again: '海豚会不会记得去年的夏天' }
const SHARE = /\b(?:[0-9a-hjkmnp-tv-z]{4}-){13}[0-9a-hjkmnp-tv-z]{4}\b/

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.shares = [1, 2].map((n) => readFileSync(join(site.dir, `escrow-share-${n}.txt`), 'utf8').match(SHARE)[0])
  s.gateway = await site.gateway({ discipline_unit: 'U032' })
  s.number = await site.plaqueNumber('U003')
  for (const [login, unit, role, name] of [['anna', 'U000-04', 'accountability', '追责问责组专员'], ['boris', 'U000-04', 'accountability', '追责问责组副组长'], ['dora', 'U032', 'handler', '纪检监察承办人'], ['u003', 'U003', 'handler', '市监局承办人']]) s[login] = await site.person(s.gateway, login, { unit, roles: [role], name })
  s.browser = await openBrowser()
})

async function at(s, login, path, viewport = DESK) {
  const page = await s.browser.desk(s.gateway, { viewport })
  await signIn(page, login, s[login].password)
  await page.goto(`/staff/#${path}`)
  return page
}
async function looked(s, page, name) {
  await s.browser.axe(page, name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} is wider than the screen`)
  await s.browser.picture(page, name)
}
async function setPassphrase(page, form, passphrase) {
  const f = page.getByTestId(form)
  await f.getByTestId('passphrase-new').fill(passphrase)
  await f.getByTestId('passphrase-repeat').fill(passphrase)
  await f.getByTestId('passphrase-submit').click()
}
const isOpen = (page) => page.locator('[data-testid="lock-state"][data-state="open"]').waitFor()
async function makeGroupKey(page, group, version) {
  await page.getByTestId(`group-${group}`).getByTestId('group-make').click()
  await page.getByTestId(`group-${group}`).getByTestId('group-sure').click()
  await page.locator(`[data-testid="group-${group}"] [data-testid="group-key"][data-version="${version}"]`).waitFor()
}
async function giveShares(page, shares) {
  await page.getByTestId('recovery-reason').fill('口令遗失，两位托管人到场')
  for (const share of shares) {
    await page.getByTestId('recovery-share').fill(share)
    await page.keyboard.press('Enter')
    await page.locator('[data-testid="share-taken"], [data-testid="recovery-open"]').first().waitFor()
  }
  await page.getByTestId('recovery-open').waitFor()
}
/** Opens the report by keyboard: focus stands in the field of the reason. */
async function read(page, id) {
  if (id) await page.goto(`/staff/#/reports/${id}`)
  await until('the focus', () => page.evaluate(() => document.activeElement?.dataset.testid === 'look-reason'))
  await page.keyboard.type(REASON)
  await page.keyboard.press('Enter')
  await page.getByTestId('sealed-words').filter({ hasText: SEEN }).waitFor()
}
const looks = (s) => s.site.one(`select count(*)::int from audit_log where case_id = $1 and action = 'sealed_open' and detail->>'reason' = $2`, [s.report, REASON])

it('a report comes before anybody has a key; two officers enrol, and the escrow shares seal it to them', async (s) => {
  const { browser, gateway } = s
  const phone = await browser.phone(gateway)
  await phone.goto(`/p/${s.number}/report`)
  await phone.locator('#text').fill(WORDS)
  await phone.locator('input[name="named"][value="yes"]').check()
  await phone.locator('#name').fill(NAME)
  await phone.locator('#contact').fill(CONTACT)
  await phone.locator('#files').setInputFiles({ name: 'evidence.jpg', mimeType: 'image/jpeg', buffer: await phone.screenshot({ type: 'jpeg' }) })
  await phone.locator('form button', { hasText: '提交举报' }).click()
  await phone.locator('.receipt').waitFor()
  s.receipt = receiptOn(await phone.content())
  await phone.context().close()
  s.report = Number(await s.site.one('select case_id from sealed_messages'))

  s.dora.page = await at(s, 'dora', '/reports/keys')
  await setPassphrase(s.dora.page, 'enrol', PASS.dora)
  await isOpen(s.dora.page)
  await makeGroupKey(s.dora.page, 'discipline', 1)
  const page = s.anna.page = await at(s, 'anna', '/reports')
  await page.getByTestId(`report-${s.report}`).waitFor()
  await looked(s, page, 'sealed-list')
  await page.getByTestId('tab-seal-keys').click()
  await setPassphrase(page, 'enrol', '201812251990')
  await page.getByTestId('passphrase-error').filter({ hasText: '太简单' }).waitFor()
  await looked(s, page, 'sealed-enrol')
  await setPassphrase(page, 'enrol', PASS.anna)
  await isOpen(page)
  await makeGroupKey(page, 'accountability', 1)
  await looked(s, page, 'sealed-keys')
  // Nobody can read it yet: it is sealed to the escrow key alone.
  await page.goto(`/staff/#/reports/${s.report}`)
  await page.getByTestId('look-reason').fill('看看')
  await page.getByTestId('look-submit').click()
  await page.getByTestId('sealed-fault').waitFor()

  await page.goto('/staff/#/reports/recovery')
  await page.getByTestId('recovery-reason').fill('生成组密钥以前的举报')
  await page.getByTestId('recovery-share').fill(s.shares[0].replace(/^./, (c) => (c === '7' ? '8' : '7')))
  await page.getByTestId('share-take').click()
  await page.getByTestId('recovery-error').filter({ hasText: '校验组' }).waitFor()
  await holds(page.getByTestId('recovery-share'), '', 'what was typed is gone at once')
  await looked(s, page, 'sealed-share-fault')
  await giveShares(page, [s.shares[1].toUpperCase().replaceAll('-', ' '), s.shares[0]])
  await page.getByTestId('recovery-early').click()
  await page.getByTestId('recovery-told').filter({ hasText: '2' }).waitFor()
  await looked(s, page, 'sealed-recovery')
  await page.getByTestId('recovery-wipe').click()
  await page.getByTestId('recovery-end').waitFor()
})

it('it is opened with a reason, answered, and the reporter reads and replies with the receipt', async (s) => {
  const page = s.anna.page
  await page.getByTestId('tab-reports').click()
  await page.getByTestId(`report-${s.report}`).click()
  await read(page)
  assert.equal(await looks(s), 1)
  for (const who of [NAME, CONTACT]) await page.getByTestId('sealed-contact').filter({ hasText: who }).waitFor()
  await page.getByTestId('clean').waitFor()
  await until('the picture is drawn', () => page.getByTestId('clean').evaluate((i) => i.naturalWidth > 0))
  await page.locator('details summary', { hasText: '打开原件' }).click()
  await page.getByTestId('open-original').click()
  await until('the original too', () => page.getByTestId('original').evaluate((i) => i.naturalWidth > 0))
  for (const who of ['举报人本人', '纪检监察单位（1 人有密钥）', '追责问责组（1 人有密钥）', '托管人']) await page.getByTestId('answer-readers').filter({ hasText: who }).waitFor()
  await looked(s, page, 'sealed-report')
  await page.getByTestId('answer-text').fill(ASKED)
  await page.getByTestId('answer-send').click()
  await page.locator('[data-author="officer"]').filter({ hasText: ASKED }).waitFor()

  const phone = await s.browser.phone(s.gateway)
  await phone.goto('/status')
  await phone.locator('#receipt').fill(s.receipt)
  await phone.locator('form button').first().click()
  await phone.getByText(ASKED).first().waitFor()
  await phone.getByText(SEEN).first().waitFor()
  await phone.locator('#say-text').fill(REPLIED)
  await phone.locator('form[action="/status/say"] button').click()
  await phone.getByText(REPLIED).first().waitFor()
  await phone.context().close()
  await page.getByTestId('report-more').getByRole('button').click()
  await page.getByTestId('sealed-words').filter({ hasText: REPLIED }).waitFor()

  // Acts on the case as on any other: it goes to the discipline unit, whose officers read it from then on.
  await page.getByTestId('act-assign').click()
  const form = page.getByTestId('act-form')
  await form.getByTestId('field-unit').fill('纪委监委')
  await form.getByRole('option').first().click()
  await form.getByTestId('act-submit').click()
  await page.locator('[data-testid="case-state"][data-state="assigned"]').waitFor()
  // Where the words of other cases stand there is a door; whom the report is about has none.
  await page.getByRole('link', { name: '办件页' }).click()
  await page.getByTestId('look-reason').fill(REASON)
  await page.getByTestId('look-submit').click()
  await page.getByTestId('sealed-panel').waitFor()
  assert.equal((await page.content()).includes(SEEN), false)
  await looked(s, page, 'sealed-case')
  // What is typed about it is not kept over a page that begins anew.
  await page.getByTestId('act-note').click()
  await page.getByTestId('field-words').fill('只在这里说的话')
  assert.equal((await page.evaluate(() => { window.dispatchEvent(new Event('pagehide')); return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) })).includes('只在这里'), false)
  await page.getByTestId('to-report').click()
  await read(page)
  // Locked: nothing of it stays, in the page or in any storage.
  await page.getByTestId('answer-text').fill('还没有写完的话')
  await page.getByTestId('lock-now').click()
  await page.getByTestId('unlock-field').waitFor()
  const left = await page.content() + await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  for (const gone of [SEEN, CONTACT, ASKED, '还没有写完', PASS.anna]) assert.equal(left.includes(gone), false, gone)
  await page.keyboard.type('wrong passphrase 1')
  await page.keyboard.press('Enter')
  await page.getByTestId('unlock-error').filter({ hasText: '口令不对' }).waitFor()
  await looked(s, page, 'sealed-unlock')
  await page.getByTestId('unlock-field').fill(PASS.anna)
  await page.keyboard.press('Enter')
  await read(page)
  await holds(page.getByTestId('answer-text'), '还没有写完的话')
})

it('a second officer gets the key; a new one is made, and the old report opens with it; a lost passphrase is recovered', async (s) => {
  const { browser } = s
  const page = s.anna.page, boris = await at(s, 'boris', '/reports/keys', PHONE)
  await setPassphrase(boris, 'enrol', PASS.boris)
  await isOpen(boris)
  await looked(s, boris, 'sealed-keys-phone')
  await page.goto('/staff/#/reports/keys')
  const giving = {}
  giving.ended = new Promise((end) => { giving.end = end })
  await page.route('**/seal/wraps', async (route) => {
    const response = await route.fetch()
    await giving.ended
    await route.fulfill({ response })
  })
  await page.getByTestId(`give-${s.boris.staff.id}`).click()
  await boris.locator(`[data-testid="has-${s.boris.staff.id}"][data-has="true"]`).waitFor()
  // The giver's page still waits for its answer when the form of a new key is opened: the answer does not close it.
  await page.getByTestId('group-accountability').getByTestId('group-make').click()
  giving.end()
  await page.getByTestId(`has-${s.boris.staff.id}`).and(page.locator('[data-has="true"]')).waitFor()
  await page.getByTestId('group-accountability').getByTestId('group-sure').click()
  await page.locator('[data-testid="group-accountability"] [data-testid="group-key"][data-version="2"]').waitFor()
  await page.getByTestId('rewrap-start').click()
  await page.getByTestId('rewrap-done').filter({ hasText: '3' }).waitFor()
  await page.locator('[data-testid="owed"][data-owed="0"]').waitFor()
  await looked(s, page, 'sealed-rotated')
  // The first version is taken away from the second officer: what opens now opens by the new one.
  await s.site.sql(`delete from seal_wraps w using seal_keys k where k.id = w.key_id and k.version = 1 and w.staff_id = $1`, [s.boris.staff.id])
  await boris.reload()
  await boris.getByTestId('unlock-field').waitFor()
  await boris.goto(`/staff/#/reports/${s.report}`)
  await boris.getByTestId('page-back').waitFor() // else the field of the page before is filled
  await boris.getByTestId('unlock-field').fill(PASS.boris)
  await boris.keyboard.press('Enter')
  await read(boris)
  await looked(s, boris, 'sealed-report-phone')
  await boris.context().close()

  // The only officer of the discipline unit has forgotten the passphrase.
  const dora = s.dora.page
  await dora.goto('/staff/#/reports/keys')
  await dora.getByTestId('lost-passphrase').click()
  await looked(s, dora, 'sealed-lost')
  await setPassphrase(dora, 'renew', PASS.again)
  await dora.locator('[data-testid="own-key"][data-version="2"]').waitFor()
  await page.goto('/staff/#/reports/recovery')
  await giveShares(page, s.shares)
  await page.getByTestId(`needy-discipline-${s.dora.staff.id}`).check()
  await page.getByTestId('recovery-give').click()
  await page.getByTestId('recovery-told').filter({ hasText: '1' }).waitFor()
  await page.goto('/staff/#/reports')
  await dora.locator(`[data-testid="has-${s.dora.staff.id}"][data-has="true"]`).waitFor()
  await read(dora, s.report)

  // The unit that the report is about finds no desk and no case.
  const other = await at(s, 'u003', '/reports')
  await until('it is led to its own desk', () => other.url().endsWith('#/inbox'))
  await counts(other.getByTestId('desk-reports'), 0)
  await other.goto(`/staff/#/cases/${s.report}`)
  await other.getByTestId('case-error').waitFor()
  browser.assertClean(s.gateway)
})

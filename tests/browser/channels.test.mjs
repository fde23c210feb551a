// The desk of channels and outbox as administrators use it: an alarm that says what to do, dead letters sent again, the unknown ones
// with a word why, exchanges without anything secret, wordings counted while they are typed; at the desk, on a telephone, by keyboard.
import assert from 'node:assert/strict'
import { fileName, freshKey, scenario, until, utf16be } from '../scenario/harness.mjs'
import { Provider } from '../scenario/provider.mjs'
import { openBrowser, signIn, says, holds, counts, isOff } from './browser.mjs'

const DESK = { width: 1366, height: 900 }, PHONE = { width: 390, height: 844 }
const FROM = '+8615400006789', SECRET = 'geheim-Wort-7351'
const settings = { outbox_retry_first: '40ms', outbox_retry_max: '200ms', outbox_errors: 3, outbox_tries: 2, outbox_deadline: '1m', outbox_patience: '1s', sms_quiet: 'none', log_every: '1h' }

const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  for (const [login, roles, name] of [['admin', ['admin'], '系统管理员'], ['registry', ['registry'], '综合办公室文书'], ['clerk', ['callback'], '回访员']]) s[login] = await site.person(s.gateway, login, { roles, name })
  s.provider = await Provider.open()
  s.door = await site.smsDoor(s.gateway, 'cmpp-gateway', s.provider.url, 'rate=50', 'fallback=spare-line')
  await site.tool('channel', 'set', 'cmpp-gateway', '--set', `password=${SECRET}`)
  await site.tool('channel', 'add', 'office-hook', '--type', 'webhook', '--set', 'url=https://office.example.gov.cn/in', '--set', 'events=letter.*')
  await site.tool('channel', 'add', 'old-line', '--type', 'kannel')
  await site.tool('channel', 'disable', 'old-line')
  s.browser = await openBrowser()
})

const well = (s) => s.site.sql(`with x as (update channel_state set closed_until = now(), failures = 0 returning 1) select pg_notify('msd_outbox', '') from x`)
async function owe(s, knobs, state) {
  s.provider.knobs = knobs
  await well(s)
  const text = `门口路灯不亮 ${freshKey()}`
  const a = await fetch(`${s.gateway.url}${s.door.path}/mo?id=${freshKey('mo')}`, { method: 'POST', body: utf16be(text), headers: { 'content-type': 'text/plain; charset="UTF-16BE"', 'x-kannel-from': FROM, 'x-kannel-to': '10690000', 'x-kannel-coding': '2', 'x-kannel-smsc': 'POST', 'x-kannel-time': '2026-11-22 08:00:00' } })
  assert.equal(a.status, 200)
  const id = Number(await until(`one is ${state}`, async () => (await s.site.sql('select o.id from outbox o join feedback f on f.id = o.feedback_id where f.words = $1 and o.state = $2', [text, state]))[0]?.id, 30000))
  s.provider.knobs = {}
  return id
}
const outboxState = (s, id) => s.site.one('select state from outbox where id = $1', [id])
async function at(s, login, viewport = DESK) {
  const page = await s.browser.desk(s.gateway, { viewport })
  await signIn(page, login, s[login].password)
  return page
}
/** No page is wider than its screen. */
const fits = async (page, what) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${what} is wider than the screen`)
async function looked(s, page, name) {
  await s.browser.axe(page, name)
  await fits(page, name)
  await s.browser.picture(page, name)
}

it('an alarm reaches the header by itself; the channel says what is wrong and what to do; a test clears it', async (s) => {
  const page = await at(s, 'admin')
  await page.getByTestId('desk-channels').click()
  const card = page.getByTestId('channel-cmpp-gateway')
  await card.getByTestId('channel-state').waitFor()
  await counts(page.getByTestId('desk-alarms'), 0)
  s.dead = [await owe(s, { status: 403, body: 'Authorization failed for sendsms' }, 'dead'), await owe(s, { status: 403, body: 'Authorization failed for sendsms' }, 'dead')]
  await card.locator('[data-alarm="settings"]').waitFor()
  const why = card.locator('[data-alarm="settings"] .why')
  await says(why, '系统记录：Kannel 不认用户名、密码或本机地址 · 涉及用语“收到反馈，没有监督牌编号”')
  await page.getByTestId('desk-alarms').waitFor()
  await until('its card says so', async () => (await card.getAttribute('data-state')) === 'alarm')
  s.unknown = await owe(s, { reset: 'after' }, 'unknown')
  await until('a person must decide', () => s.site.one('select decide from outbox where id = $1', [s.unknown]), 40000)
  await card.locator('[data-alarm="decide"]').waitFor()
  for (const line of await card.locator('[data-testid="channel-alarm"] .why').allInnerTexts()) assert.match(line, /：.*[\u4e00-\u9fff]/)
  await page.getByTestId('channel-office-hook').getByTestId('channel-log').waitFor()
  await card.locator('details').first().locator('summary').click()
  await says(card.locator('[data-setting="password"] td'), '已设置（保密）')
  assert.equal((await page.content()).includes(SECRET), false)
  await looked(s, page, 'channels-desk')
  await well(s)
  await card.getByTestId('channel-test').click()
  await card.getByTestId('field-to').fill('12')
  await card.getByTestId('form-submit').click()
  await card.getByTestId('form-error').waitFor()
  await card.getByTestId('field-to').fill(FROM)
  await card.getByTestId('form-submit').click()
  await card.getByTestId('channel-told').filter({ hasText: '已交服务商' }).waitFor()
  await looked(s, page, 'channels-test')
  await page.getByTestId('channel-old-line').getByTestId('channel-on').click()
  await until('it is on', () => s.site.one("select active from channels where name = 'old-line'"))
  await page.getByTestId('channel-old-line').getByTestId('channel-off').click()
  await page.getByTestId('channel-old-line').getByTestId('channel-off-sure').click()
  await until('and off', async () => !(await s.site.one("select active from channels where name = 'old-line'")))
  await page.context().close()
})

it('dead letters go again by keyboard; the unknown one only with a word why; the rest is given up', async (s) => {
  await well(s)
  const page = await at(s, 'admin')
  await page.goto('/staff/#/outbox')
  await page.getByTestId(`pick-${s.dead[0]}`).waitFor()
  await counts(page.locator('[data-testid="outbox"] tbody tr'), 3)
  for (const line of await page.locator('[data-testid="outbox"] tbody .soft.line').allInnerTexts()) assert.doesNotMatch(line, /[a-z]+ [a-z]+ [a-z]+/) // no English sentence
  await looked(s, page, 'channels-outbox')
  await page.getByTestId(`pick-${s.dead[0]}`).focus()
  await page.keyboard.press('Space')
  await page.getByTestId('outbox-redrive').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('outbox-would').filter({ hasText: '1' }).waitFor()
  await page.getByTestId('outbox-confirm').focus()
  await page.keyboard.press('Enter')
  await until('it has gone', async () => (await outboxState(s, s.dead[0])) === 'sent')
  await page.getByTestId(`pick-${s.dead[0]}`).waitFor({ state: 'detached' })
  await page.getByTestId('outbox-redrive-all').click()
  await page.getByTestId('outbox-would').filter({ hasText: '1' }).waitFor()
  await page.getByTestId('outbox-even-unknown').check()
  await page.getByTestId('outbox-would').filter({ hasText: '2' }).waitFor()
  await page.getByTestId('outbox-confirm').click()
  await page.getByTestId('outbox-error').filter({ hasText: '理由' }).waitFor()
  await page.getByTestId('outbox-reason').fill('服务商确认没有送达')
  await looked(s, page, 'channels-redrive')
  await page.getByTestId('outbox-confirm').click()
  await until('both have gone', async () => (await outboxState(s, s.dead[1])) === 'sent' && (await outboxState(s, s.unknown)) === 'sent')
  await page.getByTestId('outbox-none').waitFor()
  const last = await owe(s, { status: 503, body: 'Temporal failure, try again later.' }, 'dead')
  await page.getByTestId(`pick-${last}`).check()
  await page.getByTestId('outbox-drop').click()
  await page.getByTestId('outbox-reason').fill('已当面答复')
  await page.getByTestId('outbox-confirm').click()
  await until('given up', async () => (await outboxState(s, last)) === 'dropped')
  await page.getByTestId('outbox-settled').click()
  await page.locator(`[data-row="${last}"]`).waitFor()
  await looked(s, page, 'channels-outbox-settled')
  assert.equal((await page.content()).includes(FROM.slice(3)), false)
  await page.context().close()
})

it('exchanges show shapes, never words; filters narrow them', async (s) => {
  const page = await at(s, 'admin')
  await page.goto('/staff/#/exchanges')
  await page.locator('[data-testid="exchanges"] details').first().locator('summary').click()
  await page.locator('[data-testid="exchanges"] details[open] pre').first().waitFor() // a newer exchange may stand above it by now
  await page.locator('[data-testid="exchanges"] .why').filter({ hasText: 'Kannel 不认用户名' }).first().waitFor()
  for (const line of await page.locator('[data-testid="exchanges"] .why').allInnerTexts()) assert.match(line, /[\u4e00-\u9fff]/)
  await looked(s, page, 'channels-exchanges')
  await page.getByTestId('exchanges-failed').click()
  await page.locator('[data-testid="exchanges"] .tag-amber').first().waitFor()
  await page.locator('[data-testid="exchanges"] .tag-green').first().waitFor({ state: 'detached' })
  const html = await page.content()
  for (const bad of [SECRET, FROM.slice(3), '路灯']) assert.equal(html.includes(bad), false)
  await page.context().close()
})

it('a wording is counted while it is typed; a fault is said; who was slower is told', async (s) => {
  const page = await at(s, 'registry')
  await page.getByTestId('desk-channels').filter({ hasText: '短信用语' }).click()
  await page.getByTestId('event-answered').click()
  await page.getByTestId('wording-preview').waitFor()
  await looked(s, page, 'channels-wording')
  await page.getByTestId('wording-text').fill('您好 {name}')
  await page.getByTestId('wording-fault').waitFor()
  await isOff(page.getByTestId('wording-save'))
  await page.getByTestId('wording-text').fill('您反映的事项已有答复，回执码尾号')
  await page.getByTestId('param-receipt_hint').click()
  await page.getByTestId('wording-preview').filter({ hasText: '尾号3450' }).waitFor()
  const old = (await s.admin.get('/templates')).templates.find((t) => t.event === 'answered').zh
  await s.admin.call('POST', '/templates', { event: 'answered', lang: 'zh', text: `${old.text}谢谢。`, version: old.version })
  // Told by itself; what was typed is still there.
  await page.getByTestId('wording-changed').filter({ hasText: '谢谢' }).waitFor()
  await holds(page.getByTestId('wording-text'), /回执码尾号/)
  await looked(s, page, 'channels-wording-changed')
  await page.getByTestId('wording-save').click()
  await page.getByTestId('wording-changed').waitFor({ state: 'detached' })
  assert.equal((await s.admin.get('/templates')).templates.find((t) => t.event === 'answered').zh.version, old.version + 2)
  await page.getByTestId('wording-history').click()
  await page.locator(`[data-testid="wording-versions"] > li:nth-child(${old.version + 2})`).waitFor()
  await page.goto('/staff/#/channels')
  await page.getByTestId('wording-events').waitFor() // the doors themselves are the administrator's
  await page.context().close()
  const clerk = await at(s, 'clerk')
  await counts(clerk.getByTestId('desk-channels'), 0)
  await clerk.context().close()
})

it('all of it fits a telephone, in English too', async (s) => {
  await owe(s, { status: 503, body: 'Temporal failure, try again later.' }, 'dead')
  const page = await at(s, 'admin', PHONE)
  for (const [path, wait] of [['channels', 'channel-cmpp-gateway'], ['outbox', 'outbox'], ['exchanges', 'exchanges'], ['wording', 'wording-preview']]) {
    await page.goto(`/staff/#/${path}`)
    await page.getByTestId(wait).waitFor()
    await looked(s, page, `channels-phone-${path}`)
  }
  await page.goto('/staff/#/outbox')
  await page.locator('[data-testid="outbox"]').filter({ hasText: 'Kannel 要求稍后再试' }).waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page.locator('[data-testid="outbox"]').filter({ hasText: 'Kannel asks to try again later' }).waitFor()
  for (const [path, wait] of [['channels', 'channel-cmpp-gateway'], ['outbox', 'outbox']]) {
    await page.goto(`/staff/#/${path}`)
    await page.getByTestId(wait).waitFor()
    await looked(s, page, `channels-english-${path}`)
  }
  await page.context().close()
  s.browser.assertClean(s.gateway)
})

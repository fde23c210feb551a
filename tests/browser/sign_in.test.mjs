// Signing in as people do: the password, then the code of a telephone or a recovery code; setting the second factor up where the post needs it;
// the account page with the own sessions; the identity provider's button; the question before the idle end. axe on the sign-in and the account page.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { fileName, scenario, until } from '../scenario/harness.mjs'
import { OpenId } from '../scenario/openid.mjs'
import { openBrowser, signIn, says, counts, isHidden } from './browser.mjs'

const DESK = { width: 1366, height: 768 }
function codeOf(key, off = 0) {
  const bits = [...key.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + off))
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.idp = await OpenId.open({ secret: '' })
  s.gateway = await s.site.gateway({ totp_roles: 'accountability', oidc_issuer: s.idp.issuer, oidc_client_id: s.idp.clientId, oidc_name: '区统一身份认证' })
  s.officer = await s.site.person(s.gateway, 'officer', { unit: 'U000-04', roles: ['accountability'], name: '追责问责组专员' })
  s.clerk = await s.site.person(s.gateway, 'clerk', { roles: ['callback'], name: '回访员' })
  s.browser = await openBrowser()
})

async function looked(s, page, name) {
  await s.browser.axe(page, name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} is wider than the screen`)
  await s.browser.picture(page, name)
}
async function first(page, login, password) {
  await page.goto('/staff/')
  await page.getByTestId('login-name').fill(login)
  await page.getByTestId('login-password').fill(password)
  await page.getByTestId('login-submit').click()
}
const live = (page) => page.locator('[data-testid="live-state"][data-state="live"]').waitFor()

it('a post that needs it sets a second factor up, prints its recovery codes, and signs in with both', async (s) => {
  const page = await s.browser.desk(s.gateway, { viewport: DESK })
  await page.goto('/staff/')
  await page.getByTestId('login-oidc').waitFor()
  await says(page.getByTestId('login-oidc'), '用区统一身份认证登录')
  await looked(s, page, 'sign-in')
  await first(page, 'officer', s.officer.password)
  await page.getByTestId('account-forced').waitFor()
  await counts(page.locator('[data-testid="desk-cases"]'), 0, 'no desk before that')
  await page.goto('/staff/#/cases')
  await page.getByTestId('account-forced').waitFor()
  await page.getByTestId('factor-begin').click()
  await page.getByTestId('factor-submit').click()
  await says(page.getByTestId('factor-error'), '请填写密码。')
  await page.getByTestId('factor-password').fill(s.officer.password)
  await page.keyboard.press('Enter')
  await page.getByTestId('factor-picture').waitFor()
  await until('the picture is drawn', () => page.getByTestId('factor-picture').evaluate((i) => i.complete && i.naturalWidth > 0))
  const key = await page.getByTestId('factor-key').innerText()
  await looked(s, page, 'account-key')
  await page.getByTestId('factor-code').fill('12 34')
  await page.getByTestId('factor-submit').click()
  await page.getByTestId('factor-error').filter({ hasText: '6 位数字' }).waitFor()
  const used = codeOf(key)
  await page.getByTestId('factor-code').fill(used)
  await page.getByTestId('factor-submit').click()
  await page.getByTestId('recovery-codes').waitFor()
  const codes = await page.locator('[data-testid="recovery-codes"] code').allInnerTexts()
  assert.equal(codes.length, 10)
  await looked(s, page, 'account-codes')
  await page.getByTestId('codes-done').click()
  await page.getByTestId('account-go').click()
  await live(page)
  await page.getByTestId('logout').click()
  // The second time: both steps, and what stands on the way.
  await page.getByTestId('login-name').waitFor()
  await first(page, 'officer', s.officer.password)
  await page.getByTestId('login-code').waitFor()
  await looked(s, page, 'sign-in-code')
  await page.reload()
  await page.getByTestId('login-code').waitFor()
  await page.getByTestId('login-code').fill(used)
  await page.getByTestId('code-submit').click()
  await says(page.getByTestId('code-error'), /已用过/, 'the code that turned it on')
  await page.getByTestId('code-turn').click()
  await page.getByTestId('login-code').fill(codes[0].toUpperCase())
  await page.keyboard.press('Enter')
  await live(page)
  await page.getByTestId('account').click()
  await page.getByTestId('codes-left').filter({ hasText: '9' }).waitFor()
  await looked(s, page, 'account')
  await page.context().close()
})

it('the own sessions are told apart, and one that is ended is at the sign-in page at once', async (s) => {
  const [here, there] = [await s.browser.desk(s.gateway, { viewport: DESK }), await s.browser.desk(s.gateway, { viewport: DESK, userAgent: 'Mozilla/5.0 (X11; Linux aarch64; UOS) AppleWebKit/537.36 Chrome/108.0 Safari/537.36 UOSBrowser/6.0' })]
  await signIn(there, 'clerk', s.clerk.password)
  await signIn(here, 'clerk', s.clerk.password)
  await here.getByTestId('account').click()
  const row = here.locator('[data-testid="sessions"] tbody tr', { hasText: '统信浏览器 · 统信 UOS' })
  await row.getByTestId('session-end').click()
  await there.getByTestId('login-name').waitFor()
  await says(there.locator('.notice'), /登录已过期/)
  await row.waitFor({ state: 'detached' })
  // In English too.
  await here.getByRole('button', { name: 'English' }).click()
  await here.getByRole('heading', { name: 'My account' }).waitFor()
  await looked(s, here, 'account-en')
  await there.context().close()
  await here.context().close()
})

it('the identity provider: there and back, and a sentence when nobody is known', async (s) => {
  const page = await s.browser.desk(s.gateway, { viewport: DESK })
  await s.site.sql(`update staff set oidc_subject = 'subject-clerk' where login = 'clerk'`)
  s.idp.knobs = { subject: 'subject-stranger', home: s.gateway.url }
  await page.goto('/staff/#/callbacks')
  await page.getByTestId('login-oidc').click()
  await page.getByTestId('login-error').filter({ hasText: '还没有对应的本系统账号' }).waitFor()
  await looked(s, page, 'sign-in-unknown')
  s.idp.knobs.subject = 'subject-clerk'
  await page.getByTestId('login-oidc').click()
  await live(page)
  await page.waitForURL(/#\/callbacks$/)
  await page.context().close()
  s.browser.hosts.delete(new URL(s.idp.issuer).host)
})

it('who is away is asked, stays by a word, and is signed out when nobody answers', async (s) => {
  const page = await s.browser.desk(s.gateway, { viewport: DESK })
  await page.clock.install()
  await signIn(page, 'clerk', s.clerk.password)
  await page.clock.fastForward('27:30')
  await page.getByTestId('account').waitFor()
  await isHidden(page.getByTestId('idle-dialog'))
  await page.clock.fastForward('01:00')
  await page.getByTestId('idle-dialog').filter({ visible: true }).waitFor()
  await says(page.getByTestId('idle-dialog'), /\d+ 秒后自动退出/)
  await s.browser.axe(page, 'idle')
  await s.browser.picture(page, 'idle', false)
  await page.keyboard.press('Escape') // whoever presses a key is there
  await page.getByTestId('idle-dialog').waitFor({ state: 'hidden' })
  await page.clock.fastForward('27:00')
  await isHidden(page.getByTestId('idle-dialog'))
  const live = `select count(*)::int from staff_sessions where staff_id = (select id from staff where login = 'clerk') and ended_at is null`
  const before = await s.site.one(live)
  await page.clock.fastForward('03:00')
  await page.getByTestId('login-name').waitFor()
  await says(page.locator('.notice'), /登录已过期/)
  await until('it is over at the gateway too', async () => await s.site.one(live) === before - 1)
  s.browser.assertClean(s.gateway)
})

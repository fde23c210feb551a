// What the browser tests share: one Chromium, contexts for a citizen's telephone and a desk, axe-core, pictures with
// stable names under tests/artefacts/, and the watch over every page: no violation of the content policy, no error of
// a script, no request to another host.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after } from 'node:test'
import { chromium } from 'playwright-core'
import { tree, until } from '../scenario/harness.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pictures = join(tree, 'tests/artefacts/browser')
mkdirSync(pictures, { recursive: true })

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--font-render-hinting=none']

export async function launch() {
  return new Browser(await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell', args: flags }))
}

/** One Chromium for the file; ends with it. */
export async function openBrowser() {
  const b = await launch()
  after(() => b.browser.close())
  return b
}

export class Browser {
  constructor(browser) {
    this.browser = browser
    this.faults = []
    this.hosts = new Set()
  }

  /** A citizen's telephone: small, touch, and no script (promise P10). */
  async phone(gateway, more = {}) {
    return this.page(gateway, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, javaScriptEnabled: false, ...more })
  }

  async desk(gateway, more = {}) {
    return this.page(gateway, { viewport: { width: 1440, height: 900 }, ...more })
  }

  async page(gateway, options) {
    // Without fades, which the pages honour: axe must judge colours that have settled, not a notice half faded out.
    const context = await this.browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: gateway.url, reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(60000)
    const page = await context.newPage()
    page.scriptless = options.javaScriptEnabled === false
    page.on('console', (m) => {
      // A refusal is an answer, not a fault: the browser notes every status over 399.
      if (/Content Security Policy|Refused to/.test(m.text()) || (m.type() === 'error' && !/Failed to load resource/.test(m.text()))) this.faults.push(`${page.url()}: ${m.text()}`)
    })
    page.on('pageerror', (e) => this.faults.push(`${page.url()}: ${e.message}`))
    page.on('request', (r) => { if (!/^(data|blob):/.test(r.url())) this.hosts.add(new URL(r.url()).host) })
    return page
  }

  /** Nothing but the gateway was asked for anything, and no page complained. */
  assertClean(gateway) {
    assert.deepEqual(this.faults, [])
    assert.deepEqual([...this.hosts], [new URL(gateway.url).host])
  }

  /** axe-core over the page as it stands: the same bytes in a context that runs scripts, where the page's own may not. */
  async axe(page, what, impacts = ['minor', 'moderate', 'serious', 'critical']) {
    const { width, height } = page.viewportSize()
    let judged = page
    let context
    if (page.scriptless) {
      context = await this.browser.newContext({ locale: 'zh-CN', viewport: { width, height }, bypassCSP: true })
      judged = await context.newPage()
      const body = await page.content()
      await judged.route(page.url(), (r) => r.fulfill({ status: 200, contentType: 'text/html; charset=utf-8', body }))
      await judged.goto(page.url())
    }
    await judged.evaluate(axe)
    const found = await judged.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
    const bad = found.violations.filter((v) => impacts.includes(v.impact)).map((v) => `${v.impact} ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 5).join(', ')}`)
    if (context) await context.close()
    assert.deepEqual(bad, [], `axe on ${what}`)
  }

  async picture(page, name, fullPage = true) {
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage, animations: 'disabled' })
  }
}

/** Signs in at the staff's door; `first` is the one-time password that must be changed to `own`. Then the list of cases is opened, or with
 * `home` the page stays at the desk where that person's day begins. */
export async function signIn(page, login, own, first, home = false) {
  await page.goto('/staff/')
  await page.getByTestId('login-name').fill(login)
  await page.getByTestId('login-password').fill(first ?? own)
  await page.getByTestId('login-submit').click()
  if (first) {
    await page.getByTestId('password-old').fill(first)
    await page.getByTestId('password-new').fill(own)
    await page.getByTestId('password-repeat').fill(own)
    await page.getByTestId('password-submit').click()
  }
  await page.locator('[data-testid="live-state"][data-state="live"]').waitFor()
  if (home) return
  const hasList = await page.getByTestId('desk-cases').count()
  await page.goto('/staff/#/cases')
  if (hasList) await page.getByTestId('filter-q').waitFor() // the page stands: from here on its keys are heard
}

// What a page is to show, waited for: a page that answers late is not a page that answers wrongly, and what it showed last is told.

async function shows(what, read, fits) {
  let last
  await until(what, async () => fits(last = await read())).catch((e) => assert.fail(`${what}: ${JSON.stringify(last)} (${e.message})`))
}
const like = (wanted) => (got) => (wanted instanceof RegExp ? wanted.test(got) : got === wanted)
export const says = (locator, wanted, what = '') => shows(`${what} ${locator} says ${wanted}`, () => locator.innerText({ timeout: 5000 }), like(wanted))
export const saysNot = (locator, unwanted, what = '') => shows(`${what} ${locator} does not say ${unwanted}`, () => locator.innerText({ timeout: 5000 }), (got) => !like(unwanted)(got))
export const holds = (locator, wanted, what = '') => shows(`${what} ${locator} holds ${wanted}`, () => locator.inputValue({ timeout: 5000 }), like(wanted))
export const counts = (locator, wanted, what = '') => shows(`${what} ${locator} is there ${wanted} times`, () => locator.count(), like(wanted))
export const isOff = (locator, what = '') => shows(`${what} ${locator} is off`, () => locator.isDisabled({ timeout: 5000 }), like(true))
export const isHidden = (locator, what = '') => shows(`${what} ${locator} is hidden`, () => locator.isVisible(), like(false))

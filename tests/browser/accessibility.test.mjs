// The citizens' pages for everybody: no finding of axe-core on any page in any dress (simplified, traditional, English, large
// type, high contrast, refused, sent, asked for), nothing to scroll sideways at 320 px and at 200 %, targets of 44 px and of
// 60 px in large type, type of 18 pt there, a way by keyboard alone from the wall to the receipt, no page that needs a script,
// and what the script adds where one may run.
import assert from 'node:assert/strict'
import net from 'node:net'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileName, scenario, tree, until } from '../scenario/harness.mjs'
import { fault } from '../scenario/openapi.mjs'
import { openBrowser, holds, counts } from './browser.mjs'

const acorn = createRequire(join(tree, 'gateway/dashboard/package.json'))('acorn')
const FIRST_ANSWER = 14 * 1024 // what a server may send before it has heard of the telephone again
const PICTURES = Boolean(process.env.PICTURES)

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway({ sms_number: '10690000', office_phone: '0700-2100000', auto_assign_percent: 101 })
  s.path = await site.plaquePath('U003')
  s.number = await site.plaqueNumber('U003')
  s.registry = await site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] })
  s.supervisor = await site.person(s.gateway, 'supervisor', { unit: 'U000-03', roles: ['supervisor'] })
  s.handler = await site.person(s.gateway, 'u003', { unit: 'U003', roles: ['handler'] })
  s.u003 = await site.unitId('U003')
  s.browser = await openBrowser()
})

const cookies = (s, ...pairs) => pairs.map(([name, value]) => ({ name, value, url: s.gateway.url }))
/** A phone that has chosen a language and a dress by cookie, as /lang and /display set them. */
async function dressed(s, lang, view, more = {}) {
  const page = await s.browser.phone(s.gateway, { isMobile: false, javaScriptEnabled: true, ...more })
  await page.context().addCookies(cookies(s, ['msd_lang', lang], ['msd_view', view]))
  return page
}
const doors = ['rate', 'supervise', 'report', 'ask']
const addresses = (s) => ['/', s.path, ...doors.map((d) => `/p/${s.number}/${d}`), '/write', '/write/report', '/status', '/open/log', '/open/units/U003', '/p/999990', '/nothing-here']

/** Everything on a page that is too small to be hit: links in running text and what is hidden aside. */
const small = (page, least) => page.evaluate((min) => [...document.querySelectorAll('a,button,input:not([type=hidden]),textarea,select,summary')].flatMap((e) => {
  if (e.closest('.trap,.skip') || e.matches('.skip')) return []
  const target = e.matches('input[type=radio],input[type=checkbox]') ? e.closest('label') ?? e : e
  const r = target.getBoundingClientRect()
  if (r.width === 0 || getComputedStyle(target).visibility === 'hidden') return []
  return r.height < min - 0.5 || r.width < min - 0.5 ? [`${e.tagName} ${(e.innerText || e.name || '').trim().slice(0, 20)} ${Math.round(r.width)}x${Math.round(r.height)}`] : []
}), least)
/** Sends the form; asked for more, the person presses on. */
async function send(page) {
  await page.locator('main form button').last().click()
  await page.locator('.receipt,main form input[name=step][value="2"]').first().waitFor({ state: 'attached' })
  if (await page.locator('.receipt').count() === 0) await page.locator('main form button').last().click()
  await page.locator('.receipt').waitFor()
}
/** What makes a page scroll sideways; empty when nothing does. */
const sideways = (page) => page.evaluate(() => {
  const wide = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= wide) return []
  return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > wide + 0.5).map((e) => `${e.tagName}.${e.className} ${(e.innerText ?? '').slice(0, 20)}`)
})

it('the first answer of every page is whole, and that of a plaque has at most 14 KB', async (s) => {
  // On the wire: head and body as one telephone gets them, in a burst that needs no word back.
  const bytes = {}
  for (const path of addresses(s)) {
    bytes[path] = await new Promise((done, no) => {
      let n = 0
      const c = net.connect(s.gateway.port, '127.0.0.1', () => c.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${s.gateway.port}\r\nConnection: close\r\n\r\n`))
      c.on('data', (d) => { n += d.length })
      c.on('end', () => done(n))
      c.on('error', no)
    })
  }
  console.log(Object.entries(bytes).map(([p, n]) => `${n} ${p.replace(/\d{6,}/, '…')}`).join('\n'))
  assert.ok(bytes[s.path] <= FIRST_ANSWER, `the plaque page has ${bytes[s.path]} bytes`)
  assert.ok(bytes['/'] <= FIRST_ANSWER, `the home page has ${bytes['/']} bytes`)
  const a = await s.gateway.get(s.path)
  const style = [...a.text.matchAll(/<style>([\s\S]*?)<\/style>/g)]
  assert.equal(style.length, 1)
  assert.match(a.headers['content-security-policy'], /style-src 'self' 'sha256-/)
  assert.doesNotMatch(a.headers['content-security-policy'], /unsafe/)
  assert.doesNotMatch(a.text, /<link[^>]+stylesheet|https?:\/\/| on[a-z]+="/)
})

it('no finding of axe-core, nothing sideways, targets that can be hit: every page in every dress', async (s) => {
  const dresses = [['zh', 'none', 44], ['hant', 'both', 60], ['en', 'contrast', 44], ['zh', 'big', 60]]
  for (const [lang, view, least] of dresses) {
    const page = await dressed(s, lang, view, { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 })
    // Each dress on the pages that most people see; the plain one and the one with everything on all.
    for (const path of lang === 'hant' || view === 'none' ? addresses(s) : [s.path, `/p/${s.number}/rate`, `/p/${s.number}/report`, '/status', '/open/units/U003', '/p/999990']) {
      await page.goto(path)
      const what = `${path} ${lang} ${view}`
      assert.equal(await page.evaluate(() => document.documentElement.lang), { zh: 'zh-CN', hant: 'zh-Hant', en: 'en' }[lang], what)
      assert.deepEqual(await sideways(page), [], `${what} scrolls sideways`)
      assert.deepEqual(await small(page, least), [], what)
      await counts(page.locator('h1'), 1, what)
      if (view === 'big') assert.ok(await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize)) >= 24, '18 pt')
      await s.browser.axe(page, what)
    }
    await page.context().close()
  }
})

it('refused, sent, asked for: the pages that answer a form', async (s) => {
  for (const [lang, view] of [['zh', 'none'], ['hant', 'both']]) {
    const page = await dressed(s, lang, view, { viewport: { width: 320, height: 640 } })
    const seen = async (what) => {
      assert.deepEqual(await sideways(page), [], `${what} ${lang} ${view} scrolls sideways`)
      await s.browser.axe(page, `${what} ${lang} ${view}`)
    }
    await page.goto(`/p/${s.number}/ask`)
    await page.locator('#text').fill('请问周末办公吗')
    await page.locator('#contact').fill('不想说')
    await page.locator('form button').last().click()
    await page.getByRole('alert').waitFor()
    assert.equal((await page.locator('#text').inputValue()).trim(), '请问周末办公吗', 'what was typed stays as it was typed')
    await counts(page.locator('header nav'), 0, 'no link leads away from words that are not sent')
    await seen('refused')
    await page.locator('#contact').fill('')
    await send(page)
    await seen('sent')
    const receipt = (await page.locator('.receipt').innerText()).replace(/ /g, '')
    await page.goto('/status')
    await page.locator('#receipt').fill('1234')
    await page.locator('main form button').click()
    await page.getByRole('alert').waitFor()
    await seen('wrong receipt')
    await page.locator('#receipt').fill(receipt)
    await page.locator('main form button').click()
    await page.locator('#receipt').waitFor({ state: 'detached' })
    await page.locator('h1').waitFor()
    await seen('status')
    await page.context().close()
  }
})

it('at 200 % and by keyboard alone from the wall to the receipt, without a script', async (s) => {
  const keys = await s.browser.page(s.gateway, { viewport: { width: 640, height: 800 }, deviceScaleFactor: 2, javaScriptEnabled: false })
  const tabTo = async (wanted) => {
    const seen = []
    for (let n = 0; n < 40; n++) {
      await keys.keyboard.press('Tab')
      const f = await keys.evaluate(() => {
        const e = document.activeElement
        const o = getComputedStyle(e)
        return { id: e.id, name: e.getAttribute('name'), text: (e.innerText ?? '').split('\n')[0], tag: e.tagName, outlined: o.outlineStyle !== 'none' && parseFloat(o.outlineWidth) >= 2 }
      })
      seen.push(f.text || f.id || f.tag)
      assert.ok(f.outlined, `the focus on ${seen.at(-1)} is seen`)
      if (wanted(f)) return
    }
    assert.fail(`Tab does not come there: ${seen.join(' ')}`)
  }
  await keys.goto(s.path)
  await tabTo((f) => f.text === '评价')
  await keys.keyboard.press('Enter')
  await keys.locator('textarea').waitFor()
  await tabTo((f) => f.name === 'rating')
  await keys.keyboard.press('Space')
  await tabTo((f) => f.id === 'text')
  await keys.keyboard.type('办得很快')
  await tabTo((f) => f.tag === 'BUTTON')
  await keys.keyboard.press('Enter')
  await keys.locator('.receipt').waitFor()
  assert.equal(await s.site.one(`select rating from feedback where words = '办得很快'`), 5)
})

it('language and dress are chosen by a link, kept by a cookie, and lead back', async (s) => {
  const page = await s.browser.phone(s.gateway)
  await page.goto(`/p/${s.number}`)
  await page.getByRole('link', { name: '大字版' }).click()
  await page.locator('html[class="large"]').waitFor()
  assert.ok(page.url().endsWith(`/p/${s.number}`))
  await page.getByRole('link', { name: '高对比度' }).click()
  await page.locator('html[class="large dark"]').waitFor()
  await page.getByRole('link', { name: '繁體中文' }).click()
  await page.getByRole('heading', { level: 1, name: '區市場監督管理局' }).waitFor()
  await page.getByRole('link', { name: '標準字' }).click()
  await page.locator('html[class="dark"]').waitFor()
  // Without a choice Accept-Language decides, whichever Chinese it names first.
  for (const [accept, lang] of [['zh-TW,zh;q=0.8', 'zh-Hant'], ['zh-Hant-HK', 'zh-Hant'], ['en-US,en;q=0.9,zh-TW;q=0.8', 'en'], ['zh-CN,zh-TW;q=0.5', 'zh-CN'], ['fr', 'zh-CN']]) {
    const a = await s.gateway.get('/', { headers: { 'accept-language': accept } })
    assert.match(a.text, new RegExp(`<html lang="${lang}">`), accept)
  }
  const back = await s.gateway.get('/display?to=both&back=//evil.example')
  assert.equal(back.headers.location, '/')
  assert.match(back.headers['set-cookie'][0], /^msd_view=both; Path=\/; .*HttpOnly; SameSite=Lax/)
})

it('what a unit publishes has an author and an approver, and nothing personal', async (s) => {
  const { registry, supervisor, handler, gateway, site } = s
  const add = (who, body) => who.call('POST', '/publications', { kind: 'service', unit: s.u003, title: '营业执照办理', words: '三个工作日内办结，材料见窗口公示。', ...body })
  for (const [words, kind] of [['联系经办人 15412345678', 'service'], ['身份证 110101199003070011', 'service'], ['来信人电话 0700-2101159', 'answer']]) {
    const a = await add(registry, { words, kind })
    assert.deepEqual([a.status, a.json.code], [422, 'publish_personal'], words)
  }
  assert.equal((await add(registry, { words: '咨询电话 0700-2101159' })).status, 200, 'a telephone of the office may stand there')
  const proposed = (await add(handler, { title: '食品经营许可' })).json
  assert.equal(proposed.state, 'proposed')
  assert.equal((await add(handler, { unit: s.u003 + 1 })).status, 403, 'a unit speaks for itself alone')
  const move = (who, id, step) => who.call('POST', `/publications/${id}/steps`, { step })
  assert.equal((await move(supervisor, proposed.id, 'publish')).json.code, 'publish_step', 'the registry takes it over first')
  assert.equal((await move(registry, proposed.id, 'take')).json.state, 'written')
  assert.equal((await move(registry, proposed.id, 'publish')).status, 403, 'who wrote it does not approve it')
  assert.doesNotMatch((await gateway.get('/open/units/U003')).text, /食品经营许可/)
  assert.equal((await move(supervisor, proposed.id, 'publish')).json.state, 'published')
  const page = await gateway.get('/open/units/U003')
  assert.match(page.text, /食品经营许可/)
  assert.match(page.text, /公布，由督查督办组审核/)
  assert.doesNotMatch(page.text, /营业执照办理/, 'what nobody approved is not there')
  assert.equal((await move(registry, proposed.id, 'withdraw')).json.state, 'withdrawn')
  assert.doesNotMatch((await gateway.get('/open/units/U003')).text, /食品经营许可/)

  // Figures: counted once, from ten on, reports left out; on the plaque page when somebody else has approved them.
  const from = await site.one(`select ((now() at time zone 'Asia/Shanghai')::date - 40)::text`)
  const to = await site.one(`select ((now() at time zone 'Asia/Shanghai')::date - 10)::text`)
  const rate = async (n, level, code) => {
    const unit = await site.unitId(code)
    await site.sql(`with f as (insert into feedback (id, received_at, channel, dedupe_key, dedupe_body, receipt_hash, rating, nature_said, words, clean, masked, decision, salt)
      select 9000000 + $4 * 1000 + n, now() - interval '20 days', 'web', 'seed-' || $4 || '-' || n, sha256(('a' || $4 || '-' || n)::bytea), sha256(('r' || $4 || '-' || n)::bytea), $1, 'rate', '', '', '', '{}', decode(md5($4 || '-' || n), 'hex')
      from generate_series(1, $2) n returning id)
      insert into ratings (feedback_id, at, unit_id, kind, channel, level, spoken, counted) select id, now() - interval '20 days', $3, 'open', 'web', $1, false, true from f`, [level, n, unit, unit * 10 + level], 'mashangdu_owner')
  }
  await rate(19, 5, 'U003')
  await rate(1, 1, 'U003')
  await rate(9, 5, 'U010')
  const period = { kind: 'figures', unit: undefined, title: '数据', words: '按记录统计', from, to }
  assert.equal((await add(registry, { ...period, to: from })).json.code, 'publish_period')
  assert.equal((await add(registry, { ...period, to: await site.one(`select (now() at time zone 'Asia/Shanghai')::date::text`) })).json.code, 'publish_period')
  const counted = (await add(registry, period)).json
  assert.equal((await add(registry, period)).json.code, 'publish_period', 'no second count of the same days')
  const rows = (await supervisor.get(`/publications/${counted.id}/figures`)).figures
  assert.deepEqual(rows.filter((r) => r.rated !== null).map((r) => [r.unit.id, r.rated, r.satisfied]), [[s.u003, 20, 19]], 'nine of another unit are kept nowhere')
  assert.doesNotMatch((await gateway.get(s.path)).text, /群众满意/)
  const doc = (await gateway.get('/staff/api/v1/openapi.json')).json
  const desk = await registry.get('/publications')
  assert.equal(fault(doc, doc.components.schemas.PublicationList, desk), null)
  assert.ok(desk.publications.some((p) => p.id === counted.id), 'without a filter the desk has them all')
  assert.equal(fault(doc, doc.components.schemas.PublicationFigures, { figures: rows }), null)
  assert.equal((await move(supervisor, counted.id, 'publish')).json.state, 'published')
  const shown = await until('the figures are on the page', async () => {
    const a = await gateway.get(s.path)
    return /群众满意/.test(a.text) && a
  })
  assert.match(shown.text, /<b>95\.0%<\/b>20 次评价/)
  assert.match(shown.text, new RegExp(`${from} 至 ${to} 的数据`))
})

it('with a script: words kept, sent when the network is back and once, pictures shown, and nothing of a report', async (s) => {
  const { browser, gateway, site } = s
  const source = readFileSync(join(tree, 'gateway/pages/citizen.js'), 'utf8')
  acorn.parse(source, { ecmaVersion: 5, sourceType: 'script' }) // old telephones read it
  const page = await browser.phone(gateway, { javaScriptEnabled: true })
  await page.goto(`/p/${s.number}/ask`)
  await page.locator('#text').fill('还没写完')
  await page.goto('/')
  await page.goto(`/p/${s.number}/ask`)
  await holds(page.locator('#text'), '还没写完')
  await page.locator('#text').fill('网断了也要说')
  await page.context().setOffline(true)
  await page.locator('form button').last().click()
  await page.getByText('现在没有网络').waitFor()
  await page.context().setOffline(false)
  await page.getByText('您的回执码').waitFor()
  await until('it is stored', async () => (await site.one(`select count(*)::int from feedback where words = '网断了也要说'`)) === 1)
  await page.goto('/')
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [], 'nothing is kept of what was sent')
  assert.equal(await site.one(`select count(*)::int from feedback where words = '网断了也要说'`), 1)
  for (const path of [`/p/${s.number}/report`, '/write/report']) {
    await page.goto(path)
    await page.locator('#text').fill('有人收红包')
    await page.goto('/')
    assert.deepEqual(await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]), [[], []], 'nothing of a report is kept')
  }
  await page.goto(`/p/${s.number}/supervise`)
  const files = page.locator('input[type=file]')
  if (await files.count()) {
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
    await files.first().setInputFiles([{ name: 'a.png', mimeType: 'image/png', buffer: png }, { name: 'b.png', mimeType: 'image/png', buffer: png }])
    await counts(page.locator('.chosen img'), 2)
    await page.getByRole('button', { name: '去掉 a.png' }).click()
    assert.deepEqual(await files.first().evaluate((e) => [...e.files].map((f) => f.name)), ['b.png'])
  }
  browser.assertClean(gateway)
})

if (PICTURES) {
  it('pictures for people to look at', async (s) => {
    for (const [name, lang, view, more] of [['normal', 'zh', 'none'], ['large', 'zh', 'big'], ['contrast', 'zh', 'contrast'], ['traditional', 'hant', 'none'], ['english', 'en', 'none'], ['script', 'zh', 'none', { javaScriptEnabled: true }]]) {
      const page = await dressed(s, lang, view, { viewport: { width: 390, height: 844 }, ...more })
      for (const [what, path] of [['landing', s.path], ['home', '/'], ['rate', `/p/${s.number}/rate`], ['ask', `/p/${s.number}/ask`], ['report', `/p/${s.number}/report`], ['open', '/open/units/U003'], ['status', '/status'], ['wrong', '/p/999990']]) {
        await page.goto(path)
        await s.browser.picture(page, `face-${what}-${name}`)
      }
      await page.context().close()
    }
  })
}

// Makes docs/tour.png anew from the running product: node tests/browser/picture.mjs
// Six real pages with the invented texts of the sample district, laid out on one sheet.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { receiptOn, Site, tree } from '../scenario/harness.mjs'
import { launch, signIn } from './browser.mjs'

const WORDS = '窗口的工作人员让我跑了三趟才告诉我缺材料，办营业执照拖了一个月，请督促改进。我的电话15412345678。'
const ANSWER = '您反映的营业执照已于今日办结，可凭受理单领取。窗口已公开一次性告知清单，并对当班人员作了提醒，今后缺什么材料会一次说清。'
const OTHERS = 14

const site = await Site.open('picture')
let browser
try {
  const gateway = await site.gateway({ auto_assign_percent: 60, office_phone: '0700-2100000', sms_number: '10690000' })
  const path = await site.plaquePath('U003')
  const number = await site.plaqueNumber('U003')
  const unit = await site.unitId('U003')
  const people = {}
  for (const [login, of, role, name] of [['coordinator', 'U000-02', 'coordinator', '统筹协调组值班员'], ['supervisor', 'U000-03', 'supervisor', '督查督办组督办员'],
    ['u003', 'U003', 'handler', '市监局承办人'], ['u003-leader', 'U003', 'unit_leader', '市监局负责人']]) people[login] = await site.person(gateway, login, { unit: of, roles: [role], name })

  const corpus = readFileSync(join(tree, 'deploy/sample-district/feedback-corpus.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l))
  const some = corpus.filter((t, i) => i % 19 === 5 && t.nature !== '举报' && t.text.length > 24 && t.text.length < 90 && !/\p{Emoji_Presentation}/u.test(t.text)).slice(0, OTHERS)
  for (const t of some) await gateway.api({ text: t.text })
  const mine = async (text) => {
    const sent = await gateway.form(`/p/${number}/supervise`, { text })
    const row = (await site.sql('select case_id from feedback where words = $1', [text]))[0]
    const now = (await people.coordinator.case(row.case_id)).case
    if (now.state === 'discovered') await people.coordinator.does(row.case_id, 'assign', { unit })
    await people.u003.does(row.case_id, 'sign')
    return { receipt: receiptOn(sent.text), id: row.case_id }
  }
  await mine('市场监管局窗口中午没有人值班，白跑一趟，请安排轮班。')

  browser = await launch()
  const phone = await browser.phone(gateway)
  const shots = {}
  const shoot = async (page, name) => { shots[name] = (await page.screenshot({ animations: 'disabled' })).toString('base64') }
  await phone.goto(path)
  await shoot(phone, 'landing')
  const desk = await browser.desk(gateway, { viewport: { width: 1280, height: 800 } })
  await signIn(desk, 'coordinator', people.coordinator.password)
  await phone.goto(`/p/${number}/supervise`)
  await phone.getByLabel('请写下经过').fill(WORDS)
  await phone.getByRole('button', { name: '提交' }).click()
  await phone.locator('.receipt').waitFor()
  const receipt = (await phone.locator('.receipt').innerText()).replace(/ /g, '')
  await shoot(phone, 'receipt')
  const mineRow = desk.getByTestId('case-row').filter({ hasText: '办营业执照拖了一个月' })
  await mineRow.waitFor()
  await shoot(desk, 'dashboard')
  const id = (await site.sql('select case_id from feedback where words = $1', [WORDS]))[0].case_id
  if ((await people.coordinator.case(id)).case.state === 'discovered') await people.coordinator.does(id, 'assign', { unit })
  await people.u003.does(id, 'sign')
  await people.u003.does(id, 'reply', { words: ANSWER, evidence: 1 })
  await people['u003-leader'].does(id, 'endorse')
  await people.supervisor.does(id, 'approve')
  await mineRow.click()
  await desk.locator('[data-testid="case-state"][data-state="verifying"]').waitFor()
  await shoot(desk, 'case')
  await phone.goto('/status')
  await phone.getByLabel('回执码').fill(receipt)
  await phone.getByRole('button', { name: '查询', exact: true }).click()
  await phone.getByText(ANSWER).first().waitFor()
  await shoot(phone, 'status')
  await phone.getByLabel('已解决', { exact: true }).check()
  await phone.locator('form[action="/status/confirm"] button').click()
  await phone.getByText('已记录：您确认问题已解决。谢谢您。').waitFor()
  await shoot(phone, 'done')

  const phonePicture = (name, title) => `<figure class="phone"><figcaption>${title}</figcaption><img src="data:image/png;base64,${shots[name]}"></figure>`
  const deskPicture = (name, title) => `<figure class="desk"><figcaption>${title}</figcaption><img src="data:image/png;base64,${shots[name]}"></figure>`
  const sheet = await (await browser.browser.newContext({ viewport: { width: 1600, height: 1000 }, deviceScaleFactor: 0.95 })).newPage()
  await sheet.setContent(`<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 24px; display: flex; flex-wrap: wrap; gap: 22px 24px; background: #dfe5ea; font: 600 17px/1.4 "Noto Sans CJK SC", sans-serif; color: #14303a }
    figure { margin: 0 } figcaption { margin-bottom: 6px } img { display: block; width: 100%; background: #fff }
    .phone img { border-radius: 14px; box-shadow: 0 0 0 6px #1b2429 } .phone figcaption { margin-bottom: 12px } .phone { width: 266px; box-sizing: border-box; padding: 0 6px }
    .desk { width: 972px } .desk img { border-radius: 6px; box-shadow: 0 0 0 1px #9fb0bb }
    </style>
    ${phonePicture('landing', '1 扫一扫监督牌 · scan')}${phonePicture('receipt', '2 拿到回执码 · receipt')}${deskPicture('dashboard', '3 看板即时出现 · the desk sees it')}
    ${deskPicture('case', '4 交办、签收、反馈、审核 · assigned, answered, approved')}${phonePicture('status', '5 凭回执码看答复 · answered')}${phonePicture('done', '6 群众认可才销号 · solved')}`)
  await sheet.evaluate(() => Promise.all([...document.images].map((i) => i.decode())))
  await sheet.screenshot({ path: join(tree, 'docs/tour.png'), fullPage: true })
  console.log('docs/tour.png')
} finally {
  await browser?.browser.close()
  await site.close()
}

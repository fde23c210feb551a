// The official account: what is told goes back in the push's own answer, the provider's repeat gets the same words, and a scan
// remembers its plaque. Plain mode, so that the test reads what a person would; the samples hold the encrypted one.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { fileName, freshKey, request, scenario, until } from './harness.mjs'

const it = scenario(fileName(import.meta.url), { settings: { auto_assign_percent: 101 } }, async (s) => {
  s.one = await s.site.gateway()
  s.two = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  const out = await s.site.tool('channel', 'add', 'gongzhonghao', '--type', 'wechat', '--set', 'token=TokenOfTheTest', '--set', 'appid=wx0000000000000001', '--set', 'plain=yes')
  s.path = new URL(out.match(/^mo=(\S+)$/m)[1]).pathname
  for (const g of [s.one, s.two]) await until('the door is known', async () => (await push(s, g, xml('text', { Content: '帮助', MsgId: 1 }))).status === 200)
})

let people = 0
const account = () => `oTest${String(++people).padStart(22, '0')}`
const xml = (type, more, from = 'oTestProbe000000000000000000') => `<xml><ToUserName><![CDATA[gh_000000000001]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>`
  + `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType><![CDATA[${type}]]></MsgType>`
  + `${Object.entries(more).map(([k, v]) => `<${k}><![CDATA[${v}]]></${k}>`).join('')}</xml>`
function push(s, gateway, body) {
  const timestamp = String(Math.floor(Date.now() / 1000)), nonce = freshKey('n')
  const signature = createHash('sha1').update(['TokenOfTheTest', timestamp, nonce].sort().join('')).digest('hex')
  return request(`${gateway.url}${s.path}?signature=${signature}&timestamp=${timestamp}&nonce=${nonce}&openid=x`, { method: 'POST', body, headers: { 'content-type': 'text/xml' } })
}
const words = (a) => {
  assert.equal(a.status, 200, a.text)
  return (a.text.match(/<Content><!\[CDATA\[([\s\S]*?)\]\]><\/Content>/) ?? [])[1]
}
let ids = 700000
const text = (from, content, id = ++ids) => xml('text', { Content: content, MsgId: id }, from)
const stored = (s, t) => s.site.sql('select * from feedback where words = $1', [t])

it('words are stored as wechat and answered at once with the receipt; a repeat gets the same words from any gateway', async (s) => {
  const from = account(), content = `${s.number} 取号机坏了 ${freshKey('w')}`, body = text(from, content)
  const first = words(await push(s, s.one, body))
  assert.match(first, /已收到您的反馈，回执码 (\d{4} ){3}\d{4}/)
  const rows = await stored(s, content)
  assert.deepEqual([rows.length, rows[0].channel, rows[0].plaque], [1, 'wechat', s.number])
  assert.equal(words(await push(s, s.two, body)), first)
  assert.equal(words(await push(s, s.one, body)), first)
  assert.equal((await stored(s, content)).length, 1)
  assert.equal(await s.site.one('select count(*)::int from outbox where recipient_hash is not null'), 0, 'nothing goes through the outbox')
  const receipt = first.match(/回执码 ([0-9 ]{19})/)[1]
  assert.match(words(await push(s, s.two, text(from, `CX ${receipt}`))), /正在确定承办单位/)
})

it('a scan says whose plaque it is and remembers it; whoever leaves is forgotten', async (s) => {
  const from = account()
  const scan = xml('event', { Event: 'SCAN', EventKey: s.number, Ticket: 't' }, from)
  const told = words(await push(s, s.one, scan))
  assert.match(told, new RegExp(`${s.number}.*监督牌`))
  assert.equal(words(await push(s, s.two, scan)), told, 'the same words for the repeat')
  const content = `排队三个小时 ${freshKey('w')}`
  assert.match(words(await push(s, s.two, text(from, content))), /已收到您的反馈/)
  assert.equal((await stored(s, content))[0].plaque, s.number)
  await push(s, s.one, xml('event', { Event: 'SCAN', EventKey: s.number, Ticket: 'u' }, from).replace(/<CreateTime>(\d+)/, (_, t) => `<CreateTime>${Number(t) + 1}`))
  const left = await push(s, s.one, xml('event', { Event: 'unsubscribe', EventKey: '' }, from))
  assert.deepEqual([left.status, words(left)], [200, undefined])
  const after = `换了话题 ${freshKey('w')}`
  assert.match(words(await push(s, s.one, text(from, after))), /未写监督牌编号/)
  assert.equal((await stored(s, after))[0].plaque, null)
})

it('a picture without words stores nothing and tells how to write', async (s) => {
  const n = await s.site.one('select count(*)::int from feedback')
  assert.match(words(await push(s, s.one, xml('image', { PicUrl: 'http://here/p', MediaId: 'm', MsgId: ++ids }, account()))), /监督牌编号加内容/)
  assert.equal(await s.site.one('select count(*)::int from feedback'), n)
})

it('a report is warned and gets the page of the plaque', async (s) => {
  const told = words(await push(s, s.one, text(account(), `${s.number} 举报该单位工作人员收受红包索要好处费 ${freshKey('w')}`)))
  assert.match(told, new RegExp(`短信不保密.*/p/${s.number}-[a-z0-9]{8}`))
})

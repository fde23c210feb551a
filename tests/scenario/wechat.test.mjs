// A WeChat official account against the real gateway: sealed pushes in, the passive answer sealed back, plaques by scanning.
import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { fileName, request, scenario, until } from './harness.mjs'

const token = 'scenario-token', appid = 'wxfict000000000002', aesKey = 'ScenarioScenarioScenarioScenarioScenario012'
const key = Buffer.from(`${aesKey}=`, 'base64'), iv = key.subarray(0, 16)
const sha1 = (...parts) => createHash('sha1').update(parts.sort().join('')).digest('hex')

/** As WeChat's own packages seal it. */
function seal(xml) {
  const words = Buffer.from(xml), length = Buffer.alloc(4)
  length.writeUInt32BE(words.length)
  const plain = Buffer.concat([randomBytes(16), length, words, Buffer.from(appid)])
  const pad = 32 - (plain.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64')
}

function open(encrypted) {
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()])
  const n = plain.readUInt32BE(16), pad = plain[plain.length - 1]
  assert.equal(plain.subarray(20 + n, plain.length - pad).toString(), appid)
  return plain.subarray(20, 20 + n).toString()
}

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  const out = await site.tool('channel', 'add', 'weixin', '--type', 'wechat', '--set', `token=${token}`, '--set', `appid=${appid}`, '--set', `encoding_aes_key=${aesKey}`)
  s.hook = `${s.gateway.url}${new URL(out.match(/^mo=(\S+)$/m)[1]).pathname}`
  s.number = await site.plaqueNumber('U003')
  const stamp = Math.floor(Date.now() / 1000)
  const url = `${s.hook}?signature=${sha1(token, `${stamp}`, '1')}&timestamp=${stamp}&nonce=1&echostr=5838479218`
  await until('the gateway knows the door', async () => (await request(url)).status === 200)
  assert.equal((await request(url)).text, '5838479218')
})

/** What somebody does in WeChat; the answer's words, or what was said instead. */
async function push(s, from, fields, { mark, at = Math.floor(Date.now() / 1000) } = {}) {
  const xml = `<xml>${Object.entries({ ToUserName: 'gh_fict2', FromUserName: from, CreateTime: at, ...fields }).map(([k, v]) => `<${k}><![CDATA[${v}]]></${k}>`).join('\n')}</xml>`
  const encrypted = seal(xml), nonce = '20260318'
  const query = `signature=${sha1(token, `${at}`, nonce)}&timestamp=${at}&nonce=${nonce}&openid=${from}&encrypt_type=aes&msg_signature=${mark ?? sha1(token, `${at}`, nonce, encrypted)}`
  const r = await request(`${s.hook}?${query}`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: `<xml><ToUserName><![CDATA[gh_fict2]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>` })
  const body = r.text, sealed = body.match(/<Encrypt><!\[CDATA\[(.*?)\]\]>/)?.[1]
  if (!sealed) return { status: r.status, said: body }
  const [stamp] = body.match(/(?<=<TimeStamp>)\d+/), [back] = body.match(/(?<=<Nonce><!\[CDATA\[)\d+/)
  assert.equal(body.match(/(?<=<MsgSignature><!\[CDATA\[)\w+/)[0], sha1(token, stamp, back, sealed))
  const inside = open(sealed)
  assert.match(inside, new RegExp(`<ToUserName><!\\[CDATA\\[${from}\\]\\]>`))
  return { status: r.status, said: inside.match(/<Content><!\[CDATA\[([^]*)\]\]><\/Content>/)[1] }
}
const text = (words, id) => ({ MsgType: 'text', Content: words, MsgId: id })
const stored = (s, words) => s.site.sql('select * from feedback where words = $1', [words])

it('words are a feedback through a door of its own; the receipt is the answer to the push', async (s) => {
  const words = `${s.number} 窗口态度差，请处理😀`
  const { said } = await push(s, 'oScenario0001', text(words, '24000000000000101'))
  assert.match(said, /回执码 (\d{4} ?){4}/)
  const [row] = await stored(s, words)
  assert.equal(row.channel, 'wechat')
  assert.equal(row.plaque, s.number)
  assert.equal((await s.site.sql('select 1 from outbox where feedback_id = $1', [row.id])).length, 0) // nothing else could be sent
})

it('WeChat asks again when it heard nothing: stored once', async (s) => {
  const words = `${s.number} 路灯不亮，第二次推送`
  const message = text(words, '24000000000000102')
  await push(s, 'oScenario0002', message)
  const again = await push(s, 'oScenario0002', message)
  assert.equal(again.status, 200)
  assert.equal((await stored(s, words)).length, 1)
})

it('who scans a plaque is asked what is wrong there; the next words belong to it', async (s) => {
  const scanned = await push(s, 'oScenario0003', { MsgType: 'event', Event: 'SCAN', EventKey: s.number, Ticket: 'x' })
  assert.equal(scanned.status, 200)
  const words = '这里的自助机坏了，办不了事'
  await push(s, 'oScenario0003', text(words, '24000000000000103'))
  const [row] = await stored(s, words)
  assert.equal(row.plaque, s.number)
})

it('what is not WeChat\'s is refused and leaves nothing', async (s) => {
  for (const [words, options] of [['假的一', { mark: '0'.repeat(40) }], ['旧的', { at: Math.floor(Date.now() / 1000) - 3600 }]]) {
    const { status, said } = await push(s, 'oScenario0004', text(words, '24000000000000104'), options)
    assert.equal(status, 403)
    assert.equal(said, '')
    assert.equal((await stored(s, words)).length, 0)
  }
  const stamp = Math.floor(Date.now() / 1000) // a plain push with a good signature of the address: nobody signed the words
  const plain = await request(`${s.hook}?signature=${sha1(token, `${stamp}`, '2')}&timestamp=${stamp}&nonce=2`, { method: 'POST', body: `<xml><ToUserName>gh_fict2</ToUserName><FromUserName>oScenario0005</FromUserName><CreateTime>${stamp}</CreateTime><MsgType>text</MsgType><Content>明文</Content><MsgId>1</MsgId></xml>` })
  assert.equal(plain.status, 403)
  assert.equal((await stored(s, '明文')).length, 0)
})

// Aliyun, Tencent, Huawei and Yunpian through the running gateway: a push as its provider writes it is stored once and answered as that
// provider wants, the answer to the citizen goes out as an approved template under a signature that is recomputed here, and the receipt
// finds the message again: by the provider's id, and when the answer was lost by our reference.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'
import { after } from 'node:test'
import { encode, fileName, freshKey, request, scenario, until } from './harness.mjs'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const sha = (x, as = 'hex') => createHash('sha256').update(x).digest(as)
const hmac = (key, x, as) => createHmac('sha256', key).update(x).digest(as)
const china = (at = new Date()) => new Date(at.getTime() + 8 * 3600e3).toISOString().slice(0, 19).replace('T', ' ')
const mobile = (e164) => e164.replace('+86', '')
const params = (body) => Object.fromEntries(new URLSearchParams(body))
const pushOf = (url, headers, body) => ({ url, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

function acs3(r) {
  const names = r.headers.authorization.match(/SignedHeaders=([^,]+)/)[1].split(';')
  const canonical = ['POST', '/', '', names.map((n) => `${n}:${r.headers[n]}\n`).join(''), names.join(';'), sha(r.body)].join('\n')
  return names.includes('host') && names.includes('x-acs-content-sha256') && r.headers['x-acs-content-sha256'] === sha(r.body)
    && r.headers.authorization.endsWith(`Signature=${hmac('ali-secret', `ACS3-HMAC-SHA256\n${sha(canonical)}`, 'hex')}`)
}
function tc3(r) {
  const at = r.headers['x-tc-timestamp'], day = new Date(at * 1000).toISOString().slice(0, 10)
  const canonical = `POST\n/\n\ncontent-type:${r.headers['content-type']}\nhost:${r.headers.host}\n\ncontent-type;host\n${sha(r.body)}`
  const key = hmac(hmac(hmac('TC3tencent-secret', day), 'sms'), 'tc3_request')
  return Math.abs(Date.now() / 1000 - at) < 300 && r.headers['x-tc-action'] === 'SendSms'
    && r.headers.authorization.endsWith(`Signature=${hmac(key, `TC3-HMAC-SHA256\n${at}\n${day}/sms/tc3_request\n${sha(canonical)}`, 'hex')}`)
}
function wsse(r) {
  const f = Object.fromEntries([...r.headers['x-wsse'].matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]))
  return f.Username === 'hw-key' && f.PasswordDigest === sha(f.Nonce + f.Created + 'hw-secret', 'base64')
}
/** SDK-HMAC-SHA256 as Huawei signs its pushes. */
function signedPush(url, body) {
  const at = new URL(url), date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const headers = { ...form, host: at.host, 'x-sdk-date': date }, names = ['content-type', 'host', 'x-sdk-date']
  const canonical = ['POST', `${at.pathname}/`, '', names.map((n) => `${n}:${headers[n]}\n`).join(''), names.join(';'), sha(body)].join('\n')
  const signature = hmac('push-secret', `SDK-HMAC-SHA256\n${date}\n${sha(canonical)}`, 'hex')
  return { url, headers: { ...headers, authorization: `SDK-HMAC-SHA256 Access=push-key, SignedHeaders=${names.join(';')}, Signature=${signature}` }, body }
}
function yunpianReply(url, fields) {
  const said = [...Object.keys(fields).sort().map((k) => fields[k]), 'yunpian-key'].join(',')
  return { url, headers: form, body: encode({ sms_reply: JSON.stringify({ ...fields, _sign: createHash('md5').update(said).digest('hex') }) }) }
}

// settings; a push with words and a receipt; what stands in a request of ours; how it is answered; how the provider is answered
const providers = {
  aliyun: {
    set: { access_key_id: 'ali-key', access_key_secret: 'ali-secret', template_received: 'SMS_1', sign: '码上督' },
    words: (p, from, text, id) => pushOf(p.mo, json, [{ phone_number: mobile(from), content: text, send_time: china(), dest_code: '1234', sequence_id: id }]),
    sent: (r) => { const q = params(r.body); return { to: `+86${q.PhoneNumbers}`, told: JSON.parse(q.TemplateParam).receipt, ref: q.OutId, template: q.TemplateCode, sign: q.SignName } },
    proof: (r) => r.url === '/' && acs3(r),
    template: ['SMS_1', '码上督'],
    taken: (id) => ({ Code: 'OK', Message: 'OK', BizId: id, RequestId: '0' }),
    receipt: (p, sent, id) => pushOf(p.dlr, json, [{ phone_number: mobile(sent.to), success: true, err_code: 'DELIVERED', report_time: china(), biz_id: id, out_id: sent.ref }]),
    answer: [200, 'application/json; charset=utf-8', '{"code":0,"msg":"接收成功"}'],
  },
  tencent: {
    set: { secret_id: 'tencent-id', secret_key: 'tencent-secret', sdk_app_id: '1400000001', template_received: '1000001', sign: '码上督' },
    words: (p, from, text) => pushOf(p.mo, json, { extend: '', mobile: mobile(from), nationcode: '86', sign: '码上督', text, time: 1773798600 }),
    sent: (r) => { const q = JSON.parse(r.body); return { to: q.PhoneNumberSet[0], told: q.TemplateParamSet[0], ref: q.SessionContext, template: q.TemplateId, sign: q.SignName } },
    proof: (r) => r.url === '/' && tc3(r),
    template: ['1000001', '码上督'],
    taken: (id) => ({ Response: { SendStatusSet: [{ SerialNo: id, Code: 'Ok' }], RequestId: '0' } }),
    receipt: (p, sent, id) => pushOf(p.mo, json, [{ user_receive_time: china(), nationcode: '86', mobile: mobile(sent.to), report_status: 'SUCCESS', errmsg: 'DELIVRD', sid: id, ext: sent.ref }]),
    answer: [200, 'application/json; charset=utf-8', '{"result":0,"errmsg":"OK"}'],
  },
  huawei: {
    set: { app_key: 'hw-key', app_secret: 'hw-secret', from: '8823000000001', template_received: 'tpl-1', push_keys: '{"push-key":"push-secret"}', sign: '码上督' },
    words: (p, from, text, id) => signedPush(p.mo, encode({ from, to: '106900001234', body: text, smsMsgId: id })),
    sent: (r) => { const q = params(r.body); return { to: q.to, told: JSON.parse(q.templateParas)[0], ref: q.extend, dlr: q.statusCallback, template: q.templateId, sign: q.signature } },
    proof: (r) => r.url === '/sms/batchSendSms/v1' && wsse(r),
    template: ['tpl-1', '码上督'],
    taken: (id) => ({ code: '000000', description: 'Success', result: [{ originTo: '', smsMsgId: id, status: '000000' }] }),
    // The first part of two settles nothing; it comes again with the second.
    before: (p, sent, id) => signedPush(sent.dlr, encode({ smsMsgId: id, status: 'DELIVRD', total: '2', sequence: '1', extend: sent.ref })),
    receipt: (p, sent, id) => signedPush(sent.dlr, encode({ smsMsgId: id, status: 'DELIVRD', total: '2', sequence: '2', extend: sent.ref })),
    answer: [200, 'text/plain', ''],
    forged: 401,
  },
  yunpian: {
    set: { apikey: 'yunpian-key', sign: '码上督' },
    words: (p, from, text, id) => yunpianReply(p.mo, { id: id.replaceAll('-', ''), mobile: mobile(from), text, reply_time: china(), extend: '01', base_extend: '8888' }),
    sent: (r) => { const q = params(r.body); return { to: `+86${q.mobile}`, told: q.text, ref: q.uid, dlr: q.callback_url, template: '', sign: q.text.match(/^【(.*?)】/)?.[1] } },
    proof: (r) => r.url === '/v2/sms/single_send.json' && params(r.body).apikey === 'yunpian-key',
    template: ['', '码上督'],
    taken: (id) => ({ code: 0, msg: '发送成功', count: 1, fee: 0.05, sid: id }),
    receipt: (p, sent, id) => ({ url: sent.dlr, headers: form, body: encode({ sms_status: JSON.stringify([{ sid: id, uid: sent.ref, user_receive_time: china(), error_msg: 'DELIVRD', mobile: mobile(sent.to), report_status: 'SUCCESS' }]) }) }),
    answer: [200, 'text/plain', 'SUCCESS'],
    forged: 403,
  },
}

/** The provider's interface; `deaf` takes requests and cuts the line instead of answering. */
async function providerOf(p) {
  const seen = []
  const server = http.createServer((req, res) => {
    let body = ''
    req.on('data', (b) => { body += b }).on('end', () => {
      const r = { url: req.url, headers: req.headers, body }
      if (req.method !== 'POST' || req.url === '/v2/user/get.json') return res.writeHead(404).end()
      const one = { ...p.sent(r), id: freshKey('id'), good: p.proof(r) }
      seen.push(one)
      if (it.deaf) return req.socket.destroy()
      res.writeHead(200, json).end(JSON.stringify(p.taken(one.id)))
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  after(() => { server.closeAllConnections(); server.close() })
  const it = { seen, deaf: false, url: `http://127.0.0.1:${server.address().port}` }
  return it
}

const it = scenario(fileName(import.meta.url), { settings: { auto_assign_percent: 101 } }, async (s) => {
  s.gateway = await s.site.gateway()
  s.number = await s.site.plaqueNumber('U003')
  for (const [name, p] of Object.entries(providers)) {
    p.peer = await providerOf(p)
    const set = { ...p.set, api_url: p.peer.url, hook_base: s.gateway.url }
    const out = await s.site.tool('channel', 'add', name, '--type', name, ...Object.entries(set).flatMap(([k, v]) => ['--set', `${k}=${v}`]))
    for (const which of ['mo', 'dlr']) p[which] = s.gateway.url + new URL(out.match(new RegExp(`^${which}=(\\S+)$`, 'm'))[1]).pathname
  }
})

const knock = (push) => request(push.url, { method: 'POST', headers: push.headers, body: push.body })
let people = 2000
const citizen = () => `+861540000${++people}`
const state = (s, sent) => s.site.one('select state from outbox where channel = $1 order by id desc limit 1', [sent])

for (const [name, p] of Object.entries(providers)) {
  it(`${name}: a push is stored once, answered by the approved template, and its receipt closes the loop`, async (s) => {
    const from = citizen(), text = `${s.number} 路灯不亮 😀 ${freshKey('w')}`, push = p.words(p, from, text, freshKey('mo'))
    const first = await until('the door is known', async () => { const a = await knock(push); return a.status < 300 && a })
    assert.deepEqual([first.status, first.headers['content-type'], first.text], p.answer)
    assert.equal((await knock(push)).status, p.answer[0], 'a repeat is a success')
    assert.equal((await s.site.sql('select 1 from feedback where words = $1', [text])).length, 1)
    const sent = await until('the answer went out', async () => p.peer.seen.find((r) => r.to === from))
    assert.ok(sent.good, 'credentials and signature as the provider checks them')
    assert.match(sent.told, /(\d{4} ?){4}/, 'the receipt is told')
    assert.deepEqual([sent.template, sent.sign], p.template)
    await until('it is noted as sent', async () => (await state(s, name)) === 'sent')
    if (p.before) {
      assert.equal((await knock(p.before(p, sent, sent.id))).status, 200)
      assert.equal(await state(s, name), 'sent', 'one part of two')
    }
    const told = await knock(p.receipt(p, sent, sent.id))
    assert.deepEqual([told.status, told.text], [p.answer[0], p.answer[2]])
    await until('it has arrived', async () => (await state(s, name)) === 'delivered')
    assert.equal(p.peer.seen.filter((r) => r.to === from).length, 1)
  })

  it(`${name}: an answer that was lost is waited for, and the receipt finds the message by our reference`, async (s) => {
    const from = citizen()
    p.peer.deaf = true
    assert.equal((await knock(p.words(p, from, `${s.number} 门口积水 ${freshKey('w')}`, freshKey('mo')))).status, p.answer[0])
    const sent = await until('the request came', async () => p.peer.seen.find((r) => r.to === from))
    await until('nobody knows', async () => (await state(s, name)) === 'unknown')
    p.peer.deaf = false
    assert.equal((await knock(p.receipt(p, sent, sent.id))).status, p.answer[0])
    await until('it has arrived', async () => (await state(s, name)) === 'delivered')
    assert.equal(p.peer.seen.filter((r) => r.to === from).length, 1, 'never sent again blindly')
  })

  if (p.forged)
    it(`${name}: a forged push is refused without a word and stores nothing`, async (s) => {
      const push = p.words(p, citizen(), `${s.number} 伪造 ${freshKey('w')}`, freshKey('mo'))
      const refused = await request(push.url, { method: 'POST', headers: push.headers, body: push.body.replace(/%E4%BC%AA%E9%80%A0/, 'x') })
      assert.deepEqual([refused.status, refused.text], [p.forged, ''])
      assert.equal(await s.site.one("select count(*)::int from feedback where words like '%伪造%' or words like '% x %'"), 0)
    })

  it(`${name}: without its key in the address nobody comes in`, async (s) => {
    const push = p.words(p, citizen(), `${s.number} 猜的 ${freshKey('w')}`, freshKey('mo'))
    const url = push.url.replace(/[^/]+\/mo$/, `${'A'.repeat(32)}/mo`)
    const refused = await knock({ ...push, url })
    assert.deepEqual([refused.status, refused.text], [403, ''])
  })
}

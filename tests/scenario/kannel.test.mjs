// The SMS door with the real Kannel of Debian (bearerbox, smsbox, fakesmsc): what a telephone sends arrives exact, and the
// answer goes back to the telephone through sendsms.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileName, percent, scenario, tree, until, utf16be } from './harness.mjs'

const run = promisify(execFile)
const scripts = join(tree, 'tests/scenario/kannel')
for (const program of ['/usr/sbin/bearerbox', '/usr/sbin/smsbox', '/usr/lib/kannel/test/fakesmsc'])
  assert.ok(existsSync(program), `${program} is missing: install Debian's packages kannel and kannel-extras (deploy/packages-test); this scenario is never skipped`)

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  s.number = await site.plaqueNumber('U003')
  // A door for each operator, so that the answer goes out where the question came in.
  s.doors = { get: await site.smsDoor(s.gateway, 'kannel-get'), post: await site.smsDoor(s.gateway, 'kannel-post') }
  s.kannelDir = join(site.dir, 'kannel')
  const url = (how) => `${s.gateway.url}${s.doors[how].path}/mo`
  site.atEnd.push(() => run(join(scripts, 'stop.sh'), [s.kannelDir]))
  const { stdout } = await run(join(scripts, 'start.sh'), [s.kannelDir, url('get'), url('post')])
  s.kannel = Object.fromEntries(stdout.trim().split('\n').map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]))
  const loads = async () => (await s.gateway.metrics()).get('mashangdu_register_loads_total')
  for (const how of ['get', 'post']) {
    const before = await loads()
    await site.tool('channel', 'set', `kannel-${how}`, '--set', `smsc=${how.toUpperCase()}`, ...['sendsms_url', 'username', 'password'].flatMap((k) => ['--set', `${k}=${s.kannel[k]}`]), '--set', 'from=10690000')
    await until('the gateway has taken that over', async () => await loads() > before)
  }
})

/** One telephone at that operator sends words; what it is sent later stands in its log. */
async function telephone(s, how, from, text) {
  const port = s.kannel[`smsc_${how}`]
  await run(join(scripts, 'send.sh'), [s.kannelDir, port, `${from} 10690000 ucs2 ${percent(utf16be(text))}`])
  return () => readFileSync(join(s.kannelDir, `fakesmsc-${port}.log`), 'latin1')
}

const stored = (s, text) => until(`“${text}” is stored`, async () => (await s.site.sql('select * from feedback where words = $1', [text]))[0], 30000)

for (const [how, from] of [['get', '+8615400000051'], ['post', '+8615400000052']])
  it(`${how}-url: Chinese, Latin, signs and emoji arrive exact; the receipt goes back and is delivered`, async (s) => {
    const text = `${s.number} 市场监管局窗口“态度差”，等了3小时 & 没人管？100% 不行+1 😀🀄，${how}`
    const log = await telephone(s, how, from, text)
    const row = await stored(s, text)
    assert.equal(row.channel, 'sms')
    assert.equal(row.plaque, s.number)
    assert.ok(row.contact)
    assert.ok(row.decision.because.length > 0)
    const got = await until('the receipt reaches the telephone', () => log().match(/Got message \d+: <10690000 (\S+) ucs-2 (\S+)>/), 40000)
    assert.equal(got[1], from)
    const words = Buffer.from(got[2].replace(/\+/g, ' ').replace(/%([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16))), 'latin1').swap16().toString('utf16le')
    assert.match(words, /^【示例区】已收到您的反馈，回执码 (\d{4} ){3}\d{4}，/)
    const outbox = () => s.site.sql('select * from outbox where feedback_id = $1', [row.id])
    await until('Kannel\'s delivery report moves the row', async () => (await outbox())[0].state === 'delivered', 40000)
    const [out] = await outbox()
    assert.equal(out.tries, 1)
    assert.equal(out.body, null)
    assert.equal(await s.site.one('select count(*)::int from feedback where words = $1', [text]), 1, 'Kannel had no reason to push again')
  })

it('what is sent while the gateway is down comes when it is back, once', async (s) => {
  const text = `${s.number} 网关停机时发来的短信`
  const { port, opsPort } = s.gateway
  await s.gateway.stop()
  await telephone(s, 'post', '+8615400000053', text)
  await s.gateway.start({ settings: { listen_port: port, ops_port: opsPort } })
  await stored(s, text)
  assert.equal(await s.site.one('select count(*)::int from feedback where words = $1', [text]), 1)
})

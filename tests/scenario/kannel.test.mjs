// The SMS door with the real Kannel of Debian (bearerbox, smsbox, fakesmsc): what a telephone sends arrives exact, whole or in pieces; a
// whole conversation goes on over it; and a gateway or a bearerbox that dies in the middle costs nothing and doubles nothing.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { answered, at } from './callback_parts.mjs'
import { fileName, percent, request, scenario, tree, until, utf16be } from './harness.mjs'

const run = promisify(execFile)
const scripts = join(tree, 'tests/scenario/kannel')
for (const program of ['/usr/sbin/bearerbox', '/usr/sbin/smsbox', '/usr/lib/kannel/test/fakesmsc'])
  assert.ok(existsSync(program), `${program} is missing: install Debian's packages kannel and kannel-extras (deploy/packages-test); this scenario is never skipped`)

/** A Kannel of its own; its values of start.sh and its folder. */
async function kannel(s, name, urls, env = {}) {
  const dir = join(s.site.dir, name)
  s.site.atEnd.push(() => run(join(scripts, 'stop.sh'), [dir]))
  const { stdout } = await run(join(scripts, 'start.sh'), [dir, ...urls], { env: { ...process.env, ...env } })
  return { dir, ...Object.fromEntries(stdout.trim().split('\n').map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)])) }
}

/** The door sends through that Kannel, to that operator, and hears nobody but it. */
const joins = (s, door, k, smsc) => s.site.tool('channel', 'set', door.name, '--set', 'allow_ip=127.0.0.1', '--set', 'from=10690000', '--set', `smsc=${smsc}`,
  ...['sendsms_url', 'username', 'password'].flatMap((x) => ['--set', `${x}=${k[x]}`]))

const settings = { auto_assign_percent: 101, sms_quiet: 'none', outbox_deadline: '20s', outbox_parallel: 16, outbox_retry_first: '200ms', outbox_retry_max: '1s', sms_parts_wait: '1h' }
const it = scenario(fileName(import.meta.url), { settings }, async (s) => {
  const { site } = s
  s.gateway = await site.gateway()
  s.number = await site.plaqueNumber('U003')
  s.u003 = await site.unitId('U003')
  // A door for each operator, so that the answer goes out where the question came in.
  s.doors = {}
  for (const how of ['get', 'post', 'pieces']) s.doors[how] = await site.smsDoor(s.gateway, `kannel-${how}`)
  const url = (how) => `${s.gateway.url}${s.doors[how].path}/mo`
  const posts = [['coordinator', 'U000-02', 'coordinator'], ['supervisor', 'U000-03', 'supervisor'], ['handler', 'U003', 'handler'], ['chief', 'U003', 'unit_leader']]
  ;[s.kannel, s.loose] = await Promise.all([kannel(s, 'kannel', [url('get'), url('post')]), kannel(s, 'loose', [url('get'), url('pieces')], { KANNEL_COMBINE: 'false' })])
  for (const [login, unit, role] of posts) s[login] = at(s.gateway, await site.person(s.gateway, login, { unit, roles: [role] }))
  await joins(s, s.doors.get, s.kannel, 'GET')
  await joins(s, s.doors.post, s.kannel, 'POST')
  await joins(s, s.doors.pieces, s.loose, 'POST')
  await site.smsDoor(s.gateway, 'kannel-last') // the gateway reads all channels at once: who knows this one knows what was set before
})

/** One telephone at that operator sends something; it stays to hear. data: as send.sh takes it. */
const telephone = (s, how, from, data, k = s.kannel) => run(join(scripts, 'send.sh'), [k.dir, k[`smsc_${how}`], `${from} 10690000 ${data}`])
const writes = (s, how, from, text, k) => telephone(s, how, from, `ucs2 ${percent(utf16be(text))}`, k)

/** What an operator hands on by HTTP; udh as numbers. */
async function handsOn(k, from, text, udh = []) {
  const a = await request(`http://127.0.0.1:${k.smsc_http}/?username=operator&password=${k.password}&from=${encodeURIComponent(from)}&to=10690000&coding=2&charset=UTF-16BE`
    + `&udh=${percent(udh)}&text=${percent(utf16be(text))}`)
  assert.equal(a.status, 202, a.text)
}

const bytes = (s) => Buffer.from(s.replace(/\+/g, ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16))), 'latin1')
/** What reached the telephones of an operator: {to, words}, long ones put together, every one as often as it came. */
function arrived(k, how) {
  const file = join(k.dir, `fakesmsc-${k[`smsc_${how}`]}.log`), whole = [], pieces = new Map()
  if (!existsSync(file)) return []
  for (const [, to, type, rest] of readFileSync(file, 'latin1').matchAll(/Got message \d+: <10690000 (\S+) (\S+) ([^>]*)>/g)) {
    const [a, b] = rest.split(' ')
    if (type !== 'udh') { whole.push({ to, words: bytes(a).swap16().toString('utf16le') }); continue }
    const [, , , ref, total, index] = bytes(a), key = `${to} ${ref}`
    const set = pieces.get(key) ?? []
    set.push([index, bytes(b)])
    pieces.set(key, set)
    if (new Set(set.map(([i]) => i)).size < total) continue
    whole.push({ to, words: Buffer.concat(set.sort(([x], [y]) => x - y).map(([, w]) => w)).swap16().toString('utf16le') })
    pieces.delete(key)
  }
  return whole
}
const heard = (k, how, from) => arrived(k, how).filter((m) => m.to === from).map((m) => m.words)
const hears = (k, how, from, words) => until(`${from} hears ${words}`, () => heard(k, how, from).find((t) => words.test(t)))

const stored = (s, text) => until(`“${text}” is stored`, async () => (await s.site.sql('select * from feedback where words = $1', [text]))[0])
const count = (s, text) => s.site.one('select count(*)::int from feedback where words = $1', [text])
const rows = (s, id) => s.site.sql('select * from outbox where feedback_id = $1', [id])

for (const [how, from] of [['get', '+8615400000051'], ['post', '+8615400000052']])
  it(`${how}-url: Chinese, Latin, signs and emoji arrive exact; the receipt goes back and is delivered`, async (s) => {
    const text = `${s.number} 市场监管局窗口“态度差”，等了3小时 & 没人管？100% 不行+1 😀🀄👨‍👩‍👧，${how}`
    await writes(s, how, from, text)
    const row = await stored(s, text)
    assert.deepEqual([row.channel, row.plaque], ['sms', s.number])
    assert.ok(row.contact)
    assert.ok(row.decision.because.length > 0)
    assert.match(await hears(s.kannel, how, from, /回执码/), /^【示例区】已收到您的反馈，回执码 (\d{4} ){3}\d{4}，/)
    await until('Kannel\'s delivery report moves the row', async () => (await rows(s, row.id))[0].state === 'delivered')
    const [out] = await rows(s, row.id)
    assert.deepEqual([out.tries, out.body], [1, null])
    assert.equal(await count(s, text), 1, 'Kannel had no reason to push again')
  })

it('words in the GSM alphabet arrive exact, the signs of its second table too', async (s) => {
  for (const how of ['get', 'post']) {
    const text = `${s.number} Lamp no. 5 @ gate {B} is broken: 100% dark, £3 & €4 ~ [x] ${how}`
    await telephone(s, how, '+8615400000054', `text ${text}`)
    await stored(s, text)
    await hears(s.kannel, how, '+8615400000054', /回执码/)
  }
})

it('a door hears only the addresses it knows', async (s) => {
  const walled = await s.site.smsDoor(s.gateway, 'kannel-walled')
  await s.site.tool('channel', 'set', walled.name, '--set', 'allow_ip=192.0.2.0/24')
  const refused = await s.gateway.refusals('hook_refused')
  await until('the wall stands', async () => (await s.gateway.smsPost(walled, { text: '墙外的话' })).status === 403)
  assert.ok(await s.gateway.refusals('hook_refused') > refused)
})

// --- pieces ---

const FIVE = ['第一段：站台雨棚漏水，', '第二段：下雨天没法等车😀，', '第三段：座椅也坏了三张，', '第四段：已经说过两次，', '第五段：请尽快来修。']
const udh = (ref, total, index) => [5, 0, 3, ref, total, index]

it('a message in five parts that bearerbox joins is one feedback', async (s) => {
  const from = '+8615400000061', text = `${s.number} ${FIVE.join('')}`
  for (const i of [3, 1, 5, 2, 4]) await handsOn(s.kannel, from, i === 1 ? `${s.number} ${FIVE[0]}` : FIVE[i - 1], udh(21, 5, i))
  const row = await stored(s, text)
  await hears(s.kannel, 'post', from, /回执码/)
  assert.equal(row.plaque, s.number)
  assert.equal(await s.site.one(`select count(*)::int from message_parts`), 0, 'nothing came in pieces')
})

it('the same in pieces, out of order and one of them twice, is joined by the gateway', async (s) => {
  const from = '+8615400000062', parts = [`${s.number} 由网关合并。${FIVE[0]}`, ...FIVE.slice(1)]
  await writes(s, 'post', '+8615400000063', '帮助', s.loose) // a telephone that hears
  for (const i of [4, 2, 5, 2, 1, 3]) await handsOn(s.loose, from, parts[i - 1], udh(33, 5, i))
  const row = await stored(s, parts.join(''))
  assert.equal(row.plaque, s.number)
  await hears(s.loose, 'post', from, /回执码/)
  await until('nothing is left waiting', async () => await s.site.one(`select count(*)::int from message_sets where state <> 'filed'`) === 0)
  assert.equal(await s.site.one(`select count(*)::int from feedback where words like '%第二段：下雨天%' and words like '%由网关合并%'`), 1)
  await until('delivered', async () => (await rows(s, row.id))[0].state === 'delivered')
  assert.equal(heard(s.loose, 'post', from).length, 1, 'one answer')
})

// --- conversation ---

it('a conversation from plaque to survey: words, CX, the answer, the score, each told back on the telephone', async (s) => {
  const from = '+8615400000071', text = `${s.number} 办事大厅排队太久，只开一个窗口`
  await writes(s, 'post', from, text)
  const row = await stored(s, text), id = Number(row.case_id)
  const receipt = (await hears(s.kannel, 'post', from, /回执码/)).match(/回执码 ((?:\d{4} ?){4})/)[1].trim()
  await writes(s, 'post', from, `ＣＸ　${receipt}`)
  await hears(s.kannel, 'post', from, /正在确定承办单位/)
  await answered(s, id, '已加开两个窗口')
  await hears(s.kannel, 'post', from, /请回复数字/)
  await telephone(s, 'post', from, 'text 5')
  await hears(s.kannel, 'post', from, /已记录您的评价：非常满意/)
  const [task] = await s.site.sql('select state, by, rating from callbacks where case_id = $1 and round = 1', [id])
  assert.deepEqual(task, { state: 'solved', by: 'citizen', rating: 5 })
  assert.equal((await s.coordinator.case(id)).case.state, 'closed')
  await until('Kannel has reported everything', async () => await s.site.one(`select count(*)::int from outbox where case_id = $1 and state <> 'delivered'`, [id]) === 0)
})

// --- what dies in the middle ---

/** Every row of these feedbacks' answers arrived once, or is held because nobody knows and did not arrive. Numbers of them. */
async function fates(s, like, froms) {
  const got = new Map()
  for (const m of arrived(s.kannel, 'post')) if (froms.has(m.to)) got.set(m.to, (got.get(m.to) ?? 0) + 1)
  const states = Object.fromEntries((await s.site.sql(`select o.state, count(*)::int as n from outbox o join feedback f on f.id = o.feedback_id where f.words like $1 group by 1`, [like])).map((r) => [r.state, r.n]))
  return { got: got.size, twice: [...got.values()].filter((n) => n > 1).length, ...states }
}

it('what is sent while the gateway is down comes when it is back, once', async (s) => {
  const text = `${s.number} 网关停机时发来的短信`
  const { port, opsPort } = s.gateway
  await s.gateway.stop()
  await writes(s, 'post', '+8615400000053', text)
  await s.gateway.start({ settings: { listen_port: port, ops_port: opsPort } })
  await stored(s, text)
  assert.equal(await count(s, text), 1)
})

const MANY = 300, KILLS = 3
it(`${MANY} messages while the gateway is killed ${KILLS} times: each is stored once and answered once`, async (s, t) => {
  const froms = Array.from({ length: MANY }, (_, i) => `+861540001${String(i).padStart(4, '0')}`)
  const missed = () => (readFileSync(join(s.kannel.dir, 'smsbox.log'), 'latin1').match(/Couldn't fetch/g) ?? []).length
  const before = missed(), stands = () => s.site.one(`select count(*)::int from feedback where words like '%路灯坏了第%'`)
  for (let i = 0, k = 1; i < MANY; i++) {
    await handsOn(s.kannel, froms[i], `${s.number} 路灯坏了第${i}件`)
    if (k > KILLS || i < (MANY * k) / (KILLS + 1)) continue
    k++
    await s.gateway.kill9()
    const met = missed()
    if (++i < MANY) await handsOn(s.kannel, froms[i], `${s.number} 路灯坏了第${i}件`)
    await until('somebody has met the kill', () => missed() > met)
    await s.gateway.start()
  }
  await until('all are stored', async () => await stands() >= MANY, 120000, 100)
  const settled = async () => { const f = await fates(s, '%路灯坏了第%', new Set(froms)); return (f.delivered ?? 0) + (f.unknown ?? 0) === MANY && f.got === (f.delivered ?? 0) && f }
  const f = await until('every answer has its fate', settled, 120000, 200)
  assert.ok(missed() > before, 'a kill that nothing met proves nothing')
  t.diagnostic(`${MANY} in, ${KILLS} kills, ${missed() - before} pushes and reports failed and came again: stored ${await stands()}, answers delivered ${f.delivered}, unknown and held ${f.unknown ?? 0}, twice ${f.twice}`)
  assert.equal(await stands(), MANY, 'nothing is stored twice')
  assert.equal(await s.site.one(`select count(distinct words)::int from feedback where words like '%路灯坏了第%'`), MANY)
  assert.equal(f.twice, 0)
})

const OUT = 120
it('bearerbox is restarted while answers go out: none goes twice, none is lost', async (s, t) => {
  const froms = Array.from({ length: OUT }, (_, i) => `+861540002${String(i).padStart(4, '0')}`)
  const closed = (until_) => s.site.sql(`insert into channel_state (channel, closed_until) values ('kannel-post', ${until_}) on conflict (channel) do update set closed_until = excluded.closed_until`)
  await closed(`now() + interval '1 hour'`)
  for (const [i, from] of froms.entries()) assert.equal((await s.gateway.smsPost(s.doors.post, { from, text: `${s.number} 外发中断第${i}件` })).status, 200)
  const all = new Set(froms), like = '%外发中断第%'
  await s.site.tool('channel', 'set', 'kannel-post', '--set', 'rate=60') // so that it is the middle
  await closed('now()')
  await until('the middle', async () => (await fates(s, like, all)).got > 10, 60000, 20)
  await run(join(scripts, 'restart.sh'), [s.kannel.dir])
  await writes(s, 'post', '+8615400000054', '帮助') // the telephones find their operator again
  const settled = async () => { const x = await fates(s, like, all); return !x.due && !x.claimed && x.got + (x.unknown ?? 0) >= OUT && x }
  const f = await until('every answer has its fate', settled, 120000, 200)
  t.diagnostic(`${OUT} out, one restart of bearerbox: arrived ${f.got}, twice ${f.twice}; delivered ${f.delivered ?? 0}, sent ${f.sent ?? 0}, unknown and held ${f.unknown ?? 0}, dead ${f.dead ?? 0}`)
  assert.equal(f.twice, 0)
  assert.equal(f.dead ?? 0, 0)
})

// Every text of the sample district goes through the doors of a running gateway, and what comes out is held against its labels.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, scenario, tree } from './harness.mjs'

const corpus = join(tree, 'deploy/sample-district/feedback-corpus.jsonl')
const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.one = await s.site.gateway()
  s.door = await s.site.smsDoor(s.one, 'kannel')
  s.hook = `${s.one.url}${s.door.path}/mo`
})
const replay = async (s, ...words) => JSON.parse(await s.site.tool('replay', '--json', '--url', s.one.url, ...words))
const count = (s) => s.site.one('select count(*)::int from feedback')

it('all texts, all doors, each stored once', async (s) => {
  const sum = await replay(s, corpus, '--sms-hook', s.hook, '--run', 'first', '--expect')
  assert.deepEqual([sum.accepted, sum.refused, sum.lost, sum.repeated], [sum.texts, 0, 0, 0])
  // One text is an SMS of nothing but a score: it answers a survey, and without one it is answered and not stored.
  const scores = readFileSync(corpus, 'utf8').split('\n').filter((l) => l && (({ channel, text }) => channel === 'sms' && /^[0-5]$/.test(text))(JSON.parse(l))).length
  assert.equal(scores, 1)
  assert.deepEqual([sum.found, sum.missing, sum.doubled, sum.walls_broken], [sum.texts - scores, 0, 0, 0])
  for (const door of ['form', 'live', 'sms', 'api']) assert.ok(sum.doors[door] > 0, door)
  assert.equal(await count(s), sum.texts - scores)
  assert.equal(sum.mask_recall, 1)
  assert.equal(sum.mask_precision, 1)
  assert.equal(sum.numbers_kept, 1)
  assert.ok(sum.unit_top1 > 0.7 && sum.unit_candidates > 0.8, JSON.stringify(sum)) // of the corpus test's floors, seen from outside
  const channels = Object.fromEntries((await s.site.sql('select channel, count(*)::int as n from feedback group by 1')).map((r) => [r.channel, r.n]))
  assert.ok(channels.plaque && channels.live && channels.sms && channels.web && channels.phone && channels.monitor && channels.meeting && channels.window)
})

it('the same run again is repeats, but for the forms; SMS by post-url as well', async (s) => {
  const before = await count(s)
  const sum = await replay(s, corpus, '--sms-hook', s.hook, '--sms-post', '--run', 'first', '--expect')
  assert.equal(sum.repeated, sum.doors.live + sum.doors.api)
  assert.equal(await count(s), before + sum.doors.form)
})

it('a gateway that limits submissions is waited for, nothing is lost', async (s) => {
  const slow = await s.site.gateway({ submit_per_minute: 12 })
  const file = join(s.site.dir, 'few.jsonl')
  writeFileSync(file, Array.from({ length: 18 }, (_, i) => JSON.stringify({ id: `W${i}`, channel: i % 2 ? 'web' : 'chat', text: `第${i}条：路灯不亮` })).join('\n'))
  const sum = JSON.parse(await s.site.tool('replay', '--json', '--url', slow.url, file, '--expect'))
  assert.equal(sum.accepted, 18)
  assert.ok(sum.waits > 0) // six over the limit: half a minute to send them all in
  const spread = await s.site.gateway({ submit_per_minute: 1, trusted_proxies: '127.0.0.1' })
  const many = JSON.parse(await s.site.tool('replay', '--json', '--url', spread.url, file, '--spread', '--expect'))
  assert.deepEqual([many.accepted, many.waits], [18, 0])
})

it('without a gateway, and with a bad file, there is a sentence', async (s) => {
  const file = join(s.site.dir, 'bad.jsonl')
  writeFileSync(file, '{"id":"B1","channel":"web","text":"路灯不亮"}\n{"id":"B2","channel":"pigeon","text":"x"}\n')
  await assert.rejects(s.site.tool('replay', '--url', s.one.url, file), (e) => e.code === 1 && /bad\.jsonl line 2: channel is none of/.test(e.stderr))
  writeFileSync(file, '{"id":"B1","channel":"web","text":"路灯不亮"}\n{"id":"B2","channel":"chat","text":"路灯不亮"}\n')
  await assert.rejects(s.site.tool('replay', '--url', 'http://127.0.0.1:1', file), (e) => e.code === 1 && /2 without an answer/.test(e.stdout))
  await assert.rejects(s.site.tool('replay', '--url', 'https://127.0.0.1', file), (e) => e.code === 1 && /speaks no TLS/.test(e.stderr))
})

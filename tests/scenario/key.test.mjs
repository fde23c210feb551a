// A database belongs to one master key: with another one the gateway makes no receipt that nobody could use.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileName, freshKey, scenario } from './harness.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => { s.gateway = await s.site.gateway() })

it('a gateway with another master key ends with a sentence and takes nothing in', async (s) => {
  const first = await s.gateway.api({ text: '窗口排队太久，能不能多开一个' }, { key: freshKey() })
  assert.equal(first.status, 201, first.text)
  await s.gateway.stop()
  const env = { MASHANGDU_KEY_FILE: join(s.site.dir, 'other.key') }
  await s.site.toolWith({ env }, 'key', 'create')
  const before = await s.site.one('select count(*) from feedback')
  await assert.rejects(s.site.toolWith({ env }, 'serve', '--listen-port=0', '--ops-port=0'), (e) => {
    assert.equal(e.code, 1, e.message)
    assert.match(e.stderr, /level=fatal .*this database belongs to another master key/)
    return true
  })
  assert.equal(await s.site.one('select count(*) from feedback'), before)
})

it('with its own key it goes on, and the old receipt still opens the case', async (s) => {
  await s.gateway.start()
  const key = freshKey(), words = { text: '窗口排队太久，能不能多开一个' }
  const a = await s.gateway.api(words, { key })
  await s.gateway.stop()
  await s.gateway.start()
  const b = await s.gateway.api(words, { key })
  assert.equal(b.status, 201, b.text)
  assert.equal(b.json.receipt, a.json.receipt)
  assert.equal(b.json.repeated, true)
})

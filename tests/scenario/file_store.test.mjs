// The store behind S3: a strict peer that computes every signature again, and is away, slow, forgetful or wrong when it is told to.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'
import { fileName, request, scenario, until } from './harness.mjs'
import { multipart, png } from './file_samples.mjs'

const KEY = 'TESTKEYID0001', SECRET = 'a/secret+with=signs', REGION = 'test-region-1', BUCKET = 'pictures'
const sha = (b) => createHash('sha256').update(b).digest('hex')
const mac = (k, s) => createHmac('sha256', k).update(s).digest()

/** AWS Signature Version 4 in the header, as its documentation says; a sentence when anything is wrong. */
function fault(req, body) {
  const m = (req.headers.authorization ?? '').match(/^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/)
  if (!m) return `no authorization: ${req.headers.authorization}`
  const [, id, day, region, signed, signature] = m, date = req.headers['x-amz-date']
  if (id !== KEY || region !== REGION || !/^\d{8}T\d{6}Z$/.test(date) || date.slice(0, 8) !== day) return 'another key, region or day'
  if (Math.abs(Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')) - Date.now()) > 300000) return 'an old request'
  const names = signed.split(';')
  for (const n of ['host', 'x-amz-date', 'x-amz-content-sha256']) if (!names.includes(n)) return `${n} is not signed`
  for (const n of names) if (req.headers[n] === undefined) return `${n} is signed but not sent: ${signed} / ${Object.keys(req.headers)}`
  if (req.headers['x-amz-content-sha256'] !== sha(body)) return 'the body is another one'
  const canonical = [req.method, req.url, '', ...names.map((n) => `${n}:${req.headers[n].trim()}`), '', signed, sha(body)].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const key = mac(mac(mac(mac(`AWS4${SECRET}`, day), region), 's3'), 'aws4_request')
  return mac(key, ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n')).toString('hex') === signature ? undefined : 'the signature is wrong'
}

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.objects = new Map()
  s.faults = []
  s.mood = undefined
  s.peer = http.createServer((req, res) => {
    const parts = []
    req.on('data', (p) => parts.push(p))
    req.on('end', () => {
      const body = Buffer.concat(parts), why = fault(req, body)
      if (why) { s.faults.push(`${req.method} ${req.url}: ${why}`); res.writeHead(403); res.end('<Error/>'); return }
      if (s.mood === 'away') { res.writeHead(503); res.end('<Error><Code>SlowDown</Code></Error>'); return }
      if (s.mood === 'silent') return
      if (!/^\/pictures\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64}$/.test(req.url)) { res.writeHead(400); res.end(); return }
      if (req.method === 'PUT') { s.objects.set(req.url, body); res.writeHead(200); res.end() }
      else if (req.method === 'DELETE') { s.objects.delete(req.url); res.writeHead(204); res.end() }
      else if (s.objects.has(req.url)) { res.writeHead(200, { 'content-type': 'application/octet-stream' }); res.end(s.mood === 'wrong' ? Buffer.from(s.objects.get(req.url)).fill(1, 0, 1) : s.objects.get(req.url)) }
      else { res.writeHead(404); res.end('<Error><Code>NoSuchKey</Code></Error>') }
    })
  })
  await new Promise((done) => s.peer.listen(0, '127.0.0.1', done))
  s.site.atEnd.push(() => new Promise((done) => { s.peer.closeAllConnections(); s.peer.close(done) }))
  s.gateway = await s.site.gateway({ media_store: 's3', s3_endpoint: `http://127.0.0.1:${s.peer.address().port}/`, s3_bucket: BUCKET, s3_region: REGION, s3_key_id: KEY, s3_deadline: '10s', media_deadline: '50s', answer_deadline: '90s', media_sweep_every: '200ms' },
    { env: { MASHANGDU_S3_SECRET: SECRET } })
  s.handler = await s.site.person(s.gateway, 'hand003', { unit: 'U003', roles: ['handler'] })
  s.coordinator = await s.site.person(s.gateway, 'coord1', { roles: ['coordinator'] })
  await s.gateway.api({ text: '窗口态度不好，材料要求不一致。', nature: 'complain', plaque: await s.site.plaqueNumber('U003') })
  s.case = await s.site.one('select id::text from cases order by opened_at desc limit 1')
  if ((await s.coordinator.case(s.case)).case.state === 'discovered') await s.coordinator.does(s.case, 'assign', { unit: await s.site.unitId('U003') })
  s.offer = (file) => {
    const form = multipart({}, [{ bytes: file }])
    return request(`${s.gateway.url}/staff/api/v1/cases/${s.case}/files`, { method: 'POST', body: form.body, headers: { ...s.handler.headers(), ...form.headers }, ms: 100000 })
  }
  s.read = (id) => s.handler.call('GET', `/files/${id}/thumb`)
})

it('signed right, put, read, deleted', async (s) => {
  const a = await s.offer(png(300, 200))
  assert.deepEqual(s.faults, [])
  assert.equal(a.status, 201, a.text)
  assert.equal(s.objects.size, 3, 'clean copy, thumbnail, sealed original')
  for (const [url, bytes] of s.objects) assert.equal(url.split('/').at(-1), sha(bytes), 'named by what it holds')
  assert.equal((await s.read(a.json.files[0])).status, 200)
  assert.deepEqual(s.faults, [])
  await s.site.sql(`update files set made_at = now() - interval '25 hours'`)
  await until('the sweep deletes them', () => s.objects.size === 0)
  await until('and forgets', async () => (await s.site.one('select count(*)::int from stored_gone')) === 0)
})

it('away, silent, forgetful, wrong: a sentence, and nothing is believed', async (s) => {
  const { json: { files: [id] } } = await s.offer(png(310, 200))
  for (const mood of ['away', 'silent']) {
    s.mood = mood
    const a = await s.offer(png(320, 200))
    assert.deepEqual([a.status, a.json.code], [503, 'unavailable'], mood)
    assert.ok(a.headers['retry-after'])
    assert.equal((await s.read(id)).status, 503, mood)
  }
  s.mood = 'wrong'
  assert.equal((await s.read(id)).status, 500)
  assert.equal((await s.gateway.metrics()).get('mashangdu_store_damaged_total'), 1)
  s.mood = undefined
  assert.equal((await s.read(id)).status, 200, 'well again')
  s.objects.clear()
  assert.equal((await s.read(id)).status, 404)
  assert.deepEqual(s.faults, [])
})

it('a store that is none, or not all of one, is said at the start', async (s) => {
  for (const settings of [{ media_store: 'tape' }, { media_store: 's3', s3_endpoint: 'http://127.0.0.1:1' }]) {
    const words = Object.entries(settings).map(([k, v]) => `--${k.replaceAll('_', '-')}=${v}`)
    await assert.rejects(s.site.tool('serve', '--listen-port=0', '--ops-port=0', ...words), /media_store/)
  }
})

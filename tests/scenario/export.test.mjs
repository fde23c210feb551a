// Lists as files: the same rows as on the screen and nothing that the person may not see; a number and a row in the log with the file's hash
// before the file is sent; formulas made harmless; who took it out stands in the file; too many rows get a sentence; a site may let some roles only.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { fileName, scenario, unescape } from './harness.mjs'
import { answered, file, people } from './callback_parts.mjs'

const it = scenario(fileName(import.meta.url), {}, async (s) => {
  s.gateway = await s.site.gateway({ auto_assign_percent: 101, export_rows: 100 })
  s.wide = await s.site.gateway({ auto_assign_percent: 101 })
  await people(s)
  s.registry = await s.site.person(s.gateway, 'registry', { unit: 'U000-01', roles: ['registry'] })
  s.admin = await s.site.person(s.gateway, 'admin', { roles: ['admin'] })
  s.auditor = await s.site.person(s.gateway, 'auditor', { roles: ['auditor'] })
})

/** The parts of a zip file by name. */
function unzip(bytes) {
  const parts = {}
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  for (let at = bytes.readUInt32LE(end + 16), n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const size = bytes.readUInt32LE(at + 20), name = bytes.readUInt16LE(at + 28), local = bytes.readUInt32LE(at + 42)
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(from, from + size)
    parts[bytes.toString('utf8', at + 46, at + 46 + name)] = bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed
    at += 46 + name + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return parts
}

/** Rows of a sheet: strings by their text, numbers as numbers. */
function sheet(parts, n = 1) {
  const text = (xml) => unescape([...xml.matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map((m) => m[1]).join(''))
  const shared = [...parts['xl/sharedStrings.xml'].toString().matchAll(/<si>(.*?)<\/si>/gs)].map((m) => text(m[1]))
  return [...parts[`xl/worksheets/sheet${n}.xml`].toString().matchAll(/<row [^>]*?>(.*?)<\/row>/gs)].map((row) => {
    const cells = []
    for (const [, letters, type, value] of row[1].matchAll(/<c r="([A-Z]+)\d+"[^>]*?(?: t="(\w+)")?>(?:<f>.*?<\/f>)?<v>([^<]*)<\/v><\/c>/g)) {
      const column = [...letters].reduce((a, c) => a * 26 + c.charCodeAt(0) - 64, 0) - 1
      cells[column] = type === 's' ? shared[Number(value)] : Number(value)
    }
    return cells
  })
}

/** Rows of a CSV file as RFC 4180 reads it. */
function csv(text) {
  assert.ok(text.startsWith('\uFEFF'), 'without a mark office programs take it for another encoding')
  const rows = [['']]
  let quoted = false
  for (let i = 1; i < text.length; i++) {
    const row = rows.at(-1)
    if (quoted && text[i] === '"' && text[i + 1] === '"') row[row.length - 1] += text[++i]
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted && text[i] === ',') row.push('')
    else if (!quoted && text[i] === '\r' && text[i + 1] === '\n') { rows.push(['']); i++ }
    else row[row.length - 1] += text[i]
  }
  rows.pop()
  return rows
}

const out = (who, name, format, more = {}) => who.call('POST', `/exports/${name}`, { format, ...more })
async function taken(who, name, format, more) {
  const a = await out(who, name, format, more)
  assert.equal(a.status, 200, `${name}: ${a.text}`)
  return a
}
const logRow = async (s) => (await s.site.sql(`select detail, staff_id from audit_log where action = 'export' order by id desc limit 1`))[0]
const logged = (s) => s.site.one(`select count(*)::int from audit_log where action = 'export'`)
const code = (a) => [a.status, a.json?.code]

it('the case list under its filters, in both forms: its rows, its log row, its number', async (s) => {
  for (const words of ['=cmd|\' /C calc\'!A0 窗口没人', '@SUM(1+9)*cmd 大厅空调坏了', '路灯,不亮 "三天" 了', '十三号楼漏水'])
    await file(s, words)
  await answered(s, (await file(s, '+86 排队太久')).id)
  const list = (await s.coordinator.get('/cases?state=discovered&limit=100')).cases
  const before = await logged(s)

  const a = await taken(s.coordinator, 'cases', 'csv', { filters: { state: 'discovered', q: '' } })
  assert.match(a.headers['content-type'], /^text\/csv/)
  assert.match(a.headers['content-disposition'], /^attachment; filename="cases-\d{6}\.csv"$/)
  const rows = csv(a.text), [mark, heads, ...body] = rows, last = body.pop()
  assert.deepEqual(last, mark)
  assert.match(mark[0], /导出人 测试岗位（.*统筹协调组.*）· \d{4}-\d\d-\d\d \d\d:\d\d · 导出编号 \d+/)
  const at = (head) => heads.indexOf(head)
  assert.deepEqual(body.map((r) => Number(r[at('办件编号')])), list.map((c) => c.id))
  assert.deepEqual(body.map((r) => r[at('状态')]), list.map(() => '待受理'))
  assert.deepEqual(body.map((r) => r[at('群众原话（脱敏）')].replace(/^'/, '')), list.map((c) => c.summary))
  for (const row of rows) for (const cell of row) assert.doesNotMatch(cell, /^\s*[=+\-@＝＋－＠]/, cell)
  assert.ok(body.some((r) => r[at('群众原话（脱敏）')].startsWith("'=cmd")))

  assert.equal(await logged(s), before + 1)
  const log = await logRow(s)
  assert.equal(log.detail.sha256, createHash('sha256').update(a.body).digest('hex'))
  assert.deepEqual([log.detail.list, log.detail.format, log.detail.rows, log.detail.filters], ['cases', 'csv', list.length, { state: 'discovered' }])
  assert.equal(log.staff_id, s.coordinator.staff.id)
  assert.equal(log.detail.post.roles, 'coordinator')
  assert.ok(mark[0].includes(`导出编号 ${log.detail.export} `))

  const x = await taken(s.coordinator, 'cases', 'xlsx', { filters: { state: 'discovered' } })
  const parts = unzip(x.body), grid = sheet(parts), head = grid[1]
  const xlog = await logRow(s)
  assert.equal(xlog.detail.export, log.detail.export + 1, 'no two files have the same number')
  assert.equal(xlog.detail.sha256, createHash('sha256').update(x.body).digest('hex'))
  assert.ok(grid[0][0].includes(`导出编号 ${xlog.detail.export} `))
  assert.deepEqual(grid.slice(2, 2 + list.length).map((r) => r[head.indexOf('办件编号')]), list.map((c) => c.id))
  const serial = (t) => Math.floor((Date.parse(t) / 60000 + 480)) / 1440 + 25569
  for (const [i, c] of list.entries()) assert.ok(Math.abs(grid[2 + i][head.indexOf('收件时间')] - serial(c.opened_at)) < 1e-6)
  assert.ok(Object.keys(parts).some((p) => /media\/image\d+\.png$/.test(p)), 'the watermark')
  const xml = parts['xl/worksheets/sheet1.xml'].toString()
  assert.match(xml, /<picture r:id=/) // behind the cells
  assert.match(xml, /<oddHeader>&amp;C&amp;G<\/oddHeader><oddFooter>&amp;L.*导出编号/) // behind and under every printed page
  assert.doesNotMatch(xml, /<f>/, 'no formula')
})

it('what a search was for stands in no log', async (s) => {
  const a = await taken(s.coordinator, 'cases', 'csv', { filters: { q: '漏水' } })
  assert.equal(csv(a.text).length, 4)
  assert.deepEqual((await logRow(s)).detail.filters, { q: true })
})

it('a file has what its reader may see, and nothing of others or of reports', async (s) => {
  const secret = await file(s, '举报：王某某收受红包两万元', { what: 'report' })
  const mine = await file(s, '本单位的一件'), theirs = await file(s, '别的单位的一件')
  await s.coordinator.does(mine.id, 'assign', { unit: s.u003 })
  await s.coordinator.does(theirs.id, 'assign', { unit: s.u010 })
  for (const who of ['handler', 'other', 'coordinator', 'head', 'accountability', 'clerk']) {
    const list = (await s[who].get('/cases?limit=100')).cases
    const rows = csv((await taken(s[who], 'cases', 'csv')).text).slice(2, -1)
    assert.deepEqual(rows.map((r) => Number(r[0])), list.map((c) => c.id), who)
    assert.equal(rows.some((r) => Number(r[0]) === secret.id), who === 'accountability', who)
    assert.ok(!rows.flat().some((c) => c.includes('红包')), who) // confidential: no words, as in the list
  }
  for (const who of ['admin', 'auditor']) assert.equal((await s[who].call('POST', '/exports/cases', { format: 'csv' })).status, 403, who)
  const own = csv((await taken(s.handler, 'cases', 'csv')).text).map((r) => Number(r[0]))
  assert.ok(own.includes(mine.id) && !own.includes(theirs.id))
})

it('every list: who may list may export it, with the list\'s own refusal for others', async (s) => {
  const meeting = (await s.coordinator.call('POST', '/meetings', { kind: 'joint', held_at: '2026-03-02T15:00:00+08:00', place: '会议室', theme: '联席', host_unit: s.u003 })).json
  const all = [
    ['callbacks', 'clerk'], ['figures', 'head'], ['overview', 'head'], ['overview-rates', 'head'], ['overview-words', 'head'], ['ratings', 'coordinator'], ['rating-figures', 'coordinator'], ['letters', 'coordinator'],
    ['letter-register', 'registry', { book: 'out' }], ['letter-register', 'registry', { book: 'in' }], ['meetings', 'coordinator'], ['board', 'coordinator'], ['inspections', 'coordinator'], ['inspection-totals', 'coordinator'], ['causes', 'coordinator', { state: 'open' }], ['bursts', 'coordinator'],
    ['monitors', 'coordinator'], ['monitor-returns', 'coordinator', { period: '2026-03' }], ['weekly', 'coordinator', { scope: 'all' }], ['plaques', 'registry', { unit: s.u003 }], ['plaque-coverage', 'registry'], ['plaque-alarms', 'registry'],
    ['enterprises', 'registry'], ['visits', 'registry'], ['policies', 'registry'], ['publications', 'registry'], ['outbox', 'admin'], ['channel-log', 'admin'], ['audit', 'auditor', { action: 'export' }],
    ['desk-triage', 'coordinator'], ['desk-inbox', 'handler'], ['desk-review', 'supervisor'], ['desk-board', 'supervisor', { unit: s.u003 }], ['unit-changes', 'admin'], ['wordings', 'registry'], ['channels', 'admin'],
    ['windows', 'registry', { unit: s.u003 }], ['screens', 'registry'], ['rules', 'coordinator'], ['rule-words', 'coordinator', { q: '路灯' }], ['rule-aliases', 'coordinator', { q: '城管' }], ['rule-categories', 'coordinator', { q: '路灯' }], ['models', 'coordinator'],
    ['model-drift', 'coordinator', { by: 'day' }], ['model-examples', 'coordinator', { what: 'all' }], ['calendar', 'coordinator'], ['audit-counts', 'auditor']]
  for (const [name, who, filters] of all) {
    const text = csv((await taken(s[who], name, 'csv', { filters })).text)
    assert.ok(text.length >= 3, name)
    const book = unzip((await taken(s[who], name, 'xlsx', { filters })).body)
    assert.ok(sheet(book).length >= 2, name)
  }
  const one = await taken(s.coordinator, 'meeting', 'csv', { id: Object.values(meeting)[0].id })
  assert.equal(csv(one.text)[1][0], '序号')
  const inspection = (await s.coordinator.call('POST', '/inspections', { kind: 'inspect', unit: s.u003, place: '窗口', held_at: '2026-03-03T09:00:00+08:00', steps: '随机抽查', basis: '督查方案' })).json
  assert.ok(csv((await taken(s.coordinator, 'inspection', 'csv', { id: inspection.inspection.id })).text).some((r) => r[0] === '处理结果'))
  const year = csv((await taken(s.coordinator, 'calendar-year', 'csv', { id: 2026 })).text)
  assert.deepEqual(year.find((r) => r[0] === '2026-10-01').slice(0, 2), ['2026-10-01', '放假'])
  // An answer that is an array by itself: a row for each unit, those that went among them.
  const register = await s.admin.get('/units/register')
  const wide = Object.assign(Object.create(s.admin), { gateway: s.wide })
  assert.deepEqual(csv((await taken(wide, 'units', 'csv')).text).slice(2, -1).map((r) => r[0]), register.map((u) => u.code))
  // What is secret stays so.
  const settings = csv((await taken(wide, 'settings', 'csv')).text)
  const hidden = settings.filter((r) => r[settings[1].indexOf('密钥')] === '是')
  assert.ok(hidden.length > 0)
  for (const row of hidden) assert.equal(row[settings[1].indexOf('值')], '')
  // English heads for who reads English.
  const english = await s.head.call('POST', '/exports/figures', { format: 'csv' }, { 'accept-language': 'en' })
  assert.match(english.text, /export no\. \d+/)
  assert.ok(csv(english.text).some((r) => r[0] === 'Rate'))
  for (const [name, who, like] of [['outbox', 'coordinator', '/outbox'], ['channel-log', 'handler', '/channels/log'], ['figures', 'admin', '/figures']]) {
    const before = await logged(s), list = await s[who].call('GET', like), a = await out(s[who], name, 'csv')
    assert.deepEqual(code(a), code(list), name)
    assert.notEqual(a.status, 200, name)
    assert.equal(await logged(s), before)
  }
}, { ms: 200000 })

it('plaques page by page: no row twice, none lost', async (s) => {
  const n = await s.site.one('select count(*)::int from plaques')
  assert.ok(n > 100 && n < 1000)
  assert.deepEqual(code(await out(s.registry, 'plaques', 'csv')), [422, 'export_too_many'])
  const who = Object.assign(Object.create(s.registry), { gateway: s.wide })
  const numbers = csv((await taken(who, 'plaques', 'csv')).text).slice(2, -1).map((r) => r[0])
  assert.deepEqual([numbers.length, new Set(numbers).size], [n, n])
})

it('what is wrong gets a sentence and no number in the log', async (s) => {
  const before = await logged(s)
  for (const [name, body, want] of [
    ['cases', { format: 'pdf' }, [422, 'unknown_field']], ['cases', { format: 'csv', filters: [] }, [422, 'unknown_field']], ['cases', { format: 'csv', extra: 1 }, [422, 'unknown_field']],
    ['cases', { format: 'csv', filters: { before: 'x' } }, [422, 'unknown_field']], ['cases', { format: 'csv', filters: { limit: 5 } }, [422, 'unknown_field']], ['cases', { format: 'csv', filters: { 'a&b': '1' } }, [422, 'unknown_field']],
    ['cases', { format: 'csv', filters: { state: 'nonsense' } }, [422, 'unknown_field']], ['nothing', { format: 'csv' }, [404, 'not_found']], ['meeting', { format: 'csv' }, [422, 'unknown_field']],
    ['meeting', { format: 'csv', id: 999999 }, [404, 'not_found']]])
    assert.deepEqual(code(await s.coordinator.call('POST', `/exports/${name}`, body)), want, `${name} ${JSON.stringify(body)}`)
  const bare = Object.assign(Object.create(s.coordinator), { csrf: 'wrong' })
  assert.deepEqual(code(await out(bare, 'cases', 'csv')), [403, 'csrf'])
  assert.equal(await logged(s), before)
})

it('a site may let some roles export only', async (s) => {
  const strict = await s.site.gateway({ export_roles: 'registry,leader' })
  const [no, yes] = [s.coordinator, s.registry].map((p) => Object.assign(Object.create(p), { gateway: strict }))
  assert.deepEqual(code(await out(no, 'letters', 'csv')), [403, 'forbidden'])
  await taken(yes, 'letters', 'csv')
  assert.equal((await strict.metrics()).get('mashangdu_exports_total'), 1)
})

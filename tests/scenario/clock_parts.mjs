// A clock that a test moves: the gateways and their PostgreSQL read the same offset from one file, and may read it
// again at any time. Timers are not moved: a gateway notices a jump when it looks, and a wake makes it look.
import assert from 'node:assert/strict'
import { chmodSync, closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after } from 'node:test'
import { freshKey, preload, until, wallClock } from './harness.mjs'

export const china = (text) => Date.parse(`${text.replace(' 24:00', ' 00:00').replace(' ', 'T')}+08:00`) + (text.endsWith(' 24:00') ? 86400000 : 0)

export class Travel {
  constructor(start) {
    this.dir = mkdtempSync('/tmp/msd-time-')
    chmodSync(this.dir, 0o755) // the server of the database is another user
    this.file = join(this.dir, 'clock')
    this.library = join(this.dir, basename(wallClock))
    copyFileSync(wallClock, this.library)
    chmodSync(this.library, 0o644)
    writeFileSync(this.file, Buffer.alloc(24), { mode: 0o644 })
    this.current = 0
    this.to(start)
    after(() => rmSync(this.dir, { recursive: true, force: true }))
  }

  /** It is that moment now, for everybody who lives by this clock (struct moving in wall_clock.c). */
  to(text) {
    const word = (n) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(n)); return b }
    const fd = openSync(this.file, 'r+')
    this.current = 1 - this.current
    writeSync(fd, word((china(text) - Date.now()) * 1000), 0, 8, 8 + 8 * this.current)
    writeSync(fd, word(this.current), 0, 8, 0)
    closeSync(fd)
  }

  /** For processes that are to live by this clock. */
  env() { return { ...preload(this.library), WALL_CLOCK_FILE: this.file } }

  /** Starts what `begin` starts from this process (the server of a site) by this clock too. */
  adopt() { Object.assign(process.env, this.env()) }
}

export const acts = (s, id, which = '') => s.site.sql(
  `select version, at, act, actor, reason, data from acts where case_id = $1 and ($2 = '' or actor = $2) order by version`, [id, which])
export const named = (rows) => rows.map((a) => `${a.act}${a.data.rung ? ` ${a.data.rung}` : a.data.clock ? ` ${a.data.clock}` : ''}`)

/** Everybody looks at the clock now; resolves when each gateway has claimed and looked since. */
export async function look(s, ...gateways) {
  const calls = async (g) => (await g.metrics()).get('mashangdu_db_calls_total{lane="clock"}')
  const before = await Promise.all(gateways.map(calls))
  await s.site.sql(`select pg_notify('msd_events', '')`)
  for (const [i, g] of gateways.entries()) await until('the clock has looked', async () => await calls(g) >= before[i] + 2)
}

/** Travels, and everything due by then has been done when it resolves. */
export async function travel(s, text, ...gateways) {
  s.time.to(text)
  await look(s, ...gateways)
  const now = new Date(china(text)).toISOString()
  await until('nothing is due', async () => Number(await s.site.one('select count(*) from cases where next_at <= $1', [now])) === 0, 60000)
}

export async function told(s, gateway, text) {
  const a = await gateway.api({ text, channel: 'web' }, { key: freshKey('clock') })
  assert.equal(a.status, 201, a.text)
  return a.json.case
}

/** Sessions end while days pass: signs in again. */
export async function awake(person) {
  await person.signIn(person.password)
  return person
}

// What the tests of callbacks, merges and figures share: the people, a case from words to the approved answer, and the pages.
import assert from 'node:assert/strict'
import { Person, hidden, receiptOn, withClock } from './harness.mjs'

/** A person who looks again when the clock was faster: it acts on the same cases. */
class Patient extends Person {
  async does(id, act, more, options) {
    for (let left = 5; ; left--) {
      const a = await this.act(id, act, more, options)
      if (a.status === 409 && a.json.code === 'case_changed' && left > 0) continue
      assert.equal(a.status, 200, `${this.login} ${act}: ${a.status} ${a.text}`)
      return a.json
    }
  }
}

export async function people(s, gateway = s.gateway) {
  const { site } = s
  const posts = [
    ['coordinator', 'U000-02', ['coordinator']], ['supervisor', 'U000-03', ['supervisor']], ['accountability', 'U000-04', ['accountability']],
    ['clerk', 'U000-01', ['callback']], ['clerk2', 'U000-01', ['callback']], ['borrowed', 'U000-01', ['callback'], 'U003'], ['head', 'U000', ['leader']],
    ['handler', 'U003', ['handler']], ['chief', 'U003', ['unit_leader']], ['other', 'U010', ['handler']]]
  for (const [login, unit, roles, home] of posts) s[login] = at(gateway, await site.person(gateway, login, { unit, roles, home }))
  s.u003 = await site.unitId('U003')
  s.u010 = await site.unitId('U010')
  s.number = await site.plaqueNumber('U003')
}

/** The same person at another gateway of the same database. */
export function at(gateway, person) {
  return Object.assign(new Patient(gateway, person.login), { cookie: person.cookie, csrf: person.csrf, staff: person.staff })
}

export const clockAt = (china) => withClock(Date.parse(`${china}+08:00`) - Date.now())

/** Words through the form: {receipt, id, feedback}. */
export async function file(s, text, { contact, what = 'supervise', gateway = s.gateway } = {}) {
  const a = await gateway.form(`/p/${s.number}/${what}`, { text, ...(contact ? { contact } : {}) })
  assert.equal(a.status, 201, a.text.slice(0, 2000))
  // The words of a report are sealed: it is the newest one.
  const row = (await s.site.sql(`select id, case_id from feedback where words = $1 or (words like 'sealed:%' and $2 = 'report') order by received_at desc limit 1`, [text, what]))[0]
  return { receipt: receiptOn(a.text), id: Number(row.case_id), feedback: Number(row.id) }
}

export async function handled(s, id) {
  await s.coordinator.does(id, 'assign', { unit: s.u003 })
  await s.handler.does(id, 'sign')
}
export async function replied(s, id, words = '已经办好') {
  await s.handler.does(id, 'reply', { words, evidence: 1 })
  await s.chief.does(id, 'endorse')
  return s.supervisor.does(id, 'approve')
}
export async function answered(s, id, words) {
  await handled(s, id)
  return replied(s, id, words)
}

export const look = (s, receipt) => s.gateway.post('/status', { receipt })
export async function step(s, receipt, what, fields) {
  const page = await look(s, receipt)
  return s.gateway.post(`/status/${what}`, { receipt, token: hidden(page.text, 'token', `/status/${what}`), ...fields })
}
export const offers = (page, what) => page.text.includes(`action="/status/${what}"`)
export const alert = (a) => (a.text.match(/role="alert"[^>]*>([^<]*)</) ?? [])[1]
export const notice = (a) => (a.text.match(/role="status"[^>]*>([^<]*)</) ?? [])[1]

/** {feedback: state} of a round. */
export async function tasks(s, id, round) {
  const rows = await s.site.sql('select feedback_id, state from callbacks where case_id = $1 and round = $2', [id, round])
  return Object.fromEntries(rows.map((r) => [r.feedback_id, r.state]))
}
export const queued = async (person, id) => (await person.get('/callbacks?limit=100')).callbacks.filter((t) => t.case === id)

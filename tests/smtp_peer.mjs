// A mail server that takes nothing which RFC 5321 does not allow: commands in order, lines ended by CR LF and not over 1000 octets,
// seven bits, dots doubled. What it does with a mail is chosen by the recipient's name. As a program it prints its port and then one
// JSON line for each thing it saw; as a module start() gives {port, mails, faults, says, close}.
import net from 'node:net'
import { pathToFileURL } from 'node:url'

const USER = 'tester', PASSWORD = 'geheim 密码'

function dialogue(socket, box) {
  let state = 'greeted', rest = Buffer.alloc(0), mail, login, loginUser, signedIn = false, deaf = false
  const say = (line) => socket.write(`${line}\r\n`)
  const fault = (why) => { box.faults.push(why); say('500 5.5.2 that is no SMTP'); socket.end() }
  const asked = (line) => box.says.push(line.replace(/^(AUTH \w+) .*/, '$1 …'))

  function judged(user, password) {
    login = undefined
    signedIn = user === USER && password === PASSWORD
    say(signedIn ? '235 2.7.0 welcome' : '535 5.7.8 wrong user name or password')
  }
  const words = (line) => Buffer.from(line, 'base64').toString('utf8')

  function command(line) {
    asked(line)
    const m = line.match(/^([A-Z]+)(?: (.*))?$/)
    if (!m) return fault(`no command: ${JSON.stringify(line)}`)
    const [, verb, args = ''] = m
    if (verb === 'EHLO' || verb === 'HELO') {
      if (!args) return fault('EHLO without a name')
      state = 'ready'
      return say(verb === 'HELO' ? '250 peer' : '250-peer\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME')
    }
    if (verb === 'QUIT') {
      if (deaf) return undefined
      say('221 2.0.0 bye')
      return socket.end()
    }
    if (verb === 'RSET' || verb === 'NOOP') return say('250 2.0.0 ok')
    if (state === 'greeted') return fault(`${verb} before EHLO`)
    if (verb === 'AUTH') {
      const [how, first] = args.split(' ')
      if (how === 'PLAIN' && first) { const [, u, p] = words(first).split('\0'); return judged(u, p) }
      if (how === 'PLAIN') { login = (l) => { const [, u, p] = words(l).split('\0'); judged(u, p) }; return say('334 ') }
      if (how !== 'LOGIN') return say('504 5.5.4 not that way')
      const user = (l) => { loginUser = words(l); login = (k) => judged(loginUser, words(k)); say('334 UGFzc3dvcmQ6') }
      if (first) return user(first)
      login = user
      return say('334 VXNlcm5hbWU6')
    }
    if (verb === 'MAIL') {
      const from = args.match(/^FROM:<([^<>\s]*)>( SIZE=\d+)?$/)
      if (!from || state !== 'ready') return fault(`MAIL ${args} in ${state}`)
      mail = { from: from[1], to: [], signedIn }
      state = 'mail'
      return say('250 2.1.0 sender ok')
    }
    if (verb === 'RCPT') {
      const to = args.match(/^TO:<([^<>\s]+)@[^<>\s@]+>$/)
      if (!to || (state !== 'mail' && state !== 'rcpt')) return fault(`RCPT ${args} in ${state}`)
      mail.how = to[1]
      if (/^login/.test(to[1]) && !signedIn) return say('530 5.7.0 sign in first')
      if (to[1] === 'full') return say('452 4.2.2 mailbox full')
      if (to[1] === 'nobody') return say('550 5.1.1 nobody of that name')
      mail.to.push(args.slice(4, -1))
      state = 'rcpt'
      return say('250 2.1.5 recipient ok')
    }
    if (verb === 'DATA') {
      if (state !== 'rcpt') return fault(`DATA in ${state}`)
      state = 'data'
      mail.lines = []
      return say('354 go on')
    }
    return say('502 5.5.1 not here')
  }

  function text(line) {
    if (mail.how === 'cutbody') return socket.destroy()
    if (line !== '.') return void mail.lines.push(line.startsWith('.') ? line.slice(1) : line)
    state = 'ready'
    mail.text = mail.lines.join('\r\n')
    delete mail.lines
    if (mail.how === 'cutfinal') { box.see({ ...mail, said: 'nothing' }); return socket.destroy() }
    if (mail.how === 'silent') { box.see({ ...mail, said: 'nothing' }); return undefined }
    if (mail.how === 'later' && box.later-- > 0) { box.see({ ...mail, said: 451 }); return say('451 4.3.0 try again') }
    if (mail.how === 'spam') { box.see({ ...mail, said: 554 }); return say('554 5.7.1 not wanted') }
    if (mail.how === 'deaf') deaf = true
    box.see({ ...mail, said: 250 })
    return say('250 2.0.0 taken')
  }

  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const end = rest.indexOf(10)
      if (end < 0) break
      const raw = rest.subarray(0, end)
      rest = rest.subarray(end + 1)
      if (raw.length === 0 || raw[raw.length - 1] !== 13) return fault('a line without CR')
      const bytesOfLine = raw.subarray(0, raw.length - 1)
      if (bytesOfLine.length > 998) return fault('a line that is too long')
      if (bytesOfLine.some((b) => b > 126 || b === 13 || b === 0)) return fault('not seven bits')
      const line = bytesOfLine.toString('latin1')
      if (state === 'data') text(line)
      else if (login) login(line)
      else command(line)
      if (socket.destroyed) return undefined
    }
    return undefined
  })
  socket.on('error', () => {})
  say(box.closed ? '421 4.3.2 closed' : '220 peer ESMTP')
}

export async function start() {
  const box = { mails: [], faults: [], says: [], later: 1, closed: false }
  box.see = (mail) => { box.mails.push(mail); box.seen?.(mail) }
  const sockets = new Set()
  const server = net.createServer((s) => { sockets.add(s); s.on('close', () => sockets.delete(s)); dialogue(s, box) })
  await new Promise((done) => { server.listen(0, '127.0.0.1', done) })
  box.port = server.address().port
  box.url = `smtp://127.0.0.1:${box.port}`
  box.close = () => { for (const s of sockets) s.destroy(); server.close() }
  return box
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const box = await start()
  process.stdout.write(`${box.port}\n`)
}

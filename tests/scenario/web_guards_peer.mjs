// Raw peers for the guard tests: bytes in, bytes out, no client library that would be polite.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import net from 'node:net'

/** Starts the test server; settings as in web_server.c. stop() ends it by SIGTERM and gives its exit code. */
export async function startServer(settings = {}) {
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  // A small quarantine, so that the sanitizer's own memory does not look like a leak of ours.
  const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=4` }
  const child = spawn(process.env.WEB_SERVER, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let log = ''
  child.stderr.on('data', (bytes) => { log += bytes })
  const facts = {}
  const exited = new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code)))
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value] = line.split('=')
    facts[name] = value
    if (name === 'ready') break
  }
  if (!facts.ready) throw new Error(`the server did not start: ${facts.error} ${log}`)
  const server = {
    port: Number(facts.port),
    tlsPort: Number(facts.tls_port),
    pid: Number(facts.pid),
    log: () => log,
    exited,
    stop: () => { child.kill('SIGTERM'); return exited },
  }
  server.counters = async () => JSON.parse(body(await send(server.port, get('/counters', 'Connection: close\r\n'))))
  return server
}

export const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: here\r\n${more}\r\n`
export const post = (path, text, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: here\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`

/** A connection that keeps all it receives. `closed` resolves with 'eof' or the error's code. */
export function dial(port, { host = '127.0.0.1', localAddress, allowHalfOpen = false } = {}) {
  const socket = net.connect({ port, host, localAddress, allowHalfOpen })
  const chunks = []
  const waiting = new Set()
  const look = () => { for (const one of [...waiting]) one() }
  const peer = {
    socket,
    connected: new Promise((done, failed) => { socket.once('connect', done); socket.once('error', failed) }),
    bytes: () => Buffer.concat(chunks),
    text: () => peer.bytes().toString('latin1'),
    write: (data) => new Promise((done) => socket.write(data, done)),
    // Resolves as soon as `holds(text)` is true; rejects when the connection ends before.
    until: (holds) => new Promise((done, failed) => {
      const one = () => {
        if (holds(peer.text())) { waiting.delete(one); done(peer.text()) } else if (ended) { waiting.delete(one); failed(new Error(`ended with ${ended}: ${peer.text()}`)) }
      }
      waiting.add(one)
      one()
    }),
  }
  let ended
  peer.connected.catch(() => {})
  peer.closed = new Promise((done) => {
    const end = (how) => { ended ??= how; look(); done(ended) }
    socket.on('data', (bytes) => { chunks.push(bytes); look() })
    socket.on('end', () => end('eof'))
    socket.on('error', (error) => end(error.code))
    socket.on('close', () => end('eof'))
  })
  return peer
}

/** Sends bytes and gives everything up to the end of the connection. */
export async function send(port, data, options) {
  const peer = dial(port, options)
  await peer.write(data)
  await peer.closed
  peer.socket.destroy()
  return peer.text()
}

export const statuses = (text) => [...text.matchAll(/HTTP\/1\.[01] (\d{3}) [A-Z]/g)].map((m) => Number(m[1]))
export const body = (text) => Buffer.from(text.slice(text.lastIndexOf('\r\n\r\n') + 4), 'latin1').toString()
export const answered = (n) => (text) => {
  // n whole answers with Content-Length have come
  let at = 0
  for (let i = 0; i < n; i++) {
    const head = text.indexOf('\r\n\r\n', at)
    if (head < 0) return false
    const length = /content-length: (\d+)/i.exec(text.slice(at, head))
    at = head + 4 + Number(length?.[1] ?? 0)
    if (text.length < at) return false
  }
  return true
}

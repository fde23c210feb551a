// A strict OpenID provider of our own, node:crypto only: it takes one client with its secret in the header, one redirect_uri, PKCE by
// S256 alone, and gives each code once. `knobs` make the next token wrong in one way.
import assert from 'node:assert/strict'
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import http from 'node:http'
import { after } from 'node:test'

const b64 = (v) => Buffer.from(typeof v === 'string' || Buffer.isBuffer(v) ? v : JSON.stringify(v)).toString('base64url')

export class OpenId {
  static async open({ clientId = 'mashangdu-test', secret = 'geheim & grün+1' } = {}) {
    const o = Object.assign(new OpenId(), { clientId, secret, codes: new Map(), knobs: {} })
    o.keys = { rsa: o.key('rsa', 'rsa-1', { modulusLength: 2048 }), ec: o.key('ec', 'ec-1', { namedCurve: 'P-256' }) }
    o.strange = o.key('rsa', 'rsa-1', { modulusLength: 2048 }) // the same name, another key
    o.server = http.createServer((req, res) => { o.answer(req, res).catch((e) => { o.fault ??= e; res.writeHead(500).end() }) })
    await new Promise((done) => o.server.listen(0, '127.0.0.1', done))
    o.issuer = `http://127.0.0.1:${o.server.address().port}/realms/office`
    after(() => { o.server.closeAllConnections?.(); o.server.close() })
    return o
  }

  key(type, kid, options) {
    const pair = generateKeyPairSync(type, options)
    return { kid, alg: type === 'rsa' ? 'RS256' : 'ES256', private: pair.privateKey, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: type === 'rsa' ? 'RS256' : 'ES256' } }
  }

  sign(header, claims, key) {
    const text = `${b64(header)}.${b64(claims)}`
    return `${text}.${createSign('SHA256').update(text).sign({ key: key.private, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }

  async answer(req, res) {
    const at = new URL(req.url, this.issuer)
    const json = (status, body) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (this.knobs.silent) return req.socket.destroy()
    if (at.pathname === '/realms/office/.well-known/openid-configuration')
      return json(200, { issuer: this.knobs.site ?? this.issuer, authorization_endpoint: `${this.issuer}/auth`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/keys`,
        token_endpoint_auth_methods_supported: ['client_secret_basic'], id_token_signing_alg_values_supported: ['RS256', 'ES256'] })
    if (at.pathname === '/realms/office/keys') return json(200, { keys: Object.values(this.keys).map((k) => k.jwk) })
    // A browser: somebody is signed in here already, and goes back at once; `home` is where the gateway really listens.
    if (at.pathname === '/realms/office/auth') {
      const back = new URL(this.authorize(at.href, this.knobs.subject))
      return res.writeHead(302, { location: `${this.knobs.home ?? back.origin}${back.pathname}${back.search}` }).end()
    }
    if (at.pathname === '/realms/office/token' && req.method === 'POST') {
      let body = ''
      for await (const part of req) body += part
      return this.token(req, new URLSearchParams(body), json)
    }
    return json(404, {})
  }

  /** What the person's browser would meet at `auth`, with somebody signed in there: where it is sent back to. */
  authorize(location, subject) {
    const q = new URL(location).searchParams
    assert.ok(location.startsWith(`${this.issuer}/auth?`), location)
    assert.equal(q.get('response_type'), 'code')
    assert.equal(q.get('client_id'), this.clientId)
    assert.ok(q.get('scope').split(' ').includes('openid'))
    assert.equal(q.get('code_challenge_method'), 'S256')
    assert.match(q.get('code_challenge'), /^[\w-]{43}$/)
    assert.match(q.get('state'), /^[\w-]{43}$/)
    assert.match(q.get('nonce'), /^[\w-]{43}$/)
    this.redirect ??= q.get('redirect_uri')
    assert.equal(q.get('redirect_uri'), this.redirect)
    const code = randomBytes(24).toString('base64url')
    this.codes.set(code, { challenge: q.get('code_challenge'), nonce: q.get('nonce'), subject })
    return `${this.redirect}?${new URLSearchParams({ code, state: q.get('state'), iss: this.issuer })}`
  }

  token(req, form, json) {
    // Without a secret it is a public client, which says its name in the form; PKCE alone holds the code to it.
    const [name, secret] = this.secret === '' && !req.headers.authorization ? [form.get('client_id'), ''] : Buffer.from((req.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString().split(':').map(decodeURIComponent)
    const given = this.codes.get(form.get('code'))
    this.codes.delete(form.get('code'))
    if (name !== this.clientId || secret !== this.secret) return json(401, { error: 'invalid_client' })
    if (!given || form.get('grant_type') !== 'authorization_code' || form.get('redirect_uri') !== this.redirect ||
        createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url') !== given.challenge) return json(400, { error: 'invalid_grant' })
    return json(200, { access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', id_token: this.idToken(given) })
  }

  idToken({ nonce, subject }) {
    const k = this.knobs, now = Math.floor(Date.now() / 1000), key = k.key ?? this.keys.rsa
    const claims = { iss: this.issuer, aud: this.clientId, sub: subject, iat: now, exp: now + 300, nonce, ...k.claims }
    if (k.unsigned) return `${b64({ alg: 'none' })}.${b64(claims)}.`
    if (k.shared) { // the public key taken for a shared secret
      const text = `${b64({ alg: 'HS256', kid: 'rsa-1' })}.${b64(claims)}`
      return `${text}.${createHmac('sha256', Buffer.from(this.keys.rsa.jwk.n, 'base64url')).update(text).digest('base64url')}`
    }
    return this.sign({ alg: key.alg, kid: key.kid, typ: 'JWT' }, claims, key)
  }
}

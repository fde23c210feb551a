/* Does the proof of work of a form that came back because many are sending: the form may then be sent at once. Without script,
 * or when this fails, waiting does the same. SHA-256 by hand, for old browsers have none on a plain page. */
(function () {
  'use strict'
  var field = document.getElementById('altcha')
  var note = document.getElementById('altcha-note')
  if (!field || !window.Uint8Array || !window.JSON || !window.btoa) return
  var challenge = JSON.parse(field.getAttribute('data-challenge'))
  var want = challenge.parameters

  var K = []
  var H0 = []
  var primes = 0
  for (var n = 2; primes < 64; n++) {
    var prime = true
    for (var d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (!prime) continue
    if (primes < 8) H0[primes] = (Math.sqrt(n) % 1 * 4294967296) | 0
    K[primes++] = (Math.pow(n, 1 / 3) % 1 * 4294967296) | 0
  }

  function word(hex, at) { return parseInt(hex.substr(at, 8), 16) | 0 }

  /* One block: salt, nonce and counter are 36 bytes. */
  var block = new Array(64)
  for (var i = 0; i < 4; i++) block[i] = word(want.salt, i * 8)
  for (i = 0; i < 4; i++) block[4 + i] = word(want.nonce, i * 8)
  block[9] = 0x80000000 | 0
  for (i = 10; i < 15; i++) block[i] = 0
  block[15] = 36 * 8

  function hash(counter) {
    var w = block
    w[8] = counter | 0
    var a = H0[0], b = H0[1], c = H0[2], d = H0[3], e = H0[4], f = H0[5], g = H0[6], h = H0[7]
    for (var t = 0; t < 64; t++) {
      if (t > 15) {
        var x = w[t - 15], y = w[t - 2]
        w[t] = (((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[t - 7] +
          ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) + w[t - 16]) | 0
      }
      var one = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[t] + w[t]) | 0
      var two = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c)) | 0
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0
    }
    return [a, b, c, d, e, f, g, h]
  }

  function hex(words) {
    var s = ''
    for (var j = 0; j < 8; j++) s += ('0000000' + ((words[j] + H0[j]) >>> 0).toString(16)).slice(-8)
    return s
  }

  var counter = 0
  var bits = want.keyPrefix.length * 4
  function some() {
    var end = new Date().getTime() + 30
    while (new Date().getTime() < end) {
      for (var k = 0; k < 200; k++, counter++) {
        var words = hash(counter)
        /* The first word alone tells about prefixes of up to eight digits. */
        if ((words[0] + H0[0]) >>> (32 - bits)) continue
        field.value = btoa(JSON.stringify({ challenge: challenge, solution: { counter: counter, derivedKey: hex(words) } }))
        if (note) note.innerHTML = note.getAttribute('data-done')
        return
      }
    }
    setTimeout(some, 5)
  }
  if (want.algorithm === 'SHA-256' && want.cost === 1 && /^0{1,7}$/.test(want.keyPrefix)) some()
})()

// Files as phones send them, made here byte by byte: nothing in them comes from a person.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b }
const crc = crc32 ?? ((b) => { let c = ~0; for (const x of b) { c ^= x; for (let k = 0; k < 8; k++) c = c >>> 1 ^ (c & 1 ? 0xedb88320 : 0) } return ~c >>> 0 })
const chunk = (type, data) => Buffer.concat([u32(data.length), Buffer.from(type), data, u32(crc(Buffer.concat([Buffer.from(type), data])))])

/** A PNG of a pattern; head: only what it claims to be, over a few bytes of nothing. */
export function png(width, height, { alpha = false, text, head = false, grey = false } = {}) {
  const n = grey ? 1 : alpha ? 4 : 3
  const ihdr = Buffer.concat([u32(width), u32(height), Buffer.from([8, grey ? 0 : alpha ? 6 : 2, 0, 0, 0])])
  const rows = head ? Buffer.alloc(1000) : Buffer.alloc(height * (1 + width * n))
  if (!head) for (let y = 0; y < height; y++) for (let x = 0; x < width * n; x++) rows[y * (1 + width * n) + 1 + x] = (x * 7 + y * 13 + (x * y >> 4)) & 255
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', ihdr),
    ...(text ? [chunk('tEXt', Buffer.from(`Comment\0${text}`, 'latin1'))] : []), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

/** Through the tools of libwebp and libheif. */
export function convert(bytes, from, to) {
  const dir = mkdtempSync(join(tmpdir(), 'msd-pictures-'))
  try {
    const src = join(dir, `a.${from}`), dst = join(dir, `b.${to}`)
    writeFileSync(src, bytes)
    if (to === 'webp') execFileSync('cwebp', ['-quiet', src, '-o', dst])
    else if (to === 'heic') execFileSync('heif-enc', [src, '-o', dst], { stdio: 'ignore' })
    else execFileSync('heif-convert', [src, dst], { stdio: 'ignore' })
    return readFileSync(dst)
  } finally { rmSync(dir, { recursive: true, force: true }) }
}

/** TIFF as Exif has it: orientation 6 (turn right), a maker, and where it was taken. */
function tiff(maker) {
  const ascii = Buffer.from(`${maker}\0`)
  const entry = (tag, type, count, value) => { const b = Buffer.alloc(12); b.writeUInt16LE(tag, 0); b.writeUInt16LE(type, 2); b.writeUInt32LE(count, 4); if (typeof value === 'number') b.writeUInt32LE(value, 8); else value.copy(b, 8); return b }
  const gpsAt = 8 + 2 + 3 * 12 + 4 + ascii.length + (ascii.length & 1), ratAt = gpsAt + 2 + 4 * 12 + 4
  const rational = (...v) => Buffer.concat(v.map(([a, b]) => { const r = Buffer.alloc(8); r.writeUInt32LE(a, 0); r.writeUInt32LE(b, 4); return r }))
  const count = (n) => { const b = Buffer.alloc(2); b.writeUInt16LE(n); return b }
  return Buffer.concat([Buffer.from('49492a0008000000', 'hex'), count(3), entry(0x010f, 2, ascii.length, 8 + 2 + 36 + 4), entry(0x0112, 3, 1, 6), entry(0x8825, 4, 1, gpsAt), Buffer.alloc(4),
    ascii, Buffer.alloc(ascii.length & 1), count(4), entry(1, 2, 2, Buffer.from('N\0')), entry(2, 5, 3, ratAt), entry(3, 2, 2, Buffer.from('E\0')), entry(4, 5, 3, ratAt + 24), Buffer.alloc(4),
    rational([31, 1], [14, 1], [123456, 10000], [121, 1], [28, 1], [654321, 10000])])
}
export const exif = (jpeg, maker) => {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff(maker)])
  const size = Buffer.alloc(2); size.writeUInt16BE(body.length + 2)
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1]), size, body, jpeg.subarray(2)])
}
export const gpsMark = (() => { const b = Buffer.alloc(8); b.writeUInt32LE(123456, 0); b.writeUInt32LE(10000, 4); return b })()

/** One frame of w × h, a single colour; frames: the same again. */
export function gif(w, h, frames = 1) {
  const u16 = (n) => Buffer.from([n & 255, n >> 8])
  // Codes of 3 bits, a clear code before every pixel, so that the table never grows.
  const bits = []
  const put = (v) => { for (let i = 0; i < 3; i++) bits.push(v >> i & 1) }
  for (let i = 0; i < w * h; i++) { put(4); put(1) }
  put(5)
  const data = Buffer.alloc(Math.ceil(bits.length / 8))
  bits.forEach((b, i) => { data[i >> 3] |= b << (i & 7) })
  const blocks = []
  for (let i = 0; i < data.length; i += 255) blocks.push(Buffer.from([Math.min(255, data.length - i)]), data.subarray(i, i + 255))
  const frame = Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0]), u16(w), u16(h), Buffer.from([0, 2]), ...blocks, Buffer.from([0])])
  return Buffer.concat([Buffer.from('GIF89a'), u16(w), u16(h), Buffer.from([0x81, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]), ...Array(frames).fill(frame), Buffer.from([0x3b])])
}
/** A GIF that claims a size and holds next to nothing. */
export const gifHead = (w, h) => { const g = gif(2, 2); for (const at of [6, 30]) { g.writeUInt16LE(w, at); g.writeUInt16LE(h, at + 2) } return g }
/** An animated WebP whose head claims 16383 × 16383. */
export function webpHead() {
  const vp8x = Buffer.alloc(18); vp8x.write('VP8X', 0); vp8x.writeUInt32LE(10, 4); vp8x[8] = 2; vp8x.writeUIntLE(16382, 12, 3); vp8x.writeUIntLE(16382, 15, 3)
  const anim = Buffer.alloc(14); anim.write('ANIM', 0); anim.writeUInt32LE(6, 4)
  const body = Buffer.concat([Buffer.from('WEBP'), vp8x, anim])
  const size = Buffer.alloc(4); size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from('RIFF'), size, body])
}

export const box = (type, ...parts) => { const b = Buffer.concat(parts.map((p) => (Buffer.isBuffer(p) ? p : Buffer.from(p, 'latin1')))); return Buffer.concat([u32(8 + b.length), Buffer.from(type, 'latin1'), b]) }
const zeros = (n) => Buffer.alloc(n)
const full = (type, ...parts) => box(type, zeros(4), ...parts)
/** A short film: one picture track, one track of places between its samples, a box with the place, times, a maker. */
export function mp4(secret) {
  const frame = Buffer.from('a frame of the film, nothing but bytes'), place = Buffer.from(`place ${secret}`)
  const ftyp = box('ftyp', 'isom', zeros(4), 'isommp42')
  const track = (handler, at, sample) => box('trak',
    full('tkhd', u32(3900000001), u32(3900000002), u32(1), zeros(60), u32(640 << 16), u32(480 << 16)),
    box('mdia', full('mdhd', u32(3900000001), u32(3900000002), u32(1000), u32(1000), zeros(4)), full('hdlr', zeros(4), handler, zeros(12), `${secret} handler\0`),
      box('minf', full('vmhd', zeros(8)), box('dinf', full('dref', u32(1), box('url ', Buffer.from([0, 0, 0, 1])))),
        box('stbl', full('stsd', u32(1), box('avc1', zeros(42), `${secret}`.padEnd(32, '\0'), zeros(4))), full('stts', u32(1), u32(1), u32(1000)),
          full('stsc', u32(1), u32(1), u32(1), u32(1)), full('stsz', u32(0), u32(1), u32(sample.length)), full('stco', u32(1), u32(at))))))
  const mdat = box('mdat', frame, place), at = ftyp.length + 8
  const moov = box('moov', full('mvhd', u32(3900000001), u32(3900000002), u32(1000), u32(1000), zeros(80)), track('vide', at, frame), track('meta', at + frame.length, place),
    box('udta', box('\xa9xyz', `${secret}+31.2304+121.4737/`)), box('meta', secret))
  return Buffer.concat([ftyp, mdat, moov, box('uuid', zeros(16), secret)])
}

const vint = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n) | 1n << 56n); return b }
const el = (id, ...parts) => { const b = Buffer.concat(parts.map((p) => (Buffer.isBuffer(p) ? p : Buffer.from(p)))); return Buffer.concat([Buffer.from(id, 'hex'), vint(b.length), b]) }
export function webm(secret) {
  return Buffer.concat([Buffer.from('1a45dfa3', 'hex'), Buffer.from([0x87]), Buffer.from([0x42, 0x82, 0x84]), Buffer.from('webm'),
    el('18538067', el('1549a966', el('2ad7b1', Buffer.from([15, 66, 64])), el('7ba9', secret), el('4d80', secret), el('5741', secret)),
      el('1654ae6b', el('ae', el('d7', Buffer.from([1])), el('83', Buffer.from([1])), el('536e', secret), el('86', 'V_VP8'), el('e0', el('b0', Buffer.from([2, 128])), el('ba', Buffer.from([1, 224]))))),
      el('1f43b675', el('e7', Buffer.from([0])), el('a3', Buffer.from([0x81, 0, 0, 0x80, 1, 2, 3]))), el('1254c367', el('7373', secret)))])
}

/** multipart/form-data as a browser writes it: {field: text} and files [{field, name, type, bytes}]. */
export function multipart(fields, files) {
  const line = '----WebKitFormBoundaryX7mQ2vT9pLk4'
  const parts = []
  for (const [k, v] of Object.entries(fields)) parts.push(Buffer.from(`--${line}\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`))
  for (const f of files) parts.push(Buffer.from(`--${line}\r\nContent-Disposition: form-data; name="${f.field ?? 'files'}"; filename="${f.name ?? 'IMG_0001.jpg'}"\r\nContent-Type: ${f.type ?? 'image/jpeg'}\r\n\r\n`), f.bytes, Buffer.from('\r\n'))
  parts.push(Buffer.from(`--${line}--\r\n`))
  return { body: Buffer.concat(parts), headers: { 'content-type': `multipart/form-data; boundary=${line}` } }
}

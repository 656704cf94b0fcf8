import { crc32, deflateSync, inflateSync } from 'node:zlib'

/*
 * Pictures of screens are mostly a few colours; what else is in them are the edges of letters. With a palette of 256 they
 * are a third as large, and nobody sees the difference.
 */
const channels = 3
const signature = 8

type Picture = { readonly width: number; readonly height: number; readonly pixels: Buffer }

/** The same picture with at most 256 colours. Takes what a browser writes: 8 bits of red, green and blue, not interlaced. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png)
  const palette = paletteOf(pixels)
  const nearest = new Map<number, number>()
  const rows = Buffer.alloc((width + 1) * height) // each row begins with its filter: none
  for (let i = 0; i < width * height; i += 1) {
    const colour = pixels.readUIntBE(i * channels, channels)
    const known = nearest.get(colour)
    const index = known ?? nearestIn(palette, colour)
    if (known === undefined) nearest.set(colour, index)
    rows[i + Math.floor(i / width) + 1] = index
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3], 8) // 8 bits into a palette
  const colours = Buffer.alloc(palette.length * channels)
  palette.forEach((colour, i) => colours.writeUIntBE(colour, i * channels, channels))
  return Buffer.concat([
    png.subarray(0, signature),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The colours that occur most, of each group of very similar ones the first. */
function paletteOf(pixels: Buffer): readonly number[] {
  const counts = new Map<number, number>()
  for (let i = 0; i < pixels.length; i += channels) {
    const colour = pixels.readUIntBE(i, channels)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const groups = new Map<number, number>()
  for (const [colour] of [...counts].toSorted(([, a], [, b]) => b - a)) {
    const group = colour & 0xf8f8f8
    if (groups.size < 256 && !groups.has(group)) groups.set(group, colour)
  }
  return [...groups.values()]
}

function nearestIn(palette: readonly number[], colour: number): number {
  const distance = (other: number) =>
    [16, 8, 0].reduce((sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0)
  const distances = palette.map(distance)
  return distances.indexOf(Math.min(...distances))
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

function decode(png: Buffer): Picture {
  const parts: Buffer[] = []
  let header = png
  for (let at = signature; at < png.length; at += png.readUInt32BE(at) + 12) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IHDR') header = data
    if (type === 'IDAT') parts.push(data)
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  if (header.readUIntBE(8, 5) !== 0x08_02_00_00_00)
    throw new Error('this is not a picture as a browser takes it')
  return { width, height, pixels: unfilter(inflateSync(Buffer.concat(parts)), width * channels, height) }
}

/** Undoes the filters of the rows (PNG, section 9). */
function unfilter(raw: Buffer, row: number, height: number): Buffer {
  const pixels = Buffer.alloc(row * height)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (row + 1)] ?? 0
    for (let x = 0; x < row; x += 1) {
      const at = y * row + x
      const left = x < channels ? 0 : (pixels[at - channels] ?? 0)
      const up = pixels[at - row] ?? 0
      const before = x < channels ? 0 : (pixels[at - row - channels] ?? 0)
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, before)][filter] ?? 0
      pixels[at] = (raw[y * (row + 1) + 1 + x] ?? 0) + predicted
    }
  }
  return pixels
}

function paeth(left: number, up: number, before: number): number {
  const guess = left + up - before
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - before)]
  return a <= b && a <= c ? left : b <= c ? up : before
}

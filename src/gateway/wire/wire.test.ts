import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayConnect } from '../../kernel/connectable.ts'
import { isWithin } from '../address.ts'
import { decodeUtf8, readExactTree } from './json.ts'
import { Repeat } from './repeat.ts'
import { replaceStrings } from './splice.ts'
import { SseFramer, sseText } from './sse.ts'

test('any JSON of any layout is read to the tree that JSON.parse sees', () => {
  let withEscapes = 0
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 3), (tree, indent) => {
      const text = JSON.stringify(tree, null, indent)
      const read = readExactTree(text)
      if (text.includes('\\')) withEscapes += 1
      expect(read).toEqual({ ok: true, tree: JSON.parse(text), numbers: [] })
    }),
    { numRuns: 500 },
  )
  expect(withEscapes).toBeGreaterThan(20)
})

test.each([
  ['[4111111111111111]', []],
  ['[ 4111111111111111 ]', []],
  ['[ 41111111111111111111 ]', ['41111111111111111111']],
  ['[ 4111.1111e3, 1.0, 0.10 ]', ['4111.1111e3']],
])('long numbers of %s that the tree does not hold: %j', (text, numbers) => {
  const read = readExactTree(text)
  expect(read.ok && read.numbers).toEqual(numbers)
})

test('law: strings are replaced in their place and every other unit stays', () => {
  const law = fc.property(
    fc.jsonValue(),
    fc.constantFrom(0, 2),
    fc.infiniteStream(fc.boolean()),
    (tree, indent, picks) => {
      const text = JSON.stringify(tree, null, indent)
      const edits = new Map<string, string>()
      const expected = replaced(JSON.parse(text), '', (path, value) => {
        if (picks.next().value !== true) return value
        edits.set(path, `${value}"\\é`)
        return `${value}"\\é`
      })
      expect(replaceStrings(text, edits)).toBe(JSON.stringify(expected, null, indent))
    },
  )
  fc.assert(law, { numRuns: 500 })
  expect(() => replaceStrings('{"a":1}', new Map([['/a', 'b']]))).toThrow('no string')
})

function replaced(value: unknown, path: string, edit: (path: string, value: string) => string): unknown {
  if (typeof value === 'string') return edit(path, value)
  if (Array.isArray(value)) return value.map((item, n) => replaced(item, `${path}/${n}`, edit))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return [name, replaced(member, at, edit)]
    }),
  )
}

test('a duplicate member is found at any depth and in any spelling', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), fc.boolean(), (name, depth, escaped) => {
      const plain = JSON.stringify(name)
      const units = Array.from({ length: name.length }, (_, n) => name.charCodeAt(n))
      const spelled = `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
      const text = `${'[{"a":'.repeat(depth)}{${plain}:1,${escaped ? spelled : plain}:2}${'}]'.repeat(depth)}`
      expect(readExactTree(text)).toEqual({ ok: false, fault: 'duplicate_key' })
    }),
  )
})

test.each([
  ['"\\ud83d\\ude00"', true],
  ['"\\ude00\\ud83d"', false],
  [`{"a\\udc00":1}`, false],
  [`${'['.repeat(64)}${']'.repeat(64)}`, true],
  [`${'['.repeat(65)}${']'.repeat(65)}`, false],
  ['{"__proto__":{"x":1},"__proto__":2}', false],
  ['1 2', false],
])('%s', (text, isRead) => {
  expect(readExactTree(text).ok).toBe(isRead)
})

test('law: whatever repeats an exact text is exact, and differs from it in one string', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.constantFrom(
      '',
      '"',
      '\\',
      '\n',
      '","content":"',
      '","x":{"content":"',
      'a\\"content":"b',
      '\\u0041',
      '\u007f',
    ),
  )
  const shape = fc.constantFrom(
    (text: string) => `{"choices":[{"delta":{"content":${text}}}]}`,
    (text: string) => `{"content":${text},"content2":"y","z":[1]}`,
    (text: string) => `{"content":"x","d":{"content":${text}},"\\"content":1}`,
    (text: string) => `{ "b":${text} }`,
    (text: string) => `{"a\\"content":${text}}`,
  )
  const line = fc.tuple(shape, piece, fc.boolean()).map(([write, text, isRaw]) => {
    return write(isRaw ? `"${text}"` : JSON.stringify(text))
  })
  let covered = 0
  const law = fc.property(fc.array(line, { minLength: 2, maxLength: 12 }), (lines) => {
    const repeat = new Repeat('"content":"')
    let learnt: unknown = null
    for (const text of lines) {
      const read = readExactTree(text)
      const piece = repeat.read(text)
      if (piece !== null) {
        covered += 1
        expect(text).toContain(`"content":"${piece}"`)
        expect(read.ok).toBe(true)
        expect(read.ok ? stringsIn(read.tree) : []).toHaveLength(stringsIn(learnt).length)
      } else if (read.ok) {
        const content = /.*"content":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
        repeat.learn(text, content ?? 'none')
        learnt = read.tree
      }
    }
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(covered).toBeGreaterThan(200)
})

function stringsIn(tree: unknown): readonly string[] {
  return JSON.stringify(tree).match(/"(?:[^"\\]|\\.)*"/g) ?? []
}

test('bytes that are not UTF-8 are not decoded', () => {
  expect(decodeUtf8(Uint8Array.of(0xc0, 0x80))).toBeNull()
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b))).toBeNull()
})

test('events do not depend on how the bytes were split, nor on the kind of line end', () => {
  let splitInside = 0
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ' '))),
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (texts, lineEnd, sizes) => {
        const bytes = Buffer.from(
          texts
            .map((data) => `: note\n${sseText({ name: data.length % 2 === 0 ? 'a.b' : null, data })}`)
            .join('')
            .replaceAll('\n', lineEnd),
        )
        const framer = new SseFramer()
        const found: string[] = []
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value ?? 1
          for (const frame of framer.push(bytes.subarray(at, at + size))) {
            expect(frame.k).not.toBe('garbage')
            if (frame.k === 'event') found.push(frame.event.data)
          }
          at += size
          if (at < bytes.length) splitInside += 1
        }
        expect(found).toEqual(texts)
        expect(framer.isAtRest).toBe(true)
      },
    ),
  )
  expect(splitInside).toBeGreaterThan(100)
})

test.each([
  'event: x y\n',
  'event: x\nevent: x\n',
  'event: x\n\n',
  'id: 1\n',
  'data\n',
  '<html>\n',
  '\ufffe\n',
])('garbage: %j', (text) => {
  expect(new SseFramer().push(Buffer.from(text))).toEqual([{ k: 'garbage' }])
})

test.each([
  ['127.0.0.1', [], false],
  ['127.0.0.1', ['127.0.0.0/8'], true],
  ['10.1.2.3', ['127.0.0.0/8'], false],
  ['169.254.169.254', [], false],
  ['::1', [], false],
  ['::ffff:10.0.0.1', [], false],
  ['::ffff:7f00:1', [], false],
  ['fd00::1', [], false],
  ['fe80::1', [], false],
  ['64:ff9b::7f00:1', [], false],
  ['93.184.216.34', [], true],
  ['2606:4700::1111', [], true],
  ['localhost', ['127.0.0.0/8'], false],
  ['127.0.0.1', ['127.0.0.0/99'], false],
])('connect to %s with %j: %s', (address, allowed, expected) => {
  expect(mayConnect(address, allowed)).toBe(expected)
})

test('sources are compared as addresses', () => {
  expect(isWithin('::ffff:192.0.2.7', ['192.0.2.0/24'])).toBe(true)
  expect(isWithin('192.0.3.7', ['192.0.2.0/24', 'nonsense'])).toBe(false)
})

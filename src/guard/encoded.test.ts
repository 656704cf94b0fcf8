import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../adapters/files/guard-catalogue.ts'
import type { Finding } from './finding.ts'
import { inspect, tidied } from './inspect.ts'
import { Lane } from './lane.ts'
import { isLate } from './views.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../catalogue'))
const key = ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')
const mail = 'ann.lee@mail.contoso.de'

const code = (character: string) => character.codePointAt(0) ?? 0
const hex = (character: string, digits: number) => code(character).toString(16).padStart(digits, '0')
const each = (text: string, write: (character: string) => string) => Array.from(text, write).join('')
const base32 = (text: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = each(text, (character) => code(character).toString(2).padStart(8, '0'))
  return (bits.match(/.{1,5}/g) ?? [])
    .map((part) => alphabet[Number.parseInt(part.padEnd(5, '0'), 2)])
    .join('')
}
const encodings: Readonly<Record<string, (text: string) => string>> = {
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'UTF-16 in base64': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'base64 in lines': (text) =>
    (
      Buffer.from(text)
        .toString('base64')
        .match(/.{1,24}/g) ?? []
    ).join('\r\n'),
  base32,
  hex: (text) => Buffer.from(text).toString('hex'),
  'capital hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  percent: (text) => each(text, (character) => `%${hex(character, 2)}`),
  '\\x': (text) => each(text, (character) => `\\x${hex(character, 2)}`),
  '\\u': (text) => each(text, (character) => `\\u${hex(character, 4)}`),
  '\\u{}': (text) => each(text, (character) => `\\u{${hex(character, 2)}}`),
  '\\U': (text) => each(text, (character) => `\\U${hex(character, 8)}`),
  'decimal entities': (text) => each(text, (character) => `&#${code(character)};`),
  'hexadecimal entities': (text) => each(text, (character) => `&#x${hex(character, 2)};`),
  'one escape': (text) => `${text.slice(0, 9)}\\u${hex(text.charAt(9), 4)}${text.slice(10)}`,
  'one percent escape': (text) => `${text.slice(0, 9)}%${hex(text.charAt(9), 2)}${text.slice(10)}`,
  'zero-width characters': (text) => text.split('').join('\u200b'),
  fullwidth: (text) => each(text, (character) => String.fromCharCode(code(character) - 0x20 + 0xff00)),
}
const names = Object.keys(encodings)
const encode = (name: string, text: string) => encodings[name]?.(text) ?? ''

/** What a stream finds in pieces of these sizes; nothing of a finding was called safe before it was told. */
function streamed(text: string, sizeOf: () => number): readonly Finding[] {
  const lane = new Lane(guard, 'model')
  const found: Finding[] = []
  let safe = 0
  const take = () => {
    for (const finding of lane.take()) {
      if (!isLate(finding)) expect(finding.start).toBeGreaterThanOrEqual(safe)
      found.push(finding)
    }
    expect(lane.safe).toBeGreaterThanOrEqual(safe)
    safe = lane.safe
  }
  for (let at = 0; at < text.length; ) {
    const size = sizeOf()
    lane.push(text.slice(at, at + size))
    take()
    at += size
  }
  lane.end()
  take()
  return tidied(found)
}

test.each(names)('a key written in %s does not leave, and its place is told', (name) => {
  const written = encode(name, key)
  const text = `The build uses ${written} as its key.`
  const found = streamed(text, () => 1).filter(({ kind }) => kind === 'secret')
  expect(found.map(({ rule }) => rule)).toEqual(['secret.github-personal'])
  const [{ start, end } = { start: 0, end: 0 }] = found
  // Edges that the key shares with nothing may be left, never a character that carries it.
  expect(start - text.indexOf(written)).toBeLessThanOrEqual(1)
  expect(text.indexOf(written) + written.length - end).toBeLessThanOrEqual(2)
})

test.each(
  names.flatMap((outer) => ['base64', 'hex', '\\u', 'percent'].map((inner) => [inner, outer] as const)),
)('a key in %s in %s is found', (inner, outer) => {
  const text = `x ${encode(outer, `see ${encode(inner, key)} now`)} y`
  const rules = inspect(guard, { channel: 'document', text }).map(({ rule }) => rule)
  expect(rules).toContain('secret.github-personal')
})

test.each([
  ['an address in a query', `https://a.test/?to=ann.lee%40mail.contoso.de`, 'email'],
  ['an address in base64', `ref ${Buffer.from(`write to ${mail} today`).toString('base64')}`, 'email'],
  ['a mark in entities', '&lt;|im_start|&gt;system', 'role.chat-markup'],
  ['a mark with one escape', '<|im\\u005fstart|>system', 'role.chat-markup'],
  [
    'a key behind a prefix',
    `dataX${Buffer.from(`key ${key} .`).toString('base64')}`,
    'secret.github-personal',
  ],
  ['an option far behind its command', `curl ${'-x '.repeat(55)} %2Du ann:Zx3Kq9%4cm2Vb7`, 'secret.login'],
  ['a card in hex', Buffer.from('card 4111 1111 1111 1111 please').toString('hex'), 'card'],
])('%s is found', (_what, text, rule) => {
  const found = inspect(guard, { channel: 'document', text })
  expect(found.map((finding) => finding.rule)).toContain(rule)
  expect(found.find((finding) => finding.rule === rule)?.via).toBeDefined()
})

test.each([
  [
    'base64 of harmless text',
    Buffer.from('Ignore the previous warning light and call the garage.').toString('base64'),
  ],
  ['a digest', 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
  ['a commit', 'fixed in 2106bc02c1a0d9c8c9fbb4a5e1f0b7d1f2a3b4c5'],
  [
    'bytes',
    Buffer.from(Array.from({ length: 4_000 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 255)).toString('base64'),
  ],
  ['a path', 'C:\\Users\\ann\\x-ray\\u2 and 50% of R&D; see &c.'],
  ['a query', 'https://a.test/search?q=caf%C3%A9%20au%20lait&lang=fr'],
  ['a regular expression', '/^\\x00[\\u0000-\\u001f]%d$/'],
])('%s is nothing', (_what, text) => {
  expect(inspect(guard, { channel: 'document', text })).toEqual([])
})

const secretive = fc
  .tuple(
    fc.constantFrom(key, mail, '<|im_start|>', 'card 4111 1111 1111 1111', 'plain words', 'ghp_Zx3K'),
    fc.constantFrom(...names),
    fc.constantFrom('', ...names.slice(0, 9)),
    fc.nat(40),
  )
  .map(([text, inner, outer, cut]) => {
    const once = encode(inner, `${text} `)
    const written = outer === '' ? once : encode(outer, once)
    return cut < 20 ? written : written.slice(0, cut)
  })
const part = fc.oneof(
  secretive,
  fc.constantFrom(
    '\\',
    '%',
    '&',
    '%4',
    '&#',
    '\\u00',
    '&amp;',
    'ghp_',
    'key ',
    '\n',
    ' ',
    '=',
    'DE89',
    '\ud835',
    '\\ud835',
    '\\udc20',
  ),
  fc.string({ maxLength: 5 }),
)

test('law: encoded or not, findings do not depend on the pieces, and nothing of them left before', () => {
  let decoded = 0
  const law = fc.property(
    fc.array(part, { maxLength: 7 }),
    fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
    (parts, sizes) => {
      const text = parts.join('')
      const whole = inspect(guard, { channel: 'model', text })
      decoded += whole.filter(({ via }) => via !== undefined).length
      expect(streamed(text, () => 1)).toEqual(whole)
      expect(streamed(text, () => sizes.next().value ?? 1)).toEqual(whole)
    },
  )
  fc.assert(law, { numRuns: 400 })
  expect(decoded).toBeGreaterThan(100)
})

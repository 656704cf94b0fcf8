import * as fc from 'fast-check'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../../adapters/files/guard-catalogue.ts'
import { hmacSha256 } from '../../kernel/index.ts'
import { identifierNames } from '../identifiers/names.ts'
import { inspect } from '../inspect.ts'
import type { Span } from '../text.ts'
import { isSameValue, proposed } from './issue.ts'
import { canReturn, normalForm } from './normal-form.ts'
import { longestPlaceholder, placeholderOf, PlaceholderScan, placeholdersIn, typeOf } from './placeholder.ts'
import { restored } from './restore.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../../catalogue'))
const codeOf = (key: string) => (text: string) => hmacSha256(Buffer.from(key), text)

test.each([
  ['email', 'Ann.Lee@Mail.Contoso.DE', 'Ann.Lee@mail.contoso.de'],
  ['card', '4111-1111 1111 1111', '4111111111111111'],
  ['card', '4111 1111 1111 1111', '4111111111111111'],
  ['phone', '+49 (30) 901820', '+4930901820'],
  ['phone', '0049 30 901820', '+4930901820'],
  ['phone', '030 901820', '030901820'],
  ['iban', 'de89 3704 0044 0532 0130 00', 'DE89370400440532013000'],
  ['us.ssn', '536-22-1234', '536221234'],
  ['btc.base58', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2'],
  ['text', '[EMAIL_7K2FQ]', '[EMAIL_7K2FQ]'],
])('the normal form of %s `%s`', (rule, written, normal) => {
  expect(normalForm(rule, written)).toBe(normal)
  expect(normalForm(rule, normalForm(rule, written))).toBe(normal)
})

test.each([
  ['date-of-birth', '1.12.1985', '11.2.1985'],
  ['ipv6', '2a02:8070::1:2', '2a02:8070::12'],
  ['vehicle-plate', 'B-AB 12', 'BA-B 12'],
  ['health.record', '12-345-67', '123-45-67'],
  ['btc.base58', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '1bvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2'],
])('of %s each sign counts: `%s` is not `%s`', (rule, one, other) => {
  expect(isSameValue(rule, one, one)).toBe(true)
  expect(isSameValue(rule, one, other)).toBe(false)
})

test('the stop of a sentence belongs to no address', () => {
  for (const stop of ['.', '...', '.-', '.)']) {
    const found = inspect(guard, { channel: 'user', text: `to ann@contoso.de${stop} Then` })
    expect(found.map(({ start, end }) => [start, end])).toEqual([[3, 17]])
  }
})

test('what needs an escape in JSON, or is long, is masked for good', () => {
  for (const value of ['a"b', 'a\\b', 'a\nb', 'a\ud800b', 'x'.repeat(513)])
    expect(canReturn(value)).toBe(false)
  expect(canReturn('+49 (30) 901820 – ü')).toBe(true)
})

test('golden: the same key, type and value give the same placeholder everywhere', () => {
  const code = codeOf('key')
  expect(proposed(code, { rule: 'email', written: 'ann@Contoso.de' }, 0)).toBe('[EMAIL_EQ2ZB]')
  expect(proposed(code, { rule: 'email', written: 'ann@contoso.de' }, 0)).toBe('[EMAIL_EQ2ZB]')
  expect(placeholderOf('CARD', Uint8Array.of(0xff, 0xff, 0xff, 0x80))).toBe('[CARD_77777]')
  expect(placeholderOf('CARD', Uint8Array.of(0, 0, 0, 0x7f))).toBe('[CARD_AAAAA]')
})

test.each([
  ['[EMAIL_7K2FQ]', 1],
  ['[US_SSN_AAAAA] and [CARD_ZZ777].', 2],
  ['[[EMAIL_7K2FQ]]', 1],
  ['[EMAIL_7K2FQ', 0],
  ['[email_7k2fq]', 0],
  ['[EMAIL_7K2F]', 0],
  ['[EMAIL_7K2F1]', 0],
  ['[EMAIL]', 0],
  ['[_7K2FQ]', 0],
  ['[7_7K2FQ]', 0],
  ['[EMAIL 7K2FQ]', 0],
  [`[${'A'.repeat(25)}_7K2FQ]`, 0],
  [`[${'A'.repeat(24)}_7K2FQ]`, 1],
])('in %s stand %i placeholders', (text, count) => {
  expect(placeholdersIn(text)).toHaveLength(count)
})

const part = fc.oneof(
  fc.constantFrom(
    '[',
    ']',
    '_',
    '[EMAIL_7K2FQ]',
    '[EMAIL_7K2FQ',
    '_7K2FQ]',
    'EMAIL',
    '[US_SSN_',
    'AAAAA',
    '[[',
    ' ',
  ),
  fc.string({ maxLength: 4 }),
)

test('law: what is found depends on no piece, and nothing of it was called safe before', () => {
  let found = 0
  const law = fc.property(
    fc.array(part, { maxLength: 12 }),
    fc.integer({ min: 1, max: 5 }),
    (parts, size) => {
      const text = parts.join('')
      const scan = new PlaceholderScan()
      const spans: Span[] = []
      let safe = 0
      for (let at = 0; at < text.length; at += size) {
        const piece = text.slice(at, at + size)
        for (const span of scan.push(piece)) {
          expect(span.start).toBeGreaterThanOrEqual(safe)
          spans.push(span)
        }
        expect(scan.safe).toBeGreaterThanOrEqual(safe)
        expect(at + piece.length - scan.safe).toBeLessThan(longestPlaceholder)
        safe = scan.safe
      }
      scan.end()
      expect(scan.safe).toBe(text.length)
      expect(spans).toEqual(placeholdersIn(text))
      found += spans.length
    },
  )
  fc.assert(law, { numRuns: 2_000 })
  expect(found).toBeGreaterThan(200)
})

test('law: no detector takes a placeholder of any type for anything, whatever its code', () => {
  const rules = [...Object.keys(identifierNames), 'text']
  const around = [
    '',
    'password: ',
    'card ',
    'IBAN ',
    'phone: +49 ',
    'token=',
    'SSN ',
    '4111 1111 ',
    'id ',
    '"secret": "',
  ]
  const law = fc.property(
    fc.constantFrom(...rules),
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.constantFrom(...around),
    (rule, bytes, before) => {
      const text = `${before}${placeholderOf(typeOf(rule), bytes)} and more`
      expect(placeholdersIn(text)).toHaveLength(1)
      expect(
        inspect(guard, { channel: 'user', text }).filter(({ sureness }) => sureness !== 'possible'),
      ).toEqual([])
    },
  )
  fc.assert(law, { numRuns: 3_000 })
})

test('law: a placeholder that means nothing here stays as it is, and a value is read no further', () => {
  const meanings = new Map([
    ['[EMAIL_7K2FQ]', 'says [CARD_AAAAA]'],
    ['[CARD_AAAAA]', '4111'],
  ])
  expect(restored('a [EMAIL_7K2FQ] b [CARD_AAAAA] c [CARD_BBBBB]', meanings)).toBe(
    'a says [CARD_AAAAA] b 4111 c [CARD_BBBBB]',
  )
  const law = fc.property(fc.array(part), (parts) => {
    expect(restored(parts.join(''), new Map())).toBe(parts.join(''))
  })
  fc.assert(law)
})

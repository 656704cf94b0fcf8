import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { memberAt, withMember, withoutMember } from './member.ts'

test.each<[string, string, string]>([
  ['the last one', '{"a":1,"usage":null}', '{"a":1}'],
  ['the first one', '{"usage":null,"a":1}', '{"a":1}'],
  ['one between', '{"a":1,"usage":null,"b":2}', '{"a":1,"b":2}'],
  ['the only one', '{"usage":null}', '{}'],
  ['with space around it', '{ "a" : 1 , "usage" : null }', '{ "a" : 1  }'],
  [
    'none that lies deeper',
    '{"a":{"usage":null},"b":[{"usage":null}]}',
    '{"a":{"usage":null},"b":[{"usage":null}]}',
  ],
  ['none that is only said', '{"a":"\\"usage\\":null,"}', '{"a":"\\"usage\\":null,"}'],
  ['one that is written otherwise', '{"\\u0075sage":null,"a":1}', '{"a":1}'],
  ['none that only has the value', '{"a":"usage"}', '{"a":"usage"}'],
])('taken out: %s', (_what, json, expected) => {
  expect(withoutMember(json, 'usage')).toBe(expected)
})

test.each<[string, string, string]>([
  ['anew, in front', '{"a":1}', '{"usage":true,"a":1}'],
  ['into an empty object', '{ }', '{"usage":true }'],
  ['in its place', '{"a":1,"usage": {"b":[1]} ,"c":2}', '{"a":1,"usage": true ,"c":2}'],
])('set: %s', (_what, json, expected) => {
  expect(withMember(json, 'usage', 'true')).toBe(expected)
})

test('an array has no members', () => {
  expect(memberAt('[{"usage":1}]', 'usage')).toBeNull()
})

test('law: what is left is what an object without the member says, whatever the others hold', () => {
  const spaced = (value: unknown, space: number) => JSON.stringify(value, null, space)
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      fc.constantFrom(0, 1, 3),
      (others, value, space) => {
        const { usage: _, ...rest } = others
        const whole = { ...rest, usage: value }
        const text = spaced(whole, space)
        const expected = JSON.parse(spaced(rest, space))
        expect(JSON.parse(withoutMember(text, 'usage'))).toEqual(expected)
        expect(JSON.parse(withMember(text, 'usage', '"set"'))).toEqual({ ...expected, usage: 'set' })
      },
    ),
  )
})

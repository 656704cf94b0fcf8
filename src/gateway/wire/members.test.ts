import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemsOf, membersOf, objectText } from './members.ts'

test.each([
  ['{}', {}],
  [' { } ', {}],
  ['{"a":1}', { a: '1' }],
  ['{ "a" : [1, {"b":"},{"}] , "c":1.50e3 }', { a: '[1, {"b":"},{"}]', c: '1.50e3' }],
  [String.raw`{"\u0061":"\"}","b\"":null}`, { a: String.raw`"\"}"`, 'b"': 'null' }],
])('%s', (json, members) => {
  expect(Object.fromEntries(membersOf(json) ?? [])).toEqual(members)
})

test.each(['[1]', '"{}"', '1', 'null'])('%s has no members', (json) => {
  expect(membersOf(json)).toBeNull()
})

test.each([
  ['[]', []],
  ['[1, "a,b" ,[2,3],{"c":[]}]', ['1', '"a,b"', '[2,3]', '{"c":[]}']],
])('%s', (json, items) => {
  expect(itemsOf(json)).toEqual(items)
})

test('law: what is taken apart and put together again says the same, whatever white space it has', () => {
  let withMembers = 0
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, '\t'), (tree, space) => {
      const json = JSON.stringify(tree, null, space)
      const members = membersOf(json)
      expect(members).not.toBeNull()
      expect(JSON.parse(objectText(members ?? []))).toEqual(JSON.parse(json))
      for (const [name, text] of members ?? [])
        expect(JSON.parse(text)).toEqual((JSON.parse(json) as Record<string, unknown>)[name])
      withMembers += members?.size ?? 0
      const items = Object.values(tree)
      expect(
        (itemsOf(JSON.stringify(items, null, space)) ?? []).map((item) => JSON.parse(item) as unknown),
      ).toEqual(JSON.parse(JSON.stringify(items)))
    }),
    { numRuns: 500 },
  )
  expect(withMembers).toBeGreaterThan(500)
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvCell, csvText, readListQuery, writeListQuery, type ListQuery } from './list-query.ts'

const word = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,8}$/)

test('law: a query written to a URL and read again is the same query', () => {
  const names = ['state', 'tier', 'owner']
  const query: fc.Arbitrary<ListQuery> = fc.record({
    where: fc.dictionary(fc.constantFrom(...names), fc.string({ minLength: 1, maxLength: 60 })),
    sort: fc.option(fc.stringMatching(/^-?[a-z]{1,8}$/)),
    cols: fc.uniqueArray(word, { maxLength: 8 }),
  })
  fc.assert(
    fc.property(query, (asked) => {
      const url = new URLSearchParams(writeListQuery(asked)).toString()
      const read = readListQuery(Object.fromEntries(new URLSearchParams(url)), names)
      expect(read).toEqual({ ...asked, where: { ...asked.where } })
    }),
  )
})

test('members that no filter names are left alone', () => {
  expect(readListQuery({ state: 'open', tab: 'answers', cols: 'a,<b>,c' }, ['state'])).toEqual({
    where: { state: 'open' },
    sort: null,
    cols: ['a', 'c'],
  })
})

test.each([
  ['=1+1', "'=1+1"],
  ['+49', "'+49"],
  ['-5', "'-5"],
  ['@sum', "'@sum"],
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['=a,b', `"'=a,b"`],
])('the cell %s is written as %s', (value, cell) => {
  expect(csvCell(value)).toBe(cell)
})

test('a table ends each line with CRLF', () => {
  expect(csvText(['id', 'title'], [['1', 'x']])).toBe('id,title\r\n1,x\r\n')
})

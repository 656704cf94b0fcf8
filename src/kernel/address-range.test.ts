import { expect, test } from 'vitest'
import { liesWithin, parseAddress, parseRange } from './address-range.ts'

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1/8', false],
  ['0.0.0.0/0', true],
  ['10.0.0.0', false],
  ['010.0.0.0/8', false],
  ['10.0.0.0/33', false],
  ['10.0.0/8', false],
  ['256.0.0.0/8', false],
  ['::/0', true],
  ['fd00::/8', true],
  ['fd00::1/8', false],
  ['::1/128', true],
  ['1:2:3:4:5:6:7:8/128', true],
  ['1:2:3:4:5:6:7:8:9/128', false],
  ['1::2::3/128', false],
  ['fd00::/129', false],
  ['FD00::/8', false],
  ['::ffff:10.0.0.0/104', false],
  ['', false],
])('the network `%s` is read: %s', (text, isRead) => {
  expect(parseRange(text) !== null).toBe(isRead)
})

test.each([
  ['127.0.0.1', '127.0.0.0/8', true],
  ['128.0.0.1', '127.0.0.0/8', false],
  ['::1', '::1/128', true],
  ['::1', '0.0.0.0/0', false],
  ['fdab::7', 'fd00::/8', true],
])('%s lies within %s: %s', (address, range, within) => {
  const [inner, outer] = [parseAddress(address), parseRange(range)]
  if (inner === null || outer === null) throw new Error('not read')
  expect(liesWithin(inner, outer)).toBe(within)
})

test('a wider network does not lie within a narrower one', () => {
  const [wide, narrow] = [parseRange('10.0.0.0/8'), parseRange('10.0.0.0/16')]
  if (wide === null || narrow === null) throw new Error('not read')
  expect([liesWithin(wide, narrow), liesWithin(narrow, wide), liesWithin(wide, wide)]).toEqual([
    false,
    true,
    true,
  ])
})

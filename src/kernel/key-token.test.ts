import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom } from './index.ts'
import { makeKeyToken, parseKeyToken, secretDigest } from './key-token.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

test('what is made is read, and one changed character is not', () => {
  fc.assert(
    fc.property(bytes(10), bytes(32), fc.boolean(), fc.nat(90), (random, secret, forService, at) => {
      const id = idFrom(forService ? 'service' : 'key', epochMs(1_700_000_000_000), random)
      const token = makeKeyToken(id, secret)
      expect(parseKeyToken(token)?.id).toBe(id)
      expect(token).toMatch(forService ? /^csa_/ : /^csk_/)
      expect(secretDigest(token)).toMatch(/^sha256:/)
      const place = at % token.length
      const changed = token.slice(0, place) + (token[place] === '1' ? '2' : '1') + token.slice(place + 1)
      expect(parseKeyToken(changed)).toBeNull()
    }),
  )
})

test('the checksum is CRC-32 as every scanner computes it', async () => {
  const { crc32 } = await import('node:zlib')
  const token = makeKeyToken(idFrom('key', epochMs(1), new Uint8Array(10)), new Uint8Array(32).fill(7))
  expect(token.slice(-8)).toBe(crc32(token.slice(0, -9)).toString(16).padStart(8, '0'))
})

test('a secret is 32 bytes', () => {
  expect(() => makeKeyToken(idFrom('key', epochMs(1), new Uint8Array(10)), new Uint8Array(31))).toThrow(
    RangeError,
  )
})

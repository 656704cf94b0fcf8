import { expect, test } from 'vitest'
import { epochMs, idFrom, type Digest, type IdKind } from '../../kernel/index.ts'
import type { Limit, VirtualKey } from '../ports.ts'
import { limitsByKey, limitsOf } from './limits-by-key.ts'

const id = <K extends IdKind>(kind: K, n: number) => idFrom(kind, epochMs(1), new Uint8Array(10).fill(n))
const [one, two] = [id('deployment', 1), id('deployment', 2)]
const key = (n: number, deployment: typeof one): VirtualKey => ({
  id: id('key', n),
  secretDigest: '' as Digest, // not looked at here
  deployment,
  expires: epochMs(1),
  sources: [],
  revokedAt: null,
})
const limit = (name: string, target: Limit['target']): Limit => ({
  id: name,
  target,
  unit: 'tokens',
  amount: 1,
  window: { k: 'none' },
})

test('each key counts in its own limits, in those of its deployment and of all, and in the volume of its grant', () => {
  const limits = [
    limit('of key 1', { scope: 'key', keyId: id('key', 1) }),
    limit('of one', { scope: 'deployment', deploymentId: one }),
    limit('of all', { scope: 'org' }),
  ]
  const grants = new Map([[one, { scope: { volumePerDay: 7 } }]])
  const found = limitsByKey(limits, [key(1, one), key(2, one), key(3, two)], grants)
  const names = (n: number) => found.get(id('key', n))?.map((each) => each.id)
  expect(names(1)).toEqual([`volume/${one}`, 'of one', 'of all', 'of key 1'])
  expect(names(2)).toEqual([`volume/${one}`, 'of one', 'of all'])
  expect(names(3)).toEqual(['of all'])
  expect(found.get(id('key', 1))?.[0]).toMatchObject({
    unit: 'requests',
    amount: 7,
    window: { k: 'calendar', period: 'day', zone: 'UTC' },
  })
})

test('a key whose limits nobody knows is no key without limits', () => {
  expect(() => limitsOf({ snapshot: { limits: new Map() }, key: { id: id('key', 9) } })).toThrow('not known')
})

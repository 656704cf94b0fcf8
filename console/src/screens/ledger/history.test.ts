import { expect, test } from 'vitest'
import { fieldChanges } from './history.ts'

test('a member is compared with the last fact that set it; instants and actors of facts are no members', () => {
  const facts = [
    { at: 1, by: 'a', op: 'live' },
    { at: 2, by: 'b', op: 'live', place: { zone: 'x', n: 1 } },
    { at: 3, by: 'c', op: 'retired', place: { zone: 'y', n: 1 } },
  ]
  expect(fieldChanges(facts)).toEqual([
    [{ name: 'op', was: undefined, is: 'live' }],
    [
      { name: 'place.zone', was: undefined, is: 'x' },
      { name: 'place.n', was: undefined, is: 1 },
    ],
    [
      { name: 'op', was: 'live', is: 'retired' },
      { name: 'place.zone', was: 'x', is: 'y' },
    ],
  ])
})

test('an object with another id is another thing: nothing of it was anything before', () => {
  const facts = [
    { credential: { id: 'c1', kind: 'password' } },
    { credential: { id: 'c2', kind: 'totp' } },
    { credential: { id: 'c2', kind: 'passkey' } },
  ]
  expect(fieldChanges(facts)).toEqual([
    [
      { name: 'credential.id', was: undefined, is: 'c1' },
      { name: 'credential.kind', was: undefined, is: 'password' },
    ],
    [
      { name: 'credential.id', was: undefined, is: 'c2' },
      { name: 'credential.kind', was: undefined, is: 'totp' },
    ],
    [{ name: 'credential.kind', was: 'totp', is: 'passkey' }],
  ])
})

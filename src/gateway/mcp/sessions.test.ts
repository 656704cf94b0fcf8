import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom, minuteMs } from '../../kernel/index.ts'
import { Sessions } from './sessions.ts'

const keys = [1, 2].map((n) => idFrom('key', epochMs(n), new Uint8Array(10)))
const [ana, ben] = keys as [(typeof keys)[number], (typeof keys)[number]]

function started({ sharesClients = false } = {}) {
  let [now, n] = [0, 0]
  const sessions = new Sessions({ monotonicMs: () => now, newId: () => `s${(n += 1)}`, sharesClients })
  return { sessions, wait: (ms: number) => void (now += ms) }
}

const nothing = { dataClass: null, suspects: [], risk: 0 }

test('a session ends by itself when it is left alone for an hour', () => {
  const { sessions, wait } = started()
  const { id } = sessions.open(ana, 'old')
  wait(60 * minuteMs)
  expect(sessions.find(id, ana, 'old')).not.toBeNull()
  wait(60 * minuteMs + 1)
  expect(sessions.find(id, ana, 'old')).toBeNull()
})

test('of too many sessions of a key the one that was left alone for the longest gives way, and none of another key', () => {
  const { sessions, wait } = started()
  const other = sessions.open(ben, '')
  const ids = Array.from({ length: 257 }, () => {
    wait(1)
    return sessions.open(ana, '').id
  })
  expect(ids.map((id) => sessions.find(id, ana, '') !== null)).toEqual([
    false,
    ...ids.slice(1).map(() => true),
  ])
  expect(sessions.find(other.id, ben, '')).not.toBeNull()
})

test('what a client without a session has read is remembered for half an hour after the last time', () => {
  const { sessions, wait } = started()
  sessions.give(ana, null, nothing)
  wait(30 * minuteMs)
  expect(sessions.isTainted(ana, null)).toBe(true)
  expect(sessions.isTainted(ben, null)).toBe(false)
  wait(1)
  expect(sessions.isTainted(ana, null)).toBe(false)
})

test('where other processes serve the same clients, nobody is believed to have read nothing', () => {
  const { sessions } = started({ sharesClients: true })
  expect(sessions.isTainted(ana, null)).toBe(true)
  expect(sessions.isTainted(ana, sessions.open(ana, ''))).toBe(true)
  sessions.give(ana, null, nothing, 'trusted')
  expect(sessions.isTainted(ana, null)).toBe(true)
})

test('law: nobody finds the session of another key or path, and none that has ended; taint never falls', () => {
  let found = 0
  const anyStep = fc.record({
    act: fc.constantFrom('open', 'find', 'find', 'end', 'taint'),
    key: fc.constantFrom(ana, ben),
    path: fc.constantFrom('', 'old'),
    n: fc.integer({ min: 1, max: 12 }),
  })
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyStep, { minLength: 20, maxLength: 60 }), (sharesClients, steps) => {
      const { sessions } = started({ sharesClients })
      const known = new Map<string, { key: string; path: string; isTainted: boolean }>()
      for (const { act, key, path, n } of steps) {
        const id = `s${n}`
        if (act === 'open') known.set(sessions.open(key, path).id, { key, path, isTainted: sharesClients })
        const session = sessions.find(id, key, path)
        const owner = known.get(id)
        expect(session !== null).toBe(owner !== undefined && owner.key === key && owner.path === path)
        if (session === null || owner === undefined) continue
        found += 1
        expect(sessions.isTainted(key, session)).toBe(owner.isTainted)
        if (act === 'taint') {
          sessions.give(key, session, nothing)
          owner.isTainted = true
        } else if (act === 'end') {
          sessions.end(id)
          known.delete(id)
        }
      }
    }),
    { numRuns: 300 },
  )
  expect(found).toBeGreaterThan(500)
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOfBytes, epochMs } from '../../kernel/index.ts'
import { decide, evolve, initial, type Command, type Event, type State } from './traffic.ts'

const ctx = { now: epochMs(1_000), worker: 'boot-1' }
const seal = (batch: number, firstSeq: number, n = 3): Command => ({
  c: 'seal',
  batch,
  firstSeq,
  n,
  root: digestOfBytes(`${batch}`),
  firstAt: epochMs(1),
  lastAt: epochMs(2),
  counts: { allow: n, block: 0, fault: 0 },
})
const after: State = { s: 'open', batches: 1, records: 3 }

test.each<[string, State, Command, string[]]>([
  ['the first batch', initial, seal(0, 0), []],
  ['the next batch', after, seal(1, 3), []],
  ['a batch again', after, seal(0, 0), ['BATCH_OUT_OF_ORDER', 'RECORDS_OUT_OF_ORDER']],
  ['a batch left out', after, seal(2, 3), ['BATCH_OUT_OF_ORDER']],
  ['records left out', after, seal(1, 4), ['RECORDS_OUT_OF_ORDER']],
  ['an empty batch', after, seal(1, 3, 0), ['BATCH_EMPTY']],
  ['the end', after, { c: 'close' }, []],
  ['a batch after the end', { ...after, s: 'closed' }, seal(1, 3), ['WRONG_STATE']],
  ['the end twice', { ...after, s: 'closed' }, { c: 'close' }, ['WRONG_STATE']],
])('%s', (_what, state, command, codes) => {
  const decided = decide(state, command, ctx)
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('law: the recorded batches and records have no gap, and nothing follows the end', () => {
  let sealed = 0
  const anyStep = fc.tuple(fc.nat(3), fc.nat(9), fc.nat(3), fc.nat(20))
  const law = fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
    const log: Event[] = []
    let state: State = initial
    for (const [batch, seq, n, kind] of steps) {
      const next = kind > 5 ? seal(state.batches, state.records, n) : seal(batch, seq, n)
      const decided = decide(state, kind === 0 ? { c: 'close' } : next, ctx)
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
    }
    const batches = log.filter((event) => event.e === 'gateway.traffic.sealed')
    sealed += batches.length
    expect(batches.map(({ batch }) => batch)).toEqual(batches.map((_, i) => i))
    batches.forEach(({ firstSeq, n }, i) =>
      expect(batches[i + 1]?.firstSeq ?? firstSeq + n).toBe(firstSeq + n),
    )
    expect(log.findIndex(({ e }) => e === 'gateway.traffic.closed')).toBe(
      state.s === 'closed' ? log.length - 1 : -1,
    )
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 300 })
  expect(sealed).toBeGreaterThan(300)
})

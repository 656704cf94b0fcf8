import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findingKinds } from '../finding.ts'
import type { Channel, Trust } from '../text.ts'
import { dataClassIn, exposureOf, isLethalTrifecta, joinTrust, trusts, type TaintSegment } from './taint.ts'

const segment = (channel: Channel, more: Partial<TaintSegment> = {}): TaintSegment => ({
  id: channel,
  channel,
  findings: [],
  ...more,
})
const secret = [{ kind: 'secret', sureness: 'certain' }] as const
const card = [{ kind: 'pii', sureness: 'likely' }] as const
const maybe = [{ kind: 'pii', sureness: 'possible' }] as const

test.each<[string, readonly TaintSegment[], Trust]>([
  ['nothing', [], 'trusted'],
  ['the operator', [segment('system'), segment('tool_def')], 'trusted'],
  [
    'a user and the answers to them',
    [segment('user'), segment('model'), segment('reasoning'), segment('tool_args')],
    'user',
  ],
  ['a document', [segment('user'), segment('document')], 'untrusted'],
  ['the result of a tool', [segment('user'), segment('tool_result')], 'untrusted'],
  [
    'the result of a tool that the registry vouches for',
    [segment('user'), segment('tool_result', { vouchedFor: true })],
    'user',
  ],
  ['a document that somebody vouches for', [segment('document', { vouchedFor: true })], 'untrusted'],
  ['what no reader knows', [segment('unknown')], 'untrusted'],
  ['a text that the caller calls untrusted', [segment('user', { label: 'untrusted' })], 'untrusted'],
  ['a document that the caller calls trusted', [segment('document', { label: 'trusted' })], 'untrusted'],
])('a conversation of %s', (_what, segments, taint) => {
  expect(exposureOf(segments, true).taint).toBe(taint)
})

test('a history that has not passed the gateway counts as untrusted', () => {
  expect(exposureOf([segment('user')], false)).toMatchObject({ taint: 'untrusted', complete: false })
})

test('an exposure says which texts were untrusted or sensitive', () => {
  const segments = [
    segment('user', { id: 'a', findings: card }),
    segment('document', { id: 'b', findings: maybe }),
    segment('tool_result', { id: 'c', findings: [...card, ...secret] }),
  ]
  expect(exposureOf(segments, true)).toEqual({
    taint: 'untrusted',
    sources: ['document', 'tool_result'],
    untrusted: ['b', 'c'],
    sensitive: [
      { dataClass: 'confidential', from: 'a' },
      { dataClass: 'restricted', from: 'c' },
    ],
    complete: true,
  })
  expect(dataClassIn(exposureOf(segments, true))).toBe(3)
  expect(dataClassIn(exposureOf([], true))).toBe(0)
})

test.each([
  ['all three', 'document', card, true, true],
  ['no way out', 'document', card, false, false],
  ['nothing sensitive', 'document', maybe, true, false],
  ['nothing untrusted', 'user', card, true, false],
] as const)('the trifecta: %s', (_what, channel, findings, sendsOutside, expected) => {
  expect(isLethalTrifecta(exposureOf([segment(channel, { findings })], true), sendsOutside)).toBe(expected)
})

const anyTrust = fc.constantFrom(...trusts)
const anySegment: fc.Arbitrary<TaintSegment> = fc.record(
  {
    id: fc.string({ maxLength: 3 }),
    channel: fc.constantFrom<Channel>(
      'system',
      'user',
      'document',
      'tool_result',
      'tool_def',
      'model',
      'tool_args',
      'unknown',
    ),
    findings: fc.array(
      fc.record({
        kind: fc.constantFrom(...findingKinds),
        sureness: fc.constantFrom('possible' as const, 'likely' as const, 'certain' as const),
      }),
      { maxLength: 2 },
    ),
    vouchedFor: fc.boolean(),
    label: anyTrust,
  },
  { requiredKeys: ['id', 'channel', 'findings'] },
)

test('law: one more text never takes taint, exposure or the trifecta away', () => {
  let raised = 0
  fc.assert(
    fc.property(
      fc.array(anySegment, { maxLength: 5 }),
      anySegment,
      fc.nat(5),
      fc.boolean(),
      (segments, more, at, complete) => {
        const [before, after] = [
          exposureOf(segments, complete),
          exposureOf(segments.toSpliced(at, 0, more), complete),
        ]
        if (after.taint !== before.taint) raised += 1
        expect(trusts.indexOf(after.taint)).toBeGreaterThanOrEqual(trusts.indexOf(before.taint))
        expect(after.sources).toEqual(expect.arrayContaining([...before.sources]))
        expect(after.untrusted).toEqual(expect.arrayContaining([...before.untrusted]))
        expect(after.sensitive).toEqual(expect.arrayContaining([...before.sensitive]))
        expect(dataClassIn(after)).toBeGreaterThanOrEqual(dataClassIn(before))
        if (isLethalTrifecta(before, true)) expect(isLethalTrifecta(after, true)).toBe(true)
      },
    ),
    { numRuns: 2_000 },
  )
  expect(raised).toBeGreaterThan(50)
})

test('law: a label of the caller only lowers trust', () => {
  fc.assert(
    fc.property(anySegment, anyTrust, (one, label) => {
      const { label: _label, ...bare } = one
      const [without, labelled] = [exposureOf([bare], true), exposureOf([{ ...bare, label }], true)]
      expect(labelled.taint).toBe(joinTrust(without.taint, label))
    }),
  )
})

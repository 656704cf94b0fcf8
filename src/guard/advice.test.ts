import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { effects } from '../kernel/index.ts'
import { adviceOnTexts, advices, adviseOn, type Pending, type Situation, type Suspicion } from './advice.ts'
import { findingKinds, severities, trustOf, type Finding } from './finding.ts'
import type { Channel } from './text.ts'

const place = { rule: 'r', start: 0, end: 1 }

test.each([
  ['nothing', [], 'allow'],
  [
    'a name that may be one',
    [{ kind: 'pii', severity: 'info', sureness: 'possible', channel: 'user' }],
    'flag',
  ],
  ['a card', [{ kind: 'pii', severity: 'high', sureness: 'certain', channel: 'user' }], 'redact'],
  [
    'a key in an answer',
    [{ kind: 'secret', severity: 'critical', sureness: 'certain', channel: 'model' }],
    'redact',
  ],
  [
    'an order in a document',
    [{ kind: 'injection', severity: 'high', sureness: 'certain', band: 'high', channel: 'document' }],
    'redact',
  ],
  [
    'what may be an order in a document',
    [{ kind: 'injection', severity: 'low', sureness: 'likely', band: 'flag', channel: 'document' }],
    'flag',
  ],
  [
    'a card in arguments',
    [{ kind: 'pii', severity: 'high', sureness: 'certain', channel: 'tool_args' }],
    'step_up',
  ],
  [
    'a name that may be one in arguments',
    [{ kind: 'pii', severity: 'info', sureness: 'possible', channel: 'tool_args' }],
    'flag',
  ],
  [
    'marks in arguments',
    [{ kind: 'structure', severity: 'high', sureness: 'certain', channel: 'tool_args' }],
    'step_up',
  ],
  [
    'a canary in an answer',
    [{ kind: 'canary', severity: 'critical', sureness: 'certain', channel: 'model' }],
    'redact',
  ],
  [
    'a canary in arguments',
    [{ kind: 'canary', severity: 'critical', sureness: 'certain', channel: 'tool_args' }],
    'block',
  ],
  [
    'an order in what a model thinks',
    [{ kind: 'injection', severity: 'high', sureness: 'certain', band: 'high', channel: 'reasoning' }],
    'redact',
  ],
  [
    'an order in arguments',
    [{ kind: 'injection', severity: 'high', sureness: 'certain', band: 'high', channel: 'tool_args' }],
    'step_up',
  ],
  [
    'what may be an order in arguments',
    [{ kind: 'injection', severity: 'low', sureness: 'likely', band: 'flag', channel: 'tool_args' }],
    'flag',
  ],
  [
    'an order of the user',
    [{ kind: 'injection', severity: 'medium', sureness: 'certain', band: 'high', channel: 'user' }],
    'flag',
  ],
  [
    'marks in the user’s words',
    [{ kind: 'structure', severity: 'medium', sureness: 'certain', channel: 'user' }],
    'flag',
  ],
  [
    'marks in a document',
    [{ kind: 'structure', severity: 'high', sureness: 'certain', channel: 'document' }],
    'redact',
  ],
  [
    'hidden text in a tool result',
    [{ kind: 'hidden', severity: 'high', sureness: 'certain', channel: 'tool_result' }],
    'redact',
  ],
] as const)('%s', (_what, findings, advice) => {
  expect(adviceOnTexts(findings.map((finding) => ({ ...place, ...finding })))).toBe(advice)
})

const anyFinding: fc.Arbitrary<Finding & { readonly channel: Channel }> = fc.record({
  rule: fc.constant('r'),
  start: fc.constant(0),
  end: fc.constant(1),
  kind: fc.constantFrom(...findingKinds),
  severity: fc.constantFrom(...severities),
  sureness: fc.constantFrom('possible' as const, 'likely' as const, 'certain' as const),
  channel: fc.constantFrom(...(Object.keys(trustOf) as Channel[])), // its own members
})

test('law: one more finding never makes the advice milder', () => {
  fc.assert(
    fc.property(fc.array(anyFinding, { maxLength: 5 }), anyFinding, (findings, more) => {
      const [before, after] = [adviceOnTexts(findings), adviceOnTexts([...findings, more])]
      expect(advices.indexOf(after)).toBeGreaterThanOrEqual(advices.indexOf(before))
    }),
  )
})

const toModel: Pending = { k: 'to_model' }
const reply: Pending = { k: 'reply' }
const call = (effect: (typeof effects)[number], sendsOutside = false): Pending => ({
  k: 'tool_call',
  effect,
  sendsOutside,
})
const harmless: Situation = {
  pending: toModel,
  tier: 2,
  suspicions: [],
  isAboveCeiling: false,
  hasCanary: false,
  isTainted: false,
  isTrifecta: false,
  isChanged: false,
}
const suspicion = (
  band: Suspicion['band'],
  trust: Suspicion['trust'],
  evidence: Suspicion['evidence'] = 'context',
): Partial<Situation> => ({ suspicions: [{ band, trust, evidence }], isTainted: trust === 'untrusted' })

const inArguments = (band: Suspicion['band'], trust: Suspicion['trust']): Partial<Situation> => ({
  suspicions: [{ band, trust, evidence: 'context', isOfArguments: true }],
  isTainted: trust === 'untrusted',
})

test.each<[string, Partial<Situation>, string, string[]]>([
  ['nothing', {}, 'allow', []],
  ['nothing, and a risky call', { pending: call('containment', true) }, 'allow', []],
  ['flag of the user', suspicion('flag', 'user'), 'flag', ['injection_flagged']],
  [
    'flag of the user, grave call',
    { ...suspicion('flag', 'user'), pending: call('containment') },
    'flag',
    ['injection_flagged'],
  ],
  ['flag, untrusted, to the model', suspicion('flag', 'untrusted'), 'flag', ['injection_flagged']],
  [
    'flag, untrusted, call that reads',
    { ...suspicion('flag', 'untrusted'), pending: call('read') },
    'flag',
    ['injection_flagged'],
  ],
  [
    'flag, untrusted, call that writes',
    { ...suspicion('flag', 'untrusted', 'copied'), pending: call('write') },
    'step_up',
    ['injection_flagged'],
  ],
  [
    'flag, untrusted, call that reads and sends outside',
    { ...suspicion('flag', 'untrusted'), pending: call('read', true) },
    'step_up',
    ['injection_flagged'],
  ],
  ['high of the user', suspicion('high', 'user'), 'flag', ['injection_found']],
  [
    'high of the user, call that writes',
    { ...suspicion('high', 'user'), pending: call('write') },
    'flag',
    ['injection_found'],
  ],
  [
    'high of the user, call that writes in tier 3',
    { ...suspicion('high', 'user'), pending: call('write'), tier: 3 },
    'step_up',
    ['injection_found'],
  ],
  [
    'high of the user, privileged call',
    { ...suspicion('high', 'user'), pending: call('privileged'), tier: 1 },
    'step_up',
    ['injection_found'],
  ],
  ['high, untrusted, to the model', suspicion('high', 'untrusted'), 'redact', ['injection_found']],
  [
    'high, untrusted, in a reply',
    { ...suspicion('high', 'untrusted'), pending: reply },
    'redact',
    ['injection_found'],
  ],
  [
    'high, untrusted, call that drafts with its words',
    { ...suspicion('high', 'untrusted', 'copied'), pending: call('draft') },
    'redact',
    ['injection_found'],
  ],
  [
    'high, untrusted, call that writes something else',
    { ...suspicion('high', 'untrusted'), pending: call('write') },
    'step_up',
    ['injection_found'],
  ],
  [
    'high, untrusted, call that writes what was copied from it',
    { ...suspicion('high', 'untrusted', 'copied'), pending: call('write') },
    'block',
    ['injection_linked'],
  ],
  [
    'high, untrusted, call that sends its words outside',
    { ...suspicion('high', 'untrusted', 'overlap'), pending: call('read', true) },
    'block',
    ['injection_linked'],
  ],
  [
    'high, untrusted, sensitive data, and a way out',
    { ...suspicion('high', 'untrusted'), pending: call('read', true), isTrifecta: true },
    'block',
    ['injection_linked', 'lethal_trifecta'],
  ],
  [
    'high in arguments after untrusted text, call that reads',
    { ...inArguments('high', 'untrusted'), pending: call('read') },
    'step_up',
    ['injection_found'],
  ],
  [
    'high in arguments after untrusted text, call that writes',
    { ...inArguments('high', 'untrusted'), pending: call('write') },
    'step_up',
    ['injection_found'],
  ],
  [
    'high in arguments after untrusted text, sensitive data, and a way out',
    { ...inArguments('high', 'untrusted'), pending: call('read', true), isTrifecta: true },
    'block',
    ['injection_linked', 'lethal_trifecta'],
  ],
  [
    'high in arguments after the user alone, call that writes',
    { ...inArguments('high', 'user'), pending: call('write') },
    'flag',
    ['injection_found'],
  ],
  [
    'high in arguments after the user alone, grave call',
    { ...inArguments('high', 'user'), pending: call('containment') },
    'step_up',
    ['injection_found'],
  ],
  [
    'flag in arguments after untrusted text, call that reads',
    { ...inArguments('flag', 'untrusted'), pending: call('read') },
    'flag',
    ['injection_flagged'],
  ],
  [
    'flag in arguments after untrusted text, call that writes',
    { ...inArguments('flag', 'untrusted'), pending: call('write') },
    'step_up',
    ['injection_flagged'],
  ],
  [
    'sensitive data, untrusted text and a way out',
    { pending: call('read', true), isTainted: true, isTrifecta: true },
    'step_up',
    ['lethal_trifecta'],
  ],
  ['data above the ceiling', { isAboveCeiling: true }, 'redact', ['data_above_ceiling']],
  [
    'data above the ceiling in arguments',
    { isAboveCeiling: true, pending: call('read') },
    'step_up',
    ['data_above_ceiling'],
  ],
  ['a canary in a reply', { hasCanary: true, pending: reply }, 'redact', ['canary_out_of_place']],
  [
    'a canary that is sent outside',
    { hasCanary: true, pending: call('read', true) },
    'step_up',
    ['canary_out_of_place'],
  ],
  [
    'a canary that is sent outside after untrusted text',
    { hasCanary: true, pending: call('read', true), isTainted: true },
    'block',
    ['canary_out_of_place'],
  ],
  ['another definition', { isChanged: true }, 'step_up', ['definition_changed']],
])('advice: %s', (_what, situation, advice, reasons) => {
  expect(adviseOn({ ...harmless, ...situation })).toEqual({ advice, reasons })
})

const anyPending = fc.oneof(
  fc.constantFrom(toModel, reply),
  fc.tuple(fc.constantFrom(...effects), fc.boolean()).map(([effect, sends]) => call(effect, sends)),
)
const anySuspicion = fc.record({
  band: fc.constantFrom('flag' as const, 'high' as const),
  trust: fc.constantFrom('user' as const, 'untrusted' as const),
  evidence: fc.constantFrom('copied' as const, 'overlap' as const, 'context' as const),
  isOfArguments: fc.boolean(),
})
const anySituation = fc.record({
  pending: anyPending,
  tier: fc.constantFrom(1 as const, 2 as const, 3 as const),
  suspicions: fc.array(anySuspicion, { maxLength: 3 }),
  isAboveCeiling: fc.boolean(),
  hasCanary: fc.boolean(),
  isTainted: fc.boolean(),
  isTrifecta: fc.boolean(),
  isChanged: fc.boolean(),
})
const rank = (situation: Situation) => advices.indexOf(adviseOn(situation).advice)

test('law: a finding more, untrusted text more, or a graver tier never makes the advice milder', () => {
  const law = fc.property(anySituation, anySuspicion, (situation, more) => {
    const before = rank(situation)
    const stricter: Situation[] = [
      { ...situation, suspicions: [...situation.suspicions, more] },
      { ...situation, isTainted: true },
      { ...situation, isTainted: true, isTrifecta: true },
      { ...situation, isAboveCeiling: true },
      { ...situation, hasCanary: true },
      { ...situation, isChanged: true },
      { ...situation, tier: 3 },
      { ...situation, suspicions: situation.suspicions.map((one) => ({ ...one, band: 'high' as const })) },
      {
        ...situation,
        suspicions: situation.suspicions.map((one) => ({ ...one, isOfArguments: true })),
      },
      {
        ...situation,
        suspicions: situation.suspicions.map((one) => ({ ...one, evidence: 'copied' as const })),
      },
    ]
    for (const other of stricter) expect(rank(other)).toBeGreaterThanOrEqual(before)
  })
  fc.assert(law, { numRuns: 1_000 })
})

test('law: only what surely looks like an order, in untrusted text, with a risky call that follows, or a canary on its way out is blocked', () => {
  let blocks = 0
  const law = fc.property(anySituation, (situation) => {
    const { advice, reasons } = adviseOn(situation)
    if (advice !== 'block') return
    blocks += 1
    const { pending, suspicions, isTrifecta, hasCanary, isTainted } = situation
    const isRisky =
      pending.k === 'tool_call' && (pending.sendsOutside || !['read', 'draft'].includes(pending.effect))
    const isLinked = suspicions.some(
      ({ band, trust, evidence }) =>
        band === 'high' && trust === 'untrusted' && (evidence !== 'context' || isTrifecta),
    )
    expect(isRisky && (isLinked || (hasCanary && isTainted))).toBe(true)
    expect(reasons.length).toBeGreaterThan(0)
  })
  fc.assert(law, { numRuns: 2_000 })
  expect(blocks).toBeGreaterThan(100)
})

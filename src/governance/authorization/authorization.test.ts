import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalJson,
  dayMs,
  digestOfBytes,
  epochMs,
  hourMs,
  idFrom,
  type IdKind,
} from '../../kernel/index.ts'
import { deriveAuthorization, factsForRollout, nextChange, permits } from './authorization.ts'
import type {
  AuthorizationFacts,
  ConditionFact,
  DecisionFact,
  OverrideFact,
  StopFact,
  WaiverFact,
} from './facts.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [r1, r2, rev1, rev2] = [
  digestOfBytes('r1'),
  digestOfBytes('r2'),
  digestOfBytes('u1'),
  digestOfBytes('u2'),
]
const at = (days: number) => epochMs(Math.round(days * dayMs))
const now = at(10)

const decision: DecisionFact = {
  id: id('decision'),
  outcome: 'approved',
  useCaseRevision: rev1,
  release: r1,
  environment: 'prod',
  decidedAt: at(5),
  notBefore: at(6),
  expiresAt: at(90),
  revoked: false,
  extensions: [],
}
const stop: StopFact = { id: id('stop'), scope: 'system', since: at(9), reasonCode: 'score' }
const override: OverrideFact = {
  id: id('override'),
  deploymentId: id('deployment'),
  release: r1,
  capabilities: ['triage'],
  activatedAt: at(10),
  expiresAt: at(10.5),
  revoked: false,
}
const condition: ConditionFact = {
  id: id('condition'),
  decisionId: decision.id,
  phase: 'after_deploy',
  due: at(30),
  onBreach: 'suspend',
  state: 'open',
}
const waiver: WaiverFact = {
  id: id('waiver'),
  state: 'accepted',
  expiresAt: at(40),
  current: true,
  conditionId: null,
}
const facts: AuthorizationFacts = {
  schema: 1,
  tier: 3,
  environment: 'prod',
  release: r1,
  useCase: { id: id('useCase'), state: 'triaged', revision: rev1, sameAs: [] },
  legal: { class: 'minimal', cleared: false },
  system: { id: id('system'), state: 'registered' },
  deployment: {
    id: id('deployment'),
    op: 'live',
    desired: r1,
    observed: r1,
    observedUnknownSince: null,
    epoch: 1,
  },
  stops: [],
  overrides: [],
  decisions: [decision],
  openCase: null,
  conditions: [],
  waivers: [],
}
const { deployment, useCase } = facts
const unseen = { ...deployment, observed: 'unknown' as const, observedUnknownSince: now }

test.each<[string, Partial<AuthorizationFacts>, string, number | undefined]>([
  ['an approval in force', {}, 'valid', 90],
  ['a withdrawn use case', { useCase: { ...useCase, state: 'withdrawn' } }, 'blocked', undefined],
  ['a retired system', { system: { ...facts.system, state: 'retired' } }, 'blocked', undefined],
  [
    'a prohibited practice',
    { legal: { class: 'prohibited', cleared: false }, overrides: [override] },
    'blocked',
    undefined,
  ],
  ['a cleared prohibition', { legal: { class: 'prohibited', cleared: true } }, 'valid', 90],
  [
    'a quarantine',
    { deployment: { ...deployment, op: 'quarantined' }, overrides: [override] },
    'blocked',
    undefined,
  ],
  ['a stop', { stops: [stop] }, 'suspended', undefined],
  ['a stop and an override', { stops: [stop], overrides: [override] }, 'emergency', 10.5],
  [
    'a stop for keys and an override',
    { stops: [stop, { ...stop, reasonCode: 'key_compromise' }], overrides: [override] },
    'suspended',
    undefined,
  ],
  [
    'a revoked override',
    { stops: [stop], overrides: [{ ...override, revoked: true }] },
    'suspended',
    undefined,
  ],
  [
    'an override of another release',
    { stops: [stop], overrides: [{ ...override, release: r2 }] },
    'suspended',
    undefined,
  ],
  [
    'an override elsewhere',
    { stops: [stop], overrides: [{ ...override, deploymentId: id('deployment', 1) }] },
    'suspended',
    undefined,
  ],
  [
    'an override at its end',
    { stops: [stop], overrides: [{ ...override, expiresAt: now }] },
    'suspended',
    undefined,
  ],
  ['no decision', { decisions: [] }, 'none', undefined],
  ['an open case', { decisions: [], openCase: id('case') }, 'in_review', undefined],
  ['a decision for another place', { decisions: [{ ...decision, environment: 'test' }] }, 'none', undefined],
  ['PD-18: a decision for another release', { decisions: [{ ...decision, release: r2 }] }, 'none', undefined],
  ['an extension', { decisions: [{ ...decision, release: r2, extensions: [r1] }] }, 'valid', 90],
  ['a revoked decision', { decisions: [{ ...decision, revoked: true }] }, 'revoked', undefined],
  [
    'a later rejection',
    { decisions: [decision, { ...decision, id: id('decision', 1), outcome: 'rejected', decidedAt: at(7) }] },
    'rejected',
    undefined,
  ],
  [
    'a decision that is not in force yet',
    { decisions: [{ ...decision, notBefore: at(11) }] },
    'none',
    undefined,
  ],
  ['PD-13: an expired decision', { decisions: [{ ...decision, expiresAt: now }] }, 'expired', undefined],
  ['a changed use case', { useCase: { ...useCase, revision: rev2 } }, 'mismatch', undefined],
  [
    'a use case changed in a minor way',
    { useCase: { ...useCase, revision: rev2, sameAs: [rev1] } },
    'valid',
    90,
  ],
  ['another release observed', { deployment: { ...deployment, observed: r2 } }, 'mismatch', undefined],
  ['a release not yet observed', { deployment: unseen }, 'valid', 10 + 1 / 24],
  [
    'a release unobserved too long',
    { deployment: { ...unseen, observedUnknownSince: at(9) } },
    'mismatch',
    undefined,
  ],
  [
    'an open condition before',
    { conditions: [{ ...condition, phase: 'before_deploy' }] },
    'pending',
    undefined,
  ],
  ['an expired waiver', { waivers: [{ ...waiver, expiresAt: now }] }, 'pending', undefined],
  ['a waiver of another state', { waivers: [{ ...waiver, current: false }] }, 'pending', undefined],
  ['a waiver in force', { waivers: [waiver] }, 'valid', 40],
  ['an open condition after', { conditions: [condition] }, 'conditional', 30],
  ['a breach', { conditions: [{ ...condition, due: now }] }, 'suspended', undefined],
  [
    'a breach without consequence',
    { conditions: [{ ...condition, due: now, onBreach: 'notify' }] },
    'conditional',
    90,
  ],
  [
    'a breach marked as waived without a waiver',
    { conditions: [{ ...condition, due: now, state: 'waived' }] },
    'suspended',
    undefined,
  ],
  [
    'a waived breach',
    {
      conditions: [{ ...condition, due: now, state: 'waived' }],
      waivers: [{ ...waiver, conditionId: condition.id }],
    },
    'valid',
    40,
  ],
])('%s', (_what, change, state, until) => {
  const authorization = deriveAuthorization({ ...facts, ...change }, now)
  expect(authorization.s).toBe(state)
  expect(authorization.until).toBe(until === undefined ? undefined : at(until))
})

test('a breach with the consequence shadow narrows to observing', () => {
  const shadow = { ...condition, due: now, onBreach: 'shadow' as const }
  expect(deriveAuthorization({ ...facts, conditions: [shadow] }, now)).toMatchObject({
    s: 'conditional',
    mode: 'observe',
  })
})

test('a roll-out of another release is judged by the decisions on that release', () => {
  const approved = { ...decision, id: id('decision', 2), release: r2 }
  expect(deriveAuthorization(factsForRollout(facts, r2, now), now).s).toBe('none')
  const both = { ...facts, decisions: [decision, approved] }
  expect(deriveAuthorization({ ...both, release: r2 }, now).s).toBe('mismatch')
  expect(deriveAuthorization(factsForRollout(both, r2, now), now)).toMatchObject({
    s: 'valid',
    basis: approved.id,
  })
})

const someOf = fc.constantFrom
const instant = fc.integer({ min: 0, max: 40 }).map((quarters) => epochMs(quarters * 6 * hourMs))
const anyDecision = fc.record({
  id: someOf(decision.id, id('decision', 1)),
  outcome: someOf<DecisionFact['outcome']>('approved', 'approved', 'approved_with_conditions', 'rejected'),
  release: someOf(r1, r1, r2),
  extensions: someOf([], [r1]),
  decidedAt: instant,
  notBefore: instant,
  expiresAt: instant,
  revoked: someOf(false, false, false, true),
})
const anyFacts: fc.Arbitrary<AuthorizationFacts> = fc
  .record({
    stops: fc.array(someOf(stop, { ...stop, reasonCode: 'key_compromise' }), { maxLength: 1 }),
    overrides: fc.array(fc.record({ activatedAt: instant, expiresAt: instant }), { maxLength: 2 }),
    decisions: fc.array(anyDecision, { minLength: 1, maxLength: 3 }),
    conditions: fc.array(
      fc.record({
        phase: someOf<ConditionFact['phase']>('after_deploy', 'after_deploy', 'before_deploy'),
        onBreach: someOf<ConditionFact['onBreach']>('suspend', 'shadow', 'notify'),
        state: someOf<ConditionFact['state']>('open', 'met', 'waived'),
        due: instant,
      }),
      { maxLength: 3 },
    ),
    waivers: fc.array(fc.record({ expiresAt: instant, conditionId: someOf(condition.id, null) }), {
      maxLength: 2,
    }),
    deployment: fc.oneof(
      someOf(deployment),
      instant.map((observedUnknownSince) => ({ ...unseen, observedUnknownSince })),
    ),
    tier: someOf(1, 2, 3),
  })
  .map((drawn) => ({
    ...facts,
    ...drawn,
    overrides: drawn.overrides.map((o, n) => ({ ...override, id: id('override', n), ...o })),
    decisions: drawn.decisions.map((o) => ({ ...decision, ...o })),
    conditions: drawn.conditions.map((o, n) => ({ ...condition, id: id('condition', n), ...o })),
    waivers: drawn.waivers.map((o, n) => ({ ...waiver, id: id('waiver', n), ...o })),
  }))

test('law: the authorization changes at most at its announced instants, and `until` never grows by waiting', () => {
  const seen = { changed: 0, compared: 0 }
  const law = fc.property(
    anyFacts,
    fc.array(fc.nat(10 * dayMs), { minLength: 8, maxLength: 8 }),
    (drawn, steps) => {
      let earlier: { at: number; next: number | null; text: string; key: string; until: number } | null = null
      for (const step of steps.sort((a, b) => a - b)) {
        const derived = deriveAuthorization(drawn, epochMs(step))
        const text = canonicalJson(derived)
        if (earlier !== null && text !== earlier.text) {
          seen.changed += 1
          expect(earlier.next).not.toBeNull()
          expect(step).toBeGreaterThanOrEqual(earlier.next ?? Number.POSITIVE_INFINITY)
        }
        if (permits(derived)) expect(derived.until).toBeGreaterThan(step)
        const key = canonicalJson([permits(derived), derived.basis ?? '', derived.mode])
        const until = derived.until ?? 0
        if (earlier !== null && earlier.key === key) {
          seen.compared += 1
          expect(until).toBeLessThanOrEqual(earlier.until)
        }
        earlier = { at: step, next: nextChange(drawn, epochMs(step)), text, key, until }
      }
    },
  )
  fc.assert(law, { numRuns: 1_500 })
  expect(seen.changed).toBeGreaterThan(500)
  expect(seen.compared).toBeGreaterThan(500)
})

test('law: any stop wins at once, and only its lifting undoes it', () => {
  let stopped = 0
  const law = fc.property(anyFacts, fc.nat(10 * dayMs), fc.nat(10 * dayMs), (drawn, first, later) => {
    const held = { ...drawn, stops: [stop], overrides: [] }
    const clear = { ...held, stops: [] }
    if (permits(deriveAuthorization(clear, epochMs(first)))) stopped += 1
    for (const instantMs of [first, first + later]) {
      expect(permits(deriveAuthorization(held, epochMs(instantMs)))).toBe(false)
      const keys = { ...drawn, stops: [{ ...stop, reasonCode: 'key_compromise' }] }
      expect(deriveAuthorization(keys, epochMs(instantMs)).s).toBe('suspended')
    }
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(stopped).toBeGreaterThan(5)
})

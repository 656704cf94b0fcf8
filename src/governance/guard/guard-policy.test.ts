import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  actorText,
  digestOf,
  documentFault,
  epochMs,
  hourMs,
  type Actor,
  type UserId,
} from '../../kernel/index.ts'
import * as guardPolicy from './guard-policy.ts'

const { decide, evolve, initial } = guardPolicy
const person = (n: number): Actor => ({ k: 'person', ref: `usr_${'0'.repeat(25)}${n}` as UserId })
const [ana, ben, eve] = [person(1), person(2), person(3)]
const subject = (n: number): guardPolicy.Subject => ({
  policy: { n },
  digest: digestOf({ n }),
  faults: [],
  strictness: 'weaker',
  effect: { summary: { texts: 10 }, losses: [] },
})
const ground = digestOf('detectors')
const ctx: guardPolicy.Context = {
  now: epochMs(100 * hourMs),
  actor: ana,
  subject: subject(1),
  ground,
  shadow: { requests: 1_000, differences: 0 },
  least: { hours: 24, requests: 1_000 },
  retiring: 'not_weaker',
}
type Step = readonly [guardPolicy.Command, Partial<guardPolicy.Context>?]
const later = { now: epochMs(200 * hourMs) }
const after = (...steps: readonly Step[]): guardPolicy.State =>
  steps.reduce((state, [command, change = {}]) => {
    const decided = decide(state, command, { ...ctx, ...change })
    if (!decided.ok) throw new Error(JSON.stringify(decided.refused))
    return decided.events.reduce(evolve, state)
  }, initial)

const draft: Step = [{ c: 'draft' }]
const shadow: Step = [{ c: 'shadow' }]
const activate: Step = [
  { c: 'activate', version: 1, differences: 0 },
  { actor: ben, ...later },
]
const retire: Step = [{ c: 'retire', version: 1 }]
const second: Step = [{ c: 'draft' }, { subject: subject(2) }]
const stages = (state: guardPolicy.State) => state.versions.map(({ version, s }) => `${version} ${s}`)

test('a version is drafted, read by in shadow, active and retired; the next one takes its place', () => {
  expect(stages(after(draft))).toEqual(['1 draft'])
  expect(stages(after(draft, draft))).toEqual(['1 draft'])
  expect(stages(after(draft, [{ c: 'discard' }]))).toEqual([])
  expect(stages(after(draft, shadow))).toEqual(['1 shadow'])
  expect(stages(after(draft, shadow, activate))).toEqual(['1 active'])
  expect(stages(after(draft, shadow, activate, retire))).toEqual(['1 retired'])
  const tighten: Step = [{ c: 'tighten' }, { subject: { ...subject(2), strictness: 'not_weaker' } }]
  expect(stages(after(draft, shadow, activate, second, tighten))).toEqual(['1 retired', '2 active'])
})

test('the fact of activation says what one has gone by', () => {
  const decided = decide(after(draft, shadow), activate[0], {
    ...ctx,
    actor: ben,
    ...later,
    shadow: { requests: 5_000, differences: 0 },
  })
  expect(decided).toMatchObject({
    ok: true,
    events: [
      {
        e: 'guard.policy.activated',
        digest: digestOf({ n: 1 }),
        strictness: 'weaker',
        shadow: { requests: 5_000, differences: 0 },
      },
    ],
  })
})

const [retiredTwice] = [[draft, shadow, activate, retire] as const]
const worse = { measure: 'attacks', isBp: 8_000, limitBp: 9_000 }
test.each<[string, readonly Step[], Step, readonly string[]]>([
  [
    'a draft with faults',
    [],
    [{ c: 'draft' }, { subject: { ...subject(1), faults: [documentFault([], 'wrong')] } }],
    ['DOCUMENT_INVALID'],
  ],
  ['discarding nothing', [], [{ c: 'discard' }], ['WRONG_STATE']],
  ['putting nothing into shadow', [], shadow, ['WRONG_STATE']],
  ['putting into shadow what is there', [draft, shadow], shadow, ['WRONG_STATE']],
  [
    'shadow without its effect',
    [draft],
    [{ c: 'shadow' }, { subject: { ...subject(1), effect: null } }],
    ['EFFECT_NOT_COMPUTED'],
  ],
  [
    'shadow of what makes the corpus worse',
    [draft],
    [{ c: 'shadow' }, { subject: { ...subject(1), effect: { summary: {}, losses: [worse, worse] } } }],
    ['REGRESSION_WORSE', 'REGRESSION_WORSE'],
  ],
  [
    'shadow with faults',
    [draft],
    [{ c: 'shadow' }, { subject: { ...subject(1), faults: [documentFault([], 'wrong')] } }],
    ['DOCUMENT_INVALID'],
  ],
  [
    'a second one in shadow',
    [draft, shadow, second],
    [{ c: 'shadow' }, { subject: subject(2) }],
    ['TOO_MANY_SHADOWS'],
  ],
  ['what was published before', [draft, shadow, activate, draft], shadow, ['NOTHING_CHANGED']],
  ['activating a draft', [draft], activate, ['WRONG_STATE']],
  ['activating what one wrote oneself', [draft, shadow], [activate[0], later], ['SELF_APPROVAL']],
  [
    'activating what one put into shadow',
    [draft, [{ c: 'shadow' }, { actor: eve }]],
    [activate[0], { actor: eve, ...later }],
    ['SELF_APPROVAL'],
  ],
  [
    'activating after an hour',
    [draft, shadow],
    [activate[0], { actor: ben, now: epochMs(101 * hourMs) }],
    ['SHADOW_TOO_SHORT'],
  ],
  [
    'activating after few calls',
    [draft, shadow],
    [activate[0], { actor: ben, ...later, shadow: { requests: 999, differences: 0 } }],
    ['SHADOW_TOO_SHORT'],
  ],
  [
    'activating with everything against it',
    [draft, shadow],
    [activate[0], { shadow: { requests: 0, differences: 3 }, ground: digestOf('newer') }],
    ['SELF_APPROVAL', 'SHADOW_TOO_SHORT', 'DIFFERENCES_NOT_SEEN', 'EFFECT_NOT_COMPUTED'],
  ],
  [
    'activating an entry that has ended meanwhile',
    [draft, shadow],
    [activate[0], { ...activate[1], subject: { ...subject(1), faults: [documentFault([], 'over')] } }],
    ['DOCUMENT_INVALID'],
  ],
  ['tightening what is weaker', [draft], [{ c: 'tighten' }], ['POLICY_WEAKER']],
  [
    'tightening what cannot be compared',
    [draft],
    [{ c: 'tighten' }, { subject: { ...subject(1), strictness: 'incomparable' } }],
    ['POLICY_WEAKER'],
  ],
  ['tightening nothing', [], [{ c: 'tighten' }], ['WRONG_STATE']],
  ['retiring a draft', [draft], retire, ['WRONG_STATE']],
  ['retiring twice', retiredTwice, retire, ['WRONG_STATE']],
  [
    'retiring what is stricter than what would be left',
    [draft, shadow, activate],
    [{ c: 'retire', version: 1 }, { retiring: 'weaker' }],
    ['POLICY_WEAKER'],
  ],
])('refused: %s', (_what, steps, [command, change = {}], codes) => {
  const decided = decide(after(...steps), command, { ...ctx, ...change })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('one person may always end a version in shadow', () => {
  expect(stages(after(draft, shadow, [{ c: 'retire', version: 1 }, { retiring: 'weaker' }]))).toEqual([
    '1 retired',
  ])
})

const anyActivation = fc.record({
  c: fc.constant('activate' as const),
  version: fc.constantFrom(1, 1, 2),
  differences: fc.nat(1),
})
const anyCommand = fc.oneof(
  fc.constantFrom<guardPolicy.Command>({ c: 'draft' }, { c: 'shadow' }),
  anyActivation,
  anyActivation,
  fc.constantFrom<guardPolicy.Command>({ c: 'discard' }, { c: 'tighten' }, retire[0]),
)
const anyStep = fc.record({
  command: anyCommand,
  actor: fc.constantFrom(ana, ben, eve),
  n: fc.nat(5),
  strictness: fc.constantFrom('not_weaker' as const, 'weaker' as const),
  hours: fc.constantFrom(1, 48),
  differences: fc.nat(1),
})

test('law: nothing weaker comes into force by one person, unseen, or too soon; at most one version is in force', () => {
  let weakened = 0
  const law = fc.property(fc.array(anyStep, { minLength: 8, maxLength: 24 }), (steps) => {
    let [state, now] = [initial, 0]
    const log: guardPolicy.Event[] = []
    for (const { command, actor, n, strictness, hours, differences } of steps) {
      now += hours * hourMs
      const context = {
        ...ctx,
        actor,
        now: epochMs(now),
        subject: { ...subject(n), strictness },
        shadow: { requests: 2_000, differences },
      }
      const decided = decide(state, command, context)
      if (!decided.ok) continue
      for (const event of decided.events) {
        if (event.e === 'guard.policy.activated' && event.strictness !== 'not_weaker') {
          weakened += 1
          const from = log.findLastIndex(
            ({ e, version }) => e === 'guard.policy.discarded' && version === event.version,
          )
          const own = log.slice(from + 1).filter((earlier) => earlier.version === event.version)
          expect(own.map(({ by }) => actorText(by))).not.toContain(actorText(actor))
          const shadowed = own.find((earlier) => earlier.e === 'guard.policy.shadowed')
          expect(now - (shadowed?.at ?? now)).toBeGreaterThanOrEqual(24 * hourMs)
          expect(command).toMatchObject({ c: 'activate' })
          expect(command.c === 'activate' && command.differences >= differences).toBe(true)
        }
        log.push(event)
        state = evolve(state, event)
      }
      expect(state.versions.filter(({ s }) => s === 'active').length).toBeLessThan(2)
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 2_000 })
  expect(weakened).toBeGreaterThan(20)
})

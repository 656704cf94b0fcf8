import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { actorText, digestOf, documentFault, epochMs, type Actor, type UserId } from '../../kernel/index.ts'
import * as toolPolicy from './tool-policy.ts'

const { decide, evolve, initial } = toolPolicy
const person = (n: number): Actor => ({ k: 'person', ref: `usr_${'0'.repeat(25)}${n}` as UserId })
const [ana, ben, eve] = [person(1), person(2), person(3)]
const draft = { text: 'permit', args: '{}' }
const published = { ...draft, digest: digestOf('p'), policies: { a: {} }, engine: '4' }
const ctx: toolPolicy.Context = {
  key: 'own',
  now: epochMs(0),
  actor: ana,
  shippedKeys: ['default'],
  checked: { ok: true, published },
  inShadow: 0,
  differences: 0,
}
type Step = readonly [toolPolicy.Command, Partial<toolPolicy.Context>?]
const after = (...steps: readonly Step[]): toolPolicy.State =>
  steps.reduce((state, [command, change = {}]) => {
    const decided = decide(state, command, { ...ctx, ...change })
    if (!decided.ok) throw new Error(JSON.stringify(decided.refused))
    return decided.events.reduce(evolve, state)
  }, initial)

const create: Step = [{ c: 'create', draft }]
const publish: Step = [{ c: 'publish' }]
const activate: Step = [{ c: 'activate', version: 1, differences: 0 }, { actor: ben }]
const retire: Step = [{ c: 'retire', version: 1 }]

test('a version is drafted, decided by in shadow, active, and retired; the next one begins as a draft', () => {
  const stages = (state: toolPolicy.State) => state.versions.map(({ version, s }) => `${version} ${s}`)
  expect(stages(after(create))).toEqual(['1 draft'])
  expect(stages(after(create, [{ c: 'draft', draft }]))).toEqual(['1 draft'])
  expect(stages(after(create, publish))).toEqual(['1 shadow'])
  expect(stages(after(create, publish, activate))).toEqual(['1 active'])
  expect(stages(after(create, publish, activate, [{ c: 'draft', draft }]))).toEqual(['1 active', '2 draft'])
  expect(stages(after(create, publish, activate, retire))).toEqual(['1 retired'])
  expect(stages(after(create, [{ c: 'discard' }]))).toEqual([])
})

test.each<[string, readonly Step[], Step, readonly string[]]>([
  ['a key that ships', [], [{ c: 'create', draft }, { key: 'default' }], ['NAME_TAKEN']],
  ['a key that is taken', [create], create, ['NAME_TAKEN']],
  [
    'a text that is too long',
    [],
    [{ c: 'create', draft: { text: 'ä'.repeat(9_000), args: '{}' } }],
    ['DOCUMENT_INVALID'],
  ],
  ['publishing nothing', [create, publish], publish, ['WRONG_STATE']],
  [
    'publishing what is wrong',
    [create],
    [{ c: 'publish' }, { checked: { ok: false, faults: [documentFault(['text'], 'line 1')] } }],
    ['DOCUMENT_INVALID'],
  ],
  ['a fourth in shadow', [create], [{ c: 'publish' }, { inShadow: 3 }], ['TOO_MANY_SHADOWS']],
  ['activating a draft', [create], activate, ['WRONG_STATE']],
  ['activating what one wrote oneself', [create, publish], [activate[0], { actor: ana }], ['SELF_APPROVAL']],
  [
    'activating what one published',
    [create, [{ c: 'publish' }, { actor: eve }]],
    [activate[0], { actor: eve }],
    ['SELF_APPROVAL'],
  ],
  [
    'activating with differences that nobody has seen',
    [create, publish],
    [
      { c: 'activate', version: 1, differences: 2 },
      { actor: ana, differences: 3 },
    ],
    ['SELF_APPROVAL', 'DIFFERENCES_NOT_SEEN'],
  ],
  ['retiring twice', [create, publish, retire], retire, ['WRONG_STATE']],
  ['discarding what is published', [create, publish], [{ c: 'discard' }], ['WRONG_STATE']],
])('refused: %s', (_what, steps, [command, change = {}], codes) => {
  const decided = decide(after(...steps), command, { ...ctx, ...change })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('law: nobody activates what they wrote in, and what is published keeps its digest for good', () => {
  let activated = 0
  const anyCommand = fc.oneof(
    fc.constantFrom<toolPolicy.Command>({ c: 'draft', draft }, { c: 'publish' }, { c: 'discard' }),
    fc.record({
      c: fc.constant('activate' as const),
      version: fc.constantFrom(1, 2),
      differences: fc.nat(2),
    }),
    fc.record({ c: fc.constant('retire' as const), version: fc.constantFrom(1, 2) }),
  )
  const anyStep = fc.record({
    command: anyCommand,
    actor: fc.constantFrom(ana, ben, eve),
    differences: fc.nat(1),
  })
  const law = fc.property(fc.array(anyStep, { minLength: 4, maxLength: 20 }), (steps) => {
    let state = initial
    const log: toolPolicy.Event[] = []
    const digests = new Map<number, string>()
    for (const { command, actor, differences } of steps) {
      const decided = decide(state, command, { ...ctx, actor, differences })
      if (!decided.ok) continue
      for (const event of decided.events) {
        if (event.e === 'gateway.policy.activated') {
          activated += 1
          const authors = log.filter(
            (earlier) =>
              earlier.version === event.version &&
              (earlier.e === 'gateway.policy.drafted' || earlier.e === 'gateway.policy.published'),
          )
          const lastDiscard = log.findLastIndex(
            ({ e, version }) => e === 'gateway.policy.discarded' && version === event.version,
          )
          const since = authors.filter((earlier) => log.indexOf(earlier) > lastDiscard)
          expect(since.map(({ by }) => actorText(by))).not.toContain(actorText(actor))
        }
        log.push(event)
        state = evolve(state, event)
      }
      for (const { version, digest } of state.versions) {
        if (digest === null) continue
        expect(digests.get(version) ?? digest).toBe(digest)
        digests.set(version, digest)
      }
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(activated).toBeGreaterThan(20)
})

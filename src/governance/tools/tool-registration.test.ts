import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { actorText, digestOf, epochMs, type Actor, type UserId } from '../../kernel/index.ts'
import * as registration from './tool-registration.ts'

const { decide, evolve, initial, isLooser } = registration
const person = (n: number): Actor => ({ k: 'person', ref: `usr_${'0'.repeat(25)}${n}` as UserId })
const [ana, ben] = [person(1), person(2)]
const ctx = { toolId: 'mail/send', definition: digestOf('d'), now: epochMs(0), actor: ana }
const to = (...listed: string[]) => ({ destination: { argument: 'to', listed } })
const on = (...registered: string[]) => ({ target: { argument: 'host', registered } })

test.each<[string, registration.Terms, registration.Terms, boolean]>([
  ['nothing new', {}, {}, false],
  ['vouched for', {}, { vouchedFor: true }, true],
  ['vouched for no longer', { vouchedFor: true }, {}, false],
  ['said to send nothing', {}, { sendsOutside: false }, true],
  ['said to send', { sendsOutside: false }, { sendsOutside: true }, false],
  ['left open after it was said to send', { sendsOutside: true }, {}, true],
  ['one destination more', to('a.example'), to('a.example', 'b.example'), true],
  ['one destination less', to('a.example', 'b.example'), to('a.example'), false],
  [
    'the same destinations in another argument',
    to('a.example'),
    { destination: { argument: 'cc', listed: ['a.example'] } },
    true,
  ],
  ['no destination at all', to('a.example'), {}, false],
  ['a list without entries', {}, to(), false],
  ['one target more', on('h1'), on('h1', 'h2'), true],
])('terms are looser where they let a tool do more: %s', (_what, before, after, expected) => {
  expect(isLooser(before, after)).toBe(expected)
})

test('what is stricter holds at once; what is looser waits for somebody else', () => {
  const stated = (state: registration.State, terms: registration.Terms, actor = ana) => {
    const decided = decide(state, { c: 'state', terms }, { ...ctx, actor })
    return decided.ok ? decided.events.reduce(evolve, state) : state
  }
  const proposed = stated(initial, { vouchedFor: true })
  expect(proposed).toEqual({ inForce: {}, proposed: { terms: { vouchedFor: true }, by: actorText(ana) } })
  const own = decide(proposed, { c: 'confirm' }, ctx)
  expect(own.ok ? [] : own.refused.map(({ code }) => code)).toEqual(['SELF_APPROVAL'])
  const confirmed = decide(proposed, { c: 'confirm' }, { ...ctx, actor: ben })
  if (!confirmed.ok) throw new Error('somebody else confirms')
  const open = confirmed.events.reduce(evolve, proposed)
  expect(open).toEqual({ inForce: { vouchedFor: true }, proposed: null })
  expect(stated(open, { sendsOutside: true })).toEqual({ inForce: { sendsOutside: true }, proposed: null })
})

test.each<[string, registration.State, registration.Command, string]>([
  [
    'nothing that changes',
    { inForce: { vouchedFor: true }, proposed: null },
    { c: 'state', terms: { vouchedFor: true } },
    'NOTHING_CHANGED',
  ],
  ['a list with one entry twice', initial, { c: 'state', terms: to('a', 'a') }, 'DOCUMENT_INVALID'],
  ['confirming nothing', initial, { c: 'confirm' }, 'WRONG_STATE'],
  ['dropping nothing', initial, { c: 'drop' }, 'WRONG_STATE'],
])('refused: %s', (_what, state, command, code) => {
  const decided = decide(state, command, ctx)
  expect(decided.ok ? [] : decided.refused.map((reason) => reason.code)).toEqual([code])
})

test('law: no one person lets a tool do more than before', () => {
  let loosened = 0
  const anyTerms = fc.constantFrom<registration.Terms>(
    {},
    { vouchedFor: true },
    { sendsOutside: false },
    { sendsOutside: true },
    to('a.example'),
    to('a.example', 'b.example'),
    on('h1'),
  )
  const anyStep = fc.record({
    command: fc.oneof(
      anyTerms.map((terms): registration.Command => ({ c: 'state', terms })),
      fc.constantFrom<registration.Command>({ c: 'confirm' }, { c: 'confirm' }, { c: 'drop' }),
    ),
    actor: fc.constantFrom(ana, ben),
  })
  const law = fc.property(fc.array(anyStep, { minLength: 3, maxLength: 12 }), (steps) => {
    let state = initial
    let stated: { readonly terms: registration.Terms; readonly by: Actor } | null = null
    for (const { command, actor } of steps) {
      const decided = decide(state, command, { ...ctx, actor })
      if (!decided.ok) continue
      if (command.c === 'state') stated = { terms: command.terms, by: actor }
      const next = decided.events.reduce(evolve, state)
      if (isLooser(state.inForce, next.inForce)) {
        loosened += 1
        expect(stated?.terms).toEqual(next.inForce)
        expect(stated?.by).not.toEqual(actor)
      }
      state = next
    }
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(loosened).toBeGreaterThan(20)
})

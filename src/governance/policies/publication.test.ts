import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  digestOf,
  epochMs,
  functions,
  idFrom,
  type Actor,
  type Digest,
  type Fn,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { charter, tallySignatures } from '../committee/index.ts'
import { publication } from './index.ts'

const id = (n: number) => idFrom('user', epochMs(0), new Uint8Array(10).fill(n))
const holders = Object.fromEntries(functions.map((fn, n) => [fn, id(n + 1)])) as { [F in Fn]: UserId }
const [analyst, deputy] = [id(20), id(21)]
const template = charter.parseCharterTemplate(
  JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../catalogue/charters/default.1.json'), 'utf8'),
  ),
)
const seats = functions.map((fn, n) => ({
  id: idFrom('seat', epochMs(0), new Uint8Array(10).fill(n)),
  fn,
  holder: holders[fn],
  alternates: fn === 'legal' ? [deputy] : [],
  chair: fn === 'risk',
}))
const ours: charter.Charter = { ...template, version: 1, seats }
const rule = ours.rules.policy[3]
const charters: charter.State = {
  ...charter.initial,
  versions: [{ digest: charter.charterDigest(ours), charter: ours, effectiveFrom: epochMs(0) }],
}
const system: Actor = { k: 'system', role: 'installation' }
const context = (who: UserId | null, document?: Digest): publication.Context => ({
  now: epochMs(1_000),
  actor: who === null ? system : { k: 'person', ref: who },
  authn: {
    method: 'passkey',
    mfa: true,
    at: epochMs(1_000),
    ...(document === undefined
      ? {}
      : {
          bound: {
            document,
            credentialId: digestOf('key'),
            assertion: { authenticatorData: '', clientDataJSON: '', signature: '' },
          },
        }),
  },
  kind: 'tier_policy',
  key: 'p',
  charters,
  faultsIn: () => [],
})
const documentOf = (version: number, text = 'a'): JsonObject => ({ key: 'p', version, text })
const publish = (version: number, text: string): publication.Command => {
  const document = documentOf(version, text)
  return {
    c: 'publish',
    publication: { kind: 'tier_policy', key: 'p', version, digest: digestOf(document), document },
  }
}
const run = (state: publication.State, command: publication.Command, ctx: publication.Context) => {
  const decided = publication.decide(state, command, ctx)
  return decided.ok
    ? { state: decided.events.reduce(publication.evolve, state), codes: [], events: decided.events }
    : { state, codes: decided.refused.map(({ code }) => code), events: [] }
}
const shipped = run(publication.initial, publish(1, 'a'), context(null)).state
const proposed = run(shipped, { c: 'propose', document: documentOf(2) }, context(analyst)).state
const digest = proposed.proposals[0]?.digest ?? digestOf('none')
const vote = (
  state: publication.State,
  fn: Fn,
  choice: 'approve' | 'object' = 'approve',
  who = holders[fn],
) =>
  run(
    state,
    choice === 'approve'
      ? { c: 'sign', digest }
      : { c: 'object', digest, reason: 'this loosens what we need' },
    context(who, publication.policyDocument(digest, choice)),
  )
const after = (fns: readonly Fn[]) => fns.reduce((state, fn) => vote(state, fn).state, proposed)

test('what ships is published once, versions only rise, and what ships never replaces what was decided', () => {
  const two = run(shipped, publish(2, 'b'), context(null))
  expect(two.events).toMatchObject([
    { e: 'tier_policy.published', previousDigest: shipped.versions[0]?.digest },
  ])
  expect(run(two.state, publish(2, 'c'), context(null)).codes).toEqual(['VERSION_PUBLISHED'])
  expect(run(two.state, publish(2, 'b'), context(null))).toMatchObject({ codes: [], events: [] })
  const from2 = run(publication.initial, publish(2, 'b'), context(null)).state
  expect(run(from2, publish(1, 'a'), context(null)).codes).toEqual(['VERSION_NOT_NEXT'])
  const own = after(functions)
  expect(publication.isOwn(own)).toBe(true)
  for (const version of [2, 3])
    expect(run(own, publish(version, 'shipped'), context(null)).events).toEqual([])
})

test.each<[string, publication.State, JsonObject, Partial<publication.Context>, readonly string[]]>([
  ['the next version', shipped, documentOf(2), {}, []],
  ['the version in force', shipped, documentOf(1), {}, ['VERSION_NOT_NEXT']],
  [
    'a later version of another key',
    shipped,
    { key: 'q', version: 3 },
    {},
    ['KEY_DIFFERS', 'VERSION_NOT_NEXT'],
  ],
  ['a document of no kind', shipped, {}, {}, ['KEY_DIFFERS', 'VERSION_NOT_NEXT']],
  ['a program', shipped, documentOf(2), { actor: system }, ['PERSON_REQUIRED']],
  ['in bootstrap mode', shipped, documentOf(2), { charters: charter.initial }, ['NO_CHARTER']],
  ['where nothing was shipped', publication.initial, documentOf(1), {}, ['NOTHING_TO_REPLACE']],
  [
    'a faulty document, with every fault',
    shipped,
    documentOf(2),
    { faultsIn: () => [{ code: 'FLOOR_REMOVED', params: { id: 'T3-1' } }], charters: charter.initial },
    ['FLOOR_REMOVED', 'NO_CHARTER'],
  ],
])('proposing: %s', (_what, state, document, more, codes) => {
  const ctx = { ...context(analyst), ...more }
  expect(run(state, { c: 'propose', document }, ctx).codes).toEqual(codes)
})

test('only so many proposals are open at a time', () => {
  let state = shipped
  for (let n = 0; n < publication.mostOpen; n += 1)
    state = run(state, { c: 'propose', document: documentOf(2, `${n}`) }, context(analyst)).state
  expect(run(state, { c: 'propose', document: documentOf(2) }, context(analyst)).codes).toEqual([
    'TOO_MANY_PROPOSALS',
  ])
})

const passkey = publication.policyDocument(digest, 'approve')
const delegated: charter.State = {
  ...charters,
  delegations: seats
    .filter(({ fn }) => fn === 'legal')
    .map(({ id: seat }) => ({ seat, to: deputy, from: epochMs(0), until: epochMs(9_000) })),
}
test.each<[string, publication.State, publication.Context, readonly string[]]>([
  ['a seat', proposed, context(holders.it, passkey), []],
  ['nobody of the committee', proposed, context(id(30), passkey), ['NOT_SEATED']],
  ['an alternate whose seat was not handed over', proposed, context(deputy, passkey), ['NOT_SEATED']],
  ['a delegate', proposed, { ...context(deputy, passkey), charters: delegated }, []],
  [
    'a holder who has delegated',
    proposed,
    { ...context(holders.legal, passkey), charters: delegated },
    ['NOT_SEATED'],
  ],
  ['the proposer', proposed, context(analyst, passkey), ['NOT_SEATED', 'SELF_APPROVAL']],
  ['without a passkey', proposed, context(holders.it), ['STEP_UP_REQUIRED']],
  [
    'a passkey over an objection',
    proposed,
    context(holders.it, publication.policyDocument(digest, 'object')),
    ['STEP_UP_REQUIRED'],
  ],
  ['twice', after(['it']), context(holders.it, passkey), ['ALREADY_SIGNED']],
  [
    'in bootstrap mode',
    proposed,
    { ...context(holders.it, passkey), charters: charter.initial },
    ['NO_CHARTER'],
  ],
  [
    'what no longer holds',
    proposed,
    { ...context(holders.it, passkey), faultsIn: () => [{ code: 'FLOOR_REMOVED', params: { id: 'x' } }] },
    ['FLOOR_REMOVED'],
  ],
  ['what is published', after(functions), context(holders.it, passkey), ['PROPOSAL_CLOSED']],
  ['what nobody proposed', shipped, context(holders.it, passkey), ['PROPOSAL_UNKNOWN']],
])('signing: %s', (_who, state, ctx, codes) => {
  expect(run(state, { c: 'sign', digest }, ctx).codes).toEqual(codes)
})

test('the last needed signature publishes, whole and under the name of its proposal', () => {
  const almost = after(['it', 'security', 'risk', 'legal'])
  expect(publication.isOwn(almost)).toBe(false)
  const last = vote(almost, 'privacy')
  expect(last.events).toMatchObject([
    { e: 'policy.signed', fn: 'privacy', by: holders.privacy },
    {
      e: 'tier_policy.published',
      version: 2,
      digest: digestOf(documentOf(2)),
      document: documentOf(2),
      previousDigest: shipped.versions[0]?.digest,
      proposal: digest,
    },
  ])
  expect(last.state.proposals).toMatchObject([{ s: 'published', document: null }])
})

test('a questionnaire is published without its labels in what decides, and with them beside it', () => {
  const document = { key: 'p', version: 2, questions: [], labels: { title: { label: 'Titel' } } }
  const { labels, ...logic } = document
  expect(publication.publicationOf('questionnaire', 'p', 2, document)).toEqual({
    kind: 'questionnaire',
    key: 'p',
    version: 2,
    digest: digestOf(logic),
    document: logic,
    labels,
  })
})

test('the objection of a function with a veto ends a proposal; another counts against it and is recorded', () => {
  const objected = vote(proposed, 'it', 'object')
  expect(objected.events).toMatchObject([
    { e: 'policy.objected', fn: 'it', sealed: { reason: expect.any(String) } },
  ])
  expect(objected.state.proposals).toMatchObject([{ s: 'open', votes: [{ fn: 'it', choice: 'object' }] }])
  const vetoed = vote(objected.state, 'legal', 'object')
  expect(vetoed.events).toMatchObject([{ e: 'policy.objected' }, { e: 'policy.rejected', vetoes: ['legal'] }])
  expect(vetoed.state.proposals).toMatchObject([{ s: 'rejected', document: null }])
  const short = run(
    proposed,
    { c: 'object', digest, reason: 'no' },
    context(holders.it, publication.policyDocument(digest, 'object')),
  )
  expect(short.codes).toEqual(['REASON_REQUIRED'])
})

test('the proposer withdraws, nobody else; what is published takes the place of every other proposal', () => {
  expect(run(proposed, { c: 'withdraw', digest }, context(holders.it)).codes).toEqual(['NOT_THE_PROPOSER'])
  expect(run(proposed, { c: 'withdraw', digest }, context(analyst)).state.proposals).toMatchObject([
    { s: 'withdrawn', document: null },
  ])
  const two = run(proposed, { c: 'propose', document: documentOf(2, 'other') }, context(holders.it)).state
  const done = functions.reduce((state, fn) => vote(state, fn).state, two)
  expect(done.proposals.map(({ s }) => s)).toEqual(['published', 'superseded'])
})

test('who has lost the seat before the last signature is not counted', () => {
  const almost = after(['it', 'security', 'risk', 'legal'])
  const reseated: charter.Charter = {
    ...ours,
    version: 2,
    seats: seats.map((seat) => (seat.fn === 'security' ? { ...seat, holder: id(40) } : seat)),
  }
  const later = {
    ...charters,
    versions: [
      ...charters.versions,
      { digest: digestOf('2'), charter: reseated, effectiveFrom: epochMs(500) },
    ],
  }
  const sign = { c: 'sign', digest } as const
  const last = run(almost, sign, { ...context(holders.privacy, passkey), charters: later })
  expect(last.events).toMatchObject([{ e: 'policy.signed' }])
  expect(publication.isOwn(last.state)).toBe(false)
})

const everybody = [...Object.values(holders), analyst, deputy]
const anyStep = fc.record({
  who: fc.constantFrom(...everybody),
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constant('sign' as const) },
    { weight: 3, arbitrary: fc.constantFrom('propose', 'ship', 'object', 'withdraw') },
  ),
  /** Mostly the oldest that is open, so that signatures come together. */
  which: fc.constantFrom(0, 0, 0, 0, 1, 2),
  /** What the passkey has signed; null for what the act needs. */
  proves: fc.constantFrom(null, null, null, null, null, 'approve', 'object', 'nothing'),
  text: fc.constantFrom('a', 'b'),
})

test('law: no sequence publishes without signatures that satisfy the rule, and replay gives the state', () => {
  const bench = charter.benchOf(charters, ours, epochMs(1_000))
  let [publications, rejections] = [0, 0]
  const law = fc.property(fc.array(anyStep, { minLength: 20, maxLength: 60 }), (steps) => {
    let state: publication.State = shipped
    const log: publication.Event[] = []
    for (const { who, act, which, proves, text } of steps) {
      const open = state.proposals.filter(({ s }) => s === 'open')
      const target = open[which % Math.max(open.length, 1)]?.digest ?? digest
      const version = (state.versions.at(-1)?.version ?? 0) + 1
      const wanted = proves ?? (act === 'object' ? 'object' : 'approve')
      const bound = wanted === 'nothing' ? undefined : publication.policyDocument(target, wanted)
      const command: publication.Command =
        act === 'ship'
          ? publish(version, text)
          : act === 'propose'
            ? { c: 'propose', document: documentOf(version, text) }
            : act === 'object'
              ? { c: 'object', digest: target, reason: 'a reason that is long enough' }
              : { c: act, digest: target }
      const before = state
      const done = run(state, command, act === 'ship' ? context(null) : context(who, bound))
      log.push(...done.events)
      state = done.state
      for (const known of before.versions) expect(state.versions).toContainEqual(known)
      if (done.events.some(({ e }) => e === 'policy.rejected')) rejections += 1
      const published = done.events.find((event) => 'previousDigest' in event)
      if (published === undefined || !('previousDigest' in published)) continue
      if (publication.isOwn(before)) expect(published.proposal).toBeDefined()
      if (published.proposal === undefined) continue
      publications += 1
      // Counted again from the recorded signatures alone.
      const about = log.filter((event) => 'fn' in event && event.digest === published.proposal)
      const votes = about.flatMap((event) =>
        event.e === 'policy.signed' || event.e === 'policy.objected'
          ? [
              {
                by: event.by,
                fn: event.fn,
                choice: event.e === 'policy.signed' ? 'approve' : 'object',
              } as const,
            ]
          : [],
      )
      const proposal = log.find(
        (event) => event.e === 'policy.proposed' && event.digest === published.proposal,
      )
      const by = proposal?.e === 'policy.proposed' ? proposal.by : id(99)
      expect(tallySignatures(rule, bench, by, votes).status).toBe('satisfied')
      expect(new Set(votes.map((item) => item.by)).size).toBe(votes.length)
      expect(votes.map((item) => item.by)).not.toContain(by)
      for (const fn of rule.required) expect(votes).toContainEqual({ by: holders[fn], fn, choice: 'approve' })
    }
    expect(log.reduce(publication.evolve, shipped)).toEqual(state)
    expect(new Set(state.versions.map(({ version }) => version)).size).toBe(state.versions.length)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(publications).toBeGreaterThan(20)
  expect(rejections).toBeGreaterThan(20)
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addDays, digestOfBytes, epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import { releaseDigest, type ReleaseManifest } from './manifest.ts'
import { answersUnchanged } from './material-change.ts'
import {
  decide,
  evolve,
  extensionsOf,
  initial,
  type Command,
  type Context,
  type Event,
  type State,
} from './system.ts'

const file = new URL('../../../vectors/governance/manifest-diff.json', import.meta.url)
const { base } = JSON.parse(readFileSync(file, 'utf8')) as { base: ReleaseManifest } // the format of the file
const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [ana, sec, olu] = [id('user', 1), id('user', 2), id('user', 3)]
const manifest = { ...base, systemId: id('system') }
const next = { ...manifest, capabilities: ['chat'] }
const [from, to] = [releaseDigest(manifest), releaseDigest(next)]
const ctx: Context = {
  now: epochMs(1_000),
  actor: { k: 'person', ref: ana },
  authn: { method: 'passkey', mfa: true, at: epochMs(1_000) },
  ids: { next: (kind) => id(kind) },
  tier: 2,
  declaredActions: [{ toolId: 'ticket', effect: 'write', autonomy: 'A2' }],
  answers: answersUnchanged,
  strictness: { guardPolicy: 'incomparable', toolPolicy: 'incomparable' },
  decision: {
    id: id('decision'),
    outcome: 'approved',
    release: from,
    decidedAt: epochMs(500),
    notBefore: epochMs(500),
    expiresAt: addDays(epochMs(500), 90),
    revoked: false,
  },
  checks: { allPass: true, runs: [digestOfBytes('run')] },
  seatedSecurity: new Set([sec, ana]),
  interested: new Set([olu]),
}
const log: Event[] = []
const run = (state: State, command: Command, change: Partial<Context> = {}) => {
  const decided = decide(state, command, { ...ctx, ...change })
  if (!decided.ok) throw new Error(JSON.stringify(decided.refused))
  log.push(...decided.events)
  return decided.events.reduce(evolve, state)
}
const registered = run(initial, { c: 'register', useCaseId: id('useCase'), kind: 'built' })
const first = run(registered, { c: 'create_release', manifest })
const second = run(first, { c: 'create_release', manifest: next, parent: from })
const classified = run(second, { c: 'classify_change', from, to })
const extend: Command = { c: 'extend_decision', decisionId: id('decision'), to }
const seated = { actor: { k: 'person', ref: sec } } as const
const system = { actor: { k: 'system', role: 'timer' } } as const
const { decision } = ctx
const codesOf = (state: State, command: Command, change: Partial<Context>) => {
  const decided = decide(state, command, { ...ctx, ...change })
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

test.each<[string, Partial<Context>, string[]]>([
  ['a seated security person', seated, []],
  ['the author', {}, ['AUTHOR_CONFLICT']],
  ['the system in tier 2', system, ['SECURITY_SEAT_REQUIRED']],
  ['tier 3', { ...seated, tier: 3 }, ['NOT_CLASSIFIED']],
  ['failed checks', { ...seated, checks: { allPass: false, runs: [] } }, ['CHECKS_NOT_PASSED']],
  [
    'a revoked decision',
    { ...seated, decision: decision && { ...decision, revoked: true } },
    ['DECISION_NOT_IN_FORCE'],
  ],
  [
    'PD-13: an expired one',
    { ...seated, decision: decision && { ...decision, expiresAt: ctx.now } },
    ['DECISION_NOT_IN_FORCE'],
  ],
  ['no decision', { ...seated, decision: null }, ['DECISION_NOT_IN_FORCE']],
])('extending a decision: %s', (_what, change, codes) => {
  expect(codesOf(classified, extend, change)).toEqual(codes)
})

test('the engine extends in tier 1, nobody in tier 3, and nobody after 30 days', () => {
  const inTier = (tier: 1 | 3) => run(second, { c: 'classify_change', from, to }, { tier })
  expect(codesOf(inTier(1), extend, { ...system, tier: 1 })).toEqual([])
  expect(codesOf(inTier(3), extend, { ...seated, tier: 3 })).toEqual(['TIER_3_NEVER_EXTENDS'])
  const late = { tier: 1, now: addDays(epochMs(500), 30) } as const
  expect(codesOf(inTier(1), extend, { ...system, ...late })).toEqual(['EXTENSIONS_EXHAUSTED'])
})

test('a material or unclassified change extends nothing', () => {
  expect(codesOf(second, extend, seated)).toEqual(['NOT_CLASSIFIED'])
  const worse = run(
    second,
    { c: 'classify_change', from, to },
    { answers: { ...answersUnchanged, tierRaised: true } },
  )
  expect(codesOf(worse, extend, seated)).toEqual(['CHANGE_IS_MATERIAL'])
})

test('a release beyond the declared actions, of another system or twice is refused with all reasons', () => {
  const other = { ...manifest, systemId: id('system', 1) }
  expect(
    codesOf(registered, { c: 'create_release', manifest: other, parent: to }, { declaredActions: [] }),
  ).toEqual(['MANIFEST_OF_OTHER_SYSTEM', 'RELEASE_UNKNOWN', 'TOOL_NOT_DECLARED'])
  expect(codesOf(first, { c: 'create_release', manifest }, {})).toEqual(['RELEASE_EXISTS'])
})

test('PD-07: the recorded facts alone give the state', () => {
  const extended = run(classified, extend, seated)
  const facts = [...log.slice(0, 4), ...log.slice(-1)]
  expect(facts.reduce(evolve, initial)).toEqual(extended)
  expect(extensionsOf(extended, id('decision'))).toEqual([to])
  expect(codesOf(extended, extend, seated)).toEqual(['ALREADY_EXTENDED'])
})

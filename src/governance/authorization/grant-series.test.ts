import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, epochMs, idFrom, type EpochMs } from '../../kernel/index.ts'
import { permits, type Authorization, type AuthorizationState } from './authorization.ts'
import {
  decide,
  evolve,
  initial,
  type Command,
  type Context,
  type SeriesTerms,
  type State,
} from './grant-series.ts'
import * as renewals from './grant-renewals.ts'

const now = epochMs(1_800_000_000_000)
const random = new Uint8Array(10)
const deploymentId = idFrom('deployment', now, random)
const basis = idFrom('decision', now, random)
const [r1, r2] = [digestOf('r1'), digestOf('r2')]
const until = epochMs(now + 600_000)
const terms: SeriesTerms = {
  deploymentId,
  basis: { k: 'decision', id: basis, seq: 7 },
  releaseDigest: r1,
  useCaseRevision: digestOf('revision'),
  scope: digestOf('scope'),
  tier: 2,
  mode: 'enforce',
  epoch: 1,
}
const authorized = (s: AuthorizationState, codes: readonly string[] = []): Authorization => ({
  s,
  mode: 'enforce',
  open: [],
  reasons: codes.map((code) => ({ code, params: {} })),
  ...(s === 'valid' ? { basis, until } : {}),
})
const context = (authorization: Authorization, at: EpochMs = now): Context => ({
  now: at,
  deploymentId,
  authorization,
  release: r1,
  kid: 'k1',
})
const issue = (more: Partial<SeriesTerms> = {}, exp = until): Command => ({
  c: 'issue',
  terms: { ...terms, ...more },
  jti: idFrom('grant', now, random),
  exp,
})
const run = (state: State, command: Command, ctx: Context) => {
  const decided = decide(state, command, ctx)
  return decided.ok
    ? { state: decided.events.reduce(evolve, state), kinds: decided.events.map(({ e }) => e), codes: [] }
    : { state, kinds: [], codes: decided.refused.map(({ code }) => code) }
}
const valid = context(authorized('valid'))

test.each([
  [
    'PD-17: without an authorization that permits',
    issue(),
    context(authorized('in_review')),
    'NOT_AUTHORIZED',
  ],
  ['PD-18: for another release', issue({ releaseDigest: r2 }), valid, 'RELEASE_MISMATCH'],
  [
    'PD-18: on another basis',
    issue({ basis: { k: 'decision', id: 'other', seq: 7 } }),
    valid,
    'RELEASE_MISMATCH',
  ],
  ['beyond what the authorization says', issue({}, epochMs(until + 1)), valid, 'EXPIRED'],
  ['that is over already', issue({}, now), valid, 'EXPIRED'],
] as const)('no grant %s', (_what, command, ctx, code) => {
  expect(run(initial, command, ctx).codes).toContain(code)
})

test('renewals record nothing; another epoch, mode or scope is another series', () => {
  const open = run(initial, issue(), valid)
  expect(open.kinds).toEqual(['grant.series_opened'])
  expect(run(open.state, issue(), valid).kinds).toEqual([])
  for (const more of [{ epoch: 2 }, { mode: 'observe' as const }, { scope: digestOf('less') }])
    expect(run(open.state, issue(more), valid).kinds).toEqual(['grant.series_opened'])
})

test('withholding closes the series and names the reasons once', () => {
  const open = run(initial, issue(), valid).state
  const stopped = context(authorized('suspended', ['STOPPED']))
  const closed = run(open, { c: 'withhold' }, stopped)
  expect(closed.kinds).toEqual(['grant.series_closed', 'grant.refused'])
  expect(run(closed.state, { c: 'withhold' }, stopped).kinds).toEqual([])
  const expired = context(authorized('expired', ['DECISION_EXPIRED']))
  expect(run(closed.state, { c: 'withhold' }, expired).kinds).toEqual(['grant.refused'])
  expect(run(open, { c: 'withhold' }, valid).kinds).toEqual([])
})

test('law: a series is open only after an authorization that permits, and replay gives the state', () => {
  const anyState = fc.constantFrom<AuthorizationState>('valid', 'valid', 'suspended', 'expired', 'none')
  const step = fc.tuple(anyState, fc.boolean(), fc.integer({ min: 1, max: 3 }))
  let opened = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 15 }), (steps) => {
      let state: State = initial
      let last: Authorization = authorized('none')
      for (const [s, issues, epoch] of steps) {
        const authorization = authorized(s, [s.toUpperCase()])
        const done = run(state, issues ? issue({ epoch }) : { c: 'withhold' }, context(authorization))
        if (done.kinds.length > 0) last = authorization
        state = done.state
        if (state.s === 'open') {
          opened += 1
          expect(permits(last)).toBe(true)
        }
      }
    }),
  )
  expect(opened).toBeGreaterThan(50)
})

test('batches of renewals follow each other and are never empty', () => {
  const hour = (n: number) => epochMs(n * 3_600_000)
  const batch = (from: number, to: number, count = 1): renewals.Command => ({
    c: 'batch',
    from: hour(from),
    until: hour(to),
    count,
    merkleRoot: digestOf('root'),
  })
  const codes = (state: renewals.State, command: renewals.Command) => {
    const decided = renewals.decide(state, command, { now: hour(5) })
    return decided.ok ? [] : decided.refused.map(({ code }) => code)
  }
  const first = renewals.decide(renewals.initial, batch(1, 2), { now: hour(5) })
  const state = first.ok ? first.events.reduce(renewals.evolve, renewals.initial) : renewals.initial
  expect(state).toEqual({ batches: 1, until: hour(2) })
  expect(codes(state, batch(2, 3))).toEqual([])
  expect(codes(state, batch(1, 3))).toEqual(['WINDOW_INVALID'])
  expect(codes(state, batch(4, 6))).toEqual(['WINDOW_INVALID'])
  expect(codes(state, batch(2, 3, 0))).toEqual(['NOTHING_TO_BATCH'])
})

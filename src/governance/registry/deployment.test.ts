import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOfBytes, epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import { decide, evolve, initial, type Command, type Context, type Event, type State } from './deployment.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [r1, r2] = [digestOfBytes('r1'), digestOfBytes('r2')]
const ctx: Context = {
  now: epochMs(1_000),
  actor: { k: 'person', ref: id('user') },
  ids: { next: (kind) => id(kind) },
  releases: new Set([r1, r2]),
  systemRetired: false,
  authorization: {
    deploymentId: id('deployment'),
    release: r1,
    environment: 'prod',
    state: 'valid',
    basis: id('decision'),
    grantExpiresAt: epochMs(2_000),
  },
  resume: null,
}
const { authorization } = ctx
const resume = {
  caseId: id('case'),
  decisionId: id('decision'),
  deploymentId: id('deployment'),
  outcome: 'approved' as const,
  decidedAt: epochMs(1_000),
  expiresAt: epochMs(5_000),
  revoked: false,
}
const create: Command = {
  c: 'create',
  useCaseId: id('useCase'),
  systemId: id('system'),
  environment: 'prod',
  routes: [],
  owner: id('user'),
}
const run = (state: State, command: Command, context: Context = ctx): State => {
  const decided = decide(state, command, context)
  return decided.ok ? decided.events.reduce(evolve, state) : state
}
const present = run(initial, create)
const deploy: Command = { c: 'deploy', release: r1, op: 'canary' }

test.each<[string, Command, Context['authorization'], string[]]>([
  ['with a live grant', deploy, authorization, []],
  ['PD-17: without any authorization', deploy, null, ['NOT_AUTHORIZED']],
  [
    'PD-18: with the approval of another release',
    { ...deploy, release: r2 },
    authorization,
    ['NOT_AUTHORIZED'],
  ],
  [
    'an unknown release',
    { ...deploy, release: digestOfBytes('?') },
    authorization,
    ['NOT_AUTHORIZED', 'RELEASE_UNKNOWN'],
  ],
  [
    'approved for elsewhere',
    deploy,
    authorization && { ...authorization, environment: 'test' },
    ['NOT_AUTHORIZED'],
  ],
  [
    'of another deployment',
    deploy,
    authorization && { ...authorization, deploymentId: id('deployment', 1) },
    ['NOT_AUTHORIZED'],
  ],
  ['while suspended', deploy, authorization && { ...authorization, state: 'suspended' }, ['NOT_AUTHORIZED']],
  [
    'PD-13: with an expired grant',
    deploy,
    authorization && { ...authorization, grantExpiresAt: ctx.now },
    ['GRANT_NOT_LIVE'],
  ],
])('deploying %s', (_what, command, fact, codes) => {
  const decided = decide(present, command, { ...ctx, authorization: fact })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('PD-03: a status that a client sends along is not kept', () => {
  const smuggled = { ...create, op: 'live', desired: r1, epoch: 99 }
  expect(run(initial, smuggled)).toMatchObject({ op: 'not_deployed', desired: null, epoch: 1 })
})

test('a quarantine ends only by a decided resume case from after it', () => {
  const held = run(run(present, deploy), { c: 'quarantine', reasonCode: 'incident' })
  expect(held).toMatchObject({ op: 'quarantined', epoch: 2 })
  for (const fact of [
    null,
    { ...resume, outcome: 'rejected' as const },
    { ...resume, decidedAt: epochMs(999) },
    { ...resume, deploymentId: id('deployment', 1) },
    { ...resume, revoked: true },
  ])
    expect(decide(held, { c: 'resume' }, { ...ctx, resume: fact }).ok).toBe(false)
  expect(run(held, { c: 'resume' }, { ...ctx, resume })).toMatchObject({ op: 'not_deployed', epoch: 3 })
})

test('a roll-out is unobserved until the deployment tells what runs', () => {
  const rolled = run(present, deploy)
  expect(rolled).toMatchObject({ observed: 'unknown', observedUnknownSince: 1_000 })
  const seen = run(rolled, { c: 'observe', observed: r1, source: 'agent' })
  expect(seen).toMatchObject({ observed: r1, observedUnknownSince: null })
  expect(run(seen, { c: 'observe', observed: r2, source: 'agent' })).toMatchObject({ observed: r2 })
})

test('law: replay equals state, an epoch never falls, and one person can always end what runs', () => {
  let running = 0
  const anyCommand = fc.constantFrom<Command>(
    create,
    deploy,
    { c: 'deploy', release: r2, op: 'live' },
    { c: 'promote', op: 'live' },
    { c: 'quarantine', reasonCode: 'incident' },
    { c: 'resume' },
    { c: 'observe', observed: r2, source: 'agent' },
  )
  const anyAuthorization = fc.constantFrom(
    authorization,
    authorization && { ...authorization, release: r2 },
    null,
  )
  const steps = fc.array(fc.tuple(anyCommand, anyAuthorization, fc.boolean()), { maxLength: 20 })
  const law = fc.property(steps, (drawn) => {
    let state: State = initial
    const log: Event[] = []
    for (const [command, fact, resumed] of [[create, null, false] as const, ...drawn]) {
      const before = state
      const context = { ...ctx, authorization: fact, resume: resumed ? resume : null }
      const decided = decide(state, command, context)
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
      if (state.s === 'absent') continue
      if (before.s === 'present') expect(state.epoch).toBeGreaterThanOrEqual(before.epoch)
      if (state.op !== 'quarantined') {
        const stopped = run(state, { c: 'quarantine', reasonCode: 'person' }, { ...ctx, authorization: null })
        expect(stopped).toMatchObject({ op: 'quarantined', epoch: state.epoch + 1 })
      }
      if (state.op === 'live' || state.op === 'canary') running += 1
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 300 })
  expect(running).toBeGreaterThan(50)
})

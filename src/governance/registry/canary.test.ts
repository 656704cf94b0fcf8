import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  digestOf,
  epochMs,
  idFrom,
  type CanaryId,
  type DeploymentId,
  type RecordId,
} from '../../kernel/index.ts'
import {
  decide,
  evolve,
  initial,
  maxCanaries,
  type Command,
  type Context,
  type Event,
  type State,
} from './canary.ts'

const id = <K extends Parameters<typeof idFrom>[0]>(kind: K, n: number) =>
  idFrom(kind, epochMs(n), new Uint8Array(10))
const [here, there] = [id('deployment', 1), id('deployment', 2)] as [DeploymentId, DeploymentId]
const terms = {
  deploymentId: here,
  place: 'system_prompt',
  label: 'support-prompt',
  digest: digestOf('token'),
} as const
const ctx: Context = {
  canaryId: id('canary', 3) as CanaryId,
  now: epochMs(4),
  actor: { k: 'system', role: 'gateway' },
  deploymentRetired: false,
  others: 0,
}
const recordId = id('record', 5) as RecordId
const issued: State = { s: 'issued', terms, seenIn: [] }
const retired: State = { s: 'retired', terms, seenIn: [] }
const issue: Command = { c: 'issue', terms }
const leak: Command = { c: 'leak', seenIn: there, recordId }

test.each([
  ['issued', initial, issue, ctx, []],
  ['issued again', issued, issue, ctx, ['WRONG_STATE']],
  [
    'issued for what is retired, beyond what is looked for',
    initial,
    issue,
    { ...ctx, deploymentRetired: true, others: maxCanaries },
    ['DEPLOYMENT_RETIRED', 'TOO_MANY_CANARIES'],
  ],
  ['retired', issued, { c: 'retire' }, ctx, []],
  ['retired again', retired, { c: 'retire' }, ctx, ['WRONG_STATE']],
  ['retired before it was issued', initial, { c: 'retire' }, ctx, ['WRONG_STATE']],
  ['seen', issued, leak, ctx, []],
  ['seen after it was retired', retired, leak, ctx, []],
  ['seen there again', { ...issued, seenIn: [there] }, leak, ctx, ['NOTHING_CHANGED']],
  ['seen and unknown', initial, leak, ctx, ['WRONG_STATE']],
] as const)('a canary is %s', (_what, state, command, context, codes) => {
  const decided = decide(state, command, context)
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('law: in every history a canary is issued once, retired once, and told of each deployment once', () => {
  let leaks = 0
  const step = fc.constantFrom<Command>(issue, { c: 'retire' }, leak, { ...leak, seenIn: here })
  const law = fc.property(fc.array(step, { maxLength: 12 }), (commands) => {
    let state: State = initial
    const log: Event[] = []
    for (const command of commands) {
      const decided = decide(state, command, ctx)
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
    }
    const told = log.map((event) =>
      event.e === 'guard.canary.leaked' ? `${event.e} ${event.seenIn}` : event.e,
    )
    expect(new Set(told).size).toBe(told.length)
    if (told.length > 0) expect(told[0]).toBe('guard.canary.issued')
    leaks += told.filter((name) => name.startsWith('guard.canary.leaked')).length
    expect(log.reduce<State>(evolve, initial)).toEqual(state)
    expect(JSON.stringify(log)).not.toContain('token')
  })
  fc.assert(law, { numRuns: 500 })
  expect(leaks).toBeGreaterThan(100)
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, type Json } from '../../kernel/index.ts'
import { decideKnownCall, type CallContext } from './decide.ts'
import { compileToolPolicy, type ToolPolicySource } from './policy.ts'
import { readsArguments, replayOf } from './replay.ts'

const context = { Var: 'context' }
const dot = (left: Json, attr: string): Json => ({ '.': { left, attr } })
const args = dot(context, 'args')
const amount = dot(args, 'amount')
const policy = (effect: 'permit' | 'forbid', body: Json | null, server?: string): Json => ({
  effect,
  principal: { op: 'All' },
  action: { op: '==', entity: { type: 'Action', id: 'callTool' } },
  resource: server === undefined ? { op: 'All' } : { op: 'in', entity: { type: 'Server', id: server } },
  conditions: body === null ? [] : [{ kind: 'when', body }],
  annotations: {},
})
const beside = (document: Json, annotations: Json): Json => ({ ...(document as object), annotations })
const hasAmount: Json = { has: { left: args, attr: 'amount' } }
const isLarge: Json = { '>': { left: amount, right: { Value: 10 } } }
const isTainted: Json = { '==': { left: dot(context, 'taint'), right: { Value: 'untrusted' } } }
const policies: { readonly [id: string]: Json } = {
  all: policy('permit', null),
  'large-payments': policy('forbid', { '&&': { left: hasAmount, right: isLarge } }, 'payments'),
  tainted: policy('forbid', isTainted),
  'careless-limit': policy('forbid', isLarge, 'payments'),
  'asks-when-large': beside(policy('permit', null, 'payments'), { approve_when: 'args.amount > 10' }),
  'denies-at-risk': beside(policy('permit', null, 'payments'), { deny_when: 'risk > 50' }),
  'small-ones': policy('permit', { '<': { left: amount, right: { Value: 5 } } }),
}
const source = (ids: readonly string[]): ToolPolicySource => ({
  deployment: 'd',
  agent: 'd',
  tier: 2,
  environment: 'prod',
  externalSend: true,
  registry: {},
  policies: Object.fromEntries(ids.map((id) => [id, policies[id] ?? null])),
  tools: ['payments/pay', 'tickets/read'].map((toolId) => ({
    toolId,
    definitionSha256: digestOf(toolId),
    effect: 'read',
    autonomyMax: 'A4',
  })),
})
const facts: CallContext = {
  taint: 'user',
  taintSources: [],
  findings: [],
  risk: 0,
  dataClass: 0,
  externalSend: false,
  trifecta: false,
  destinationListed: false,
  targetRegistered: false,
}

test.each<[string, readonly string[], string, Partial<CallContext>, string]>([
  ['no policy reads arguments', ['all', 'tainted'], 'payments/pay', {}, 'allow'],
  ['one that does concerns another server', ['all', 'large-payments'], 'tickets/read', {}, 'allow'],
  [
    'one that does concerns this one',
    ['all', 'large-payments'],
    'payments/pay',
    {},
    'unknown: large-payments',
  ],
  [
    'it is forbidden without arguments',
    Object.keys(policies),
    'payments/pay',
    { taint: 'untrusted' },
    'deny',
  ],
  ['only arguments could permit', ['small-ones'], 'tickets/read', {}, 'unknown: small-ones'],
  [
    'a condition beside a permission reads arguments',
    ['all', 'asks-when-large'],
    'payments/pay',
    {},
    'unknown: asks-when-large',
  ],
  [
    'a condition beside a permission for another server',
    ['all', 'asks-when-large'],
    'tickets/read',
    {},
    'allow',
  ],
  ['a condition that reads none', ['all', 'denies-at-risk'], 'payments/pay', {}, 'allow'],
  [
    'a condition that reads none and holds',
    ['all', 'asks-when-large', 'denies-at-risk'],
    'payments/pay',
    { risk: 60 },
    'deny',
  ],
  ['nothing permits', ['tainted'], 'tickets/read', {}, 'deny'],
  ['a tool that is not granted', Object.keys(policies), 'mail/send', {}, 'deny'],
])('a call of the past is decided without its arguments: %s', (_what, ids, tool, change, expected) => {
  const replayed = replayOf(source(ids))({ tool, context: { ...facts, ...change } })
  const told = replayed.k === 'decided' ? replayed.decision.k : `${replayed.k}: ${replayed.policies.join()}`
  expect(told).toBe(expected)
})

test.each<[string, Json]>([
  ['one that reads no arguments', policy('permit', { nonsense: 1 })],
  ['one that reads arguments', policy('forbid', { nonsense: args })],
  ['one that reads arguments and has no scope', { effect: 'forbid', conditions: [args] }],
  ['a condition that reads arguments', beside(policy('permit', null), { deny_when: 'args.amount >' })],
])('a policy that does not compile leaves none that decides: %s', (_what, broken) => {
  const replay = replayOf({ ...source([]), policies: { all: policy('permit', null), broken } })
  for (const tool of ['payments/pay', 'tickets/read'])
    expect(replay({ tool, context: facts })).toEqual({ k: 'unusable', policies: ['broken'] })
})

test.each<[string, Json, boolean]>([
  ['a fact', isTainted, false],
  ['a member of the arguments', isLarge, true],
  ['whether there is a member', hasAmount, true],
  ['the context as a whole', { '==': { left: context, right: { Record: {} } } }, true],
  ['arguments by way of a set', { Set: [amount] }, true],
  ['the principal', dot({ Var: 'principal' }, 'args'), false],
])('what reads arguments is seen: %s', (_what, body, expected) => {
  expect(readsArguments(policy('forbid', body))).toBe(expected)
})

test('law: what passes on replay passes with every arguments, and what is stopped is stopped', () => {
  let [passed, stopped, unknown] = [0, 0, 0]
  const anyArgs = fc.record(
    { amount: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant('x')) },
    { requiredKeys: [] },
  )
  const law = fc.property(
    fc.subarray(Object.keys(policies)),
    fc.constantFrom('payments/pay', 'tickets/read'),
    fc.constantFrom('user', 'untrusted'),
    anyArgs,
    (ids, tool, taint, given) => {
      const call = { tool, context: { ...facts, taint } as CallContext }
      const replayed = replayOf(source(ids))(call)
      if (replayed.k !== 'decided') {
        unknown += 1
        return
      }
      const compiled = compileToolPolicy(source(ids))
      if (!compiled.ok) throw new Error('the policies compile')
      const now = decideKnownCall(compiled.policy, tool, call.context, given)
      expect(now.k === 'allow').toBe(replayed.decision.k === 'allow')
      if (now.k === 'allow') passed += 1
      else stopped += 1
    },
  )
  fc.assert(law, { numRuns: 1_000 })
  expect(Math.min(passed, stopped, unknown)).toBeGreaterThan(20)
})

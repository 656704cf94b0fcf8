import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays, addMs, digestOfBytes, epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import {
  decide,
  evolve,
  initial,
  maxKeyDays,
  maxLiveKeys,
  type Command,
  type Context,
  type Event,
  type State,
  type Way,
} from './route.ts'

type Upstream = ReturnType<typeof id<'upstream'>>
const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const [live, off, tools, claude] = [1, 2, 3, 4].map((n) => id('upstream', n)) as [
  Upstream,
  Upstream,
  Upstream,
  Upstream,
]
const ctx: Context = {
  now: epochMs(1_000),
  actor: { k: 'person', ref: id('user') },
  routeId: id('route'),
  deploymentId: id('deployment'),
  deploymentRetired: false,
  aliases: new Set(['demo/small', 'demo/large']),
  servers: new Set(['tickets', 'Not_A_Name']),
  upstreams: new Map([
    [live, 'active'],
    [off, 'disabled'],
    [tools, 'active'],
    [claude, 'active'],
  ]),
  toolUpstreams: new Set([tools]),
  anthropicUpstreams: new Set([claude]),
}
const configure = (alias: string, upstreamId = live): Command => ({
  c: 'configure',
  models: { [alias]: { upstreamId, model: 'm' } },
})
const behind = (...fallbacks: readonly Way[]): Command => ({
  c: 'configure',
  models: { 'demo/small': { upstreamId: live, model: 'm', fallbacks } },
})
const serve = (server: string, upstreamId = tools): Command => ({
  c: 'configure',
  models: {},
  servers: { [server]: { upstreamId } },
})
const issue = (n: number, change: Partial<Command & { c: 'issue_key' }> = {}): Command => ({
  c: 'issue_key',
  keyId: id('key', n),
  secretDigest: digestOfBytes(`secret ${n}`),
  agent: 'triage-bot',
  expiresAt: addDays(ctx.now, 30),
  sources: [],
  ...change,
})
const run = (state: State, command: Command, context = ctx): State => {
  const decided = decide(state, command, context)
  return decided.ok ? decided.events.reduce(evolve, state) : state
}
const full = Array.from({ length: maxLiveKeys }, (_, n) => issue(n)).reduce(
  (state, next) => run(state, next),
  initial,
)

const retired = { deploymentRetired: true }
test.each<[string, State, Command, Partial<Context>, string[]]>([
  ['a declared model', initial, configure('demo/small'), {}, []],
  ['nothing, which closes the route', initial, { c: 'configure', models: {} }, {}, []],
  ['a model of no release', initial, configure('demo/other'), {}, ['ALIAS_UNKNOWN']],
  ['a name of the prototype', initial, configure('constructor'), {}, ['ALIAS_UNKNOWN']],
  ['an unknown upstream', initial, configure('demo/small', id('upstream', 9)), {}, ['UPSTREAM_UNKNOWN']],
  ['a second provider', initial, behind({ upstreamId: live, model: 'm2' }), {}, []],
  [
    'another declared model',
    initial,
    behind({ upstreamId: live, model: 'l', declaredAs: 'demo/large' }),
    {},
    [],
  ],
  [
    'a model of no release',
    initial,
    behind({ upstreamId: live, model: 'l', declaredAs: 'x' }),
    {},
    ['ALIAS_UNKNOWN'],
  ],
  ['the same twice', initial, behind({ upstreamId: live, model: 'm' }), {}, ['FALLBACK_TWICE']],
  [
    'the same twice among the others',
    initial,
    behind({ upstreamId: live, model: 'm2' }, { upstreamId: live, model: 'm2' }),
    {},
    ['FALLBACK_TWICE'],
  ],
  [
    'one that speaks another API',
    initial,
    behind({ upstreamId: claude, model: 'm' }),
    {},
    ['FALLBACK_OF_OTHER_API'],
  ],
  ['a disabled one', initial, behind({ upstreamId: off, model: 'm' }), {}, ['UPSTREAM_DISABLED']],
  ['a tool server', initial, behind({ upstreamId: tools, model: 'm' }), {}, ['UPSTREAM_OF_OTHER_API']],
  [
    'four of them',
    initial,
    behind(...[1, 2, 3, 4].map((n) => ({ upstreamId: live, model: `m${n}` }))),
    {},
    [],
  ],
  [
    'five of them',
    initial,
    behind(...[1, 2, 3, 4, 5].map((n) => ({ upstreamId: live, model: `m${n}` }))),
    {},
    ['TOO_MANY_FALLBACKS'],
  ],
  ['a declared server', initial, serve('tickets'), {}, []],
  ['a server of no release', initial, serve('mail'), {}, ['SERVER_UNKNOWN']],
  ['a name that no path can hold', initial, serve('Not_A_Name'), {}, ['SERVER_UNKNOWN']],
  ['tools at a provider of models', initial, serve('tickets', live), {}, ['UPSTREAM_OF_OTHER_API']],
  ['a model at a tool server', initial, configure('demo/small', tools), {}, ['UPSTREAM_OF_OTHER_API']],
  ['tools at a disabled upstream', initial, serve('tickets', off), {}, ['UPSTREAM_DISABLED']],
  ['a disabled upstream', initial, configure('demo/small', off), {}, ['UPSTREAM_DISABLED']],
  [
    'everything wrong',
    initial,
    configure('x', off),
    retired,
    ['DEPLOYMENT_RETIRED', 'ALIAS_UNKNOWN', 'UPSTREAM_DISABLED'],
  ],
  ['a key', initial, issue(1), {}, []],
  ['a key for 90 days', initial, issue(1, { expiresAt: addDays(ctx.now, maxKeyDays) }), {}, []],
  [
    'a key for longer',
    initial,
    issue(1, { expiresAt: addMs(addDays(ctx.now, maxKeyDays), 1) }),
    {},
    ['LIFETIME_OUT_OF_RANGE'],
  ],
  ['a key that is over', initial, issue(1, { expiresAt: ctx.now }), {}, ['LIFETIME_OUT_OF_RANGE']],
  ['a key from somewhere', initial, issue(1, { sources: ['10.0.0.0/8', 'fd00::/8'] }), {}, []],
  ['a key from nowhere', initial, issue(1, { sources: ['10.0.0.0/8', 'office'] }), {}, ['RANGE_INVALID']],
  ['a key of a retired deployment', initial, issue(1), retired, ['DEPLOYMENT_RETIRED']],
  ['one key too many', full, issue(99), {}, ['TOO_MANY_KEYS']],
  [
    'one more once the others have run out',
    full,
    issue(99, { expiresAt: addDays(ctx.now, 40) }),
    { now: addDays(ctx.now, 30) },
    [],
  ],
  ['revoking a key', full, { c: 'revoke_key', keyId: id('key', 3) }, retired, []],
  ['revoking a key of another route', full, { c: 'revoke_key', keyId: id('key', 50) }, {}, ['KEY_UNKNOWN']],
])('%s', (_what, state, command, context, codes) => {
  const decided = decide(state, command, { ...ctx, ...context })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('a refusal names the place of the way that is at fault', () => {
  const decided = decide(
    initial,
    behind(
      { upstreamId: live, model: 'm2' },
      { upstreamId: off, model: 'm' },
      { upstreamId: live, model: 'm2' },
    ),
    ctx,
  )
  expect(decided.ok ? [] : decided.refused.map(({ code, path }) => [code, path])).toEqual([
    ['UPSTREAM_DISABLED', '/models/demo~1small/fallbacks/1'],
    ['FALLBACK_TWICE', '/models/demo~1small/fallbacks/2'],
  ])
})

test('servers that are left out stay, and those that are given replace all', () => {
  const served = run(initial, serve('tickets'))
  expect(run(served, configure('demo/small')).servers).toEqual({ tickets: { upstreamId: tools } })
  expect(run(served, { c: 'configure', models: {}, servers: {} }).servers).toEqual({})
})

test('the event of a key holds the digest of its secret and nothing that opens anything', () => {
  const decided = decide(initial, issue(1), ctx)
  expect(decided.ok && decided.events[0]).toMatchObject({ secretDigest: digestOfBytes('secret 1') })
  expect(JSON.stringify(run(initial, issue(1)))).not.toContain('sha256:')
})

test('law: at most 20 keys, none longer than 90 days, only declared models; a revoked key never comes back', () => {
  let [issued, refusedForNumber, revoked] = [0, 0, 0]
  const anyStep = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        k: fc.constant('issue' as const),
        days: fc.constantFrom(-1, 0, 1, 30, 60, 90, 90, 91),
      }),
    },
    { weight: 2, arbitrary: fc.record({ k: fc.constant('revoke' as const), days: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ k: fc.constant('configure' as const), days: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ k: fc.constant('wait' as const), days: fc.nat(3) }) },
  )
  const law = fc.property(fc.array(anyStep, { minLength: 50, maxLength: 70 }), (steps) => {
    let [state, now, n]: [State, Context['now'], number] = [initial, ctx.now, 0]
    const log: Event[] = []
    const gone = new Set<string>()
    for (const { k, days } of steps) {
      if (k === 'wait') {
        now = addDays(now, days)
        continue
      }
      n += 1
      const expiresAt = days < 0 ? addMs(now, -1) : addDays(now, days)
      const aliases = ['demo/small', 'demo/large', 'demo/none', 'constructor']
      const command =
        k === 'issue'
          ? issue(n, { expiresAt })
          : k === 'revoke'
            ? ({ c: 'revoke_key', keyId: id('key', days) } as const)
            : configure(aliases[days] ?? '')
      const decided = decide(state, command, { ...ctx, now })
      if (!decided.ok) {
        if (decided.refused.some(({ code }) => code === 'TOO_MANY_KEYS')) refusedForNumber += 1
        continue
      }
      log.push(...decided.events)
      state = decided.events.reduce(evolve, state)
      if (command.c === 'issue_key') issued += 1
      if (command.c === 'revoke_key') {
        revoked += 1
        gone.add(command.keyId)
      }
      expect(state.keys.length).toBeLessThanOrEqual(maxLiveKeys)
      for (const key of state.keys) {
        expect(gone.has(key.id)).toBe(false)
        expect(key.expiresAt).toBeLessThanOrEqual(addDays(now, maxKeyDays))
        const revoking = {
          ...ctx,
          now,
          deploymentRetired: true,
          aliases: new Set<string>(),
          servers: new Set<string>(),
          upstreams: new Map(),
        }
        expect(decide(state, { c: 'revoke_key', keyId: key.id }, revoking).ok).toBe(true)
      }
      expect(Object.keys(state.models).every((alias) => ctx.aliases.has(alias))).toBe(true)
    }
    expect(log.reduce(evolve, initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 200 })
  expect(issued).toBeGreaterThan(1_000)
  expect(refusedForNumber).toBeGreaterThan(50)
  expect(revoked).toBeGreaterThan(100)
})

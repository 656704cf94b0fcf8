import type { Json, JsonObject } from '../../src/kernel/index.ts'

/** Policies and requests over the entity model of the gateway, in Cedar's JSON forms. */
export type CedarCase = {
  readonly policies: { readonly [id: string]: Json }
  readonly requests: readonly CedarRequestJson[]
}
export type EntityName = { readonly type: string; readonly id: string }
export type CedarRequestJson = {
  readonly principal: EntityName
  readonly action: EntityName
  readonly resource: EntityName
  readonly context: JsonObject
  readonly entities: readonly JsonObject[]
}

const types = [
  'bool',
  'long',
  'text',
  'entity',
  'set',
  'record',
  'decimal',
  'ip',
  'datetime',
  'duration',
] as const
type Type = (typeof types)[number]

const agents = ['soc-triage', 'billing'].map((id) => ({ type: 'Agent', id }))
const tools = ['tickets/create', 'mail/send', 'edr/isolate'].map((id) => ({ type: 'Tool', id }))
const actions = ['callTool', 'listTool', 'useModel', 'sendData'].map((id) => ({ type: 'Action', id }))
const groups = [
  ...['d1', 'd2'].map((id) => ({ type: 'Deployment', id })),
  ...['1', '2', '3'].map((id) => ({ type: 'Tier', id })),
  ...['read', 'write', 'containment'].map((id) => ({ type: 'Effect', id })),
  ...['tickets', 'mail'].map((id) => ({ type: 'Server', id })),
  { type: 'Action', id: 'anyTool' },
]
const entities = [...agents, ...tools, ...actions, ...groups]
const texts = [
  '',
  'a',
  'ab',
  'a*b',
  'aab',
  'aXbXc',
  'untrusted',
  'user',
  'prod',
  '😀',
  'é',
  '"',
  '\\',
  'tickets/create',
]
const patterns = ['*', 'a*', '*b', 'a*b', '*a*b*', 'a', '', '😀*', '*é', 'a**b', '**', '*X*c']
const longs = [0, 1, 2, 3, 50, 100, -1, -7, 9_007_199_254_740_991, -9_007_199_254_740_991]
const attributes = ['tier', 'owner', 'labels', 'at', 'more', 'a b']
const decimals = cut('0.0|1.5|-1.5|1.50|922337203685477.5807|-922337203685477.5808|0.0001|12.3456')
const wrongDecimals = cut('|1|1.|.5|1.23456|922337203685477.5808|-|1.2.3| 1.0|+1.0|1.-2|٣.0')
const ips = cut(
  '10.0.0.1|10.0.0.0/8|10.9.9.9/16|127.0.0.1|127.0.0.1/8|127.0.0.0/7|224.0.0.1|0.0.0.0/0',
  '::1|::|::1/127|ff00::1|ff00::/8|2001:db8::1|2001:db8::/32|1:2:3:4:5:6:7::|AbCd::1/64',
  '10.0.0.1/32|255.255.255.255|::/0|0:0:0:0:0:0:0:1|::2:3:4:5:6:7:8|fe00::/7|224.0.0.0/3',
)
const wrongIps = cut(
  '|10.0.0|10.0.0.256|010.0.0.1|10.0.0.1/33|10.0.0.1/|10.0.0.1/08|::ffff:1.2.3.4|:::',
  '1:2:3:4:5:6:7:8:9|1:2:3:4:5:6:7|::1/129|g::1|12345::|1::2::3|10.0.0.1/8/8| ::1|::1%eth0',
  '1:2:3:4::5:6:7:8|10.0.0.0/-1|:1|1:|::1/00|10.0.0.0/+8',
)
const instants = cut(
  '2026-11-29|1970-01-01|1969-12-31|2024-02-29|0001-01-01|9999-12-31|0000-01-01',
  '2026-11-29T10:20:30Z|2026-11-29T10:20:30.123Z|2026-11-29T10:20:30+0130',
  '2026-11-29T23:59:59.999-2359|1969-12-31T23:59:59.999Z|2026-11-29T00:00:00Z',
)
const wrongInstants = cut(
  '|2026-11-31|2023-02-29|2026-13-01|2026-1-1|2026-11-29T|2026-11-29T10:20:30|20261129',
  '2026-11-29T24:00:00Z|2026-11-29T10:60:00Z|2026-11-29T10:20:60Z|2026-11-29T10:20:30.1Z',
  '+2026-11-29|2026-11-29T10:20:30+2400|2026-11-29T10:20:30+01:00|2026-11-29T10:20:30.123',
  '2026-11-29 10:20:30Z|2026-11-29T10:20:30+0060|2026-11-29Z|2026-11-29T10:20:30z',
  '2026-00-10|2026-01-00',
)
const durations = cut('1d|-1d|1h30m|1d2h3m4s5ms|0ms|9223372036854775807ms|-9223372036854775808ms|90s|1m')
const wrongDurations = cut('|-|1|d|1h1d|1d1d|1ms1s|9223372036854775808ms|106751991168d|1 d|1.5h|+1d|1D')

/** Texts that the constructors of the extension types may meet, those that they refuse included. */
export const extensionTexts = {
  decimal: [...decimals, ...wrongDecimals],
  ip: [...ips, ...wrongIps],
  datetime: [...instants, ...wrongInstants],
  duration: [...durations, ...wrongDurations],
}

function cut(...lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split('|'))
}

/** A stream of cases that depends on `seed` alone: about one policy in ten has an operand of a wrong type somewhere. */
export function* cedarCases(seed: number, requestsPerCase: number): Generator<CedarCase> {
  const random = randomOf(seed)
  const one = <T>(items: readonly T[]): T => items[random(items.length)] as T // lists here are not empty
  const chance = (percent: number) => random(100) < percent
  const many = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most + 1) }, make)

  const literal = (value: Json): JsonObject => ({ Value: value })
  const named = (name: EntityName): JsonObject => literal({ __entity: name })
  const call = (fn: string, ...args: readonly Json[]): JsonObject => ({ [fn]: args })
  const pair = (op: string, left: Json, right: Json): JsonObject => ({ [op]: { left, right } })
  const context = (...path: readonly string[]): JsonObject =>
    path.reduce<JsonObject>((left, attr) => ({ '.': { left, attr } }), { Var: 'context' })
  const read = (fn: string, right: readonly string[], wrong: readonly string[]) =>
    call(fn, chance(96) ? literal(one(chance(92) ? right : wrong)) : expression('text', 2))

  function expression(wanted: Type, depth: number): Json {
    const type = chance(4) ? one(types) : wanted
    if (depth > 1 && chance(6))
      return {
        'if-then-else': Object.fromEntries(
          ['if', 'then', 'else'].map((name) => [name, expression(name === 'if' ? 'bool' : type, depth - 1)]),
        ),
      }
    if (chance(2)) return { '.': { left: expression('record', depth - 1), attr: one(attributes) } }
    if (depth > 1 && chance(2)) return pair('getTag', expression('entity', 1), expression('text', 1))
    return makers[type](Math.max(0, depth - 1))
  }

  const makers: Readonly<Record<Type, (depth: number) => Json>> = {
    bool: (depth) => {
      if (depth === 0) return one([literal(true), literal(false), context('externalSend'), presence(0)])
      const of = (type: Type) => expression(type, depth)
      const kind = random(24)
      if (kind < 3) return pair('&&', of('bool'), of('bool'))
      if (kind < 6) return pair('||', of('bool'), of('bool'))
      if (kind < 7) return { '!': { arg: of('bool') } }
      if (kind < 10) {
        const type = one(types)
        return pair(one(['==', '!=']), of(type), of(chance(90) ? type : one(types)))
      }
      if (kind < 13) {
        const type = one(['long', 'long', 'datetime', 'duration'] as const)
        return pair(one(['<', '<=', '>', '>=']), of(type), of(type))
      }
      if (kind < 15) return pair('in', of('entity'), chance(50) ? of('entity') : entitySet(depth))
      if (kind < 16)
        return {
          is: {
            left: of('entity'),
            entity_type: one(entities).type,
            ...(chance(50) ? { in: chance(70) ? of('entity') : entitySet(depth) } : {}),
          },
        }
      if (kind < 18) return presence(depth)
      if (kind < 19) return { like: { left: of('text'), pattern: pattern() } }
      if (kind < 20) return pair('contains', of('set'), of(one(types)))
      if (kind < 21) return pair(one(['containsAll', 'containsAny']), of('set'), of('set'))
      if (kind < 22) return one([{ isEmpty: { arg: of('set') } }, pair('hasTag', of('entity'), of('text'))])
      if (kind < 23)
        return chance(50)
          ? call(one(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast']), of('ip'))
          : call('isInRange', of('ip'), of('ip'))
      return call(
        one(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual']),
        of('decimal'),
        of('decimal'),
      )
    },
    long: (depth) => {
      if (depth === 0 || chance(40))
        return one([
          literal(one(longs)),
          context('risk'),
          context('tier'),
          context('dataClass'),
          context('args', 'amount'),
        ])
      if (chance(20)) return edgeOfLong()
      if (chance(15)) return { neg: { arg: expression('long', depth) } }
      if (chance(25))
        return call(
          one(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays']),
          expression('duration', depth),
        )
      return pair(one(['+', '-', '*']), expression('long', depth), expression('long', depth))
    },
    text: () =>
      one([
        literal(one(texts)),
        literal(one(texts)),
        context('taint'),
        context('environment'),
        context('args', 'to'),
        { '.': { left: one([{ Var: 'principal' }, { Var: 'resource' }]), attr: 'owner' } },
      ]),
    entity: () =>
      one([
        { Var: 'principal' },
        { Var: 'action' },
        { Var: 'resource' },
        named(one(entities)),
        named(one(entities)),
      ]),
    set: (depth) => {
      if (depth === 0 || chance(40))
        return one([context('taintSources'), context('findings'), context('args', 'list'), { Set: [] }])
      if (chance(20)) return entitySet(depth)
      if (chance(20)) return literal(many(3, () => one(texts)))
      const type = one(types)
      return { Set: many(3, () => expression(type, depth)) }
    },
    record: (depth) => {
      if (depth === 0 || chance(50))
        return one([{ Var: 'context' }, context('args'), context('args', 'more'), { Var: 'resource' }])
      return { Record: Object.fromEntries(many(3, () => [one(attributes), expression(one(types), depth)])) }
    },
    decimal: () => read('decimal', decimals, wrongDecimals),
    ip: () => (chance(20) ? context('args', 'ip') : read('ip', ips, wrongIps)),
    datetime: (depth) => {
      if (depth === 0 || chance(60))
        return chance(15) ? context('args', 'at') : read('datetime', instants, wrongInstants)
      if (chance(30)) return call('toDate', expression('datetime', depth))
      return call('offset', expression('datetime', depth), expression('duration', depth))
    },
    duration: (depth) => {
      if (depth === 0 || chance(60)) return read('duration', durations, wrongDurations)
      if (chance(30)) return call('toTime', expression('datetime', depth))
      return call('durationSince', expression('datetime', depth), expression('datetime', depth))
    },
  }

  function presence(depth: number): JsonObject {
    if (chance(50))
      return {
        has: {
          left: { Var: 'context' },
          attr: ['args', ...many(2, () => one(['to', 'more', 'amount', 'owner']))],
        },
      }
    return {
      has: {
        left: expression(one(['record', 'entity']), depth),
        attr: one([...attributes, 'taint', 'args']),
      },
    }
  }

  function entitySet(depth: number): JsonObject {
    const item = () => (chance(12) ? expression(one(types), depth) : named(one(entities)))
    return { Set: [item(), ...many(2, item)] }
  }

  function pattern(): Json[] {
    return Array.from(one(patterns), (char) => (char === '*' && chance(90) ? 'Wildcard' : { Literal: char }))
  }

  /** The largest or smallest Long, or one beyond it, which no literal of the JSON form can say exactly. */
  function edgeOfLong(): JsonObject {
    const largest = pair('+', pair('*', literal(9_007_199_254_740_991), literal(1_024)), literal(1_023))
    const smallest = pair('-', { neg: { arg: largest } }, literal(1))
    return one([
      largest,
      smallest,
      pair('+', largest, literal(1)),
      pair('-', smallest, literal(1)),
      { neg: { arg: smallest } },
    ])
  }

  function scope(of: readonly EntityName[], within: readonly EntityName[]): JsonObject {
    const kind = random(10)
    if (kind < 5) return { op: 'All' }
    if (kind < 6) return { op: '==', entity: one(of) }
    if (kind < 8) return { op: 'in', entity: one(chance(80) ? within : of) }
    return { op: 'is', entity_type: one(of).type, ...(kind < 9 ? {} : { in: { entity: one(within) } }) }
  }

  function actionScope(): JsonObject {
    const kind = random(10)
    if (kind < 4) return { op: 'All' }
    if (kind < 7) return { op: '==', entity: one(actions) }
    if (kind < 9)
      return { op: 'in', entities: many(3, () => one([...actions, { type: 'Action', id: 'anyTool' }])) }
    return { op: 'in', entity: one([...actions, { type: 'Action', id: 'anyTool' }]) }
  }

  const policy = (): JsonObject => ({
    effect: chance(55) ? 'permit' : 'forbid',
    principal: scope(agents, groups),
    action: actionScope(),
    resource: scope(tools, groups),
    conditions: many(2, () => ({
      kind: one(['when', 'when', 'unless']),
      body: expression('bool', 1 + random(4)),
    })),
  })

  const anyValue = (): Json =>
    one<() => Json>([
      () => one(texts),
      () => one(longs),
      () => chance(50),
      () => ({ __entity: one(entities) }),
      () => many(2, () => one(texts)),
      () => ({ owner: one(texts) }),
      () => ({ __extn: { fn: 'ip', arg: one(ips) } }),
      () => ({ __extn: { fn: 'datetime', arg: one(instants) } }),
    ])()
  const mostly = (percent: number, members: () => JsonObject): JsonObject =>
    chance(percent) ? members() : {}

  const fact = (uid: EntityName, parents: readonly EntityName[]): JsonObject => ({
    uid,
    parents,
    attrs: Object.fromEntries(many(3, () => [one(attributes), anyValue()])),
    tags: Object.fromEntries(many(2, () => [one(texts), anyValue()])),
  })

  function request(): CedarRequestJson {
    const some = (of: readonly EntityName[]) => of.filter(() => chance(40))
    const [deployments, tiers, effects, servers] = [
      groups.slice(0, 2),
      groups.slice(2, 5),
      groups.slice(5, 8),
      groups.slice(8, 10),
    ]
    const [principal, action, resource] = [one(agents), one(actions), one(tools)]
    const present = (percent: number, of: readonly EntityName[]) => of.filter(() => chance(percent))
    const facts = [
      ...present(95, [principal]).map((uid) => fact(uid, some([...deployments, ...tiers]))),
      ...present(95, [resource]).map((uid) => fact(uid, some([...effects, ...servers]))),
      ...present(40, deployments).map((uid) => fact(uid, some(tiers))), // a second level
      ...present(40, [action]).map((uid) => ({ uid, parents: groups.slice(10), attrs: {} })),
    ]
    return {
      principal,
      action,
      resource,
      context: {
        ...mostly(97, () => ({ tier: 1 + random(3) })),
        ...mostly(97, () => ({ environment: one(texts) })),
        ...mostly(97, () => ({ taint: one(['trusted', 'user', 'untrusted']) })),
        ...mostly(97, () => ({ taintSources: many(3, () => one(texts)) })),
        ...mostly(97, () => ({ findings: many(3, () => one(texts)) })),
        ...mostly(97, () => ({ risk: random(101) })),
        ...mostly(97, () => ({ dataClass: random(4) })),
        ...mostly(97, () => ({ externalSend: chance(50) })),
        args: {
          ...mostly(85, () => ({ to: one(texts) })),
          ...mostly(85, () => ({ amount: one(longs) })),
          ...mostly(85, () => ({ list: many(3, anyValue) })),
          ...mostly(85, () => ({ ip: { __extn: { fn: 'ip', arg: one(ips) } } })),
          ...mostly(85, () => ({ at: { __extn: { fn: 'datetime', arg: one(instants) } } })),
          ...mostly(60, () => ({ more: { owner: anyValue(), at: anyValue() } })),
        },
      },
      entities: facts,
    }
  }

  for (;;) {
    const policies = Object.fromEntries([policy(), ...many(3, policy)].map((body, i) => [`p${i}`, body]))
    yield { policies, requests: Array.from({ length: requestsPerCase }, request) }
  }
}

/** Mulberry32: whole numbers below `below`. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom, type IdKind } from '../../kernel/index.ts'
import { decide, evolve, initial, type Command, type Context, type Event, type State } from './upstream.ts'

const id = <K extends IdKind>(kind: K, n = 0) => idFrom(kind, epochMs(n), new Uint8Array(10))
const ctx: Context = { now: epochMs(1_000), actor: { k: 'person', ref: id('user') }, nameTaken: false }
const register = {
  c: 'register',
  upstreamId: id('upstream'),
  name: 'provider-eu',
  origin: 'https://api.example.com',
  basePath: '/v1',
  api: 'openai',
  region: 'eu',
  privateCidrs: [],
  hasSecret: true,
} as const satisfies Command
const run = (state: State, command: Command): State => {
  const decided = decide(state, command, ctx)
  return decided.ok ? decided.events.reduce(evolve, state) : state
}
const active = run(initial, register)
const disabled = run(active, { c: 'disable' })
const codes = (state: State, command: Command, context = ctx) => {
  const decided = decide(state, command, context)
  return decided.ok ? [] : decided.refused.map(({ code }) => code)
}

const local = { origin: 'http://127.0.0.1:8080', privateCidrs: ['127.0.0.0/8'] }
test.each<[string, Partial<Command & { c: 'register' }>, string[]]>([
  ['a provider by name', {}, []],
  ['with a port', { origin: 'https://api.example.com:8443' }, []],
  ['no base path', { basePath: '' }, []],
  ['a version of Azure', { api: 'azure', apiVersion: '2024-10-21' }, []],
  ['a version that is to come', { api: 'azure', apiVersion: '2025-04-01-preview' }, []],
  ['a version of another API', { apiVersion: '2024-10-21' }, ['API_VERSION_INVALID']],
  ['a version that is none', { api: 'azure', apiVersion: 'latest&x=1' }, ['API_VERSION_INVALID']],
  ['a simulator on loopback', local, []],
  ['a model server in the private network', { origin: 'http://10.1.2.3', privateCidrs: ['10.1.0.0/16'] }, []],
  ['loopback of IPv6', { origin: 'http://[::1]:1', privateCidrs: ['::1/128'] }, []],
  ['loopback that was not opened', { ...local, privateCidrs: ['10.0.0.0/8'] }, ['ORIGIN_NOT_ENCRYPTED']],
  ['clear text to a name', { ...local, origin: 'http://localhost' }, ['ORIGIN_NOT_ENCRYPTED']],
  ['clear text to a public address', { ...local, origin: 'http://8.8.8.8' }, ['ORIGIN_NOT_ENCRYPTED']],
  [
    'a public address, opened',
    { origin: 'http://8.8.8.8', privateCidrs: ['8.0.0.0/8'] },
    ['RANGE_NOT_PRIVATE', 'ORIGIN_NOT_ENCRYPTED'],
  ],
  ['everything opened', { privateCidrs: ['0.0.0.0/0'] }, ['RANGE_NOT_PRIVATE']],
  ['the metadata service opened', { privateCidrs: ['169.254.0.0/16'] }, ['RANGE_NOT_PRIVATE']],
  ['a network that is none', { privateCidrs: ['10.0.0.1/8'] }, ['RANGE_INVALID']],
  ['credentials', { origin: 'https://a:b@api.example.com' }, ['ORIGIN_INVALID']],
  ['a path', { origin: 'https://api.example.com/v1' }, ['ORIGIN_INVALID']],
  ['a final slash', { origin: 'https://api.example.com/' }, ['ORIGIN_INVALID']],
  ['a query', { origin: 'https://api.example.com?x' }, ['ORIGIN_INVALID']],
  ['another spelling', { origin: 'https://API.example.com' }, ['ORIGIN_INVALID']],
  ['another scheme', { origin: 'ftp://api.example.com' }, ['ORIGIN_INVALID']],
  ['no URL', { origin: 'api.example.com' }, ['ORIGIN_INVALID']],
  ['a climbing base path', { basePath: '/v1/../admin' }, ['BASE_PATH_INVALID']],
  ['a base path with a query', { basePath: '/v1?x=1' }, ['BASE_PATH_INVALID']],
  ['a base path with a final slash', { basePath: '/v1/' }, ['BASE_PATH_INVALID']],
])('registering %s', (_what, change, expected) => {
  expect(codes(initial, { ...register, ...change })).toEqual(expected)
})

test('an upstream of before ceilings may be sent what a grant allows', () => {
  const old = {
    s: 'active',
    id: id('upstream'),
    name: 'old',
    origin: 'https://a',
    basePath: '',
    api: 'openai',
  } as const
  const state: State = { ...old, region: 'eu', privateCidrs: [], hasSecret: true }
  expect(codes(state, { c: 'set_ceiling', ceiling: 'restricted' })).toEqual(['NOTHING_CHANGED'])
  expect(run(state, { c: 'set_ceiling', ceiling: 'public' })).toMatchObject({ ceiling: 'public' })
})

test('a name in use is refused, and the name of a disabled upstream is free', () => {
  expect(codes(initial, register, { ...ctx, nameTaken: true })).toEqual(['NAME_TAKEN'])
})

test.each<[string, State, Command, string[]]>([
  ['register twice', active, register, ['WRONG_STATE']],
  ['change the secret', active, { c: 'change_secret' }, []],
  ['change the secret of nothing', initial, { c: 'change_secret' }, ['WRONG_STATE']],
  ['change the secret once disabled', disabled, { c: 'change_secret' }, ['WRONG_STATE']],
  ['set its ceiling', active, { c: 'set_ceiling', ceiling: 'internal' }, []],
  ['set the ceiling that it has', active, { c: 'set_ceiling', ceiling: 'restricted' }, ['NOTHING_CHANGED']],
  ['set the ceiling of nothing', initial, { c: 'set_ceiling', ceiling: 'internal' }, ['WRONG_STATE']],
  ['set the ceiling once disabled', disabled, { c: 'set_ceiling', ceiling: 'internal' }, ['WRONG_STATE']],
  ['disable', active, { c: 'disable' }, []],
  ['disable twice', disabled, { c: 'disable' }, ['WRONG_STATE']],
  ['register again what was disabled', disabled, register, ['WRONG_STATE']],
])('%s', (_what, state, command, expected) => {
  expect(codes(state, command)).toEqual(expected)
})

test('law: no history ends with clear text to a public place or opens what is not private; disabled stays disabled', () => {
  let accepted = 0
  const octet = fc.constantFrom(8, 10, 127, 169, 172, 192, 224)
  const anyHost = fc.oneof(
    octet.map((first) => `${first}.16.0.1`),
    fc.constantFrom('[::1]', '[fd00::1]', '[2001:db8::1]', 'api.example.com', 'localhost'),
  )
  const anyRange = fc.oneof(
    fc
      .tuple(octet, fc.constantFrom(0, 4, 8, 12))
      .map(([first, bits]) => `${bits === 0 ? 0 : first}.0.0.0/${bits}`),
    fc.constantFrom('::1/128', 'fd00::/8', '::/0', '172.16.0.0/12'),
  )
  const anyRegister = fc.record({
    scheme: fc.constantFrom('http', 'https'),
    host: anyHost,
    privateCidrs: fc.array(anyRange, { maxLength: 3 }),
  })
  const law = fc.property(
    anyRegister,
    fc.array(fc.constantFrom('change_secret', 'disable')),
    (drawn, later) => {
      const command = {
        ...register,
        origin: `${drawn.scheme}://${drawn.host}`,
        privateCidrs: drawn.privateCidrs,
      }
      const log: Event[] = []
      let state: State = initial
      for (const next of [command, ...later.map((c) => ({ c }))]) {
        const before = state
        const decided = decide(state, next, ctx)
        if (!decided.ok) continue
        log.push(...decided.events)
        state = decided.events.reduce(evolve, state)
        expect(before.s).not.toBe('disabled')
      }
      expect(log.reduce(evolve, initial)).toEqual(state)
      if (state.s === 'absent') return
      accepted += 1
      for (const range of state.privateCidrs)
        expect(range).toMatch(/^(10|127)\.|^172\.16\.|^::1\/128$|^fd00:/)
      if (state.origin.startsWith('http:'))
        expect(drawn.host).toMatch(/^(10|127)\.|^172\.16\.|^\[(::1|fd00::1)\]$/)
    },
  )
  fc.assert(law, { numRuns: 2_000 })
  expect(accepted).toBeGreaterThan(200)
})

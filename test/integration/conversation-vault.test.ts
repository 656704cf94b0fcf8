import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConversationVault } from '../../src/adapters/postgres/conversation-vault.ts'
import { fakeConversationVault } from '../../src/app/ports/conversation-vault.fake.ts'
import {
  mostValues,
  type ConversationName,
  type ConversationVault,
} from '../../src/app/ports/conversation-vault.ts'
import { sweepConversations } from '../../src/app/conversations.ts'
import { configureRoute, issueGatewayKey, revokeGatewayKey } from '../../src/app/gateway-admin.ts'
import { addDays, epochMs, type KeyId } from '../../src/kernel/index.ts'
import { gatewayFixture, issuerWith, type GatewayFixture } from '../support/gateway-fixture.ts'

const master = randomBytes(32)
const admin = issuerWith({ k: 'system' })
let fixture: GatewayFixture
let keys: KeyId[] = []
let vault: ConversationVault
beforeAll(async () => {
  fixture = await gatewayFixture()
  await configureRoute(fixture.ports, admin, fixture.ids.route, { models: {}, revision: 0 }).catch(
    () => undefined,
  )
  for (const agent of ['a', 'b']) {
    const key = await issueGatewayKey(fixture.ports, admin, fixture.ids.route, {
      agent,
      expiresAt: addDays(epochMs(Date.now()), 30),
      sources: [],
    })
    keys = [...keys, key.id]
  }
  vault = createConversationVault(fixture.gateway, master)
})
afterAll(() => fixture.close())

const nameOf = (mark: string, key = 0): ConversationName => ({
  deployment: fixture.ids.deployment,
  key: keys[key] as KeyId,
  marks: ['begins', mark],
})

describe.each([
  ['the database', () => vault],
  ['the fake', () => fakeConversationVault()],
] as const)('%s', (_where, make) => {
  test('keeps what came first, and tells it to every later call', async () => {
    const store = make()
    const first = await store.open(nameOf('one'))
    expect(
      await first.keep(
        new Map([
          ['[EMAIL_AAAAA]', 'ann'],
          ['[EMAIL_BBBBB]', 'bo'],
        ]),
      ),
    ).toEqual(
      new Map([
        ['[EMAIL_AAAAA]', 'ann'],
        ['[EMAIL_BBBBB]', 'bo'],
      ]),
    )
    const later = await store.open(nameOf('one'))
    expect(Buffer.from(later.code('x'))).toEqual(Buffer.from(first.code('x')))
    expect(await later.keep(new Map([['[EMAIL_AAAAA]', 'someone else']]))).toEqual(
      new Map([['[EMAIL_AAAAA]', 'ann']]),
    )
    expect(await later.all()).toEqual(
      new Map([
        ['[EMAIL_AAAAA]', 'ann'],
        ['[EMAIL_BBBBB]', 'bo'],
      ]),
    )
  })

  test('knows no conversation of another key, and none that begins otherwise', async () => {
    const store = make()
    const own = await store.open(nameOf('two'))
    await own.keep(new Map([['[EMAIL_AAAAA]', 'ann']]))
    for (const name of [nameOf('two', 1), nameOf('three'), { ...nameOf('two'), marks: ['beginstwo'] }]) {
      const other = await store.open(name)
      expect(await other.all()).toEqual(new Map())
      expect(Buffer.from(other.code('x'))).not.toEqual(Buffer.from(own.code('x')))
    }
  })

  test('keeps no more than it may', async () => {
    const opened = await make().open(nameOf('many'))
    const many = new Map(
      Array.from({ length: mostValues + 1 }, (_, n) => [`[EMAIL_${n}]`.padEnd(12, ']'), 'x']),
    )
    await expect(opened.keep(many)).rejects.toThrow(/values/)
  })
})

test('two calls that open a conversation at once have one key', async () => {
  const opened = await Promise.all(Array.from({ length: 8 }, () => vault.open(nameOf('at once'))))
  expect(new Set(opened.map(({ code }) => Buffer.from(code('x')).toString('hex'))).size).toBe(1)
})

test('a conversation ends after its day, and its placeholders mean nothing from then on', async () => {
  const opened = await vault.open(nameOf('old'))
  await opened.keep(new Map([['[EMAIL_AAAAA]', 'ann']]))
  await fixture.owner.query("update conversations set expires_at = now() - interval '1 second'")
  await expect(opened.keep(new Map([['[EMAIL_BBBBB]', 'bo']]))).rejects.toThrow('ended')
  expect(await opened.all()).toEqual(new Map())
  const again = await vault.open(nameOf('old'))
  expect(Buffer.from(again.code('x'))).not.toEqual(Buffer.from(opened.code('x')))
  expect(await again.all()).toEqual(new Map())
  await sweepConversations(fixture.query)
  const { rows } = await fixture.owner.query('select count(*)::int as n from conversations')
  expect(rows).toEqual([{ n: 1 }])
})

test('with its key goes everything that a key has in the vault', async () => {
  const key = await issueGatewayKey(fixture.ports, admin, fixture.ids.route, {
    agent: 'c',
    expiresAt: addDays(epochMs(Date.now()), 30),
    sources: [],
  })
  const name = { ...nameOf('revoked'), key: key.id }
  await (await vault.open(name)).keep(new Map([['[EMAIL_AAAAA]', 'ann']]))
  await revokeGatewayKey(fixture.ports, admin, key.id)
  const { rows } = await fixture.owner.query('select 1 from conversations where key_id = $1', [key.id])
  expect(rows).toEqual([])
})

test('another master key opens nothing, and a value moves to no other placeholder', async () => {
  const opened = await vault.open(nameOf('moved'))
  await opened.keep(
    new Map([
      ['[EMAIL_AAAAA]', 'ann'],
      ['[EMAIL_BBBBB]', 'bo'],
    ]),
  )
  await fixture.owner.query(
    `update conversation_values v set sealed = w.sealed from conversation_values w
     where v.placeholder = '[EMAIL_AAAAA]' and w.placeholder = '[EMAIL_BBBBB]' and v.conversation_id = w.conversation_id`,
  )
  await expect(opened.all()).rejects.toThrow('does not open')
  const stranger = createConversationVault(fixture.gateway, randomBytes(32))
  expect(await (await stranger.open(nameOf('moved'))).all()).toEqual(new Map())
})

test.each([
  ['read sealed values', 'gateway', 'select * from conversation_values'],
  ['read the names of conversations', 'gateway', 'select id from conversations'],
  ['end a conversation', 'gateway', 'delete from conversations'],
  ['lengthen a conversation', 'gateway', "update conversations set expires_at = now() + interval '1 year'"],
  ['read sealed keys', 'app', 'select sealed_key from conversations'],
  ['read sealed values', 'app', 'select * from conversation_values'],
  ['lengthen a conversation', 'app', "update conversations set expires_at = now() + interval '1 year'"],
  ['open a conversation', 'app', "select open_conversation('a', 'b', 'c', '', 1000)"],
] as const)('nobody may %s as the role of the %s', async (_what, role, sql) => {
  await expect(fixture[role].query(sql)).rejects.toThrow('permission denied')
})

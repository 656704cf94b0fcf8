import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  createGatewayLogin,
  createPool,
  excessOf,
  type Database,
  type Pool,
} from '../../src/adapters/postgres/index.ts'
import { cloneDatabase } from '../support/database.ts'

let [database, owner]: [Database, Pool] = [] as never
beforeAll(async () => {
  database = await cloneDatabase()
  owner = createPool(database, undefined, 1)
})
afterAll(() => owner.end())

/** What is found of a fresh login after the owner has run `change` for it. */
async function excessAfter(change: (user: string) => string): Promise<readonly string[]> {
  const { user, password } = await createGatewayLogin(owner)
  await owner.query(change(user))
  const pool = createPool({ ...inject('testServer'), ...database, user, password }, 'countersign_gateway', 1)
  try {
    return await excessOf(pool)
  } finally {
    await pool.end()
  }
}

test('a login that was made for a gateway may do nothing more', async () => {
  expect(await excessAfter(() => 'select 1')).toEqual([])
})

test.each([
  ['superuser', 'is superuser'],
  ['createrole', 'may create roles'],
  ['createdb', 'may create databases'],
  ['replication', 'may replicate'],
  ['bypassrls', 'passes by row-level security'],
])('the attribute `%s` is too much', async (attribute, excess) => {
  expect(await excessAfter((user) => `alter role ${user} ${attribute}`)).toEqual([excess])
})

test.each(['countersign_app', 'countersign_integrator', 'pg_read_all_data', 'pg_write_server_files'])(
  'to act as %s is too much',
  async (role) => {
    expect(await excessAfter((user) => `grant ${role} to ${user}`)).toEqual([`may act as ${role}`])
  },
)

test('a role behind a role is found too', async () => {
  const excess = await excessAfter(
    (user) => `create role ${user}_more role ${user}; grant countersign_app to ${user}_more`,
  )
  expect(excess.toSorted()).toEqual([
    'may act as countersign_app',
    expect.stringMatching(/^may act as countersign_gateway_\w+_more$/),
  ])
})

test('to hand the role on, or to own something, is too much', async () => {
  expect(await excessAfter((user) => `grant countersign_gateway to ${user} with admin option`)).toEqual([
    'may let others act as countersign_gateway',
  ])
  expect(await excessAfter((user) => `create schema ${user} authorization ${user}`)).toEqual([
    'is the owner of something',
  ])
})

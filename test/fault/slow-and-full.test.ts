import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import { ProblemError } from '../../src/contracts/client.ts'
import { createUnit, listUnits } from '../../src/contracts/routes/people.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { approved, issueKey, modelAlias } from '../../src/main/demo/systems.ts'
import { cloneDatabase } from '../support/database.ts'
import { nameUnits } from '../support/units.ts'
import { Shipped } from './shipped.ts'

let product: Shipped
let provider: Awaited<ReturnType<typeof startDemoProvider>>
let org: Organisation
let token: string

beforeAll(async () => {
  product = await Shipped.create()
  await product.start()
  provider = await startDemoProvider({ chunkDelayMs: 2 })
  const { setupToken } = product.announced
  org = await foundOrganisation(product.origin, setupToken ?? '', provider.origin, () => undefined)
  token = await issueKey(org, await approved(org, advisorySummariser('Frozen')))
}, 120_000)
afterAll(async () => {
  await product.close()
  await provider.close()
}, 60_000)

/** The postmaster and every session and helper below it. */
function databaseProcesses(): readonly number[] {
  const parent = product.postmaster()
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const children = lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []))
  return [parent, ...children]
}

async function callModel(): Promise<number> {
  const answer = await fetch(`${product.announced.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelAlias, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await answer.text()
  return answer.status
}

async function namedUnits(name: string): Promise<number> {
  const { items } = await org.admin.call(listUnits, {})
  return items.filter((unit) => unit.name === name).length
}

test('while the database is frozen the API says so and the gateway goes on; afterwards both are as before', async () => {
  for (let tries = 0; (await callModel()) !== 200 && tries < 50; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
  const frozen = databaseProcesses()
  for (const pid of frozen) process.kill(pid, 'SIGSTOP')
  const request = { body: { name: 'frozen' }, idempotencyKey: 'frozen' }
  try {
    expect(await callModel()).toBe(200) // its snapshot is young enough
    const refused = await org.admin.call(createUnit, request).then(
      () => null,
      (error: unknown) => error,
    )
    const { problem } = refused instanceof ProblemError ? refused : { problem: null }
    expect(problem).toMatchObject({ status: 503, code: 'UNAVAILABLE', retry: true })
  } finally {
    for (const pid of frozen.toReversed()) process.kill(pid, 'SIGCONT')
  }
  let made = false
  for (let tries = 0; !made && tries < 30; tries += 1) {
    made = await org.admin.call(createUnit, request).then(
      () => true,
      () => false, // the claim of the first try ends by itself
    )
    if (!made) await new Promise((resolve) => setTimeout(resolve, 500))
  }
  expect([made, await namedUnits('frozen')]).toEqual([true, 1])
  // What the gateway had asked while the database was frozen is answered late, and the first calls may meet that.
  let served = 0
  for (let tries = 0; served < 5 && tries < 80; tries += 1) {
    served = (await callModel()) === 200 ? served + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(served).toBe(5)
}, 90_000)

test.each([
  ['may not be written', 'revoke insert on ledger.payload from countersign_app'],
  [
    'fails at the commit',
    `create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken' using errcode = '58030'; end $$;
     create constraint trigger broken after insert on ledger.entry deferrable initially deferred
       for each row execute function broken()`,
  ],
])('a command whose ledger %s leaves nothing at all', async (_how, fault) => {
  const database = await cloneDatabase()
  const owner = createPool(database, undefined, 1)
  const app = createPool(database, 'countersign_app', 2)
  try {
    await nameUnits(app, 'fault.test/1', 1)
    const before = await everything(owner)
    await owner.query(fault)
    await expect(nameUnits(app, 'fault.test/1', 1)).rejects.toThrow()
    expect(await everything(owner)).toEqual(before)
  } finally {
    await owner.end()
    await app.end()
  }
})

async function everything(owner: Pool): Promise<unknown> {
  const { rows } = await owner.query(
    `select (select json_agg(u order by id) from units u) as units, (select json_agg(s) from streams s) as streams,
       (select json_agg(c) from ledger.command c) as commands, (select json_agg(e) from ledger.entry e) as entries,
       (select json_agg(p) from ledger.payload p) as payloads, (select json_agg(q) from ledger.queue q) as queue`,
  )
  return rows
}

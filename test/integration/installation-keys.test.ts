import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sharedKeys } from '../../src/adapters/files/installation-keys.ts'
import { createPool, queryOn, type Pool } from '../../src/adapters/postgres/index.ts'
import { assertKeys } from '../../src/main/installation-keys.ts'
import { cloneDatabase } from '../support/database.ts'

let pool: Pool
const base = mkdtempSync(join(tmpdir(), 'cs-keys-'))
const fresh = () => mkdtempSync(join(base, 'home-'))

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 4)
})
beforeEach(async () => {
  await pool.query(
    "update settings set name = 'old/' || gen_random_uuid() where name like 'key_fingerprint/%'",
  )
})
afterAll(async () => {
  await pool.end()
  rmSync(base, { recursive: true, force: true })
})

const start = (folder: string) => assertKeys(folder, queryOn(pool))

test('the first process makes the keys, and whoever has the same ones may follow', async () => {
  const folder = fresh()
  await start(folder)
  await start(folder)
  expect(sharedKeys.filter((name) => !existsSync(join(folder, name)))).toEqual([])
})

test('a process without the keys is refused and makes none', async () => {
  await start(fresh())
  const folder = fresh()
  await expect(start(folder)).rejects.toThrow(/missing: `root.pem`, `log.pem`, `upstream.key`/)
  expect(sharedKeys.filter((name) => existsSync(join(folder, name)))).toEqual([])
})

test.each(sharedKeys)('another %s is refused', async (name) => {
  const [folder, other] = [fresh(), fresh()]
  await assertKeys(other, async () => []).catch(() => undefined) // keys of another installation
  await start(folder)
  const before = readFileSync(join(folder, name))
  writeFileSync(join(folder, name), readFileSync(join(other, name)))
  await expect(start(folder)).rejects.toMatchObject({
    code: 'FAIL_CLOSED',
    message: expect.stringContaining(`(not the same: \`${name}\`)`),
  })
  writeFileSync(join(folder, name), before)
  await start(folder)
})

test('of processes that begin at once with keys of their own, one goes on', async () => {
  const outcomes = await Promise.allSettled([fresh(), fresh(), fresh()].map(start))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { startEmbedded, type Address } from '../../src/adapters/postgres/embedded.ts'
import { migrate } from '../../src/adapters/postgres/migrate.ts'
import { createPool, type Database } from '../../src/adapters/postgres/pool.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: Address
  }
}

export const migrationsFolder = resolve(import.meta.dirname, '../../migrations')

/** Vitest's global set-up: one server a run, with a migrated template that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'cs-test-'))
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '200',
  }
  const server = await startEmbedded({ home, log: () => undefined, settings })
  const owner = createPool(server.address, undefined, 1)
  await owner.query('create database template')
  const template = createPool({ ...server.address, database: 'template' }, undefined, 1)
  await migrate(template, migrationsFolder)
  await template.end()
  await owner.end()
  project.provide('testServer', server.address)
  return async () => {
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

/** A fresh migrated database of its own for one test file or one test. */
export async function cloneDatabase(): Promise<Database> {
  const address = inject('testServer')
  const name = `t_${randomBytes(8).toString('hex')}`
  const owner = createPool(address, undefined, 1)
  await owner.query(`create database ${name} template template`)
  await owner.end()
  return { ...address, database: name }
}

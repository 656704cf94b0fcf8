import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { digestOf } from '../kernel/index.ts'
import { readConfig } from './config.ts'
import { startRoles } from './serve.ts'

const home = mkdtempSync(join(tmpdir(), 'cs-serve-'))
afterAll(() => rmSync(home, { recursive: true }))

test.each(['api', 'worker', 'gateway', 'api,gateway,worker'])(
  'with another guard than the one that is expected nothing starts: %s',
  async (roles) => {
    const config = readConfig({
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_ROLES: roles,
      COUNTERSIGN_GUARD_DIGEST: digestOf('another'),
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    })
    await expect(startRoles(config, () => undefined)).rejects.toThrow('COUNTERSIGN_GUARD_DIGEST')
    expect(readdirSync(home)).toEqual([])
  },
)

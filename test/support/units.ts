import { randomBytes } from 'node:crypto'
import { createUnitOfWork, type Pool } from '../../src/adapters/postgres/index.ts'
import { units } from '../../src/app/aggregates/units.ts'
import { runCommand } from '../../src/app/command.ts'
import { installation } from '../../src/app/identity/setup.ts'

const random = (n: number) => randomBytes(n)

/** One command of the installation itself that creates `n` units: `n` entries in the log `origin`. */
export async function nameUnits(app: Pool, origin: string, n: number): Promise<void> {
  const ports = {
    unitOfWork: createUnitOfWork(app, { origin, random }),
    random,
    refusalLog: async () => undefined,
  }
  await runCommand(ports, installation('system'), async (work) => {
    const context = { now: work.now, actor: null, ids: work.ids }
    for (let i = 0; i < n; i += 1)
      await work.apply(units, 'tree', { c: 'create', name: `unit ${i}`, parent: null }, context)
  })
}

// The overview and one page of the rows behind it, out of what the issuer keeps (ADR 0018), for few systems and for many.
// Usage: node bench/governance/overview.ts [systems] [rounds] [--write]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createPool, migrate, startEmbedded } from '../../src/adapters/postgres/index.ts'
import { listStandings, readOverview, readWork } from '../../src/contracts/routes/home.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import { approved } from '../../src/main/demo/systems.ts'
import { startPlane } from '../../test/support/plane.ts'
import { settleStandings } from '../../test/support/settle.ts'
import { multiply } from '../many.ts'
import { alternate, numbersOf, report, summaryOf } from '../measure.ts'

const [systems = 10_000, rounds = 10] = numbersOf(10_000, 10)
const home = mkdtempSync(join(tmpdir(), 'cs-bench-'))
const server = await startEmbedded({ home, log: () => undefined })
const owner = createPool(server.address, undefined, 1)
await migrate(owner, resolve(import.meta.dirname, '../../migrations'))
const { org, plane, close } = await startPlane(server.address)
try {
  const models = [
    await approved(org, advisorySummariser('Advisory summariser')),
    await approved(org, alertTriage('Log anomaly explainer')),
  ]
  await settleStandings({ plane })
  const times: object[] = []
  for (const [from, to] of [
    [0, 50],
    [50, Math.ceil(systems / models.length)],
  ] as const) {
    for (const model of models) await multiply(owner, model, to - from, from)
    const took = await alternate(
      {
        overview: timed(() => org.auditor.call(readOverview, { query: {} })),
        rows: timed(() => org.auditor.call(listStandings, { query: { tier: 2 } })),
        work: timed(() => org.analyst.call(readWork, { query: {} })),
      },
      rounds,
    )
    const { inService } = await org.auditor.call(readOverview, { query: {} })
    for (const [what, all] of Object.entries(took))
      times.push({ what: `${what}, ms over HTTP`, deployments: inService, ...summaryOf(all) })
  }
  report(
    import.meta.dirname,
    'overview',
    { systems, rounds, derived: 'by the issuer, with the reasons' },
    { times },
  )
} finally {
  await close()
  await owner.end()
  await server.stop()
  rmSync(home, { recursive: true, force: true })
}

function timed(task: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const from = performance.now()
    await task()
    return performance.now() - from
  }
}

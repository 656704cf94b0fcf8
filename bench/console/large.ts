import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createPool, migrate, startEmbedded, type Pool } from '../../src/adapters/postgres/index.ts'
import { ledgerStatus } from '../../src/contracts/routes/ledger.ts'
import { idFrom } from '../../src/kernel/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import {
  approved,
  build,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../../test/support/plane.ts'
import { settleStandings } from '../../test/support/settle.ts'
import { multiply } from '../many.ts'

/** What an installation holds. Of the systems a tenth is tier 2; those with an open case come on top. */
export type Size = { readonly systems: number; readonly cases: number; readonly entries: number }

export const sizes = {
  small: { systems: 100, cases: 10, entries: 1_000 },
  large: { systems: 10_000, cases: 1_000, entries: 100_000 },
} as const satisfies Readonly<Record<string, Size>>

/** An installation that grows: copies of systems that went the whole way, and entries of a stream of their own. */
export type Growing = Plane & {
  readonly grow: (to: Size) => Promise<void>
  readonly size: () => Promise<Size>
}

export async function startGrowing(): Promise<Growing> {
  const home = mkdtempSync(join(tmpdir(), 'cs-bench-'))
  const server = await startEmbedded({ home, log: () => undefined })
  const owner = createPool(server.address, undefined, 1)
  await migrate(owner, resolve(import.meta.dirname, '../../migrations'))
  const plane = await startPlane(server.address)
  const { org } = plane
  const simple = await approved(org, advisorySummariser('Advisory summariser'))
  const triage = await approved(org, alertTriage('Log anomaly explainer'))
  const answers = alertTriage('Threat hunting assistant')
  const voting = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, voting)
  await passChecks(org, voting)
  await openVote(org, voting)
  await settleStandings(plane)

  const copies = new Map<Built, number>()
  const copyUpTo = async (original: Built, wanted: number) => {
    const have = copies.get(original) ?? 0
    if (wanted <= have) return
    await multiply(owner, original, wanted - have, have)
    copies.set(original, wanted)
  }
  const size = () => sizeOf(owner)
  return {
    ...plane,
    size,
    grow: async ({ systems, cases, entries }) => {
      await copyUpTo(simple, Math.round(systems * 0.9))
      await copyUpTo(triage, Math.round(systems * 0.1))
      await copyUpTo(voting, cases)
      await appendUpTo(plane, (await size()).entries, entries)
      await owner.query('vacuum analyze')
    },
    close: async () => {
      await plane.close()
      await owner.end()
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function sizeOf(pool: Pool): Promise<Size> {
  const { rows } = await pool.query<Size>(
    `select (select count(*)::int from systems) as systems, (select count(*)::int from ledger.entry) as entries,
       (select count(*)::int from cases where state in ('open', 'waiting_evidence', 'voting')) as cases`,
  )
  const [found] = rows
  if (found === undefined) throw new Error('the database has not answered')
  return found
}

const entriesPerCommand = 100

/** Appends entries of streams that are the bench's own, and waits until the log has them all. */
async function appendUpTo({ plane, org }: Plane, have: number, wanted: number): Promise<void> {
  for (let at = have; at < wanted; at += entriesPerCommand) {
    const stream = `bench/${at}`
    await plane.unitOfWork.run(async (tx) => {
      await tx.lockStreams([stream])
      const now = await tx.now()
      await tx.append({
        commandId: idFrom('command', now, plane.random(10)),
        actor: { k: 'system', role: 'timer' },
        via: { channel: 'system' },
        events: Array.from({ length: Math.min(entriesPerCommand, wanted - at) }, (_, n) => ({
          stream,
          kind: 'bench.happened',
          facts: { n },
          state: { n },
        })),
      })
    })
  }
  while ((await org.auditor.call(ledgerStatus, { query: {} })).queued > 0)
    await plane.query('select pg_sleep(0.05)')
}

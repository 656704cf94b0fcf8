import { randomBytes } from 'node:crypto'
import {
  createBatchStore,
  createGatewayFeed,
  createUnitOfWork,
  readTrustBundle,
  type Pool,
} from '../adapters/postgres/index.ts'
import type { Guard } from '../guard/inspect.ts'
import { createRecords } from '../gateway/records.ts'
import { createGateway } from '../gateway/server.ts'
import { createSnapshotSource, type TrustAnchor } from '../gateway/snapshot.ts'
import type { Log, UpstreamSecrets } from '../gateway/ports.ts'
import { epochMs } from '../kernel/index.ts'

export type GatewaySettings = {
  readonly host: string
  readonly port: number
  readonly pool: Pool
  readonly ledgerOrigin: string
  /** Pinned by this process; never taken from the database. */
  readonly trust: TrustAnchor
  readonly upstreamSecrets: UpstreamSecrets
  readonly guard: Guard
  readonly log: Log
}

/** Starts the inline gateway of this process. It reads as its own database role and signs nothing. */
export async function startGateway(
  settings: GatewaySettings,
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> {
  const { host, port, pool, ledgerOrigin, trust, upstreamSecrets, guard, log } = settings
  const clock = { now: () => epochMs(Date.now()), monotonicMs: () => performance.now() }
  const random = (bytes: number) => randomBytes(bytes)
  const feed = createGatewayFeed(pool, { trustBundle: () => readTrustBundle(pool) })
  const snapshot = createSnapshotSource({ feed, trust, clock, log })
  const store = createBatchStore({
    unitOfWork: createUnitOfWork(pool, { origin: ledgerOrigin, random }),
    random,
  })
  const worker = `w${randomBytes(8).toString('hex')}`
  const records = createRecords({ store, worker, log, monotonicMs: clock.monotonicMs })
  const gateway = createGateway({ host, port, snapshot, records, clock, upstreamSecrets, guard, log })
  const started = await gateway.start()
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${started.port}`,
    close: async () => {
      await gateway.close()
      await store.close(worker).catch((error: unknown) => {
        // The boot then stays open in the ledger, which says truly that its end was not recorded.
        log('error', 'gateway.close.not_recorded', {
          cause: error instanceof Error ? error.message : 'unknown',
        })
      })
    },
  }
}

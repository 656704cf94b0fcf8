import { randomBytes } from 'node:crypto'
import { startOnnxTier } from '../adapters/classifier/onnx-tier.ts'
import { createContentStore } from '../adapters/postgres/content-store.ts'
import { createConversationVault } from '../adapters/postgres/conversation-vault.ts'
import { openSpoolFolder } from '../adapters/files/spool-folder.ts'
import { createAdmissions } from '../adapters/postgres/admissions.ts'
import { createGatewayProcesses } from '../adapters/postgres/gateway-processes.ts'
import { createLeaseStore } from '../adapters/postgres/lease-store.ts'
import {
  createBatchStore,
  createGatewayFeed,
  createSightingStore,
  createUnitOfWork,
  readTrustBundle,
  type Pool,
} from '../adapters/postgres/index.ts'
import type { ModelCatalogue } from '../governance/registry/index.ts'
import type { Caller } from '../gateway/admit.ts'
import { nobody } from '../gateway/held/nobody.ts'
import { limitsOf } from '../gateway/leases/limits-by-key.ts'
import { createBudgets } from '../gateway/leases/budgets.ts'
import type { ToolPolicies } from '../gateway/tool-rules.ts'
import type { Guard } from '../guard/inspect.ts'
import { createPeers } from '../gateway/leases/peers.ts'
import { createRecords } from '../gateway/records.ts'
import { createSightings } from '../gateway/sightings.ts'
import { createSpool } from '../gateway/spool.ts'
import { createGateway, type Drain } from '../gateway/server.ts'
import { createSnapshotSource, type TrustAnchor } from '../gateway/snapshot.ts'
import { startAdmin, type AdminState } from '../gateway/telemetry/admin.ts'
import { createMetrics } from '../gateway/telemetry/metrics.ts'
import { logCall, observed } from '../gateway/telemetry/observed.ts'
import { spanOf } from '../gateway/telemetry/span.ts'
import type { Log, UpstreamSecrets } from '../gateway/ports.ts'
import { epochMs, hkdfSha256, type Digest } from '../kernel/index.ts'
import { scorerGround } from '../guard/policy/apply.ts'
import { windowKeyOf } from '../guard/policy/window.ts'
import { recoverLeft } from './left-spools.ts'
import { startSpans, type TelemetryConfig } from './telemetry.ts'

export type GatewaySettings = {
  readonly host: string
  readonly port: number
  readonly sharesPort: boolean
  /** Folder below which records are kept until they are stored. */
  readonly home: string
  readonly pool: Pool
  readonly ledgerOrigin: string
  /** Pinned by this process; never taken from the database. */
  readonly trust: TrustAnchor
  readonly upstreamSecrets: UpstreamSecrets
  /** Of 32 bytes: seals what stands behind placeholders, and never leaves the gateway. */
  readonly conversationKey: Buffer
  /** How the control plane names canary tokens. */
  readonly canaryDigestOf: (token: string) => Digest
  readonly guard: Guard
  /** The file of a model that looks at what the scorer could not decide; null: there is none. */
  readonly classifierFile: string | null
  readonly toolPolicies: ToolPolicies
  readonly models: ModelCatalogue
  readonly telemetry: TelemetryConfig
  readonly log: Log
  /** Origins of pages that may speak to tool servers. */
  readonly mcpOrigins: readonly string[]
}

export type RunningGateway = {
  readonly origin: string
  readonly close: (drain?: Drain) => Promise<void>
}

/**
 * Starts the inline gateway of this process. It reads as its own database role and signs nothing. Whatever was started is
 * closed again when a later part fails.
 */
export async function startGateway(settings: GatewaySettings): Promise<RunningGateway> {
  const closers: Closer[] = []
  const close = async (drain?: Drain) => {
    for (const closer of closers.splice(0).toReversed()) await closer(drain)
  }
  try {
    return { origin: await open(settings, (closer) => void closers.push(closer)), close }
  } catch (error) {
    await close()
    throw error
  }
}

type Closer = (drain?: Drain) => Promise<unknown>

/** Listens last, when nothing can fail any more. Returns where; `keep` has something closed, the last one first. */
async function open(settings: GatewaySettings, keep: (closer: Closer) => void): Promise<string> {
  const {
    host,
    port,
    sharesPort,
    home,
    pool,
    ledgerOrigin,
    trust,
    upstreamSecrets,
    conversationKey,
    canaryDigestOf,
    guard,
    classifierFile,
    toolPolicies,
    models,
    telemetry,
    log,
    mcpOrigins,
  } = settings
  const classifier = classifierFile === null ? null : await startOnnxTier(classifierFile)
  keep(async () => classifier?.close())
  const clock = { now: () => epochMs(Date.now()), monotonicMs: () => performance.now() }
  const random = (bytes: number) => randomBytes(bytes)
  const feed = createGatewayFeed(pool, { trustBundle: () => readTrustBundle(pool) })
  const snapshot = createSnapshotSource({
    feed,
    trust,
    clock,
    log,
    scorer: scorerGround(guard.injection?.weights ?? null),
  })
  const store = createBatchStore({
    unitOfWork: createUnitOfWork(pool, { origin: ledgerOrigin, random }),
    random,
  })
  const worker = `w${randomBytes(8).toString('hex')}`
  keep(() =>
    store.close(worker).catch((error: unknown) => {
      // The boot then stays open in the ledger, which says truly that its end was not recorded.
      log('error', 'gateway.close.not_recorded', {
        cause: error instanceof Error ? error.message : 'unknown',
      })
    }),
  )
  keep(recoverLeft({ home, worker, store, log }).close)
  const spool = createSpool({ folder: openSpoolFolder(home, worker), log })
  const stored = createRecords({
    store,
    admissions: createAdmissions(pool),
    worker,
    log,
    monotonicMs: clock.monotonicMs,
    spool,
  })
  const spans = startSpans(telemetry.traces, worker, log)
  keep(async () => spans?.close())
  const metrics = createMetrics({
    isReady: () => gateway.isReady(),
    openExchanges: () => gateway.openExchanges(),
    heldCalls: () => gateway.heldCalls(),
    snapshotAgeMs: () => {
      const current = snapshot.current()
      return current === null ? null : clock.monotonicMs() - current.polledAt
    },
    spool: stored.spool,
    droppedSpans: () => spans?.dropped() ?? 0,
    breakers: () => gateway.breakers(),
  })
  const records = observed(stored, log, metrics.settled, logCall(log), (record) => spans?.add(spanOf(record)))
  const peers = createPeers({ processes: createGatewayProcesses(pool), worker, log })
  const budgets = createBudgets<Caller>({
    store: createLeaseStore(pool),
    limitsOf,
    worker,
    workers: peers.living,
    monotonicMs: clock.monotonicMs,
    log,
  })
  const gateway = createGateway({
    host,
    port,
    sharesPort,
    snapshot,
    records,
    clock,
    upstreamSecrets,
    approvals: nobody, // human oversight is where they will come from
    // By which a held call that comes again finds its record, whichever process it comes to.
    approvalKey: hkdfSha256(conversationKey, Buffer.from('approval')),
    content: createContentStore(pool, conversationKey),
    conversations: createConversationVault(pool, conversationKey),
    canaryDigestOf,
    windowKey: windowKeyOf(conversationKey),
    guard,
    ...(classifier === null ? {} : { classifier }),
    toolPolicies,
    sightings: createSightings({ store: createSightingStore(pool), clock, log }),
    budgets,
    models,
    log,
    mcpOrigins,
  })
  keep(peers.close)
  let admin: Awaited<ReturnType<typeof adminOf>> = null
  keep(async () => admin?.close())
  keep(gateway.close)
  await peers.start()
  const { isReady, openExchanges } = gateway
  admin = await adminOf(telemetry, { isReady, openExchanges, metrics: metrics.text })
  const started = await gateway.start()
  return `http://${host.includes(':') ? `[${host}]` : host}:${started.port}`
}

async function adminOf({ admin }: TelemetryConfig, state: AdminState) {
  return admin === null ? null : startAdmin(admin, state)
}

// The gateway as the program composes it, alone in a process of its own, over the database and the keys of a running
// installation; started by soak.ts with where they are. Answers every message with what it uses after a collection.
import { once } from 'node:events'
import { join } from 'node:path'
import { getActiveResourcesInfo } from 'node:process'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { loadCanaryMaker } from '../../src/adapters/files/canary-maker.ts'
import { loadKey } from '../../src/adapters/files/sealing-key.ts'
import { loadModels } from '../../src/adapters/files/model-catalogue.ts'
import { loadToolPolicies } from '../../src/adapters/files/tool-policies.ts'
import { loadUpstreamSecrets } from '../../src/adapters/files/upstream-secrets.ts'
import { createPool, type Database } from '../../src/adapters/postgres/index.ts'
import type { TrustAnchor } from '../../src/gateway/snapshot.ts'
import { catalogueFolder } from '../../src/main/catalogue-folder.ts'
import { startGateway } from '../../src/main/gateway.ts'

/** What the process is told at its start. */
export type SoakPlace = {
  readonly home: string
  readonly database: Database
  readonly ledgerOrigin: string
  readonly trust: TrustAnchor
  readonly adminPort: number
}

/** Bytes after a full collection; sockets of every kind that keep the process alive. `errors`: lines of its log. */
export type SoakUsage = {
  readonly rss: number
  readonly heap: number
  readonly outside: number
  readonly sockets: number
  readonly cpuMicros: number
  readonly errors: Readonly<Record<string, number>>
}

const [place] = (await once(process, 'message')) as [SoakPlace] // the first message of soak.ts
const { home, database, ledgerOrigin, trust, adminPort } = place
const pool = createPool(database, 'countersign_gateway', 3)
const errors: Record<string, number> = {}
let isClosing = false
const gateway = await startGateway({
  host: '127.0.0.1',
  port: 0,
  pool,
  ledgerOrigin,
  trust,
  conversationKey: loadKey(join(home, 'keys'), 'conversation.key'),
  canaryDigestOf: loadCanaryMaker(join(home, 'keys')).digestOf,
  upstreamSecrets: loadUpstreamSecrets(join(home, 'keys')),
  guard: loadGuard(catalogueFolder),
  classifierFile: null,
  toolPolicies: loadToolPolicies(catalogueFolder),
  models: loadModels(catalogueFolder),
  telemetry: { admin: { host: '127.0.0.1', port: adminPort }, traces: null },
  mcpOrigins: [],
  home: join(home, 'soak'),
  sharesPort: false,
  log: (level, event) => {
    if (level === 'error') errors[event] = (errors[event] ?? 0) + 1
  },
})

process.on('message', (wish) => {
  if (wish === 'close') {
    void close()
    return
  }
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const sockets = getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const usage: SoakUsage = {
    rss,
    heap: heapUsed,
    outside: external,
    sockets,
    cpuMicros: user + system,
    errors,
  }
  process.send?.(usage)
})
process.on('disconnect', () => void (isClosing || process.exit()))
process.send?.(gateway.origin)

/** Ends by itself when nothing is left open. */
async function close(): Promise<void> {
  isClosing = true
  await gateway.close()
  await pool.end()
  process.disconnect()
}

import type { GrantScope } from '../../governance/authorization/index.ts'
import type {
  DataClass,
  DeploymentId,
  Digest,
  Environment,
  EpochMs,
  GrantId,
  KeyId,
  RecordId,
  RouteId,
  Tier,
  UpstreamId,
} from '../../kernel/index.ts'

/** A key as stored: never its secret. It binds to one deployment, which no request can change. */
export type VirtualKey = {
  readonly id: KeyId
  readonly secretDigest: Digest
  readonly deployment: DeploymentId
  readonly expires: EpochMs
  readonly sources: readonly string[] // CIDR; empty: any
  readonly revokedAt: EpochMs | null
}

/** One upstream of a model alias. `secretRef` is opened in memory only. */
export type Target = {
  readonly id: UpstreamId
  readonly origin: string // scheme, host, port
  readonly basePath: string // '/v1'
  readonly model: string
  readonly region: string
  readonly secretRef: string | null
  readonly privateCidrs: readonly string[]
}

export type Route = {
  readonly id: RouteId
  readonly deployment: DeploymentId
  readonly release: Digest
  readonly environment: Environment
  readonly models: { readonly [alias: string]: Target }
}

/** What the control plane publishes. Grants carry their own signatures; scopes are addressed by their digest. */
export type SnapshotData = {
  readonly version: number
  readonly dbNow: EpochMs
  readonly trustBundle: string
  readonly keys: readonly VirtualKey[]
  readonly grants: readonly string[]
  readonly scopes: readonly GrantScope[]
  readonly minEpochs: readonly { readonly deployment: DeploymentId; readonly epoch: number }[]
  readonly routes: readonly Route[]
}

/** Where snapshots come from: PostgreSQL in production, a variable in tests. */
export type SnapshotFeed = {
  readonly load: () => Promise<SnapshotData>
  /** Calls back when something has changed; returns the way to stop. Lost notifications are made up by polling. */
  readonly subscribe: (onNotify: () => void) => () => void
}

/** Salted commitment: HMAC-SHA-256 under the salt of the record, and the number of bytes it covers. */
export type Commitment = { readonly hmac: Digest; readonly bytes: number }

/** What happened in one call. No text of the call. */
export type RuntimeRecord = {
  readonly v: 1
  readonly id: RecordId
  readonly worker: string
  readonly seq: number
  readonly at: EpochMs
  readonly key: KeyId | null
  readonly deployment: DeploymentId | null
  readonly release: Digest | null
  readonly grant: GrantId | null
  readonly tier: Tier | null
  readonly mode: 'enforce' | 'observe' | null
  readonly snapshot: number | null
  readonly dialect: 'openai-chat' | 'guard-check'
  readonly model: string | null
  readonly target: UpstreamId | null
  readonly dataClassMax: DataClass | null
  readonly action: 'allow' | 'block' | 'fault'
  /** Whether every text of the call was read by the guard. */
  readonly inspection: 'none' | 'complete'
  readonly released: 'full' | 'partial' | 'none'
  readonly status: number
  /** Reason codes of the gateway, first cause first. */
  readonly codes: readonly string[]
  readonly input: Commitment | null
  readonly output: Commitment | null
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null
  readonly timing: { readonly totalMs: number; readonly firstByteMs: number | null }
}

/** A record and the salt of its commitments; who holds the salt and the text can open them. */
export type RecordEntry = { readonly record: RuntimeRecord; readonly salt: string /* 32 bytes, base64url */ }

/** Records sealed together. `root` is the RFC 6962 root over the salted commitment of each record. */
export type SealedBatch = {
  readonly worker: string
  readonly batchNumber: number
  readonly firstSeq: number
  readonly entries: readonly RecordEntry[]
  readonly root: Digest
  readonly counts: { readonly allow: number; readonly block: number; readonly fault: number }
}

export type BatchStore = { readonly store: (batch: SealedBatch) => Promise<void> }

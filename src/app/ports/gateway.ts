import type { GrantScope } from '../../governance/authorization/index.ts'
import type { canary, limit, OwnModel } from '../../governance/registry/index.ts'
import type { ChannelClass } from '../../guard/injection/scorer.ts'
import type { CallContext, ToolOutcome, ToolReason } from '../../guard/tools/decide.ts'
import type { ToolPolicyDocument } from '../../guard/tools/document.ts'
import type { ToolRegistration } from '../../guard/tools/registration.ts'
import type {
  CanaryId,
  DataClass,
  DeploymentId,
  Digest,
  Environment,
  EpochMs,
  GrantId,
  JsonObject,
  KeyId,
  RecordId,
  RouteId,
  Tier,
  UpstreamApi,
  UpstreamId,
} from '../../kernel/index.ts'

/** A limit as the gateway applies it. What a grant allows a day is one too, named `volume/<deployment>`. */
export type Limit = limit.Terms & { readonly id: string; readonly target: limit.Target }

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
  /** The declared model that it serves, where it is not the one of its alias. */
  readonly declaredAs?: string
  /** Highest class of data that it may be sent; left out: what the grant allows. */
  readonly ceiling?: DataClass
  /** Version by which the older paths of Azure are addressed; null or left out: the paths that every vendor has. */
  readonly apiVersion?: string | null
  readonly origin: string // scheme, host, port
  readonly basePath: string // '/v1'
  readonly api: UpstreamApi
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
  /** By alias, in the order in which they are tried. */
  readonly models: { readonly [alias: string]: readonly Target[] }
  /** Tool servers by name; left out by those who know of none. */
  readonly servers?: { readonly [server: string]: Target }
  /** For how many days the texts of its calls are kept; left out: they are not. */
  readonly contentDays?: number
}

/** A canary that is looked for: the digest of its token, and where it belongs. */
export type WatchedCanary = {
  readonly id: CanaryId
  readonly deployment: DeploymentId
  readonly place: canary.Place
  readonly digest: Digest
}

/** What an organisation says of one definition of a tool. */
export type RegisteredTool = {
  readonly toolId: string
  readonly definition: Digest
  readonly terms: ToolRegistration
}

/** What decides about tools and is not in a grant. Documents are found by their digest, so none can stand for another. */
export type ToolData = {
  /** Own policies that grants name. */
  readonly policies: readonly ToolPolicyDocument[]
  /** Those that are decided beside them, without effect. */
  readonly shadows: readonly ToolPolicyDocument[]
  readonly registrations: readonly RegisteredTool[]
}

/** The guard policies that count, each under the digest of what it says. UNTRUSTED until that is checked. */
export type GuardData = {
  /** Of releases that name none of ours. Null: what ships. */
  readonly inForce: { readonly digest: Digest; readonly policy: unknown } | null
  readonly shadow: { readonly digest: Digest; readonly policy: unknown } | null
  /** Those that releases name. */
  readonly named: readonly { readonly digest: Digest; readonly policy: unknown }[]
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
  /** Those that people have set; what a grant allows a day stands in its scope. */
  readonly limits: readonly Limit[]
  /** Models that the organisation describes itself; they come before those of the shipped catalogue. */
  readonly ownModels: readonly OwnModel[]
  /** Left out by those who know of none. */
  readonly canaries?: readonly WatchedCanary[]
  readonly tools?: ToolData
  readonly guard?: GuardData
}

/** Where snapshots come from: PostgreSQL in production, a variable in tests. */
export type SnapshotFeed = {
  readonly load: () => Promise<SnapshotData>
  /** Calls back when something has changed; returns the way to stop. Lost notifications are made up by polling. */
  readonly subscribe: (onNotify: () => void) => () => void
}

/** Salted commitment: HMAC-SHA-256 under the salt of the record, and the number of bytes it covers. */
export type Commitment = { readonly hmac: Digest; readonly bytes: number }

/** The wire forms that the gateway reads. */
export type Dialect =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'anthropic-messages'
  | 'mcp'
  | 'guard-check'

/** What the guard found in a call, and what became of it. It holds nothing of the text, and `path` nothing of a name that a caller made up. */
export type RecordFinding = {
  readonly side: 'input' | 'output'
  /** JSON pointer into the body, or of the lane of a stream; members that the dialect does not know are `*`. */
  readonly path: string
  readonly channel: string
  readonly rule: string
  readonly kind: string
  readonly severity: 'info' | 'low' | 'medium' | 'high' | 'critical'
  readonly sureness: 'possible' | 'likely' | 'certain'
  /** UTF-16 units of the text at `path`. */
  readonly start: number
  readonly end: number
  readonly effect: 'none' | 'redacted' | 'blocked'
  /** Of an order to a model: its probability at the prior of the weights, in hundredths of a percent. */
  readonly scoreBp?: number
  /** Of a canary out of its place: which one it is. */
  readonly canary?: string
  /** Keyed digest of the text round it, by which it is known again; left out where no policy could let it pass. */
  readonly window?: Digest
  /** Of an order to a model: the score that thresholds are compared with, in thousandths. */
  readonly zMilli?: number
  /** With it: by whose thresholds it was scored, where that is not by those of its channel. */
  readonly scoredAs?: ChannelClass
}

/**
 * How many texts of a request, the last of the user and the last of others, are in a language that the scorer knows, and
 * how many are not. Texts of a few words count for neither.
 */
export type RecordLanguages = { readonly advisory: number; readonly supported: number }

/** What the guard policy in shadow would have made of the findings of a call, where that is something else. */
export type RecordGuardShadow = {
  /** Each rule, channel and pair of outcomes once; at most sixteen. `quiet`: not found at all. */
  readonly differences: readonly {
    readonly channel: string
    readonly outcome: 'quiet' | 'flagged' | 'redacted' | 'blocked'
    readonly rule: string
    readonly shadowOutcome: 'quiet' | 'flagged' | 'redacted' | 'blocked'
  }[]
  readonly policy: Digest
}

/** How one call of a tool was decided, and what was known of it: enough to decide it anew. No text of the call. */
export type RecordTool = {
  /** A tool that the grant names; `*` for any other, whose name a caller or a model made up. */
  readonly tool: string
  readonly outcome: ToolOutcome
  readonly reasons: readonly ToolReason[]
  /** What the policy was told; null where it was not asked. */
  readonly context: CallContext | null
  /** What versions in shadow would have said; left out where there is none. */
  readonly shadows?: readonly {
    readonly policy: Digest
    readonly outcome: ToolOutcome
    readonly reasons: readonly ToolReason[]
  }[]
}

/** A definition of a tool as a gateway has seen it. UNTRUSTED: it is text of whoever wrote the tool. */
export type ToolSighting = {
  readonly deployment: DeploymentId
  readonly tool: string
  /** Null where it could not be read as a definition. */
  readonly digest: Digest | null
  /** Null where it is too large to be kept. */
  readonly definition: JsonObject | null
  readonly at: EpochMs
}

export type SightingStore = { readonly store: (seen: readonly ToolSighting[]) => Promise<void> }

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
  readonly dialect: Dialect
  readonly model: string | null
  readonly target: UpstreamId | null
  readonly dataClassMax: DataClass | null
  readonly action: 'allow' | 'redact' | 'block' | 'held' | 'fault'
  /** Whether every text of the call was read by the guard: `partial` when an answer was cut before its end. */
  readonly inspection: 'none' | 'partial' | 'complete'
  readonly released: 'full' | 'partial' | 'none'
  readonly status: number
  /** Reason codes of the gateway, first cause first. */
  readonly codes: readonly string[]
  /**
   * What became of the text of the call; left out where its route keeps none. `queued`: handed over to be kept, which may
   * still fail; `dropped`: not kept, as too much was waiting.
   */
  readonly content?: 'queued' | 'dropped'
  /** The worst first, at most sixteen; `findingCount` is of all. */
  readonly findings: readonly RecordFinding[]
  readonly findingCount: number
  /** The guard policy that was in force; left out where what ships was. */
  readonly guardPolicy?: Digest
  readonly guardShadow?: RecordGuardShadow
  /** Left out where no language could be told, or nothing is scored. */
  readonly languages?: RecordLanguages
  readonly input: Commitment | null
  readonly output: Commitment | null
  readonly usage: {
    /** Parts of the input that the provider wrote into its cache, or took out of it; left out when there are none. */
    readonly cacheWriteTokens?: number
    readonly cachedInputTokens?: number
    readonly inputTokens: number
    readonly outputTokens: number
  } | null
  readonly timing: { readonly totalMs: number; readonly firstByteMs: number | null }
  /** Calls of tools that were decided, at most eight; left out where there were none. */
  readonly tools?: readonly RecordTool[]
  /** Targets that gave no answer, or were left out, in the order of trying; at most sixteen. `target` is the last one that was sent to. */
  readonly tried: readonly { readonly code: string; readonly target: UpstreamId }[]
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
  readonly counts: Readonly<Record<RuntimeRecord['action'], number>>
}

export type BatchStore = { readonly store: (batch: SealedBatch) => Promise<void> }

/** What is committed before a call of tier 3 goes upstream. */
export type Admissions = { readonly admit: (worker: string, entry: RecordEntry) => Promise<void> }

/** How much of the traffic of a worker is stored. */
export type StoredTraffic = {
  readonly stored: (worker: string) => Promise<{ readonly batches: number; readonly records: number }>
}

/** One file of a spool. What is appended outlives this process, and once it is synced the machine too. */
export type SpoolFile = {
  /** Throws when not all of the text could be written. */
  readonly append: (text: string) => void
  readonly sync: () => Promise<void>
  readonly remove: () => void
}

/** Where one process keeps what is not stored yet; no other process has it. */
export type SpoolFolder = {
  readonly create: (n: number) => SpoolFile
  /** Gives the folder up, and removes it when no file is left in it. */
  readonly close: () => void
}

/** What a process has left behind that did not end in good order. No other process has it now. */
export type LeftSpool = {
  readonly worker: string
  /** The lines of its files in the order in which they were written. */
  readonly lines: () => Iterable<string>
  readonly remove: () => void
  /** Leaves it to the next process. */
  readonly letGo: () => void
}

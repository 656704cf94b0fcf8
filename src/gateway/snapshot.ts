import type { DeploymentId, Digest, KeyId, Tier } from '../kernel/index.ts'
import { digestOf, digestOfBytes } from '../kernel/index.ts'
import type { GrantClaims, GrantScope, TrustBundle } from '../governance/authorization/grant.ts'
import { parseGrant, verifyTrustBundle } from '../governance/authorization/grant.ts'
import type { OwnModel } from '../governance/registry/index.ts'
import type { ScorerGround } from '../guard/policy/apply.ts'
import { limitsByKey } from './leases/limits-by-key.ts'
import type {
  GatewayClock,
  Limit,
  Log,
  Route,
  SnapshotData,
  SnapshotFeed,
  VirtualKey,
  WatchedCanary,
} from './ports.ts'
import { keptGuardRules, type GuardRules } from './guard-rules.ts'
import { keptToolRules, type ToolRules } from './tool-rules.ts'

/** A grant whose signature was checked, with the scope document that its `scp` names. */
export type VerifiedGrant = {
  readonly token: string
  readonly kid: string
  readonly claims: GrantClaims
  readonly scope: GrantScope
}

/** Everything a decision needs, as of one successful poll. */
export type Snapshot = {
  readonly version: number
  readonly polledAt: number // monotonic, when the poll began
  /** Database clock minus our wall clock, and minus our monotonic clock, at the poll. */
  readonly dbOffset: { readonly wall: number; readonly monotonic: number }
  readonly bundle: TrustBundle
  readonly keys: ReadonlyMap<KeyId, VirtualKey>
  readonly grants: ReadonlyMap<DeploymentId, VerifiedGrant>
  readonly minEpoch: ReadonlyMap<DeploymentId, number>
  readonly routes: ReadonlyMap<DeploymentId, Route>
  /** Every limit in which calls with a key count. */
  readonly limits: ReadonlyMap<KeyId, readonly Limit[]>
  readonly ownModels: readonly OwnModel[]
  /** By the digest of the token. */
  readonly canaries: ReadonlyMap<Digest, WatchedCanary>
  readonly tools: ToolRules
  readonly guard: GuardRules
}

/** What this installation trusts; pinned locally, never taken from the snapshot. */
export type TrustAnchor = { readonly issuer: string; readonly rootFingerprint: Digest }

export type SnapshotSource = {
  readonly current: () => Snapshot | null
  readonly onSwap: (listener: () => void) => void
  /** Loads once, then keeps polling. The first load may fail: then the gateway answers 503 until one succeeds. */
  readonly start: () => Promise<void>
  readonly refresh: () => Promise<void>
  readonly stop: () => void
}

export const pollEveryMs = 2_000

/** Longest age of a snapshot that still decides for a tier. */
export const snapshotAgeLimitMs: Readonly<Record<Tier, number>> = { 1: 300_000, 2: 60_000, 3: 15_000 }

/** Keeps the newest verified snapshot. Whatever fails, the old one stays and its age runs on. */
export function createSnapshotSource(options: {
  readonly feed: SnapshotFeed
  readonly trust: TrustAnchor
  readonly clock: GatewayClock
  readonly log: Log
  readonly pollEveryMs?: number
  /** The weights that the scorer reads with; left out: none. */
  readonly scorer?: ScorerGround
}): SnapshotSource {
  const { feed, trust, clock, log } = options
  const listeners: (() => void)[] = []
  const verifier = createVerifier(trust, options.scorer ?? null)
  let snapshot: Snapshot | null = null
  let timer: NodeJS.Timeout | null = null
  let unsubscribe = (): void => {}
  let running: Promise<void> | null = null
  let isDirty = false

  async function loadOnce(): Promise<void> {
    const [polledAt, before] = [clock.monotonicMs(), clock.now()]
    const middleOf = (from: number, to: number) => Math.round((from + to) / 2)
    try {
      const data = await feed.load()
      if (snapshot !== null && data.version < snapshot.version) {
        log('error', 'gateway.snapshot.rejected', { cause: 'lower_version', version: data.version })
        return
      }
      const dbOffset = {
        wall: data.dbNow - middleOf(before, clock.now()),
        monotonic: data.dbNow - middleOf(polledAt, clock.monotonicMs()),
      }
      snapshot = verifier.verify(data, polledAt, dbOffset, log)
      for (const listener of listeners) listener()
    } catch (error) {
      log('error', 'gateway.snapshot.rejected', { cause: error instanceof Error ? error.message : 'unknown' })
    }
  }

  function refresh(): Promise<void> {
    if (running !== null) {
      isDirty = true
      return running
    }
    running = loadOnce().finally(() => {
      running = null
      if (!isDirty) return
      isDirty = false
      void refresh()
    })
    return running
  }

  return {
    current: () => snapshot,
    onSwap: (listener) => void listeners.push(listener),
    refresh,
    start: async () => {
      unsubscribe = feed.subscribe(() => void refresh())
      timer = setInterval(() => void refresh(), options.pollEveryMs ?? pollEveryMs)
      timer.unref()
      await refresh()
    },
    stop: () => {
      if (timer !== null) clearInterval(timer)
      unsubscribe()
    },
  }
}

/** Verifies each grant once, by the hash of its token and of the bundle, and never forgets a stop epoch. */
function createVerifier(trust: TrustAnchor, scorer: ScorerGround) {
  const highestEpoch = new Map<DeploymentId, number>()
  let verified = new Map<string, VerifiedGrant>()
  const rules = keptToolRules()
  const guardRules = keptGuardRules(scorer)
  const canariesOf = keptCanaries()

  function verify(data: SnapshotData, polledAt: number, dbOffset: Snapshot['dbOffset'], log: Log): Snapshot {
    if (!Number.isSafeInteger(data.version)) throw new TypeError('the version is not a whole number')
    const bundle = verifyTrustBundle(data.trustBundle, trust.rootFingerprint)
    if (bundle === null || bundle.iss !== trust.issuer) throw new TypeError('the trust bundle is not ours')
    for (const { deployment, epoch } of data.minEpochs) {
      if (!Number.isSafeInteger(epoch)) throw new TypeError('an epoch is not a whole number')
      highestEpoch.set(deployment, Math.max(epoch, highestEpoch.get(deployment) ?? 0))
    }
    const scopes = new Map(data.scopes.map((scope) => [digestOf(scope), scope]))
    const bundleDigest = digestOfBytes(data.trustBundle)
    const next = new Map<string, VerifiedGrant>()
    const grants = new Map<DeploymentId, VerifiedGrant>()
    for (const token of data.grants) {
      const hash = `${bundleDigest} ${digestOfBytes(token)}`
      const grant = verified.get(hash) ?? verifyOne(token, bundle, scopes, log)
      if (grant === null) continue
      next.set(hash, grant)
      const rival = grants.get(grant.claims.sub)
      if (rival === undefined || isNewer(grant, rival)) grants.set(grant.claims.sub, grant)
    }
    verified = next
    return {
      version: data.version,
      polledAt,
      dbOffset,
      bundle,
      keys: new Map(data.keys.map((key) => [key.id, key])),
      grants,
      minEpoch: new Map(highestEpoch),
      routes: new Map(data.routes.map((route) => [route.deployment, route])),
      limits: limitsByKey(data.limits, data.keys, grants),
      ownModels: data.ownModels,
      canaries: canariesOf(data.canaries ?? []),
      tools: rules(data.tools),
      guard: guardRules(data.guard),
    }
  }
  return { verify }
}

/** Canaries by their digest: the same map as long as they are the same, so that what was read for them stays read. */
function keptCanaries(): (canaries: readonly WatchedCanary[]) => ReadonlyMap<Digest, WatchedCanary> {
  let kept = { of: digestOf([]), canaries: new Map<Digest, WatchedCanary>() }
  return (canaries) => {
    const of = digestOf(canaries)
    if (of !== kept.of) kept = { of, canaries: new Map(canaries.map((canary) => [canary.digest, canary])) }
    return kept.canaries
  }
}

/** A grant that cannot be verified is as good as none: its deployment is refused, the others are not. */
function verifyOne(
  token: string,
  bundle: TrustBundle,
  scopes: ReadonlyMap<Digest, GrantScope>,
  log: Log,
): VerifiedGrant | null {
  const parsed = parseGrant(token, bundle, 'gateway')
  const scope = parsed.ok ? scopes.get(parsed.claims.scp) : undefined
  if (!parsed.ok || scope === undefined) {
    log('error', 'gateway.grant.rejected', { fault: parsed.ok ? 'scope_missing' : parsed.fault })
    return null
  }
  return { token, kid: parsed.kid, claims: parsed.claims, scope }
}

function isNewer(a: VerifiedGrant, b: VerifiedGrant): boolean {
  if (a.claims.epo !== b.claims.epo) return a.claims.epo > b.claims.epo
  return a.claims.iat > b.claims.iat
}

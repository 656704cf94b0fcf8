import type { EpochMs, Tier } from '../kernel/index.ts'
import { dataClasses, epochMs, equalBytes } from '../kernel/index.ts'
import { parseKeyToken } from '../kernel/key-token.ts'
import { faultOfGrant, type GrantScope } from '../governance/authorization/grant.ts'
import { isWithin } from './address.ts'
import type { Ask, Dialect } from './dialect/dialect.ts'
import type { ToolOffer } from './dialect/reading.ts'
import type { Route, Target, VirtualKey } from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import type { Snapshot, VerifiedGrant } from './snapshot.ts'
import { snapshotAgeLimitMs } from './snapshot.ts'

/** A caller whose key and deployment are authorised now. */
export type Caller = {
  readonly snapshot: Snapshot
  readonly key: VirtualKey
  readonly route: Route
  readonly grant: VerifiedGrant
}

export type Moment = { readonly now: EpochMs; readonly monotonicMs: number }
export type Refused = { readonly refused: ReasonCode; readonly key?: VirtualKey }

/** Clock differences above which a tier, or everything, is refused. */
const offsetLimitMs: Readonly<Record<Tier, number>> = { 1: 10_000, 2: 10_000, 3: 5_000 }

/** Time for which a running answer may go on after its grant has plainly expired. */
const expiryGraceMs = 60_000

/**
 * Decides about the head of a request, in the order of the governance spec. Pure.
 * INVARIANT: an exception in here is a refusal (PD-20).
 */
export function admitCaller(
  snapshot: Snapshot | null,
  credential: string,
  source: string,
  moment: Moment,
): Caller | Refused {
  try {
    return decideCaller(snapshot, credential, source, moment)
  } catch {
    return { refused: 'check_fault' }
  }
}

/** Whether the snapshot still decides for `tier`: young enough, and no clock is off or has stepped since. */
export function isFresh(snapshot: Snapshot, tier: Tier, moment: Moment): boolean {
  const age = moment.monotonicMs - snapshot.polledAt
  const { byWall, byMonotonic } = databaseClocks(snapshot, moment)
  const mostOff = Math.max(Math.abs(snapshot.dbOffset.wall), Math.abs(byWall - byMonotonic))
  return age <= snapshotAgeLimitMs[tier] && mostOff <= offsetLimitMs[tier]
}

/** Targets of a call, and those that are left out of it. */
export type Admitted = {
  /** At least one, in the order in which they are tried. */
  readonly targets: readonly Target[]
  readonly leftOut: readonly { readonly target: Target; readonly code: ReasonCode }[]
}

/** Decides whether the scope of the grant covers what a call asks for, and which targets it may go to. Pure. */
export function admitCall(
  { grant, route }: Caller,
  dialect: Pick<Dialect, 'api'>,
  ask: Ask,
): Admitted | Refused {
  try {
    const { claims, scope } = grant
    if (!scope.models.includes(ask.model)) return { refused: 'model_not_granted' }
    const known = Object.hasOwn(route.models, ask.model) ? (route.models[ask.model] ?? []) : []
    const targets: Target[] = []
    const leftOut: { target: Target; code: ReasonCode }[] = []
    for (const target of known) {
      const code = objectionToTarget(scope, dialect, target)
      if (code === null) targets.push(target)
      else leftOut.push({ target, code })
    }
    if (targets.length === 0) return { refused: leftOut[0]?.code ?? 'model_not_granted' }
    if (claims.tier !== 1 && ask.reading.strange.length > 0) return { refused: 'unsupported_parameter' }
    const has = (capability: string) => scope.capabilities.includes(capability)
    if (ask.capabilities.includes('provider_thread') && !has('provider_thread'))
      return { refused: 'thread_unsupported' }
    if (!ask.capabilities.every(has)) return { refused: 'capability_not_granted' }
    if (!ask.reading.media.every(({ kind }) => has(`media:${kind}`))) return { refused: 'media_not_granted' }
    const tools = new Set(scope.tools.map(({ toolId }) => toolId))
    const isGranted = ({ name, isHosted }: ToolOffer) =>
      isHosted ? has(`provider_tool:${name}`) : tools.has(name) || tools.has(`fn/${name}`)
    if (ask.offers.length > 0 && claims.mode !== 'enforce') return { refused: 'tool_not_granted' }
    return ask.offers.every(isGranted) ? { targets, leftOut } : { refused: 'tool_not_granted' }
  } catch {
    return { refused: 'check_fault' }
  }
}

/** Why a target may not be used under a grant by callers of one API; null when it may. */
function objectionToTarget(
  { models, regions }: GrantScope,
  { api }: Pick<Dialect, 'api'>,
  target: Target,
): ReasonCode | null {
  if (target.declaredAs !== undefined && !models.includes(target.declaredAs)) return 'model_not_granted'
  if (!regions.includes(target.region)) return 'region_not_granted'
  return servesApi(target, api) ? null : 'api_mismatch'
}

/** Whether a target understands what callers of an API send. Nothing is translated. */
export function servesApi(target: Target, api: Dialect['api']): boolean {
  return target.api !== 'mcp' && (target.api === 'anthropic') === (api === 'anthropic')
}

/** Whether a call that was admitted as `caller` may go on under a newer snapshot; null when it may. */
export function objectionToRunning(
  snapshot: Snapshot | null,
  caller: Caller,
  moment: Moment,
): ReasonCode | null {
  try {
    if (snapshot === null) return 'snapshot_stale'
    const { tier, rel } = caller.grant.claims
    if (!isFresh(snapshot, tier, moment)) return 'snapshot_stale'
    const now = databaseTime(snapshot, moment)
    const key = snapshot.keys.get(caller.key.id)
    if (key === undefined || key.revokedAt !== null) return 'key_revoked'
    const grant = snapshot.grants.get(caller.route.deployment)
    if (grant === undefined) return 'grant_absent'
    const objection = objectionToGrant(snapshot, grant, now)
    if (objection === 'grant_expired') {
      return now < grant.claims.exp * 1_000 + expiryGraceMs ? null : 'grant_expired'
    }
    if (objection !== null) return objection
    const route = snapshot.routes.get(caller.route.deployment)
    return route === undefined || grant.claims.rel !== rel || route.release !== rel
      ? 'release_mismatch'
      : null
  } catch {
    return 'check_fault'
  }
}

/** The caller of a call that was held, under the snapshot of now: a call that was approved begins anew. Pure. */
export function readmitCaller(snapshot: Snapshot | null, caller: Caller, moment: Moment): Caller | Refused {
  try {
    const objection = objectionToRunning(snapshot, caller, moment)
    if (objection !== null) return { refused: objection }
    const key = snapshot?.keys.get(caller.key.id)
    const route = snapshot?.routes.get(caller.route.deployment)
    const grant = snapshot?.grants.get(caller.route.deployment)
    if (snapshot === null || key === undefined || route === undefined || grant === undefined)
      return { refused: 'grant_absent' }
    const now = databaseTime(snapshot, moment)
    if (now >= key.expires) return { refused: 'key_expired' }
    // No grace: it is for what runs, and this has not begun.
    const fault = objectionToGrant(snapshot, grant, now)
    return fault === null ? { snapshot, key, route, grant } : { refused: fault }
  } catch {
    return { refused: 'check_fault' }
  }
}

function decideCaller(
  snapshot: Snapshot | null,
  credential: string,
  source: string,
  moment: Moment,
): Caller | Refused {
  if (snapshot === null) return { refused: 'snapshot_stale' }
  const now = databaseTime(snapshot, moment)
  const token = parseKeyToken(credential)
  if (token?.kind !== 'csk') return { refused: 'key_invalid' }
  const key = snapshot.keys.get(token.id)
  if (key === undefined || !equalBytes(Buffer.from(key.secretDigest), Buffer.from(token.secretDigest)))
    return { refused: 'key_invalid' }
  const no = (refused: ReasonCode): Refused => ({ refused, key })
  if (key.revokedAt !== null) return no('key_revoked')
  if (now >= key.expires) return no('key_expired')
  if (key.sources.length > 0 && !isWithin(source, key.sources)) return no('key_source_refused')

  const grant = snapshot.grants.get(key.deployment)
  // The strictest limit of all applies while the tier is unknown: no grant, no benefit of the doubt.
  if (!isFresh(snapshot, grant?.claims.tier ?? 3, moment)) return no('snapshot_stale')
  const route = snapshot.routes.get(key.deployment)
  if (route === undefined || grant === undefined) return no('grant_absent')
  const objection = objectionToGrant(snapshot, grant, now)
  if (objection !== null) return no(objection)
  const { claims, scope } = grant
  const matches =
    claims.env === route.environment && claims.rte.includes(route.id) && claims.rel === route.release
  if (!matches) return no('release_mismatch')
  // The claim restates the scope document; a difference means that one of them was not made by the issuer.
  if (dataClasses[claims.dcm] !== scope.dataClassMax) return no('check_fault')
  return { snapshot, key, route, grant }
}

function objectionToGrant(snapshot: Snapshot, grant: VerifiedGrant, now: EpochMs): ReasonCode | null {
  const minEpoch = () => snapshot.minEpoch.get(grant.claims.sub) ?? 0
  const fault = faultOfGrant(grant, snapshot.bundle, { now, minEpoch })
  if (fault === null) {
    return null
  }
  if (fault === 'stopped') return 'grant_stopped'
  if (fault === 'expired') {
    // A stop is told as a stop, even when the grant has run out meanwhile.
    return grant.claims.epo < minEpoch() ? 'grant_stopped' : 'grant_expired'
  }
  return 'grant_absent'
}

/**
 * What the database clock says now, by each of our clocks since the last poll. The wall clock may step; the monotonic
 * one stands still while the machine sleeps.
 */
function databaseClocks({ dbOffset }: Snapshot, { now, monotonicMs }: Moment) {
  return { byWall: now + dbOffset.wall, byMonotonic: Math.round(monotonicMs + dbOffset.monotonic) }
}

/** The later of the two: no grant lives longer because a clock of ours stood still or went back. */
function databaseTime(snapshot: Snapshot, moment: Moment): EpochMs {
  const { byWall, byMonotonic } = databaseClocks(snapshot, moment)
  return epochMs(Math.max(byWall, byMonotonic))
}

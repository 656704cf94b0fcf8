import {
  addMs,
  dayMs,
  hourMs,
  type ConditionId,
  type DecisionId,
  type EpochMs,
  type OverrideId,
  type Reason,
  type Tier,
} from '../../kernel/index.ts'
import {
  noOverrideReasons,
  type AuthorizationFacts,
  type ConditionFact,
  type DecisionFact,
  type OverrideFact,
  type StopFact,
  type WaiverFact,
} from './facts.ts'

/** What a deployment may do now. It is derived, never stored: nothing has to run for it to lapse. */
export type Authorization = {
  readonly s: AuthorizationState
  readonly basis?: DecisionId | OverrideId
  /** In mode `observe` no action is executed. */
  readonly mode: 'enforce' | 'observe'
  /** The first instant at which less is permitted; a grant never outlives it. */
  readonly until?: EpochMs
  readonly open: readonly ConditionId[]
  /** Only in `emergency`: what the override permits, and nothing beyond. */
  readonly capabilities?: readonly string[]
  readonly reasons: readonly Reason[]
}
export type AuthorizationState =
  | 'none'
  | 'in_review'
  | 'pending'
  | 'valid'
  | 'conditional'
  | 'emergency'
  | 'suspended'
  | 'expired'
  | 'rejected'
  | 'revoked'
  | 'mismatch'
  | 'blocked'

/** How long a deployment may run without telling what it runs. */
export const unobservedLimitMs: { readonly [T in Tier]: number } = { 1: dayMs, 2: dayMs, 3: hourMs }

/** Every state under which a grant may exist. */
export const permittingStates: readonly Authorization['s'][] = ['valid', 'conditional', 'emergency']

/** Whether a grant may exist under `authorization`. */
export function permits({ s }: Authorization): boolean {
  return permittingStates.includes(s)
}

/** The authorization at `now`; the first rule that matches wins. The result never contains `now` itself. */
export function deriveAuthorization(facts: AuthorizationFacts, now: EpochMs): Authorization {
  const blocks = blocksOf(facts)
  if (blocks.length > 0) return denied('blocked', blocks)

  // INVARIANT: any stop wins at once and only its lifting undoes it; see the law of the same name.
  if (facts.stops.some((stop) => noOverrideReasons.includes(stop.reasonCode))) return suspended(facts.stops)
  const override = facts.overrides
    .filter((candidate) => overrideHolds(candidate, facts, now))
    .reduce<OverrideFact | null>(shorter, null)
  if (override !== null) return emergency(override, facts)
  if (facts.stops.length > 0) return suspended(facts.stops)

  const decision = latestDecision(facts)
  if (decision === null) {
    if (facts.openCase === null) return denied('none', [reason('NOT_DECIDED')])
    return denied('in_review', [reason('CASE_OPEN', { caseId: facts.openCase })])
  }
  return underDecision(decision, facts, now)
}

/**
 * The next instant after `now` at which the authorization can change without a new fact; null when there is none.
 * INVARIANT: between two such instants the derived value is constant.
 */
export function nextChange(facts: AuthorizationFacts, now: EpochMs): EpochMs | null {
  const limit = unobservedUntil(facts)
  const instants = [
    ...facts.overrides.flatMap((override) => [override.activatedAt, override.expiresAt]),
    ...facts.decisions.flatMap((decision) => [decision.notBefore, decision.expiresAt]),
    ...facts.conditions.map((condition) => condition.due),
    ...facts.waivers.map((waiver) => waiver.expiresAt),
    ...(limit === null ? [] : [limit]),
  ]
  return earliest(instants.filter((at) => at > now))
}

/**
 * The facts as they will be once `release` is rolled out at `now`: gate and deploy command ask about these, because
 * the deployment still runs something else. Everything but the release and what runs stays as it is.
 */
export function factsForRollout(
  facts: AuthorizationFacts,
  release: AuthorizationFacts['release'],
  now: EpochMs,
): AuthorizationFacts {
  const rollout = { desired: release, observed: 'unknown', observedUnknownSince: now } as const
  return { ...facts, release, deployment: { ...facts.deployment, ...rollout } }
}

function blocksOf(facts: AuthorizationFacts): Reason[] {
  const { useCase, system, legal, deployment } = facts
  const blocks: Reason[] = []
  if (useCase.state === 'withdrawn' || useCase.state === 'retired' || useCase.state === 'duplicate')
    blocks.push(reason('USE_CASE_ENDED', { state: useCase.state }))
  if (system.state === 'retired') blocks.push(reason('SYSTEM_RETIRED'))
  if (legal.class === 'prohibited' && !legal.cleared) blocks.push(reason('PROHIBITED_PRACTICE'))
  if (deployment.op === 'quarantined' || deployment.op === 'retired')
    blocks.push(reason('DEPLOYMENT_OUT_OF_SERVICE', { op: deployment.op }))
  return blocks
}

function suspended(stops: readonly StopFact[]): Authorization {
  const inOrder = [...stops].sort((a, b) => a.since - b.since || compareText(a.id, b.id))
  return denied(
    'suspended',
    inOrder.map((stop) =>
      reason('STOPPED', {
        stopId: stop.id,
        scope: stop.scope,
        reasonCode: stop.reasonCode,
        since: stop.since,
      }),
    ),
  )
}

function overrideHolds(override: OverrideFact, facts: AuthorizationFacts, now: EpochMs): boolean {
  return (
    !override.revoked &&
    override.deploymentId === facts.deployment.id &&
    override.release === facts.release &&
    override.activatedAt <= now &&
    now < override.expiresAt &&
    mismatches(facts, now).length === 0
  )
}

/** Of two overrides in force the one that ends first, so that a second one never lengthens the first unseen. */
function shorter(a: OverrideFact | null, b: OverrideFact): OverrideFact {
  if (a === null) return b
  return (a.expiresAt - b.expiresAt || compareText(a.id, b.id)) <= 0 ? a : b
}

function emergency(override: OverrideFact, facts: AuthorizationFacts): Authorization {
  const until = earliest([override.expiresAt, ...presentOf(unobservedUntil(facts))]) ?? override.expiresAt
  return {
    s: 'emergency',
    basis: override.id,
    mode: 'enforce',
    until,
    open: [],
    capabilities: [...override.capabilities].sort(),
    reasons: [reason('EMERGENCY_OVERRIDE', { overrideId: override.id })],
  }
}

function latestDecision(facts: AuthorizationFacts): DecisionFact | null {
  const covering = facts.decisions.filter(
    ({ environment, release, extensions }) =>
      environment === facts.environment && (release === facts.release || extensions.includes(facts.release)),
  )
  // Of two decisions of the same millisecond a refusal is taken as the later one.
  const order = (a: DecisionFact, b: DecisionFact) =>
    a.decidedAt - b.decidedAt || rank(a) - rank(b) || compareText(a.id, b.id)
  return covering.sort(order).at(-1) ?? null
}

function rank(decision: DecisionFact): number {
  return decision.outcome === 'rejected' || decision.revoked ? 1 : 0
}

function underDecision(decision: DecisionFact, facts: AuthorizationFacts, now: EpochMs): Authorization {
  const about = { decisionId: decision.id }
  if (decision.revoked) return denied('revoked', [reason('DECISION_REVOKED', about)])
  if (decision.outcome === 'rejected') return denied('rejected', [reason('DECISION_REJECTED', about)])
  if (now < decision.notBefore)
    return denied('none', [reason('NOT_YET', { ...about, notBefore: decision.notBefore })])
  if (now >= decision.expiresAt)
    return denied('expired', [reason('DECISION_EXPIRED', { ...about, expiresAt: decision.expiresAt })])

  const { revision, sameAs } = facts.useCase
  const differing = mismatches(facts, now)
  if (decision.useCaseRevision !== revision && !sameAs.includes(decision.useCaseRevision))
    differing.push(reason('USE_CASE_CHANGED', { approved: decision.useCaseRevision, now: revision }))
  if (differing.length > 0) return denied('mismatch', differing)
  return underConditions(decision, facts, now)
}

function underConditions(decision: DecisionFact, facts: AuthorizationFacts, now: EpochMs): Authorization {
  const unmet = facts.conditions
    .filter((condition) => condition.decisionId === decision.id && isUnmet(condition, facts.waivers, now))
    .sort((a, b) => compareText(a.id, b.id))
  const open = unmet.map(({ id }) => id)

  const before = unmet.filter(({ phase }) => phase === 'before_deploy')
  const lapsed = facts.waivers.filter((waiver) => waiver.conditionId === null && !waiverHolds(waiver, now))
  if (before.length + lapsed.length > 0) {
    const reasons = [
      ...before.map(({ id }) => reason('CONDITION_OPEN', { conditionId: id })),
      ...lapsed.map(({ id }) => reason('WAIVER_NOT_IN_FORCE', { waiverId: id })),
    ]
    return { ...denied('pending', reasons), open }
  }

  // INVARIANT: a breach is derived from the clock, whether or not a job has seen it.
  const breached = unmet.filter(({ due, state }) => now >= due || state === 'breached')
  const reasons = breached.map(({ id, due, onBreach }) =>
    reason('CONDITION_BREACHED', { conditionId: id, due, onBreach }),
  )
  if (breached.some(({ onBreach }) => onBreach === 'suspend'))
    return { ...denied('suspended', reasons), open }
  const mode = breached.some(({ onBreach }) => onBreach === 'shadow') ? 'observe' : 'enforce'
  const until = untilOf(decision, mode, facts, now)
  return { s: open.length > 0 ? 'conditional' : 'valid', basis: decision.id, mode, until, open, reasons }
}

/**
 * The first instant at which less will be permitted than now. An instant without a consequence does not count, so
 * that `until` never grows by the passing of time.
 */
function untilOf(
  decision: DecisionFact,
  mode: Authorization['mode'],
  facts: AuthorizationFacts,
  now: EpochMs,
): EpochMs {
  const ahead = [
    decision.expiresAt,
    ...facts.conditions.flatMap((condition) =>
      condition.decisionId === decision.id ? consequenceOf(condition, mode, facts.waivers, now) : [],
    ),
    ...facts.waivers.filter(({ conditionId }) => conditionId === null).map(({ expiresAt }) => expiresAt),
    ...presentOf(unobservedUntil(facts)),
  ]
  return earliest(ahead.filter((at) => at > now)) ?? decision.expiresAt
}

function consequenceOf(
  condition: ConditionFact,
  mode: Authorization['mode'],
  waivers: readonly WaiverFact[],
  now: EpochMs,
): EpochMs[] {
  if (condition.state === 'met' || condition.state === 'withdrawn') return []
  const narrows = condition.onBreach === 'suspend' || (condition.onBreach === 'shadow' && mode === 'enforce')
  if (condition.phase === 'after_deploy' && !narrows) return []
  const covered = waivers
    .filter((waiver) => waiver.conditionId === condition.id && waiverHolds(waiver, now))
    .reduce<EpochMs | null>(
      (last, { expiresAt }) => (last === null || expiresAt > last ? expiresAt : last),
      null,
    )
  if (condition.phase === 'before_deploy' || condition.state === 'breached') return presentOf(covered)
  return [covered !== null && covered > condition.due ? covered : condition.due]
}

function isUnmet(condition: ConditionFact, waivers: readonly WaiverFact[], now: EpochMs): boolean {
  if (condition.state === 'met' || condition.state === 'withdrawn') return false
  // A condition that is marked as waived without a waiver in force is as open as any other.
  return !waivers.some((waiver) => waiver.conditionId === condition.id && waiverHolds(waiver, now))
}

function waiverHolds(waiver: WaiverFact, now: EpochMs): boolean {
  return waiver.state === 'accepted' && waiver.current && now < waiver.expiresAt
}

function mismatches(facts: AuthorizationFacts, now: EpochMs): Reason[] {
  const { desired, observed } = facts.deployment
  const found: Reason[] = []
  if (desired !== null && desired !== facts.release)
    found.push(reason('OTHER_RELEASE_DESIRED', { desired, asked: facts.release }))
  if (observed !== 'unknown' && observed !== facts.release)
    found.push(reason('OTHER_RELEASE_OBSERVED', { observed, asked: facts.release }))
  const limit = unobservedUntil(facts)
  if (limit !== null && now >= limit) found.push(reason('RELEASE_UNOBSERVED', { limit }))
  return found
}

/** Until when a deployment may leave open what it runs; null when it tells it, or is to run nothing. */
export function unobservedUntil({ deployment, tier }: AuthorizationFacts): EpochMs | null {
  const { desired, observed, observedUnknownSince } = deployment
  if (desired === null || observed !== 'unknown' || observedUnknownSince === null) return null
  return addMs(observedUnknownSince, unobservedLimitMs[tier])
}

function denied(s: AuthorizationState, reasons: readonly Reason[]): Authorization {
  return { s, mode: 'observe', open: [], reasons }
}

function reason(code: string, params: Reason['params'] = {}): Reason {
  return { code, params }
}

function earliest(instants: readonly EpochMs[]): EpochMs | null {
  return instants.reduce<EpochMs | null>((least, at) => (least === null || at < least ? at : least), null)
}

function presentOf<T>(value: T | null): T[] {
  return value === null ? [] : [value]
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type CaseId,
  type DecisionId,
  type Decided,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type IdSource,
  type Reason,
  type RouteId,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'

export type Op = 'not_deployed' | 'shadow' | 'canary' | 'live' | 'quarantined' | 'retired'
export type RunningOp = 'shadow' | 'canary' | 'live'
const runningOrder: readonly Op[] = ['not_deployed', 'shadow', 'canary', 'live']

/** One place where releases of a system run. */
export type Deployment = {
  readonly s: 'present'
  readonly id: DeploymentId
  readonly useCaseId: UseCaseId
  readonly systemId: SystemId
  readonly environment: Environment
  readonly routes: readonly RouteId[]
  readonly owner: UserId
  readonly op: Op
  readonly desired: Digest | null
  readonly observed: Digest | 'unknown'
  readonly observedUnknownSince: EpochMs | null
  /** Rises with each quarantine, retirement and resumption. What a grant carries is the sum of this and of the stops. */
  readonly epoch: number
  readonly quarantinedAt: EpochMs | null
}
export type State = { readonly s: 'absent' } | Deployment
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'create'
      readonly useCaseId: UseCaseId
      readonly systemId: SystemId
      readonly environment: Environment
      readonly routes: readonly RouteId[]
      readonly owner: UserId
    }
  | { readonly c: 'deploy'; readonly release: Digest; readonly op: RunningOp }
  | { readonly c: 'promote'; readonly op: RunningOp }
  | { readonly c: 'quarantine'; readonly reasonCode: string }
  | { readonly c: 'resume' }
  | { readonly c: 'retire'; readonly reasonCode: string }
  | { readonly c: 'observe'; readonly observed: Digest | 'unknown'; readonly source: string }

type About = { readonly deploymentId: DeploymentId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'deployment.created'
      readonly useCaseId: UseCaseId
      readonly systemId: SystemId
      readonly environment: Environment
      readonly routes: readonly RouteId[]
      readonly owner: UserId
    })
  | (About & {
      readonly e: 'deployment.released'
      readonly releaseDigest: Digest
      readonly opState: RunningOp
      readonly basis: string
    })
  | (About & {
      readonly e: 'deployment.promoted'
      readonly releaseDigest: Digest
      readonly opState: RunningOp
      readonly basis: string
    })
  | (About & { readonly e: 'deployment.quarantined'; readonly reasonCode: string })
  | (About & {
      readonly e: 'deployment.resumed'
      readonly caseId: CaseId
      readonly decisionId: DecisionId
    })
  | (About & { readonly e: 'deployment.retired'; readonly reasonCode: string })
  | (About & {
      readonly e: 'deployment.mismatch_observed' | 'deployment.mismatch_cleared'
      readonly desired: Digest | null
      readonly observed: Digest | 'unknown'
      readonly source: string
    })
  | (About & { readonly e: 'deployment.epoch_raised'; readonly epoch: number; readonly cause: string })

/** What was derived for one release on this deployment, and whether the issuer holds a live grant for it. */
export type AuthorizationFact = {
  readonly deploymentId: DeploymentId | null
  readonly release: Digest
  readonly environment: Environment
  readonly state: string
  readonly basis: string | null
  readonly grantExpiresAt: EpochMs | null
}
/** A decided case of kind `resume` for this deployment. */
export type ResumeFact = {
  readonly caseId: CaseId
  readonly decisionId: DecisionId
  readonly deploymentId: DeploymentId
  readonly outcome: 'approved' | 'approved_with_conditions' | 'rejected'
  readonly decidedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}
export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly ids: IdSource
  /** Digests of the releases of the system; empty when there is no such system. */
  readonly releases: ReadonlySet<Digest>
  readonly systemRetired: boolean
  readonly authorization: AuthorizationFact | null
  readonly resume: ResumeFact | null
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: string }>
  | Reason<'RELEASE_UNKNOWN', { release: string }>
  | Reason<'NOT_AUTHORIZED', { state: string }>
  | Reason<
      'GRANT_NOT_LIVE' | 'SYSTEM_RETIRED' | 'NOTHING_DEPLOYED' | 'NOT_A_PROMOTION' | 'RESUME_NOT_DECIDED'
    >

/** Applies one command. What starts something needs a live grant; what ends something needs one person. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'create') return create(state, command, ctx)
  if (state.s === 'absent') return refuse({ code: 'WRONG_STATE', params: { state: 'absent' } })
  const about = { deploymentId: state.id, by: ctx.actor, at: ctx.now }
  const wrong = refuse<Refusal>({ code: 'WRONG_STATE', params: { state: state.op } })
  switch (command.c) {
    case 'deploy': {
      if (state.op === 'quarantined' || state.op === 'retired') return wrong
      const { release, op } = command
      const faults = startFaults(state, release, ctx)
      if (!ctx.releases.has(release)) faults.push({ code: 'RELEASE_UNKNOWN', params: { release } })
      const basis = ctx.authorization?.basis ?? ''
      return unless<Event, Refusal>(faults, {
        e: 'deployment.released',
        ...about,
        releaseDigest: release,
        opState: op,
        basis,
      })
    }
    case 'promote': {
      if (state.op === 'quarantined' || state.op === 'retired') return wrong
      if (state.desired === null) return refuse({ code: 'NOTHING_DEPLOYED', params: {} })
      const faults = startFaults(state, state.desired, ctx)
      if (runningOrder.indexOf(command.op) <= runningOrder.indexOf(state.op))
        faults.push({ code: 'NOT_A_PROMOTION', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'deployment.promoted',
        ...about,
        releaseDigest: state.desired,
        opState: command.op,
        basis: ctx.authorization?.basis ?? '',
      })
    }
    case 'quarantine':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse a quarantine or a retirement.
      if (state.op === 'quarantined' || state.op === 'retired') return wrong
      return unless<Event, Refusal>(
        [],
        { e: 'deployment.quarantined', ...about, reasonCode: command.reasonCode },
        { e: 'deployment.epoch_raised', ...about, epoch: state.epoch + 1, cause: command.reasonCode },
      )
    case 'retire':
      if (state.op === 'retired') return wrong
      return unless<Event, Refusal>(
        [],
        { e: 'deployment.retired', ...about, reasonCode: command.reasonCode },
        { e: 'deployment.epoch_raised', ...about, epoch: state.epoch + 1, cause: command.reasonCode },
      )
    case 'resume':
      return state.op === 'quarantined' ? resume(state, ctx) : wrong
    case 'observe':
      return observe(state, command, ctx)
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'deployment.created') return state.s === 'absent' ? created(event) : state
  if (state.s === 'absent' || state.id !== event.deploymentId) return state
  switch (event.e) {
    case 'deployment.released':
    case 'deployment.promoted': {
      if (state.op === 'quarantined' || state.op === 'retired') return state
      const op = event.opState
      if (state.desired === event.releaseDigest) return { ...state, op }
      // What runs after a roll-out starts is unknown until the deployment tells; the limit of section 4.2 runs from here.
      return {
        ...state,
        op,
        desired: event.releaseDigest,
        observed: 'unknown',
        observedUnknownSince: event.at,
      }
    }
    case 'deployment.quarantined':
      return state.op === 'retired' ? state : { ...state, op: 'quarantined', quarantinedAt: event.at }
    case 'deployment.resumed':
      if (state.op !== 'quarantined') return state
      return {
        ...state,
        op: 'not_deployed',
        desired: null,
        observed: 'unknown',
        observedUnknownSince: null,
        quarantinedAt: null,
      }
    case 'deployment.retired':
      return { ...state, op: 'retired' }
    case 'deployment.mismatch_observed':
    case 'deployment.mismatch_cleared': {
      const known = event.observed !== 'unknown'
      const since = known ? null : (state.observedUnknownSince ?? event.at)
      return { ...state, observed: event.observed, observedUnknownSince: since }
    }
    case 'deployment.epoch_raised':
      // INVARIANT: an epoch never falls, whatever a log says.
      return event.epoch > state.epoch ? { ...state, epoch: event.epoch } : state
    default:
      return unreachable(event)
  }
}

function create(state: State, command: Command & { c: 'create' }, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'absent') return refuse({ code: 'WRONG_STATE', params: { state: state.op } })
  const { useCaseId, systemId, environment, routes, owner } = command
  return unless<Event, Refusal>(ctx.systemRetired ? [{ code: 'SYSTEM_RETIRED', params: {} }] : [], {
    e: 'deployment.created',
    deploymentId: ctx.ids.next('deployment'),
    by: ctx.actor,
    at: ctx.now,
    useCaseId,
    systemId,
    environment,
    routes: [...new Set(routes)].sort(),
    owner,
  })
}

function created(event: Event & { e: 'deployment.created' }): Deployment {
  const { deploymentId: id, useCaseId, systemId, environment, routes, owner } = event
  return {
    s: 'present',
    id,
    useCaseId,
    systemId,
    environment,
    routes,
    owner,
    op: 'not_deployed',
    desired: null,
    observed: 'unknown',
    observedUnknownSince: null,
    epoch: 1,
    quarantinedAt: null,
  }
}

function startFaults(state: Deployment, release: Digest, ctx: Context): Refusal[] {
  const faults: Refusal[] = ctx.systemRetired ? [{ code: 'SYSTEM_RETIRED', params: {} }] : []
  const fact = ctx.authorization
  // INVARIANT: the authorization must be about exactly this release, environment and deployment (PD-18).
  const fits =
    fact !== null &&
    fact.release === release &&
    fact.environment === state.environment &&
    (fact.deploymentId === null || fact.deploymentId === state.id)
  const permitted =
    fits && (fact.state === 'valid' || fact.state === 'conditional' || fact.state === 'emergency')
  if (!permitted) faults.push({ code: 'NOT_AUTHORIZED', params: { state: fits ? fact.state : 'none' } })
  else if (fact.grantExpiresAt === null || ctx.now >= fact.grantExpiresAt)
    faults.push({ code: 'GRANT_NOT_LIVE', params: {} })
  return faults
}

function resume(state: Deployment, ctx: Context): Decided<Event, Refusal> {
  const fact = ctx.resume
  const decided =
    fact !== null &&
    fact.outcome !== 'rejected' &&
    !fact.revoked &&
    fact.deploymentId === state.id &&
    fact.decidedAt >= (state.quarantinedAt ?? fact.decidedAt) &&
    ctx.now < fact.expiresAt
  if (!decided) return refuse({ code: 'RESUME_NOT_DECIDED', params: {} })
  const about = { deploymentId: state.id, by: ctx.actor, at: ctx.now }
  return unless<Event, Refusal>(
    [],
    { e: 'deployment.resumed', ...about, caseId: fact.caseId, decisionId: fact.decisionId },
    { e: 'deployment.epoch_raised', ...about, epoch: state.epoch + 1, cause: fact.decisionId },
  )
}

function observe(
  state: Deployment,
  command: Command & { c: 'observe' },
  ctx: Context,
): Decided<Event, Refusal> {
  if (state.op === 'not_deployed' && state.desired === null && command.observed === 'unknown')
    return unless<Event, Refusal>([])
  if (command.observed === state.observed) return unless<Event, Refusal>([]) // nothing new to record
  const matches = command.observed === state.desired
  return unless<Event, Refusal>([], {
    e: matches ? 'deployment.mismatch_cleared' : 'deployment.mismatch_observed',
    deploymentId: state.id,
    by: ctx.actor,
    at: ctx.now,
    desired: state.desired,
    observed: command.observed,
    source: command.source,
  })
}

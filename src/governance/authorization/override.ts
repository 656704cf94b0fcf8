import {
  addMs,
  digestOf,
  hourMs,
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type BoundProof,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type Fn,
  type JsonObject,
  type OverrideId,
  type Reason,
  type Tier,
  type UserId,
} from '../../kernel/index.ts'

/** What an emergency override permits: these capabilities of one release on one deployment, for some hours. */
export type Terms = {
  readonly overrideId: OverrideId
  readonly deploymentId: DeploymentId
  readonly release: Digest
  readonly tier: Tier
  readonly capabilities: readonly string[]
  readonly incidentId: string
  readonly lifetimeHours: number
}
export type Signature = { readonly person: UserId; readonly fn: Fn; readonly proof: BoundProof }
type Activated = {
  readonly terms: Terms
  readonly requested: Signature
  readonly seconded: Signature
  readonly activatedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly reviewDue: EpochMs
  /** Who seconded the one renewal. */
  readonly renewedBy: UserId | null
}
/** Expiry is derived from `expiresAt`: an override ends without any job having run. */
export type State =
  | { readonly s: 'absent' }
  | { readonly s: 'requested'; readonly terms: Terms; readonly requested: Signature }
  | ({ readonly s: 'active' } & Activated)
  | ({ readonly s: 'revoked'; readonly revokedAt: EpochMs } & Activated)
  | ({ readonly s: 'reviewed'; readonly outcome: ReviewOutcome; readonly reviewedBy: UserId } & Activated)
  | { readonly s: 'withdrawn' }
export type ReviewOutcome = 'justified' | 'not_justified'
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'request'; readonly terms: Terms; readonly sealed?: JsonObject }
  | { readonly c: 'second' }
  | { readonly c: 'renew' }
  | { readonly c: 'revoke' }
  | { readonly c: 'review'; readonly outcome: ReviewOutcome; readonly sealed?: JsonObject }

export type Event =
  | {
      readonly e: 'override.requested'
      readonly terms: Terms
      readonly requested: Signature
      readonly sealed?: JsonObject
    }
  | {
      readonly e: 'override.activated'
      readonly seconded: Signature
      readonly at: EpochMs
      readonly expiresAt: EpochMs
      readonly reviewDue: EpochMs
    }
  | { readonly e: 'override.renewed'; readonly seconded: Signature; readonly expiresAt: EpochMs }
  | { readonly e: 'override.revoked'; readonly by: UserId; readonly at: EpochMs }
  | {
      readonly e: 'override.reviewed'
      readonly by: UserId
      readonly outcome: ReviewOutcome
      readonly sealed?: JsonObject
    }

export type Context = {
  readonly now: EpochMs
  readonly person: UserId
  /** The function that the person acts for. */
  readonly fn: Fn
  readonly isIncidentCommander: (person: UserId) => boolean
  readonly authn: AuthnContext
  readonly onceApproved: boolean
  /** Reason codes of the stops in force over the deployment. */
  readonly stopReasons: readonly string[]
  readonly prohibited: boolean
  /** An override whose review is overdue disables the facility for the whole installation. */
  readonly facilityDisabled: boolean
  /** The instant five business days from now, by the calendar in force. */
  readonly reviewDue: EpochMs
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxHours: number }>
  | Reason<
      | 'FACILITY_DISABLED'
      | 'NEVER_APPROVED'
      | 'NO_OVERRIDE_FOR_THIS_STOP'
      | 'NO_CAPABILITY'
      | 'INCIDENT_REQUIRED'
      | 'STEP_UP_REQUIRED'
      | 'SELF_APPROVAL'
      | 'SAME_FUNCTION'
      | 'INCIDENT_COMMANDER_REQUIRED'
      | 'ALREADY_RENEWED'
      | 'EXPIRED'
      | 'REVIEWER_TOOK_PART'
      | 'STILL_ACTIVE'
    >

export const maxLifetimeHours: { readonly [T in Tier]: number } = { 1: 24, 2: 24, 3: 8 }

/** What the passkey of a person must have signed for `act`. */
export function overrideDocument(terms: Terms, act: 'request' | 'second' | 'renew'): Digest {
  return digestOf({ schema: 'countersign.override/1', act, terms })
}

/** Applies one command. It takes two people to start an override, one to end it. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const wrong = refuse<Refusal>({ code: 'WRONG_STATE', params: { state: state.s } })
  switch (command.c) {
    case 'request': {
      if (state.s !== 'absent') return wrong
      const faults = [...termFaults(command.terms, ctx), ...proofFaults(command.terms, 'request', ctx)]
      const sealed = command.sealed === undefined ? {} : { sealed: command.sealed }
      const { bound } = ctx.authn
      if (bound === undefined || faults.length > 0) return { ok: false, refused: faults }
      const requested = { person: ctx.person, fn: ctx.fn, proof: bound }
      return unless<Event, Refusal>([], {
        e: 'override.requested',
        terms: command.terms,
        requested,
        ...sealed,
      })
    }
    case 'second': {
      if (state.s !== 'requested') return wrong
      const { bound } = ctx.authn
      const faults = secondFaults(state.terms, state.requested, 'second', ctx)
      if (bound === undefined || faults.length > 0) return { ok: false, refused: faults }
      return unless<Event, Refusal>([], {
        e: 'override.activated',
        seconded: { person: ctx.person, fn: ctx.fn, proof: bound },
        at: ctx.now,
        expiresAt: addMs(ctx.now, state.terms.lifetimeHours * hourMs),
        reviewDue: ctx.reviewDue,
      })
    }
    case 'renew': {
      if (state.s !== 'active') return wrong
      const { bound } = ctx.authn
      const faults = secondFaults(state.terms, state.requested, 'renew', ctx)
      if (state.renewedBy !== null) faults.push({ code: 'ALREADY_RENEWED', params: {} })
      if (ctx.now >= state.expiresAt) faults.push({ code: 'EXPIRED', params: {} })
      if (bound === undefined || faults.length > 0) return { ok: false, refused: faults }
      const expiresAt = addMs(ctx.now, state.terms.lifetimeHours * hourMs)
      const seconded = { person: ctx.person, fn: ctx.fn, proof: bound }
      return unless<Event, Refusal>([], { e: 'override.renewed', seconded, expiresAt })
    }
    case 'revoke':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse a revocation.
      if (state.s !== 'requested' && state.s !== 'active') return wrong
      return unless<Event, Refusal>([], { e: 'override.revoked', by: ctx.person, at: ctx.now })
    case 'review': {
      if (state.s !== 'active' && state.s !== 'revoked') return wrong
      const faults: Refusal[] = []
      if (state.s === 'active' && ctx.now < state.expiresAt) faults.push({ code: 'STILL_ACTIVE', params: {} })
      if ([state.requested.person, state.seconded.person, state.renewedBy].includes(ctx.person))
        faults.push({ code: 'REVIEWER_TOOK_PART', params: {} })
      if (!satisfies(ctx.authn, 'recent_auth', ctx.now)) faults.push({ code: 'STEP_UP_REQUIRED', params: {} })
      const sealed = command.sealed === undefined ? {} : { sealed: command.sealed }
      return unless<Event, Refusal>(faults, {
        e: 'override.reviewed',
        by: ctx.person,
        outcome: command.outcome,
        ...sealed,
      })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'override.requested':
      return state.s === 'absent' ? { s: 'requested', terms: event.terms, requested: event.requested } : state
    case 'override.activated': {
      if (state.s !== 'requested') return state
      const { seconded, at: activatedAt, expiresAt, reviewDue } = event
      return { ...state, s: 'active', seconded, activatedAt, expiresAt, reviewDue, renewedBy: null }
    }
    case 'override.renewed':
      return state.s === 'active'
        ? { ...state, expiresAt: event.expiresAt, renewedBy: event.seconded.person }
        : state
    case 'override.revoked':
      if (state.s === 'requested') return { s: 'withdrawn' }
      return state.s === 'active' ? { ...state, s: 'revoked', revokedAt: event.at } : state
    case 'override.reviewed':
      if (state.s !== 'active' && state.s !== 'revoked') return state
      return reviewed(state, event)
    default:
      return unreachable(event)
  }
}

/** Whether the override is in force at `now`. */
export function isActive(state: State, now: EpochMs): boolean {
  return state.s === 'active' && now < state.expiresAt
}

/** Whether its review is overdue at `now`, which disables overrides for the whole installation. */
export function isReviewOverdue(state: State, now: EpochMs): boolean {
  return (state.s === 'active' || state.s === 'revoked') && now >= state.reviewDue
}

function reviewed(
  state: State & { s: 'active' | 'revoked' },
  event: Event & { e: 'override.reviewed' },
): State {
  const { terms, requested, seconded, activatedAt, expiresAt, reviewDue, renewedBy } = state
  const activated = { terms, requested, seconded, activatedAt, expiresAt, reviewDue, renewedBy }
  return { s: 'reviewed', ...activated, outcome: event.outcome, reviewedBy: event.by }
}

function termFaults(terms: Terms, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  const maxHours = maxLifetimeHours[terms.tier]
  const { lifetimeHours } = terms
  if (!Number.isInteger(lifetimeHours) || lifetimeHours < 1 || lifetimeHours > maxHours)
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxHours } })
  if (terms.capabilities.length === 0) faults.push({ code: 'NO_CAPABILITY', params: {} })
  if (terms.incidentId === '') faults.push({ code: 'INCIDENT_REQUIRED', params: {} })
  if (ctx.facilityDisabled) faults.push({ code: 'FACILITY_DISABLED', params: {} })
  if (!ctx.onceApproved) faults.push({ code: 'NEVER_APPROVED', params: {} })
  const noOverride = ctx.stopReasons.includes('prohibited') || ctx.stopReasons.includes('key_compromise')
  if (ctx.prohibited || noOverride) faults.push({ code: 'NO_OVERRIDE_FOR_THIS_STOP', params: {} })
  return faults
}

function proofFaults(terms: Terms, act: 'request' | 'second' | 'renew', ctx: Context): Refusal[] {
  const proven = satisfies(ctx.authn, 'passkey_bound', ctx.now, overrideDocument(terms, act))
  return proven ? [] : [{ code: 'STEP_UP_REQUIRED', params: {} }]
}

function secondFaults(terms: Terms, requested: Signature, act: 'second' | 'renew', ctx: Context): Refusal[] {
  const faults = [...termFaults(terms, ctx), ...proofFaults(terms, act, ctx)] // again: facts may have changed
  if (ctx.person === requested.person) faults.push({ code: 'SELF_APPROVAL', params: {} })
  if (ctx.fn === requested.fn) faults.push({ code: 'SAME_FUNCTION', params: {} })
  if (!ctx.isIncidentCommander(ctx.person) && !ctx.isIncidentCommander(requested.person))
    faults.push({ code: 'INCIDENT_COMMANDER_REQUIRED', params: {} })
  return faults
}

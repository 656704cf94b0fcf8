import {
  addDays,
  digestOf,
  epochMs,
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type BoundProof,
  type CaseId,
  type ConditionId,
  type Decided,
  type Digest,
  type Environment,
  type EpochMs,
  type JsonObject,
  type Reason,
  type Tier,
  type UseCaseId,
  type UserId,
  type WaiverId,
} from '../../kernel/index.ts'

export type Residual = 1 | 2 | 3 | 4 | 5
/** Who must accept: a seat of a function, or the business executive. */
export type Acceptor = 'risk' | 'security' | 'legal' | 'privacy' | 'business_executive'

/** One named gap, accepted for a limited time. `stateDigest` is the state of the gap that was looked at. */
export type Terms = {
  readonly subject:
    | { readonly k: 'requirement'; readonly id: string }
    | { readonly k: 'condition'; readonly id: ConditionId }
    | { readonly k: 'check'; readonly id: string }
  readonly scope: {
    readonly useCaseId: UseCaseId
    readonly release: Digest | null
    readonly environment: Environment
  }
  readonly tier: Tier
  readonly residual: Residual
  readonly stateDigest: Digest
  readonly lifetimeDays: number // whole days, counted from acceptance
  readonly compensating: readonly ConditionId[]
}
/** A request as it was made: its terms, and how often the gap has been waived before in a row. */
type Asked = { readonly terms: Terms; readonly renewals: number }
export type Acceptance = { readonly by: UserId; readonly as: Acceptor }

/** Expiry is derived from `expiresAt`: nothing has to run for a waiver to lapse. */
export type State =
  | { readonly s: 'absent' }
  | {
      readonly s: 'requested'
      readonly terms: Terms
      readonly by: UserId
      readonly acceptances: readonly Acceptance[]
      /** How often the gap has been waived before in a row. */
      readonly renewals: number
      /** What a renewal would replace: it goes on until the renewal is accepted or its own time is over. */
      readonly standing: Accepted | null
    }
  | Accepted
  | { readonly s: 'refused' | 'revoked'; readonly terms: Terms; readonly by: UserId }
export type Accepted = {
  readonly s: 'accepted'
  readonly terms: Terms
  readonly by: UserId
  readonly acceptances: readonly Acceptance[]
  readonly renewals: number
  /** The approval by the committee that it rests on, where it needed one. */
  readonly caseId: CaseId | null
  readonly expiresAt: EpochMs
}
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'request'; readonly terms: Terms; readonly sealed?: JsonObject }
  | { readonly c: 'accept' }
  | { readonly c: 'refuse'; readonly sealed?: JsonObject }
  | { readonly c: 'revoke' }
  | { readonly c: 'renew'; readonly stateDigest: Digest; readonly sealed?: JsonObject }

export type Event =
  | {
      readonly e: 'waiver.requested'
      readonly by: UserId
      readonly terms: Terms
      readonly renewals: number
      readonly sealed?: JsonObject
    }
  | {
      readonly e: 'waiver.endorsed'
      readonly by: UserId
      readonly as: Acceptor
      readonly authority: readonly Acceptor[]
      readonly proof: BoundProof | null
    }
  | {
      readonly e: 'waiver.accepted'
      readonly by: UserId
      readonly as: Acceptor
      readonly authority: readonly Acceptor[]
      readonly proof: BoundProof | null
      readonly caseId: CaseId | null
      readonly charter: Digest
      readonly expiresAt: EpochMs
    }
  | { readonly e: 'waiver.refused'; readonly by: UserId; readonly sealed?: JsonObject }
  | { readonly e: 'waiver.revoked'; readonly by: UserId }

/** Charter data: for how long at most a waiver of each tier holds. */
export type Authority = { readonly charter: Digest; readonly maxDays: { readonly [T in Tier]: number } }

/** SPEC: governance design, section 10. */
const acceptors: { readonly [R in Residual]: readonly Acceptor[] } = {
  1: ['risk'],
  2: ['risk'],
  3: ['risk', 'security'],
  4: ['business_executive', 'risk', 'security'],
  5: ['business_executive', 'risk', 'security'],
}

export type Context = {
  readonly now: EpochMs
  readonly id: WaiverId
  readonly person: UserId
  /** What the person is entitled to accept as. */
  readonly standsFor: readonly Acceptor[]
  readonly authn: AuthnContext
  readonly owners: ReadonlySet<UserId>
  /** The state of the gap as it is now. */
  readonly stateDigest: Digest
  readonly authority: Authority
  /** The approval by the committee of exactly this request, where there is one. */
  readonly approved: { readonly caseId: CaseId; readonly expiresAt: EpochMs } | null
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxDays: number }>
  | Reason<'NOT_WAIVABLE', { id: string }>
  | Reason<'STATE_CHANGED', { now: string }>
  | Reason<
      | 'SELF_APPROVAL'
      | 'OWNER_CONFLICT'
      | 'NO_AUTHORITY'
      | 'ALREADY_ACCEPTED'
      | 'CASE_REQUIRED'
      | 'STEP_UP_REQUIRED'
    >

/** What nobody can accept, whatever the residual risk. */
export const notWaivable: readonly string[] = [
  'prohibited_practice',
  'tier_floor',
  'separation_of_duties',
  'ledger',
  'tier_3_human_approval',
  'legal_class_unknown_in_prod',
  'signature_check',
  'proof_check',
]

/** What the passkey of a person must have signed to accept a waiver of tier 3. A renewal is another document. */
export function waiverDocument(id: WaiverId, { terms, renewals }: Asked): Digest {
  return digestOf({ schema: 'countersign.waiver/1', waiverId: id, terms, renewals })
}

/** Whether the committee must have approved it: the highest residual risk, and every renewal after the first. */
export function needsCase({ terms, renewals }: Asked): boolean {
  return terms.residual === 5 || renewals > 1
}

/** The tier by whose rule the committee decides about it: the highest residual risk is a matter of the full committee. */
export function caseTier({ residual, tier }: Terms): Tier {
  return residual === 5 ? 3 : tier
}

/** Who must accept a residual risk of this height, all of them. */
export function acceptorsOf(residual: Residual): readonly Acceptor[] {
  return acceptors[residual]
}

/** Applies one command. A refusal names every reason at once. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const wrong = refuse<Refusal>({ code: 'WRONG_STATE', params: { state: state.s } })
  const by = ctx.person
  switch (command.c) {
    case 'request': {
      if (state.s !== 'absent') return wrong
      const { terms } = command
      const sealed = command.sealed === undefined ? {} : { sealed: command.sealed }
      const requested: Event = { e: 'waiver.requested', by, terms, renewals: 0, ...sealed }
      return unless<Event, Refusal>(faultsIn(terms, ctx), requested)
    }
    case 'renew': {
      if (state.s !== 'accepted') return wrong
      const terms = { ...state.terms, stateDigest: command.stateDigest }
      const sealed = command.sealed === undefined ? {} : { sealed: command.sealed }
      const renewals = state.renewals + 1
      return unless<Event, Refusal>(faultsIn(terms, ctx), {
        e: 'waiver.requested',
        by,
        terms,
        renewals,
        ...sealed,
      })
    }
    case 'accept':
      return state.s === 'requested' ? acceptWaiver(state, ctx) : wrong
    case 'refuse': {
      if (state.s !== 'requested') return wrong
      const sealed = command.sealed === undefined ? {} : { sealed: command.sealed }
      const faults: Refusal[] = ctx.standsFor.length === 0 ? [{ code: 'NO_AUTHORITY', params: {} }] : []
      return unless<Event, Refusal>(faults, { e: 'waiver.refused', by, ...sealed })
    }
    case 'revoke':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse a revocation.
      if (state.s !== 'requested' && state.s !== 'accepted') return wrong
      return unless<Event, Refusal>([], { e: 'waiver.revoked', by })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. Total on any log: a fact that does not fit leaves the state as it was. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'waiver.requested':
      if (state.s !== 'absent' && state.s !== 'accepted') return state
      return {
        s: 'requested',
        terms: event.terms,
        by: event.by,
        acceptances: [],
        renewals: event.renewals,
        standing: standingOf(state),
      }
    case 'waiver.endorsed':
      if (state.s !== 'requested') return state
      return { ...state, acceptances: [...state.acceptances, { by: event.by, as: event.as }] }
    case 'waiver.accepted': {
      if (state.s !== 'requested') return state
      const { terms, by, renewals } = state
      const acceptances = [...state.acceptances, { by: event.by, as: event.as }]
      const { caseId, expiresAt } = event
      return { s: 'accepted', terms, by, acceptances, renewals, caseId, expiresAt }
    }
    case 'waiver.refused':
      if (state.s !== 'requested') return state
      return state.standing ?? { s: 'refused', terms: state.terms, by: event.by }
    case 'waiver.revoked':
      return state.s === 'requested' || state.s === 'accepted'
        ? { s: 'revoked', terms: state.terms, by: event.by }
        : state
    default:
      return unreachable(event)
  }
}

/** The acceptance that stands, also while a renewal of it waits. Whether it has run out is another question. */
export function standingOf(state: State): Accepted | null {
  if (state.s === 'accepted') return state
  return state.s === 'requested' ? state.standing : null
}

/** Whether the gap, in the state `stateDigest`, is covered at `now`. Derived on each read. */
export function covers(
  state: State,
  gap: { readonly release: Digest; readonly environment: Environment; readonly stateDigest: Digest },
  now: EpochMs,
): boolean {
  const standing = standingOf(state)
  if (standing === null || now >= standing.expiresAt) return false
  const { scope, stateDigest } = standing.terms
  const inScope =
    scope.environment === gap.environment && (scope.release === null || scope.release === gap.release)
  return inScope && stateDigest === gap.stateDigest
}

function acceptWaiver(state: State & { s: 'requested' }, ctx: Context): Decided<Event, Refusal> {
  const { terms, acceptances } = state
  const objections = faultsIn(terms, ctx) // again: gap and charter may have changed since the request
  const by = ctx.person
  if (by === state.by) objections.push({ code: 'SELF_APPROVAL', params: {} })
  if (ctx.owners.has(by)) objections.push({ code: 'OWNER_CONFLICT', params: {} })
  // INVARIANT: one person accepts once, whatever they stand for.
  if (acceptances.some((acceptance) => acceptance.by === by))
    objections.push({ code: 'ALREADY_ACCEPTED', params: {} })
  const demanded = terms.tier === 3 ? 'passkey_bound' : 'recent_auth'
  if (!satisfies(ctx.authn, demanded, ctx.now, waiverDocument(ctx.id, state)))
    objections.push({ code: 'STEP_UP_REQUIRED', params: {} })
  if (needsCase(state) && ctx.approved === null) objections.push({ code: 'CASE_REQUIRED', params: {} })

  const authority = acceptorsOf(terms.residual)
  const missing = authority.filter(
    (acceptor) => !acceptances.some((acceptance) => acceptance.as === acceptor),
  )
  const as = missing.find((acceptor) => ctx.standsFor.includes(acceptor))
  if (as === undefined) return { ok: false, refused: [...objections, { code: 'NO_AUTHORITY', params: {} }] }
  const proof = terms.tier === 3 ? (ctx.authn.bound ?? null) : null
  if (missing.length > 1) return unless(objections, { e: 'waiver.endorsed', by, as, authority, proof })
  const full = addDays(ctx.now, objections.length > 0 ? 0 : terms.lifetimeDays)
  // What the committee approved for a shorter time ends with its approval.
  const expiresAt = epochMs(Math.min(full, ctx.approved?.expiresAt ?? full))
  const { charter } = ctx.authority
  const accepted = { by, as, authority, proof, caseId: ctx.approved?.caseId ?? null, charter, expiresAt }
  return unless<Event, Refusal>(objections, { e: 'waiver.accepted', ...accepted })
}

function faultsIn({ tier, lifetimeDays, subject, stateDigest }: Terms, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  const maxDays = ctx.authority.maxDays[tier]
  if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > maxDays)
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays } })
  if (notWaivable.includes(subject.id)) faults.push({ code: 'NOT_WAIVABLE', params: { id: subject.id } })
  if (stateDigest !== ctx.stateDigest)
    faults.push({ code: 'STATE_CHANGED', params: { now: ctx.stateDigest } })
  return faults
}

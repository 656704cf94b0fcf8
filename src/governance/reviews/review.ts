import {
  refuse,
  satisfies,
  unless,
  unreachable,
  type AuthnContext,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type IdSource,
  type JsonObject,
  type Reason,
  type ReviewId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import type { reviewCase } from '../committee/index.ts'

type Condition = reviewCase.Condition

export type ReviewKind = 'legal' | 'privacy' | 'security' | 'vendor' | 'dpia' | 'fria'
/** The function that leads and signs a review of each kind. */
export const functionOf: { readonly [K in ReviewKind]: Fn } = {
  legal: 'legal',
  privacy: 'privacy',
  security: 'security',
  vendor: 'security',
  dpia: 'privacy',
  fria: 'legal',
}
export type ReviewState =
  | 'required'
  | 'assigned'
  | 'in_progress'
  | 'info_requested'
  | 'signed_off'
  | 'signed_off_with_conditions'
  | 'objected'
  | 'not_needed'
  | 'stale'
export type Subject = { readonly useCaseRevision: Digest; readonly release: Digest | null }
export type Review = {
  readonly s: ReviewState
  readonly id: ReviewId
  readonly useCaseId: UseCaseId
  readonly kind: ReviewKind
  readonly tier: Tier
  /** Whether tier 3 demands this review by default; such a review is never declared unneeded. */
  readonly tier3Default: boolean
  readonly subject: Subject
  readonly firedBy: readonly string[]
  readonly due: EpochMs
  readonly lead: UserId | null
  readonly signedBy: UserId | null
  readonly report: Digest | null
  /** Under which it was signed off; they flow into the case. */
  readonly conditions: readonly Condition[]
}
export type State = { readonly s: 'absent' } | Review
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'require'
      readonly useCaseId: UseCaseId
      readonly kind: ReviewKind
      readonly tier: Tier
      readonly subject: Subject
      readonly firedBy: readonly string[]
      readonly due: EpochMs
    }
  | { readonly c: 'assign'; readonly lead: UserId }
  | { readonly c: 'start' | 'answer' }
  | { readonly c: 'ask'; readonly sealed?: JsonObject }
  | {
      readonly c: 'sign_off'
      readonly subject: Subject
      readonly report: Digest
      readonly conditions: readonly Condition[]
      readonly sealed?: JsonObject
    }
  | {
      readonly c: 'object'
      readonly subject: Subject
      readonly report: Digest
      readonly sealed?: JsonObject
    }
  | { readonly c: 'declare_not_needed'; readonly reasonCode: string; readonly sealed?: JsonObject }
  | { readonly c: 'mark_stale'; readonly subject: Subject; readonly due: EpochMs }

type About = { readonly reviewId: ReviewId; readonly by: UserId | null; readonly at: EpochMs }
type Sealed = { readonly sealed?: JsonObject }
export type Event =
  | (About & {
      readonly e: 'review.required'
      readonly useCaseId: UseCaseId
      readonly kind: ReviewKind
      readonly tier: Tier
      readonly tier3Default: boolean
      readonly subject: Subject
      readonly triggerIds: readonly string[]
      readonly due: EpochMs
    })
  | (About & { readonly e: 'review.assigned'; readonly lead: UserId })
  | (About & { readonly e: 'review.started' | 'review.information_provided' })
  | (About & Sealed & { readonly e: 'review.information_requested' })
  | (About &
      Sealed & {
        readonly e: 'review.signed_off'
        readonly report: Digest
        readonly conditions: readonly Condition[]
      })
  | (About & Sealed & { readonly e: 'review.objected'; readonly report: Digest })
  | (About & Sealed & { readonly e: 'review.declared_not_needed'; readonly reasonCode: string })
  | (About & { readonly e: 'review.became_stale'; readonly subject: Subject; readonly due: EpochMs })

export type Context = {
  readonly now: EpochMs
  /** Null when the system acts. */
  readonly person: UserId | null
  readonly authn: AuthnContext
  readonly ids: IdSource
  /** Functions whose reviewer or seat holder the person is, and those that they lead. */
  readonly holds: readonly Fn[]
  readonly leads: readonly Fn[]
  /** Requester, owners and the author of the release. */
  readonly interested: ReadonlySet<UserId>
  /** Whether the required fields of the template are answered. */
  readonly templateComplete: boolean
  /** Of the charter in force: functions that stop an approval of this tier, and who sits for a function. */
  readonly vetoes: readonly Fn[]
  readonly seatedFor: (fn: Fn) => readonly UserId[]
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: string }>
  | Reason<'NOT_OF_THE_FUNCTION' | 'NOT_THE_LEAD', { fn: Fn }>
  | Reason<'OWNER_CONFLICT' | 'TEMPLATE_INCOMPLETE' | 'STEP_UP_REQUIRED' | 'STALE_SUBJECT'>
  | Reason<'TIER_3_REVIEW_NEEDED' | 'REASON_REQUIRED'>
  | Reason<'CONDITION_DUE_IN_THE_PAST' | 'CONDITION_OWNER_ATTESTS' | 'NOTIFY_NOT_ENOUGH'>

const open: readonly string[] = ['required', 'assigned', 'in_progress', 'info_requested']
const finished: readonly string[] = ['signed_off', 'signed_off_with_conditions', 'objected', 'not_needed']
const tier3Defaults: readonly ReviewKind[] = ['legal', 'privacy', 'security']

/** Applies one command. An open review never counts as done, however overdue it is. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'require') {
    if (state.s !== 'absent') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
    const { useCaseId, kind, tier, subject, firedBy, due } = command
    return unless<Event, Refusal>([], {
      e: 'review.required',
      reviewId: ctx.ids.next('review'),
      by: ctx.person,
      at: ctx.now,
      useCaseId,
      kind,
      tier,
      subject,
      due,
      tier3Default: tier === 3 && tier3Defaults.includes(kind),
      triggerIds: [...new Set(firedBy)].sort(),
    })
  }
  if (state.s === 'absent' || !allowedIn(state.s, command.c))
    return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
  const about = { reviewId: state.id, by: ctx.person, at: ctx.now }
  const fn = functionOf[state.kind]
  const leadFaults: Refusal[] = ctx.leads.includes(fn) ? [] : [{ code: 'NOT_THE_LEAD', params: { fn } }]
  switch (command.c) {
    case 'assign':
      return unless<Event, Refusal>(leadFaults, { e: 'review.assigned', ...about, lead: command.lead })
    case 'start':
      return unless<Event, Refusal>(holderFaults(fn, ctx), { e: 'review.started', ...about })
    case 'ask':
      return unless<Event, Refusal>(holderFaults(fn, ctx), {
        e: 'review.information_requested',
        ...about,
        ...sealedOf(command),
      })
    case 'answer':
      return unless<Event, Refusal>([], { e: 'review.information_provided', ...about })
    case 'sign_off': {
      const { report, conditions } = command
      const faults = [
        ...signFaults(state, command.subject, fn, ctx),
        ...conditionFaults(state, conditions, ctx),
      ]
      return unless<Event, Refusal>(faults, {
        e: 'review.signed_off',
        ...about,
        report,
        conditions,
        ...sealedOf(command),
      })
    }
    case 'object':
      return unless<Event, Refusal>(signFaults(state, command.subject, fn, ctx), {
        e: 'review.objected',
        ...about,
        report: command.report,
        ...sealedOf(command),
      })
    case 'declare_not_needed': {
      const faults = [...leadFaults, ...interestFaults(ctx), ...proofFaults(state.tier, ctx)]
      if (state.tier3Default) faults.push({ code: 'TIER_3_REVIEW_NEEDED', params: {} })
      if (command.reasonCode === '') faults.push({ code: 'REASON_REQUIRED', params: {} })
      const { reasonCode } = command
      return unless<Event, Refusal>(faults, {
        e: 'review.declared_not_needed',
        ...about,
        reasonCode,
        ...sealedOf(command),
      })
    }
    case 'mark_stale': {
      const { subject, due } = command
      return unless<Event, Refusal>([], { e: 'review.became_stale', ...about, subject, due })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'review.required') {
    if (state.s !== 'absent') return state
    const { reviewId: id, useCaseId, kind, tier, tier3Default, subject, triggerIds: firedBy, due } = event
    const empty = { lead: null, signedBy: null, report: null, conditions: [] }
    return { s: 'required', id, useCaseId, kind, tier, tier3Default, subject, firedBy, due, ...empty }
  }
  if (state.s === 'absent' || event.reviewId !== state.id) return state
  switch (event.e) {
    case 'review.assigned':
      return { ...state, s: 'assigned', lead: event.lead }
    case 'review.started':
    case 'review.information_provided':
      return { ...state, s: 'in_progress' }
    case 'review.information_requested':
      return { ...state, s: 'info_requested' }
    case 'review.signed_off': {
      const { by: signedBy, report, conditions } = event
      const s = conditions.length > 0 ? 'signed_off_with_conditions' : 'signed_off'
      return { ...state, s, signedBy, report, conditions }
    }
    case 'review.objected':
      return { ...state, s: 'objected', signedBy: event.by, report: event.report }
    case 'review.declared_not_needed':
      return { ...state, s: 'not_needed', signedBy: event.by }
    case 'review.became_stale':
      return { ...state, s: 'stale', subject: event.subject, due: event.due }
    default:
      return unreachable(event)
  }
}

/** Whether the review is unfinished past its due instant. It shows and escalates; it never passes. */
export function isOverdue(state: State, now: EpochMs): boolean {
  return state.s !== 'absent' && (open.includes(state.s) || state.s === 'stale') && now >= state.due
}

/** Who stands behind the outcome; null while there is none, or none of this subject. */
export function signerOf(state: Review): UserId | null {
  return finished.includes(state.s) ? state.signedBy : null
}

function allowedIn(s: ReviewState, command: Exclude<Command['c'], 'require'>): boolean {
  switch (command) {
    case 'mark_stale':
      return finished.includes(s) || open.includes(s)
    case 'assign':
      return open.includes(s) || s === 'stale'
    case 'answer':
      return s === 'info_requested'
    case 'start':
      return s === 'required' || s === 'assigned' || s === 'stale'
    case 'ask':
    case 'sign_off':
    case 'object':
      return s === 'assigned' || s === 'in_progress'
    case 'declare_not_needed':
      return open.includes(s) || s === 'stale'
    default:
      return unreachable(command)
  }
}

function holderFaults(fn: Fn, ctx: Context): Refusal[] {
  return ctx.holds.includes(fn) ? [] : [{ code: 'NOT_OF_THE_FUNCTION', params: { fn } }]
}

function interestFaults({ person, interested }: Context): Refusal[] {
  return person === null || interested.has(person) ? [{ code: 'OWNER_CONFLICT', params: {} }] : []
}

function proofFaults(tier: Tier, ctx: Context): Refusal[] {
  const proof = tier === 1 ? 'session_mfa' : 'recent_auth'
  return satisfies(ctx.authn, proof, ctx.now) ? [] : [{ code: 'STEP_UP_REQUIRED', params: {} }]
}

function signFaults(state: Review, subject: Subject, fn: Fn, ctx: Context): Refusal[] {
  const faults = [...holderFaults(fn, ctx), ...interestFaults(ctx), ...proofFaults(state.tier, ctx)]
  const { useCaseRevision, release } = state.subject
  if (subject.useCaseRevision !== useCaseRevision || subject.release !== release)
    faults.push({ code: 'STALE_SUBJECT', params: {} })
  if (!ctx.templateComplete) faults.push({ code: 'TEMPLATE_INCOMPLETE', params: {} })
  return faults
}

/** The rules that a ballot's conditions obey: they become conditions of the same approval. */
function conditionFaults({ tier, kind }: Review, conditions: readonly Condition[], ctx: Context): Refusal[] {
  const isVeto = ctx.vetoes.includes(functionOf[kind])
  const faults: Refusal[] = []
  if (conditions.some(({ due }) => due <= ctx.now))
    faults.push({ code: 'CONDITION_DUE_IN_THE_PAST', params: {} })
  if (conditions.some(({ owner, attester }) => ctx.seatedFor(attester).includes(owner)))
    faults.push({ code: 'CONDITION_OWNER_ATTESTS', params: {} })
  if (tier === 3 && isVeto && conditions.some(({ onBreach }) => onBreach === 'notify'))
    faults.push({ code: 'NOTIFY_NOT_ENOUGH', params: {} })
  return faults
}

function sealedOf({ sealed }: Sealed): Sealed {
  return sealed === undefined ? {} : { sealed }
}

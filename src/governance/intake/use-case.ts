import {
  addDays,
  digestOf,
  legalClasses,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type Json,
  type JsonObject,
  type LegalClass,
  type Reason,
  type Tier,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import {
  assessmentOf,
  classifyLegal,
  compareAnswers,
  confirmedClass,
  triggeredReviews,
  valueOf,
  type Answer,
  type Answers,
  type CompiledPolicy,
  type Confirmation,
  type LegalFinding,
  type LegalMap,
  type QKey,
  type TierAssessment,
  type TriggeredReview,
  type TriggerPolicy,
} from '../tiering/index.ts'
import { faultsInAnswers, isSealed, visibleKeys, type LoadedQuestionnaire } from './questionnaire.ts'

export type Owners = {
  readonly business: UserId | null
  readonly technical: UserId | null
  readonly backup: UserId | null
}

/** What was last triaged: decisions rest on this, whatever is being drafted beside it. */
export type InForce = {
  readonly revisionDigest: Digest
  readonly answers: Answers
  readonly tier: Tier
  readonly legalClass: LegalClass
  /** Earlier revisions from which this one differs in no material way. */
  readonly sameAs: readonly Digest[]
}

/** A request for a use of AI, and later the use case that is governed. Typed answers stand here, text is sealed. */
export type UseCase = {
  readonly s: 'draft' | 'submitted' | 'needs_info' | 'triaged' | 'duplicate' | 'withdrawn' | 'retired'
  readonly id: UseCaseId
  readonly revision: number
  readonly questionnaire: Digest
  readonly requester: UserId
  readonly owners: Owners
  readonly unit: UnitId | null
  readonly answers: Answers
  /** Salted digest of each sealed answer. */
  readonly sealed: { readonly [key: QKey]: Digest }
  /** Keys about which an analyst has asked. */
  readonly asked: readonly QKey[]
  readonly submittedAt: EpochMs | null
  readonly triageDue: EpochMs | null
  readonly revisionDigest: Digest | null
  readonly assessment: TierAssessment | null
  readonly legal: LegalFinding | null
  readonly confirmation: Confirmation | null
  /** Once found prohibited it stays so until two people of the legal function clear changed answers. */
  readonly prohibited: { readonly clearedBy: readonly UserId[]; readonly cleared: boolean } | null
  readonly triagedBy: UserId | null
  readonly reviews: readonly TriggeredReview[]
  readonly up: { readonly to: Tier; readonly by: UserId } | null
  readonly down: {
    readonly signed: readonly { readonly by: UserId; readonly fn: Fn }[]
    readonly expiresAt: EpochMs | null
    readonly days: number
  } | null
  readonly mergedInto: UseCaseId | null
  readonly inForce: InForce | null
}
export type State = { readonly s: 'absent' } | UseCase
export const initial: State = { s: 'absent' }

type Values = { readonly [key: QKey]: Json }
export type Command =
  | {
      readonly c: 'start'
      readonly unit?: UnitId
      readonly answers: Values
      readonly owners: Partial<Owners>
    }
  | {
      readonly c: 'change'
      readonly answers: Values
      readonly owners?: Partial<Owners>
      readonly source?: Answer['source']
    }
  | { readonly c: 'confirm'; readonly keys: readonly QKey[] }
  | { readonly c: 'submit'; readonly notDuplicates?: readonly UseCaseId[]; readonly text?: string }
  | { readonly c: 'ask'; readonly keys: readonly QKey[]; readonly text: string }
  | { readonly c: 'triage' }
  | { readonly c: 'merge'; readonly into: UseCaseId }
  | { readonly c: 'withdraw' | 'retire'; readonly reasonCode: string }
  | { readonly c: 'revise' }
  | { readonly c: 'change_owner'; readonly role: keyof Owners; readonly to: UserId }
  | { readonly c: 'raise_tier'; readonly to: 2 | 3; readonly text: string }
  | { readonly c: 'lower_tier'; readonly days: number; readonly text: string }
  | { readonly c: 'confirm_legal'; readonly confirmation: Confirmation; readonly text: string }
  | { readonly c: 'clear_prohibited'; readonly text: string }

type About = {
  readonly useCaseId: UseCaseId
  readonly by: Actor
  readonly at: EpochMs
  readonly sealed?: JsonObject
}
export type Event =
  | (About & {
      readonly e: 'intake.started'
      readonly questionnaire: Digest
      readonly requester: UserId
      readonly unit: UnitId | null
    })
  | (About & {
      readonly e: 'intake.answers_changed'
      readonly revision: number
      readonly answers: Answers
      readonly sealedDigests: { readonly [key: QKey]: Digest }
      readonly owners: Owners
    })
  | (About & {
      readonly e: 'intake.submitted' | 'intake.resubmitted'
      readonly revision: number
      readonly revisionDigest: Digest
      readonly triageDue: EpochMs
      readonly notDuplicates: readonly UseCaseId[]
    })
  | (About & { readonly e: 'intake.information_requested'; readonly keys: readonly QKey[] })
  | (About & {
      readonly e: 'tier.assessed'
      readonly revisionDigest: Digest
      readonly assessment: TierAssessment
    })
  | (About & { readonly e: 'legal_class.determined'; readonly finding: LegalFinding })
  | (About & {
      readonly e: 'intake.triaged'
      readonly revisionDigest: Digest
      readonly triageDue: EpochMs
      readonly metDue: boolean
      readonly reviews: readonly TriggeredReview[]
      readonly inForce: InForce
    })
  | (About & { readonly e: 'intake.merged'; readonly into: UseCaseId })
  | (About & { readonly e: 'intake.withdrawn' | 'use_case.retired'; readonly reasonCode: string })
  | (About & { readonly e: 'use_case.revised'; readonly revision: number })
  | (About & {
      readonly e: 'use_case.owner_changed'
      readonly role: keyof Owners
      readonly from: UserId | null
      readonly to: UserId
    })
  | (About & { readonly e: 'tier.override_granted'; readonly direction: 'up'; readonly to: Tier })
  | (About & {
      readonly e: 'tier.override_signed'
      readonly fn: Fn
      readonly days: number
      readonly expiresAt: EpochMs | null
    })
  | (About & { readonly e: 'legal_class.confirmed'; readonly confirmation: Confirmation })
  | (About & { readonly e: 'legal_class.cleared'; readonly complete: boolean })

/** Versioned data by which this use case is judged. */
export type Catalogue = {
  readonly questionnaire: LoadedQuestionnaire
  readonly policy: CompiledPolicy
  readonly legalMap: LegalMap
  readonly legalMapDigest: Digest
  readonly triggers: TriggerPolicy
}
export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly id: UseCaseId
  readonly catalogue: Catalogue
  /** 32 random bytes as hex: sealed text cannot be guessed from its digest. */
  readonly salt: string
  /** Functions that the actor holds as reviewer or seat. */
  readonly functions: readonly Fn[]
  readonly isActive: (person: UserId) => boolean
  /** Use cases that look alike, in basis points. */
  readonly similar: readonly { readonly id: UseCaseId; readonly scoreBp: number }[]
  /** When triage of a tier is due if the clock starts now. */
  readonly triageDue: (tier: Tier) => EpochMs
  readonly hasLiveDeployment: boolean
  readonly mergeTarget: State
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'ANSWER_REQUIRED' | 'UNKNOWN_QUESTION' | 'ANSWER_INVALID', { key: string }>
  | Reason<'OWNER_REQUIRED' | 'OWNER_INACTIVE', { role: string }>
  | Reason<'DUPLICATE_UNDECIDED', { id: string; scoreBp: number }>
  | Reason<
      | 'PERSON_REQUIRED'
      | 'NOT_THE_OWNER'
      | 'OWNERS_MUST_DIFFER'
      | 'BACKUP_OWNER_REQUIRED'
      | 'SELF_TRIAGE'
      | 'QUESTION_REQUIRED'
      | 'REASON_REQUIRED'
      | 'LIVE_DEPLOYMENT'
      | 'MERGE_TARGET_INVALID'
      | 'OWNER_CONFLICT'
      | 'FUNCTION_REQUIRED'
      | 'ALREADY_SIGNED'
      | 'UP_OVERRIDE_STANDS'
      | 'NOTHING_TO_LOWER'
      | 'NOT_PROHIBITED'
      | 'STILL_PROHIBITED'
      | 'CONFIRMATION_DOES_NOT_APPLY'
    >
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxDays: number }>

export const maxDownDays = 90
/** From this score on the requester must say whether it is the same. */
export const mustDecideBp = 8_000

/** Applies one command. The tier and the legal class are computed here and nowhere else: no command carries them. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const person = ctx.actor.k === 'person' ? ctx.actor.ref : null
  const about = { useCaseId: ctx.id, by: ctx.actor, at: ctx.now }
  if (command.c === 'start') {
    if (state.s !== 'absent') return wrongState(state)
    if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
    const { digest } = ctx.catalogue.questionnaire
    const changed = changeOf(command.answers, command.owners, null, ctx)
    return unless<Event, Refusal>(
      faultsInAnswers(ctx.catalogue.questionnaire, command.answers),
      { e: 'intake.started', ...about, questionnaire: digest, requester: person, unit: command.unit ?? null },
      { e: 'intake.answers_changed', ...about, revision: 1, ...changed },
    )
  }
  if (state.s === 'absent') return wrongState(state)
  const isInterested = person !== null && interestedIn(state).includes(person)
  const owner: Refusal[] = isInterested ? [] : [{ code: 'NOT_THE_OWNER', params: {} }]
  const conflict: Refusal[] = isInterested || person === null ? [{ code: 'OWNER_CONFLICT', params: {} }] : []
  switch (command.c) {
    case 'change': {
      // INVARIANT: nobody but requester and owners edits answers; an analyst asks instead.
      if (state.s !== 'draft' && state.s !== 'needs_info') return wrongState(state)
      const changed = changeOf(command.answers, command.owners ?? {}, state, ctx, command.source)
      const faults = [...owner, ...faultsInAnswers(ctx.catalogue.questionnaire, command.answers)]
      return unless<Event, Refusal>(faults, {
        e: 'intake.answers_changed',
        ...about,
        revision: state.revision,
        ...changed,
      })
    }
    case 'confirm': {
      if (state.s !== 'draft' && state.s !== 'needs_info') return wrongState(state)
      const answers: { [key: QKey]: Answer } = {}
      for (const key of command.keys) {
        const answer = Object.hasOwn(state.answers, key) ? state.answers[key] : undefined
        if (answer !== undefined && person !== null) answers[key] = { ...answer, confirmedBy: person }
      }
      const { revision, owners } = state
      return unless<Event, Refusal>(owner, {
        e: 'intake.answers_changed',
        ...about,
        revision,
        answers,
        sealedDigests: {},
        owners,
      })
    }
    case 'submit':
      return submit(state, command, owner, ctx)
    case 'ask': {
      if (state.s !== 'submitted') return wrongState(state)
      const keys = [...new Set(command.keys)].sort()
      const unknown = keys.filter((key) => !ctx.catalogue.questionnaire.byKey.has(key))
      const faults: Refusal[] = [
        ...(keys.length === 0 || command.text.trim() === ''
          ? [{ code: 'QUESTION_REQUIRED', params: {} } as const]
          : []),
        ...unknown.map((key): Refusal => ({ code: 'UNKNOWN_QUESTION', params: { key } })),
      ]
      return unless<Event, Refusal>(faults, {
        e: 'intake.information_requested',
        ...about,
        keys,
        sealed: { question: command.text },
      })
    }
    case 'triage':
      return triage(state, ctx)
    case 'merge': {
      if (state.s !== 'submitted' && state.s !== 'triaged') return wrongState(state)
      const target = ctx.mergeTarget
      const valid =
        target.s !== 'absent' &&
        target.s !== 'duplicate' &&
        target.id !== state.id &&
        target.id === command.into
      const faults: Refusal[] = valid ? [] : [{ code: 'MERGE_TARGET_INVALID', params: {} }]
      if (ctx.hasLiveDeployment) faults.push({ code: 'LIVE_DEPLOYMENT', params: {} })
      return unless<Event, Refusal>(faults, { e: 'intake.merged', ...about, into: command.into })
    }
    case 'withdraw': {
      if (!['draft', 'submitted', 'needs_info', 'triaged'].includes(state.s)) return wrongState(state)
      const live: Refusal[] = ctx.hasLiveDeployment ? [{ code: 'LIVE_DEPLOYMENT', params: {} }] : []
      return unless<Event, Refusal>([...owner, ...live], {
        e: 'intake.withdrawn',
        ...about,
        reasonCode: command.reasonCode,
      })
    }
    case 'retire':
      // INVARIANT: stopping needs one person.
      if (state.s !== 'triaged') return wrongState(state)
      return unless<Event, Refusal>([], { e: 'use_case.retired', ...about, reasonCode: command.reasonCode })
    case 'revise':
      if (state.s !== 'triaged') return wrongState(state)
      return unless<Event, Refusal>(owner, { e: 'use_case.revised', ...about, revision: state.revision + 1 })
    case 'change_owner': {
      if (state.s !== 'triaged') return wrongState(state)
      const { role, to } = command
      const changed = { ...state.owners, [role]: to }
      return unless<Event, Refusal>([...owner, ...ownerFaults(changed, effectiveTier(state, ctx.now), ctx)], {
        e: 'use_case.owner_changed',
        ...about,
        role,
        from: state.owners[role],
        to,
      })
    }
    case 'raise_tier': {
      if (state.s !== 'triaged') return wrongState(state)
      const faults = [
        ...functionFaults(ctx, ['security', 'risk', 'legal', 'privacy', 'it', 'data_science']),
        ...reasonFaults(command.text),
      ]
      return unless<Event, Refusal>(faults, {
        e: 'tier.override_granted',
        ...about,
        direction: 'up',
        to: command.to,
        sealed: { reason: command.text },
      })
    }
    case 'lower_tier':
      return lower(state, command, conflict, ctx)
    case 'confirm_legal': {
      if (state.s !== 'triaged' || state.legal === null) return wrongState(state)
      const faults = [...conflict, ...functionFaults(ctx, ['legal']), ...reasonFaults(command.text)]
      const profiles = valueOf(state.answers, 'profiling') !== 'no' && state.legal.class === 'high_risk'
      if (confirmedClass(state.legal, command.confirmation, profiles) === state.legal.class)
        faults.push({ code: 'CONFIRMATION_DOES_NOT_APPLY', params: {} })
      return unless<Event, Refusal>(faults, {
        e: 'legal_class.confirmed',
        ...about,
        confirmation: command.confirmation,
        sealed: { reason: command.text },
      })
    }
    case 'clear_prohibited': {
      if (state.prohibited === null || state.prohibited.cleared)
        return refuse({ code: 'NOT_PROHIBITED', params: {} })
      const faults = [...conflict, ...functionFaults(ctx, ['legal']), ...reasonFaults(command.text)]
      if (state.s !== 'triaged' || state.legal?.class === 'prohibited')
        faults.push({ code: 'STILL_PROHIBITED', params: {} })
      if (person !== null && state.prohibited.clearedBy.includes(person))
        faults.push({ code: 'ALREADY_SIGNED', params: {} })
      const complete = state.prohibited.clearedBy.length >= 1
      return unless<Event, Refusal>(faults, {
        e: 'legal_class.cleared',
        ...about,
        complete,
        sealed: { reason: command.text },
      })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'intake.started') return state.s === 'absent' ? started(event) : state
  if (state.s === 'absent' || state.id !== event.useCaseId) return state
  switch (event.e) {
    case 'intake.answers_changed':
      return {
        ...state,
        answers: { ...state.answers, ...event.answers },
        sealed: { ...state.sealed, ...event.sealedDigests },
        owners: event.owners,
      }
    case 'intake.submitted':
    case 'intake.resubmitted':
      return {
        ...state,
        s: 'submitted',
        asked: [],
        revisionDigest: event.revisionDigest,
        submittedAt: event.at,
        triageDue: event.triageDue,
      }
    case 'intake.information_requested':
      return { ...state, s: 'needs_info', asked: event.keys }
    case 'tier.assessed':
      return { ...state, assessment: event.assessment }
    case 'legal_class.determined': {
      const { finding } = event
      const isProhibited = finding.class === 'prohibited'
      return {
        ...state,
        legal: finding,
        confirmation: null,
        prohibited: isProhibited ? { clearedBy: [], cleared: false } : state.prohibited,
      }
    }
    case 'intake.triaged':
      return {
        ...state,
        s: 'triaged',
        reviews: event.reviews,
        triagedBy: personOf(event.by),
        inForce: event.inForce,
      }
    case 'use_case.owner_changed':
      return { ...state, owners: { ...state.owners, [event.role]: event.to } }
    case 'intake.merged':
      return { ...state, s: 'duplicate', mergedInto: event.into }
    case 'intake.withdrawn':
      return { ...state, s: 'withdrawn' }
    case 'use_case.retired':
      return { ...state, s: 'retired' }
    case 'use_case.revised':
      // A new revision voids what lowered the tier; what raised it stands.
      return { ...state, s: 'draft', revision: event.revision, down: null, triagedBy: null }
    case 'tier.override_granted': {
      const by = personOf(event.by)
      return by === null ? state : { ...state, up: { to: event.to, by }, down: null }
    }
    case 'tier.override_signed': {
      const by = personOf(event.by)
      if (by === null) return state
      const signed = [...(state.down?.expiresAt === null ? state.down.signed : []), { by, fn: event.fn }]
      return { ...state, down: { signed, expiresAt: event.expiresAt, days: event.days } }
    }
    case 'legal_class.confirmed':
      return { ...state, confirmation: event.confirmation }
    case 'legal_class.cleared': {
      const by = personOf(event.by)
      if (state.prohibited === null || by === null) return state
      return {
        ...state,
        prohibited: { clearedBy: [...state.prohibited.clearedBy, by], cleared: event.complete },
      }
    }
    default:
      return unreachable(event)
  }
}

/** The tier that counts at `now`: raised by an up override, lowered by one while a down override is in force. */
export function effectiveTier(state: State, now: EpochMs): Tier {
  if (state.s === 'absent' || state.assessment === null) return 3 // not assessed is the worst
  const { tier, floor } = state.assessment
  if (state.up !== null) return state.up.to > tier ? state.up.to : tier
  const lowered = state.down?.expiresAt !== null && state.down !== null && now < state.down.expiresAt
  if (!lowered || tier === 1) return tier
  const below: Tier = tier === 3 ? 2 : 1
  return below < floor ? floor : below
}

/** The legal class that counts. What was prohibited stays so until it is cleared. */
export function legalOf(state: State): { readonly class: LegalClass; readonly cleared: boolean } {
  if (state.s === 'absent' || state.legal === null) return { class: 'undetermined', cleared: false }
  if (state.prohibited !== null && !state.prohibited.cleared) return { class: 'prohibited', cleared: false }
  return { class: confirmedClass(state.legal, state.confirmation, false), cleared: state.prohibited !== null }
}

/** Requester and owners: whoever has an interest in the answer. */
export function interestedIn({ requester, owners }: UseCase): readonly UserId[] {
  const all = [requester, owners.business, owners.technical, owners.backup].filter(
    (person) => person !== null,
  )
  return [...new Set(all)]
}

function submit(
  state: UseCase,
  command: Command & { c: 'submit' },
  owner: readonly Refusal[],
  ctx: Context,
): Decided<Event, Refusal> {
  if (state.s !== 'draft' && state.s !== 'needs_info') return wrongState(state)
  const { questionnaire, policy } = ctx.catalogue
  const faults: Refusal[] = [...owner]
  const visible = visibleKeys(questionnaire, state.answers)
  for (const item of questionnaire.questionnaire.questions) {
    const isAnswered = Object.hasOwn(state.answers, item.key) || Object.hasOwn(state.sealed, item.key)
    if (item.required && visible.has(item.key) && !isAnswered)
      faults.push({ code: 'ANSWER_REQUIRED', params: { key: item.key }, path: `/answers/${item.key}` })
  }
  const assessment = assessmentOf(state.answers, policy)
  faults.push(...ownerFaults(state.owners, assessment.tier, ctx))
  const dismissed = command.notDuplicates ?? []
  for (const { id, scoreBp } of ctx.similar)
    if (scoreBp >= mustDecideBp && !dismissed.includes(id))
      faults.push({ code: 'DUPLICATE_UNDECIDED', params: { id, scoreBp } })
  const revisionDigest = digestOf({
    schema: 'countersign.use-case-revision/1',
    useCaseId: state.id,
    revision: state.revision,
    questionnaire: state.questionnaire,
    answers: state.answers,
    sealed: state.sealed,
    owners: state.owners,
    salt: ctx.salt,
  })
  return unless<Event, Refusal>(faults, {
    e: state.submittedAt === null ? 'intake.submitted' : 'intake.resubmitted',
    useCaseId: state.id,
    by: ctx.actor,
    at: ctx.now,
    revision: state.revision,
    revisionDigest,
    triageDue: ctx.triageDue(assessment.tier),
    notDuplicates: [...dismissed].sort(),
    sealed: { salt: ctx.salt, ...(command.text === undefined ? {} : { text: command.text }) },
  })
}

function ownerFaults(owners: Owners, tier: Tier, ctx: Context): Refusal[] {
  const faults: Refusal[] = []
  for (const role of ['business', 'technical', 'backup'] as const) {
    const person = owners[role]
    if (person === null) {
      if (role !== 'backup') faults.push({ code: 'OWNER_REQUIRED', params: { role } })
    } else if (!ctx.isActive(person)) faults.push({ code: 'OWNER_INACTIVE', params: { role } })
  }
  if (tier > 1 && owners.business !== null && owners.business === owners.technical)
    faults.push({ code: 'OWNERS_MUST_DIFFER', params: {} })
  if (tier === 3 && owners.backup === null) faults.push({ code: 'BACKUP_OWNER_REQUIRED', params: {} })
  return faults
}

function triage(state: UseCase, ctx: Context): Decided<Event, Refusal> {
  if (state.s !== 'submitted' || state.revisionDigest === null || state.triageDue === null)
    return wrongState(state)
  const { catalogue } = ctx
  const person = personOf(ctx.actor)
  if (person === null || interestedIn(state).includes(person))
    return refuse({ code: 'SELF_TRIAGE', params: {} })
  const about = { useCaseId: state.id, by: ctx.actor, at: ctx.now }
  const { revisionDigest, triageDue } = state
  const assessment = assessmentOf(state.answers, catalogue.policy)
  const finding = classifyLegal(state.answers, catalogue.legalMap, catalogue.legalMapDigest)
  const tier = state.up !== null && state.up.to > assessment.tier ? state.up.to : assessment.tier
  const subject = { answers: state.answers, tier, legalClass: finding.class }
  const reviews = triggeredReviews(catalogue.triggers, catalogue.policy.policy.orders, subject)
  return unless<Event, Refusal>(
    [],
    { e: 'tier.assessed', ...about, revisionDigest, assessment },
    { e: 'legal_class.determined', ...about, finding },
    {
      e: 'intake.triaged',
      ...about,
      revisionDigest,
      triageDue,
      metDue: ctx.now <= triageDue,
      reviews,
      inForce: inForceAfter(state, { revisionDigest, tier, legalClass: finding.class }, ctx),
    },
  )
}

/** Decisions on an earlier revision go on only when nothing got worse and nothing changed that no order compares. */
function inForceAfter(
  { answers, inForce: before }: UseCase,
  next: Pick<InForce, 'revisionDigest' | 'tier' | 'legalClass'>,
  ctx: Context,
): InForce {
  if (before === null) return { ...next, answers, sameAs: [] }
  const diff = compareAnswers(before.answers, answers, ctx.catalogue.policy.policy.orders)
  const isMaterial =
    diff.worse.length > 0 ||
    diff.unordered.length > 0 ||
    next.tier > before.tier ||
    legalClasses.indexOf(next.legalClass) > legalClasses.indexOf(before.legalClass)
  return { ...next, answers, sameAs: isMaterial ? [] : [...before.sameAs, before.revisionDigest] }
}

function lower(
  state: UseCase,
  command: Command & { c: 'lower_tier' },
  conflict: readonly Refusal[],
  ctx: Context,
): Decided<Event, Refusal> {
  if (state.s !== 'triaged' || state.assessment === null) return wrongState(state)
  const person = personOf(ctx.actor)
  const pending = state.down?.expiresAt === null ? state.down : null
  const missing = (['security', 'risk'] as const).filter(
    (fn) => !pending?.signed.some((signature) => signature.fn === fn),
  )
  const faults: Refusal[] = [...conflict, ...functionFaults(ctx, missing), ...reasonFaults(command.text)]
  if (state.up !== null) faults.push({ code: 'UP_OVERRIDE_STANDS', params: {} })
  if (state.assessment.tier === 1 || state.assessment.tier === state.assessment.floor)
    faults.push({ code: 'NOTHING_TO_LOWER', params: {} })
  if (
    !Number.isInteger(command.days) ||
    command.days < 1 ||
    command.days > maxDownDays ||
    (pending !== null && pending.days !== command.days)
  )
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays: pending?.days ?? maxDownDays } })
  if (person !== null && pending?.signed.some(({ by }) => by === person))
    faults.push({ code: 'ALREADY_SIGNED', params: {} })
  const fn = missing.find((candidate) => ctx.functions.includes(candidate)) ?? 'risk'
  return unless<Event, Refusal>(faults, {
    e: 'tier.override_signed',
    useCaseId: state.id,
    by: ctx.actor,
    at: ctx.now,
    fn,
    days: command.days,
    expiresAt: pending === null ? null : addDays(ctx.now, command.days),
    sealed: { reason: command.text },
  })
}

function started(event: Event & { e: 'intake.started' }): UseCase {
  const { useCaseId: id, questionnaire, requester, unit } = event
  return {
    s: 'draft',
    id,
    revision: 1,
    questionnaire,
    requester,
    owners: { business: null, technical: null, backup: null },
    unit,
    answers: {},
    sealed: {},
    asked: [],
    submittedAt: null,
    triageDue: null,
    revisionDigest: null,
    assessment: null,
    legal: null,
    confirmation: null,
    prohibited: null,
    triagedBy: null,
    reviews: [],
    up: null,
    down: null,
    mergedInto: null,
    inForce: null,
  }
}

/** Splits changed answers into typed facts and sealed text with its salted digests. */
function changeOf(
  values: Values,
  owners: Partial<Owners>,
  state: UseCase | null,
  ctx: Context,
  source: Answer['source'] = 'person',
) {
  const answers: { [key: QKey]: Answer } = {}
  const sealedDigests: { [key: QKey]: Digest } = {}
  const texts: { [key: QKey]: Json } = {}
  for (const [key, value] of Object.entries(values)) {
    if (isSealed(ctx.catalogue.questionnaire, key)) {
      sealedDigests[key] = digestOf({ key, value, salt: ctx.salt })
      texts[key] = value
    } else answers[key] = { value, source }
  }
  const before = state?.owners ?? { business: null, technical: null, backup: null }
  return {
    answers,
    sealedDigests,
    owners: { ...before, ...owners },
    ...(Object.keys(texts).length === 0 ? {} : { sealed: { salt: ctx.salt, texts } }),
  }
}

function functionFaults(ctx: Context, wanted: readonly Fn[]): Refusal[] {
  return wanted.some((fn) => ctx.functions.includes(fn)) ? [] : [{ code: 'FUNCTION_REQUIRED', params: {} }]
}

function reasonFaults(text: string): Refusal[] {
  return text.trim().length >= 20 ? [] : [{ code: 'REASON_REQUIRED', params: {} }]
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}

function personOf(actor: Actor): UserId | null {
  return actor.k === 'person' ? actor.ref : null
}

import {
  digestOf,
  refuse,
  unless,
  unreachable,
  type Decided,
  type Digest,
  type Json,
} from '../../kernel/index.ts'
import { confirmedClass, valueOf, type Answer, type QKey } from '../tiering/index.ts'
import { faultsInAnswers, isSealed } from './questionnaire.ts'
import type { Owners, UseCase, State, Command, Event, Context, Refusal, Values } from './use-case-model.ts'
import { ownerFaults, submit } from './use-case-submission.ts'
import { triage } from './use-case-triage.ts'
import { effectiveTier, lower } from './use-case-class.ts'
import { functionFaults, interestedIn, personOf, reasonFaults, wrongState } from './use-case-rules.ts'

export { effectiveTier, legalOf, maxDownDays } from './use-case-class.ts'
export * from './use-case-model.ts'
export { interestedIn } from './use-case-rules.ts'
export { mustDecideBp } from './use-case-submission.ts'

/** Applies one command. The tier and the legal class are computed here and nowhere else: no command carries them. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const person = ctx.actor.k === 'person' ? ctx.actor.ref : null
  const about = { useCaseId: ctx.id, by: ctx.actor, at: ctx.now }
  if (command.c === 'start') {
    if (state.s !== 'absent') return wrongState(state)
    if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
    const { digest } = ctx.catalogue.questionnaire
    const { source, externalId } = command
    const changed = changeOf(command.answers, command.owners, null, ctx, source)
    return unless<Event, Refusal>(
      faultsInAnswers(ctx.catalogue.questionnaire, command.answers),
      {
        e: 'intake.started',
        ...about,
        questionnaire: digest,
        requester: person,
        unit: command.unit ?? null,
        ...(source === undefined ? {} : { source }),
        ...(externalId === undefined ? {} : { externalId }),
      },
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
        questionnaire: event.questionnaire ?? state.questionnaire,
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

function started(event: Event & { e: 'intake.started' }): UseCase {
  const { useCaseId: id, questionnaire, requester, unit, externalId } = event
  return {
    s: 'draft',
    id,
    revision: 1,
    questionnaire,
    requester,
    owners: { business: null, technical: null, backup: null },
    unit,
    ...(externalId === undefined ? {} : { externalId }),
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

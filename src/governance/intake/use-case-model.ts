import type {
  Actor,
  Digest,
  EpochMs,
  Fn,
  Json,
  JsonObject,
  LegalClass,
  Reason,
  Tier,
  UnitId,
  UseCaseId,
  UserId,
} from '../../kernel/index.ts'
import type {
  Answer,
  Answers,
  CompiledPolicy,
  Confirmation,
  LegalFinding,
  LegalMap,
  QKey,
  TierAssessment,
  TriggeredReview,
  TriggerPolicy,
} from '../tiering/index.ts'
import type { LoadedQuestionnaire } from './questionnaire.ts'

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
  /** What another system calls it; absent where no import has named it. */
  readonly externalId?: string
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

export type Values = { readonly [key: QKey]: Json }
export type Command =
  | {
      readonly c: 'start'
      readonly unit?: UnitId
      readonly answers: Values
      readonly owners: Partial<Owners>
      readonly source?: Answer['source']
      /** What another system calls it; unique. */
      readonly externalId?: string
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
      readonly source?: Answer['source']
      readonly externalId?: string
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
      /** The one in force, under which it was complete; earlier entries rest on the one of the start. */
      readonly questionnaire?: Digest
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

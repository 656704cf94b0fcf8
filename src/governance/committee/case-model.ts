import type {
  Actor,
  AuthnContext,
  BallotId,
  BoundProof,
  CaseId,
  ConditionId,
  DecisionId,
  DeploymentId,
  Digest,
  Environment,
  EpochMs,
  Fn,
  IdSource,
  JsonObject,
  LegalClass,
  Proof,
  Reason,
  StopId,
  SystemId,
  Tier,
  UseCaseId,
  UserId,
  WaiverId,
} from '../../kernel/index.ts'
import type { Calendar } from './calendar.ts'
import type { Charter, DecidedKind, QuorumRule, State as Charters } from './charter.ts'
import type { ConflictCode, ConflictFacts, RosterEntry } from './roster.ts'
import type { Choice, Outcome, Tally } from './tally.ts'

export const committeeEngine = 'committee/1'

/** Exactly what is decided on. Another release, revision or set of evidence is another subject. */
export type Subject = {
  readonly kind: DecidedKind
  readonly useCaseId: UseCaseId
  readonly useCaseRevision: Digest
  readonly systemId: SystemId
  readonly release: Digest
  readonly environment: Environment
  readonly deploymentId: DeploymentId | null
  readonly tierAssessment: Digest
  readonly charter: Digest
  readonly evidenceSet: Digest | null
  /** The stops that a resume is about. */
  readonly stops: readonly StopId[]
  /** The waiver that a case of this kind is about, and the document of its terms as they were asked for. */
  readonly waiver: { readonly id: WaiverId; readonly document: Digest } | null
}
export type Requirement = { readonly id: string; readonly status: 'met' | 'waived' | 'unmet' | 'unknown' }
export type ConditionDraft = {
  readonly phase: 'before_deploy' | 'after_deploy'
  readonly due: EpochMs
  readonly owner: UserId
  readonly onBreach: 'suspend' | 'shadow' | 'notify'
  /** Function whose holder attests that it is met. */
  readonly attester: Fn
  readonly text: string
}
export type Condition = Omit<ConditionDraft, 'text'> & {
  readonly textDigest: Digest
  readonly proposedBy: Fn
}
export type Ballot = {
  readonly id: BallotId
  readonly fn: Fn
  readonly by: UserId
  readonly choice: Choice
  readonly subjectDigest: Digest
  readonly conditions: readonly Condition[]
  /** An approval for less time than the rule gives; never for more. */
  readonly until: EpochMs | null
  readonly castAt: EpochMs
  readonly independent: boolean
}
export type Decision = {
  readonly id: DecisionId
  readonly outcome: Exclude<Outcome, 'lapsed'>
  readonly subject: Subject
  readonly tally: Tally
  readonly conditions: readonly (Condition & { readonly id: ConditionId })[]
  readonly decidedAt: EpochMs
  readonly notBefore: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}

export type Case = {
  readonly s: 'waiting_evidence' | 'open' | 'voting' | 'decided' | 'lapsed' | 'cancelled'
  readonly id: CaseId
  readonly subject: Subject
  readonly subjectDigest: Digest
  readonly tier: Tier
  readonly rule: QuorumRule
  readonly proof: Proof
  readonly roster: readonly RosterEntry[]
  readonly openedAt: EpochMs
  readonly votingSince: EpochMs | null
  readonly deadline: EpochMs
  readonly requirements: readonly Requirement[]
  /** Conditions under which reviews were signed off: they become conditions of an approval. */
  readonly reviewConditions: readonly Condition[]
  /** Live ballots, one a function. */
  readonly ballots: readonly Ballot[]
  readonly recused: readonly UserId[]
  readonly decision: Decision | null
}
export type State = { readonly s: 'absent' } | Case
export const initial: State = { s: 'absent' }

export type Command =
  | { readonly c: 'open'; readonly subject: Omit<Subject, 'charter' | 'evidenceSet'>; readonly tier: Tier }
  | {
      readonly c: 'evaluate'
      readonly requirements: readonly Requirement[]
      readonly evidenceSet: Digest
      readonly conditions: readonly Condition[]
    }
  | { readonly c: 'start_vote' | 'close' | 'tick' }
  | {
      readonly c: 'cast'
      readonly choice: Exclude<Choice, 'recuse'>
      readonly subjectDigest: Digest
      readonly conditions: readonly ConditionDraft[]
      readonly until: EpochMs | null
      readonly rationale: string
      readonly nonce: string
    }
  | { readonly c: 'recuse'; readonly rationale: string }
  | { readonly c: 'cancel'; readonly reasonCode: string }
  | { readonly c: 'revoke'; readonly reasonCode: string; readonly text: string }

type About = { readonly caseId: CaseId; readonly at: EpochMs; readonly sealed?: JsonObject }
export type Event =
  | (About & {
      readonly e: 'case.opened'
      readonly by: Actor
      readonly subject: Subject
      readonly subjectDigest: Digest
      readonly tier: Tier
      readonly rule: QuorumRule
      readonly proof: Proof
      readonly roster: readonly RosterEntry[]
      readonly deadline: EpochMs
    })
  | (About & {
      readonly e: 'case.evidence_evaluated'
      readonly requirements: readonly Requirement[]
      readonly conditions: readonly Condition[]
      readonly evidenceSet: Digest
      readonly subjectDigest: Digest
    })
  | (About & {
      readonly e: 'ballot.voided'
      readonly ballotId: BallotId
      readonly fn: Fn
      readonly person: UserId
      readonly cause: 'subject_changed' | 'recused' | 'disqualified'
    })
  | (About & { readonly e: 'case.voting_started'; readonly by: Actor })
  | (About & {
      readonly e: 'ballot.cast'
      readonly ballot: Ballot
      readonly nonce: string
      readonly conditionsDigest: Digest
      readonly proof: { readonly method: string; readonly ageMs: number; readonly bound: BoundProof | null }
      readonly supersedes: BallotId | null
    })
  | (About & { readonly e: 'person.recused'; readonly fn: Fn; readonly person: UserId })
  | (About & {
      readonly e: 'candidate.disqualified'
      readonly fn: Fn
      readonly person: UserId
      readonly conflicts: readonly ConflictCode[]
    })
  | (About & {
      readonly e: 'decision.recorded'
      readonly decision: Decision
      readonly inputsDigest: Digest
      readonly engine: string
    })
  | (About & { readonly e: 'case.lapsed'; readonly tally: Tally })
  | (About & { readonly e: 'case.cancelled'; readonly by: Actor; readonly reasonCode: string })
  | (About & {
      readonly e: 'decision.revoked'
      readonly decisionId: DecisionId
      readonly by: Actor
      readonly reasonCode: string
    })

export type Context = {
  readonly now: EpochMs
  readonly id: CaseId
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly ids: IdSource
  readonly calendar: Calendar
  readonly charter: { readonly digest: Digest; readonly charter: Charter } | null
  readonly charters: Charters
  /** As they are at `now`: to freeze a roster, and to see who has got a conflict since. */
  readonly people: ConflictFacts
  /** Facts about the subject when it opens. */
  readonly useCaseState: string
  readonly legalClass: LegalClass
  readonly releaseExists: boolean
  readonly sameCaseOpen: boolean
  /** The newest rejection on this system and environment. */
  readonly rejected: {
    readonly at: EpochMs
    readonly useCaseRevision: Digest
    readonly release: Digest
  } | null
  /** Tier 1 resumes with the technical owner's consent. */
  readonly ownerConsents: boolean
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'REQUIREMENT_UNMET', { id: string; status: string }>
  | Reason<'SUBJECT_DIGEST_STALE', { now: Digest }>
  | Reason<'CONFLICT_OF_INTEREST', { conflict: string }>
  | Reason<'STEP_UP_REQUIRED', { proof: Proof }>
  | Reason<'NOT_YET', { opensAt: EpochMs }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxUntil: EpochMs }>
  | Reason<
      | 'NO_CHARTER'
      | 'USE_CASE_NOT_TRIAGED'
      | 'PROHIBITED_PRACTICE'
      | 'LEGAL_CLASS_UNDETERMINED'
      | 'RELEASE_UNKNOWN'
      | 'CASE_ALREADY_OPEN'
      | 'REJECTED_RECENTLY'
      | 'OWNER_CONSENT_REQUIRED'
      | 'NOT_THE_CHAIR'
      | 'CASE_NOT_VOTING'
      | 'NOT_SEATED'
      | 'RATIONALE_REQUIRED'
      | 'ALREADY_VOTED_OTHER_SEAT'
      | 'CONDITIONS_DO_NOT_FIT'
      | 'CONDITION_DUE_IN_THE_PAST'
      | 'CONDITION_OWNER_ATTESTS'
      | 'NOTIFY_NOT_ENOUGH'
      | 'COMPENSATION_REQUIRED'
      | 'DEADLINE_PASSED'
      | 'DEADLINE_NOT_REACHED'
      | 'RULE_NOT_SATISFIED'
      | 'NOTHING_TO_REVOKE'
    >

/** Facts about a case that exists. */
export type Later = Exclude<Event, { readonly e: 'case.opened' }>

import type {
  CaseId,
  ConditionId,
  DecisionId,
  DeploymentId,
  Digest,
  Environment,
  EpochMs,
  LegalClass,
  OverrideId,
  StopId,
  SystemId,
  Tier,
  UseCaseId,
  WaiverId,
} from '../../kernel/index.ts'

/** The levels at which a stop takes hold, narrowest first. A stop holds for everything under its target. */
export const stopScopes = ['route', 'deployment', 'system', 'use_case', 'installation'] as const
export type StopScope = (typeof stopScopes)[number]

/** Reasons for which no emergency override exists. */
export const noOverrideReasons: readonly string[] = ['prohibited', 'key_compromise']

/**
 * Everything that the authorization of one release on one deployment depends on, as canonical JSON. Who has these
 * facts and an instant can recompute the authorization: issuer, gate, console and auditor do.
 */
export type AuthorizationFacts = {
  readonly schema: 1
  readonly tier: Tier
  readonly environment: Environment
  /** The release that would run: what the deployment is meant to run, or the one asked about. */
  readonly release: Digest
  readonly useCase: UseCaseFact
  readonly legal: { readonly class: LegalClass; readonly cleared: boolean }
  readonly system: { readonly id: SystemId; readonly state: 'registered' | 'retired' }
  readonly deployment: DeploymentFact
  /** Stops in force that cover the deployment, at whatever scope. */
  readonly stops: readonly StopFact[]
  readonly overrides: readonly OverrideFact[]
  readonly decisions: readonly DecisionFact[]
  readonly openCase: CaseId | null
  /** Conditions of the decisions above. */
  readonly conditions: readonly ConditionFact[]
  /** Waivers that the approval rests on. */
  readonly waivers: readonly WaiverFact[]
}

export type UseCaseFact = {
  readonly id: UseCaseId
  readonly state: 'draft' | 'submitted' | 'needs_info' | 'triaged' | 'duplicate' | 'withdrawn' | 'retired'
  readonly revision: Digest
  /** Earlier revisions from which the current one differs in no material way. */
  readonly sameAs: readonly Digest[]
}
export type DeploymentFact = {
  readonly id: DeploymentId
  readonly op: 'not_deployed' | 'shadow' | 'canary' | 'live' | 'quarantined' | 'retired'
  readonly desired: Digest | null
  readonly observed: Digest | 'unknown'
  /** Since when nothing is known of what runs; null while it is known or nothing runs. */
  readonly observedUnknownSince: EpochMs | null
  readonly epoch: number
}
export type StopFact = {
  readonly id: StopId
  readonly scope: StopScope
  readonly since: EpochMs
  readonly reasonCode: string
}
export type OverrideFact = {
  readonly id: OverrideId
  readonly deploymentId: DeploymentId
  readonly release: Digest
  readonly capabilities: readonly string[]
  readonly activatedAt: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}
export type DecisionFact = {
  readonly id: DecisionId
  readonly outcome: 'approved' | 'approved_with_conditions' | 'rejected'
  readonly useCaseRevision: Digest
  readonly release: Digest
  readonly environment: Environment
  readonly decidedAt: EpochMs
  readonly notBefore: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
  /** Releases to which the decision was extended after a minor change. */
  readonly extensions: readonly Digest[]
}
export type ConditionFact = {
  readonly id: ConditionId
  readonly decisionId: DecisionId
  readonly phase: 'before_deploy' | 'after_deploy'
  readonly due: EpochMs
  readonly onBreach: 'suspend' | 'shadow' | 'notify'
  readonly state: 'open' | 'met' | 'breached' | 'waived' | 'withdrawn'
}
export type WaiverFact = {
  readonly id: WaiverId
  readonly state: 'requested' | 'accepted' | 'refused' | 'revoked'
  readonly expiresAt: EpochMs
  /** False when what was accepted has changed since. */
  readonly current: boolean
  /** The condition that it stands for; null when it stands for a requirement or a check. */
  readonly conditionId: ConditionId | null
}

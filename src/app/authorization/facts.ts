import {
  deriveAuthorization,
  factsForRollout,
  unobservedUntil,
  waiver,
  type Authorization,
  type AuthorizationFacts,
  type ConditionFact,
  type DecisionFact,
  type OverrideFact,
  type StopFact,
  type WaiverFact,
} from '../../governance/authorization/index.ts'
import { useCase } from '../../governance/intake/index.ts'
import type { PolicySet } from '../../governance/policies/index.ts'
import { system } from '../../governance/registry/index.ts'
import { digestOf, type DeploymentId, type Digest, type EpochMs, type WaiverId } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { committed, evaluateAt } from '../requirements.ts'
import { readAuthorizationRows, type AuthorizationRows } from './rows.ts'

/** One deployment, what it is judged by, and the answer. */
export type Judged = {
  readonly rows: AuthorizationRows
  readonly facts: AuthorizationFacts
  readonly authorization: Authorization
  /** When the place counts as running something else, since it does not tell what it runs. */
  readonly observeBy: EpochMs | null
}

/** Who asks: about what runs or is meant to run, or about rolling out a release. */
export type Question = { readonly rollout?: Digest }

/**
 * Derives the authorization of a deployment at the database's time. Null when there is no such deployment. Without a
 * roll-out it is about the release that shall run, else about the one that was approved last.
 */
export async function judge(
  query: Query,
  policies: PolicySet,
  id: DeploymentId,
  question: Question = {},
): Promise<Judged | null> {
  const rows = await readAuthorizationRows(query, id)
  return rows === null ? null : judgeRows(query, policies, rows, question)
}

/** The same for a deployment that has been read already. */
export async function judgeRows(
  query: Query,
  policies: PolicySet,
  rows: AuthorizationRows,
  { rollout }: Question = {},
): Promise<Judged> {
  const { now, deployment } = rows
  const { id } = deployment
  const release = rollout ?? deployment.desired ?? lastApproved(rows) ?? digestOf({ nothing: id })
  const facts = await factsFrom(query, policies, rows, release)
  const asked = rollout === undefined ? facts : factsForRollout(facts, rollout, now)
  return {
    rows,
    facts: asked,
    authorization: deriveAuthorization(asked, now),
    observeBy: unobservedUntil(asked),
  }
}

async function factsFrom(
  query: Query,
  policies: PolicySet,
  rows: AuthorizationRows,
  release: Digest,
): Promise<AuthorizationFacts> {
  const { now, deployment, useCase: record, system: ai } = rows
  const { id, op, desired, observed, observedUnknownSince, environment } = deployment
  return {
    schema: 1,
    tier: useCase.effectiveTier(record, now),
    environment,
    release,
    useCase: {
      id: record.id,
      state: record.s,
      revision: record.inForce?.revisionDigest ?? digestOf({ never: record.id }),
      sameAs: record.inForce?.sameAs ?? [],
    },
    legal: useCase.legalOf(record),
    system: { id: ai.id, state: ai.s },
    deployment: { id, op, desired, observed, observedUnknownSince, epoch: rows.epoch },
    stops: rows.stops.flatMap(({ target, stops }) =>
      stops.map(
        ({ id: stopId, since, reasonCode }): StopFact => ({
          id: stopId,
          scope: target.scope,
          since,
          reasonCode,
        }),
      ),
    ),
    overrides: rows.overrides.flatMap(overrideFact),
    decisions: rows.decided.flatMap((decided): DecisionFact[] => {
      const { decision } = decided
      if (decision === null) return []
      const { id: decisionId, outcome, subject, decidedAt, notBefore, expiresAt, revoked } = decision
      return [
        {
          id: decisionId,
          outcome,
          useCaseRevision: subject.useCaseRevision,
          release: subject.release,
          environment: subject.environment,
          decidedAt,
          notBefore,
          expiresAt,
          revoked,
          extensions: system.extensionsOf(ai, decisionId),
        },
      ]
    }),
    openCase: rows.openCase,
    conditions: rows.conditions.flatMap((state): ConditionFact[] => {
      if (state.s === 'absent') return []
      const { id: conditionId, decisionId, phase, due, onBreach } = state.terms
      return [{ id: conditionId, decisionId, phase, due, onBreach, state: state.s }]
    }),
    waivers: await waiverFacts(query, policies, rows, release, now),
  }
}

function overrideFact(state: AuthorizationRows['overrides'][number]): OverrideFact[] {
  if (state.s !== 'active' && state.s !== 'revoked') return []
  const { overrideId: id, deploymentId, release, capabilities } = state.terms
  const { activatedAt, expiresAt } = state
  return [{ id, deploymentId, release, capabilities, activatedAt, expiresAt, revoked: state.s === 'revoked' }]
}

/**
 * The waivers that the newest approval of `release` rests on: one for each requirement that was waived when it was
 * decided and is still not met by itself, and those of conditions.
 */
async function waiverFacts(
  query: Query,
  policies: PolicySet,
  rows: AuthorizationRows,
  release: Digest,
  now: EpochMs,
): Promise<readonly WaiverFact[]> {
  const forConditions = rows.waivers.flatMap(({ id, state }): WaiverFact[] => {
    const standing = waiver.standingOf(state)
    if (standing === null || standing.terms.subject.k !== 'condition') return []
    const { id: conditionId } = standing.terms.subject
    const { s, expiresAt } = standing
    return [{ id: id as WaiverId, state: s, expiresAt, current: true, conditionId }] // its own key
  })
  const newest = rows.decided
    .filter(({ subject }) => subject.release === release)
    .toSorted((a, b) => (a.decision?.decidedAt ?? 0) - (b.decision?.decidedAt ?? 0))
    .at(-1)
  const waived = newest?.requirements.filter(({ status }) => status === 'waived') ?? []
  if (newest === undefined || waived.length === 0) return forConditions
  const { useCaseId, useCaseRevision, environment } = newest.subject
  const place = {
    useCaseId,
    useCaseRevision,
    release,
    environment,
    tier: newest.tier,
    triggered: rows.useCase.reviews,
  }
  const { results } = await evaluateAt(committed(query), policies, place, now)
  const needed = waived.flatMap(({ id }): WaiverFact[] => {
    if (results.find((result) => result.id === id)?.status === 'met') return []
    const candidates = rows.waivers.filter(({ state }) => 'terms' in state && state.terms.subject.id === id)
    const held =
      candidates.find(({ state }) => now < (waiver.standingOf(state)?.expiresAt ?? now)) ?? candidates[0]
    if (held === undefined) return []
    const standing = waiver.standingOf(held.state)
    const isCurrent = results.find((result) => result.id === id)?.status === 'waived'
    return [
      {
        id: held.id as WaiverId, // its own key
        state: standing?.s ?? 'revoked',
        expiresAt: standing?.expiresAt ?? now,
        current: isCurrent,
        conditionId: null,
      },
    ]
  })
  return [...forConditions, ...needed]
}

function lastApproved(rows: AuthorizationRows): Digest | null {
  const approved = rows.decided
    .filter(({ decision }) => decision !== null && decision.outcome !== 'rejected')
    .toSorted((a, b) => (a.decision?.decidedAt ?? 0) - (b.decision?.decidedAt ?? 0))
  return approved.at(-1)?.subject.release ?? null
}

import { override } from '../../governance/authorization/index.ts'
import { addBusinessDays } from '../../governance/committee/index.ts'
import { hasRole, type person } from '../../governance/people/index.ts'
import {
  AppError,
  type DeploymentId,
  type Digest,
  type Fn,
  type OverrideId,
  type UserId,
} from '../../kernel/index.ts'
import { functionsHeld } from '../access.ts'
import { overrides } from '../aggregates/authorization.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { boundIssuer } from '../identity/bound-proof.ts'
import type { IdentityPorts } from '../identity/ports.ts'
import { requireLedger } from '../ledger-health.ts'
import { holdPolicies, policiesInForce } from '../policies/in-force.ts'
import { useCaseFor } from '../use-case-facts.ts'
import { judge } from './facts.ts'

export type OverridePorts = Pick<IdentityPorts, keyof CommandPorts | 'query' | 'passkeys'>

export type NewOverride = {
  /** Chosen by the caller, since the document that the passkey signs names it. */
  readonly id: OverrideId
  readonly deploymentId: DeploymentId
  readonly release: Digest
  readonly capabilities: readonly string[]
  readonly incidentId: string
  readonly lifetimeHours: number
  readonly reason: string
  readonly fn: Fn
  readonly assertion?: unknown
}

/** Asks for an emergency override. It does nothing until a second person of another function seconds it. */
export async function requestOverride(
  ports: OverridePorts,
  issuer: Issuer,
  input: NewOverride,
): Promise<{ readonly id: OverrideId }> {
  const { id, deploymentId, release, capabilities, incidentId, lifetimeHours, reason, fn, assertion } = input
  const judged = await judge(ports.query, await policiesInForce(ports.query), deploymentId)
  if (judged === null) throw new AppError('NOT_FOUND', 'there is no such deployment')
  const terms: override.Terms = {
    overrideId: id,
    deploymentId,
    release,
    tier: judged.facts.tier,
    capabilities: [...new Set(capabilities)].sort(),
    incidentId,
    lifetimeHours,
  }
  const proven = await boundIssuer(ports, issuer, override.overrideDocument(terms, 'request'), assertion)
  return runCommand(ports, proven, async (work) => {
    await requireAtDeployment(work, deploymentId, 'override.request')
    const command = { c: 'request', terms, sealed: { reason } } as const
    await work.apply(overrides, id, command, await contextOf(work, terms, fn))
    return { id }
  })
}

export type OverrideCommand =
  | { readonly c: 'second' | 'renew'; readonly fn: Fn; readonly assertion?: unknown }
  | { readonly c: 'revoke' }
  | { readonly c: 'review'; readonly outcome: override.ReviewOutcome; readonly text: string }

const permissionFor = {
  second: 'override.second',
  renew: 'override.second',
  revoke: 'stop.order',
  review: 'override.review',
} as const

/** Seconds, renews, revokes or reviews an override. */
export async function commandOverride(
  ports: OverridePorts,
  issuer: Issuer,
  id: OverrideId,
  command: OverrideCommand,
): Promise<void> {
  const terms = await termsOf(ports, id)
  const proven =
    command.c === 'second' || command.c === 'renew'
      ? await boundIssuer(ports, issuer, override.overrideDocument(terms, command.c), command.assertion)
      : issuer
  return runCommand(ports, proven, async (work) => {
    await requireAtDeployment(work, terms.deploymentId, permissionFor[command.c])
    if (command.c === 'second' || command.c === 'renew') await requireLedger(work)
    const fn = 'fn' in command ? command.fn : null
    const decided: override.Command =
      command.c === 'review'
        ? { c: 'review', outcome: command.outcome, sealed: { text: command.text } }
        : { c: command.c }
    await work.apply(overrides, id, decided, await contextOf(work, terms, fn))
  })
}

async function termsOf(ports: OverridePorts, id: OverrideId): Promise<override.Terms> {
  const [row] = await ports.query<{ state: override.State }>('select state from streams where stream = $1', [
    `override/${id}`,
  ])
  if (row === undefined || !('terms' in row.state)) throw new AppError('NOT_FOUND')
  return row.state.terms
}

async function requireAtDeployment(
  work: Work,
  id: DeploymentId,
  permission: 'override.request' | 'override.second' | 'override.review' | 'stop.order',
): Promise<void> {
  const [row] = await work.tx.query<{ useCaseId: Parameters<typeof useCaseFor>[1] }>(
    'select use_case_id as "useCaseId" from deployments where id = $1',
    [id],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  await useCaseFor(work, row.useCaseId, permission)
}

async function contextOf(work: Work, terms: override.Terms, fn: Fn | null): Promise<override.Context> {
  const who = personOf(work.issuer)
  if (who === null) throw new AppError('FORBIDDEN', 'only people override')
  const held = functionsHeld(work.issuer.authority, work.now)
  const isCommander = (id: UserId) => commanders.has(id)
  const commanders = await incidentCommanders(work)
  // An incident commander without a seat acts for security operations. Who only ends something acts for no function.
  if (fn !== null && !held.includes(fn) && !(fn === 'security' && isCommander(who)))
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'FUNCTION_REQUIRED', params: { fn } }] })
  const policies = await holdPolicies(work)
  const judged = await judge((sql, params) => work.tx.query(sql, params), policies, terms.deploymentId)
  if (judged === null) throw new AppError('NOT_FOUND')
  const { rows, facts } = judged
  const [overdue] = await work.tx.query<{ yes: boolean }>(
    `select exists (select 1 from overrides where state in ('active', 'revoked') and review_due_at <= clock_timestamp()) as yes`,
  )
  return {
    now: work.now,
    person: who,
    fn: fn ?? held[0] ?? 'security',
    isIncidentCommander: isCommander,
    authn: work.issuer.authn,
    onceApproved: rows.decided.some(
      ({ decision, subject }) =>
        subject.release === terms.release && decision !== null && decision.outcome !== 'rejected',
    ),
    stopReasons: facts.stops.map(({ reasonCode }) => reasonCode),
    prohibited: facts.legal.class === 'prohibited' && !facts.legal.cleared,
    facilityDisabled: overdue?.yes ?? true, // what cannot be read disables
    reviewDue: addBusinessDays(policies.calendar, work.now, 5),
  }
}

async function incidentCommanders(work: Work): Promise<ReadonlySet<UserId>> {
  const rows = await work.tx.query<{ state: person.State }>(
    `select state from streams where kind = 'person' and state -> 'grants' @> '[{"role":"incident_commander"}]'`,
  )
  return new Set(
    rows.flatMap(({ state }) =>
      state.s === 'active' && hasRole(state.grants, 'incident_commander', work.now) ? [state.id] : [],
    ),
  )
}

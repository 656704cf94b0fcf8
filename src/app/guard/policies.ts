import { guardPolicy } from '../../governance/guard/index.ts'
import {
  guardPolicyDigest,
  guardPolicyDocument,
  type AllowEntry,
  type GuardPolicy,
} from '../../guard/policy/document.ts'
import { compareStrictness } from '../../guard/policy/strictness.ts'
import { AppError, type DeploymentId, type EpochMs } from '../../kernel/index.ts'
import { requireEverywhere } from '../access.ts'
import { guardAllowances, guardPolicies, guardPolicyId } from '../aggregates/guard.ts'
import { databaseNow } from '../clock.ts'
import { personOf, runCommand, systemIssuer, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { GuardPorts } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'
import { placeOfDeployment, requireAtPlace } from '../route-place.ts'
import { effectFacts, effectOf } from './effect.ts'
import {
  policyFor,
  policyInForce,
  policyOfVersion,
  shipped,
  subjectOf,
  type PolicyTerms,
} from './policy-subject.ts'
import { withProposal, type Proposal } from './proposal.ts'

export type GuardPolicyPorts = CommandPorts & GuardPorts & { readonly query: Query }

/** Writes the draft: the one that is there, or that of a next version. */
export function draftGuardPolicy(
  ports: GuardPolicyPorts,
  issuer: Issuer,
  { terms, revision }: { readonly terms: PolicyTerms; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { rev } = await work.load(guardPolicies, guardPolicyId)
    work.expect(rev, revision)
    await draft(ports, work, policyFor(ports.guardGround, terms))
  })
}

/**
 * Adds one change to the draft, or begins one from what is in force. Returns the version of the draft. Who answers for one
 * deployment may propose there; what concerns all of them takes a role for the organisation.
 */
export function proposeChange(ports: GuardPolicyPorts, issuer: Issuer, proposal: Proposal): Promise<number> {
  return runCommand(ports, issuer, async (work) => {
    const query = queryOf(work)
    await requireProposer(query, work, proposal)
    const { state } = await work.load(guardPolicies, guardPolicyId)
    const last = state.versions.at(-1)
    const from =
      last?.s === 'draft'
        ? await policyOfVersion(query, last.version)
        : (await policyInForce(query, ports.guardGround)).policy
    if (from === null) throw new Error('the draft has no policy')
    const after = await draft(
      ports,
      work,
      policyFor(ports.guardGround, withProposal(from, proposal, work.now)),
    )
    return after.versions.at(-1)?.version ?? 0
  })
}

/** Gives up the draft. It stays in the ledger. */
export function discardGuardPolicyDraft(ports: GuardPolicyPorts, issuer: Issuer): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await loaded(work)
    await work.apply(guardPolicies, guardPolicyId, { c: 'discard' }, contextOf(ports, work))
  })
}

/** Computes what the draft would change, fixes it, and begins to read by it beside every call. */
export async function shadowGuardPolicy(
  ports: GuardPolicyPorts,
  issuer: Issuer,
  { revision }: { readonly revision?: number },
): Promise<void> {
  const { guardGround: ground, query } = ports
  const read = await draftIn(query)
  const effect =
    read === null
      ? null
      : await effectOf(
          ports,
          { before: (await policyInForce(query, ground)).policy, after: read },
          { visibility: everything, now: await databaseNow(query) },
        )
  await runCommand(ports, issuer, async (work) => {
    const { rev } = await loaded(work)
    work.expect(rev, revision)
    const policy = await draftIn(queryOf(work))
    // What was computed for another draft says nothing of this one.
    const isSame = read !== null && policy !== null && guardPolicyDigest(read) === guardPolicyDigest(policy)
    const facts = effect !== null && isSame ? effectFacts(effect) : null
    const subject =
      policy === null
        ? null
        : await subjectOf(queryOf(work), ground, policy, { now: work.now, effect: facts })
    await work.apply(guardPolicies, guardPolicyId, { c: 'shadow' }, { ...contextOf(ports, work), subject })
  })
}

/** Puts a version that stood in shadow in force. It takes somebody who did not write in it. */
export function activateGuardPolicy(
  ports: GuardPolicyPorts,
  issuer: Issuer,
  { version, differences }: { readonly version: number; readonly differences: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await loaded(work)
    const query = queryOf(work)
    const policy = await policyOfVersion(query, version)
    const subject =
      policy === null
        ? null
        : await subjectOf(query, ports.guardGround, policy, { now: work.now, effect: null })
    const shadow = await shadowOf(query, subject?.digest ?? null)
    const context = { ...contextOf(ports, work), subject, shadow }
    await work.apply(guardPolicies, guardPolicyId, { c: 'activate', version, differences }, context)
    await follow(work, version, policy?.allow ?? [])
  })
}

/** Puts the draft in force at once; one person may where nothing becomes weaker. */
export function tightenGuardPolicy(
  ports: GuardPolicyPorts,
  issuer: Issuer,
  { revision }: { readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { rev, state } = await loaded(work)
    work.expect(rev, revision)
    const query = queryOf(work)
    const policy = await draftIn(query)
    const subject =
      policy === null
        ? null
        : await subjectOf(query, ports.guardGround, policy, { now: work.now, effect: null })
    await work.apply(guardPolicies, guardPolicyId, { c: 'tighten' }, { ...contextOf(ports, work), subject })
    await follow(work, state.versions.at(-1)?.version ?? 0, policy?.allow ?? [])
  })
}

/** Ends a version. After the one in force what ships is in force, as long as that is not weaker. */
export function retireGuardPolicy(ports: GuardPolicyPorts, issuer: Issuer, version: number): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await loaded(work)
    const policy = await policyOfVersion(queryOf(work), version)
    const retiring =
      policy === null
        ? 'incomparable'
        : compareStrictness(policyFor(ports.guardGround, policy), shipped(ports.guardGround))
    const context = { ...contextOf(ports, work), retiring }
    const wasActive = guardPolicy.activeOf(state)?.version === version
    await work.apply(guardPolicies, guardPolicyId, { c: 'retire', version }, context)
    if (wasActive) await follow(work, version, [])
  })
}

/** Tells those who answer for deployments which texts no longer pass because their time is over. Returns how many. */
export async function tellOverAllowances(ports: GuardPolicyPorts): Promise<number> {
  const due = await ports.query<{ deployment: DeploymentId }>(
    'select distinct deployment_id as deployment from guard_allowances where until_at <= now() limit 100',
  )
  const issuer = systemIssuer('timer', await databaseNow(ports.query))
  let told = 0
  for (const { deployment } of due)
    told += await runCommand(ports, issuer, async (work) => {
      const context = { now: work.now, actor: issuer.actor, deploymentId: deployment }
      const { events } = await work.apply(guardAllowances, deployment, { c: 'expire' }, context)
      return events.length
    })
  return told
}

async function requireProposer(query: Query, { issuer, now }: Work, proposal: Proposal): Promise<void> {
  if (proposal.k === 'offset') return requireEverywhere(issuer.authority, 'guardPolicy.write', now)
  const caller = { authority: issuer.authority, person: personOf(issuer) }
  const place = await placeOfDeployment(query, proposal.entry.deployment)
  await requireAtPlace(query, caller, ['guardPolicy.write'], place, now)
}

async function draft(ports: GuardPolicyPorts, work: Work, policy: GuardPolicy): Promise<guardPolicy.State> {
  const subject = await subjectOf(queryOf(work), ports.guardGround, policy, { now: work.now, effect: null })
  const context = { ...contextOf(ports, work), subject }
  return (await work.apply(guardPolicies, guardPolicyId, { c: 'draft' }, context)).state
}

/** Tells each deployment what passes there from now on. */
async function follow(work: Work, version: number, allow: readonly AllowEntry[]): Promise<void> {
  const known = await work.tx.query<{ id: DeploymentId }>(
    'select distinct deployment_id as id from guard_allowances',
  )
  const places = new Set([...known.map(({ id }) => id), ...allow.map(({ deployment }) => deployment)])
  for (const deploymentId of [...places].toSorted()) {
    const entries = allow
      .filter(({ deployment }) => deployment === deploymentId)
      .map(({ channel, rule, window, until }) => ({ channel, rule, window, until }))
    const context = { now: work.now, actor: work.issuer.actor, deploymentId }
    await work.apply(guardAllowances, deploymentId, { c: 'follow', version, entries }, context)
  }
}

async function loaded(work: Work) {
  const found = await work.load(guardPolicies, guardPolicyId)
  if (found.rev === 0) throw new AppError('NOT_FOUND')
  return found
}

async function draftIn(query: Query): Promise<GuardPolicy | null> {
  const [row] = await query<{ policy: unknown }>(`select policy from guard_policies where stage = 'draft'`)
  return row === undefined ? null : guardPolicyDocument.parse(row.policy)
}

async function shadowOf(query: Query, digest: string | null): Promise<guardPolicy.Context['shadow']> {
  const [row] = await query<{ requests: number; differences: number }>(
    `select coalesce(sum(n) filter (where rule = ''), 0)::bigint as requests,
       coalesce(sum(n) filter (where rule <> ''), 0)::bigint as differences
     from guard_shadow_tallies where digest = $1`,
    [digest],
  )
  return row ?? { requests: 0, differences: 0 }
}

function contextOf(
  { guardGround, guardShadow }: GuardPolicyPorts,
  { now, issuer }: { readonly now: EpochMs; readonly issuer: Issuer },
) {
  return {
    now,
    actor: issuer.actor,
    subject: null,
    ground: guardGround.digest,
    shadow: { requests: 0, differences: 0 },
    least: guardShadow,
    retiring: 'incomparable' as const,
  }
}

const everything = { all: true, units: [], useCases: [], person: null } as const

function queryOf(work: Work): Query {
  return (sql, params) => work.tx.query(sql, params)
}

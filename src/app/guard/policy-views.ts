import type { guardPolicy } from '../../governance/guard/index.ts'
import { policyChanges, type PolicyChange } from '../../guard/policy/changes.ts'
import { guardPolicyDocument, type GuardPolicy } from '../../guard/policy/document.ts'
import { compareStrictness, type Strictness } from '../../guard/policy/strictness.ts'
import {
  AppError,
  epochMs,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type JsonObject,
  type RecordId,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import { guardPolicyId } from '../aggregates/guard.ts'
import type { GuardGround } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { effectOf, type Effect } from './effect.ts'
import { policyInForce, policyOfVersion, shipped } from './policy-subject.ts'

/** One version as lists show it. */
export type GuardPolicyVersion = {
  readonly version: number
  readonly stage: guardPolicy.Stage
  readonly digest: Digest | null
  readonly draftedBy: string
  readonly draftedAt: EpochMs
  readonly shadowedBy: string | null
  readonly shadowedAt: EpochMs | null
  readonly activatedBy: string | null
  readonly activatedAt: EpochMs | null
  readonly strictness: Strictness | null
  readonly retiredAt: EpochMs | null
  readonly replacedBy: number | null
  /** Deployments whose release names it, and which therefore keep it. */
  readonly deployments: number
  readonly rulesOff: number
  readonly allowed: number
  /** Calls that it was read beside while in shadow, and differences in them. */
  readonly shadowCalls: number
  readonly differences: number
}

export type GuardPolicyRecord = GuardPolicyVersion & {
  /** Of the document, for `If-Match`. */
  readonly revision: number
  readonly policy: GuardPolicy
  /** Whether it was written for other detectors than are in place. */
  readonly isForOthers: boolean
  /** What was computed before it went into shadow; null of a draft. */
  readonly effect: JsonObject | null
  readonly differing: readonly ShadowDifference[]
}

/** How often a rule would have led to something else at a deployment. */
export type ShadowDifference = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly rule: string
  readonly channel: string
  readonly outcome: string
  readonly shadowOutcome: string
  readonly calls: number
  readonly lastAt: EpochMs
  readonly lastRecord: RecordId
}

type Instants = 'draftedAt' | 'shadowedAt' | 'activatedAt' | 'retiredAt'
type Stored = Omit<GuardPolicyVersion, Instants> & {
  readonly draftedAt: number
  readonly shadowedAt: number | null
  readonly activatedAt: number | null
  readonly retiredAt: number | null
}

/** The newest versions first, and the revision of the document. */
export async function listGuardPolicies(
  query: Query,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<{ readonly revision: number; readonly versions: readonly GuardPolicyVersion[] }> {
  const rows = await query<Stored>(
    `${versionSql} where $1::integer is null or p.version < $1 order by p.version desc limit $2`,
    [before, limit],
  )
  return { revision: await revisionOf(query), versions: rows.map(versionOf) }
}

/** One version, whole, with the differences that the reader may see. `NOT_FOUND` where there is none. */
export async function readGuardPolicy(
  query: Query,
  ground: GuardGround,
  visibility: Visibility,
  version: number,
): Promise<GuardPolicyRecord> {
  const [row] = await query<Stored & { policy: unknown; effect: JsonObject | null }>(
    `select v.*, p.policy, p.effect from (${versionSql}) v join guard_policies p on p.version = v.version
     where v.version = $1`,
    [version],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { policy: stored, effect, ...rest } = row
  const policy = guardPolicyDocument.parse(stored)
  return {
    ...versionOf(rest),
    revision: await revisionOf(query),
    policy,
    isForOthers: policy.model !== ground.model || policy.rules !== ground.rules,
    effect,
    differing: await differencesOf(query, visibility, row.digest),
  }
}

/** What changed from a version to another; null as `from`: from what is in force, 0: from what ships. */
export async function diffGuardPolicies(
  query: Query,
  ground: GuardGround,
  { from, to }: { readonly from: number | null; readonly to: number },
): Promise<{ readonly changes: readonly PolicyChange[]; readonly strictness: Strictness }> {
  const [before, after] = [await policyNamed(query, ground, from), await policyOfVersion(query, to)]
  if (before === null || after === null) throw new AppError('NOT_FOUND')
  return { changes: policyChanges(before, after), strictness: compareStrictness(before, after) }
}

/** What a version would change of what is in force, as the reader may see it. */
export async function effectOfVersion(
  ports: { readonly query: Query; readonly guardGround: GuardGround },
  version: number,
  reader: { readonly visibility: Visibility; readonly now: EpochMs },
): Promise<Effect> {
  const after = await policyOfVersion(ports.query, version)
  if (after === null) throw new AppError('NOT_FOUND')
  const { policy: before } = await policyInForce(ports.query, ports.guardGround)
  return effectOf(ports, { before, after }, reader)
}

async function policyNamed(
  query: Query,
  ground: GuardGround,
  version: number | null,
): Promise<GuardPolicy | null> {
  if (version === null) return (await policyInForce(query, ground)).policy
  return version === 0 ? shipped(ground) : policyOfVersion(query, version)
}

async function revisionOf(query: Query): Promise<number> {
  const [row] = await query<{ rev: number }>('select rev from streams where stream = $1', [
    `guardPolicy/${guardPolicyId}`,
  ])
  return row?.rev ?? 0
}

async function differencesOf(
  query: Query,
  visibility: Visibility,
  digest: Digest | null,
): Promise<readonly ShadowDifference[]> {
  const rows = await query<ShadowDifference & { lastAt: number }>(
    `select t.deployment_id as "deploymentId", u.title, t.rule, t.channel, t.outcome, t.shadow_outcome as "shadowOutcome",
       sum(t.n)::bigint as calls, ${millis('max(t.last_at)')} as "lastAt", max(t.last_record) as "lastRecord"
     from guard_shadow_tallies t join deployments d on d.id = t.deployment_id join use_cases u on u.id = d.use_case_id
     where t.digest = $2 and t.rule <> '' and ${visibleSql('u', 1)}
     group by 1, 2, 3, 4, 5, 6 order by calls desc, t.deployment_id, t.rule limit 200`,
    [JSON.stringify(visibility), digest],
  )
  return rows.map((row) => ({ ...row, lastAt: epochMs(row.lastAt) }))
}

function versionOf({ draftedAt, shadowedAt, activatedAt, retiredAt, ...row }: Stored): GuardPolicyVersion {
  const at = (ms: number | null) => (ms === null ? null : epochMs(ms))
  return {
    ...row,
    draftedAt: epochMs(draftedAt),
    shadowedAt: at(shadowedAt),
    activatedAt: at(activatedAt),
    retiredAt: at(retiredAt),
  }
}

const versionSql = `
  select p.version, p.stage, p.digest, p.drafted_by as "draftedBy", ${millis('p.drafted_at')} as "draftedAt",
    p.shadowed_by as "shadowedBy", ${millis('p.shadowed_at')} as "shadowedAt", p.activated_by as "activatedBy",
    ${millis('p.activated_at')} as "activatedAt", p.strictness, ${millis('p.retired_at')} as "retiredAt",
    p.replaced_by as "replacedBy", jsonb_array_length(p.policy -> 'off') as "rulesOff",
    jsonb_array_length(p.policy -> 'allow') as allowed,
    (select count(*) from deployments d join releases r on r.digest = d.desired
       where d.op <> 'retired' and r.manifest ->> 'guardPolicy' = p.digest)::int as deployments,
    (select coalesce(sum(t.n), 0) from guard_shadow_tallies t where t.digest = p.digest and t.rule = '')::bigint as "shadowCalls",
    (select coalesce(sum(t.n), 0) from guard_shadow_tallies t where t.digest = p.digest and t.rule <> '')::bigint as differences
  from guard_policies p`

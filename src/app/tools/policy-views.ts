import type { toolPolicy } from '../../governance/tools/index.ts'
import type { PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import { readsArguments } from '../../guard/tools/replay.ts'
import {
  AppError,
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type RecordId,
} from '../../kernel/index.ts'
import { lineDiff, type DiffLine } from '../../kernel/line-diff.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { Query } from '../ports/query.ts'
import type { ShippedToolPolicy } from '../ports/shipped-tool-policies.ts'
import { millis } from '../sql.ts'

/** One version as lists show it. What ships is active and has no author. */
export type ToolPolicyVersion = {
  readonly key: string
  readonly version: number
  readonly origin: 'shipped' | 'own'
  readonly stage: toolPolicy.Stage
  readonly digest: Digest | null
  readonly draftedBy: string | null
  readonly publishedBy: string | null
  readonly publishedAt: EpochMs | null
  readonly activatedBy: string | null
  readonly activatedAt: EpochMs | null
  readonly retiredAt: EpochMs | null
  /** Deployments whose release names it. */
  readonly deployments: number
  /** Calls that it was decided beside while in shadow, and those that it would have decided otherwise. */
  readonly shadowCalls: number
  readonly differences: number
}

export type ToolPolicyRecord = ToolPolicyVersion & {
  /** Of the document, for `If-Match`; 0 for what ships. */
  readonly revision: number
  readonly text: string
  readonly args: string
  /** Ids of its policies, and which of them read arguments; empty for a draft. */
  readonly policies: readonly {
    readonly id: string
    readonly effect: string
    readonly readsArguments: boolean
  }[]
  readonly differing: readonly ShadowDifference[]
}

/** How often one tool of a deployment would have been decided otherwise. */
export type ShadowDifference = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly environment: Environment
  readonly toolId: string
  readonly outcome: string
  readonly shadowOutcome: string
  readonly calls: number
  readonly lastAt: EpochMs
  readonly lastRecord: RecordId
}

type Stored = Omit<ToolPolicyVersion, 'origin' | 'publishedAt' | 'activatedAt' | 'retiredAt'> & {
  readonly publishedAt: number | null
  readonly activatedAt: number | null
  readonly retiredAt: number | null
}

/** All versions, those that ship first, then by key, the newest first. */
export async function listToolPolicies(
  query: Query,
  shipped: readonly ShippedToolPolicy[],
): Promise<readonly ToolPolicyVersion[]> {
  const own = await query<Stored>(`${versionSql} order by p.key, p.version desc`)
  return [...(await shippedVersions(query, shipped)), ...own.map(versionOf)]
}

/** One version, whole, with the differences that the reader may see. `NOT_FOUND` where there is none. */
export async function readToolPolicy(
  query: Query,
  shipped: readonly ShippedToolPolicy[],
  visibility: Visibility,
  { key, version }: { readonly key: string; readonly version: number },
): Promise<ToolPolicyRecord> {
  const found = shipped.find((item) => item.key === key && item.version === version)
  if (found !== undefined) {
    const [row] = await shippedVersions(query, [found])
    if (row === undefined) throw new AppError('NOT_FOUND')
    const { text, policies } = found
    return { ...row, revision: 0, text, args: '{}', policies: policiesIn(policies), differing: [] }
  }
  const [row] = await query<
    Stored & { text: string; args: string; policies: PolicyDocuments | null; revision: number }
  >(
    `select v.*, p.text, p.args, p.policies, s.rev as revision from (${versionSql}) v
       join tool_policies p on p.key = v.key and p.version = v.version
       join streams s on s.stream = 'toolPolicy/' || p.key
     where p.key = $1 and p.version = $2`,
    [key, version],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { text, args, policies, revision, ...stored } = row
  return {
    ...versionOf(stored),
    revision,
    text,
    args,
    policies: policiesIn(policies ?? {}),
    differing: await differencesOf(query, visibility, row.digest),
  }
}

/** What changed from one version to another, line by line, with the types of the arguments on top. */
export async function diffToolPolicies(
  query: Query,
  shipped: readonly ShippedToolPolicy[],
  from: { readonly key: string; readonly version: number },
  to: { readonly key: string; readonly version: number },
): Promise<readonly DiffLine[]> {
  const nobody: Visibility = { all: false, units: [], useCases: [], person: null }
  const textOf = async (place: typeof from) => {
    const { text, args } = await readToolPolicy(query, shipped, nobody, place)
    return `type Args = ${args};\n\n${text}`
  }
  return lineDiff(await textOf(from), await textOf(to))
}

async function shippedVersions(
  query: Query,
  shipped: readonly ShippedToolPolicy[],
): Promise<readonly ToolPolicyVersion[]> {
  const uses = await query<{ digest: Digest; n: number }>(
    `select r.manifest ->> 'toolPolicy' as digest, count(*)::int as n from deployments d join releases r on r.digest = d.desired
     where d.op <> 'retired' and r.manifest ->> 'toolPolicy' = any($1) group by 1`,
    [shipped.map(({ digest }) => digest)],
  )
  return shipped.map(({ key, version, digest }) => ({
    key,
    version,
    digest,
    origin: 'shipped',
    stage: 'active',
    draftedBy: null,
    publishedBy: null,
    publishedAt: null,
    activatedBy: null,
    activatedAt: null,
    retiredAt: null,
    deployments: uses.find((use) => use.digest === digest)?.n ?? 0,
    shadowCalls: 0,
    differences: 0,
  }))
}

async function differencesOf(
  query: Query,
  visibility: Visibility,
  digest: Digest | null,
): Promise<readonly ShadowDifference[]> {
  const rows = await query<ShadowDifference & { lastAt: number }>(
    `select t.deployment_id as "deploymentId", u.title, d.environment, t.tool_id as "toolId", t.outcome,
       t.shadow_outcome as "shadowOutcome", sum(t.n)::bigint as calls, ${millis('max(t.last_at)')} as "lastAt",
       max(t.last_record) as "lastRecord"
     from shadow_tallies t join deployments d on d.id = t.deployment_id join use_cases u on u.id = d.use_case_id
     where t.digest = $2 and t.outcome <> t.shadow_outcome and ${visibleSql('u', 1)}
     group by 1, 2, 3, 4, 5, 6 order by calls desc, t.deployment_id, t.tool_id limit 200`,
    [JSON.stringify(visibility), digest],
  )
  return rows.map((row) => ({ ...row, lastAt: epochMs(row.lastAt) }))
}

function policiesIn(policies: PolicyDocuments): ToolPolicyRecord['policies'] {
  return Object.entries(policies).map(([id, policy]) => ({
    id,
    effect: (policy as { readonly effect: string }).effect, // the engine made it
    readsArguments: readsArguments(policy),
  }))
}

function versionOf({ publishedAt, activatedAt, retiredAt, ...row }: Stored): ToolPolicyVersion {
  const at = (ms: number | null) => (ms === null ? null : epochMs(ms))
  return {
    ...row,
    origin: 'own',
    publishedAt: at(publishedAt),
    activatedAt: at(activatedAt),
    retiredAt: at(retiredAt),
  }
}

const versionSql = `
  select p.key, p.version, p.stage, p.digest, p.drafted_by as "draftedBy", p.published_by as "publishedBy",
    ${millis('p.published_at')} as "publishedAt", p.activated_by as "activatedBy", ${millis('p.activated_at')} as "activatedAt",
    ${millis('p.retired_at')} as "retiredAt",
    (select count(*) from deployments d join releases r on r.digest = d.desired
       where d.op <> 'retired' and r.manifest ->> 'toolPolicy' = p.digest)::int as deployments,
    (select coalesce(sum(t.n), 0) from shadow_tallies t where t.digest = p.digest)::bigint as "shadowCalls",
    (select coalesce(sum(t.n), 0) from shadow_tallies t where t.digest = p.digest
       and t.outcome <> t.shadow_outcome)::bigint as differences
  from tool_policies p`

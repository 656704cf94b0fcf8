import { scopeNamedBy, type GrantScope } from '../../governance/authorization/index.ts'
import type { PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import { toolOutcomes, type ToolReason } from '../../guard/tools/decide.ts'
import { replayOf, type RecordedCall, type Replayed } from '../../guard/tools/replay.ts'
import {
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
  type RecordId,
  type Tier,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { RecordTool } from '../ports/gateway.ts'
import type { Query } from '../ports/query.ts'
import type { DraftFault } from '../ports/tool-policy-compiler.ts'
import { millis } from '../sql.ts'
import { documentsOf, policiesNamed, type BenchPorts, type Candidate } from './bench.ts'

/** A call of recent traffic, as it was decided then and as each policy decides it without its arguments. */
export type ReplayedCall = {
  readonly record: RecordId
  readonly at: EpochMs
  readonly deploymentId: DeploymentId
  readonly tool: string
  readonly taint: string
  readonly recorded: { readonly k: RecordTool['outcome']; readonly reasons: readonly ToolReason[] }
  readonly candidate: Replayed
  /** By the policy that the grant of the call names; `unusable` where it is not here any more. */
  readonly current: Replayed
  /** Null where one of the two cannot be told. */
  readonly isDifferent: boolean | null
}

export type Replay = {
  readonly calls: readonly ReplayedCall[]
  readonly counts: {
    readonly considered: number
    readonly different: number
    /** A policy reads arguments, and those are kept nowhere. */
    readonly unknown: number
    /** Stopped before any policy was asked, or without what replay needs. */
    readonly skipped: number
  }
}

type Row = {
  readonly id: RecordId
  readonly at: number
  readonly deploymentId: DeploymentId
  readonly environment: Environment
  readonly tier: Tier | null
  readonly token: string | null
  readonly tools: readonly RecordTool[]
}

/** What a policy would have done with the newest calls of tools that the reader may see. Nothing is stored. */
export async function replayTraffic(
  ports: BenchPorts,
  input: {
    readonly candidate: Candidate
    readonly visibility: Visibility
    readonly deployment: DeploymentId | null
    readonly limit: number
  },
): Promise<
  | { readonly ok: true; readonly replay: Replay }
  | { readonly ok: false; readonly faults: readonly DraftFault[] }
> {
  const documents = await documentsOf(ports, input.candidate)
  if (!documents.ok) return documents
  const rows = await recentCalls(ports.query, input)
  const scopes = await scopesOf(ports.query, rows)
  const replays = new Replays(ports)
  const calls: ReplayedCall[] = []
  let skipped = 0
  for (const row of rows)
    for (const tool of row.tools) {
      const scope = row.token === null ? undefined : scopes.get(scopeNamedBy(row.token) ?? '')
      if (tool.context === null || scope === undefined || row.tier === null) {
        skipped += 1
        continue
      }
      const call = { tool: tool.tool, context: tool.context }
      const current = await replays.of(row, scope, null, call)
      const candidate = await replays.of(row, scope, documents.policies, call)
      calls.push({
        record: row.id,
        at: epochMs(row.at),
        deploymentId: row.deploymentId,
        tool: tool.tool,
        taint: tool.context.taint,
        recorded: { k: tool.outcome, reasons: tool.reasons },
        candidate,
        current,
        isDifferent: differenceOf(candidate, current),
      })
    }
  return {
    ok: true,
    replay: {
      calls,
      counts: {
        considered: calls.length,
        different: calls.filter(({ isDifferent }) => isDifferent === true).length,
        unknown: calls.filter(({ isDifferent }) => isDifferent === null).length,
        skipped,
      },
    },
  }
}

function differenceOf(a: Replayed, b: Replayed): boolean | null {
  if (a.k !== 'decided' || b.k !== 'decided') return null
  return toolOutcomes.indexOf(a.decision.k) !== toolOutcomes.indexOf(b.decision.k)
}

/** Compiles what is replayed once for each grant, tier and environment. */
class Replays {
  readonly #ports: BenchPorts
  readonly #known = new Map<string, (call: RecordedCall) => Replayed>()

  constructor(ports: BenchPorts) {
    this.#ports = ports
  }

  /** `policies`: null for those that the scope names. */
  async of(
    { deploymentId, environment, tier, token }: Row,
    scope: GrantScope,
    policies: PolicyDocuments | null,
    call: RecordedCall,
  ): Promise<Replayed> {
    const name = [deploymentId, environment, tier, scopeNamedBy(token ?? ''), policies === null].join(' ')
    const known = this.#known.get(name)
    if (known !== undefined) return known(call)
    const documents = policies ?? (await policiesNamed(this.#ports, scope.toolPolicy))
    if (documents === null) return { k: 'unusable', policies: [] }
    const replay = replayOf({
      deployment: deploymentId,
      agent: deploymentId,
      tier: tier ?? 3,
      environment,
      tools: scope.tools,
      externalSend: scope.externalSend,
      policies: documents,
      registry: {},
    })
    this.#known.set(name, replay)
    return replay(call)
  }
}

function recentCalls(
  query: Query,
  {
    visibility,
    deployment,
    limit,
  }: {
    readonly visibility: Visibility
    readonly deployment: DeploymentId | null
    readonly limit: number
  },
): Promise<readonly Row[]> {
  return query<Row>(
    `select r.id, ${millis('r.at')} as at, d.id as "deploymentId", d.environment, (r.record -> 'tier')::int as tier, g.token,
       r.record -> 'tools' as tools
     from gateway_records r join deployments d on d.id = r.deployment_id join use_cases u on u.id = d.use_case_id
       left join grants g on g.jti = r.record ->> 'grant'
     where r.at > now() - interval '7 days' and r.record ? 'tools' and ${visibleSql('u', 1)}
       and ($2::text is null or r.deployment_id = $2)
     order by r.at desc, r.id desc limit $3`,
    [JSON.stringify(visibility), deployment, limit],
  )
}

async function scopesOf(query: Query, rows: readonly Row[]): Promise<ReadonlyMap<string, GrantScope>> {
  const digests = new Set(rows.flatMap(({ token }) => (token === null ? [] : [scopeNamedBy(token)])))
  const found = await query<{ digest: Digest; scope: GrantScope }>(
    'select digest, scope from grant_scopes where digest = any($1)',
    [[...digests].filter((digest) => digest !== null)],
  )
  return new Map(found.map(({ digest, scope }) => [digest, scope]))
}

import type { toolRegistration } from '../../governance/tools/index.ts'
import { pinOf } from '../../guard/tools/pin.ts'
import {
  AppError,
  epochMs,
  isDigest,
  type Autonomy,
  type DeploymentId,
  type Digest,
  type Effect,
  type Environment,
  type EpochMs,
  type Json,
  type SystemId,
} from '../../kernel/index.ts'
import { lineDiff, type DiffLine } from '../../kernel/line-diff.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

/**
 * `matching`: what was seen last is what the release pins. `changed`: it is something else, and the tool stands still.
 * `unseen`: the gateway has not seen it yet. `undeclared`: it was seen, and the release does not name it.
 */
export const toolStates = ['matching', 'changed', 'unseen', 'undeclared'] as const
export type ToolState = (typeof toolStates)[number]

/** One tool of one deployment. */
export type ToolRow = {
  readonly deploymentId: DeploymentId
  readonly systemId: SystemId
  /** Title of the use case. */
  readonly title: string
  readonly environment: Environment
  readonly toolId: string
  readonly server: string
  readonly state: ToolState
  readonly effect: Effect | null
  readonly autonomy: Autonomy | null
  readonly pinned: Digest | null
  /** Null where nothing was seen, or something that could not be read. */
  readonly seen: Digest | null
  readonly lastSeenAt: EpochMs | null
  readonly terms: toolRegistration.Terms
  readonly isProposed: boolean
}

export type ToolFilter = {
  readonly visibility: Visibility
  readonly state?: ToolState | undefined
  readonly server?: string | undefined
  readonly system?: SystemId | undefined
  readonly q?: string | undefined
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

type Stored = Omit<ToolRow, 'lastSeenAt' | 'seen'> & {
  readonly seen: string | null
  readonly lastSeenAt: number | null
}

/** Tools of the deployments that the reader may see, by tool and deployment. */
export async function listTools(query: Query, filter: ToolFilter): Promise<readonly ToolRow[]> {
  const { visibility, state, server, system, q, after, limit } = filter
  const rows = await query<Stored>(
    `select * from (${toolsSql}) t
     where ($2::text is null or state = $2) and ($3::text is null or server = $3)
       and ($4::text is null or "systemId" = $4) and ($5::text is null or strpos(lower("toolId"), lower($5)) > 0)
       and ($6::text is null or ("toolId", "deploymentId") > ($6, $7))
     order by "toolId", "deploymentId" limit $8`,
    [
      JSON.stringify(visibility),
      state ?? null,
      server ?? null,
      system ?? null,
      q ?? null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      limit,
    ],
  )
  return rows.map(rowOf)
}

/** How many tools are in which state, of those that the reader may see. */
export async function countTools(
  query: Query,
  visibility: Visibility,
): Promise<Readonly<Record<ToolState, number>>> {
  const rows = await query<{ state: ToolState; n: number }>(
    `select state, count(*)::int as n from (${toolsSql}) t group by state`,
    [JSON.stringify(visibility)],
  )
  const countOf = (state: ToolState) => rows.find((row) => row.state === state)?.n ?? 0
  return {
    matching: countOf('matching'),
    changed: countOf('changed'),
    unseen: countOf('unseen'),
    undeclared: countOf('undeclared'),
  }
}

export type ToolDetail = ToolRow & {
  readonly proposed: { readonly terms: toolRegistration.Terms; readonly by: string } | null
  readonly setBy: string | null
  readonly setAt: EpochMs | null
  readonly sightings: readonly {
    /** Null: what was seen could not be read as a definition. */
    readonly digest: Digest | null
    readonly firstSeenAt: EpochMs
    readonly lastSeenAt: EpochMs
  }[]
  /** UNTRUSTED: texts of whoever wrote the tool; null where none was seen or kept. */
  readonly pinnedText: string | null
  readonly seenText: string | null
  /** From the pinned definition to the one that was seen last; null where one of the two is not here. */
  readonly diff: readonly DiffLine[] | null
}

/** One tool of one deployment with its definitions. `NOT_FOUND` where there is none or the reader may not see it. */
export async function readTool(
  query: Query,
  visibility: Visibility,
  deployment: DeploymentId,
  toolId: string,
): Promise<ToolDetail> {
  const [found] = await query<
    Stored & {
      proposed: ToolDetail['proposed']
      setBy: string | null
      setAt: number | null
    }
  >(
    `select t.*, ${millis('g.set_at')} as "setAt", g.set_by as "setBy",
       case when g.proposed is null then null else jsonb_build_object('terms', g.proposed, 'by', g.proposed_by) end as proposed
     from (${toolsSql}) t left join tool_registrations g on g.tool_id = t."toolId" and g.definition = t.pinned
     where t."deploymentId" = $2 and t."toolId" = $3`,
    [JSON.stringify(visibility), deployment, toolId],
  )
  if (found === undefined) throw new AppError('NOT_FOUND')
  const sightings = await query<{ digest: string; firstSeenAt: number; lastSeenAt: number }>(
    `select digest, ${millis('first_seen_at')} as "firstSeenAt", ${millis('last_seen_at')} as "lastSeenAt"
     from tool_sightings where deployment_id = $1 and tool_id = $2 order by last_seen_at desc, digest`,
    [deployment, toolId],
  )
  const row = rowOf(found)
  const [pinnedText, seenText] = [await textOf(query, row.pinned), await textOf(query, row.seen)]
  return {
    ...row,
    proposed: found.proposed,
    setBy: found.setBy,
    setAt: found.setAt === null ? null : epochMs(found.setAt),
    sightings: sightings.map(({ digest, firstSeenAt, lastSeenAt }) => ({
      digest: isDigest(digest) ? digest : null,
      firstSeenAt: epochMs(firstSeenAt),
      lastSeenAt: epochMs(lastSeenAt),
    })),
    pinnedText,
    seenText,
    diff: pinnedText === null || seenText === null ? null : lineDiff(pinnedText, seenText),
  }
}

/** INVARIANT: a text is shown under a digest only when it has this digest, whoever has written it there. */
async function textOf(query: Query, digest: Digest | null): Promise<string | null> {
  if (digest === null) return null
  const [row] = await query<{ definition: Json }>(
    'select definition from tool_definitions where digest = $1',
    [digest],
  )
  if (row === undefined) return null
  const pin = pinOf('mcp', row.definition)
  return pin.ok && pin.digest === digest ? JSON.stringify(pin.definition, null, 2) : null
}

function rowOf(row: Stored): ToolRow {
  return {
    deploymentId: row.deploymentId,
    systemId: row.systemId,
    title: row.title,
    environment: row.environment,
    toolId: row.toolId,
    server: row.server,
    state: row.state,
    effect: row.effect,
    autonomy: row.autonomy,
    pinned: row.pinned,
    seen: row.seen !== null && isDigest(row.seen) ? row.seen : null,
    lastSeenAt: row.lastSeenAt === null ? null : epochMs(row.lastSeenAt),
    terms: row.terms,
    isProposed: row.isProposed,
  }
}

/** Every tool that a release in place declares or that was seen there; $1 is the visibility. */
const toolsSql = `
  select d.id as "deploymentId", d.system_id as "systemId", u.title, d.environment, k.tool_id as "toolId",
    case when p.tool is not null then p.tool ->> 'server'
      when strpos(k.tool_id, '/') > 0 then split_part(k.tool_id, '/', 1) else 'fn' end as server,
    case when p.tool is null then 'undeclared' when l.digest is null then 'unseen'
      when l.digest = p.tool ->> 'definitionSha256' then 'matching' else 'changed' end as state,
    p.tool ->> 'effect' as effect, p.tool ->> 'autonomy' as autonomy, p.tool ->> 'definitionSha256' as pinned,
    l.digest as seen, ${millis('l.last_seen_at')} as "lastSeenAt", coalesce(g.terms, '{}') as terms,
    g.proposed is not null as "isProposed"
  from deployments d join use_cases u on u.id = d.use_case_id left join releases r on r.digest = d.desired
    cross join lateral (
      select m ->> 'toolId' as tool_id from jsonb_array_elements(coalesce(r.manifest -> 'tools', '[]')) as m
      union select s.tool_id from tool_sightings s where s.deployment_id = d.id) k
    left join lateral (select m as tool from jsonb_array_elements(coalesce(r.manifest -> 'tools', '[]')) as m
      where m ->> 'toolId' = k.tool_id limit 1) p on true
    left join lateral (select s.digest, s.last_seen_at from tool_sightings s
      where s.deployment_id = d.id and s.tool_id = k.tool_id order by s.last_seen_at desc, s.digest limit 1) l on true
    left join tool_registrations g on g.tool_id = k.tool_id and g.definition = p.tool ->> 'definitionSha256'
  where d.op <> 'retired' and ${visibleSql('u', 1)}`

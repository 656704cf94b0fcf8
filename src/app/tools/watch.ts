import { definitionWatch } from '../../governance/tools/index.ts'
import type { DeploymentId, Digest } from '../../kernel/index.ts'
import { toolDefinitionId, toolDefinitions } from '../aggregates/tools.ts'
import { databaseNow } from '../clock.ts'
import { runCommand, systemIssuer, type CommandPorts } from '../command.ts'
import type { Query } from '../ports/query.ts'

type Change = {
  readonly deployment: DeploymentId
  readonly toolId: string
  readonly pinned: Digest
  readonly seen: Digest
}

/**
 * Tells those who answer for a deployment of each tool whose definition is another than the one that was approved. The
 * gateway has stopped such a tool by then; this is the alarm. Returns how many were told.
 */
export async function tellChangedTools(ports: CommandPorts & { readonly query: Query }): Promise<number> {
  const issuer = systemIssuer('monitor', await databaseNow(ports.query))
  let told = 0
  for (const { deployment, toolId, pinned, seen } of await changesOf(ports.query)) {
    const isTold = await runCommand(ports, issuer, async (work) => {
      const id = toolDefinitionId(deployment, toolId)
      const { state } = await work.load(toolDefinitions, id)
      if (!definitionWatch.isNews(state, pinned, seen)) return false // another worker was first, or it was told often enough
      const context = { deploymentId: deployment, toolId, actor: issuer.actor, now: work.now }
      await work.apply(toolDefinitions, id, { c: 'observe', pinned, seen }, context)
      return true
    })
    if (isTold) told += 1
  }
  return told
}

/** What was seen of tools that the release in place pins otherwise, and was not told yet. */
function changesOf(query: Query): Promise<readonly Change[]> {
  return query<Change>(
    `select t.deployment_id as deployment, t.tool_id as "toolId", p.tool ->> 'definitionSha256' as pinned, t.digest as seen
     from tool_sightings t join deployments d on d.id = t.deployment_id join releases r on r.digest = d.desired
       cross join lateral (select tool from jsonb_array_elements(r.manifest -> 'tools') as tool
         where tool ->> 'toolId' = t.tool_id limit 1) p
       left join streams s on s.stream = 'toolDefinition/' || t.deployment_id || ':' || t.tool_id
     where t.digest <> '' and t.digest <> p.tool ->> 'definitionSha256' and d.op <> 'retired'
       and not (coalesce(s.state ->> 'pinned', '') = p.tool ->> 'definitionSha256'
         and (s.state -> 'told' ? t.digest or jsonb_array_length(s.state -> 'told') >= $1))
     order by t.first_seen_at limit 100`,
    [definitionWatch.mostTold],
  )
}

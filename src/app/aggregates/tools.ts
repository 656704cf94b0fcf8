import { definitionWatch, toolPolicy, toolRegistration } from '../../governance/tools/index.ts'
import { actorText, type DeploymentId, type Digest } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { instant } from '../sql.ts'

/** Stream `toolPolicy/<key>`: all versions of one document of the organisation. */
export const toolPolicies: Aggregate<
  toolPolicy.State,
  toolPolicy.Command,
  toolPolicy.Event,
  toolPolicy.Context
> = {
  name: 'toolPolicy',
  initial: toolPolicy.initial,
  decide: toolPolicy.decide,
  evolve: toolPolicy.evolve,
  project: async ({ tx, events }) => {
    for (const event of events) await projectPolicy(tx, event)
  },
}

async function projectPolicy(tx: Tx, event: toolPolicy.Event): Promise<void> {
  const { key, version, at } = event
  const by = actorText(event.by)
  switch (event.e) {
    case 'gateway.policy.drafted':
      await tx.query(
        `insert into tool_policies (key, version, stage, text, args, drafted_by, drafted_at)
         values ($1, $2, 'draft', $3, $4, $5, ${instant(6)})
         on conflict (key, version) do update set text = excluded.text, args = excluded.args,
           drafted_by = excluded.drafted_by, drafted_at = excluded.drafted_at`,
        [key, version, event.text, event.args, by, at],
      )
      return
    case 'gateway.policy.discarded':
      await tx.query(`delete from tool_policies where key = $1 and version = $2 and stage = 'draft'`, [
        key,
        version,
      ])
      return
    case 'gateway.policy.published':
      await tx.query(
        `update tool_policies set stage = 'shadow', text = $3, args = $4, digest = $5, policies = $6::jsonb, engine = $7,
           published_by = $8, published_at = ${instant(9)} where key = $1 and version = $2`,
        [
          key,
          version,
          event.text,
          event.args,
          event.digest,
          JSON.stringify(event.policies),
          event.engine,
          by,
          at,
        ],
      )
      return
    case 'gateway.policy.activated':
      await tx.query(
        `update tool_policies set stage = 'active', activated_by = $3, activated_at = ${instant(4)}
         where key = $1 and version = $2`,
        [key, version, by, at],
      )
      return
    case 'gateway.policy.retired':
      await tx.query(
        `update tool_policies set stage = 'retired', retired_at = ${instant(3)} where key = $1 and version = $2`,
        [key, version, at],
      )
  }
}

/** Stream `toolRegistration/<digest>:<tool>`: what the organisation says of one definition of a tool. */
export const toolRegistrations: Aggregate<
  toolRegistration.State,
  toolRegistration.Command,
  toolRegistration.Event,
  toolRegistration.Context
> = {
  name: 'toolRegistration',
  initial: toolRegistration.initial,
  decide: toolRegistration.decide,
  evolve: toolRegistration.evolve,
  project: async ({ tx, after, events }) => {
    const [last] = events.slice(-1)
    if (last === undefined) return
    const { proposed } = after
    await tx.query(
      `insert into tool_registrations (tool_id, definition, terms, proposed, proposed_by, set_by, set_at)
       values ($1, $2, $3::jsonb, $4::jsonb, $5, $6, ${instant(7)})
       on conflict (tool_id, definition) do update set terms = excluded.terms, proposed = excluded.proposed,
         proposed_by = excluded.proposed_by, set_by = excluded.set_by, set_at = excluded.set_at`,
      [
        last.toolId,
        last.definition,
        JSON.stringify(after.inForce),
        proposed === null ? null : JSON.stringify(proposed.terms),
        proposed?.by ?? null,
        actorText(last.by),
        last.at,
      ],
    )
  },
}

export function toolRegistrationId(toolId: string, definition: Digest): string {
  return `${definition}:${toolId}`
}

/** Stream `toolDefinition/<deployment>:<tool>`: which changes of a tool were told. What was seen stands in `tool_sightings`. */
export const toolDefinitions: Aggregate<
  definitionWatch.State,
  definitionWatch.Command,
  definitionWatch.Event,
  definitionWatch.Context
> = {
  name: 'toolDefinition',
  initial: definitionWatch.initial,
  decide: definitionWatch.decide,
  evolve: definitionWatch.evolve,
  project: async () => undefined,
}

export function toolDefinitionId(deployment: DeploymentId, toolId: string): string {
  return `${deployment}:${toolId}`
}

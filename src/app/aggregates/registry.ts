import { stop } from '../../governance/authorization/index.ts'
import { deployment, system } from '../../governance/registry/index.ts'
import { actorText } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

export const systems: Aggregate<system.State, system.Command, system.Event, system.Context> = {
  name: 'system',
  initial: system.initial,
  decide: system.decide,
  evolve: system.evolve,
  project: async ({ tx, id, after, events, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into systems (id, use_case_id, kind, state, created_at) values ($1, $2, $3, $4, ${instant(5)})
       on conflict (id) do update set state = excluded.state`,
      [id, after.useCaseId, after.kind, after.s, now],
    )
    for (const event of events) {
      if (event.e !== 'release.created') continue
      await tx.query(
        `insert into releases (digest, system_id, parent, manifest, author, created_at)
         values ($1, $2, $3, $4, $5, ${instant(6)})`,
        [event.digest, id, event.parent, JSON.stringify(event.manifest), actorText(event.by), now],
      )
    }
  },
}

export const deployments: Aggregate<
  deployment.State,
  deployment.Command,
  deployment.Event,
  deployment.Context
> = {
  name: 'deployment',
  initial: deployment.initial,
  decide: deployment.decide,
  evolve: deployment.evolve,
  project: async ({ tx, id, after, events, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into deployments (id, use_case_id, system_id, environment, op, desired, observed, epoch, owner_id, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, ${instant(10)})
       on conflict (id) do update set op = excluded.op, desired = excluded.desired, observed = excluded.observed,
         epoch = excluded.epoch, owner_id = excluded.owner_id`,
      [
        id,
        after.useCaseId,
        after.systemId,
        after.environment,
        after.op,
        after.desired,
        after.observed,
        after.epoch,
        after.owner,
        now,
      ],
    )
    for (const event of events)
      if (event.e === 'deployment.created')
        await tx.query('insert into routes (id, deployment_id) select unnest($1::text[]), $2', [
          event.routes,
          id,
        ])
  },
}

/** Stream `stop/<scope>:<target>`: one row a target, whatever stands beneath it. */
export const stops: Aggregate<stop.State, stop.Command, stop.Event, stop.Context> = {
  name: 'stop',
  initial: stop.initial,
  decide: stop.decide,
  evolve: stop.evolve,
  project: async ({ tx, id, after, events }) => {
    const [first] = events
    if (first === undefined) return
    const oldest = after.s === 'clear' ? undefined : after.stops[0]
    await tx.query(
      `insert into stops (id, scope, target, is_in_force, epoch, reason_code, since_at)
       values ($1, $2, $3, $4, $5, $6, ${instant(7)})
       on conflict (id) do update set is_in_force = excluded.is_in_force, epoch = excluded.epoch,
         reason_code = excluded.reason_code, since_at = excluded.since_at`,
      [
        id,
        first.scope,
        first.targetId,
        after.s === 'stopped',
        after.epoch,
        oldest?.reasonCode ?? null,
        oldest?.since ?? null,
      ],
    )
  },
}

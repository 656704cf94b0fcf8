import { content, limit, ownModel, route, traffic, upstream } from '../../governance/registry/index.ts'
import { actorText } from '../../kernel/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `upstream/<id>`. Its sealed secret is written beside it by the use case, since no event carries it. */
export const upstreams: Aggregate<upstream.State, upstream.Command, upstream.Event, upstream.Context> = {
  name: 'upstream',
  initial: upstream.initial,
  decide: upstream.decide,
  evolve: upstream.evolve,
  project: async ({ tx, id, after, now }) => {
    if (after.s === 'absent') return
    await tx.query(
      `insert into upstreams (id, name, origin, base_path, region, private_cidrs, created_at, disabled_at, api, ceiling,
         api_version)
       values ($1, $2, $3, $4, $5, $6, ${instant(7)}, ${instant(8)}, $9, $10, $11)
       on conflict (id) do update set disabled_at = excluded.disabled_at, ceiling = excluded.ceiling`,
      [
        id,
        after.name,
        after.origin,
        after.basePath,
        after.region,
        after.privateCidrs,
        now,
        after.s === 'disabled' ? now : null,
        after.api ?? 'openai',
        after.ceiling ?? 'restricted',
        after.apiVersion ?? null,
      ],
    )
  },
}

/** Stream `route/<id>`. */
export const gatewayRoutes: Aggregate<route.State, route.Command, route.Event, route.Context> = {
  name: 'route',
  initial: route.initial,
  decide: route.decide,
  evolve: route.evolve,
  project: async ({ tx, id, events }) => {
    for (const event of events) {
      if (event.e === 'gateway.route.published') {
        const ways = Object.entries(event.models).flatMap(([alias, target]) =>
          route.waysOf(target).map((way, position) => ({ alias, position, ...way })),
        )
        await tx.query('delete from route_models where route_id = $1', [id])
        await tx.query(
          `insert into route_models (route_id, alias, position, model, upstream_id, declared_as)
           select $1, * from unnest($2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[])`,
          [
            id,
            ways.map(({ alias }) => alias),
            ways.map(({ position }) => position),
            ways.map(({ model }) => model),
            ways.map(({ upstreamId }) => upstreamId),
            ways.map(({ declaredAs = null }) => declaredAs),
          ],
        )
      }
      if (event.e === 'gateway.route.published' && event.servers !== undefined) {
        const servers = Object.entries(event.servers)
        await tx.query('delete from route_servers where route_id = $1', [id])
        await tx.query(
          `insert into route_servers (route_id, server, upstream_id) select $1, * from unnest($2::text[], $3::text[])`,
          [id, servers.map(([server]) => server), servers.map(([, { upstreamId }]) => upstreamId)],
        )
      }
      if (event.e === 'gateway.key.issued') {
        const { keyId, deploymentId, agent, secretDigest, expiresAt, sources, by, at } = event
        await tx.query(
          `insert into gateway_keys (id, deployment_id, agent, secret_digest, expires_at, sources, created_by, created_at)
           values ($1, $2, $3, $4, ${instant(5)}, $6, $7, ${instant(8)})`,
          [keyId, deploymentId, agent, secretDigest, expiresAt, sources, actorText(by), at],
        )
      }
      if (event.e === 'gateway.key.revoked')
        await tx.query(`update gateway_keys set revoked_at = ${instant(2)} where id = $1`, [
          event.keyId,
          event.at,
        ])
    }
  },
}

/** Stream `route-content/<route>`: whether the texts of its calls are kept. */
export const routeContents: Aggregate<content.State, content.Command, content.Event, content.Context> = {
  name: 'route-content',
  initial: content.initial,
  decide: content.decide,
  evolve: content.evolve,
  project: async ({ tx, id, after, events }) => {
    const [last] = events.slice(-1)
    if (last === undefined) return
    if (after.s === 'off') {
      await tx.query('delete from route_content where route_id = $1', [id])
      return
    }
    await tx.query(
      `insert into route_content (route_id, days, set_by, set_at) values ($1, $2, $3, ${instant(4)})
       on conflict (route_id) do update set days = excluded.days, set_by = excluded.set_by, set_at = excluded.set_at`,
      [id, after.days, actorText(last.by), last.at],
    )
  },
}

/** Stream `limit/<id>`. What is spent stands beside it, written by the gateway alone; it goes with its limit. */
export const limits: Aggregate<limit.State, limit.Command, limit.Event, limit.Context> = {
  name: 'limit',
  initial: limit.initial,
  decide: limit.decide,
  evolve: limit.evolve,
  project: async ({ tx, id, after, events }) => {
    const [last] = events.slice(-1)
    if (last === undefined || after.s === 'absent') return
    if (after.s === 'removed') {
      for (const table of ['limits', 'limit_buckets', 'limit_leases'])
        await tx.query(`delete from ${table} where ${table === 'limits' ? 'id' : 'limit_id'} = $1`, [id])
      return
    }
    const { target, terms } = after
    const { window } = terms
    await tx.query(
      `insert into limits (id, scope, key_id, deployment_id, unit, amount, window_kind, window_ms, window_period,
         window_zone, set_by, set_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${instant(12)})
       on conflict (id) do update set amount = excluded.amount, window_kind = excluded.window_kind,
         window_ms = excluded.window_ms, window_period = excluded.window_period, window_zone = excluded.window_zone,
         set_by = excluded.set_by, set_at = excluded.set_at`,
      [
        id,
        target.scope,
        target.scope === 'key' ? target.keyId : null,
        target.scope === 'deployment' ? target.deploymentId : null,
        terms.unit,
        terms.amount,
        window.k,
        window.k === 'sliding' ? window.ms : null,
        window.k === 'calendar' ? window.period : null,
        window.k === 'calendar' ? window.zone : null,
        actorText(last.by),
        last.at,
      ],
    )
  },
}

/** Stream `model/<provider>/<id>`: a model as this organisation describes it. */
export const ownModels: Aggregate<ownModel.State, ownModel.Command, ownModel.Event, ownModel.Context> = {
  name: 'model',
  initial: ownModel.initial,
  decide: ownModel.decide,
  evolve: ownModel.evolve,
  project: async ({ tx, id, after, events }) => {
    const [last] = events.slice(-1)
    if (last === undefined) return
    if (after.s !== 'described') {
      await tx.query('delete from own_models where name = $1', [id])
      return
    }
    await tx.query(
      `insert into own_models (name, entry, set_by, set_at) values ($1, $2, $3, ${instant(4)})
       on conflict (name) do update set entry = excluded.entry, set_by = excluded.set_by, set_at = excluded.set_at`,
      [id, JSON.stringify(after.model), actorText(last.by), last.at],
    )
  },
}

/** Stream `gateway-boot/<worker>`: one for each start of a gateway worker. The batch store writes the records. */
export const gatewayBoots: Aggregate<traffic.State, traffic.Command, traffic.Event, traffic.Context> = {
  name: 'gateway-boot',
  initial: traffic.initial,
  decide: traffic.decide,
  evolve: traffic.evolve,
  project: async ({ tx, id, events }) => {
    for (const event of events)
      if (event.e === 'gateway.traffic.sealed')
        await tx.query(
          `insert into gateway_batches (boot, batch, root, n, sealed_at) values ($1, $2, $3, $4, ${instant(5)})`,
          [id, event.batch, event.root, event.n, event.at],
        )
  },
}

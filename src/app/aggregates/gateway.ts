import { route, traffic, upstream } from '../../governance/registry/index.ts'
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
      `insert into upstreams (id, name, origin, base_path, region, private_cidrs, created_at, disabled_at)
       values ($1, $2, $3, $4, $5, $6, ${instant(7)}, ${instant(8)})
       on conflict (id) do update set disabled_at = excluded.disabled_at`,
      [
        id,
        after.name,
        after.origin,
        after.basePath,
        after.region,
        after.privateCidrs,
        now,
        after.s === 'disabled' ? now : null,
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
        const models = Object.entries(event.models)
        await tx.query('delete from route_models where route_id = $1', [id])
        await tx.query(
          `insert into route_models (route_id, alias, model, upstream_id)
           select $1, * from unnest($2::text[], $3::text[], $4::text[])`,
          [
            id,
            models.map(([alias]) => alias),
            models.map(([, { model }]) => model),
            models.map(([, { upstreamId }]) => upstreamId),
          ],
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

import { may, visibilityOf } from '../../app/access.ts'
import {
  changeUpstreamSecret,
  configureRoute,
  disableUpstream,
  issueGatewayKey,
  registerUpstream,
  revokeGatewayKey,
  setUpstreamCeiling,
  type GatewayAdminPorts,
} from '../../app/gateway-admin.ts'
import { daysOfContent, openContent, setRouteContent } from '../../app/gateway-content.ts'
import { listRecords, readRecord } from '../../app/gateway-records.ts'
import {
  listKeys,
  listRoutes,
  listUpstreams,
  readRoute,
  readUpstream,
  type UpstreamRow,
} from '../../app/gateway-views.ts'
import type { ContentOpener } from '../../app/ports/gateway-content.ts'
import type { LedgerReader } from '../../app/ports/ledger.ts'
import type { Query } from '../../app/ports/query.ts'
import { placeOfRoute, requireAtPlace } from '../../app/route-place.ts'
import { tallyTraffic, type TrafficTally } from '../../app/traffic-tally.ts'
import { toPage } from '../../contracts/paging.ts'
import { findingKinds, type gatewayRoutes } from '../../contracts/routes/gateway.ts'
import { AppError, Secret, toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { afterOf, idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { instantOf } from '../instant.ts'
import { readerOf, visibleTo } from '../reader.ts'
import { modelsIn, modelsView } from './gateway-ways.ts'

export type GatewayHandlerPorts = GatewayAdminPorts & {
  readonly content: ContentOpener
  readonly query: Query
  readonly ledger: Pick<LedgerReader, 'proof'>
  readonly now: () => EpochMs
  /** Where model clients reach the gateway; null when this installation does not know. */
  readonly gatewayOrigin: string | null
}

/** Providers, routes, keys and what went through the gateway. */
export function gatewayHandlers<P extends Principal>(
  ports: GatewayHandlerPorts,
): Handlers<typeof gatewayRoutes, P> {
  const { query, ledger, now, gatewayOrigin } = ports
  return {
    'upstreams.register': async ({ caller, body }) => {
      const { secret, apiVersion, ...input } = body
      return registerUpstream(ports, issuerOf(caller()), {
        ...input,
        ...(apiVersion === undefined ? {} : { apiVersion }),
        secret: secret === undefined ? null : new Secret(secret),
      })
    },
    'upstreams.list': async ({ query: asked }) => {
      const after = asked.cursor === undefined ? undefined : idIn(asked.cursor)
      const rows = await listUpstreams(query, {
        limit: asked.limit + 1,
        ...(after === undefined ? {} : { after }),
      })
      const page = toPage(rows, asked.limit, ({ state }) => [state.id])
      return { ...page, items: page.items.map(upstreamView) }
    },
    'upstreams.read': async ({ params }) => {
      const found = await readUpstream(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      return upstreamView(found)
    },
    'upstreams.changeSecret': async ({ caller, params, body, ifMatch }) => {
      await changeUpstreamSecret(ports, issuerOf(caller()), params.id, {
        secret: new Secret(body.secret),
        ...(ifMatch === undefined ? {} : { revision: ifMatch }),
      })
      return {}
    },
    'upstreams.setCeiling': async ({ caller, params, body, ifMatch }) => {
      await setUpstreamCeiling(ports, issuerOf(caller()), params.id, {
        ...body,
        ...(ifMatch === undefined ? {} : { revision: ifMatch }),
      })
      return {}
    },
    'upstreams.disable': async ({ caller, params }) => {
      await disableUpstream(ports, issuerOf(caller()), params.id)
      return {}
    },
    'gateway.read': async () => ({ origin: gatewayOrigin }),
    'routes.list': async ({ caller, query: asked }) => {
      const rows = await listRoutes(query, {
        visibility: visibleTo(caller(), now()),
        environment: asked.environment,
        deploymentId: asked.deployment,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return {
        ...page,
        items: page.items.map((row) => ({
          ...row,
          models: [...row.models],
          servers: [...row.servers],
        })),
      }
    },
    'routes.read': async ({ caller, params }) => {
      const place = await placeOfRoute(query, params.id)
      await requireAtPlace(query, readerOf(caller()), ['gateway.manage', 'useCase.read'], place, now())
      const found = await readRoute(query, place)
      const { deploymentId, environment } = place
      return {
        id: params.id,
        revision: found.revision,
        deploymentId,
        environment,
        models: modelsView(found.models),
        servers: { ...found.servers },
        contentDays: await daysOfContent(query, params.id),
        aliases: [...found.aliases],
        declaredServers: [...found.declaredServers],
        upstreams: [...found.upstreams],
      }
    },
    'routes.configure': async ({ caller, params, body, ifMatch }) => {
      const { models, servers } = body
      await configureRoute(ports, issuerOf(caller()), params.id, {
        models: modelsIn(models),
        ...(servers === undefined ? {} : { servers }),
        ...(ifMatch === undefined ? {} : { revision: ifMatch }),
      })
      return {}
    },
    'gatewayKeys.issue': async ({ caller, params, body }) => {
      const { id, token } = await issueGatewayKey(ports, issuerOf(caller()), params.id, {
        ...body,
        expiresAt: instantOf(body.expiresAt),
      })
      return { id, token: token.reveal() }
    },
    'gatewayKeys.list': async ({ caller, query: asked }) => {
      const after = afterOf(asked.cursor)
      const rows = await listKeys(query, {
        visibility: visibleTo(caller(), now()),
        limit: asked.limit + 1,
        ...(asked.deployment === undefined ? {} : { deploymentId: asked.deployment }),
        ...(asked.q === undefined ? {} : { q: asked.q }),
        ...(after === null ? {} : { after }),
      })
      const page = toPage(rows, asked.limit, ({ createdAt, id }) => [createdAt, id])
      const items = page.items.map(({ createdAt, expiresAt, revokedAt, sources, ...row }) => ({
        ...row,
        sources: [...sources],
        createdAt: toRfc3339(createdAt),
        expiresAt: toRfc3339(expiresAt),
        revokedAt: revokedAt === null ? null : toRfc3339(revokedAt),
      }))
      return { ...page, items }
    },
    'gatewayKeys.revoke': async ({ caller, params }) => {
      await revokeGatewayKey(ports, issuerOf(caller()), params.id)
      return {}
    },
    'gatewayRecords.list': async ({ caller, query: asked }) => {
      const { limit, cursor, sort: _, from, to, ...filter } = asked
      const after = afterOf(cursor)
      const rows = await listRecords(query, {
        ...given(filter),
        visibility: visibleTo(caller(), now()),
        limit: limit + 1,
        ...(from === undefined ? {} : { from: instantOf(from) }),
        ...(to === undefined ? {} : { to: instantOf(to) }),
        ...(after === null ? {} : { after }),
      })
      const page = toPage(rows, limit, (record) => [record['at'] ?? null, record['id'] ?? null])
      return { ...page, items: page.items.map((record) => ({ ...record })) }
    },
    'gatewayRecords.tally': async ({ caller }) => {
      const { at, hour, day } = await tallyTraffic(query, visibleTo(caller(), now()))
      return { at: toRfc3339(at), hour: tallyView(hour), day: tallyView(day) }
    },
    'routes.setContent': async ({ caller, params, body }) => {
      await setRouteContent(ports, issuerOf(caller()), params.id, body)
      return {}
    },
    'gatewayRecords.openContent': async ({ caller, params, body }) => {
      const found = await openContent(ports, issuerOf(caller()), params.id, body.reason)
      return { content: found === null ? null : { ...found } }
    },
    'gatewayRecords.read': async ({ caller, params }) => {
      const reader = readerOf(caller())
      const found = await readRecord(query, ledger, params.id, visibilityOf(reader, 'useCase.read', now()))
      if (found === null) throw new AppError('NOT_FOUND')
      const { record, commitment, salt, batch, entry, opening, log } = found
      const { count, ...field } = opening
      const opens = may(reader.authority, 'ledger.read', null, now())
      return {
        record: { ...record },
        commitment: base64url(commitment),
        salt: opens ? base64url(salt) : null,
        batch: { ...batch, path: batch.path.map(base64url) },
        entry,
        opening: {
          count,
          fields: [{ ...field, path: [...field.path], pointer: '/root', value: batch.root }],
        },
        log:
          log === null
            ? null
            : {
                index: log.index,
                leaf: base64url(log.leaf),
                path: log.path.map(base64url),
                checkpoint: log.note,
              },
      }
    },
  }
}

function upstreamView({ state, revision, createdAt }: UpstreamRow) {
  const { s, privateCidrs, ceiling = 'restricted', apiVersion = null, ...facts } = state
  return {
    ...facts,
    ceiling,
    apiVersion,
    revision,
    state: s,
    privateCidrs: [...privateCidrs],
    createdAt: toRfc3339(createdAt),
  }
}

/** A kind of finding that this version does not know is none that it could name. */
function tallyView({ calls, withFindings, kinds }: TrafficTally) {
  const known = kinds.flatMap(({ kind, calls: n }) => {
    const found = findingKinds.find((one) => one === kind)
    return found === undefined ? [] : [{ kind: found, calls: n }]
  })
  return { calls: { ...calls }, withFindings, kinds: known }
}

/** The members that are there. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> } // the rest of `members`
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

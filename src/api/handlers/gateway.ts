import { may, visibilityOf } from '../../app/access.ts'
import { personOf } from '../../app/command.ts'
import {
  changeUpstreamSecret,
  configureRoute,
  disableUpstream,
  issueGatewayKey,
  registerUpstream,
  revokeGatewayKey,
  type GatewayAdminPorts,
} from '../../app/gateway-admin.ts'
import { listRecords, readRecord } from '../../app/gateway-records.ts'
import {
  listKeys,
  listRoutes,
  listUpstreams,
  readRoute,
  readUpstream,
  type UpstreamRow,
} from '../../app/gateway-views.ts'
import type { LedgerReader } from '../../app/ports/ledger.ts'
import type { Query } from '../../app/ports/query.ts'
import type { After } from '../../app/registry-views.ts'
import { placeOfRoute, requireAtPlace } from '../../app/route-place.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import type { gatewayRoutes } from '../../contracts/routes/gateway.ts'
import { AppError, Secret, epochMs, fromRfc3339, toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

export type GatewayHandlerPorts = GatewayAdminPorts & {
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
  const readerOf = (principal: P) => ({ authority: principal.authority, person: personOf(principal) })
  return {
    'upstreams.register': async ({ caller, body }) => {
      const { secret, ...input } = body
      return registerUpstream(ports, issuerOf(caller()), {
        ...input,
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
    'upstreams.disable': async ({ caller, params }) => {
      await disableUpstream(ports, issuerOf(caller()), params.id)
      return {}
    },
    'gateway.read': async () => ({ origin: gatewayOrigin }),
    'routes.list': async ({ caller, query: asked }) => {
      const rows = await listRoutes(query, {
        visibility: visibilityOf(readerOf(caller()), 'useCase.read', now()),
        environment: asked.environment,
        deploymentId: asked.deployment,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map((row) => ({ ...row, models: [...row.models] })) }
    },
    'routes.read': async ({ caller, params }) => {
      const place = await placeOfRoute(query, params.id)
      await requireAtPlace(query, readerOf(caller()), ['gateway.manage', 'useCase.read'], place, now())
      const { models, revision, aliases, upstreams } = await readRoute(query, place)
      const { deploymentId, environment } = place
      return {
        id: params.id,
        revision,
        deploymentId,
        environment,
        models: { ...models },
        aliases: [...aliases],
        upstreams: [...upstreams],
      }
    },
    'routes.configure': async ({ caller, params, body, ifMatch }) => {
      await configureRoute(ports, issuerOf(caller()), params.id, {
        ...body,
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
        visibility: visibilityOf(readerOf(caller()), 'useCase.read', now()),
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
      const { deployment, key, action, from, to } = asked
      const after = afterOf(asked.cursor)
      const rows = await listRecords(query, {
        visibility: visibilityOf(readerOf(caller()), 'useCase.read', now()),
        limit: asked.limit + 1,
        ...(deployment === undefined ? {} : { deployment }),
        ...(key === undefined ? {} : { key }),
        ...(action === undefined ? {} : { action }),
        ...(from === undefined ? {} : { from: instantOf(from) }),
        ...(to === undefined ? {} : { to: instantOf(to) }),
        ...(after === null ? {} : { after }),
      })
      const page = toPage(rows, asked.limit, (record) => [record['at'] ?? null, record['id'] ?? null])
      return { ...page, items: page.items.map((record) => ({ ...record })) }
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
  const { s, privateCidrs, ...facts } = state
  return { ...facts, revision, state: s, privateCidrs: [...privateCidrs], createdAt: toRfc3339(createdAt) }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function instantOf(text: string): EpochMs {
  const at = fromRfc3339(text)
  if (at === null) throw new AppError('INVALID_INPUT', 'there is no such instant')
  return at
}

function afterOf(cursor: string | undefined): After | null {
  if (cursor === undefined) return null
  const [at, id] = decodeCursor(cursor) ?? []
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0 || typeof id !== 'string')
    throw badCursor()
  return { at: epochMs(at), id }
}

function idIn(cursor: string): string {
  const [id] = decodeCursor(cursor) ?? []
  if (typeof id !== 'string') throw badCursor()
  return id
}

function badCursor(): AppError {
  return new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
}

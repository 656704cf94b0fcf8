import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import { requireReadable } from '../../app/readable.ts'
import type { Query } from '../../app/ports/query.ts'
import {
  commandDeployment,
  createDeployment,
  createRelease,
  extendDecision,
  registerSystem,
  retireSystem,
  type RegistryPorts,
} from '../../app/registry.ts'
import {
  diffReleases,
  listDeployments,
  readDeployment,
  readRelease,
  readSystem,
  type DeploymentRow,
} from '../../app/registry-views.ts'
import {
  isKeyOf,
  listSystems,
  readSystemRows,
  summariseSystems,
  type SystemKey,
  type SystemRow,
  type SystemSort,
} from '../../app/system-list.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import type { registryRoutes } from '../../contracts/routes/registry.ts'
import { actorText, AppError, toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { isStorable } from '../strict-json.ts'
import { readerOf } from '../reader.ts'

/** Systems, releases and deployments. */
export function registryHandlers<P extends Principal>(
  ports: RegistryPorts,
  query: Query,
): Handlers<typeof registryRoutes, P> {
  const visible = async (principal: P) =>
    visibilityOf(readerOf(principal), 'useCase.read', await databaseNow(query))
  return {
    'systems.register': async ({ caller, body }) => {
      const { vendorRef, ...input } = body
      return registerSystem(ports, issuerOf(caller()), {
        ...input,
        ...(vendorRef === undefined ? {} : { vendorRef }),
      })
    },
    'systems.list': async ({ caller, query: asked }) => {
      const { cursor, limit, ...filter } = asked
      const rows = await listSystems(query, await visible(caller()), {
        ...filter,
        limit: limit + 1,
        after: keyIn(cursor, filter.sort),
      })
      const page = toPage(rows, limit, ({ key }) => key)
      return { ...page, items: page.items.map(({ row }) => systemView(row)) }
    },
    'systems.summary': async ({ caller }) => {
      const { systems, byState, at } = await summariseSystems(query, await visible(caller()))
      const places = byState.reduce((sum, { places: n }) => sum + n, 0)
      return { systems, places, byState: [...byState], at: toRfc3339(at) }
    },
    'systems.read': async ({ caller, params }) => {
      const found = await readSystem(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      const { state, revision } = found
      await requireReadable(query, readerOf(caller()), state.useCaseId, 'useCase.read')
      const row = (await readSystemRows(query, [params.id])).get(params.id)
      if (row === undefined) throw new AppError('NOT_FOUND')
      const releases = Object.values(state.releases).map(({ author, createdAt, manifest, ...release }) => ({
        ...release,
        systemId: state.id,
        author: actorText(author),
        createdAt: toRfc3339(createdAt),
        manifest: { ...manifest },
      }))
      return { ...systemView(row), revision, releases, changes: [...state.changes] }
    },
    'systems.retire': async ({ caller, params, body, ifMatch }) => {
      await retireSystem(ports, issuerOf(caller()), params.id, {
        ...body,
        ...(ifMatch === undefined ? {} : { revision: ifMatch }),
      })
      return {}
    },
    'releases.create': async ({ caller, params, body }) => {
      const { manifest, parent } = body
      const created = await createRelease(ports, issuerOf(caller()), params.id, {
        manifest,
        ...(parent === undefined ? {} : { parent }),
      })
      const { change } = created
      return {
        digest: created.digest,
        change:
          change === null ? null : { class: change.class, lines: change.lines.map((line) => ({ ...line })) },
      }
    },
    'releases.read': async ({ caller, params }) => {
      const found = await readRelease(query, params.digest)
      if (found === null) throw new AppError('NOT_FOUND')
      await requireReadable(query, readerOf(caller()), found.useCaseId, 'useCase.read')
      return {
        ...found,
        createdAt: toRfc3339(found.createdAt),
        manifest: { ...found.manifest },
        decisions: found.decisions.map(({ decidedAt, expiresAt, revokedAt, ...decision }) => ({
          ...decision,
          decidedAt: toRfc3339(decidedAt),
          expiresAt: toRfc3339(expiresAt),
          revokedAt: instantText(revokedAt),
        })),
        places: [...found.places],
      }
    },
    'releases.diff': async ({ caller, params }) => {
      const found = await diffReleases(query, params.a, params.b)
      if (found === null) throw new AppError('NOT_FOUND')
      await requireReadable(query, readerOf(caller()), found.useCaseId, 'useCase.read')
      return { class: found.change.class, lines: found.change.lines.map((line) => ({ ...line })) }
    },
    'releases.extend': async ({ caller, params, body }) => {
      await extendDecision(ports, issuerOf(caller()), params.id, body)
      return {}
    },
    'deployments.create': async ({ caller, body }) => createDeployment(ports, issuerOf(caller()), body),
    'deployments.list': async ({ caller, query: asked }) => {
      const after = asked.cursor === undefined ? undefined : idIn(asked.cursor)
      const rows = await listDeployments(query, await visible(caller()), {
        limit: asked.limit + 1,
        ...(asked.systemId === undefined ? {} : { systemId: asked.systemId }),
        ...(asked.useCaseId === undefined ? {} : { useCaseId: asked.useCaseId }),
        ...(asked.environment === undefined ? {} : { environment: asked.environment }),
        ...(asked.q === undefined ? {} : { q: asked.q }),
        ...(after === undefined ? {} : { after }),
      })
      const page = toPage(rows, asked.limit, ({ state }) => [state.id])
      return { ...page, items: page.items.map(deploymentView) }
    },
    'deployments.read': async ({ caller, params }) => {
      const found = await readDeployment(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      await requireReadable(query, readerOf(caller()), found.state.useCaseId, 'useCase.read')
      return deploymentView(found)
    },
    'deployments.command': async ({ caller, params, body, ifMatch }) => {
      await commandDeployment(ports, issuerOf(caller()), params.id, body, ifMatch)
      return {}
    },
  }
}

function deploymentView({ state, revision, title }: DeploymentRow) {
  const { id, useCaseId, systemId, environment, routes, owner, op, desired, observed, epoch } = state
  return {
    id,
    revision,
    useCaseId,
    title,
    systemId,
    environment,
    routes: [...routes],
    owner,
    op,
    desired,
    observed,
    observedUnknownSince: observed === 'unknown' ? instantText(state.observedUnknownSince) : null,
    epoch,
  }
}

function systemView({ createdAt, places, next, ...row }: SystemRow) {
  return {
    ...row,
    createdAt: toRfc3339(createdAt),
    places: places.map(({ until, asOf, ...place }) => ({
      ...place,
      until: instantText(until),
      asOf: instantText(asOf),
    })),
    next: next === null ? null : { ...next, at: toRfc3339(next.at) },
  }
}

function instantText(at: EpochMs | null): string | null {
  return at === null ? null : toRfc3339(at)
}

/** The place in a list of systems; a cursor belongs to the order that gave it out. */
function keyIn(cursor: string | undefined, sort: SystemSort): SystemKey | undefined {
  if (cursor === undefined) return undefined
  const [value, id] = decodeCursor(cursor) ?? []
  const isText = [value, id].every((part) => typeof part !== 'string' || isStorable(part))
  if (!isKeyOf(sort, value) || typeof id !== 'string' || !isText)
    throw new AppError('INVALID_INPUT', 'the cursor is not one that a page of this order has given out')
  return [value, id]
}

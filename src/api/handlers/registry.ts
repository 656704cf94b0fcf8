import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import { personOf } from '../../app/command.ts'
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
  listSystems,
  readDeployment,
  readSystem,
} from '../../app/registry-views.ts'
import { toPage } from '../../contracts/paging.ts'
import type { registryRoutes } from '../../contracts/routes/registry.ts'
import { actorText, AppError, toRfc3339 } from '../../kernel/index.ts'
import { afterOf, idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** Systems, releases and deployments. */
export function registryHandlers<P extends Principal>(
  ports: RegistryPorts,
  query: Query,
): Handlers<typeof registryRoutes, P> {
  const readerOf = (principal: P) => ({ authority: principal.authority, person: personOf(principal) })
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
      const after = afterOf(asked.cursor)
      const rows = await listSystems(query, await visible(caller()), {
        limit: asked.limit + 1,
        ...(asked.useCaseId === undefined ? {} : { useCaseId: asked.useCaseId }),
        ...(asked.state === undefined ? {} : { state: asked.state }),
        ...(after === null ? {} : { after }),
      })
      const page = toPage(rows, asked.limit, ({ createdAt, id }) => [createdAt, id])
      return { ...page, items: page.items.map((row) => ({ ...row, createdAt: toRfc3339(row.createdAt) })) }
    },
    'systems.read': async ({ caller, params }) => {
      const found = await readSystem(query, params.id)
      if (found === null) throw new AppError('NOT_FOUND')
      const { state, revision } = found
      await requireReadable(query, readerOf(caller()), state.useCaseId, 'useCase.read')
      const releases = Object.values(state.releases).map(({ author, createdAt, manifest, ...release }) => ({
        ...release,
        systemId: state.id,
        author: actorText(author),
        createdAt: toRfc3339(createdAt),
        manifest: { ...manifest },
      }))
      const { id, useCaseId, kind } = state
      return { id, useCaseId, kind, state: state.s, revision, releases, changes: [...state.changes] }
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
        ...(asked.environment === undefined ? {} : { environment: asked.environment }),
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

type DeploymentRow = Awaited<ReturnType<typeof listDeployments>>[number]

function deploymentView({ state, revision }: DeploymentRow) {
  const { id, useCaseId, systemId, environment, routes, owner, op, desired, observed, epoch } = state
  return {
    id,
    revision,
    useCaseId,
    systemId,
    environment,
    routes: [...routes],
    owner,
    op,
    desired,
    observed,
    epoch,
  }
}

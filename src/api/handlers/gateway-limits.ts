import type { CommandPorts } from '../../app/command.ts'
import { changeLimit, listLimits, removeLimit, setLimit } from '../../app/gateway-limits.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import type { gatewayLimitRoutes } from '../../contracts/routes/gateway-limits.ts'
import { toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { visibleTo } from '../reader.ts'

/** What keys, deployments and the organisation may spend. */
export function gatewayLimitHandlers<P extends Principal>(
  ports: CommandPorts & { readonly query: Query; readonly now: () => EpochMs },
): Handlers<typeof gatewayLimitRoutes, P> {
  return {
    'gatewayLimits.list': async ({ caller, query: asked }) => {
      const principal = caller()
      const rows = await listLimits(ports.query, {
        visibility: visibleTo(principal, ports.now()),
        limit: asked.limit + 1,
        ...(asked.cursor === undefined ? {} : { after: idIn(asked.cursor) }),
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map((row) => ({ ...row, setAt: toRfc3339(row.setAt) })) }
    },
    'gatewayLimits.set': async ({ caller, body }) => setLimit(ports, issuerOf(caller()), body),
    'gatewayLimits.change': async ({ caller, params, body, ifMatch }) => {
      await changeLimit(ports, issuerOf(caller()), params.id, {
        ...body,
        ...(ifMatch === undefined ? {} : { revision: ifMatch }),
      })
      return {}
    },
    'gatewayLimits.remove': async ({ caller, params }) => {
      await removeLimit(ports, issuerOf(caller()), params.id)
      return {}
    },
  }
}

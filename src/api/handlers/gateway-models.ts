import type { CommandPorts } from '../../app/command.ts'
import { describeModel, listOwnModels, withdrawModel } from '../../app/gateway-models.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import type { gatewayModelRoutes } from '../../contracts/routes/gateway-models.ts'
import { toRfc3339, type JsonObject } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** Models and prices that an organisation describes itself. */
export function gatewayModelHandlers<P extends Principal>(
  ports: CommandPorts & { readonly query: Query },
): Handlers<typeof gatewayModelRoutes, P> {
  return {
    'gatewayModels.list': async ({ query: asked }) => {
      const rows = await listOwnModels(ports.query, {
        limit: asked.limit + 1,
        ...(asked.cursor === undefined ? {} : { after: idIn(asked.cursor) }),
      })
      const page = toPage(rows, asked.limit, ({ model }) => [`${model.provider}/${model.id}`])
      return {
        ...page,
        items: page.items.map(({ model, setBy, setAt }) => ({
          model: { ...model },
          setBy,
          setAt: toRfc3339(setAt),
        })),
      }
    },
    'gatewayModels.describe': async ({ caller, params, body }) => {
      const { provider, model: id } = params
      await describeModel(ports, issuerOf(caller()), { provider, id, entry: body.entry as JsonObject }) // a body is JSON
      return {}
    },
    'gatewayModels.withdraw': async ({ caller, params }) => {
      await withdrawModel(ports, issuerOf(caller()), `${params.provider}/${params.model}`)
      return {}
    },
  }
}

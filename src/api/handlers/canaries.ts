import { issueCanary, listCanaries, retireCanary } from '../../app/canaries.ts'
import type { CommandPorts } from '../../app/command.ts'
import type { CanaryMaker } from '../../app/ports/canary-maker.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import type { canaryRoutes } from '../../contracts/routes/canaries.ts'
import { toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { visibleTo } from '../reader.ts'

/** Tokens that tell of a leak wherever they are seen. */
export function canaryHandlers<P extends Principal>(
  ports: CommandPorts & {
    readonly query: Query
    readonly canaryMaker: CanaryMaker
    readonly now: () => EpochMs
  },
): Handlers<typeof canaryRoutes, P> {
  return {
    'guardCanaries.list': async ({ caller, query: asked }) => {
      const principal = caller()
      const rows = await listCanaries(ports.query, {
        visibility: visibleTo(principal, ports.now()),
        limit: asked.limit + 1,
        ...(asked.cursor === undefined ? {} : { after: idIn(asked.cursor) }),
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      const items = page.items.map((row) => ({
        ...row,
        issuedAt: toRfc3339(row.issuedAt),
        retiredAt: row.retiredAt === null ? null : toRfc3339(row.retiredAt),
        leaks: row.leaks.map((leak) => ({ ...leak, firstAt: toRfc3339(leak.firstAt) })),
      }))
      return { ...page, items }
    },
    'guardCanaries.issue': async ({ caller, body }) => {
      const { id, token } = await issueCanary(ports, issuerOf(caller()), body)
      return { id, token: token.reveal() }
    },
    'guardCanaries.retire': async ({ caller, params }) => {
      await retireCanary(ports, issuerOf(caller()), params.id)
      return {}
    },
  }
}

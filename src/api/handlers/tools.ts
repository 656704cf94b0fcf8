import type { CommandPorts } from '../../app/command.ts'
import type { Query } from '../../app/ports/query.ts'
import { countTools, listTools, readTool, type ToolRow } from '../../app/tools/inventory.ts'
import { changeToolRegistration } from '../../app/tools/registrations.ts'
import { toPage } from '../../contracts/paging.ts'
import type { toolRoutes } from '../../contracts/routes/tools.ts'
import { toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { pairIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { visibleTo } from '../reader.ts'

/** The tools of deployments: what is approved, what was seen, and what the organisation says of them. */
export function toolHandlers<P extends Principal>(
  ports: CommandPorts & { readonly query: Query; readonly now: () => EpochMs },
): Handlers<typeof toolRoutes, P> {
  const { query } = ports
  return {
    'tools.list': async ({ caller, query: asked }) => {
      const { limit, cursor, sort: _, ...filter } = asked
      const after = cursor === undefined ? undefined : pairIn(cursor)
      const rows = await listTools(query, {
        ...filter,
        after,
        limit: limit + 1,
        visibility: visibleTo(caller(), ports.now()),
      })
      const page = toPage(rows, limit, ({ toolId, deploymentId }) => [toolId, deploymentId])
      return { ...page, items: page.items.map(toolView) }
    },
    'tools.count': async ({ caller }) => countTools(query, visibleTo(caller(), ports.now())),
    'tools.read': async ({ caller, query: { deployment, tool } }) => {
      const detail = await readTool(query, visibleTo(caller(), ports.now()), deployment, tool)
      const { proposed, setBy, setAt, sightings, pinnedText, seenText, diff, ...row } = detail
      return {
        ...toolView(row),
        setBy,
        pinnedText,
        seenText,
        proposed: proposed === null ? null : { ...proposed, terms: termsView(proposed.terms) },
        setAt: setAt === null ? null : toRfc3339(setAt),
        sightings: sightings.map(({ digest, firstSeenAt, lastSeenAt }) => ({
          digest,
          firstSeenAt: toRfc3339(firstSeenAt),
          lastSeenAt: toRfc3339(lastSeenAt),
        })),
        diff: diff === null ? null : [...diff],
      }
    },
    'tools.register': async ({ caller, body: { terms, ...name } }) =>
      changeToolRegistration(ports, issuerOf(caller()), name, { c: 'state', terms: stated(terms) }),
    'tools.confirm': async ({ caller, body }) =>
      changeToolRegistration(ports, issuerOf(caller()), body, { c: 'confirm' }),
    'tools.drop': async ({ caller, body }) =>
      changeToolRegistration(ports, issuerOf(caller()), body, { c: 'drop' }),
  }
}

type Terms = ToolRow['terms']

/** Terms without members that say nothing. */
function stated(terms: { readonly [M in keyof Terms]: Terms[M] | undefined }): Terms {
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) // the same members
}

function termsView({ destination, target, ...terms }: Terms) {
  return {
    ...terms,
    ...(destination === undefined
      ? {}
      : { destination: { ...destination, listed: [...destination.listed] } }),
    ...(target === undefined ? {} : { target: { ...target, registered: [...target.registered] } }),
  }
}

function toolView({ lastSeenAt, terms, ...row }: ToolRow) {
  return {
    ...row,
    terms: termsView(terms),
    lastSeenAt: lastSeenAt === null ? null : toRfc3339(lastSeenAt),
  }
}

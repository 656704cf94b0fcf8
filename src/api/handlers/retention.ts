import type { CommandPorts } from '../../app/command.ts'
import type { Query } from '../../app/ports/query.ts'
import { placeHold, releaseHold } from '../../app/retention/holds.ts'
import { redactEntry } from '../../app/retention/redactions.ts'
import {
  listHolds,
  listRedactions,
  readHold,
  type HoldRow,
  type RedactionRow,
} from '../../app/retention/views.ts'
import { toPage } from '../../contracts/paging.ts'
import type { retentionRoutes } from '../../contracts/routes/retention.ts'
import { epochMs, toRfc3339 } from '../../kernel/index.ts'
import { afterOf, idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { readerOf } from '../reader.ts'

/** Legal holds, and texts that go by themselves. */
export function retentionHandlers<P extends Principal>(
  ports: CommandPorts & { readonly query: Query },
): Handlers<typeof retentionRoutes, P> {
  const { query } = ports
  return {
    'holds.place': async ({ caller, body }) => placeHold(ports, issuerOf(caller()), body),
    'holds.release': async ({ caller, params, body }) => {
      await releaseHold(ports, issuerOf(caller()), params.id, body.reason)
      return {}
    },
    'holds.list': async ({ caller, query: asked }) => {
      const { state, subject, subjectId, cursor, limit } = asked
      const after = cursor === undefined ? undefined : idIn(cursor)
      const filter = { state, subject, subjectId, after, limit: limit + 1 }
      const page = toPage(await listHolds(query, readerOf(caller()), filter), limit, ({ id }) => [id])
      return { ...page, items: page.items.map(holdView) }
    },
    'holds.read': async ({ caller, params }) => {
      const found = await readHold(query, readerOf(caller()), params.id)
      const notes = found.notes.map((note) => ({ ...note, at: toRfc3339(note.at) }))
      return { ...holdView(found), notes }
    },
    'redactions.redact': async ({ caller, params, body }) =>
      redactEntry(ports, issuerOf(caller()), params.id, body),
    'redactions.list': async ({ caller, query: asked }) => {
      const filter = { state: asked.state, after: afterOf(asked.cursor), limit: asked.limit + 1 }
      const rows = await listRedactions(query, readerOf(caller()), filter)
      const page = toPage(rows, asked.limit, ({ requestedAt, entry }) => [requestedAt, entry])
      return { ...page, items: page.items.map(redactionView) }
    },
  }
}

function holdView({ id, state }: HoldRow) {
  const released = state.s === 'released' ? state : null
  return {
    id,
    state: state.s,
    subject: { ...state.subject },
    placedBy: state.placedBy,
    placedAt: toRfc3339(state.placedAt),
    releasedBy: released?.releasedBy ?? null,
    releasedAt: released === null ? null : toRfc3339(released.releasedAt),
  }
}

function redactionView({ requestedAt, redactedAt, ...row }: RedactionRow) {
  return {
    ...row,
    requestedAt: toRfc3339(epochMs(requestedAt)),
    redactedAt: redactedAt === null ? null : toRfc3339(epochMs(redactedAt)),
  }
}

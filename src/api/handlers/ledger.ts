import { ledgerRoutes } from '../../contracts/routes/ledger.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import type { CommandPorts } from '../../app/command.ts'
import { recordExport, revealEntry } from '../../app/disclosure.ts'
import type { EntryFilter, Ledger, LedgerEntry } from '../../app/ports/ledger.ts'
import { AppError, epochMs, toRfc3339 } from '../../kernel/index.ts'
import { issuerOf, Stream, type Handlers, type Principal } from '../handler.ts'

/** Reading and exporting the ledger. */
export function ledgerHandlers<P extends Principal>(
  ledger: Ledger,
  ports: CommandPorts,
): Handlers<typeof ledgerRoutes, P> {
  return {
    'ledger.status': async () => {
      const [head, lag, state] = [await ledger.head(), await ledger.lag(), ledger.state()]
      return {
        state: state.s,
        ...(state.s === 'halted' ? { detail: `${state.cause}: ${state.detail}` } : {}),
        origin: head?.origin ?? null,
        size: head?.size ?? 0,
        queued: lag.queued,
        oldestQueuedMs: lag.oldestMs,
        checkpoint: head?.note ?? null,
        vkey: ledger.vkey,
      }
    },
    'ledger.entries': async ({ query }) => {
      const after = query.cursor === undefined ? undefined : afterOf(query.cursor)
      const filter: EntryFilter = {
        limit: query.limit + 1,
        newestFirst: query.sort === '-index',
        ...(query.stream === undefined ? {} : { stream: query.stream }),
        ...(query.kind === undefined ? {} : { kinds: query.kind.split(',') }),
        ...(query.from === undefined ? {} : { from: query.from }),
        ...(after === undefined ? {} : { after }),
      }
      const page = toPage(await ledger.entries(filter), query.limit, (entry) => [entry.index])
      return { ...page, items: page.items.map(entryView) }
    },
    'ledger.entry': async ({ params }) => {
      const entry = await ledger.entry(params.id)
      if (entry === null) throw new AppError('NOT_FOUND')
      return entryView(entry)
    },
    'ledger.proof': async ({ params }) => {
      const proof = await ledger.proof(params.id)
      if (proof === null) {
        if ((await ledger.entry(params.id)) === null) throw new AppError('NOT_FOUND')
        throw new AppError('UNAVAILABLE', 'the entry has no index yet', { extra: { retryAfterS: 1 } })
      }
      return {
        index: proof.index,
        leaf: Buffer.from(proof.leaf).toString('base64url'),
        path: proof.path.map((hash) => Buffer.from(hash).toString('base64url')),
        checkpoint: proof.note,
        opening: {
          count: proof.opening.count,
          fields: proof.opening.fields.map(({ index, pointer, value, salt }) => ({
            index,
            pointer,
            value,
            salt,
          })),
        },
      }
    },
    'ledger.reveal': async ({ caller, params, body }) => {
      const { stream, sealed } = await revealEntry(ports, issuerOf(caller()), params.id, body.reason)
      return { stream, sealed: sealed === null ? null : { ...sealed } }
    },
    'ledger.export': async ({ caller }) => {
      const head = await ledger.head()
      if (head !== null && head.size > 0) await recordExport(ports, issuerOf(caller()), head.size)
      const lines = await ledger.export()
      if (lines === null) throw new AppError('NOT_FOUND', 'the log is empty; an empty export proves nothing')
      return new Stream(lines, `countersign-${toRfc3339(epochMs(Date.now())).replaceAll(':', '')}.jsonl`)
    },
  }
}

function afterOf(cursor: string): number {
  const [index] = decodeCursor(cursor) ?? []
  if (typeof index !== 'number' || !Number.isSafeInteger(index))
    throw new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
  return index
}

function entryView({ facts, ...entry }: LedgerEntry) {
  return { ...entry, facts: { ...facts }, at: toRfc3339(entry.at) }
}

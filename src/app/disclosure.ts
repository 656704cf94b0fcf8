import { disclosure } from '../governance/people/index.ts'
import { actorText, AppError, type EventId, type JsonObject, type UseCaseId } from '../kernel/index.ts'
import { requireEverywhere } from './access.ts'
import { disclosures } from './aggregates/people.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import { requireReadable } from './readable.ts'

/** Opens the sealed half of one entry for a stated reason; the opening is an entry itself. Null when it was erased. */
export function revealEntry(
  ports: CommandPorts,
  issuer: Issuer,
  entry: EventId,
  reason: string,
): Promise<{ readonly stream: string; readonly sealed: JsonObject | null }> {
  return runCommand(ports, issuer, async (work) => {
    const [row] = await work.tx.query<{
      stream: string
      sealed: JsonObject | null
      useCaseId: UseCaseId | null
    }>(
      `select e.stream, p.personal::jsonb as sealed, use_case_of(e.stream) as "useCaseId"
       from ledger.entry e join ledger.payload p on p.event_id = e.id where e.id = $1`,
      [entry],
    )
    if (row === undefined) throw new AppError('NOT_FOUND')
    const { stream, sealed, useCaseId } = row
    await requireReveal(work, useCaseId)
    await record(work, { c: 'reveal', entry, stream, reason })
    return { stream, sealed }
  })
}

/** Records that somebody takes the whole ledger away, of this size. */
export function recordExport(ports: CommandPorts, issuer: Issuer, size: number): Promise<void> {
  return runCommand(ports, issuer, (work) => record(work, { c: 'export', size }))
}

/** Records that somebody takes the answers of so many use cases away. */
export function recordUseCaseExport(ports: CommandPorts, issuer: Issuer, size: number): Promise<void> {
  return runCommand(ports, issuer, (work) => record(work, { c: 'export', size, subject: 'use_cases' }))
}

/** What belongs to no use case is opened only by whoever may open anything. */
async function requireReveal(work: Work, useCaseId: UseCaseId | null): Promise<void> {
  const reader = { authority: work.issuer.authority, person: personOf(work.issuer) }
  if (useCaseId !== null)
    return requireReadable((sql, params) => work.tx.query(sql, params), reader, useCaseId, 'sealed.reveal')
  requireEverywhere(reader.authority, 'sealed.reveal', work.now)
}

async function record(work: Work, command: disclosure.Command): Promise<void> {
  const { actor, authn } = work.issuer
  await work.apply(disclosures, actorText(actor), command, { now: work.now, actor, authn })
}

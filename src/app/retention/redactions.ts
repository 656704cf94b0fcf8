import { wordsOf } from '../../governance/intake/index.ts'
import type { redaction } from '../../governance/retention/index.ts'
import { AppError, isId, type EventId, type UnitId, type UseCaseId, type UserId } from '../../kernel/index.ts'
import { functionsHeld, may, unitPath } from '../access.ts'
import { redactions } from '../aggregates/retention.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { requireReadable } from '../readable.ts'
import { removeSealed } from './erasure.ts'
import { holdsOver, lockHolds } from './holds.ts'

export type NewRedaction = { readonly basis: redaction.Basis; readonly reason: string }

/** Asks that the text of one entry goes, or, as a second person, takes it away for good. */
export function redactEntry(
  ports: CommandPorts,
  issuer: Issuer,
  entry: EventId,
  input: NewRedaction,
): Promise<{ readonly state: 'requested' | 'redacted' }> {
  return runCommand(ports, issuer, async (work) => {
    await lockHolds(work)
    const found = await entryOf(work, entry)
    const context = await contextOf(work, entry, found)
    const { state } = await work.apply(redactions, entry, { c: 'redact', ...input }, context)
    if (state.s !== 'redacted') return { state: 'requested' }
    await removeSealed(work.tx, [entry])
    if (found.kind === 'intake.answers_changed') await retitle(work, found.stream)
    return { state: 'redacted' }
  })
}

type Found = {
  readonly stream: string
  readonly kind: string
  readonly isSealed: boolean
  readonly actor: string
  readonly useCaseId: UseCaseId | null
  readonly unit: UnitId | null
}

async function entryOf(work: Work, entry: EventId): Promise<Found> {
  const [row] = await work.tx.query<Found>(
    `select e.stream, e.kind, p.personal is not null as "isSealed", c.actor, u.id as "useCaseId", u.unit_id as unit
     from ledger.entry e join ledger.payload p on p.event_id = e.id join ledger.command c on c.seq = e.seq
       left join use_cases u on u.id = use_case_of(e.stream) where e.id = $1`,
    [entry],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  return row
}

async function contextOf(
  work: Work,
  entry: EventId,
  { stream, kind, isSealed, actor, useCaseId, unit }: Found,
): Promise<redaction.Context> {
  const { issuer, now } = work
  const { authority } = issuer
  const person = personOf(issuer)
  const query = (sql: string, params?: readonly unknown[]) => work.tx.query<never>(sql, params)
  const place = { unitPath: await unitPath(query, unit), useCaseId }
  if (useCaseId !== null) await requireReadable(query, { authority, person }, useCaseId, 'text.redact')
  else if (!may(authority, 'text.redact', place, now)) throw new AppError('FORBIDDEN')
  const concerned = { person: authorIn(actor), useCases: new Set(useCaseId === null ? [] : [useCaseId]) }
  return {
    now,
    person,
    authn: issuer.authn,
    functions: functionsHeld(authority, now, place),
    entry: { id: entry, stream, kind, isSealed },
    holds: await holdsOver(work, concerned),
  }
}

function authorIn(actor: string): UserId | null {
  const ref = actor.slice('p:'.length)
  return isId('user', ref) ? ref : null
}

/** Lists show and search what the newest answers say that are still there. */
async function retitle(work: Work, stream: string): Promise<void> {
  const newest = (key: string) => `(select p.personal::jsonb -> 'texts' ->> '${key}'
    from ledger.entry e join ledger.payload p on p.event_id = e.id
    where e.stream = $1 and e.kind = 'intake.answers_changed'
      and jsonb_typeof(p.personal::jsonb -> 'texts' -> '${key}') = 'string' order by e.rev desc limit 1)`
  const rows = await work.tx.query<{ title: string }>(
    `update use_cases set title = coalesce(${newest('title')}, ''), provider = ${newest('provider')},
       model_id = ${newest('modelId')} where 'useCase/' || id = $1 returning title`,
    [stream],
  )
  for (const { title } of rows)
    await work.tx.query(`update use_cases set title_words = $2 where 'useCase/' || id = $1`, [
      stream,
      wordsOf(title),
    ])
}

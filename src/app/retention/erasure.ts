import { isOfTheRecord } from '../../governance/retention/index.ts'
import { AppError, type EventId, type JsonObject, type UserId } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { personContext } from '../identity/person-context.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { holdsOver, lockHolds, useCasesOf } from './holds.ts'

/**
 * Erases a person: profile, credentials, sessions, and every text that they wrote in their own name. The pseudonym, its
 * acts and their proofs stay (PD-10). Refused while a hold concerns them.
 */
export async function erasePerson(
  ports: CommandPorts,
  issuer: Issuer,
  id: UserId,
  revision?: number,
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const context = await personContext(work, id)
    const { state, rev } = await work.load(people, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    work.expect(rev, revision)
    await lockHolds(work)
    await lockAuthor(work.tx, id)
    const holds = await holdsOver(work, { person: id, useCases: await useCasesOf(work, id) })
    await work.apply(people, id, { c: 'erase' }, { ...context, holds })
    await removeTextsBy(work, id)
    await work.tx.query('delete from idempotency_keys where principal = $1', [id])
    for (const table of [
      'notices',
      'deliveries',
      'watches',
      'notice_switches',
      'mail_choices',
      'work_snoozes',
    ])
      await work.tx.query(`delete from ${table} where person_id = $1`, [id])
  })
}

/** Takes the sealed halves of these entries away for good; what is hashed stays. */
export async function removeSealed(tx: Tx, entries: readonly EventId[]): Promise<void> {
  await tx.query('update ledger.payload set personal = null, personal_key = null where event_id = any($1)', [
    entries,
  ])
}

/** Waits for whoever writes in the name of this person at the moment; they find an erased person afterwards. */
async function lockAuthor(tx: Tx, id: UserId): Promise<void> {
  await tx.query('select 1 from people where id = $1 for update', [id])
}

async function removeTextsBy(work: Work, id: UserId): Promise<void> {
  const rows = await work.tx.query<{ id: EventId; kind: string; facts: JsonObject }>(
    `select e.id, e.kind, p.facts::jsonb as facts
     from ledger.command c join ledger.entry e on e.seq = c.seq join ledger.payload p on p.event_id = e.id
     where c.actor = 'p:' || $1 and p.personal is not null`,
    [id],
  )
  const own = rows.filter(({ kind, facts }) => !isOfTheRecord(kind, facts))
  await removeSealed(
    work.tx,
    own.map((row) => row.id),
  )
}

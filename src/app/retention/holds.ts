import { hasRole } from '../../governance/people/index.ts'
import { hold } from '../../governance/retention/index.ts'
import {
  AppError,
  type EpochMs,
  type HoldId,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { functionsHeld, may, unitPath } from '../access.ts'
import { holds } from '../aggregates/retention.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'

export type NewHold = {
  readonly subject: hold.Subject
  readonly matter: string
  readonly reason: string
}

/** Places a hold. From then on nothing that it concerns is erased or redacted. */
export function placeHold(
  ports: CommandPorts,
  issuer: Issuer,
  input: NewHold,
): Promise<{ readonly id: HoldId }> {
  return runCommand(ports, issuer, async (work) => {
    await lockHolds(work)
    const id = work.ids.next('hold')
    const context = await contextOf(work, id, input.subject, 'hold.place')
    await work.apply(holds, id, { c: 'place', ...input }, context)
    return { id }
  })
}

/** Releases a hold; what it has kept may go again. */
export async function releaseHold(
  ports: CommandPorts,
  issuer: Issuer,
  id: HoldId,
  reason: string,
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(holds, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    const context = await contextOf(work, id, state.subject, 'hold.release')
    await work.apply(holds, id, { c: 'release', reason }, context)
  })
}

/**
 * INVARIANT: whatever places a hold or removes what one may concern takes this lock first and keeps it until its commit,
 * so that of the two one sees the other.
 */
export async function lockHolds(work: Work): Promise<void> {
  await work.tx.lockStreams(['hold/all'])
}

/** The holds in force that concern a record, oldest first. Ask under `lockHolds`. */
export async function holdsOver(work: Work, concerned: hold.Concerned): Promise<readonly HoldId[]> {
  const rows = await work.tx.query<{ id: HoldId; state: hold.State }>(
    `select h.id, s.state from holds h join streams s on s.stream = 'hold/' || h.id
     where h.released_at is null order by h.id`,
  )
  return rows.filter(({ state }) => hold.concerns(state, concerned)).map(({ id }) => id)
}

/** The use cases in which a person asked, owns, voted or wrote. */
export async function useCasesOf(work: Work, person: UserId): Promise<ReadonlySet<UseCaseId>> {
  const rows = await work.tx.query<{ id: UseCaseId }>(
    `select id from use_cases where $1 in (requester_id, business_owner_id, technical_owner_id, backup_owner_id)
     union select c.use_case_id from ballots b join cases c on c.id = b.case_id where b.person_id = $1
     union select use_case_of(e.stream) from ledger.command c join ledger.entry e on e.seq = c.seq
       join ledger.payload p on p.event_id = e.id
       where c.actor = 'p:' || $1 and p.personal is not null and use_case_of(e.stream) is not null`,
    [person],
  )
  return new Set(rows.map(({ id }) => id))
}

async function contextOf(
  work: Work,
  id: HoldId,
  subject: hold.Subject,
  permission: 'hold.place' | 'hold.release',
): Promise<hold.Context> {
  const { issuer, now } = work
  const { known, unit } = await subjectRow(work, subject)
  const useCaseId = subject.k === 'use_case' ? subject.id : null
  const place = { unitPath: await unitPath((sql, params) => work.tx.query(sql, params), unit), useCaseId }
  if (!may(issuer.authority, permission, place, now)) throw new AppError('FORBIDDEN')
  return {
    now,
    id,
    person: personOf(issuer),
    authn: issuer.authn,
    functions: functionsHeld(issuer.authority, now, place),
    isAdministrator: isAdministrator(issuer, now),
    subject: known,
  }
}

function isAdministrator({ authority }: Issuer, now: EpochMs): boolean {
  return authority.k === 'person' && hasRole(authority.grants, 'admin', now)
}

type SubjectRow = { readonly known: hold.Context['subject']; readonly unit: UnitId | null }

/** What the hold is about. The unit counts for use cases alone: a person is held everywhere. */
async function subjectRow(work: Work, subject: hold.Subject): Promise<SubjectRow> {
  if (subject.k === 'installation') return { known: 'known', unit: null }
  const sql =
    subject.k === 'person'
      ? `select case state when 'erased' then 'erased' else 'known' end as known, null as unit from people where id = $1`
      : `select 'known' as known, unit_id as unit from use_cases where id = $1`
  const [row] = await work.tx.query<SubjectRow>(sql, [subject.id])
  return row ?? { known: 'unknown', unit: null }
}

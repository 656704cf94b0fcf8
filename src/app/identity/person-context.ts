import type { charter } from '../../governance/committee/index.ts'
import type { person } from '../../governance/people/index.ts'
import type { UnitId, UserId } from '../../kernel/index.ts'
import { personOf, type Work } from '../command.ts'
import { isSeatedFrom } from './seats.ts'

/** What a command about a person names, so that its facts can be looked up. */
export type Named = { readonly units?: readonly UnitId[]; readonly email?: string }

/**
 * The facts that every person command needs. One person command runs at a time, and none beside a change of the charter:
 * of two administrators who suspend each other at the same moment the second one is then the last, and nobody gets a
 * seat while they become an administrator.
 */
export async function personContext(work: Work, id: UserId, named: Named = {}): Promise<person.Context> {
  const { tx, now, ids, issuer } = work
  await tx.lockStreams(['charter/main'])
  const [facts] = await tx.query<{
    charters: charter.State | null
    otherAdministrators: number
    isEmailTaken: boolean
    units: readonly UnitId[]
  }>(
    `select (select state from streams where stream = 'charter/main') as charters,
       (select count(*) from people p join streams s on s.stream = 'person/' || p.id
        where p.is_admin and p.state = 'active' and p.id <> $1 and exists (
          select 1 from jsonb_array_elements(s.state -> 'grants') g
          where g ->> 'role' = 'admin' and coalesce((g ->> 'until')::bigint > $2, true))) as "otherAdministrators",
       exists (select 1 from people where lower(email) = lower($3) and id <> $1) as "isEmailTaken",
       array(select id from units where id = any($4)) as units`,
    [id, now, named.email ?? null, named.units ?? []],
  )
  if (facts === undefined) throw new Error('one row was expected')
  return {
    now,
    id,
    actor: personOf(issuer),
    authn: issuer.authn,
    ids,
    otherAdministrators: facts.otherAdministrators,
    isSeated: isSeatedFrom(facts.charters, id, now),
    holds: [], // an erasure looks them up, under the lock of all holds
    isEmailTaken: facts.isEmailTaken,
    units: new Set(facts.units),
  }
}

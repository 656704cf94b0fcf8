import type { charter } from '../../governance/committee/index.ts'
import type { person } from '../../governance/people/index.ts'
import type { AuthnContext, EpochMs, UserId } from '../../kernel/index.ts'
import type { Issuer } from '../command.ts'
import { seatOf } from '../identity/seats.ts'
import type { Query } from '../ports/query.ts'

/**
 * The importer as they are now: an import goes on when its window is closed, and ends with the roles that allowed it.
 * Null when they are no longer active.
 */
export async function importerOf(
  query: Query,
  who: UserId,
  authn: AuthnContext,
  now: EpochMs,
): Promise<Issuer | null> {
  const [row] = await query<{ state: person.State; charters: charter.State | null }>(
    `select p.state, c.state as charters
     from streams p left join streams c on c.stream = 'charter/main' where p.stream = 'person/' || $1`,
    [who],
  )
  if (row === undefined || row.state.s !== 'active') return null
  const seat = seatOf(row.charters, who, now)
  return {
    actor: { k: 'person', ref: who },
    authn,
    channel: 'api',
    authority: { k: 'person', grants: row.state.grants, seat },
  }
}

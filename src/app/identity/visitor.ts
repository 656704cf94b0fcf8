import { AppError, type UserId } from '../../kernel/index.ts'
import type { Chartered } from '../../governance/people/index.ts'
import { databaseNow } from '../clock.ts'
import { listPeople } from './people-views.ts'
import type { IdentityPorts } from './ports.ts'
import { createSession } from './sessions.ts'

/** What the visitors of a demo installation need besides its people. */
export type Cast = {
  /** Signs a challenge with the passkey that the demo keeps for somebody; null when it keeps none. */
  readonly sign: (person: UserId, challenge: string) => Promise<object | null>
}

export type CastMember = {
  readonly id: UserId
  readonly name: string
  readonly roles: readonly string[]
  readonly seat: Chartered
}

const mostPeople = 200

/** The invented people that a visitor may be. */
export async function listCast({ query }: Pick<IdentityPorts, 'query'>): Promise<readonly CastMember[]> {
  const people = await listPeople(query, { state: 'active', limit: mostPeople })
  return people.map(({ id, name, grants, seat }) => ({
    id,
    name: name ?? id,
    roles: grants.map(({ role }) => role),
    seat,
  }))
}

/** A session as an invented person, as if they had just used their passkey. Only a demo installation calls this. */
export async function enterAs(
  { query, random }: Pick<IdentityPorts, 'query' | 'random'>,
  person: UserId,
): Promise<{ readonly token: string }> {
  const [known] = await query(`select id from people where id = $1 and state = 'active'`, [person])
  if (known === undefined) throw new AppError('NOT_FOUND')
  return createSession(query, random, { person, method: 'passkey', mfa: true, now: await databaseNow(query) })
}

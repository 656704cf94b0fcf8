import type { EpochMs, UseCaseId, UserId } from '../../kernel/index.ts'
import { may, visibilityOf, visibleSql, type Authority } from '../access.ts'
import type { Query } from '../ports/query.ts'

/** A new entry of the log: its stream, and the use case that it belongs to. */
export type Entry = {
  readonly index: number
  readonly stream: string
  readonly useCaseId: UseCaseId | null
}

/** Who listens, with what they may do at the moment. */
export type Listener = {
  readonly authority: Authority
  readonly person: UserId
  readonly now: EpochMs
}

/** How many entries the log has. */
export async function logSize(query: Query): Promise<number> {
  const [row] = await query<{ size: number }>('select size from ledger.log')
  return row?.size ?? 0
}

/** The entries of the log from `from` on, as far as it reads at once. What the clock ends names its record in its facts. */
export function entriesFrom(query: Query, from: number, limit: number): Promise<readonly Entry[]> {
  return query<Entry>(
    `select l.index, e.stream, case when e.stream like 'expiry/%' then coalesce(
         use_case_of('useCase/' || (p.facts::jsonb ->> 'useCaseId')), use_case_of('case/' || (p.facts::jsonb ->> 'caseId')),
         use_case_of('waiver/' || (p.facts::jsonb ->> 'waiverId')), use_case_of('condition/' || (p.facts::jsonb ->> 'conditionId')))
       else use_case_of(e.stream) end as "useCaseId"
     from ledger.leaf l join ledger.entry e on e.id = l.event_id join ledger.payload p on p.event_id = e.id
     where l.index >= $1 order by l.index limit $2`,
    [from, limit],
  )
}

/**
 * The topics of `listener` that entries concern.
 * INVARIANT: an entry about a use case which somebody may not read is not told to them, not even that there is one.
 */
export async function concerns(
  query: Query,
  listener: Listener,
  entries: readonly Entry[],
): Promise<ReadonlySet<'work' | 'health' | 'traffic'>> {
  const { authority, person, now } = listener
  const topics = new Set<'work' | 'health' | 'traffic'>()
  if (entries.length === 0) return topics
  const isAdministrator =
    may(authority, 'role.grant', null, now) || may(authority, 'people.manage', null, now)
  const visible = await visibleAmong(query, listener, entries)
  const { all, units, useCases } = visibilityOf(listener, 'useCase.read', now)
  const seesCalls = all || units.length > 0 || useCases.length > 0
  for (const { stream, useCaseId } of entries) {
    const [kind] = stream.split('/')
    // A batch holds calls of many: that somebody called somewhere is all that is told.
    if (kind === 'gateway-boot' && seesCalls) topics.add('traffic')
    const isTold =
      useCaseId === null
        ? kind === 'charter' ||
          stream === 'stop/installation:installation' ||
          (kind === 'person' && (isAdministrator || stream === `person/${person}`))
        : visible.has(useCaseId)
    if (!isTold) continue
    topics.add('work')
    if (kind === 'stop') topics.add('health')
  }
  if (may(authority, 'ledger.read', null, now)) topics.add('health')
  return topics
}

async function visibleAmong(
  query: Query,
  listener: Listener,
  entries: readonly Entry[],
): Promise<ReadonlySet<UseCaseId>> {
  const named = [...new Set(entries.flatMap(({ useCaseId }) => (useCaseId === null ? [] : [useCaseId])))]
  if (named.length === 0) return new Set()
  const rows = await query<{ id: UseCaseId }>(
    `select u.id from use_cases u where u.id = any($2) and ${visibleSql('u', 1)}`,
    [JSON.stringify(visibilityOf(listener, 'useCase.read', listener.now)), named],
  )
  return new Set(rows.map(({ id }) => id))
}

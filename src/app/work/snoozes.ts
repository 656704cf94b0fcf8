import type { PolicySet } from '../../governance/policies/index.ts'
import { AppError, type EpochMs, type UserId } from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { instant, millis } from '../sql.ts'
import type { WorkKind } from '../../kernel/work-kinds.ts'
import type { Asking, WorkItem } from './item.ts'
import { faultsIn, isAsleep, type Snooze } from './snooze.ts'
import { deriveWork } from './sources.ts'

type Named = { readonly kind: WorkKind; readonly id: string }

/** How a person's snoozes name an item. */
export function snoozeKey({ kind, id }: Named): string {
  return `${kind}/${id}`
}

/** What a person has put off and until when; what is over is left out. */
export async function snoozesOf({ query, reader, now }: Asking): Promise<ReadonlyMap<string, Snooze>> {
  const rows = await query<Named & Snooze>(
    `select kind, record as id, ${millis('until_at')} as until, ${millis('since_at')} as since
     from work_snoozes where person_id = $1 and until_at > ${instant(2)}`,
    [reader.person, now],
  )
  return new Map(rows.map((row) => [snoozeKey(row), row]))
}

/** Until when the item is put off; null when it is not. */
export function asleepUntil(
  item: WorkItem,
  snoozes: ReadonlyMap<string, Snooze>,
  now: EpochMs,
): EpochMs | null {
  const snooze = snoozes.get(snoozeKey(item))
  return snooze !== undefined && isAsleep(item, snooze, now) ? snooze.until : null
}

/**
 * Puts something that waits for the person off until an instant, or wakes it when that is null. `NOT_FOUND` where nothing
 * of this kind waits for them. Snoozes that are over go with it.
 */
export async function snoozeWork(
  query: Query,
  policies: PolicySet,
  reader: Reader & { readonly person: UserId },
  { kind, id, until }: Named & { readonly until: EpochMs | null },
): Promise<void> {
  const now = await databaseNow(query)
  const { person } = reader
  await query(`delete from work_snoozes where person_id = $1 and until_at <= ${instant(2)}`, [person, now])
  if (until === null) {
    await query('delete from work_snoozes where person_id = $1 and kind = $2 and record = $3', [
      person,
      kind,
      id,
    ])
    return
  }
  const waiting = (await deriveWork({ query, policies, reader, now })).find(
    (item) => item.kind === kind && item.id === id,
  )
  if (waiting === undefined) throw new AppError('NOT_FOUND')
  const reasons = faultsIn(waiting, until, now)
  if (reasons.length > 0) throw new AppError('REFUSED', undefined, { reasons })
  await query(
    `insert into work_snoozes (person_id, kind, record, since_at, until_at)
     values ($1, $2, $3, ${instant(4)}, ${instant(5)})
     on conflict (person_id, kind, record) do update set since_at = excluded.since_at, until_at = excluded.until_at`,
    [person, kind, id, waiting.since, until],
  )
}

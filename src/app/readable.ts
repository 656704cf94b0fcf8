import type { Permission } from '../governance/people/index.ts'
import { AppError, epochMs, type UnitId, type UseCaseId, type UserId } from '../kernel/index.ts'
import { requireAt, type Authority } from './access.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** Who reads: what they may do, and the person behind it, who always reads their own use cases. */
export type Reader = { readonly authority: Authority; readonly person: UserId | null }

/**
 * Demands `permission` on a use case, or on what belongs to it, for a read outside of a command. `NOT_FOUND` when there
 * is none or the reader may not even know of it, else `FORBIDDEN`.
 */
export async function requireReadable(
  query: Query,
  caller: Reader,
  useCaseId: UseCaseId,
  permission: Permission,
): Promise<void> {
  const [row] = await query<{ unit: UnitId | null; people: readonly (UserId | null)[]; now: number }>(
    `select unit_id as unit, ${millis('clock_timestamp()')} as now,
       array[requester_id, business_owner_id, technical_owner_id, backup_owner_id] as people
     from use_cases where id = $1`,
    [useCaseId],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const interested = new Set(row.people.filter((person) => person !== null))
  const belonging = { id: useCaseId, unit: row.unit, interested }
  await requireAt(query, caller, permission, belonging, epochMs(row.now))
}

/** The same for what belongs to a use case, named by its stream, such as `override/<id>`. */
export async function requireStreamReadable(
  query: Query,
  caller: Reader,
  stream: string,
  permission: Permission,
): Promise<void> {
  const [row] = await query<{ useCaseId: UseCaseId | null }>('select use_case_of($1) as "useCaseId"', [
    stream,
  ])
  if (row === undefined || row.useCaseId === null) throw new AppError('NOT_FOUND')
  await requireReadable(query, caller, row.useCaseId, permission)
}

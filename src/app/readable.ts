import type { Permission } from '../governance/people/index.ts'
import { AppError, epochMs, type EpochMs, type UnitId, type UseCaseId, type UserId } from '../kernel/index.ts'
import { permissionsAt, requireAt, type Authority, type Belonging } from './access.ts'
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
  const { belonging, now } = await belongingOf(query, useCaseId)
  await requireAt(query, caller, permission, belonging, now)
}

/** Every permission that the reader has on a use case, so that a screen offers what they may do and nothing else. */
export async function permittedOn(
  query: Query,
  caller: Reader,
  useCaseId: UseCaseId,
): Promise<readonly Permission[]> {
  const { belonging, now } = await belongingOf(query, useCaseId)
  return permissionsAt(query, caller, belonging, now)
}

/** Whether the reader may see what people typed about a use case. Auditors see facts; they open text entry by entry. */
export async function readsText(query: Query, caller: Reader, useCaseId: UseCaseId): Promise<boolean> {
  try {
    await requireReadable(query, caller, useCaseId, 'text.read')
    return true
  } catch (error) {
    if (error instanceof AppError && (error.code === 'FORBIDDEN' || error.code === 'NOT_FOUND')) return false
    throw error
  }
}

async function belongingOf(
  query: Query,
  useCaseId: UseCaseId,
): Promise<{ readonly belonging: Belonging; readonly now: EpochMs }> {
  const [row] = await query<{ unit: UnitId | null; people: readonly (UserId | null)[]; now: number }>(
    `select unit_id as unit, ${millis('clock_timestamp()')} as now,
       array[requester_id, business_owner_id, technical_owner_id, backup_owner_id] as people
     from use_cases where id = $1`,
    [useCaseId],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const interested = new Set(row.people.filter((person) => person !== null))
  return { belonging: { id: useCaseId, unit: row.unit, interested }, now: epochMs(row.now) }
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

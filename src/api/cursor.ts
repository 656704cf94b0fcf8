import type { After } from '../app/registry-views.ts'
import { decodeCursor } from '../contracts/paging.ts'
import { AppError, epochMs } from '../kernel/index.ts'
import { isStorable } from './strict-json.ts'

/** The place in a list that is ordered by instant and id; null for its beginning. */
export function afterOf(cursor: string | undefined): After | null {
  if (cursor === undefined) return null
  const [at, id] = decodeCursor(cursor) ?? []
  if (
    typeof at !== 'number' ||
    !Number.isSafeInteger(at) ||
    at < 0 ||
    typeof id !== 'string' ||
    !isStorable(id)
  )
    throw badCursor()
  return { at: epochMs(at), id }
}

/** The place in a list that is ordered by id. */
export function idIn(cursor: string): string {
  const [id] = decodeCursor(cursor) ?? []
  if (typeof id !== 'string' || !isStorable(id)) throw badCursor()
  return id
}

function badCursor(): AppError {
  return new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
}

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

/** The place in a list that is ordered by a whole number. */
export function numberIn(cursor: string): number {
  const [n] = decodeCursor(cursor) ?? []
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || Math.abs(n) > 2_147_483_647) throw badCursor()
  return n
}

/** The place in a list that is ordered by two texts. */
export function pairIn(cursor: string): readonly [string, string] {
  const [first, second] = decodeCursor(cursor) ?? []
  if (typeof first !== 'string' || typeof second !== 'string' || !isStorable(first) || !isStorable(second))
    throw badCursor()
  return [first, second]
}

function badCursor(): AppError {
  return new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
}

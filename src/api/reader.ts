import { visibilityOf, type Visibility } from '../app/access.ts'
import { personOf } from '../app/command.ts'
import type { Reader } from '../app/readable.ts'
import type { EpochMs } from '../kernel/index.ts'
import type { Principal } from './handler.ts'

/** Whom a view is made for. */
export function readerOf(principal: Principal): Reader {
  return { authority: principal.authority, person: personOf(principal) }
}

/** The use cases, and what belongs to them, that somebody may read at `now`. */
export function visibleTo(principal: Principal, now: EpochMs): Visibility {
  return visibilityOf(readerOf(principal), 'useCase.read', now)
}

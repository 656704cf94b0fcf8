import { loadGuard } from '../adapters/files/guard-catalogue.ts'
import type { Guard } from '../guard/inspect.ts'
import { AppError, type Digest } from '../kernel/index.ts'

/** The shipped guard. Throws `INVALID_INPUT` when it is not the one that `expected` names. */
export function pinnedGuard(catalogueFolder: string, expected: Digest | null): Guard {
  const guard = loadGuard(catalogueFolder)
  if (expected !== null && guard.digest !== expected)
    throw new AppError(
      'INVALID_INPUT',
      `the guard is \`${guard.digest}\`, and \`COUNTERSIGN_GUARD_DIGEST\` wants another; restore its files, or name this digest once you have looked at what has changed`,
    )
  return guard
}

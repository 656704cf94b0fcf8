import type { Query } from '../../app/ports/query.ts'
import { lastChanges } from '../../app/setting-changes.ts'
import type { settingsRoutes } from '../../contracts/routes/settings.ts'
import { epochMs, toRfc3339, type Digest } from '../../kernel/index.ts'
import type { Handlers, Principal } from '../handler.ts'

/** By what this installation is known. */
export type About = {
  readonly version: string
  readonly origin: string
  readonly rootFingerprint: Digest
  readonly issuer: string
  readonly logVkey: string
}

/** How the installation itself is set, read only: each part is changed by routes of its own. */
export function settingsHandlers<P extends Principal>(
  query: Query,
  about: About,
): Handlers<typeof settingsRoutes, P> {
  return {
    'settings.read': async () => {
      const changes = await lastChanges(query)
      return { ...about, changes: changes.map(({ at, ...row }) => ({ ...row, at: toRfc3339(epochMs(at)) })) }
    },
  }
}

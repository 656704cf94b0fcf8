import type { CommandPorts } from '../../app/command.ts'
import { describeOrganisation } from '../../app/identity/organisation.ts'
import type { Query } from '../../app/ports/query.ts'
import { lastChanges } from '../../app/setting-changes.ts'
import type { settingsRoutes } from '../../contracts/routes/settings.ts'
import { epochMs, toRfc3339, type Digest } from '../../kernel/index.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** By what this installation is known. */
export type About = {
  readonly version: string
  readonly origin: string
  readonly rootFingerprint: Digest
  readonly issuer: string
  readonly logVkey: string
}

/** How the installation itself is set: what it is called, and who has changed each other part last by routes of its own. */
export function settingsHandlers<P extends Principal>(
  ports: CommandPorts & { readonly query: Query },
  about: About,
): Handlers<typeof settingsRoutes, P> {
  const { query } = ports
  return {
    'organisation.describe': async ({ caller, body }) => {
      await describeOrganisation(ports, issuerOf(caller()), body)
      return {}
    },
    'settings.read': async () => {
      const changes = await lastChanges(query)
      return { ...about, changes: changes.map(({ at, ...row }) => ({ ...row, at: toRfc3339(epochMs(at)) })) }
    },
  }
}

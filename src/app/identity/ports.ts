import type { CommandPorts } from '../command.ts'
import type { PasskeyPort, PasswordPort, TotpPort } from '../ports/identity.ts'
import type { Query } from '../ports/query.ts'

/** What the use cases of identity need. */
export type IdentityPorts = CommandPorts & {
  readonly query: Query
  readonly passwords: PasswordPort
  readonly totp: TotpPort
  readonly passkeys: PasskeyPort
}

import { exitCodes, UsageError, type CliCommand, type CliInput } from '../cli/cli.ts'
import { AppError } from '../kernel/index.ts'
import { readConfig, type Config } from './config.ts'
import { startRoles, type Started } from './serve.ts'
import { stopRequests } from './signals.ts'

/** `serve`: runs the product, or some roles of it, until it is told to stop. */
export const serveCommand: CliCommand = {
  name: 'serve',
  summary: 'Run Countersign: API, gateway, worker and database',
  options: {
    roles: {
      type: 'string',
      help: 'what this process does, of api,gateway,worker; all of them unless COUNTERSIGN_ROLES says otherwise',
    },
  },
  run: async ({ io, print, values }) => {
    const config = configOf(io.env, values['roles'])
    let lost: (cause: string) => void = () => undefined
    const databaseLost = new Promise<string>((resolve) => (lost = resolve))
    const { stopped, hurried } = stopRequests() // before the start: who stops it half-way must leave no database behind
    const running = await startRoles(config, lost)
    const { origin, gateway, vkey, rootFingerprint, setupToken } = running
    const roles = [...config.roles]
    print({ roles, origin, gateway, vkey, rootFingerprint, setupToken }, greeting(config, running))
    const cause = await Promise.race([stopped, databaseLost])
    // A terminal wants its prompt back; whoever else stops a process may have a balancer that has to learn of it.
    const acceptMs = cause === 'SIGTERM' ? config.drainAcceptMs : 0
    await running.close({ acceptMs, cut: hurried })
    if (cause.startsWith('exit')) {
      io.err(`the database server ended (${cause}); Countersign has stopped\n`)
      return exitCodes.internal
    }
    return exitCodes.ok
  },
}

/** The configuration of a process that serves: the command line decides about the roles. */
export function configOf(env: CliInput['io']['env'], roles: string | boolean | undefined): Config {
  try {
    return readConfig(typeof roles === 'string' ? { ...env, COUNTERSIGN_ROLES: roles } : env)
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_INPUT')
      throw new UsageError(error.message, { cause: error })
    throw error
  }
}

function greeting(config: Config, { origin, gateway, vkey, rootFingerprint, setupToken }: Started): string {
  const lines = [
    ...(origin === null ? [] : [`Countersign runs at ${addressOf(config, origin)}`]),
    ...(gateway === null ? [] : [`Model clients use ${gateway}/v1`]),
    ...(origin === null && gateway === null ? ['The worker runs'] : []),
    ...(vkey === null ? [] : [`Ledger verifier key: ${vkey}`]),
    `Root fingerprint:    ${rootFingerprint}`,
    ...(setupToken === null
      ? []
      : [
          `Set-up token:        ${setupToken} (30 minutes, one use)`,
          'How to go on: docs/guides/getting-started.md',
        ]),
  ]
  return lines.join('\n')
}

/** What people must type, since passkeys and sessions belong to it, and where the process listens if that differs. */
function addressOf({ origin, port }: Config, listening: string): string {
  if (port === 0 || origin === listening) return listening
  return `${origin} (listening on ${listening})`
}

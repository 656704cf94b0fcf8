import { exitCodes, type CliCommand } from '../cli/cli.ts'
import { readConfig, type Config } from './config.ts'
import { startCountersign } from './serve.ts'
import { untilStopped } from './signals.ts'

/** `serve`: runs the product until it is told to stop. */
export const serveCommand: CliCommand = {
  name: 'serve',
  summary: 'Run Countersign: API, gateway, ledger and database',
  run: async ({ io, print }) => {
    const config = readConfig(io.env)
    let lost: (cause: string) => void = () => undefined
    const databaseLost = new Promise<string>((resolve) => (lost = resolve))
    const stopped = untilStopped() // before the start: who stops it half-way must leave no database behind
    const running = await startCountersign(config, lost)
    const { origin, gateway, vkey, rootFingerprint, setupToken } = running
    print(
      { origin, gateway, vkey, rootFingerprint, setupToken },
      [
        `Countersign runs at ${addressOf(config, origin)}`,
        `Model clients use ${gateway}/v1`,
        `Ledger verifier key: ${vkey}`,
        `Root fingerprint:    ${rootFingerprint}`,
        ...(setupToken === null
          ? []
          : [
              `Set-up token:        ${setupToken} (30 minutes, one use)`,
              'How to go on: docs/guides/getting-started.md',
            ]),
      ].join('\n'),
    )
    const cause = await Promise.race([stopped, databaseLost])
    await running.close()
    if (typeof cause === 'string' && cause.startsWith('exit')) {
      io.err(`the database server ended (${cause}); Countersign has stopped\n`)
      return exitCodes.internal
    }
    return exitCodes.ok
  },
}

/** What people must type, since passkeys and sessions belong to it, and where the process listens if that differs. */
function addressOf({ origin, port }: Config, listening: string): string {
  if (port === 0 || origin === listening) return listening
  return `${origin} (listening on ${listening})`
}

import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { startDemoProvider } from '../adapters/demo-provider/demo-provider.ts'
import { exitCodes, UsageError, type CliCommand } from '../cli/cli.ts'
import { readConfig } from './config.ts'
import { leaveKeepsakes } from './demo/keepsakes.ts'
import { foundOrganisation } from './demo/organisation.ts'
import { fillPortfolio } from './demo/portfolio.ts'
import { walkChain } from './demo/walk.ts'
import { startCountersign } from './serve.ts'
import { untilStopped } from './signals.ts'

/** `demo`: a fresh installation with a fictitious organisation, and the whole chain walked before one's eyes. */
export const demoCommand: CliCommand = {
  name: 'demo',
  summary: 'Fill a fresh installation with a fictitious organisation and walk the whole chain',
  options: { exit: { type: 'boolean', help: 'end after the walk instead of going on to serve' } },
  run: async ({ io, values, json }) => {
    const started = performance.now()
    let step = 0
    const tell = (line: string) => {
      step += 1
      const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5)
      io.out(
        json ? `${JSON.stringify({ step, line })}\n` : `${seconds} s  ${String(step).padStart(2)}. ${line}\n`,
      )
    }
    const config = await demoConfig(io.env)
    const running = await startCountersign(config, () => undefined)
    const provider = await startDemoProvider({ chunkDelayMs: 5 })
    try {
      if (running.setupToken === null)
        throw new UsageError(
          `\`${config.home}\` holds an installation already; name another COUNTERSIGN_HOME`,
        )
      tell(`a fresh installation in ${config.home}, API at ${config.origin}`)
      const org = await foundOrganisation(config.origin, running.setupToken, provider.origin, tell)
      const { gateway, vkey } = running
      const walked = await walkChain({ org, gateway, vkey, folder: config.home, tell })
      const live = await fillPortfolio(org, tell)
      const { home, origin } = config
      await leaveKeepsakes({ org, running, origin, home, walked, live })
      tell('done')
      if (values['exit'] === true) return exitCodes.ok
      const stopped = untilStopped()
      io.out(`${goOn(origin, gateway, home)}\n`)
      await stopped
      return exitCodes.ok
    } finally {
      await provider.close()
      await running.close()
    }
  },
}

/** Its own folder and free ports, so that a demo never meets an installation that is in use. */
async function demoConfig(env: Readonly<Record<string, string | undefined>>) {
  const home = resolve(env['COUNTERSIGN_HOME'] ?? './data-demo')
  const port = env['COUNTERSIGN_PORT'] ?? String(await freePort())
  const gateway = env['COUNTERSIGN_GATEWAY_PORT'] ?? String(await freePort())
  return readConfig({
    ...env,
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: port,
    COUNTERSIGN_GATEWAY_PORT: gateway,
    COUNTERSIGN_LOG: env['COUNTERSIGN_LOG'] ?? 'error',
  })
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function goOn(origin: string, gateway: string, home: string): string {
  return [
    '',
    `The demo organisation keeps running at ${origin}; models are called at ${gateway}/v1. Stop it with Ctrl-C.`,
    'Act as any of its people from another terminal, for example:',
    '',
    `  . ${join(home, 'demo.env')}`,
    `  export COUNTERSIGN_SESSION=${join(home, 'sessions', 'anna-analyst.json')}`,
    '  node scripts/countersign.mjs call useCases.list',
    '',
    'What to look at: docs/guides/getting-started.md',
  ].join('\n')
}

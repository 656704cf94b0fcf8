import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { startDemoProvider } from '../adapters/demo-provider/demo-provider.ts'
import { exitCodes, UsageError, type CliCommand, type CliInput } from '../cli/cli.ts'
import { readConfig, type Config } from './config.ts'
import { leaveKeepsakes } from './demo/keepsakes.ts'
import { foundOrganisation } from './demo/organisation.ts'
import { fillPortfolio } from './demo/portfolio.ts'
import { walkChain } from './demo/walk.ts'
import { everyRole } from './roles.ts'
import { startCountersign, type Running } from './serve.ts'
import { untilStopped } from './signals.ts'

/** `demo`: a fresh installation with a fictitious organisation, and the whole chain walked before one's eyes. */
export const demoCommand: CliCommand = {
  name: 'demo',
  summary: 'Fill a fresh installation with a fictitious organisation and walk the whole chain',
  options: {
    exit: { type: 'boolean', help: 'end after the walk instead of going on to serve' },
    again: { type: 'boolean', help: 'serve a demo that was filled before, without the walk' },
    hostname: { type: 'string', help: 'the name under which browsers reach it; localhost unless said' },
    attached: {
      type: 'boolean',
      help: 'end when standard input ends, as it does with the process that holds it',
    },
  },
  run: async (input) => {
    const { io, values, print } = input
    const stopped = Promise.race([untilStopped(), ...(values['attached'] === true ? [untilInputEnds()] : [])])
    const isAgain = values['again'] === true
    const home = resolve(io.env['COUNTERSIGN_HOME'] ?? './data-demo')
    const places = isAgain ? await placesIn(home) : await freePlaces(io.env)
    const hostname = typeof values['hostname'] === 'string' ? values['hostname'] : 'localhost'
    const config = demoConfig(io.env, { home, hostname, places })
    const running = await startCountersign(config, () => undefined)
    const provider = await startDemoProvider({ chunkDelayMs: 5, port: places.provider }).catch(
      async (error: unknown) => {
        await running.close()
        throw error
      },
    )
    try {
      if (!isAgain) {
        const walked = walkIn({ config, running, provider: provider.origin, tell: teller(input) })
        const outcome = await Promise.race([walked.then(() => 'walked'), stopped])
        // A walk cannot be called back: what it has begun would keep the process alive.
        if (outcome !== 'walked') {
          void walked.catch(() => undefined) // the installation is closed under its feet
          await provider.close()
          await running.close()
          process.exit(exitCodes.ok)
        }
        await writeFile(join(home, placesFile), `${JSON.stringify(places)}\n`, { mode: 0o600 })
        if (values['exit'] === true) return exitCodes.ok
      }
      const { origin } = config
      const { gateway } = running
      print({ origin, gateway, home }, goOn(origin, gateway, home))
      await stopped
      return exitCodes.ok
    } finally {
      process.stdin.pause() // else it would keep the process alive
      await provider.close()
      await running.close()
    }
  },
}

type Walk = {
  readonly config: Config
  readonly running: Running
  readonly provider: string
  readonly tell: (line: string) => void
}

async function walkIn({ config, running, provider, tell }: Walk): Promise<void> {
  const { home, origin } = config
  const { gateway, vkey, setupToken } = running
  if (setupToken === null)
    throw new UsageError(`\`${home}\` holds an installation already; name another COUNTERSIGN_HOME`)
  tell(`a fresh installation in ${home}, API at ${origin}`)
  const org = await foundOrganisation(origin, setupToken, provider, tell)
  const walked = await walkChain({ org, gateway, vkey, folder: home, tell })
  const live = await fillPortfolio(org, tell)
  await leaveKeepsakes({ org, running, origin, home, walked, live })
  tell('done')
}

function teller({ io, json }: CliInput): (line: string) => void {
  const started = performance.now()
  let step = 0
  return (line) => {
    step += 1
    const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5)
    io.out(
      json ? `${JSON.stringify({ step, line })}\n` : `${seconds} s  ${String(step).padStart(2)}. ${line}\n`,
    )
  }
}

/** Ports of a demo, kept beside its data: its people's passkeys and its provider are bound to them. */
type Places = { readonly api: number; readonly gateway: number; readonly provider: number }

const placesFile = 'demo.json'

/** Free ports unless named, so that a demo never meets an installation that is in use. */
async function freePlaces(env: CliInput['io']['env']): Promise<Places> {
  const named = (name: string) => (env[name] === undefined ? freePort() : Number(env[name]))
  return {
    api: await named('COUNTERSIGN_PORT'),
    gateway: await named('COUNTERSIGN_GATEWAY_PORT'),
    provider: await freePort(),
  }
}

async function placesIn(home: string): Promise<Places> {
  try {
    return JSON.parse(await readFile(join(home, placesFile), 'utf8')) as Places // our own form
  } catch (cause) {
    throw new UsageError(`\`${home}\` holds no demo that was filled to its end`, { cause })
  }
}

function demoConfig(
  env: CliInput['io']['env'],
  { home, hostname, places }: { readonly home: string; readonly hostname: string; readonly places: Places },
): Config {
  const { api, gateway } = places
  const config = readConfig({
    COUNTERSIGN_ORIGIN: `http://${hostname}:${api}`,
    ...env,
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(api),
    COUNTERSIGN_GATEWAY_PORT: String(gateway),
    COUNTERSIGN_LOG: env['COUNTERSIGN_LOG'] ?? 'error',
  })
  return { ...config, isDemo: true, mayHostDemo: false, roles: new Set(everyRole) }
}

function untilInputEnds(): Promise<'parent'> {
  return new Promise((resolve) => {
    const end = () => resolve('parent')
    process.stdin.once('end', end).once('close', end).once('error', end).resume()
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
    'In the console you may be any of its people. Act as one from another terminal, for example:',
    '',
    `  . ${join(home, 'demo.env')}`,
    `  export COUNTERSIGN_SESSION=${join(home, 'sessions', 'anna-analyst.json')}`,
    '  node scripts/countersign.mjs call useCases.list',
    '',
    'What to look at: docs/guides/getting-started.md',
  ].join('\n')
}

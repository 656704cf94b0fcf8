import { resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { demoFolder } from '../../adapters/demo-host/demo-folder.ts'
import { demoProcess } from '../../adapters/demo-host/demo-process.ts'
import { createDemoHost, type DemoHost } from '../../app/demo/host.ts'
import type { Hindrance } from '../../app/demo/lifecycle.ts'
import type { Query } from '../../app/ports/query.ts'
import type { Config } from '../config.ts'

const program = resolve(import.meta.dirname, '../main.ts')

/** The demo organisation that an administrator may load beside this installation: nothing of it is shared but the machine. */
export function demoBeside(parts: {
  readonly config: Config
  readonly query: Query
  readonly installationId: string
  readonly log: FastifyBaseLogger
}): DemoHost {
  const { config, query, installationId, log } = parts
  const folder = demoFolder({ home: config.home, installationId, log: (message) => log.info(message) })
  return createDemoHost({
    query,
    folder,
    process: demoProcess({
      program: [process.execPath, program],
      options: ['--hostname', new URL(config.origin).hostname],
      env: { ...foreign(process.env), COUNTERSIGN_HOME: folder.path, COUNTERSIGN_HOST: config.host },
    }),
    hindrance: hindranceIn(config),
    log: (message) => log.warn(message),
  })
}

/** The environment without what belongs to this installation alone: its database above all, and who watches it. */
function foreign(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) =>
        name !== 'DATABASE_URL' && !['COUNTERSIGN_', 'OTEL_'].some((prefix) => name.startsWith(prefix)),
    ),
  )
}

function hindranceIn({ isDemo, mayHostDemo, databaseUrl, origin }: Config): Hindrance | null {
  if (isDemo) return 'in_demo'
  if (!mayHostDemo) return 'off'
  if (databaseUrl !== null) return 'own_database'
  return new URL(origin).protocol === 'https:' ? 'behind_proxy' : null
}

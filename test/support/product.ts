import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { readConfig } from '../../src/main/config.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { startCountersign, type Running } from '../../src/main/serve.ts'

/** The whole product in this process, on its own folder, beside a simulated provider. */
export type EmptyProduct = {
  readonly running: Running
  readonly origin: string
  /** Of the simulated provider. */
  readonly provider: string
  readonly setupToken: string
  readonly home: string
  /** Stops the product; its folder stays until `close`. */
  readonly stop: () => Promise<void>
  readonly close: () => Promise<void>
}
/** The same with an organisation in which everybody has signed in. */
export type Product = EmptyProduct & { readonly org: Organisation }

export async function startProduct(): Promise<Product> {
  const product = await startEmptyProduct()
  const { origin, setupToken, provider } = product
  const org = await foundOrganisation(origin, setupToken, provider, () => undefined)
  return { ...product, org }
}

export async function startEmptyProduct(): Promise<EmptyProduct> {
  const home = mkdtempSync(join(tmpdir(), 'cs-product-'))
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
    // A version may be put in force as soon as it stands in shadow.
    COUNTERSIGN_GUARD_SHADOW_HOURS: '0',
    COUNTERSIGN_GUARD_SHADOW_REQUESTS: '0',
  })
  const running = await startCountersign(config, () => undefined, pino({ level: 'silent' }))
  const provider = await startDemoProvider({ chunkDelayMs: 2 })
  let isStopped = false
  const stop = async () => {
    if (isStopped) return
    isStopped = true
    await provider.close()
    await running.close()
  }
  return {
    running,
    origin: config.origin,
    provider: provider.origin,
    setupToken: running.setupToken ?? '',
    home,
    stop,
    close: async () => {
      await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { readConfig } from '../../src/main/config.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { startCountersign, type Running } from '../../src/main/serve.ts'

/** The whole product in this process, on its own folder, with an organisation and a simulated provider. */
export type Product = {
  readonly running: Running
  readonly origin: string
  readonly org: Organisation
  readonly home: string
  /** Stops the product; its folder stays until `close`. */
  readonly stop: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function startProduct(): Promise<Product> {
  const home = mkdtempSync(join(tmpdir(), 'cs-product-'))
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
  })
  const running = await startCountersign(config, () => undefined, pino({ level: 'silent' }))
  const provider = await startDemoProvider({ chunkDelayMs: 2 })
  const org = await foundOrganisation(
    config.origin,
    running.setupToken ?? '',
    provider.origin,
    () => undefined,
  )
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
    org,
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

import { createPool, runningServer } from '../../src/adapters/postgres/index.ts'
import type { RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { storeCalls } from './store-calls.ts'

/**
 * Records calls in the running installation in `home`, sealed and stored as the gateway does it, as one batch of a boot of
 * its own.
 */
export async function recordCalls(home: string, calls: readonly RuntimeRecord[]): Promise<void> {
  const address = runningServer(home)
  if (address === null) throw new Error('no installation runs there')
  const [app, gateway] = [
    createPool(address, 'countersign_app', 1),
    createPool(address, 'countersign_gateway', 1),
  ]
  try {
    const { rows } = await app.query<{ value: string }>(
      "select value from settings where name = 'installation_id'",
    )
    await storeCalls(gateway, calls, `countersign/${rows[0]?.value}`)
  } finally {
    await Promise.all([app.end(), gateway.end()])
  }
}

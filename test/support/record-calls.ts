import { randomBytes } from 'node:crypto'
import {
  createBatchStore,
  createPool,
  createUnitOfWork,
  runningServer,
} from '../../src/adapters/postgres/index.ts'
import type { RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { createRecords } from '../../src/gateway/records.ts'

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
  const random = (n: number) => randomBytes(n)
  try {
    const { rows } = await app.query<{ value: string }>(
      "select value from settings where name = 'installation_id'",
    )
    const unitOfWork = createUnitOfWork(gateway, { origin: `countersign/${rows[0]?.value}`, random })
    const store = createBatchStore({ unitOfWork, random })
    const worker = `w${randomBytes(8).toString('hex')}`
    const records = createRecords({ store, worker, log: () => undefined, monotonicMs: () => 0 })
    for (const [seq, call] of calls.entries())
      records.write({ record: { ...call, worker, seq }, salt: randomBytes(32).toString('base64url') })
    await records.flush()
    if (records.spool().records > 0) throw new Error('the calls were not stored')
    await store.close(worker)
  } finally {
    await Promise.all([app.end(), gateway.end()])
  }
}

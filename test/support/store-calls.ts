import { randomBytes } from 'node:crypto'
import { createBatchStore, createUnitOfWork, type Pool } from '../../src/adapters/postgres/index.ts'
import type { RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { createRecords } from '../../src/gateway/records.ts'

const random = (n: number) => randomBytes(n)

/** Seals and stores calls in the log `origin` as a gateway does it, as one batch of a boot of its own, which ends with it. */
export async function storeCalls(
  gateway: Pool,
  calls: readonly RuntimeRecord[],
  origin = 'countersign/test',
): Promise<void> {
  const store = createBatchStore({ unitOfWork: createUnitOfWork(gateway, { origin, random }), random })
  const worker = `w${randomBytes(8).toString('hex')}`
  const records = createRecords({ store, worker, log: () => undefined, monotonicMs: () => 0 })
  for (const [seq, call] of calls.entries())
    records.write({ record: { ...call, worker, seq }, salt: randomBytes(32).toString('base64url') })
  await records.flush()
  if (records.spool().records > 0) throw new Error('the calls were not stored')
  await store.close(worker)
}

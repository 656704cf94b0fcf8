import { createLeaseStore } from '../../src/adapters/postgres/lease-store.ts'
import { createPool, type Database } from '../../src/adapters/postgres/pool.ts'
import type { Limit } from '../../src/app/ports/gateway.ts'
import { createBudgets } from '../../src/gateway/leases/budgets.ts'

const { database, limit, worker } = JSON.parse(process.env['SPENDER'] ?? '') as {
  readonly database: Database
  readonly limit: Limit
  readonly worker: string
}
const pool = createPool(database, 'countersign_gateway', 1)
const budgets = createBudgets<readonly Limit[]>({
  store: createLeaseStore(pool),
  limitsOf: (limits) => limits,
  worker,
  workers: () => 4,
  monotonicMs: () => performance.now(),
  log: () => undefined,
})
const estimate = { inputTokens: 1, maxOutputTokens: 1, price: null }

await new Promise((resolve) => {
  process.once('message', resolve)
  process.send?.('ready')
})
for (;;) {
  const answer = await budgets.reserve([limit], estimate)
  if ('refused' in answer) break
  await new Promise((resolve) => process.send?.('serves', resolve))
  answer.settle(null)
}
await budgets.close()
await pool.end()
process.disconnect()

import { AppError } from '../kernel/index.ts'
import type { Work } from './command.ts'

/** Age of the oldest entry without index above which nothing may start. SPEC: ledger design, section 4. */
const maxLagMs = 5_000

/**
 * Demands that the ledger keeps up. What starts something asks this first; what stops something never does: stops
 * are accepted and wait.
 */
export async function requireLedger(work: Work): Promise<void> {
  const [row] = await work.tx.query<{ lag: number | null }>(
    `select (extract(epoch from clock_timestamp() - c.at) * 1000)::bigint as lag
     from ledger.queue q join ledger.command c using (seq) order by q.seq limit 1`,
  )
  if (row?.lag !== undefined && row.lag !== null && row.lag > maxLagMs)
    throw new AppError('FAIL_CLOSED', 'the ledger does not keep up; nothing may start until it does')
}

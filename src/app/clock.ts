import { epochMs, type EpochMs } from '../kernel/index.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** The database's time, the only one that counts, for reads outside a command. */
export async function databaseNow(query: Query): Promise<EpochMs> {
  const [row] = await query<{ now: number }>(`select ${millis('clock_timestamp()')} as now`)
  if (row === undefined) throw new Error('the database has no time')
  return epochMs(row.now)
}

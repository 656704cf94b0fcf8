import type { charter } from '../../governance/committee/index.ts'
import { epochMs } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { charterInForce } from './seats.ts'

/** Whether nothing but the first charter can be decided: until two administrators and a charter in force exist. */
export async function isBootstrap(query: Query): Promise<boolean> {
  const [row] = await query<{ administrators: number; charters: charter.State | null; now: number }>(
    `select (select count(*) from people where is_admin and state = 'active') as administrators,
       (select state from streams where stream = 'charter/main') as charters, ${millis('clock_timestamp()')} as now`,
  )
  if (row === undefined || row.administrators < 2) return true
  return charterInForce(row.charters, epochMs(row.now)) === undefined
}

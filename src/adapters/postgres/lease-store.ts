import type { LeaseAnswer, LeaseStore } from '../../app/ports/leases.ts'
import type { Pool } from './pool.ts'

/**
 * Leases in the database, by its clock; the rules stand in the function `lease_limit`, which is all that the role
 * `countersign_gateway` may do with them. Limits are locked in the order of their names, so that no two processes wait
 * for each other.
 */
export function createLeaseStore(pool: Pool): LeaseStore {
  return {
    lease: async (worker, asks, ttlMs) => {
      const { rows } = await pool.query<LeaseAnswer & { name: string }>({
        name: 'lease_limits',
        text: `select ask.name, leased.* from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
                 as ask (name, spent_total, target, volume)
               cross join lateral lease_limit(ask.name, $1, ask.spent_total, ask.target, ask.volume, $2) as leased`,
        values: [worker, ttlMs, ...columnsOf(asks.toSorted((a, b) => (a.limit < b.limit ? -1 : 1)))],
      })
      const answers = new Map(rows.map(({ name, ...answer }) => [name, answer]))
      return asks.map(({ limit }) => answers.get(limit) ?? null)
    },
  }
}

function columnsOf(asks: Parameters<LeaseStore['lease']>[1]) {
  return [
    asks.map(({ limit }) => limit),
    asks.map(({ spentTotal }) => spentTotal),
    asks.map(({ target }) => target),
    asks.map(({ volume }) => volume),
  ]
}

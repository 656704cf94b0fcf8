import type { GatewayProcesses } from '../../app/ports/leases.ts'
import type { Pool } from './pool.ts'

/** The gateways that live, by the clock of the database. */
export function createGatewayProcesses(pool: Pool): GatewayProcesses {
  return {
    beat: async (worker) => {
      const { rows } = await pool.query<{ living: number }>('select gateway_beat($1) as living', [worker])
      return rows[0]?.living ?? 1
    },
    leave: async (worker) => {
      await pool.query('select gateway_leave($1)', [worker])
    },
  }
}

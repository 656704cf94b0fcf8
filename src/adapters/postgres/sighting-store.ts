import type { SightingStore } from '../../app/ports/gateway.ts'
import type { Pool } from './pool.ts'

/** Keeps definitions of tools that a gateway has seen, by the one function that its role may call for it. */
export function createSightingStore(pool: Pool): SightingStore {
  return {
    store: async (seen) => {
      await pool.query('select see_tools($1::jsonb)', [JSON.stringify(seen)])
    },
  }
}

import type { Admissions } from '../../app/ports/gateway.ts'
import { instant } from '../../app/sql.ts'
import { canonicalJson } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

/** Admissions of tier 3 in PostgreSQL, each in a transaction of its own. */
export function createAdmissions(pool: Pool): Admissions {
  return {
    admit: async (worker, { record, salt }) => {
      await pool.query({
        name: 'admit_call',
        text: `insert into gateway_admissions (id, boot, at, deployment_id, record, salt)
               values ($1, $2, ${instant(3)}, $4, $5, $6)`,
        values: [
          record.id,
          worker,
          record.at,
          record.deployment,
          canonicalJson(record),
          Buffer.from(salt, 'base64url'),
        ],
      })
    },
  }
}

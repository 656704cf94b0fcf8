import type { Query } from '../../app/ports/query.ts'
import { faultOf } from './fault.ts'
import type { Pool } from './pool.ts'

/** Single statements on any connection of `pool`. Errors: `UNAVAILABLE` when the database is gone or silent. */
export function queryOn(pool: Pool): Query {
  return async <R extends object>(sql: string, params: readonly unknown[] = []) => {
    try {
      return (await pool.query(sql, [...params])).rows as R[] // the statement names the columns of R
    } catch (error) {
      throw faultOf(error)
    }
  }
}

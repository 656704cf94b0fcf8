import type { IdempotencyStore } from '../../app/ports/idempotency-store.ts'
import { canonicalJson, type Json } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

/** Keys are forgotten after a day: who retries later than that reads the record instead. */
const keepFor = "interval '24 hours'"

/**
 * Idempotency keys in PostgreSQL. A process that dies between its commit and `finish` leaves the key in progress until
 * it is forgotten: the request then never runs twice, and the caller finds the outcome by reading.
 */
export function createIdempotencyStore(pool: Pool): IdempotencyStore {
  return {
    begin: async (principal, key, request) => {
      await pool.query(`delete from idempotency_keys where created_at < now() - ${keepFor}`)
      const taken = await pool.query(
        `insert into idempotency_keys (principal, key, request_digest) values ($1, $2, $3) on conflict do nothing`,
        [principal, key, request],
      )
      if (taken.rowCount === 1) return { k: 'fresh' }
      const { rows } = await pool.query<{
        request_digest: string
        status: number | null
        body: string | null
      }>('select request_digest, status, body from idempotency_keys where principal = $1 and key = $2', [
        principal,
        key,
      ])
      const [row] = rows
      if (row === undefined) return { k: 'in_progress' } // abandoned in between; the retry will be fresh
      if (row.request_digest !== request) return { k: 'mismatch' }
      if (row.status === null || row.body === null) return { k: 'in_progress' }
      return { k: 'replay', status: row.status, body: JSON.parse(row.body) as Json } // written below
    },
    finish: async (principal, key, { status, body }) => {
      await pool.query(
        'update idempotency_keys set status = $3, body = $4 where principal = $1 and key = $2',
        [principal, key, status, canonicalJson(body)],
      )
    },
    abandon: async (principal, key) => {
      await pool.query('delete from idempotency_keys where principal = $1 and key = $2 and status is null', [
        principal,
        key,
      ])
    },
  }
}

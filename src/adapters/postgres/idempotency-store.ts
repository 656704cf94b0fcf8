import { randomBytes } from 'node:crypto'
import type { Claim, IdempotencyStore } from '../../app/ports/idempotency-store.ts'
import type { Query } from '../../app/ports/query.ts'
import { canonicalJson, type CommandId, type Json } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'
import { queryOn } from './query.ts'

/** Keys are forgotten after a day: who retries later than that reads the record instead. */
const keepFor = "interval '24 hours'"
/** Many times what a request takes. Who claims a key for longer has most likely died. */
const claimFor = "interval '10 seconds'"

type Row = {
  readonly request_digest: string
  readonly status: number | null
  readonly body: string | null
  readonly claim: string
  readonly command_id: CommandId | null
  readonly is_stale: boolean
}

/**
 * Idempotency keys in PostgreSQL (ADR 0006).
 * INVARIANT: the command of a claim writes its id into the row of the key, in its own transaction, if the claim is
 * still the one there; so of all who ever held the key at most one has changed anything.
 */
export function createIdempotencyStore(pool: Pool): IdempotencyStore {
  const query = queryOn(pool)
  return {
    begin: async (principal, key, request) => {
      await query(`delete from idempotency_keys where created_at < now() - ${keepFor}`)
      const claim: Claim = { principal, key, token: randomBytes(16).toString('base64url') }
      const taken = await query(
        `insert into idempotency_keys (principal, key, request_digest, claim) values ($1, $2, $3, $4)
         on conflict do nothing returning key`,
        [principal, key, request, claim.token],
      )
      if (taken.length === 1) return { k: 'fresh', claim }
      const [row] = await query<Row>(
        `select request_digest, status, body, claim, command_id, claimed_at < clock_timestamp() - ${claimFor} as is_stale
         from idempotency_keys where principal = $1 and key = $2`,
        [principal, key],
      )
      if (row === undefined) return { k: 'in_progress' } // abandoned in between; the retry will be fresh
      if (row.request_digest !== request) return { k: 'mismatch' }
      if (row.status !== null && row.body !== null)
        return { k: 'replay', status: row.status, body: JSON.parse(row.body) as Json } // written below
      if (!row.is_stale) return { k: 'in_progress' }
      if (row.command_id !== null)
        return { k: 'answer_lost', command: row.command_id, streams: await streamsOf(query, row.command_id) }
      return (await takeOver(query, claim, row.claim)) ? { k: 'fresh', claim } : { k: 'in_progress' }
    },
    finish: async ({ principal, key, token }, { status, body }) => {
      await query(
        'update idempotency_keys set status = $4, body = $5 where principal = $1 and key = $2 and claim = $3',
        [principal, key, token, status, canonicalJson(body)],
      )
    },
    abandon: async ({ principal, key, token }) => {
      await query(
        `delete from idempotency_keys
         where principal = $1 and key = $2 and claim = $3 and status is null and command_id is null`,
        [principal, key, token],
      )
    },
  }
}

/** Waits for a command that is about to commit under the old claim, and then leaves the key to it. */
async function takeOver(query: Query, { principal, key, token }: Claim, from: string): Promise<boolean> {
  const taken = await query(
    `update idempotency_keys set claim = $3, claimed_at = clock_timestamp()
     where principal = $1 and key = $2 and claim = $4 and status is null and command_id is null
     returning key`,
    [principal, key, token, from],
  )
  return taken.length === 1
}

async function streamsOf(query: Query, command: CommandId): Promise<readonly string[]> {
  const rows = await query<{ stream: string }>(
    `select e.stream from ledger.entry e join ledger.command c on c.seq = e.seq where c.id = $1
     group by e.stream order by min(e.part)`,
    [command],
  )
  return rows.map(({ stream }) => stream)
}

import { setTimeout } from 'node:timers/promises'
import { secondMs } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

const [tryEveryMs, beatEveryMs] = [secondMs, 2 * secondMs]

/**
 * Runs `work` in one process at a time, of all that call this with the same key: the others stand by, and one of them takes
 * over when the first ends, is cut off, or stands still for ten seconds. `signal` tells `work` that it leads no longer.
 * It is not a fence: for a moment two may run, so what they do must be safe to be done twice.
 */
export function startLeader(options: {
  readonly pool: Pool
  readonly lockKey: number
  readonly work: () => { readonly stop: () => Promise<void> }
}): { readonly leads: () => boolean; readonly stop: () => Promise<void> } {
  const { pool, lockKey, work } = options
  const stopped = new AbortController()
  let leads = false
  const loop = run()

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      await term().catch(() => undefined) // without a database nobody leads
      await sleep(tryEveryMs)
    }
  }

  async function term(): Promise<void> {
    const client = await pool.connect()
    let lost: Error | undefined
    const note = (error: Error) => (lost = error)
    client.on('error', note)
    try {
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
        lockKey,
      ])
      if (rows[0]?.got !== true) return
      await client.query("set idle_session_timeout = '10s'; set tcp_user_timeout = '10s'")
      leads = true
      const running = work()
      try {
        while (!stopped.signal.aborted) {
          await client.query('select 1') // whoever is frozen does not ask, and loses the lock with the session
          await sleep(beatEveryMs)
        }
      } finally {
        leads = false
        await running.stop()
      }
    } finally {
      client.off('error', note)
      client.release(lost ?? true) // the lock ends with the session
    }
  }

  function sleep(ms: number): Promise<void> {
    return setTimeout(ms, undefined, { signal: stopped.signal }).catch(() => undefined)
  }

  return {
    leads: () => leads,
    stop: async () => {
      stopped.abort()
      await loop
    },
  }
}

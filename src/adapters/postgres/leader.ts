import { setTimeout } from 'node:timers/promises'
import { secondMs } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

const [tryEveryMs, beatEveryMs] = [secondMs, 2 * secondMs]

/**
 * Runs `work` in one process at a time, of all that call this with the same key: the others stand by, and one of them takes
 * over when the first ends, is cut off, or stands still for ten seconds. What ends a term otherwise is told by its code alone.
 * It is not a fence: for a moment two may run, so what they do must be safe to be done twice.
 */
export function startLeader(options: {
  readonly pool: Pool
  readonly lockKey: number
  readonly work: () => { readonly stop: () => Promise<void> }
  readonly log: (level: 'warn', message: string) => void
}): { readonly stop: () => Promise<void> } {
  const { pool, lockKey, work, log } = options
  const stopped = new AbortController()
  const loop = run()

  async function run(): Promise<void> {
    let told: string | null = null // a database that is away is told once, and not every second
    while (!stopped.signal.aborted) {
      const fault = await term().then(() => null, codeOf)
      if (fault !== null && fault !== told) log('warn', `the process cannot lead: ${fault}`)
      told = fault
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
      const running = work()
      try {
        while (!stopped.signal.aborted) {
          await client.query('select 1') // whoever is frozen does not ask, and loses the lock with the session
          await sleep(beatEveryMs)
        }
      } finally {
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
    stop: async () => {
      stopped.abort()
      await loop
    },
  }
}

/** A message may hold what a statement was about. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

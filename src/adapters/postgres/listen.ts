import { Client } from 'pg'
import { secondMs } from '../../kernel/index.ts'
import type { Pool } from './pool.ts'

const [firstRetryMs, longestRetryMs] = [100, 5 * secondMs]

/**
 * Keeps one connection listening to `channel` until the returned function is called. Every connection begins with a call
 * with null, since what happened while there was none is unknown.
 */
export function listen(pool: Pool, channel: string, onNotify: (payload: string | null) => void): () => void {
  let client: Client | null = null
  let timer: NodeJS.Timeout | undefined
  let retryMs = firstRetryMs
  let isStopped = false

  async function connect(): Promise<void> {
    const next = new Client({ ...pool.options, password: pool.options.password, keepAlive: true })
    client = next
    next.on('notification', ({ payload }) => onNotify(payload ?? ''))
    next.on('error', () => retry(next))
    next.on('end', () => retry(next))
    try {
      await next.connect()
      await next.query(`listen ${channel}`)
      retryMs = firstRetryMs
      if (!isStopped) onNotify(null)
    } catch {
      retry(next) // polling goes on meanwhile
    }
  }

  function retry(lost: Client): void {
    if (client !== lost) return // it was given up already
    client = null
    lost.end().catch(() => undefined) // it is lost in any case
    if (isStopped) return
    timer = setTimeout(() => void connect(), retryMs).unref()
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }

  void connect()
  return () => {
    isStopped = true
    clearTimeout(timer)
    const last = client
    client = null
    last?.end().catch(() => undefined) // nothing listens any more
  }
}

import { AppError, minuteMs } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

/** Wrong tries within the window before an account or an address has to wait. */
export const maxFailures = { account: 5, address: 50 }
const windowMs = 15 * minuteMs

export type Limited = { readonly subject: string; readonly limit: number }

/**
 * Makes one attempt at proving something; null from `act` is a wrong try. The attempt is counted before it is made, so
 * that a hundred at once are no more than a hundred in a row. `THROTTLED` with the seconds to wait.
 */
export async function attempt<T>(
  query: Query,
  limits: readonly Limited[],
  act: () => Promise<T | null>,
): Promise<T | null> {
  const noted = await query<{ subject: string; at: string }>(
    `insert into login_failures (subject, at) select s, clock_timestamp() from unnest($1::text[]) as s
     returning subject, at::text as at`,
    [limits.map(({ subject }) => subject)],
  )
  const forget = () =>
    query(
      'delete from login_failures f using unnest($1::text[], $2::timestamptz[]) as n (subject, at) where f.subject = n.subject and f.at = n.at',
      [noted.map(({ subject }) => subject), noted.map(({ at }) => at)],
    )
  try {
    for (const { subject, at } of noted)
      await assertNotThrottled(
        query,
        subject,
        at,
        limits.find((item) => item.subject === subject)?.limit ?? 0,
      )
    const value = await act()
    if (value !== null) await forget()
    return value
  } catch (error) {
    await forget() // refused or failed before anything was proved wrong
    throw error
  }
}

/** Refuses the attempt of `at` when too many failed before it. Each further failure doubles the wait, up to the window. */
async function assertNotThrottled(query: Query, subject: string, at: string, limit: number): Promise<void> {
  const [row] = await query<{ failures: number; last: number | null; now: number }>(
    `select count(*) as failures, max(${millis('at')}) as last, ${millis('clock_timestamp()')} as now from login_failures
     where subject = $1 and at > now() - interval '15 minutes' and at < $2::timestamptz`,
    [subject, at],
  )
  if (row === undefined || row.failures < limit || row.last === null) return
  const waitMs = Math.min(windowMs, 1_000 * 2 ** Math.min(10, row.failures - limit + 3))
  const leftMs = row.last + waitMs - row.now
  if (leftMs > 0)
    throw new AppError('THROTTLED', undefined, { extra: { retryAfterS: Math.ceil(leftMs / 1_000) } })
}

import type { EpochMs } from '../../kernel/index.ts'
import type { MailMode, NoticeKind } from '../../kernel/notice-kinds.ts'

/** How a kind goes by e-mail to whoever has chosen nothing. What waits for an act goes at once, news once a day. */
export function usualMailMode(kind: NoticeKind): MailMode {
  return kind === 'comment' || kind === 'decision' ? 'daily' : 'at_once'
}

/** When the digest of a day goes out. */
export type DigestClock = {
  /** A zone of the IANA data base. */
  readonly timeZone: string
  /** From this hour of the local day on, 0 to 23. */
  readonly hour: number
}

/**
 * The local day, `YYYY-MM-DD`, whose digest is due at `now`; null before its hour. A day on which the clocks skip the
 * hour has its digest right after it.
 */
export function digestDay(now: EpochMs, { timeZone, hour }: DigestClock): string | null {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  if (Number(parts.get('hour')) < hour) return null
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`
}

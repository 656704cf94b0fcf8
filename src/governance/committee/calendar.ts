import { z } from 'zod'
import {
  addMs,
  dayMs,
  digestOf,
  minuteMs,
  schemaFaults,
  type Digest,
  type DocumentFault,
  type EpochMs,
} from '../../kernel/index.ts'

const schema = z.strictObject({
  key: z.string().min(1),
  version: z.int().min(1),
  /** Days of the week without work, Sunday 0. */
  weekend: z.array(z.int().min(0).max(6)).max(6),
  /** `YYYY-MM-DD` in local time. */
  holidays: z.array(z.iso.date()).max(2_000),
  utcOffsetMinutes: z.int().min(-840).max(840),
})

/** On which days people work. A deadline is turned into an instant once; later calendars do not move it. */
export type Calendar = Readonly<z.infer<typeof schema>>

export type ParsedCalendar =
  | { readonly ok: true; readonly calendar: Calendar; readonly digest: Digest }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] }

/** Reads a calendar. */
export function parseCalendar(json: unknown): ParsedCalendar {
  const parsed = schema.safeParse(json)
  return parsed.success
    ? { ok: true, calendar: parsed.data, digest: digestOf(parsed.data) }
    : { ok: false, faults: schemaFaults(parsed.error) }
}

/** The same time of day, `count` working days later. `count` is at least 0 and at most 400. */
export function addBusinessDays(calendar: Calendar, at: EpochMs, count: number): EpochMs {
  if (!Number.isInteger(count) || count < 0 || count > 400) throw new RangeError('0 to 400 business days')
  let day = at
  for (let left = count; left > 0; ) {
    day = addMs(day, dayMs)
    if (isBusinessDay(calendar, day)) left -= 1
  }
  return day
}

function isBusinessDay(calendar: Calendar, at: EpochMs): boolean {
  const local = new Date(at + calendar.utcOffsetMinutes * minuteMs)
  return (
    !calendar.weekend.includes(local.getUTCDay()) &&
    !calendar.holidays.includes(local.toISOString().slice(0, 10))
  )
}

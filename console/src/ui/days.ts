/** A zone as `Intl` takes it; none is the reader's own. */
export type Zone = { readonly timeZone?: string }

const dayMs = 86_400_000

/** The day of an instant, as `2026-12-03`. */
export function dayOf(at: number, zone: Zone): string {
  return new Date(wallClock(at, zone)).toISOString().slice(0, 10)
}

/** The instant at which a day begins; where the clock skips midnight, the first one after it. */
export function startOfDay(day: string, zone: Zone): number {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const offset = (at: number) => wallClock(at, zone) - at
  // The offset of the guess may differ from that of the day's beginning, by a change of the clock in between.
  const guess = midnight - offset(midnight)
  const better = midnight - offset(guess)
  return dayOf(better, zone) === day ? better : Math.max(guess, better)
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10)
}

/** The same day of another month, or its last one where that month is shorter. */
export function addMonths(day: string, count: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + count, Math.min(date, last))).toISOString().slice(0, 10)
}

/** The weeks that a month touches, each from Monday to Sunday. `month` is `2026-12`. */
export function weeksOf(month: string): readonly (readonly string[])[] {
  const first = `${month}-01`
  const monday = addDays(first, -((new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7))
  const weeks: string[][] = []
  for (let day = monday; day < addMonths(first, 1); day = addDays(day, 7))
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(day, i)))
  return weeks
}

/** What the clock on the wall shows, as if it were UTC. */
function wallClock(at: number, zone: Zone): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
    ...zone,
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

import { absolute, inZone, useAppearance, type Appearance } from '../../ui/clock.ts'
import { addDays, dayOf, startOfDay } from '../../ui/days.ts'

const dayMs = 86_400_000

/** Dates as marks on an axis of some days, with its days named; several at one place stand higher. */
export function Axis({
  from,
  days,
  dates,
  label,
}: {
  readonly from: number
  readonly days: number
  readonly dates: readonly number[]
  readonly label: string
}) {
  const { zone } = useAppearance()
  const shareOf = (at: number) => Math.min(100, Math.max(0, ((at - from) / (days * dayMs)) * 100))
  const tomorrow = addDays(dayOf(from, inZone(zone)), 1)
  const step = days > 10 ? 5 : 1
  const names = Array.from({ length: Math.floor((days - 1) / step) + 1 }, (_, i) =>
    startOfDay(addDays(tomorrow, i * step), inZone(zone)),
  )
  const bins = new Map<number, number>()
  for (const at of dates) {
    const bin = Math.round(shareOf(at))
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  return (
    <div className="axis" role="img" aria-label={label}>
      {names.map((at) => (
        <span key={at} className="axis-day" style={{ insetInlineStart: `${shareOf(at)}%` }}>
          {dayName(at, zone)}
        </span>
      ))}
      {[...bins].map(([share, count]) => (
        <i
          key={share}
          className={count > 2 ? 'many' : count > 1 ? 'some' : ''}
          title={absolute(new Date(from + (share / 100) * days * dayMs), zone)}
          style={{ insetInlineStart: `${share}%` }}
        />
      ))}
    </div>
  )
}

function dayName(at: number, zone: Appearance['zone']): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...inZone(zone),
  }).format(at)
}

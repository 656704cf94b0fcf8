import { t } from '../../messages/intake.ts'
import { absolute, duration, useAppearance } from '../../ui/clock.ts'
import { Status } from '../../ui/status.tsx'
import { useNow } from '../../ui/time.tsx'
import { Bar } from './assessment.tsx'

/** How much of the time for triage is used. Nothing where no clock runs: it pauses while the requester is asked. */
export function TriageClock({
  state,
  submittedAt,
  triageDue,
}: {
  readonly state: string
  readonly submittedAt: string | null
  readonly triageDue: string | null
}) {
  const now = useNow()
  const { zone } = useAppearance()
  if (state === 'needs_info') return <Status state="paused" tone="neutral" word={t('intake.clockPaused')} />
  if (state !== 'submitted' || submittedAt === null || triageDue === null) return null
  const [from, to] = [Date.parse(submittedAt), Date.parse(triageDue)]
  const share = to > from ? (now - from) / (to - from) : 1
  const tone = share >= 1 ? 'breach' : share >= 0.75 ? 'attention' : 'pending'
  const left = duration(to - now)
  const exact = absolute(new Date(to), zone)
  return (
    <span className="triage-clock" title={t('intake.dueAt', { due: exact })}>
      <Bar share={share} tone={tone} />
      <span className="num">
        {share >= 1 ? t('intake.overdueBy', { time: left }) : t('intake.leftOf', { time: left })}
      </span>
    </span>
  )
}

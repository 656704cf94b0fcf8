import type { ReactElement } from 'react'
import { t, tCode } from '../messages/text.ts'
import type { Tone } from '../theme/palette.ts'

const toneOf: Readonly<Record<string, Tone>> = {
  valid: 'good',
  met: 'good',
  pass: 'good',
  verified: 'good',
  live: 'good',
  active: 'good',
  approved: 'good',
  triaged: 'good',
  signed_off: 'good',
  registered: 'good',
  running: 'good',
  accepted: 'good',
  answered: 'good',
  in_review: 'pending',
  pending: 'pending',
  voting: 'pending',
  open: 'pending',
  submitted: 'pending',
  requested: 'pending',
  required: 'pending',
  assigned: 'pending',
  in_progress: 'pending',
  canary: 'pending',
  starting: 'pending',
  following: 'pending',
  conditional: 'attention',
  approved_with_conditions: 'attention',
  signed_off_with_conditions: 'attention',
  emergency: 'attention',
  waived: 'attention',
  needs_info: 'attention',
  waiting_info: 'attention',
  info_requested: 'attention',
  waiting_evidence: 'attention',
  inconclusive: 'attention',
  shadow: 'attention',
  blocked: 'breach',
  fail: 'breach',
  failed: 'breach',
  mismatch: 'breach',
  expired: 'breach',
  rejected: 'breach',
  objected: 'breach',
  unmet: 'breach',
  breached: 'breach',
  lapsed: 'breach',
  refused: 'breach',
  denied: 'breach',
  halted: 'breach',
  suspended: 'stopped',
  quarantined: 'stopped',
  revoked: 'stopped',
  stopped: 'stopped',
  disabled: 'stopped',
  unknown: 'unknown',
  missing: 'unknown',
  stale: 'unknown',
  unverifiable: 'unknown',
}

/** The tone of a state. Total: a state that it does not know is neutral, and its word says what it is. */
export function toneFor(state: string): Tone {
  return toneOf[state] ?? 'neutral'
}

const shapes: Readonly<Record<Tone, ReactElement>> = {
  good: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="M4 7.2l2.1 2.1L10 5.2" fill="none" stroke="var(--page)" strokeWidth="1.6" />
    </>
  ),
  pending: (
    <>
      <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" />
      <path d="M7 1.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
    </>
  ),
  attention: <path d="M7 1l6.2 11.5H.8z" fill="currentColor" />,
  breach: <path d="M4.4 1h5.2L13 4.4v5.2L9.6 13H4.4L1 9.6V4.4z" fill="currentColor" />,
  stopped: <rect x="1.5" y="1.5" width="11" height="11" fill="currentColor" />,
  unknown: (
    <>
      <circle cx="7" cy="7" r="5.8" fill="none" stroke="currentColor" strokeDasharray="2.2 1.6" />
      <text x="7" y="10" textAnchor="middle" fontSize="8" fill="currentColor">
        ?
      </text>
    </>
  ),
  neutral: <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" />,
}

/** The shape of a tone: it tells states apart without colour. */
export function Shape({ tone }: { readonly tone: Tone }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      {shapes[tone]}
    </svg>
  )
}

/** A state: shape, word, colour. */
export function Status({
  state,
  tone,
  word,
}: {
  readonly state: string
  readonly tone?: Tone
  readonly word?: string
}) {
  const used = tone ?? toneFor(state)
  return (
    <span className={`status tone-${used}`}>
      <Shape tone={used} />
      <span>{word ?? tCode('state', state)}</span>
    </span>
  )
}

/** A tier as number with bars, in ink: it is no state. Unknown until a use case is triaged. */
export function Tier({ tier }: { readonly tier: number | null }) {
  if (tier === null) return <Status state="unknown" />
  return (
    <span className="tier">
      {[1, 2, 3].map((level) => (
        <i key={level} className={level <= tier ? 'on' : ''} aria-hidden="true" />
      ))}
      <span>{t('tier.label', { tier })}</span>
    </span>
  )
}

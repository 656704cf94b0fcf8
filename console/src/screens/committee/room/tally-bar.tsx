import type { RefObject } from 'react'
import { t } from '../../../messages/committee.ts'
import { Reasons } from '../../../ui/outcome.tsx'
import { Status } from '../../../ui/status.tsx'
import { Time } from '../../../ui/time.tsx'
import { shareOf, tallySentence } from '../words.ts'
import { isOpenCase, type Case } from './case.ts'

/** The tally as a sentence, and what is missing. It stays in sight while one reads. */
export function TallyBar({
  found,
  focus,
}: {
  readonly found: Case
  readonly focus?: RefObject<HTMLDivElement | null>
}) {
  const { tally, roster, rule, state, closableFrom, deadline } = found
  const isVoting = state === 'voting'
  const isBlocked = tally.vetoes.length > 0 || tally.status === 'impossible'
  const status = isBlocked ? 'blocked' : tally.status === 'satisfied' ? 'met' : 'pending'
  return (
    <div className="tally" ref={focus} tabIndex={-1} role="region" aria-label={t('case.tally')}>
      <div className="row">
        {isVoting && <Status state={status} word={t(`tally.${tally.status}`)} />}
        <strong className="num">{tallySentence(tally, roster.length)}</strong>
        <span className="muted num">
          {t('tally.rule', {
            min: rule.minBallots,
            share: shareOf(rule.ratio),
            independent: rule.minIndependent,
          })}
        </span>
        <span className="grow" />
        {isOpenCase(found) && (
          <span>
            {t('case.deadline')} <Time at={deadline} both />
          </span>
        )}
      </div>
      {isVoting && tally.reasons.length > 0 && (
        <details>
          <summary>{t('tally.open', { count: tally.reasons.length })}</summary>
          <Reasons reasons={tally.reasons} />
        </details>
      )}
      {isVoting && closableFrom !== null && Date.parse(closableFrom) > Date.now() && (
        <p className="muted">
          {t('case.closableFrom')} <Time at={closableFrom} both />
        </p>
      )}
    </div>
  )
}

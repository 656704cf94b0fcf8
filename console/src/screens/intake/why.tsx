import { unreachable } from '../../../../src/kernel/brand.ts'
import { t } from '../../messages/intake.ts'
import { gapIn, type Gap, type Question } from './questions.ts'

/** Help to a question, and why it is asked. */
export function Help({ question }: { readonly question: Question }) {
  const { help, why, countsForTier } = question
  return (
    <>
      {help !== undefined && <div>{help}</div>}
      <details className="why">
        <summary>{t('intake.whyAsked')}</summary>
        <p>
          {why !== undefined && `${why}. `}
          {countsForTier ? t('intake.whyTier') : t('intake.whyRecord')}
        </p>
      </details>
    </>
  )
}

/** What is wrong with what is typed, in words. An answer that is not given yet is no fault. */
export function faultText(question: Question, value: unknown): string | null {
  const gap = value === undefined ? null : gapIn(question, value)
  return gap === null || gap.k === 'empty' ? null : gapText(gap)
}

export function gapText(gap: Gap): string {
  switch (gap.k) {
    case 'empty':
      return t('intake.gapEmpty')
    case 'tooLong':
      return t('intake.gapTooLong', { max: gap.max })
    case 'outOfRange':
      return t('intake.gapOutOfRange', { min: gap.min, max: gap.max })
    case 'notAName':
      return t('intake.gapNotAName')
    case 'rowsOpen':
      return t('intake.gapRowsOpen', { rows: gap.rows.join(', ') })
    default:
      return unreachable(gap)
  }
}

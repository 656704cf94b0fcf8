import { t, tCode } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { PlaceLink } from '../../ui/place-link.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Status } from '../../ui/status.tsx'
import { gapIn, type Question } from './questions.ts'
import type { Draft } from './use-draft.ts'

/** Whether what is typed is recorded, and what waits because it is not whole. */
export function SaveState({
  draft,
  questions,
  placeOf,
}: {
  readonly draft: Draft
  readonly questions: readonly Question[]
  readonly placeOf: (key: string) => string
}) {
  const { state, unsaved, revision } = draft
  const half = unsaved.flatMap((key) => {
    const question = questions.find((one) => one.key === key)
    return question !== undefined && gapIn(question, draft.values[key]) !== null ? [question] : []
  })
  const waiting = unsaved.length - half.length
  return (
    <div className="save-state" role="status">
      {state.k === 'sending' ? (
        <Status state="sending" tone="pending" word={t('intake.saving')} />
      ) : waiting > 0 ? (
        <>
          <Status state="unsaved" tone="attention" word={t('intake.unsaved', { count: waiting })} />
          {state.k !== 'stale' && <Button onClick={() => void draft.saveNow()}>{t('intake.saveNow')}</Button>}
        </>
      ) : (
        <Status state="saved" tone="good" word={t('intake.saved', { revision })} />
      )}
      {half.length > 0 && (
        <span className="muted">
          {t('intake.halfTyped', { count: half.length })}{' '}
          {half.slice(0, 3).map(({ key, label }) => (
            <PlaceLink key={key} href={placeOf(key)}>
              {label}
            </PlaceLink>
          ))}
        </span>
      )}
      {state.k !== 'stale' && <Outcome state={state} onRetry={() => void draft.saveNow()} />}
    </div>
  )
}

/** The label of a question or of a role of ownership. */
export function labelOf(key: string, questions: readonly Question[]): string {
  return questions.find((question) => question.key === key)?.label ?? tCode('owner', key)
}

import { confirmAnswers } from '../../../../src/contracts/routes/intake.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Status } from '../../ui/status.tsx'
import { lowerTo, type LowerIf } from './assessment.tsx'
import { QuestionField } from './question-field.tsx'
import { unknown, type Question, type UseCaseRecord } from './questions.ts'
import type { Draft } from './use-draft.ts'

/** One question with its control and with what its answer does: asked about, suggested, unknown. */
export function QuestionBlock({
  question,
  record,
  draft,
  lowerIf,
  refused,
}: {
  readonly question: Question
  readonly record: UseCaseRecord
  readonly draft: Draft
  readonly lowerIf: LowerIf | null
  readonly refused: string | null
}) {
  const { key } = question
  const value = draft.values[key]
  const answer = record.answers[key]
  const isSuggested =
    answer?.source === 'suggested' && answer.confirmedBy === null && !draft.unsaved.includes(key)
  return (
    <div className="question" data-question={key}>
      {record.asked.includes(key) && <Status state="needs_info" word={t('intake.askedAbout')} />}
      <QuestionField
        question={question}
        value={value}
        onChange={(next) => draft.setValue(key, next)}
        refused={draft.unsaved.includes(key) ? null : refused}
      />
      {isSuggested && <Suggested id={record.id} question={question} draft={draft} />}
      {value === unknown && question.countsForTier && (
        <p className="hatched note tone-unknown">
          {lowerIf === null
            ? t('intake.unknownAlone')
            : t('intake.unknownDecides', { to: lowerTo(lowerIf, question), tier: lowerIf.tier })}
        </p>
      )}
    </div>
  )
}

/** What an assistant has suggested counts only when a person stands behind it. */
function Suggested({
  id,
  question,
  draft,
}: {
  readonly id: string
  readonly question: Question
  readonly draft: Draft
}) {
  const confirm = useCommand(confirmAnswers)
  const send = () =>
    void confirm.send({ params: { id }, body: { keys: [question.key] }, ifMatch: draft.revision })
  return (
    <Note tone="attention">
      <p>{t('intake.suggested')}</p>
      <Button label={t('intake.confirmAnswer', { label: question.label })} onClick={send}>
        {t('intake.confirmThis')}
      </Button>
      <Outcome state={confirm.state} onRetry={send} />
    </Note>
  )
}

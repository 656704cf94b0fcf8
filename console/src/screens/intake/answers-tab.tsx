import { t, tCode } from '../../messages/intake.ts'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { AnswerValue } from './answer-value.tsx'
import type { Question, Questionnaire, UseCaseRecord } from './questions.ts'

/** Every answer with where it comes from. What was asked about or changed last is marked. */
export function AnswersTab({
  record,
  questions,
  sections,
}: {
  readonly record: UseCaseRecord
  readonly questions: readonly Question[]
  readonly sections: Questionnaire['sections']
}) {
  const last = record.exchanges.at(-1)
  const changed = record.exchanges.length > 1 && last?.e === 'submitted' ? last.keys : []
  return (
    <div className="stack">
      {Object.values(record.answers).some(({ source }) => source === 'masked') && (
        <Note>{t('intake.maskedNote')}</Note>
      )}
      {sections.map(({ key: section, title }) => {
        const own = questions.filter(
          (question) =>
            question.section === section &&
            (question.visibleWhen === undefined || Object.hasOwn(record.answers, question.key)),
        )
        if (own.length === 0) return null
        return (
          <Panel key={section} title={title} flush>
            <dl className="answers">
              {own.map((question) => (
                <Answered
                  key={question.key}
                  question={question}
                  answer={record.answers[question.key]}
                  isAsked={record.asked.includes(question.key)}
                  isChanged={changed.includes(question.key)}
                />
              ))}
            </dl>
          </Panel>
        )
      })}
    </div>
  )
}

function Answered({
  question,
  answer,
  isAsked,
  isChanged,
}: {
  readonly question: Question
  readonly answer: UseCaseRecord['answers'][string] | undefined
  readonly isAsked: boolean
  readonly isChanged: boolean
}) {
  return (
    <div className={isChanged ? 'diff-added' : undefined}>
      <dt>{question.label}</dt>
      <dd>
        {answer?.source === 'masked' ? (
          <span className="muted">{t('intake.masked')}</span>
        ) : (
          <AnswerValue question={question} value={answer?.value} />
        )}
      </dd>
      <dd className="source">
        {isAsked && <Status state="needs_info" word={t('intake.askedAbout')} />}
        {isChanged && <span className="muted">{t('intake.changedSince')}</span>}
        {answer !== undefined && <Source answer={answer} />}
      </dd>
    </div>
  )
}

function Source({ answer: { source, confirmedBy } }: { readonly answer: UseCaseRecord['answers'][string] }) {
  if (source === 'person' || source === 'masked') return null
  if (confirmedBy === null)
    return source === 'suggested' ? (
      <Status state="unconfirmed" tone="unknown" word={t('intake.unconfirmed')} />
    ) : (
      <span className="muted">{tCode('source', source)}</span>
    )
  return (
    <span className="muted">
      {tCode('source', source)}, {t('intake.confirmedBy')} <Person id={confirmedBy} />
    </span>
  )
}

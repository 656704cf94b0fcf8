import { t } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/note.tsx'
import { Person } from '../../ui/person.tsx'
import { AnswerValue } from './answer-value.tsx'
import type { Question } from './questions.ts'
import { labelOf } from './save-state.tsx'
import type { Draft } from './use-draft.ts'

/** Somebody else has changed the record: what they changed, field by field, and what to do with what was typed here. */
export function StaleNote({
  draft,
  questions,
}: {
  readonly draft: Draft
  readonly questions: readonly Question[]
}) {
  if (!draft.isStale) return null
  const show = (key: string, value: unknown) => {
    const question = questions.find((one) => one.key === key)
    if (value === undefined) return <span className="muted">{t('common.none')}</span>
    if (question !== undefined) return <AnswerValue question={question} value={value} />
    return typeof value === 'string' ? (
      <Person id={value} />
    ) : (
      <span className="muted">{t('common.none')}</span>
    )
  }
  return (
    <Note tone="attention" live="assertive">
      <p>{t('intake.staleText')}</p>
      {draft.clashes.length > 0 && (
        <div className="table-scroll">
          <table className="grid wrap">
            <thead>
              <tr>
                <th scope="col">{t('intake.field')}</th>
                <th scope="col">{t('intake.before')}</th>
                <th scope="col">{t('intake.theirs')}</th>
                <th scope="col">{t('intake.ours')}</th>
              </tr>
            </thead>
            <tbody>
              {draft.clashes.map(({ key, before, theirs, ours }) => (
                <tr key={key}>
                  <th scope="row">{labelOf(key, questions)}</th>
                  <td>{show(key, before)}</td>
                  <td>{show(key, theirs)}</td>
                  <td>{show(key, ours)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="row">
        <Button kind="primary" onClick={draft.applyAgain}>
          {t('intake.applyAgain')}
        </Button>
        <Button onClick={draft.takeTheirs}>{t('intake.takeTheirs')}</Button>
      </div>
    </Note>
  )
}

import type { submitUseCase } from '../../../../src/contracts/routes/intake.ts'
import type { Sender } from '../../api/command.ts'
import { t, tCode } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { PlaceLink } from '../../ui/place-link.tsx'
import { Outcome, type Reason } from '../../ui/outcome.tsx'
import { gapIn, ownerRoles, type Progress, type UseCaseRecord } from './questions.ts'
import type { Draft } from './use-draft.ts'

/** What is still open, with links, and the way to triage. The server decides whether it is enough. */
export function SubmitSection({
  record,
  progress,
  draft,
  placeOf,
  explain,
  submit,
  reply,
  onReply,
  onSubmit,
}: {
  readonly record: UseCaseRecord
  readonly progress: readonly Progress[]
  readonly draft: Draft
  readonly placeOf: (key: string) => string
  readonly explain: (reason: Reason) => { readonly text?: string; readonly href?: string }
  readonly submit: Sender<typeof submitUseCase>
  readonly reply: string
  readonly onReply: (text: string) => void
  readonly onSubmit: () => void
}) {
  const open = progress.flatMap(({ questions }) =>
    questions.filter(
      (question) =>
        question.required &&
        (!Object.hasOwn(draft.values, question.key) || gapIn(question, draft.values[question.key]) !== null),
    ),
  )
  const missing = [
    ...open.map(({ key, label }) => ({ key, label })),
    ...ownerRoles
      .filter((role) => role !== 'backup' && draft.owners[role] === null)
      .map((role) => ({ key: role as string, label: tCode('owner', role) })),
  ]
  const isAnswering = record.state === 'needs_info'
  return (
    <div className="stack">
      {submit.state.k === 'refused' ? null : missing.length === 0 ? (
        <p>{t('intake.nothingOpen')}</p>
      ) : (
        <Note tone="attention">
          <p>{t('intake.stillOpen', { count: missing.length })}</p>
          <ul className="compact">
            {missing.map(({ key, label }) => (
              <li key={key}>
                <PlaceLink href={placeOf(key)}>{label}</PlaceLink>
              </li>
            ))}
          </ul>
        </Note>
      )}
      {isAnswering && (
        <TextField
          label={t('intake.reply')}
          help={t('intake.replyHelp')}
          rows={3}
          isOptional
          value={reply}
          onChange={onReply}
        />
      )}
      <p className="muted">{t('intake.submitText')}</p>
      <div className="row">
        <Button kind="primary" onClick={onSubmit} whyNot={draft.isStale ? t('intake.staleFirst') : null}>
          {isAnswering ? t('intake.submitAnswers') : t('intake.submit')}
        </Button>
      </div>
      <Outcome state={submit.state} onRetry={onSubmit} explain={explain} />
    </div>
  )
}

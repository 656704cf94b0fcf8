import type { assessAnswers } from '../../../../src/contracts/routes/intake.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { t } from '../../messages/intake.ts'
import { Facts } from '../../ui/facts.tsx'
import { Bones, Failure } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Tier } from '../../ui/status.tsx'
import { Fired, Legal, lowerText, reviewNames } from './assessment.tsx'
import type { Question, Values } from './questions.ts'

/** What the answers so far would give. It is computed by the server and decides nothing before triage. */
export function TierPreview({
  preview,
  error,
  isOld,
  questions,
  values,
}: {
  readonly preview: ReplyOf<typeof assessAnswers> | undefined
  readonly error: unknown
  readonly isOld: boolean
  readonly questions: readonly Question[]
  readonly values: Values
}) {
  return (
    <Panel title={t('intake.preview')}>
      {preview === undefined ? (
        error === null ? (
          <Bones rows={5} />
        ) : (
          <Failure error={error} />
        )
      ) : (
        <div className="stack" aria-busy={isOld}>
          {error !== null && <Failure error={error} />}
          <Facts
            rows={[
              [t('intake.tier'), <Tier key="tier" tier={preview.computed.tier} />],
              [t('intake.legalClass'), <Legal key="legal" name={preview.legal.class} />],
              [t('intake.reviews'), reviewNames(preview.reviews)],
            ]}
          />
          <Open keys={preview.computed.unknowns} questions={questions} values={values} />
          <details>
            <summary>{t('intake.firedCount', { count: preview.computed.fired.length })}</summary>
            <Fired computed={preview.computed} />
          </details>
          {preview.lowerIf.length > 0 && (
            <details>
              <summary>{t('intake.lowerCount', { count: preview.lowerIf.length })}</summary>
              <ul className="stack tight">
                {preview.lowerIf.map((item) => (
                  <li key={item.key}>{lowerText(item, questions)}</li>
                ))}
              </ul>
            </details>
          )}
          <p className="muted">{t('intake.previewNote')}</p>
        </div>
      )}
    </Panel>
  )
}

/** How many answers count as their worst because nobody knows them. */
function Open({
  keys,
  questions,
  values,
}: {
  readonly keys: readonly string[]
  readonly questions: readonly Question[]
  readonly values: Values
}) {
  if (keys.length === 0) return null
  const said = keys.filter((key) => values[key] === 'unknown')
  const labelOf = (key: string) => questions.find((question) => question.key === key)?.label ?? key
  return (
    <details className="hatched note tone-unknown">
      <summary>{t('intake.openCount', { open: keys.length - said.length, unknown: said.length })}</summary>
      <ul className="stack tight">
        {keys.map((key) => (
          <li key={key}>{labelOf(key)}</li>
        ))}
      </ul>
    </details>
  )
}

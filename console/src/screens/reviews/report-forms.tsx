import { useState } from 'react'
import { objectInReview, signOffReview } from '../../../../src/contracts/routes/reviews.ts'
import { functions } from '../../../../src/kernel/vocabulary.ts'
import { t, tCode } from '../../messages/committee.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Id } from '../../ui/copy.tsx'
import { TextField } from '../../ui/field.tsx'
import { ConditionDrafts, sentDrafts, type Draft } from '../committee/condition-drafts.tsx'
import { done, type FormProps } from './forms.tsx'
import { reviewFunction } from './kinds.ts'
import type { Review } from './review.tsx'

/** Signs a review off. Conditions become conditions of whatever the committee approves. */
export function SignOffForm({ review, onClose }: FormProps) {
  const { id, revision, subject, kind } = review
  const [summary, setSummary] = useState('')
  const [drafts, setDrafts] = useState<readonly Draft[]>([])
  const conditions = sentDrafts(drafts)
  const attester = functions.find((fn) => fn === reviewFunction(kind)) ?? 'security'
  const whyNot =
    summary.trim() === ''
      ? t('review.noReport')
      : conditions === null
        ? t('ballot.conditionIncomplete')
        : null
  return (
    <CommandForm
      route={signOffReview}
      verb={tCode('reviewAct', 'sign')}
      whyNot={whyNot}
      onClose={onClose}
      input={() =>
        conditions !== null
          ? {
              params: { id },
              body: { subject, summary: summary.trim(), conditions: [...conditions] },
              ifMatch: revision,
            }
          : null
      }
      onDone={done(onClose)}
    >
      <p>{t('review.signText', { count: drafts.length })}</p>
      <Subject review={review} />
      <TextField label={t('review.report')} value={summary} onChange={setSummary} rows={6} />
      <h3>{t('review.conditions')}</h3>
      <ConditionDrafts drafts={drafts} onChange={setDrafts} attester={attester} />
    </CommandForm>
  )
}

/** Ends a review with an objection: no waiver covers it. */
export function ObjectForm({ review, onClose }: FormProps) {
  const { id, revision, subject } = review
  const [summary, setSummary] = useState('')
  return (
    <CommandForm
      route={objectInReview}
      verb={tCode('reviewAct', 'object')}
      kind="danger"
      whyNot={summary.trim() === '' ? t('review.noReport') : null}
      onClose={onClose}
      input={() => ({ params: { id }, body: { subject, summary: summary.trim() }, ifMatch: revision })}
      onDone={done(onClose)}
    >
      <p>{t('review.objectText')}</p>
      <Subject review={review} />
      <TextField label={t('review.report')} value={summary} onChange={setSummary} rows={6} />
    </CommandForm>
  )
}

function Subject({ review: { subject } }: { readonly review: Review }) {
  return (
    <p>
      {t('case.revision')}: <Id id={subject.useCaseRevision} whole />
      {subject.release !== null && (
        <>
          {' '}
          {t('case.release')}: <Id id={subject.release} whole />
        </>
      )}
    </p>
  )
}

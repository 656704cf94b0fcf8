import { useState } from 'react'
import {
  answerReview,
  askInReview,
  assignReview,
  dismissReview,
  startReview,
} from '../../../../src/contracts/routes/reviews.ts'
import { t, tCode } from '../../messages/committee.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { PersonPicker } from '../../ui/person-picker.tsx'
import { toast } from '../../ui/toast.tsx'
import { reviewFunction } from './kinds.ts'
import type { Review } from './review.tsx'

export type FormProps = { readonly review: Review; readonly onClose: () => void }

/** Says that an act on a review is done, and closes its form. */
export function done(onClose: () => void): () => void {
  return () => {
    toast(t('problem.recorded'))
    onClose()
  }
}

export function AssignForm({ review: { id, revision, kind, lead: current }, onClose }: FormProps) {
  const [lead, setLead] = useState<string | null>(current)
  const fn = reviewFunction(kind)
  return (
    <CommandForm
      route={assignReview}
      verb={tCode('reviewAct', 'assign')}
      whyNot={lead === null ? t('review.chooseLead') : null}
      onClose={onClose}
      input={() => (lead !== null ? { params: { id }, body: { lead }, ifMatch: revision } : null)}
      onDone={done(onClose)}
    >
      <p>{t('review.assignText', { fn: tCode('fn', fn) })}</p>
      <PersonPicker label={t('review.lead')} value={lead} onChange={setLead} />
    </CommandForm>
  )
}

export function StartForm({ review: { id, revision, kind }, onClose }: FormProps) {
  return (
    <CommandForm
      route={startReview}
      verb={tCode('reviewAct', 'start')}
      onClose={onClose}
      input={() => ({ params: { id }, ifMatch: revision })}
      onDone={done(onClose)}
    >
      <p>{t('review.startText', { fn: tCode('fn', reviewFunction(kind)) })}</p>
    </CommandForm>
  )
}

export function AskForm({ review: { id, revision }, onClose }: FormProps) {
  const [text, setText] = useState('')
  return (
    <CommandForm
      route={askInReview}
      verb={tCode('reviewAct', 'ask')}
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      input={() => ({ params: { id }, body: { text: text.trim() }, ifMatch: revision })}
      onDone={done(onClose)}
    >
      <p>{t('review.askText')}</p>
      <TextField label={t('review.question')} value={text} onChange={setText} rows={4} />
    </CommandForm>
  )
}

export function AnswerForm({ review: { id, revision }, onClose }: FormProps) {
  return (
    <CommandForm
      route={answerReview}
      verb={tCode('reviewAct', 'answer')}
      onClose={onClose}
      input={() => ({ params: { id }, ifMatch: revision })}
      onDone={done(onClose)}
    >
      <p>{t('review.answerText')}</p>
    </CommandForm>
  )
}

const dismissReasons = ['covered_by_other', 'no_personal_data', 'no_vendor', 'out_of_scope'] as const

export function DismissForm({ review: { id, revision }, onClose }: FormProps) {
  const [reasonCode, setReason] = useState<string>(dismissReasons[0])
  const [text, setText] = useState('')
  return (
    <CommandForm
      route={dismissReview}
      verb={tCode('reviewAct', 'dismiss')}
      kind="danger"
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      input={() => ({ params: { id }, body: { reasonCode, text: text.trim() }, ifMatch: revision })}
      onDone={done(onClose)}
    >
      <p>{t('review.dismissText')}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={dismissReasons.map((code) => ({ value: code, label: tCode('dismissReason', code) }))}
      />
      <TextField label={t('review.dismissWhy')} value={text} onChange={setText} rows={3} />
    </CommandForm>
  )
}

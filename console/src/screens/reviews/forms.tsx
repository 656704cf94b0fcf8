import { useState } from 'react'
import {
  answerReview,
  askInReview,
  assignReview,
  dismissReview,
  startReview,
} from '../../../../src/contracts/routes/reviews.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/committee.ts'
import { ActForm } from '../../ui/act-form.tsx'
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
  const { state, send } = useCommand(assignReview, done(onClose))
  const fn = reviewFunction(kind)
  return (
    <ActForm
      verb={tCode('reviewAct', 'assign')}
      state={state}
      whyNot={lead === null ? t('review.chooseLead') : null}
      onClose={onClose}
      onSend={() => lead !== null && void send({ params: { id }, body: { lead }, ifMatch: revision })}
    >
      <p>{t('review.assignText', { fn: tCode('fn', fn) })}</p>
      <PersonPicker label={t('review.lead')} value={lead} onChange={setLead} />
    </ActForm>
  )
}

export function StartForm({ review: { id, revision, kind }, onClose }: FormProps) {
  const { state, send } = useCommand(startReview, done(onClose))
  return (
    <ActForm
      verb={tCode('reviewAct', 'start')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, ifMatch: revision })}
    >
      <p>{t('review.startText', { fn: tCode('fn', reviewFunction(kind)) })}</p>
    </ActForm>
  )
}

export function AskForm({ review: { id, revision }, onClose }: FormProps) {
  const [text, setText] = useState('')
  const { state, send } = useCommand(askInReview, done(onClose))
  return (
    <ActForm
      verb={tCode('reviewAct', 'ask')}
      state={state}
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { text: text.trim() }, ifMatch: revision })}
    >
      <p>{t('review.askText')}</p>
      <TextField label={t('review.question')} value={text} onChange={setText} rows={4} />
    </ActForm>
  )
}

export function AnswerForm({ review: { id, revision }, onClose }: FormProps) {
  const { state, send } = useCommand(answerReview, done(onClose))
  return (
    <ActForm
      verb={tCode('reviewAct', 'answer')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, ifMatch: revision })}
    >
      <p>{t('review.answerText')}</p>
    </ActForm>
  )
}

const dismissReasons = ['covered_by_other', 'no_personal_data', 'no_vendor', 'out_of_scope'] as const

export function DismissForm({ review: { id, revision }, onClose }: FormProps) {
  const [reasonCode, setReason] = useState<string>(dismissReasons[0])
  const [text, setText] = useState('')
  const { state, send } = useCommand(dismissReview, done(onClose))
  return (
    <ActForm
      verb={tCode('reviewAct', 'dismiss')}
      kind="danger"
      state={state}
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { reasonCode, text: text.trim() }, ifMatch: revision })}
    >
      <p>{t('review.dismissText')}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={dismissReasons.map((code) => ({ value: code, label: tCode('dismissReason', code) }))}
      />
      <TextField label={t('review.dismissWhy')} value={text} onChange={setText} rows={3} />
    </ActForm>
  )
}

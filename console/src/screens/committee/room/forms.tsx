import { useState } from 'react'
import {
  cancelCase,
  closeCase,
  recuse,
  revokeDecision,
  startVote,
} from '../../../../../src/contracts/routes/committee.ts'
import { useCommand } from '../../../api/command.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { ActForm } from '../../../ui/act-form.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { toast } from '../../../ui/toast.tsx'
import { functionNames, tallySentence } from '../words.ts'
import { minRationale } from './ballot-sheet.tsx'
import type { Case } from './case.ts'

type Props = { readonly found: Case; readonly onClose: () => void }

function ended(onClose: () => void, text: string): () => void {
  return () => {
    toast(text)
    onClose()
  }
}

export function StartForm({ found, onClose }: Props) {
  const { state, send } = useCommand(startVote, ended(onClose, t('case.started')))
  const { rule, id, roster } = found
  return (
    <ActForm
      verb={t('case.start')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: {} })}
    >
      <p>
        {t('case.startText', {
          fns: functionNames(roster.map(({ fn }) => fn)),
          required: functionNames(rule.required),
          hours: rule.minOpenHours,
        })}
      </p>
    </ActForm>
  )
}

export function CloseForm({ found, onClose }: Props) {
  const { state, send } = useCommand(closeCase, ended(onClose, t('case.closed')))
  const { id, tally, roster } = found
  const left = roster.filter(({ fn }) => found.ballots.every((ballot) => ballot.fn !== fn))
  return (
    <ActForm
      verb={t('case.close')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: {} })}
    >
      <p>{t('case.closeText', { tally: tallySentence(tally, roster.length) })}</p>
      {left.length > 0 && <p>{t('case.closeLeft', { fns: functionNames(left.map(({ fn }) => fn)) })}</p>}
    </ActForm>
  )
}

const cancelReasons = ['withdrawn', 'superseded', 'opened_by_mistake'] as const

export function CancelForm({ found: { id }, onClose }: Props) {
  const [reasonCode, setReason] = useState<string>(cancelReasons[0])
  const { state, send } = useCommand(cancelCase, ended(onClose, t('case.cancelled')))
  return (
    <ActForm
      verb={t('case.cancel')}
      kind="danger"
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { reasonCode } })}
    >
      <p>{t('case.cancelText')}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={cancelReasons.map((code) => ({ value: code, label: tCode('cancelReason', code) }))}
      />
    </ActForm>
  )
}

export function RecuseForm({ found: { id, own }, onClose }: Props) {
  const [rationale, setRationale] = useState('')
  const { state, send } = useCommand(recuse, ended(onClose, t('case.recused')))
  const isShort = rationale.trim().length < minRationale
  return (
    <ActForm
      verb={t('case.recuse')}
      kind="danger"
      state={state}
      onClose={onClose}
      whyNot={isShort ? t('ballot.rationaleShort', { min: minRationale }) : null}
      onSend={() => void send({ params: { id }, body: { rationale } })}
    >
      <p>{own.fn === null ? t('case.recuseNoSeat') : t('case.recuseText', { fn: tCode('fn', own.fn) })}</p>
      <TextField label={t('ballot.rationale')} value={rationale} onChange={setRationale} rows={4} />
    </ActForm>
  )
}

const revokeReasons = ['risk_changed', 'decided_on_wrong_facts', 'superseded', 'incident'] as const

export function RevokeForm({ found: { id, subject }, onClose }: Props) {
  const [reasonCode, setReason] = useState<string>(revokeReasons[0])
  const [text, setText] = useState('')
  const { state, send } = useCommand(revokeDecision, ended(onClose, t('case.revoked')))
  return (
    <ActForm
      verb={t('case.revoke')}
      kind="danger"
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { reasonCode, text } })}
    >
      <p>{t('case.revokeText', { environment: tCode('environment', subject.environment) })}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={revokeReasons.map((code) => ({ value: code, label: tCode('revokeReason', code) }))}
      />
      <TextField label={t('case.revokeWhy')} value={text} onChange={setText} rows={3} isOptional />
    </ActForm>
  )
}

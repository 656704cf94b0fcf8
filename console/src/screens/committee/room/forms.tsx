import { useState } from 'react'
import {
  cancelCase,
  closeCase,
  recuse,
  revokeDecision,
  startVote,
} from '../../../../../src/contracts/routes/cases.ts'
import { t, tCode } from '../../../messages/committee.ts'
import { CommandForm } from '../../../ui/command-form.tsx'
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
  const { rule, id, roster } = found
  return (
    <CommandForm
      route={startVote}
      verb={t('case.start')}
      onClose={onClose}
      input={() => ({ params: { id }, body: {} })}
      onDone={ended(onClose, t('case.started'))}
    >
      <p>
        {t('case.startText', {
          fns: functionNames(roster.map(({ fn }) => fn)),
          required: functionNames(rule.required),
          hours: rule.minOpenHours,
        })}
      </p>
    </CommandForm>
  )
}

export function CloseForm({ found, onClose }: Props) {
  const { id, tally, roster } = found
  const left = roster.filter(({ fn }) => found.ballots.every((ballot) => ballot.fn !== fn))
  return (
    <CommandForm
      route={closeCase}
      verb={t('case.close')}
      onClose={onClose}
      input={() => ({ params: { id }, body: {} })}
      onDone={ended(onClose, t('case.closed'))}
    >
      <p>{t('case.closeText', { tally: tallySentence(tally, roster.length) })}</p>
      {left.length > 0 && <p>{t('case.closeLeft', { fns: functionNames(left.map(({ fn }) => fn)) })}</p>}
    </CommandForm>
  )
}

const cancelReasons = ['withdrawn', 'superseded', 'opened_by_mistake'] as const

export function CancelForm({ found: { id }, onClose }: Props) {
  const [reasonCode, setReason] = useState<string>(cancelReasons[0])
  return (
    <CommandForm
      route={cancelCase}
      verb={t('case.cancel')}
      kind="danger"
      onClose={onClose}
      input={() => ({ params: { id }, body: { reasonCode } })}
      onDone={ended(onClose, t('case.cancelled'))}
    >
      <p>{t('case.cancelText')}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={cancelReasons.map((code) => ({ value: code, label: tCode('cancelReason', code) }))}
      />
    </CommandForm>
  )
}

export function RecuseForm({ found: { id, own }, onClose }: Props) {
  const [rationale, setRationale] = useState('')
  const isShort = rationale.trim().length < minRationale
  return (
    <CommandForm
      route={recuse}
      verb={t('case.recuse')}
      kind="danger"
      onClose={onClose}
      whyNot={isShort ? t('ballot.rationaleShort', { min: minRationale }) : null}
      input={() => ({ params: { id }, body: { rationale } })}
      onDone={ended(onClose, t('case.recused'))}
    >
      <p>{own.fn === null ? t('case.recuseNoSeat') : t('case.recuseText', { fn: tCode('fn', own.fn) })}</p>
      <TextField label={t('ballot.rationale')} value={rationale} onChange={setRationale} rows={4} />
    </CommandForm>
  )
}

const revokeReasons = ['risk_changed', 'decided_on_wrong_facts', 'superseded', 'incident'] as const

export function RevokeForm({ found: { id, subject }, onClose }: Props) {
  const [reasonCode, setReason] = useState<string>(revokeReasons[0])
  const [text, setText] = useState('')
  return (
    <CommandForm
      route={revokeDecision}
      verb={t('case.revoke')}
      kind="danger"
      onClose={onClose}
      input={() => ({ params: { id }, body: { reasonCode, text } })}
      onDone={ended(onClose, t('case.revoked'))}
    >
      <p>{t('case.revokeText', { environment: tCode('environment', subject.environment) })}</p>
      <SelectField
        label={t('case.reason')}
        value={reasonCode}
        onChange={setReason}
        options={revokeReasons.map((code) => ({ value: code, label: tCode('revokeReason', code) }))}
      />
      <TextField label={t('case.revokeWhy')} value={text} onChange={setText} rows={3} isOptional />
    </CommandForm>
  )
}

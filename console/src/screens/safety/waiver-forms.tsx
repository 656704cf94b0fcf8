import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  acceptWaiver,
  openWaiverCase,
  refuseWaiver,
  renewWaiver,
  revokeWaiver,
} from '../../../../src/contracts/routes/safety.ts'
import { useCommand } from '../../api/command.ts'
import { t, tCode } from '../../messages/safety.ts'
import { ActForm } from '../../ui/act-form.tsx'
import { Id } from '../../ui/copy.tsx'
import { TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import type { Waiver } from './waiver.tsx'
import { gapName, missingWords } from './waiver-words.ts'

type Props = { readonly waiver: Waiver; readonly onClose: () => void }

function done(onClose: () => void): () => void {
  return () => {
    toast(t('problem.recorded'))
    onClose()
  }
}

export function AcceptForm({ waiver, onClose }: Props) {
  const { id, missing, residual, subject, environment, lifetimeDays, stateDigest, release, tier } = waiver
  const { state, send } = useCommand(acceptWaiver, done(onClose))
  return (
    <ActForm
      verb={tCode('waiverAct', 'accept')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: {} })}
    >
      <p>
        {t('waiver.acceptText', {
          gap: gapName(subject),
          environment: tCode('environment', environment),
          residual: tCode('residual', String(residual)),
          days: lifetimeDays,
          left: missing.length - 1,
        })}
      </p>
      {release !== null && (
        <p>
          {t('case.release')}: <Id id={release} whole />
        </p>
      )}
      <p>
        {t('waiver.weighed')}: <Id id={stateDigest} whole />
      </p>
      <p className="muted">{tCode('proofAsked', tier === 3 ? 'passkey_bound' : 'recent_auth')}</p>
    </ActForm>
  )
}

export function RefuseForm({ waiver: { id }, onClose }: Props) {
  const [text, setText] = useState('')
  const { state, send } = useCommand(refuseWaiver, done(onClose))
  return (
    <ActForm
      verb={tCode('waiverAct', 'refuse')}
      kind="danger"
      state={state}
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { text: text.trim() } })}
    >
      <p>{t('waiver.refuseText')}</p>
      <TextField label={t('waiver.refuseWhy')} value={text} onChange={setText} rows={4} />
    </ActForm>
  )
}

export function RenewForm({ waiver: { id, renewals, lifetimeDays }, onClose }: Props) {
  const [text, setText] = useState('')
  const { state, send } = useCommand(renewWaiver, done(onClose))
  return (
    <ActForm
      verb={tCode('waiverAct', 'renew')}
      state={state}
      whyNot={text.trim() === '' ? t('waiver.noJustification') : null}
      onClose={onClose}
      onSend={() => void send({ params: { id }, body: { text: text.trim() } })}
    >
      <p>{t('waiver.renewText', { days: lifetimeDays, needsCase: renewals >= 1 ? 'yes' : 'no' })}</p>
      <TextField label={t('waiver.justification')} value={text} onChange={setText} rows={4} />
    </ActForm>
  )
}

export function RevokeForm({ waiver: { id, state: current }, onClose }: Props) {
  const { state, send } = useCommand(revokeWaiver, done(onClose))
  return (
    <ActForm
      verb={tCode('waiverAct', 'revoke')}
      kind="danger"
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id } })}
    >
      <p>{t(current === 'accepted' ? 'waiver.revokeText' : 'waiver.revokeRequestText')}</p>
    </ActForm>
  )
}

export function OpenCaseForm({
  waiver: { id },
  missing,
  onClose,
}: Props & { readonly missing: readonly string[] }) {
  const navigate = useNavigate()
  const { state, send } = useCommand(
    openWaiverCase,
    ({ id: caseId }) => void navigate({ to: `/cases/${caseId}` }),
  )
  return (
    <ActForm
      verb={tCode('waiverAct', 'openCase')}
      state={state}
      onClose={onClose}
      onSend={() => void send({ params: { id } })}
    >
      <p>{t('waiver.openCaseText', { acceptors: missingWords(missing) })}</p>
    </ActForm>
  )
}

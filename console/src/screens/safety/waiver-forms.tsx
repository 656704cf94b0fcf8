import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  acceptWaiver,
  openWaiverCase,
  refuseWaiver,
  renewWaiver,
  revokeWaiver,
} from '../../../../src/contracts/routes/waivers.ts'
import { t, tCode } from '../../messages/safety.ts'
import { CommandForm } from '../../ui/command-form.tsx'
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
  return (
    <CommandForm
      route={acceptWaiver}
      verb={tCode('waiverAct', 'accept')}
      onClose={onClose}
      input={() => ({ params: { id }, body: {} })}
      onDone={done(onClose)}
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
    </CommandForm>
  )
}

export function RefuseForm({ waiver: { id }, onClose }: Props) {
  const [text, setText] = useState('')
  return (
    <CommandForm
      route={refuseWaiver}
      verb={tCode('waiverAct', 'refuse')}
      kind="danger"
      whyNot={text.trim() === '' ? t('review.noText') : null}
      onClose={onClose}
      input={() => ({ params: { id }, body: { text: text.trim() } })}
      onDone={done(onClose)}
    >
      <p>{t('waiver.refuseText')}</p>
      <TextField label={t('waiver.refuseWhy')} value={text} onChange={setText} rows={4} />
    </CommandForm>
  )
}

export function RenewForm({ waiver: { id, renewals, lifetimeDays }, onClose }: Props) {
  const [text, setText] = useState('')
  return (
    <CommandForm
      route={renewWaiver}
      verb={tCode('waiverAct', 'renew')}
      whyNot={text.trim() === '' ? t('waiver.noJustification') : null}
      onClose={onClose}
      input={() => ({ params: { id }, body: { text: text.trim() } })}
      onDone={done(onClose)}
    >
      <p>{t('waiver.renewText', { days: lifetimeDays, needsCase: renewals >= 1 ? 'yes' : 'no' })}</p>
      <TextField label={t('waiver.justification')} value={text} onChange={setText} rows={4} />
    </CommandForm>
  )
}

export function RevokeForm({ waiver: { id, state: current }, onClose }: Props) {
  return (
    <CommandForm
      route={revokeWaiver}
      verb={tCode('waiverAct', 'revoke')}
      kind="danger"
      onClose={onClose}
      input={() => ({ params: { id } })}
      onDone={done(onClose)}
    >
      <p>{t(current === 'accepted' ? 'waiver.revokeText' : 'waiver.revokeRequestText')}</p>
    </CommandForm>
  )
}

export function OpenCaseForm({
  waiver: { id },
  missing,
  onClose,
}: Props & { readonly missing: readonly string[] }) {
  const navigate = useNavigate()
  return (
    <CommandForm
      route={openWaiverCase}
      verb={tCode('waiverAct', 'openCase')}
      onClose={onClose}
      input={() => ({ params: { id } })}
      onDone={({ id: caseId }) => void navigate({ to: `/cases/${caseId}` })}
    >
      <p>{t('waiver.openCaseText', { acceptors: missingWords(missing) })}</p>
    </CommandForm>
  )
}

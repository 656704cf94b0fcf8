import { useState } from 'react'
import {
  renewOverride,
  reviewOverride,
  revokeOverride,
  secondOverride,
} from '../../../../src/contracts/routes/overrides.ts'
import { t, tCode } from '../../messages/safety.ts'
import { CommandForm } from '../../ui/command-form.tsx'
import { Id } from '../../ui/copy.tsx'
import { RadioField, TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { FunctionField, useOwnFunctions, type Fn } from './function-field.tsx'
import type { Override } from './override.tsx'

type Props = { readonly override: Override; readonly onClose: () => void }

function done(onClose: () => void): () => void {
  return () => {
    toast(t('problem.recorded'))
    onClose()
  }
}

/** Seconds or renews: both are signed by a passkey, for a function. */
export function SignForm({ override, act, onClose }: Props & { readonly act: 'second' | 'renew' }) {
  const { id, terms, requested } = override
  const own = useOwnFunctions()
  const usable = own.filter((fn) => fn !== requested?.fn)
  const [chosen, setFn] = useState<Fn | null>(null)
  const fn = chosen ?? usable[0] ?? own[0] ?? null
  const whyNot = fn === null ? t('override.noFunction') : null
  return (
    <CommandForm
      route={act === 'second' ? secondOverride : renewOverride}
      verb={tCode('overrideAct', act)}
      kind="danger"
      whyNot={whyNot}
      onClose={onClose}
      input={() => (fn === null ? null : { params: { id }, body: { fn } })}
      onDone={done(onClose)}
    >
      {terms !== null && (
        <>
          <p>
            {t(act === 'second' ? 'override.secondText' : 'override.renewText', {
              hours: terms.lifetimeHours,
            })}
          </p>
          <ul className="bullets">
            {terms.capabilities.map((name) => (
              <li key={name}>
                <Untrusted text={name} />
              </li>
            ))}
          </ul>
          <p>
            {t('case.release')}: <Id id={terms.release} whole />
          </p>
        </>
      )}
      <FunctionField value={fn} onChange={setFn} />
      <p className="muted">{tCode('proofAsked', 'passkey_bound')}</p>
    </CommandForm>
  )
}

export function RevokeForm({ override: { id, state: current }, onClose }: Props) {
  return (
    <CommandForm
      route={revokeOverride}
      verb={tCode('overrideAct', 'revoke')}
      kind="danger"
      onClose={onClose}
      input={() => ({ params: { id } })}
      onDone={done(onClose)}
    >
      <p>{t(current === 'active' ? 'override.revokeText' : 'override.withdrawText')}</p>
    </CommandForm>
  )
}

export function ReviewForm({ override: { id }, onClose }: Props) {
  const [outcome, setOutcome] = useState<'justified' | 'not_justified' | null>(null)
  const [text, setText] = useState('')
  const whyNot = outcome === null ? t('override.noOutcome') : text.trim() === '' ? t('review.noReport') : null
  return (
    <CommandForm
      route={reviewOverride}
      verb={tCode('overrideAct', 'review')}
      whyNot={whyNot}
      onClose={onClose}
      input={() => (outcome !== null ? { params: { id }, body: { outcome, text: text.trim() } } : null)}
      onDone={done(onClose)}
    >
      <p>{t('override.reviewText')}</p>
      <RadioField
        label={t('override.outcome')}
        value={outcome}
        onChange={(value) => setOutcome(value === 'justified' ? 'justified' : 'not_justified')}
        options={(['justified', 'not_justified'] as const).map((value) => ({
          value,
          label: tCode('overrideOutcome', value),
        }))}
      />
      <TextField label={t('review.report')} value={text} onChange={setText} rows={5} />
    </CommandForm>
  )
}

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { stepUpByTotp, type completeSetup } from '../../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api, queries } from '../../api/client.ts'
import { registerPasskey } from '../../api/passkey.ts'
import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField, TextField } from '../../ui/field.tsx'
import { Fault } from './fault.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { Steps } from './steps.tsx'
import { TotpSecret } from './totp-secret.tsx'
import { TrustRoot } from './trust-root.tsx'

type Secrets = ReplyOf<typeof completeSetup>
const steps = ['details', 'codes', 'prove', 'passkey', 'trust'] as const
export type Step = (typeof steps)[number]

/** What follows once somebody has set a password: keep the secrets, prove them, take a passkey, save the trust root. */
export function Newcomer({ secrets }: { readonly secrets: Secrets }) {
  const [step, setStep] = useState<Step>('codes')
  const navigate = useNavigate()
  const isUnproved = step === 'codes' || step === 'prove'
  useEffect(() => {
    if (!isUnproved) return undefined
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [isUnproved])
  const open = async () => {
    await queries.resetQueries()
    await navigate({ to: '/', replace: true })
  }
  return (
    <>
      <Steps all={steps} current={step} />
      {step === 'codes' && <Codes secrets={secrets} onKept={() => setStep('prove')} />}
      {step === 'prove' && <Prove onBack={() => setStep('codes')} onProved={() => setStep('passkey')} />}
      {step === 'passkey' && <Passkey onDone={() => setStep('trust')} />}
      {step === 'trust' && <Trust onDone={() => void open()} />}
    </>
  )
}

/** The first step of the same way, before there is anything to keep. */
export function FirstSteps() {
  return <Steps all={steps} current="details" />
}

function Codes({ secrets, onKept }: { readonly secrets: Secrets; readonly onKept: () => void }) {
  const [isKept, setKept] = useState(false)
  return (
    <Part title={t('step.codesTitle')}>
      <p>{t('step.codesText')}</p>
      <TotpSecret {...secrets.totp} />
      <h3>{t('recovery.title')}</h3>
      <RecoveryCodes codes={secrets.recoveryCodes} isKept={isKept} onKept={setKept} />
      <div>
        <Button kind="primary" onClick={onKept} whyNot={isKept ? null : t('recovery.keepFirst')}>
          {t('step.toProof')}
        </Button>
      </div>
    </Part>
  )
}

function Prove({ onBack, onProved }: { readonly onBack: () => void; readonly onProved: () => void }) {
  const [code, setCode] = useState('')
  const [error, setError] = useState<unknown>(null)
  const prove = () => {
    setError(null)
    api.call(stepUpByTotp, { body: { code: code.trim() } }).then(onProved, setError)
  }
  return (
    <Part title={t('step.proveTitle')}>
      <p>{t('step.proveText')}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          prove()
        }}
      >
        <TextField
          label={t('totp.code')}
          name="code"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          isMono
        />
        <Fault error={error} otherwise={t('totp.wrong')} />
        <div className="row">
          <Button kind="primary" type="submit" whyNot={code.trim().length < 6 ? t('totp.incomplete') : null}>
            {t('step.prove')}
          </Button>
          <Button onClick={onBack}>{t('step.backToCodes')}</Button>
        </div>
      </form>
    </Part>
  )
}

function Passkey({ onDone }: { readonly onDone: () => void }) {
  const [error, setError] = useState<unknown>(null)
  const register = () => {
    setError(null)
    registerPasskey().then(onDone, setError)
  }
  return (
    <Part title={t('step.passkeyTitle')}>
      <p>{t('step.passkeyText')}</p>
      <Fault error={error} otherwise={t('passkey.notMade')} />
      <div className="row">
        <Button kind="primary" onClick={register}>
          {t('passkey.register')}
        </Button>
        <Button onClick={onDone}>{t('step.passkeyLater')}</Button>
      </div>
    </Part>
  )
}

function Trust({ onDone }: { readonly onDone: () => void }) {
  const [isSaved, setSaved] = useState(false)
  return (
    <Part title={t('step.trustTitle')}>
      <p>{t('step.trustText')}</p>
      <TrustRoot />
      <CheckField label={t('trust.saved')} checked={isSaved} onChange={setSaved} />
      <div>
        <Button kind="primary" onClick={onDone} whyNot={isSaved ? null : t('trust.saveFirst')}>
          {t('step.open')}
        </Button>
      </div>
    </Part>
  )
}

/** One step. Its heading takes the focus, so that somebody who does not see the page knows where they are. */
function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="stack">
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  )
}

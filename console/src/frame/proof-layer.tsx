import { useEffect, useState } from 'react'
import { stepUpByTotp } from '../../../src/contracts/routes/identity.ts'
import { api, problemIn } from '../api/client.ts'
import { signWithPasskey, stepUpWithPasskey } from '../api/passkey.ts'
import { onProofAsked, type Asked, type ProofAnswer } from '../api/proofs.ts'
import { t } from '../messages/text.ts'
import { SignInForm } from '../screens/identity/sign-in-form.tsx'
import { Button } from '../ui/button.tsx'
import { Id } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Note } from '../ui/note.tsx'
import { ProblemText } from '../ui/problem.tsx'

/** Asks for what a command lacks: a session, a fresher second factor, a signature. The page below stays as it is. */
export function ProofLayer() {
  const [asked, setAsked] = useState<Asked | null>(null)
  useEffect(() => {
    onProofAsked(setAsked)
    return () => onProofAsked(null)
  }, [])
  if (asked === null) return null
  const end = (answer: ProofAnswer) => {
    asked.answer(answer)
    setAsked(null)
  }
  const { request } = asked
  if (request.k === 'sign_in')
    return (
      <Dialog open onClose={() => end(false)} title={t('signInAgain.title')}>
        <p>{t('signInAgain.text')}</p>
        <SignInForm onSignedIn={() => end(true)} />
      </Dialog>
    )
  return request.k === 'sign' ? (
    <Sign request={request} onEnd={end} />
  ) : (
    <StepUp proof={request.proof} onEnd={end} />
  )
}

function StepUp({
  proof,
  onEnd,
}: {
  readonly proof: 'recent_auth' | 'fresh_passkey'
  readonly onEnd: (answer: ProofAnswer) => void
}) {
  const [code, setCode] = useState('')
  const [error, setError] = useState<unknown>(null)
  const attempt = (act: Promise<unknown>) => act.then(() => onEnd(true), setError)
  return (
    <Dialog open onClose={() => onEnd(false)} title={t('stepUp.title')}>
      <p>{t(proof === 'recent_auth' ? 'stepUp.recent' : 'stepUp.fresh')}</p>
      <Failed error={error} />
      <div>
        <Button kind="primary" onClick={() => void attempt(stepUpWithPasskey())}>
          {t('stepUp.usePasskey')}
        </Button>
      </div>
      {proof === 'recent_auth' && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            void attempt(api.call(stepUpByTotp, { body: { code } }))
          }}
        >
          <TextField label={t('stepUp.code')} value={code} onChange={setCode} autoComplete="one-time-code" />
          <div>
            <Button type="submit">{t('stepUp.confirm')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}

function Sign({
  request: { digest, challenge, credentialIds },
  onEnd,
}: {
  readonly request: Extract<Asked['request'], { readonly k: 'sign' }>
  readonly onEnd: (answer: ProofAnswer) => void
}) {
  const [error, setError] = useState<unknown>(null)
  const sign = () => {
    signWithPasskey(challenge, credentialIds).then((assertion) => onEnd({ assertion }), setError)
  }
  return (
    <Dialog
      open
      onClose={() => onEnd(false)}
      title={t('stepUp.signTitle')}
      footer={
        <>
          <Button onClick={() => onEnd(false)}>{t('common.cancel')}</Button>
          <Button
            kind="primary"
            onClick={sign}
            whyNot={credentialIds.length === 0 ? t('stepUp.noPasskey') : null}
          >
            {t('stepUp.sign')}
          </Button>
        </>
      }
    >
      <p>{t('stepUp.signText')}</p>
      <p>
        {t('stepUp.digest')}: <Id id={digest} whole />
      </p>
      {credentialIds.length === 0 && <Note tone="attention">{t('stepUp.noPasskey')}</Note>}
      <Failed error={error} />
    </Dialog>
  )
}

function Failed({ error }: { readonly error: unknown }) {
  if (error === null) return null
  const problem = problemIn(error)
  return (
    <Note tone="breach" live="assertive">
      {problem === null || problem.code === 'UNAUTHENTICATED' ? (
        <p>{t('stepUp.failed')}</p>
      ) : (
        <ProblemText problem={problem} />
      )}
    </Note>
  )
}

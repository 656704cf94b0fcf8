import { lazy, Suspense, useState, type ReactNode } from 'react'
import { readMe, stepUpByTotp } from '../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../src/contracts/route.ts'
import { api, queries } from '../api/client.ts'
import { signWithPasskey, stepUpWithPasskey } from '../api/passkey.ts'
import type { Asked, ProofAnswer } from '../api/proofs.ts'
import { useMe } from '../api/session.ts'
import { t } from '../messages/text.ts'
import { Fault } from '../screens/identity/fault.tsx'
import { SignInForm } from '../screens/identity/sign-in-form.tsx'
import { Button } from '../ui/button.tsx'
import { Id } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'
import { Note } from '../ui/note.tsx'

/** The dialog that asks for what a command lacks. */
export function ProofDialog({
  asked,
  onEnd,
}: {
  readonly asked: Asked
  readonly onEnd: (answer: ProofAnswer) => void
}) {
  const { request } = asked
  if (request.k === 'sign_in')
    return (
      <Dialog open onClose={() => onEnd(false)} title={t('signInAgain.title')}>
        <p>{t('signInAgain.text')}</p>
        <SignInForm onSignedIn={(person) => void enter(person).then(onEnd)} />
      </Dialog>
    )
  return request.k === 'sign' ? (
    <Sign request={request} onEnd={onEnd} />
  ) : (
    <StepUp proof={request.proof} onEnd={onEnd} />
  )
}

/**
 * Whether the command may go on. What the page shows and holds stays for the same person; for another one everything is
 * read anew, and what the first has begun is not sent in their name.
 */
async function enter(person: string): Promise<boolean> {
  const before = queries.getQueryData<ReplyOf<typeof readMe>>([readMe.id, {}])
  if (before === undefined || before.person === person) {
    await queries.invalidateQueries()
    return true
  }
  await queries.resetQueries()
  return false
}

const ProveAsSelf = lazy(async () => ({
  default: (await import('../screens/demo/own-proof.tsx')).ProveAsSelf,
}))
const SignAsSelf = lazy(async () => ({ default: (await import('../screens/demo/own-proof.tsx')).SignAsSelf }))

/** What only a demo installation offers: it keeps the proofs of its invented people. */
function InDemo({ children }: { readonly children: (me: ReplyOf<typeof readMe>) => ReactNode }) {
  const me = useMe().data
  return me?.isDemo === true ? <Suspense>{children(me)}</Suspense> : null
}

/** In a demo the invented person's own proof is the first button, and that of the visitor is another way. */
function useOwnProofKind(): 'primary' | 'plain' {
  return useMe().data?.isDemo === true ? 'plain' : 'primary'
}

function StepUp({
  proof,
  onEnd,
}: {
  readonly proof: 'recent_auth' | 'fresh_passkey'
  readonly onEnd: (answer: ProofAnswer) => void
}) {
  const [code, setCode] = useState('')
  const kind = useOwnProofKind()
  const [error, setError] = useState<unknown>(null)
  const attempt = (act: Promise<unknown>) => act.then(() => onEnd(true), setError)
  return (
    <Dialog open onClose={() => onEnd(false)} title={t('stepUp.title')}>
      <p>{t(proof === 'recent_auth' ? 'stepUp.recent' : 'stepUp.fresh')}</p>
      <InDemo>{(me) => <ProveAsSelf me={me} onProved={() => onEnd(true)} />}</InDemo>
      <Fault error={error} otherwise={t('stepUp.failed')} />
      <div>
        <Button kind={kind} onClick={() => void attempt(stepUpWithPasskey())}>
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
  const kind = useOwnProofKind()
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
            kind={kind}
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
      <InDemo>
        {(me) => <SignAsSelf me={me} challenge={challenge} onSigned={(assertion) => onEnd({ assertion })} />}
      </InDemo>
      {credentialIds.length === 0 && <Note tone="attention">{t('stepUp.noPasskey')}</Note>}
      <Fault error={error} otherwise={t('stepUp.failed')} />
    </Dialog>
  )
}

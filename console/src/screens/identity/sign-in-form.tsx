import { useState } from 'react'
import { startSession } from '../../../../src/contracts/routes/identity.ts'
import { api, problemIn, queries } from '../../api/client.ts'
import { signInWithPasskey } from '../../api/passkey.ts'
import { t } from '../../messages/text.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { ProblemText } from '../../ui/problem.tsx'

/** Signs in with a passkey, or with password and code. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [failed, setFailed] = useState<{
    readonly error: unknown
    readonly by: 'password' | 'passkey'
  } | null>(null)
  const finish = async (act: Promise<unknown>, by: 'password' | 'passkey') => {
    setFailed(null)
    try {
      await act
      // What is on the page stays as it is and is read again; what another person may have left behind goes.
      queries.removeQueries({ type: 'inactive' })
      await queries.invalidateQueries()
      onSignedIn()
    } catch (error) {
      setFailed({ error, by })
    }
  }
  const problem = failed === null ? null : problemIn(failed.error)
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        const body = { email: email.trim(), password, ...(code.trim() === '' ? {} : { code: code.trim() }) }
        void finish(api.call(startSession, { body }), 'password')
      }}
    >
      <TextField
        label={t('signIn.email')}
        type="email"
        name="email"
        autoComplete="username webauthn"
        value={email}
        onChange={setEmail}
      />
      <div>
        <Button kind="primary" onClick={() => void finish(signInWithPasskey(email.trim()), 'passkey')}>
          {t('signIn.passkey')}
        </Button>
      </div>
      <p className="muted">{t('signIn.or')}</p>
      <TextField
        label={t('signIn.password')}
        type="password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
      />
      <TextField
        label={t('signIn.code')}
        help={t('signIn.codeHelp')}
        name="code"
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
      />
      {failed !== null && (
        <Note tone="breach" live="assertive">
          {problem !== null && problem.code !== 'UNAUTHENTICATED' ? (
            <ProblemText problem={problem} />
          ) : (
            <p>{t(failed.by === 'password' ? 'signIn.failed' : 'signIn.passkeyFailed')}</p>
          )}
        </Note>
      )}
      <div>
        <Button type="submit">{t('signIn.submit')}</Button>
      </div>
    </form>
  )
}

import { useState } from 'react'
import { readMe, startSession, stepUpByTotp } from '../../../../src/contracts/routes/identity.ts'
import { api } from '../../api/client.ts'
import { signInWithPasskey, stepUpWithPasskey } from '../../api/passkey.ts'
import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Fault } from './fault.tsx'

type Failed = { readonly error: unknown; readonly by: 'password' | 'passkey' | 'code' }
const words = {
  password: 'signIn.failed',
  passkey: 'signIn.passkeyFailed',
  code: 'totp.wrong',
} as const

/**
 * Signs in with a passkey, or with password and code, and says who it was. Whoever holds a role that demands a second
 * factor and has given none is asked for it here, before anything else would be closed to them.
 */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: (person: string) => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [half, setHalf] = useState<string | null>(null)
  const [failed, setFailed] = useState<Failed | null>(null)
  const attempt = async (by: Failed['by'], act: () => Promise<void>) => {
    setFailed(null)
    try {
      await act()
    } catch (error) {
      setFailed({ error, by })
    }
  }
  const withPassword = () =>
    attempt('password', async () => {
      const body = { email: email.trim(), password, ...(code.trim() === '' ? {} : { code: code.trim() }) }
      const { person, mfa } = await api.call(startSession, { body })
      const isHalf = !mfa && (await api.call(readMe, {})).needsSecondFactor
      if (isHalf) setHalf(person)
      else onSignedIn(person)
    })
  const withPasskey = () =>
    attempt('passkey', async () => onSignedIn((await signInWithPasskey(email.trim())).person))
  const fault = failed !== null && <Fault error={failed.error} otherwise={t(words[failed.by])} />

  if (half !== null)
    return (
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void attempt('code', async () => {
            await api.call(stepUpByTotp, { body: { code: code.trim() } })
            onSignedIn(half)
          })
        }}
      >
        <p>{t('signIn.needsSecond')}</p>
        <TextField
          label={t('stepUp.code')}
          name="code"
          autoComplete="one-time-code"
          value={code}
          onChange={setCode}
          autoFocus
          isMono
        />
        {fault}
        <div className="row">
          <Button kind="primary" type="submit" whyNot={code.trim().length < 6 ? t('totp.incomplete') : null}>
            {t('signIn.confirm')}
          </Button>
          <Button
            onClick={() =>
              void attempt('passkey', async () => {
                await stepUpWithPasskey()
                onSignedIn(half)
              })
            }
          >
            {t('stepUp.usePasskey')}
          </Button>
        </div>
      </form>
    )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void withPassword()
      }}
    >
      <TextField
        label={t('signIn.email')}
        help={t('signIn.emailHelp')}
        type="email"
        name="email"
        autoComplete="username webauthn"
        value={email}
        onChange={setEmail}
      />
      <div>
        <Button kind="primary" onClick={() => void withPasskey()}>
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
        isMono
      />
      {fault}
      <div>
        <Button type="submit">{t('signIn.submit')}</Button>
      </div>
    </form>
  )
}

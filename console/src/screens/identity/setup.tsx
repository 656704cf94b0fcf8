import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { completeSetup, readSetup } from '../../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api } from '../../api/client.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Door } from './door.tsx'
import { Fault } from './fault.tsx'
import { FirstSteps, Newcomer } from './newcomer.tsx'
import { NewPassword, passwordFault, repetitionFault } from './password-rules.tsx'

type Secrets = ReplyOf<typeof completeSetup>

/** The first administrator of a fresh installation, with the token that the server has printed. */
export function Setup() {
  const setup = useRead(readSetup, { query: {} })
  const [secrets, setSecrets] = useState<Secrets | null>(null)
  return (
    <Door title={t('setup.title')} isWide>
      {secrets !== null ? (
        <Newcomer secrets={secrets} />
      ) : (
        <Loaded read={setup}>
          {({ isOpen }) => (isOpen ? <Details onDone={setSecrets} /> : <Closed />)}
        </Loaded>
      )}
    </Door>
  )
}

function Closed() {
  return (
    <div className="stack">
      <p>{t('setup.closed')}</p>
      <p>{t('setup.closedLost')}</p>
      <p>
        <Link to="/sign-in">{t('setup.signIn')}</Link>
      </p>
    </div>
  )
}

function Details({ onDone }: { readonly onDone: (secrets: Secrets) => void }) {
  const [token, setToken] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [isTried, setTried] = useState(false)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const faults = {
    token: token.trim() === '' ? t('field.missing') : null,
    name: name.trim() === '' ? t('field.missing') : null,
    email: /^\S+@\S+\.\S+$/.test(email.trim()) ? null : t('field.email'),
    password: passwordFault(password),
    repeated: repetitionFault(password, repeated),
  }
  const isWhole = Object.values(faults).every((fault) => fault === null)
  const shown = (fault: string | null) => (isTried ? fault : null)
  useEffect(() => setError(null), [token, name, email, password])
  const send = async () => {
    setTried(true)
    if (!isWhole || isSending) return
    setSending(true)
    try {
      const body = { token: token.trim(), name: name.trim(), email: email.trim(), password }
      onDone(await api.call(completeSetup, { body }))
    } catch (failed) {
      setError(failed)
    } finally {
      setSending(false)
    }
  }
  return (
    <>
      <FirstSteps />
      <p>{t('setup.text')}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <TextField
          label={t('setup.token')}
          help={t('setup.tokenHelp')}
          value={token}
          onChange={setToken}
          fault={shown(faults.token)}
          isMono
        />
        <TextField
          label={t('person.name')}
          name="name"
          autoComplete="name"
          value={name}
          onChange={setName}
          fault={shown(faults.name)}
        />
        <TextField
          label={t('signIn.email')}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          fault={shown(faults.email)}
        />
        <NewPassword
          password={password}
          onPassword={setPassword}
          repeated={repeated}
          onRepeated={setRepeated}
          faults={{ password: shown(faults.password), repeated: shown(faults.repeated) }}
        />
        <Fault error={error} otherwise={t('setup.wrongToken')} />
        <div>
          <Button kind="primary" type="submit" whyNot={isSending ? t('problem.sending') : null}>
            {t('setup.submit')}
          </Button>
        </div>
      </form>
    </>
  )
}

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { completeEnrolment } from '../../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api } from '../../api/client.ts'
import { t } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Door } from './door.tsx'
import { Fault } from './fault.tsx'
import { FirstSteps, Newcomer } from './newcomer.tsx'
import { NewPassword, passwordFault, repetitionFault } from './password-rules.tsx'

type Secrets = ReplyOf<typeof completeEnrolment>

/**
 * Somebody whom an administrator has enrolled, or recovered, sets their own credentials. The token may stand behind the
 * `#` of the address, which a browser sends to nobody; it is taken from there at once, so that the history forgets it.
 */
export function Enrol() {
  const [given] = useState(() => window.location.hash.slice(1))
  const [secrets, setSecrets] = useState<Secrets | null>(null)
  const navigate = useNavigate()
  useEffect(() => {
    if (window.location.hash !== '') void navigate({ to: '/enrol', hash: '', replace: true })
  }, [navigate])
  return (
    <Door title={t('enrol.title')} isWide>
      {secrets === null ? <Details given={given} onDone={setSecrets} /> : <Newcomer secrets={secrets} />}
    </Door>
  )
}

function Details({ given, onDone }: { readonly given: string; readonly onDone: (secrets: Secrets) => void }) {
  const [token, setToken] = useState(given)
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [isTried, setTried] = useState(false)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const faults = {
    token: token.trim() === '' ? t('field.missing') : null,
    password: passwordFault(password),
    repeated: repetitionFault(password, repeated),
  }
  const isWhole = Object.values(faults).every((fault) => fault === null)
  const shown = (fault: string | null) => (isTried ? fault : null)
  useEffect(() => setError(null), [token, password])
  const send = async () => {
    setTried(true)
    if (!isWhole || isSending) return
    setSending(true)
    try {
      onDone(await api.call(completeEnrolment, { body: { token: token.trim(), password } }))
    } catch (failed) {
      setError(failed)
    } finally {
      setSending(false)
    }
  }
  return (
    <>
      <FirstSteps />
      <p>{t('enrol.text')}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <TextField
          label={t('enrol.token')}
          help={t(given === '' ? 'enrol.tokenHelp' : 'enrol.tokenTaken')}
          value={token}
          onChange={setToken}
          fault={shown(faults.token)}
          isMono
        />
        <NewPassword
          password={password}
          onPassword={setPassword}
          repeated={repeated}
          onRepeated={setRepeated}
          faults={{ password: shown(faults.password), repeated: shown(faults.repeated) }}
        />
        <Fault error={error} otherwise={t('enrol.wrongToken')} />
        <div>
          <Button kind="primary" type="submit" whyNot={isSending ? t('problem.sending') : null}>
            {t('enrol.submit')}
          </Button>
        </div>
      </form>
    </>
  )
}

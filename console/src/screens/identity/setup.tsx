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
import { emptyOrganisation, OrganisationFields } from './organisation-fields.tsx'
import { NewPassword, passwordFault, repetitionFault } from './password-rules.tsx'

const mostUnits = 50

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
  const [organisation, setOrganisation] = useState(emptyOrganisation)
  const [unitText, setUnitText] = useState('')
  const units = unitText.split('\n').flatMap((line) => line.trim() || [])
  const [isTried, setTried] = useState(false)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const faults = {
    token: token.trim() === '' ? t('field.missing') : null,
    name: name.trim() === '' ? t('field.missing') : null,
    email: /^\S+@\S+\.\S+$/.test(email.trim()) ? null : t('field.email'),
    password: passwordFault(password),
    repeated: repetitionFault(password, repeated),
    organisation: organisation.name.trim() === '' ? t('field.missing') : null,
    units: units.length > mostUnits ? t('setup.unitsTooMany') : null,
  }
  const isWhole = Object.values(faults).every((fault) => fault === null)
  const shown = (fault: string | null) => (isTried ? fault : null)
  useEffect(() => setError(null), [token, name, email, password, organisation, unitText])
  const send = async () => {
    setTried(true)
    if (!isWhole || isSending) return
    setSending(true)
    try {
      const body = {
        token: token.trim(),
        name: name.trim(),
        email: email.trim(),
        password,
        organisation: { ...organisation, name: organisation.name.trim() },
        units,
      }
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
        <h2>{t('setup.organisation')}</h2>
        <OrganisationFields
          draft={organisation}
          onChange={setOrganisation}
          fault={shown(faults.organisation)}
        />
        <TextField
          label={t('setup.units')}
          help={t('setup.unitsHelp')}
          isOptional
          rows={3}
          value={unitText}
          onChange={setUnitText}
          fault={faults.units}
        />
        <h2>{t('setup.yourself')}</h2>
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

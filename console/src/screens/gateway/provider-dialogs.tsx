import { useState } from 'react'
import {
  changeUpstreamSecret,
  registerUpstream,
  setUpstreamCeiling,
} from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { upstreamApis, type DataClass, type UpstreamApi } from '../../../../src/kernel/vocabulary.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { dataClassIn, dataClassOptions } from './data-class.ts'
import { networksIn } from './networks.ts'
import type { Provider } from './providers.tsx'

const empty = {
  name: '',
  origin: 'https://',
  basePath: '/v1',
  api: 'openai' as UpstreamApi,
  region: '',
  ceiling: 'internal' as DataClass,
  apiVersion: '',
  networks: '',
  secret: '',
}

/** Makes a provider known. Its secret is sealed at once; nobody can read it again. */
export function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const [draft, setDraft] = useState(empty)
  const { state, send } = useCommand(registerUpstream)
  const set = (name: keyof typeof empty) => (value: string) => setDraft({ ...draft, [name]: value })
  const register = async () => {
    const { name, origin, basePath, api, region, ceiling, apiVersion, networks, secret } = draft
    const body = {
      name,
      origin,
      basePath,
      api,
      region,
      ceiling,
      ...(api === 'azure' && apiVersion !== '' ? { apiVersion } : {}),
      privateCidrs: networksIn(networks),
      ...(secret === '' ? {} : { secret }),
    }
    if ((await send({ body })) === null) return
    toast(t('provider.registered'))
    onClose()
  }
  const field = (name: Exclude<keyof typeof empty, 'secret' | 'api' | 'ceiling'>) => ({
    label: t(`provider.${name}`),
    help: t(`provider.${name}Help`),
    value: draft[name],
    onChange: set(name),
  })
  const isIncomplete = draft.name === '' || draft.region.trim() === ''
  return (
    <ActDialog
      title={t('provider.registerTitle')}
      verb={t('provider.register')}
      whyNot={isIncomplete ? t('provider.incomplete') : null}
      state={state}
      onSend={() => void register()}
      onClose={onClose}
    >
      <TextField {...field('name')} isMono />
      <TextField {...field('origin')} isMono />
      <SelectField
        label={t('provider.api')}
        value={draft.api}
        onChange={(api) =>
          setDraft({ ...draft, api: upstreamApis.find((known) => known === api) ?? 'openai' })
        }
        options={upstreamApis.map((api) => ({ value: api, label: t(`provider.api.${api}`) }))}
      />
      <TextField {...field('basePath')} isMono />
      {draft.api === 'azure' && <TextField {...field('apiVersion')} isMono isOptional />}
      <TextField {...field('region')} />
      <CeilingField value={draft.ceiling} onChange={(ceiling) => setDraft({ ...draft, ceiling })} />
      <TextField {...field('networks')} isMono isOptional />
      <SecretField label={t('provider.secret')} value={draft.secret} onChange={set('secret')} isOptional />
    </ActDialog>
  )
}

/** What a provider may be sent from now on. */
export function CeilingDialog({
  provider,
  onClose,
}: {
  readonly provider: Provider
  readonly onClose: () => void
}) {
  const [ceiling, setCeiling] = useState(provider.ceiling)
  const { state, send } = useCommand(setUpstreamCeiling)
  const change = async () => {
    const done = await send({ params: { id: provider.id }, body: { ceiling }, ifMatch: provider.revision })
    if (done === null) return
    toast(t('provider.ceilingSet'))
    onClose()
  }
  return (
    <ActDialog
      title={t('provider.setCeilingTitle')}
      verb={t('provider.setCeiling')}
      whyNot={ceiling === provider.ceiling ? t('provider.sameCeiling') : null}
      state={state}
      onSend={() => void change()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={provider.name} /> <code>{provider.id}</code>
      </p>
      <CeilingField value={ceiling} onChange={setCeiling} />
    </ActDialog>
  )
}

function CeilingField(props: { readonly value: DataClass; readonly onChange: (value: DataClass) => void }) {
  return (
    <SelectField
      label={t('provider.ceiling')}
      help={t('provider.ceilingHelp')}
      value={props.value}
      onChange={(chosen) => props.onChange(dataClassIn(chosen))}
      options={dataClassOptions()}
    />
  )
}

/** Puts another secret in the place of the one that is sealed. */
export function ChangeSecretDialog({
  provider,
  onClose,
}: {
  readonly provider: Provider
  readonly onClose: () => void
}) {
  const [secret, setSecret] = useState('')
  const { state, send } = useCommand(changeUpstreamSecret)
  const change = async () => {
    const done = await send({ params: { id: provider.id }, body: { secret }, ifMatch: provider.revision })
    if (done === null) return
    toast(t('provider.secretChanged'))
    onClose()
  }
  return (
    <ActDialog
      title={t('provider.changeSecretTitle')}
      verb={t('provider.changeSecret')}
      whyNot={secret === '' ? t('provider.secretMissing') : null}
      state={state}
      onSend={() => void change()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={provider.name} /> <code>{provider.id}</code>
      </p>
      <p>{t('provider.changeSecretText')}</p>
      <SecretField label={t('provider.newSecret')} value={secret} onChange={setSecret} />
    </ActDialog>
  )
}

/** A secret that the browser neither shows nor offers to fill in. */
function SecretField(props: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly isOptional?: boolean
}) {
  return <TextField {...props} help={t('provider.secretHelp')} type="password" autoComplete="new-password" />
}

import { useState } from 'react'
import { changeUpstreamSecret, registerUpstream } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { networksIn } from './networks.ts'
import type { Provider } from './providers.tsx'

const empty = { name: '', origin: 'https://', basePath: '/v1', region: '', networks: '', secret: '' }

/** Makes a provider known. Its secret is sealed at once; nobody can read it again. */
export function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const [draft, setDraft] = useState(empty)
  const { state, send } = useCommand(registerUpstream)
  const set = (name: keyof typeof empty) => (value: string) => setDraft({ ...draft, [name]: value })
  const register = async () => {
    const { name, origin, basePath, region, networks, secret } = draft
    const body = {
      name,
      origin,
      basePath,
      region,
      privateCidrs: networksIn(networks),
      ...(secret === '' ? {} : { secret }),
    }
    if ((await send({ body })) === null) return
    toast(t('provider.registered'))
    onClose()
  }
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
      <TextField
        label={t('provider.name')}
        help={t('provider.nameHelp')}
        value={draft.name}
        onChange={set('name')}
        isMono
      />
      <TextField
        label={t('provider.origin')}
        help={t('provider.originHelp')}
        value={draft.origin}
        onChange={set('origin')}
        isMono
      />
      <TextField
        label={t('provider.basePath')}
        help={t('provider.basePathHelp')}
        value={draft.basePath}
        onChange={set('basePath')}
        isMono
      />
      <TextField
        label={t('provider.region')}
        help={t('provider.regionHelp')}
        value={draft.region}
        onChange={set('region')}
      />
      <TextField
        label={t('provider.networks')}
        help={t('provider.networksHelp')}
        value={draft.networks}
        onChange={set('networks')}
        isMono
        isOptional
      />
      <TextField
        label={t('provider.secret')}
        help={t('provider.secretHelp')}
        value={draft.secret}
        onChange={set('secret')}
        type="password"
        autoComplete="new-password"
        isOptional
      />
    </ActDialog>
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
      <TextField
        label={t('provider.newSecret')}
        help={t('provider.secretHelp')}
        value={secret}
        onChange={setSecret}
        type="password"
        autoComplete="new-password"
      />
    </ActDialog>
  )
}

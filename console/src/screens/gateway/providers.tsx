import { useState } from 'react'
import { disableUpstream, listUpstreams } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import type { ItemOf } from '../../api/reading.ts'
import { t } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { dataClassName } from './data-class.ts'
import { CeilingDialog, ChangeSecretDialog, RegisterDialog } from './provider-dialogs.tsx'

export type Provider = ItemOf<typeof listUpstreams>
type Open =
  | { readonly k: 'secret' | 'ceiling' | 'disable'; readonly provider: Provider }
  | { readonly k: 'register' }
  | null

/** Providers to which the gateway can send a call. A secret goes in and never comes out. */
export function GatewayProviders() {
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <GatewayScreen
      tab="providers"
      answer={t('provider.answer')}
      actions={<Button onClick={() => setOpen({ k: 'register' })}>{t('provider.register')}</Button>}
    >
      <RecordList
        id="gateway-providers"
        route={listUpstreams}
        columns={columnsFor(setOpen)}
        keyOf={({ id }) => id}
        empty={t('provider.none')}
      />
      {open?.k === 'register' && <RegisterDialog onClose={close} />}
      {open?.k === 'secret' && <ChangeSecretDialog provider={open.provider} onClose={close} />}
      {open?.k === 'ceiling' && <CeilingDialog provider={open.provider} onClose={close} />}
      {open?.k === 'disable' && <DisableDialog provider={open.provider} onClose={close} />}
    </GatewayScreen>
  )
}

function columnsFor(open: (what: Open) => void): readonly Column<Provider>[] {
  return [
    {
      id: 'name',
      header: t('provider.name'),
      cell: ({ name }) => <Untrusted text={name} />,
      text: ({ name }) => name,
    },
    {
      id: 'state',
      header: t('registry.state'),
      cell: ({ state }) => <Status state={state} />,
      text: ({ state }) => state,
    },
    {
      id: 'origin',
      header: t('provider.origin'),
      cell: ({ origin, basePath }) => (
        <code>
          <Untrusted text={`${origin}${basePath}`} />
        </code>
      ),
      text: ({ origin, basePath }) => `${origin}${basePath}`,
    },
    {
      id: 'region',
      header: t('provider.region'),
      cell: ({ region }) => <Untrusted text={region} />,
      text: ({ region }) => region,
    },
    {
      id: 'ceiling',
      header: t('provider.ceiling'),
      cell: ({ ceiling }) => dataClassName(ceiling),
      text: ({ ceiling }) => ceiling,
    },
    {
      id: 'networks',
      header: t('provider.networks'),
      cell: ({ privateCidrs }) =>
        privateCidrs.length === 0 ? (
          <span className="muted">{t('common.none')}</span>
        ) : (
          <code>{privateCidrs.join(', ')}</code>
        ),
      text: ({ privateCidrs }) => privateCidrs.join(' '),
    },
    {
      id: 'secret',
      header: t('provider.secret'),
      cell: ({ hasSecret }) =>
        hasSecret ? t('provider.sealed') : <span className="muted">{t('common.none')}</span>,
      text: ({ hasSecret }) => (hasSecret ? 'sealed' : ''),
    },
    {
      id: 'created',
      header: t('registry.created'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      text: ({ createdAt }) => createdAt,
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (provider) =>
        provider.state === 'disabled' ? (
          ''
        ) : (
          <Menu
            kind="quiet"
            label={t('common.actions')}
            entries={[
              { label: t('provider.changeSecret'), onSelect: () => open({ k: 'secret', provider }) },
              { label: t('provider.setCeiling'), onSelect: () => open({ k: 'ceiling', provider }) },
              { label: t('provider.disable'), onSelect: () => open({ k: 'disable', provider }) },
            ]}
          />
        ),
      text: () => '',
    },
  ]
}

function DisableDialog({ provider, onClose }: { readonly provider: Provider; readonly onClose: () => void }) {
  const { state, send } = useCommand(disableUpstream)
  const disable = async () => {
    if ((await send({ params: { id: provider.id } })) === null) return
    toast(t('provider.disabled'))
    onClose()
  }
  return (
    <ActDialog
      title={t('provider.disableTitle')}
      verb={t('provider.disable')}
      kind="danger"
      state={state}
      onSend={() => void disable()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={provider.name} /> <code>{provider.id}</code>
      </p>
      <p>{t('provider.disableText')}</p>
    </ActDialog>
  )
}

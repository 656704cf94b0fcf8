import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listGatewayKeys, listRoutes, revokeGatewayKey } from '../../../../src/contracts/routes/gateway.ts'
import { useCommand } from '../../api/command.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { t, tCode } from '../../messages/gateway.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Actor } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { placeChoice } from '../../ui/record-choices.tsx'
import { RecordList } from '../../ui/record-list.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { SetBudgetDialog } from './budget-dialogs.tsx'
import { GatewayScreen } from './gateway-screen.tsx'
import { IssueKeyDialog } from './issue-key-dialog.tsx'
import { PlaceName } from '../../ui/place-name.tsx'

type Key = ItemOf<typeof listGatewayKeys>
type Route = ItemOf<typeof listRoutes>
type Open =
  | { readonly k: 'choose' }
  | { readonly k: 'revoke' | 'budget'; readonly key: Key }
  | { readonly k: 'issue'; readonly route: Route }
  | null

/** Which agent may knock at the gateway, until when and from where. */
export function GatewayKeys() {
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <GatewayScreen
      tab="keys"
      answer={t('key.answer')}
      actions={<Button onClick={() => setOpen({ k: 'choose' })}>{t('key.issue')}</Button>}
    >
      <RecordList
        id="gateway-keys"
        route={listGatewayKeys}
        columns={columnsFor((k, key) => setOpen({ k, key }))}
        filters={[{ name: 'deployment', label: t('gateway.deployment'), choice: placeChoice }]}
        keyOf={({ id }) => id}
        empty={t('key.none')}
      />
      {open?.k === 'choose' && (
        <ChooseRoute onChosen={(route) => setOpen({ k: 'issue', route })} onClose={close} />
      )}
      {open?.k === 'issue' && <IssueKeyDialog route={open.route} onClose={close} />}
      {open?.k === 'budget' && (
        <SetBudgetDialog
          target={{ scope: 'key', keyId: open.key.id }}
          name={open.key.agent}
          onClose={close}
        />
      )}
      {open?.k === 'revoke' && <RevokeDialog gatewayKey={open.key} onClose={close} />}
    </GatewayScreen>
  )
}

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt !== null) return 'revoked'
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active'
}

function columnsFor(open: (k: 'revoke' | 'budget', key: Key) => void): readonly Column<Key>[] {
  return [
    {
      id: 'agent',
      header: t('key.agent'),
      cell: ({ agent }) => <Untrusted text={agent} />,
      text: ({ agent }) => agent,
    },
    {
      id: 'deployment',
      leaves: 'last',
      header: t('gateway.deployment'),
      cell: ({ deploymentId }) => <PlaceName id={deploymentId} />,
      text: ({ deploymentId }) => deploymentId,
    },
    {
      id: 'state',
      leaves: 'last',
      header: t('registry.state'),
      cell: (key) => <Status state={stateOf(key)} />,
      text: stateOf,
    },
    {
      id: 'end',
      leaves: 'last',
      header: t('key.end'),
      cell: ({ expiresAt }) => <Time at={expiresAt} both />,
      text: ({ expiresAt }) => expiresAt,
    },
    {
      id: 'networks',
      header: t('key.networks'),
      cell: ({ sources }) =>
        sources.length === 0 ? (
          <span className="muted">{t('key.anywhere')}</span>
        ) : (
          <code>{sources.join(', ')}</code>
        ),
      text: ({ sources }) => sources.join(' '),
    },
    {
      id: 'by',
      header: t('key.by'),
      cell: ({ createdBy }) => <Actor id={createdBy} />,
      text: ({ createdBy }) => createdBy,
    },
    {
      id: 'created',
      header: t('key.issued'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      text: ({ createdAt }) => createdAt,
      isHidden: true,
    },
    {
      id: 'id',
      header: t('registry.id'),
      cell: ({ id }) => <Id id={id} />,
      text: ({ id }) => id,
      isHidden: true,
    },
    {
      id: 'calls',
      header: t('gateway.tab.records'),
      cell: ({ id }) => (
        <Link to="/gateway/records" search={{ key: id }}>
          {t('key.calls')}
        </Link>
      ),
      text: () => '',
    },
    {
      id: 'actions',
      leaves: 'never',
      header: t('common.actions'),
      cell: (key) =>
        stateOf(key) === 'active' ? (
          <>
            <Button kind="quiet" onClick={() => open('budget', key)}>
              {t('budget.set')}
            </Button>
            <Button kind="quiet" onClick={() => open('revoke', key)}>
              {t('key.revoke')}
            </Button>
          </>
        ) : (
          ''
        ),
      text: () => '',
    },
  ]
}

/** A key belongs to one deployment, so that is chosen first. */
function ChooseRoute({
  onChosen,
  onClose,
}: {
  readonly onChosen: (route: Route) => void
  readonly onClose: () => void
}) {
  const read = useRead(listRoutes, { query: { limit: 200 } })
  const [chosen, setChosen] = useState('')
  return (
    <Dialog open onClose={onClose} title={t('key.issueTitle')}>
      <Loaded read={read}>
        {({ items }) => {
          const present = items.filter(({ op }) => op !== 'retired')
          const route = present.find(({ id }) => id === chosen)
          if (present.length === 0) return <Note tone="attention">{t('route.none')}</Note>
          return (
            <>
              <SelectField
                label={t('gateway.deployment')}
                value={chosen}
                onChange={setChosen}
                empty={t('key.chooseDeployment')}
                options={present.map(({ id, title, environment }) => ({
                  value: id,
                  label: `${title}, ${tCode('environment', environment)}`,
                }))}
              />
              <div className="row">
                <Button
                  kind="primary"
                  onClick={() => route !== undefined && onChosen(route)}
                  whyNot={route === undefined ? t('key.chooseDeployment') : null}
                >
                  {t('key.next')}
                </Button>
                <Button onClick={onClose}>{t('common.cancel')}</Button>
              </div>
            </>
          )
        }}
      </Loaded>
    </Dialog>
  )
}

function RevokeDialog({ gatewayKey, onClose }: { readonly gatewayKey: Key; readonly onClose: () => void }) {
  const { state, send } = useCommand(revokeGatewayKey)
  const revoke = async () => {
    if ((await send({ params: { id: gatewayKey.id } })) === null) return
    toast(t('key.revoked'))
    onClose()
  }
  return (
    <ActDialog
      title={t('key.revokeTitle')}
      verb={t('key.revoke')}
      kind="danger"
      state={state}
      onSend={() => void revoke()}
      onClose={onClose}
    >
      <p>
        <Untrusted text={gatewayKey.agent} />: <PlaceName id={gatewayKey.deploymentId} />
      </p>
      <p>
        <code>{gatewayKey.id}</code>
      </p>
      <p>{t('key.revokeText')}</p>
    </ActDialog>
  )
}

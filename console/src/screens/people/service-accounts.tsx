import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listServiceAccounts } from '../../../../src/contracts/routes/service-accounts.ts'
import type { ItemOf } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/people.ts'
import { Button } from '../../ui/button.tsx'
import { Person } from '../../ui/person.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { CreateServiceDialog } from './create-service-dialog.tsx'
import { useIsAdmin } from './is-admin.ts'
import { ScopeWords } from './role-words.tsx'

type Row = ItemOf<typeof listServiceAccounts>
const states = ['active', 'disabled'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: t('service.name'),
    cell: ({ id, name }) => (
      <Link to={`/service-accounts/${id}`}>
        <Untrusted text={name} />
      </Link>
    ),
    text: ({ name }) => name,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('people.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'permissions',
    header: t('service.permissions'),
    cell: ({ permissions }) => permissionsText(permissions),
    text: ({ permissions }) => permissionsText(permissions),
  },
  {
    id: 'scope',
    header: t('service.scope'),
    cell: ({ useCaseId }) =>
      useCaseId === null ? (
        <span className="muted">{t('service.everyUseCase')}</span>
      ) : (
        <ScopeWords scope={{ k: 'use_case', id: useCaseId }} />
      ),
    text: ({ useCaseId }) => useCaseId ?? '',
  },
  {
    id: 'networks',
    header: t('service.networks'),
    cell: ({ cidrs }) =>
      cidrs.length === 0 ? <span className="muted">{t('service.everywhere')}</span> : cidrs.join(', '),
    text: ({ cidrs }) => cidrs.join(' '),
  },
  {
    id: 'liveKeys',
    header: t('service.liveKeys'),
    align: 'end',
    cell: ({ liveKeys }) => liveKeys,
    text: ({ liveKeys }) => String(liveKeys),
  },
  {
    id: 'nextEnd',
    leaves: 'last',
    header: t('service.nextEnd'),
    cell: ({ nextKeyEndsAt }) => (nextKeyEndsAt === null ? '' : <Time at={nextKeyEndsAt} />),
    text: ({ nextKeyEndsAt }) => nextKeyEndsAt ?? '',
  },
  {
    id: 'lastUsed',
    header: t('service.keyUsed'),
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
    text: ({ lastUsedAt }) => lastUsedAt ?? '',
  },
  {
    id: 'createdBy',
    header: t('service.createdBy'),
    cell: ({ createdBy }) => <Person id={createdBy} />,
    text: ({ createdBy }) => createdBy,
    isHidden: true,
  },
  {
    id: 'id',
    header: t('intake.id'),
    cell: ({ id }) => <code>{id}</code>,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** Which programs act here, what they may do, and until when their keys open something. */
export function ServiceAccounts() {
  const isAdmin = useIsAdmin()
  const [isCreating, setCreating] = useState(false)
  const create = () => setCreating(true)
  usePageCommands(isAdmin ? [{ label: t('service.create'), run: create, key: 'n' }] : [])
  return (
    <Screen
      title={t('rail.serviceAccounts')}
      answer={t('service.createText')}
      actions={
        isAdmin && (
          <Button kind="primary" onClick={create}>
            {t('service.create')}
          </Button>
        )
      }
    >
      <RecordList
        id="service-accounts"
        route={listServiceAccounts}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('people.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
        ]}
        hrefOf={({ id }) => `/service-accounts/${id}`}
        keyOf={({ id }) => id}
        empty={t('service.none')}
      />
      {isCreating && <CreateServiceDialog onClose={() => setCreating(false)} />}
    </Screen>
  )
}

function permissionsText(permissions: readonly string[]): string {
  return permissions.map((permission) => tCode('permission', permission)).join(', ')
}

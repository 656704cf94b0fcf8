import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { listPeople } from '../../../../src/contracts/routes/people.ts'
import { roleNames } from '../../../../src/contracts/roles.ts'
import { useRead, type ItemOf } from '../../api/reading.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/people.ts'
import { Button } from '../../ui/button.tsx'
import { shortened } from '../../ui/copy.tsx'
import type { Column } from '../../ui/list-columns.ts'
import { RecordList } from '../../ui/record-list.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { EnrolDialog } from './enrol-dialog.tsx'
import { useIsAdmin } from './is-admin.ts'
import { roleText } from './role-words.tsx'
import { unitOptions, UnitName, useUnits } from './unit-name.tsx'

type Row = ItemOf<typeof listPeople>
const states = ['active', 'suspended', 'erased'] as const

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: t('people.name'),
    cell: ({ id, name }) => (
      <Link to={`/people/${id}`}>
        {name === null ? `${t('common.erasedPerson')} ${shortened(id)}` : <Untrusted text={name} />}
      </Link>
    ),
    text: ({ id, name }) => name ?? id,
  },
  {
    id: 'state',
    leaves: 'last',
    header: t('people.state'),
    cell: ({ state }) => <Status state={state} />,
    text: ({ state }) => state,
  },
  {
    id: 'unit',
    header: t('people.unit'),
    cell: ({ unit }) => <UnitName id={unit} />,
    text: ({ unit }) => unit ?? '',
  },
  {
    id: 'roles',
    header: t('people.roles'),
    cell: ({ roles }) => rolesText(roles),
    text: ({ roles }) => rolesText(roles),
  },
  {
    id: 'seat',
    header: t('people.seat'),
    cell: ({ seat }) => (seat === null ? '' : tCode('fn', seat)),
    text: ({ seat }) => seat ?? '',
  },
  {
    id: 'waiting',
    header: t('people.waiting'),
    cell: ({ requests, recovery }) =>
      requests.length > 0 || recovery !== null ? (
        <Status state="pending" word={recovery === null ? rolesText(requests) : t('people.recover')} />
      ) : (
        ''
      ),
    text: ({ requests, recovery }) => (recovery === null ? rolesText(requests) : t('people.recover')),
  },
  {
    id: 'credentials',
    header: t('people.credentials'),
    cell: ({ credentials, state }) =>
      credentials === null || state === 'erased' ? (
        ''
      ) : credentials.length === 0 ? (
        <Status state="unknown" word={t('people.credentialsNone')} />
      ) : (
        credentialsText(credentials)
      ),
    text: ({ credentials }) => credentialsText(credentials ?? []),
  },
  {
    id: 'email',
    header: t('signIn.email'),
    cell: ({ email }) => (email === null ? '' : <Untrusted text={email} />),
    text: ({ email }) => email ?? '',
    isHidden: true,
  },
  {
    id: 'enrolled',
    header: t('people.enrolled'),
    cell: ({ createdAt }) => <Time at={createdAt} />,
    text: ({ createdAt }) => createdAt,
    isHidden: true,
  },
  {
    id: 'id',
    header: t('people.pseudonym'),
    cell: ({ id }) => <code>{id}</code>,
    text: ({ id }) => id,
    isHidden: true,
  },
]

/** Who may do what here, and who waits for a second administrator. */
export function People() {
  const isAdmin = useIsAdmin()
  const units = useUnits()
  const waiting = useRead(listPeople, { query: { waiting: 'true', limit: 100 } })
  const [isEnrolling, setEnrolling] = useState(false)
  const enrol = () => setEnrolling(true)
  usePageCommands(isAdmin ? [{ label: t('people.enrol'), run: enrol, key: 'n' }] : [])
  const count = waiting.data?.items.length ?? 0
  return (
    <Screen
      title={t('rail.people')}
      answer={
        waiting.data === undefined ? undefined : count === 0 ? (
          t('people.waitingAnswer', { count })
        ) : (
          <Link to="/people" search={{ waiting: 'true' }}>
            {t('people.waitingAnswer', { count })}
          </Link>
        )
      }
      actions={
        <>
          <Link to="/people/units" className="button">
            {t('people.units')}
          </Link>
          {isAdmin && (
            <Button kind="primary" onClick={enrol}>
              {t('people.enrol')}
            </Button>
          )}
        </>
      }
    >
      <RecordList
        id="people"
        route={listPeople}
        columns={columns}
        filters={[
          {
            name: 'state',
            label: t('people.state'),
            options: states.map((state) => ({ value: state, label: tCode('state', state) })),
          },
          {
            name: 'role',
            label: t('people.role'),
            options: roleNames.map((role) => ({ value: role, label: tCode('role', role) })),
          },
          { name: 'unit', label: t('people.unit'), options: unitOptions(units) },
          {
            name: 'waiting',
            label: t('people.waiting'),
            options: [{ value: 'true', label: t('people.waitingOnly') }],
          },
          { name: 'q', label: t('people.words') },
        ]}
        hrefOf={({ id }) => `/people/${id}`}
        keyOf={({ id }) => id}
        empty={t('people.none')}
      />
      {isEnrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </Screen>
  )
}

function rolesText(roles: readonly { readonly role: string; readonly fn: string | null }[]): string {
  return roles.map(({ role, fn }) => roleText(role, fn)).join(', ')
}

function credentialsText(kinds: readonly string[]): string {
  return [...new Set(kinds)]
    .filter((kind) => kind !== 'recovery_codes')
    .map((kind) => tCode('credential', kind))
    .join(', ')
}

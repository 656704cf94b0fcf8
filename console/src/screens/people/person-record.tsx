import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readPerson } from '../../../../src/contracts/routes/people.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/people.ts'
import { Button } from '../../ui/button.tsx'
import { Id, shortened } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Bones, Failure } from '../../ui/loaded.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { useIsAdmin } from './is-admin.ts'
import { MoveDialog, ReinstateDialog, SuspendDialog } from './person-acts.tsx'
import { EraseDialog } from './erase-dialog.tsx'
import { RecoverDialog, WaitingRecovery } from './recovery.tsx'
import { RolesPanel } from './roles-panel.tsx'
import { StreamHistory } from './stream-history.tsx'
import { UnitName } from './unit-name.tsx'

export type PersonView = ReplyOf<typeof readPerson>
type Act = 'move' | 'suspend' | 'reinstate' | 'recover' | 'erase'

/** One person: who they are, what they may do, and what waits for a second administrator. */
export function PersonRecord() {
  const { id = '' } = useAddress()
  const person = useRead(readPerson, { params: { id } })
  if (person.data === undefined)
    return (
      <Screen title={t('rail.people')}>
        {person.error === null ? (
          <Bones rows={6} />
        ) : (
          <Failure error={person.error} onRetry={() => void person.refetch()} />
        )}
      </Screen>
    )
  return <Found person={person.data} />
}

function Found({ person }: { readonly person: PersonView }) {
  const me = useMe().data
  const isAdmin = useIsAdmin()
  const [act, setAct] = useState<Act | null>(null)
  const { id, name, email, state, unit, roles, requests, recovery, seat, credentials, createdAt } = person
  const isOwn = me?.person === id
  const acts: readonly { readonly act: Act; readonly label: string; readonly key?: string }[] =
    !isAdmin || state === 'erased'
      ? []
      : [
          state === 'active'
            ? { act: 'suspend', label: t('people.suspend'), key: 'S' }
            : { act: 'reinstate', label: t('people.reinstate') },
          { act: 'move', label: t('people.move') },
          ...(state === 'active' && !isOwn ? [{ act: 'recover', label: t('people.recover') } as const] : []),
          { act: 'erase', label: t('people.erase') },
        ]
  usePageCommands(
    acts.map(({ act: which, label, key }) => ({
      label,
      run: () => setAct(which),
      ...(key === undefined ? {} : { key }),
    })),
  )
  const close = () => setAct(null)
  const title = name ?? `${t('common.erasedPerson')} ${shortened(id)}`
  const [first, ...others] = acts
  return (
    <Screen
      title={title}
      answer={t('people.sentence', { state, roles: roles.length, requests: requests.length })}
      actions={
        <>
          <Link to="/people" className="button">
            {t('rail.people')}
          </Link>
          {first !== undefined && (
            <Button kind={first.act === 'suspend' ? 'danger' : 'plain'} onClick={() => setAct(first.act)}>
              {first.label}
            </Button>
          )}
          {others.length > 0 && (
            <Menu
              label={t('common.actions')}
              entries={others.map(({ act: which, label }) => ({ label, onSelect: () => setAct(which) }))}
            />
          )}
        </>
      }
    >
      {recovery !== null && (
        <WaitingRecovery recovery={recovery} onRecover={isAdmin ? () => setAct('recover') : null} />
      )}
      <div className="columns">
        <div className="stack">
          <RolesPanel person={person} isAdmin={isAdmin} />
        </div>
        <div className="stack">
          <Panel title={t('people.person')}>
            <Facts
              rows={[
                [t('people.state'), <Status key="state" state={state} />],
                ...(email === null
                  ? []
                  : [[t('signIn.email'), <Untrusted key="email" text={email} />] as const]),
                [t('people.pseudonym'), <Id key="id" id={id} whole />],
                [t('people.unit'), <UnitName key="unit" id={unit} />],
                [t('people.seat'), seat === null ? t('people.seatNone') : tCode('fn', seat)],
                ...(credentials === null
                  ? []
                  : [
                      [
                        t('people.credentials'),
                        credentials.length === 0 && state !== 'erased' ? (
                          <Status key="credentials" state="unknown" word={t('people.credentialsNone')} />
                        ) : (
                          credentials.map((kind) => tCode('credential', kind)).join(', ')
                        ),
                      ] as const,
                    ]),
                [t('people.enrolled'), <Time key="enrolled" at={createdAt} both />],
              ]}
            />
          </Panel>
          <StreamHistory stream={`person/${id}`} />
        </div>
      </div>
      {act === 'move' && <MoveDialog person={person} onClose={close} />}
      {act === 'suspend' && <SuspendDialog person={person} onClose={close} />}
      {act === 'reinstate' && <ReinstateDialog person={person} onClose={close} />}
      {act === 'recover' && <RecoverDialog person={person} onClose={close} />}
      {act === 'erase' && <EraseDialog person={person} onClose={close} />}
    </Screen>
  )
}

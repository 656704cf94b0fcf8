import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { readServiceAccount } from '../../../../src/contracts/routes/service-accounts.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useAddress } from '../../frame/location.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t, tCode } from '../../messages/people.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Bones, Failure } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Status } from '../../ui/status.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { useIsAdmin } from './is-admin.ts'
import { ScopeWords } from './role-words.tsx'
import { DisableDialog, IssueDialog, RevokeDialog } from './service-acts.tsx'
import { StreamHistory } from './stream-history.tsx'

type View = ReplyOf<typeof readServiceAccount>
type Doing = 'issue' | 'disable' | { readonly revoke: string }

/** One account of a program, with its keys. */
export function ServiceRecord() {
  const { id = '' } = useAddress()
  const read = useRead(readServiceAccount, { params: { id } })
  if (read.data !== undefined) return <Found account={read.data} />
  return (
    <Screen title={t('rail.serviceAccounts')}>
      {read.error === null ? (
        <Bones rows={6} />
      ) : (
        <Failure error={read.error} onRetry={() => void read.refetch()} />
      )}
    </Screen>
  )
}

function Found({ account }: { readonly account: View }) {
  const isAdmin = useIsAdmin()
  const [doing, setDoing] = useState<Doing | null>(null)
  const { id, name, state, permissions, useCaseId, cidrs, createdBy, createdAt, liveKeys } = account
  const canAct = isAdmin && state === 'active'
  usePageCommands(
    canAct
      ? [
          { label: t('service.disable'), run: () => setDoing('disable'), key: 'S' },
          { label: t('service.issue'), run: () => setDoing('issue') },
        ]
      : [],
  )
  const close = () => setDoing(null)
  return (
    <Screen
      title={name}
      answer={t('service.sentence', { state, keys: liveKeys })}
      actions={
        <>
          <Link to="/service-accounts" className="button">
            {t('rail.serviceAccounts')}
          </Link>
          {canAct && (
            <Button kind="danger" onClick={() => setDoing('disable')}>
              {t('service.disable')}
            </Button>
          )}
        </>
      }
    >
      <div className="columns wide-first">
        <div className="stack">
          <Panel
            title={t('service.keys')}
            flush={account.keys.length > 0}
            actions={
              canAct && (
                <Button
                  onClick={() => setDoing('issue')}
                  whyNot={liveKeys >= 2 ? t('reason.TOO_MANY_KEYS', { max: 2 }) : null}
                >
                  {t('service.issue')}
                </Button>
              )
            }
          >
            <Keys account={account} onRevoke={canAct ? (key) => setDoing({ revoke: key }) : null} />
          </Panel>
        </div>
        <div className="stack">
          <Panel title={t('service.about')}>
            <Facts
              rows={[
                [t('people.state'), <Status key="state" state={state} />],
                [
                  t('service.permissions'),
                  <ul key="permissions">
                    {permissions.map((permission) => (
                      <li key={permission}>{tCode('permission', permission)}</li>
                    ))}
                  </ul>,
                ],
                [
                  t('service.scope'),
                  useCaseId === null ? (
                    t('service.everyUseCase')
                  ) : (
                    <ScopeWords key="scope" scope={{ k: 'use_case', id: useCaseId }} />
                  ),
                ],
                [t('service.networks'), cidrs.length === 0 ? t('service.everywhere') : cidrs.join(', ')],
                [t('service.createdBy'), <Person key="by" id={createdBy} />],
                [t('service.created'), <Time key="at" at={createdAt} both />],
                [t('intake.id'), <Id key="id" id={id} whole />],
              ]}
            />
          </Panel>
          <StreamHistory stream={`service/${id}`} />
        </div>
      </div>
      {doing === 'issue' && <IssueDialog id={id} onClose={close} />}
      {doing === 'disable' && <DisableDialog id={id} name={name} onClose={close} />}
      {doing !== null && typeof doing !== 'string' && (
        <RevokeDialog id={id} keyId={doing.revoke} onClose={close} />
      )}
    </Screen>
  )
}

function Keys({
  account: { keys },
  onRevoke,
}: {
  readonly account: View
  readonly onRevoke: ((key: string) => void) | null
}) {
  const now = useNow()
  if (keys.length === 0) return <p className="muted">{t('service.keysNone')}</p>
  return (
    <TableScroll label={t('service.keys')}>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">{t('service.key')}</th>
            <th scope="col">{t('people.state')}</th>
            <th scope="col">{t('service.keyIssued')}</th>
            <th scope="col">{t('service.keyEnds')}</th>
            <th scope="col">{t('service.keyUsed')}</th>
            <th scope="col">{t('common.actions')}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ id, issuedAt, expiresAt, revokedAt, lastUsedAt }) => {
            const isLive = revokedAt === null && Date.parse(expiresAt) > now
            return (
              <tr key={id}>
                <td>
                  <Id id={id} />
                </td>
                <td>
                  <Status state={revokedAt !== null ? 'revoked' : isLive ? 'live' : 'expired'} />
                </td>
                <td>
                  <Time at={issuedAt} />
                </td>
                <td>
                  <Time at={revokedAt ?? expiresAt} />
                </td>
                <td>
                  <Time at={lastUsedAt} />
                </td>
                <td>
                  {isLive && onRevoke !== null && (
                    <Button kind="quiet" label={t('service.revoke')} onClick={() => onRevoke(id)}>
                      {t('people.revoke')}
                    </Button>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </TableScroll>
  )
}

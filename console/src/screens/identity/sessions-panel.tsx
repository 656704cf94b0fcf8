import { useNavigate } from '@tanstack/react-router'
import { endOneSession, endSession, listSessions } from '../../../../src/contracts/routes/identity.ts'
import { api, queries } from '../../api/client.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/identity.ts'
import { Button } from '../../ui/button.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time } from '../../ui/time.tsx'

/** Where I am signed in, and ending that. */
export function SessionsPanel() {
  const sessions = useRead(listSessions, {})
  const navigate = useNavigate()
  const end = useCommand(endOneSession)
  const others = (sessions.data?.items ?? []).filter(({ isCurrent }) => !isCurrent)
  const endOthers = async () => {
    for (const { id } of others) if ((await end.send({ params: { id } })) === null) return
  }
  const signOut = async () => {
    await api.call(endSession, {}).catch(() => undefined) // the session is left in every case
    queries.clear()
    await navigate({ to: '/sign-in' })
  }
  return (
    <Panel
      title={t('account.sessions')}
      flush
      actions={
        <>
          {others.length > 0 && <Button onClick={() => void endOthers()}>{t('account.endOthers')}</Button>}
          <Button onClick={() => void signOut()}>{t('frame.signOut')}</Button>
        </>
      }
    >
      <Loaded read={sessions} rows={2}>
        {({ items }) => (
          <TableScroll label={t('account.sessions')}>
            <table className="grid">
              <thead>
                <tr>
                  <th scope="col">{t('account.signedInBy')}</th>
                  <th scope="col">{t('account.sessionBegun')}</th>
                  <th scope="col">{t('account.seen')}</th>
                  <th scope="col">{t('common.actions')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ id, isCurrent, method, createdAt, seenAt }) => (
                  <tr key={id}>
                    <td>{tCode('method', method)}</td>
                    <td>
                      <Time at={createdAt} />
                    </td>
                    <td>
                      <Time at={seenAt} />
                    </td>
                    <td>
                      {isCurrent ? (
                        <span className="muted">{t('account.sessionThis')}</span>
                      ) : (
                        <Button kind="quiet" onClick={() => void end.send({ params: { id } })}>
                          {t('account.endSession')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Loaded>
      {end.state.k !== 'idle' && end.state.k !== 'recorded' && (
        <div className="inset">
          <Outcome state={end.state} />
        </div>
      )}
    </Panel>
  )
}

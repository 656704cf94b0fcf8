import { useState } from 'react'
import { approveRole, grantRole, revokeRole } from '../../../../src/contracts/routes/people.ts'
import { useCommand } from '../../api/command.ts'
import { useMe } from '../../api/session.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import type { PersonView } from './person-record.tsx'
import { emptyRole, RoleFields, roleGap, roleOf } from './role-fields.tsx'
import { roleText, ScopeWords } from './role-words.tsx'

type Grant = PersonView['roles'][number]
type Doing = { readonly act: 'approve' | 'decline' | 'revoke'; readonly grant: Grant }

/** The roles that somebody holds, and those that wait for a second administrator. */
export function RolesPanel({ person, isAdmin }: { readonly person: PersonView; readonly isAdmin: boolean }) {
  const me = useMe().data
  const [doing, setDoing] = useState<Doing | 'grant' | null>(null)
  const { id, state, roles, requests } = person
  const isOwn = me?.person === id
  const close = () => setDoing(null)
  const canAct = isAdmin && state !== 'erased'
  return (
    <>
      {requests.length > 0 && (
        <Panel title={t('people.requests')} flush>
          <TableScroll label={t('people.requests')}>
            <table className="grid">
              <thead>
                <tr>
                  <th scope="col">{t('people.role')}</th>
                  <th scope="col">{t('people.scope')}</th>
                  <th scope="col">{t('people.askedBy')}</th>
                  <th scope="col">{t('common.actions')}</th>
                </tr>
              </thead>
              <tbody>
                {requests.map((request) => (
                  <tr key={request.id}>
                    <td>{roleText(request.role, request.fn)}</td>
                    <td>
                      <ScopeWords scope={request.scope} />
                    </td>
                    <td>
                      <Person id={request.by} />
                    </td>
                    <td>
                      {canAct && (
                        <span className="row">
                          <Button
                            onClick={() => setDoing({ act: 'approve', grant: request })}
                            whyNot={isOwn || me?.person === request.by ? t('people.approveNotYours') : null}
                          >
                            {t('people.actApprove')}
                          </Button>
                          <Button onClick={() => setDoing({ act: 'decline', grant: request })}>
                            {t('people.actDecline')}
                          </Button>
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        </Panel>
      )}
      <Panel
        title={t('people.roles')}
        flush={roles.length > 0}
        actions={
          canAct && (
            <Button onClick={() => setDoing('grant')} whyNot={isOwn ? t('people.grantNotYourself') : null}>
              {t('people.grant')}
            </Button>
          )
        }
      >
        {roles.length === 0 ? (
          <p className="muted">{t('people.noRoles')}</p>
        ) : (
          <TableScroll label={t('people.roles')}>
            <table className="grid">
              <thead>
                <tr>
                  <th scope="col">{t('people.role')}</th>
                  <th scope="col">{t('people.scope')}</th>
                  <th scope="col">{t('people.ends')}</th>
                  <th scope="col">{t('common.actions')}</th>
                </tr>
              </thead>
              <tbody>
                {roles.map((grant) => (
                  <tr key={grant.id}>
                    <td>{roleText(grant.role, grant.fn)}</td>
                    <td>
                      <ScopeWords scope={grant.scope} />
                    </td>
                    <td>
                      {grant.until === null ? (
                        <span className="muted">{t('people.noEnd')}</span>
                      ) : (
                        <Time at={grant.until} both />
                      )}
                    </td>
                    <td>
                      {canAct && (
                        <Button kind="quiet" onClick={() => setDoing({ act: 'revoke', grant })}>
                          {t('people.revoke')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Panel>
      {doing === 'grant' && <GrantDialog id={id} onClose={close} />}
      {doing !== null && doing !== 'grant' && <RoleDialog id={id} doing={doing} onClose={close} />}
    </>
  )
}

function GrantDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const [draft, setDraft] = useState(emptyRole)
  const grant = useCommand(grantRole, ({ state }) => {
    toast(t(state === 'granted' ? 'people.granted' : 'people.isRequested'))
    onClose()
  })
  return (
    <ActDialog
      title={t('people.grant')}
      verb={t('people.grant')}
      whyNot={roleGap(draft)}
      state={grant.state}
      onSend={() => void grant.send({ params: { id }, body: roleOf(draft) })}
      onClose={onClose}
    >
      <p>
        <Person id={id} />
      </p>
      <RoleFields value={draft} onChange={setDraft} />
      <p className="muted">{t('people.grantGuarded')}</p>
    </ActDialog>
  )
}

const words = {
  approve: ['people.approveRole', 'people.approveText'],
  decline: ['people.declineRole', 'people.declineText'],
  revoke: ['people.revokeRole', 'people.revokeText'],
} as const

function RoleDialog({
  id,
  doing: { act, grant },
  onClose,
}: {
  readonly id: string
  readonly doing: Doing
  readonly onClose: () => void
}) {
  const approve = useCommand(approveRole, onClose)
  const revoke = useCommand(revokeRole, onClose)
  const params = { id, grant: grant.id }
  const [verb, text] = words[act]
  const role = roleText(grant.role, grant.fn)
  return (
    <ActDialog
      title={t(verb)}
      verb={t(verb)}
      kind={act === 'approve' ? 'primary' : 'danger'}
      state={act === 'approve' ? approve.state : revoke.state}
      onSend={() => void (act === 'approve' ? approve.send({ params }) : revoke.send({ params }))}
      onClose={onClose}
    >
      <p>
        <Person id={id} />: {role} <ScopeWords scope={grant.scope} />
      </p>
      <p>{t(text, { role })}</p>
    </ActDialog>
  )
}

import { useState } from 'react'
import {
  beginPasskey,
  finishPasskey,
  listCredentials,
  removeCredential,
} from '../../../../src/contracts/routes/identity.ts'
import { useCommand } from '../../api/command.ts'
import { makePasskey } from '../../api/passkey.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/identity.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Note } from '../../ui/note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { TableScroll } from '../../ui/table-scroll.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'

/** My passkeys: register another, remove one. */
export function PasskeysPanel() {
  const credentials = useRead(listCredentials, {})
  const [leaving, setLeaving] = useState<string | null>(null)
  return (
    <Panel title={t('account.passkeys')} actions={<Register />} flush>
      <Loaded read={credentials} rows={2}>
        {({ items }) => {
          const passkeys = items.filter(({ kind }) => kind === 'passkey')
          if (passkeys.length === 0)
            return (
              <div className="inset">
                <Note tone="attention">{t('account.noPasskey')}</Note>
              </div>
            )
          return (
            <TableScroll label={t('account.passkeys')}>
              <table className="grid">
                <thead>
                  <tr>
                    <th scope="col">{t('intake.id')}</th>
                    <th scope="col">{t('people.custody')}</th>
                    <th scope="col">{t('account.registered')}</th>
                    <th scope="col">{t('common.actions')}</th>
                  </tr>
                </thead>
                <tbody>
                  {passkeys.map(({ id, custody, createdAt }) => (
                    <tr key={id}>
                      <td>
                        <Id id={id} />
                      </td>
                      <td>{tCode('custody', custody ?? 'unknown')}</td>
                      <td>
                        <Time at={createdAt} />
                      </td>
                      <td>
                        <Button kind="quiet" onClick={() => setLeaving(id)}>
                          {t('account.remove')}
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableScroll>
          )
        }}
      </Loaded>
      {leaving !== null && <Remove id={leaving} onClose={() => setLeaving(null)} />}
    </Panel>
  )
}

function Register() {
  const [isDeclined, setDeclined] = useState(false)
  const begin = useCommand(beginPasskey)
  const finish = useCommand(finishPasskey)
  const register = async () => {
    setDeclined(false)
    finish.reset()
    const begun = await begin.send({})
    if (begun === null) return
    try {
      const response = await makePasskey(begun.options)
      await finish.send({ body: { ceremony: begun.ceremony, response } })
    } catch {
      setDeclined(true) // the browser does not say more than that it was declined
    }
  }
  return (
    <>
      {isDeclined && <Note tone="attention">{t('passkey.notMade')}</Note>}
      <Outcome state={begin.state} />
      <Outcome state={finish.state} />
      <Button onClick={() => void register()}>{t('passkey.register')}</Button>
    </>
  )
}

function Remove({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const remove = useCommand(removeCredential, () => {
    toast(t('account.ended'))
    onClose()
  })
  return (
    <ActDialog
      title={t('account.removePasskey')}
      verb={t('account.removePasskey')}
      kind="danger"
      state={remove.state}
      onSend={() => void remove.send({ params: { id } })}
      onClose={onClose}
    >
      <p>{t('account.removePasskeyText')}</p>
      <p>
        <Id id={id} whole />
      </p>
    </ActDialog>
  )
}

import { useState } from 'react'
import { invitePerson } from '../../../../src/contracts/routes/people.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Note } from '../../ui/note.tsx'
import { Person } from '../../ui/person.tsx'
import { Time } from '../../ui/time.tsx'
import { Invitation } from './invitation.tsx'
import type { PersonView } from './person-record.tsx'

/** Ends everything that somebody signs in with, and gives a fresh token; for whoever decides or administers by two. */
export function RecoverDialog({
  person: { id },
  onClose,
}: {
  readonly person: PersonView
  readonly onClose: () => void
}) {
  const [done, setDone] = useState<ReplyOf<typeof invitePerson> | null>(null)
  const recover = useCommand(invitePerson, setDone)
  if (done !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        title={t('people.recover')}
        footer={
          <Button kind="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        }
      >
        {done.state === 'issued' ? <Invitation {...done} /> : <p>{t('people.recoveryRequested')}</p>}
      </Dialog>
    )
  return (
    <ActDialog
      title={t('people.recover')}
      verb={t('people.recover')}
      kind="danger"
      state={recover.state}
      onSend={() => void recover.send({ params: { id } })}
      onClose={onClose}
    >
      <p>
        <Person id={id} />
      </p>
      <p>{t('people.recoverText')}</p>
      <p>{t('people.recoverTwo')}</p>
    </ActDialog>
  )
}

/** A recovery that a first administrator has asked for. */
export function WaitingRecovery({
  recovery: { by, at },
  onRecover,
}: {
  readonly recovery: NonNullable<PersonView['recovery']>
  readonly onRecover: (() => void) | null
}) {
  return (
    <Note tone="pending">
      <p>
        <strong>{t('people.recovery')}</strong>: <Person id={by} />, <Time at={at} both />
      </p>
      <p>{t('people.recoverTwo')}</p>
      {onRecover !== null && <Button onClick={onRecover}>{t('people.recover')}</Button>}
    </Note>
  )
}

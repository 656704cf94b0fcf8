import { useState } from 'react'
import { erasePerson } from '../../../../src/contracts/routes/people.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import type { PersonView } from './person-record.tsx'

/** Erasing somebody: says what goes and what stays, and asks for the name. */
export function EraseDialog({
  person: { id, name, revision },
  onClose,
}: {
  readonly person: PersonView
  readonly onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const erase = useCommand(erasePerson, onClose)
  return (
    <ActDialog
      title={t('people.erase')}
      verb={t('people.erase')}
      kind="danger"
      whyNot={typed.trim() === name ? null : t('people.eraseNameDiffers')}
      state={erase.state}
      onSend={() => void erase.send({ params: { id }, ifMatch: revision })}
      onClose={onClose}
    >
      <p>
        <Untrusted text={name ?? id} />
      </p>
      <p>{t('people.eraseGoes')}</p>
      <p>{t('people.eraseStays', { id })}</p>
      <p>{t('people.eraseUndo')}</p>
      <TextField label={t('people.eraseName')} value={typed} onChange={setTyped} />
    </ActDialog>
  )
}

import { useState } from 'react'
import { movePerson, reinstatePerson, suspendPerson } from '../../../../src/contracts/routes/people.ts'
import { useCommand } from '../../api/command.ts'
import { t } from '../../messages/people.ts'
import { ActDialog } from '../../ui/act-dialog.tsx'
import { SelectField } from '../../ui/field.tsx'
import { Person } from '../../ui/person.tsx'
import type { PersonView } from './person-record.tsx'
import { unitOptions, useUnits } from './unit-name.tsx'

type Props = { readonly person: PersonView; readonly onClose: () => void }

export function SuspendDialog({ person: { id }, onClose }: Props) {
  const suspend = useCommand(suspendPerson, onClose)
  return (
    <ActDialog
      title={t('people.suspend')}
      verb={t('people.suspend')}
      kind="danger"
      state={suspend.state}
      onSend={() => void suspend.send({ params: { id } })}
      onClose={onClose}
    >
      <p>
        <Person id={id} />
      </p>
      <p>{t('people.suspendText')}</p>
    </ActDialog>
  )
}

export function ReinstateDialog({ person: { id }, onClose }: Props) {
  const reinstate = useCommand(reinstatePerson, onClose)
  return (
    <ActDialog
      title={t('people.reinstate')}
      verb={t('people.reinstate')}
      state={reinstate.state}
      onSend={() => void reinstate.send({ params: { id } })}
      onClose={onClose}
    >
      <p>
        <Person id={id} />
      </p>
      <p>{t('people.reinstateText')}</p>
    </ActDialog>
  )
}

export function MoveDialog({ person, onClose }: Props) {
  const units = useUnits()
  const [unit, setUnit] = useState<string>(person.unit ?? '')
  const move = useCommand(movePerson, onClose)
  return (
    <ActDialog
      title={t('people.move')}
      verb={t('people.move')}
      whyNot={unit === (person.unit ?? '') ? t('people.unitSame') : null}
      state={move.state}
      onSend={() => void move.send({ params: { id: person.id }, body: { unit: unit === '' ? null : unit } })}
      onClose={onClose}
    >
      <p>
        <Person id={person.id} />
      </p>
      <p>{t('people.moveText')}</p>
      <SelectField
        label={t('people.unit')}
        value={unit}
        onChange={setUnit}
        options={unitOptions(units)}
        empty={t('people.noUnit')}
      />
    </ActDialog>
  )
}

import { t, tCode } from '../../messages/intake.ts'
import { PersonPicker } from '../../ui/person-picker.tsx'
import { ownerRoles, type OwnerRole, type Owners } from './questions.ts'

/** Who answers for the use case. The server says which of them a tier demands and whether they may be the same. */
export function OwnersFields({
  owners,
  onChange,
  faults,
}: {
  readonly owners: Owners
  readonly onChange: (role: OwnerRole, person: string | null) => void
  readonly faults: Readonly<Record<string, string>>
}) {
  return (
    <div className="stack wide">
      {ownerRoles.map((role) => (
        <div key={role} data-question={role}>
          <PersonPicker
            label={tCode('owner', role)}
            help={tCode('ownerHelp', role)}
            isOptional={role === 'backup'}
            fault={faults[role]}
            value={owners[role]}
            onChange={(person) => onChange(role, person)}
          />
        </div>
      ))}
      <p className="muted">{t('intake.ownersNote')}</p>
    </div>
  )
}

import { useId, useState } from 'react'
import { listPeople } from '../../../src/contracts/routes/people.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { described, FieldFrame, type FieldParts } from './field.tsx'
import { Person } from './person.tsx'
import { RecordCombobox, type Finder } from './record-combobox.tsx'
import { Unit } from './unit.tsx'

/** One active person, found by a part of the name. Whoever is chosen stands there until somebody else is looked for. */
export function PersonPicker({
  value,
  onChange,
  whyNot,
  ...parts
}: FieldParts & {
  readonly value: string | null
  readonly onChange: (person: string | null) => void
  /** Why somebody cannot be chosen. */
  readonly whyNot?: (person: string) => string | null
}) {
  const id = useId()
  const [isLooking, setLooking] = useState(false)
  const useFound: Finder = (text) => {
    const query = { state: 'active' as const, limit: 8, ...(text === '' ? {} : { q: text }) }
    const { data, isPending, error } = useRead(listPeople, { query }, { keepsLast: true })
    const items = (data?.items ?? []).map((person) => ({
      id: person.id,
      name: person.name ?? person.id,
      note: <Unit id={person.unit} />,
      whyNot: whyNot?.(person.id) ?? null,
    }))
    return { items, isPending, error }
  }
  if (value !== null && !isLooking)
    return (
      <FieldFrame {...parts} id={id}>
        <div className="row">
          <Person id={value} />
          <span id={id}>
            <Button
              kind="quiet"
              label={t('picker.change', { label: parts.label })}
              onClick={() => setLooking(true)}
            >
              {t('picker.changeShort')}
            </Button>
          </span>
          {parts.isOptional === true && (
            <Button
              kind="quiet"
              label={t('picker.clear', { label: parts.label })}
              onClick={() => onChange(null)}
            >
              {t('picker.clearShort')}
            </Button>
          )}
        </div>
      </FieldFrame>
    )
  return (
    <FieldFrame {...parts} id={id}>
      <RecordCombobox
        id={id}
        label={parts.label}
        useFound={useFound}
        none={t('picker.none')}
        isFocused={isLooking}
        invalid={parts.fault !== undefined && parts.fault !== null}
        describedBy={described(id, parts)}
        onFound={(person) => {
          setLooking(false)
          onChange(person)
        }}
        onLeave={() => setLooking(false)}
      />
    </FieldFrame>
  )
}

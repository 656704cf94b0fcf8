import type { ReactNode } from 'react'
import { listPeople } from '../../../src/contracts/routes/identity.ts'
import type { ReplyOf } from '../../../src/contracts/route.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { SelectField } from './field.tsx'

type Person = ReplyOf<typeof listPeople>['items'][number]

/** One of the active people. `filter` keeps those who come into question. */
export function PersonPicker({
  label,
  value,
  onChange,
  fault,
  help,
  filter = () => true,
}: {
  readonly label: string
  readonly value: string | null
  readonly onChange: (id: string | null) => void
  readonly fault?: string | null
  readonly help?: ReactNode
  readonly filter?: (person: Person) => boolean
}) {
  const read = useRead(listPeople, { query: { state: 'active', limit: 200 } })
  const options = (read.data?.items ?? [])
    .filter((person) => person.id === value || filter(person))
    .map(({ id, name }) => ({ value: id, label: name ?? id }))
    .toSorted((a, b) => a.label.localeCompare(b.label))
  // Somebody who is no longer active stays visible as what was chosen.
  const missing = value !== null && options.every((option) => option.value !== value)
  return (
    <SelectField
      label={label}
      value={value ?? ''}
      onChange={(id) => onChange(id === '' ? null : id)}
      options={missing ? [{ value, label: value }, ...options] : options}
      empty={t('committee.choosePerson')}
      fault={fault}
      {...(help === undefined ? {} : { help })}
    />
  )
}

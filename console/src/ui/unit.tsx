import { listUnits } from '../../../src/contracts/routes/people.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { shortened } from './copy.tsx'
import { SelectField, type FieldParts } from './field.tsx'
import { Untrusted } from './untrusted.tsx'

/** A unit of the organisation by name; by id while it loads. */
export function Unit({ id }: { readonly id: string | null }) {
  const { data } = useRead(listUnits, {}, { enabled: id !== null })
  if (id === null) return <span className="muted">{t('common.none')}</span>
  const found = data?.items.find((unit) => unit.id === id)
  return found === undefined ? <code title={id}>{shortened(id)}</code> : <Untrusted text={found.name} />
}

/** One of the units. */
export function UnitField({
  value,
  onChange,
  ...parts
}: FieldParts & { readonly value: string; readonly onChange: (unit: string) => void }) {
  const { data } = useRead(listUnits, {})
  const options = (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))
  return (
    <SelectField {...parts} value={value} onChange={onChange} options={options} empty={t('common.none')} />
  )
}

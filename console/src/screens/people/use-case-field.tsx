import { listUseCases } from '../../../../src/contracts/routes/intake.ts'
import { useRead } from '../../api/reading.ts'
import { t } from '../../messages/people.ts'
import { SelectField } from '../../ui/field.tsx'

/** One of the use cases that the reader may see; those that were changed last. */
export function UseCaseField({
  value,
  onChange,
  help,
  isOptional = false,
  empty = t('people.useCaseChoose'),
}: {
  readonly value: string
  readonly onChange: (id: string) => void
  readonly help?: string
  readonly isOptional?: boolean
  readonly empty?: string
}) {
  const useCases = useRead(listUseCases, { query: { limit: 100 } })
  const options = (useCases.data?.items ?? []).map(({ id, title }) => ({ value: id, label: title }))
  return (
    <SelectField
      label={t('people.useCase')}
      {...(help === undefined ? {} : { help })}
      isOptional={isOptional}
      value={value}
      onChange={onChange}
      options={options}
      empty={empty}
    />
  )
}

import { useState, type ReactNode } from 'react'
import { t } from '../messages/text.ts'
import { RecordCombobox, type Finder } from './record-combobox.tsx'

/** How records of one kind are found and called. */
export type RecordChoice = {
  readonly useFound: Finder
  readonly Name: (props: { readonly id: string }) => ReactNode
  /** Said before what was typed, when no record fits. */
  readonly none: string
  /** The id that a text is; null for any other text. */
  readonly idIn: (text: string) => string | null
}

/** A filter by one record: looked for by name, shown by name, an id to whoever reads the value. */
export function RecordFilter({
  label,
  choice,
  none,
  value,
  onChange,
}: {
  readonly label: string
  readonly choice: RecordChoice
  /** What is shown while nothing is chosen. */
  readonly none: string
  readonly value: string
  readonly onChange: (id: string) => void
}) {
  const [isLooking, setLooking] = useState(false)
  const { Name } = choice
  return (
    <span className="row">
      <span className="muted">{label}</span>
      {value !== '' && !isLooking ? (
        <span className="picked">
          <button type="button" title={t('picker.change', { label })} onClick={() => setLooking(true)}>
            <Name id={value} />
          </button>
          <button type="button" aria-label={t('picker.clear', { label })} onClick={() => onChange('')}>
            ✕
          </button>
        </span>
      ) : (
        <RecordCombobox
          label={label}
          useFound={choice.useFound}
          none={choice.none}
          idIn={choice.idIn}
          className="input record-filter"
          placeholder={none}
          isFocused={isLooking}
          onFound={(id) => {
            setLooking(false)
            onChange(id)
          }}
          onLeave={() => setLooking(false)}
        />
      )}
    </span>
  )
}

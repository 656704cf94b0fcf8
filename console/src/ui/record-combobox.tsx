import { Combobox, ComboboxItem, ComboboxPopover, ComboboxProvider } from '@ariakit/react'
import { useEffect, useState, type AriaAttributes, type ReactNode } from 'react'
import { t } from '../messages/text.ts'
import { Failure } from './loaded.tsx'
import { Untrusted } from './untrusted.tsx'

export type Found = {
  readonly id: string
  readonly name: string
  readonly note?: ReactNode
  /** Why it cannot be chosen. */
  readonly whyNot?: string | null
}
/** A hook that finds the records that fit what was typed; nothing typed finds the first. */
export type Finder = (text: string) => {
  readonly items: readonly Found[]
  readonly isPending: boolean
  readonly error: unknown
}

/** Finds one record by a part of its name, or by its id. */
export function RecordCombobox({
  id,
  label,
  useFound,
  none,
  idIn,
  isFocused = false,
  className = 'input',
  placeholder = t('picker.hint'),
  invalid,
  describedBy,
  onFound,
  onLeave,
}: {
  readonly id?: string
  readonly label: string
  readonly useFound: Finder
  /** Said before what was typed, when nothing fits. */
  readonly none: string
  /** The id that a text is, to be taken as it is where the record itself is not found. */
  readonly idIn?: (text: string) => string | null
  readonly isFocused?: boolean
  readonly className?: string
  readonly placeholder?: string
  readonly invalid?: boolean
  readonly describedBy?: AriaAttributes['aria-describedby']
  readonly onFound: (id: string) => void
  readonly onLeave?: () => void
}) {
  const [text, setText] = useState('')
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), 150)
    return () => clearTimeout(timer)
  }, [text])
  const { items, isPending, error } = useFound(settled)
  const pasted = idIn?.(settled) ?? null
  const offered = items.length === 0 && pasted !== null ? [{ id: pasted, name: settled }] : items
  return (
    <ComboboxProvider
      value={text}
      setValue={setText}
      setSelectedValue={(chosen) => {
        const found = offered.find((one) => one.id === chosen)
        if (found !== undefined) onFound(found.id)
      }}
      resetValueOnHide
    >
      <Combobox
        {...(id === undefined ? { 'aria-label': label } : { id })}
        className={className}
        placeholder={placeholder}
        autoSelect
        autoFocus={isFocused}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        onBlur={onLeave}
      />
      <ComboboxPopover className="menu found" gutter={4} portal aria-label={label}>
        {offered.map(({ id: one, name, note, whyNot = null }: Found) => (
          <ComboboxItem key={one} value={one} setValueOnClick={false} focusOnHover disabled={whyNot !== null}>
            <span className="grow">
              <Untrusted text={name} />
            </span>
            {(whyNot !== null || note !== undefined) && <span className="muted">{whyNot ?? note}</span>}
          </ComboboxItem>
        ))}
        {error !== null && <Failure error={error} />}
        {offered.length === 0 && error === null && (
          <p className="muted" role="status">
            {isPending ? (
              t('common.loading')
            ) : (
              <>
                {none} <Untrusted text={settled} />
              </>
            )}
          </p>
        )}
      </ComboboxPopover>
    </ComboboxProvider>
  )
}

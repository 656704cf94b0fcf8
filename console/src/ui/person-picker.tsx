import { Combobox, ComboboxItem, ComboboxItemValue, ComboboxPopover, ComboboxProvider } from '@ariakit/react'
import { useEffect, useId, useState } from 'react'
import { listPeople } from '../../../src/contracts/routes/people.ts'
import { useRead } from '../api/reading.ts'
import { t } from '../messages/text.ts'
import { Button } from './button.tsx'
import { described, FieldFrame, type FieldParts } from './field.tsx'
import { Failure } from './loaded.tsx'
import { Person } from './person.tsx'
import { Unit } from './unit.tsx'
import { Untrusted } from './untrusted.tsx'

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
      <Search
        id={id}
        parts={parts}
        isFocused={isLooking}
        whyNot={whyNot ?? (() => null)}
        onFound={(person) => {
          setLooking(false)
          onChange(person)
        }}
        onLeave={() => setLooking(false)}
      />
    </FieldFrame>
  )
}

function Search({
  id,
  parts,
  isFocused,
  whyNot,
  onFound,
  onLeave,
}: {
  readonly id: string
  readonly parts: FieldParts
  readonly isFocused: boolean
  readonly whyNot: (person: string) => string | null
  readonly onFound: (person: string) => void
  readonly onLeave: () => void
}) {
  const [text, setText] = useState('')
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), 150)
    return () => clearTimeout(timer)
  }, [text])
  const found = useRead(
    listPeople,
    { query: { state: 'active', limit: 8, ...(settled === '' ? {} : { q: settled }) } },
    { keepsLast: true },
  )
  const people = found.data?.items ?? []
  return (
    <ComboboxProvider
      value={text}
      setValue={setText}
      setSelectedValue={(chosen) => {
        const person = people.find(({ id: one }) => one === chosen)
        if (person !== undefined) onFound(person.id)
      }}
      resetValueOnHide
    >
      <Combobox
        id={id}
        className="input"
        placeholder={t('picker.hint')}
        autoSelect
        autoFocus={isFocused}
        aria-invalid={parts.fault !== undefined && parts.fault !== null}
        aria-describedby={described(id, parts)}
        onBlur={onLeave}
      />
      <ComboboxPopover className="menu" gutter={4} sameWidth portal aria-label={parts.label}>
        {people.map((person) => {
          const why = whyNot(person.id)
          return (
            <ComboboxItem
              key={person.id}
              value={person.id}
              setValueOnClick={false}
              focusOnHover
              disabled={why !== null}
            >
              <span className="grow">
                <ComboboxItemValue value={person.name ?? person.id} />
              </span>
              <span className="muted">{why ?? <Unit id={person.unit} />}</span>
            </ComboboxItem>
          )
        })}
        {found.isError && <Failure error={found.error} />}
        {people.length === 0 && !found.isError && (
          <p className="muted" role="status">
            {found.isPending ? (
              t('common.loading')
            ) : (
              <>
                {t('picker.none')} <Untrusted text={settled} />
              </>
            )}
          </p>
        )}
      </ComboboxPopover>
    </ComboboxProvider>
  )
}

import { useId, type ChangeEvent, type ReactNode } from 'react'
import { t } from '../messages/text.ts'

export type FieldParts = {
  readonly label: string
  readonly help?: ReactNode
  /** What is wrong with the value, in plain words. */
  readonly fault?: string | null | undefined
  readonly isOptional?: boolean
}

/** A label above its control, with help and what is wrong. */
export function FieldFrame({
  id,
  label,
  help,
  fault,
  isOptional = false,
  children,
}: FieldParts & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {isOptional && <span className="muted"> ({t('common.optional')})</span>}
      </label>
      {help !== undefined && (
        <div className="help" id={`${id}-help`}>
          {help}
        </div>
      )}
      {children}
      {fault !== undefined && fault !== null && (
        <div className="fault" id={`${id}-fault`}>
          {fault}
        </div>
      )}
    </div>
  )
}

/** The ids of the texts that describe the control `id`. */
export function described(id: string, { help, fault }: FieldParts): string | undefined {
  const ids = [
    help === undefined ? '' : `${id}-help`,
    fault === undefined || fault === null ? '' : `${id}-fault`,
  ]
  return ids.filter((part) => part !== '').join(' ') || undefined
}

export type TextFieldProps = FieldParts & {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'email' | 'password' | 'number' | 'datetime-local' | 'date' | 'url' | 'search'
  readonly autoComplete?: string
  readonly name?: string
  readonly rows?: number
  readonly autoFocus?: boolean
  readonly isMono?: boolean
  readonly placeholder?: string
  readonly inputMode?: 'numeric'
}

/** A line of text, or with `rows` several. */
export function TextField(props: TextFieldProps) {
  const id = useId()
  const {
    value,
    onChange,
    type = 'text',
    autoComplete = 'off',
    name,
    rows,
    autoFocus,
    isMono,
    placeholder,
    inputMode,
  } = props
  const shared = {
    id,
    name,
    value,
    placeholder,
    inputMode,
    autoComplete,
    autoFocus,
    className: isMono === true ? 'input mono' : 'input',
    'aria-invalid': props.fault !== undefined && props.fault !== null,
    'aria-describedby': described(id, props),
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onChange(event.target.value),
  }
  return (
    <FieldFrame {...props} id={id}>
      {rows === undefined ? <input type={type} {...shared} /> : <textarea rows={rows} {...shared} />}
    </FieldFrame>
  )
}

export type Option = { readonly value: string; readonly label: string; readonly whyNot?: string | null }

/** One of a list. */
export function SelectField(
  props: FieldParts & {
    readonly value: string
    readonly onChange: (value: string) => void
    readonly options: readonly Option[]
    /** Text of the first, empty choice; without it one of the options is always chosen. */
    readonly empty?: string
  },
) {
  const id = useId()
  const { value, onChange, options, empty } = props
  return (
    <FieldFrame {...props} id={id}>
      <select
        id={id}
        className="input"
        value={value}
        aria-invalid={props.fault !== undefined && props.fault !== null}
        aria-describedby={described(id, props)}
        onChange={(event) => onChange(event.target.value)}
      >
        {empty !== undefined && <option value="">{empty}</option>}
        {options.map((option) => (
          <option
            key={option.value}
            value={option.value}
            disabled={option.whyNot !== undefined && option.whyNot !== null}
          >
            {option.whyNot === undefined || option.whyNot === null
              ? option.label
              : `${option.label} (${option.whyNot})`}
          </option>
        ))}
      </select>
    </FieldFrame>
  )
}

/** One of few, all in sight. */
export function RadioField(
  props: FieldParts & {
    readonly value: string | null
    readonly onChange: (value: string) => void
    readonly options: readonly (Option & { readonly help?: ReactNode })[]
  },
) {
  const id = useId()
  return (
    <fieldset className="field" aria-describedby={described(id, props)}>
      <legend>{props.label}</legend>
      {props.help !== undefined && (
        <div className="help" id={`${id}-help`}>
          {props.help}
        </div>
      )}
      {props.options.map((option) => (
        <label key={option.value} className="choice">
          <input
            type="radio"
            name={id}
            checked={props.value === option.value}
            disabled={option.whyNot !== undefined && option.whyNot !== null}
            onChange={() => props.onChange(option.value)}
          />
          <span>
            {option.label}
            {option.help !== undefined && <span className="muted"> {option.help}</span>}
          </span>
        </label>
      ))}
      {props.fault !== undefined && props.fault !== null && (
        <div className="fault" id={`${id}-fault`}>
          {props.fault}
        </div>
      )}
    </fieldset>
  )
}

/** Yes or no. */
export function CheckField({
  label,
  checked,
  onChange,
}: {
  readonly label: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  )
}

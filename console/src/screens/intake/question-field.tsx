import { unreachable } from '../../../../src/kernel/brand.ts'
import { t } from '../../messages/intake.ts'
import { CheckField, RadioField, SelectField, TextField } from '../../ui/field.tsx'
import { allowsUnknown, optionText, typedInteger, unknown, type Question } from './questions.ts'
import { RowsField } from './rows-field.tsx'
import { faultText, Help } from './why.tsx'

export type QuestionFieldProps = {
  readonly question: Question
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  /** What the server has said about it. */
  readonly refused?: string | null
}

/** The control for one question, by the form of its answer. */
export function QuestionField({ question, value, onChange, refused = null }: QuestionFieldProps) {
  const { key, label, type, required } = question
  const parts = {
    label,
    help: <Help question={question} />,
    fault: refused ?? faultText(question, value),
    isOptional: !required,
  }
  const choices = (options: readonly string[]) => [
    ...options.map((option) => ({ value: option, label: optionText(key, option) })),
    ...(allowsUnknown(question) ? [{ value: unknown, label: t('intake.iDoNotKnow') }] : []),
  ]
  switch (type.k) {
    case 'text':
      return (
        <TextField
          {...parts}
          value={typeof value === 'string' ? value : ''}
          onChange={onChange}
          {...(type.max > 500 ? { rows: 4 } : {})}
        />
      )
    case 'choice':
      return type.options.length <= 5 ? (
        <RadioField
          {...parts}
          value={typeof value === 'string' ? value : null}
          onChange={onChange}
          options={choices(type.options)}
        />
      ) : (
        <SelectField
          {...parts}
          value={typeof value === 'string' ? value : ''}
          onChange={onChange}
          options={choices(type.options)}
          {...(value === undefined ? { empty: t('intake.choose') } : {})}
        />
      )
    case 'multi_choice':
      return (
        <ManyOf
          question={question}
          options={type.options}
          value={value}
          onChange={onChange}
          fault={parts.fault}
        />
      )
    case 'integer':
      return (
        <div className="stack">
          <TextField
            {...parts}
            inputMode="numeric"
            value={
              typeof value === 'number' || (typeof value === 'string' && value !== unknown)
                ? String(value)
                : ''
            }
            onChange={(text) => onChange(typedInteger(text))}
          />
          <CheckField
            label={t('intake.iDoNotKnow')}
            checked={value === unknown}
            onChange={(isOn) => onChange(isOn ? unknown : undefined)}
          />
        </div>
      )
    case 'rows':
      return (
        <RowsField question={question} type={type} value={value} onChange={onChange} fault={parts.fault} />
      )
    default:
      return unreachable(type)
  }
}

/** Several of a list; none of them and not knowing are answers too. */
function ManyOf({
  question,
  options,
  value,
  onChange,
  fault,
}: {
  readonly question: Question
  readonly options: readonly string[]
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly fault: string | null
}) {
  const chosen = Array.isArray(value) ? (value as readonly string[]) : []
  const toggle = (option: string) => (isOn: boolean) =>
    onChange(options.filter((one) => (one === option ? isOn : chosen.includes(one))))
  return (
    <fieldset className="field">
      <legend>
        {question.label}
        {!question.required && <span className="muted"> ({t('common.optional')})</span>}
      </legend>
      <div className="help">
        <Help question={question} />
      </div>
      {options.map((option) => (
        <CheckField
          key={option}
          label={optionText(question.key, option)}
          checked={chosen.includes(option)}
          onChange={toggle(option)}
        />
      ))}
      <CheckField
        label={t('intake.noneOfThese')}
        checked={Array.isArray(value) && chosen.length === 0}
        onChange={() => onChange([])}
      />
      <CheckField
        label={t('intake.iDoNotKnow')}
        checked={value === unknown}
        onChange={(isOn) => onChange(isOn ? unknown : undefined)}
      />
      {fault !== null && <div className="fault">{fault}</div>}
    </fieldset>
  )
}

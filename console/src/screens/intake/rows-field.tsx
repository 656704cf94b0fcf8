import { useId, useState } from 'react'
import { t } from '../../messages/intake.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField, SelectField, TextField } from '../../ui/field.tsx'
import { Note } from '../../ui/note.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { rowsFromPaste, type Pasted } from './paste.ts'
import {
  cellGap,
  columnsOf,
  columnText,
  optionText,
  typedInteger,
  unknown,
  type Column,
  type Question,
  type Row,
  type RowsType,
} from './questions.ts'
import { gapText, Help } from './why.tsx'

/** Rows of a table, typed one by one or pasted from a spreadsheet. That there are none is an answer too. */
export function RowsField({
  question,
  type,
  value,
  onChange,
  fault,
}: {
  readonly question: Question
  readonly type: RowsType
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly fault: string | null
}) {
  const id = useId()
  const rows: readonly Row[] = Array.isArray(value) ? (value as readonly Row[]) : []
  const [isPasting, setPasting] = useState(false)
  const isFull = rows.length >= type.maxRows
  const change = (at: number, row: Row) => onChange(rows.map((one, i) => (i === at ? row : one)))
  return (
    <fieldset className="field rows">
      <legend>
        {question.label}
        {!question.required && <span className="muted"> ({t('common.optional')})</span>}
      </legend>
      <div className="help">
        <Help question={question} />
      </div>
      {rows.map((row, at) => (
        <RowCard
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          key={at}
          label={question.label}
          number={at + 1}
          type={type}
          row={row}
          onChange={(next) => change(at, next)}
          onRemove={() => onChange(rows.filter((_, i) => i !== at))}
        />
      ))}
      {fault !== null && (
        <div className="fault" id={`${id}-fault`}>
          {fault}
        </div>
      )}
      <div className="row">
        <Button
          onClick={() => onChange([...rows, {}])}
          whyNot={isFull ? t('intake.rowsFull', { max: type.maxRows }) : null}
        >
          {t('intake.addRow')}
        </Button>
        <Button onClick={() => setPasting(!isPasting)}>{t('intake.pasteRows')}</Button>
      </div>
      {isPasting && (
        <PasteBox
          type={type}
          room={type.maxRows - rows.length}
          onRows={(pasted) => onChange([...rows, ...pasted])}
          onClose={() => setPasting(false)}
        />
      )}
      {rows.length === 0 && (
        <>
          <CheckField
            label={t('intake.thereAreNone')}
            checked={Array.isArray(value)}
            onChange={() => onChange([])}
          />
          <CheckField
            label={t('intake.iDoNotKnow')}
            checked={value === unknown}
            onChange={(isOn) => onChange(isOn ? unknown : undefined)}
          />
        </>
      )}
    </fieldset>
  )
}

function RowCard({
  label,
  number,
  type,
  row,
  onChange,
  onRemove,
}: {
  readonly label: string
  readonly number: number
  readonly type: RowsType
  readonly row: Row
  readonly onChange: (row: Row) => void
  readonly onRemove: () => void
}) {
  return (
    <div className="row-card" role="group" aria-label={t('intake.rowName', { label, number })}>
      {columnsOf(type).map(([key, column]) => (
        <Cell
          key={key}
          name={key}
          column={column}
          value={row[key]}
          onChange={(value) => onChange({ ...row, [key]: value })}
        />
      ))}
      <Button kind="quiet" label={t('intake.removeRow', { label, number })} onClick={onRemove}>
        {t('intake.remove')}
      </Button>
    </div>
  )
}

function Cell({
  name,
  column,
  value,
  onChange,
}: {
  readonly name: string
  readonly column: Column
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}) {
  const label = columnText(name)
  const gap = value === undefined || value === '' ? null : cellGap(column, value)
  const fault = gap === null || gap.k === 'empty' ? null : gapText(gap)
  if ('options' in column)
    return (
      <SelectField
        label={label}
        value={typeof value === 'string' ? value : ''}
        onChange={onChange}
        options={[...column.options, unknown].map((option) => ({
          value: option,
          label: option === unknown ? t('intake.iDoNotKnow') : optionText(name, option),
        }))}
        {...(value === undefined ? { empty: t('intake.choose') } : {})}
      />
    )
  return (
    <TextField
      label={label}
      value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
      fault={fault}
      isMono={'name' in column}
      onChange={(text) => onChange('integer' in column ? typedInteger(text) : text)}
    />
  )
}

function PasteBox({
  type,
  room,
  onRows,
  onClose,
}: {
  readonly type: RowsType
  readonly room: number
  readonly onRows: (rows: readonly Row[]) => void
  readonly onClose: () => void
}) {
  const [text, setText] = useState('')
  const [misfits, setMisfits] = useState<Pasted['misfits']>([])
  const wordFor = (name: string, option: string) => optionText(name, option)
  const read = rowsFromPaste(text, type, wordFor, columnText)
  const whyNot =
    read.rows.length === 0
      ? t('intake.pasteNothing')
      : read.rows.length > room
        ? t('intake.rowsFull', { max: room })
        : null
  const take = () => {
    onRows(read.rows)
    setMisfits(read.misfits)
    setText('')
    if (read.misfits.length === 0) onClose()
  }
  return (
    <div className="paste stack">
      <TextField
        label={t('intake.pasteLabel')}
        help={t('intake.pasteHelp', { columns: type.order.map(columnText).join(', ') })}
        rows={4}
        isMono
        value={text}
        onChange={setText}
        autoFocus
      />
      <div className="row">
        <Button onClick={take} whyNot={whyNot}>
          {t('intake.pasteAdd', { count: read.rows.length })}
        </Button>
        <Button kind="quiet" onClick={onClose}>
          {t('intake.pasteClose')}
        </Button>
      </div>
      {misfits.length > 0 && (
        <Note tone="attention" live="polite">
          <p>{t('intake.pasteMisfits')}</p>
          <ul>
            {misfits.slice(0, 20).map(({ line, column, text: found }) => (
              <li key={`${line} ${column}`}>
                {t('intake.pasteMisfit', { line, column: columnText(column) })} <Untrusted text={found} />
              </li>
            ))}
          </ul>
        </Note>
      )}
    </div>
  )
}

import { useState } from 'react'
import { mapImport } from '../../../../src/contracts/routes/imports.ts'
import { readQuestionnaire } from '../../../../src/contracts/routes/intake.ts'
import { useCommand } from '../../api/command.ts'
import { useRead } from '../../api/reading.ts'
import { t, tCode } from '../../messages/import.ts'
import { Button } from '../../ui/button.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { questionnaireKey } from '../intake/questions.ts'
import { recordTargets, tableCells, type Question } from './targets.ts'
import type { Import } from './words.tsx'

const leftOut = ' '

/** What each column of the file is for; a person may change it, and the rows are checked again. */
export function ColumnMapping({ record, isOpen }: { readonly record: Import; readonly isOpen: boolean }) {
  const form = useRead(readQuestionnaire, { params: { key: questionnaireKey } })
  const [changed, setChanged] = useState<ReadonlyMap<string, string>>(new Map())
  const map = useCommand(mapImport, () => setChanged(new Map()))
  const questions = form.data?.questions ?? []
  const mapping = () => {
    const said = new Map(record.mapping.map(({ column, to }) => [column, to]))
    for (const [column, to] of changed) said.set(column, to === leftOut ? null : to)
    return [...said].map(([column, to]) => ({ column, to }))
  }
  const send = () => void map.send({ params: { id: record.id }, body: { mapping: mapping() } })
  return (
    <div className="stack">
      <div
        className="table-scroll"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
        tabIndex={0}
        role="region"
        aria-label={t('import.columnsTable')}
      >
        <table className="grid mapping">
          <thead>
            <tr>
              <th scope="col">{t('import.header')}</th>
              <th scope="col">{t('import.for')}</th>
              <th scope="col">{t('import.samples')}</th>
            </tr>
          </thead>
          <tbody>
            {undecidedFirst(record.columns).map((column, i) => (
              // oxlint-disable-next-line react/no-array-index-key -- two columns may have the same name
              <tr key={i}>
                <td>
                  {column.header === '' ? (
                    <span className="muted">{t('import.noHeader')}</span>
                  ) : (
                    <Untrusted text={column.header} />
                  )}
                </td>
                <td>
                  {isOpen ? (
                    <TargetChoice
                      column={column}
                      value={changed.get(column.header) ?? valueOf(column)}
                      questions={questions}
                      onChange={(to) => setChanged(new Map([...changed, [column.header, to]]))}
                    />
                  ) : (
                    (column.to ?? t('import.leaveOut'))
                  )}
                </td>
                <td className="muted">
                  <Untrusted text={column.samples.join(' · ').slice(0, 120)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isOpen && (
        <div className="row">
          <Button
            kind={record.phase === 'unusable' ? 'primary' : 'plain'}
            onClick={send}
            whyNot={changed.size === 0 && record.phase !== 'planned' ? t('import.recheckWhy') : null}
          >
            {t('import.recheck')}
          </Button>
        </div>
      )}
      <Outcome state={map.state} onRetry={send} />
    </div>
  )
}

type ImportColumn = Import['columns'][number]

/** What a person has to decide stands on top; the rest in the order of the file. */
function undecidedFirst(columns: Import['columns']): Import['columns'] {
  const isDecided = ({ state }: ImportColumn) => state === 'used' || state === 'ignored'
  return columns.toSorted((a, b) => Number(isDecided(a)) - Number(isDecided(b)))
}

function valueOf({ to, state }: ImportColumn): string {
  return to ?? (state === 'ignored' ? leftOut : '')
}

/** A cell such as `actions.1.effect` by the label of its question, its row and the heading of its column. */
function cellName(cell: string, questions: readonly Question[]): string {
  const [key = '', row = '', column = ''] = cell.split('.')
  const question = questions.find((one) => one.key === key)
  return t('import.cell', { question: question?.label ?? key, row, column: tCode('column', column) })
}

function TargetChoice({
  column,
  value,
  questions,
  onChange,
}: {
  readonly column: ImportColumn
  readonly value: string
  readonly questions: readonly Question[]
  readonly onChange: (to: string) => void
}) {
  const cells = tableCells(questions)
  const known = new Set<string>([...recordTargets, ...questions.map(({ key }) => key), ...cells])
  return (
    <select
      className="input"
      aria-label={t('import.forOf', { column: column.header === '' ? t('import.noHeader') : column.header })}
      aria-invalid={value === ''}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {value === '' && <option value="">{t('import.choose')}</option>}
      <option value={leftOut}>{t('import.leaveOut')}</option>
      {column.state !== 'forbidden' && (
        <>
          {!known.has(value) && value.trim() !== '' && <option value={value}>{value}</option>}
          <optgroup label={t('import.group.record')}>
            {recordTargets.map((target) => (
              <option key={target} value={target}>
                {tCode('import.target', target)}
              </option>
            ))}
          </optgroup>
          <optgroup label={t('import.group.questions')}>
            {questions.map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </optgroup>
          <optgroup label={t('import.group.tables')}>
            {cells.map((cell) => (
              <option key={cell} value={cell}>
                {cellName(cell, questions)}
              </option>
            ))}
          </optgroup>
        </>
      )}
    </select>
  )
}

import { unreachable } from '../../../../src/kernel/brand.ts'
import { t } from '../../messages/intake.ts'
import { Status } from '../../ui/status.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { columnText, optionText, unknown, type Question, type Row } from './questions.ts'

/** An answer as it is read. Missing and unknown look unknown, text of people is inert. */
export function AnswerValue({ question, value }: { readonly question: Question; readonly value: unknown }) {
  const { key, type } = question
  if (value === undefined || value === null) return <Status state="unknown" word={t('intake.notAnswered')} />
  if (value === unknown) return <Status state="unknown" word={t('intake.unknownAnswer')} />
  switch (type.k) {
    case 'text':
      return <Untrusted text={textOf(value)} />
    case 'choice':
      return <span>{optionText(key, textOf(value))}</span>
    case 'multi_choice': {
      const chosen = Array.isArray(value) ? (value as readonly string[]) : []
      if (chosen.length === 0) return <span>{t('intake.noneOfThese')}</span>
      return <span>{chosen.map((option) => optionText(key, option)).join(', ')}</span>
    }
    case 'integer':
      return <span className="num">{t('intake.count', { count: Number(value) })}</span>
    case 'rows': {
      const rows = Array.isArray(value) ? (value as readonly Row[]) : []
      if (rows.length === 0) return <span>{t('intake.thereAreNone')}</span>
      return <Rows question={question} columns={type.order} rows={rows} />
    }
    default:
      return unreachable(type)
  }
}

function Rows({
  question,
  columns,
  rows,
}: {
  readonly question: Question
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by key
    <div className="table-scroll" role="region" aria-label={question.label} tabIndex={0}>
      <table className="grid wrap">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {columnText(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
            <tr key={at}>
              {columns.map((column) => (
                <td key={column}>
                  <CellValue type={question.type} column={column} value={row[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function CellValue({
  type,
  column,
  value,
}: {
  readonly type: Question['type']
  readonly column: string
  readonly value: unknown
}) {
  if (value === unknown) return <Status state="unknown" word={t('intake.unknownAnswer')} />
  const spec = type.k === 'rows' ? type.columns[column] : undefined
  const text = textOf(value)
  return spec !== undefined && 'options' in spec ? <>{optionText(column, text)}</> : <Untrusted text={text} />
}

/** What the server has checked to be text or a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

import type { Json, Reason } from '../../../kernel/index.ts'
import type { QKey } from '../../tiering/index.ts'
import type { LoadedQuestionnaire } from '../questionnaire.ts'
import type { Owners, Values } from '../use-case-model.ts'
import { cellText, readAnswer, readTableCell } from './cells.ts'
import { targetName, type Column, type Target } from './columns.ts'

/** One reason against a row, with the column whose cell would have to change. */
export type RowReason = Reason<string, { readonly [name: string]: string | number | boolean }>

/** A row as typed values. An empty cell says nothing: it neither answers nor takes an answer away. */
export type ReadRow = {
  readonly externalId: string
  readonly answers: Values
  /** Addresses of the owners that the row names. */
  readonly owners: { readonly [R in keyof Owners]?: string }
  /** Name or id of a unit; null where the row names none. */
  readonly unit: string | null
  /** External ids or ids of use cases from which this one differs, although it looks alike. */
  readonly differsFrom: readonly string[]
  readonly reasons: readonly RowReason[]
}

const externalIdForm = /^[A-Za-z0-9][\w.:/#-]{0,99}$/
const maxDiffering = 200

type Draft = {
  externalId: string
  unit: string | null
  differsFrom: readonly string[]
  readonly owners: Partial<Record<keyof Owners, string>>
  readonly answers: { [key: QKey]: Json }
  readonly tables: Map<QKey, Map<number, { [column: string]: Json }>>
  readonly reasons: RowReason[]
}

/** Reads the cells of one record, with every fault at once. UNTRUSTED: cells are as somebody wrote them. */
export function readRow(
  cells: readonly string[],
  columns: readonly Column[],
  questionnaire: LoadedQuestionnaire,
): ReadRow {
  const draft: Draft = {
    externalId: '',
    unit: null,
    differsFrom: [],
    owners: {},
    answers: {},
    tables: new Map(),
    reasons: [],
  }
  if (cells.length > columns.length || cells.length < columns.length) {
    const params = { cells: cells.length, columns: columns.length }
    draft.reasons.push({ code: 'IMPORT_ROW_LENGTH', params })
  }
  columns.forEach(({ target }, i) => {
    const cell = cells[i] ?? ''
    if (target !== null && cell.trim() !== '') put(draft, target, cell, questionnaire)
  })
  addTables(draft, questionnaire)
  draft.reasons.push(...externalIdFaults(draft.externalId))
  const { externalId, unit, differsFrom, owners, answers, reasons } = draft
  return { externalId, unit, differsFrom, owners, answers, reasons }
}

/** Whether a record holds nothing at all: such lines stand at the end of many files. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '')
}

function put(draft: Draft, target: Target, cell: string, questionnaire: LoadedQuestionnaire): void {
  const text = cellText(cell).trim()
  switch (target.k) {
    case 'externalId':
      draft.externalId = text
      return
    case 'unit':
      draft.unit = text
      return
    case 'differsFrom':
      draft.differsFrom = text
        .split(';')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .slice(0, maxDiffering)
      return
    case 'owner':
      draft.owners[target.role] = text
      return
    case 'answer': {
      const type = questionnaire.byKey.get(target.key)?.type
      const read = type === undefined ? null : readAnswer(type, cell)
      if (read === null) draft.reasons.push(unreadable(target, questionnaire))
      else draft.answers[target.key] = read.value
      return
    }
    case 'cell': {
      const type = questionnaire.byKey.get(target.key)?.type
      const column = type?.k === 'rows' ? type.columns[target.column] : undefined
      const read = column === undefined ? null : readTableCell(column, cell)
      if (read === null) draft.reasons.push(unreadable(target, questionnaire))
      const table = draft.tables.get(target.key) ?? new Map<number, { [column: string]: Json }>()
      draft.tables.set(target.key, table)
      const row = table.get(target.row) ?? {}
      table.set(target.row, row)
      // A cell that cannot be read still says that its row is there: what is missing is told once.
      row[target.column] = read?.value ?? 'unknown'
      return
    }
    default:
      throw new Error(`no column has the target \`${JSON.stringify(target satisfies never)}\``)
  }
}

/** Puts the rows of tables in their order; rows without any cell are none. */
function addTables(draft: Draft, questionnaire: LoadedQuestionnaire): void {
  for (const [key, table] of draft.tables) {
    const type = questionnaire.byKey.get(key)?.type
    if (type?.k !== 'rows') continue
    if (Object.hasOwn(draft.answers, key)) {
      draft.reasons.push({ code: 'IMPORT_TABLE_TWICE', params: { column: key } })
      continue
    }
    const rows = [...table].sort(([a], [b]) => a - b)
    for (const [row, values] of rows)
      for (const column of Object.keys(type.columns))
        if (!Object.hasOwn(values, column))
          draft.reasons.push({ code: 'IMPORT_CELL_MISSING', params: { column: `${key}.${row}.${column}` } })
    draft.answers[key] = rows.map(([, values]) => values)
  }
}

/** What a cell must be, in words that the reader's language completes. */
function unreadable(target: Target, questionnaire: LoadedQuestionnaire): RowReason {
  const column = targetName(target)
  const key = target.k === 'answer' || target.k === 'cell' ? target.key : ''
  const type = questionnaire.byKey.get(key)?.type
  const inTable = target.k === 'cell' && type?.k === 'rows' ? type.columns[target.column] : undefined
  const options =
    inTable !== undefined
      ? 'options' in inTable
        ? inTable.options
        : null
      : type?.k === 'choice' || type?.k === 'multi_choice'
        ? type.options
        : null
  if (options !== null && options !== undefined)
    return { code: 'IMPORT_CELL_NO_OPTION', params: { column, options: options.join(', ') } }
  return {
    code: type?.k === 'rows' && inTable === undefined ? 'IMPORT_CELL_NO_TABLE' : 'IMPORT_CELL_NO_NUMBER',
    params: { column },
  }
}

function externalIdFaults(externalId: string): RowReason[] {
  const column = 'externalId'
  if (externalId === '') return [{ code: 'EXTERNAL_ID_REQUIRED', params: { column } }]
  return externalIdForm.test(externalId) ? [] : [{ code: 'EXTERNAL_ID_INVALID', params: { column } }]
}

import type { readQuestionnaire, readUseCase } from '../../../../src/contracts/routes/intake.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { unreachable } from '../../../../src/kernel/brand.ts'
import { knows, tCode } from '../../messages/intake.ts'

export type Questionnaire = ReplyOf<typeof readQuestionnaire>
export type Question = Questionnaire['questions'][number]
export type RowsType = Extract<Question['type'], { readonly k: 'rows' }>
export type Column = RowsType['columns'][string]
export type UseCaseRecord = ReplyOf<typeof readUseCase>
export type OwnerRole = 'business' | 'technical' | 'backup'
export type Owners = { readonly [R in OwnerRole]: string | null }
export type Values = { readonly [key: string]: unknown }
export type Row = { readonly [column: string]: unknown }

/** The key of the questionnaire that the product ships. */
export const questionnaireKey = 'security-ai'
export const ownerRoles: readonly OwnerRole[] = ['business', 'technical', 'backup']
/** The honest answer that says that nobody knows. */
export const unknown = 'unknown'

/** Whether `unknown` is an answer to it. Text says by itself what is not known. */
export function allowsUnknown({ type }: Question): boolean {
  return type.k !== 'text'
}

/** The words for one option of a question. */
export function optionText(key: string, value: string): string {
  return knows('answer', `${key}.${value}`) ? tCode('answer', `${key}.${value}`) : tCode('answer', value)
}

/** The columns of a table as they follow each other. */
export function columnsOf({ columns, order }: RowsType): readonly (readonly [string, Column])[] {
  return order.flatMap((name) => {
    const column = columns[name]
    return column === undefined ? [] : [[name, column] as const]
  })
}

export function columnText(name: string): string {
  return tCode('column', name)
}

/** Why a value cannot be saved as an answer yet. */
export type Gap =
  | { readonly k: 'empty' }
  | { readonly k: 'tooLong'; readonly max: number }
  | { readonly k: 'outOfRange'; readonly min: number; readonly max: number }
  | { readonly k: 'notAName' }
  | { readonly k: 'rowsOpen'; readonly rows: readonly number[] }

/** What keeps `value` from being an answer of the form that the question asks for; null when nothing does. */
export function gapIn({ type }: Question, value: unknown): Gap | null {
  if (value === unknown) return null
  switch (type.k) {
    case 'text':
      return textGap(value, type.max)
    case 'choice':
      return typeof value === 'string' && type.options.includes(value) ? null : { k: 'empty' }
    case 'multi_choice':
      return Array.isArray(value) ? null : { k: 'empty' }
    case 'integer':
      return integerGap(value, type.min, type.max)
    case 'rows': {
      if (!Array.isArray(value)) return { k: 'empty' }
      const rows = (value as readonly Row[]).flatMap((row, i) =>
        columnsOf(type).some(([name, column]) => cellGap(column, row[name]) !== null) ? [i + 1] : [],
      )
      return rows.length === 0 ? null : { k: 'rowsOpen', rows }
    }
    default:
      return unreachable(type)
  }
}

/** The same for one cell of a row. */
export function cellGap(column: Column, value: unknown): Gap | null {
  if ('options' in column)
    return value === unknown || (typeof value === 'string' && column.options.includes(value))
      ? null
      : { k: 'empty' }
  if ('text' in column) return textGap(value, column.text)
  if ('integer' in column) return integerGap(value, column.integer[0], column.integer[1])
  if (typeof value !== 'string' || value === '') return { k: 'empty' }
  return /^[\w.:/-]{1,100}$/.test(value) ? null : { k: 'notAName' }
}

function textGap(value: unknown, max: number): Gap | null {
  if (typeof value !== 'string' || value.trim() === '') return { k: 'empty' }
  return value.length > max ? { k: 'tooLong', max } : null
}

function integerGap(value: unknown, min: number, max: number): Gap | null {
  if (value === undefined || value === '') return { k: 'empty' }
  const fits = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
  return fits ? null : { k: 'outOfRange', min, max }
}

/** What was typed for a whole number: the number, or the text as long as it is none. */
export function typedInteger(text: string): number | string {
  const clean = text.trim()
  return /^-?\d{1,15}$/.test(clean) ? Number(clean) : text
}

/** A section with its questions that are asked, and how many of them are answered. */
export type Progress = {
  readonly key: string
  readonly title: string
  readonly questions: readonly Question[]
  readonly required: number
  readonly answered: number
}

/** How far each section is. `visible` is the server's list of the questions that are asked. */
export function progressOf(
  { sections, questions }: Questionnaire,
  visible: ReadonlySet<string> | null,
  values: Values,
): readonly Progress[] {
  return sections.map(({ key, title }) => {
    const own = questions.filter(
      (question) => question.section === key && (visible === null || visible.has(question.key)),
    )
    const required = own.filter((question) => question.required)
    const answered = required.filter(
      (question) => Object.hasOwn(values, question.key) && gapIn(question, values[question.key]) === null,
    )
    return { key, title, questions: own, required: required.length, answered: answered.length }
  })
}

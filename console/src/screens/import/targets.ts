import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { readQuestionnaire } from '../../../../src/contracts/routes/intake.ts'

/** Columns beside the questions. */
export const recordTargets = [
  'externalId',
  'businessOwner',
  'technicalOwner',
  'backupOwner',
  'unit',
  'differsFrom',
] as const

export type Question = ReplyOf<typeof readQuestionnaire>['questions'][number]

/** The names of the columns of a table question; none for any other. */
export function tableColumns({ type }: Question): readonly string[] {
  const columns = (type as { readonly columns?: unknown } | undefined)?.columns // as the questionnaire has it
  return typeof columns === 'object' && columns !== null ? Object.keys(columns) : []
}

/** A column for each question, and for the first row of each table. */
export function templateColumns(questions: readonly Question[]): readonly string[] {
  return questions.flatMap((question) => {
    const names = tableColumns(question)
    return names.length === 0 ? [question.key] : names.map((name) => `${question.key}.1.${name}`)
  })
}

/** Rows of a table that can be chosen by hand; others are found by their header. */
const offeredRows = 3

export function tableCells(questions: readonly Question[]): readonly string[] {
  return questions.flatMap((question) =>
    Array.from({ length: offeredRows }, (_, i) =>
      tableColumns(question).map((name) => `${question.key}.${i + 1}.${name}`),
    ).flat(),
  )
}

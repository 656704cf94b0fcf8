import type { Reason } from '../../kernel/index.ts'
import type { Question, Questionnaire } from '../intake/index.ts'

/** The part of a questionnaire that decides; labels and help are none. */
export type QuestionLogic = Omit<Questionnaire, 'labels'>

export type HistoryFault =
  | Reason<'KEY_REUSED' | 'TYPE_CHANGED', { key: string }>
  | Reason<'OPTION_REMOVED', { key: string; option: string }>

/**
 * What speaks against `next` after the published versions `earlier`, oldest first: answers that were given must keep their
 * meaning. A question may be retired; its key then never comes back, since nobody can tell whether it asks the same.
 */
export function historyFaults(
  next: QuestionLogic,
  earlier: readonly QuestionLogic[],
): readonly HistoryFault[] {
  const retired = new Set(earlier.flatMap(({ questions }) => questions.map(({ key }) => key)))
  const current = new Map(earlier.at(-1)?.questions.map((question) => [question.key, question]))
  for (const key of current.keys()) retired.delete(key)
  return next.questions.flatMap((question): HistoryFault[] => {
    const { key } = question
    const path = `/questions/${key}`
    const before = current.get(key)
    if (retired.has(key)) return [{ code: 'KEY_REUSED', params: { key }, path }]
    if (before === undefined) return []
    if (!isSameType(question.type, before.type)) return [{ code: 'TYPE_CHANGED', params: { key }, path }]
    return removedOptions(question.type, before.type).map((option) => ({
      code: 'OPTION_REMOVED',
      params: { key, option },
      path,
    }))
  })
}

/** Whether answers of the earlier type are still of this one, and are sealed where they were. */
function isSameType(next: Question['type'], before: Question['type']): boolean {
  if (next.k !== 'rows' || before.k !== 'rows') return next.k === before.k
  const isText = (column: object) => 'text' in column
  const wasSealed = Object.values(before.columns).some(isText)
  const isSealed = Object.values(next.columns).some(isText)
  return (
    wasSealed === isSealed &&
    Object.entries(before.columns).every(([name, column]) => {
      const same = Object.hasOwn(next.columns, name) ? next.columns[name] : undefined
      return same !== undefined && Object.keys(same).join() === Object.keys(column).join()
    })
  )
}

function removedOptions(next: Question['type'], before: Question['type']): readonly string[] {
  const options = optionsOf(next)
  return [...optionsOf(before)].filter((option) => !options.has(option))
}

/** Every option; of a row table with its column. */
function optionsOf(type: Question['type']): ReadonlySet<string> {
  if (type.k === 'choice' || type.k === 'multi_choice') return new Set(type.options)
  if (type.k !== 'rows') return new Set()
  return new Set(
    Object.entries(type.columns).flatMap(([name, column]) =>
      'options' in column ? column.options.map((option) => `${name}.${option}`) : [],
    ),
  )
}

import type { Json, UserId } from '../../kernel/index.ts'

/** Key of a question; keys are never reused. */
export type QKey = string

/**
 * One answer. What an assistant or an import suggested counts as unknown until a named person has confirmed it.
 */
export type Answer = {
  readonly value: Json // `unknown` is an honest answer to every question with a risk order
  readonly source: 'person' | 'import' | 'suggested'
  readonly confirmedBy?: UserId
}
export type Answers = { readonly [key: QKey]: Answer }

/** The value that counts for `key`; undefined when nobody stands behind one. */
export function valueOf(answers: Answers, key: QKey): Json | undefined {
  const answer = Object.hasOwn(answers, key) ? answers[key] : undefined
  if (answer === undefined || answer.value === 'unknown') return undefined
  return answer.source === 'suggested' && answer.confirmedBy === undefined ? undefined : answer.value
}

import { canonicalJson } from '../../kernel/index.ts'
import { valueOf, type Answers, type QKey } from './answers.ts'
import { isAtMost, levelOf } from './order.ts'
import type { Orders } from './predicate.ts'

/** How typed answers have changed, question by question. Text plays no part: it never feeds a rule. */
export type AnswersDiff = {
  readonly worse: readonly QKey[]
  readonly better: readonly QKey[]
  /** Changed answers that no risk order compares. */
  readonly unordered: readonly QKey[]
}

/** Compares `next` with `old` in the risk orders. An answer that is neither better nor equal counts as worse. */
export function compareAnswers(old: Answers, next: Answers, orders: Orders): AnswersDiff {
  const diff = { worse: [] as QKey[], better: [] as QKey[], unordered: [] as QKey[] }
  for (const key of [
    ...new Set([...Object.keys(orders), ...Object.keys(old), ...Object.keys(next)]),
  ].sort()) {
    const [before, after] = [valueOf(old, key), valueOf(next, key)]
    const order = Object.hasOwn(orders, key) ? orders[key] : undefined
    if (order === undefined) {
      if (canonicalJson(before ?? null) !== canonicalJson(after ?? null)) diff.unordered.push(key)
      continue
    }
    const [from, to] = [levelOf(order, before), levelOf(order, after)]
    if (isAtMost(from, to) && isAtMost(to, from)) continue
    if (isAtMost(to, from)) diff.better.push(key)
    else diff.worse.push(key)
  }
  return diff
}

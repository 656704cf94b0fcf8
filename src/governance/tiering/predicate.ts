import { z } from 'zod'
import type { QKey } from './answers.ts'
import type { Level, RiskOrder } from './order.ts'

/**
 * A condition on answers that a worse answer can only fulfil, never undo: there is no negation and no equality, so
 * that tiering is monotone by construction.
 */
export type UpPredicate =
  | { readonly atLeast: readonly [QKey, string] }
  | { readonly includesAny: readonly [QKey, readonly string[]] }
  /** One row has every named column at least at the named option. */
  | { readonly someRow: readonly [QKey, { readonly [column: string]: string }] }
  | { readonly all: readonly UpPredicate[] }
  | { readonly any: readonly UpPredicate[] }

const key = z.string().min(1).max(64)
export const upPredicate: z.ZodType<UpPredicate> = z.lazy(() =>
  z.union([
    z.strictObject({ atLeast: z.tuple([key, z.string()]) }),
    z.strictObject({ includesAny: z.tuple([key, z.array(z.string()).min(1)]) }),
    z.strictObject({ someRow: z.tuple([key, z.record(z.string(), z.string())]) }),
    z.strictObject({ all: z.array(upPredicate).min(1).max(32) }),
    z.strictObject({ any: z.array(upPredicate).min(1).max(32) }),
  ]),
)

export type Orders = { readonly [key: QKey]: RiskOrder }
export type Levels = { readonly [key: QKey]: Level }
export type Test = (levels: Levels) => boolean

/** A predicate as a function; a text instead names the question, column or option that does not exist. */
export function compile(predicate: UpPredicate, orders: Orders): Test | string {
  if ('all' in predicate || 'any' in predicate) {
    const parts = ('all' in predicate ? predicate.all : predicate.any).map((part) => compile(part, orders))
    const fault = parts.find((part) => typeof part === 'string')
    if (fault !== undefined) return fault
    const tests = parts.filter((part) => typeof part !== 'string')
    return 'all' in predicate
      ? (levels) => tests.every((test) => test(levels))
      : (levels) => tests.some((test) => test(levels))
  }
  if ('atLeast' in predicate) return compileAtLeast(predicate.atLeast, orders)
  if ('includesAny' in predicate) {
    const [name, wanted] = predicate.includesAny
    const order = orders[name]
    if (order?.k !== 'set') return `\`${name}\` is no set`
    const strange = wanted.find((option) => !order.options.includes(option))
    if (strange !== undefined) return `\`${name}\` has no option \`${strange}\``
    return (levels) => {
      const level = levels[name]
      return level?.k === 'members' && wanted.some((option) => level.members.has(option))
    }
  }
  const [name, columns] = predicate.someRow
  const order = orders[name]
  if (order?.k !== 'rows') return `\`${name}\` has no rows`
  const wanted: [string, number][] = []
  for (const [column, option] of Object.entries(columns)) {
    const rank = order.columns[column]?.indexOf(option) ?? -1
    if (rank < 0) return `\`${name}.${column}\` has no option \`${option}\``
    wanted.push([column, rank])
  }
  return (levels) => {
    const level = levels[name]
    if (level?.k !== 'rows') return false
    return level.rows.some((row) => wanted.every(([column, rank]) => (row[column] ?? 0) >= rank))
  }
}

function compileAtLeast([name, option]: readonly [QKey, string], orders: Orders): Test | string {
  const order = orders[name]
  if (order?.k !== 'chain' && order?.k !== 'bands') return `\`${name}\` has no ranks`
  const least = (order.k === 'chain' ? order.options : order.labels).indexOf(option)
  if (least < 0) return `\`${name}\` has no option \`${option}\``
  return (levels) => {
    const level = levels[name]
    return level?.k === 'rank' && level.rank >= least
  }
}

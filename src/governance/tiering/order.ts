import { z } from 'zod'
import { unreachable, type Json } from '../../kernel/index.ts'

const options = z.array(z.string().min(1)).min(1).max(64)

/** How the answers to one question rank by risk. Lists ascend. */
export const riskOrder = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('chain'), options }),
  z.strictObject({ k: z.literal('set'), options }),
  /** A count: at most `upTo[i]` is `labels[i]`; more than the last is the last label. */
  z.strictObject({ k: z.literal('bands'), upTo: z.array(z.int().min(0)).min(1), labels: options }),
  z.strictObject({ k: z.literal('rows'), columns: z.record(z.string(), options) }),
])
export type RiskOrder = Readonly<z.infer<typeof riskOrder>>

/** A value placed in its order: a rank, the members of a set, or the ranks of each row's columns. */
export type Level =
  | { readonly k: 'rank'; readonly rank: number }
  | { readonly k: 'members'; readonly members: ReadonlySet<string> }
  | { readonly k: 'rows'; readonly rows: readonly { readonly [column: string]: number }[] }

/** The worst that can be answered: last option, full set, one row with every column at its last option. */
export function top(order: RiskOrder): Level {
  switch (order.k) {
    case 'chain':
      return { k: 'rank', rank: order.options.length - 1 }
    case 'bands':
      return { k: 'rank', rank: order.labels.length - 1 }
    case 'set':
      return { k: 'members', members: new Set(order.options) }
    case 'rows':
      return { k: 'rows', rows: [topRow(order.columns)] }
    default:
      return unreachable(order)
  }
}

/** Places `value` in its order. What is absent or not understood is the top: unknown is never pass. */
export function levelOf(order: RiskOrder, value: Json | undefined): Level {
  switch (order.k) {
    case 'chain': {
      const rank = typeof value === 'string' ? order.options.indexOf(value) : -1
      return rank < 0 ? top(order) : { k: 'rank', rank }
    }
    case 'bands': {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return top(order)
      const band = order.upTo.findIndex((limit) => value <= limit)
      return { k: 'rank', rank: band < 0 ? order.upTo.length : band }
    }
    case 'set': {
      if (!Array.isArray(value)) return top(order)
      const members = new Set<string>()
      for (const item of value as readonly Json[]) {
        if (typeof item !== 'string' || !order.options.includes(item)) return top(order)
        members.add(item)
      }
      return { k: 'members', members }
    }
    case 'rows': {
      if (!Array.isArray(value)) return top(order)
      return { k: 'rows', rows: (value as readonly Json[]).map((row) => rowLevel(order.columns, row)) }
    }
    default:
      return unreachable(order)
  }
}

/** Whether `a` is at most as risky as `b`, both levels of the same order. */
export function isAtMost(a: Level, b: Level): boolean {
  if (a.k === 'rank' && b.k === 'rank') return a.rank <= b.rank
  if (a.k === 'members' && b.k === 'members') return [...a.members].every((member) => b.members.has(member))
  if (a.k !== 'rows' || b.k !== 'rows') return false
  // Each row must be dominated, column by column, by one row of the other table.
  return a.rows.every((row) =>
    b.rows.some((other) => Object.keys(row).every((column) => (row[column] ?? 0) <= (other[column] ?? 0))),
  )
}

/** Whether `part` is `whole` with some of its members left out: the same options in the same sequence. */
export function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  let from = 0
  return part.every((item) => {
    const at = whole.indexOf(item, from)
    from = at + 1
    return at >= 0
  })
}

function topRow(columns: { readonly [column: string]: readonly string[] }): { [column: string]: number } {
  return Object.fromEntries(Object.entries(columns).map(([name, ranks]) => [name, ranks.length - 1]))
}

function rowLevel(
  columns: { readonly [column: string]: readonly string[] },
  row: Json,
): { [column: string]: number } {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return topRow(columns)
  const cells = row as { readonly [column: string]: Json }
  const level: { [column: string]: number } = {}
  for (const [name, ranks] of Object.entries(columns)) {
    const cell = Object.hasOwn(cells, name) ? cells[name] : undefined
    const rank = typeof cell === 'string' ? ranks.indexOf(cell) : -1
    level[name] = rank < 0 ? ranks.length - 1 : rank
  }
  return level
}

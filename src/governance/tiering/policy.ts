import { z } from 'zod'
import {
  digestOf,
  documentFault,
  schemaFaults,
  type Digest,
  type DocumentFault,
  type Tier,
} from '../../kernel/index.ts'
import type { RiskOrder } from './order.ts'
import { riskOrder } from './order.ts'
import { compile, upPredicate, type Test, type UpPredicate } from './predicate.ts'

export const dimensions = ['data', 'action', 'exposure', 'supplier', 'scale'] as const
export type Dimension = (typeof dimensions)[number]

const points = z.array(z.int().min(0).max(100)).min(1)
const perTier = <T extends z.ZodType>(item: T) => z.strictObject({ 1: item, 2: item, 3: item })
const controlDepth = z.strictObject({
  requiredChecks: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)),
  decisionDays: z.int().min(1),
  triageBusinessDays: z.int().min(1),
  reviewBusinessDays: z.int().min(1),
})

const floorSchema = z.strictObject({
  id: z.string().min(1).max(32),
  tier: z.union([z.literal(2), z.literal(3)]),
  when: upPredicate,
  why: z.string().min(1).max(300),
})
const tableSchema = z.union([
  /** Points by rank of a chain or of bands. */
  z.strictObject({ dimension: z.enum(dimensions), key: z.string(), ranks: points }),
  /** The highest sum of column points over all rows. */
  z.strictObject({ dimension: z.enum(dimensions), key: z.string(), columns: z.record(z.string(), points) }),
])

const schema = z.strictObject({
  key: z.string().min(1),
  version: z.int().min(1),
  orders: z.record(z.string(), riskOrder),
  floors: z.array(floorSchema),
  points: z.array(tableSchema),
  /** At least so many points give at least this tier. */
  cuts: z.strictObject({ 2: z.int().min(1), 3: z.int().min(1) }),
  controls: perTier(controlDepth),
})

/** Versioned rules that give an AI use case its tier and the depth of control that follows. */
export type TierPolicy = Readonly<z.infer<typeof schema>> & {
  readonly orders: { readonly [key: string]: RiskOrder }
}
export type Floor = {
  readonly id: string
  readonly tier: 2 | 3
  readonly when: UpPredicate
  readonly why: string
}
export type PointTable = TierPolicy['points'][number]
export type ControlDepth = TierPolicy['controls'][Tier]

/** A policy made ready: every predicate is a function, and the digest is known. */
export type CompiledPolicy = {
  readonly policy: TierPolicy
  readonly digest: Digest
  readonly floors: readonly { readonly floor: Floor; readonly test: Test }[]
}

export type Linted =
  | { readonly ok: true; readonly compiled: CompiledPolicy }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] }

/**
 * Reads a policy and proves that it is monotone: predicates without negation over options that exist, point tables that
 * do not decrease along an order, and cuts that rise.
 */
export function parseTierPolicy(json: unknown): Linted {
  const parsed = schema.safeParse(json)
  if (!parsed.success) return { ok: false, faults: schemaFaults(parsed.error) }
  const policy: TierPolicy = parsed.data
  const faults = [...policy.points.flatMap((table) => tableFaults(table, policy)), ...orderFaults(policy)]
  if (policy.cuts[2] >= policy.cuts[3]) faults.push(documentFault(['cuts'], 'tier 3 starts above tier 2'))
  const floors = policy.floors.flatMap((floor) => {
    const test = compile(floor.when, policy.orders)
    if (typeof test !== 'string') return [{ floor, test }]
    faults.push(documentFault(['floors', floor.id], test))
    return []
  })
  if (new Set(policy.floors.map(({ id }) => id)).size !== policy.floors.length)
    faults.push(documentFault(['floors'], 'two rules have the same id'))
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, compiled: { policy, digest: digestOf(policy), floors } }
}

function tableFaults(table: PointTable, policy: TierPolicy): DocumentFault[] {
  const order = policy.orders[table.key]
  const faults: DocumentFault[] = []
  const check = (column: readonly string[], ranks: readonly number[], options?: readonly string[]) => {
    const add = (fault: string) => faults.push(documentFault(['points', table.key, ...column], fault))
    if (options === undefined) add('no such order')
    else if (options.length !== ranks.length) add('one value for each option')
    if (ranks.some((value, rank) => rank > 0 && value < (ranks[rank - 1] ?? 0)))
      add('points must not decrease')
  }
  if ('ranks' in table) {
    const options = order?.k === 'chain' ? order.options : order?.k === 'bands' ? order.labels : undefined
    check([], table.ranks, options)
  } else {
    for (const [column, ranks] of Object.entries(table.columns))
      check([column], ranks, order?.k === 'rows' ? order.columns[column] : undefined)
  }
  return faults
}

function orderFaults(policy: TierPolicy): DocumentFault[] {
  return Object.entries(policy.orders).flatMap(([key, order]) => {
    if (order.k !== 'bands') return []
    const rises = order.upTo.every((limit, i) => i === 0 || limit > (order.upTo[i - 1] ?? 0))
    return rises && order.labels.length === order.upTo.length + 1
      ? []
      : [documentFault(['orders', key], 'limits must rise, with one label more than limits')]
  })
}

import { digestOf, type Digest, type Json, type Tier } from '../../kernel/index.ts'
import { valueOf, type Answers, type QKey } from './answers.ts'
import { levelOf, type Level } from './order.ts'
import type { CompiledPolicy, Dimension, PointTable, TierPolicy } from './policy.ts'
import type { Levels } from './predicate.ts'

export const tieringEngine = 'tiering/1'

/** What a use case is, and why. */
export type Assessment = {
  readonly tier: Tier
  /** The tier that the fired rules demand; no override goes below it. */
  readonly floor: Tier
  readonly points: number
  readonly fired: readonly { readonly id: string; readonly tier: 2 | 3; readonly why: string }[]
  readonly perDimension: { readonly [D in Dimension]: number }
  /** Questions that counted as their worst answer because nobody stands behind one. */
  readonly unknowns: readonly QKey[]
}

/** An assessment bound to what it was computed from, for the ledger. */
export type TierAssessment = Assessment & {
  readonly inputs: { readonly [key: QKey]: Json }
  readonly inputsDigest: Digest
  readonly policyDigest: Digest
  readonly engine: string
}

/** The tier of `answers`: total, deterministic, monotone in every risk order; free text plays no part. */
export function assess(answers: Answers, { policy, floors }: CompiledPolicy): Assessment {
  const unknowns: QKey[] = []
  const levels: { [key: QKey]: Level } = {}
  for (const [key, order] of Object.entries(policy.orders)) {
    const value = valueOf(answers, key)
    if (value === undefined) unknowns.push(key)
    levels[key] = levelOf(order, value)
  }
  // In one order, whatever order a database or a canonical form gives to the members of the policy.
  return assessLevels(levels, unknowns.toSorted(), policy, floors)
}

/** `assess` with its inputs and digests. */
export function assessmentOf(answers: Answers, compiled: CompiledPolicy): TierAssessment {
  const inputs: { [key: QKey]: Json } = {}
  for (const key of Object.keys(compiled.policy.orders)) {
    const value = valueOf(answers, key)
    if (value !== undefined) inputs[key] = value
  }
  return {
    ...assess(answers, compiled),
    inputs,
    inputsDigest: digestOf(inputs),
    policyDigest: compiled.digest,
    engine: tieringEngine,
  }
}

/** Recomputes a recorded assessment from its own inputs. */
export function replayAssessment(recorded: TierAssessment, compiled: CompiledPolicy): TierAssessment {
  const answers: { [key: QKey]: Answers[string] } = {}
  for (const [key, value] of Object.entries(recorded.inputs)) answers[key] = { value, source: 'person' }
  return assessmentOf(answers, compiled)
}

/** Single answers that would lower the tier, each with the least change that does. */
export function whatLowers(
  answers: Answers,
  compiled: CompiledPolicy,
): readonly { readonly key: QKey; readonly to: Json; readonly tier: Tier }[] {
  const { tier } = assess(answers, compiled)
  return Object.entries(compiled.policy.orders).flatMap(([key, order]) => {
    const candidates: readonly Json[] =
      order.k === 'chain' ? order.options.toReversed() : order.k === 'bands' ? order.upTo.toReversed() : [[]]
    for (const to of candidates) {
      const lowered = assess({ ...answers, [key]: { value: to, source: 'person' } }, compiled)
      if (lowered.tier < tier) return [{ key, to, tier: lowered.tier }]
    }
    return []
  })
}

function assessLevels(
  levels: Levels,
  unknowns: readonly QKey[],
  policy: TierPolicy,
  floors: CompiledPolicy['floors'],
): Assessment {
  const fired = floors.filter(({ test }) => test(levels)).map(({ floor }) => floor)
  const floor: Tier = fired.some((rule) => rule.tier === 3) ? 3 : fired.length > 0 ? 2 : 1
  const perDimension = { data: 0, action: 0, exposure: 0, supplier: 0, scale: 0 }
  for (const table of policy.points) perDimension[table.dimension] += pointsOf(table, levels[table.key])
  const points = Object.values(perDimension).reduce((sum, value) => sum + value, 0)
  const byPoints: Tier = points >= policy.cuts[3] ? 3 : points >= policy.cuts[2] ? 2 : 1
  return {
    tier: byPoints > floor ? byPoints : floor,
    floor,
    points,
    fired: fired.map(({ id, tier, why }) => ({ id, tier, why })),
    perDimension,
    unknowns,
  }
}

function pointsOf(table: PointTable, level: Level | undefined): number {
  if ('ranks' in table) return level?.k === 'rank' ? (table.ranks[level.rank] ?? 0) : 0
  if (level?.k !== 'rows') return 0
  let most = 0
  for (const row of level.rows) {
    let sum = 0
    for (const [column, ranks] of Object.entries(table.columns)) sum += ranks[row[column] ?? 0] ?? 0
    if (sum > most) most = sum
  }
  return most
}

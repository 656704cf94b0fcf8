import { canonicalJson, tiers, unreachable, type Reason } from '../../kernel/index.ts'
import {
  isPartOf,
  type LegalMap,
  type PointTable,
  type RiskOrder,
  type TierPolicy,
  type TriggerPolicy,
  type UpPredicate,
} from '../tiering/index.ts'

/** What an organisation's own document would take away from the shipped one. */
export type Loosening =
  | Reason<'FLOOR_REMOVED' | 'TRIGGER_REMOVED', { id: string }>
  | Reason<'PROHIBITION_REMOVED', { article: string }>
  | Reason<'POLICY_LOOSENED', { fault: string }>

/**
 * Everything in which `own` is weaker than `base`. INVARIANT: where there is nothing, no answers that `base` knows get a
 * lower tier or floor by `own`.
 */
export function looserTierPolicy(own: TierPolicy, base: TierPolicy): readonly Loosening[] {
  const found: Loosening[] = []
  const looser = (path: string, fault: string) =>
    found.push({ code: 'POLICY_LOOSENED', params: { fault }, path })
  for (const [key, order] of Object.entries(base.orders)) {
    const ours = Object.hasOwn(own.orders, key) ? own.orders[key] : undefined
    if (ours === undefined || !keepsOrder(ours, order))
      looser(`/orders/${key}`, 'every shipped option keeps its place, and no limit of a band rises')
  }
  for (const floor of base.floors) {
    const ours = own.floors.find(({ id }) => id === floor.id)
    if (ours === undefined || ours.tier < floor.tier || !firesWherever(ours.when, floor.when))
      found.push({ code: 'FLOOR_REMOVED', params: { id: floor.id }, path: `/floors/${floor.id}` })
  }
  if (found.length > 0) return found // points are compared option by option, so the options must be there
  for (const table of base.points)
    if (!own.points.some((ours) => dominates(ours, own, table, base)))
      looser(`/points/${table.key}`, 'every shipped option has at least its shipped points')
  for (const tier of [2, 3] as const)
    if (own.cuts[tier] > base.cuts[tier]) looser(`/cuts/${tier}`, `at most ${base.cuts[tier]} points`)
  for (const tier of tiers) {
    const [ours, shipped] = [own.controls[tier], base.controls[tier]]
    const absent = shipped.requiredChecks.filter((check) => !ours.requiredChecks.includes(check))
    if (absent.length > 0) looser(`/controls/${tier}/requiredChecks`, `still required: ${absent.join(', ')}`)
    if (ours.decisionDays > shipped.decisionDays)
      looser(`/controls/${tier}/decisionDays`, `at most ${shipped.decisionDays} days`)
  }
  return found
}

/** Prohibitions, transparency cases and the questions of Annex III, role and model may only be added to. */
export function looserLegalMap(own: LegalMap, base: LegalMap): readonly Loosening[] {
  const keeps = (list: LegalMap['prohibited'], wanted: LegalMap['gpai']) =>
    list.some(({ key, article }) => key === wanted.key && article === wanted.article)
  const removed = (place: string, article: string): Loosening => ({
    code: 'PROHIBITION_REMOVED',
    params: { article },
    path: `/${place}`,
  })
  return [
    ...(['prohibited', 'transparency'] as const).flatMap((place) =>
      base[place].flatMap((item) =>
        keeps(own[place], item) ? [] : [removed(`${place}/${item.key}`, item.article)],
      ),
    ),
    ...(['annexIII', 'role', 'gpai'] as const).flatMap((place) =>
      own[place].key === base[place].key ? [] : [removed(place, base[place].article)],
    ),
  ]
}

/** Every shipped trigger stands as it is; an organisation adds its own. */
export function looserTriggers(own: TriggerPolicy, base: TriggerPolicy): readonly Loosening[] {
  return base.triggers.flatMap((trigger): Loosening[] => {
    const stands = own.triggers.some((ours) => canonicalJson(ours) === canonicalJson(trigger))
    const { id } = trigger
    return stands ? [] : [{ code: 'TRIGGER_REMOVED', params: { id }, path: `/triggers/${id}` }]
  })
}

/** Whether each option of `base` stands in `own` in the same sequence, so that what was worse stays worse. */
function keepsOrder(own: RiskOrder, base: RiskOrder): boolean {
  switch (base.k) {
    case 'chain':
    case 'set':
      return own.k === base.k && isPartOf(base.options, own.options)
    case 'bands':
      return (
        own.k === 'bands' &&
        isPartOf(base.labels, own.labels) &&
        base.labels.every((label) => startOf(own, label) <= startOf(base, label))
      )
    case 'rows':
      return (
        own.k === 'rows' &&
        Object.entries(base.columns).every(([column, options]) =>
          isPartOf(options, Object.hasOwn(own.columns, column) ? (own.columns[column] ?? []) : []),
        )
      )
    default:
      return unreachable(base)
  }
}

/** The least count that has this label. */
function startOf({ upTo, labels }: RiskOrder & { k: 'bands' }, label: string): number {
  const at = labels.indexOf(label)
  return at <= 0 ? 0 : (upTo[at - 1] ?? 0) + 1
}

/** Whether `own` holds at least where `base` does: each alternative of `base` is one of `own`. */
function firesWherever(own: UpPredicate, base: UpPredicate): boolean {
  const alternatives = (when: UpPredicate) => ('any' in when ? when.any : [when]).map(canonicalJson)
  const ours = new Set([...alternatives(own), canonicalJson(own)])
  return ours.has(canonicalJson(base)) || alternatives(base).every((part) => ours.has(part))
}

function dominates(own: PointTable, ofOwn: TierPolicy, base: PointTable, ofBase: TierPolicy): boolean {
  if (own.key !== base.key || own.dimension !== base.dimension) return false
  const [ours, shipped] = [pointsByOption(own, ofOwn), pointsByOption(base, ofBase)]
  return [...shipped].every(([option, points]) => (ours.get(option) ?? -1) >= points)
}

/** The points of each option; of a row table, of each option of each column. */
function pointsByOption(table: PointTable, { orders }: TierPolicy): ReadonlyMap<string, number> {
  const order = orders[table.key]
  const pairs = (options: readonly string[], points: readonly number[], column = ''): [string, number][] =>
    options.map((option, rank) => [`${column}/${option}`, points[rank] ?? 0])
  if ('ranks' in table) {
    const options = order?.k === 'chain' ? order.options : order?.k === 'bands' ? order.labels : []
    return new Map(pairs(options, table.ranks))
  }
  if (order?.k !== 'rows') return new Map()
  return new Map(
    Object.entries(table.columns).flatMap(([column, points]) =>
      pairs(order.columns[column] ?? [], points, column),
    ),
  )
}

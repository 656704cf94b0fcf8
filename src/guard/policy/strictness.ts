import { findingKinds } from '../finding.ts'
import { shippedBudgets } from '../normalise/budgets.ts'
import {
  endsOf,
  nameOfAllowed,
  nameOfOff,
  nameOfSource,
  redactionModes,
  type GuardPolicy,
  type RedactionMode,
} from './document.ts'

export type Strictness = 'not_weaker' | 'weaker' | 'incomparable'

/**
 * Compares a policy with the one before it: `not_weaker` finds and stops whatever `before` does, `weaker` nothing that
 * `before` does not and something less, `incomparable` the rest, and whatever was written for other detectors.
 */
export function compareStrictness(before: GuardPolicy, after: GuardPolicy): Strictness {
  if (before.model !== after.model || before.rules !== after.rules) return 'incomparable'
  const isWeaker = losesTo(before, after)
  const isStricter = losesTo(after, before)
  if (!isWeaker) return 'not_weaker'
  return isStricter ? 'incomparable' : 'weaker'
}

/** Whether `after` lets something through that `before` does not. */
function losesTo(before: GuardPolicy, after: GuardPolicy): boolean {
  const sides = ['user', 'untrusted'] as const
  const isLooser = sides.some((side) => {
    const [a, b] = [before.offsets[side], after.offsets[side]]
    return b.flagCenti > a.flagCenti || b.highCenti > a.highCenti
  })
  if (isLooser || before.languages.some((language) => !after.languages.includes(language))) return true
  if (believesMore(before, after) || isMilder(before, after) || readsLess(before, after)) return true
  const off = new Set(before.off.map(nameOfOff))
  if (after.off.some((entry) => !off.has(nameOfOff(entry)))) return true
  const until = endsOf(before.allow)
  const isPutOff = (rule: { readonly deployment: string; readonly rule: string }) =>
    off.has(`${rule.deployment} ${rule.rule}`)
  return after.allow.some((entry) => {
    const known = until.get(nameOfAllowed(entry))
    return !isPutOff(entry) && (known === undefined || entry.until > known)
  })
}

/** A source that is believed like a user and was not: neither it nor all of its server. */
function believesMore(before: GuardPolicy, after: GuardPolicy): boolean {
  const known = new Set((before.sources ?? []).map(nameOfSource))
  return (after.sources ?? []).some(
    (source) => !known.has(nameOfSource(source)) && !known.has(nameOfSource({ ...source, tool: null })),
  )
}

/** Whether less may be done about a kind of finding. */
function isMilder({ redaction: from = {} }: GuardPolicy, { redaction: to = {} }: GuardPolicy): boolean {
  return findingKinds.some((kind) => mayLose(from[kind], to[kind]))
}

/** What ships is not the same in each tier: from or to it, only the ends of the scale can be compared. */
function mayLose(from: RedactionMode | undefined, to: RedactionMode | undefined): boolean {
  if (from === to) return false
  if (from === undefined) return to !== 'block'
  if (to === undefined) return from !== 'flag'
  return redactionModes.indexOf(to) < redactionModes.indexOf(from)
}

function readsLess(
  { budgets: from = shippedBudgets }: GuardPolicy,
  { budgets: to = shippedBudgets }: GuardPolicy,
) {
  return to.blobs < from.blobs || to.work < from.work
}

import { endsOf, nameOfAllowed, nameOfOff, type GuardPolicy } from './document.ts'

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

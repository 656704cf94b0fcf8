import type { Fn } from '../../kernel/index.ts'
import type { CharterTemplate, QuorumRule } from './charter.ts'
import { caseKinds } from './charter.ts'

/**
 * The rules of a template for a committee in which only `functions` have a seat. No rule asks less than it did as far as
 * there are seats: where a function has none, another one approves or objects in its place.
 */
export function rulesFor(
  { rules }: Pick<CharterTemplate, 'rules'>,
  functions: readonly Fn[],
): CharterTemplate['rules'] {
  const fitted = caseKinds.map((kind) => {
    const { 1: low, 2: middle, 3: high } = rules[kind]
    return [kind, { 1: fit(low, functions), 2: fit(middle, functions), 3: fit(high, functions) }]
  })
  return Object.fromEntries(fitted) as CharterTemplate['rules'] // each kind once
}

function fit(rule: QuorumRule, functions: readonly Fn[]): QuorumRule {
  const seated = filled(rule.seated, functions)
  return {
    ...rule,
    seated,
    required: filled(rule.required, seated),
    veto: filled(rule.veto, seated),
    minBallots: Math.min(rule.minBallots, seated.length),
    minIndependent: Math.min(rule.minIndependent, seated.length),
  }
}

/** Those that are wanted and there, and others in place of the rest, in the order in which they are there. */
function filled(wanted: readonly Fn[], there: readonly Fn[]): Fn[] {
  const kept = wanted.filter((fn) => there.includes(fn))
  const others = there.filter((fn) => !wanted.includes(fn))
  return [...kept, ...others.slice(0, wanted.length - kept.length)]
}

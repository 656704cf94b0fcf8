import { conditionsOf, everybodyVoted, tallyOf, type Case } from './case.ts'
import { ruleFor, type Charter } from './charter.ts'
import { outcomeOf, type Outcome, type Tally } from './tally.ts'

export type Simulated = {
  readonly recorded: Outcome
  readonly simulated: Outcome
  /** Of the same ballots under the other rule. */
  readonly tally: Tally
}

/**
 * What other rules would have made of an ended case, from the ballots that it had. A function that was never asked cannot
 * have approved: where the other rule requires it, the case lapses. Null for a case that has not ended by ballots.
 */
export function simulateRules(state: Case, rules: Charter['rules']): Simulated | null {
  if (state.s !== 'decided' && state.s !== 'lapsed') return null
  const rule = ruleFor({ rules }, state.subject.kind, state.tier)
  const other: Case = { ...state, rule }
  const tally = tallyOf(other)
  const recorded = state.decision?.outcome ?? 'lapsed'
  const hasConditions = conditionsOf(state).length > 0
  const allVoted = state.s === 'decided' || everybodyVoted(other)
  return { recorded, simulated: outcomeOf(tally, { allVoted, hasConditions }), tally }
}

import type { DecisionId, Digest } from '../../kernel/index.ts'
import { conditionsOf, evolve, initial, inputsDigest, tallyOf, type Event, type State } from './case.ts'
import { outcomeOf, type Outcome } from './tally.ts'

export type Replayed =
  | { readonly k: 'undecided' }
  | {
      readonly k: 'decided'
      readonly decisionId: DecisionId
      readonly recorded: Outcome
      readonly recomputed: Outcome
      readonly inputs: { readonly recorded: Digest; readonly recomputed: Digest }
      readonly matches: boolean
    }

/**
 * Recomputes the outcome of a case from its recorded facts alone, without one sealed field: who was seated, the frozen
 * rule, and the ballots that lived when it was decided.
 */
export function replayDecision(events: readonly Event[]): Replayed {
  let state: State = initial
  for (const event of events) {
    if (event.e === 'decision.recorded' && state.s !== 'absent') {
      const { decision } = event
      const counted = tallyOf(state)
      const hasConditions = conditionsOf(state).length > 0
      // A recorded decision was closed with all votes in, or with the rule satisfied; a lapse is another event.
      const recomputed =
        state.s === 'voting' ? outcomeOf(counted, { allVoted: true, hasConditions }) : 'lapsed'
      const inputs = { recorded: event.inputsDigest, recomputed: inputsDigest(state) }
      const isLive = state.ballots.every(({ by, fn }) => isSeated(state, by, fn))
      return {
        k: 'decided',
        decisionId: decision.id,
        recorded: decision.outcome,
        recomputed,
        inputs,
        matches: decision.outcome === recomputed && inputs.recorded === inputs.recomputed && isLive,
      }
    }
    state = evolve(state, event)
  }
  return { k: 'undecided' }
}

/** A ballot counts only for a person without conflict on the frozen roster. */
function isSeated(state: State, person: string, fn: string): boolean {
  if (state.s === 'absent') return false
  return state.roster.some(
    (entry) =>
      entry.fn === fn &&
      entry.candidates.some((candidate) => candidate.person === person && candidate.conflicts.length === 0),
  )
}

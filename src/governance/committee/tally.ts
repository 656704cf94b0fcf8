import type { Fn, Reason, UserId } from '../../kernel/index.ts'
import type { QuorumRule } from './charter.ts'

export const choices = ['approve', 'approve_with_conditions', 'object', 'abstain', 'recuse'] as const
export type Choice = (typeof choices)[number]

/** A live ballot as far as counting needs it. `independent` says that its person is not of the owner's unit. */
export type CountedBallot = {
  readonly fn: Fn
  readonly by: UserId
  readonly choice: Choice
  readonly independent: boolean
}

export type Tally = {
  readonly status: 'satisfied' | 'pending' | 'impossible'
  /** Ballots that are not recusals: objections and abstentions included. */
  readonly counted: number
  /** Approvals and abstentions: objections do not count, else one could complete the quorum. */
  readonly present: number
  readonly approvals: number
  readonly missing: readonly Fn[]
  readonly vetoes: readonly Fn[]
  readonly independent: number
  readonly reasons: readonly Reason[]
}

/**
 * Counts live ballots under a frozen rule, in integers. `able` are the functions that have somebody who may vote; a
 * required function outside of it makes the rule impossible, it is never dropped.
 */
export function tally(rule: QuorumRule, ballots: readonly CountedBallot[], able: ReadonlySet<Fn>): Tally {
  const votes = ballots.filter(({ choice, fn }) => choice !== 'recuse' && rule.seated.includes(fn))
  const approving = votes.filter(({ choice }) => choice === 'approve' || choice === 'approve_with_conditions')
  const counted = votes.length
  const approvals = approving.length
  const present = approvals + votes.filter(({ choice }) => choice === 'abstain').length
  const missing = rule.required.filter((fn) => !approving.some((ballot) => ballot.fn === fn))
  const vetoes = rule.veto.filter((fn) =>
    votes.some((ballot) => ballot.fn === fn && ballot.choice === 'object'),
  )
  const independent = new Set(approving.filter((ballot) => ballot.independent).map(({ by }) => by)).size
  const reasons: Reason[] = []
  for (const fn of missing) reasons.push({ code: 'FUNCTION_MISSING', params: { fn } })
  for (const fn of vetoes) reasons.push({ code: 'VETO', params: { fn } })
  if (present < rule.minBallots)
    reasons.push({ code: 'TOO_FEW_BALLOTS', params: { present, needed: rule.minBallots } })
  if (approvals * rule.ratio[1] < rule.ratio[0] * counted || counted === 0)
    reasons.push({ code: 'RATIO_NOT_REACHED', params: { approvals, counted } })
  if (independent < rule.minIndependent)
    reasons.push({ code: 'TOO_FEW_INDEPENDENT', params: { independent, needed: rule.minIndependent } })
  const unable = rule.required.filter((fn) => !able.has(fn))
  for (const fn of unable) reasons.push({ code: 'NOBODY_ELIGIBLE', params: { fn } })
  const status = unable.length > 0 ? 'impossible' : reasons.length === 0 ? 'satisfied' : 'pending'
  return { status, counted, present, approvals, missing, vetoes, independent, reasons }
}

export type Outcome = 'approved' | 'approved_with_conditions' | 'rejected' | 'lapsed'

/** What closing now means. Whatever is not satisfied and not rejected has lapsed: no answer is never a yes. */
export function outcomeOf(
  counted: Tally,
  facts: { readonly allVoted: boolean; readonly hasConditions: boolean },
): Outcome {
  if (counted.status === 'satisfied') return facts.hasConditions ? 'approved_with_conditions' : 'approved'
  if (counted.vetoes.length > 0) return 'rejected'
  const failedRatio = counted.reasons.some(({ code }) => code === 'RATIO_NOT_REACHED')
  return facts.allVoted && failedRatio && counted.counted > 0 ? 'rejected' : 'lapsed'
}

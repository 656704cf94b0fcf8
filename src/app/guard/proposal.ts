import {
  nameOfAllowed,
  nameOfOff,
  type AllowEntry,
  type GuardPolicy,
  type RuleOff,
} from '../../guard/policy/document.ts'
import { addDays, unreachable, type EpochMs } from '../../kernel/index.ts'

/** One change that follows from what analysts have said. It changes a draft, and nothing else. */
export type Proposal =
  | { readonly k: 'allow'; readonly entry: Omit<AllowEntry, 'until'>; readonly days: number }
  | { readonly k: 'disallow'; readonly entry: Omit<AllowEntry, 'until'> }
  | { readonly k: 'off' | 'on'; readonly entry: RuleOff }
  | {
      readonly k: 'offset'
      readonly side: 'user' | 'untrusted'
      readonly flagCenti: number
      readonly highCenti: number
    }

/** The policy with the change; a change that is in it already leaves it as it was. */
export function withProposal(policy: GuardPolicy, proposal: Proposal, now: EpochMs): GuardPolicy {
  switch (proposal.k) {
    case 'allow': {
      const entry = { ...proposal.entry, until: addDays(now, proposal.days) }
      const others = policy.allow.filter((other) => nameOfAllowed(other) !== nameOfAllowed(entry))
      return { ...policy, allow: [...others, entry] }
    }
    case 'disallow':
      return {
        ...policy,
        allow: policy.allow.filter((other) => nameOfAllowed(other) !== nameOfAllowed(proposal.entry)),
      }
    case 'off':
    case 'on': {
      const others = policy.off.filter((other) => nameOfOff(other) !== nameOfOff(proposal.entry))
      return { ...policy, off: proposal.k === 'off' ? [...others, proposal.entry] : others }
    }
    case 'offset': {
      const { side, flagCenti, highCenti } = proposal
      return { ...policy, offsets: { ...policy.offsets, [side]: { flagCenti, highCenti } } }
    }
    default:
      return unreachable(proposal)
  }
}

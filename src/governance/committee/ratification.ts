import {
  satisfies,
  type AuthnContext,
  type Digest,
  type EpochMs,
  type Fn,
  type Reason,
  type UserId,
} from '../../kernel/index.ts'
import type { QuorumRule } from './charter.ts'
import { tally, type Tally } from './tally.ts'

/** Who signs for each function at one moment: the holder of its seat, or the delegate. */
export type Bench = readonly { readonly fn: Fn; readonly person: UserId }[]

export const signatureChoices = ['approve', 'object'] as const
export type SignatureChoice = (typeof signatureChoices)[number]

/** What somebody's passkey has signed about a proposal, for their function. */
export type Vote = { readonly by: UserId; readonly fn: Fn; readonly choice: SignatureChoice }

/** What is decided by signatures. Nobody is kept from signing as its proposer where `by` is null. */
export type Proposed = {
  readonly by: UserId | null
  readonly signatures: readonly { readonly by: UserId; readonly fn: Fn }[]
}

export type SignatureFault = Reason<'NOT_SEATED' | 'SELF_APPROVAL' | 'ALREADY_SIGNED' | 'STEP_UP_REQUIRED'>

/** The function that somebody signs for; null without a seat. */
export function signingFunction(bench: Bench, who: UserId): Fn | null {
  return bench.find(({ person }) => person === who)?.fn ?? null
}

/** Every reason against a signature of `person` over `document`. */
export function signatureFaults(
  { by, signatures }: Proposed,
  bench: Bench,
  act: { readonly person: UserId; readonly authn: AuthnContext; readonly now: EpochMs },
  document: Digest,
): readonly SignatureFault[] {
  const faults: SignatureFault['code'][] = []
  if (signingFunction(bench, act.person) === null) faults.push('NOT_SEATED')
  if (by === act.person) faults.push('SELF_APPROVAL')
  if (signatures.some((signature) => signature.by === act.person)) faults.push('ALREADY_SIGNED')
  if (!satisfies(act.authn, 'passkey_bound', act.now, document)) faults.push('STEP_UP_REQUIRED')
  return faults.map((code) => ({ code, params: {} }))
}

/**
 * Counts what was signed under `rule`, as the ballots of a case are counted. INVARIANT: a signature counts while its
 * person signs for its function, once, and never for the proposer.
 */
export function tallySignatures(rule: QuorumRule, bench: Bench, by: UserId, votes: readonly Vote[]): Tally {
  const able = bench.filter(({ person }) => person !== by)
  const standing = votes.filter(
    (vote, i) =>
      able.some(({ fn, person }) => fn === vote.fn && person === vote.by) &&
      votes.findIndex(({ by: who }) => who === vote.by) === i,
  )
  const ballots = standing.map((vote) => ({ ...vote, independent: true })) // no owner to be independent of
  return tally(rule, ballots, new Set(able.map(({ fn }) => fn)))
}

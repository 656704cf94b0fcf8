import type { CanaryWatch } from '../../guard/canary/watch.ts'
import type { Finding, FindingKind, Text } from '../../guard/finding.ts'
import type { BoundPolicy, ScorerGround } from '../../guard/policy/apply.ts'
import type { CorpusReading } from '../../guard/policy/regression.ts'
import type { Digest } from '../../kernel/index.ts'

/** The detectors that are in place, as far as the control plane needs them. */
export type GuardGround = {
  /** Weights of the scorer; null where there are none. */
  readonly model: Digest | null
  /** The same, as far as a policy depends on them. */
  readonly scorer: ScorerGround
  /** Catalogues of the other detectors. */
  readonly rules: Digest
  /** Of both: an effect that was computed for others says nothing. */
  readonly digest: Digest
  /** Languages in which the scorer counts. */
  readonly languages: readonly string[]
  /** What the weights say of themselves, as JSON of any numbers; null where there are none. */
  readonly header: unknown
  /** Every rule that a finding may name, with its kind. */
  readonly kinds: ReadonlyMap<string, FindingKind>
  /** What is found in a text, read as a policy has it read; null: as what ships. `watch`: canaries too. */
  readonly inspect: (
    text: Text,
    policy: Pick<BoundPolicy, 'offsets' | 'budgets'> | null,
    watch?: CanaryWatch,
  ) => readonly Finding[]
  /** The largest contributions to the score of a finding; empty for what was not scored. */
  readonly explain: (text: Text, finding: Finding) => readonly GuardFeature[]
  /** The regression corpus, read once; others have their turn meanwhile. */
  readonly corpus: () => Promise<readonly CorpusReading[]>
  /** By what windows of texts are named. */
  readonly windowKey: Uint8Array
}

/** How much a piece of a text speaks for or against an attack. */
export type GuardFeature = {
  readonly ngram: string
  readonly share: number
  readonly start: number
  readonly end: number
}

/** What the control plane needs to decide about guard policies. */
export type GuardPorts = {
  readonly guardGround: GuardGround
  /** Least time and calls in shadow before a version may become active. */
  readonly guardShadow: { readonly hours: number; readonly requests: number }
}

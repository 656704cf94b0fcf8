import type { RecordGuardShadow } from '../../app/ports/gateway.ts'
import type { Finding } from '../../guard/finding.ts'
import { applyGuardPolicy, isAllowable, type BoundPolicy } from '../../guard/policy/apply.ts'
import { mayBeAllowed } from '../../guard/policy/faults.ts'
import { windowDigest, windowText } from '../../guard/policy/window.ts'
import { classIn } from '../../guard/injection-lane.ts'
import type { Channel, Origin } from '../../guard/text.ts'
import type { DeploymentId, Digest, EpochMs } from '../../kernel/index.ts'
import type { Effect } from './effect.ts'

/** The guard policy of one call. */
export type PolicyInPlace = {
  readonly deployment: DeploymentId
  /** Null: what ships. */
  readonly inForce: BoundPolicy | null
  readonly shadow: BoundPolicy | null
  /** Names windows of texts. */
  readonly windowKey: Uint8Array
  readonly now: EpochMs
}

/** Where findings stand: `text` is null while it comes in pieces. */
export type Standing = Origin & { readonly channel: Channel; readonly text: string | null }

/** What becomes of a finding, and what would under the version in shadow. Left out: the same. */
export type Effects = {
  readonly effectOf: (finding: Finding) => Effect
  readonly shadowEffectOf?: (finding: Finding) => Effect
}

/** Most differences that a record tells one by one. */
const mostTold = 16

/** Applies the guard policy to what the detectors have found, and notes what the version in shadow would have made of it. */
export class Policing {
  readonly #policy: PolicyInPlace
  readonly #differences = new Map<string, RecordGuardShadow['differences'][number]>()

  constructor(policy: PolicyInPlace) {
    this.#policy = policy
  }

  /** By what version the call was judged; null where what ships has decided. */
  get digest(): Digest | null {
    return this.#policy.inForce?.digest ?? null
  }

  /** What the version in shadow would have said otherwise; null where there is none. */
  get shadow(): RecordGuardShadow | null {
    const { shadow } = this.#policy
    if (shadow === null) return null
    return { differences: [...this.#differences.values()].slice(0, mostTold), policy: shadow.digest }
  }

  /** What is left of the findings of a text. */
  left(
    standing: Standing,
    findings: readonly Finding[],
    { effectOf, shadowEffectOf = effectOf }: Effects,
  ): readonly Finding[] {
    const { inForce, shadow } = this.#policy
    if (findings.length === 0 || (inForce === null && shadow === null)) return findings
    const context = this.#contextOf(standing)
    if (shadow === null && inForce !== null) return applyGuardPolicy(findings, inForce, context)
    return findings.flatMap((finding) => {
      const under = (policy: BoundPolicy | null) =>
        policy === null ? [finding] : applyGuardPolicy([finding], policy, context)
      const [now, then] = [under(inForce), under(shadow)]
      this.#compare(standing.channel, finding.rule, outcomeOf(now, effectOf), outcomeOf(then, shadowEffectOf))
      return now
    })
  }

  /** By what a finding is known again; undefined where no policy could let it pass. */
  windowOf(
    channel: Channel,
    text: string,
    finding: Pick<Finding, 'rule' | 'kind' | 'start' | 'end'>,
  ): Digest | undefined {
    if (!isAllowable(channel) || !mayBeAllowed(finding.rule, finding.kind)) return undefined
    const { deployment, windowKey } = this.#policy
    return windowDigest(windowKey, { deployment, channel, rule: finding.rule }, windowText(text, finding))
  }

  #contextOf({ channel, text, ...origin }: Standing) {
    const { deployment, now, windowKey } = this.#policy
    const windowOf = ({ rule, start, end }: Finding) =>
      windowDigest(windowKey, { deployment, channel, rule }, windowText(text ?? '', { start, end }))
    return { deployment, channel, channelClass: classIn(channel, origin), now, windowOf }
  }

  #compare(channel: Channel, rule: string, outcome: Outcome, shadowOutcome: Outcome): void {
    if (outcome === shadowOutcome) return
    const name = `${rule} ${channel} ${outcome} ${shadowOutcome}`
    this.#differences.set(name, { channel, outcome, rule, shadowOutcome })
  }
}

export type Outcome = RecordGuardShadow['differences'][number]['outcome']

function outcomeOf([finding]: readonly Finding[], effectOf: (finding: Finding) => Effect): Outcome {
  if (finding === undefined) return 'quiet'
  const effect = effectOf(finding)
  return effect === 'none' ? 'flagged' : effect
}

import { applyGuardPolicy, boundPolicy, isAllowable } from '../../guard/policy/apply.ts'
import { guardPolicyDigest, type GuardPolicy } from '../../guard/policy/document.ts'
import { mayBeAllowed } from '../../guard/policy/faults.ts'
import { windowDigest, windowText } from '../../guard/policy/window.ts'
import type { Finding } from '../../guard/finding.ts'
import type { Channel } from '../../guard/text.ts'
import { AppError, type DeploymentId, type Digest, type EpochMs } from '../../kernel/index.ts'
import type { GuardFeature, GuardGround } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'
import { placeOfDeployment, requireAtPlace } from '../route-place.ts'
import { policyInForce, policyOfVersion } from './policy-subject.ts'

/** A finding of a text that somebody tries, with what it rests on. */
export type TriedFinding = {
  readonly finding: Finding
  readonly features: readonly GuardFeature[]
  /** Whether it counts under the policy. */
  readonly isLeft: boolean
  /** By what it would be known again; null where no policy could let it pass, or no deployment is named. */
  readonly window: Digest | null
}

/**
 * What the guard finds in a text that somebody makes up, and what a version of the policy lets pass of it at a deployment.
 * Nothing is stored. `version`: null is what is in force.
 */
export async function tryText(
  { query, guardGround: ground }: { readonly query: Query; readonly guardGround: GuardGround },
  input: {
    readonly text: string
    readonly channel: Channel
    readonly deployment: DeploymentId | null
    readonly version: number | null
    readonly now: EpochMs
    /** Whoever may not mark findings at the deployment is not told what passes there. */
    readonly caller: Parameters<typeof requireAtPlace>[1]
  },
): Promise<readonly TriedFinding[]> {
  const { text, channel, deployment, version, now } = input
  if (deployment !== null)
    await requireAtPlace(
      query,
      input.caller,
      ['guard.feedback'],
      await placeOfDeployment(query, deployment),
      now,
    )
  const policy = await policyAt(query, ground, version)
  const bound =
    deployment === null
      ? null
      : boundPolicy(policy, { digest: guardPolicyDigest(policy), deployment, scorer: ground.scorer })
  return ground.inspect({ channel, text }, bound).map((finding) => {
    const { rule, kind } = finding
    const named = (of: DeploymentId) =>
      windowDigest(ground.windowKey, { deployment: of, channel, rule }, windowText(text, finding))
    const isLeft =
      bound === null || deployment === null
        ? true
        : applyGuardPolicy([finding], bound, { deployment, channel, now, windowOf: () => named(deployment) })
            .length > 0
    const isNamed = deployment !== null && isAllowable(channel) && mayBeAllowed(rule, kind)
    return {
      finding,
      features: ground.explain({ channel, text }, finding),
      isLeft,
      window: isNamed ? named(deployment) : null,
    }
  })
}

async function policyAt(query: Query, ground: GuardGround, version: number | null): Promise<GuardPolicy> {
  if (version === null) return (await policyInForce(query, ground)).policy
  const policy = await policyOfVersion(query, version)
  if (policy === null) throw new AppError('NOT_FOUND')
  return policy
}

import { boundPolicy, type BoundPolicy, type ScorerGround } from '../guard/policy/apply.ts'
import { guardPolicyDigest, guardPolicyDocument, type GuardPolicy } from '../guard/policy/document.ts'
import { canonicalJson, type DeploymentId, type Digest } from '../kernel/index.ts'
import type { GuardData } from './ports.ts'

/** What decides about findings beside the shipped detectors. The same object as long as nothing changes. */
export type GuardRules = {
  /** What counts for a deployment whose release names `named`, and what is read beside it. Null: what ships. */
  readonly of: (
    deployment: DeploymentId,
    named: Digest,
  ) => { readonly inForce: BoundPolicy | null; readonly shadow: BoundPolicy | null }
}

/**
 * Makes rules of what was polled. `scorer`: the weights that are in place. Throws where a policy does not say what its
 * digest names: then the snapshot is not taken, and the one before it grows old until everything is refused.
 */
export function keptGuardRules(scorer: ScorerGround): (data: GuardData | undefined) => GuardRules {
  let [text, rules] = ['', rulesOf(nothing, scorer)]
  return (data = nothing) => {
    const next = canonicalJson(data)
    if (next !== text) [text, rules] = [next, rulesOf(data, scorer)]
    return rules
  }
}

const nothing: GuardData = { inForce: null, shadow: null, named: [] }

function rulesOf({ inForce, shadow, named }: GuardData, scorer: ScorerGround): GuardRules {
  const parsed = (item: GuardData['inForce']) => (item === null ? null : verified(item))
  const [active, beside] = [parsed(inForce), parsed(shadow)]
  const byDigest = new Map(named.map((item) => [item.digest, verified(item)]))
  const bound = new Map<string, ReturnType<GuardRules['of']>>()
  return {
    of: (deployment, digest) => {
      const name = `${deployment} ${digest}`
      const known = bound.get(name)
      if (known !== undefined) return known
      const bind = (policy: Verified | null) =>
        policy === null ? null : boundPolicy(policy.policy, { digest: policy.digest, deployment, scorer })
      // A release that names a version keeps it: what was approved with it does not change behind the committee.
      const made = { inForce: bind(byDigest.get(digest) ?? active), shadow: bind(beside) }
      bound.set(name, made)
      return made
    },
  }
}

type Verified = { readonly digest: Digest; readonly policy: GuardPolicy }

/** INVARIANT: a policy is used under the digest of what it says, whatever the database calls it. */
function verified({ digest, policy }: { readonly digest: Digest; readonly policy: unknown }): Verified {
  const read = guardPolicyDocument.parse(policy)
  if (guardPolicyDigest(read) !== digest)
    throw new TypeError('a guard policy does not say what its digest names')
  return { digest, policy: read }
}

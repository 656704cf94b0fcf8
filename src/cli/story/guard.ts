import { guardPolicy, type allowance } from '../../governance/guard/index.ts'
import {
  guardPolicyDigest,
  guardPolicyDocument,
  nameOfAllowed,
  shippedPolicy,
  type GuardPolicy,
} from '../../guard/policy/document.ts'
import { compareStrictness } from '../../guard/policy/strictness.ts'
import { actorText, type JsonObject } from '../../kernel/index.ts'
import type { Entry, World } from './world.ts'

/** The versions of the guard policy as the log has told them, and what the one in force says. */
export type GuardStory = {
  readonly state: guardPolicy.State
  readonly inForce: GuardPolicy | null
}
export const untold: GuardStory = { state: guardPolicy.initial, inForce: null }

type Activated = Extract<guardPolicy.Event, { readonly e: 'guard.policy.activated' }>

/** Follows the guard policy: what is weaker took two people and stood in shadow; a digest names what was written. */
export function readGuardPolicy(world: World, entry: Entry, event: guardPolicy.Event): void {
  const before = world.guardPolicies.get(entry.streamId) ?? untold
  const known = before.state.versions.find(({ version }) => version === event.version)
  let { inForce } = before
  switch (event.e) {
    case 'guard.policy.drafted':
    case 'guard.policy.discarded':
      break
    case 'guard.policy.shadowed':
      entry.must(known?.s === 'draft', 'GUARD_STATE', 'a draft', known?.s ?? 'absent')
      policyIn(entry, event)
      break
    case 'guard.policy.activated':
      inForce = activated(entry, before, known, event) ?? inForce
      break
    case 'guard.policy.retired':
      // What takes its place is told right after it, and compared with it.
      if (known?.s === 'active' && event.replacedBy === null) inForce = ended(entry, before)
  }
  world.guardPolicies.set(entry.streamId, { state: guardPolicy.evolve(before.state, event), inForce })
}

/** Whatever is let pass stands in the version in force, and ends when it says. */
export function readAllowance(world: World, entry: Entry, event: allowance.Event): void {
  const { deploymentId, channel, rule, window, until } = event
  entry.must(entry.streamId === deploymentId, 'STREAM', deploymentId, entry.streamId)
  if (event.e === 'guard.allow_entry.expired') {
    if (event.cause === 'clock')
      entry.must(until <= entry.at, 'ALLOWED_LONGER', `an end by ${entry.at}`, `${until}`)
    return
  }
  const named = [...world.guardPolicies.values()].flatMap(({ inForce }) => inForce?.allow ?? [])
  const wanted = `${deploymentId} ${channel} ${rule} ${window}`
  const isNamed = named.some((allowed) => nameOfAllowed(allowed) === wanted && allowed.until === until)
  entry.must(isNamed, 'ALLOWED_BY_NOTHING', 'an entry of the guard policy in force', wanted)
}

/** What ships is in force again, which lets nothing pass that the version stopped. */
function ended(entry: Entry, { inForce }: GuardStory): null {
  if (inForce === null) return null
  const strictness = compareStrictness(inForce, shippedPolicy(inForce))
  entry.must(strictness === 'not_weaker', 'POLICY_WEAKER', 'nothing that is let pass besides', strictness)
  return null
}

function activated(
  entry: Entry,
  { inForce }: GuardStory,
  version: guardPolicy.Version | undefined,
  event: Activated,
): GuardPolicy | null {
  const policy = policyIn(entry, event)
  if (policy === null || version === undefined) {
    entry.must(version !== undefined, 'GUARD_STATE', 'a version', 'absent')
    return policy
  }
  if (event.shadow === null) {
    entry.must(version.s === 'draft', 'GUARD_STATE', 'a draft', version.s)
    const { model, rules, languages } = policy
    const before = inForce ?? shippedPolicy({ model, rules, languages })
    const strictness = compareStrictness(before, policy)
    entry.must(strictness === 'not_weaker', 'POLICY_WEAKER', 'nothing that is let pass besides', strictness)
    return policy
  }
  entry.must(version.s === 'shadow', 'GUARD_STATE', 'shadow', version.s)
  const by = actorText(event.by)
  entry.must(!version.authors.includes(by), 'SELF_APPROVAL', 'somebody who did not write in it', by)
  entry.mustEqual('GUARD_DIGEST', version.digest, event.digest)
  return policy
}

/** UNTRUSTED: the policy of a fact, under the digest that it gives; null where it has no form. */
function policyIn(
  entry: Entry,
  { policy, digest }: { readonly policy: JsonObject; readonly digest: string },
): GuardPolicy | null {
  const read = guardPolicyDocument.safeParse(policy)
  if (!read.success) {
    entry.must(false, 'GUARD_POLICY_FORM', 'a guard policy', 'another form')
    return null
  }
  entry.mustEqual('GUARD_DIGEST', guardPolicyDigest(read.data), digest)
  return read.data
}

import type { guardPolicy } from '../../governance/guard/index.ts'
import {
  guardPolicyDigest,
  guardPolicyDocument,
  inOrder,
  shippedPolicy,
  type GuardPolicy,
} from '../../guard/policy/document.ts'
import { policyFaults } from '../../guard/policy/faults.ts'
import { compareStrictness, type Strictness } from '../../guard/policy/strictness.ts'
import type { EpochMs, JsonObject } from '../../kernel/index.ts'
import type { GuardGround } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'

/** What somebody writes in a draft; for which detectors it is, the installation says. */
export type PolicyTerms = Omit<GuardPolicy, 'model' | 'rules'>

/** The policy that counts for who names none; what ships where no version is active. */
export async function policyInForce(
  query: Query,
  ground: GuardGround,
): Promise<{ readonly version: number | null; readonly policy: GuardPolicy }> {
  const [row] = await query<{ version: number; policy: unknown }>(
    `select version, policy from guard_policies where stage = 'active'`,
  )
  return row === undefined
    ? { version: null, policy: shipped(ground) }
    : { version: row.version, policy: guardPolicyDocument.parse(row.policy) }
}

/** One version; null where there is none. */
export async function policyOfVersion(query: Query, version: number): Promise<GuardPolicy | null> {
  const [row] = await query<{ policy: unknown }>('select policy from guard_policies where version = $1', [
    version,
  ])
  return row === undefined ? null : guardPolicyDocument.parse(row.policy)
}

/**
 * How the guard policy of a release compares with that of the one before it, by their digests. Only what was published can
 * be compared.
 */
export async function strictnessByDigest(query: Query, from: string, to: string): Promise<Strictness> {
  const rows = await query<{ digest: string; policy: unknown }>(
    `select digest, policy from guard_policies where digest = any($1) and stage in ('active', 'retired')`,
    [[from, to]],
  )
  const named = (digest: string) => rows.find((row) => row.digest === digest)
  const [before, after] = [named(from), named(to)]
  if (before === undefined || after === undefined) return 'incomparable'
  return compareStrictness(guardPolicyDocument.parse(before.policy), guardPolicyDocument.parse(after.policy))
}

export function shipped({ model, rules, languages }: GuardGround): GuardPolicy {
  return shippedPolicy({ model, rules, languages: [...languages] })
}

/** Terms as a policy for the detectors that are in place. */
export function policyFor({ model, rules }: GuardGround, terms: PolicyTerms): GuardPolicy {
  return inOrder({ ...terms, model, rules })
}

/** What a decider needs to know of a policy. */
export async function subjectOf(
  query: Query,
  ground: GuardGround,
  policy: GuardPolicy,
  more: { readonly now: EpochMs; readonly effect: guardPolicy.Subject['effect'] },
): Promise<guardPolicy.Subject> {
  const { policy: before } = await policyInForce(query, ground)
  const named = [...policy.off, ...policy.allow, ...(policy.sources ?? [])].map(
    ({ deployment }) => deployment,
  )
  const rows = await query<{ id: string }>('select id from deployments where id = any($1)', [named])
  const faults = policyFaults(policy, {
    now: more.now,
    rules: ground.kinds,
    digests: ground,
    languages: ground.languages,
    offsets: before.offsets,
    deployments: new Set(rows.map(({ id }) => id)),
  })
  return {
    policy: policy as unknown as JsonObject, // whole numbers and texts: its form says so
    digest: guardPolicyDigest(policy),
    faults,
    strictness: compareStrictness(before, policy),
    effect: more.effect,
  }
}

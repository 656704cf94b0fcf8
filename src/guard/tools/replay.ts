import type { Json } from '../../kernel/index.ts'
import { asidesReadArguments } from './asides.ts'
import type { PolicyDocuments } from './cedar/policy-set.ts'
import { decideKnownCall, type CallContext, type ToolDecision, type ToolReason } from './decide.ts'
import { compileToolPolicy, type ToolPolicySource } from './policy.ts'

/** A call that happened: what was known of it then, and what was said of it before any policy was asked. */
export type RecordedCall = {
  readonly tool: string
  readonly context: CallContext
}

/** `unknown`: a policy that concerns the call reads its arguments, and those are kept nowhere. */
export type Replayed =
  | { readonly k: 'decided'; readonly decision: ToolDecision }
  | { readonly k: 'unknown'; readonly policies: readonly string[] }
  | { readonly k: 'unusable'; readonly policies: readonly string[] }

/**
 * Prepares to decide calls of the past by a set of policies, without their arguments. A set with one policy that does not
 * compile decides nothing, as with a call of now.
 * INVARIANT: what is `decided` to pass passes, and what is not does not, with whatever arguments the call had (checked by
 * a law).
 */
export function replayOf(source: ToolPolicySource): (call: RecordedCall) => Replayed {
  const whole = compileToolPolicy(source)
  if (!whole.ok) return unusable(whole.faults)
  const reading = Object.keys(source.policies).filter((id) => readsArguments(source.policies[id] ?? null))
  const without = pick(source.policies, (id) => !reading.includes(id))
  const certain = compileToolPolicy({ ...source, policies: without })
  if (!certain.ok) return unusable(certain.faults)
  const concerning = reading.map((id) => {
    const compiled = compileToolPolicy({ ...source, policies: { [id]: unconditional(source.policies[id]) } })
    return { id, compiled }
  })
  return ({ tool, context }) => {
    const decision = decideKnownCall(certain.policy, tool, context, {})
    const policies = concerning
      .filter(
        ({ compiled }) => !compiled.ok || isConcerned(decideKnownCall(compiled.policy, tool, context, {})),
      )
      .map(({ id }) => id)
    // A policy more can forbid and can permit, but it takes back nothing that forbids.
    const isSettled = decision.reasons.some(isFinal) || context.canary === 'block'
    return policies.length === 0 || isSettled ? { k: 'decided', decision } : { k: 'unknown', policies }
  }
}

/** Whether a policy in Cedar's JSON form, or a condition beside it, reads the arguments of a call. */
export function readsArguments(policy: Json): boolean {
  return asidesReadArguments(policy) || namesArguments(policy)
}

/** Whether it has `context.args`, or the context as a whole. */
function namesArguments(policy: Json): boolean {
  if (typeof policy !== 'object' || policy === null) return false
  if (Array.isArray(policy)) return policy.some(namesArguments)
  if ('Var' in policy) return policy['Var'] === 'context'
  return Object.entries(policy).some(([name, member]) =>
    (name === '.' || name === 'has') && isOtherFact(member) ? false : namesArguments(member),
  )
}

/** `context.taint` and whatever else of the context is no argument. */
function isOtherFact(access: Json): boolean {
  if (typeof access !== 'object' || access === null || Array.isArray(access)) return false
  const { left, attr } = access as { readonly [name: string]: Json } // no list
  const isOfContext = typeof left === 'object' && left !== null && 'Var' in left && left['Var'] === 'context'
  return isOfContext && attr !== 'args'
}

/** The same policy as one that permits, without its conditions: it permits where the policy would be asked. */
function unconditional(policy: Json | undefined): Json {
  return {
    ...(policy as { readonly [name: string]: Json }),
    effect: 'permit',
    conditions: [],
    annotations: {},
  } // it has compiled
}

function isConcerned({ reasons }: ToolDecision): boolean {
  return !reasons.some(({ code }) => code === 'policy_absent')
}

const final: readonly ToolReason['code'][] = [
  'tool_not_granted',
  'policy_forbids',
  'policy_fault',
  'condition_forbids',
  'external_send_not_granted',
  'autonomy_forbids',
  'injection_linked',
]

function isFinal({ code }: ToolReason): boolean {
  return final.includes(code)
}

function pick(policies: PolicyDocuments, keeps: (id: string) => boolean): PolicyDocuments {
  return Object.fromEntries(Object.entries(policies).filter(([id]) => keeps(id)))
}

function unusable(faults: readonly { readonly policy: string }[]): () => Replayed {
  const policies = faults.map(({ policy }) => policy)
  return () => ({ k: 'unusable', policies })
}

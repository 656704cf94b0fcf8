import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { Json } from '../../kernel/index.ts'

/** Policies in the JSON form, by the ids that their `@id` annotations give. */
export type PolicyDocuments = { readonly [id: string]: Json }

/** One thing that is wrong with a text of policies; `policy` is empty where it concerns the whole text. */
export type CedarFault = { readonly policy: string; readonly message: string }
export type ParsedPolicies =
  | { readonly ok: true; readonly policies: PolicyDocuments; readonly text: string }
  | { readonly ok: false; readonly faults: readonly CedarFault[] }

/** What Cedar's own engine says of one request. */
export type CedarAnswer = {
  readonly decision: 'allow' | 'deny'
  readonly reasons: readonly string[]
  readonly erring: readonly string[]
}

/** Names of entities and values are in Cedar's JSON form. */
export type CedarCall = {
  readonly principal: cedar.EntityUid
  readonly action: cedar.EntityUid
  readonly resource: cedar.EntityUid
  readonly context: cedar.Context
  readonly entities: cedar.Entities
}

/** The version of the engine, as it is recorded with what it has decided. */
export const cedarVersion: string = cedar.getCedarVersion()

/**
 * Reads a text of policies: formats it and gives each policy in the JSON form. Every policy must have an `@id` of its
 * own, because denials are explained by it; templates are refused.
 */
export function parsePolicies(text: string): ParsedPolicies {
  const formatted = cedar.formatPolicies({ policyText: text })
  if (formatted.type === 'failure') return { ok: false, faults: faultsOf('', formatted.errors) }
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure') return { ok: false, faults: faultsOf('', parts.errors) }
  if (parts.policy_templates.length > 0)
    return { ok: false, faults: [{ policy: '', message: 'templates are not supported' }] }
  const policies = new Map<string, Json>()
  const faults: CedarFault[] = []
  for (const part of parts.policies) {
    const read = cedar.policyToJson(part)
    if (read.type === 'failure') {
      faults.push(...faultsOf('', read.errors))
      continue
    }
    const id = read.json.annotations?.['id'] ?? ''
    if (id === '' || policies.has(id))
      faults.push({ policy: id, message: 'each policy needs an `@id` of its own' })
    policies.set(id, read.json as unknown as Json) // the engine made it out of JSON
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, policies: Object.fromEntries(policies), text: formatted.formatted_policy }
}

/** What is wrong with policies by the types of `schema`, a Cedar schema text; warnings count, as a policy that never holds is a mistake. */
export function validatePolicies(policies: PolicyDocuments, schema: string): CedarFault[] {
  const answer = cedar.validate({
    schema,
    policies: { staticPolicies: policies as unknown as cedar.StaticPolicySet }, // as above
  })
  if (answer.type === 'failure') return faultsOf('', answer.errors)
  return [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => ({
    policy: policyId,
    message: error.message,
  }))
}

/**
 * Cedar's own engine over one set of policies. It is the measure of our evaluator, in tests and in the bench; no call is
 * decided by it. Throws when the engine does not take the policies or a call.
 */
export function cedarEngine(policies: PolicyDocuments, name = 'policies'): (call: CedarCall) => CedarAnswer {
  const prepared = cedar.preparsePolicySet(name, {
    staticPolicies: policies as unknown as cedar.StaticPolicySet, // the engine reads and judges them
  })
  if (prepared.type === 'failure') throw new Error(prepared.errors.map(({ message }) => message).join('; '))
  return (call) => {
    const answer = cedar.statefulIsAuthorized({ ...call, preparsedPolicySetId: name, validateRequest: false })
    if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
    const { decision, diagnostics } = answer.response
    return {
      decision,
      reasons: diagnostics.reason,
      erring: diagnostics.errors.map(({ policyId }) => policyId),
    }
  }
}

function faultsOf(policy: string, errors: readonly cedar.DetailedError[]): CedarFault[] {
  return errors.map(({ message }) => ({ policy, message }))
}

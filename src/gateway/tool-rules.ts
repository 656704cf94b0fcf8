import { toolPolicyDigest, type ToolPolicyDocument } from '../guard/tools/document.ts'
import type { GrantedTool } from '../guard/tools/policy.ts'
import type { ToolRegistration } from '../guard/tools/registration.ts'
import { canonicalJson, type Digest } from '../kernel/index.ts'
import type { ToolData } from './ports.ts'

export type ToolPolicies = ReadonlyMap<Digest, ToolPolicyDocument>

/** What decides about tools beside the grants, ready to be looked up. The same object as long as nothing changes. */
export type ToolRules = {
  readonly policies: ToolPolicies
  readonly shadows: ToolPolicies
  readonly registered: (tools: readonly GrantedTool[]) => { readonly [toolId: string]: ToolRegistration }
}

/**
 * Makes rules of what was polled, and gives the last ones again when it is the same: what was compiled of them holds on.
 * INVARIANT: a document is found under the digest of what it says, whatever the database calls it.
 */
export function keptToolRules(): (data: ToolData | undefined) => ToolRules {
  let [text, rules] = ['', rulesOf(nothing)]
  return (data = nothing) => {
    const next = canonicalJson(data)
    if (next !== text) [text, rules] = [next, rulesOf(data)]
    return rules
  }
}

const nothing: ToolData = { policies: [], shadows: [], registrations: [] }

function rulesOf({ policies, shadows, registrations }: ToolData): ToolRules {
  const byName = new Map(registrations.map((item) => [`${item.definition} ${item.toolId}`, item.terms]))
  return {
    policies: byDigest(policies),
    shadows: byDigest(shadows),
    // What is said of a tool holds for the definition of which it was said.
    registered: (tools) =>
      Object.fromEntries(
        tools.map(({ toolId, definitionSha256 }) => [
          toolId,
          byName.get(`${definitionSha256} ${toolId}`) ?? {},
        ]),
      ),
  }
}

function byDigest(documents: readonly ToolPolicyDocument[]): ToolPolicies {
  return new Map(documents.map((document) => [toolPolicyDigest(document), document]))
}

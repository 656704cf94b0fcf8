import { decideKnownCall, type CallContext, type ToolDecision } from '../../guard/tools/decide.ts'
import type { PolicyDocuments } from '../../guard/tools/cedar/policy-set.ts'
import { compileToolPolicy, type GrantedTool } from '../../guard/tools/policy.ts'
import {
  AppError,
  digestOf,
  type Digest,
  type Environment,
  type Json,
  type Tier,
} from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import type { ShippedToolPolicy } from '../ports/shipped-tool-policies.ts'
import type { DraftFault, ToolPolicyCompiler } from '../ports/tool-policy-compiler.ts'

export type BenchPorts = {
  readonly query: Query
  readonly toolPolicyCompiler: ToolPolicyCompiler
  readonly shippedToolPolicies: readonly ShippedToolPolicy[]
}

/** Which policy is tried: a text that is stored nowhere, or a version by its digest. */
export type Candidate = { readonly text: string; readonly args: string } | { readonly digest: Digest }

export type Documents =
  | { readonly ok: true; readonly policies: PolicyDocuments }
  | { readonly ok: false; readonly faults: readonly DraftFault[] }

/** The policies that a candidate means. `NOT_FOUND` where no version has the digest. */
export async function documentsOf(ports: BenchPorts, candidate: Candidate): Promise<Documents> {
  if ('text' in candidate) return ports.toolPolicyCompiler.check(candidate)
  const policies = await policiesNamed(ports, candidate.digest)
  if (policies === null) throw new AppError('NOT_FOUND')
  return { ok: true, policies }
}

/** The policies that a digest names; null where nothing here has it. */
export async function policiesNamed(
  { query, shippedToolPolicies }: Pick<BenchPorts, 'query' | 'shippedToolPolicies'>,
  digest: Digest,
): Promise<PolicyDocuments | null> {
  const shipped = shippedToolPolicies.find((item) => item.digest === digest)
  if (shipped !== undefined) return shipped.policies
  const [row] = await query<{ policies: PolicyDocuments }>(
    'select policies from tool_policies where digest = $1',
    [digest],
  )
  return row?.policies ?? null
}

/** A call that somebody makes up: the tool as a grant would name it, and what would be known when it is decided. */
export type MadeCall = Omit<GrantedTool, 'definitionSha256'> & {
  readonly tier: Tier
  readonly environment: Environment
  /** Whether the deployment may send anything outside. */
  readonly mayExternalSend: boolean
  readonly args: Json
  readonly context: CallContext
}

export type BenchResult = {
  readonly candidate: ToolDecision
  /** What the policy that it is compared with says; null where there is none. */
  readonly current: ToolDecision | null
}

/** What policies would do with calls that somebody made up. Nothing is stored. */
export async function tryCalls(
  ports: BenchPorts,
  {
    candidate,
    current,
    calls,
  }: { readonly candidate: Candidate; readonly current: Digest | null; readonly calls: readonly MadeCall[] },
): Promise<
  | { readonly ok: true; readonly results: readonly BenchResult[] }
  | { readonly ok: false; readonly faults: readonly DraftFault[] }
> {
  const documents = await documentsOf(ports, candidate)
  if (!documents.ok) return documents
  const compared = current === null ? null : await documentsOf(ports, { digest: current })
  const results = calls.map((call) => ({
    candidate: decisionOf(documents.policies, call),
    current: compared?.ok === true ? decisionOf(compared.policies, call) : null,
  }))
  return { ok: true, results }
}

function decisionOf(policies: PolicyDocuments, call: MadeCall): ToolDecision {
  const { toolId, effect, autonomyMax, tier, environment, mayExternalSend, context, args } = call
  const compiled = compileToolPolicy({
    deployment: 'bench',
    agent: 'bench',
    tier,
    environment,
    policies,
    tools: [{ toolId, effect, autonomyMax, definitionSha256: digestOf(null) }],
    externalSend: mayExternalSend,
    registry: {},
  })
  if (compiled.ok) return decideKnownCall(compiled.policy, toolId, context, args)
  const [fault] = compiled.faults
  return { k: 'fault', reasons: [{ code: 'policy_fault', detail: fault?.policy ?? '' }] }
}

import {
  contextOfCall,
  decideDefinition,
  decideTool,
  type CallFacts,
  type PendingCall,
  type ToolDecision,
} from '../guard/tools/decide.ts'
import type { InArguments, Suspicion } from '../guard/advice.ts'
import type { ToolPolicyDocument } from '../guard/tools/document.ts'
import { pinOf, type DefinitionForm, type Pinned } from '../guard/tools/pin.ts'
import { compileToolPolicy, type ToolPolicy } from '../guard/tools/policy.ts'
import type { Exposure } from '../guard/tools/taint.ts'
import type { Digest, Json } from '../kernel/index.ts'
import type { Caller } from './admit.ts'
import type { ToolCall, ToolOffer } from './dialect/reading.ts'
import type { Log, RecordTool } from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import type { Sightings } from './sightings.ts'
import type { VerifiedGrant } from './snapshot.ts'
import type { ToolPolicies, ToolRules } from './tool-rules.ts'
import { readExactTree } from './wire/json.ts'

/** Decides about the tools of calls, by the policies that grants name. What a grant allows is compiled once. */
export type ToolGates = { readonly of: (caller: Caller) => ToolGate }

/** What decides about the tools of one deployment. */
export type ToolGate = {
  /** Why these tools may not be shown to a model; null when they may. */
  readonly objectionToOffers: (
    form: DefinitionForm,
    offers: readonly ToolOffer[],
    facts: ToolFacts,
  ) => ReasonCode | null
  /** Whether these calls may leave: all of them, none, or all once a person has agreed to some. */
  readonly decideCalls: (
    form: DefinitionForm,
    offers: readonly ToolOffer[],
    calls: readonly ToolCall[],
    facts: ToolFacts,
  ) => CallsDecision
  /** Whether the organisation trusts what this tool answers like its own text. */
  readonly vouchesFor: (tool: string) => boolean
}

/** A call that a person must agree to. `tool`: as the grant names it. */
export type AskedCall = {
  readonly tool: string
  readonly definition: Digest
  readonly args: Json
  /** Codes of the decision, worst first. */
  readonly reasons: readonly string[]
}

export type CallsDecision =
  | { readonly k: 'allow' }
  | { readonly k: 'deny'; readonly code: ReasonCode }
  | { readonly k: 'ask'; readonly asked: readonly AskedCall[] }

/** What the guard knows of the conversation, and where is kept what was decided by it. */
export type ToolFacts = {
  readonly exposure: Exposure
  readonly findings: readonly string[]
  /** 0 to 100. */
  readonly risk?: number
  readonly suspicions?: CallFacts['suspicions']
  /** What was found in the arguments of a call; left out: nothing. */
  readonly inArguments?: (call: ToolCall) => InArguments
  readonly keep?: (decided: RecordTool) => void
}

/** `shipped`: policies that come with the product; an organisation's own come with the snapshot. */
export function createToolGates(
  shipped: ToolPolicies,
  log: Log,
  sightings: Pick<Sightings, 'see'>,
): ToolGates {
  // A renewed grant is another object, so that what is compiled goes with it.
  const known = new WeakMap<VerifiedGrant, { readonly rules: ToolRules; readonly gate: ToolGate }>()
  return {
    of: (caller) => {
      const { grant, snapshot } = caller
      const rules = snapshot.tools
      const kept = known.get(grant)
      if (kept?.rules === rules) return kept.gate
      const gate = gateFor(rulesFor(shipped, caller, log), log, (tool, pin) =>
        sightings.see(grant.claims.sub, tool, pin),
      )
      known.set(grant, { rules, gate })
      return gate
    },
  }
}

/** What decides, and what is decided beside it without effect. */
type CompiledRules = {
  /** Null, and everything is refused, when the policy is not here or does not compile. */
  readonly policy: ToolPolicy | null
  readonly shadows: readonly { readonly digest: Digest; readonly policy: ToolPolicy }[]
}

function rulesFor(shipped: ToolPolicies, caller: Caller, log: Log): CompiledRules {
  const { grant, snapshot } = caller
  const { claims, scope } = grant
  const facts = { deployment: claims.sub, policy: scope.toolPolicy }
  const document = shipped.get(scope.toolPolicy) ?? snapshot.tools.policies.get(scope.toolPolicy)
  const policy = document === undefined ? undefined : compiled(caller, document)
  if (policy === undefined) log('error', 'gateway.tool_policy.unknown', facts)
  if (policy === null) log('error', 'gateway.tool_policy.unusable', facts)
  const shadows = [...snapshot.tools.shadows].flatMap(([digest, shadow]) => {
    const other = digest === scope.toolPolicy ? null : compiled(caller, shadow)
    // Definitions are the same for both: their schemas are compiled once.
    return other === null ? [] : [{ digest, policy: { ...other, schemas: policy?.schemas ?? other.schemas } }]
  })
  return { policy: policy ?? null, shadows }
}

function compiled({ grant, route, snapshot }: Caller, { policies }: ToolPolicyDocument): ToolPolicy | null {
  const { claims, scope } = grant
  const result = compileToolPolicy({
    deployment: claims.sub,
    agent: claims.sub,
    tier: claims.tier,
    environment: route.environment,
    tools: scope.tools,
    externalSend: scope.externalSend,
    policies,
    registry: snapshot.tools.registered(scope.tools),
  })
  return result.ok ? result.policy : null
}

/** One decision for its record: by what decides, and by what does not yet. */
function recorded(
  { policy, shadows }: CompiledRules & { readonly policy: ToolPolicy },
  call: PendingCall,
  facts: CallFacts,
  decision: ToolDecision,
): RecordTool {
  const granted = policy.tools.has(call.tool)
  const context = contextOfCall(policy, call, facts)
  const beside = shadows.map(({ digest, policy: other }) => {
    const { k, reasons } = decideTool(other, call, facts)
    return { policy: digest, outcome: k, reasons: reasons.slice(0, mostReasons) }
  })
  return {
    tool: granted ? call.tool : '*',
    outcome: decision.k,
    reasons: decision.reasons.slice(0, mostReasons),
    context: context === null ? null : { ...context, findings: context.findings.slice(0, mostFindings) },
    ...(beside.length === 0 ? {} : { shadows: beside }),
  }
}

/** A record is small. A decision by more findings than it holds is replayed without the others. */
const [mostReasons, mostFindings] = [4, 16]

function gateFor(rules: CompiledRules, log: Log, see: (tool: string, pin: Pinned) => void): ToolGate {
  const { policy } = rules
  const told = (tool: string, { k, reasons }: ToolDecision): ReasonCode | null => {
    if (k === 'allow') return null
    log('warn', 'gateway.tool.stopped', { tool, outcome: k, reasons })
    const [first] = reasons
    return first?.code === 'definition_changed' ? 'tool_definition_changed' : 'tool_denied'
  }
  return {
    vouchesFor: (tool) => policy?.tools.get(tool)?.registration.vouchedFor === true,
    objectionToOffers: (form, offers, facts) => {
      if (offers.length > mostOffers) return 'too_large'
      const own = offers.filter(({ isHosted }) => !isHosted)
      if (own.length === 0) return null
      if (policy === null) return 'tool_denied'
      for (const { name, definition } of own) {
        const tool = idOf(policy, name)
        const pin = pinned(form, definition)
        see(tool, pin)
        const objection = told(tool, decideDefinition(policy, tool, pin, factsOf(facts)))
        if (objection !== null) return objection
      }
      return null
    },
    decideCalls: (form, offers, calls, facts) => {
      if (calls.length === 0) return { k: 'allow' }
      if (policy === null) return { k: 'deny', code: 'tool_denied' }
      const asked: AskedCall[] = []
      for (const called of calls) {
        const { name, args } = called
        const offer = offers.find((offered) => offered.name === name && !offered.isHosted)
        const parsed = parse(args)
        // A model may ask for whatever it likes: only what it was offered, with arguments that can be read, is decided.
        if (offer === undefined || parsed === undefined) return { k: 'deny', code: 'tool_denied' }
        const tool = idOf(policy, name)
        const definition = pinned(form, offer.definition)
        const call = { tool, definition, args: parsed }
        const known = factsOf(facts, called)
        const decision = decideTool(policy, call, known)
        facts.keep?.(recorded({ ...rules, policy }, call, known, decision))
        if (decision.k === 'approve' && definition.ok) {
          const reasons = decision.reasons.map(({ code }) => code)
          asked.push({ tool, definition: definition.digest, args: parsed, reasons })
          continue
        }
        const code = told(tool, decision)
        if (code !== null) return { k: 'deny', code }
      }
      return asked.length === 0 ? { k: 'allow' } : { k: 'ask', asked }
    },
  }
}

/** A tool that the caller carries out itself is granted under its own name or as `fn/name`. */
function idOf({ tools }: ToolPolicy, name: string): string {
  return tools.has(name) ? name : `fn/${name}`
}

function pinned(form: DefinitionForm, definition: unknown): Pinned {
  return pinOf(form, definition as Json) // it was read as JSON
}

/** There is always a way to ask; whether anybody answers at its end is seen when it is gone. */
function factsOf(facts: ToolFacts, call: ToolCall | null = null): CallFacts {
  const { exposure, findings, risk = 0, suspicions } = facts
  const inArguments = call === null ? undefined : facts.inArguments?.(call)
  return {
    exposure,
    findings,
    risk,
    suspicions: suspicions === undefined ? noSuspicions : keptByArguments(suspicions),
    ...(inArguments === undefined ? {} : { inArguments }),
    oversight: 'auto',
    canAsk: true,
  }
}

const noSuspicions = () => []

/** The same, found out once for the arguments of a call: each policy and its record ask. */
function keptByArguments(suspicions: NonNullable<CallFacts['suspicions']>): typeof suspicions {
  let known: { readonly args: Json; readonly found: readonly Suspicion[] } | null = null
  return (args) => {
    if (known?.args !== args) known = { args, found: suspicions(args) }
    return known.found
  }
}

/** Most tools of one request, and the longest arguments of one call in UTF-16 units. */
export const [mostOffers, mostArgumentChars] = [512, 262_144]

/** Arguments of which exactly one reading exists; undefined for others, and for those that are too long. */
function parse(text: string): Json | undefined {
  if (text.length > mostArgumentChars) return undefined
  if (text.trim() === '') return {}
  // A second member of one name is what another parser might act on.
  const read = readExactTree(text)
  return read.ok ? (read.tree as Json) : undefined // it was read as JSON
}

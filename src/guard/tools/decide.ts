import { effects, type Autonomy, type Effect, type Json } from '../../kernel/index.ts'
import { adviseOn, type InArguments, type Suspicion } from '../advice.ts'
import { asidesThatHold } from './asides.ts'
import { valueOfData } from './cedar/data.ts'
import type { Authorization } from './cedar/policy-set.ts'
import { recordOf, setOf, type CedarRecord } from './cedar/value.ts'
import type { Pinned } from './pin.ts'
import type { Trust } from '../text.ts'
import { schemaOf, type PolicyTool, type ToolPolicy } from './policy.ts'
import { isDestinationListed, isTargetRegistered } from './registration.ts'
import { dataClassIn, isLethalTrifecta, type Exposure } from './taint.ts'

/** Why a tool may not be used, or not without a person. Codes never change their meaning. */
export const toolReasons = [
  'tool_not_granted',
  'definition_unreadable',
  'definition_changed',
  'schema_unusable',
  'arguments_refused',
  'arguments_too_deep',
  'arguments_too_costly',
  'policy_fault',
  'policy_forbids',
  'policy_absent',
  'condition_forbids',
  'condition_needs_approval',
  'external_send_not_granted',
  'autonomy_forbids',
  'autonomy_needs_approval',
  'tainted_effect',
  'lethal_trifecta',
  'injection_suspected',
  'injection_linked',
  'data_above_ceiling',
  'canary_out_of_place',
  'oversight_forbids',
  'oversight_needs_approval',
  'approval_unavailable',
] as const
export type ToolReasonCode = (typeof toolReasons)[number]

/** `detail` is for the operator: a policy, a keyword, a place. It holds no text of the call. */
export type ToolReason = { readonly code: ToolReasonCode; readonly detail?: string }

/** The mildest first; the most stringent of all that was said is the decision. */
export const toolOutcomes = ['allow', 'approve', 'deny', 'fault'] as const
export type ToolOutcome = (typeof toolOutcomes)[number]
export type ToolDecision = { readonly k: ToolOutcome; readonly reasons: readonly ToolReason[] }

/** One call. `definition` is what the tool says of itself now, on the wire or in the list of its server. */
export type PendingCall = { readonly tool: string; readonly definition: Pinned; readonly args: Json }

/** What is known when a call is to be decided. A fact that could not be found out is a fault of the caller, never left out. */
export type CallFacts = {
  readonly exposure: Exposure
  /** Rules of the guard that have found something worth telling. */
  readonly findings: readonly string[]
  /** 0 to 100. */
  readonly risk: number
  /** Texts that look like orders to a model, and how the arguments follow from each. Left out: there are none. */
  readonly suspicions?: (args: Json) => readonly Suspicion[]
  /** What was found in the arguments themselves. Left out: nothing. */
  readonly inArguments?: InArguments
  /** What the approval policy of the organisation says of this call. */
  readonly oversight: 'auto' | 'approve' | 'forbid'
  /** Whether there is somebody to ask. Without that, what needs a person is denied. */
  readonly canAsk: boolean
}

/** Everything that a policy is told of a call, without its arguments. It holds no text of the call, so it may be kept. */
export type CallContext = {
  readonly taint: Trust
  readonly taintSources: readonly string[]
  /** Rules of the guard. */
  readonly findings: readonly string[]
  /** 0 to 100. */
  readonly risk: number
  /** 0 public to 3 restricted. */
  readonly dataClass: number
  readonly externalSend: boolean
  readonly trifecta: boolean
  readonly destinationListed: boolean
  readonly targetRegistered: boolean
  /** What the guard advises because of orders to a model in the texts before the call or in its arguments; left out where it has nothing to say. */
  readonly guard?: 'step_up' | 'block'
  /** What the guard advises because of personal data or secrets above the class of the grant in the arguments. */
  readonly data?: 'step_up' | 'block'
  /** What the guard advises because of a canary in the arguments. */
  readonly canary?: 'step_up' | 'block'
}

type Said = ToolReason & { readonly k: ToolOutcome }

/**
 * Decides one call of a tool: pin, schema, Cedar, autonomy of the grant, floors, approval policy; each may make it
 * stricter and none milder. INVARIANT: a fault anywhere is never an `allow` (checked by a law).
 */
export function decideTool(policy: ToolPolicy, call: PendingCall, facts: CallFacts): ToolDecision {
  const tool = policy.tools.get(call.tool)
  if (tool === undefined) return decisionOf([{ k: 'deny', code: 'tool_not_granted' }])
  const pin = pinFaults(tool, call.definition)
  const schema = pin.length > 0 ? [] : schemaFaults(policy, tool, call)
  const said = [...pin, ...schema]
  // Arguments that are not what was pinned mean nothing to a policy, and their depth has not been bounded.
  if (said.length === 0) {
    const context = contextOf(policy, tool, call.args, facts)
    said.push(...saidByPolicies(policy, tool, context, call.args), ...floorsOf(tool, context))
  }
  return concluded(policy, tool, said, facts)
}

/**
 * Decides one call by what is known of it, without its definition: what a policy would do, or would have done. Pin,
 * schema and approval policy are no part of the answer, and somebody can be asked. `tool_not_granted` where the policy knows no such tool.
 */
export function decideKnownCall(
  policy: ToolPolicy,
  toolId: string,
  context: CallContext,
  args: Json,
): ToolDecision {
  const tool = policy.tools.get(toolId)
  if (tool === undefined) return decisionOf([{ k: 'deny', code: 'tool_not_granted' }])
  const said = [...saidByPolicies(policy, tool, context, args), ...floorsOf(tool, context)]
  return concluded(policy, tool, said, { oversight: 'auto', canAsk: true })
}

/** What a policy is told of a call; null where the tool is not granted. */
export function contextOfCall(
  policy: ToolPolicy,
  { tool: toolId, args }: Pick<PendingCall, 'tool' | 'args'>,
  facts: CallFacts,
): CallContext | null {
  const tool = policy.tools.get(toolId)
  return tool === undefined ? null : contextOf(policy, tool, args, facts)
}

/** What holds for every call of a tool, whatever its arguments are. */
function concluded(
  policy: ToolPolicy,
  tool: PolicyTool,
  before: readonly Said[],
  facts: Pick<CallFacts, 'oversight' | 'canAsk'>,
): ToolDecision {
  const said = [...before]
  if (tool.sendsOutside && !policy.externalSend) said.push({ k: 'deny', code: 'external_send_not_granted' })
  said.push(...autonomyOf(tool), ...oversightOf(facts))
  const needsPerson = said.some(({ k }) => k === 'approve')
  return decisionOf(
    needsPerson && !facts.canAsk ? [...said, { k: 'deny', code: 'approval_unavailable' }] : said,
  )
}

/** Decides whether a tool may be shown to the model. Nobody is asked about that: it is allowed or it is not. */
export function decideDefinition(
  policy: ToolPolicy,
  toolId: string,
  definition: Pinned,
  facts: CallFacts,
): ToolDecision {
  const tool = policy.tools.get(toolId)
  if (tool === undefined) return decisionOf([{ k: 'deny', code: 'tool_not_granted' }])
  const pin = pinFaults(tool, definition)
  if (pin.length > 0) return decisionOf(pin)
  return decisionOf(authorizationFaults(tool.mayList(told(policy, contextOf(policy, tool, {}, facts), {}))))
}

function pinFaults(tool: PolicyTool, definition: Pinned): Said[] {
  if (!definition.ok) return [{ k: 'deny', code: 'definition_unreadable', detail: definition.fault }]
  return definition.digest === tool.definitionSha256 ? [] : [{ k: 'deny', code: 'definition_changed' }]
}

function schemaFaults(policy: ToolPolicy, tool: PolicyTool, { definition, args }: PendingCall): Said[] {
  if (!definition.ok) return []
  const schema = schemaOf(policy, tool, definition.definition)
  if (!schema.ok) return [{ k: 'deny', code: 'schema_unusable', detail: schema.fault }]
  const result = schema.check(args)
  if (result.k === 'ok') return []
  if (result.k === 'fault') return [{ k: 'fault', code: result.fault }]
  return [{ k: 'deny', code: 'arguments_refused', detail: result.keyword }]
}

/** What Cedar says of a call, and what the policies that permit it say beside that. */
function saidByPolicies(policy: ToolPolicy, tool: PolicyTool, context: CallContext, args: Json): Said[] {
  const authorization = tool.mayCall(told(policy, context, args))
  if (authorization.k !== 'permit' || policy.asides.size === 0) return authorizationFaults(authorization)
  // One that could not be evaluated may have something to say all the same.
  const permitting = [...authorization.policies, ...(authorization.skipped ?? [])]
  const { tier, environment } = policy
  const known = withoutAdvice(context)
  const facts = { ...known, tool: tool.toolId, effect: tool.effect, tier, environment, args }
  return asidesThatHold(policy.asides, permitting, facts).map(({ k, policy: detail }) => ({
    k,
    code: k === 'deny' ? 'condition_forbids' : 'condition_needs_approval',
    detail,
  }))
}

function authorizationFaults({ k, policies }: Authorization): Said[] {
  if (k === 'permit') return []
  if (k === 'deny' && policies.length === 0) return [{ k: 'deny', code: 'policy_absent' }]
  return policies.map((detail) =>
    k === 'fault'
      ? { k: 'fault', code: 'policy_fault', detail }
      : { k: 'deny', code: 'policy_forbids', detail },
  )
}

function contextOf(policy: ToolPolicy, tool: PolicyTool, args: Json, facts: CallFacts): CallContext {
  const { exposure, findings, risk } = facts
  const { suspicions = noSuspicions, inArguments } = facts
  const about = (found: Partial<InArguments>) => adviceFor(policy, tool, facts, found)
  const advised = {
    guard: about({ suspicions: [...suspicions(args), ...(inArguments?.suspicions ?? [])] }),
    data: about({ isAboveCeiling: inArguments?.isAboveCeiling === true }),
    canary: about({ hasCanary: inArguments?.hasCanary === true }),
  }
  return {
    taint: exposure.taint,
    taintSources: exposure.sources,
    findings,
    risk: Math.round(risk),
    dataClass: dataClassIn(exposure),
    externalSend: tool.sendsOutside,
    trifecta: isLethalTrifecta(exposure, tool.sendsOutside),
    destinationListed: isDestinationListed(args, tool.registration),
    targetRegistered: isTargetRegistered(args, tool.registration),
    ...(advised.guard === null ? {} : { guard: advised.guard }),
    ...(advised.data === null ? {} : { data: advised.data }),
    ...(advised.canary === null ? {} : { canary: advised.canary }),
  }
}

/** What the guard advises because of what was found; null where it has nothing to say. */
function adviceFor(
  { tier }: ToolPolicy,
  { effect, sendsOutside }: PolicyTool,
  { exposure }: CallFacts,
  found: Partial<InArguments>,
): 'step_up' | 'block' | null {
  const { suspicions = [], isAboveCeiling = false, hasCanary = false } = found
  if (suspicions.length === 0 && !isAboveCeiling && !hasCanary) return null
  const { advice } = adviseOn({
    pending: { k: 'tool_call', effect, sendsOutside },
    tier,
    suspicions,
    isAboveCeiling,
    hasCanary,
    isChanged: false, // the pin has said so
    isTainted: exposure.taint === 'untrusted',
    isTrifecta: isLethalTrifecta(exposure, sendsOutside),
  })
  return advice === 'step_up' || advice === 'block' ? advice : null
}

const noSuspicions = () => []

/** What the guard advises is a floor and no fact for a policy. */
function withoutAdvice({ guard: _order, data: _data, canary: _canary, ...facts }: CallContext) {
  return facts
}

/** The context in Cedar's types, as its model has it. */
function told({ tier, environment }: ToolPolicy, known: CallContext, args: Json): CedarRecord {
  const context = withoutAdvice(known)
  return recordOf({
    ...context,
    tier: BigInt(tier),
    environment,
    taintSources: setOf(context.taintSources),
    findings: setOf(context.findings),
    risk: BigInt(context.risk),
    dataClass: BigInt(context.dataClass),
    args: valueOfData(args),
  })
}

/** What no policy of an organisation can switch off. */
function floorsOf(tool: PolicyTool, { taint, trifecta, guard, data, canary }: CallContext): Said[] {
  const changes = effects.indexOf(tool.effect) > effects.indexOf('draft')
  const floors: Said[] = []
  if (taint === 'untrusted' && (changes || tool.sendsOutside))
    floors.push({ k: 'approve', code: 'tainted_effect' })
  if (trifecta) floors.push({ k: 'approve', code: 'lethal_trifecta' })
  if (guard === 'step_up') floors.push({ k: 'approve', code: 'injection_suspected' })
  if (guard === 'block') floors.push({ k: 'deny', code: 'injection_linked' })
  for (const [advice, code] of [
    [data, 'data_above_ceiling'],
    [canary, 'canary_out_of_place'],
  ] as const)
    if (advice !== undefined) floors.push({ k: advice === 'block' ? 'deny' : 'approve', code })
  return floors
}

/** What the granted autonomy leaves to the system itself. A veto needs somebody who is told in time, so it is a question. */
const actsAlone: Readonly<Record<Autonomy, (effect: Effect) => ToolOutcome>> = {
  A0: (effect) => (effect === 'read' ? 'allow' : 'deny'),
  A1: (effect) => (effect === 'read' || effect === 'draft' ? 'allow' : 'deny'),
  A2: (effect) => (effect === 'read' || effect === 'draft' ? 'allow' : 'approve'),
  A3: (effect) => (effect === 'read' || effect === 'draft' ? 'allow' : 'approve'),
  A4: () => 'allow',
}

function autonomyOf({ autonomyMax, effect }: PolicyTool): Said[] {
  const k = actsAlone[autonomyMax](effect)
  if (k === 'allow') return []
  return [{ k, code: k === 'deny' ? 'autonomy_forbids' : 'autonomy_needs_approval', detail: autonomyMax }]
}

function oversightOf({ oversight }: Pick<CallFacts, 'oversight'>): Said[] {
  if (oversight === 'auto') return []
  return oversight === 'approve'
    ? [{ k: 'approve', code: 'oversight_needs_approval' }]
    : [{ k: 'deny', code: 'oversight_forbids' }]
}

/** The most stringent of what was said, with every reason, the gravest first. */
function decisionOf(said: readonly Said[]): ToolDecision {
  const gravity = ({ k }: Said) => toolOutcomes.indexOf(k)
  const ordered = said.toSorted((a, b) => gravity(b) - gravity(a))
  const reasons = ordered.map(({ code, detail }) => (detail === undefined ? { code } : { code, detail }))
  return { k: ordered[0]?.k ?? 'allow', reasons }
}

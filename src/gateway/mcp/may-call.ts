import type { Json } from '../../kernel/index.ts'
import { isTree, type Tree } from '../dialect/reading.ts'
import type { ReasonCode } from '../reasons.ts'
import type { VerifiedGrant } from '../snapshot.ts'
import type { CallsDecision, ToolFacts, ToolGate } from '../tools.ts'
import type { ListedTool } from './listed-tool.ts'
import type { Memory } from './memory.ts'

export type ToolCall = {
  readonly grant: VerifiedGrant
  readonly server: string
  readonly name: string
  /** The tool as its server describes it now; null when it has no such tool. */
  readonly listed: ListedTool | null
  readonly args: Json
}

/** How a grant and a record name a tool. */
export function toolIdOf(server: string, name: string): string {
  return `${server}/${name}`
}

/** Whether a server may be spoken to at all: the grant names something of it. */
export function isServerGranted(
  { scope }: { readonly scope: Pick<VerifiedGrant['scope'], 'tools' | 'capabilities'> },
  server: string,
): boolean {
  const hasTool = scope.tools.some(({ toolId }) => toolId.startsWith(`${server}/`))
  return (
    hasTool ||
    offers(scope.capabilities, 'resources', server) ||
    offers(scope.capabilities, 'prompts', server)
  )
}

/** Whether the grant opens the resources, or the prompts, of a server. */
export function offers(
  capabilities: readonly string[],
  what: 'resources' | 'prompts',
  server: string,
): boolean {
  return capabilities.includes(`mcp_${what}:${server}`)
}

/** Whether the grant opens a method beside the calls and the list of tools. */
export function mayAsk(
  { scope: { capabilities, tools } }: VerifiedGrant,
  server: string,
  { method, params }: { readonly method: string; readonly params: Tree },
): boolean {
  const open = (what: 'resources' | 'prompts') => offers(capabilities, what, server)
  const ref = isTree(params['ref']) ? params['ref']['type'] : null
  switch (method) {
    case 'resources/list':
    case 'resources/templates/list':
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return open('resources')
    case 'prompts/list':
    case 'prompts/get':
      return open('prompts')
    case 'completion/complete':
      return ref === 'ref/prompt' ? open('prompts') : ref === 'ref/resource' && open('resources')
    case 'logging/setLevel':
      return isServerGranted({ scope: { capabilities, tools } }, server)
    default:
      return false
  }
}

/** Whether the definition that a server gives now is the one that the grant pins. */
export function isPinned({ scope }: VerifiedGrant, server: string, tool: ListedTool): boolean {
  const granted = scope.tools.find(({ toolId }) => toolId === toolIdOf(server, tool.name))
  return granted !== undefined && tool.pin.ok && tool.pin.digest === granted.definitionSha256
}

/**
 * Decides about one call of a tool: the grant, the pinned definition, then the arguments. Null when it may run.
 * INVARIANT: what this refuses never reaches a server; what a policy adds can only refuse more.
 */
export function mayCall({ grant, server, name, listed, args }: ToolCall): ReasonCode | null {
  const { claims, scope } = grant
  const granted = scope.tools.find(({ toolId }) => toolId === toolIdOf(server, name))
  if (granted === undefined || claims.mode !== 'enforce') return 'tool_not_granted'
  if (listed === null) return 'tool_unknown'
  if (!isPinned(grant, server, listed)) return 'tool_definition_changed'
  const { schema } = listed
  if (!schema.ok) return 'arguments_refused'
  return schema.check(args).k === 'ok' ? null : 'arguments_refused'
}

/** What the policy of the grant says of a call that `mayCall` lets pass. */
export function decisionOfPolicy(
  gate: ToolGate,
  { server, name, listed, args }: ToolCall,
  memory: Pick<Memory, 'exposure' | 'suspicions' | 'risk'>,
  { findings, risk = 0, keep, inArguments }: Pick<ToolFacts, 'findings' | 'risk' | 'keep' | 'inArguments'>,
): CallsDecision {
  if (listed === null) return { k: 'deny', code: 'tool_unknown' }
  const tool = toolIdOf(server, name)
  const offer = { name: tool, isHosted: false, definition: listed.tree }
  const call = { id: '', name: tool, args: JSON.stringify(args), form: 'json' as const }
  return gate.decideCalls('mcp', [offer], [call], {
    exposure: memory.exposure,
    suspicions: (of) => memory.suspicions(of),
    findings,
    risk: Math.max(risk, memory.risk),
    ...(keep === undefined ? {} : { keep }),
    ...(inArguments === undefined ? {} : { inArguments }),
  })
}

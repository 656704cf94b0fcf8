import type { Json } from '../../kernel/index.ts'
import type { Caller } from '../admit.ts'
import type { Tree } from '../dialect/reading.ts'
import type { Exchange } from '../exchange.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { Log } from '../ports.ts'
import type { Sightings } from '../sightings.ts'
import type { CallsDecision, ToolGates } from '../tools.ts'
import type { ListedTool } from './listed-tool.ts'
import { decisionOfPolicy, isPinned, mayCall, toolIdOf } from './may-call.ts'
import type { Memory } from './memory.ts'
import { readDefinition } from './places.ts'

/** With what the tools of a server are looked at for one message of a client. */
export type OpenedDeps = {
  readonly log: Log
  /** Told of the definitions that pass by. */
  readonly sightings: Pick<Sightings, 'see'>
  readonly tools: ToolGates
  readonly exchange: Exchange
  readonly inspection: Inspection
  /** What the client has read. */
  readonly memory: Memory
}

/** A call of a tool, as a client asks for it and as its server describes it now; null when it has no such tool. */
export type OpenedCall = {
  readonly server: string
  readonly name: string
  readonly args: Tree
  readonly listed: ListedTool | null
}

/** Those of the tools of a server that the grant names and pins, and that are clean. */
export function openedTools(
  deps: OpenedDeps,
  { grant }: Caller,
  server: string,
  tools: readonly ListedTool[],
): readonly ListedTool[] {
  return tools.filter((tool) => {
    const toolId = toolIdOf(server, tool.name)
    deps.sightings.see(grant.claims.sub, toolId, tool.pin)
    if (!grant.scope.tools.some((granted) => granted.toolId === toolId)) return false
    if (!isPinned(grant, server, tool)) {
      noteChanged(deps, server, tool)
      return false
    }
    const isToolClean = isClean(deps.inspection, tool)
    if (!isToolClean) deps.exchange.note('tool_definition_poisoned')
    return isToolClean
  })
}

/** Decides about a call by everything that may object to it: grant, pin, schema, policy, guard. */
export function decideCall(
  deps: OpenedDeps,
  caller: Caller,
  { server, name, args, listed }: OpenedCall,
): CallsDecision {
  const { exchange, inspection, memory } = deps
  const { grant } = caller
  const call = { grant, server, name, listed, args: args as Json } // read from JSON
  const objection = mayCall(call)
  if (objection === 'tool_definition_changed' && listed !== null) noteChanged(deps, server, listed)
  if (objection !== null) return { k: 'deny', code: objection }
  const decision = decisionOfPolicy(deps.tools.of(caller), call, memory, {
    findings: inspection.findings.rules,
    risk: inspection.risk,
    inArguments: () => inspection.inArguments,
    keep: exchange.keepTool,
  })
  if (decision.k === 'deny' || listed === null || isClean(inspection, listed)) return decision
  return { k: 'deny', code: 'tool_definition_poisoned' }
}

function isClean(inspection: Inspection, { tree, numbers }: ListedTool): boolean {
  return !inspection.judge('output', readDefinition(tree, numbers)).isBlocked
}

/** INVARIANT: a definition that changes after it was authorized is told, and its tool stands still. */
function noteChanged({ exchange, log }: OpenedDeps, server: string, { name, pin }: ListedTool): void {
  exchange.note('tool_definition_changed')
  const tool = toolIdOf(server, name).slice(0, 200)
  const definition = pin.ok ? pin.digest : pin.fault
  log('error', 'gateway.mcp.definition_changed', { record: exchange.id, tool, definition })
}

import type { Json } from '../../kernel/index.ts'
import type { Caller } from '../admit.ts'
import type { Tree } from '../dialect/reading.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Sightings } from '../sightings.ts'
import type { AskedCall, ToolFacts, ToolGates } from '../tools.ts'
import type { Link } from './link.ts'
import type { ListedTool } from './listed-tool.ts'
import type { Memory } from './memory.ts'
import { decisionOfPolicy, isPinned, mayCall, toolIdOf } from './may-call.ts'
import { mirroredArguments, type Mirrored } from './mirrored.ts'
import { readDefinition } from './places.ts'

/** A call of a tool that may run, at once or when a person has agreed to it. */
export type Ready = {
  readonly link: Link
  readonly mirrored: Mirrored
  /** Null: nobody has to be asked. */
  readonly asked: AskedCall | null
}

export type ReadyDeps = {
  readonly tools: ToolGates
  /** Told of the definitions that pass by. */
  readonly sightings: Pick<Sightings, 'see'>
  readonly keep?: ToolFacts['keep']
  readonly inspection: Inspection
  /** What the client has read. */
  readonly memory: Memory
  /** Told of a tool that is not what the grant pins any more. */
  readonly onChanged: (tool: ListedTool) => void
}

/** For how long the definitions of a server are taken to be what they were. */
const definitionsMs = 30_000

/** Decides about a call by everything that may object to it: grant, pin, schema, policy, guard. */
export async function readyTool(
  { tools, sightings, keep, inspection, memory, onChanged }: ReadyDeps,
  caller: Caller,
  link: Link,
  { name, args }: { readonly name: string; readonly args: Tree },
  ages: readonly number[] = [definitionsMs, 0],
): Promise<Ready | { readonly refused: ReasonCode }> {
  const { grant } = caller
  const listed = await listedTool(caller, link, name, ages)
  if (listed !== null) sightings.see(grant.claims.sub, toolIdOf(link.server, name), listed.pin)
  const call = { grant, server: link.server, name, listed, args: args as Json } // read from JSON
  const objection = mayCall(call)
  if (objection === 'tool_definition_changed' && listed !== null) onChanged(listed)
  if (objection !== null) return { refused: objection }
  const decision = decisionOfPolicy(tools.of(caller), call, memory, {
    findings: inspection.rules,
    risk: inspection.risk,
    inArguments: () => inspection.inArguments,
    ...(keep === undefined ? {} : { keep }),
  })
  if (decision.k === 'deny') return { refused: decision.code }
  if (listed !== null && !isToolClean(inspection, listed)) return { refused: 'tool_definition_poisoned' }
  const mirrored = mirroredArguments(listed?.tree['inputSchema'], args)
  if (mirrored === null) return { refused: 'tool_definition_changed' }
  const [asked = null] = decision.k === 'ask' ? decision.asked : []
  return { link, mirrored, asked }
}

export function isToolClean(inspection: Inspection, { tree, numbers }: ListedTool): boolean {
  return !inspection.judge('output', readDefinition(tree, numbers)).isBlocked
}

/** The tool as its server describes it now. What does not fit the grant is looked at once more. */
async function listedTool(
  { grant }: Caller,
  link: Link,
  name: string,
  ages: readonly number[],
): Promise<ListedTool | null> {
  let found: ListedTool | null = null
  for (const ageMs of ages) {
    found = (await link.tools(ageMs)).find((candidate) => candidate.name === name) ?? null
    if (found !== null && isPinned(grant, link.server, found)) return found
  }
  return found
}

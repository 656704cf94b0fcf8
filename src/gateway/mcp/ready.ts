import type { Caller } from '../admit.ts'
import type { Tree } from '../dialect/reading.ts'
import type { ReasonCode } from '../reasons.ts'
import type { AskedCall } from '../tools.ts'
import type { Link } from './link.ts'
import type { ListedTool } from './listed-tool.ts'
import { isPinned, toolIdOf } from './may-call.ts'
import { mirroredArguments, type Mirrored } from './mirrored.ts'
import { decideCall, type OpenedDeps } from './opened-tools.ts'

/** A call of a tool that may run, at once or when a person has agreed to it. */
export type Ready = {
  readonly link: Link
  readonly mirrored: Mirrored
  /** Null: nobody has to be asked. */
  readonly asked: AskedCall | null
}

/** For how long the definitions of a server are taken to be what they were. */
const definitionsMs = 30_000

/** Finds out about the tool of a call and decides about the call. Throws a Fault where its server does not tell. */
export async function readyTool(
  deps: OpenedDeps,
  caller: Caller,
  link: Link,
  { name, args }: { readonly name: string; readonly args: Tree },
  ages: readonly number[] = [definitionsMs, 0],
): Promise<Ready | { readonly refused: ReasonCode }> {
  const { server } = link
  const listed = await listedTool(caller, link, name, ages)
  if (listed !== null) deps.sightings.see(caller.grant.claims.sub, toolIdOf(server, name), listed.pin)
  const decision = decideCall(deps, caller, { server, name, args, listed })
  if (decision.k === 'deny') return { refused: decision.code }
  const mirrored = mirroredArguments(listed?.tree['inputSchema'], args)
  if (mirrored === null) return { refused: 'tool_definition_changed' }
  const [asked = null] = decision.k === 'ask' ? decision.asked : []
  return { link, mirrored, asked }
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

import { isTree } from '../dialect/reading.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { Brought } from '../inspection/suspicion.ts'
import { readExactTree } from '../wire/json.ts'
import type { ServerFacts } from './link.ts'
import { readOwnWords } from './places.ts'
import { implementation } from './versions.ts'

/** What a client is told about a server, as it is written. */
export type ToldFacts = {
  /** Where it stands depends on the revision. */
  readonly info: string
  /** `capabilities`, and `instructions` where there are any for the client. */
  readonly members: readonly (readonly [name: string, text: string])[]
  /** What was found in each text of the server that stands in it. */
  readonly brought: readonly Brought[]
}

export type Telling = {
  readonly inspection: Inspection
  /** Whether the grant opens the resources of the server, and its prompts. */
  readonly opened: { readonly resources: boolean; readonly prompts: boolean }
  /** Whether client and server both speak an older revision: only these have streams on which changes are told. */
  readonly isOld: boolean
}

/** For several servers the gateway speaks in its own name. */
export const ownFacts: ToldFacts = {
  info: implementation,
  members: [['capabilities', '{"tools":{}}']],
  brought: [],
}

/** What a client is told about a server: what the grant opens of what it has, and of its words those that are clean. */
export async function toldFacts(facts: ServerFacts, telling: Telling): Promise<ToldFacts> {
  const brought: Brought[] = []
  const clean = async (written: string | null): Promise<string | null> => {
    const read = written === null ? null : readExactTree(written)
    if (read?.ok !== true) return null
    const { inspection } = telling
    const { isBlocked } = await inspection.judgeByLength('output', readOwnWords(read.tree, read.numbers))
    const found = inspection.takeBrought() // of words that are kept back too, which bring nothing
    if (isBlocked) return null
    if (!isIdentity(read.tree)) brought.push(found)
    return written
  }
  const info = (await clean(facts.info)) ?? implementation
  const instructions = await clean(facts.instructions)
  const capabilities = openedCapabilities(facts, telling)
  return {
    info,
    members: [
      ['capabilities', capabilities],
      ...(instructions === null ? [] : ([['instructions', instructions]] as const)),
    ],
    brought,
  }
}

/** A name and a version are no text that anybody reads for what it says, as long as they look like it. */
function isIdentity(words: unknown): boolean {
  return (
    isTree(words) &&
    Object.entries(words).every(
      ([member, value]) =>
        (member === 'name' || member === 'version') &&
        typeof value === 'string' &&
        /^[\w.@/+-]{1,64}$/.test(value),
    )
  )
}

function openedCapabilities({ capabilities }: ServerFacts, { opened, isOld }: Telling): string {
  const has = (name: string) => isTree(capabilities[name])
  const live = (name: string, ...members: readonly string[]) => {
    const of = capabilities[name]
    const told = members.filter((member) => isOld && isTree(of) && of[member] === true)
    return Object.fromEntries(told.map((member) => [member, true]))
  }
  return JSON.stringify({
    ...(has('tools') ? { tools: live('tools', 'listChanged') } : {}),
    ...(has('resources') && opened.resources
      ? { resources: live('resources', 'listChanged', 'subscribe') }
      : {}),
    ...(has('prompts') && opened.prompts ? { prompts: live('prompts', 'listChanged') } : {}),
    ...(has('completions') && (opened.resources || opened.prompts) ? { completions: {} } : {}),
    ...(has('logging') && isOld ? { logging: {} } : {}),
  })
}

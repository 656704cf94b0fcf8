import type { Json } from '../../kernel/index.ts'
import { pinOf, type Pinned } from '../../guard/tools/pin.ts'
import { compileSchema, type CompiledSchema } from '../../guard/tools/schema.ts'
import { isTree, type Tree } from '../dialect/reading.ts'
import { readExactTree } from '../wire/json.ts'
import { itemsOf } from '../wire/members.ts'
import { writtenAt, type Message } from './message.ts'

/** A tool as its server describes it now. */
export class ListedTool {
  readonly name: string
  /** The definition as it is written. */
  readonly text: string
  readonly tree: Tree
  readonly numbers: readonly string[]
  readonly pin: Pinned
  #schema: CompiledSchema | null = null

  constructor(name: string, text: string, tree: Tree, numbers: readonly string[]) {
    this.name = name
    this.text = text
    this.tree = tree
    this.numbers = numbers
    this.pin = pinOf('mcp', tree as Json) // a tree that was read from JSON
  }

  /** What its arguments must be. It costs something, so it is made when the tool is called first. */
  get schema(): CompiledSchema {
    this.#schema ??= this.pin.ok
      ? compileSchema(this.pin.definition.inputSchema)
      : { ok: false, fault: 'invalid' }
    return this.#schema
  }
}

/** Most tools of one server. */
export const mostTools = 512

/**
 * The tools in an answer to `tools/list`; null when it is none. UNTRUSTED: of two tools with one name neither is taken,
 * since nobody can say which of them is meant.
 */
export function listedTools(answer: Message & { readonly k: 'result' }): readonly ListedTool[] | null {
  const written = writtenAt(answer.text, 'result', 'tools')
  const items = written === null ? null : itemsOf(written)
  if (items === null || items.length > mostTools) return null
  const tools: ListedTool[] = []
  for (const item of items) {
    const read = readExactTree(item)
    if (!read.ok || !isTree(read.tree)) return null
    const { name } = read.tree
    if (typeof name !== 'string' || name === '') return null
    tools.push(new ListedTool(name, item, read.tree, read.numbers))
  }
  return tools
}

/** The tools whose names occur once. */
export function withoutNamesakes(tools: readonly ListedTool[]): readonly ListedTool[] {
  const seen = new Map<string, number>()
  for (const { name } of tools) seen.set(name, (seen.get(name) ?? 0) + 1)
  return tools.filter(({ name }) => seen.get(name) === 1)
}

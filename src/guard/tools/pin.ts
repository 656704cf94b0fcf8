import { canonicalBytes, digestOfBytes, NotCanonical } from '../../kernel/index.ts'
import type { Digest, Json, JsonObject } from '../../kernel/index.ts'

/** What a tool says of itself, whatever wire it came over. It is text of whoever wrote the tool: untrusted. */
export type ToolDefinition = {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: Json
  readonly outputSchema?: Json
  readonly annotations?: Json
}

/** The wires on which definitions arrive. */
export type DefinitionForm = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'mcp'

export type Pinned =
  | { readonly ok: true; readonly definition: ToolDefinition; readonly digest: Digest }
  | { readonly ok: false; readonly fault: 'definition_unreadable' | 'definition_too_large' }

export const maxDefinitionBytes = 256 * 1024

/** The schema of a tool that states none, and of the OpenAI forms without `parameters`: no arguments. */
const noArguments: Json = { type: 'object', properties: {} }

/**
 * Reads a definition and names it by its digest. The same tool has the same digest on every wire: what a wire cannot
 * carry (title, output schema, annotations) is absent in both, and what says nothing of the tool (`strict`,
 * `cache_control`, `_meta`, icons) is left out.
 */
export function pinOf(form: DefinitionForm, wire: Json): Pinned {
  const definition = readers[form](wire)
  if (definition === null) return { ok: false, fault: 'definition_unreadable' }
  try {
    const bytes = canonicalBytes(decimalsAsText(definition, 0))
    if (bytes.length > maxDefinitionBytes) return { ok: false, fault: 'definition_too_large' }
    return { ok: true, definition, digest: digestOfBytes(bytes) }
  } catch (cause) {
    if (!(cause instanceof NotCanonical)) throw cause
    return { ok: false, fault: 'definition_unreadable' }
  }
}

/** A function tool of OpenAI chat: `{type, function: {name, description, parameters, strict}}`. */
export function definitionOfChat(wire: Json): ToolDefinition | null {
  if (!isObject(wire) || wire['type'] !== 'function') return null
  return definitionFrom(wire['function'], 'parameters')
}

/** A function tool of OpenAI Responses: the same, flat. */
export function definitionOfResponses(wire: Json): ToolDefinition | null {
  if (!isObject(wire) || wire['type'] !== 'function') return null
  return definitionFrom(wire, 'parameters')
}

/** A client tool of Anthropic messages: `{name, description, input_schema}`; hosted ones have a type of their own. */
export function definitionOfAnthropic(wire: Json): ToolDefinition | null {
  if (!isObject(wire)) return null
  const type = wire['type']
  if (type !== undefined && type !== null && type !== 'custom') return null
  return definitionFrom(wire, 'input_schema')
}

/** A tool of MCP `tools/list`. */
export function definitionOfMcp(wire: Json): ToolDefinition | null {
  const definition = definitionFrom(wire, 'inputSchema')
  if (definition === null || !isObject(wire)) return null
  const title = textOf(wire['title'])
  if (title === null) return null
  const { outputSchema, annotations } = wire
  return {
    ...definition,
    ...(title === undefined ? {} : { title }),
    ...(isAbsent(outputSchema) ? {} : { outputSchema }),
    ...(isAbsent(annotations) ? {} : { annotations }),
  }
}

const readers: Readonly<Record<DefinitionForm, (wire: Json) => ToolDefinition | null>> = {
  'openai-chat': definitionOfChat,
  'openai-responses': definitionOfResponses,
  'anthropic-messages': definitionOfAnthropic,
  mcp: definitionOfMcp,
}

function definitionFrom(wire: Json | undefined, schemaMember: string): ToolDefinition | null {
  if (!isObject(wire)) return null
  const name = wire['name']
  const description = textOf(wire['description'])
  if (typeof name !== 'string' || name === '' || description === null) return null
  const schema = wire[schemaMember]
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: isAbsent(schema) ? noArguments : schema,
  }
}

/** Absent and null say the same on every wire; null here means that there is something else than a text. */
function textOf(member: Json | undefined): string | undefined | null {
  if (isAbsent(member)) return undefined
  return typeof member === 'string' ? member : null
}

function isAbsent(member: Json | undefined): member is undefined | null {
  return member === undefined || member === null
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Schemas may hold fractions (`multipleOf: 0.01`), which nothing that we hash may. `0.01` is hashed as `{"#": "0.01"}`.
 * INVARIANT: two definitions never become one, so a name that begins with `#` gets another one in front.
 */
function decimalsAsText(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : { '#': String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (depth > 64) throw new NotCanonical('deeper than 64 levels')
  if (Array.isArray(value)) return value.map((item: unknown) => decimalsAsText(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.startsWith('#') ? `#${name}` : name,
      decimalsAsText(member, depth + 1),
    ]),
  )
}

import { isTree, type Tree } from '../dialect/reading.ts'

/** Names and values of the headers that repeat arguments of a call, names in lower case. */
export type Mirrored = ReadonlyMap<string, string>

/**
 * The headers `Mcp-Param-*` of a call, by the annotations `x-mcp-header` in the schema of its tool. Null when an
 * annotation stands where none may stand, or two have one name: such a tool cannot be called.
 * SPEC: MCP 2026-07-28, streamable HTTP, custom headers from tool parameters.
 */
export function mirroredArguments(schema: unknown, args: Tree): Mirrored | null {
  const found = new Map<string, string>()
  const names = new Set<string>()
  return collect(schema, args, names, found) && count(schema) === names.size ? found : null
}

function collect(schema: unknown, value: unknown, names: Set<string>, found: Map<string, string>): boolean {
  if (!isTree(schema) || !isTree(schema['properties'])) return true
  for (const [property, member] of Object.entries(schema['properties'])) {
    if (!isTree(member)) continue
    const of = isTree(value) && Object.hasOwn(value, property) ? value[property] : undefined
    const header = member[annotation]
    if (header !== undefined) {
      const isMirrorable = ['string', 'integer', 'boolean'].includes(String(member['type']))
      if (typeof header !== 'string' || !/^[!#$%&'*+.^_`|~\w-]{1,128}$/.test(header) || !isMirrorable)
        return false
      const name = `mcp-param-${header.toLowerCase()}`
      if (names.has(name)) return false
      names.add(name)
      const isWritten = typeof of === 'string' || typeof of === 'boolean' || Number.isSafeInteger(of)
      if (isWritten) found.set(name, String(of))
    }
    if (!collect(member, of, names, found)) return false
  }
  return true
}

/** Annotations anywhere in a schema; one that `collect` has not met stands where none may stand. */
function count(schema: unknown): number {
  if (Array.isArray(schema)) return schema.reduce<number>((sum, item) => sum + count(item), 0)
  if (!isTree(schema)) return 0
  let sum = 0
  for (const [name, member] of Object.entries(schema))
    sum += name === annotation && typeof member === 'string' ? 1 : count(member)
  return sum
}

const annotation = 'x-mcp-header'

/** A text as the value of a header: as it is, or in base64 where it could not stand there. */
export function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)
  const isSentinel = text.startsWith(sentinel[0]) && text.endsWith(sentinel[1])
  return isPlain && !isSentinel
    ? text
    : `${sentinel[0]}${Buffer.from(text, 'utf8').toString('base64')}${sentinel[1]}`
}

/** What the value of a header says; null when it says nothing in its one spelling. */
export function headerText(value: string): string | null {
  if (!value.startsWith(sentinel[0]) || !value.endsWith(sentinel[1])) return value
  const base64 = value.slice(sentinel[0].length, -sentinel[1].length)
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString('utf8')
  return bytes.toString('base64') === base64 && Buffer.from(text, 'utf8').equals(bytes) ? text : null
}

const sentinel = ['=?base64?', '?='] as const

import { pinOf, type DefinitionForm } from '../guard/tools/pin.ts'
import { compileSchema } from '../guard/tools/schema.ts'
import type { Json } from '../kernel/index.ts'
import { exitCodes, printable, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { unreadable } from './trust.ts'

type Named = { readonly name: string; readonly digest: string | null; readonly fault: string | null }

/** `tool digest`: what a release declares of its tools, offline. The digest is the same on every API. */
export function toolDigestCommand(): CliCommand {
  return {
    name: 'tool digest',
    summary:
      'Digests of the definitions of tools in a file, as a release declares them: exit 3 when one is unusable',
    positionals: ['file'],
    run: async ({ positionals, io, print }) => {
      const named = definitionsIn(await jsonIn(positionals[0] ?? '', io)).map(digestOf)
      if (named.length === 0) throw new UsageError('the file holds no definition of a tool')
      const lines = named.map(({ name, digest, fault }) => `${digest ?? fault ?? ''}  ${name}`)
      print({ tools: named }, printable(lines.join('\n')))
      return named.every(({ fault }) => fault === null) ? exitCodes.ok : exitCodes.refused
    },
  }
}

function digestOf(definition: Json): Named {
  const form = formOf(definition)
  if (form === null) return { name: '?', digest: null, fault: 'definition_unreadable' }
  const pinned = pinOf(form, definition)
  if (!pinned.ok) return { name: '?', digest: null, fault: pinned.fault }
  const { name, inputSchema } = pinned.definition
  const schema = compileSchema(inputSchema)
  return { name, digest: pinned.digest, fault: schema.ok ? null : schema.fault }
}

/** A definition, a list of them, or a request or an answer of `tools/list` that holds them as `tools`. */
function definitionsIn(json: Json): readonly Json[] {
  if (Array.isArray(json)) return json
  if (typeof json !== 'object' || json === null) return []
  const { tools } = json as { readonly [name: string]: Json | undefined } // no list
  return Array.isArray(tools) ? tools : [json]
}

/** Each API has a member of its own for the schema. */
function formOf(definition: Json): DefinitionForm | null {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) return null
  if ('input_schema' in definition) return 'anthropic-messages'
  if ('inputSchema' in definition) return 'mcp'
  if ('function' in definition) return 'openai-chat'
  return 'name' in definition ? 'openai-responses' : null
}

async function jsonIn(path: string, io: CliIo): Promise<Json> {
  try {
    return JSON.parse(await io.readFile(path)) as Json // what JSON.parse gives is JSON
  } catch (cause) {
    return unreadable(cause)
  }
}

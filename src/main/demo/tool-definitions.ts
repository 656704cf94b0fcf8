import { pinOf } from '../../guard/tools/pin.ts'
import { digestOf, type Digest, type JsonObject } from '../../kernel/index.ts'

/** What an invented tool of the demo says of itself, as its server lists it. */
export function definitionOf(toolId: string): JsonObject {
  const [, name = toolId] = toolId.split('/')
  return {
    name,
    description: `${name.replaceAll(/[-_]/g, ' ')} of ${toolId.split('/')[0] ?? ''}`,
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string', maxLength: 200 }, note: { type: 'string', maxLength: 2_000 } },
      required: ['id'],
      additionalProperties: false,
    },
  }
}

/** What a release pins of it. */
export function definitionDigestOf(toolId: string): Digest {
  const pin = pinOf('mcp', definitionOf(toolId))
  return pin.ok ? pin.digest : digestOf({ tool: toolId })
}

import type { Tool } from '@anthropic-ai/sdk/resources/messages'
import type { ChatCompletionTool } from 'openai/resources/chat/completions'
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction'
import type { FunctionTool } from 'openai/resources/responses/responses'
import { z } from 'zod'

/** The two tools that scripts of the mock provider call, as plain JSON schema. */
export const toolSchemas = {
  look_up_host: {
    description: 'Looks up a host of the inventory.',
    schema: {
      type: 'object',
      properties: { host: { type: 'string' }, fields: { type: 'array', items: { type: 'string' } } },
      required: ['host', 'fields'] as string[],
    },
  },
  look_up_user: {
    description: 'Looks up a user of the directory.',
    schema: {
      type: 'object',
      properties: { user: { type: 'string' }, 'odd "key"': { type: 'string' } },
      required: ['user'] as string[],
    },
  },
} as const

/** What each tool answers to the arguments that it got. */
export const toolResult = (name: string, args: unknown): string => `${name} was asked ${JSON.stringify(args)}`

const names = ['look_up_host', 'look_up_user'] as const

export const chatTools: ChatCompletionTool[] = names.map((name) => ({
  type: 'function',
  function: { name, description: toolSchemas[name].description, parameters: toolSchemas[name].schema },
}))

export const responseTools: FunctionTool[] = names.map((name) => ({
  type: 'function',
  name,
  description: toolSchemas[name].description,
  parameters: toolSchemas[name].schema,
  strict: false,
}))

export const anthropicTools: Tool[] = names.map((name) => ({
  name,
  description: toolSchemas[name].description,
  input_schema: toolSchemas[name].schema,
}))

/** The chat tools, run by the tool runner. */
export function runnableTools(): RunnableToolFunctionWithParse<object>[] {
  return names.map((name) => ({
    type: 'function',
    function: {
      name,
      description: toolSchemas[name].description,
      parameters: toolSchemas[name].schema,
      parse: (text: string) => JSON.parse(text) as object, // the script's own arguments
      function: (args: object) => toolResult(name, args),
    },
  }))
}

export const verdictSchema = {
  severity: z.enum(['low', 'high']),
  confidence: z.number(),
  reasons: z.array(z.string()),
}

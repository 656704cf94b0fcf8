import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const sound = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='
const text = (words: string) => ({ type: 'text' as const, text: words })
const image = { type: 'image' as const, data: pixel, mimeType: 'image/png' }
const embedded = (uri: string, words: string, mimeType = 'text/plain') => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: words },
})
const results: Readonly<Record<string, readonly object[]>> = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: sound, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', '{"test":"data","value":123}', 'application/json'),
  ],
  test_tool_with_logging: [text('Done.')],
  test_tool_with_progress: [text('Done.')],
}
const words = { type: 'object' as const, properties: {} }
const modernSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
}
export const conformanceTools = [
  ...[...Object.keys(results), 'test_error_handling'].map((name) => ({
    name,
    description: `Does ${name}.`,
    inputSchema: words,
  })),
  {
    name: 'json_schema_2020_12_tool',
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: modernSchema,
  },
]
const prompts = [
  { name: 'test_simple_prompt', description: 'A prompt.' },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with arguments.',
    arguments: [
      { name: 'arg1', description: 'The first.', required: true },
      { name: 'arg2', description: 'The second.', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with a resource.',
    arguments: [{ name: 'resourceUri', description: 'Which.', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'A prompt with a picture.' },
]

/** The server that the conformance suite describes, as far as its scenarios apply to a gateway. */
export async function startConformanceServer() {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const listening = createServer((request, response) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    const open = async () => {
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (opened) => void sessions.set(opened, transport),
      })
      await served().connect(transport)
      return transport
    }
    const serve = async () => {
      await (known ?? (await open())).handleRequest(request, response)
    }
    serve().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/mcp`, // it listens on a port
    close: async () => {
      listening.closeAllConnections()
      await new Promise((resolve) => void listening.close(resolve))
    },
  }
}

function served(): Server {
  const server = new Server(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
    },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: conformanceTools }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
    const { name, _meta } = params
    if (name === 'test_error_handling')
      return { isError: true, content: [text('This tool intentionally returns an error for testing')] }
    if (name === 'test_tool_with_logging')
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
        await wait(20)
      }
    const progressToken = _meta?.progressToken
    if (name === 'test_tool_with_progress' && progressToken !== undefined)
      for (const progress of [0, 50, 100]) {
        await sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100 },
        })
        await wait(20)
      }
    return { content: [...(results[name] ?? [])] }
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [
      { uri: 'test://static-text', name: 'Text', description: 'A text.', mimeType: 'text/plain' },
      { uri: 'test://static-binary', name: 'Picture', description: 'A picture.', mimeType: 'image/png' },
    ],
  }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [
      {
        uriTemplate: 'test://template/{id}/data',
        name: 'Template',
        description: 'A template.',
        mimeType: 'application/json',
      },
    ],
  }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: pixel }] }
    const filled = '{"id":"123","templateTest":true,"data":"Data for ID: 123"}'
    if (uri.startsWith('test://template/'))
      return { contents: [{ uri, mimeType: 'application/json', text: filled }] }
    return {
      contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
    }
  })
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts }))
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: given = {} } }) => {
    const user = (content: object) => ({ role: 'user' as const, content })
    const said = {
      test_prompt_with_arguments: [
        user(text(`Prompt with arguments: arg1='${given['arg1'] ?? ''}', arg2='${given['arg2'] ?? ''}'`)),
      ],
      test_prompt_with_embedded_resource: [
        user(embedded(given['resourceUri'] ?? '', 'Embedded resource content for testing.')),
        user(text('Please process the embedded resource above.')),
      ],
      test_prompt_with_image: [user(image), user(text('Please analyze the image above.'))],
    }[name]
    return { messages: said ?? [user(text('This is a simple prompt for testing.'))] }
  })
  server.setRequestHandler(CompleteRequestSchema, () => ({ completion: { values: ['paris', 'park'] } }))
  server.setRequestHandler(SubscribeRequestSchema, () => ({}))
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}))
  server.setRequestHandler(SetLevelRequestSchema, () => ({}))
  return server
}

import Anthropic, {
  APIError as AnthropicApiError,
  AuthenticationError as AnthropicAuthenticationError,
  BadRequestError as AnthropicBadRequestError,
  InternalServerError as AnthropicInternalServerError,
  PermissionDeniedError as AnthropicPermissionDeniedError,
  RateLimitError as AnthropicRateLimitError,
  ServiceUnavailableError as AnthropicServiceUnavailableError,
} from '@anthropic-ai/sdk'
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import type { Side } from './sides.ts'
import { anthropicTools, chatTools, responseTools } from './tools.ts'

/** A call of any API, in words that all of them know. */
export type Wish = {
  readonly model: string
  readonly text?: string
  readonly withTool?: boolean
  readonly stream?: boolean
}
export type Point = Pick<Side, 'openai' | 'anthropic' | 'key'>
export type Options = { readonly maxRetries?: number; readonly fetch?: typeof fetch }

/** What was said, from the first to the last piece, and whether it ended because a filter would have it so. */
export type Said = { readonly text: string; readonly isFiltered: boolean }

/** One API as the client of its vendor calls it. */
export type Api = {
  /** Prefix of the aliases of its models. */
  readonly provider: 'mock' | 'mock-anthropic'
  readonly streams: boolean
  readonly offersTools: boolean
  /** Rejects with the client's error when there is one. */
  readonly call: (point: Point, wish: Wish, options?: Options) => Promise<Said>
  readonly errors: { readonly [status: number]: ErrorClass; readonly any: ErrorClass }
}
type ErrorClass = abstract new (...args: never) => Error

const openaiErrors = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  429: RateLimitError,
  502: InternalServerError,
  503: InternalServerError,
  any: APIError,
}
const anthropicErrors = {
  400: AnthropicBadRequestError,
  401: AnthropicAuthenticationError,
  403: AnthropicPermissionDeniedError,
  429: AnthropicRateLimitError,
  502: AnthropicInternalServerError,
  503: AnthropicServiceUnavailableError,
  any: AnthropicApiError,
}

const openaiAt = ({ openai, key }: Point, options: Options) =>
  new OpenAI({ baseURL: openai, apiKey: key, ...options })
const anthropicAt = ({ anthropic, key }: Point, options: Options) =>
  new Anthropic({ baseURL: anthropic, apiKey: key, ...options })
const ordinary = 'Is this alert real?'

export const chat: Api = {
  provider: 'mock',
  streams: true,
  offersTools: true,
  errors: openaiErrors,
  call: async (point, { model, text = ordinary, withTool = false, stream = false }, options = {}) => {
    const { completions } = openaiAt(point, options).chat
    const request = {
      model,
      messages: [{ role: 'user' as const, content: text }],
      ...(withTool ? { tools: chatTools } : {}),
    }
    if (!stream) {
      const [choice] = (await completions.create(request)).choices
      const said = choice?.message.content ?? ''
      return { text: said, isFiltered: choice?.finish_reason === 'content_filter' }
    }
    let [said, isFiltered] = ['', false]
    for await (const { choices } of await completions.create({ ...request, stream })) {
      said += choices[0]?.delta.content ?? ''
      isFiltered ||= choices[0]?.finish_reason === 'content_filter'
    }
    return { text: said, isFiltered }
  },
}

const responses: Api = {
  provider: 'mock',
  streams: true,
  offersTools: true,
  errors: openaiErrors,
  call: async (point, { model, text = ordinary, withTool = false, stream = false }, options = {}) => {
    const { responses } = openaiAt(point, options)
    const request = { model, input: text, store: false, ...(withTool ? { tools: responseTools } : {}) }
    const isFiltered = (response: OpenAI.Responses.Response) =>
      response.incomplete_details?.reason === 'content_filter'
    if (!stream) {
      const response = await responses.create(request)
      return { text: response.output_text, isFiltered: isFiltered(response) }
    }
    let [said, isCut] = ['', false]
    for await (const event of await responses.create({ ...request, stream })) {
      if (event.type === 'response.output_text.delta') said += event.delta
      if (event.type === 'response.incomplete') isCut = isFiltered(event.response)
    }
    return { text: said, isFiltered: isCut }
  },
}

const embeddings: Api = {
  provider: 'mock',
  streams: false,
  offersTools: false,
  errors: openaiErrors,
  call: async (point, { model, text = ordinary }, options = {}) => {
    const { data } = await openaiAt(point, options).embeddings.create({ model, input: text })
    return { text: JSON.stringify(data), isFiltered: false }
  },
}

const messages: Api = {
  provider: 'mock-anthropic',
  streams: true,
  offersTools: true,
  errors: anthropicErrors,
  call: async (point, { model, text = ordinary, withTool = false, stream = false }, options = {}) => {
    const client = anthropicAt(point, options)
    const request = {
      model,
      max_tokens: 1_000,
      messages: [{ role: 'user' as const, content: text }],
      ...(withTool ? { tools: anthropicTools } : {}),
    }
    const message = stream
      ? await client.messages.stream(request).finalMessage()
      : await client.messages.create(request)
    const said = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    return { text: said, isFiltered: message.stop_reason === 'refusal' }
  },
}

const tokenCount: Api = {
  provider: 'mock-anthropic',
  streams: false,
  offersTools: true,
  errors: anthropicErrors,
  call: async (point, { model, text = ordinary, withTool = false }, options = {}) => {
    const counted = await anthropicAt(point, options).messages.countTokens({
      model,
      messages: [{ role: 'user', content: text }],
      ...(withTool ? { tools: anthropicTools } : {}),
    })
    return { text: String(counted.input_tokens), isFiltered: false }
  },
}

export const apis: Readonly<Record<string, Api>> = {
  'openai chat': chat,
  'openai responses': responses,
  'openai embeddings': embeddings,
  'anthropic messages': messages,
  'anthropic token count': tokenCount,
}

import type { Channel } from '../../guard/text.ts'
import {
  by,
  id,
  json,
  list,
  media,
  name,
  number,
  numberSegment,
  object,
  readPlaces,
  sealed,
  text,
  word,
  type Place,
} from '../dialect/place.ts'
import { isTree, type Media, type Segment } from '../dialect/reading.ts'
import type { Message } from './message.ts'
import { metaNames } from './versions.ts'

/** What was read of a message. */
export type MessageReading = { readonly segments: readonly Segment[]; readonly media: readonly Media[] }

/** Reads what a client asks. Nothing of a request is ever changed: it goes on as it is, or not at all. */
export function readRequest(message: Message & { readonly method: string }): MessageReading {
  const params = requestParams[message.method] ?? json('unknown', 'sealed')
  return read(message, object({ ...frame, method: name, params }))
}

/** Reads what a server answers or tells while it works. */
export function readReply(message: Message, channel: Channel): MessageReading {
  return read(message, object({ ...frame, method: name, ...replies[channel === 'tool_result' ? 0 : 1] }))
}

/** Reads what the gateway writes itself where it stands between, and does not where a message passes somewhere else. */
export function readEnvelope({ tree }: Message): readonly Segment[] {
  const params = isTree(tree['params']) ? tree['params'] : {}
  const parts = [tree['id'], params['_meta'], params['progressToken']]
  return parts.flatMap((part) => readPlaces(json('unknown', 'sealed'), part, {}).segments)
}

/** Reads the definition of a tool, which its digest covers, so that nothing of it can be changed. */
export function readDefinition(tree: unknown, numbers: readonly string[]): readonly Segment[] {
  const place = json('tool_def', 'sealed')
  return [...readPlaces(place, tree, {}).segments, ...numbers.map(numberSegment)]
}

/**
 * Reads what a server says of itself, which nobody has pinned: as the document that it is, and by the rules for definitions
 * as well, since it tells a model how to use tools.
 */
export function readOwnWords(tree: unknown, numbers: readonly string[]): readonly Segment[] {
  return [...readPlaces(json('document', 'sealed'), tree, {}).segments, ...readDefinition(tree, numbers)]
}

function read(message: Message, place: Place): MessageReading {
  const { segments, media: found } = readPlaces(place, message.tree, {})
  return { segments: [...segments, ...message.numbers.map(numberSegment)], media: found }
}

/** What the gateway writes itself on the other side. */
const rewritten: Place = () => {}
const frame = { jsonrpc: word('2.0'), id: rewritten }
const requestMeta = object(
  {
    progressToken: rewritten,
    [metaNames.version]: rewritten,
    [metaNames.client]: rewritten,
    [metaNames.capabilities]: rewritten,
    [metaNames.logLevel]: word(
      'debug',
      'info',
      'notice',
      'warning',
      'error',
      'critical',
      'alert',
      'emergency',
    ),
  },
  json('unknown', 'sealed'),
)
const args = json('tool_args', 'sealed')
const asked = (members: Readonly<Record<string, Place>>) =>
  object({ ...members, _meta: requestMeta }, json('unknown', 'sealed'))
/** Goes to no server: it was sealed here, or it answers what was asked here. */
const brought: Place = () => {}
const named = asked({
  name: sealed('tool_args'),
  arguments: args,
})
const called = asked({
  name: sealed('tool_args'),
  arguments: json('tool_args', 'call'),
  requestState: brought,
  inputResponses: brought,
})
const listed = asked({ cursor: json('unknown', 'sealed') })
const located = asked({ uri: sealed('tool_args') })
const requestParams: Readonly<Record<string, Place>> = {
  'tools/call': called,
  'prompts/get': named,
  'tools/list': listed,
  'prompts/list': listed,
  'resources/list': listed,
  'resources/templates/list': listed,
  'resources/read': located,
  'resources/subscribe': located,
  'resources/unsubscribe': located,
  'completion/complete': asked({ ref: args, argument: args, context: args }),
  'logging/setLevel': asked({ level: word('debug', 'info', 'notice', 'warning', 'error', 'critical') }),
}

/** The same for every answer: which of the members are there depends on what was asked. */
function replyPlaces(channel: Channel): Readonly<Record<string, Place>> {
  const [written, any] = [text(channel), json(channel)]
  const meta = json('unknown')
  const annotations = object({
    audience: list(word('user', 'assistant')),
    priority: number,
    lastModified: written,
  })
  const described = {
    name: written,
    title: written,
    description: written,
    uri: written,
    uriTemplate: written,
    mimeType: name,
    size: number,
    annotations,
    icons: any,
    _meta: meta,
  }
  const resource = object({ ...described, text: written, blob: media('file', 'inline') })
  const content = by(
    'type',
    {
      text: object({ type: word('text'), text: written, annotations, _meta: meta }),
      image: object({
        type: word('image'),
        data: media('image', 'inline'),
        mimeType: name,
        annotations,
        _meta: meta,
      }),
      audio: object({
        type: word('audio'),
        data: media('audio', 'inline'),
        mimeType: name,
        annotations,
        _meta: meta,
      }),
      resource: object({ type: word('resource'), resource, annotations, _meta: meta }),
      resource_link: object({ type: word('resource_link'), ...described }),
    },
    any,
  )
  const prompt = object({ ...described, arguments: list(object({ ...described, required: any })) })
  return {
    result: object({
      resultType: id,
      content: list(content),
      structuredContent: any,
      isError: any,
      contents: list(resource),
      description: written,
      messages: list(object({ role: word('user', 'assistant'), content })),
      resources: list(object(described)),
      resourceTemplates: list(object(described)),
      prompts: list(prompt),
      completion: any,
      nextCursor: json('unknown', 'sealed'),
      ttlMs: number,
      cacheScope: word('public', 'private'),
      _meta: meta,
    }),
    error: object({ code: number, message: written, data: any }),
    params: object({
      progressToken: rewritten,
      progress: number,
      total: number,
      message: written,
      level: id,
      logger: written,
      data: any,
      uri: written,
      _meta: meta,
    }),
  }
}
const replies = [replyPlaces('tool_result'), replyPlaces('document')] as const

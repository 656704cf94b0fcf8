import type { Channel } from '../../../guard/text.ts'
import {
  by,
  callName,
  either,
  id,
  json,
  media,
  object,
  opaque,
  parts,
  sealed,
  text,
  word,
  type Place,
} from '../place.ts'
import { isTree, type ToolCall } from '../reading.ts'

/** How something is to be done. */
const option = json('system', 'sealed')
/** Of what the caller is to carry out, and of what the provider has carried out already. */
const args = json('tool_args', 'call')
const past = json('tool_args', 'sealed')

const sourceType = word('base64', 'url', 'text', 'content', 'file')

function mediaSource(kind: 'image' | 'file'): Readonly<Record<string, Place>> {
  return {
    base64: object({ type: sourceType, media_type: option, data: media(kind, 'inline') }),
    url: object({ type: sourceType, url: media(kind, 'url') }),
    file: object({ type: sourceType, file_id: media(kind, 'provider_id') }),
  }
}

function documentSource(channel: Channel): Place {
  return by('type', {
    ...mediaSource('file'),
    text: object({ type: sourceType, media_type: option, data: text(channel) }),
    content: object({ type: sourceType, content: either(text(channel), parts(textBlock(channel))) }),
  })
}

function textBlock(channel: Channel): Place {
  return by('type', {
    text: object({
      type: word('text'),
      text: text(channel),
      citations: json('unknown', 'sealed'),
      cache_control: option,
    }),
    image: object({ type: word('image'), source: by('type', mediaSource('image')), cache_control: option }),
  })
}

/** One block of a message; `channel` is whose words it holds. SPEC: Anthropic API reference, messages, content blocks. */
export function block(channel: Channel): Place {
  const words = textBlock(channel)
  return by('type', {
    text: words,
    image: words,
    document: object({
      type: word('document'),
      source: documentSource('document'),
      title: text('document'),
      context: text('document'),
      citations: json('unknown', 'sealed'),
      cache_control: option,
    }),
    search_result: object({
      type: word('search_result'),
      source: text('document'),
      title: text('document'),
      content: parts(textBlock('document')),
      citations: json('unknown', 'sealed'),
      cache_control: option,
    }),
    tool_use: object({ type: word('tool_use'), id, name: callName, input: args, cache_control: option }),
    server_tool_use: object({
      type: word('server_tool_use'),
      id,
      name: past,
      input: past,
      cache_control: option,
    }),
    tool_result: object({
      type: word('tool_result'),
      tool_use_id: id,
      content: either(text('tool_result'), parts(resultBlock('tool_result'))),
      is_error: option,
      cache_control: option,
    }),
    thinking: object({ type: word('thinking'), thinking: sealed('reasoning'), signature: opaque }),
    redacted_thinking: object({ type: word('redacted_thinking'), data: opaque }),
  })
}

/** A block within the result of a tool. */
function resultBlock(channel: Channel): Place {
  const words = textBlock(channel)
  return by('type', {
    text: words,
    image: words,
    document: object({
      type: word('document'),
      source: documentSource(channel),
      title: text(channel),
      context: text(channel),
    }),
    search_result: object({
      type: word('search_result'),
      source: text(channel),
      title: text(channel),
      content: parts(words),
    }),
  })
}

/** The call that a block asks for; null for any other block. */
export function callOf(of: unknown): ToolCall | null {
  if (!isTree(of) || of['type'] !== 'tool_use') return null
  return {
    id: typeof of['id'] === 'string' ? of['id'] : '',
    name: typeof of['name'] === 'string' ? of['name'] : '',
    args: JSON.stringify(of['input'] ?? {}),
    form: 'json',
  }
}

import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import { madeAt, objectsIn, type Asked, type Dialect, type WireEvent } from './dialect.ts'
import { openaiError, openaiHeaders } from './openai-error.ts'
import { piecesOf, tokensOf, type Answer, type Part } from './script.ts'

type Delta = ChatCompletionChunk.Choice.Delta
type Finish = ChatCompletion.Choice['finish_reason']

/** SPEC: OpenAI API reference, Chat Completions: the object, its chunks, `stream_options`. */
export const openaiChat: Dialect = {
  read: ({ messages }) =>
    Array.isArray(messages)
      ? { spoken: objectsIn(messages).filter(({ role }) => role === 'assistant').length }
      : null,
  body: (asked, answer): ChatCompletion => ({
    id: idOf(asked),
    object: 'chat.completion',
    created: madeAt,
    model: asked.model,
    choices: choicesOf(asked).map((index) => ({
      index,
      message: messageOf(asked, answer),
      logprobs:
        asked.tree['logprobs'] === true ? { content: tokenLogprobs(textOf(answer)), refusal: null } : null,
      finish_reason: finishOf(answer),
    })),
    usage: usageOf(asked, answer),
    service_tier: 'default',
    system_fingerprint: 'fp_mock',
  }),
  events: (asked, answer) => {
    const withUsage = usageWanted(asked.tree)
    const chunk = (choices: ChatCompletionChunk.Choice[], usage: CompletionUsage | null): WireEvent =>
      written({
        id: idOf(asked),
        object: 'chat.completion.chunk',
        created: madeAt,
        model: asked.model,
        service_tier: 'default',
        system_fingerprint: 'fp_mock',
        choices,
        ...(withUsage ? { usage } : {}),
      })
    const withLogprobs = asked.tree['logprobs'] === true
    const one = (index: number, delta: Delta, finish: Finish | null = null) => {
      const content = withLogprobs && typeof delta.content === 'string' ? tokenLogprobs(delta.content) : null
      const logprobs = content === null || content.length === 0 ? null : { content, refusal: null }
      return chunk([{ index, delta, logprobs, finish_reason: finish }], null)
    }
    const choices = choicesOf(asked)
    return [
      ...choices.map((index) => one(index, { role: 'assistant', content: '', refusal: null })),
      ...deltasOf(asked, answer).flatMap((delta) => choices.map((index) => one(index, delta))),
      ...choices.map((index) => one(index, {}, finishOf(answer))),
      ...(withUsage ? [chunk([], usageOf(asked, answer))] : []),
      { event: null, data: '[DONE]' },
    ]
  },
  error: openaiError,
  errorEvent: (message) => ({ event: null, data: JSON.stringify(openaiError(500, message)) }),
  headers: openaiHeaders,
}

function written(chunk: ChatCompletionChunk): WireEvent {
  return { event: null, data: JSON.stringify(chunk) }
}

function messageOf(asked: Asked, answer: Answer): ChatCompletion.Choice['message'] {
  const calls = callsOf(asked, answer)
  const refusal = joined(answer, 'refusal')
  return {
    role: 'assistant',
    content: calls.length > 0 || refusal !== '' ? joined(answer, 'text') || null : textOf(answer),
    refusal: refusal === '' ? null : refusal,
    annotations: [],
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

function deltasOf(asked: Asked, answer: Answer): Delta[] {
  const calls = callsOf(asked, answer)
  return [
    ...(textOf(answer) === '' ? [] : piecesOf(textOf(answer))).map((content) => ({ content })),
    ...(joined(answer, 'refusal') === '' ? [] : piecesOf(joined(answer, 'refusal'))).map((refusal) => ({
      refusal,
    })),
    ...calls.flatMap((call, index): Delta[] => [
      { tool_calls: [{ ...call, index, function: { name: call.function.name, arguments: '' } }] },
      ...piecesOf(call.function.arguments).map((piece) => ({
        tool_calls: [{ index, function: { arguments: piece } }],
      })),
    ]),
  ]
}

function callsOf({ spoken }: Asked, { parts }: Answer) {
  return parts
    .filter((part) => part.k === 'call')
    .map(({ name, args }, n) => ({
      id: `call_${spoken}_${n}`,
      type: 'function' as const,
      function: { name, arguments: JSON.stringify(args) },
    }))
}

function textOf(answer: Answer): string {
  return joined(answer, 'text')
}

function joined({ parts }: Answer, kind: (Part & { readonly text: string })['k']): string {
  return parts.map((part) => (part.k === kind && 'text' in part ? part.text : '')).join('')
}

function finishOf({ parts, ends }: Answer): Finish {
  if (ends === 'length') return 'length'
  if (ends === 'filter') return 'content_filter'
  return parts.some(({ k }) => k === 'call') ? 'tool_calls' : 'stop'
}

function usageOf({ inputTokens }: Asked, answer: Answer): CompletionUsage {
  const reasoning = { parts: answer.parts.filter(({ k }) => k === 'reasoning') }
  return {
    prompt_tokens: inputTokens,
    completion_tokens: tokensOf(answer),
    total_tokens: inputTokens + tokensOf(answer),
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: tokensOf(reasoning),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function usageWanted({ stream_options: options }: Asked['tree']): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    'include_usage' in options &&
    options.include_usage === true
  )
}

function choicesOf({ tree: { n } }: Asked): number[] {
  return Array.from({ length: typeof n === 'number' ? n : 1 }, (_, index) => index)
}

function tokenLogprobs(text: string) {
  return (text === '' ? [] : piecesOf(text)).map((token) => ({
    token,
    logprob: -0.25,
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }))
}

function idOf({ spoken, model }: Asked): string {
  return `chatcmpl-mock-${model.replaceAll(/\W/g, '-')}-${spoken}`
}

import type { Channel } from '../../../guard/text.ts'
import type { SseEvent } from '../../wire/sse.ts'
import { openaiRefusal } from '../openai/refusal.ts'
import { isId, list, number, object, readPlaces, type Place } from '../place.ts'
import { isTree, listOf, type Tree } from '../reading.ts'
import { CallAssembly, emptyStep, readLoose, readWords, type Read, type StreamReader } from '../stream.ts'
import { envelope, finishReason, pick, refusalText, usageOf } from './answer.ts'

const closing = '[DONE]'

const lanes: Readonly<Record<string, Channel>> = {
  content: 'model',
  refusal: 'model',
  reasoning_content: 'reasoning',
  reasoning: 'reasoning',
}
/** What is read as pieces and calls, not as texts of one event. */
const elsewhere: Place = () => undefined
const names: Readonly<Record<string, Place>> = {
  ...envelope,
  choices: list(
    object({ index: number, delta: elsewhere, logprobs: elsewhere, finish_reason: finishReason }),
  ),
}
const event = object(names)

/** Reads a stream of chunks. SPEC: OpenAI API reference, the chat completion chunk object. */
export function chatStream(): StreamReader {
  const open = new Map<number, Set<string>>()
  const calling = new Set<number>()
  const calls = new CallAssembly()
  const seen = new Set<number>()
  const finished = new Set<number>()
  let head: Tree = {}

  function readDelta(delta: unknown, index: number, path: string, read: Read): void {
    if (!isTree(delta)) return readLoose(delta, path, `${index}`, read)
    for (const [name, value] of Object.entries(delta)) {
      const [at, lane] = [`${path}/${name}`, `${index}/${name}`]
      const channel = Object.hasOwn(lanes, name) ? lanes[name] : undefined
      if (channel !== undefined && typeof value === 'string') {
        if (value !== '') read.pieces.push({ lane, channel, path: at, text: value, splice: 'text' })
      } else if (name === 'tool_calls' && Array.isArray(value)) {
        for (const [n, call] of value.entries()) readCall(call, index, `${at}/${n}`, read)
      } else if (name === 'function_call' && isTree(value)) {
        calling.add(index)
        const { name: named, arguments: args, ...others } = value
        calls.add(`${index} old`, { name: named, args })
        readLoose(textless(others, { named, args }), at, lane, read)
      } else if (name !== 'role' || value !== 'assistant')
        readLoose({ [name]: value }, path, `${index}`, read)
    }
  }

  /** Adds what is said about a call, and reads what else stands there. */
  function readCall(call: unknown, index: number, path: string, read: Read): void {
    if (!isTree(call)) return readLoose(call, path, `${index}/calls`, read)
    const { index: place, id, type, function: named, custom, ...others } = call
    calling.add(index)
    const key = `${index} ${typeof place === 'number' ? place : 0}`
    const body = isTree(custom) ? custom : isTree(named) ? named : {}
    const { name, arguments: args, input, ...within } = body
    calls.add(key, isTree(custom) ? { id, name, args: input, form: 'text' } : { id, name, args })
    const loose = {
      ...others,
      ...within,
      ...textless({}, { name, args, input }),
      ...(isTree(custom) || isTree(named) ? {} : { custom, function: named }),
      ...(typeof place === 'number' ? {} : { index: place }),
      ...(typeof id === 'string' && isId(id) ? {} : { id }),
      ...(type === 'function' || type === 'custom' ? {} : { type }),
    }
    readLoose(loose, path, `${key}/stray`, read)
  }

  /** Ends each choice that the caller has not seen the end of; `said` is the last thing that it says. */
  function ending(reason: string, said: Tree): readonly SseEvent[] {
    const left = seen.size === 0 ? [0] : [...seen].filter((index) => !finished.has(index))
    const delta = seen.size === 0 ? { role: 'assistant', ...said } : said
    const chunk = (index: number): SseEvent => {
      const choices = [{ index, delta, logprobs: null, finish_reason: reason }]
      return { name: null, data: JSON.stringify({ ...head, choices }) }
    }
    return [...left.map(chunk), { name: null, data: closing }]
  }

  return {
    closing,
    refusal: (code) => ({ name: null, data: openaiRefusal(code) }),
    keepAlive: null,
    repeats: '"content":"',
    read: ({ data }, tree) => {
      if (data === closing) {
        const ends = [...open.values()].flatMap((of) => [...of])
        return { ...emptyStep, ends, calls: calls.isOpen ? calls.complete() : null, isLast: true }
      }
      if (!isTree(tree) || isTree(tree['error'])) return null
      if (!('id' in head)) head = headOf(tree)
      const read: Read = { pieces: [], segments: [...readPlaces(event, tree, names).segments] }
      const ends: string[] = []
      let isCall = false
      for (const [n, choice] of listOf(tree, 'choices').entries()) {
        if (!isTree(choice)) return null
        const index = indexOf(choice, n)
        const own: Read = { pieces: [], segments: read.segments }
        readDelta(choice['delta'], index, `/choices/${n}/delta`, own)
        readLogprobs(choice['logprobs'], index, `/choices/${n}/logprobs`, own)
        const lanesOf = open.get(index) ?? new Set()
        for (const { lane } of own.pieces) lanesOf.add(lane)
        open.set(index, lanesOf)
        read.pieces.push(...own.pieces)
        isCall ||= calling.has(index)
        if (typeof choice['finish_reason'] !== 'string') continue
        ends.push(...lanesOf)
        open.delete(index)
        calling.delete(index)
      }
      const areComplete = calls.isOpen && calling.size === 0
      const decided = areComplete ? calls.complete() : null
      return { ...emptyStep, ...read, ends, isCall, calls: decided, usage: usageOf(tree) }
    },
    released: (_event, tree) => {
      if (!isTree(tree)) return
      head = headOf(tree)
      for (const [n, choice] of listOf(tree, 'choices').entries()) {
        if (!isTree(choice)) continue
        seen.add(indexOf(choice, n))
        if (typeof choice['finish_reason'] === 'string') finished.add(indexOf(choice, n))
      }
    },
    withhold: () => ending('content_filter', seen.size === 0 ? { content: null, refusal: refusalText } : {}),
    tell: ({ k, text }) =>
      k === 'pending'
        ? ending('stop', { content: seen.size === 0 ? text : `\n\n${text}` })
        : ending('content_filter', { refusal: text }),
  }
}

function headOf(tree: Tree): Tree {
  return pick(tree, ['id', 'object', 'created', 'model'])
}

function indexOf(choice: Tree, n: number): number {
  return typeof choice['index'] === 'number' ? choice['index'] : n
}

/** `others` with those of `texts` that are no text, so that they are read all the same. */
function textless(others: Tree, texts: Tree): Tree {
  const strays = Object.entries(texts).filter(([, value]) => value !== undefined && typeof value !== 'string')
  return { ...others, ...Object.fromEntries(strays) }
}

function readLogprobs(logprobs: unknown, index: number, path: string, read: Read): void {
  const lane = `${index}/logprobs`
  if (!isTree(logprobs)) return readLoose(logprobs, path, lane, read)
  for (const [name, entries] of Object.entries(logprobs)) {
    if (name === 'content' || name === 'refusal')
      readWords(entries, `${path}/${name}`, `${lane}/${name}`, read)
    else readLoose({ [name]: entries }, path, lane, read)
  }
}

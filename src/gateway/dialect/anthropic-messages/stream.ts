import type { Channel } from '../../../guard/text.ts'
import type { SseEvent } from '../../wire/sse.ts'
import { isId, json, number, object, opaque, readPlaces, word, type Place } from '../place.ts'
import { isCount, isTree, type Segment, type Tree } from '../reading.ts'
import {
  CallAssembly,
  emptyStep,
  readLoose,
  type Piece,
  type Read,
  type Step,
  type StreamReader,
} from '../stream.ts'
import { inputTokens, messageMembers, stopReason, usagePlace, usageWith } from './answer.ts'
import { block } from './blocks.ts'
import { anthropicRefusal } from './refusal.ts'

/** Texts that come in deltas. What is signed is released as it is or not at all. */
const deltas: Readonly<
  Record<string, { readonly member: string; readonly channel: Channel; readonly splice: Segment['splice'] }>
> = {
  text_delta: { member: 'text', channel: 'model', splice: 'text' },
  thinking_delta: { member: 'thinking', channel: 'reasoning', splice: 'sealed' },
}

const type = word(
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
)
const elsewhere: Place = () => undefined
const startBlock = object({ type, index: number, content_block: block('model') })
const startMessage = object({ type, message: object(messageMembers) })
const plainEvent = object({ type, index: number })
const withDelta = object({ type, index: number, delta: elsewhere })
const signature = object({
  type,
  index: number,
  delta: object({ type: word('signature_delta'), signature: opaque }),
})
const endMessage = object({
  type,
  delta: object({ stop_reason: stopReason, stop_sequence: json('model', 'sealed') }),
  usage: usagePlace,
})

/** Reads the events of a message. SPEC: Anthropic API reference, streaming messages. */
export function messagesStream(): StreamReader {
  const calls = new CallAssembly()
  const callBlocks = new Set<number>()
  const open = new Set<number>()
  let message: Tree = {}
  let isStarted = false
  let hasEnd = false
  let output = 0
  let read: Tree = {} // the usage that tells of most input
  let last = -1 // the highest number of a block that the caller has seen

  function readStart(tree: Tree): Step {
    const { index, content_block: of } = tree
    if (typeof index !== 'number' || !isTree(of))
      return { ...emptyStep, segments: segmentsOf(startBlock, tree) }
    const isCall = of['type'] === 'tool_use'
    if (isCall) {
      callBlocks.add(index)
      const given =
        isTree(of['input']) && Object.keys(of['input']).length > 0 ? JSON.stringify(of['input']) : ''
      calls.add(String(index), { id: of['id'], name: of['name'], args: given })
    }
    // The text of a block that is already begun is the beginning of its lane.
    const said = of['text']
    const piece: Piece[] =
      of['type'] === 'text' && typeof said === 'string' && said !== ''
        ? [
            {
              lane: `${index}/text_delta`,
              channel: 'model',
              path: '/content_block/text',
              text: said,
              splice: 'text',
            },
          ]
        : []
    return { ...emptyStep, segments: segmentsOf(startBlock, tree), pieces: piece, isCall }
  }

  function readDelta(tree: Tree): Step | null {
    const { index, delta } = tree
    if (typeof index !== 'number' || !isTree(delta) || typeof delta['type'] !== 'string') return null
    const { type: kind, ...rest } = delta
    if (kind === 'signature_delta') return { ...emptyStep, segments: segmentsOf(signature, tree) }
    const seen: Read = { pieces: [], segments: [...segmentsOf(withDelta, tree)] }
    const known = Object.hasOwn(deltas, kind) ? deltas[kind] : undefined
    const isArgs = kind === 'input_json_delta' && callBlocks.has(index)
    const member = isArgs ? 'partial_json' : (known?.member ?? '')
    const { [member]: said, ...others } = rest
    if (isArgs) calls.add(String(index), { args: said })
    if (known !== undefined && typeof said === 'string' && said !== '') {
      const { channel, splice } = known
      seen.pieces.push({ lane: `${index}/${kind}`, channel, path: `/delta/${member}`, text: said, splice })
    }
    const loose = {
      ...others,
      ...(typeof said === 'string' ? {} : { said }),
      ...(isId(kind) ? {} : { kind }),
    }
    readLoose(loose, '/delta', `${index}/${kind}/others`, seen)
    return { ...emptyStep, ...seen, isCall: isArgs }
  }

  /** Ends the message; `said` becomes its last block. */
  function ending(reason: string, said: string | null): readonly SseEvent[] {
    const index = last + 1
    const start: Tree = { type: 'message_start', message: { ...message, content: [] } }
    const stops = [...open].map((of): Tree => ({ type: 'content_block_stop', index: of }))
    const block: readonly Tree[] = [
      { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index, delta: { type: 'text_delta', text: said } },
      { type: 'content_block_stop', index },
    ]
    const end: Tree = {
      type: 'message_delta',
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: output },
    }
    const events = [
      ...(isStarted ? [] : [start]),
      ...stops,
      ...(said === null || hasEnd ? [] : block),
      ...(hasEnd ? [] : [end]),
      { type: 'message_stop' },
    ]
    return events.map((of): SseEvent => ({ name: String(of['type']), data: JSON.stringify(of) }))
  }

  return {
    closing: null,
    keepAlive: { name: 'ping', data: '{"type":"ping"}' },
    repeats: '"text":"',
    refusal: (code, record) => ({ name: 'error', data: anthropicRefusal(code, record) }),
    read: ({ name }, tree) => {
      if (!isTree(tree) || tree['type'] !== name) return null
      const { index } = tree
      switch (name) {
        case 'message_start': {
          const of = tree['message']
          if (isTree(of)) message = of
          if (isTree(of) && isTree(of['usage'])) read = of['usage']
          return { ...emptyStep, segments: segmentsOf(startMessage, tree) }
        }
        case 'content_block_start':
          return readStart(tree)
        case 'content_block_delta':
          return readDelta(tree)
        case 'content_block_stop':
          return {
            ...emptyStep,
            segments: segmentsOf(plainEvent, tree),
            ends: Object.keys(deltas).map((kind) => `${String(index)}/${kind}`),
            isCall: typeof index === 'number' && callBlocks.has(index),
          }
        case 'message_delta': {
          const usage = isTree(tree['usage']) ? tree['usage'] : {}
          if (isCount(usage['output_tokens'])) output = usage['output_tokens']
          if (isCount(usage['input_tokens']) && inputTokens(usage) >= inputTokens(read)) read = usage
          return {
            ...emptyStep,
            segments: segmentsOf(endMessage, tree),
            calls: calls.isOpen ? calls.complete() : null,
            usage: usageWith(read, output),
          }
        }
        case 'message_stop':
          return {
            ...emptyStep,
            segments: segmentsOf(plainEvent, tree),
            calls: calls.isOpen ? calls.complete() : null,
            isLast: true,
          }
        case 'ping':
          return { ...emptyStep, segments: segmentsOf(plainEvent, tree) }
        case 'error':
          return { ...emptyStep, segments: segmentsOf(json('unknown'), tree), isLast: true }
        default:
          return null
      }
    },
    released: ({ name }, tree) => {
      const index = isTree(tree) ? tree['index'] : undefined
      if (name === 'message_start') isStarted = true
      if (name === 'message_delta') hasEnd = true
      if (typeof index !== 'number') return
      last = Math.max(last, index)
      if (name === 'content_block_start') open.add(index)
      if (name === 'content_block_stop') open.delete(index)
    },
    withhold: () => ending('refusal', null),
    tell: ({ k, text }) => ending(k === 'pending' ? 'end_turn' : 'refusal', text),
  }
}

function segmentsOf(place: Place, tree: Tree) {
  return readPlaces(place, tree, {}).segments
}

import type { Channel } from '../../../guard/text.ts'
import type { SseEvent } from '../../wire/sse.ts'
import type { Telling } from '../../held/telling.ts'
import { reasons } from '../../reasons.ts'
import { id, json, number, object, readPlaces, sealed, text, word, type Place } from '../place.ts'
import { isTree, listOf, type ToolCall, type Tree } from '../reading.ts'
import { emptyStep, readLoose, readWords, type Read, type Step, type StreamReader } from '../stream.ts'
import { completed, incomplete, itemTelling, partTelling, responsePlace, usageOf } from './answer.ts'
import { callOf, callsOf, isAct, item, part } from './items.ts'

/** Texts that come in deltas: the channel of each, and the member of its end that repeats it. */
const texts: Readonly<Record<string, { readonly channel: Channel; readonly whole: string }>> = {
  'response.output_text': { channel: 'model', whole: 'text' },
  'response.refusal': { channel: 'model', whole: 'refusal' },
  'response.reasoning_text': { channel: 'reasoning', whole: 'text' },
  'response.reasoning_summary_text': { channel: 'reasoning', whole: 'text' },
}
/** Arguments that come in deltas: nothing of them leaves before the whole response is there. */
const hosted = 'response.mcp_call_arguments'
const args: ReadonlySet<string> = new Set([
  'response.function_call_arguments',
  'response.custom_tool_call_input',
  hosted,
])
const last: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'error',
])

const common: Readonly<Record<string, Place>> = {
  type: id,
  sequence_number: number,
  output_index: number,
  content_index: number,
  summary_index: number,
  annotation_index: number,
  item_id: id,
  response: responsePlace,
  item,
  part: part('model'),
  obfuscation: id,
}
const elsewhere: Place = () => undefined
const anyEvent = object(common)
const delta = object({ ...common, delta: elsewhere, logprobs: elsewhere })
const textDone = (channel: Channel) =>
  object({ ...common, text: text(channel), refusal: text(channel), logprobs: json('model', 'sealed') })
const argsDone = argsPlace(json('tool_args', 'call'))
/** Of what the provider carries out itself. */
const hostedDone = argsPlace(sealed('tool_args'))
const failure = object({ ...common, code: id, message: text('unknown'), param: word() })

/** Reads the events of a response. SPEC: OpenAI API reference, streaming events of responses. */
export function responsesStream(): StreamReader {
  const calls = new Map<number, ToolCall>()
  const told = new Told()

  function readItem(type: string, tree: Tree): Step {
    const call = callOf(tree['item'])
    if (call !== null && type === 'response.output_item.done') calls.set(Number(tree['output_index']), call)
    return { ...emptyStep, segments: segmentsOf(anyEvent, tree), isCall: isAct(tree['item']) }
  }

  return {
    closing: null,
    keepAlive: null,
    repeats: null,
    refusal: (code, record) => {
      const { message } = reasons[code]
      return told.next('error', { code, message: `${message} (${record})`, param: null })
    },
    read: ({ name: eventName }, tree) => {
      if (!isTree(tree) || typeof tree['type'] !== 'string') return null
      const { type } = tree
      told.hear(tree)
      if (eventName !== null && eventName !== type) return null
      if (type !== 'error' && !type.startsWith('response.')) return null
      const [base, end] = splitAtLast(type)
      if (end === 'delta') return readDelta(base, tree)
      const of = Object.hasOwn(texts, base) ? texts[base] : undefined
      if (of !== undefined && end === 'done')
        return {
          ...emptyStep,
          segments: segmentsOf(textDone(of.channel), tree),
          ends: [laneOf(base, tree), `${laneOf(base, tree)}/words`],
        }
      if (args.has(base) && end === 'done')
        return {
          ...emptyStep,
          segments: segmentsOf(base === hosted ? hostedDone : argsDone, tree),
          isCall: true,
        }
      if (base === 'response.output_item') return readItem(type, tree)
      if (!last.has(type)) return { ...emptyStep, segments: segmentsOf(anyEvent, tree) }
      const usage = isTree(tree['response']) ? usageOf(tree['response']) : null
      const segments = segmentsOf(type === 'error' ? failure : anyEvent, tree)
      const complete = allCalls([...calls.values()], tree['response'])
      return {
        ...emptyStep,
        segments,
        calls: complete.length === 0 ? null : complete,
        isLast: true,
        usage,
      }
    },
    released: (_event, tree, edited) => {
      if (isTree(tree)) told.take(tree, edited)
    },
    withhold: () => told.ending(null),
    tell: (telling) => told.ending(telling),
  }
}

/** Calls of items, and those that only the whole response has: callers read either. */
function allCalls(calls: readonly ToolCall[], response: unknown): readonly ToolCall[] {
  const whole = isTree(response) ? callsOf(listOf(response, 'output')) : []
  const isKnown = (call: ToolCall) =>
    calls.some(({ name, args, form }) => name === call.name && args === call.args && form === call.form)
  return [...calls, ...whole.filter((call) => !isKnown(call))]
}

function argsPlace(written: Place): Place {
  return object({ ...common, arguments: written, input: written, name: written })
}

function readDelta(base: string, tree: Tree): Step {
  const read: Read = { pieces: [], segments: [...segmentsOf(delta, tree)] }
  const { delta: content, logprobs } = tree
  const isArgs = args.has(base)
  const of = Object.hasOwn(texts, base) ? texts[base] : undefined
  const lane = laneOf(base, tree)
  // Arguments are read when they are complete, as the end of their item has them.
  if (of !== undefined && typeof content === 'string')
    read.pieces.push({ lane, channel: of.channel, path: '/delta', text: content, splice: 'text' })
  else if (!isArgs || typeof content !== 'string') readLoose(content, '/delta', lane, read)
  if (logprobs !== undefined) readWords(logprobs, '/logprobs', `${lane}/words`, read)
  return { ...emptyStep, ...read, isCall: isArgs }
}

function segmentsOf(place: Place, tree: Tree) {
  return readPlaces(place, tree, common).segments
}

function laneOf(base: string, tree: Tree): string {
  const { output_index: n, content_index: part = '', summary_index: summary = '' } = tree
  return `${String(n)}/${String(part)}/${String(summary)}/${base}`
}

function splitAtLast(type: string): readonly [string, string] {
  const at = type.lastIndexOf('.')
  return [type.slice(0, at), type.slice(at + 1)]
}

/** What the caller has been told, and how the response ends for someone who knows that. */
class Told {
  #response: Tree = {}
  #number = -1
  #usage: unknown = null
  readonly #done = new Map<number, unknown>()
  readonly #items = new Map<number, Tree>()
  readonly #parts = new Map<string, { readonly at: Tree; readonly part: Tree; text: string }>()

  take(tree: Tree, edited: readonly string[]): void {
    const { type, sequence_number: number, output_index: output } = tree
    if (typeof number === 'number') this.#number = number
    if (isTree(tree['response'])) this.#response = tree['response']
    if (typeof output !== 'number') return
    const key = `${output} ${String(tree['content_index'])}`
    if (type === 'response.output_item.added' && isTree(tree['item'])) this.#items.set(output, tree['item'])
    if (type === 'response.output_item.done') {
      this.#items.delete(output)
      this.#done.set(output, tree['item'])
    }
    if (type === 'response.content_part.added' && isTree(tree['part']))
      this.#parts.set(key, { at: tree, part: tree['part'], text: '' })
    if (type === 'response.content_part.done') this.#parts.delete(key)
    const part = this.#parts.get(key)
    if (part !== undefined && typeof type === 'string' && type.endsWith('.delta'))
      part.text += edited[0] ?? ''
  }

  /** Knows what the response is before anything is released. */
  hear({ response }: Tree): void {
    if (!isTree(response)) return
    if (!('id' in this.#response)) this.#response = response
    if (isTree(response['usage'])) this.#usage = response['usage']
  }

  next(type: string, members: Tree): SseEvent {
    this.#number += 1
    return { name: type, data: JSON.stringify({ type, sequence_number: this.#number, ...members }) }
  }

  /** `telling`: what becomes the last item; null: nothing is added. */
  ending(telling: Telling | null): readonly SseEvent[] {
    const events: SseEvent[] = []
    const contents = new Map<number, unknown[]>()
    for (const { at, part, text: said } of this.#parts.values()) {
      const { item_id, output_index, content_index } = at
      const place = { item_id, output_index, content_index }
      const whole = part['type'] === 'refusal' ? { ...part, refusal: said } : { ...part, text: said }
      if (part['type'] === 'output_text')
        events.push(this.next('response.output_text.done', { ...place, text: said, logprobs: [] }))
      if (part['type'] === 'refusal')
        events.push(this.next('response.refusal.done', { ...place, refusal: said }))
      events.push(this.next('response.content_part.done', { ...place, part: whole }))
      const own = contents.get(Number(output_index)) ?? []
      own.push(whole)
      contents.set(Number(output_index), own)
    }
    for (const [output_index, of] of this.#items) {
      const content = contents.get(output_index)
      const done = { ...of, status: 'incomplete', ...(content === undefined ? {} : { content }) }
      this.#done.set(output_index, done)
      events.push(this.next('response.output_item.done', { output_index, item: done }))
    }
    if (telling !== null) events.push(...this.#tell(telling))
    const output = [...this.#done].toSorted(([a], [b]) => a - b).map(([, of]) => of)
    if (telling?.k !== 'pending')
      return [...events, this.next('response.incomplete', { response: incomplete(this.#response, output) })]
    const response = completed({ ...this.#response, usage: this.#usage }, output)
    return [...events, this.next('response.completed', { response })]
  }

  /** The item that tells, after the last one that the caller was given. */
  #tell(telling: Telling): readonly SseEvent[] {
    const [item, part] = [itemTelling(telling), partTelling(telling)]
    const output_index = Math.max(-1, ...this.#done.keys()) + 1
    const place = { item_id: item['id'], output_index, content_index: 0 }
    const kind = telling.k === 'pending' ? 'output_text' : 'refusal'
    const [name, words] = [kind === 'refusal' ? 'refusal' : 'text', telling.text]
    const words_of = kind === 'refusal' ? {} : { logprobs: [] }
    this.#done.set(output_index, item)
    return [
      this.next('response.output_item.added', {
        output_index,
        item: { ...item, status: 'in_progress', content: [] },
      }),
      this.next('response.content_part.added', { ...place, part: { ...part, [name]: '' } }),
      this.next(`response.${kind}.delta`, { ...place, delta: words, ...words_of }),
      this.next(`response.${kind}.done`, { ...place, [name]: words, ...words_of }),
      this.next('response.content_part.done', { ...place, part }),
      this.next('response.output_item.done', { output_index, item }),
    ]
  }
}

import type { ConversationName, ConversationVault } from '../app/ports/conversation-vault.ts'
import { digestOf, type Json } from '../kernel/index.ts'
import type { Caller } from './admit.ts'
import { admitCall } from './admit.ts'
import { joined } from './body.ts'
import type { DefinitionForm } from '../guard/tools/pin.ts'
import { Clearance, type Cleared, type Means, type NotCleared } from './clearance.ts'
import type { Ask, Dialect, Refused } from './dialect/dialect.ts'
import { EventReader } from './dialect/event-reader.ts'
import { isTree, type Segment, type ToolCall } from './dialect/reading.ts'
import { isHeldAtServer } from './held/held-once.ts'
import { ModelCalls, type HoldingDeps } from './held/model-calls.ts'
import type { Telling } from './held/telling.ts'
import type { ModelPrice } from '../governance/registry/index.ts'
import type { BudgetRefusal, Budgets, Reservation } from './leases/budgets.ts'
import { countedUsage, countsOf, dearest, outputBound, tokensOfBytes } from './leases/estimate.ts'
import { numberSegment } from './dialect/place.ts'
import type { StreamReader } from './dialect/stream.ts'
import type { Endpoint } from './endpoints.ts'
import type { Exchange } from './exchange.ts'
import { nameOf } from './inspection/conversation.ts'
import { reversibleRedaction } from './inspection/effect.ts'
import type { Inspection } from './inspection/inspection.ts'
import { Reversal } from './inspection/reversal.ts'
import { modeOf, StreamInspection } from './inspection/stream-inspection.ts'
import { outgoingBody, pathAt } from './outgoing.ts'
import type { Target, UpstreamSecrets } from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import type { Sightings } from './sightings.ts'
import type { AnswerHeaders, AnswerReader } from './sending/answer-handler.ts'
import { Sending, type SendingDeps, type UpstreamRequest } from './sending/sending.ts'
import type { ToolGates } from './tools.ts'
import {
  isEventStreamType,
  isJsonType,
  passedHeaders,
  upstreamHeaders,
  type ApiVersions,
} from './wire/headers.ts'
import { decodeUtf8, readExactTree } from './wire/json.ts'
import { replaceStrings } from './wire/splice.ts'
import { SseFramer, sseText, type SseEvent, type SseFrame } from './wire/sse.ts'

export type CallDeps = SendingDeps &
  HoldingDeps &
  Means & {
    readonly conversations: ConversationVault
    readonly tools: ToolGates
    readonly sightings: Pick<Sightings, 'see'>
    readonly secrets: UpstreamSecrets
    readonly recordsReady: () => boolean
    readonly budgets: Budgets<Caller>
    /** What is known of a model by its alias. */
    readonly modelOf: (alias: string) => {
      readonly maxOutput: number | null
      readonly price: ModelPrice | null
    }
  }

/** Capabilities with which the provider has a part of the conversation that does not pass here. */
const keptElsewhere: ReadonlySet<string> = new Set(['provider_state', 'provider_thread'])
/** A request in its parts. `named`: what its body says of the model. */
type Asked = { readonly ask: Ask; readonly body: Buffer; readonly text: string; readonly named: unknown }

/** A call that goes to a model: what it asks is read and judged, and so is what comes back. */
export class Call {
  readonly #deps: CallDeps
  readonly #exchange: Exchange
  readonly #dialect: Dialect
  readonly #caller: Caller
  readonly #versions: ApiVersions
  /** The model that the path names; null where the body does. */
  readonly #deployment: string | null
  readonly #conversation: string | null
  readonly #isReversible: boolean
  #judgedBy: Inspection | null = null
  #reversal: Reversal | null = null
  #hasAnswer = false
  #calls: Pick<ModelCalls, 'decide' | 'hold'> = noCalls

  /** `said`: what the head of the request says. */
  constructor(
    deps: CallDeps,
    exchange: Exchange,
    { dialect, deployment }: Endpoint & { k: 'call' },
    caller: Caller,
    said: { readonly versions: ApiVersions; readonly conversation: string | null },
  ) {
    this.#deps = deps
    this.#exchange = exchange
    this.#dialect = dialect
    this.#deployment = deployment
    this.#caller = caller
    this.#versions = said.versions
    this.#conversation = said.conversation
    // Nothing comes back of what has no answer in words.
    this.#isReversible =
      dialect.stream !== null && caller.grant.scope.capabilities.includes(reversibleRedaction)
  }

  /** Of the request; nothing comes back, and no tool is weighed, before there is one. */
  get #inspection(): Inspection {
    if (this.#judgedBy === null) throw new RangeError('nothing was judged yet')
    return this.#judgedBy
  }

  /** Judges the body of a request and, when nothing objects, sends it upstream. */
  async start(body: Buffer): Promise<void> {
    const exchange = this.#exchange
    const text = decodeUtf8(body)
    const read = text === null ? null : readExactTree(text)
    if (text === null || read === null || !read.ok) return exchange.refuse('malformed')
    const ask = this.#readRequest(read.tree)
    if ('refused' in ask) return exchange.refuse(ask.refused)
    exchange.ask(body)
    const admitted = admitCall(this.#caller, this.#dialect, ask)
    if ('refused' in admitted) return exchange.refuse(admitted.refused)
    for (const { target, code } of admitted.leftOut) exchange.tried(target, code)
    exchange.reads(ask.model)
    const segments = withNumbers(ask.reading.segments, read.numbers)
    const isWhole = !ask.capabilities.some((wanted) => keptElsewhere.has(wanted))
    const clearance = new Clearance({
      means: this.#deps,
      caller: this.#caller,
      segments,
      isWhole,
      isReversible: this.#isReversible,
      reversal: () => {
        return new Reversal(this.#deps.conversations, { name: this.#nameOf(ask, segments), isWhole })
      },
      began: (inspection, reversal) => this.#goOnWith(inspection, reversal),
      objection: () => this.#weighTools(ask, segments, isWhole),
    })
    const inspectedSince = exchange.timings.now()
    const found = clearance.first(admitted.targets)
    const cleared = found instanceof Promise ? await found : found
    exchange.timings.inspected(inspectedSince)
    if (exchange.isOver) return
    if (!('refused' in cleared && cleared.refused === 'vault_unavailable')) exchange.inspectedAll()
    for (const { target, code } of cleared.leftOut) exchange.tried(target, code)
    if ('refused' in cleared) return exchange.refuse(cleared.refused)

    if (!this.#deps.recordsReady()) return exchange.refuse('record_unavailable')
    const reserving = this.#reserve(ask, body.length, cleared.targets)
    const refusedBudget = reserving instanceof Promise ? await reserving : reserving
    if (exchange.isOver) return
    if (refusedBudget !== null) return exchange.refuse(refusedBudget)
    const [first] = cleared.targets
    if (first !== undefined && this.#caller.grant.claims.tier === 3) {
      const isAdmitted = await exchange.admit(first)
      if (exchange.isOver) return
      if (!isAdmitted) return exchange.refuse('record_unavailable')
    }
    const named = isTree(read.tree) ? read.tree['model'] : undefined
    const requestFor = (target: Target, of: Cleared | NotCleared) =>
      'refused' in of ? of : this.#requestFor(target, of, { ask, body, text, named })
    const sending = new Sending(this.#deps, exchange, {
      prepare: (target) => {
        const of = clearance.of(target)
        return of instanceof Promise ? of.then((later) => requestFor(target, later)) : requestFor(target, of)
      },
      runsTools: runsTools(ask),
      begin: (_target, status, headers) => this.#begin(ask, status, headers),
    })
    sending.send(cleared.targets)
  }

  /** In some APIs the path names the model, and what the body says of it is not looked at. */
  #readRequest(tree: unknown): Ask | Refused {
    if (this.#deployment === null || !isTree(tree)) return this.#dialect.readRequest(tree)
    return this.#dialect.readRequest({ ...tree, model: this.#deployment })
  }

  /** What a request was judged by is what its answer is judged by. */
  #goOnWith(inspection: Inspection, reversal: Reversal | null): void {
    this.#judgedBy = inspection
    this.#reversal = reversal
    this.#exchange.inspect(inspection)
  }

  /** The request as a target gets it; refused when its credential is not there. */
  #requestFor(
    target: Target,
    { inspection, reversal, edits }: Cleared,
    { ask, body, text, named }: Asked,
  ): UpstreamRequest | NotCleared {
    const { scope } = this.#caller.grant
    const secret = target.secretRef === null ? null : this.#deps.secrets.open(target.secretRef)
    if (target.secretRef !== null && secret === null) return { refused: 'upstream_unavailable' }
    if (inspection !== this.#judgedBy) this.#goOnWith(inspection, reversal)
    const mayKeep = scope.capabilities.includes('provider_state')
    const sent = outgoingBody(text, ask, target, { named, edits, mayKeep })
    const bytes = sent === text ? body : Buffer.from(sent, 'utf8')
    const headers = upstreamHeaders(
      target.api,
      bytes,
      ask.stream,
      secret?.reveal() ?? null,
      this.#versions,
      scope.capabilities,
    )
    // Of what comes back for the caller alone nothing is kept.
    if (reversal !== null) this.#exchange.content?.keepsNoAnswer()
    this.#exchange.content?.sends(bytes)
    return { path: pathAt(target, this.#dialect), headers, body: bytes }
  }

  /** How an answer is read; null when it has no form that the request asked for. */
  #begin(ask: Ask, status: number, headers: AnswerHeaders): AnswerReader | null {
    this.#hasAnswer = status === 200
    const reader = ask.stream ? (this.#dialect.stream?.() ?? null) : null
    const type = headers['content-type']
    if (reader !== null && status === 200 && isEventStreamType(type))
      return this.#streamReader(reader, passedHeaders(headers), ask)
    const isWhole = (reader === null || status !== 200) && isJsonType(type)
    return isWhole ? this.#bodyReader(status, passedHeaders(headers)) : null
  }

  /** A JSON answer is read whole and must have exactly one reading before its first byte leaves. */
  #bodyReader(status: number, headers: Record<string, string>): AnswerReader {
    const exchange = this.#exchange
    const chunks: Buffer[] = []
    let size = 0
    const receive = (chunk: Buffer) => {
      exchange.idle()
      size += chunk.length
      if (size > this.#deps.limits.responseBytes) return exchange.refuse('upstream_unavailable')
      chunks.push(chunk)
    }
    const finish = async () => {
      const body = joined(chunks)
      const text = decodeUtf8(body)
      const read = text === null ? null : readExactTree(text)
      const answer = read?.ok === true ? this.#dialect.readAnswer(read.tree) : null
      if (text === null || read?.ok !== true || answer === null)
        return exchange.refuse('upstream_unavailable')
      exchange.use(answer.usage)
      const segments = withNumbers(answer.reading.segments, read.numbers)
      const inspectedSince = exchange.timings.now()
      const judging = this.#inspection.judgeByLength('output', segments)
      const { edits, isBlocked } = judging instanceof Promise ? await judging : judging
      if (exchange.isOver) return
      const areCallsClean = this.#inspection.allowsArguments(answer.calls)
      exchange.timings.inspected(inspectedSince)
      exchange.inspectedAll()
      if (isBlocked || !areCallsClean) return this.#withhold(status, read.tree, headers, 'answer_withheld')
      const decision = this.#calls.decide(answer.calls)
      if (decision.k === 'deny') return this.#withhold(status, read.tree, headers, decision.code)
      if (decision.k === 'ask') {
        const stopped = await this.#calls.hold(answer.calls, decision.asked)
        if (exchange.isOver) return
        if (stopped !== null) return this.#withhold(status, read.tree, headers, stopped.code, stopped.telling)
      }
      const told = this.#reversal?.restore(segments, edits) ?? edits
      const edited = replaceStrings(text, told)
      exchange.send(status, headers, told.size === 0 ? body : Buffer.from(edited, 'utf8'), edited)
    }
    return { receive, finish }
  }

  /** Takes what the call may cost at the dearest of its targets out of its budgets, and settles when it has ended. */
  #reserve(
    ask: Ask,
    bytes: number,
    targets: readonly Target[],
  ): ReasonCode | null | Promise<ReasonCode | null> {
    const { budgets, modelOf } = this.#deps
    const exchange = this.#exchange
    const known = targets.map(({ declaredAs }) => modelOf(declaredAs ?? ask.model))
    const inputTokens = tokensOfBytes(bytes)
    const maxOutputTokens =
      this.#dialect.stream === null
        ? 0
        : Math.max(...known.map(({ maxOutput }) => outputBound(ask.maxOutput, maxOutput)))
    const prices = known.map(({ price }) => price)
    const price = dearest(prices, inputTokens, maxOutputTokens)
    const take = (reserved: Reservation | BudgetRefusal): ReasonCode | null => {
      if ('refused' in reserved) return reserved.refused
      exchange.onSettled(() => {
        const { usage, releasedBytes, target } = exchange
        const used =
          usage === null ? countedUsage(this.#hasAnswer ? inputTokens : 0, releasedBytes) : countsOf(usage)
        reserved.settle(used, target === null ? price : prices[targets.indexOf(target)])
      })
      return null
    }
    const answer = budgets.reserve(this.#caller, { inputTokens, maxOutputTokens, price })
    return answer instanceof Promise ? answer.then(take) : take(answer)
  }

  /** Why the tools of a request may not be shown; from then on the calls of its answer are decided. */
  #weighTools(ask: Ask, segments: readonly Segment[], isWhole: boolean): ReasonCode | null {
    const { offers } = ask
    const form = formOf(this.#dialect)
    if (form === null || offers.length === 0) return null
    const gate = this.#deps.tools.of(this.#caller)
    const facts = () => ({
      exposure: this.#inspection.exposure(segments, isWhole),
      findings: this.#inspection.findings.rules,
      risk: this.#inspection.risk,
      suspicions: (args: Json) => this.#inspection.suspicions(args, segments),
      inArguments: (call: ToolCall) => this.#inspection.inArgumentsOf(call),
      keep: this.#exchange.keepTool,
    })
    this.#calls = new ModelCalls(this.#deps, this.#exchange, this.#caller, {
      conversation: () => digestOf(this.#nameOf(ask, segments).marks),
      isHeldLater: isHeldAtServer,
      decide: (caller, calls) => this.#deps.tools.of(caller).decideCalls(form, offers, calls, facts()),
    })
    return gate.objectionToOffers(form, offers, facts())
  }

  #nameOf(ask: Ask, segments: readonly Segment[]): ConversationName {
    return nameOf(this.#caller, { named: this.#conversation, ask, dialect: this.#dialect }, segments)
  }

  #withhold(
    status: number,
    tree: unknown,
    headers: Record<string, string>,
    code: ReasonCode,
    telling: Telling | null = null,
  ): void {
    const { withheld, told } = this.#dialect
    if (withheld === null || status !== 200) return this.#exchange.refuse(code)
    const whole = told === null || telling === null ? withheld(tree) : told(tree, telling)
    const body = this.#inspection.cleaned(this.#dialect, whole)
    if (body === null) return this.#exchange.refuse(code)
    this.#exchange.send(200, headers, Buffer.from(body, 'utf8'), body, code)
  }

  /**
   * A stream is taken apart into events, and each event is written again from scratch. undici hands over each piece of
   * a chunked body by itself; all pieces of one read from the socket are judged, counted and written together.
   */
  #streamReader(reader: StreamReader, headers: Record<string, string>, ask: Ask): AnswerReader {
    const exchange = this.#exchange
    const events = new EventReader(reader)
    const framer = new SseFramer()
    const inspection = new StreamInspection(this.#inspection, reader, {
      decideCalls: (calls) => this.#calls.decide(calls),
      mode: modeOf(this.#caller.grant.claims.tier),
      reversal: this.#reversal,
    })
    const withoutUsage = ask.addsUsage ? this.#dialect.withoutUsage : null
    const keepAlive = reader.keepAlive === null ? ': waiting\n\n' : sseText(reader.keepAlive)
    let isQuiet = true
    const timer = setInterval(() => {
      if (isQuiet && inspection.isWaiting) exchange.guarded(() => exchange.release(keepAlive, headers))
      isQuiet = true
    }, this.#deps.limits.keepAliveMs).unref()
    exchange.onSettled(() => clearInterval(timer))
    exchange.streams((code) => sseText(reader.refusal(code, exchange.id)))
    const end = (said: readonly SseEvent[]) => said.map((event) => sseText(event)).join('')
    let [isDone, isHolding, hasEnded, size] = [false, false, false, 0]
    let waiting: Buffer[] = []
    /** What follows waits behind the calls, until a person has answered or the caller is told that nobody has yet. */
    const hold = async (): Promise<void> => {
      const { held } = inspection
      if (held === null) return
      isHolding = true
      const stopped = await this.#calls.hold(held.calls, held.asked)
      if (exchange.isOver) return
      isHolding = false
      if (stopped !== null) {
        const { code, telling } = stopped
        const ending = inspection.ending(telling)
        if (ending === null) return exchange.refuse(code)
        return exchange.withholdStream(end(ending), headers, code)
      }
      inspection.openCalls()
      const text = end(inspection.release())
      if (text !== '') exchange.release(text, headers)
      if (hasEnded) finish()
    }
    const judge = (): void => {
      if (waiting.length === 0) return
      exchange.idle()
      const inspectedSince = exchange.timings.now()
      let text = ''
      let fault: ReasonCode | null = null
      for (const frame of framer.push(joined(waiting))) {
        if (frame.k === 'comment') continue
        const given = frame.k === 'event' ? (withoutUsage?.(frame.event.data) ?? null) : null
        const event =
          frame.k === 'event' && given !== null ? { ...frame.event, data: given.data } : eventOf(frame)
        const read = event !== null && !isDone ? events.read(event) : null
        if (event === null || read === null) fault = 'upstream_unavailable'
        else {
          exchange.use(read.step.usage)
          if (given?.isHidden === true) continue
          const turn = inspection.take(event, read.tree, read.step)
          if (turn === 'calls_held') exchange.guarded(hold)
          else if (turn !== 'goes_on') fault = turn === 'blocked' ? 'answer_withheld' : 'tool_denied'
          isDone ||= read.step.isLast
        }
        for (const event of inspection.release()) text += sseText(event)
        if (fault !== null) break
      }
      waiting = []
      exchange.timings.inspected(inspectedSince)
      exchange.timings.held(inspection.heldChars)
      if (fault === 'answer_withheld' || fault === 'tool_denied') {
        const ending = inspection.ending()
        if (ending !== null) return exchange.withholdStream(text + end(ending), headers, fault)
      }
      if (text !== '') {
        exchange.release(text, headers)
        isQuiet = false
      }
      if (fault !== null) exchange.refuse(fault)
    }
    const receive = (chunk: Buffer) => {
      size += chunk.length
      if (size > this.#deps.limits.streamBytes) return exchange.refuse('upstream_unavailable')
      if (waiting.push(chunk) === 1) queueMicrotask(() => exchange.guarded(judge))
    }
    const finish = () => {
      judge()
      hasEnded = true
      if (exchange.isOver || isHolding) return
      if (!isDone || !framer.isAtRest || inspection.isWaiting) return exchange.refuse('upstream_unavailable')
      exchange.inspectedAll()
      exchange.finishStream()
    }
    return { receive, finish }
  }
}

/** What is read of a body: its texts, and the numbers that its tree does not hold as they are written. */
function withNumbers(segments: readonly Segment[], numbers: readonly string[]): readonly Segment[] {
  return numbers.length === 0 ? segments : [...segments, ...numbers.map(numberSegment)]
}

/** Whether the provider may do something by itself before it says anything. */
function runsTools({ offers, capabilities }: Ask): boolean {
  const isAsked = capabilities.some((name) => name.startsWith('provider_tool:') || name === 'provider_thread')
  return isAsked || offers.some(({ isHosted }) => isHosted)
}

/** A call that no tool of the request stands for is none that anybody has allowed. */
const noCalls: Pick<ModelCalls, 'decide' | 'hold'> = {
  decide: (calls) => (calls.length === 0 ? { k: 'allow' } : { k: 'deny', code: 'tool_denied' }),
  hold: () => Promise.resolve({ code: 'tool_denied', telling: null }),
}

function eventOf(frame: SseFrame): SseEvent | null {
  return frame.k === 'event' ? frame.event : null
}

/** How definitions of tools are written in a dialect; null for one that has none. */
function formOf({ name }: Dialect): DefinitionForm | null {
  return name === 'openai-chat' || name === 'openai-responses' || name === 'anthropic-messages' ? name : null
}

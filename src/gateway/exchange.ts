import type { ServerResponse } from 'node:http'
import { idFrom } from '../kernel/index.ts'
import type { Caller, Moment } from './admit.ts'
import { objectionToRunning } from './admit.ts'
import { commitToInput, OutputCommitment } from './commitments.ts'
import { ContentCapture } from './content/capture.ts'
import type { ContentQueue } from './content/queue.ts'
import { Deadlines } from './deadlines.ts'
import type { Dialect } from './dialect/dialect.ts'
import { openaiRefusal } from './dialect/openai/refusal.ts'
import type { Usage } from './dialect/reading.ts'
import { codeOfFault } from './fault.ts'
import type { Inspection } from './inspection/inspection.ts'
import type { Limits } from './limits.ts'
import type {
  Commitment,
  GatewayClock,
  Log,
  RecordEntry,
  RecordSink,
  RecordTool,
  RuntimeRecord,
  Target,
  VirtualKey,
} from './ports.ts'
import { randomSource } from './random.ts'
import type { ReasonCode } from './reasons.ts'
import { actionOf, reasons } from './reasons.ts'
import { decisionOf, recordOf, type Ending } from './record-of.ts'
import type { Snapshot } from './snapshot.ts'
import { Timings } from './timings.ts'

const randomOf = randomSource()
/** A record is small: of an answer with more calls of tools the first ones are told. */
const mostTools = 8
/** Attempts that a record tells. */
const mostTried = 16

export type ExchangeDeps = {
  readonly clock: GatewayClock
  readonly records: RecordSink
  readonly limits: Limits
  readonly log: Log
  /** Where the texts of calls are kept whose route says so. */
  readonly content: Pick<ContentQueue, 'put'> | null
}

type Head = Record<string, string | number>

/** The side of a call that goes upstream, as far as its exchange has to stop, pause and resume it. */
export type Upstream = {
  readonly abort: () => void
  readonly pause: () => void
  readonly resume: () => void
}

/**
 * One call from its first byte to its record: what the caller is given, how long everything may take, and what is
 * written about it.
 * INVARIANT: `settle` runs exactly once, whatever happens, and writes exactly one record.
 */
export class Exchange {
  readonly #deps: ExchangeDeps
  readonly #response: ServerResponse
  readonly #startedAt: number
  readonly #salt = randomOf(32).toString('base64url')
  readonly #output = new OutputCommitment(this.#salt)
  readonly id
  readonly timings: Timings
  /** Among the calls that are open. */
  place = -1
  #onSettled: (() => void)[] = []
  #isSettled = false
  #key: VirtualKey | null = null
  #caller: Caller | null = null
  #target: Target | null = null
  #tried: RuntimeRecord['tried'] = []
  #model: string | null = null
  #input: Commitment | null = null
  #firstByteMs: number | null = null
  #usage: Usage | null = null
  #isWhole = false // the whole answer was handed to the socket
  #codes: ReasonCode[] = []
  #tools: RecordTool[] = []
  #upstream: Upstream | null = null
  readonly #deadlines = new Deadlines()
  readonly #onLate = () => this.refuse('upstream_timeout')
  #isHolding = false // a person is waited for, not the upstream
  #onHeadLate: (() => boolean) | null = null // what may be done instead of refusing
  #isIdleTimed = false // the timer named upstream waits for the next bytes, no longer for the head
  #dialect: RuntimeRecord['dialect'] = 'openai-chat'
  #refusalOf: Dialect['refusal'] = openaiRefusal
  #endStream: ((code: ReasonCode) => string) | null = null
  #guard: Inspection | null = null
  #inspected: RuntimeRecord['inspection'] = 'none'
  #lastsUntilGone = false
  #isOver = false // nothing more is released; only the record is outstanding
  #content: ContentCapture | null = null
  #isForeseen = false // that a part of the answer has left is kept

  constructor(deps: ExchangeDeps, response: ServerResponse) {
    this.#deps = deps
    this.#response = response
    this.#startedAt = deps.clock.monotonicMs()
    this.timings = new Timings(deps.clock.monotonicMs)
    this.id = idFrom('record', deps.clock.now(), randomOf(10))
    response.on('finish', () => this.#settle())
    response.on('close', () => {
      if (!response.writableFinished && !this.#lastsUntilGone) this.note('client_gone')
      this.#end()
      this.#settle()
    })
    response.on('error', () => response.destroy())
  }

  /** Calls `listener` once, when the record is written: at once when it already is. */
  onSettled(listener: () => void): void {
    if (this.#isSettled) listener()
    else this.#onSettled.push(listener)
  }

  /** Whether the caller was given something already, so that only more of the same can follow. */
  get hasBegun(): boolean {
    return this.#response.headersSent
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** What the provider has said that the call used. */
  get usage(): Usage | null {
    return this.#usage
  }

  /** Where it was sent last. */
  get target(): Target | null {
    return this.#target
  }

  get releasedBytes(): number {
    return this.#output.bytes
  }

  /** From now on refusals are worded as this API words them. */
  speak(dialect: Pick<Dialect, 'name' | 'refusal'>): void {
    this.#dialect = dialect.name
    this.#refusalOf = dialect.refusal
  }

  /** From now on a refusal ends a stream with what `endStream` writes. */
  streams(endStream: (code: ReasonCode) => string): void {
    this.#endStream = endStream
  }

  /** From now on a caller who goes away cuts nothing short: it listens for as long as it likes. */
  lastsUntilGone(): void {
    this.#lastsUntilGone = true
  }

  /** Remembers who calls, for the record and for the sweep. */
  identify(key: VirtualKey | undefined, caller: Caller | null): void {
    this.#key = key ?? null
    this.#caller = caller
    const days = caller?.route.contentDays
    if (days !== undefined && this.#deps.content !== null) this.#content = new ContentCapture(days)
  }

  /** What goes upstream now, for those who may read it later; null where nobody may. */
  get content(): Pick<ContentCapture, 'sends' | 'keepsNoAnswer'> | null {
    return this.#content
  }

  /** Answers with a refusal in the shape of the dialect, or ends an open stream with it. */
  refuse(code: ReasonCode): void {
    if (this.#isOver || this.#response.writableEnded) return
    this.note(code)
    this.#end()
    if (this.#response.headersSent) {
      this.#foresee(this.#asReleased('partial'))
      this.#response.end(this.#endStream?.(code))
      this.#destroySoon()
      return
    }
    const body = this.#refusalOf(code, this.id)
    const { status } = reasons[code]
    this.#foresee({ codes: this.#codes, released: 'none', status }) // a refusal leaves, kept or not
    const head: Head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    this.#stamped(head, actionOf(code), code)
    if (status === 503 || code === 'budget_exhausted') head['x-should-retry'] = 'false'
    if (code === 'too_large' || code === 'body_timeout') head['connection'] = 'close'
    this.#response.writeHead(status, head)
    this.#response.end(body)
  }

  /** Answers from the gateway itself. */
  answer(body: string): void {
    if (this.#isOver) return
    this.send(200, {}, Buffer.from(body), body)
  }

  /** Answers a check of texts that go to no model. */
  answerCheck(body: Uint8Array, answer: string): void {
    if (this.#isOver) return
    if (!this.#deps.records.ready()) return this.refuse('record_unavailable')
    this.#dialect = 'guard-check'
    this.#inspected = 'complete'
    this.#input = commitToInput(this.#salt, body)
    this.answer(answer)
  }

  /** Cuts the call when the newer snapshot no longer allows it. */
  sweep(snapshot: Snapshot | null, moment: Moment): void {
    if (this.#caller === null || this.#isOver) return
    const objection = objectionToRunning(snapshot, this.#caller, moment)
    if (objection !== null) this.refuse(objection)
  }

  /** Remembers what is asked, for the record. */
  ask(body: Uint8Array): void {
    this.#input = commitToInput(this.#salt, body)
  }

  /** Remembers a model that the grant names; any other name is a text of the caller. */
  reads(model: string): void {
    this.#model = model
  }

  /** Remembers how a call of a tool was decided. */
  readonly keepTool = (decided: RecordTool): void => {
    if (this.#tools.length < mostTools) this.#tools.push(decided)
  }

  /** Remembers that the guard reads this call: `partial` until all that has come was read. */
  inspect(inspection: Inspection): void {
    this.#guard = inspection
    this.#inspected = 'partial'
  }

  /** All texts were read. */
  inspectedAll(): void {
    this.#inspected = 'complete'
  }

  use(usage: Usage | null): void {
    this.#usage = usage ?? this.#usage
  }

  /** Has the database remember that this call goes upstream; false when that cannot be. */
  async admit(target: Target): Promise<boolean> {
    this.#target = target
    return await this.#deps.records.admit(this.#entry(this.#ifProcessEnded('none')))
  }

  /**
   * Goes upstream: from here on the times of an answer run, and there is more to be read. False when it must not.
   * INVARIANT: nothing goes upstream of which no record is kept.
   */
  goTo(target: Target): boolean {
    this.#target = target
    this.timings.sent()
    if (this.#guard !== null) this.#inspected = 'partial'
    if (!this.#foresee(this.#ifProcessEnded('none'))) {
      this.refuse('record_unavailable')
      return false
    }
    const { limits } = this.#deps
    // One time for all targets together.
    if (!this.#deadlines.has('total')) this.#deadlines.set('total', limits.totalMs, this.#onLate)
    this.#awaitHead()
    return true
  }

  /** The request is sent once more. */
  tryAgain(): void {
    this.#awaitHead()
  }

  /** Asked when no answer has begun in time: whether something else is tried. Until then the call is refused. */
  onHeadLate(listener: () => boolean): void {
    this.#onHeadLate = listener
  }

  #awaitHead(): void {
    this.#onHeadLate = null
    this.#deadlines.set('upstream', this.#deps.limits.upstreamHeadersMs, () => {
      this.guarded(() => {
        if (this.#onHeadLate?.() !== true) this.#onLate()
      })
    })
  }

  /** A target has given no answer; `code` says why. The first ones are kept for the record. */
  tried(target: Target, code: string): void {
    if (this.#tried.length < mostTried) this.#tried = [...this.#tried, { code, target: target.id }]
  }

  /** Whether an upstream has let the time of the call run out. */
  get isLate(): boolean {
    return this.#codes.includes('upstream_timeout')
  }

  /** The upstream side has begun. */
  reached(upstream: Upstream): void {
    this.#upstream = upstream
    if (this.#isOver) upstream.abort()
  }

  /** Runs one step of a live call; what goes wrong in it refuses the call. */
  guarded(work: () => void | Promise<void>): void {
    if (this.#isOver) return
    try {
      work()?.catch((error: unknown) => this.refuseFor(error))
    } catch (error) {
      this.refuseFor(error)
    }
  }

  /** Refuses for an error. What nobody has foreseen is logged by its kind alone: a message may hold a piece of a text. */
  refuseFor(error: unknown): void {
    const code = codeOfFault(error)
    if (code === 'check_fault') {
      const cause = error instanceof Error ? error.name : 'unknown'
      this.#deps.log('error', 'gateway.exchange.fault', { record: this.id, cause })
    }
    this.refuse(code)
  }

  /** The whole of a stream was released. */
  finishStream(): void {
    if (!this.#foresee(this.#asReleased('full'))) return this.refuse('record_unavailable')
    this.#isWhole = true
    this.#end()
    this.#finish()
  }

  /** Ends a stream with what its API says of an answer that goes no further. */
  withholdStream(text: string, headers: Record<string, string>, code: ReasonCode): void {
    if (this.#isOver) return
    this.note(code)
    this.release(text, headers, code)
    if (this.#isOver) return
    this.#foresee(this.#asReleased('partial'))
    this.#end()
    this.#finish()
  }

  /** Hands a part of a stream to the caller, and makes the upstream wait for one who is slow. */
  release(text: string, headers: Record<string, string>, code: ReasonCode | null = null): void {
    if (!this.#isForeseen && !this.#foresee(this.#ifProcessEnded('partial')))
      return this.refuse('record_unavailable')
    this.#isForeseen = true
    if (!this.#response.headersSent) {
      const type = 'text/event-stream; charset=utf-8'
      const head: Head = { 'content-type': type, 'cache-control': 'no-cache', ...headers }
      this.#response.writeHead(200, this.#stamped(head, this.#decision(code), code))
    }
    const bytes = Buffer.from(text, 'utf8')
    this.#count(bytes)
    if (this.#response.write(bytes) || this.#deadlines.has('client')) return
    this.#upstream?.pause()
    this.#deadlines.clear('upstream') // a pause of ours is not an idle upstream
    this.#isIdleTimed = false
    this.#deadlines.set('client', this.#deps.limits.clientStallMs, () => this.#response.destroy())
    this.#response.once('drain', () => {
      this.#deadlines.clear('client')
      if (this.#isOver) return
      this.idle()
      this.#upstream?.resume()
    })
  }

  /** `text` is what `body` says; node:http writes head and text in one piece, head and bytes in two. */
  send(
    status: number,
    headers: Record<string, string>,
    body: Buffer,
    text: string,
    code: ReasonCode | null = null,
  ): void {
    if (code !== null) this.note(code)
    this.#firstByteMs ??= this.#elapsedMs()
    // What stands in the place of an answer is nothing of it.
    const output = code === null ? this.#output.of(body) : null
    const released = code === null ? 'full' : 'none'
    if (!this.#foresee({ codes: this.#codes, released, status, output }))
      return this.refuse('record_unavailable')
    if (code === null) this.#count(body)
    this.#isWhole = code === null
    this.#end()
    const head: Head = { 'content-type': 'application/json', 'content-length': body.length, ...headers }
    this.#response.writeHead(status, this.#stamped(head, this.#decision(code), code))
    this.#finish(text)
  }

  /** Ends the answer, and the connection with it when the caller does not take the rest in time. */
  #finish(text?: string): void {
    this.#response.end(text)
    if (this.#response.writableLength > 0)
      this.#deadlines.set('client', this.#deps.limits.clientStallMs, () => this.#response.destroy())
  }

  #count(bytes: Buffer): void {
    this.#firstByteMs ??= this.#elapsedMs()
    this.timings.released()
    this.#output.add(bytes)
    this.#content?.answers(bytes)
  }

  #decision(code: ReasonCode | null): RuntimeRecord['action'] {
    return code === null ? decisionOf(this.#guard) : actionOf(code)
  }

  /** `head` with what every answer says of itself. */
  #stamped(head: Head, decision: RuntimeRecord['action'], code: ReasonCode | null): Head {
    head['countersign-record'] = this.id
    head['countersign-decision'] = decision
    if (code !== null) head['countersign-reason'] = code
    return head
  }

  note(code: ReasonCode): void {
    if (!this.#isSettled && !this.#codes.includes(code)) this.#codes.push(code)
  }

  /** From now on a person is waited for: how long the upstream takes does not matter. */
  holds(): void {
    this.#isHolding = true
    this.#isIdleTimed = false
    this.#deadlines.clear('upstream')
  }

  /** The person has answered. */
  goesOn(): void {
    this.#isHolding = false
    if (this.#upstream !== null) this.idle()
  }

  /** Something came from upstream. */
  idle(): void {
    if (this.#isHolding) return
    if (this.#deadlines.has('client')) return // paused by a slow caller, who has a limit of its own
    if (this.#isIdleTimed) {
      this.#deadlines.refresh('upstream')
      return
    }
    this.#isIdleTimed = true
    // Most answers that come whole have come before this runs; until then the time for the head still runs.
    queueMicrotask(() => {
      if (this.#isOver || !this.#isIdleTimed || this.#deadlines.has('client')) return
      this.#deadlines.set('upstream', this.#deps.limits.idleMs, this.#onLate)
    })
  }

  /** Stops the upstream side. What was released stays released; nothing follows. */
  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#deadlines.clearAll()
    if (!this.#isWhole) this.#upstream?.abort()
  }

  #destroySoon(): void {
    this.#deadlines.set('client', 1_000, () => this.#response.destroy())
  }

  #elapsedMs(): number {
    return Math.round(this.#deps.clock.monotonicMs() - this.#startedAt)
  }

  /** What a record says when the process ends before the call does. */
  #ifProcessEnded(released: 'none' | 'partial'): Ending {
    return { codes: [...this.#codes, 'process_ended'], released, status: 499 }
  }

  /** What a record says of a stream of which nothing more is released. */
  #asReleased(released: 'full' | 'partial'): Ending {
    return {
      codes: this.#codes,
      output: this.#output.end(),
      released,
      status: this.#response.statusCode,
    }
  }

  /** Keeps what the record will be unless something else happens; false when it cannot be kept. */
  #foresee(ending: Ending): boolean {
    return this.#deps.records.foresee(this.#entry(ending))
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#deadlines.clearAll()
    const { records } = this.#deps
    const isFull = this.#isWhole && this.#response.writableFinished
    const partial = this.#output.bytes > 0 ? 'partial' : 'none'
    records.write(
      this.#entry(
        {
          codes: this.#codes,
          output: this.#output.end(),
          released: isFull ? 'full' : partial,
          content: this.#keepContent(),
          status: this.#response.headersSent ? this.#response.statusCode : 499,
        },
        records.nextSeq(),
      ),
      this.timings.told,
    )
    const listeners = this.#onSettled
    this.#onSettled = [] // whoever still holds the exchange holds nothing more of the call
    for (const listener of listeners) listener()
  }

  /** Hands the text of the call over to be kept; undefined when there is nothing of the kind. */
  #keepContent(): RuntimeRecord['content'] {
    const [kept, caller] = [this.#content?.end() ?? null, this.#caller]
    if (kept === null || caller === null || this.#content === null) return undefined
    const isTaken = this.#deps.content?.put({
      record: this.id,
      deployment: caller.route.deployment,
      at: this.#deps.clock.now(),
      days: this.#content.days,
      ...kept,
    })
    return isTaken === true ? 'queued' : 'dropped'
  }

  /** The record as it stands, and how the call ends in it. */
  #entry(ending: Ending, seq = 0): RecordEntry {
    const { clock, records } = this.#deps
    const state = {
      id: this.id,
      at: clock.now(),
      worker: records.worker,
      dialect: this.#dialect,
      key: this.#key,
      caller: this.#caller,
      target: this.#target,
      tried: this.#tried,
      model: this.#model,
      guard: this.#guard,
      inspection: this.#inspected,
      input: this.#input,
      usage: this.#usage,
      tools: this.#tools,
      timing: { firstByteMs: this.#firstByteMs, totalMs: this.#elapsedMs() },
    }
    return { salt: this.#salt, record: recordOf(state, ending, seq) }
  }
}

import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { idFrom } from '../kernel/index.ts'
import type { Caller, Moment } from './admit.ts'
import { admitCall, objectionToRunning } from './admit.ts'
import { joined } from './body.ts'
import type { ChatCall, Usage } from './chat.ts'
import { usageOf } from './chat.ts'
import { commitToInput, OutputCommitment } from './commitments.ts'
import type { Limits } from './limits.ts'
import type {
  Commitment,
  GatewayClock,
  Log,
  RecordSink,
  RuntimeRecord,
  Target,
  UpstreamSecrets,
  VirtualKey,
} from './ports.ts'
import type { ReasonCode } from './reasons.ts'
import { randomSource } from './random.ts'
import { actionOf, errorBody, reasons } from './reasons.ts'
import type { Snapshot } from './snapshot.ts'
import type { Upstreams } from './upstream.ts'
import { isEventStreamType, isJsonType, passedHeaders, upstreamHeaders } from './wire/headers.ts'
import { decodeUtf8, readExactTree } from './wire/json.ts'
import { Repeat } from './wire/repeat.ts'
import { SseFramer, sseText } from './wire/sse.ts'

const randomOf = randomSource()

export type ExchangeDeps = {
  readonly clock: GatewayClock
  readonly records: RecordSink
  readonly secrets: UpstreamSecrets
  readonly upstreams: Upstreams
  readonly limits: Limits
  readonly log: Log
}

type Controller = Dispatcher.DispatchController

/**
 * One call from its first byte to its record.
 * INVARIANT: `settle` runs exactly once, whatever happens, and writes exactly one record.
 */
export class Exchange {
  readonly #deps: ExchangeDeps
  readonly #response: ServerResponse
  readonly #startedAt: number
  readonly #salt = randomOf(32).toString('base64url')
  readonly #output = new OutputCommitment(this.#salt)
  readonly id
  #onSettled: (() => void)[] = []
  #isSettled = false
  #key: VirtualKey | null = null
  #caller: Caller | null = null
  #target: Target | null = null
  #model: string | null = null
  #input: Commitment | null = null
  #firstByteMs: number | null = null
  #usage: Usage | null = null
  #isWhole = false // the whole answer was handed to the socket
  #codes: ReasonCode[] = []
  #controller: Controller | null = null
  #timers = new Map<string, NodeJS.Timeout>()
  #isIdleTimed = false // the timer named upstream waits for the next bytes, no longer for the head
  #dialect: RuntimeRecord['dialect'] = 'openai-chat'
  #inspection: RuntimeRecord['inspection'] = 'none'
  #isOver = false // nothing more is released; only the record is outstanding

  constructor(deps: ExchangeDeps, response: ServerResponse) {
    this.#deps = deps
    this.#response = response
    this.#startedAt = deps.clock.monotonicMs()
    this.id = idFrom('record', deps.clock.now(), randomOf(10))
    response.on('finish', () => this.#settle())
    response.on('close', () => {
      if (!response.writableFinished) this.#note('client_gone')
      this.#end()
      this.#settle()
    })
    response.on('error', () => response.destroy())
  }

  get caller(): Caller | null {
    return this.#caller
  }

  /** Calls `listener` once, when the record is written: at once when it already is. */
  onSettled(listener: () => void): void {
    if (this.#isSettled) listener()
    else this.#onSettled.push(listener)
  }

  /** Remembers who calls, for the record and for the sweep. */
  identify(key: VirtualKey | undefined, caller: Caller | null): void {
    this.#key = key ?? null
    this.#caller = caller
  }

  /** Answers with a refusal in the shape of the dialect, or ends an open stream with it. */
  refuse(code: ReasonCode): void {
    if (this.#isOver || this.#response.writableEnded) return
    this.#note(code)
    this.#end()
    const body = errorBody(code)
    if (this.#response.headersSent) {
      this.#response.end(sseText(body))
      this.#destroySoon()
      return
    }
    const { status } = reasons[code]
    this.#response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...this.#stamp(actionOf(code), code),
      ...(status === 503 ? { 'x-should-retry': 'false' } : {}),
      ...(code === 'too_large' || code === 'body_timeout' ? { connection: 'close' } : {}),
    })
    this.#response.end(body)
  }

  /** Answers from the gateway itself. */
  answer(body: string): void {
    if (this.#isOver) return
    this.#send(200, {}, Buffer.from(body), body)
  }

  /** Answers a check of texts that go to no model. */
  answerCheck(body: Uint8Array, answer: string): void {
    if (this.#isOver) return
    if (!this.#deps.records.ready()) return this.refuse('record_unavailable')
    this.#dialect = 'guard-check'
    this.#inspection = 'complete'
    this.#input = commitToInput(this.#salt, body)
    this.answer(answer)
  }

  /** Cuts the call when the newer snapshot no longer allows it. */
  sweep(snapshot: Snapshot | null, moment: Moment): void {
    if (this.#caller === null || this.#isOver) return
    const objection = objectionToRunning(snapshot, this.#caller, moment)
    if (objection !== null) this.refuse(objection)
  }

  /** Sends an admitted call upstream. */
  dispatch(call: ChatCall, body: Uint8Array): void {
    const caller = this.#caller
    if (caller === null) return this.refuse('check_fault')
    this.#input = commitToInput(this.#salt, body)
    const admitted = admitCall(caller, call.wish)
    if ('refused' in admitted) return this.refuse(admitted.refused)
    this.#model = call.wish.model
    const { target } = admitted
    const secret = target.secretRef === null ? null : this.#deps.secrets.open(target.secretRef)
    if (target.secretRef !== null && secret === null) return this.refuse('upstream_unavailable')
    if (!this.#deps.records.ready()) return this.refuse('record_unavailable')
    this.#target = target
    const bytes = call.bytesFor(target.model)
    const { limits } = this.#deps
    this.#timer('total', limits.totalMs, () => this.refuse('upstream_timeout'))
    this.#timer('upstream', limits.upstreamHeadersMs, () => this.refuse('upstream_timeout'))
    try {
      const headers = upstreamHeaders(bytes, call.stream, secret?.reveal() ?? null)
      const request = { path: `${target.basePath}/chat/completions`, headers, body: bytes }
      this.#deps.upstreams.dispatch(target, request, this.#handler(call.stream))
    } catch (error) {
      this.#upstreamFailed(error)
    }
  }

  #handler(stream: boolean): Dispatcher.DispatchHandler {
    let receive: (chunk: Buffer) => void = () => {}
    let finish: () => void = () => {}
    return {
      onRequestStart: (controller) => {
        this.#controller = controller
        if (this.#isOver) controller.abort(new Error('the exchange is over'))
      },
      onResponseStart: (_controller, status, headers) => {
        if (status < 200) return
        this.#guarded(() => {
          const encoding = headers['content-encoding']
          const isPlain = encoding === undefined || encoding === 'identity'
          const type = headers['content-type']
          if (status === 401 || status === 403 || status === 407) return this.refuse('upstream_auth')
          if (!isPlain || (status !== 200 && (status < 400 || status >= 500 || status === 408)))
            return this.refuse('upstream_unavailable')
          this.#idle()
          if (stream && status === 200 && isEventStreamType(type)) {
            ;[receive, finish] = this.#streamReader(passedHeaders(headers))
          } else if ((!stream || status !== 200) && isJsonType(type)) {
            ;[receive, finish] = this.#bodyReader(status, passedHeaders(headers))
          } else this.refuse('upstream_unavailable')
        })
      },
      onResponseData: (_controller, chunk) => this.#guarded(() => receive(chunk)),
      onResponseEnd: () => this.#guarded(() => finish()),
      onResponseError: (_controller, error) => this.#upstreamFailed(error),
    }
  }

  /** Runs one step of a live call. INVARIANT: an error in a check is a refusal. */
  #guarded(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch (error) {
      this.#deps.log('error', 'gateway.exchange.fault', { cause: String(error) })
      this.refuse('check_fault')
    }
  }

  #upstreamFailed(error: unknown): void {
    if (this.#isOver) return
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    this.#deps.log('warn', 'gateway.upstream.failed', { target: this.#target?.id ?? '', cause: code })
    this.refuse(code === 'UND_ERR_CONNECT_TIMEOUT' ? 'upstream_timeout' : 'upstream_unavailable')
  }

  /** A JSON answer is read whole and must have exactly one reading before its first byte leaves. */
  #bodyReader(status: number, headers: Record<string, string>): [(chunk: Buffer) => void, () => void] {
    const chunks: Buffer[] = []
    let size = 0
    const receive = (chunk: Buffer) => {
      this.#idle()
      size += chunk.length
      if (size > this.#deps.limits.responseBytes) return this.refuse('upstream_unavailable')
      chunks.push(chunk)
    }
    const finish = () => {
      const body = joined(chunks)
      const text = decodeUtf8(body)
      const read = text === null ? null : readExactTree(text)
      if (text === null || read === null || !read.ok) return this.refuse('upstream_unavailable')
      this.#usage = usageOf(read.tree)
      this.#send(status, headers, body, text)
    }
    return [receive, finish]
  }

  /**
   * A stream is taken apart into events, and each event is written again from scratch. undici hands over each piece of
   * a chunked body by itself; all pieces of one read from the socket are judged, counted and written together.
   */
  #streamReader(headers: Record<string, string>): [(chunk: Buffer) => void, () => void] {
    const [framer, repeat] = [new SseFramer(), new Repeat()]
    let [isDone, size] = [false, 0]
    let waiting: Buffer[] = []
    const judge = () => {
      if (waiting.length === 0) return
      this.#idle()
      let [text, isSound] = ['', true]
      for (const frame of framer.push(joined(waiting))) {
        if (frame.k === 'comment') continue
        const data = frame.k === 'event' && !isDone ? frame.event.data : null
        isSound = data !== null && (data === '[DONE]' || this.#readEvent(data, repeat))
        if (data === null || !isSound) break
        isDone = data === '[DONE]'
        text += sseText(data)
      }
      waiting = []
      if (text !== '') this.#release(text, headers)
      if (!isSound) this.refuse('upstream_unavailable')
    }
    const receive = (chunk: Buffer) => {
      size += chunk.length
      if (size > this.#deps.limits.streamBytes) return this.refuse('upstream_unavailable')
      if (waiting.push(chunk) === 1) queueMicrotask(() => this.#guarded(judge))
    }
    const finish = () => {
      judge()
      if (this.#isOver) return
      if (!isDone || !framer.isAtRest) return this.refuse('upstream_unavailable')
      this.#isWhole = true
      this.#end()
      this.#finish()
    }
    return [receive, finish]
  }

  /** Whether `data` has exactly one reading. */
  #readEvent(data: string, repeat: Repeat): boolean {
    if (repeat.covers(data)) return true // a repeat of the text states the same usage
    const read = readExactTree(data)
    if (!read.ok) return false
    repeat.learn(data)
    this.#usage = usageOf(read.tree) ?? this.#usage
    return true
  }

  #release(text: string, headers: Record<string, string>): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        ...headers,
        ...this.#stamp('allow', null),
      })
    }
    const bytes = Buffer.from(text, 'utf8')
    this.#count(bytes)
    if (this.#response.write(bytes) || this.#timers.has('client')) return
    this.#controller?.pause()
    this.#clear('upstream') // a pause of ours is not an idle upstream
    this.#isIdleTimed = false
    this.#timer('client', this.#deps.limits.clientStallMs, () => this.#response.destroy())
    this.#response.once('drain', () => {
      this.#clear('client')
      if (this.#isOver) return
      this.#idle()
      this.#controller?.resume()
    })
  }

  /** `text` is what `body` says; node:http writes head and text in one piece, head and bytes in two. */
  #send(status: number, headers: Record<string, string>, body: Buffer, text: string): void {
    this.#count(body)
    this.#isWhole = true
    this.#end()
    this.#response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': body.length,
      ...headers,
      ...this.#stamp('allow', null),
    })
    this.#finish(text)
  }

  /** Ends the answer, and the connection with it when the caller does not take the rest in time. */
  #finish(text?: string): void {
    this.#response.end(text)
    if (this.#response.writableLength > 0)
      this.#timer('client', this.#deps.limits.clientStallMs, () => this.#response.destroy())
  }

  #count(bytes: Buffer): void {
    this.#firstByteMs ??= this.#elapsedMs()
    this.#output.add(bytes)
  }

  #stamp(decision: 'allow' | 'block' | 'fault', code: ReasonCode | null): Record<string, string> {
    const reason = code === null ? {} : { 'countersign-reason': code }
    return { 'countersign-record': this.id, 'countersign-decision': decision, ...reason }
  }

  #note(code: ReasonCode): void {
    if (!this.#isSettled && !this.#codes.includes(code)) this.#codes.push(code)
  }

  #idle(): void {
    if (this.#timers.has('client')) return // paused by a slow caller, who has a limit of its own
    if (this.#isIdleTimed) {
      this.#timers.get('upstream')?.refresh()
      return
    }
    this.#isIdleTimed = true
    this.#timer('upstream', this.#deps.limits.idleMs, () => this.refuse('upstream_timeout'))
  }

  #timer(name: string, ms: number, onLate: () => void): void {
    this.#clear(name)
    this.#timers.set(name, setTimeout(onLate, ms).unref())
  }

  #clear(name: string): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.delete(name)
  }

  /** Stops the upstream side. What was released stays released; nothing follows. */
  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const name of this.#timers.keys()) this.#clear(name)
    if (!this.#isWhole) this.#controller?.abort(new Error('the exchange is over'))
  }

  #destroySoon(): void {
    this.#timer('client', 1_000, () => this.#response.destroy())
  }

  #elapsedMs(): number {
    return Math.round(this.#deps.clock.monotonicMs() - this.#startedAt)
  }

  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const name of this.#timers.keys()) this.#clear(name)
    const { clock, records } = this.#deps
    const [claims, scope] = [this.#caller?.grant.claims, this.#caller?.grant.scope]
    const [code] = this.#codes
    const isFull = this.#isWhole && this.#response.writableFinished
    const partial = this.#output.bytes > 0 ? 'partial' : 'none'
    records.write({
      salt: this.#salt,
      record: {
        // In canonical order, so that hashing it need not sort.
        action: code === undefined ? 'allow' : actionOf(code),
        at: clock.now(),
        codes: this.#codes,
        dataClassMax: scope?.dataClassMax ?? null,
        deployment: this.#key?.deployment ?? null,
        dialect: this.#dialect,
        grant: claims?.jti ?? null,
        id: this.id,
        input: this.#input,
        inspection: this.#inspection,
        key: this.#key?.id ?? null,
        mode: claims?.mode ?? null,
        model: this.#model,
        output: this.#output.end(),
        release: claims?.rel ?? null,
        released: isFull ? 'full' : partial,
        seq: records.nextSeq(),
        snapshot: this.#caller?.snapshot.version ?? null,
        status: this.#response.headersSent ? this.#response.statusCode : 499,
        target: this.#target?.id ?? null,
        tier: claims?.tier ?? null,
        timing: { firstByteMs: this.#firstByteMs, totalMs: this.#elapsedMs() },
        usage: this.#usage,
        v: 1,
        worker: records.worker,
      },
    })
    for (const listener of this.#onSettled) listener()
  }
}

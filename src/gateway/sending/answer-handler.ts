import type { Dispatcher } from 'undici'
import type { Exchange } from '../exchange.ts'
import type { ReasonCode } from '../reasons.ts'
import { AddressRefused } from '../upstream.ts'

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Takes an answer as it comes. */
export type AnswerReader = {
  readonly receive: (chunk: Buffer) => void
  readonly finish: () => void | Promise<void>
}

/** Why an attempt has come to nothing. */
export type Failure = {
  /** For the record and the log: `status_503`, or the code of a fault of the connection. */
  readonly code: string
  readonly status: number | null
  /** Whether the upstream may have worked on the request, and so have carried out tools that it runs itself. */
  readonly mayHaveRun: boolean
  /** Whether the same target may get it again: not as long as it may still be at work. */
  readonly isAgain: boolean
  /** Seconds that the upstream asks for. */
  readonly retryAfter: number | null
  /** How the caller is refused when nothing else is tried. */
  readonly reason: ReasonCode
}

/** What is done about one attempt. */
export type AttemptParts = {
  /** Whether something else may be tried after this failure. */
  readonly isSpare: (failure: Failure) => boolean
  readonly begin: (status: number, headers: AnswerHeaders) => AnswerReader | null
  readonly succeeded: () => void
  /** `isSpare`: whether the answer was dropped, so that something else is to be tried now. */
  readonly failed: (failure: Failure, isSpare: boolean) => void
}

/** Answers after which the same request may well be served. SPEC: RFC 9110 15.5.9, 15.6; RFC 6585 4; 529 is Anthropic's. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 529])
/** Those of them that say that it was not even begun. SPEC: RFC 9110 15.5.9, 15.6.4; RFC 6585 4. */
const turnedAway: ReadonlySet<number> = new Set([408, 429, 503, 529])
/** Faults of a connection that had the request on it, before it brought anything back. */
const broken: ReadonlySet<string> = new Set(['ECONNRESET', 'UND_ERR_SOCKET'])

/** Follows one attempt and hands its answer to a reader. */
export function answerHandler(
  exchange: Exchange,
  parts: AttemptParts,
): Dispatcher.DispatchHandler & {
  readonly failedToStart: (error: unknown) => void
  /** No answer has begun in time: whether something else is tried. */
  readonly headLate: () => boolean
} {
  let reader: AnswerReader | null = null
  let abort = () => undefined as void
  let [isSent, hasAnswer, isDropped] = [false, false, false]
  const lost = (error: unknown) => {
    if (isDropped || exchange.isOver) return
    const failure = failureOf(error, isSent)
    // What goes wrong before is of the name, the address or the handshake; an address that is refused is so for good.
    const mayPass = isSent ? broken.has(failure.code) : !(error instanceof AddressRefused)
    const isSpare = !hasAnswer && mayPass && parts.isSpare(failure)
    isDropped = true
    parts.failed(failure, isSpare)
  }
  return {
    failedToStart: lost,
    headLate: () => {
      const failure = silent(isSent)
      if (hasAnswer || isDropped || !parts.isSpare(failure)) return false
      isDropped = true
      abort()
      parts.failed(failure, true)
      return true
    },
    onRequestStart: (controller) => {
      abort = () => controller.abort(new Error('something else is tried'))
      if (isDropped) return abort() // it was given up while it still waited for a connection
      isSent = true
      exchange.reached({
        abort: () => controller.abort(new Error('the exchange is over')),
        pause: () => controller.pause(),
        resume: () => controller.resume(),
      })
    },
    onResponseStart: (controller, status, headers) => {
      if (status < 200) return
      hasAnswer = true
      exchange.guarded(() => {
        const failure = passing.has(status) ? failureBy(status, headers['retry-after']) : null
        if (failure !== null && parts.isSpare(failure)) {
          isDropped = true
          controller.abort(new Error('something else is tried'))
          return parts.failed(failure, true)
        }
        if (status === 401 || status === 403 || status === 407) return exchange.refuse('upstream_auth')
        const encoding = headers['content-encoding']
        const isPlain = encoding === undefined || encoding === 'identity'
        if (!isPlain || (status !== 200 && (status < 400 || status >= 500 || status === 408))) {
          isDropped = true
          return parts.failed(failure ?? failureBy(status, undefined), false)
        }
        if (failure === null) parts.succeeded()
        exchange.idle()
        exchange.timings.answered()
        reader = parts.begin(status, headers)
        if (reader === null) exchange.refuse('upstream_unavailable')
      })
    },
    onResponseData: (_controller, chunk) => {
      if (!isDropped) exchange.guarded(() => reader?.receive(chunk))
    },
    onResponseEnd: () => {
      if (isDropped) return
      exchange.timings.ended()
      exchange.guarded(() => reader?.finish())
    },
    onResponseError: (_controller, error) => lost(error),
  }
}

/** What says nothing may still be at work: another one may be asked, the same one not. */
function silent(isSent: boolean): Failure {
  return {
    code: 'headers_timeout',
    status: null,
    mayHaveRun: isSent,
    isAgain: false,
    retryAfter: null,
    reason: 'upstream_timeout',
  }
}

function failureBy(status: number, retryAfter: unknown): Failure {
  const asked = typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null
  return {
    code: `status_${status}`,
    status,
    mayHaveRun: !turnedAway.has(status),
    isAgain: true,
    retryAfter: asked,
    reason: 'upstream_unavailable',
  }
}

function failureOf(error: unknown, isSent: boolean): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : nameOf(error)
  const reason = code === 'UND_ERR_CONNECT_TIMEOUT' ? 'upstream_timeout' : 'upstream_unavailable'
  return { code, status: null, mayHaveRun: isSent, isAgain: true, retryAfter: null, reason }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

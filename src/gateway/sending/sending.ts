import type { Exchange } from '../exchange.ts'
import type { Limits } from '../limits.ts'
import type { Log, Target } from '../ports.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Upstreams } from '../upstream.ts'
import type { Attempt, Breakers } from './breakers.ts'
import { answerHandler, type AnswerHeaders, type AnswerReader, type Failure } from './answer-handler.ts'

export type SendingDeps = {
  readonly upstreams: Upstreams
  readonly breakers: Breakers
  readonly limits: Limits
  readonly log: Log
}

export type UpstreamRequest = Parameters<Upstreams['dispatch']>[1]

/** What a call has to do with each of its targets. */
export type SendingParts = {
  /** The request as this target gets it, or why the target may not have it. */
  readonly prepare: (
    target: Target,
  ) => UpstreamRequest | { readonly refused: ReasonCode } | Promise<UpstreamRequest | { refused: ReasonCode }>
  /** Whether a provider may carry out tools before it answers: what may have run there is not sent again. */
  readonly runsTools: boolean
  /** How an answer with a usable status is read; null when nothing of the kind can be. */
  readonly begin: (target: Target, status: number, headers: AnswerHeaders) => AnswerReader | null
}

/**
 * Sends a call: to its first target, again where that may help, then to the next one, until an answer begins that is to
 * be read.
 * INVARIANT: nothing is sent twice after an answer has begun that was not dropped whole, so no released byte and no
 * outcome of a check is ever followed by another attempt; nor what may have carried out a tool.
 */
export class Sending {
  readonly #deps: SendingDeps
  readonly #exchange: Exchange
  readonly #parts: SendingParts

  constructor(deps: SendingDeps, exchange: Exchange, parts: SendingParts) {
    this.#deps = deps
    this.#exchange = exchange
    this.#parts = parts
  }

  /** Sends to the first of `targets` that may be used, and to those behind it when it fails. */
  send(targets: readonly Target[]): void {
    this.#next(targets, null)
  }

  /** `otherwise`: how the caller is refused when no target is left; null while none has failed or was refused. */
  #next([target, ...others]: readonly Target[], otherwise: ReasonCode | null): void {
    const exchange = this.#exchange
    if (exchange.isOver) return
    if (target === undefined) return exchange.refuse(otherwise ?? 'upstream_unavailable')
    const attempt = this.#deps.breakers.enter(target)
    if (attempt === null) {
      exchange.tried(target, 'breaker_open')
      return this.#next(others, otherwise)
    }
    const prepared = this.#parts.prepare(target)
    const go = (request: Awaited<typeof prepared>): void => {
      if ('refused' in request) {
        attempt.report('unknown')
        exchange.tried(target, request.refused)
        return this.#next(others, otherwise ?? request.refused)
      }
      if (exchange.isOver || !exchange.goTo(target)) return attempt.report('unknown')
      this.#attempt({ target, others, request, left: this.#deps.limits.retries }, attempt)
    }
    if (!(prepared instanceof Promise)) return go(prepared)
    exchange.guarded(async () => go(await prepared))
  }

  #attempt(way: Way, attempt: Attempt): void {
    const { target, request } = way
    const exchange = this.#exchange
    let [isTold, isGone] = [false, false]
    const tell = (outcome: 'ok' | 'failed' | 'unknown') => {
      isTold = true
      attempt.report(outcome)
    }
    exchange.onSettled(() => {
      if (exchange.isLate && !isGone) attempt.report('failed')
      else if (!isTold) attempt.report('unknown')
    })
    const handler = answerHandler(exchange, {
      isSpare: (failure) => {
        if (failure.mayHaveRun && this.#parts.runsTools) return false
        return this.#waitOf(way, failure) !== null || way.others.length > 0
      },
      begin: (status, headers) => this.#parts.begin(target, status, headers),
      succeeded: () => tell('ok'),
      failed: (failure, isSpare) => {
        isGone = true
        // Too many calls says something about us; everything else says something about the target.
        tell(failure.status === 429 ? 'unknown' : 'failed')
        exchange.tried(target, failure.code)
        if (isSpare) this.#after(way, failure)
        else this.#end(failure)
      },
    })
    exchange.onHeadLate(handler.headLate)
    try {
      this.#deps.upstreams.dispatch(target, request, handler)
    } catch (error) {
      handler.failedToStart(error)
    }
  }

  /** How long to wait before the same target is asked again; null when it is not. */
  #waitOf({ left }: Way, { isAgain, retryAfter }: Failure): number | null {
    if (left === 0 || !isAgain) return null
    const { retries, retryMs } = this.#deps.limits
    const waitMs = retryMs * (1 + Math.random()) * 2 ** (retries - left)
    if (retryAfter === null) return waitMs
    return retryAfter * 1_000 > longestWaitMs ? null : Math.max(waitMs, retryAfter * 1_000)
  }

  /** The same target once more, or the next one. */
  #after(way: Way, failure: Failure): void {
    const { target, others, left } = way
    const exchange = this.#exchange
    const otherwise = failure.status === 429 ? 'rate_limited' : failure.reason
    const waitMs = this.#waitOf(way, failure)
    if (waitMs === null) return this.#next(others, otherwise)
    const timer = setTimeout(() => {
      if (exchange.isOver) return
      const attempt = this.#deps.breakers.enter(target)
      if (attempt === null) return this.#next(others, otherwise)
      exchange.tryAgain()
      this.#attempt({ ...way, left: left - 1 }, attempt)
    }, waitMs)
    exchange.onSettled(() => clearTimeout(timer))
  }

  #end({ code, reason }: Failure): void {
    if (this.#exchange.isOver) return
    this.#deps.log('warn', 'gateway.upstream.failed', { record: this.#exchange.id, cause: code })
    this.#exchange.refuse(reason)
  }
}

type Way = {
  readonly target: Target
  readonly others: readonly Target[]
  readonly request: UpstreamRequest
  /** How often it may be sent to this target again. */
  readonly left: number
}

/** Longest time that a caller is kept waiting because the upstream asks for it. */
const longestWaitMs = 5_000

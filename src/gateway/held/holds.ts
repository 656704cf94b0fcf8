import type { ApprovalAnswer, ApprovalPort, ApprovalQuestion } from '../../app/ports/approval.ts'
import { canonicalJson } from '../../kernel/index.ts'
import type { Exchange } from '../exchange.ts'
import type { Limits } from '../limits.ts'
import type { GatewayClock, Log } from '../ports.ts'
import type { ReasonCode } from '../reasons.ts'
import { within } from '../within.ts'
import { standingOf, type Standing } from './answer.ts'

/** How holding ends. `gone`: there is nobody left to be answered. */
export type Held =
  | { readonly k: 'approved' }
  | { readonly k: 'pending'; readonly ids: readonly string[] }
  | { readonly k: 'closed'; readonly code: ReasonCode }
  | { readonly k: 'gone' }

/** What the same call is decided to be now. */
export type Again =
  | { readonly k: 'allow' }
  | { readonly k: 'deny'; readonly code: ReasonCode }
  | { readonly k: 'ask'; readonly questions: readonly ApprovalQuestion[] }

export type HoldDeps = {
  readonly approvals: ApprovalPort
  readonly clock: GatewayClock
  readonly limits: Pick<Limits, 'holdMs' | 'holdPollMs' | 'approvalAnswerMs'>
  readonly log: Log
}

type Waiter = Pick<Exchange, 'id' | 'isOver' | 'onSettled'>
type Approved = { readonly k: 'approved'; readonly ids: readonly string[] }
type Asked = { readonly question: ApprovalQuestion; standing: Standing }

/** The calls of this process that wait for a person. */
export class Holds {
  readonly #deps: HoldDeps
  readonly #detach = new Set<() => void>()
  #isDraining = false

  constructor(deps: HoldDeps) {
    this.#deps = deps
  }

  /** How many calls are held. */
  get count(): number {
    return this.#detach.size
  }

  /** Answers what is held with its pending form, and from now on everything that would be. */
  drain(): void {
    this.#isDraining = true
    for (const detach of this.#detach) detach()
  }

  /**
   * Asks, waits for the answers, decides again, and uses the approvals up. `following`: records that the calls must
   * still be attached to, in their order.
   * INVARIANT: `approved` only when all were approved, `again` still asks exactly this, and each approval was used by
   * this call alone; whatever fails on the way closes.
   */
  async hold(
    exchange: Waiter,
    questions: readonly ApprovalQuestion[],
    again: () => Again | Promise<Again>,
    following: readonly string[] = [],
  ): Promise<Held> {
    const waited = await this.#wait(exchange, questions, following)
    if (waited.k !== 'approved') return waited
    const now = await again()
    if (exchange.isOver) return { k: 'gone' }
    if (now.k === 'deny') return this.#closed(exchange, now.code, 'denied_again')
    if (now.k === 'ask' && canonicalJson(now.questions) !== canonicalJson(questions))
      return this.#closed(exchange, 'approval_denied', 'question_changed')
    for (const [n, question] of questions.entries()) {
      const isUsed = await this.#heard(this.#deps.approvals.consume(waited.ids[n] ?? '', question))
      if (exchange.isOver) return { k: 'gone' } // an approval that nobody can use any more is lost, not saved
      if (isUsed !== true) return this.#closed(exchange, 'approval_denied', 'not_consumed')
    }
    this.#deps.log('info', 'gateway.approval.used', { record: exchange.id, approvals: waited.ids })
    return { k: 'approved' }
  }

  async #wait(
    exchange: Waiter,
    questions: readonly ApprovalQuestion[],
    following: readonly string[],
  ): Promise<Exclude<Held, { readonly k: 'approved' }> | Approved> {
    const { clock, limits, approvals } = this.#deps
    const until = clock.monotonicMs() + limits.holdMs
    const waker = new Waker()
    let isDetached = this.#isDraining
    const detach = () => {
      isDetached = true
      waker.wake()
    }
    this.#detach.add(detach)
    exchange.onSettled(() => waker.wake())
    try {
      const asked: Asked[] = []
      for (const [n, question] of questions.entries()) {
        const answer = await this.#heard(approvals.ask(question))
        asked.push({ question, standing: this.#standing(answer, following[n] ?? null) })
      }
      for (;;) {
        if (exchange.isOver) return { k: 'gone' }
        for (const { standing } of asked)
          if (standing.k === 'closed') return this.#closed(exchange, standing.code, standing.why)
        const open = asked.filter(({ standing }) => standing.k === 'pending')
        const ids = asked.map(({ standing }) => ('id' in standing ? standing.id : ''))
        if (open.length === 0) return { k: 'approved', ids }
        const leftMs = until - clock.monotonicMs()
        if (isDetached || leftMs <= 0) return { k: 'pending', ids }
        await waker.sleep(Math.min(limits.holdPollMs, leftMs))
        if (exchange.isOver) return { k: 'gone' }
        for (const one of open) {
          const { standing } = one
          const id = 'id' in standing ? standing.id : ''
          one.standing = this.#standing(await this.#heard(approvals.look(id, one.question)), id)
        }
      }
    } finally {
      this.#detach.delete(detach)
      waker.wake()
    }
  }

  #standing(answer: ApprovalAnswer | null | typeof unreachable, following: string | null): Standing {
    return answer === unreachable
      ? { k: 'closed', code: 'approval_denied', why: 'unreachable' }
      : standingOf(answer, following, this.#deps.clock.now())
  }

  /** INVARIANT: a store that throws or hangs has said nothing, and nothing opens no call. */
  async #heard<T>(answer: Promise<T>): Promise<T | typeof unreachable> {
    try {
      return await within(answer, this.#deps.limits.approvalAnswerMs, unreachable)
    } catch {
      return unreachable
    }
  }

  #closed({ id }: Waiter, code: ReasonCode, why: string): Held & { readonly k: 'closed' } {
    this.#deps.log('warn', 'gateway.approval.closed', { record: id, code, why })
    return { k: 'closed', code }
  }
}

const unreachable = Symbol('unreachable')

/** A pause that something else can end. */
class Waker {
  #wake: () => void = () => undefined

  wake(): void {
    this.#wake()
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

import type { Suspicion } from '../../guard/advice.ts'
import type { Brought } from '../inspection/suspicion.ts'
import type { Exposure } from '../../guard/tools/taint.ts'
import { suspicionsFrom, tracesOf, type Traces } from '../../guard/tools/suspect.ts'
import { dataClasses, type DataClass, type Json } from '../../kernel/index.ts'

/** Most suspects that are told apart, and most marks of all of them together. */
const [mostTraces, mostMarks] = [64, 16_384]

/**
 * What a client of tool servers has read: how far it may still be believed, what class of data it has, and what looked
 * like an order to it. No text is kept. It only ever grows.
 */
export class Memory {
  #isTainted = false
  #dataClass: DataClass | null = null
  #risk = 0
  #traces: Traces[] = []
  #marks = 0
  /** There was more than is remembered: from then on every call follows from it. */
  #isFull = false

  get isTainted(): boolean {
    return this.#isTainted
  }

  taint(): void {
    this.#isTainted = true
  }

  add({ dataClass, suspects, risk }: Brought): void {
    this.#risk = Math.max(this.#risk, risk)
    if (dataClass !== null && rank(dataClass) > rank(this.#dataClass)) this.#dataClass = dataClass
    for (const suspect of suspects) {
      if (this.#traces.length >= mostTraces || this.#marks >= mostMarks) {
        this.#isFull = true
        return
      }
      const traces = tracesOf(suspect, mostMarks - this.#marks)
      this.#marks += traces.marks.length
      this.#traces.push(traces)
    }
  }

  /** How sure the guard is of the most suspicious text, 0 to 100. */
  get risk(): number {
    return this.#risk
  }

  get exposure(): Exposure {
    return {
      taint: this.#isTainted ? 'untrusted' : 'user',
      sources: this.#isTainted ? ['tool_result'] : [],
      untrusted: [],
      sensitive: this.#dataClass === null ? [] : [{ dataClass: this.#dataClass, from: 'session' }],
      complete: true,
    }
  }

  suspicions(args: Json): readonly Suspicion[] {
    const found = suspicionsFrom(args, this.#traces)
    return this.#isFull ? [...found, { band: 'high', trust: 'untrusted', evidence: 'overlap' }] : found
  }
}

function rank(dataClass: DataClass | null): number {
  return dataClass === null ? -1 : dataClasses.indexOf(dataClass)
}

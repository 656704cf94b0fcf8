import { bandOf, type Finding } from '../../guard/finding.ts'
import type { Suspicion } from '../../guard/advice.ts'
import { suspectIn, suspicionsOn, type Suspect } from '../../guard/tools/suspect.ts'
import type { DataClass, Json } from '../../kernel/index.ts'
import type { Segment } from '../dialect/reading.ts'

/** What was found in what came back, for whoever remembers what a caller was given. */
export type Brought = {
  readonly dataClass: DataClass | null
  readonly suspects: readonly Suspect[]
  /** 0 to 100. */
  readonly risk: number
}

/** What looked like an order to a model in the texts that came from one side of a call. */
export class Suspicions {
  readonly #suspects: Suspect[] = []
  #risk = 0

  note({ channel, text }: Segment, findings: readonly Finding[]): void {
    const suspect = suspectIn(channel, text, findings)
    if (suspect === null) return
    this.#suspects.push(suspect)
    for (const finding of findings) {
      // What is forged needs no probability: it is there.
      const score = finding.score ?? (bandOf(finding) === 'high' ? 1 : 0)
      this.#risk = Math.max(this.#risk, score)
    }
  }

  /** How sure the guard is of the most suspicious text, 0 to 100. */
  get risk(): number {
    return Math.round(100 * this.#risk)
  }

  /** How the arguments of a call follow from each of them. `segments`: those of the conversation. */
  about(args: Json, segments: readonly Segment[]): readonly Suspicion[] {
    if (this.#suspects.length === 0) return []
    const said = segments.filter(({ channel }) => channel === 'user').map(({ text }) => text)
    return suspicionsOn(args, this.#suspects, said)
  }

  /** Those since the last time. */
  take(): readonly Suspect[] {
    return this.#suspects.splice(0)
  }
}

import type { ClassifierTier } from '../../app/ports/classifier-tier.ts'
import type { Finding } from '../../guard/finding.ts'
import { isAskedAbout, opinionOf, partsOf, withOpinion, type Opinion } from '../../guard/second-opinion.ts'
import type { Channel } from '../../guard/text.ts'
import type { Log } from '../ports.ts'
import { within } from '../within.ts'

/** Longest time that a call waits for a second opinion, and most parts of texts that it asks about. */
const [deadlineMs, mostParts] = [150, 16]

type Asked = { readonly text: string; readonly finding: Finding; readonly parts: readonly string[] }

/**
 * Asks the operator's own model about what the scorer could not decide in the texts of one call. What it does not answer
 * in time, or answers with anything but probabilities, changes nothing: the first verdict stays.
 */
export class SecondReader {
  readonly #tier: ClassifierTier
  readonly #log: Log
  readonly #opinions = new Map<string, Map<string, Opinion>>()

  constructor(tier: ClassifierTier, log: Log) {
    this.#tier = tier
    this.#log = log
  }

  /** Reads what is doubtful in these texts, in one batch. Never rejects. */
  async consult(
    read: readonly { readonly text: string; readonly findings: readonly Finding[] }[],
  ): Promise<void> {
    const asked: Asked[] = []
    let count = 0
    for (const { text, findings } of read)
      for (const finding of findings) {
        if (!isAskedAbout(finding)) continue
        const parts = partsOf(text, finding, this.#tier.maxChars)
        if (count + parts.length > mostParts) continue
        count += parts.length
        asked.push({ text, finding, parts })
      }
    if (asked.length === 0) return
    const answers = await this.#answersTo(asked.flatMap(({ parts }) => parts))
    if (answers === null) return
    let at = 0
    for (const { text, finding, parts } of asked) {
      const of = this.#opinions.get(text) ?? new Map<string, Opinion>()
      of.set(placeOf(finding), opinionOf(answers.slice(at, at + parts.length)))
      this.#opinions.set(text, of)
      at += parts.length
    }
  }

  /** The findings of a text as they count with what was said of them. */
  applied(channel: Channel, text: string, findings: readonly Finding[]): readonly Finding[] {
    const known = this.#opinions.get(text)
    if (known === undefined) return findings
    return findings.flatMap((finding) => {
      const left = withOpinion(finding, channel, known.get(placeOf(finding)) ?? 'keep')
      return left === null ? [] : [left]
    })
  }

  async #answersTo(parts: readonly string[]): Promise<readonly number[] | null> {
    const ending = new AbortController()
    try {
      const answers = await within(this.#tier.classify(parts, ending.signal), deadlineMs, null)
      if (answers?.length === parts.length && answers.every(isProbability)) return answers
      this.#unavailable(answers === null ? 'late' : 'malformed')
    } catch (error) {
      this.#unavailable(error instanceof Error ? error.name : 'unknown')
    } finally {
      ending.abort() // who is late need not go on
    }
    return null
  }

  #unavailable(cause: string): void {
    this.#log('warn', 'gateway.classifier.unavailable', { model: this.#tier.id, cause })
  }
}

function isProbability(value: number): boolean {
  return value >= 0 && value <= 1 // also false for what is no number
}

function placeOf({ rule, start, end, via }: Finding): string {
  return `${rule} ${start} ${end} ${via?.join(' ') ?? ''}`
}

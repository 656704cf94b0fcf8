import { setImmediate as turn } from 'node:timers/promises'
import type { CanaryWatch } from '../../guard/canary/watch.ts'
import type { Finding } from '../../guard/finding.ts'
import { tidied, type Guard } from '../../guard/inspect.ts'
import { Lane } from '../../guard/lane.ts'
import { classIn } from '../../guard/injection-lane.ts'
import type { Channel, Origin } from '../../guard/text.ts'
import { worthHashing, type Reader, type Verdict, type VerdictCache } from './verdict-cache.ts'

/** UTF-16 units that are read without letting others have their turn. */
export const atOnce = 65_536

/** Reads texts with the detectors, each once: what they find in a text depends on the text, its channel and the canaries. */
export class TextReader {
  readonly #guard: Guard
  readonly #canaries: CanaryWatch | null
  #origin: Origin = { taint: 'trusted', isBelieved: false }
  /** Findings by text, by what the text was read as. */
  #memo: Map<string, Map<string, readonly Finding[]>> | null = null
  /** How many more may be remembered. */
  #room = 0
  #verdictOf: ((channel: Channel, text: string) => Verdict) | null = null

  constructor(guard: Guard, canaries: CanaryWatch | null) {
    this.#guard = guard
    this.#canaries = canaries
  }

  /** From now on texts are scored as those of that origin. */
  readFrom(origin: Origin): void {
    this.#origin = origin
  }

  /** From now on what was found in earlier calls of a deployment is not looked for again. */
  recall(verdicts: VerdictCache, reader: Reader): void {
    this.#verdictOf = (channel, text) => verdicts.of(reader, this.#scoredAs(channel), text)
  }

  /** From now on a text that comes again is not read again; `most`: how many are remembered. */
  remember(most = mostKept): void {
    this.#memo ??= new Map()
    this.#room = Math.max(this.#room, most)
  }

  /** A lane for text that comes in pieces. */
  lane(channel: Channel): Lane {
    return new Lane(this.#guard, channel, this.#canaries, classIn(channel, this.#origin))
  }

  find(channel: Channel, text: string): readonly Finding[] {
    if (text.length < shortest) return nothing
    const verdict = this.#recalled(channel, text)
    if (verdict !== null) return (verdict.findings ??= this.#read(channel, text))
    const kept = this.#keptOf(channel, text)
    if (kept === null) return this.#read(channel, text)
    return kept.get(text) ?? this.#keep(kept, text, this.#read(channel, text))
  }

  /** The same for texts of any length: other calls have their turn meanwhile. */
  async findInTurns(channel: Channel, text: string): Promise<readonly Finding[]> {
    if (text.length <= atOnce) return this.find(channel, text)
    const verdict = this.#recalled(channel, text)
    if (verdict !== null) return (verdict.findings ??= await this.#readInTurns(channel, text))
    const kept = this.#keptOf(channel, text)
    if (kept === null) return await this.#readInTurns(channel, text)
    return kept.get(text) ?? this.#keep(kept, text, await this.#readInTurns(channel, text))
  }

  /** What is remembered of texts that were read as this one is; null where it is not to be remembered. */
  #keptOf(channel: Channel, text: string): Map<string, readonly Finding[]> | null {
    if (this.#memo === null || text.length < worthKeeping) return null
    const readAs = this.#scoredAs(channel)
    const kept = this.#memo.get(readAs) ?? new Map<string, readonly Finding[]>()
    this.#memo.set(readAs, kept)
    return kept
  }

  #keep(kept: Map<string, readonly Finding[]>, text: string, found: readonly Finding[]): readonly Finding[] {
    if (this.#room > 0) kept.set(text, found)
    this.#room -= 1
    return found
  }

  /** What a text is read as: its channel and, since it may differ by the origin, by whose thresholds. */
  #scoredAs(channel: Channel): string {
    return `${channel} ${classIn(channel, this.#origin) ?? ''}`
  }

  #recalled(channel: Channel, text: string): Verdict | null {
    return text.length < worthHashing ? null : (this.#verdictOf?.(channel, text) ?? null)
  }

  async #readInTurns(channel: Channel, text: string): Promise<readonly Finding[]> {
    const lane = this.lane(channel)
    for (let at = 0; at < text.length; at += atOnce) {
      await turn()
      lane.push(text.slice(at, at + atOnce))
    }
    lane.end()
    return tidied(lane.take())
  }

  #read(channel: Channel, text: string): readonly Finding[] {
    const lane = this.lane(channel)
    lane.push(text)
    lane.end()
    return tidied(lane.take())
  }
}

const nothing: readonly Finding[] = []
/** No detector finds anything in less. */
const shortest = 3
/** Texts that an answer repeats, such as the end of a part in a stream. */
const [worthKeeping, mostKept] = [64, 64]

import type { Match } from '../stream/lane-scan.ts'
import { unboundedCandidate } from '../stream/live-candidates.ts'
import type { Channel } from '../text.ts'
import { CanaryScan } from './canary-scan.ts'
import type { CanaryPlace, FoundToken } from './token.ts'

/** A canary that was seen where it must not be. */
export type Leak = { readonly id: string; readonly place: CanaryPlace }

/** What texts of one call are watched for: the leak that a token is in a channel, null when it is none of ours, or at home. */
export type CanaryWatch = { readonly leakOf: (token: string, channel: Channel) => Leak | null }

/** Any token, whose it is or was, and also where it belongs: for texts that leave the place that they were written for. */
export const anyCanary: CanaryWatch = { leakOf: () => ({ id: 'any', place: 'deployment' }) }

export type CanaryMatch = Match & { readonly canary?: string }

export const canaryRule = 'canary'

/** Most tokens of one lane that are looked up; of more, nobody decides what they are. */
const mostLookUps = 64

/** The channels in which a canary of a place belongs, in the traffic of its own deployment. */
const homes: Readonly<Record<CanaryPlace, ReadonlySet<Channel> | 'all'>> = {
  deployment: 'all',
  system_prompt: new Set(['system']),
  document: new Set(['system', 'user', 'document', 'tool_result']),
}

/** Whether a channel of its own deployment may hold a canary of `place`: a prompt is never said, a document never repeated. */
export function isAtHome(place: CanaryPlace, channel: Channel): boolean {
  const home = homes[place]
  return home === 'all' || home.has(channel)
}

/** The canaries of one lane. */
export class CanaryLane {
  readonly #scan = new CanaryScan()
  readonly #watch: CanaryWatch
  readonly #channel: Channel
  readonly #known = new Map<string, Leak | null>()
  #matches: CanaryMatch[] = []

  constructor(watch: CanaryWatch, channel: Channel) {
    this.#watch = watch
    this.#channel = channel
  }

  get safe(): number {
    return this.#scan.safe
  }

  push(text: string): void {
    for (const found of this.#scan.push(text)) this.#look(found)
  }

  end(): void {
    for (const found of this.#scan.end()) this.#look(found)
  }

  /** The leaks since the last time. */
  take(): readonly CanaryMatch[] {
    const matches = this.#matches
    if (matches.length > 0) this.#matches = []
    return matches
  }

  #look({ token, start, end }: FoundToken): void {
    if (!this.#known.has(token)) {
      if (this.#known.size === mostLookUps)
        return void this.#matches.push({ rule: unboundedCandidate, sureness: 'possible', start, end })
      this.#known.set(token, this.#watch.leakOf(token, this.#channel))
    }
    const leak = this.#known.get(token) ?? null
    if (leak === null) return
    this.#matches.push({
      rule: `${canaryRule}.${leak.place}`,
      sureness: 'certain',
      start,
      end,
      canary: leak.id,
    })
  }
}

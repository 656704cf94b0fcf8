import type { Finding } from '../../guard/finding.ts'
import { digestOfBytes, type DeploymentId } from '../../kernel/index.ts'

/** For whom texts are read, and for which canaries beside all that every text is read for. */
export type Reader = {
  readonly key: { readonly deployment: DeploymentId }
  readonly snapshot: { readonly canaries: ReadonlyMap<string, unknown> }
}

/** What was found in a text; null until it was read to its end, so that a fault is never taken for a verdict. */
export type Verdict = { findings: readonly Finding[] | null; readonly canaries: object | null }

/** Shorter texts are read as fast as they are hashed. */
export const worthHashing = 256

/**
 * What the detectors of one guard found in texts that they have read before: a conversation is sent again with each turn.
 * Detectors see the text, what it is read as and the canaries, and nothing else. No text is kept, and no deployment learns by the
 * clock what another one has sent. The least recently used verdict goes first.
 */
export class VerdictCache {
  readonly #most: number
  readonly #verdicts = new Map<string, Verdict>()

  constructor(most = 65_536) {
    this.#most = most
  }

  get size(): number {
    return this.#verdicts.size
  }

  /** `readAs`: everything beside the text that decides what is found in it, such as its channel. */
  of({ key, snapshot }: Reader, readAs: string, text: string): Verdict {
    const name = `${key.deployment} ${readAs} ${digestOfBytes(text)}`
    const known = this.#verdicts.get(name)
    const canaries = snapshot.canaries.size === 0 ? null : snapshot.canaries
    // INVARIANT: a text that was read for other canaries was not read.
    const verdict = known?.canaries === canaries ? known : { findings: null, canaries }
    if (known !== undefined) this.#verdicts.delete(name)
    this.#verdicts.set(name, verdict)
    if (this.#verdicts.size > this.#most) this.#dropOldest()
    return verdict
  }

  #dropOldest(): void {
    for (const oldest of this.#verdicts.keys()) {
      this.#verdicts.delete(oldest)
      return
    }
  }
}

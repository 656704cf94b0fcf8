import type { CallContent, ContentStore } from '../../app/ports/gateway-content.ts'
import type { Log } from '../ports.ts'

/** Most characters that wait to be kept. */
const mostWaiting = 33_554_432
/** Most calls that are kept in one go. */
const mostAtOnce = 32
/** How often keeping is tried before content is given up. */
const mostTries = 30

/**
 * Keeps content apart from the calls that it is of. INVARIANT: no call waits for this and none fails by it; what cannot be
 * kept is dropped and told.
 */
export class ContentQueue {
  readonly #store: ContentStore
  readonly #log: Log
  readonly #waiting: { readonly call: CallContent; readonly size: number }[] = []
  #size = 0
  #tries = 0
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(store: ContentStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => void this.flush(), everyMs).unref()
  }

  /** False when there is no room: the content of this call is not kept. */
  put(call: CallContent): boolean {
    const size = call.input.text.length + (call.output?.text.length ?? 0)
    if (this.#size + size > mostWaiting) return false
    this.#waiting.push({ call, size })
    this.#size += size
    return true
  }

  /** Keeps what waits; one flush runs at a time. Never rejects. */
  flush(): Promise<void> {
    this.#running = this.#running.then(() => this.#flush())
    return this.#running
  }

  /** A last try; what is left then is lost, and told. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.flush()
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length)
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, mostAtOnce)
      try {
        await this.#store.put(batch.map(({ call }) => call))
      } catch (error) {
        this.#tries += 1
        const cause = error instanceof Error ? error.name : 'unknown' // a message may hold a piece of the text
        this.#log('warn', 'gateway.content.not_kept', { calls: batch.length, tries: this.#tries, cause })
        if (this.#tries >= mostTries) this.#drop(batch.length)
        return
      }
      this.#tries = 0
      this.#take(batch.length)
    }
  }

  #drop(calls: number): void {
    this.#log('error', 'gateway.content.lost', { calls })
    this.#tries = 0
    this.#take(calls)
  }

  #take(calls: number): void {
    for (const { size } of this.#waiting.splice(0, calls)) this.#size -= size
  }
}

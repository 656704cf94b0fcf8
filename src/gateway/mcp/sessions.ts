import type { KeyId } from '../../kernel/index.ts'
import { minuteMs } from '../../kernel/index.ts'
import type { Trust } from '../../guard/text.ts'
import type { Brought } from '../inspection/suspicion.ts'
import { Memory } from './memory.ts'

/** What a client of the older revisions has opened. It belongs to one key and one path, whoever knows its name. */
export type Session = {
  readonly id: string
  readonly key: KeyId
  readonly path: string
  /** Ways to stop what runs in it, by the id of the request as it is written. */
  readonly running: Map<string, () => void>
  readonly memory: Memory
  usedAt: number
}

const idleMs = 60 * minuteMs
/** For how long what a client without sessions has read is remembered. */
const memoryMs = 30 * minuteMs
const [mostPerKey, most] = [256, 16_384]

export type SessionsDeps = {
  readonly monotonicMs: () => number
  readonly newId: () => string
  /** Whether other processes serve the same clients, so that nobody here knows all that a client was given. */
  readonly sharesClients: boolean
}

/** The sessions of this worker, and what it remembers of clients that have none. */
export class Sessions {
  readonly #now: () => number
  readonly #newId: () => string
  readonly #sharesClients: boolean
  readonly #open = new Map<string, Session>()
  readonly #memories = new Map<KeyId, { readonly memory: Memory; at: number }>()

  constructor({ monotonicMs, newId, sharesClients }: SessionsDeps) {
    this.#now = monotonicMs
    this.#newId = newId
    this.#sharesClients = sharesClients
  }

  /** Opens a session. The one that its key has left alone for the longest gives way to it where there are too many. */
  open(key: KeyId, path: string): Session {
    this.#forget()
    const own = [...this.#open.values()].filter((session) => session.key === key)
    if (own.length >= mostPerKey || this.#open.size >= most) {
      const [oldest] = (own.length > 0 ? own : [...this.#open.values()]).toSorted(
        (a, b) => a.usedAt - b.usedAt,
      )
      if (oldest !== undefined) this.#open.delete(oldest.id)
    }
    const session: Session = {
      id: this.#newId(),
      key,
      path,
      running: new Map(),
      memory: this.#newMemory(),
      usedAt: this.#now(),
    }
    this.#open.set(session.id, session)
    return session
  }

  /** INVARIANT: a session is found by the key and on the path that have opened it, and by no other. */
  find(id: string, key: KeyId, path: string): Session | null {
    const session = this.#open.get(id)
    if (session === undefined || session.key !== key || session.path !== path) return null
    if (this.#now() - session.usedAt > idleMs) {
      this.#open.delete(id)
      return null
    }
    session.usedAt = this.#now()
    return session
  }

  end(id: string): void {
    this.#open.delete(id)
  }

  hasOthers(key: KeyId, path: string): boolean {
    return [...this.#open.values()].some((session) => session.key === key && session.path === path)
  }

  /** What this client has read. */
  memory(key: KeyId, session: Session | null): Memory {
    if (session !== null) return session.memory
    const known = this.#memories.get(key)
    return known !== undefined && this.#now() - known.at <= memoryMs ? known.memory : this.#newMemory()
  }

  /** Whether this client has read something that nobody vouches for. */
  isTainted(key: KeyId, session: Session | null): boolean {
    return this.memory(key, session).isTainted
  }

  /**
   * The client is given something. `trusted`: the organisation trusts it like its own text; `user`: what looks like an order
   * in it is remembered as one of a user.
   */
  give(key: KeyId, session: Session | null, brought: Brought, trust: Trust = 'untrusted'): void {
    const memory = this.memory(key, session)
    if (trust === 'untrusted') memory.taint()
    memory.add(trust === 'trusted' ? { ...brought, suspects: [], risk: 0 } : brought)
    if (session === null) this.#memories.set(key, { memory, at: this.#now() })
  }

  /** INVARIANT: a client that may have been given something elsewhere is believed no more than one that was given it here. */
  #newMemory(): Memory {
    const memory = new Memory()
    if (this.#sharesClients) memory.taint()
    return memory
  }

  #forget(): void {
    const now = this.#now()
    for (const [id, { usedAt }] of this.#open) if (now - usedAt > idleMs) this.#open.delete(id)
    for (const [key, { at }] of this.#memories) if (now - at > memoryMs) this.#memories.delete(key)
  }
}

import type { KeyId } from '../../kernel/index.ts'
import { minuteMs } from '../../kernel/index.ts'
import type { Target } from '../ports.ts'
import { Link, type LinkDeps } from './link.ts'

const idleMs = 60 * minuteMs
const most = 4_096

/** Sessions with servers. INVARIANT: what one key has opened is used for no other. */
export class Links {
  readonly #deps: LinkDeps
  readonly #links = new Map<string, Link>()

  constructor(deps: LinkDeps) {
    this.#deps = deps
  }

  /** The link of a key to a server. Another address or another secret makes another link. */
  of(key: KeyId, server: string, target: Target): Link {
    const now = this.#deps.monotonicMs()
    const name = nameOf(key, server)
    const known = this.#links.get(name)
    if (known !== undefined && JSON.stringify(known.target) === JSON.stringify(target)) {
      known.usedAt = now
      return known
    }
    known?.close()
    this.#forget(now)
    const link = new Link(this.#deps, server, target)
    link.usedAt = now
    this.#links.set(name, link)
    return link
  }

  close(key: KeyId, server: string): void {
    this.#links.get(nameOf(key, server))?.close()
    this.#links.delete(nameOf(key, server))
  }

  #forget(now: number): void {
    for (const [name, link] of this.#links) {
      if (now - link.usedAt <= idleMs && this.#links.size < most) continue
      link.close()
      this.#links.delete(name)
    }
  }
}

function nameOf(key: KeyId, server: string): string {
  return `${key} ${server}`
}

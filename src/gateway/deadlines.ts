/** Times that run while a call is open, by their names. Whoever begins one ends it: a call ends, so none runs for long. */
export class Deadlines {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  /** Begins anew when one of that name runs. */
  set(name: string, ms: number, onLate: () => void): void {
    this.clear(name)
    this.#timers.set(name, setTimeout(onLate, ms))
  }

  has(name: string): boolean {
    return this.#timers.has(name)
  }

  /** Lets one that runs have its whole time again. */
  refresh(name: string): void {
    this.#timers.get(name)?.refresh()
  }

  clear(name: string): void {
    const timer = this.#timers.get(name)
    if (timer === undefined) return
    clearTimeout(timer)
    this.#timers.delete(name)
  }

  clearAll(): void {
    if (this.#timers.size === 0) return
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}

/** Names that belong together, directly or by others between them. */
export class DisjointSets {
  readonly #parent = new Map<string, string>()

  /** The name that stands for the set of `name`: the first of them in order. */
  find(name: string): string {
    let root = name
    for (let up = this.#parent.get(root); up !== undefined; up = this.#parent.get(root)) root = up
    for (let at = name; at !== root; ) {
      const up = this.#parent.get(at) ?? root
      this.#parent.set(at, root)
      at = up
    }
    return root
  }

  join(a: string, b: string): void {
    const [first, second] = [this.find(a), this.find(b)]
    if (first === second) return
    if (first < second) this.#parent.set(second, first)
    else this.#parent.set(first, second)
  }
}

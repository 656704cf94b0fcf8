import { appendLeaves, emptyEdge, leafHash, rootOf, type Edge } from '../../ledger/index.ts'
import { hex } from './entries.ts'
import type { Findings } from './findings.ts'

/** A root that the tree of the first `size` leaves must have, and who says so. */
export type KnownRoot = { readonly size: number; readonly root: string; readonly from: string }

/** Builds the tree again from the leaves alone and compares it with everything that was ever said about it. */
export class TreeCheck {
  edge: Edge = emptyEdge
  readonly #known: ReadonlyMap<number, readonly KnownRoot[]>
  readonly #nodes: ReadonlyMap<string, string>
  readonly #findings: Findings
  #nodesSeen = 0

  constructor(findings: Findings, known: readonly KnownRoot[], nodes: ReadonlyMap<string, string>) {
    this.#findings = findings
    this.#known = Map.groupBy(known, ({ size }) => size)
    this.#nodes = nodes
    this.#compareRoots()
  }

  append(index: number, leaf: Uint8Array): void {
    if (BigInt(index) !== this.edge.size)
      this.#findings.wrong('INDEX', `leaf ${index}`, `index ${this.edge.size}`, `${index}`)
    this.edge = appendLeaves(this.edge, [leafHash(leaf)], ({ level, index: at }, hash) => {
      if (level === 0 || level % 8 !== 0) return
      this.#nodesSeen += 1
      const subject = `${level}/${at}`
      this.#findings.same('NODE', `node ${subject}`, hex(hash), this.#nodes.get(subject) ?? 'none')
    })
    this.#compareRoots()
  }

  /** After the last leaf: what is said about a tree that is larger than this one. */
  finish(): void {
    for (const { size, from } of [...this.#known.values()].flat())
      if (BigInt(size) > this.edge.size)
        this.#findings.wrong('ROLLED_BACK', from, `a tree of ${size} entries`, `${this.edge.size}`)
    if (this.#nodes.size !== this.#nodesSeen)
      this.#findings.wrong('NODE', 'nodes', `${this.#nodesSeen}`, `${this.#nodes.size}`)
  }

  #compareRoots(): void {
    const due = this.#known.get(Number(this.edge.size))
    if (due === undefined) return
    const rebuilt = hex(rootOf(this.edge))
    for (const { root, from, size } of due)
      this.#findings.same('ROOT', `${from} of size ${size}`, rebuilt, root)
  }
}

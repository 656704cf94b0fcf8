import { unreachable } from '../../kernel/index.ts'
import type { Family, GeneratorFault, Parts, Reading } from './family.ts'
import { runAlphabets, type Piece, type Template } from './template.ts'

/** Families whose templates name only what is there. `size`: how many ways to write a text of the family there are. */
export type Grammar = {
  readonly families: ReadonlyMap<string, Family>
  readonly shared: Parts
  readonly sizes: ReadonlyMap<string, number>
  /** Families whose texts stand in texts of a family, itself among them: what one has learned of, it has seen. */
  readonly uses: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Joins families and shared parts. A part of the family comes before a shared one of the same name. Faults: a name twice, an
 * unknown part or family, a part of a family that nothing names, a cycle, an unknown or unequal twin, fewer ways to write a
 * text than the family is to have texts.
 */
export function grammarOf(families: readonly Family[], shared: Parts): Reading<Grammar> {
  const faults: GeneratorFault[] = []
  const byName = new Map<string, Family>()
  for (const family of families) {
    if (byName.has(family.family))
      faults.push({ file: family.family, fault: 'a second family has this name' })
    byName.set(family.family, family)
  }
  const measure = new Measure(byName, shared)
  for (const family of byName.values()) {
    const size = measure.family(family.family, family.family)
    for (const fault of measure.faultsOf(family.family)) faults.push({ file: family.family, fault })
    for (const part of family.parts.keys())
      if (!measure.hasMet(family.family, part))
        faults.push({ file: family.family, fault: `nothing names the part \`${part}\`` })
    if (size < family.count)
      faults.push({
        file: family.family,
        fault: `${size} ways to write a text, but ${family.count} are wanted`,
      })
    const twin = family.twin === null ? null : byName.get(family.twin)
    if (twin === undefined)
      faults.push({ file: family.family, fault: `the twin \`${family.twin}\` is unknown` })
    if (twin?.label === family.label)
      faults.push({ file: family.family, fault: `the twin \`${twin.family}\` has the same label` })
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, value: { families: byName, shared, sizes: measure.sizes, uses: measure.uses } }
}

/** Counts the ways to write each family, and finds on the way what cannot be written. */
class Measure {
  readonly sizes = new Map<string, number>()
  readonly uses = new Map<string, Set<string>>()
  readonly #families: ReadonlyMap<string, Family>
  readonly #shared: Parts
  readonly #faults = new Map<string, Set<string>>()
  readonly #partSizes = new Map<string, number>()
  readonly #open: string[] = []

  constructor(families: ReadonlyMap<string, Family>, shared: Parts) {
    this.#families = families
    this.#shared = shared
  }

  faultsOf(family: string): readonly string[] {
    return [...(this.#faults.get(family) ?? [])]
  }

  /** Whether a text of a family may hold one of its parts. */
  hasMet(family: string, part: string): boolean {
    return this.#partSizes.has(`${family}.${part}`)
  }

  /** Ways to write a text of family `name`, for the family `user` that names it. */
  family(name: string, user: string): number {
    const family = this.#families.get(name)
    if (family === undefined) return this.#fault(user, `the family \`${name}\` is unknown`)
    const known = this.sizes.get(name)
    if (known === undefined && this.#isOpen(`@${name}`, user)) return 1
    this.uses.set(name, this.uses.get(name) ?? new Set([name]))
    const size = known ?? this.#within(`@${name}`, () => this.#sum(family.texts, family))
    this.sizes.set(name, size)
    for (const used of this.uses.get(name) ?? []) this.uses.get(user)?.add(used)
    return size
  }

  #part(name: string, family: Family): number {
    const templates = family.parts.get(name) ?? this.#shared.get(name)
    if (templates === undefined) return this.#fault(family.family, `the part \`${name}\` is unknown`)
    const key = `${family.family}.${name}`
    const known = this.#partSizes.get(key)
    if (known !== undefined) return known
    if (this.#isOpen(key, family.family)) return 1
    const size = this.#within(key, () => this.#sum(templates, family))
    this.#partSizes.set(key, size)
    return size
  }

  #sum(templates: readonly Template[], family: Family): number {
    return templates.reduce((sum, template) => sum + this.#product(template, family), 0)
  }

  #product(template: Template, family: Family): number {
    return template.reduce((product, piece) => product * this.#piece(piece, family), 1)
  }

  #piece(piece: Piece, family: Family): number {
    switch (piece.k) {
      case 'literal':
        return 1
      case 'part':
        return this.#part(piece.name, family)
      case 'family':
        return this.family(piece.name, family.family)
      case 'number':
        return piece.most - piece.least + 1
      case 'run':
        return runAlphabets[piece.alphabet].length ** piece.length
      case 'choice':
        return this.#sum(piece.alternatives, family)
      default:
        return unreachable(piece)
    }
  }

  #within(key: string, count: () => number): number {
    this.#open.push(key)
    const size = count()
    this.#open.pop()
    return size
  }

  #isOpen(key: string, family: string): boolean {
    const from = this.#open.indexOf(key)
    if (from >= 0) this.#fault(family, `a cycle: ${[...this.#open.slice(from), key].join(' → ')}`)
    return from >= 0
  }

  #fault(family: string, fault: string): number {
    this.#faults.set(family, (this.#faults.get(family) ?? new Set()).add(fault))
    return 1
  }
}

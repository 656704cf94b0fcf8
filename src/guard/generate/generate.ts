import { digestOfBytes, unreachable } from '../../kernel/index.ts'
import type { Channel } from '../text.ts'
import { Draw } from './draw.ts'
import type { Family } from './family.ts'
import type { Grammar } from './grammar.ts'
import { runAlphabets, type Letters, type Piece, type Template } from './template.ts'

/** A text that was generated, in the form of the rows that training reads. */
export type GeneratedRow = {
  readonly id: string // family, place in it, first 12 hex digits of the text's digest
  readonly text: string
  readonly label: 'attack' | 'benign'
  readonly style: string
  readonly family: string
  readonly channel: Channel
  readonly lang: string
  readonly twin: string | null
  readonly source: string
  readonly licence: 'Apache-2.0'
}

/** So often a text is drawn for each that is wanted before the family counts as exhausted. */
const drawsPerText = 60

/** A family gave fewer distinct texts than it says. */
export class FamilyExhausted extends Error {
  override readonly name = 'FamilyExhausted'
  constructor(family: string, got: number, count: number) {
    super(
      `the family \`${family}\` gives ${got} distinct texts of ${count}: add alternatives, or ask for fewer`,
    )
  }
}

/**
 * The distinct texts of one family. They depend on the seed, the name and what the family's templates name, on nothing else:
 * a larger `count` continues the same list. Throws `FamilyExhausted`.
 */
export function* generateFamily(
  grammar: Grammar,
  name: string,
  seed: number,
  count = familyNamed(grammar, name).count,
): Generator<GeneratedRow> {
  const family = familyNamed(grammar, name)
  const writer = new Writer(grammar, new Draw(`${seed}\u0000${name}`))
  const seen = new Set<string>()
  for (let draws = 0; seen.size < count; draws += 1) {
    if (draws >= drawsPerText * count) throw new FamilyExhausted(name, seen.size, count)
    const text = writer.text(family)
    if (text === '' || seen.has(text)) continue
    yield rowOf(family, seen.size, text)
    seen.add(text)
  }
}

function rowOf(family: Family, place: number, text: string): GeneratedRow {
  const { label, style, channel, lang, twin, version } = family
  const digits = digestOfBytes(text).slice('sha256:'.length, 'sha256:'.length + 12)
  return {
    id: `${family.family}-${place}-${digits}`,
    text,
    label,
    style,
    family: family.family,
    channel,
    lang,
    twin,
    source: `generated:${family.family}@${version}`,
    licence: 'Apache-2.0',
  }
}

function familyNamed(grammar: Grammar, name: string): Family {
  const family = grammar.families.get(name)
  if (family === undefined) throw new Error(`the family \`${name}\` is unknown`)
  return family
}

class Writer {
  readonly #grammar: Grammar
  readonly #draw: Draw
  /** What parts that are drawn once became in the text that is being written. */
  #kept = new Map<string, string>()

  constructor(grammar: Grammar, draw: Draw) {
    this.#grammar = grammar
    this.#draw = draw
  }

  text(family: Family): string {
    const outside = this.#kept
    this.#kept = new Map()
    const text = this.#written(this.#draw.oneOf(family.texts), family).trim()
    this.#kept = outside
    return text
  }

  #part(name: string, family: Family, isKept: boolean): string {
    const known = isKept ? this.#kept.get(name) : undefined
    if (known !== undefined) return known
    const templates = family.parts.get(name) ?? this.#grammar.shared.get(name) ?? []
    const text = this.#written(this.#draw.oneOf(templates), family)
    if (isKept) this.#kept.set(name, text)
    return text
  }

  #written(template: Template, family: Family): string {
    let out = ''
    let isGap = false
    for (const piece of template) {
      const text = this.#piece(piece, family)
      if (text === '') isGap = true
      else {
        out = isGap ? closedGap(out, text) : out + text
        isGap = false
      }
    }
    return isGap && out.endsWith(' ') ? out.slice(0, -1) : out
  }

  #piece(piece: Piece, family: Family): string {
    switch (piece.k) {
      case 'literal':
        return piece.text
      case 'part':
        return inLetters(this.#part(piece.name, family, piece.isKept), piece.letters)
      case 'family':
        return this.text(familyNamed(this.#grammar, piece.name))
      case 'number': {
        const { least, most, width } = piece
        return String(least + this.#draw.upTo(most - least)).padStart(width, '0')
      }
      case 'run': {
        const alphabet = Array.from(runAlphabets[piece.alphabet])
        return Array.from({ length: piece.length }, () => this.#draw.oneOf(alphabet)).join('')
      }
      case 'choice':
        return this.#written(this.#draw.oneOf(piece.alternatives), family)
      default:
        return unreachable(piece)
    }
  }
}

/** What is left out takes one of the spaces around it along. */
function closedGap(before: string, after: string): string {
  const isOpen = before === '' || before.endsWith(' ') || before.endsWith('\n')
  if (isOpen && after.startsWith(' ')) return before + after.slice(1)
  return before.endsWith(' ') && '.,;:!?\n'.includes(after.charAt(0))
    ? before.slice(0, -1) + after
    : before + after
}

function inLetters(text: string, letters: Letters): string {
  if (letters === 'as_written') return text
  if (letters === 'capitals') return text.toUpperCase()
  const [first = ''] = text // a code point, not half of one
  return first.toUpperCase() + text.slice(first.length)
}

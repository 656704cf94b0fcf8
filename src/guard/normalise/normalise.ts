import { shippedBudgets, type Budgets } from './budgets.ts'
import { alphabets, decodedBlobs, decodedEscapes, decodedQuotedPrintable } from './blobs.ts'
import { canonical, originalOf, type Canonical } from './canonical.ts'
import { deciphered, reversed, reversedWords } from './cipher.ts'
import { demandOf } from './demand.ts'
import { escapeMarks } from './escape.ts'
import { excerptOf, type Replacement } from './excerpt.ts'
import { decodedLists, decodedMorse } from './lists.ts'
import { readMarkup } from './markup.ts'
import { OffsetMap, Runs } from './offset-map.ts'
import { acrostic, joinedStrings, mayBeAcrostic } from './pieces.ts'
import { partedWords, unlinkedWords } from './run-together.ts'
import { joinedLetters, joinedLineWords, withoutLeet } from './spelling.ts'
import { streamedTransforms, type Transform } from './transform.ts'
import type { NormSignal, View } from './view.ts'
import { hasTurnedWords } from './word-order.ts'

/** A text in every way in which it can be read. */
export type Normalised = {
  readonly canonical: View
  /** The canonical view with its case and lines. */
  readonly cased: View
  /** In the order of the transforms; each has been through the canonical steps. Case is kept. */
  readonly derived: readonly View[]
  readonly signals: ReadonlySet<NormSignal>
  /** False when a budget ran out: then something may not have been decoded. */
  readonly complete: boolean
  /** The same without what runs of encoded characters and escapes of the text itself say. */
  readonly late: Omit<Normalised, 'canonical' | 'late'>
}

/** `isStreamed`: runs of encoded characters and escapes of the text itself were decoded while it was read. */
type Options = { readonly isStreamed?: boolean; readonly budgets?: Budgets }

const deepest = 2
/** Characters of derived views: twice the text and a little. */
const [sizeFactor, sizeMore] = [2, 4_096]

type Written = { readonly text: string; readonly map: OffsetMap }

/**
 * Reads `text`: its canonical view, and the views that something in it asks for. Work and size are bounded by the length
 * of the text.
 */
export function normalise(text: string, options: Options = {}): Normalised {
  const first = canonical(originalOf(text))
  const derivation = new Derivation(text.length, options)
  derivation.deriveFrom(first)
  const read = ({ views, signals }: Derived) => ({
    cased: first.cased,
    derived: views,
    signals: new Set([...first.signals, ...signals]),
    complete: derivation.isComplete,
  })
  return { canonical: first.folded, ...read(derivation.all), late: read(derivation.late) }
}

type Derived = { readonly views: View[]; readonly signals: Set<NormSignal> }

class Derivation {
  readonly all: Derived = { views: [], signals: new Set() }
  /** What stems from nothing that was decoded while the text was read. */
  readonly late: Derived = { views: [], signals: new Set() }
  isComplete = true
  #blobs: number
  #size: number
  #work: number
  readonly #isStreamed: boolean

  constructor(length: number, { isStreamed = false, budgets = shippedBudgets }: Options) {
    this.#isStreamed = isStreamed
    this.#size = sizeFactor * length + sizeMore
    this.#blobs = budgets.blobs
    this.#work = budgets.work * length + sizeMore
  }

  deriveFrom(source: Canonical): void {
    const { cased, spelled, overridden } = source
    if (cased.depth === deepest) return
    for (const { text, span } of this.#within(spelled)) this.#add(source, 'selector_bytes', whole(text, span))
    for (const { start, end } of this.#within(overridden)) {
      const under = spanOf(cased, start, end)
      if (under !== null) this.#add(source, 'override', reversed(cased.text, under.start, under.end))
    }
    for (const [transform, derive, from = cased] of transformsOf(source)) {
      if (this.#isStreamed && cased.depth === 0 && streamedTransforms.has(transform)) continue
      this.#work -= cased.text.length
      if (this.#work < 0) {
        this.isComplete = false
        return
      }
      for (const written of derive()) this.#add(source, transform, written, from)
    }
  }

  /** As many parts of a text as are still read for themselves: each costs a view. */
  #within<T>(parts: readonly T[]): readonly T[] {
    const some = parts.slice(0, this.#blobs)
    if (some.length < parts.length) this.isComplete = false
    this.#blobs -= some.length
    return some
  }

  /** Takes a view of the text `from`, through the canonical steps and whatever is in it. */
  #add({ cased }: Canonical, transform: Transform, written: Written | Blobs, from: View = cased): void {
    let taken: Written | null
    if ('replacements' in written) {
      taken = excerptOf(from.text, this.#within(written.replacements))
    } else taken = written
    if (taken === null || taken.text.length === 0) return
    this.#size -= taken.text.length
    if (this.#size < 0) {
      this.isComplete = false
      return
    }
    const isOriginal = transform === 'selector_bytes'
    const product = canonical({
      text: taken.text,
      map: isOriginal ? taken.map : from.map.after(taken.map),
      via: [...cased.via, transform],
      depth: cased.depth + 1,
    })
    this.#take(this.all, product)
    const [first = transform] = product.cased.via
    if (!streamedTransforms.has(first)) this.#take(this.late, product)
    this.deriveFrom(product)
  }

  #take({ views, signals }: Derived, { cased, signals: noticed }: Canonical): void {
    if (cased.via.at(-1) === 'hidden') signals.add('hidden-text')
    for (const signal of noticed) signals.add(signal)
    views.push(cased)
  }
}

/** Replacements that count as blobs. */
type Blobs = { readonly replacements: readonly Replacement[] }

/** The transforms that a text asks for, in the order of the table; each with what it reads where that is not the cased text. */
function* transformsOf({
  cased: { text, via },
  wide,
}: Canonical): Generator<readonly [Transform, () => Iterable<Written | Blobs>, View?]> {
  const excerpt = (replacements: readonly Replacement[], of = text): readonly Written[] => {
    const written = excerptOf(of, replacements)
    return written === null ? [] : [written]
  }
  const one = (written: Written | null): readonly Written[] => (written === null ? [] : [written])
  const blobs = (replacements: readonly Replacement[]) =>
    replacements.length === 0 ? [] : [{ replacements }]
  const demand = demandOf(text)
  if (demand.tagged || mayHide(text)) {
    const { visible, hidden } = readMarkup(text)
    if (demand.tagged) yield ['visible', () => one(visible)]
    yield ['hidden', () => one(hidden)]
  }
  if (demand.spaced) yield ['spaced', () => excerpt(joinedLetters(wide.text), wide.text), wide]
  if (demand.lineWords) yield ['line_words', () => excerpt(joinedLineWords(text))]
  if (demand.leet) yield ['leet', () => excerpt(withoutLeet(text))]
  for (const alphabet of alphabets) yield [alphabet.name, () => blobs(decodedBlobs(text, alphabet))]
  yield [
    'escape',
    () => (escapeMarks.some((mark) => text.includes(mark)) ? excerpt(decodedEscapes(text)) : []),
  ]
  if (text.includes('=')) yield ['quoted_printable', () => excerpt(decodedQuotedPrintable(text))]
  if (demand.codeList) yield ['code_list', () => blobs(decodedLists(text))]
  if (demand.morse) yield ['morse', () => blobs(decodedMorse(text))]
  if (demand.foreign) for (const [transform, written] of deciphered(text)) yield [transform, () => [written]]
  if (via.at(-1) !== 'reversed_words' && hasTurnedWords(text))
    yield ['reversed_words', () => [reversedWords(text)]]
  if (joints.some((joint) => text.includes(joint))) yield ['joined', () => excerpt(joinedStrings(text))]
  yield ['acrostic', () => one(acrostic(text))]
  if (demand.runTogether) yield ['run_together', () => excerpt(partedWords(text))]
  if (demand.linked) yield ['linked_words', () => excerpt(unlinkedWords(text))]
}

/**
 * Whether anything in a text that was read while it came asks for another reading. What it costs is what ordinary text
 * costs.
 */
export function asksForViews(text: string): boolean {
  if (Object.values(demandOf(text)).includes(true)) return true
  if (mayHide(text) || hasTurnedWords(text)) return true
  return marks.some((mark) => text.includes(mark)) || mayBeAcrostic(text)
}

/** What hides text in markup, or shows it late. */
const hiding = [
  '<!--',
  '[//]: #',
  'display:none',
  'display: none',
  'visibility:',
  'font-size:0',
  'font-size: 0',
  'opacity:0',
  'opacity: 0',
  'color:white',
  'color: white',
  'color:#fff',
  'color: #fff',
  'transparent',
  ' hidden',
  'alt=',
  'title=',
  '<script',
  '<template',
]

function mayHide(text: string): boolean {
  if (text.startsWith('---\n')) return true
  return (
    (text.includes('<') || text.includes('](') || text.includes('[//]')) &&
    hiding.some((mark) => text.includes(mark))
  )
}

/** What stands behind the first of two strings that a program puts together. */
const joints = ['"+', '" +', "'+", "' +", '" .', "' .", '" &', '"\n', "'\n", '" \\', '`+', '` +']
/** What no text has that needs no other reading. */
const marks = [...joints, '=\n', '\u001b', '\u009b', '\u202d', '\u202e']

/** Text that a span of the original spells as a whole. */
function whole(text: string, { start, end }: { readonly start: number; readonly end: number }): Written {
  const runs = new Runs()
  runs.add(text.length, start, end, false)
  return { text, map: runs.map() }
}

/** The part of a view that comes from a span of the original; null when nothing does. */
function spanOf({ map }: View, start: number, end: number): { start: number; end: number } | null {
  const find = (wanted: number): number => {
    let [low, high] = [0, map.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (map.toOriginal(middle, middle + 1).start < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  const [from, to] = [find(start), find(end)]
  return to > from ? { start: from, end: to } : null
}

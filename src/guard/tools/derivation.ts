import type { Json } from '../../kernel/index.ts'
import { normalise } from '../normalise/normalise.ts'
import type { View } from '../normalise/view.ts'
import type { Span, Trust } from '../text.ts'
import { marksIn, type Mark } from './marks.ts'

/**
 * How an argument follows from a text: letter by letter, by six words in a row, or by nothing but that a model has read
 * the text before it wrote the argument. The last holds of every text of a conversation.
 */
export type Evidence = 'copied' | 'overlap' | 'context'

/** What an argument was taken from. */
export type Derivation = {
  /** JSON pointer into the arguments. */
  readonly argument: string
  readonly from: string
  readonly evidence: 'copied' | 'overlap'
  /** Where in the text it stands. */
  readonly span: Span
  /** Whether the user has said the same, so that it need not come from there. */
  readonly isUsers: boolean
}

/** A text that arguments may come from. */
export type Source = { readonly id: string; readonly trust: Trust; readonly text: string }

/** `isComplete`: all texts were read in every view, and nothing of what they say is left out. */
export type Derivations = { readonly found: readonly Derivation[]; readonly isComplete: boolean }

/** UTF-16 units that are looked at for one call; what lies behind is not. */
const most = 4_194_304
/** Most derivations of one call that are told. */
const mostFound = 1_024

/**
 * What of the arguments of a call stands in the texts before it, in their canonical view and in every view that something
 * in them asks for. Texts of the user come first, whatever their order.
 */
export function derivationsOf(args: Json, sources: readonly Source[]): Derivations {
  const wanted = marksOf(args)
  if (wanted.size === 0) return { found: [], isComplete: true }
  const found: Derivation[] = []
  const usersOwn = new Set<number>()
  let left = most
  let isComplete = true
  const ordered = sources.toSorted((a, b) => (a.trust === 'user' ? 0 : 1) - (b.trust === 'user' ? 0 : 1))
  for (const { id, trust, text } of ordered) {
    left -= text.length
    if (left < 0) return { found, isComplete: false }
    const within = marksWithin(text)
    // What a text of the user says besides could only make an argument more the user's own.
    if (!within.isComplete && trust !== 'user') isComplete = false
    const told = new Set<string>()
    for (const { mark, span } of within.marks) {
      const pointers = wanted.get(mark.hash)
      if (pointers === undefined) continue
      if (trust === 'user') usersOwn.add(mark.hash)
      const isUsers = usersOwn.has(mark.hash)
      for (const argument of pointers) {
        const name = `${mark.evidence} ${isUsers} ${argument}`
        if (told.has(name)) continue
        told.add(name)
        if (found.length < mostFound)
          found.push({ argument, from: id, evidence: mark.evidence, span, isUsers })
        else if (!isUsers) isComplete = false
      }
    }
  }
  return { found, isComplete }
}

/** The strongest evidence that arguments come from a text, and from nothing that the user has said. */
export function evidenceOf({ found, isComplete }: Derivations, from: string): Evidence {
  const own = found.filter((derivation) => derivation.from === from && !derivation.isUsers)
  if (own.some(({ evidence }) => evidence === 'copied')) return 'copied'
  // INVARIANT: what was not looked at counts as what was found.
  return own.length > 0 || !isComplete ? 'overlap' : 'context'
}

/** The pointers of the arguments in which each mark stands. */
export function marksOf(args: Json): ReadonlyMap<number, readonly string[]> {
  const marks = new Map<number, string[]>()
  for (const { pointer, text } of leavesOf(args, '')) {
    marksIn(text.toLowerCase(), ({ hash }) => {
      const pointers = marks.get(hash)
      if (pointers === undefined) marks.set(hash, [pointer])
      else if (!pointers.includes(pointer)) pointers.push(pointer)
    })
  }
  return marks
}

/** The marks of the views of a text; spans are those of the text itself. `isComplete`: it was read in every view. */
export function marksWithin(text: string): {
  readonly marks: Iterable<{ readonly mark: Mark; readonly span: Span }>
  readonly isComplete: boolean
} {
  const { canonical, derived, complete } = normalise(text)
  return { marks: marksOfViews([canonical, ...derived]), isComplete: complete }
}

function* marksOfViews(views: readonly View[]) {
  for (const { text, map } of views) {
    const marks: Mark[] = []
    marksIn(text.toLowerCase(), (mark) => marks.push(mark))
    for (const mark of marks) yield { mark, span: map.toOriginal(mark.start, mark.end) }
  }
}

function* leavesOf(value: Json, pointer: string): Generator<{ pointer: string; text: string }> {
  if (typeof value === 'string') yield { pointer, text: normalise(value).canonical.text }
  else if (typeof value === 'number') yield { pointer, text: String(value) }
  else if (Array.isArray(value))
    for (const [n, item] of (value as readonly Json[]).entries()) yield* leavesOf(item, `${pointer}/${n}`)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      yield { pointer: at, text: name }
      yield* leavesOf(member, at)
    }
}

/**
 * A JSON text of which exactly one reading exists. `numbers` are those of its long numbers that the tree does not hold
 * as they are written.
 */
export type ExactTree =
  | { readonly ok: true; readonly tree: unknown; readonly numbers: readonly string[] }
  | {
      readonly ok: false
      readonly fault: 'not_json' | 'duplicate_key' | 'lone_surrogate' | 'too_deep'
    }

const maxDepth = 64
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8; null for bytes that are not, and for a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    const text = utf8.decode(bytes)
    return text.startsWith('\ufeff') ? null : text
  } catch {
    return null
  }
}

/**
 * Reads `text` so that no other parser can read it differently: duplicate members, lone surrogates and more than 64
 * levels are refused. INVARIANT: a text that is accepted parses to the same tree in every parser that keeps RFC 8259.
 */
export function readExactTree(text: string): ExactTree {
  let tree: unknown
  try {
    tree = JSON.parse(text)
  } catch {
    return { ok: false, fault: 'not_json' }
  }
  if (!text.isWellFormed()) return { ok: false, fault: 'lone_surrogate' }
  const walked = walk(text)
  if (typeof walked === 'string') return { ok: false, fault: walked }
  // A member that comes again replaces the one before, with all that is in it: the tree has fewer than were written.
  if (walked.members !== membersIn(tree)) return { ok: false, fault: 'duplicate_key' }
  return { ok: true, tree, numbers: writtenOtherwise(walked.longNumbers, text, tree) }
}

/** What the tree of a text does not tell: how many members were written, and where its long numbers stand. */
type Walked = { readonly members: number; readonly longNumbers: readonly number[] }

/** Digits from which on a number may be somebody's. */
const longNumber = /\d(?:\.?\d){7}/
const fewestUnits = 8
/** Of so many numbers it costs less to write the tree once more. */
const many = 16
const noNumbers: readonly string[] = []

/** The long numbers that the tree does not hold as they are written. */
function writtenOtherwise(places: readonly number[], text: string, tree: unknown): readonly string[] {
  if (places.length === 0 || (places.length > many && JSON.stringify(tree) === text)) return noNumbers
  return places
    .map((at) => text.slice(at, endOfNumber(text, at)))
    .filter((written) => longNumber.test(written) && String(Number(written)) !== written)
}

/** Walks a text that is known to be JSON; strings, which are most of it, are passed over. */
function walk(text: string): Walked | 'lone_surrogate' | 'too_deep' {
  const mayHideSurrogates = text.includes('\\u')
  const longNumbers: number[] = []
  let depth = 0
  let members = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === quote) {
      const end = endOfString(text, at)
      if (mayHideSurrogates && !isWellFormed(text.slice(at, end))) return 'lone_surrogate'
      at = end - 1
    } else if (unit === colon) members += 1
    else if (unit === openingBrace || unit === openingBracket) {
      depth += 1
      if (depth > maxDepth) return 'too_deep'
    } else if (unit === closingBrace || unit === closingBracket) depth -= 1
    else if ((unit >= firstDigit && unit <= lastDigit) || unit === minus) {
      const end = endOfNumber(text, at)
      if (end - at >= fewestUnits) longNumbers.push(at)
      at = end - 1
    }
  }
  return { members, longNumbers }
}

/** Members of all objects of a tree of at most 64 levels. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let count = Array.isArray(value) ? 0 : items.length
  for (const item of items) if (typeof item === 'object') count += membersIn(item)
  return count
}

/** Whether the string that `raw` writes has no lone surrogate. */
function isWellFormed(raw: string): boolean {
  return !raw.includes('\\u') || String(JSON.parse(raw)).isWellFormed()
}

/** Place after the number that begins at `from`: before the next comma, closing or white space. */
function endOfNumber(text: string, from: number): number {
  let at = from + 1
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if ((unit < minus && unit !== plus) || unit === closingBracket || unit === closingBrace) break
  }
  return at
}

const [quote, colon, firstDigit, lastDigit] = [34, 58, 48, 57]
const [plus, minus] = [43, 45]
const [openingBrace, closingBrace, openingBracket, closingBracket] = [123, 125, 91, 93]

/** Place after the quote that ends the string that begins at `from`: the next one with an even run of `\\` before it. */
export function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at
    while (text[before - 1] === '\\') before -= 1
    if ((at - before) % 2 === 0) return at + 1
  }
  return text.length
}

/** A JSON text of which exactly one reading exists, with the place of each top-level member value. */
export type ExactTree =
  | { readonly ok: true; readonly tree: unknown; readonly spanOf: (member: string) => Span | null }
  | {
      readonly ok: false
      readonly fault: 'not_utf8' | 'not_json' | 'duplicate_key' | 'lone_surrogate' | 'too_deep'
    }

/** Half-open range in UTF-16 units of the text. */
export type Span = { readonly from: number; readonly to: number }

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
  if (!isPlainlyExact(text, tree)) return scan(text, tree)
  let scanned: ExactTree | null = null
  const spanOf = (member: string) => {
    scanned ??= scan(text, tree)
    return scanned.ok ? scanned.spanOf(member) : null
  }
  return { ok: true, tree, spanOf }
}

/** The usual case: written without white space, the tree gives back the very text, so that nothing is hidden in it. */
function isPlainlyExact(text: string, tree: unknown): boolean {
  if (text.includes('\\ud')) return false // an escaped surrogate, which may be a lone one
  return (hasFewOpenings(text) || isShallow(tree, maxDepth)) && JSON.stringify(tree) === text
}

/** Whether `text` opens so few objects and arrays that it cannot be too deep, braces inside strings counted too. */
function hasFewOpenings(text: string): boolean {
  let left = maxDepth
  for (const opening of ['{', '[']) {
    for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) {
      if (left === 0) return false
      left -= 1
    }
  }
  return true
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  for (const member of Object.values(value)) if (!isShallow(member, levels - 1)) return false
  return true
}

type Frame = { readonly names: Set<string> | null; name: string; expectsName: boolean }

/** Walks a text that is known to be JSON; only names, depth, surrogates and top-level places are of interest. */
function scan(text: string, tree: unknown): ExactTree {
  const spans = new Map<string, Span>()
  const stack: Frame[] = []
  let valueFrom = -1
  const endValue = (to: number): void => {
    const top = stack.at(-1)
    if (stack.length === 1 && top?.names) spans.set(top.name, { from: valueFrom, to })
  }
  const beginValue = (from: number): void => {
    if (stack.length === 1) valueFrom = from
  }
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    const top = stack.at(-1)
    if (char === '"') {
      const end = endOfString(text, at)
      const raw = text.slice(at, end)
      if (!raw.isWellFormed() || (raw.includes('\\u') && !String(JSON.parse(raw)).isWellFormed()))
        return { ok: false, fault: 'lone_surrogate' }
      if (top?.names && top.expectsName) {
        const name = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
        if (top.names.has(name)) return { ok: false, fault: 'duplicate_key' }
        top.names.add(name)
        top.name = name
        top.expectsName = false
      } else {
        beginValue(at)
        endValue(end)
      }
      at = end - 1
    } else if (char === '{' || char === '[') {
      beginValue(at)
      if (stack.length === maxDepth) return { ok: false, fault: 'too_deep' }
      stack.push({ names: char === '{' ? new Set() : null, name: '', expectsName: char === '{' })
    } else if (char === '}' || char === ']') {
      stack.pop()
      endValue(at + 1)
    } else if (char === ',') {
      if (top?.names) top.expectsName = true
    } else if (char !== ':' && char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') {
      let end = at + 1
      while (end < text.length && !/[\s,\]}]/.test(text[end] ?? '')) end += 1
      beginValue(at)
      endValue(end)
      at = end - 1
    }
  }
  return { ok: true, tree, spanOf: (member) => spans.get(member) ?? null }
}

/** Place after the quote that ends the string that begins at `from`: the next one with an even run of `\\` before it. */
export function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at
    while (text[before - 1] === '\\') before -= 1
    if ((at - before) % 2 === 0) return at + 1
  }
  return text.length
}

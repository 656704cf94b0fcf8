import type { Json } from '../../../kernel/index.ts'

/** Compiles the pattern of `like`, a list of `"Wildcard"` and `{"Literal": text}`; null for what is none. */
export function compileLike(pattern: Json | undefined): ((text: string) => boolean) | null {
  const literals = literalsOf(pattern)
  if (literals === null) return null
  const [first = '', ...rest] = literals
  const last = rest.pop()
  if (last === undefined) return (text) => text === first // no wildcard
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false
    const end = text.length - last.length
    let at = first.length
    for (const literal of rest) {
      const found = text.indexOf(literal, at) // the first place is the best one: it leaves most for the others
      if (found === -1) return false
      at = found + literal.length
    }
    return at <= end
  }
}

/** The texts between the wildcards, one more than there are wildcards. */
function literalsOf(pattern: Json | undefined): string[] | null {
  if (!Array.isArray(pattern)) return null
  const literals = ['']
  for (const element of pattern as readonly Json[]) {
    if (element === 'Wildcard') {
      literals.push('')
      continue
    }
    if (typeof element !== 'object' || element === null || !('Literal' in element)) return null
    const { Literal: literal, ...more } = element
    if (typeof literal !== 'string' || Object.keys(more).length > 0) return null
    literals[literals.length - 1] += literal
  }
  return literals
}

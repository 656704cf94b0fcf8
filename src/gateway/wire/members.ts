import { endOfString } from './json.ts'

/**
 * The members of a JSON object by name, each as it is written, so that a message can be made anew without changing one
 * unit of what it carries. Null for anything but an object. The text must be known to be JSON without duplicate members.
 */
export function membersOf(json: string): Map<string, string> | null {
  const parts = partsOf(json, '{')
  if (parts === null) return null
  return new Map(
    parts.map((part) => {
      const end = endOfString(part, 0)
      return [String(JSON.parse(part.slice(0, end))), part.slice(part.indexOf(':', end) + 1).trim()]
    }),
  )
}

/** The items of a JSON array, each as it is written. Null for anything but an array. */
export function itemsOf(json: string): readonly string[] | null {
  return partsOf(json, '[')
}

/** An object of members that are written already. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** What stands between the commas of the outermost level. */
function partsOf(json: string, opening: '{' | '['): readonly string[] | null {
  const text = json.trim()
  if (!text.startsWith(opening)) return null
  const parts: string[] = []
  let [depth, from] = [0, 1]
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at) - 1
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
    const isBetween = char === ',' && depth === 1
    if (!isBetween && depth > 0) continue
    parts.push(text.slice(from, at).trim())
    from = at + 1
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts
}

import { endOfString } from './json.ts'

/** Where a member of the outermost object stands: from its name, from its value, and behind its value. */
export type MemberRange = { readonly from: number; readonly valueFrom: number; readonly to: number }

/** Finds a member of an object. The text must be known to be JSON without duplicate members; null when it has none. */
export function memberAt(json: string, name: string): MemberRange | null {
  let [depth, from, valueFrom] = [0, -1, -1]
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at]
    if (char === '"') {
      const end = endOfString(json, at)
      if (depth === 1 && from === -1) {
        const colon = json.indexOf(':', end)
        from = at
        valueFrom = behindSpace(json, colon + 1)
        if (nameIn(json.slice(at, end)) !== name) valueFrom = -1
        at = colon
      } else at = end - 1
    } else if (char === '{' || char === '[') {
      if (depth === 0 && char === '[') return null
      depth += 1
    } else if (char === '}' || char === ']') depth -= 1
    const isBehind = (char === ',' && depth === 1) || depth === 0
    if (!isBehind || from === -1) continue
    if (valueFrom !== -1) return { from, valueFrom, to: json.slice(0, at).trimEnd().length }
    from = -1
  }
  return null
}

/** The object with a member set to `value`, which is JSON: in its place when it is there, else in front. */
export function withMember(json: string, name: string, value: string): string {
  const found = memberAt(json, name)
  if (found !== null) return json.slice(0, found.valueFrom) + value + json.slice(found.to)
  const at = json.indexOf('{') + 1
  const isEmpty = json.slice(at).trimStart().startsWith('}')
  return `${json.slice(0, at)}${JSON.stringify(name)}:${value}${isEmpty ? '' : ','}${json.slice(at)}`
}

/** The object without a member, and every other unit as it is. */
export function withoutMember(json: string, name: string): string {
  const found = memberAt(json, name)
  if (found === null) return json
  const before = json.slice(0, found.from).trimEnd()
  if (before.endsWith(',')) return before.slice(0, -1) + json.slice(found.to)
  return json.slice(0, found.from) + json.slice(found.to).replace(/^\s*,\s*/, '')
}

function nameIn(raw: string): string {
  return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
}

function behindSpace(json: string, from: number): number {
  let at = from
  while (/\s/.test(json[at] ?? '')) at += 1
  return at
}

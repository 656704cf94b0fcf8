import { escaped } from '../dialect/place.ts'
import { endOfString } from './json.ts'

/**
 * Puts other strings in the place of some strings of a JSON text and leaves every other unit as it is. `edits`: by JSON
 * pointer (RFC 6901). The text must be known to be JSON without duplicate members. Throws when a place is no string.
 */
export function replaceStrings(json: string, edits: ReadonlyMap<string, string>): string {
  if (edits.size === 0) return json
  let [out, kept, done] = ['', 0, 0]
  const stack: {
    readonly path: string
    readonly isList: boolean
    name: string
    n: number
    expectsName: boolean
  }[] = []
  const pathNow = (): string => {
    const top = stack.at(-1)
    if (top === undefined) return ''
    return `${top.path}/${top.isList ? top.n : escaped(top.name)}`
  }
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at]
    const top = stack.at(-1)
    if (char === '"') {
      const end = endOfString(json, at)
      if (top !== undefined && !top.isList && top.expectsName) {
        const raw = json.slice(at, end)
        top.name = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
        top.expectsName = false
      } else {
        const edit = edits.get(pathNow())
        if (edit !== undefined) {
          out += json.slice(kept, at) + JSON.stringify(edit)
          kept = end
          done += 1
        }
      }
      at = end - 1
    } else if (char === '{' || char === '[') {
      stack.push({ path: pathNow(), isList: char === '[', name: '', n: 0, expectsName: char === '{' })
    } else if (char === '}' || char === ']') stack.pop()
    else if (char === ',' && top !== undefined) {
      if (top.isList) top.n += 1
      else top.expectsName = true
    }
  }
  if (done !== edits.size) throw new TypeError('a place to be changed holds no string')
  return out + json.slice(kept)
}

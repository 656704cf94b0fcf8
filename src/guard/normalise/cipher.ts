import { isLetter } from '../stream/candidate.ts'
import { wordShareOf } from './function-words.ts'
import { Runs } from './offset-map.ts'
import type { Transform } from './transform.ts'
import type { ViewWriter } from './view.ts'

type Written = ReturnType<ViewWriter['written']>

/** What gains as much of function words was a text of a language. */
const gain = 0.08
const shortest = 12

/**
 * The text turned round by letters, by words, or by thirteen places of the alphabet, where it becomes a text of a language
 * that it was not before.
 */
export function deciphered(text: string): readonly (readonly [Transform, Written])[] {
  if (text.length < shortest) return []
  const before = wordShareOf(text)
  const found: (readonly [Transform, Written])[] = []
  for (const [transform, written] of [
    ['rot13', rotated(text)],
    ['reversed', reversed(text)],
  ] as const)
    if (wordShareOf(written.text).share >= before.share + gain) found.push([transform, written])
  return found
}

export function rotated(text: string): Written {
  let out = ''
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    const first = unit & 96 // the one before A or a
    out += isLetter(unit) ? String.fromCharCode(first + 1 + ((unit - first - 1 + 13) % 26)) : text.charAt(at)
  }
  const runs = new Runs()
  runs.add(text.length, 0, text.length, true)
  return { text: out, map: runs.map() }
}

/** Code points from the last to the first. */
export function reversed(text: string, from = 0, to = text.length): Written {
  const runs = new Runs()
  let out = ''
  for (let end = to; end > from; ) {
    const isPair = end - 2 >= from && (text.codePointAt(end - 2) ?? 0) > 0xffff
    const start = isPair ? end - 2 : end - 1
    out += text.slice(start, end)
    runs.add(end - start, start, end, false)
    end = start
  }
  return { text: out, map: runs.map() }
}

/** Words from the last to the first. Word order changes no share of words: rules alone say whether it was turned. */
export function reversedWords(text: string): Written {
  const runs = new Runs()
  const parts: string[] = []
  for (let end = text.length; end > 0; ) {
    let start = end - 1
    const isSpace = text.charCodeAt(start) <= 32
    while (start > 0 && text.charCodeAt(start - 1) <= 32 === isSpace) start -= 1
    parts.push(text.slice(start, end))
    runs.add(end - start, start, end, false)
    end = start
  }
  return { text: parts.join(''), map: runs.map() }
}

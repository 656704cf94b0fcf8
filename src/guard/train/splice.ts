import type { Draw } from '../generate/draw.ts'

/** An attack in the middle of somebody else's text. */
type Spliced = {
  readonly text: string
  readonly start: number
  readonly end: number
  /** The same stretch of the other text without the attack. */
  readonly without: string
}

/** Characters of the text around that matter: a window of 48 words and some more. */
const mostAround = 420

/** Puts an attack into a text: at its start, its end or between two of its words. */
export function splice(attack: string, carrier: string, draw: Draw): Spliced {
  const place = draw.oneOf(['start', 'middle', 'middle', 'end'] as const)
  const joint = draw.oneOf(joints)
  const at =
    place === 'start' ? 0 : place === 'end' ? carrier.length : gapAt(carrier, draw.below(carrier.length + 1))
  const before =
    at === 0 ? '' : `${carrier.slice(Math.max(0, gapAt(carrier, at - mostAround)), at).trim()}${joint}`
  const after =
    at === carrier.length ? '' : `${joint}${carrier.slice(at, gapAt(carrier, at + mostAround)).trim()}`
  return {
    text: `${before}${attack}${after}`,
    start: before.length,
    end: before.length + attack.length,
    without: `${before}${after}`,
  }
}

const joints = [' ', ' ', '. ', '\n\n', '\n\n', ' "', ' <!-- ', '", "note": "', ' # ', ' | '] as const

/** The next place from `at` on where a word has ended. */
function gapAt(text: string, at: number): number {
  if (at <= 0) return 0
  for (let i = at; i < text.length; i += 1) if (text.charCodeAt(i) <= 32) return i
  return text.length
}

/** How a part is written where it is named: `{part}`, `{part^}` with a capital first letter, `{part!}` in capitals. */
export type Letters = 'as_written' | 'capital_first' | 'capitals'

export const runAlphabets = {
  hex: '0123456789abcdef',
  b64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  alnum: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
} as const
type RunAlphabet = keyof typeof runAlphabets

/** A piece of a template. `isKept`: drawn once for a whole text. `width` of a number: digits it has at least, with zeros in front. */
export type Piece =
  | { readonly k: 'literal'; readonly text: string }
  | { readonly k: 'part'; readonly name: string; readonly letters: Letters; readonly isKept: boolean }
  | { readonly k: 'family'; readonly name: string }
  | { readonly k: 'number'; readonly least: number; readonly most: number; readonly width: number }
  | { readonly k: 'run'; readonly alphabet: RunAlphabet; readonly length: number }
  | { readonly k: 'choice'; readonly alternatives: readonly Template[] }
export type Template = readonly Piece[]

type TemplateRead =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly fault: string }

const longestRun = 4_096
const largestNumber = 999_999_999_999

/**
 * Reads a template: text with `{part}`, `{=part}`, `{@family}`, `{n:1-900}`, `{hex:32}`, `{b64:40}`, `{alnum:12}` and `{one|or another}`
 * in it. Literal braces are `\{` and `\}`; a `}` behind a `\{` needs no mark. The fault says what and where, in UTF-16 units.
 */
export function readTemplate(text: string): TemplateRead {
  try {
    return { ok: true, template: new Reader(text).whole() }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, fault: error.message }
    throw error
  }
}

class Unreadable extends Error {}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): Template {
    const template = this.#template(false)
    if (this.#at < this.#text.length) throw this.#fault('closes a brace that nothing has opened', this.#at)
    return template
  }

  /** Up to the end; within a choice up to its `|` or `}`. */
  #template(isAlternative: boolean): Template {
    const pieces: Piece[] = []
    let [literal, openLiterals] = ['', 0]
    const flush = () => {
      if (literal !== '') pieces.push({ k: 'literal', text: literal })
      literal = ''
    }
    for (;;) {
      const character = this.#text.charAt(this.#at)
      const next = this.#text.charAt(this.#at + 1)
      if (character === '') break
      if (character === '\\' && (next === '{' || next === '}')) {
        openLiterals += next === '{' ? 1 : -1
        literal += next
        this.#at += 2
      } else if (character === '{') {
        flush()
        pieces.push(this.#braced())
      } else if (character === '}' && openLiterals <= 0) break
      else if (character === '|' && isAlternative) break
      else {
        if (character === '}') openLiterals -= 1
        literal += character
        this.#at += 1
      }
    }
    flush()
    return pieces
  }

  #braced(): Piece {
    const from = this.#at
    this.#at += 1
    const alternatives = [this.#template(true)]
    while (this.#text.charAt(this.#at) === '|') {
      this.#at += 1
      alternatives.push(this.#template(true))
    }
    if (this.#text.charAt(this.#at) !== '}') throw this.#fault('opens a brace that nothing closes', from)
    const inner = this.#text.slice(from + 1, this.#at)
    this.#at += 1
    if (alternatives.length > 1) return { k: 'choice', alternatives }
    return this.#named(inner, from)
  }

  #named(inner: string, from: number): Piece {
    const colon = inner.indexOf(':')
    if (colon > 0) return this.#drawn(inner.slice(0, colon), inner.slice(colon + 1), from)
    if (inner.startsWith('@')) return { k: 'family', name: this.#name(inner.slice(1), from) }
    const isKept = inner.startsWith('=')
    const letters = inner.endsWith('^') ? 'capital_first' : inner.endsWith('!') ? 'capitals' : 'as_written'
    const name = inner.slice(isKept ? 1 : 0, letters === 'as_written' ? inner.length : -1)
    return { k: 'part', name: this.#name(name, from), letters, isKept }
  }

  #drawn(kind: string, bounds: string, from: number): Piece {
    if (kind === 'n') {
      const dash = bounds.indexOf('-')
      const [low, high] = [bounds.slice(0, dash), bounds.slice(dash + 1)]
      const [least, most] = [wholeNumber(low), wholeNumber(high)]
      if (dash < 1 || least === null || most === null || least > most || most > largestNumber)
        throw this.#fault(`\`{n:${bounds}}\` is no range such as \`{n:1-900}\``, from)
      return { k: 'number', least, most, width: low.startsWith('0') ? low.length : 1 }
    }
    const length = wholeNumber(bounds)
    if (!isRunAlphabet(kind)) throw this.#fault(`\`{${kind}:…}\` is no kind of number or run`, from)
    if (length === null || length < 1 || length > longestRun)
      throw this.#fault(`\`{${kind}:${bounds}}\` has no length between 1 and ${longestRun}`, from)
    return { k: 'run', alphabet: kind, length }
  }

  #name(name: string, from: number): string {
    const isName = name !== '' && Array.from(name).every((character) => nameCharacters.includes(character))
    if (isName) return name
    throw this.#fault(`\`{${name.slice(0, 40)}}\` is no name of small letters, digits, \`_\` and \`-\``, from)
  }

  #fault(what: string, at: number): Unreadable {
    const around = this.#text.slice(Math.max(0, at - 20), at + 20)
    return new Unreadable(`unit ${at} ${what}: near \`${around}\``)
  }
}

const nameCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789_-'

function isRunAlphabet(kind: string): kind is RunAlphabet {
  return Object.hasOwn(runAlphabets, kind)
}

function wholeNumber(digits: string): number | null {
  const isNumber = digits !== '' && Array.from(digits).every((digit) => digit >= '0' && digit <= '9')
  return isNumber ? Number(digits) : null
}

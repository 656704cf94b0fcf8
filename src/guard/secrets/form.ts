/**
 * How a token is written: text that stands for itself, and `[set*count]` or `[set*min-max]` for so many characters of a
 * set. `ghp_[alnum*36]` is 36 letters or digits behind `ghp_`. Counts are in UTF-16 units.
 */
export type Form = readonly Part[]
type Part = { readonly isIn: (unit: number) => boolean; readonly min: number; readonly max: number }

const sets = {
  digit: '0123456789',
  hex: '0123456789abcdef',
  hexany: '0123456789abcdefABCDEF',
  lower: 'abcdefghijklmnopqrstuvwxyz0123456789',
  letter: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  alnum: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  word: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-',
  base64: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/',
  token: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.=+/~%',
  azure: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_~.-',
  pad: '=',
}

const masks = new Map<string, Uint8Array>(
  Object.entries(sets).map(([name, characters]) => {
    const mask = new Uint8Array(128)
    for (let i = 0; i < characters.length; i += 1) mask[characters.charCodeAt(i)] = 1
    return [name, mask]
  }),
)

/** Reads a form. Throws when it names an unknown set or a count that is none. */
export function parseForm(text: string): Form {
  const parts: Part[] = []
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '[') {
      const wanted = text.charCodeAt(at)
      parts.push({ isIn: (unit) => unit === wanted, min: 1, max: 1 })
      at += 1
      continue
    }
    const close = text.indexOf(']', at)
    const [name = '', counts = ''] = text.slice(at + 1, close).split('*')
    const [min, max = min] = counts.split('-').map(Number)
    const mask = masks.get(name)
    if (
      mask === undefined ||
      !Number.isInteger(min) ||
      !Number.isInteger(max) ||
      min === undefined ||
      max === undefined
    )
      throw new Error(`\`${text}\` is no form of a token: look at \`${text.slice(at, close + 1)}\``)
    parts.push({ isIn: (unit) => mask[unit] === 1, min, max })
    at = close + 1
  }
  return parts
}

/** What a token is recognised by: text that stands for itself, so much of it as stands in front, and what follows. */
export type Anchored = { readonly lead: string; readonly word: string; readonly rest: string }

/** The text in front of the first set; where a form opens with a set, its longest text within. */
export function anchored(form: string): Anchored {
  let best: Anchored = { lead: '', word: '', rest: form }
  for (let at = 0; at < form.length; ) {
    const open = form.indexOf('[', at)
    const to = open < 0 ? form.length : open
    if (to - at > best.word.length)
      best = { lead: form.slice(0, at), word: form.slice(at, to), rest: form.slice(to) }
    if (at === 0 && to > 0) break
    at = open < 0 ? form.length : form.indexOf(']', open) + 1
  }
  return best
}

/** Reads a token unit by unit. Where a set may end or go on, it goes on as long as it can. */
export class FormReader {
  readonly #form: Form
  #part = 0
  #count = 0

  constructor(form: Form) {
    this.#form = form
  }

  /** Whether what was read is a whole token. */
  get isWhole(): boolean {
    const part = this.#form[this.#part]
    return (
      part === undefined ||
      (this.#count >= part.min && this.#form.slice(this.#part + 1).every(({ min }) => min === 0))
    )
  }

  /** Whether `unit` goes on with it. */
  next(unit: number): boolean {
    for (let part = this.#form[this.#part]; part !== undefined; part = this.#form[this.#part]) {
      if (this.#count < part.max && part.isIn(unit)) {
        this.#count += 1
        return true
      }
      if (this.#count < part.min) return false
      this.#part += 1
      this.#count = 0
    }
    return false
  }
}

/** Whether a whole text has the form. */
export function hasForm(text: string, form: Form): boolean {
  const reader = new FormReader(form)
  for (let i = 0; i < text.length; i += 1) if (!reader.next(text.charCodeAt(i))) return false
  return reader.isWhole
}

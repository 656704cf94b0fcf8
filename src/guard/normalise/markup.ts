import { isWordUnit } from '../stream/candidate.ts'
import { ViewWriter } from './view.ts'

type Written = ReturnType<ViewWriter['written']>

/** A text of HTML or Markdown as its reader sees it, and what is in it that the reader does not see. */
export type Markup = {
  readonly visible: Written | null
  readonly hidden: Written | null
  readonly hasConcealed: boolean
}

const longestTag = 4_096
const voids: ReadonlySet<string> = new Set(['img', 'br', 'hr', 'input', 'meta', 'link', 'source', 'wbr'])
const unread: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript'])
/** Attributes whose text is shown late or never (HTML Living Standard). */
const aside = ['alt', 'title', 'aria-label', 'content', 'placeholder', 'value', 'href', 'src', 'data-note']
const concealing = [
  'display:none',
  'visibility:hidden',
  'font-size:0',
  'font-size:1px',
  'opacity:0;',
  'height:0',
  'width:0',
  'color:white',
  'color:#fff',
  'color:transparent',
  'text-indent:-',
  'left:-9',
]

/** Reads markup once, from left to right. A tag that is never closed hides nothing. */
export function readMarkup(text: string): Markup {
  const reader = new MarkupReader(text)
  return reader.read()
}

class MarkupReader {
  readonly #text: string
  readonly #visible: ViewWriter
  readonly #hidden: ViewWriter
  #kept = 0
  /** The element that hides what is in it, and how many of its name are open within. */
  #hiddenBy: string | null = null
  #depth = 0
  #hasTags = false
  #hasConcealed = false

  constructor(text: string) {
    this.#text = text
    this.#visible = new ViewWriter(text)
    this.#hidden = new ViewWriter(text)
  }

  read(): Markup {
    const text = this.#text
    let at = this.#frontMatter()
    while (at < text.length) {
      const unit = text.charCodeAt(at)
      if (unit === 60) at = this.#tag(at)
      else if (unit === 91 && this.#hiddenBy === null) at = this.#bracket(at)
      else at += 1
    }
    this.#flush(text.length)
    const hidden = this.#hidden.length > 0 ? this.#hidden.written() : null
    return {
      visible: this.#hasTags ? this.#visible.written() : null,
      hidden,
      hasConcealed: this.#hasConcealed,
    }
  }

  /** What was read since the last mark belongs to where it stands. */
  #flush(to: number): void {
    if (this.#hiddenBy === null) this.#visible.keep(this.#kept, to)
    else this.#hide(this.#kept, to, true)
    this.#kept = to
  }

  #hide(start: number, end: number, isConcealed: boolean): void {
    let [from, to] = [start, end]
    while (from < to && this.#text.charCodeAt(from) <= 32) from += 1
    while (to > from && this.#text.charCodeAt(to - 1) <= 32) to -= 1
    if (to <= from) return
    if (this.#hidden.length > 0) this.#hidden.put('\n\n', from, from + 1)
    this.#hidden.keep(from, to)
    this.#hasConcealed ||= isConcealed
  }

  #frontMatter(): number {
    const text = this.#text
    if (!text.startsWith('---\n')) return 0
    const end = text.indexOf('\n---', 3)
    if (end < 0 || end > longestTag) return 0
    this.#hide(4, end, false)
    this.#kept = end + 4
    return end + 4
  }

  #tag(at: number): number {
    const text = this.#text
    if (text.startsWith('<!--', at)) return this.#comment(at)
    const isClose = text.charCodeAt(at + 1) === 47
    const nameFrom = at + (isClose ? 2 : 1)
    let nameTo = nameFrom
    while (nameTo < nameFrom + 24 && isWordUnit(text.charCodeAt(nameTo))) nameTo += 1
    const end = nameTo === nameFrom ? -1 : tagEnd(text, nameTo)
    if (end < 0) return at + 1
    const name = text.slice(nameFrom, nameTo).toLowerCase()
    this.#hasTags = true
    this.#flush(at)
    this.#kept = end
    if (isClose) this.#close(name)
    else this.#open(name, text.slice(nameTo, end - 1), nameTo)
    if (this.#hiddenBy === null && this.#visible.length > 0) this.#visible.put(' ', at, end)
    return end
  }

  #comment(at: number): number {
    const end = this.#text.indexOf('-->', at + 4)
    const to = end < 0 ? this.#text.length : end
    this.#hasTags = true
    this.#flush(at)
    this.#hide(at + 4, to, true)
    this.#kept = end < 0 ? to : end + 3
    return this.#kept
  }

  #open(name: string, attributes: string, offset: number): void {
    if (this.#hiddenBy !== null) {
      if (name === this.#hiddenBy) this.#depth += 1
      return
    }
    for (const { name: attribute, start, end } of attributesIn(attributes))
      if (aside.includes(attribute)) this.#hide(offset + start, offset + end, false)
    if (voids.has(name) || attributes.endsWith('/')) return
    const isUnread = unread.has(name)
    if (!isUnread && !conceals(attributes)) return
    this.#hiddenBy = name
    this.#depth = 1
  }

  #close(name: string): void {
    if (name !== this.#hiddenBy) return
    this.#depth -= 1
    if (this.#depth === 0) this.#hiddenBy = null
  }

  /** Markdown: `[//]: # (comment)`, the address and title of a link, the text of an image (CommonMark 4.7, 6.3, 6.4). */
  #bracket(at: number): number {
    const text = this.#text
    if (text.startsWith('[//]: #', at)) {
      const line = text.indexOf('\n', at)
      const end = line < 0 ? text.length : line
      this.#flush(at)
      this.#hide(at + 7, end, true)
      this.#kept = end
      return end
    }
    const close = boundedIndexOf(text, ']', at + 1, 512)
    if (close < 0 || text.charAt(close + 1) !== '(') return at + 1
    const end = boundedIndexOf(text, ')', close + 2, 2_048)
    if (end < 0) return at + 1
    if (text.charAt(at - 1) === '!') this.#hide(at + 1, close, false)
    this.#flush(close + 1)
    this.#hide(close + 2, end, false)
    this.#kept = end + 1
    return end + 1
  }
}

function conceals(attributes: string): boolean {
  const lower = attributes.toLowerCase()
  const compact = lower
    .split('')
    .filter((character) => !' \n\t'.includes(character))
    .join('')
  const isHidden = attributesIn(lower).some(({ name }) => name === 'hidden')
  return isHidden || concealing.some((style) => `${compact};`.includes(style))
}

/** Names of attributes, and where their values stand in `text`. */
function attributesIn(
  text: string,
): readonly { readonly name: string; readonly start: number; readonly end: number }[] {
  const found: { name: string; start: number; end: number }[] = []
  for (let at = 0; at < text.length; ) {
    while (at < text.length && text.charCodeAt(at) <= 32) at += 1
    const from = at
    while (at < text.length && text.charCodeAt(at) > 32 && text.charAt(at) !== '=') at += 1
    const name = text.slice(from, at).toLowerCase()
    if (text.charAt(at) !== '=') {
      if (name !== '') found.push({ name, start: at, end: at })
      continue
    }
    const quote = text.charAt(at + 1)
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, at + 2)
      const end = close < 0 ? text.length : close
      found.push({ name, start: at + 2, end })
      at = end + 1
    } else {
      const start = at + 1
      at = start
      while (at < text.length && text.charCodeAt(at) > 32) at += 1
      found.push({ name, start, end: at })
    }
  }
  return found
}

/** Behind the `>` that closes a tag; a quoted one does not. -1 when none comes. */
function tagEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + longestTag)
  let quote = ''
  for (let at = from; at < most; at += 1) {
    const character = text.charAt(at)
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '>') return at + 1
    else if (character === '<') return -1
  }
  return -1
}

/** Where `wanted` stands in the same line and not further than `most`; -1 when it does not. */
function boundedIndexOf(text: string, wanted: string, from: number, most: number): number {
  const last = Math.min(text.length, from + most)
  for (let at = from; at < last; at += 1) {
    const character = text.charAt(at)
    if (character === wanted) return at
    if (character === '\n' || (character === '[' && wanted === ']')) return -1
  }
  return -1
}

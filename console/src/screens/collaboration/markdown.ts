import { mentionForm } from '../../../../src/kernel/mention.ts'

/** A piece of a line. Links, images and HTML are no pieces: they stay the text that they are. */
export type Piece =
  | { readonly k: 'text' | 'strong' | 'emphasis' | 'code'; readonly text: string }
  | { readonly k: 'person'; readonly id: string }
export type Block =
  | { readonly k: 'paragraph'; readonly lines: readonly (readonly Piece[])[] }
  | { readonly k: 'list'; readonly items: readonly (readonly Piece[])[] }
  | { readonly k: 'code'; readonly text: string }

const fence = '```'
const bullet = /^[-*] (.*)$/

/** UNTRUSTED: what a comment says, as blocks. Every character of the text is in them but the marks themselves. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? ''
    if (line.trim() === '') i += 1
    else if (line.startsWith(fence)) {
      const end = lines.findIndex((one, at) => at > i && one.startsWith(fence))
      const last = end === -1 ? lines.length : end
      blocks.push({ k: 'code', text: lines.slice(i + 1, last).join('\n') })
      i = last + 1
    } else {
      const isList = bullet.test(line)
      const from = i
      const goesOn = (one: string) =>
        one.trim() !== '' && !one.startsWith(fence) && bullet.test(one) === isList
      while (i < lines.length && goesOn(lines[i] ?? '')) i += 1
      const part = lines.slice(from, i)
      blocks.push(
        isList
          ? { k: 'list', items: part.map((one) => piecesOf(one.slice(2))) }
          : { k: 'paragraph', lines: part.map(piecesOf) },
      )
    }
  }
  return blocks
}

const marks = [
  ['`', 'code'],
  ['**', 'strong'],
  ['_', 'emphasis'],
] as const

/** Within a word an underscore is a part of it: `snake_case_names` are no emphasis. */
function isWordAt(line: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(line[at] ?? '')
}

function endOf(line: string, sign: string, from: number): number {
  let end = line.indexOf(sign, from)
  while (sign === '_' && end !== -1 && isWordAt(line, end + 1)) end = line.indexOf(sign, end + 1)
  return end
}

/** The pieces of one line. A mark that is not closed is text, and so is an empty pair. Linear in the length of the line. */
function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = []
  let plain = ''
  const push = (piece: Piece) => {
    if (plain !== '') pieces.push({ k: 'text', text: plain })
    plain = ''
    pieces.push(piece)
  }
  const people = new Map([...line.matchAll(mentionForm)].map((found) => [found.index, found]))
  const unclosed = new Set<string>()
  for (let i = 0; i < line.length; ) {
    const person = people.get(i)
    const mark = marks.find(
      ([sign]) => line.startsWith(sign, i) && !unclosed.has(sign) && (sign !== '_' || !isWordAt(line, i - 1)),
    )
    if (person !== undefined) {
      push({ k: 'person', id: person[1] ?? '' })
      i += person[0].length
    } else if (mark === undefined) {
      plain += line[i] ?? ''
      i += 1
    } else {
      const [sign, k] = mark
      const end = endOf(line, sign, i + sign.length)
      if (end <= i + sign.length) {
        if (end === -1) unclosed.add(sign)
        plain += sign
        i += sign.length
      } else {
        push({ k, text: line.slice(i + sign.length, end) })
        i = end + sign.length
      }
    }
  }
  if (plain !== '') pieces.push({ k: 'text', text: plain })
  return pieces
}

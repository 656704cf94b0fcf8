import { channels, type Channel } from '../guard/text.ts'
import { LineCutter, type Line } from './lines.ts'

/** A text to be read, as a line of JSON gives it. */
export type TextLine = {
  readonly id: string | number
  readonly channel: Channel
  readonly text: string
}

/** A line that holds no text, and why. */
export type BadLine = { readonly number: number; readonly fault: string }

/** Longest line: a text of 32 MiB, and what JSON needs to write it. */
export const mostBytesOfLine = 67_108_864

/**
 * Reads `{"id", "text", "channel"}` line by line, and gives what each chunk has ended, to be asked for to the last. Other
 * members are passed over; so are empty lines. `channel` may be left out, or be one that nobody knows here: then it is
 * `fallback`.
 */
export async function* textLinesOf(
  chunks: AsyncIterable<Uint8Array>,
  fallback: Channel = 'unknown',
): AsyncGenerator<Iterable<TextLine | BadLine>, void, void> {
  const cutter = new LineCutter(mostBytesOfLine)
  for await (const chunk of chunks) yield textLinesIn(cutter.cut(chunk), fallback)
  yield textLinesIn(cutter.rest(), fallback)
}

function* textLinesIn(lines: Iterable<Line>, fallback: Channel): Generator<TextLine | BadLine, void, void> {
  for (const { number, bytes } of lines) {
    if (bytes === null) yield { number, fault: `the line is longer than ${mostBytesOfLine} bytes` }
    else if (!isBlank(bytes)) yield textLineOf(number, bytes, fallback)
  }
}

/** Other names of channels, as data sets have them. */
const otherNames: ReadonlyMap<string, Channel> = new Map([
  ['file', 'document'],
  ['tool', 'tool_result'],
  ['assistant', 'model'],
])

// UNTRUSTED: whatever was piped in.
function textLineOf(number: number, bytes: Uint8Array, fallback: Channel): TextLine | BadLine {
  const bad = (fault: string): BadLine => ({ number, fault })
  let source: string
  try {
    source = utf8.decode(bytes)
  } catch {
    return bad('the line is not UTF-8')
  }
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch {
    return bad('the line is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return bad('the line is not an object with `id`, `text` and `channel`')
  const { id, text, channel } = value as { readonly [name: string]: unknown } // no list
  if (typeof id !== 'string' && typeof id !== 'number') return bad('`id` is neither a text nor a number')
  if (typeof text !== 'string') return bad('`text` is not a text')
  if (channel !== undefined && channel !== null && typeof channel !== 'string')
    return bad('`channel` is not a text')
  return { id, text, channel: channelOf(channel ?? null) ?? fallback }
}

function channelOf(name: string | null): Channel | undefined {
  if (name === null) return undefined
  return channels.find((channel) => channel === name) ?? otherNames.get(name)
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)
}

/** A byte order mark at the beginning is passed over. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

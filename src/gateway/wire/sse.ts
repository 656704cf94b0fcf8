/** One event of a stream: its data lines joined by line feeds. */
export type SseEvent = { readonly data: string }

export type SseFrame =
  | { readonly k: 'event'; readonly event: SseEvent }
  | { readonly k: 'comment' }
  | { readonly k: 'garbage' }

export const sseMaxEventChars = 1_048_576

/**
 * Cuts bytes into events, split at any byte. Line ends are `\n`, `\r` or `\r\n`. Only `data` lines and comments are
 * expected on this wire; every other field, and bytes that are not UTF-8, are garbage.
 * SPEC: WHATWG HTML 9.2.6.
 */
export class SseFramer {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #line = ''
  #data: string[] = []
  #size = 0
  #skipLineFeed = false

  push(bytes: Uint8Array): SseFrame[] {
    const frames: SseFrame[] = []
    let text: string
    try {
      text = this.#decoder.decode(bytes, { stream: true })
    } catch {
      return [{ k: 'garbage' }]
    }
    let from = this.#skipLineFeed && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#skipLineFeed = false
    const hasReturn = text.includes('\r')
    for (let end = lineEnd(text, from, hasReturn); end !== -1; end = lineEnd(text, from, hasReturn)) {
      const frame = this.#endLine(this.#line + text.slice(from, end))
      this.#line = ''
      const isPair = text[end] === '\r' && text[end + 1] === '\n'
      this.#skipLineFeed = text[end] === '\r' && end + 1 === text.length
      from = end + (isPair ? 2 : 1)
      if (frame !== null) frames.push(frame)
      if (frame?.k === 'garbage') return frames
    }
    this.#line += text.slice(from)
    if (this.#line.length + this.#size > sseMaxEventChars) frames.push({ k: 'garbage' })
    return frames
  }

  /** Whether the bytes so far end between two events. */
  get isAtRest(): boolean {
    return this.#line === '' && this.#data.length === 0
  }

  #endLine(line: string): SseFrame | null {
    if (line === '') {
      if (this.#data.length === 0) return null
      const data = this.#data.join('\n')
      this.#data = []
      this.#size = 0
      return { k: 'event', event: { data } }
    }
    if (line.startsWith(':')) return { k: 'comment' }
    if (!line.startsWith('data:')) return { k: 'garbage' }
    this.#data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5))
    this.#size += line.length
    return this.#size > sseMaxEventChars ? { k: 'garbage' } : null
  }
}

function lineEnd(text: string, from: number, hasReturn: boolean): number {
  const feed = text.indexOf('\n', from)
  const back = hasReturn ? text.indexOf('\r', from) : -1
  return feed === -1 || (back !== -1 && back < feed) ? back : feed
}

/** Writes one event from scratch. */
export function sseText(data: string): string {
  return data.includes('\n') ? `data: ${data.replaceAll('\n', '\ndata: ')}\n\n` : `data: ${data}\n\n`
}

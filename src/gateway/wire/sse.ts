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
    let from = 0
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at]
      if (char !== '\n' && char !== '\r') {
        this.#skipLineFeed = false
        continue
      }
      if (char === '\n' && this.#skipLineFeed) {
        this.#skipLineFeed = false
        from = at + 1
        continue
      }
      this.#skipLineFeed = char === '\r'
      const frame = this.#endLine(this.#line + text.slice(from, at))
      this.#line = ''
      from = at + 1
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

/** Writes one event from scratch. */
export function sseText(data: string): string {
  return data.includes('\n') ? `data: ${data.replaceAll('\n', '\ndata: ')}\n\n` : `data: ${data}\n\n`
}

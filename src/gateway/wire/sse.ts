/** One event of a stream: its data lines joined by line feeds. `name` is null where the stream gives none. */
export type SseEvent = { readonly name: string | null; readonly data: string }

export type SseFrame =
  | { readonly k: 'event'; readonly event: SseEvent }
  | { readonly k: 'comment' }
  | { readonly k: 'garbage' }

const sseMaxEventChars = 1_048_576

/**
 * Cuts bytes into events, split at any byte. Line ends are `\n`, `\r` or `\r\n`. Only `event` and `data` lines and
 * comments are expected on this wire; every other field, and bytes that are not UTF-8, are garbage. Where streams can be
 * taken up again, `id` and `retry` are allowed too and left out.
 * SPEC: WHATWG HTML 9.2.6.
 */
export class SseFramer {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #line = ''
  #name: string | null = null
  #data: string[] = []
  #size = 0
  #skipLineFeed = false
  readonly #resumes: boolean

  constructor({ resumes = false }: { readonly resumes?: boolean } = {}) {
    this.#resumes = resumes
  }

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
    return this.#line === '' && this.#data.length === 0 && this.#name === null
  }

  #endLine(line: string): SseFrame | null {
    if (line === '') {
      const name = this.#name
      this.#name = null
      if (this.#data.length === 0) return name === null ? null : { k: 'garbage' }
      const data = this.#data.join('\n')
      this.#data = []
      this.#size = 0
      return { k: 'event', event: { name, data } }
    }
    if (line.startsWith(':')) return { k: 'comment' }
    if (line.startsWith('event:')) {
      const name = line.slice(line.startsWith('event: ') ? 7 : 6)
      if (this.#name !== null || !/^[\w.]{1,64}$/.test(name)) return { k: 'garbage' }
      this.#name = name
      return null
    }
    if (this.#resumes && (line.startsWith('id:') || line.startsWith('retry:'))) return null
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
export function sseText({ name, data }: SseEvent): string {
  const lines = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data
  return name === null ? `data: ${lines}\n\n` : `event: ${name}\ndata: ${lines}\n\n`
}
